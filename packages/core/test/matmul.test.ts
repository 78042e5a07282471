import { matmul, type Tensor, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { at, positionsOf, randomTensor } from './support.ts'

/** The product by the definition, one element at a time; vectors are rows on the left and columns on the right. */
function naive(x: Tensor, y: Tensor): { shape: number[]; values: number[] } {
  const left = x.rank === 1 ? [1, ...x.shape] : [...x.shape]
  const right = y.rank === 1 ? [...y.shape, 1] : [...y.shape]
  const [m, k] = left.slice(-2) as [number, number]
  const n = right[right.length - 1]!
  const rank = Math.max(left.length, right.length) - 2
  const padded = (shape: number[]) => [...Array<number>(rank + 2 - shape.length).fill(1), ...shape]
  const [leftBatch, rightBatch] = [padded(left).slice(0, rank), padded(right).slice(0, rank)]
  const batch = leftBatch.map((size, axis) => (size === 1 ? rightBatch[axis]! : size))
  const element = (z: Tensor, sizes: number[], position: number[], row: number, column: number): number => {
    const inBatch = sizes.map((size, axis) => (size === 1 ? 0 : position[axis]!)).slice(rank + 2 - z.rank)
    return at(z, [...inBatch, row, column])
  }
  const values: number[] = []
  for (const position of positionsOf([...batch, m, n])) {
    const [i, j] = position.slice(-2) as [number, number]
    let total = 0
    for (let p = 0; p < k; p++) {
      const a = x.rank === 1 ? at(x, [p]) : element(x, leftBatch, position, i, p)
      const b = y.rank === 1 ? at(y, [p]) : element(y, rightBatch, position, p, j)
      total += a * b
    }
    values.push(total)
  }
  const shape = [...batch, ...(x.rank === 1 ? [] : [m]), ...(y.rank === 1 ? [] : [n])]
  return { shape, values }
}

const PAIRS: readonly (readonly [number[], number[]])[] = [
  [[3], [3]],
  [[2, 3], [3]],
  [[3], [3, 2]],
  [
    [2, 3],
    [3, 5],
  ],
  [[4, 2, 3], [3]],
  [[3], [4, 3, 2]],
  [
    [4, 2, 3],
    [3, 5],
  ],
  [
    [2, 3],
    [4, 3, 5],
  ],
  [
    [4, 2, 3],
    [4, 3, 5],
  ],
  [
    [1, 2, 3],
    [4, 3, 5],
  ],
  [
    [2, 1, 2, 3],
    [4, 3, 1],
  ],
  [
    [2, 4, 2, 3],
    [1, 4, 3, 2],
  ],
  [
    [1, 1],
    [1, 1],
  ],
  [
    [2, 0],
    [0, 3],
  ],
  [
    [0, 3],
    [3, 2],
  ],
  [
    [2, 3],
    [3, 0],
  ],
  [
    [0, 2, 3],
    [3, 2],
  ],
  [[0], [0]],
  [
    [7, 9],
    [9, 11],
  ],
]

describe('every combination of ranks agrees with the definition', () => {
  test.each(PAIRS)('%j × %j', (left, right) => {
    const x = randomTensor(left, 1)
    const y = randomTensor(right, 2)
    const { shape, values } = naive(x, y)
    const product = matmul(x, y)
    expect(product.shape).toEqual(shape)
    product.data().forEach((value, i) => {
      expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(1e-14)
    })
    expect(product.size).toBe(values.length)
  })
})

test('reads transposed, flipped and sliced operands in place', () => {
  const x = randomTensor([6, 5], 3)
  const y = randomTensor([7, 6], 4)
  const views: readonly (readonly [Tensor, Tensor])[] = [
    [x.transpose(), y.transpose()],
    [x.transpose().flip(), y.transpose().flip(0)],
    [x.slice([0, 6, 2]), y.slice([0, 5]).slice(null, [1, 4])],
    [x.slice(0).expand([3, 5]), y.slice([0, 5])],
  ]
  for (const [left, right] of views) {
    const { shape, values } = naive(left, right)
    const product = matmul(left, right)
    expect(product.shape).toEqual(shape)
    product.data().forEach((value, i) => {
      expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(1e-14)
    })
  }
})

test('float32 products are added up in float64 and rounded once', () => {
  const x = tensor([[1e8, 1, -1e8]])
  expect(matmul(x, tensor([[1], [1], [1]])).item()).toBe(1)
})

test('adjoints: dA = dC Bᵀ, dB = Aᵀ dC, summed over repeated batch axes', () => {
  const a = tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { requiresGrad: true },
  )
  const b = tensor(
    [
      [
        [5, 6],
        [7, 8],
      ],
      [
        [1, 0],
        [0, 1],
      ],
    ],
    { requiresGrad: true },
  )
  a.matmul(b).sum().backward()
  expect(a.grad?.toArray()).toEqual([
    [12, 16],
    [12, 16],
  ])
  expect(b.grad?.toArray()).toEqual([
    [
      [4, 4],
      [6, 6],
    ],
    [
      [4, 4],
      [6, 6],
    ],
  ])
  const v = tensor([1, 2], { requiresGrad: true })
  const w = tensor([3, 4], { requiresGrad: true })
  v.matmul(w).backward()
  expect([v.grad?.toArray(), w.grad?.toArray()]).toEqual([
    [3, 4],
    [1, 2],
  ])
})
