import {
  AdjointError,
  arange,
  besselI,
  center,
  concat,
  conditionNumber,
  dirichlet,
  einsum,
  floatPower,
  grad,
  hessian,
  histogram,
  indexFill,
  jacfwd,
  jacrev,
  jvp,
  lerp,
  linspace,
  logDeterminant,
  logSumExp,
  lu,
  maskedFill,
  matmul,
  matrixNorm,
  moveAxis,
  norm,
  ones,
  permute,
  pow,
  prod,
  quantile,
  Rng,
  rearrange,
  repeat,
  roll,
  split,
  stack,
  standardDeviation,
  sum,
  type Tensor,
  tensor,
  unique,
  variance,
  zeros,
} from '@adjoint/core'
import { expect, test } from 'vitest'

const of64 = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { dtype: 'float64' }) as Tensor

function expectClose(actual: Tensor, expected: Tensor): void {
  expect(actual.shape).toEqual(expected.shape)
  const numbers = expected.data()
  actual.data().forEach((value, i) => {
    expect(value).toBeCloseTo(numbers[i]!, 12)
  })
}

test('lu has factors of matrices with dependent columns', () => {
  const tall = lu(
    of64([
      [1, 1],
      [1, 1],
      [1, 1],
    ]),
  )
  expect(tall.lower.toArray()).toEqual([
    [1, 0],
    [1, 1],
    [1, 0],
  ])
  expect(tall.upper.toArray()).toEqual([
    [1, 1],
    [0, 0],
  ])
  const nothing = lu(zeros([3, 2]))
  expect(nothing.lower.toArray()).toEqual([
    [1, 0],
    [0, 1],
    [0, 0],
  ])
  expect(nothing.upper.toArray()).toEqual([
    [0, 0],
    [0, 0],
  ])
  for (const a of [
    of64([
      [0, 1, 2],
      [0, 3, 4],
      [0, 5, 7],
      [0, 2, 2],
    ]),
    of64([
      [1, 2, 3, 4],
      [2, 4, 1, 1],
    ]),
    of64([
      [
        [1, 2],
        [2, 4],
        [3, 7],
      ],
      [
        [0, 0],
        [0, 0],
        [0, 1],
      ],
    ]),
  ]) {
    const { permutation, lower, upper } = lu(a)
    expectClose(matmul(matmul(permutation, lower), upper), a)
  }
})

test('lu of a singular matrix refuses its derivative by name', () => {
  const a = of64([
    [1, 1],
    [1, 1],
    [1, 1],
  ])
  expect(() => grad((x: Tensor) => sum(lu(x).lower))(a)).toThrow(/^lu: the matrix is singular/)
  expect(() => jvp((x: Tensor) => lu(x).upper, a, a)).toThrow(/^lu: the matrix is singular/)
  expect(() =>
    grad((x: Tensor) => sum(lu(x).lower))(
      of64([
        [0, 0],
        [0, 0],
      ]),
    ),
  ).toThrow(/^lu: /)
})

test('lu of rectangular matrices: both modes and the quotient of differences agree', () => {
  for (const a of [
    of64([
      [4, 1],
      [2, 5],
      [1, -1],
    ]),
    of64([
      [4, 1, 2],
      [2, 5, -1],
    ]),
  ]) {
    const f = (x: Tensor): Tensor => {
      const { lower, upper } = lu(x)
      return matmul(lower.square(), upper.sin())
    }
    const backward = jacrev(f)(a) as Tensor
    expectClose(jacfwd(f)(a) as Tensor, backward)
    const flat = a.data()
    const h = 1e-6
    for (let i = 0; i < flat.length; i++) {
      const moved = (by: number): Tensor =>
        f(
          tensor(
            Float64Array.from(flat, (v, k) => (k === i ? v + by : v)),
            { shape: a.shape as number[] },
          ) as Tensor,
        )
      const numeric = moved(h)
        .sub(moved(-h))
        .div(2 * h)
      const column = backward
        .reshape([numeric.size, flat.length])
        .data()
        .filter((_, k) => k % flat.length === i)
      numeric.data().forEach((value, k) => {
        expect(column[k]).toBeCloseTo(value, 7)
      })
    }
  }
})

test('concat finds the places of many inputs once', () => {
  const parts = Array.from({ length: 40_000 }, (_, i) => tensor([i], { requiresGrad: true }))
  const weights = arange(40_000)
  sum(concat(parts).mul(weights)).backward()
  expect(parts[39_999]!.grad!.toArray()).toEqual([39_999])
  expect(parts[1]!.grad!.toArray()).toEqual([1])
  // The same list of inputs along another axis.
  const [a, b] = [ones([2, 1], { requiresGrad: true }), ones([2, 2], { requiresGrad: true })]
  const c = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ])
  sum(concat([a, b], 1).mul(c)).backward()
  expect(b.grad!.toArray()).toEqual([
    [2, 3],
    [5, 6],
  ])
  expect(split(arange(5), 2).length).toBe(3)
})

test('quantile interpolates in float64 and does not overflow on the way', () => {
  expect(quantile(tensor([-1e8, 1]), 0.999999999).item()).toBeCloseTo(0.9, 6)
  expect(quantile(tensor([-2e38, 2e38]), 0.5).item()).toBe(0)
  expect(quantile(of64([-1.5e308, 1.5e308]), 0.5).item()).toBe(0)
  expect(quantile(tensor([Infinity, Infinity]), 0.5).item()).toBe(Infinity)
  expect(quantile(tensor([-2e38, 2e38]), 0.5, 0, { interpolation: 'midpoint' }).item()).toBe(0)
  const f = (x: Tensor): Tensor => quantile(x, 0.25) as Tensor
  const x = tensor([3, 1, 2])
  expect(grad(f)(x).toArray()).toEqual([0, 0.5, 0.5])
  expect((jacfwd(f)(x) as Tensor).toArray()).toEqual([0, 0.5, 0.5])
  expect(f(x).dtype).toBe('float32')
})

test('lerp and linspace reach across more than the largest number', () => {
  expect(lerp(of64([-1.5e308]), of64([1.5e308]), 0.5).toArray()).toEqual([0])
  expect(lerp(of64([-1.5e308, 1.5e308]), of64([1.5e308, -1.5e308]), 1).toArray()).toEqual([1.5e308, -1.5e308])
  expect(lerp(of64([Infinity, 1]), of64([Infinity, Infinity]), 0.5).toArray()).toEqual([Infinity, Infinity])
  expect(linspace(-1.5e308, 1.5e308, 3, { dtype: 'float64' }).toArray()).toEqual([-1.5e308, 0, 1.5e308])
  expect(linspace(-1.5e308, 1.5e308, 2, { dtype: 'float64' }).toArray()).toEqual([-1.5e308, 1.5e308])
})

test('pow: 1 to any power, and -1 to an infinite one, is 1', () => {
  const exponents = tensor([Infinity, -Infinity, NaN])
  expect(pow(1, exponents).toArray()).toEqual([1, 1, 1])
  expect(pow(-1, exponents).toArray()).toEqual([1, 1, NaN])
  expect(floatPower(tensor([1, -1]), Infinity).toArray()).toEqual([1, 1])
  expect(pow(tensor([2, 0.5, -2]), Infinity).toArray()).toEqual([Infinity, 0, Infinity])
  const atInfinity = (x: Tensor): Tensor => pow(x, Infinity) as Tensor
  expect(grad(atInfinity)(tensor(1)).item()).toBe(Infinity)
  expect(jvp(atInfinity, tensor(1), tensor(1)).tangent.item()).toBe(Infinity)
  expect(grad((y: Tensor) => pow(1, y) as Tensor)(tensor(Infinity)).item()).toBe(0)
})

test('variance without degrees of freedom has no derivative in any mode', () => {
  for (const f of [variance, standardDeviation]) {
    for (const data of [[3], [1, 2]]) {
      const x = of64(data)
      const g = (y: Tensor): Tensor => f(y, 0, { correction: 2 }) as Tensor
      expect(f(x, 0, { correction: 2 }).item()).toBe(data.length === 1 ? NaN : Infinity)
      const all = data.map(() => NaN)
      expect(grad(g)(x).toArray()).toEqual(all)
      expect((jacfwd(g)(x) as Tensor).toArray()).toEqual(all)
      expect((hessian(g)(x) as Tensor).toArray()).toEqual(data.map(() => all))
      const second = jacfwd((y: Tensor) => jacfwd(g)(y) as Tensor)(x) as Tensor
      expect(second.toArray()).toEqual(data.map(() => all))
    }
  }
})

test('logSumExp shares its gradient among infinite elements', () => {
  const f = (x: Tensor): Tensor => logSumExp(x) as Tensor
  for (const [data, expected] of [
    [
      [Infinity, 0],
      [1, 0],
    ],
    [
      [Infinity, Infinity, 0],
      [0.5, 0.5, 0],
    ],
    [
      [-Infinity, -Infinity],
      [0, 0],
    ],
    [
      [-Infinity, 0],
      [0, 1],
    ],
  ] as const) {
    const x = of64([...data])
    expect(grad(f)(x).toArray()).toEqual(expected)
    expect((jacfwd(f)(x) as Tensor).toArray()).toEqual(expected)
    expect((hessian(f)(x) as Tensor).data().every(value => value === 0)).toBe(true)
  }
})

test('logDeterminant of a negative determinant is NaN with a gradient', () => {
  const a = of64([
    [0, 2],
    [4, 0],
  ])
  const f = (x: Tensor): Tensor => logDeterminant(x)
  expect(f(a).item()).toBe(NaN)
  expect(grad(f)(a).toArray()).toEqual([
    [0, 0.5],
    [0.25, 0],
  ])
  expect((jacfwd(f)(a) as Tensor).toArray()).toEqual([
    [0, 0.5],
    [0.25, 0],
  ])
  expect(f(tensor([[-1]])).dtype).toBe('float32')
})

test('prod of float32 passes through float64', () => {
  const x = tensor([
    [1e38, 1, 0],
    [1e38, 2, 0],
  ])
  expect(prod(x).item()).toBe(0)
  expect(prod(tensor([1e38, 1e38, 1e-38, 1e-38])).item()).toBeCloseTo(1, 5)
  expect(prod(x).dtype).toBe('float32')
  expect(grad((y: Tensor) => prod(y) as Tensor)(tensor([0, 2, 3])).toArray()).toEqual([6, 0, 0])
})

test('besselI of huge orders takes no time', () => {
  const x = of64([0, 1, 30])
  expect(besselI(x, 1_000_000).toArray()).toEqual([0, 0, 0])
  expect(grad((y: Tensor) => sum(besselI(y, 1_000_000)))(x).toArray()).toEqual([0, 0, 0])
  expect(besselI(of64([1e5]), 1000).item()).toBe(Infinity)
  expect(() => besselI(x, 1e10)).toThrow(
    /^besselI: the order must be a whole number from 0 to 1000000, got 10000000000/,
  )
  // I₁₀₀(1) from its series.
  expect(besselI(of64([1]), 100).item() / 8.473674008138065e-189).toBeCloseTo(1, 12)
})

test('arguments of wrong types are refused by name', () => {
  const x = tensor([1, 2])
  const wrong = <T>(value: unknown): T => value as T
  const index = tensor([0], { dtype: 'int32' })
  const calls: readonly (readonly [string, () => unknown])[] = [
    ['stack', () => stack([x, wrong<Tensor>(1)])],
    ['rearrange', () => rearrange([x, wrong<Tensor>(1)], 'a b -> a b')],
    ['maskedFill', () => maskedFill(x, tensor([true, false]), wrong<number>([3]))],
    ['maskedFill', () => maskedFill(x, tensor([true, false]), wrong<number>(null))],
    ['indexFill', () => indexFill(x, 0, index, wrong<number>([3]))],
    ['dirichlet', () => dirichlet(new Rng(0), x, wrong<number[]>(3))],
    ['moveAxis', () => wrong<(x: Tensor) => Tensor>(moveAxis)(x as Tensor)],
    ['moveAxis', () => wrong<(x: Tensor, from: number) => Tensor>(moveAxis)(x as Tensor, 0)],
    ['roll', () => roll(x, [1], wrong<number>(null))],
    ['permute', () => permute(wrong<Tensor>([]), [])],
    ['einsum', () => einsum(wrong<string>([]))],
    ['zeros', () => zeros([1e5, 1e5])],
    ['linspace', () => linspace(0, 1, 1e10)],
    ['arange', () => arange(1e10)],
    ['repeat', () => repeat(x, 1e10)],
    ['histogram', () => histogram(x, { bins: 1e10 })],
    ['matrixNorm', () => matrixNorm(zeros([0, 3]), 2)],
    ['matrixNorm', () => matrixNorm(zeros([3, 0]), 1)],
    ['conditionNumber', () => conditionNumber(zeros([0, 0]))],
    ['conditionNumber', () => conditionNumber(zeros([2, 2]), 1)],
  ]
  for (const [op, call] of calls) {
    let error: unknown
    try {
      call()
    } catch (caught) {
      error = caught
    }
    expect(error, op).toBeInstanceOf(AdjointError)
    expect((error as AdjointError).op).toBe(op)
  }
  expect(() => zeros([1e5, 1e5])).toThrow(
    'zeros: there is no memory for 10000000000 elements, shape [100000, 100000]',
  )
})

test('NaN and signed zeros', () => {
  expect(unique(tensor([NaN, 1, NaN])).size).toBe(3)
  expect(histogram(tensor([NaN, 1, 2]), { bins: 1, low: 0, high: 3 }).counts.toArray()).toEqual([2])
})

test('besselI of large orders, where the factors leave the range of float64 and the product does not', () => {
  // The leading term for large orders (DLMF 10.41.1), good to about 1 / (12 n).
  const cases = [
    [1500, 2000, 2.4868e129],
    [2000, 3000, 1.1382e7],
    [7000, 10000, 9.2415e284],
    [1000, 2000, 1.2951e-285],
  ] as const
  for (const [x, order, leading] of cases) {
    const found = besselI(tensor([x], { dtype: 'float64' }), order)
      .slice(0)
      .item()
    expect(Math.abs(found / leading - 1)).toBeLessThan(1 / (6 * order))
  }
})

test('the norm of the largest number is that number', () => {
  const x = tensor([Number.MAX_VALUE, 0], { dtype: 'float64' })
  expect(norm(x).item()).toBe(Number.MAX_VALUE)
  expect(grad((v: Tensor) => norm(v))(x).toArray()).toEqual([1, 0])
})

test('lerp is an end at weight 0 and 1, also beside an infinite one', () => {
  const [low, high] = [tensor([1, Number.NEGATIVE_INFINITY]), tensor([Number.POSITIVE_INFINITY, 4])]
  expect(low.lerp(high, tensor([0, 1])).toArray()).toEqual([1, 4])
})

test('center keeps what stands beside a large first element', () => {
  const x = tensor([1e17, 1, 2, -1e17], { dtype: 'float64' })
  expect(center(x).slice([1, 3]).toArray()).toEqual([1, 2])
})
