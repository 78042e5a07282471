// Every kind of specification, against the definition: a sum over all labels, one position at a time.
import { arange, einsum, matmul, ones, permute, type Tensor, tensor, transpose, zeros } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { at, errorOf, positionsOf, randomTensor } from './support.ts'

/** The sum of products by the definition, for specifications without dots. */
function naive(specification: string, operands: readonly Tensor[]): { shape: number[]; values: number[] } {
  const [left, right] = specification.replaceAll(' ', '').split('->') as [string, string | undefined]
  const inputs = left.split(',')
  const letters = [...new Set(inputs.join(''))]
  const once = letters.filter(letter => inputs.join('').split(letter).length === 2).sort()
  const output = right === undefined ? once : [...right]
  const sizeOf = (letter: string): number => {
    const sizes = inputs.flatMap((labels, i) =>
      [...labels].flatMap((label, axis) => (label === letter ? [operands[i]!.shape[axis]!] : [])),
    )
    return sizes.find(size => size !== 1) ?? 1
  }
  const inner = letters.filter(letter => !output.includes(letter))
  const values: number[] = []
  for (const position of positionsOf(output.map(sizeOf))) {
    let total = 0
    for (const rest of positionsOf(inner.map(sizeOf))) {
      const index = new Map([
        ...output.map((letter, i) => [letter, position[i]!] as const),
        ...inner.map((letter, i) => [letter, rest[i]!] as const),
      ])
      total += operands.reduce((product, x, i) => {
        const place = [...inputs[i]!].map((label, axis) => (x.shape[axis] === 1 ? 0 : index.get(label)!))
        return product * at(x, place)
      }, 1)
    }
    values.push(total)
  }
  return { shape: output.map(sizeOf), values }
}

const CASES: readonly (readonly [string, ...(readonly number[][])])[] = [
  ['ij,jk->ik', [2, 3], [3, 4]],
  ['ij,jk', [2, 3], [3, 4]],
  ['ji,jk', [2, 3], [2, 4]],
  ['ij,kj->ki', [2, 3], [4, 3]],
  ['ij->ji', [2, 3]],
  ['ij', [2, 3]],
  ['ba', [2, 3]],
  ['Ba', [2, 3]],
  ['ij->', [2, 3]],
  ['ij->j', [2, 3]],
  ['->', []],
  [',->', [], []],
  ['i,->i', [3], []],
  ['ii->i', [3, 3]],
  ['ii->', [3, 3]],
  ['ii', [3, 3]],
  ['iij->ji', [3, 3, 2]],
  ['iji->j', [3, 2, 3]],
  ['iijj->ij', [2, 2, 3, 3]],
  ['iii->i', [3, 3, 3]],
  ['iii', [3, 3, 3]],
  ['i,j->ij', [3], [2]],
  ['i,j->ji', [3], [2]],
  ['i,i->', [4], [4]],
  ['i,i->i', [4], [4]],
  ['i,i', [4], [4]],
  ['i,j->', [4], [3]],
  ['ij,ij->ij', [2, 3], [2, 3]],
  ['ij,ji->ij', [2, 3], [3, 2]],
  ['bij,bjk->bik', [2, 2, 3], [2, 3, 4]],
  ['bij,bjk->ibk', [2, 2, 3], [2, 3, 4]],
  ['bij,jk->kbi', [2, 2, 3], [3, 4]],
  ['bhqd,bhkd->bhqk', [2, 3, 2, 4], [2, 3, 5, 4]],
  ['ijk,ilm,njm,nlk,abc->', [2, 3, 2], [2, 2, 3], [4, 3, 3], [4, 2, 2], [2, 2, 2]],
  ['bi,ijk,bk->bj', [2, 2], [2, 3, 2], [2, 2]],
  ['ij,kj,lj->ikl', [2, 2], [2, 2], [3, 2]],
  ['ij,jk,kl,lm->im', [2, 3], [3, 4], [4, 2], [2, 3]],
  ['ij,jk,kl,lm,mn,no,op,pq->iq', [2, 3], [3, 2], [2, 3], [3, 2], [2, 3], [3, 2], [2, 3], [3, 2]],
  ['i,i,i->i', [3], [3], [3]],
  ['i,j,k->kij', [2], [3], [4]],
  ['ii,ij->j', [3, 3], [3, 2]],
  ['ij,j,ij,j->i', [2, 3], [3], [2, 3], [3]],
  // An axis of size 1 repeats.
  ['ij,ij->ij', [1, 3], [2, 3]],
  ['ij,jk->ik', [2, 1], [3, 4]],
  ['ij,jk->ik', [2, 1], [1, 4]],
  ['ij,ij->', [2, 1], [1, 3]],
  ['i,i->', [1], [4]],
  // Nothing to add up.
  ['ij,jk->ik', [2, 0], [0, 3]],
  ['ij,jk->ik', [0, 2], [2, 3]],
  ['ij->i', [2, 0]],
  ['ii->i', [0, 0]],
  ['ii->', [0, 0]],
  [' i j , j k -> i k ', [2, 3], [3, 4]],
]

describe('against the definition', () => {
  test.each(CASES.map(([specification, ...shapes]) => [specification, shapes] as const))(
    '%s, %j',
    (specification, shapes) => {
      const operands = shapes.map((shape, i) => randomTensor(shape, 10 + i))
      const found = einsum(specification, ...operands)
      const { shape, values } = naive(specification, operands)
      expect(found.shape).toEqual(shape)
      expect(found.dtype).toBe('float64')
      const data = found.data()
      for (const [i, value] of values.entries())
        expect(Math.abs(data[i]! - value)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)))
    },
  )

  test('operands in any layout', () => {
    const [x, y] = [randomTensor([4, 3, 2], 1), randomTensor([5, 4], 2)]
    const [turned, flipped] = [permute(x, [2, 0, 1]), y.slice([null, null, -1])]
    const { values } = naive('abc,db->acd', [turned, flipped])
    const data = einsum('abc,db->acd', turned, flipped).data()
    for (const [i, value] of values.entries()) expect(data[i]).toBeCloseTo(value, 12)
  })
})

describe('dots', () => {
  const x = randomTensor([2, 3, 4], 1)

  test('stand for all other axes', () => {
    expect(einsum('...i->...', x).toArray()).toEqual(einsum('abi->ab', x).toArray())
    expect(einsum('i...->...i', x).toArray()).toEqual(permute(x, [1, 2, 0]).toArray())
    expect(einsum('...', x).toArray()).toEqual(x.toArray())
    expect(einsum('...ij->...ji', x).toArray()).toEqual(permute(x, [0, 2, 1]).toArray())
    expect(einsum('i...j->...', x).toArray()).toEqual(einsum('iaj->a', x).toArray())
    expect(einsum('...->', x).item()).toBeCloseTo(x.sum().item(), 12)
    expect(einsum('ij...', ones([2, 3])).shape).toEqual([2, 3])
  })

  test('come first when the arrow is missing', () => {
    expect(einsum('b...a', x).shape).toEqual([3, 4, 2])
    expect(einsum('...ij,...jk', x, ones([2, 4, 5])).shape).toEqual([2, 3, 5])
    expect(einsum('...ii', ones([2, 3, 3])).toArray()).toEqual([3, 3])
  })

  test('broadcast, counted from the right', () => {
    const [a, b] = [randomTensor([2, 1, 2, 3], 1), randomTensor([3, 3, 2], 2)]
    const found = einsum('...ij,...jk->...ik', a, b)
    expect(found.shape).toEqual([2, 3, 2, 2])
    const expected = matmul(a, b).data()
    for (const [i, value] of Array.from(found.data()).entries()) expect(value).toBeCloseTo(expected[i]!, 13)
    expect(einsum('...,...->...', ones([2, 1]), ones([3])).shape).toEqual([2, 3])
    expect(einsum('...i,i->...', x, ones([4])).shape).toEqual([2, 3])
    expect(einsum('i,...i->...', ones([4]), x).shape).toEqual([2, 3])
  })

  test('may stand for nothing', () => {
    expect(einsum('...ij,...jk->...ik', ones([2, 3]), ones([3, 4])).toArray()).toEqual(
      einsum('ij,jk->ik', ones([2, 3]), ones([3, 4])).toArray(),
    )
  })
})

describe('labels in lists', () => {
  test('are the same as letters', () => {
    const [x, y] = [randomTensor([2, 3], 1), randomTensor([3, 4], 2)]
    expect(einsum(x, [0, 1], y, [1, 2], [0, 2]).toArray()).toEqual(einsum('ij,jk->ik', x, y).toArray())
    expect(einsum(x, [10, 2]).toArray()).toEqual(transpose(x).toArray())
    expect(einsum(x, ['...', 0], ['...']).toArray()).toEqual(einsum('...i->...', x).toArray())
    expect(errorOf(() => einsum(x, [0, 1], [0, 7]))).toContain("names '7' behind the arrow")
    expect(errorOf(() => einsum(x, [0, -1]))).toContain('labels are whole numbers')
  })
})

describe('dtypes', () => {
  test('are those of products and sums', () => {
    const whole = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: 'int32' },
    )
    expect(einsum('ij,jk->ik', whole, whole).dtype).toBe('int32')
    expect(einsum('ij,jk->ik', whole, whole).toArray()).toEqual([
      [7, 10],
      [15, 22],
    ])
    expect(einsum('ij->ji', tensor([[true, false]])).dtype).toBe('bool')
    expect(einsum('i,i->', arange(3), randomTensor([3], 1)).dtype).toBe('float64')
  })
})

describe('the order of products', () => {
  test('keeps what is in between small', () => {
    const [u, v, w] = [randomTensor([1500, 2], 1), randomTensor([2, 1500], 2), randomTensor([1500, 1500], 3)]
    const start = performance.now()
    einsum('ij,jk,kl->il', u, v, w)
    // From the left, the second product alone would be 1500³ multiplications, several seconds; from the right there are few.
    expect(performance.now() - start).toBeLessThan(1500)
  })
})

describe('mistakes', () => {
  test.each([
    [
      () => einsum('ij,jk->ik', ones([2, 3])),
      "ArgumentError: einsum: 'ij,jk->ik' describes 2 operands, but there are 1.",
    ],
    [
      () => einsum('ij,jk->ik', ones([2, 3]), ones([4, 5])),
      "ShapeError: einsum: in 'ij,jk->ik', 'j' has sizes 3 and 4; operands [2, 3], [4, 5].",
    ],
    [
      () => einsum('ii->i', ones([2, 3])),
      "ShapeError: einsum: in 'ii->i', 'i' has sizes 2 and 3; operands [2, 3].",
    ],
    [
      () => einsum('ii->i', ones([1, 3])),
      "ShapeError: einsum: in 'ii->i', 'i' has sizes 1 and 3; operands [1, 3].",
    ],
    [
      () => einsum('ij->k', ones([2, 3])),
      "ArgumentError: einsum: 'ij->k' names 'k' behind the arrow, but no operand has such an axis.",
    ],
    [
      () => einsum('ij->ii', ones([2, 3])),
      "ArgumentError: einsum: 'ij->ii' names 'i' twice behind the arrow.",
    ],
    [
      () => einsum('ijk->', ones([2, 3])),
      "ShapeError: einsum: 'ijk->' names 3 axes of operand 0, which has shape [2, 3].",
    ],
    [
      () => einsum('ijk...->', ones([2, 3])),
      "ShapeError: einsum: 'ijk...->' names 3 axes beside the dots of operand 0, which has shape [2, 3].",
    ],
    [
      () => einsum('i..->', ones([2, 3])),
      "ArgumentError: einsum: 'i..->' contains '.'; axes are letters, and '...' stands for all others.",
    ],
    [
      () => einsum('i1->', ones([2, 3])),
      "ArgumentError: einsum: 'i1->' contains '1'; axes are letters, and '...' stands for all others.",
    ],
    [
      () => einsum('...i...->', ones([2, 3])),
      "ArgumentError: einsum: '...i...->' has '...' twice in operand 0.",
    ],
    [() => einsum('i->j->k', ones([2])), "ArgumentError: einsum: 'i->j->k' has more than one arrow."],
    [
      () => einsum('...i,...i->...', ones([2, 3]), ones([4, 3])),
      "ShapeError: einsum: in '...i,...i->...', axis -1 of the dots has sizes 2 and 4; operands [2, 3], [4, 3].",
    ],
    [
      () => einsum('i', 3 as never),
      "ArgumentError: einsum: takes a text such as 'ij,jk->ik' and tensors, got 3.",
    ],
    [
      () => einsum(undefined as never),
      'ArgumentError: einsum: takes a text and tensors, or tensors and lists of labels in turn; got undefined.',
    ],
  ])('%#', (body, message) => {
    expect(errorOf(body)).toBe(message)
  })

  test('an empty result is none', () => {
    expect(einsum('ij,jk->ik', zeros([0, 2]), zeros([2, 0])).shape).toEqual([0, 0])
  })
})
