import { KERNEL_ELEMENTS, runKernel } from '../backend/kernels.ts'
import { measureGroups, momentsFor } from '../backend/standardize.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { NO_ATTRIBUTES, type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import { toFloating } from '../storage/dtype.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, type Tensor } from '../tensor/tensor.ts'
import { expectGroups, forEachStack, sampleGroups } from './standardize.ts'

const result: ShapeRule = ([x]) => ({
  shape: [...x!.shape.slice(0, -3), 2, x!.shape.at(-2)!],
  dtype: toFloating(x!.dtype),
})

const primitive: NonDifferentiablePrimitive = {
  name: 'groupMoments',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'the statistics that a layer remembers are constants; variance and mean have derivatives',
  batch: attributes => attributes,
  sample: draw => ({ inputs: [sampleGroups(draw).input], attributes: NO_ATTRIBUTES }),
  result,
  forward: (inputs, attributes) => {
    const [x] = inputs
    const groups = x!.shape.at(-2)!
    const output = allocateResult(result(inputs, attributes))
    if (x!.size >= KERNEL_ELEMENTS && runKernel('groupMoments', x!.dtype, [x!], output, attributes))
      return output
    // Of no elements there is no mean.
    if (x!.size === 0) output.storage.fill(Number.NaN, output.offset, output.offset + output.size)
    forEachStack([x!], output, ([data], [at], layout, out, outAt) => {
      const moments = momentsFor(layout)
      measureGroups(data!, at!, layout, true, moments)
      for (let g = 0; g < groups; g++) {
        out[outAt + g] = moments.base[g]! + moments.shift[g]!
        out[outAt + groups + g] = moments.variance[g]!
      }
    })
    return output
  },
}

/** `[..., outer, groups, inner] -> [..., 2, groups]` */
export type GroupMomentsOp = (x: Tensor) => Tensor

/**
 * The mean of each group, and below it the mean of the squared deviations: in the order of memory, so that statistics over
 * the first and the last axes at once need no copy. A constant.
 *
 * @throws ShapeError for fewer than three axes.
 */
export const groupMoments: Op<GroupMomentsOp> = /* @__PURE__ */ op(primitive, (x: Tensor) =>
  runUnrecorded(primitive, [expectGroups('groupMoments', x)], NO_ATTRIBUTES),
)
