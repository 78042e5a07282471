/** A loop of a trace: the call that it is, and what it needs of the trace around it. */

import type { DType } from '../storage/dtype.ts'
import type { Attributes, Primitive, ResultType } from '../tensor/node.ts'
import { Parameter } from '../tensor/parameter.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type TracedBody, type TracedCall, TracedTensor } from './traced.ts'

/** The body of a loop, recorded. */
export interface RecordedBody<Result> {
  readonly result: Result
  readonly calls: readonly TracedCall[]
  /** Its inputs and everything that came into being in it. */
  readonly made: ReadonlySet<Tensor>
  /** Tensors from outside that it reads and that want gradients. */
  readonly wanted: ReadonlySet<Tensor>
}

/** What a loop needs of the trace that it is a part of. */
export interface LoopRecorder {
  /** Notes a call. */
  record(
    primitive: Primitive,
    inputs: readonly Tensor[],
    attributes: Attributes,
    shape: readonly number[],
    dtype: DType,
  ): TracedTensor
  /** What stands for a tensor in the trace at present. */
  resolve(x: Tensor): Tensor
  /** The call that a tensor is the result of. */
  makerOf(x: Tensor): TracedCall | undefined
  /** Runs a turn of a loop, the calls of which are kept apart. */
  body<Result>(loop: number, inputs: readonly Tensor[], run: () => Result): RecordedBody<Result>
  readonly isInBody: boolean
}

/**
 * What {@link loopPrimitive} is called with. Its inputs are the first states, the sequences, and what the body reads from
 * outside: as many as the body has inputs, and in the same order.
 */
export interface LoopAttributes extends Attributes {
  readonly body: TracedBody
  readonly length: number
  /** Whether turn `i` reads and writes the slices at `length - 1 - i`. */
  readonly reverse: boolean
  readonly states: number
  readonly sequences: number
}

/** A loop as one call. Its result stands for all that it gives, which {@link loopResult} takes out. */
export const loopPrimitive: Primitive = {
  name: 'loop',
  kind: 'loop',
  keeps: 'nothing',
  result: () => ({ shape: [0], dtype: 'float32' }),
  forward: refuse,
}

function refuse(): never {
  throw new Error('a loop of a trace has several results; who runs the trace runs its body, turn by turn')
}

/** One result of a loop: a last state, or the slices of an output of the body stacked. Attributes: `index`, shape, dtype. */
export const loopResult: Primitive = {
  name: 'loopResult',
  kind: 'loop',
  keeps: 'nothing',
  result: (_, { shape, dtype }) => ({ shape, dtype }) as ResultType,
  forward: refuse,
}

/** A loop in the trace, to which results can be added as long as the trace is made. */
export class TracedLoop {
  /** What it is given: first states, sequences, and what its body reads from outside. */
  readonly given: readonly Tensor[]
  readonly #recorder: LoopRecorder
  readonly #outputs: Tensor[]
  readonly #results = new Map<number, TracedTensor>()
  readonly #handle: TracedTensor
  readonly #length: number
  readonly #states: number

  constructor(
    recorder: LoopRecorder,
    form: Pick<LoopAttributes, 'length' | 'reverse' | 'states' | 'sequences'>,
    given: readonly Tensor[],
    body: { inputs: readonly TracedTensor[]; calls: readonly TracedCall[]; outputs: readonly Tensor[] },
  ) {
    this.#recorder = recorder
    this.#length = form.length
    this.#states = form.states
    this.#outputs = body.outputs.map(x => (x instanceof Parameter ? recorder.resolve(x) : x))
    const outside = outsideOf(body.inputs, body.calls, this.#outputs)
    const inputs = [...body.inputs, ...outside]
    const traced: TracedBody = { inputs, calls: body.calls, outputs: this.#outputs }
    const attributes: LoopAttributes = { ...form, body: traced }
    this.given = [...given.map(x => recorder.resolve(x)), ...outside]
    this.#handle = recorder.record(loopPrimitive, this.given, attributes, [0], 'float32')
  }

  /** The last state or the stacked slices of an output of the body. */
  result(index: number): TracedTensor {
    const known = this.#results.get(index)
    if (known !== undefined) return known
    const { shape, dtype } = this.#outputs[index]!
    const whole = index < this.#states ? shape : [this.#length, ...shape]
    const attributes = { index, shape: whole, dtype }
    const result = this.#recorder.record(loopResult, [this.#handle], attributes, whole, dtype)
    this.#results.set(index, result)
    return result
  }

  /** The slices of a tensor of the body stacked; it becomes an output if it is none yet. */
  stacked(x: Tensor): TracedTensor {
    let index = this.#outputs.indexOf(x, this.#states)
    if (index < 0) index = this.#outputs.push(x) - 1
    return this.result(index)
  }
}

/** Tensors of the trace that calls read and that are neither inputs nor made by them. */
export function outsideOf(
  inputs: readonly TracedTensor[],
  calls: readonly TracedCall[],
  outputs: readonly Tensor[],
): TracedTensor[] {
  const inside = new Set<Tensor>([...inputs, ...calls.map(({ output }) => output)])
  const outside = new Set<TracedTensor>()
  const read = [...calls.flatMap(call => call.inputs), ...outputs]
  for (const x of read) if (x instanceof TracedTensor && !inside.has(x)) outside.add(x)
  return [...outside]
}

/** The body of a loop as it runs forward. */
export interface Forward extends Omit<RecordedBody<readonly Tensor[]>, 'result'> {
  readonly inputs: readonly TracedTensor[]
  readonly outputs: readonly Tensor[]
}
