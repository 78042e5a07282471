/** A function as data: what it computes, without values, from one run on tensors that have none. */

import { type Interpreter, type LoopCall, passOn, type Run, withInterpreter } from '../graph/interpret.ts'
import { recording } from '../graph/record.ts'
import type { Tracing, Write } from '../graph/tracing.ts'
import { identity } from '../ops/identity.ts'
import { NO_ATTRIBUTES } from '../primitive/primitive.ts'
import { GraphError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { expectSynchronous } from '../shape/synchronous.ts'
import type { DType } from '../storage/dtype.ts'
import { nextAssignment } from '../storage/version.ts'
import type { Attributes, Primitive } from '../tensor/node.ts'
import { assignments, Parameter } from '../tensor/parameter.ts'
import { draws } from '../tensor/rng.ts'
import { copyElements, type Tensor, viewOf } from '../tensor/tensor.ts'
import { type TracedCall, TracedTensor } from './traced.ts'
import type { LoopRecorder, RecordedBody } from './tracedLoop.ts'
import { NotALoop, traceLoop } from './traceLoop.ts'

export { type TracedBody, type TracedCall, TracedTensor } from './traced.ts'

/** What an input of a traced function is like. */
export interface TensorSpec {
  readonly shape: readonly number[]
  readonly dtype: DType
}

/** A parameter that a traced function reads or assigns. */
export interface TracedParameter {
  readonly parameter: Parameter
  /** Its value when the function begins. */
  readonly value: TracedTensor
  /** Its value when the function ends; `undefined` when it is not assigned. */
  readonly assigned: Tensor | undefined
  /** The gradient that the function leaves on it, for code outside of it; `undefined` for none. */
  readonly gradient: Tensor | undefined
  /** When it was assigned and when that gradient was taken, among all assignments and gradients of the function. */
  readonly assignedAt: number
  readonly gradientTime: number
}

/** A tensor that the host fills before every run, or, without a tensor, something that it does. */
export interface HostEvent {
  readonly value: TracedTensor | undefined
  readonly run: Write
  /** Takes it back after a run that failed. */
  readonly undo?: () => void
}

/** What a function does, as data. */
export interface Trace {
  readonly inputs: readonly TracedTensor[]
  readonly parameters: readonly TracedParameter[]
  /** What the host does before every run, in order. */
  readonly events: readonly HostEvent[]
  /** Every call, inputs before what is made of them. */
  readonly calls: readonly TracedCall[]
  readonly outputs: readonly Tensor[]
  /** Plain values that the function depends on, see {@link Tracing.guard}. */
  readonly guards: readonly (() => unknown)[]
  /**
   * Tensors that are no parameters and want gradients, and that the function has left some on, or has made an output of: a
   * program has constants in their place, and does nothing for them.
   */
  readonly wanted: readonly Tensor[]
}

/**
 * Runs a function once on tensors without values, and returns what it computes as data: every call of a primitive, in
 * order, also those of `backward()` and of the steps of optimizers in it. Parameters are inputs of their own; what is
 * assigned to them is noted and not done: tracing changes nothing. Other tensors from outside are constants.
 *
 * @param specs shapes and dtypes of the arguments of `f`
 * @param f takes traced tensors, and returns the tensors that the program is to give
 *
 * @example
 * ```ts
 * import '@adjoint/core'
 * import { trace } from '@adjoint/core/engine'
 * const { calls, outputs } = trace([{ shape: [2, 3], dtype: 'float32' }], ([x]) => [x!.mul(2).sum()])
 * calls.map(({ primitive }) => primitive.name) // => ['mul', 'sum']
 * outputs[0]!.shape // => []
 * ```
 * @throws GraphError when `f` reads a value of a traced tensor, or is called while another function is traced.
 */
export function trace(
  specs: readonly TensorSpec[],
  f: (inputs: readonly Tensor[]) => readonly Tensor[],
): Trace {
  if (recording.tracing !== undefined) {
    throw new GraphError('trace', 'another function is being traced; trace one after the other.')
  }
  const unrolled = new Set<number>()
  const gathering = new Set<Parameter>()
  for (;;) {
    try {
      const recorder = new Recorder(unrolled, gathering)
      const found = recorder.trace(specs, f)
      const known = gathering.size
      for (const parameter of recorder.gathered()) gathering.add(parameter)
      if (gathering.size === known) return found
    } catch (error) {
      if (!(error instanceof NotALoop) || unrolled.has(error.loop)) throw error
      unrolled.add(error.loop)
    }
  }
}

/** What a trace knows of a parameter while it is made. */
interface ParameterInTrace {
  readonly value: TracedTensor
  /** What ops read in its place at present. */
  current: Tensor
  /** What `.grad` was before, to be put back. */
  readonly gradient: Tensor | null
  readonly gradientTime: number
  readonly assignedAt: number
  /** What stands in the function for a gradient that waits outside for the next `backward()` or step. */
  readonly waiting: Tensor | undefined
}

/** Whether a parameter has a gradient that no step has used, and that belongs to its present values. */
function hasWaiting({ grad, gradTime, assignedAt }: Parameter): boolean {
  return grad !== null && gradTime >= assignedAt
}

/** The interpreter that notes every call, and stands between the function and everything outside of it. */
class Recorder implements Interpreter, Tracing, LoopRecorder {
  /** `checkpoint` runs inside, and `scan` where it cannot be kept as one: a program plans its memory by itself. */
  readonly unrolls = true
  readonly #outer = recording.interpreter
  /** The loops that are traced turn by turn, by their order. */
  readonly #unrolled: ReadonlySet<number>
  #loops = 0
  #calls: TracedCall[] = []
  /** Set while the body of a loop is traced: what has come into being in it. */
  #made: Set<Tensor> | undefined
  /** What it reads from outside that wants gradients. */
  #wanted: Set<Tensor> | undefined
  /** The loop that it is the body of. */
  #loop = 0
  /** What came into being in bodies that are finished, and of which loop. */
  readonly #inside = new WeakMap<Tensor, number>()
  readonly #makers = new WeakMap<Tensor, TracedCall>()
  readonly #events: HostEvent[] = []
  readonly #guards: (() => unknown)[] = []
  readonly #parameters = new Map<Parameter, ParameterInTrace>()
  /** Leaves that are no parameters, with the gradients that they had. */
  readonly #leaves = new Map<Tensor, Tensor | null>()
  /** Leaves that came into being inside, as those of `grad` do: nobody outside asks for their gradients. */
  readonly #ownLeaves = new WeakSet<Tensor>()
  /** Parameters whose gradients are only left by the function: they are added to what waits outside, after a run. */
  readonly #gathering: ReadonlySet<Parameter>

  constructor(unrolled: ReadonlySet<number>, gathering: ReadonlySet<Parameter>) {
    this.#unrolled = unrolled
    this.#gathering = gathering
  }

  /** Parameters that the function leaves a gradient on, with one from outside in it, and does not assign. */
  gathered(): Parameter[] {
    return this.#gathered
  }

  #gathered: Parameter[] = []

  trace(specs: readonly TensorSpec[], f: (inputs: readonly Tensor[]) => readonly Tensor[]): Trace {
    const inputs = specs.map(({ shape, dtype }) => new TracedTensor(shape, dtype))
    recording.tracing = this
    assignments.divert = (parameter, values) => this.#assign(parameter, values)
    draws.divert = this
    try {
      const returned = withInterpreter(this, () => expectSynchronous('trace', f(inputs)))
      const outputs = returned.map(output => this.#resolve(output))
      this.#guardTrainable()
      const parameters = [...this.#parameters].map(([parameter, state]) =>
        this.#tracedParameter(parameter, state),
      )
      this.#gathered = parameters.flatMap(({ parameter, assigned, gradient }) =>
        assigned === undefined && gradient && this.#parameters.get(parameter)!.waiting ? [parameter] : [],
      )
      const unused = this.#unusedWaiting(outputs)
      this.#guardWaiting(unused)
      const wanted = [...this.#leaves].flatMap(([x, grad]) => (x.grad === grad ? [] : [x]))
      return {
        wanted: [...new Set([...wanted, ...leavesOf(returned, this.#ownLeaves)])],
        inputs,
        parameters,
        events: this.#events.filter(({ value }) => value === undefined || !unused.has(value)),
        calls: this.#calls,
        outputs,
        guards: this.#guards,
      }
    } finally {
      recording.tracing = undefined
      assignments.divert = undefined
      draws.divert = undefined
      for (const [x, grad] of this.#leaves) x.grad = grad
      for (const [parameter, { gradient, gradientTime, assignedAt }] of this.#parameters) {
        parameter.grad = gradient
        parameter.gradTime = gradientTime
        parameter.assignedAt = assignedAt
      }
    }
  }

  run(primitive: Primitive, inputs: readonly Tensor[], attributes: Attributes, again: Run): Tensor {
    if (this.#made !== undefined) {
      for (const x of inputs) if (x.requiresGrad && !this.#made.has(x)) this.#wanted!.add(x)
    }
    for (const x of inputs) {
      const isLeaf = x.requiresGrad && x.node === null && !(x instanceof Parameter)
      if (isLeaf && !this.#ownLeaves.has(x) && !this.#leaves.has(x)) this.#leaves.set(x, x.grad)
    }
    const resolved = inputs.map(input => this.#resolve(input))
    // What depends on constants only is computed now, once.
    if (!resolved.some(input => input instanceof TracedTensor)) {
      const constant = passOn(this.#outer, primitive, resolved, attributes, again)
      this.#made?.add(constant)
      return constant
    }
    if (primitive.result === undefined) {
      // Made of ops, such as a custom function: those are noted. A result is a fresh tensor, as a node may hang on it.
      return this.#fresh(withInterpreter(this, () => primitive.forward(inputs, attributes)))
    }
    const { shape, dtype } = primitive.result(resolved, attributes)
    return this.record(primitive, resolved, attributes, shape, dtype)
  }

  record(
    primitive: Primitive,
    inputs: readonly Tensor[],
    attributes: Attributes,
    shape: readonly number[],
    dtype: DType,
  ): TracedTensor {
    const output = new TracedTensor(shape, dtype)
    const call = { primitive, inputs, attributes, output }
    this.#calls.push(call)
    this.#makers.set(output, call)
    this.#made?.add(output)
    return output
  }

  makerOf(x: Tensor): TracedCall | undefined {
    return this.#makers.get(x)
  }

  resolve(x: Tensor): Tensor {
    return this.#resolve(x)
  }

  loop(call: LoopCall): readonly Tensor[] | undefined {
    if (this.isInBody) return undefined
    const at = this.#loops++
    return this.#unrolled.has(at) ? undefined : traceLoop(this, call, at)
  }

  get isInBody(): boolean {
    return this.#made !== undefined
  }

  body<Result>(loop: number, inputs: readonly Tensor[], run: () => Result): RecordedBody<Result> {
    const outside = this.#calls
    const calls: TracedCall[] = []
    const made = new Set<Tensor>(inputs)
    const wanted = new Set<Tensor>()
    const before = new Map([...this.#parameters.keys()].map(parameter => [parameter, parameter.grad]))
    this.#calls = calls
    this.#made = made
    this.#wanted = wanted
    this.#loop = loop
    try {
      const result = run()
      // Gradients that gather on parameters turn by turn are a state that the loop does not know of.
      const isLoop = [...this.#parameters].every(
        ([p, { waiting = null }]) => p.grad === (before.has(p) ? before.get(p) : waiting),
      )
      if (!isLoop) throw new NotALoop(loop)
      return { result, calls, made, wanted }
    } finally {
      this.#calls = outside
      this.#made = undefined
      this.#wanted = undefined
      for (const x of made) if (x instanceof TracedTensor) this.#inside.set(x, loop)
    }
  }

  /** Refuses what would happen once in a body, and has to happen at every turn. */
  #expectOutside(): void {
    if (this.#made !== undefined) throw new NotALoop(this.#loop)
  }

  lift(x: Tensor): Tensor {
    const fresh = this.#fresh(x)
    this.#ownLeaves.add(fresh)
    return fresh
  }

  source(x: Tensor): Tensor {
    return this.#outer?.source(x) ?? x
  }

  hides(x: Tensor): boolean {
    return this.#outer?.hides(x) ?? false
  }

  hosted(shape: readonly number[], dtype: DType, write: Write): Tensor {
    this.#expectOutside()
    const value = new TracedTensor(shape, dtype)
    this.#events.push({ value, run: write })
    return value
  }

  beforeRun(effect: () => void, undo?: () => void): void {
    this.#expectOutside()
    this.#events.push({ value: undefined, run: effect, ...(undo && { undo }) })
  }

  guard(read: () => unknown): void {
    this.#guards.push(read)
  }

  takePart(parameter: Parameter): void {
    this.#stateOf(parameter)
  }

  /** A parameter that is frozen or thawed has another gradient, or none. */
  #guardTrainable(): void {
    const parameters = [...this.#parameters.keys()]
    const before = parameters.map(({ requiresGrad }) => requiresGrad)
    this.guard(() => parameters.every(({ requiresGrad }, i) => requiresGrad === before[i]))
  }

  /** A parameter that is assigned has to be asked whether a gradient waits on it: it is part of what the values become. */
  #guardWaiting(unused: ReadonlySet<Tensor>): void {
    const asked: Parameter[] = []
    const found: boolean[] = []
    for (const [parameter, { value, current, waiting }] of this.#parameters) {
      if (!parameter.requiresGrad || current === value || (waiting && unused.has(waiting))) continue
      asked.push(parameter)
      found.push(waiting !== undefined)
    }
    if (asked.length > 0) this.guard(() => asked.every((parameter, i) => hasWaiting(parameter) === found[i]))
  }

  /** What stands for gradients that the function does not look at: those that it begins afresh. */
  #unusedWaiting(outputs: readonly Tensor[]): ReadonlySet<Tensor> {
    const states = [...this.#parameters.values()]
    const unused = new Set<Tensor>(states.flatMap(({ waiting }) => waiting ?? []))
    if (unused.size === 0) return unused
    for (const { inputs } of this.#calls) for (const input of inputs) unused.delete(input)
    for (const { current } of states) unused.delete(current)
    for (const output of outputs) unused.delete(output)
    return unused
  }

  /** Another tensor with the same value. */
  #fresh(x: Tensor): Tensor {
    const value = this.#resolve(x)
    if (!(value instanceof TracedTensor)) {
      const constant = viewOf(value, value.shape, value.strides, value.offset)
      this.#made?.add(constant)
      return constant
    }
    return this.record(identity.primitive, [value], NO_ATTRIBUTES, value.shape, value.dtype)
  }

  /** What stands for a tensor in the trace: for a parameter its present value, any other stands for itself. */
  #resolve(x: Tensor): Tensor {
    if (x instanceof Parameter) return this.#stateOf(x).current
    const loop = this.#made === undefined ? this.#inside.get(x) : undefined
    if (loop !== undefined) throw new NotALoop(loop)
    return x
  }

  #stateOf(parameter: Parameter): ParameterInTrace {
    const known = this.#parameters.get(parameter)
    if (known !== undefined) return known
    const value = new TracedTensor(parameter.shape, parameter.dtype)
    value.name = parameter.name
    const { grad, gradTime, assignedAt } = parameter
    const isWaiting = parameter.requiresGrad && hasWaiting(parameter) && !this.#gathering.has(parameter)
    const waiting = isWaiting ? new TracedTensor(parameter.shape, parameter.dtype) : undefined
    if (waiting !== undefined) this.#events.push({ value: waiting, run: writeWaiting(parameter) })
    const state: ParameterInTrace = {
      value,
      current: value,
      gradient: grad,
      gradientTime: gradTime,
      assignedAt,
      waiting,
    }
    this.#parameters.set(parameter, state)
    // A gradient that was used is no part of the function: backward() in it begins afresh.
    parameter.grad = waiting ?? null
    return state
  }

  #assign(parameter: Parameter, values: Tensor): void {
    this.#expectOutside()
    // What a transform inside has made is assigned without its tangent.
    const source = recording.interpreter?.source(values) ?? values
    if (!sameShape(source.shape, parameter.shape)) {
      const message = 'inside of vmap there is a value for each example; assign after it.'
      throw new GraphError(`assign to '${parameter.name}'`, message)
    }
    this.#stateOf(parameter).current = this.#resolve(source)
    // Graphs that read the old values are out of date now, as they would be outside.
    parameter.assignedAt = nextAssignment()
  }

  #tracedParameter(parameter: Parameter, { value, current, waiting }: ParameterInTrace): TracedParameter {
    const { grad, gradTime, assignedAt } = parameter
    const isLeft = grad !== null && grad !== waiting && !Number.isNaN(gradTime)
    return {
      parameter,
      value,
      assigned: current === value ? undefined : current,
      gradient: isLeft ? this.#resolve(grad) : undefined,
      assignedAt,
      gradientTime: gradTime,
    }
  }
}

/** Writes the gradient that waits on a parameter; zeros when there is none any more. */
function writeWaiting(parameter: Parameter): Write {
  return (storage, offset) => {
    if (hasWaiting(parameter)) copyElements(parameter.grad!, storage, offset)
    else storage.fill(0, offset, offset + parameter.size)
  }
}

/** The tensors from outside that are no parameters, want gradients, and would get some from these results. */
function leavesOf(results: readonly Tensor[], own: WeakSet<Tensor>): Tensor[] {
  const leaves: Tensor[] = []
  const seen = new Set<Tensor>(results)
  for (const x of seen) {
    if (!x.requiresGrad || x instanceof Parameter) continue
    if (x.node !== null) for (const input of x.node.inputs) seen.add(input)
    else if (!(x instanceof TracedTensor) && !own.has(x)) leaves.push(x)
  }
  return leaves
}
