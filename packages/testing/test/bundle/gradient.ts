import { grad, mul, sum, type Tensor, tensor } from '@adjoint/core/functional'

const gradient = grad((x: Tensor) => sum(mul(x, x)))

console.log(gradient(tensor([1, 2, 3])))
