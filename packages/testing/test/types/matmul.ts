import { zeros } from '@adjoint/core'

const x = zeros([64, 784])
const w1 = zeros([784, 256])
const w2 = zeros([256, 128])
const w3 = zeros([128, 10])

export const logits = x.matmul(w1).relu().matmul(w2).relu().matmul(w3)
