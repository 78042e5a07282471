/** `scan` in a function that is being traced: one call with a body that was traced once, and the same for its gradient. */

import { apply } from '../graph/apply.ts'
import type { LoopCall } from '../graph/interpret.ts'
import { recording, runningAgain, withRecording } from '../graph/record.ts'
import { add } from '../ops/add.ts'
import { cast } from '../ops/cast.ts'
import { identity } from '../ops/identity.ts'
import { matmul } from '../ops/matmul.ts'
import { permute } from '../ops/permute.ts'
import { place } from '../ops/place.ts'
import { reshape } from '../ops/reshape.ts'
import { type Ranges, sliceRanges } from '../ops/sliceRanges.ts'
import { sum } from '../ops/sum.ts'
import {
  type Call,
  type GeneralPrimitive,
  type MovementPrimitive,
  NO_ATTRIBUTES,
  type ReductionAttributes,
} from '../primitive/primitive.ts'
import { sameShape } from '../shape/shape.ts'
import { type DType, isFloating } from '../storage/dtype.ts'
import { zeros } from '../tensor/create.ts'
import type { Attributes, Primitive, ResultType } from '../tensor/node.ts'
import { Parameter } from '../tensor/parameter.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { cotangentsUpTo } from './backward.ts'
import { pushForward } from './linearize.ts'
import { oncePerCotangent } from './perCotangent.ts'
import { expectCaptured, noSample, Packing } from './runAgain.ts'
import { type TracedBody, type TracedCall, TracedTensor } from './traced.ts'

/** Loops of fewer turns are traced turn by turn. */
const FEWEST_TURNS = 4

/**
 * Thrown when a loop turns out to be none: its turns differ, or what happens in one is seen outside. Its steps have run by then,
 * so the whole function is traced again, and that loop turn by turn.
 */
export class NotALoop extends Error {
  /** Which of the loops of the trace, by their order. */
  readonly loop: number

  constructor(loop: number) {
    super('not a loop')
    this.loop = loop
  }
}

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
class TracedLoop {
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
function outsideOf(
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

/**
 * The last states and the outputs of a loop as one call of the trace; `undefined` when it is to run turn by turn.
 *
 * @param at which of the loops of the trace it is
 * @throws NotALoop when its turns are not all the same.
 */
export function traceLoop(recorder: LoopRecorder, call: LoopCall, at: number): readonly Tensor[] | undefined {
  const { length, given, states } = call
  if (length < FEWEST_TURNS || given.some(x => x.size === 0)) return undefined
  const forward = recordForward(recorder, call, at)
  if (!isSameBody(forward, recordForward(recorder, call, at))) throw new NotALoop(at)
  const { inputs, calls, outputs } = forward
  if (outputs.some(x => x.size === 0)) throw new NotALoop(at)
  const captured = [
    ...new Set([...forward.wanted, ...outputs.filter(x => x.requiresGrad && !forward.made.has(x))]),
  ]
  const isTraced = (x: Tensor): boolean => recorder.resolve(x) instanceof TracedTensor
  const isRecorded = [...given, ...captured].some(x => x.requiresGrad) && recording.enabled
  const reads = [...given, ...captured]
  if (!(isRecorded ? reads : [...reads, ...outsideOf(inputs, calls, outputs)]).some(isTraced))
    throw new NotALoop(at)
  const form = { length, reverse: call.reverse, states, sequences: given.length - states }
  const loop = new TracedLoop(recorder, form, given, forward)
  const leaves = outputs.map((_, k) => loop.result(k))
  const packing = new Packing(leaves)
  if (!isRecorded || packing.isEmpty) return leaves
  const primitive = loopGradient(recorder, call, at, forward, loop, packing, leaves, captured)
  const packed = apply(primitive, reads, NO_ATTRIBUTES)
  return parts(recorder, packed, leaves)
}

/** The body of a loop as it runs forward. */
interface Forward extends Omit<RecordedBody<readonly Tensor[]>, 'result'> {
  readonly inputs: readonly TracedTensor[]
  readonly outputs: readonly Tensor[]
}

function recordForward(recorder: LoopRecorder, call: LoopCall, at: number): Forward {
  const inputs = call.given.map((x, k) => {
    const isState = k < call.states
    const input = new TracedTensor(isState ? x.shape : x.shape.slice(1), x.dtype)
    // A state wants gradients as soon as anything does.
    input.requiresGrad = recording.enabled && (isState ? isFloating(x.dtype) : x.requiresGrad)
    return input
  })
  const { result, ...body } = recorder.body(at, inputs, () => call.step(inputs))
  return { ...body, inputs, outputs: result }
}

/** Whether two runs of a body have done the same. */
function isSameBody(first: Forward, second: Forward): boolean {
  if (first.calls.length !== second.calls.length || first.outputs.length !== second.outputs.length)
    return false
  const pairs = new Map<Tensor, Tensor>()
  const isSame = (x: Tensor, y: Tensor): boolean => {
    const known = pairs.get(x)
    return known === undefined ? x === y || isSameConstant(x, y) : known === y
  }
  for (const [k, input] of first.inputs.entries()) pairs.set(input, second.inputs[k]!)
  for (const [k, call] of first.calls.entries()) {
    const other = second.calls[k]!
    if (call.primitive !== other.primitive || !isSameData(call.attributes, other.attributes)) return false
    if (call.inputs.length !== other.inputs.length) return false
    if (!call.inputs.every((x, i) => isSame(x, other.inputs[i]!))) return false
    pairs.set(call.output, other.output)
  }
  return first.outputs.every((x, k) => isSame(x, second.outputs[k]!))
}

function isSameConstant(x: Tensor, y: Tensor): boolean {
  if (x instanceof TracedTensor || y instanceof TracedTensor) return false
  if (x.dtype !== y.dtype || !sameShape(x.shape, y.shape)) return false
  const [a, b] = [x.data(), y.data()]
  return a.every((value, k) => Object.is(value, b[k]))
}

function isSameData(x: unknown, y: unknown): boolean {
  if (Object.is(x, y)) return true
  if (typeof x !== 'object' || typeof y !== 'object' || x === null || y === null) return false
  const keys = Object.keys(x)
  if (keys.length !== Object.keys(y).length || Array.isArray(x) !== Array.isArray(y)) return false
  return keys.every(key => isSameData((x as Attributes)[key], (y as Attributes)[key]))
}

/** The floating results of a loop, taken out of what the graph has as one node: nothing is copied. */
function parts(recorder: LoopRecorder, packed: Tensor, leaves: readonly TracedTensor[]): Tensor[] {
  const { dtype } = packed
  let start = 0
  return leaves.map(leaf => {
    if (!isFloating(leaf.dtype)) return leaf
    const { shape, size } = leaf
    const ranges = { starts: [start], sizes: [size], steps: [1] }
    start += size
    const primitive: GeneralPrimitive = {
      name: 'scan',
      kind: 'general',
      keeps: 'nothing',
      vjp: cotangent => place(cast(reshape(cotangent, [size]), dtype), packed.shape, ranges),
      jvp: ([tangent]) => cast(reshape(sliceRanges(tangent!, ranges), shape), leaf.dtype),
      sample: noSample('scan'),
      forward: ([whole]) =>
        recorder.resolve(whole!) === packed
          ? leaf
          : cast(reshape(sliceRanges(whole!, ranges), shape), leaf.dtype),
    }
    return apply(primitive, [packed], NO_ATTRIBUTES)
  })
}

/** What arrived at the parts of a packed tensor, `null` where nothing did; found without computing anything where possible. */
function arrivingAt(recorder: LoopRecorder, cotangent: Tensor, leaves: readonly Tensor[]): (Tensor | null)[] {
  const find = (x: Tensor, start: number, size: number): Tensor | null => {
    const maker = recorder.makerOf(x)
    if (maker?.primitive === place.primitive) {
      const { starts, sizes } = maker.attributes as Ranges
      if (starts[0] === start && sizes[0] === size) return maker.inputs[0]!
      if (starts[0]! >= start + size || starts[0]! + sizes[0]! <= start) return null
    }
    if (maker?.primitive === add.primitive && maker.inputs.every(input => sameShape(input.shape, x.shape))) {
      const [left, right] = maker.inputs.map(input => find(input, start, size)) as [
        Tensor | null,
        Tensor | null,
      ]
      return left && right ? add(left, right) : (left ?? right)
    }
    return sliceRanges(x, { starts: [start], sizes: [size], steps: [1] })
  }
  let next = 0
  return leaves.map(({ shape, dtype, size }) => {
    if (!isFloating(dtype)) return null
    const part = find(cotangent, next, size)
    next += size
    return part && cast(reshape(part, shape), dtype)
  })
}

/** The primitive of one loop in the graph. Its inputs are the first states, the sequences, and what it captured. */
function loopGradient(
  recorder: LoopRecorder,
  call: LoopCall,
  at: number,
  forward: Forward,
  loop: TracedLoop,
  packing: Packing,
  leaves: readonly TracedTensor[],
  captured: readonly Tensor[],
): GeneralPrimitive {
  const count = call.given.length
  /** All turns, recorded: what higher orders and tangents need. */
  const unrolled = ({ inputs }: Call): { packed: Tensor; inputs: readonly Tensor[] } => {
    const given = inputs.slice(0, count).map(x => {
      if (recording.enabled) return identity(x)
      const leaf = recording.interpreter!.lift(x)
      leaf.requiresGrad = x.requiresGrad
      return leaf
    })
    const packed = withRecording(true, () => packing.pack(runningAgain(() => call.run(given))))
    return { packed, inputs: [...given, ...captured] }
  }
  const cotangentsFor = oncePerCotangent((cotangent, node) => {
    if (!recording.enabled && recording.interpreter === (recorder as unknown) && !recorder.isInBody) {
      const arriving = arrivingAt(recorder, cotangent, leaves)
      return traceBackward(recorder, call, at, forward, loop, arriving, captured)
    }
    const { packed, inputs } = unrolled(node)
    return packed.requiresGrad ? cotangentsUpTo([{ tensor: packed, cotangent }], inputs) : []
  })
  let hasRun = false
  return {
    name: 'scan',
    kind: 'general',
    keeps: 'inputs',
    vjp: (cotangent, node, index) => cotangentsFor(cotangent, node)[index] ?? undefined,
    jvp: (tangents, node) => {
      const { packed, inputs } = unrolled(node)
      return pushForward([packed], inputs, tangents)[0]!
    },
    sample: noSample('scan'),
    forward: inputs => {
      if (!hasRun) {
        hasRun = true
        return packing.pack(leaves)
      }
      expectCaptured('scan', inputs.slice(count), captured)
      return packing.pack(runningAgain(() => call.run(inputs.slice(0, count).map(x => identity(x)))))
    },
  }
}

/** Movements: what they give is computed again rather than kept. */
const MOVEMENTS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'identity',
  'stopGradient',
  'reshape',
  'permute',
  'expand',
  'slice',
])

/**
 * The loop that carries cotangents from the last turn to the first. What it reads of the turns of the loop forward, that one
 * gives out too, stacked. The parts of the gradients of captured tensors are added up from turn to turn, unless they are
 * products or sums: then what they are made of is given out, and one product or sum over all turns takes the place of many.
 */
function traceBackward(
  recorder: LoopRecorder,
  call: LoopCall,
  loopAt: number,
  forward: Forward,
  loop: TracedLoop,
  arriving: readonly (Tensor | null)[],
  captured: readonly Tensor[],
): readonly (Tensor | null)[] {
  const { states, length } = call
  const carried = forward.inputs.slice(0, states)
  const slices = forward.inputs.slice(states)
  const like = (x: Tensor): TracedTensor => new TracedTensor(x.shape, x.dtype)
  const ofStates = carried.map(x => (isFloating(x.dtype) ? like(x) : null))
  const ofOutputs = forward.outputs.slice(states).map((x, k) => (arriving[states + k] ? like(x) : null))
  const begins = [...ofStates, ...ofOutputs].filter(x => x !== null)
  const backward = recorder.body(loopAt, begins, () => {
    const seeds = forward.outputs.flatMap((tensor, k) => {
      const cotangent = k < states ? ofStates[k] : ofOutputs[k - states]
      return cotangent && tensor.requiresGrad ? [{ tensor, cotangent }] : []
    })
    return cotangentsUpTo(seeds, [...forward.inputs, ...captured]).map(x => recorder.resolve(x))
  })
  const makers = new Map<Tensor, TracedCall>()
  for (const made of [...forward.calls, ...backward.calls]) makers.set(made.output, made)
  const isForward = (x: Tensor): boolean => forward.made.has(x)
  /** Whether a tensor of the forward turn is the same at every turn. */
  const fixed = new Map<Tensor, boolean>()
  for (const { inputs, output } of forward.calls) {
    fixed.set(
      output,
      inputs.every(x => fixed.get(x) ?? !forward.inputs.includes(x as TracedTensor)),
    )
  }

  // What the loop is to give out; it is recorded when all of this is known.
  const outputs: Tensor[] = []
  let result: (x: Tensor) => Tensor = () => {
    throw new Error('the loop is not there yet')
  }
  /** The slices of a tensor of either turn stacked, to be asked for when the loop is there; `undefined` when it has none. */
  const stacked = (x: Tensor): (() => Tensor) | undefined => {
    if (!(x instanceof TracedTensor) || fixed.get(x) === true) return undefined
    const maker = makers.get(x)
    if (maker !== undefined && MOVEMENTS.has(maker.primitive.name)) {
      const source = stacked(maker.inputs[0]!)
      return source && (() => moved(source(), maker, length))
    }
    const at = slices.indexOf(x)
    if (at >= 0) return () => loop.given[states + at]!
    if (isForward(x)) return () => loop.stacked(x)
    if (!backward.made.has(x)) return undefined
    outputs.push(x)
    return () => result(x)
  }
  /** The sum over all turns, where that takes no sum from turn to turn. */
  const total = (x: Tensor): (() => Tensor) | undefined => {
    const maker = makers.get(x)
    if (maker === undefined || isForward(x)) return undefined
    const { primitive, inputs, attributes } = maker
    if (primitive === add.primitive && inputs.every(input => sameShape(input.shape, x.shape))) {
      const [left, right] = inputs.map(total)
      return left && right && (() => add(left(), right()))
    }
    if (primitive.name === 'sum') {
      const source = stacked(inputs[0]!)
      const { axes, keepDims } = attributes as ReductionAttributes
      if (source === undefined || x.dtype !== inputs[0]!.dtype) return undefined
      return () => {
        const whole = sum(source(), [0, ...axes.map(axis => axis + 1)])
        return keepDims ? reshape(whole, x.shape) : whole
      }
    }
    if (primitive === matmul.primitive && inputs.every(({ rank }) => rank === 2)) {
      const [left, right] = inputs.map(stacked)
      if (left === undefined || right === undefined) return undefined
      const [rows, inner] = inputs[0]!.shape as [number, number]
      const columns = inputs[1]!.shape[1]!
      return () =>
        matmul(
          reshape(permute(left(), [1, 0, 2]), [rows, length * inner]),
          reshape(right(), [length * inner, columns]),
        )
    }
    if (primitive.name === 'reshape' || primitive.name === 'permute' || primitive.name === 'identity') {
      const source = total(inputs[0]!)
      return source && (() => apply(primitive, [source()], attributes))
    }
    return undefined
  }

  const found = backward.result
  const isZero = (x: Tensor): boolean => !(x instanceof TracedTensor)
  const nextStates = found.slice(0, states)
  const ofSlices = found.slice(states, states + slices.length).map((x, k) => {
    if (!call.given[states + k]!.requiresGrad || isZero(x)) return null
    outputs.push(x)
    return () => result(x)
  })
  const sums: { total: TracedTensor; next: () => Tensor }[] = []
  const ofCaptured = found.slice(states + slices.length).map(x => {
    if (isZero(x)) return null
    const whole = call.keep === 'steps' ? total(x) : undefined
    if (whole !== undefined) return whole
    const sofar = like(x)
    sums.push({ total: sofar, next: () => add(sofar, x) })
    return () => result(sofar)
  })
  const accumulating = recorder.body(loopAt, [], () => sums.map(({ next }) => next()))
  const carriedBack = ofStates.flatMap((x, k) =>
    x === null ? [] : [{ x, next: nextStates[k]!, first: arriving[k] }],
  )
  const next = [...carriedBack.map(each => each.next), ...accumulating.result]
  const used = usedBy([...next, ...outputs])

  /** What has to be computed, and what is read of the turn forward. */
  function usedBy(roots: readonly Tensor[]): { calls: Set<TracedCall>; reads: Set<TracedTensor> } {
    const calls = new Set<TracedCall>()
    const reads = new Set<TracedTensor>()
    const open = [...roots, ...accumulating.calls.flatMap(({ inputs }) => inputs)]
    while (open.length > 0) {
      const x = open.pop()!
      if (!(x instanceof TracedTensor)) continue
      const maker = makers.get(x)
      const isAgain = maker !== undefined && (!isForward(x) || isComputedAgain(maker))
      if (isAgain) {
        if (calls.has(maker)) continue
        calls.add(maker)
        open.push(...maker.inputs)
      } else if (isForward(x)) reads.add(x)
    }
    return { calls, reads }
  }
  function isComputedAgain({ primitive, output }: TracedCall): boolean {
    return call.keep === 'states' || MOVEMENTS.has(primitive.name) || fixed.get(output) === true
  }

  const reads = [...used.reads]
  const zeroFor = (x: Tensor): Tensor => zeros(x.shape, { dtype: x.dtype })
  const sequences = [
    ...ofOutputs.flatMap((x, k) => (x === null ? [] : [{ slice: x, whole: arriving[states + k]! }])),
    ...reads.map(x => {
      const at = slices.indexOf(x)
      return { slice: x, whole: at >= 0 ? loop.given[states + at]! : loop.stacked(x) }
    }),
  ]
  const calls = [...forward.calls, ...backward.calls].filter(each => used.calls.has(each))
  const form = {
    length,
    reverse: !call.reverse,
    states: carriedBack.length + sums.length,
    sequences: sequences.length,
  }
  const given = [
    ...carriedBack.map(({ x, first }) => first ?? zeroFor(x)),
    ...sums.map(each => zeroFor(each.total)),
    ...sequences.map(each => each.whole),
  ]
  const walk = new TracedLoop(recorder, form, given, {
    inputs: [
      ...carriedBack.map(({ x }) => x),
      ...sums.map(each => each.total),
      ...sequences.map(each => each.slice),
    ],
    calls: [...calls, ...accumulating.calls],
    outputs: next,
  })
  result = x => {
    const at = sums.findIndex(each => each.total === x)
    return at < 0 ? walk.stacked(x) : walk.result(carriedBack.length + at)
  }
  const ofFirst = ofStates.map((x, k) => {
    if (x === null || !call.given[k]!.requiresGrad) return null
    return walk.result(carriedBack.findIndex(each => each.x === x))
  })
  return [...ofFirst, ...[...ofSlices, ...ofCaptured].map(part => part?.() ?? null)]
}

/** A movement of every slice of a stacked tensor. */
function moved(x: Tensor, { primitive, attributes }: TracedCall, length: number): Tensor {
  const { batch } = primitive as MovementPrimitive
  return apply(primitive, [x], typeof batch === 'function' ? batch(attributes, length) : attributes)
}
