// Axes by name: against permute, reshape and reductions by hand, and the message of every mistake.
import {
  arange,
  gradients,
  logSumExp,
  rearrange,
  reduceAxes,
  repeatAxes,
  tensor,
  vmap,
  zeros,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf, randomTensor } from './support.ts'

const x = arange(24).reshape([2, 3, 4])

describe('rearrange', () => {
  test('moves axes, as a view', () => {
    const moved = rearrange(x, 'a b c -> c a b')
    expect(moved.toArray()).toEqual(x.permute([2, 0, 1]).toArray())
    expect(moved.storage).toBe(x.storage)
  })

  test('joins and splits', () => {
    expect(rearrange(x, 'a b c -> (a b) c').toArray()).toEqual(x.reshape([6, 4]).toArray())
    expect(rearrange(x, 'a b c -> a (c b)').toArray()).toEqual(
      x.permute([0, 2, 1]).reshape([2, 12]).toArray(),
    )
    expect(rearrange(x, 'a b (c d) -> d a (b c)', { c: 2 }).toArray()).toEqual(
      x.reshape([2, 3, 2, 2]).permute([3, 0, 1, 2]).reshape([2, 2, 6]).toArray(),
    )
    expect(rearrange(arange(8), '(a b c) -> c b a', { a: 2, c: 2 }).shape).toEqual([2, 2, 2])
  })

  test('dots, ones and empty parentheses', () => {
    expect(rearrange(x, 'a ... -> ... a').shape).toEqual([3, 4, 2])
    expect(rearrange(x, 'a ... -> (...) a').shape).toEqual([12, 2])
    expect(rearrange(x, 'a ... -> a (... 1) ()').shape).toEqual([2, 12, 1])
    expect(rearrange(x, '... -> (...)').shape).toEqual([24])
    expect(rearrange(x, 'a ... -> (a ...)').shape).toEqual([24])
    expect(rearrange(x, 'a b c ... -> ... c b a').shape).toEqual([4, 3, 2])
    expect(rearrange(zeros([2, 1]), 'a 1 -> 1 a ()').shape).toEqual([1, 2, 1])
    expect(rearrange(tensor(5), '-> 1 1').toArray()).toEqual([[5]])
    expect(rearrange(tensor([5]), '1 ->').toArray()).toEqual(5)
    expect(rearrange(x, 'a_1 _b c->c a_1 _b').shape).toEqual([4, 2, 3])
  })

  test('empty axes', () => {
    expect(rearrange(zeros([0, 3]), 'a b -> (b a)').shape).toEqual([0])
    expect(rearrange(zeros([0, 3]), '(a c) b -> a b c', { c: 2 }).shape).toEqual([0, 3, 2])
  })

  test('a list of tensors is one with a first axis', () => {
    expect(rearrange([tensor([1, 2]), tensor([3, 4])], 'n a -> a n').toArray()).toEqual([
      [1, 3],
      [2, 4],
    ])
  })

  test('splitting and joining undo each other, gradients included', () => {
    const image = randomTensor([2, 4, 6, 3], 1)
    image.requiresGrad = true
    const there = rearrange(image, 'b (h p) (w q) c -> (b h w) (p q c)', { p: 2, q: 3 })
    expect(there.shape).toEqual([8, 18])
    const back = rearrange(there, '(b h w) (p q c) -> b (h p) (w q) c', { b: 2, h: 2, p: 2, q: 3 })
    expect(back.toArray()).toEqual(image.toArray())
    const weights = randomTensor([2, 4, 6, 3], 2)
    expect(gradients(back.mul(weights).sum(), [image])[0]!.toArray()).toEqual(weights.toArray())
  })

  test('works within vmap', () => {
    const batch = vmap((one: typeof x) => rearrange(one as never, 'b c -> (c b)'))(x)
    expect(batch.toArray()).toEqual(x.transpose().reshape([2, 12]).toArray())
  })
})

describe('reduceAxes', () => {
  test('reduces what stands on the left only', () => {
    expect(reduceAxes(x, 'a b c -> c a', 'sum').toArray()).toEqual(x.sum(1).transpose().toArray())
    expect(reduceAxes(x, 'a b c ->', 'mean').item()).toBe(11.5)
    expect(reduceAxes(x, 'a ... -> a', 'max').toArray()).toEqual([11, 23])
    expect(reduceAxes(x, 'a b c -> b 1 a', 'min').shape).toEqual([3, 1, 2])
    expect(reduceAxes(x, 'a b (c 2) -> a b c', 'max').toArray()).toEqual(
      x.reshape([2, 3, 2, 2]).max(3).toArray(),
    )
    expect(reduceAxes(x, '(2 a) 3 (d 2) -> (d a)', 'prod').shape).toEqual([2])
    expect(reduceAxes(x, 'a b c -> a', logSumExp).toArray()).toEqual(logSumExp(x, [1, 2]).toArray())
    expect(reduceAxes(x, 'a b c -> a b c', 'sum').toArray()).toEqual(x.toArray())
  })

  test('a pooling, with the gradient of the largest', () => {
    const image = tensor(
      [
        [1, 2, 5, 3],
        [4, 0, 1, 2],
      ],
      { requiresGrad: true },
    )
    reduceAxes(image, '(h 2) (w 2) -> h w', 'max')
      .mul(tensor([[10, 20]]))
      .sum()
      .backward()
    expect(image.grad?.toArray()).toEqual([
      [0, 0, 20, 0],
      [10, 0, 0, 0],
    ])
  })
})

describe('repeatAxes', () => {
  test('adds axes anywhere', () => {
    const row = tensor([1, 2])
    expect(repeatAxes(row, 'n -> n k', { k: 2 }).toArray()).toEqual([
      [1, 1],
      [2, 2],
    ])
    expect(repeatAxes(row, 'n -> (n k)', { k: 2 }).toArray()).toEqual([1, 1, 2, 2])
    expect(repeatAxes(row, 'n -> (2 n)').toArray()).toEqual([1, 2, 1, 2])
    expect(repeatAxes(row, '... -> 2 ... 2').shape).toEqual([2, 2, 2])
    expect(repeatAxes(x, 'a b c -> (c 2) k (b a)', { k: 3 }).toArray()).toEqual(
      x.permute([2, 1, 0]).reshape([4, 1, 1, 6]).expand([4, 2, 3, 6]).reshape([8, 3, 6]).toArray(),
    )
    expect(repeatAxes(row, 'n -> n k', { k: 0 }).shape).toEqual([2, 0])
  })

  test('the gradient is the sum over the copies', () => {
    const row = tensor([1, 2], { requiresGrad: true })
    repeatAxes(row, 'n -> k n', { k: 3 }).sum().backward()
    expect(row.grad?.toArray()).toEqual([3, 3])
  })
})

describe('mistakes are named with the pattern', () => {
  test.each<[string, () => unknown, string]>([
    [
      'no arrow',
      () => rearrange(x, 'a b c'),
      "ArgumentError: rearrange: pattern 'a b c': needs one arrow '->' between the axes of the input and those of the result.",
    ],
    [
      'no text',
      () => rearrange(x, 3 as never),
      "ArgumentError: rearrange: takes a pattern such as 'b c -> c b', got 3.",
    ],
    [
      'too few',
      () => rearrange(x, 'a b -> b a'),
      "ShapeError: rearrange: pattern 'a b -> b a': has 2 axes on the left, [2, 3, 4] has 3.",
    ],
    [
      'too many besides dots',
      () => rearrange(x, 'a b c d ... -> a b c d ...'),
      "ShapeError: rearrange: pattern 'a b c d ... -> a b c d ...': has 4 axes besides '...' on the left, [2, 3, 4] has 3.",
    ],
    [
      'lost',
      () => rearrange(x, 'a b c -> a b'),
      "ArgumentError: rearrange: pattern 'a b c -> a b': 'c' stands on the left only; reduceAxes takes axes away.",
    ],
    [
      'found',
      () => rearrange(x, 'a b c -> a b c d'),
      "ArgumentError: rearrange: pattern 'a b c -> a b c d': 'd' stands on the right only; repeatAxes adds axes.",
    ],
    [
      'found while reducing',
      () => reduceAxes(x, 'a b c -> a d', 'sum'),
      "ArgumentError: reduceAxes: pattern 'a b c -> a d': 'd' stands on the right only; repeatAxes adds axes.",
    ],
    [
      'dots on the right',
      () => repeatAxes(x, 'a b c -> a b c ...'),
      "ArgumentError: repeatAxes: pattern 'a b c -> a b c ...': '...' stands on the right only.",
    ],
    [
      'dots lost',
      () => rearrange(x, 'a ... -> a'),
      "ArgumentError: rearrange: pattern 'a ... -> a': '...' stands on the left only; reduceAxes takes axes away.",
    ],
    [
      'dots in parentheses',
      () => rearrange(x, '(a ...) -> a ...'),
      "ArgumentError: rearrange: pattern '(a ...) -> a ...': '...' may stand in parentheses on the right only.",
    ],
    [
      'twice',
      () => rearrange(x, 'a b a -> b a'),
      "ArgumentError: rearrange: pattern 'a b a -> b a': 'a' stands twice on the left.",
    ],
    [
      'nested',
      () => rearrange(x, 'a b c -> (a (b c))'),
      "ArgumentError: rearrange: pattern 'a b c -> (a (b c))': parentheses do not nest.",
    ],
    [
      'not closed',
      () => rearrange(x, 'a b c -> (a b c'),
      "ArgumentError: rearrange: pattern 'a b c -> (a b c': on the right '(' is not closed.",
    ],
    [
      'not opened',
      () => rearrange(x, 'a b) c -> a b c'),
      "ArgumentError: rearrange: pattern 'a b) c -> a b c': on the left ')' comes without '('.",
    ],
    [
      'no axis',
      () => rearrange(x, 'a b é -> a b é'),
      "ArgumentError: rearrange: pattern 'a b é -> a b é': 'é' is no axis; axes are names such as 'h', 1, or '...'.",
    ],
    [
      'a dot',
      () => rearrange(x, 'a b . -> a b .'),
      "ArgumentError: rearrange: pattern 'a b . -> a b .': '.' is no axis; axes are names such as 'h', 1, or '...'.",
    ],
    [
      'a number',
      () => rearrange(x, 'a b (c 2) -> a b c 2'),
      "ArgumentError: rearrange: pattern 'a b (c 2) -> a b c 2': the number 2 may not stand here; name the axis and pass its size, as in { n: 2 }.",
    ],
    [
      'two open sizes',
      () => rearrange(x, 'a b (c d) -> a b c d'),
      "ArgumentError: rearrange: pattern 'a b (c d) -> a b c d': of (c, d) at most one size may be open; pass { c: 2 } or another one.",
    ],
    [
      'no divisor',
      () => rearrange(x, 'a b (c d) -> a b c d', { d: 3 }),
      "ShapeError: rearrange: pattern 'a b (c d) -> a b c d': axis 2 of [2, 3, 4] has size 4, which does not divide into (c, d = 3).",
    ],
    [
      'wrong size',
      () => rearrange(x, 'a b c -> c b a', { b: 2 }),
      "ShapeError: rearrange: pattern 'a b c -> c b a': axis 1 of [2, 3, 4] has size 3, which does not divide into (b = 2).",
    ],
    [
      'not 1',
      () => rearrange(x, 'a 1 c -> c a'),
      "ShapeError: rearrange: pattern 'a 1 c -> c a': axis 1 of [2, 3, 4] has size 3, which is not 1.",
    ],
    [
      'an open new size',
      () => repeatAxes(x, 'a b c -> a b c d'),
      "ArgumentError: repeatAxes: pattern 'a b c -> a b c d': the size of 'd' is open; pass it, as in { d: 2 }.",
    ],
    [
      'a size for nothing',
      () => rearrange(x, 'a b c -> c b a', { d: 2 }),
      "ArgumentError: rearrange: pattern 'a b c -> c b a': a size is given for 'd', which does not stand in it.",
    ],
    [
      'half a size',
      () => rearrange(x, 'a b c -> c b a', { a: 0.5 }),
      "ArgumentError: rearrange: pattern 'a b c -> c b a': the size of 'a' must be a whole number from 0 up, got 0.5.",
    ],
    [
      'a reduction by another name',
      () => reduceAxes(x, 'a b c -> a', 'median' as never),
      "ArgumentError: reduceAxes: the reduction is one of 'sum', 'mean', 'max', 'min', 'prod', or a function of a tensor and axes; got \"median\".",
    ],
  ])('%s', (_, body, message) => {
    expect(errorOf(body)).toBe(message)
  })
})
