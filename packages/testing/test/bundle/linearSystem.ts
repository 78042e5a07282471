import { grad, solve, sum, type Tensor, tensor } from '@adjoint/core/functional'

const matrix = tensor([
  [2, 1],
  [1, 3],
])
const gradient = grad((rightSide: Tensor) => sum(solve(matrix, rightSide)))

console.log(gradient(tensor([1, 2])))
