/** A backward pass derived by hand, held against autodiff and against central differences. */

import { formatShape, sameShape, topologicalOrder } from '@adjoint/core/engine'
import {
  ArgumentError,
  ChangedParameterError,
  GraphError,
  gradients,
  Parameter,
  permutation,
  Rng,
  type Tensor,
} from '@adjoint/core/functional'
import { shapeHint, squeezed, valueHint } from './backpropHints.ts'
import { backwardOrder, parseName } from './backpropOrder.ts'
import { BackpropReport, type BackpropRow } from './backpropReport.ts'
import { entryDifferences } from './centralDifference.ts'
import { epsilonOf, gradientDistance, indexAt, largest } from './distance.ts'
import { type Numbers, type ReadNumbers, readNumbers } from './numbers.ts'
import { formatNumber } from './text.ts'

/** How much two gradients may differ. */
export interface Tolerance {
  /** Largest absolute difference over the largest absolute value of the quantity. */
  readonly relative?: number
  /** Largest absolute difference that is always accepted. */
  readonly absolute?: number
}

/** Settings of {@link compareBackprop}. */
export interface CompareBackpropOptions {
  /**
   * What autodiff's gradient is multiplied with before it is compared, by key of `manual`. A dz that was derived from the
   * loss of one example carries no 1/m: `{ dz1: m, dz2: m }`.
   */
  readonly scale?: Readonly<Record<string, number>>
  /**
   * Default: relative 1e-10 for float64 and 1e-5 for float32; absolute 16 roundings of the largest gradient of the same
   * layer, because a sum that cancels to 0 keeps the rounding of its terms.
   */
  readonly tolerance?: Tolerance
  /**
   * Central differences beside both: of `samples` entries per quantity (default 16, drawn with `seed`) and of the one
   * that differs most. `false` leaves them out.
   */
  readonly differences?: false | { readonly samples?: number; readonly seed?: number }
}

const OP = 'compareBackprop'

/**
 * Puts gradients that were derived by hand beside autodiff and a central difference, quantity by quantity, in backward
 * order; says where they part first, what kind of mistake it looks like, and who is right.
 *
 * `loss` is a recorded tensor with one element; `tensors` names tensors of its graph, parameters or intermediate ones;
 * `manual` has the hand-derived gradient of each under `'d'` + name. A matrix `[n, 1]` or `[1, n]` fits a tensor `[n]`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { compareBackprop } from '@adjoint/testing'
 * const [x, y] = [tensor([[1, 2, 3, 4]], { dtype: 'float64' }), tensor([[1, 3, 2, 5]], { dtype: 'float64' })]
 * const w = tensor([[0.5]], { dtype: 'float64', requiresGrad: true })
 * const z = w.matmul(x)
 * const loss = z.sub(y).square().mul(0.5).mean() // J = (1/m) Σ ½ (z − y)²
 * const dz = z.sub(y) // of one example: without 1/m
 * const dw = dz.matmul(x.transpose()) // the 1/m is missing
 * const report = compareBackprop(loss, { w, z }, { dw, dz }, { scale: { dz: 4 } })
 * report.agrees // => false
 * report.firstDifference?.name // => 'dw'
 * report.firstDifference?.hint?.startsWith('constant factor: manual is 4 times autodiff: a missing 1/m?') // => true
 * ```
 * @throws ArgumentError when a tensor has no hand-derived gradient or the reverse, or is not in the graph of the loss.
 * @throws GraphError when the loss was not recorded or has more than one element.
 * @throws ChangedParameterError when a parameter was assigned after the loss had recorded it.
 */
export function compareBackprop(
  loss: Tensor,
  tensors: Readonly<Record<string, Tensor>>,
  manual: Readonly<Record<string, Numbers>>,
  options: CompareBackpropOptions = {},
): BackpropReport {
  expectLoss(loss)
  expectKeys(tensors, manual, options.scale)
  const { names, missing } = backwardOrder(loss, tensors)
  if (missing.length > 0) {
    throw new ArgumentError(
      OP,
      `the loss was not made of ${missing.map(name => `'${name}'`).join(', ')}: pass the very tensors that it was ` +
        'computed from (not copies), and mind noGrad and detach.',
    )
  }
  expectUnassigned(loss, tensors)
  const found = gradients(
    loss,
    names.map(name => tensors[name]!),
  )
  const quantities = names.map((name, i) => {
    const x = tensors[name]!
    const scale = options.scale?.[`d${name}`] ?? 1
    return readQuantity(name, x, found[i]!, scale, manual[`d${name}`]!)
  })
  const noise = noiseByLayer(quantities)
  const sizes = sizesOf(loss)
  const notes = new Set<string>()
  const rows = quantities.map(quantity => {
    const tolerance = {
      relative: options.tolerance?.relative ?? (quantity.x.dtype === 'float64' ? 1e-10 : 1e-5),
      absolute: options.tolerance?.absolute ?? noise.get(quantity.layer)!,
    }
    return rowOf(loss, quantity, tolerance, sizes, options.differences ?? {}, notes)
  })
  return new BackpropReport(rows, [...notes])
}

/** One tensor with its two gradients. */
interface Quantity {
  readonly name: string
  readonly layer: number | string
  readonly quantity: string
  readonly x: Tensor
  readonly scale: number
  readonly autodiff: Float64Array
  readonly manual: ReadNumbers
}

function readQuantity(name: string, x: Tensor, gradient: Tensor, scale: number, numbers: Numbers): Quantity {
  const round = x.dtype === 'float32' ? Math.fround : (value: number) => value
  return {
    name: `d${name}`,
    ...parseName(name),
    x,
    scale,
    autodiff: Float64Array.from(gradient.data(), value => round(scale * value)),
    manual: readNumbers(OP, `d${name}`, numbers),
  }
}

/** Per layer, 16 roundings of its largest gradient. */
function noiseByLayer(quantities: readonly Quantity[]): Map<number | string, number> {
  const noise = new Map<number | string, number>()
  for (const { layer, autodiff, x } of quantities) {
    const rounding = 16 * epsilonOf(x.dtype) * largest(autodiff)
    noise.set(layer, Math.max(noise.get(layer) ?? 0, rounding))
  }
  return noise
}

/** Sizes above 1 of all axes of tensors that the loss was made of. */
function sizesOf(loss: Tensor): Set<number> {
  const sizes = new Set<number>()
  for (const x of topologicalOrder([loss])) {
    for (const { shape } of [x, ...(x.node?.inputs ?? [])]) {
      for (const size of shape as readonly number[]) if (size > 1) sizes.add(size)
    }
  }
  return sizes
}

function rowOf(
  loss: Tensor,
  quantity: Quantity,
  tolerance: { readonly relative: number; readonly absolute: number },
  sizes: ReadonlySet<number>,
  differences: NonNullable<CompareBackpropOptions['differences']>,
  notes: Set<string>,
): BackpropRow {
  const { name, layer, x, autodiff, manual } = quantity
  const shape = x.shape as readonly number[]
  const start = { layer, quantity: quantity.quantity, name, shape }
  const inputs = { manual, autodiff, shape, relative: tolerance.relative, sizes }
  if (!isComparable(manual, shape)) {
    const none = { maxAbs: Number.NaN, maxRel: Number.NaN, maxUlp: Number.NaN }
    const values = { manual: Number.NaN, autodiff: Number.NaN, difference: undefined }
    const { maxAbsDifference } = sampleDifferences(loss, quantity, undefined, differences, notes)
    const hint = shapeHint(inputs)
    return { ...start, ...none, worstIndex: [], ...values, maxAbsDifference, verdict: 'differs', hint }
  }
  const { maxAbs, maxRel, maxUlp, worst } = gradientDistance(manual.data, autodiff, x.dtype)
  const row = {
    ...start,
    maxAbs,
    maxRel,
    maxUlp,
    worstIndex: worst < 0 ? [] : indexAt(shape, worst),
    manual: manual.data[worst] ?? Number.NaN,
    autodiff: autodiff[worst] ?? Number.NaN,
  }
  const sampled = sampleDifferences(loss, quantity, worst, differences, notes)
  const both = { difference: sampled.worst?.value, maxAbsDifference: sampled.maxAbsDifference }
  if (maxRel <= tolerance.relative || maxAbs <= tolerance.absolute) {
    return { ...row, ...both, verdict: 'agrees' }
  }
  const right = sampled.worst === undefined ? undefined : whoIsRight(row.manual, row.autodiff, sampled.worst)
  const hint = [valueHint(inputs), right].filter(part => part !== undefined).join(' ')
  return { ...row, ...both, verdict: 'differs', ...(hint === '' ? {} : { hint }) }
}

/** Equal shapes, or the same vector once as `[n]` and once as a matrix of one row or column. */
function isComparable(manual: ReadNumbers, shape: readonly number[]): boolean {
  if (sameShape(manual.shape, shape)) return true
  if (manual.shapeless) return manual.data.length === shape.reduce((size, length) => size * length, 1)
  const vector = shape.length < 2 || manual.shape.length < 2
  return vector && sameShape(squeezed(manual.shape), squeezed(shape))
}

interface SampledDifferences {
  readonly worst: { readonly value: number; readonly uncertainty: number } | undefined
  readonly maxAbsDifference: number | undefined
}

/** Central differences at the worst entry and at a seeded sample of the others. */
function sampleDifferences(
  loss: Tensor,
  { x, scale, autodiff }: Quantity,
  worst: number | undefined,
  differences: NonNullable<CompareBackpropOptions['differences']>,
  notes: Set<string>,
): SampledDifferences {
  if (differences === false || x.size === 0) return { worst: undefined, maxAbsDifference: undefined }
  const { samples = 16, seed = 0 } = differences
  const { at, precision } = entryDifferences(loss, x)
  if (precision === 'float32') {
    notes.add(
      'the central differences were computed in float32, with a step of about 0.005: expect two or three correct digits.',
    )
  }
  const order = x.size <= samples ? Int32Array.from(autodiff.keys()) : permutation(new Rng(seed), x.size)
  const positions = new Set([...(worst === undefined ? [] : [worst]), ...order.subarray(0, samples)])
  let maxAbsDifference = 0
  let found: SampledDifferences['worst']
  for (const position of positions) {
    const { value, uncertainty } = at(position)
    const scaled = { value: scale * value, uncertainty: Math.abs(scale) * uncertainty }
    const distance = Math.abs(scaled.value - autodiff[position]!)
    maxAbsDifference = Math.max(
      maxAbsDifference,
      Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance,
    )
    if (position === worst) found = scaled
  }
  return { worst: found, maxAbsDifference }
}

/** Which of the two the central difference supports, when it is fine enough to tell. */
function whoIsRight(
  manual: number,
  autodiff: number,
  difference: { readonly value: number; readonly uncertainty: number },
): string {
  const gap = Math.abs(manual - autodiff)
  const near = (value: number): boolean => Math.abs(value - difference.value) <= 0.1 * gap
  if (!Number.isFinite(difference.value)) {
    return `The central difference is ${difference.value}: the loss itself is not finite near here.`
  }
  if (!Number.isFinite(gap)) {
    const close = (value: number): boolean =>
      Math.abs(value - difference.value) <= Math.max(10 * difference.uncertainty, 1e-3 * Math.abs(value))
    if (close(autodiff)) return 'autodiff agrees with the central difference.'
    if (close(manual)) return 'manual agrees with the central difference.'
    return `The central difference, ${formatNumber(difference.value)}, agrees with neither.`
  }
  if (!(difference.uncertainty <= 0.1 * gap))
    return 'The central difference is too coarse to say who is right.'
  if (near(autodiff)) return 'autodiff agrees with the central difference; the manual formula is off.'
  if (near(manual)) {
    return 'manual agrees with the central difference; the recorded gradient is off: a kink, a detached part, or a wrong rule of an op.'
  }
  return 'The central difference agrees with neither: a kink here, or both are off.'
}

function expectLoss(loss: Tensor): void {
  if (loss.size === 1 && loss.requiresGrad) return
  throw new GraphError(
    OP,
    loss.size === 1
      ? 'the loss was not recorded: nothing that it was made of requires gradients. Make parameters of the weights, and mind noGrad and detach.'
      : `the loss has shape ${formatShape(loss.shape)}; gradients are compared of a single number. Reduce it first (sum, mean).`,
  )
}

/** A graph with parameters of two times has values of both: no gradient of it means anything. */
function expectUnassigned(loss: Tensor, tensors: Readonly<Record<string, Tensor>>): void {
  for (const { node } of topologicalOrder([loss])) {
    for (const input of node?.inputs ?? []) {
      if (!(input instanceof Parameter) || input.assignedAt <= node!.time) continue
      const name = Object.keys(tensors).find(key => tensors[key] === input) ?? input.name ?? 'parameter'
      throw new ChangedParameterError(
        OP,
        name,
        `the parameter '${name}' was assigned after the loss had recorded it, so old and new values would be mixed. ` +
          'Compute the loss again, and the hand-derived gradients with it.',
      )
    }
  }
}

function expectKeys(
  tensors: Readonly<Record<string, Tensor>>,
  manual: Readonly<Record<string, Numbers>>,
  scale: Readonly<Record<string, number>> = {},
): void {
  const wanted = new Set(Object.keys(tensors).map(name => `d${name}`))
  const list = (keys: readonly string[]): string => keys.map(key => `'${key}'`).join(', ')
  if (wanted.size === 0) throw new ArgumentError(OP, 'there is no tensor to compare; pass { W1, z1, ... }.')
  const absent = [...wanted].filter(key => !(key in manual))
  if (absent.length > 0) {
    throw new ArgumentError(
      OP,
      `the hand-derived gradients lack ${list(absent)}; each tensor needs one, under 'd' + its name.`,
    )
  }
  for (const [what, keys] of [
    ['hand-derived gradient', Object.keys(manual)],
    ['scale', Object.keys(scale)],
  ] as const) {
    const unknown = keys.filter(key => !wanted.has(key))
    if (unknown.length > 0) {
      throw new ArgumentError(
        OP,
        `there is no tensor for the ${what} ${list(unknown)}; the tensors are ${list(Object.keys(tensors))}, ` +
          `so the keys are ${list([...wanted])}.`,
      )
    }
  }
}
