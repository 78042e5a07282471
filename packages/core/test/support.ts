/** Helpers of the tests: whole error messages as text, and random tensors in float64. */

import { Rng, type Tensor, tensor } from '@adjoint/core'

/** `ClassName: message` of what a function throws, `'no error'` when it throws nothing. */
export function errorOf(body: () => unknown): string {
  try {
    body()
  } catch (error) {
    return error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error)
  }
  return 'no error'
}

/** Float64 normal numbers of a shape, the same for the same seed. */
export function randomTensor(shape: readonly number[], seed: number): Tensor {
  return new Rng(seed).normal(shape, { dtype: 'float64' })
}

/** A 0-d float64 tensor that gradients flow to. */
export function variable(value: number): Tensor<[]> {
  return tensor(value, { dtype: 'float64', requiresGrad: true })
}

/** Every position of a shape in row-major order. */
export function* positionsOf(shape: readonly number[]): Generator<number[]> {
  if (shape.includes(0)) return
  const position = shape.map(() => 0)
  for (;;) {
    yield [...position]
    let axis = shape.length - 1
    while (axis >= 0 && ++position[axis]! === shape[axis]) position[axis--] = 0
    if (axis < 0) return
  }
}

/** Element of a tensor at a position, read through its nested arrays. */
export function at(x: Tensor, position: readonly number[]): number {
  const data = x.data()
  let index = 0
  for (let axis = 0; axis < position.length; axis++) index = index * x.shape[axis]! + position[axis]!
  return data[index]!
}

/** The gradient of a tensor, looked at afresh: the compiler remembers a `null` that was assigned before `backward`. */
export function gradOf(x: Tensor): Tensor | null {
  return x.grad
}

/** How far two numbers are from each other, in units in the last place of the larger, which is at least a normal number. */
export function ulpDistance(a: number, b: number, dtype: 'float32' | 'float64' | 'int32' | 'bool'): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0
  const [digits, least, limit] = dtype === 'float32' ? [23, -126, 2 ** 128] : [52, -1022, Number.MAX_VALUE]
  // An infinity stands for the first number that is too large.
  const [x, y] = [a, b].map(value => Math.max(-limit, Math.min(limit, value))) as [number, number]
  const exponent = Math.max(least, Math.floor(Math.log2(Math.max(Math.abs(x), Math.abs(y)))))
  return Math.abs(x - y) / 2 ** (exponent - digits)
}
