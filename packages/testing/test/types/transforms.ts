import { grad, hessian, jvp, scan, type Tensor, vmap, zeros } from '@adjoint/core'

interface Layer {
  readonly w: Tensor<[3, 2]>
  readonly b: Tensor<[2]>
}

const layer: Layer = { w: zeros([3, 2]), b: zeros([2]) }
const rows = zeros([5, 3])

const loss = ({ w, b }: Layer, x: Tensor<[3]>): Tensor => x.matmul(w).add(b).square().sum()

export const perSample = vmap(grad(loss), { inAxes: [null, 0] })(layer, rows)

export const curvature = hessian((tree: Layer) => loss(tree, zeros([3])))(layer).w.b

export const { tangent } = jvp((x: Tensor<[5, 3]>) => x.matmul(layer.w), rows, rows)

export const [state, outputs] = scan(
  (sum: Tensor<[3]>, x: Tensor<[3]>) => [sum.add(x), sum] as const,
  zeros([3]),
  rows,
)
