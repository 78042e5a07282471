import { KERNEL_ELEMENTS, runKernel } from '../backend/kernels.ts'
import { pairwise } from '../backend/pairwise.ts'
import { runTernary } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import type { LineAttributes } from '../primitive/alongAxis.ts'
import { type LinearPrimitive, type Op, op } from '../primitive/primitive.ts'
import { reduceGroups, sampleReduction, shiftAxes } from '../primitive/reduction.ts'
import { reducedAxes } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { type TypedArray, toFloating } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'

/** Σ (x - from), one after the other. */
function sumFrom(count: number, x: TypedArray, at: number, step: number, from: number): number {
  let total = 0
  for (let i = 0; i < count; i++) total += x[at + i * step]! - from
  return total
}

const primitive: LinearPrimitive = {
  name: 'center',
  kind: 'linear',
  keeps: 'nothing',
  // The projection onto what has the mean 0 is symmetric.
  transposeFor:
    () =>
    (cotangent, { attributes }) =>
      apply(primitive, [cotangent], attributes),
  batch: shiftAxes,
  sample: draw => {
    const { inputs, attributes } = sampleReduction('real', 0)(draw)
    return { inputs, attributes: { axes: attributes.axes } }
  },
  result: ([x]) => ({ shape: x!.shape, dtype: toFloating(x!.dtype) }),
  forward: ([x], attributes) => {
    const { axes } = attributes as LineAttributes
    const output = allocate(x!.shape, toFloating(x!.dtype))
    if (output.size === 0) return output
    if (x!.size >= KERNEL_ELEMENTS && runKernel('center', x!.dtype, [x!], output, attributes)) return output
    const groups = { axes, keepDims: true }
    const first = reduceGroups(undefined, x!, groups, 'float64', (_, data, at) => data[at]!)
    const mean = reduceGroups(
      undefined,
      x!,
      groups,
      'float64',
      (count, data, at, step) => pairwise(sumFrom, count, data, at, step, data[at]!) / count,
    )
    runTernary(
      (count, a, aAt, aStep, b, bAt, bStep, c, cAt, cStep, out, outAt, outStep) => {
        for (let i = 0; i < count; i++) {
          // The mean in two parts, so that a large first element does not round away what is small beside it.
          const [from, shift] = [b[bAt + i * bStep]!, c[cAt + i * cStep]!]
          const mean = from + shift
          const rest = from - mean + shift
          out[outAt + i * outStep] = a[aAt + i * aStep]! - mean - rest
        }
      },
      [x!, first, mean],
      output,
    )
    return output
  },
}

/** `[...s] -> [...s]` over one axis, several, or (without `axis`) all of them. */
export type CenterOp = <S extends Shape>(x: Tensor<S>, axis?: number | readonly number[]) => Tensor<S>

/**
 * The deviations from the mean over one axis, several, or all: x - mean(x). Computed in float64 from the first element of
 * each group on, so that neither a common offset nor rounding of the mean spoils them: equal elements give exactly 0.
 *
 * @example
 * ```ts
 * import { center, tensor } from '@adjoint/core'
 * center(tensor([1, 2, 6])).toArray() // => [-2, -1, 3]
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const center: Op<CenterOp> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(x: Tensor<S>, axis?: number | readonly number[]) =>
    apply(primitive, [expectTensor('center', x)], { axes: reducedAxes('center', axis, x.rank) }) as Tensor<S>,
)
