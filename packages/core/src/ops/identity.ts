import { apply } from '../graph/apply.ts'
import { movement } from '../primitive/movement.ts'
import { NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { expectTensor } from '../tensor/create.ts'
import { sameView, type Tensor } from '../tensor/tensor.ts'

const primitive = /* @__PURE__ */ movement({
  name: 'identity',
  shape: from => from,
  move: sameView,
  transpose: cotangent => cotangent,
  batch: 'leading',
  sample: draw => ({ inputs: [{ shape: draw.shape(0, 3) }], attributes: NO_ATTRIBUTES }),
})

/** The same values as another tensor of the graph: something to differentiate with respect to, or to name. */
export const identity: Op<UnaryOp> = /* @__PURE__ */ op(primitive, ((x: Tensor) =>
  apply(primitive, [expectTensor('identity', x)], NO_ATTRIBUTES)) as UnaryOp)
