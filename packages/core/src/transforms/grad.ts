/** Functions in, gradient functions out. */

import { isRecorded } from '../graph/interpret.ts'
import { topologicalOrder } from '../graph/order.ts'
import { recording, withRecording } from '../graph/record.ts'
import { identity } from '../ops/identity.ts'
import { expectFunction, expectOptions } from '../shape/arguments.ts'
import { ArgumentError, DTypeError, formatShape, GraphError } from '../shape/errors.ts'
import { isFloating } from '../storage/dtype.ts'
import { zerosLike } from '../tensor/create.ts'
import { sameView, Tensor } from '../tensor/tensor.ts'
import { cotangentsUpTo, seedFor } from './backward.ts'
import {
  type FlatTree,
  flattenTree,
  type LikeTree,
  leavesLike,
  mapTensors,
  type TangentsOf,
  type TreeOf,
} from './tree.ts'

/** What {@link valueAndGrad} returns: a number, and the gradient as a tree like the argument. */
export interface ValueAndGrad<T> {
  value: Tensor<[]>
  grad: LikeTree<T>
}

/** Which arguments a gradient is taken with respect to: a position, or several. */
export type ArgumentPositions = number | readonly number[]

/** Settings of {@link grad} and {@link valueAndGrad}. */
export interface GradOptions<Wrt extends ArgumentPositions> {
  /** Positions of the arguments to differentiate with respect to. Default 0, the first one. */
  readonly wrt: Wrt
}

/** Settings for functions that return `[number, anything else]`; the second part is handed through. */
export interface AuxiliaryOptions<Wrt extends ArgumentPositions> extends Partial<GradOptions<Wrt>> {
  readonly auxiliary: true
}

/** The gradient of a chosen argument, or an array of those of several. */
export type GradientsOf<Arguments extends unknown[], Wrt extends ArgumentPositions> = Wrt extends number
  ? LikeTree<Arguments[Wrt]>
  : { -readonly [K in keyof Wrt]: Wrt[K] extends number ? LikeTree<Arguments[Wrt[K]]> : never }

/**
 * The function that computes the value of `f` and its gradient with respect to the first argument, a tree of tensors, or
 * to the arguments that `wrt` chooses. `f` returns a single number, or, with `auxiliary`, a single number and something
 * that is handed through. Other arguments are passed on as they are. No `.grad` is touched.
 *
 * When `f` also depends on other tensors that require gradients, the parameters of a model, say, the results are recorded,
 * so that they can be differentiated with respect to those. Where that is not wanted, in a loop that optimises an input,
 * call it inside `noGrad`.
 *
 * @example
 * ```ts
 * import { type Tensor, tensor, valueAndGrad } from '@adjoint/core'
 * type Model = { w: Tensor<[2]>; b: Tensor<[]> }
 * const loss = valueAndGrad(({ w, b }: Model, x: Tensor<[2]>) => w.mul(x).add(b).square().sum())
 * const { value, grad } = loss({ w: tensor([1, 2]), b: tensor(1) }, tensor([3, 4]))
 * value.item() // => 97
 * grad.w.toArray() // => [24, 72]
 * grad.b.item() // => 26
 *
 * const both = valueAndGrad((x: Tensor, y: Tensor) => x.mul(y).sum(), { wrt: [0, 1] })
 * both(tensor([1, 2]), tensor([3, 4])).grad.map((g) => g.toArray()) // => [[3, 4], [1, 2]]
 * ```
 * @throws GraphError when `f` does not return a single number; DTypeError when an input is int32 or bool; ArgumentError
 * for a position in `wrt` without argument.
 */
export function valueAndGrad<Rest extends unknown[]>(
  f: (x: Tensor, ...rest: Rest) => Tensor,
): (x: Tensor, ...rest: Rest) => ValueAndGrad<Tensor>
export function valueAndGrad<T extends TreeOf<T>, Rest extends unknown[]>(
  f: (tree: T, ...rest: Rest) => Tensor,
): (tree: T, ...rest: Rest) => ValueAndGrad<T>
export function valueAndGrad<Arguments extends unknown[], const Wrt extends ArgumentPositions>(
  f: (...args: Arguments) => Tensor,
  options: GradOptions<Wrt>,
): (...args: Arguments) => { value: Tensor<[]>; grad: GradientsOf<Arguments, Wrt> }
export function valueAndGrad<Arguments extends unknown[], Aux, const Wrt extends ArgumentPositions = 0>(
  f: (...args: Arguments) => readonly [Tensor, Aux],
  options: AuxiliaryOptions<Wrt>,
): (...args: Arguments) => { value: Tensor<[]>; grad: GradientsOf<Arguments, Wrt>; auxiliary: Aux }
export function valueAndGrad(
  f: unknown,
  options: Partial<AuxiliaryOptions<ArgumentPositions>> = {},
): unknown {
  return differentiated('valueAndGrad', f, options)
}

/** {@link valueAndGrad} under the name of the function that was called. */
function differentiated(
  op: string,
  f: unknown,
  options: Partial<AuxiliaryOptions<ArgumentPositions>> = {},
): (...args: unknown[]) => { value: Tensor; grad: unknown; auxiliary?: unknown } {
  expectOptions(op, options, ['auxiliary', 'wrt'])
  expectFunction(op, f)
  const { wrt = 0 } = options
  return (...args) => {
    const positions = typeof wrt === 'number' ? [wrt] : wrt
    const chosen = positions.map(position => argumentAt(op, args, positions, position))
    const { leaves, rebuild } = flattenTree(op, typeof wrt === 'number' ? chosen[0] : chosen)
    const traced = traceInputs(op, leaves)
    const inside = rebuild(traced.inputs)
    const all = [...args]
    for (const [i, position] of positions.entries()) {
      all[position] = typeof wrt === 'number' ? inside : (inside as unknown[])[i]
    }
    const returned = withRecording(true, () => (f as AnyFunction)(...all))
    traced.finish()
    const [result, auxiliary] = options.auxiliary ? expectPair(op, returned) : [returned]
    const output = expectTensor(op, result)
    if (output.size !== 1) {
      throw new GraphError(
        op,
        `the function returned shape ${formatShape(output.shape)}; a gradient starts from a single number. Reduce it first (sum, mean), or use vjp.`,
      )
    }
    // A tensor that is also passed as another argument may be used by that name.
    const others: Tensor[] = []
    mapTensors(
      args.filter((_, i) => !positions.includes(i)),
      x => {
        others.push(x)
        return x
      },
    )
    traced.expectUsed([output], others)
    const recorded = output.requiresGrad && traced.isOuterRecorded(output)
    const grads = output.requiresGrad
      ? withRecording(recorded, () => cotangentsUpTo([seedFor(op, output)], traced.inputs))
      : leaves.map(zerosLike)
    const value = recorded ? output : withoutNode(output)
    return options.auxiliary
      ? { value, grad: rebuild(grads), auxiliary: mapTensors(auxiliary, traced.handOut) }
      : { value, grad: rebuild(grads) }
  }
}

type AnyFunction = (...args: unknown[]) => unknown

function argumentAt(
  op: string,
  args: readonly unknown[],
  positions: readonly number[],
  position: number,
): unknown {
  const isThere = Number.isInteger(position) && position >= 0 && position < args.length
  if (!isThere)
    throw new ArgumentError(op, `wrt names argument ${position}, but the call has ${args.length}.`)
  if (positions.filter(other => other === position).length > 1)
    throw new ArgumentError(op, `wrt names argument ${position} twice.`)
  return args[position]
}

function expectPair(op: string, returned: unknown): readonly unknown[] {
  if (Array.isArray(returned) && returned.length === 2) return returned
  throw new GraphError(op, 'with { auxiliary: true } the function must return [a single number, anything].')
}

/**
 * The function that computes the gradient of `f` with respect to its first argument, a tree of tensors, or to the
 * arguments that `wrt` chooses. Applied again, it gives derivatives of any order.
 *
 * @example
 * ```ts
 * import { grad, type Tensor, tensor } from '@adjoint/core'
 * grad(x => x.square().sum())(tensor([1, 2])).toArray() // => [2, 4]
 * const cube = (x: Tensor) => x.mul(x).mul(x)
 * grad(cube)(tensor(2)).item() // => 12
 * grad(grad(cube))(tensor(2)).item() // => 12
 * grad(grad(grad(cube)))(tensor(2)).item() // => 6
 * grad((x: Tensor, y: Tensor) => x.mul(y.square()), { wrt: 1 })(tensor(2), tensor(3)).item() // => 12
 * ```
 * @throws GraphError when `f` does not return a single number; DTypeError when an input is int32 or bool; ArgumentError
 * for a position in `wrt` without argument.
 */
export function grad<Rest extends unknown[]>(
  f: (x: Tensor, ...rest: Rest) => Tensor,
): (x: Tensor, ...rest: Rest) => Tensor
export function grad<T extends TreeOf<T>, Rest extends unknown[]>(
  f: (tree: T, ...rest: Rest) => Tensor,
): (tree: T, ...rest: Rest) => LikeTree<T>
export function grad<Arguments extends unknown[], const Wrt extends ArgumentPositions>(
  f: (...args: Arguments) => Tensor,
  options: GradOptions<Wrt>,
): (...args: Arguments) => GradientsOf<Arguments, Wrt>
export function grad<Arguments extends unknown[], Aux, const Wrt extends ArgumentPositions = 0>(
  f: (...args: Arguments) => readonly [Tensor, Aux],
  options: AuxiliaryOptions<Wrt>,
): (...args: Arguments) => { grad: GradientsOf<Arguments, Wrt>; auxiliary: Aux }
export function grad(f: unknown, options?: Partial<AuxiliaryOptions<ArgumentPositions>>): unknown {
  return gradientOf('grad', f, options)
}

/** {@link grad} under the name of the function that was called. */
export function gradientOf(
  op: string,
  f: unknown,
  options?: Partial<AuxiliaryOptions<ArgumentPositions>>,
): (...args: unknown[]) => unknown {
  const both = differentiated(op, f, options)
  return (...args) => {
    const { value: _, ...rest } = both(...args)
    return options?.auxiliary ? rest : rest.grad
  }
}

/**
 * The value of `f`, a tensor or a tree of tensors, at a tree of tensors, and the function that sends a cotangent of the
 * value, in the same form, back to the inputs: the product of a row vector with the Jacobian. It may be called any number
 * of times.
 *
 * @example
 * ```ts
 * import { type Tensor, tensor, vjp } from '@adjoint/core'
 * const { value, pullback } = vjp((x: Tensor) => x.square(), tensor([1, 2, 3]))
 * value.toArray() // => [1, 4, 9]
 * pullback(tensor([1, 0, 10])).toArray() // => [2, 0, 60]
 * ```
 * @throws ShapeError when the cotangent has another shape than the value; DTypeError when an input is int32 or bool.
 */
export function vjp<T extends TreeOf<T>, Out extends TreeOf<Out>>(
  f: (tree: T) => Out,
  tree: T,
): { value: Out; pullback: (cotangent: TangentsOf<Out>) => LikeTree<T> } {
  return pullbackOf('vjp', f, tree)
}

/** {@link vjp} under the name of the function that was called. */
export function pullbackOf<T, Out>(
  op: string,
  f: (tree: T) => Out,
  tree: T,
): { value: Out; pullback: (cotangent: TangentsOf<Out>) => LikeTree<T> } {
  const { inputs, outputs, value, isRecordedFor, rebuild } = traceFunction(op, f, tree)
  return {
    value,
    pullback: cotangent => {
      const cotangents = leavesLike(op, 'cotangents', value, cotangent)
      const seeds = outputs.leaves.flatMap((output, i) =>
        output.requiresGrad ? [seedFor(op, output, cotangents[i]!, true)] : [],
      )
      return rebuild(withRecording(isRecordedFor(cotangents), () => cotangentsUpTo(seeds, inputs)))
    },
  }
}

/** A function that ran once on fresh inputs, with its graph. */
export interface TracedFunction<T, Out> {
  readonly inputs: readonly Tensor[]
  readonly outputs: FlatTree<Out>
  /** The result for the caller: with the graph only if an enclosing gradient is being taken. */
  readonly value: Out
  /** Whether a walk with such tangents or cotangents is recorded itself. */
  readonly isRecordedFor: (vectors: readonly Tensor[]) => boolean
  readonly rebuild: FlatTree<T>['rebuild']
}

/** Runs a function, recorded, on fresh inputs. */
export function traceFunction<T, Out>(op: string, f: (tree: T) => Out, tree: T): TracedFunction<T, Out> {
  expectFunction(op, f)
  const { leaves, rebuild } = flattenTree(op, tree)
  const traced = traceInputs(op, leaves)
  const outputs = expectTree(
    op,
    withRecording(true, () => f(rebuild(traced.inputs) as unknown as T)),
  )
  traced.finish()
  traced.expectUsed(outputs.leaves)
  const recorded = outputs.leaves.some(output => output.requiresGrad && traced.isOuterRecorded(output))
  const value = outputs.rebuild(outputs.leaves.map(output => (recorded ? output : withoutNode(output))))
  return {
    inputs: traced.inputs,
    outputs,
    value: value as unknown as Out,
    isRecordedFor: vectors =>
      recording.enabled && (recorded || vectors.some(x => isRecorded(x, recording.interpreter))),
    rebuild,
  }
}

/** Fresh tensors to differentiate with respect to, and whether anything outside of them wants gradients too. */
export interface TracedInputs {
  readonly inputs: Tensor[]
  /** Whether the result must itself be recorded, because an enclosing gradient is being taken. */
  readonly isOuterRecorded: (output: Tensor) => boolean
  /** To be called when the function has run: from then on the inputs are nothing that others could want gradients of. */
  readonly finish: () => void
  /** A result for the caller: with its graph only where an enclosing gradient is being taken. */
  readonly handOut: (output: Tensor) => Tensor
  /** Refuses results that were made of an input itself, and not of the tensor that stood in for it. */
  readonly expectUsed: (outputs: readonly Tensor[], others?: readonly Tensor[]) => void
}

/** Stand-ins of functions that have run. A gradient that was taken of them may lie in a graph that goes on. */
const done = /* @__PURE__ */ new WeakSet<Tensor>()

/** Stands in fresh tensors for the inputs: copies of nothing, connected to the originals when those are recorded. */
export function traceInputs(op: string, originals: readonly Tensor[]): TracedInputs {
  const { enabled, interpreter } = recording
  const inputs = originals.map(x => {
    expectFloating(op, x)
    if (x.requiresGrad) return withRecording(true, () => identity(x)).named(x.name ?? 'input')
    const fresh = interpreter === undefined ? sameView(x) : interpreter.lift(x)
    fresh.requiresGrad = true
    fresh.name = x.name
    return fresh
  })
  const connected = originals.some(x => isRecorded(x, interpreter))
  const own = new Set(inputs)
  const isForeign = (x: Tensor): boolean =>
    x.node === null
      ? !own.has(x) && !done.has(x)
      : interpreter !== undefined && x.node.inputs.some(interpreter.hides, interpreter)
  const isOuterRecorded = (output: Tensor): boolean =>
    enabled && (connected || topologicalOrder([output], own).some(isForeign))
  return {
    inputs,
    finish: () => {
      for (const x of inputs) done.add(x)
    },
    isOuterRecorded,
    handOut: output => (output.requiresGrad && isOuterRecorded(output) ? output : withoutNode(output)),
    expectUsed: (outputs, others = []) => {
      const sourceOf = (x: Tensor): Tensor => interpreter?.source(x) ?? x
      const sources = originals.map(sourceOf)
      if (sources.some(x => x.requiresGrad))
        expectStandIns(op, sources, inputs, outputs, others.map(sourceOf))
    },
  }
}

/** A function that uses a parameter of a model instead of the argument it is given would get a gradient of 0. */
function expectStandIns(
  op: string,
  originals: readonly Tensor[],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  others: readonly Tensor[],
): void {
  // A walk from the outputs meets an original by way of its stand-in; without that way, another one leads to it.
  const ends = new Set(inputs)
  const order = topologicalOrder(outputs, ends)
  const reached = new Set(order)
  const used = new Set(order.flatMap(x => (ends.has(x) ? [] : (x.node?.inputs ?? []))))
  const at = originals.findIndex((x, i) => used.has(x) && !reached.has(inputs[i]!) && !others.includes(x))
  if (at < 0) return
  const { name, shape } = originals[at]!
  throw new GraphError(
    op,
    `the function uses the tensor ${name === undefined ? '' : `'${name}' `}of shape ${formatShape(shape)} itself, and not the argument that stands for it: its gradient would be 0. ` +
      'Use the argument, or take the gradients of a model with backward() or gradients().',
  )
}

/** Refuses inputs that have no derivatives. */
export function expectFloating(op: string, x: Tensor): void {
  if (isFloating(x.dtype)) return
  throw new DTypeError(
    op,
    `an input of shape ${formatShape(x.shape)} has dtype ${x.dtype}; gradients need float32 or float64. Cast it, or pass it as a further argument.`,
    [x.dtype],
  )
}

/** The same values without their graph. */
export function withoutNode(x: Tensor): Tensor {
  if (x.node === null && !x.requiresGrad) return x
  return withRecording(false, () => identity(x))
}

/** Takes apart what a function to differentiate returned. */
export function expectTree<T>(op: string, value: T): FlatTree<T> {
  if (typeof value !== 'object' || value === null || isPromise(value)) expectTensor(op, value)
  return flattenTree(op, value)
}

/** Whether a function was asynchronous: its result is looked at before it is done. */
export function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null)?.then === 'function'
}

/** Checks what a function to differentiate returned. */
export function expectTensor(op: string, value: unknown): Tensor {
  if (value instanceof Tensor) return value
  const what = isPromise(value)
    ? 'a promise; only synchronous functions can be recorded'
    : value === null
      ? 'null'
      : typeof value
  throw new GraphError(op, `the function must return a tensor, it returned ${what}.`)
}
