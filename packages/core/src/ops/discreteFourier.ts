import { lineTransform } from '../backend/fourier.ts'
import { forEachRow } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import { type LinearPrimitive, type Op, op } from '../primitive/primitive.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { toFloating } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'

// As a matrix over the complex numbers the transform is symmetric, and the transpose of a real map of pairs is the
// conjugate transpose of the complex one: the transform in the other direction.
const primitive: LinearPrimitive = {
  name: 'discreteFourier',
  kind: 'linear',
  keeps: 'nothing',
  transposeFor:
    () =>
    (cotangent, { attributes }) =>
      discreteFourier(cotangent, attributes.axis as number, !attributes.inverse),
  batch: attributes => ({ ...attributes, axis: (attributes.axis as number) + 1 }),
  sample: draw => {
    const shape = draw.shape(1, 3)
    const axis = draw.integer(0, shape.length - 1)
    const sizes = shape.map((size, k) => (k === axis ? Math.max(1, size) : size))
    return { inputs: [{ shape: [...sizes, 2] }], attributes: { axis, inverse: draw.boolean() } }
  },
  result: ([x]) => ({ shape: x!.shape, dtype: toFloating(x!.dtype) }),
  forward: ([x], { axis, inverse }) => transformed(x!, axis as number, inverse as boolean),
}

function transformed(x: Tensor, axis: number, inverse: boolean): Tensor {
  const output = allocate(x.shape, toFloating(x.dtype))
  const n = x.shape[axis]!
  const last = x.rank - 1
  const others = (values: readonly number[]): number[] =>
    values.filter((_, k) => k !== axis && k !== last) as number[]
  const transform = lineTransform(n)
  // The transform of exchanged parts is the inverse one, exchanged.
  const parts = [new Float64Array(n), new Float64Array(n)] as const
  const [first, second] = inverse ? [1, 0] : [0, 1]
  const strides = [others(x.strides), others(output.strides)]
  const [from, to] = [x.strides, output.strides]
  forEachRow(others(x.shape), strides, [x.offset, output.offset], (count, at, step) => {
    for (let i = 0; i < count; i++) {
      const [source, target] = [at[0]! + i * step[0]!, at[1]! + i * step[1]!]
      for (let k = 0; k < n; k++) {
        parts[first]![k] = x.storage[source + k * from[axis]!]!
        parts[second]![k] = x.storage[source + k * from[axis]! + from[last]!]!
      }
      transform(parts[0], parts[1])
      for (let k = 0; k < n; k++) {
        output.storage[target + k * to[axis]!] = parts[first]![k]!
        output.storage[target + k * to[axis]! + to[last]!] = parts[second]![k]!
      }
    }
  })
  return output
}

/** `[...a, n, ...c, 2] -> [...a, n, ...c, 2]` */
export type DiscreteFourierOp = (x: Tensor, axis: number, inverse: boolean) => Tensor

/**
 * X_k = Σ x_j e^(∓2πi jk/n) along an axis, without a factor, of complex numbers that are pairs (re, im) on the last axis;
 * with `inverse` the sign is plus. `fft` and its kin are made of it. Linear: its transpose is the one in the other direction.
 *
 * @throws ShapeError unless the last axis has size 2 and the transformed one at least one element.
 */
export const discreteFourier: Op<DiscreteFourierOp> = /* @__PURE__ */ op(
  primitive,
  (x: Tensor, axis: number, inverse: boolean) => {
    const { shape, rank } = expectTensor('discreteFourier', x)
    if (rank < 2 || shape[rank - 1] !== 2 || axis < 0 || axis >= rank - 1 || shape[axis] === 0) {
      throw new ShapeError(
        'discreteFourier',
        `needs pairs (re, im) on the last axis and something along axis ${axis}, got ${formatShape(shape)}.`,
        [shape],
      )
    }
    return apply(primitive, [x], { axis, inverse })
  },
)
