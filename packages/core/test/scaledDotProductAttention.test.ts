// Attention as a function, and the softmax over what takes part: what the laws and the parity cases do not show.
import { describe, expect, test } from 'vitest'
import {
  dropoutMask,
  findNaN,
  gradients,
  jvp,
  maskedSoftmax,
  matmul,
  mul,
  Rng,
  scaledDotProductAttention,
  softmax,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from '../src/index.ts'

const float64 = { dtype: 'float64' } as const
const rng = new Rng(5)
const draw = (...shape: number[]): Tensor => {
  const x: Tensor = rng.normal(shape, float64)
  x.requiresGrad = true
  return x
}
const largest = (x: Tensor): number => Number(x.abs().max().item())
const differ = (x: Tensor, y: Tensor): number => largest(x.sub(y) as Tensor)

describe('maskedSoftmax', () => {
  test('is softmax where all take part, also along other axes', () => {
    const x = draw(3, 4, 2)
    for (const axis of [0, 1, 2, -1, -3]) {
      expect(differ(maskedSoftmax(x, tensor(true), axis), softmax(x, axis))).toBe(0)
    }
  })

  test('is the softmax of the elements that take part, and 0 elsewhere', () => {
    const x = tensor([1, 99, 3, Number.NaN], float64)
    const mask = tensor([true, false, true, false])
    const [a, b] = softmax(tensor([1, 3], float64)).toArray() as number[]
    expect(maskedSoftmax(x, mask).toArray()).toEqual([a, 0, b, 0])
  })

  test('a line in which nothing takes part is 0, and so are its derivatives of every order and mode', () => {
    const x = tensor(
      [
        [1, 2],
        [-Infinity, -Infinity],
        [3, 4],
      ],
      { ...float64, requiresGrad: true },
    )
    const mask = tensor([
      [true, true],
      [true, true],
      [false, false],
    ])
    const y = maskedSoftmax(x, mask)
    expect(y.slice([1, 3]).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ])
    const v = tensor(
      [
        [1, 0],
        [1, 0],
        [1, 0],
      ],
      float64,
    )
    const [first] = gradients(y.mul(v).sum(), [x], { createGraph: true }) as [Tensor]
    expect(first.slice([1, 3]).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ])
    const [second] = gradients(first.mul(v).sum(), [x]) as [Tensor]
    expect(second.slice([1, 3]).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ])
    const { tangent } = jvp((z: Tensor) => maskedSoftmax(z, mask), x, v)
    expect(tangent.slice([1, 3]).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  test('keeps NaN, and a 0-d tensor is a line of one element', () => {
    expect(maskedSoftmax(tensor([1, Number.NaN]), tensor(true)).toArray()).toEqual([Number.NaN, Number.NaN])
    expect(maskedSoftmax(tensor(7), tensor(true)).item()).toBe(1)
    expect(maskedSoftmax(tensor(7), tensor(false)).item()).toBe(0)
    expect(maskedSoftmax(zeros([2, 0]), tensor(true)).shape).toEqual([2, 0])
  })

  test('the mask may have more axes than the scores', () => {
    const mask = tensor([
      [true, false],
      [true, true],
    ])
    expect(maskedSoftmax(tensor([0, 0]), mask).toArray()).toEqual([
      [1, 0],
      [0.5, 0.5],
    ])
  })

  test('refuses masks of numbers', () => {
    expect(() => maskedSoftmax(tensor([1]), tensor([1]))).toThrow(
      'maskedSoftmax: the mask must be bool, got float32 of shape [1]; true = take part.',
    )
  })
})

describe('scaledDotProductAttention', () => {
  test('is the formula', () => {
    const [q, k, v] = [draw(2, 3, 4), draw(2, 5, 4), draw(2, 5, 3)]
    const weights = softmax(mul(matmul(q, k.swapAxes(-1, -2)), 1 / 2))
    const found = scaledDotProductAttention(q, k, v, { needWeights: true })
    expect(differ(found.weights, weights)).toBeLessThan(1e-15)
    expect(differ(found.output, matmul(weights, v) as Tensor)).toBeLessThan(1e-15)
  })

  test('one mask as bool, as numbers, and as isCausal is the same', () => {
    const [q, k, v] = [draw(3, 4), draw(3, 4), draw(3, 2)]
    const mask = tensor([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ])
    const added = tensor(
      [
        [0, -Infinity, -Infinity],
        [0, 0, -Infinity],
        [0, 0, 0],
      ],
      float64,
    )
    const causal = scaledDotProductAttention(q, k, v, { isCausal: true })
    expect(differ(scaledDotProductAttention(q, k, v, { mask }), causal)).toBe(0)
    expect(differ(scaledDotProductAttention(q, k, v, { mask: added }), causal)).toBe(0)
    expect(differ(scaledDotProductAttention(q, k, v, { mask, isCausal: true }), causal)).toBe(0)
    expect(differ(scaledDotProductAttention(q, k, v, { mask: added, isCausal: true }), causal)).toBe(0)
  })

  test('positions of causal attention are counted from the first key, or from queryOffset', () => {
    const [q, k, v] = [draw(2, 4), draw(5, 4), draw(5, 2)]
    const weights = (queryOffset?: number): number[][] =>
      scaledDotProductAttention(q, k, v, {
        isCausal: true,
        needWeights: true,
        ...(queryOffset === undefined ? {} : { queryOffset }),
      })
        .weights.greater(0)
        .cast('int32')
        .toArray() as number[][]
    expect(weights()).toEqual([
      [1, 0, 0, 0, 0],
      [1, 1, 0, 0, 0],
    ])
    expect(weights(3)).toEqual([
      [1, 1, 1, 1, 0],
      [1, 1, 1, 1, 1],
    ])
    expect(weights(-1)).toEqual([
      [0, 0, 0, 0, 0],
      [1, 0, 0, 0, 0],
    ])
  })

  test('a query that sees nothing gives 0 and moves nothing, for each kind of mask and every order', () => {
    for (const mask of [
      tensor([
        [true, true],
        [false, false],
      ]),
      tensor(
        [
          [0, 0],
          [-Infinity, -Infinity],
        ],
        float64,
      ),
    ]) {
      const [q, k, v] = [draw(2, 3), draw(2, 3), draw(2, 3)]
      const run = (): Tensor => scaledDotProductAttention(q, k, v, { mask })
      const y = run()
      expect(y.slice(1).toArray()).toEqual([0, 0, 0])
      expect(findNaN(() => run().square().sum())).toBeUndefined()
      const found = gradients(y.slice(1).square().sum(), [q, k, v], { createGraph: true })
      expect(found.map(largest)).toEqual([0, 0, 0])
      const [dq] = gradients(y.square().sum(), [q], { createGraph: true }) as [Tensor]
      expect(dq.slice(1).toArray()).toEqual([0, 0, 0])
      const second = gradients(dq.square().sum(), [q, k, v])
      for (const x of second) expect(x.isFinite().all().item()).toBe(1)
    }
  })

  test('queries may share keys: axes in front broadcast, and gradients add up', () => {
    const [q, k, v] = [draw(2, 4, 3, 2), draw(2, 1, 5, 2), draw(1, 5, 3)]
    const full = scaledDotProductAttention(q, k.expand([2, 4, 5, 2]), v.expand([2, 4, 5, 3]))
    const shared = scaledDotProductAttention(q, k, v)
    expect(differ(full, shared)).toBe(0)
    const [a, b] = [gradients(full.square().sum(), [k, v]), gradients(shared.square().sum(), [k, v])]
    expect(b.map(x => x.shape)).toEqual([
      [2, 1, 5, 2],
      [1, 5, 3],
    ])
    expect(a.map((x, i) => differ(x, b[i]!)).every(difference => difference < 1e-14)).toBe(true)
  })

  test('vmap over a part of the operands is the loop', () => {
    const [q, k, v] = [draw(3, 4, 2), draw(5, 2), draw(5, 2)]
    const masks = rng.uniform([3, 4, 5]).greater(0.5)
    const found = vmap((x: Tensor, mask: Tensor) => scaledDotProductAttention(x, k, v, { mask }))(q, masks)
    const loop = scaledDotProductAttention(q, k, v, { mask: masks })
    expect(differ(found, loop)).toBe(0)
  })

  test('stays finite for large products and long sequences', () => {
    const [q, k, v] = [mul(draw(600, 8), 1e4) as Tensor, draw(600, 8), draw(600, 8)]
    const { output, weights } = scaledDotProductAttention(q, k, v, { isCausal: true, needWeights: true })
    expect(output.isFinite().all().item()).toBe(1)
    expect(differ(weights.sum(-1) as Tensor, tensor(1, float64))).toBeLessThan(1e-14)
    const [dq] = gradients(output.sum(), [q]) as [Tensor]
    expect(dq.isFinite().all().item()).toBe(1)
  })

  test('no keys at all: every query gets 0', () => {
    expect(scaledDotProductAttention(draw(2, 3), zeros([0, 3]), zeros([0, 4])).toArray()).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ])
  })

  test('drops weights, and returns those that were used', () => {
    const [q, k, v] = [draw(4, 3), draw(6, 3), draw(6, 2)]
    const whole = scaledDotProductAttention(q, k, v, { needWeights: true })
    const { output, weights } = scaledDotProductAttention(q, k, v, {
      dropoutRate: 0.5,
      rng: new Rng(3),
      needWeights: true,
    })
    const mask = dropoutMask(new Rng(3), [4, 6], 0.5, float64)
    expect(differ(weights, mul(whole.weights, mask as Tensor) as Tensor)).toBe(0)
    expect(differ(output, matmul(weights, v) as Tensor)).toBe(0)
  })

  test('float32 stays float32', () => {
    const x = rng.normal([3, 4]) as Tensor
    expect(scaledDotProductAttention(x, x, x, { isCausal: true }).dtype).toBe('float32')
  })

  test.each([
    [
      'features',
      () => scaledDotProductAttention(zeros([2, 3]), zeros([2, 4]), zeros([2, 4])),
      'scaledDotProductAttention: query [2, 3] and key [2, 4] must have as many features, the last axis.',
    ],
    [
      'positions',
      () => scaledDotProductAttention(zeros([2, 3]), zeros([2, 3]), zeros([3, 3])),
      'key [2, 3] and value [3, 3] must have as many positions, the last axis but one.',
    ],
    [
      'vectors',
      () => scaledDotProductAttention(zeros([3]), zeros([2, 3]), zeros([2, 3])),
      'the query needs positions and features, [..., n, d]; got rank 1.',
    ],
    [
      'whole numbers as a mask',
      () => {
        const x = zeros([2, 3])
        return scaledDotProductAttention(x, x, x, {
          mask: tensor(
            [
              [1, 0],
              [1, 1],
            ],
            { dtype: 'int32' },
          ),
        })
      },
      "the mask must be bool, true = take part, or numbers to add; got int32 of shape [2, 2]. Ones and zeros become a mask by mask.cast('bool').",
    ],
    [
      'dropout without a generator',
      () => {
        const x = zeros([2, 3])
        return scaledDotProductAttention(x, x, x, { dropoutRate: 0.1 })
      },
      'dropout draws random numbers; pass a generator: { rng: new Rng(0) }.',
    ],
    [
      "PyTorch's name",
      () => {
        const x = zeros([2, 3])
        return scaledDotProductAttention(x, x, x, { is_causal: true } as never)
      },
      "scaledDotProductAttention: knows no 'is_causal'; did you mean isCausal?",
    ],
  ])('refuses: %s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
