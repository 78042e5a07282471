import { KERNEL_ELEMENTS, runKernel } from '../backend/kernels.ts'
import { measureGroups, momentsFor, slopeOfGroups } from '../backend/standardize.ts'
import { apply } from '../graph/apply.ts'
import { type GeneralPrimitive, type Op, op } from '../primitive/primitive.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { promote, toFloating } from '../storage/dtype.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { center } from './center.ts'
import { mean } from './mean.ts'
import { mul } from './mul.ts'
import { neg } from './neg.ts'
import { rsqrt } from './rsqrt.ts'
import { square } from './square.ts'
import {
  expectGroups,
  forEachStack,
  type StandardizeAttributes,
  sampleGroups,
  standardize,
} from './standardize.ts'

const primitive: GeneralPrimitive = {
  name: 'standardizeSlope',
  kind: 'general',
  keeps: 'inputs',
  vjp: (cotangent, { inputs: [x, g], attributes }, index) =>
    index === 1
      ? standardizeSlope(x!, cotangent, attributes as StandardizeAttributes)
      : bend(x!, g!, cotangent, attributes as StandardizeAttributes),
  jvp: ([dx, dg], { inputs: [x, g], attributes }) => {
    const settings = attributes as StandardizeAttributes
    const along = dg ? standardizeSlope(x!, dg, settings) : undefined
    const turned = dx ? bend(x!, g!, dx, settings) : undefined
    return along && turned ? add(along, turned) : (along ?? turned)!
  },
  batch: attributes => attributes,
  sample: draw => {
    const { input, attributes } = sampleGroups(draw)
    return { inputs: [input, input], attributes }
  },
  result: ([x, g]) => ({ shape: x!.shape, dtype: toFloating(promote(x!.dtype, g!.dtype)) }),
  forward: ([x, g], attributes) => {
    const { centered, epsilon } = attributes as StandardizeAttributes
    const output = allocate(x!.shape, toFloating(promote(x!.dtype, g!.dtype)))
    if (x!.size >= KERNEL_ELEMENTS && x!.dtype === g!.dtype) {
      if (runKernel('standardizeSlope', x!.dtype, [x!, g!], output, attributes)) return output
    }
    forEachStack([x!, g!], output, ([data, cotangent], [at, cotangentAt], layout, out, outAt) => {
      const moments = momentsFor(layout)
      measureGroups(data!, at!, layout, centered, moments)
      slopeOfGroups(data!, at!, cotangent!, cotangentAt!, layout, centered, moments, epsilon, out, outAt)
    })
    return output
  },
}

/** `[..., outer, groups, inner], the same -> the same` */
export type StandardizeSlopeOp = (x: Tensor, g: Tensor, attributes: StandardizeAttributes) => Tensor

/**
 * The derivative of `standardize` at x along g, which is its transpose as well: J g = r (g - mean g - y mean(y g)), with
 * y = standardize(x) and r = 1 / √(variance + epsilon); without mean g when it is not centered. Linear in g.
 *
 * @throws ShapeError when the shapes differ, or for fewer than three axes.
 */
export const standardizeSlope: Op<StandardizeSlopeOp> = /* @__PURE__ */ op(
  primitive,
  (x: Tensor, g: Tensor, { centered, epsilon }: StandardizeAttributes) => {
    expectGroups('standardizeSlope', x)
    if (!sameShape(x.shape, g.shape)) {
      throw new ShapeError(
        'standardizeSlope',
        `needs two tensors of one shape, got ${formatShape(x.shape)} and ${formatShape(g.shape)}.`,
        [x.shape, g.shape],
      )
    }
    return apply(primitive, [x, g], { centered, epsilon })
  },
)

/**
 * How J turns with x: the third derivative of n √(variance + epsilon) along a and b, symmetric like every third derivative,
 * -r (y mean(a Jb) + Ja mean(y b) + Jb mean(y a)).
 */
function bend(x: Tensor, alongA: Tensor, alongB: Tensor, attributes: StandardizeAttributes): Tensor {
  const group = [-3, -1]
  // J and y are without mean when they are centered, so that a mean in a and b adds nothing but its rounding.
  const [a, b] = [alongA, alongB].map(v => (attributes.centered ? center(v, group) : v)) as [Tensor, Tensor]
  const average = (product: Tensor): Tensor => mean(product, group, { keepDims: true })
  const y = standardize(x, attributes)
  const [along, across] = [standardizeSlope(x, a, attributes), standardizeSlope(x, b, attributes)]
  const deviations = attributes.centered ? center(x, group) : x
  const r = rsqrt(add(average(square(deviations)), attributes.epsilon))
  const terms = [
    mul(y, average(mul(a, across))),
    mul(along, average(mul(y, b))),
    mul(across, average(mul(y, a))),
  ] as const
  return neg(mul(r, add(add(terms[0], terms[1]), terms[2])))
}
