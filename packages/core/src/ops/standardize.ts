import { KERNEL_ELEMENTS, runKernel } from '../backend/kernels.ts'
import { type GroupLayout, measureGroups, momentsFor, standardizeGroups } from '../backend/standardize.ts'
import { apply } from '../graph/apply.ts'
import { type GeneralPrimitive, type Op, op } from '../primitive/primitive.ts'
import type { Draw, InputSample } from '../primitive/sample.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { type TypedArray, toFloating } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Attributes } from '../tensor/node.ts'
import { allocate, compact, type Tensor } from '../tensor/tensor.ts'
import { standardizeSlope } from './standardizeSlope.ts'

/** How groups are standardised. */
export interface StandardizeAttributes extends Attributes {
  /** Whether the mean is taken away first: otherwise elements are divided by the root of their mean square. */
  readonly centered: boolean
  /** Added to the variance under the root. */
  readonly epsilon: number
}

const primitive: GeneralPrimitive = {
  name: 'standardize',
  kind: 'general',
  keeps: 'inputs',
  // y is the gradient of n √(variance + epsilon): its Jacobian is symmetric, and both rules are one.
  vjp: (cotangent, { inputs: [x], attributes }) =>
    standardizeSlope(x!, cotangent, attributes as StandardizeAttributes),
  jvp: ([tangent], { inputs: [x], attributes }) =>
    standardizeSlope(x!, tangent!, attributes as StandardizeAttributes),
  // Axes in front of the last three are those of a batch already.
  batch: attributes => attributes,
  sample: draw => {
    const { input, attributes } = sampleGroups(draw)
    return { inputs: [input], attributes }
  },
  result: ([x]) => ({ shape: x!.shape, dtype: toFloating(x!.dtype) }),
  forward: ([x], attributes) => {
    const { centered, epsilon } = attributes as StandardizeAttributes
    const output = allocate(x!.shape, toFloating(x!.dtype))
    if (x!.size >= KERNEL_ELEMENTS && runKernel('standardize', x!.dtype, [x!], output, attributes))
      return output
    forEachStack([x!], output, ([data], [at], layout, out, outAt) => {
      const moments = momentsFor(layout)
      measureGroups(data!, at!, layout, centered, moments)
      standardizeGroups(data!, at!, layout, moments, epsilon, out, outAt)
    })
    return output
  },
}

/** `[..., outer, groups, inner] -> [..., outer, groups, inner]` */
export type StandardizeOp = (x: Tensor, attributes: StandardizeAttributes) => Tensor

/**
 * Groups of numbers brought to the mean 0 and the variance 1: (x - mean) / √(variance + epsilon), or, when `centered` is
 * false, x / √(mean x² + epsilon). A group is all elements with the same place on the axis before the last, and on the axes
 * in front of the last three: what every norm of a network comes down to, see `layerNorm` and `batchNorm`. The variance is
 * the mean of the squared deviations, computed in float64 in two passes.
 *
 * `dy = r (dx - mean dx - y mean(y dx))` with r = 1 / √(variance + epsilon).
 *
 * @throws ShapeError for fewer than three axes.
 */
export const standardize: Op<StandardizeOp> = /* @__PURE__ */ op(
  primitive,
  (x: Tensor, { centered, epsilon }: StandardizeAttributes) =>
    apply(primitive, [expectGroups('standardize', x)], { centered, epsilon }),
)

/** A tensor with axes for outer, groups and inner. */
export function expectGroups(name: string, x: Tensor): Tensor {
  if (expectTensor(name, x).rank >= 3) return x
  throw new ShapeError(
    name,
    `needs the axes [outer, groups, inner] at the end, got ${formatShape(x.shape)}; reshape it, with axes of size 1 where there are none.`,
    [x.shape],
  )
}

/** Runs a loop for every place on the axes in front of the last three. */
export function forEachStack(
  inputs: readonly Tensor[],
  output: Tensor,
  body: (
    data: readonly TypedArray[],
    at: readonly number[],
    layout: GroupLayout,
    out: TypedArray,
    outAt: number,
  ) => void,
): void {
  const { shape, size } = inputs[0]!
  const [outer, groups, inner] = shape.slice(-3) as [number, number, number]
  const each = outer * groups * inner
  if (size === 0 || output.size === 0) return
  const stacks = size / each
  const outEach = output.size / stacks
  const compacted = inputs.map(compact)
  const data = compacted.map(({ storage }) => storage)
  for (let stack = 0; stack < stacks; stack++) {
    const at = compacted.map(({ offset }) => offset + stack * each)
    body(data, at, { outer, groups, inner }, output.storage, output.offset + stack * outEach)
  }
}

/** Draws groups and settings for the laws. */
export function sampleGroups(draw: Draw): { input: InputSample; attributes: StandardizeAttributes } {
  const shape = [...draw.shape(0, 1), draw.integer(0, 3), draw.integer(0, 3), draw.integer(1, 3)]
  // Large enough that the derivatives of a group of nearly equal numbers stay moderate.
  return { input: { shape }, attributes: { centered: draw.boolean(), epsilon: 0.25 } }
}
