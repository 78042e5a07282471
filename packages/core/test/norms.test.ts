import {
  abs,
  add,
  cdist,
  cosineSimilarity,
  dist,
  grad,
  jvp,
  max,
  min,
  norm,
  normalize,
  ones,
  pairwiseDistance,
  square,
  standardDeviation,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf, randomTensor } from './support.ts'

const infinity = Number.POSITIVE_INFINITY
const wide = (values: readonly number[]): Tensor => tensor(values, { dtype: 'float64' })
const close = (x: Tensor, values: readonly number[], digits = 12): void => {
  expect([...x.data()]).toEqual(values.map(value => expect.closeTo(value, digits)))
}

/** The gradient of the sum of the gradient. */
const second = (f: (x: Tensor) => Tensor, at: Tensor): Tensor => grad((x: Tensor) => sum(grad(f)(x)))(at)

describe('norm', () => {
  test.each([0.5, 1, 1.5, 2, 2.5, 3, 4, 7, -1, -2, -0.5])('of order %d is (Σ |x|^p)^(1/p)', order => {
    const x = randomTensor([3, 4, 2], 5)
    const rows = x.permute([0, 2, 1]).reshape([6, 4]).toArray() as number[][]
    const expected = rows.map(
      row => row.reduce((all, value) => all + Math.abs(value) ** order, 0) ** (1 / order),
    )
    const found = norm(x, 1, { order })
    expect(found.shape).toEqual([3, 2])
    close(found, expected)
    expect(norm(x, [-2], { order, keepDims: true }).shape).toEqual([3, 1, 2])
  })

  test('of the orders that are not powers', () => {
    const x = tensor([
      [3, 0, -4],
      [0, 0, 1],
    ])
    expect(norm(x, 1, { order: infinity }).toArray()).toEqual([4, 1])
    expect(norm(x, 1, { order: -infinity }).toArray()).toEqual([0, 0])
    expect(norm(x, 1, { order: 0 }).toArray()).toEqual([2, 1])
    expect(norm(x, undefined, { order: infinity }).toArray()).toBe(4)
    const random = randomTensor([5, 3], 1)
    close(norm(random, 0, { order: infinity }), [...max(abs(random), 0).data()])
    close(norm(random, 0, { order: -infinity }), [...min(abs(random), 0).data()])
  })

  test('takes several axes as one vector, and views', () => {
    const x = randomTensor([2, 3, 4], 3)
    close(norm(x, [0, 2]), [...sum(square(x), [0, 2]).sqrt().data()])
    close(norm(x.transpose(), 1), [...norm(x, 2).data()])
    close(norm(x), [Math.sqrt(sum(square(x)).item())])
  })

  test('neither overflows nor underflows on the way', () => {
    expect(norm(wide([3 * 2 ** 600, 4 * 2 ** 600])).item()).toBe(5 * 2 ** 600)
    expect(norm(wide([1.5, 2]), -1, { order: 1000 }).item()).toBe(2)
    expect(norm(wide([3e-200, 4e-200])).item() / 5e-200).toBeCloseTo(1, 15)
    expect(norm(wide([Number.MIN_VALUE, 0])).item()).toBe(Number.MIN_VALUE)
    expect(norm(wide([1e200, 1e200]), -1, { order: 3 }).item() / (2 ** (1 / 3) * 1e200)).toBeCloseTo(1, 14)
    expect(norm(wide([1e-200, 1e-200]), -1, { order: -3 }).item() / (2 ** (-1 / 3) * 1e-200)).toBeCloseTo(
      1,
      14,
    )
    expect(norm(tensor([3e30, 4e30])).item()).toBe(Math.fround(5e30))
    expect(norm(tensor([3e-30, 4e-30])).item()).toBe(Math.fround(5e-30))
    close(grad((x: Tensor) => norm(x))(wide([3e200, 4e200])), [0.6, 0.8])
    close(grad((x: Tensor) => norm(x))(wide([3e-200, -4e-200])), [0.6, -0.8])
    close(grad((x: Tensor) => norm(x, -1, { order: 3 }))(wide([1e200, 2e200])), [
      1 / 9 ** (2 / 3),
      4 / 9 ** (2 / 3),
    ])
  })

  test('passes NaN and infinities', () => {
    for (const order of [0.5, 1, 2, 3, infinity, -1, -infinity]) {
      expect(norm(tensor([1, Number.NaN, 2]), -1, { order }).item()).toBeNaN()
    }
    for (const order of [0.5, 1, 2, 3, infinity]) {
      expect(norm(tensor([1, -infinity, 2]), -1, { order }).item()).toBe(infinity)
    }
    expect(norm(wide([1, infinity]), -1, { order: -1 }).item()).toBe(1)
    expect(norm(wide([infinity, infinity]), -1, { order: -1 }).item()).toBe(infinity)
  })

  test('of a 0-d tensor is its magnitude; integers become float32', () => {
    const { value, grad: gradient } = valueAndGrad((x: Tensor) => norm(x, 0, { order: 3 }))(
      wide([]).sum().add(-2),
    )
    expect([value.item(), gradient.item()]).toEqual([2, -1])
    const whole = norm(tensor([3, 4], { dtype: 'int32' }))
    expect([whole.dtype, whole.item()]).toEqual(['float32', 5])
  })

  test('of nothing is 0 where the sum of nothing is', () => {
    for (const order of [0, 0.5, 1, 2, 3]) {
      expect(norm(zeros([2, 0]), 1, { order }).toArray()).toEqual([0, 0])
    }
    expect(errorOf(() => norm(zeros([2, 0]), 1, { order: infinity }))).toBe(
      'ArgumentError: norm: there is no element to choose from along axis 1 of shape [2, 0].',
    )
    expect(errorOf(() => norm(zeros([0]), -1, { order: -1 }))).toMatch(
      /^ArgumentError: norm: there is no element/,
    )
    expect(norm(zeros([0, 2]), 1, { order: infinity }).shape).toEqual([0])
  })

  test('refuses an order that is no number', () => {
    expect(errorOf(() => norm(ones([2]), -1, { order: Number.NaN }))).toBe(
      'ArgumentError: norm: the order is a number such as 1, 2 or Infinity, got NaN.',
    )
    // @ts-expect-error: the norms of matrices have names
    expect(errorOf(() => norm(ones([2]), -1, { order: 'fro' }))).toMatch(/got 'fro'/)
    expect(errorOf(() => norm(ones([2]), 1))).toMatch(/^AxisError: norm: axis 1 is outside/)
  })

  test.each([1, 1.5, 2, 2.5, 3, 4, infinity, -1, 0.5, 0])(
    'of order %d has the gradient 0 at the origin, of both orders and in both modes',
    order => {
      const f = (x: Tensor): Tensor => norm(x, -1, { order })
      const origin = wide([0, 0, 0])
      expect([...grad(f)(origin).data()]).toEqual([0, 0, 0])
      expect([...second(f, origin).data()]).toEqual([0, 0, 0])
      expect(jvp(f, origin, wide([1, 2, 3])).tangent.item()).toBe(0)
      expect(jvp((x: Tensor) => grad(f)(x), origin, wide([1, 2, 3])).tangent.toArray()).toEqual([0, 0, 0])
    },
  )

  test('has finite second derivatives next to the origin', () => {
    // The Hessian of the Euclidean norm is (I - u uᵀ) / n.
    const near = wide([1e-150, 0])
    close(second((x: Tensor) => norm(x), near).mul(1e-150), [0, 1])
    const both = wide([3e-150, 4e-150])
    close(second((x: Tensor) => norm(x), both).mul(1e-150), [(1 - 0.36 - 0.48) / 5, (1 - 0.64 - 0.48) / 5])
  })

  test('of even order is smooth at an element that is 0', () => {
    // n = (x⁴ + 1)^(1/4): the fourth derivative at x = 0 is 6.
    const f = (x: Tensor): Tensor => norm(add(x.mul(wide([1, 0])), wide([0, 1])), -1, { order: 4 })
    const at = wide([0, 0])
    const first = (g: (x: Tensor) => Tensor) => (x: Tensor) => grad(g)(x).slice(0) as Tensor
    const fourth = first(first(first(first(f))))
    expect(fourth(at).item()).toBeCloseTo(6, 12)
    expect(first(first(first(f)))(at).item()).toBe(0)
  })

  test('leaves an element that is 0 at rest under every order', () => {
    for (const order of [0.5, 1, 1.5, 3, 2.5]) {
      const [zero, other] = grad((x: Tensor) => norm(x, -1, { order }))(wide([0, -3])).data()
      expect([zero, other]).toEqual([0, -1])
      expect(
        [...second((x: Tensor) => norm(x, -1, { order }), wide([0, -3])).data()].every(Number.isFinite),
      ).toBe(true)
    }
  })

  test('of infinite order shares evenly among equal magnitudes', () => {
    const f = (order: number) => grad((x: Tensor) => norm(x, -1, { order }))
    expect(f(infinity)(wide([2, -2, 1, 2])).toArray()).toEqual([1 / 3, -1 / 3, 0, 1 / 3])
    expect(f(-infinity)(wide([2, -1, 1, 2])).toArray()).toEqual([0, -0.5, 0.5, 0])
  })
})

describe('standardDeviation', () => {
  test('of equal elements is exactly 0, whatever they are, with gradient 0', () => {
    for (const value of [0.1, 1e9 / 3, 1e-300]) {
      const x = wide([value, value, value])
      expect(standardDeviation(x).item()).toBe(0)
      expect(grad((y: Tensor) => standardDeviation(y))(x).toArray()).toEqual([0, 0, 0])
      expect(second((y: Tensor) => standardDeviation(y), x).toArray()).toEqual([0, 0, 0])
    }
  })

  test('does not overflow where its square does', () => {
    expect(standardDeviation(wide([1e200, -1e200])).item()).toBe(1e200)
    expect(standardDeviation(tensor([1e30, -1e30])).item()).toBe(Math.fround(1e30))
  })

  test('the correction lowers the divisor, not below 0', () => {
    const x = wide([1, 2, 3, 6])
    expect(standardDeviation(x).item()).toBeCloseTo(Math.sqrt(3.5), 14)
    expect(standardDeviation(x, 0, { correction: 1 }).item()).toBeCloseTo(Math.sqrt(14 / 3), 14)
    expect(standardDeviation(x, 0, { correction: -1 }).item()).toBeCloseTo(Math.sqrt(14 / 5), 14)
    expect(standardDeviation(x, 0, { correction: 5 }).item()).toBe(infinity)
    expect(standardDeviation(wide([2]), 0, { correction: 1 }).item()).toBeNaN()
    expect(standardDeviation(zeros([0])).item()).toBeNaN()
  })
})

describe('distances', () => {
  const x = randomTensor([2, 3, 4], 1)
  const y = randomTensor([5, 4], 2)

  test.each([1, 2, 3, infinity])('cdist of order %d compares each with each', order => {
    const found = cdist(x, y, { order })
    expect(found.shape).toEqual([2, 3, 5])
    for (const [i, j, k] of [
      [0, 0, 0],
      [1, 2, 4],
      [0, 1, 3],
    ] as const) {
      expect(found.slice(i, j, k).item()).toBe(norm(x.slice(i, j).sub(y.slice(k)), -1, { order }).item())
    }
  })

  test('cdist keeps the digits of points that lie close together', () => {
    const far = wide([1e8, 1e8]).reshape([1, 2])
    expect(cdist(far, far.add(wide([3, 4]))).toArray()).toEqual([[5]])
  })

  test('coinciding points have distance 0 and gradient 0', () => {
    const points = randomTensor([3, 2], 4)
    const gradient = grad((p: Tensor) => sum(cdist(p, p)))(points)
    expect([...gradient.data()].every(Number.isFinite)).toBe(true)
    expect(grad((p: Tensor) => sum(cdist(p, points)))(points.slice([0, 1])).shape).toEqual([1, 2])
    for (const f of [
      (p: Tensor) => sum(cdist(p, p.detach().slice([0, 1]))),
      (p: Tensor) => dist(p, p.detach()),
      (p: Tensor) => sum(pairwiseDistance(p, p.detach())),
    ]) {
      expect([...grad(f)(points.slice([0, 1])).data()]).toEqual([0, 0])
    }
  })

  test('pairwiseDistance broadcasts, and adds an epsilon when told to', () => {
    expect(pairwiseDistance(x, y.slice([0, 3])).shape).toEqual([2, 3])
    expect(pairwiseDistance(x, y.slice(0), { keepDims: true, order: 1 }).shape).toEqual([2, 3, 1])
    expect(pairwiseDistance(wide([1, 1]), wide([1, 1]), { epsilon: 3 }).item()).toBeCloseTo(
      3 * Math.SQRT2,
      14,
    )
    expect(errorOf(() => cdist(ones([2, 3]), ones([2, 2])))).toBe(
      'ShapeError: cdist: takes points [..., p, n] and [..., r, n], got [2, 3] and [2, 2].',
    )
  })
})

describe('normalize and cosineSimilarity', () => {
  test('vectors become of length 1, along any axes', () => {
    const x = randomTensor([3, 4], 7)
    close(norm(normalize(x), 1), [1, 1, 1])
    close(norm(normalize(x, 0, { order: 1 }), 0, { order: 1 }), [1, 1, 1, 1])
    close(norm(normalize(x, [0, 1])), [1])
    expect(normalize(wide([3e200, 4e200])).toArray()).toEqual([0.6, 0.8].map(v => expect.closeTo(v, 14)))
  })

  test('short vectors are divided by epsilon', () => {
    expect(normalize(wide([0, 0])).toArray()).toEqual([0, 0])
    expect(normalize(wide([0.25, 0]), -1, { epsilon: 0.5 }).toArray()).toEqual([0.5, 0])
  })

  test('the gradient of a direction is orthogonal to it', () => {
    const x = wide([1, 2, 2])
    const { value, grad: gradient } = valueAndGrad((v: Tensor) => normalize(v).slice(0))(x)
    expect(value.item()).toBeCloseTo(1 / 3, 14)
    expect(sum(gradient.mul(x)).item()).toBeCloseTo(0, 14)
  })

  test('the cosine is that of the angle, also of huge vectors', () => {
    const x = wide([1, 0])
    expect(cosineSimilarity(x, wide([5, 5])).item()).toBeCloseTo(Math.SQRT1_2, 14)
    expect(cosineSimilarity(wide([1e200, 0]), wide([1e200, 1e200])).item()).toBeCloseTo(Math.SQRT1_2, 14)
    expect(cosineSimilarity(x, wide([0, 0])).item()).toBe(0)
    expect(cosineSimilarity(randomTensor([3, 4], 1), randomTensor([4], 2)).shape).toEqual([3])
    // The axis is one of the common shape, also where an operand has it by broadcasting only.
    const all = (shape: number[]): Tensor => ones(shape, { dtype: 'float64' })
    close(cosineSimilarity(all([3, 4]), all([4]), 0), [1, 1, 1, 1])
    close(cosineSimilarity(all([2, 1]), all([2, 3])), [1, 1])
    expect(cosineSimilarity(tensor(2), tensor(-3)).item()).toBe(-1)
    expect(cosineSimilarity(ones([3, 4]), ones([3, 4]), 0, { keepDims: true }).shape).toEqual([1, 4])
  })
})
