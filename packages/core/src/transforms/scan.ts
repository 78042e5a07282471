/** A loop that carries a state along: recurrent networks, simulations, running statistics. */

import { slice } from '../composed/slice.ts'
import { stack } from '../composed/stack.ts'
import { unbind } from '../composed/unbind.ts'
import { apply } from '../graph/apply.ts'
import { topologicalOrder } from '../graph/order.ts'
import { recording, runningAgain, withRecording } from '../graph/record.ts'
import { keepingStandIns } from '../graph/standIns.ts'
import { add } from '../ops/add.ts'
import { identity } from '../ops/identity.ts'
import { type Call, type GeneralPrimitive, NO_ATTRIBUTES } from '../primitive/primitive.ts'
import { expectFunction, expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe, formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { isFloating } from '../storage/dtype.ts'
import { sameView, type Tensor } from '../tensor/tensor.ts'
import { cotangentsUpTo } from './backward.ts'
import { expectTree, isPromise } from './grad.ts'
import { pushForward } from './linearize.ts'
import { oncePerCotangent } from './perCotangent.ts'
import type { Seed } from './reverse.ts'
import {
  expectCaptured,
  expectSame,
  leafLike,
  noSample,
  Packing,
  recordWithCaptures,
  withCaptures,
} from './runAgain.ts'
import { type FlatTree, flattenTree, type LikeTree, leavesLike, type TreeOf, type WideTree } from './tree.ts'

/** Settings of {@link scan}. */
export interface ScanOptions {
  /** Number of steps; needed when there are no inputs to count. */
  readonly length?: number
  /** Go through the inputs from the last to the first; outputs keep the places of their inputs. Default false. */
  readonly reverse?: boolean
  /**
   * What the graph keeps for the walk backward. `'states'`, the default: the states, and every step is done again. `'steps'`:
   * everything, as a loop of your own would, which is faster and takes the memory of all steps.
   */
  readonly keep?: 'states' | 'steps'
}

/** One step: the state and one slice of the inputs in, the next state and one slice of the outputs out. */
export type ScanStep<Carry, Input, Output> = (carry: Carry, input: Input) => readonly [Carry, Output]

/**
 * Runs `step` over the first axis of the inputs and carries a state along: `[carry, y_t] = step(carry, x_t)`. Returns the
 * last state and the outputs, stacked along a new first axis. State, inputs and outputs are tensors or trees of tensors;
 * `null` stands for no inputs or no outputs.
 *
 * The graph keeps the states and nothing from inside of the steps: the walk backward does each step again, so T steps take
 * the memory of T states. The gradients are right in both modes and of every order, also with respect to what `step` uses
 * without taking it as an argument, the weights of a cell, say. As under `checkpoint`, a step must do the same when it runs
 * again, or the walk refuses. Inside of `vmap` and `jvp` the loop simply runs, and so it does for second derivatives. A function
 * that is traced, to be compiled, keeps it as one loop, and a second one for the gradient, where all steps do the same.
 *
 * @example
 * ```ts
 * import { scan, type Tensor, tensor } from '@adjoint/core'
 * const decay = tensor(0.5, { requiresGrad: true })
 * const step = (sum: Tensor, x: Tensor) => {
 *   const next = sum.mul(decay).add(x)
 *   return [next, next] as const
 * }
 * const [last, all] = scan(step, tensor(0), tensor([1, 1, 1]))
 * all.toArray() // => [1, 1.5, 1.75]
 * last.backward()
 * decay.grad?.item() // => 2
 * ```
 * @throws ShapeError when the inputs have different lengths, or a step changes the shape of the state; ArgumentError when
 * there is nothing to count the steps by.
 */
export function scan<
  Carry extends TreeOf<Carry>,
  Input extends TreeOf<Input> | null,
  Output extends TreeOf<Output> | null,
>(
  step: ScanStep<Carry, Input, Output>,
  initial: Carry,
  inputs: WideTree<Input>,
  options: ScanOptions = {},
): [carry: LikeTree<Carry>, outputs: WideTree<Output>] {
  expectOptions('scan', options, ['length', 'reverse', 'keep'])
  const keepsSteps = isKeepingSteps(options.keep)
  const loop = new Loop(step as ScanStep<unknown, unknown, unknown>, initial, inputs, options)
  const given = [...loop.initial.leaves, ...loop.inputs.leaves]
  const whole = runAsOne(loop, given, keepsSteps)
  if (whole !== undefined) return loop.assemble(whole) as never
  // In a trace nothing can be kept that is not traced: there are no values.
  const unrolls = recording.tracing !== undefined || recording.interpreter?.unrolls === true
  const isPlain = !recording.enabled || unrolls
  if (isPlain) return loop.assemble(loop.run(given)) as never
  const { result, captured, kept } = keepsSteps
    ? recordWithCaptures(given, inside => loop.run(inside))
    : { ...withCaptures(() => loop.run(given.map(sameView))), kept: null }
  const packing = new Packing(result.leaves)
  const isConstant = captured.length === 0 && !given.some(x => x.requiresGrad)
  if (isConstant || packing.isEmpty) return loop.assemble(result) as never
  const primitive = scanPrimitive(loop, result, packing, captured, kept)
  const packed = apply(primitive, [...given, ...captured], NO_ATTRIBUTES)
  return loop.assemble({ ...result, leaves: packing.restore(packed) }) as never
}

/** The loop in a function that is being traced: one call, whose steps are all the same. */
function runAsOne(
  loop: Loop,
  given: readonly Tensor[],
  keepsSteps: boolean,
): Pick<LoopRun, 'leaves' | 'output'> | undefined {
  const { interpreter } = recording
  if (interpreter?.loop === undefined) return undefined
  const states = loop.initial.leaves.length
  let output: FlatTree<unknown> | null | undefined
  const leaves = interpreter.loop({
    length: loop.length,
    reverse: loop.place(0) !== 0,
    keep: keepsSteps ? 'steps' : 'states',
    states,
    given,
    step: parts => {
      const done = loop.step(parts.slice(0, states), parts.slice(states))
      const isFirst = output === undefined
      output ??= done.output
      return [...done.state, ...outputsLike(output, done.output, isFirst ? 0 : 1)]
    },
    run: parts => loop.run(parts).leaves,
  })
  return leaves && { leaves, output: output ?? null }
}

/** What a run leaves behind. */
interface LoopRun {
  /** The last state, then the stacked outputs. */
  readonly leaves: readonly Tensor[]
  /** The state before every step. */
  readonly states: readonly (readonly Tensor[])[]
  readonly output: FlatTree<unknown> | null
}

/** The graph of all steps, where it is kept. */
interface KeptSteps {
  /** What stands in the place of the first state and the inputs: there a walk ends. */
  readonly ends: readonly Tensor[]
  /** The last state and the outputs, as recorded. */
  readonly leaves: readonly Tensor[]
}

/** A loop with its arguments taken apart. */
class Loop {
  readonly initial: FlatTree<unknown>
  readonly inputs: FlatTree<unknown>
  readonly length: number
  readonly #step: ScanStep<unknown, unknown, unknown>
  readonly #hasInputs: boolean
  readonly #reverse: boolean

  constructor(
    step: ScanStep<unknown, unknown, unknown>,
    initial: unknown,
    inputs: unknown,
    options: ScanOptions,
  ) {
    this.#step = keepingStandIns(expectFunction('scan', step))
    this.#hasInputs = inputs !== null
    this.#reverse = options.reverse ?? false
    this.initial = flattenTree('scan', initial)
    this.inputs = flattenTree('scan', this.#hasInputs ? inputs : [])
    this.length = stepsOf(this.inputs.leaves, options.length)
  }

  /** The whole loop; recorded when recording is on. */
  run(given: readonly Tensor[]): LoopRun {
    const count = this.initial.leaves.length
    // unbind, and not a slice at every step: the gradient of a slice is as large as the whole sequence.
    const sequences = given.slice(count).map(x => unbind(x, 0))
    const states: (readonly Tensor[])[] = []
    const outputs: (readonly Tensor[])[] = []
    let state: readonly Tensor[] = given.slice(0, count)
    let output: FlatTree<unknown> | null = null
    for (let i = 0; i < this.length; i++) {
      states.push(state)
      const done = this.step(
        state,
        sequences.map(steps => steps[this.place(i)]!),
      )
      state = done.state
      outputs.push(outputsLike(output, done.output, i))
      output ??= done.output
    }
    if (this.#reverse) outputs.reverse()
    const stacked = (output?.leaves ?? []).map((_, k) => stack(outputs.map(parts => parts[k]!)))
    return { leaves: [...state, ...stacked], states, output }
  }

  /** One step, checked. */
  step(
    state: readonly Tensor[],
    slices: readonly Tensor[],
  ): { state: readonly Tensor[]; output: FlatTree<unknown> | null } {
    const input = this.#hasInputs ? this.inputs.rebuild(slices) : null
    const returned: unknown = this.#step(this.initial.rebuild(state), input)
    if (!Array.isArray(returned) || returned.length !== 2) {
      throw new ArgumentError(
        'scan',
        `the step must return [next state, output or null], it returned ${isPromise(returned) ? 'a promise' : describe(returned)}.`,
      )
    }
    expectTree('scan', returned[0])
    const next = leavesLike('scan', 'state that a step returns', this.initial.rebuild(state), returned[0])
    const fits = next.every((x, i) => sameShape(x.shape, state[i]!.shape) && x.dtype === state[i]!.dtype)
    if (!fits) {
      const show = (leaves: readonly Tensor[]): string =>
        leaves.map(x => `${formatShape(x.shape)} ${x.dtype}`).join(', ')
      throw new ShapeError(
        'scan',
        `a step must keep the form of the state: it went in as ${show(state)} and came out as ${show(next)}.`,
        [...state.map(x => x.shape), ...next.map(x => x.shape)],
      )
    }
    return { state: next, output: returned[1] === null ? null : expectTree('scan', returned[1]) }
  }

  /** Which slice of the inputs the i-th step sees. */
  place(i: number): number {
    return this.#reverse ? this.length - 1 - i : i
  }

  /** The last state and the outputs in the form of the user. */
  assemble({ leaves, output }: Pick<LoopRun, 'leaves' | 'output'>): [unknown, unknown] {
    const count = this.initial.leaves.length
    return [
      this.initial.rebuild(leaves.slice(0, count)),
      output === null ? null : output.rebuild(leaves.slice(count)),
    ]
  }
}

/** The outputs of a step in the order of those of the first one. */
function outputsLike(
  first: FlatTree<unknown> | null,
  found: FlatTree<unknown> | null,
  at: number,
): readonly Tensor[] {
  if (at === 0 || (first === null && found === null)) return found?.leaves ?? []
  if (first !== null && found !== null)
    return leavesLike('scan', 'outputs of a step', first.rebuild(first.leaves), found.rebuild(found.leaves))
  throw new ArgumentError(
    'scan',
    'some steps return outputs and others null; return the same form at every step.',
  )
}

function stepsOf(inputs: readonly Tensor[], length: number | undefined): number {
  const [first] = inputs
  for (const x of inputs) {
    if (x.rank === 0)
      throw new ShapeError('scan', 'an input is 0-d; the steps go along the first axis of the inputs.', [
        x.shape,
      ])
    if (x.shape[0] !== first!.shape[0]) {
      throw new ShapeError(
        'scan',
        `the inputs have different lengths: ${inputs.map(({ shape }) => formatShape(shape)).join(', ')}; the steps go along their first axes.`,
        inputs.map(({ shape }) => shape),
      )
    }
  }
  const steps = first?.shape[0] ?? length
  if (steps === undefined || !Number.isInteger(steps) || steps < 1) {
    throw new ArgumentError(
      'scan',
      `needs at least one step, got ${describe(steps)}; without inputs say { length }.`,
    )
  }
  if (length !== undefined && length !== steps) {
    throw new ArgumentError('scan', `length is ${length}, but the inputs have ${steps} steps.`)
  }
  return steps
}

function isKeepingSteps(keep: unknown = 'states'): boolean {
  if (keep === 'states' || keep === 'steps') return keep === 'steps'
  throw new ArgumentError('scan', `keep must be 'states' or 'steps', got ${describe(keep)}.`)
}

/** Where a walk starts: at those tensors that a gradient can go through, with what arrives at them. */
function seedsOf(tensors: readonly Tensor[], cotangents: readonly (Tensor | null | undefined)[]): Seed[] {
  return tensors.flatMap((tensor, k) => {
    const cotangent = cotangents[k]
    return cotangent && tensor.requiresGrad ? [{ tensor, cotangent }] : []
  })
}

/** The primitive of one loop: its inputs are the first state, the sequences, and what the step captured. */
function scanPrimitive(
  loop: Loop,
  first: LoopRun,
  packing: Packing,
  captured: readonly Tensor[],
  kept: KeptSteps | null,
): GeneralPrimitive {
  const count = loop.initial.leaves.length + loop.inputs.leaves.length

  /** The whole loop, recorded: what higher orders and tangents need. */
  const unrolled = ({ inputs }: Call): { packed: Tensor; inputs: readonly Tensor[] } => {
    const isConnected = recording.enabled
    const given = inputs.slice(0, count).map(x => (isConnected ? identity(x) : leafLike(x, x.requiresGrad)))
    const { leaves } = withRecording(true, () => runningAgain(() => loop.run(given)))
    expectSame('scan', first.leaves, leaves)
    return { packed: withRecording(true, () => packing.pack(leaves)), inputs: [...given, ...captured] }
  }

  const cotangentsFor = oncePerCotangent((cotangent, call) => {
    if (!recording.enabled) {
      const arriving = packing.parts(cotangent)
      if (kept === null) return walkSteps(loop, first, arriving, call, captured)
      return cotangentsUpTo(seedsOf(kept.leaves, arriving), [...kept.ends, ...captured])
    }
    const { packed, inputs } = unrolled(call)
    return packed.requiresGrad ? cotangentsUpTo([{ tensor: packed, cotangent }], inputs) : []
  })
  let hasRun = false
  return {
    name: 'scan',
    kind: 'general',
    keeps: 'inputs',
    get held(): readonly Tensor[] {
      if (kept === null) return [...first.states.flat(), ...first.leaves]
      const ends = new Set([...kept.ends, ...captured])
      return topologicalOrder(kept.leaves, ends).filter(x => !ends.has(x))
    },
    vjp: (cotangent, call, index) => cotangentsFor(cotangent, call)[index] ?? undefined,
    jvp: (tangents, call) => {
      const { packed, inputs } = unrolled(call)
      return pushForward([packed], inputs, tangents)[0]!
    },
    sample: noSample('scan'),
    forward: inputs => {
      if (!hasRun) {
        hasRun = true
        return packing.pack(first.leaves)
      }
      expectCaptured('scan', inputs.slice(count), captured)
      return packing.pack(runningAgain(() => loop.run(inputs.slice(0, count).map(sameView))).leaves)
    },
  }
}

/**
 * The cotangents of the first state, the sequences and the captured tensors: step by step from the last to the first, with
 * the graph of one step at a time. `arriving` are those of the last state and the stacked outputs.
 */
function walkSteps(
  loop: Loop,
  first: LoopRun,
  arriving: readonly (Tensor | null)[],
  call: Call,
  captured: readonly Tensor[],
): readonly (Tensor | null)[] {
  const states = loop.initial.leaves.length
  const sequences = call.inputs.slice(states, states + loop.inputs.leaves.length)
  const ofSlices: (readonly Tensor[])[] = []
  let ofState: readonly (Tensor | null)[] = arriving.slice(0, states)
  let ofCaptured: readonly (Tensor | null)[] = captured.map(() => null)
  for (let i = loop.length - 1; i >= 0; i--) {
    const place = loop.place(i)
    // A state of the loop wants gradients as soon as anything does.
    const state = first.states[i]!.map(x => leafLike(x, isFloating(x.dtype)))
    const slices = sequences.map(x => leafLike(slice(sameView(x), place), x.requiresGrad))
    const done = withRecording(true, () => runningAgain(() => loop.step(state, slices)))
    const outputs = outputsLike(first.output, done.output, i)
    const places = outputs.map((_, k) => slice(sameView(first.leaves[states + k]!), place))
    expectSame(
      'scan',
      [...(first.states[i + 1] ?? first.leaves.slice(0, states)), ...places],
      [...done.state, ...outputs],
    )
    const whole = arriving.slice(states)
    const cotangents = [...ofState, ...outputs.map((_, k) => (whole[k] ? slice(whole[k], place) : null))]
    const seeds = seedsOf([...done.state, ...outputs], cotangents)
    const found = cotangentsUpTo(seeds, [...state, ...slices, ...captured])
    ofState = found.slice(0, states)
    ofSlices.push(found.slice(states, states + slices.length))
    ofCaptured = found.slice(states + slices.length).map((part, k) => {
      const sofar = ofCaptured[k]
      return sofar ? add(sofar, part) : part
    })
  }
  const inPlace = loop.place(0) === 0 ? ofSlices.reverse() : ofSlices
  return [...ofState, ...sequences.map((_, k) => stack(inPlace.map(row => row[k]!))), ...ofCaptured]
}
