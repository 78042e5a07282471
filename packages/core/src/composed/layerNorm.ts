import { permute } from '../ops/permute.ts'
import { reshape } from '../ops/reshape.ts'
import { standardize } from '../ops/standardize.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe, formatShape, ShapeError } from '../shape/errors.ts'
import { reducedAxes, sameShape, sizeOf } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type AffineOptions, affine, expectEpsilon } from './affine.ts'

/** Which part of a tensor a norm takes together: the sizes of its last axes, or axes by their numbers. */
export type NormalizedPart =
  | number
  | readonly number[]
  | {
      /** The axes, in any order; negative ones count from the end. */
      readonly axes: number | readonly number[]
    }

/** Settings of {@link layerNorm}. */
export interface LayerNormOptions extends AffineOptions {
  /** Added to the variance under the root. Default 1e-5. */
  readonly epsilon?: number
}

/**
 * Each example brought to the mean 0 and the variance 1, then scaled and moved, place by place:
 * (x - mean) / √(variance + epsilon) * weight + bias. Mean and variance are those of the last axes, whose sizes are named,
 * or of the axes in `{ axes }`; weight and bias have the sizes of these axes, in the order of the tensor.
 * `[...batch, ...shape] -> [...batch, ...shape]`.
 *
 * The variance is the mean of the squared deviations, computed in float64 in two passes. Equal elements give exactly 0; with
 * epsilon 0 they give NaN. Source: J. Ba, J. Kiros and G. Hinton, "Layer normalization", 2016.
 *
 * @param shape sizes of the last axes, `[4]` or 4, or `{ axes: [1] }`
 * @example
 * ```ts
 * import { layerNorm, tensor } from '@adjoint/core'
 * const x = tensor([[1, 3], [-5, 5]])
 * layerNorm(x, 2, { epsilon: 0 }).toArray() // => [[-1, 1], [-1, 1]]
 * layerNorm(x, { axes: 0 }, { epsilon: 0, weight: tensor([10, 1]) }).toArray() // => [[10, -10], [-1, 1]]
 * ```
 * @throws ShapeError when the tensor does not end in `shape`, or weight or bias do not have it; AxisError for an axis
 * outside of the rank; ArgumentError for an epsilon below 0.
 */
export function layerNorm<S extends Shape>(
  x: Tensor<S>,
  shape: NormalizedPart,
  options: LayerNormOptions = {},
): Tensor<S> {
  expectOptions('layerNorm', options, ['weight', 'bias', 'epsilon'])
  const epsilon = expectEpsilon('layerNorm', options.epsilon ?? 1e-5)
  return normalizePart('layerNorm', x as Tensor, shape, true, epsilon, options) as unknown as Tensor<S>
}

/** What `layerNorm` and `rmsNorm` share. */
export function normalizePart(
  op: string,
  x: Tensor,
  part: NormalizedPart,
  centered: boolean,
  epsilon: number,
  options: AffineOptions,
): Tensor {
  const axes = partAxes(op, expectTensor(op, x), part)
  const kept = x.shape.map((_, axis) => axis).filter(axis => !axes.includes(axis))
  const isLast = axes.every((axis, i) => axis === kept.length + i)
  const order = [...kept, ...axes]
  const sorted = isLast ? x : permute(x, order)
  const given = axes.map(axis => x.shape[axis]!)
  const rows = kept.reduce((total, axis) => total * x.shape[axis]!, 1)
  const standard = standardize(reshape(sorted, [1, rows, sizeOf(given)]), { centered, epsilon })
  const shaped = reshape(standard, sorted.shape)
  const normalized = isLast ? shaped : permute(shaped, inverseOf(order))
  const seen = x.shape.map((size, axis) => (axes.includes(axis) ? size : 1))
  return affine(op, normalized, options, given, seen)
}

/** The axes of a part, ascending. */
function partAxes(op: string, x: Tensor, part: NormalizedPart): readonly number[] {
  if (typeof part === 'object' && !Array.isArray(part)) {
    const settings = part as { readonly axes: number | readonly number[] }
    expectOptions(op, settings, ['axes'])
    if (settings.axes === undefined) throw new ArgumentError(op, 'needs the axes, { axes: [1, 2] }.')
    return reducedAxes(op, settings.axes, x.rank)
  }
  const sizes = (typeof part === 'number' ? [part] : part) as readonly number[]
  if (!Array.isArray(sizes) || !sizes.every(size => Number.isInteger(size) && size >= 0)) {
    throw new ArgumentError(op, `takes the sizes of the last axes, [4], or { axes }, got ${describe(part)}.`)
  }
  const first = x.rank - sizes.length
  if (first < 0 || !sameShape(x.shape.slice(first), sizes)) {
    throw new ShapeError(
      op,
      `takes tensors whose shape ends in ${formatShape(sizes)}, got ${formatShape(x.shape)}; to name axes instead of sizes say { axes }.`,
      [x.shape],
    )
  }
  return sizes.map((_, i) => first + i)
}

function inverseOf(order: readonly number[]): number[] {
  const inverse = new Array<number>(order.length)
  for (const [to, from] of order.entries()) inverse[from] = to
  return inverse
}
