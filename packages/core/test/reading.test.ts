import { arange, ones, tensor, zeros } from '@adjoint/core'
import { expect, test } from 'vitest'
import { errorOf } from './support.ts'

test('toArray nests as deeply as the tensor has axes', () => {
  expect(tensor([[1, 2]]).toArray()).toEqual([[1, 2]])
  expect(tensor(true).toArray()).toBe(true)
  expect(zeros([2, 0, 3]).toArray()).toEqual([[], []])
  expect(zeros([0, 2]).toArray()).toEqual([])
  expect(arange(8).reshape([2, 2, 2]).permute([2, 0, 1]).toArray()).toEqual([
    [
      [0, 2],
      [4, 6],
    ],
    [
      [1, 3],
      [5, 7],
    ],
  ])
})

test('data is in row-major order whatever the strides', () => {
  const x = arange(6).reshape([2, 3])
  expect(x.transpose().data()).toEqual(new Float32Array([0, 3, 1, 4, 2, 5]))
  expect(x.flip().data()).toEqual(new Float32Array([5, 4, 3, 2, 1, 0]))
  expect(x.slice(null, [null, null, 2]).data()).toEqual(new Float32Array([0, 2, 3, 5]))
  expect(tensor([1, 2]).expand([2, 2]).data()).toEqual(new Float32Array([1, 2, 1, 2]))
})

test('item reads the one element of any rank', () => {
  expect(tensor([[[4]]]).item()).toBe(4)
  expect(tensor(true).item()).toBe(1)
  expect(arange(6).slice(4).item()).toBe(4)
  expect(errorOf(() => ones([2, 2]).item())).toBe(
    'ShapeError: item: needs a tensor with one element, got shape [2, 2] with 4. Reduce it first (sum, mean) or use toArray().',
  )
  expect(errorOf(() => zeros([0]).item())).toBe(
    'ShapeError: item: needs a tensor with one element, got shape [0] with 0. Reduce it first (sum, mean) or use toArray().',
  )
})

test('movements look into the same memory and copy nothing', () => {
  // Above 2048 elements a tensor has an array of its own, so that a shared array means shared memory.
  const x = arange(2400).reshape([2, 3, 400])
  const views = [
    x.transpose(),
    x.permute([2, 0, 1]),
    x.reshape([6, 400]),
    x.slice([1, 2]),
    x.flip(1),
    x.expand([5, 2, 3, 400]),
    x.squeeze(),
    x.unsqueeze(0),
    x.detach(),
    x.flatten(),
  ]
  for (const view of views) expect(view.storage).toBe(x.storage)
})

test('reshape copies only when no strides can say the new shape', () => {
  const turned = arange(2400).reshape([2, 1200]).transpose()
  expect(turned.reshape([1200, 1, 2]).storage).toBe(turned.storage)
  expect(turned.reshape([2400]).storage).not.toBe(turned.storage)
  expect(turned.reshape([2400]).data().slice(0, 5)).toEqual(new Float32Array([0, 1200, 1, 1201, 2]))
})

test('what is read out is a copy: writing to it changes no tensor', () => {
  const x = arange(4)
  const view = x.reshape([2, 2])
  view.data().fill(9)
  ;(x.toArray() as number[])[0] = 9
  expect(x.toArray()).toEqual([0, 1, 2, 3])
  expect(view.toArray()).toEqual([
    [0, 1],
    [2, 3],
  ])
})

test('expectShape lets a fitting tensor through and names the one that does not fit', () => {
  const x = ones([3, 4, 3])
  expect(x.expectShape([3, 4, 3])).toBe(x)
  expect(x.expectShape(['m', -1, 'm'])).toBe(x)
  expect(errorOf(() => x.named('images').expectShape(['m', 'm', 3]))).toBe(
    "ShapeError: expectShape: expected [m, m, 3], got [3, 4, 3] for 'images'.",
  )
  expect(errorOf(() => ones([3]).expectShape([3, 1]))).toBe(
    'ShapeError: expectShape: expected [3, 1], got [3].',
  )
})

test('strides, offset, rank, size, contiguous describe the view', () => {
  const x = arange(12).reshape([3, 4])
  const part = x.slice([1, 3], [0, 4, 2])
  expect({ rank: part.rank, size: part.size, strides: part.strides, contiguous: part.contiguous }).toEqual({
    rank: 2,
    size: 4,
    strides: [4, 2],
    contiguous: false,
  })
  expect(part.offset - x.offset).toBe(4)
  expect(x.slice([1, 2]).contiguous).toBe(true)
})

test('as JSON: shape, dtype and elements, no memory of others, nothing lost', () => {
  const x = tensor(
    [
      [0.1, Number.NaN],
      [Number.POSITIVE_INFINITY, -0],
    ],
    { dtype: 'float32' },
  )
  const { shape, dtype, data } = JSON.parse(JSON.stringify(x)) as ReturnType<typeof x.toJSON>
  expect([shape, dtype, data.slice(1)]).toEqual([[2, 2], 'float32', ['NaN', 'Infinity', '-0']])
  expect(tensor(data.map(Number), { shape, dtype }).data()).toEqual(x.data())
})
