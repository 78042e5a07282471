// Activations against their formulas: values, slopes far from 0 and at the kinks, attributes, and the gated ones.
import * as adjoint from '@adjoint/core'
import { gradients, jvp, type Tensor, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf, randomTensor } from './support.ts'

const { NaN: nan, POSITIVE_INFINITY: infinity, NEGATIVE_INFINITY: minusInfinity } = Number

const double = (...values: number[]): Tensor => tensor(values, { dtype: 'float64', shape: [values.length] })
const values = (x: Tensor): number[] => [...x.data()]

/** Value, first and second derivative of an elementwise function at some numbers. */
function derivativesOf(f: (x: Tensor) => Tensor, numbers: readonly number[]): [number[], number[], number[]] {
  const x = tensor(numbers, { dtype: 'float64', shape: [numbers.length], requiresGrad: true })
  const y = f(x)
  const [first] = gradients(y.sum(), [x], { createGraph: true })
  const second = first!.requiresGrad ? gradients(first!.sum(), [x])[0]! : first!.mul(0)
  return [values(y), values(first!), values(second)]
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

const formulas: readonly (readonly [string, (x: Tensor) => Tensor, (x: number) => number])[] = [
  ['elu', x => adjoint.elu(x), x => (x > 0 ? x : Math.exp(x) - 1)],
  ['elu, alpha 0.5', x => adjoint.elu(x, 0.5), x => (x > 0 ? x : 0.5 * (Math.exp(x) - 1))],
  ['celu, alpha 2', x => adjoint.celu(x, 2), x => (x > 0 ? x : 2 * (Math.exp(x / 2) - 1))],
  [
    'selu',
    adjoint.selu,
    x => (x > 0 ? 1.0507009873554805 * x : 1.0507009873554805 * 1.6732632423543772 * (Math.exp(x) - 1)),
  ],
  ['silu', adjoint.silu, x => x * sigmoid(x)],
  ['mish', adjoint.mish, x => x * Math.tanh(Math.log(1 + Math.exp(x)))],
  [
    'gelu by tanh',
    x => adjoint.gelu(x, { approximate: 'tanh' }),
    x => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  ],
  ['softsign', adjoint.softsign, x => x / (1 + Math.abs(x))],
  ['logSigmoid', adjoint.logSigmoid, x => Math.log(sigmoid(x))],
  ['tanhShrink', adjoint.tanhShrink, x => x - Math.tanh(x)],
  ['hardSigmoid', adjoint.hardSigmoid, x => Math.min(Math.max((x + 3) / 6, 0), 1)],
  ['hardSwish', adjoint.hardSwish, x => x * Math.min(Math.max((x + 3) / 6, 0), 1)],
  ['hardTanh', x => adjoint.hardTanh(x), x => Math.min(Math.max(x, -1), 1)],
  ['relu6', adjoint.relu6, x => Math.min(Math.max(x, 0), 6)],
  ['softShrink', x => adjoint.softShrink(x), x => Math.sign(x) * Math.max(Math.abs(x) - 0.5, 0)],
  ['hardShrink', x => adjoint.hardShrink(x), x => (Math.abs(x) > 0.5 ? x : 0)],
  ['threshold', x => adjoint.threshold(x, 1, -4), x => (x > 1 ? x : -4)],
]

test.each(formulas)('%s agrees with its formula', (_, op, formula) => {
  const x = randomTensor([1000], 1).mul(3)
  const single = values(op(x.cast('float32')))
  for (const [i, value] of values(op(x)).entries()) {
    const expected = formula(x.data()[i]!)
    expect(Math.abs(value - expected)).toBeLessThanOrEqual(4e-15 * Math.max(1, Math.abs(expected)))
    expect(Math.abs(single[i]! - formula(Math.fround(x.data()[i]!)))).toBeLessThanOrEqual(
      2 ** -22 * Math.max(1, Math.abs(expected)),
    )
  }
})

describe('far from 0', () => {
  // Values and slopes; second derivatives are 0.
  const far = [-1e300, -1000, 1000, 1e300]
  const limits: readonly (readonly [string, (x: Tensor) => Tensor, number[], number[]])[] = [
    ['elu', x => adjoint.elu(x), [-1, -1, 1000, 1e300], [0, 0, 1, 1]],
    ['elu, alpha 3', x => adjoint.elu(x, 3), [-3, -3, 1000, 1e300], [0, 0, 1, 1]],
    ['celu, alpha 0.5', x => adjoint.celu(x, 0.5), [-0.5, -0.5, 1000, 1e300], [0, 0, 1, 1]],
    ['silu', adjoint.silu, [0, 0, 1000, 1e300], [0, 0, 1, 1]],
    ['mish', adjoint.mish, [0, 0, 1000, 1e300], [0, 0, 1, 1]],
    ['gelu', x => adjoint.gelu(x), [0, 0, 1000, 1e300], [0, 0, 1, 1]],
    ['gelu by tanh', x => adjoint.gelu(x, { approximate: 'tanh' }), [0, 0, 1000, 1e300], [0, 0, 1, 1]],
    ['logSigmoid', adjoint.logSigmoid, [-1e300, -1000, 0, 0], [1, 1, 0, 0]],
    ['tanhShrink', adjoint.tanhShrink, [-1e300, -999, 999, 1e300], [1, 1, 1, 1]],
    ['hardSwish', adjoint.hardSwish, [0, 0, 1000, 1e300], [0, 0, 1, 1]],
  ]
  const positive = (numbers: readonly number[]): number[] => numbers.map(value => value + 0)

  test.each(limits)('%s', (_, op, expected, slopes) => {
    for (const strict of [false, true]) {
      const observe = (): [number[], number[], number[]] => derivativesOf(op, far)
      const [value, first, second] = strict ? adjoint.strictNaN(observe) : observe()
      expect(positive(value)).toEqual(expected)
      expect(positive(first)).toEqual(slopes)
      expect(positive(second)).toEqual([0, 0, 0, 0])
      const x = double(...far)
      expect(positive(values(jvp(op, x, adjoint.onesLike(x)).tangent))).toEqual(slopes)
    }
  })

  test('small results keep their digits', () => {
    // The references are from arithmetic with 50 digits.
    const [x, fiftieth] = [double(-50), -9.643749239819589e-21]
    expect(adjoint.silu(x).item() / fiftieth).toBeCloseTo(1, 14)
    expect(adjoint.mish(x).item() / fiftieth).toBeCloseTo(1, 14)
    expect(adjoint.logSigmoid(double(50)).item() / -1.9287498479639178e-22).toBeCloseTo(1, 14)
    expect(adjoint.gelu(double(-10)).item() / -7.619853024160526e-23).toBeCloseTo(1, 13)
    expect(adjoint.tanhShrink(double(1e-3)).item() / 3.33333200000054e-10).toBeCloseTo(1, 14)
    expect(adjoint.tanhShrink(double(0.9)).item() / 0.18370212980097559).toBeCloseTo(1, 14)
  })

  test('gelu is x times the normal distribution', () => {
    // Φ(1) and φ(1).
    const [value, first, second] = derivativesOf(x => adjoint.gelu(x), [1])
    expect(value[0]).toBeCloseTo(0.8413447460685429, 15)
    expect(first[0]).toBeCloseTo(0.8413447460685429 + 0.24197072451914337, 15)
    expect(second[0]).toBeCloseTo(0.24197072451914337, 15)
  })
})

describe('infinities and NaN', () => {
  test('products of infinity and 0 are NaN, the others have their limits', () => {
    const x = double(minusInfinity, infinity, nan)
    for (const op of [adjoint.silu, adjoint.mish, adjoint.hardSwish, (y: Tensor) => adjoint.gelu(y)])
      expect(values(op(x))).toEqual([nan, infinity, nan])
    expect(values(adjoint.softsign(x))).toEqual([nan, nan, nan])
    expect(values(adjoint.elu(x))).toEqual([-1, infinity, nan])
    expect(values(adjoint.logSigmoid(x))).toEqual([minusInfinity, 0, nan])
    expect(values(adjoint.hardSigmoid(x))).toEqual([0, 1, nan])
    expect(values(adjoint.tanhShrink(x))).toEqual([minusInfinity, infinity, nan])
    for (const op of [(y: Tensor) => adjoint.softShrink(y), (y: Tensor) => adjoint.hardShrink(y)])
      expect(values(op(x))).toEqual([minusInfinity, infinity, nan])
    expect(values(adjoint.threshold(x, 0, 5))).toEqual([5, infinity, nan])
  })
})

describe('attributes', () => {
  test('whole bounds keep whole numbers whole', () => {
    const x = tensor([-9, 3, 9], { dtype: 'int32' })
    expect(adjoint.relu6(x).dtype).toBe('int32')
    expect(adjoint.relu6(x).toArray()).toEqual([0, 3, 6])
    expect(adjoint.hardTanh(x, { low: -0.5 }).dtype).toBe('float32')
    expect(adjoint.elu(x).dtype).toBe('float32')
  })

  test('are checked', () => {
    const x = double(1)
    expect(errorOf(() => adjoint.celu(x, 0))).toBe(
      'ArgumentError: celu: alpha must be above 0, got 0: it is where the curve levels off.',
    )
    expect(errorOf(() => adjoint.elu(x, nan))).toBe(
      'ArgumentError: elu: alpha must be a finite number, got NaN.',
    )
    expect(errorOf(() => adjoint.softShrink(x, -1))).toBe(
      'ArgumentError: softShrink: lambda must be from 0 up, got -1.',
    )
    expect(errorOf(() => adjoint.hardShrink(x, -1))).toContain('hardShrink: lambda must be from 0 up')
    expect(errorOf(() => adjoint.threshold(x, 1, undefined as never))).toBe(
      'ArgumentError: threshold: value must be a finite number, got undefined.',
    )
    expect(errorOf(() => adjoint.gelu(x, { approximate: 'erf' as never }))).toBe(
      "ArgumentError: gelu: approximate is 'none' or 'tanh', got 'erf'.",
    )
    expect(errorOf(() => adjoint.hardTanh(x, { low: 2 }))).toBe(
      'ArgumentError: hardTanh: low (2) must not be above high (1).',
    )
    expect(errorOf(() => adjoint.hardTanh(x, { lo: 2 } as never))).toContain("hardTanh: knows no 'lo'")
  })

  test('softShrink and hardShrink with lambda 0', () => {
    const x = double(-2, 0, 2)
    expect(values(adjoint.softShrink(x, 0))).toEqual([-2, 0, 2])
    expect(values(adjoint.hardShrink(x, 0))).toEqual([-2, 0, 2])
  })
})

describe('prelu', () => {
  test('a slope for each channel', () => {
    const x = tensor(new Float64Array([-1, 2, -3, 4, -5, 6, -7, 8]), { shape: [2, 2, 2], requiresGrad: true })
    const slope = tensor(new Float64Array([0.5, 0.25]), { requiresGrad: true })
    const y = adjoint.prelu(x, slope.reshape([2, 1]))
    expect(values(y)).toEqual([-0.5, 2, -0.75, 4, -2.5, 6, -1.75, 8])
    const [dx, dSlope] = gradients(y.sum(), [x, slope])
    expect(values(dx!)).toEqual([0.5, 1, 0.25, 1, 0.5, 1, 0.25, 1])
    expect(values(dSlope!)).toEqual([-6, -10])
  })
})

describe('along an axis', () => {
  test('glu and swiglu', () => {
    const x = randomTensor([2, 3, 4], 3)
    for (const axis of [0, 2, -1]) {
      const size = x.shape[axis < 0 ? axis + 3 : axis]!
      const [a, b] = [0, 1].map(half =>
        adjoint.gather(
          x,
          axis,
          adjoint
            .arange((half * size) / 2, ((half + 1) * size) / 2)
            .cast('int32')
            .reshape(axis === 0 ? [1, 1, 1] : [1, 1, size / 2])
            .expand(axis === 0 ? [1, 3, 4] : [2, 3, size / 2]),
        ),
      )
      expect(values(adjoint.glu(x, axis))).toEqual(values(a!.mul(b!.sigmoid())))
      expect(values(adjoint.swiglu(x, axis))).toEqual(values(adjoint.silu(a!).mul(b!)))
    }
    expect(errorOf(() => adjoint.glu(x, 1))).toBe(
      'ShapeError: glu: axis 1 of [2, 3, 4] has size 3, which has no halves; it needs an even size.',
    )
    expect(errorOf(() => adjoint.swiglu(tensor(1)))).toContain('AxisError: swiglu')
    expect(adjoint.glu(adjoint.zeros([3, 0])).shape).toEqual([3, 0])
  })

  test('maxout takes the largest of each group of neighbours', () => {
    const x = tensor([[1, 5, 5, 2, 3, 0]], { dtype: 'float64', requiresGrad: true })
    const y = adjoint.maxout(x, 2)
    expect(y.toArray()).toEqual([[5, 3]])
    expect(gradients(y.sum(), [x])[0]!.toArray()).toEqual([[0, 0.5, 0.5, 0, 1, 0]])
    expect(adjoint.maxout(randomTensor([6, 2], 1), 3, 0).shape).toEqual([3, 2])
    expect(errorOf(() => adjoint.maxout(x, 4))).toBe(
      'ArgumentError: maxout: axis 1 of [1, 6] has size 6, which 4 groups of one size cannot share.',
    )
  })

  test('softmin is softmax of the negative', () => {
    const x = randomTensor([3, 4], 2)
    expect(values(adjoint.softmin(x, 0))).toEqual(values(adjoint.softmax(x.neg(), 0)))
  })
})

describe('sparsemax', () => {
  test('is the nearest point of the simplex', () => {
    const x = randomTensor([50, 6], 4)
    const y = adjoint.sparsemax(x)
    for (const total of values(y.sum(-1))) expect(total).toBeCloseTo(1, 14)
    expect(y.min().item()).toBe(0)
    // The conditions of Karush, Kuhn and Tucker: x - y is one number in the support, and not more elsewhere.
    const [rest, support] = [values(x.sub(y)), values(y).map(value => value > 0)]
    for (let row = 0; row < 50; row++) {
      const positions = [0, 1, 2, 3, 4, 5].map(k => 6 * row + k)
      const inside = positions.filter(i => support[i]).map(i => rest[i]!)
      expect(Math.max(...inside) - Math.min(...inside)).toBeLessThan(1e-14)
      for (const i of positions) expect(rest[i]!).toBeLessThanOrEqual(Math.max(...inside) + 1e-14)
    }
  })

  test('large numbers, equals, infinities, nothing', () => {
    expect(values(adjoint.sparsemax(double(1e300, 1e300, 0)))).toEqual([0.5, 0.5, 0])
    expect(values(adjoint.sparsemax(double(1e16, 1e16 + 2)))).toEqual([0, 1])
    expect(values(adjoint.sparsemax(double(minusInfinity, 0, 0.5)))).toEqual([0, 0.25, 0.75])
    expect(values(adjoint.sparsemax(double(minusInfinity, minusInfinity)))).toEqual([nan, nan])
    expect(values(adjoint.sparsemax(double(nan, 1)))).toEqual([nan, nan])
    expect(values(adjoint.sparsemax(double(infinity, 1)))).toEqual([nan, nan])
    expect(adjoint.sparsemax(adjoint.zeros([2, 0])).shape).toEqual([2, 0])
    expect(adjoint.sparsemax(tensor([3, 1], { dtype: 'int32' })).dtype).toBe('float32')
    const column = adjoint.sparsemax(randomTensor([3, 4], 9).transpose(), 1)
    expect(values(column.transpose())).toEqual(values(adjoint.sparsemax(randomTensor([3, 4], 9), 0)))
  })

  test('the gradient is shared within the support', () => {
    const x = tensor([2, 1.5, 0], { dtype: 'float64', requiresGrad: true })
    const [gradient] = gradients(
      adjoint
        .sparsemax(x)
        .mul(double(1, 3, 100))
        .sum(),
      [x],
    )
    expect(values(gradient!)).toEqual([-1, 1, 0])
  })
})

test('methods are the functions with the tensor in front', () => {
  const x = randomTensor([4], 8)
  expect(values(x.elu(2))).toEqual(values(adjoint.elu(x, 2)))
  expect(values(x.gelu({ approximate: 'tanh' }))).toEqual(values(adjoint.gelu(x, { approximate: 'tanh' })))
  expect(values(x.silu().mish().softShrink(0.1))).toEqual(
    values(adjoint.softShrink(adjoint.mish(adjoint.silu(x)), 0.1)),
  )
  expect(values(x.sparsemax())).toEqual(values(adjoint.sparsemax(x)))
  expect(values(x.maxout(2))).toEqual(values(adjoint.maxout(x, 2)))
  expect(x.swiglu().shape).toEqual([2])
})
