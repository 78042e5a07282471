/** What `coldStart` measures of Adjoint: imports, one gradient, the end. `node adjointColdStart.js eager|compiled` */

import { type Tensor, tensor, valueAndGrad } from '@adjoint/core'

const slope = valueAndGrad((x: Tensor) => x.square().sum())
let f = (x: Tensor): readonly Tensor[] => {
  const { value, grad } = slope(x)
  return [value, grad]
}
if (process.argv[2] === 'compiled') {
  const name: string = '@adjoint/compile'
  const { compile } = (await import(name)) as { compile: (g: typeof f) => typeof f }
  f = compile(f)
}
const [, gradient] = f(tensor([1, 2, 3]) as Tensor)
if (String(gradient!.toArray()) !== '2,4,6') throw new Error('a wrong gradient')
