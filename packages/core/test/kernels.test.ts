// Kernels from outside: who is asked, with what, and what happens when there is none or it declines.
import {
  add,
  argmax,
  convolution,
  exp,
  lerp,
  logSoftmax,
  maskedSoftmax,
  matmul,
  matrixTranspose,
  ones,
  Rng,
  softmax,
  sum,
  type Tensor,
  tensor,
  where,
} from '@adjoint/core'
import { type Kernel, kernel, provideKernel, type Strided, standardize } from '@adjoint/core/engine'
import { afterEach, describe, expect, test } from 'vitest'

const takenBack: (() => void)[] = []

/** {@link provideKernel}, taken back after the test. */
function provided(primitive: string, body: Kernel): void {
  takenBack.push(provideKernel(primitive, 'float32', body))
}

afterEach(() => {
  for (const takeBack of takenBack.splice(0)) takeBack()
})

const rng = new Rng(7)
const square = rng.normal([64, 48])
const turned = matrixTranspose(rng.normal([48, 64]))
const row = rng.normal([48])

/** A call of each op that asks, above the size; operands are strided, broadcast and batched. */
const CALLS: Readonly<Record<string, () => Tensor>> = {
  exp: () => exp(turned),
  add: () => add(turned, row),
  lerp: () => lerp(square, row, turned),
  where: () => where(square.greater(0), turned, row),
  sum: () => sum(turned, 0),
  argmax: () => argmax(turned, 1),
  softmax: () => softmax(turned, 0),
  logSoftmax: () => logSoftmax(turned),
  maskedSoftmax: () => maskedSoftmax(turned, row.greater(0)),
  standardize: () => standardize(turned.reshape([64, 48, 1]), { centered: true, epsilon: 0.1 }),
  matmul: () => matmul(rng.normal([3, 64, 48]), matrixTranspose(square)),
  convolution: () => convolution(square.reshape([1, 4, 16, 48]), ones([2, 4, 3, 3])),
  cast: () => turned.cast('float64'),
}

describe.each(Object.entries(CALLS))('%s', (primitive, call) => {
  test('asks for a kernel, which fills the result', () => {
    let zeros = true
    provided(primitive, (_, out) => {
      zeros = out.storage.subarray(out.offset, out.offset + out.size).every(value => value === 0)
      out.storage.fill(1, out.offset, out.offset + out.size)
      return true
    })
    const result = call()
    expect(result.data().every(value => value === 1)).toBe(true)
    expect(result.contiguous).toBe(true)
    expect(zeros).toBe(true)
  })

  test('is what it was before when the kernel declines, and after it was taken back', () => {
    const before = kernel(primitive, 'float32')
    const expected = call().shape
    let asked = 0
    provided(primitive, () => {
      asked++
      return false
    })
    const declined = call()
    expect(asked).toBe(1)
    expect(declined.shape).toEqual(expected)
    for (const takeBack of takenBack.splice(0)) takeBack()
    expect(kernel(primitive, 'float32')).toBe(before)
    call()
    expect(asked).toBe(1)
  })
})

test('a declined call has the values of the reference', () => {
  const before = [exp(turned), sum(turned, 0), matmul(turned, matrixTranspose(square))].map(x => x.data())
  for (const primitive of ['exp', 'sum', 'matmul']) provided(primitive, () => false)
  const after = [exp(turned), sum(turned, 0), matmul(turned, matrixTranspose(square))].map(x => x.data())
  expect(after).toEqual(before)
})

test('operands come with their own shapes and strides, attributes as they are', () => {
  const seen: { shape: readonly number[]; strides: readonly number[]; offset: number }[] = []
  let axes: unknown
  const look = ({ shape, strides, offset }: Strided) => seen.push({ shape, strides, offset })
  provided('add', inputs => {
    inputs.forEach(look)
    return false
  })
  provided('sum', (inputs, _, attributes) => {
    inputs.forEach(look)
    axes = attributes.axes
    return false
  })
  add(turned, row)
  sum(turned, 0)
  const view = { shape: [64, 48], strides: [1, 64], offset: turned.offset }
  expect(seen).toEqual([view, { shape: [48], strides: [1], offset: row.offset }, view])
  expect(axes).toEqual([0])
})

test('nobody is asked for small tensors, other dtypes and mixed ones', () => {
  provided('add', () => {
    throw new Error('asked')
  })
  add(ones([9, 14]), ones([14]))
  add(ones([64, 64], { dtype: 'float64' }), 1)
  add(ones([64, 64]), ones([64, 64], { dtype: 'int32' }))
  expect(() => add(ones([8, 16]), 1)).toThrow('asked')
})

test('the last one provided goes first, and hands on what it declines', () => {
  const order: string[] = []
  const saying =
    (name: string, does: boolean): Kernel =>
    () => {
      order.push(name)
      return does
    }
  provided('exp', saying('first', true))
  const takeBack = provideKernel('exp', 'float32', saying('second', false))
  provided('exp', saying('third', false))
  exp(turned)
  takeBack()
  takeBack()
  exp(turned)
  expect(order).toEqual(['third', 'second', 'first', 'third', 'first'])
})

test('a gradient goes through kernels as well', () => {
  provided('exp', (inputs, out) => {
    const [x] = inputs
    for (let i = 0; i < out.size; i++) out.storage[out.offset + i] = 2 * x!.storage[x!.offset + i]!
    return true
  })
  const x = tensor(square.data(), { shape: [64, 48], requiresGrad: true })
  exp(x).sum().backward()
  // The rule of exp is its output.
  expect(x.grad!.data()).toEqual(square.mul(2).data())
})
