/** What norms share that take mean and variance of groups of entries: the loops, and the derivation behind them. */
import { type NumericArray, zerosOf } from './array.ts'

/** Which entries belong together, and which factor and offset an entry has. */
export interface NormLayout {
  /** The group of every entry, numbered from 0. */
  readonly groupOf: Int32Array
  readonly groups: number
  /** The place of every entry in weight and bias. */
  readonly placeOf: Int32Array
}

/** What `forward` of a norm takes, besides what makes its groups. */
export interface NormForwardInputs {
  readonly x: NumericArray
  /** γ; all ones when it is left out. */
  readonly weight?: NumericArray | undefined
  /** β; all zeros when it is left out. */
  readonly bias?: NumericArray | undefined
  /** ε */
  readonly epsilon: number
}

/** What `backward` of a norm takes: dy is the derivative of L with respect to every output. */
export interface NormBackwardInputs extends Omit<NormForwardInputs, 'bias'> {
  readonly dy: NumericArray
}

/** dx, and dγ and dβ in the shape of the parameters. */
export interface NormGradients {
  readonly dx: NumericArray
  readonly dweight: NumericArray
  readonly dbias: NumericArray
}

/** Mean and variance of every group: m = (1/n) Σ x_i and v = (1/n) Σ (x_i - m)². */
export function momentsOf(
  x: NumericArray,
  { groupOf, groups }: NormLayout,
): { readonly mean: Float64Array; readonly variance: Float64Array; readonly counts: Float64Array } {
  const counts = new Float64Array(groups)
  const mean = new Float64Array(groups)
  for (let i = 0; i < x.data.length; i++) {
    counts[groupOf[i]!]! += 1
    mean[groupOf[i]!]! += x.data[i]!
  }
  for (let g = 0; g < groups; g++) mean[g]! /= counts[g]!
  const variance = new Float64Array(groups)
  for (let i = 0; i < x.data.length; i++) variance[groupOf[i]!]! += (x.data[i]! - mean[groupOf[i]!]!) ** 2
  for (let g = 0; g < groups; g++) variance[g]! /= counts[g]!
  return { mean, variance, counts }
}

/** y_i = γ x̂_i + β with x̂_i = (x_i - m) / √(v + ε), for mean and variance of the groups. */
export function normForward(
  { x, weight, bias, epsilon }: NormForwardInputs,
  { groupOf, placeOf }: NormLayout,
  { mean, variance }: { readonly mean: ArrayLike<number>; readonly variance: ArrayLike<number> },
): NumericArray {
  const y = zerosOf(x.shape, [x])
  for (let i = 0; i < x.data.length; i++) {
    const g = groupOf[i]!
    const standard = (x.data[i]! - mean[g]!) / Math.sqrt(variance[g]! + epsilon)
    y.data[i] = (weight?.data[placeOf[i]!] ?? 1) * standard + (bias?.data[placeOf[i]!] ?? 0)
  }
  return y
}

/**
 * The way back through mean and variance. For one group of n entries,
 *
 *     m = (1/n) Σ x_i     v = (1/n) Σ (x_i - m)²     x̂_i = (x_i - m) / √(v + ε)     y_i = γ_i x̂_i + β_i
 *
 * γ and β are shared by all entries of one place p, so they collect:
 *
 *     dγ_p = Σ dy_i x̂_i     dβ_p = Σ dy_i     dx̂_i = γ_i dy_i
 *
 * v is met by every x̂_i through (v + ε)^(-1/2), m by every x̂_i and by v:
 *
 *     dv = Σ dx̂_i (x_i - m) · (-1/2) (v + ε)^(-3/2)
 *     dm = -Σ dx̂_i / √(v + ε) + dv · (-2/n) Σ (x_i - m)
 *
 * where the last sum is 0, as m is the mean. And x_i is met by its x̂_i, by v, and by m:
 *
 *     dx_i = dx̂_i / √(v + ε) + dv · 2 (x_i - m) / n + dm / n
 */
export function normBackward(inputs: NormBackwardInputs, layout: NormLayout): NormGradients {
  const { dy, x, weight, epsilon } = inputs
  const { groupOf, groups, placeOf } = layout
  const { mean, variance, counts } = momentsOf(x, layout)
  const dv = new Float64Array(groups)
  const dm = new Float64Array(groups)
  for (let i = 0; i < x.data.length; i++) {
    const g = groupOf[i]!
    const spread = variance[g]! + epsilon
    const dStandard = (weight?.data[placeOf[i]!] ?? 1) * dy.data[i]!
    dv[g]! += dStandard * (x.data[i]! - mean[g]!) * -0.5 * spread ** -1.5
    dm[g]! -= dStandard / Math.sqrt(spread)
  }
  const dx = zerosOf(x.shape, [x, dy])
  for (let i = 0; i < x.data.length; i++) {
    const g = groupOf[i]!
    const n = counts[g]!
    const dStandard = (weight?.data[placeOf[i]!] ?? 1) * dy.data[i]!
    dx.data[i] =
      dStandard / Math.sqrt(variance[g]! + epsilon) + (dv[g]! * 2 * (x.data[i]! - mean[g]!)) / n + dm[g]! / n
  }
  return { dx, ...affineGradients(inputs, layout, { mean, variance }) }
}

/** dγ_p = Σ dy_i x̂_i and dβ_p = Σ dy_i. */
export function affineGradients(
  { dy, x, weight, epsilon }: NormBackwardInputs,
  { groupOf, placeOf }: NormLayout,
  { mean, variance }: { readonly mean: ArrayLike<number>; readonly variance: ArrayLike<number> },
): Pick<NormGradients, 'dweight' | 'dbias'> {
  const shape = weight?.shape ?? [placeOf.reduce((most, place) => Math.max(most, place + 1), 0)]
  const dweight = zerosOf(shape, [x, dy])
  const dbias = zerosOf(shape, [dy])
  for (let i = 0; i < x.data.length; i++) {
    const g = groupOf[i]!
    const standard = (x.data[i]! - mean[g]!) / Math.sqrt(variance[g]! + epsilon)
    dweight.data[placeOf[i]!]! += dy.data[i]! * standard
    dbias.data[placeOf[i]!]! += dy.data[i]!
  }
  return { dweight, dbias }
}

/** A layout from two rules, for `[batch, channels, ...space]`: the group and the place of an entry. */
export function layoutOf(
  { shape, data }: NumericArray,
  groups: number,
  groupAt: (example: number, channel: number) => number,
): NormLayout {
  const [, channels = 1, ...space] = shape
  const places = space.reduce((product, size) => product * size, 1)
  const groupOf = new Int32Array(data.length)
  const placeOf = new Int32Array(data.length)
  for (let i = 0; i < data.length; i++) {
    const channel = Math.floor(i / places) % channels
    const example = Math.floor(i / (places * channels))
    groupOf[i] = groupAt(example, channel)
    placeOf[i] = channel
  }
  return { groupOf, groups, placeOf }
}
