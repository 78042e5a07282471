/** The function of a gradient check, reduced to what the check needs: floating leaves in, one tensor out. */

import { topologicalOrder, viewOf } from '@adjoint/core/engine'
import {
  AdjointError,
  ArgumentError,
  concat,
  DTypeError,
  flattenTree,
  jvp,
  noGrad,
  reshape,
  Tensor,
  type Tree,
  tensor,
  vjp,
} from '@adjoint/core/functional'
import { noiseNearZero, type Precision } from './differenceQuotient.ts'

const OP = 'checkGradients'

/** A function to differentiate, at a point. */
export interface GradientProblem {
  readonly call: (leaves: readonly Tensor[]) => Tensor
  /** The floating tensors of the tree: the point. */
  readonly leaves: readonly Tensor[]
  readonly paths: readonly string[]
  readonly order: 1 | 2
  /** In what dtype the function computes; not necessarily the dtype of the leaves. */
  readonly precision: 'float32' | 'float64'
}

/** One array of numbers for each leaf. */
export type LeafValues = readonly Float64Array[]

/**
 * The function with float64 leaves where it takes them. When it computes in float32 all the same (a cast inside, an op
 * that refuses float64) the problem says so, and why.
 *
 * @throws ArgumentError when `f` does not return a tensor; DTypeError when the tree has no floating tensor.
 */
export function prepareProblem(
  f: (tree: Tree) => Tensor,
  tree: Tree,
): { problem: GradientProblem; output: Tensor; notes: string[] } {
  const { leaves, paths, rebuild } = flattenTree(OP, tree)
  const floating = leaves.flatMap((leaf, i) => (isFloating(leaf) ? [i] : []))
  if (floating.length === 0) {
    const dtypes = [...new Set(leaves.map(leaf => leaf.dtype))]
    throw new DTypeError(
      OP,
      `there is nothing to differentiate with respect to: the inputs have dtype ${dtypes.join(', ')}; gradients need float32 or float64.`,
      dtypes,
    )
  }
  const call = (replacements: readonly Tensor[]): Tensor => {
    const all = leaves.map(detached)
    floating.forEach((at, i) => {
      all[at] = replacements[i]!
    })
    const result: unknown = f(rebuild(all) as Tree)
    if (result instanceof Tensor) return result
    throw new ArgumentError(
      OP,
      `the function must return a tensor, it returned ${result === null ? 'null' : typeof result}.`,
    )
  }
  const originals = floating.map(i => detached(leaves[i]!))
  const start = { call, paths: floating.map(i => paths[i]!), order: 1 } as const
  const wide = originals.map(x => (x.dtype === 'float64' ? x : widened(x)))
  try {
    const output = record(call, wide)
    const narrow = computesInFloat32(output, wide)
    const note = 'a step of the function computes in float32: only larger errors can be seen'
    const precision = narrow ? 'float32' : 'float64'
    return {
      problem: { ...start, leaves: wide, precision },
      output: output.result,
      notes: narrow ? [note] : [],
    }
  } catch (error) {
    if (!(error instanceof AdjointError) || originals.every((x, i) => x === wide[i])) throw error
    // The function refuses float64; if it refuses its own inputs too, that error is the one to see.
    const { result } = record(call, originals)
    const note = `the function refuses float64 inputs (${error.message}), so it was checked in float32: only larger errors can be seen`
    return { problem: { ...start, leaves: originals, precision: 'float32' }, output: result, notes: [note] }
  }
}

/**
 * The gradient of a function as a function of its own: x -> Jᵀ(x) w, all leaves flattened into one tensor. Checking its
 * first derivatives checks the second ones of the original.
 */
export function gradientProblem(problem: GradientProblem, cotangent: Tensor): GradientProblem {
  const call = (leaves: readonly Tensor[]): Tensor => {
    const pulled = vjp(all => problem.call(all), leaves).pullback(cotangent)
    return concat(pulled.map(part => reshape(part, [part.size])))
  }
  return { ...problem, call, order: 2 }
}

/** The values of a tensor in row-major order, in float64. */
export function valuesOf(x: Tensor): Float64Array {
  return Float64Array.from(x.data())
}

/** Tensors in the shapes and dtypes of the leaves. */
export function tensorsLike(leaves: readonly Tensor[], values: LeafValues): Tensor[] {
  return leaves.map((leaf, i) => tensorLike(leaf, values[i]!))
}

export function tensorLike(x: Tensor, values: Float64Array): Tensor {
  return tensor(values, { shape: x.shape as readonly number[], dtype: x.dtype })
}

/** Σ over all leaves of x · y. */
export function dotAll(x: LeafValues, y: LeafValues): number {
  return x.reduce((total, part, i) => total + dot(part, y[i]!), 0)
}

/** Σ |x · y|: the size of the terms of a dot product. */
export function sizeAll(x: LeafValues, y: LeafValues): number {
  return x.reduce((total, part, i) => total + sizeOfDot(part, y[i]!), 0)
}

export function dot(x: Float64Array, y: Float64Array): number {
  return x.reduce((total, value, i) => total + value * y[i]!, 0)
}

export function sizeOfDot(x: Float64Array, y: Float64Array): number {
  return x.reduce((total, value, i) => total + Math.abs(value * y[i]!), 0)
}

/** What remains of terms of the size of u and v when they cancel in the tangent or in the gradient. */
export function cancelled(u: Float64Array, v: LeafValues, epsilon: number = Number.EPSILON): number {
  const total = (values: Float64Array): number => values.reduce((sum, value) => sum + Math.abs(value), 0)
  return epsilon * total(u) * v.reduce((sum, part) => sum + total(part), 0)
}

/** A function of many numbers along one direction, and how precisely it is computed. */
export interface Line extends Precision {
  readonly phi: (t: number) => number
  /** Size of the terms that add up to φ at 0 and beside it. */
  readonly magnitude: number
}

/** A step of about the largest size that difference quotients use. */
const NEARBY = 1e-2

/** The values of f(x + t v). */
function valuesAlong(problem: GradientProblem, v: LeafValues): (t: number) => Float64Array {
  const start = problem.leaves.map(valuesOf)
  return t => {
    if (t === 0) return noGrad(() => valuesOf(problem.call(problem.leaves)))
    const moved = start.map((x, i) => x.map((value, j) => value + t * v[i]![j]!))
    return noGrad(() => valuesOf(problem.call(tensorsLike(problem.leaves, moved))))
  }
}

/** φ(t) = ⟨u, f(x + t v)⟩, the function of one number whose slope at 0 is ⟨u, J v⟩. */
export function functionAlong(
  problem: GradientProblem,
  u: Float64Array,
  v: LeafValues,
): (t: number) => number {
  const at = valuesAlong(problem, v)
  return t => dot(u, at(t))
}

/** {@link functionAlong}, and how precisely it is computed. */
export function alongDirection(problem: GradientProblem, u: Float64Array, v: LeafValues): Line {
  const at = valuesAlong(problem, v)
  const dtype = problem.precision
  const phi = functionAlong(problem, u, v)
  const sizes = [0, -NEARBY, NEARBY].map(t => sizeOfDot(u, at(t)))
  const magnitude = Math.max(...sizes.filter(Number.isFinite), 0)
  return { phi, magnitude, dtype, noise: noiseNearZero(phi, magnitude, dtype) }
}

/** Jᵀ u, one array per leaf. */
export function pullBack(problem: GradientProblem, u: Tensor): LeafValues {
  return vjp(all => problem.call(all), problem.leaves)
    .pullback(u)
    .map(valuesOf)
}

/** J v. */
export function pushForwardAlong(problem: GradientProblem, v: LeafValues): Float64Array {
  const directions = tensorsLike(problem.leaves, v)
  return valuesOf(jvp(all => problem.call(all), problem.leaves, directions).tangent)
}

/** The recorded result of a call, and the fresh leaves that it was made of. */
export interface Recorded {
  readonly result: Tensor
  readonly inputs: readonly Tensor[]
}

/** Runs the function on fresh leaves that require gradients. */
export function record(call: GradientProblem['call'], leaves: readonly Tensor[]): Recorded {
  const inputs = leaves.map(leaf => {
    const fresh = detached(leaf)
    fresh.requiresGrad = true
    return fresh
  })
  return { result: call(inputs), inputs }
}

/** Whether something between the leaves and the result is float32 although the leaves are float64. */
function computesInFloat32({ result, inputs }: Recorded, leaves: readonly Tensor[]): boolean {
  if (leaves.some(leaf => leaf.dtype === 'float32')) return true
  if (result.dtype === 'float32') return true
  const depending = new Set<Tensor>(inputs)
  for (const x of topologicalOrder([result])) {
    if (!x.node?.inputs.some(input => depending.has(input))) continue
    if (x.dtype === 'float32') return true
    depending.add(x)
  }
  return false
}

function detached(x: Tensor): Tensor {
  return viewOf(x, x.shape, x.strides, x.offset)
}

function widened(x: Tensor): Tensor {
  return tensor(valuesOf(x), { shape: x.shape as readonly number[], dtype: 'float64' })
}

function isFloating(x: Tensor): boolean {
  return x.dtype === 'float32' || x.dtype === 'float64'
}
