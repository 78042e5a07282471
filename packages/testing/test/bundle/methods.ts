import { tensor } from '@adjoint/core'

console.log(tensor([1, 2]).mul(3))
