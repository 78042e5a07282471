// Factorizations and solvers: backward errors over random matrices, shapes of every kind, and what is said to singular ones.
import {
  add,
  addmm,
  arange,
  baddbmm,
  cholesky,
  choleskySolve,
  cofactor,
  conditionNumber,
  cross,
  determinant,
  dot,
  eigh,
  eigvalsh,
  eye,
  full,
  gradients,
  inner,
  inverse,
  kron,
  leastSquares,
  logDeterminant,
  lu,
  matmul,
  matrixExp,
  matrixNorm,
  matrixPower,
  matrixRank,
  matrixTranspose,
  mul,
  multiDot,
  neg,
  ones,
  outer,
  pseudoInverse,
  qr,
  Rng,
  singularValues,
  slogDeterminant,
  solve,
  sub,
  svd,
  type Tensor,
  tensor,
  tensordot,
  transpose,
  triangularSolve,
  uniform,
  unsqueeze,
  vdot,
  zeros,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf, randomTensor } from './support.ts'

const EPSILON = Number.EPSILON

function double(data: readonly (readonly number[])[]): Tensor {
  return tensor(data as number[][], { dtype: 'float64' }) as Tensor
}

/** The largest size of an element; 0 for none. */
function largest(x: Tensor): number {
  return Array.from(x.data(), Math.abs).reduce((left, right) => Math.max(left, right), 0)
}

function distance(x: Tensor, y: Tensor): number {
  expect(x.shape).toEqual(y.shape)
  return largest(sub(x, y))
}

/** ‖XᵀX - I‖ for matrices with orthonormal columns. */
function skewness(x: Tensor): number {
  const n = x.shape.at(-1)!
  return largest(sub(matmul(transpose(x), x), eye(n, n, { dtype: x.dtype })))
}

function diagonalOf(values: Tensor): Tensor {
  const n = values.shape.at(-1)!
  return mul(unsqueeze(values, -1) as Tensor, eye(n, n, { dtype: values.dtype }))
}

const symmetric = (x: Tensor): Tensor => add(x, transpose(x)) as Tensor

const SQUARES = [1, 2, 3, 5, 10, 33, 60]
const RECTANGLES: readonly (readonly number[])[] = [
  [1, 1],
  [1, 4],
  [4, 1],
  [5, 3],
  [3, 5],
  [40, 7],
  [7, 40],
  [2, 6, 4],
  [2, 1, 4, 6],
]
const EMPTY: readonly (readonly number[])[] = [
  [0, 0],
  [0, 3],
  [3, 0],
  [0, 2, 3],
  [2, 0, 0],
]

describe('backward errors are a few roundings', () => {
  test.each(SQUARES)('solve and inverse, n = %i', n => {
    const [a, b] = [randomTensor([n, n], n), randomTensor([n, 3], n + 1)]
    const x = solve(a, b)
    // The residual of a stable elimination: beside ‖A‖ ‖X‖, whatever the condition.
    const scale = n * largest(a) * Math.max(largest(x), 1)
    expect(distance(matmul(a, x), b)).toBeLessThan(10 * EPSILON * scale)
    const y = inverse(a)
    expect(distance(matmul(a, y), eye(n, n, { dtype: 'float64' }))).toBeLessThan(
      10 * n * EPSILON * largest(a) * largest(y),
    )
  })

  test.each(SQUARES)('cholesky, n = %i', n => {
    const x = randomTensor([n, n], n)
    const a = add(matmul(x, transpose(x)), mul(eye(n, n, { dtype: 'float64' }), 0.1)) as Tensor
    const lower = cholesky(a)
    expect(distance(matmul(lower, transpose(lower)), a)).toBeLessThan(4 * n * EPSILON * largest(a))
    const upper = cholesky(a, { upper: true })
    expect(upper.toArray()).toEqual(transpose(lower).toArray())
    const b = randomTensor([n, 2], 7)
    const expected = solve(a, b)
    const tolerance = 1e4 * n * EPSILON * largest(expected) * largest(a)
    expect(distance(choleskySolve(lower, b), expected)).toBeLessThan(tolerance)
    expect(distance(choleskySolve(upper, b, { upper: true }), expected)).toBeLessThan(tolerance)
  })

  test.each(RECTANGLES.map(shape => [shape]))('lu, qr, svd of %j', shape => {
    const a = randomTensor(shape, 3)
    const [m, n] = shape.slice(-2) as [number, number]
    const k = Math.min(m, n)
    const tolerance = 10 * Math.max(m, n) * EPSILON * largest(a)

    const { permutation, lower, upper } = lu(a)
    expect(lower.shape.slice(-2)).toEqual([m, k])
    expect(upper.shape.slice(-2)).toEqual([k, n])
    expect(distance(matmul(permutation, matmul(lower, upper)), a)).toBeLessThan(tolerance)
    expect(largest(lower)).toBe(1)

    for (const mode of ['reduced', 'complete'] as const) {
      const { q, r } = qr(a, { mode })
      const rows = mode === 'reduced' ? k : m
      expect(q.shape.slice(-2)).toEqual([m, rows])
      expect(r.shape.slice(-2)).toEqual([rows, n])
      expect(distance(matmul(q, r), a)).toBeLessThan(tolerance)
      expect(skewness(q)).toBeLessThan(10 * m * EPSILON)
    }

    for (const fullMatrices of [false, true]) {
      const { u, s, vT } = svd(a, { fullMatrices })
      expect(u.shape.slice(-2)).toEqual([m, fullMatrices ? m : k])
      expect(vT.shape.slice(-2)).toEqual([fullMatrices ? n : k, n])
      expect(skewness(u)).toBeLessThan(10 * m * EPSILON)
      expect(skewness(transpose(vT) as Tensor)).toBeLessThan(10 * n * EPSILON)
      const thin = fullMatrices ? svd(a) : { u, s, vT }
      expect(distance(matmul(mul(thin.u, unsqueeze(s, -2) as Tensor), thin.vT), a)).toBeLessThan(tolerance)
    }
  })

  test.each(SQUARES)('eigh, n = %i', n => {
    const a = symmetric(randomTensor([n, n], n))
    const { values, vectors } = eigh(a)
    expect(skewness(vectors)).toBeLessThan(10 * n * EPSILON)
    const rebuilt = matmul(mul(vectors, unsqueeze(values, -2) as Tensor), transpose(vectors))
    expect(distance(rebuilt, a)).toBeLessThan(10 * n * EPSILON * largest(a))
    const list = Array.from(values.data())
    expect(list).toEqual([...list].sort((x, y) => x - y))
  })

  test.each([5, 60])('eigh of clustered values, n = %i', n => {
    const { q } = qr(randomTensor([n, n], 1))
    const spectrum = Array.from({ length: n }, (_, i) => (i < n / 2 ? 1 + i * 1e-15 : 2))
    const a = matmul(mul(q, tensor(spectrum, { dtype: 'float64' })), transpose(q))
    const { values, vectors } = eigh(a)
    expect(skewness(vectors)).toBeLessThan(10 * n * EPSILON)
    expect(distance(values, tensor(spectrum, { dtype: 'float64' }) as Tensor)).toBeLessThan(10 * n * EPSILON)
  })

  test.each([
    ['zeros', (n: number) => zeros([n, n], { dtype: 'float64' }) as Tensor],
    ['the identity', (n: number) => eye(n, n, { dtype: 'float64' }) as Tensor],
    ['ones', (n: number) => ones([n, n], { dtype: 'float64' }) as Tensor],
  ])('svd and eigh of %s', (_, make) => {
    for (const n of [1, 2, 5, 12, 40]) {
      const a = make(n)
      const { u, s, vT } = svd(a)
      expect(skewness(u)).toBeLessThan(10 * n * EPSILON)
      expect(skewness(vT)).toBeLessThan(10 * n * EPSILON)
      expect(distance(matmul(mul(u, s), vT), a)).toBeLessThan(10 * n * EPSILON)
      const { values, vectors } = eigh(a)
      expect(skewness(vectors)).toBeLessThan(10 * n * EPSILON)
      expect(distance(matmul(mul(vectors, values), transpose(vectors)), a)).toBeLessThan(10 * n * EPSILON)
    }
  })

  test('small singular values are accurate to their own size', () => {
    // Columns of very different length: the singular values are known from the Gram matrix of the scaled columns.
    const q = qr(randomTensor([4, 4], 2)).q
    const sizes = [1, 1e-5, 1e-10, 1e-15]
    const a = mul(q, tensor(sizes, { dtype: 'float64' })) as Tensor
    for (const x of [a, transpose(a) as Tensor]) {
      for (const [i, value] of Array.from(singularValues(x).data()).entries()) {
        expect(Math.abs(value / sizes[i]! - 1)).toBeLessThan(1e-14)
      }
    }
  })

  test('small eigenvalues of positive definite matrices are accurate to their own size', () => {
    // D H D for H = [[2, 1], [1, 2]] and D = diag(1, 1e-8): det = 3e-16, trace 2 + 2e-16.
    const a = double([
      [2, 1e-8],
      [1e-8, 2e-16],
    ])
    expect(Math.abs(eigvalsh(a).data()[0]! / 1.5e-16 - 1)).toBeLessThan(1e-8)
  })

  test('nothing overflows on the way', () => {
    const q = qr(randomTensor([6, 6], 5)).q
    const spectrum = [1, 2, 3, 4, 5, 6]
    for (const scale of [1e-290, 1e290]) {
      const a = mul(matmul(mul(q, tensor(spectrum, { dtype: 'float64' })), transpose(q)), scale) as Tensor
      const [values, descending] = [eigvalsh(a).data(), singularValues(a).data()]
      for (const [i, value] of spectrum.entries()) {
        expect(values[i]! / scale).toBeCloseTo(value, 12)
        expect(descending[5 - i]! / scale).toBeCloseTo(value, 12)
      }
      expect(distance(mul(matmul(a, inverse(a)), 1), eye(6, 6, { dtype: 'float64' }) as Tensor)).toBeLessThan(
        1e-14,
      )
    }
    expect(
      determinant(
        mul(eye(4, 4, { dtype: 'float64' }), tensor([1e200, 1e200, 1e-200, 1e-200], { dtype: 'float64' })),
      ).item(),
    ).toBeCloseTo(1, 12)
  })
})

describe('matrices that algorithms stumble over', () => {
  type Entry = (i: number, j: number, random: (salt: number) => number) => number
  const kinds: readonly (readonly [string, Entry])[] = [
    ['few small whole numbers', (_i, _j, random) => (random(1) < 0.3 ? Math.floor(3 * random(2)) - 1 : 0)],
    ['few numbers', (_i, _j, random) => (random(1) < 0.2 ? random(2) - 0.5 : 0)],
    ['rank one', (i, j) => (((7 * i + 3) % 5) - 2) * (((3 * j + 1) % 7) - 3)],
    ['all equal', () => 1],
    ['a triangle of ones', (i, j) => (i <= j ? 1 : 0)],
    ["Hilbert's", (i, j) => 1 / (i + j + 1)],
    ['graded', (i, j, random) => (random(1) - 0.5) * 10 ** -(i + j)],
    [
      'of forty orders of magnitude',
      (_i, _j, random) => (random(1) - 0.5) * 10 ** (Math.floor(40 * random(2)) - 20),
    ],
    ['huge', (_i, _j, random) => (random(1) - 0.5) * 1e300],
    ['tiny', (_i, _j, random) => (random(1) - 0.5) * 1e-300],
    ['the identity, almost', (i, j, random) => Number(i === j) + 1e-15 * (random(1) - 0.5)],
  ]

  test.each(kinds)('%s', (_, entry) => {
    for (const [m, n] of [
      [3, 3],
      [6, 6],
      [9, 5],
      [13, 4],
      [14, 14],
      [4, 13],
      [45, 45],
    ] as const) {
      const noise = uniform(new Rng(100 * m + n), [m, n, 3], { dtype: 'float64' }).data()
      const values = Array.from({ length: m * n }, (_, at) =>
        entry(Math.floor(at / n), at % n, salt => noise[3 * at + salt]!),
      )
      // By a power of two, so that the test itself does not overflow.
      const size = Math.max(...values.map(Math.abs))
      const unit = 2 ** -Math.floor(Math.log2(size === 0 ? 1 : size))
      const a = tensor(values, { shape: [m, n], dtype: 'float64' }) as Tensor
      const tolerance = 10 * Math.max(m, n) * EPSILON
      const { u, s, vT } = svd(a)
      expect(skewness(u)).toBeLessThan(tolerance)
      expect(skewness(transpose(vT) as Tensor)).toBeLessThan(tolerance)
      expect(distance(matmul(mul(u, mul(s, unit)), vT) as Tensor, mul(a, unit) as Tensor)).toBeLessThan(
        2 * tolerance,
      )
      const { q, r } = qr(a)
      expect(skewness(q)).toBeLessThan(tolerance)
      expect(distance(matmul(q, mul(r, unit)) as Tensor, mul(a, unit) as Tensor)).toBeLessThan(2 * tolerance)
      if (m !== n) continue
      const mirrored = add(a.tril(), transpose(a.tril(-1))) as Tensor
      const { values: w, vectors } = eigh(mirrored)
      expect(skewness(vectors)).toBeLessThan(tolerance)
      const rebuilt = matmul(mul(vectors, mul(w, unit)), transpose(vectors)) as Tensor
      expect(distance(rebuilt, mul(mirrored, unit) as Tensor)).toBeLessThan(2 * tolerance)
    }
  })
})

describe('shapes', () => {
  test.each(EMPTY.map(shape => [shape]))('nothing in %j', shape => {
    const a = zeros(shape, { dtype: 'float64' }) as Tensor
    const batch = shape.slice(0, -2)
    const [m, n] = shape.slice(-2) as [number, number]
    const k = Math.min(m, n)
    expect(qr(a).q.shape).toEqual([...batch, m, k])
    expect(qr(a).r.shape).toEqual([...batch, k, n])
    expect(qr(a, { mode: 'complete' }).q.shape).toEqual([...batch, m, m])
    expect(lu(a).lower.shape).toEqual([...batch, m, k])
    expect(svd(a).s.shape).toEqual([...batch, k])
    expect(svd(a, { fullMatrices: true }).u.shape).toEqual([...batch, m, m])
    expect(svd(a, { fullMatrices: true }).vT.shape).toEqual([...batch, n, n])
    expect(pseudoInverse(a).shape).toEqual([...batch, n, m])
    expect(matrixRank(a).shape).toEqual(batch)
    expect(matrixNorm(a).shape).toEqual(batch)
    if (m !== n) return
    for (const f of [inverse, cholesky, matrixExp, cofactor]) expect(f(a).shape).toEqual(shape)
    expect(determinant(a).toArray()).toEqual(ones(batch).toArray())
    expect(slogDeterminant(a).logAbsDeterminant.toArray()).toEqual(zeros(batch).toArray())
    expect(solve(a, zeros([...batch, n, 2])).shape).toEqual([...batch, n, 2])
    expect(eigh(a).vectors.shape).toEqual(shape)
  })

  test('batches are the same as one after the other, and broadcast', () => {
    const a = randomTensor([2, 3, 4, 4], 1)
    const b = randomTensor([3, 4, 2], 2)
    const x = solve(a, b)
    expect(x.shape).toEqual([2, 3, 4, 2])
    for (const [i, rows] of (x.toArray() as number[][][][]).entries()) {
      for (const [j, found] of rows.entries()) {
        expect(solve(a.slice(i, j), b.slice(j)).toArray()).toEqual(found)
      }
    }
    expect(solve(a, randomTensor([4], 3)).shape).toEqual([2, 3, 4])
    expect(triangularSolve(a, b, { upper: true }).shape).toEqual([2, 3, 4, 2])
    expect(leastSquares(a, b).shape).toEqual([2, 3, 4, 2])
    const { values } = eigh(a)
    expect(values.slice(1, 2).toArray()).toEqual(eigvalsh(a.slice(1, 2)).toArray())
  })

  test('views are read where they are', () => {
    const a = randomTensor([4, 4], 8)
    const flipped = a.slice([null, null, -1], [null, null, -1])
    expect(determinant(flipped).item()).toBeCloseTo(determinant(a).item(), 12)
    expect(inverse(transpose(a)).toArray()).toEqual(
      inverse(tensor(transpose(a).toArray() as number[][], { dtype: 'float64' })).toArray(),
    )
  })

  test('float32 is computed in float64 and rounded once; integers become float32', () => {
    const a = randomTensor([3, 3], 4).cast('float32')
    expect(inverse(a).dtype).toBe('float32')
    expect(inverse(a).data()).toEqual(Float32Array.from(inverse(a.cast('float64')).data()))
    expect(
      determinant(
        tensor(
          [
            [1, 2],
            [3, 4],
          ],
          { dtype: 'int32' },
        ),
      ).dtype,
    ).toBe('float32')
    expect(solve(a, randomTensor([3, 1], 1)).dtype).toBe('float64')
  })

  test('one vector on the right stays a vector', () => {
    const a = randomTensor([3, 3], 4)
    const b = randomTensor([3], 5)
    for (const left of [true, false]) {
      const x = triangularSolve(a, b, { left })
      expect(x.shape).toEqual([3])
      const triangle = a.tril()
      const product = left ? matmul(triangle, x) : matmul(x, triangle)
      expect(distance(product as Tensor, b)).toBeLessThan(1e-13)
    }
    expect(choleskySolve(eye(3), ones([3])).shape).toEqual([3])
    expect(leastSquares(randomTensor([5, 3], 1), randomTensor([5], 2)).shape).toEqual([3])
  })

  test.each([
    [() => solve(ones([2, 3]), ones([2])), 'ShapeError: solve: takes square matrices, got [2, 3] (2 ≠ 3).'],
    [
      () => solve(eye(3), ones([2, 3])),
      'ShapeError: solve: a matrix [3, 3] does not fit the right side [2, 3]: 3 ≠ 2 rows. Did you mean the transpose of the right side?',
    ],
    [() => inverse(ones([3])), 'ShapeError: inverse: takes matrices, so at least two axes; got [3].'],
    [
      () => leastSquares(ones([3, 2]), ones([2])),
      'ShapeError: leastSquares: a matrix [3, 2] does not fit the right side [2]: 3 ≠ 2 rows.',
    ],
    [
      () => matrixPower(eye(2), 0.5),
      'ArgumentError: matrixPower: the power must be a whole number, got 0.5.',
    ],
    [
      () => matrixNorm(eye(2), 3),
      "ArgumentError: matrixNorm: the order is 'fro', 'nuc', 1, -1, 2, -2, Infinity or -Infinity, got 3.",
    ],
    [
      () => pseudoInverse(eye(2), { rcond: 2 }),
      'ArgumentError: pseudoInverse: rcond is a number from 0 up and below 1, got 2.',
    ],
    [
      () => dot(ones([2]), ones([3])),
      'ShapeError: dot: takes two vectors of equal length, got [2] and [3]; matmul, inner and tensordot take more axes.',
    ],
    [
      () => cross(ones([2]), ones([2])),
      'ShapeError: cross: takes vectors of three components along axis -1, got [2] and [2].',
    ],
    [
      () => multiDot([ones([2, 3]), ones([2, 3])]),
      'ShapeError: multiDot: sizes do not fit: [2, 3] × [2, 3].',
    ],
    [
      () => tensordot(ones([2, 3]), ones([2, 3]), [[0], [1]]),
      'ShapeError: tensordot: axis 0 of [2, 3] and axis 1 of [2, 3] are to be summed over together, but have 2 and 3 elements.',
    ],
  ])('mistake %#', (body, message) => {
    expect(errorOf(body)).toBe(message)
  })
})

describe('singular matrices', () => {
  const singular = double([
    [1, 2],
    [2, 4],
  ])

  test('inverse and solve name the pivot', () => {
    const message =
      'the matrix is singular to working precision: pivot 1 of 2 is 0. Try pseudoInverse or leastSquares, or add a small multiple of eye(n).'
    expect(errorOf(() => inverse(singular))).toBe(`ArgumentError: inverse: ${message}`)
    expect(errorOf(() => solve(singular, ones([2])))).toBe(`ArgumentError: solve: ${message}`)
    expect(errorOf(() => matrixPower(singular, -1))).toContain('pivot 1 of 2')
    // Only rounding is left of the last row, although the pivot is not 0.
    const counted = arange(1, 10, 1, { dtype: 'float64' }).reshape([3, 3])
    expect(errorOf(() => inverse(counted))).toContain('pivot 2 of 3')
    const batch = tensor([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ])
    expect(errorOf(() => inverse(batch))).toContain('(batch [1]): pivot 1 of 2 is 0')
  })

  test('small numbers are not singular', () => {
    expect(
      inverse(
        double([
          [1, 0],
          [0, 2 ** -100],
        ]),
      ).toArray(),
    ).toEqual([
      [1, 0],
      [0, 2 ** 100],
    ])
    expect(
      inverse(
        double([
          [1e-300, 1e-300],
          [0, 1e-320],
        ]),
      ).data()[3],
    ).toBeGreaterThan(0)
  })

  test('cholesky names the pivot', () => {
    expect(
      errorOf(() =>
        cholesky(
          double([
            [1, 2],
            [2, 1],
          ]),
        ),
      ),
    ).toBe(
      'ArgumentError: cholesky: the matrix is not positive definite: pivot 1 of 2 is -3. Add a small multiple of eye(n), or use eigh.',
    )
    expect(errorOf(() => cholesky(tensor([[[1]], [[-4]]])))).toContain('(batch [1]): pivot 0 of 1 is -4')
  })

  test('triangularSolve names the number of the diagonal', () => {
    expect(
      errorOf(() =>
        triangularSolve(
          double([
            [1, 0],
            [5, 0],
          ]),
          ones([2]),
        ),
      ),
    ).toBe('ArgumentError: triangularSolve: the matrix is singular: number 1 of its diagonal is 0.')
    expect(
      triangularSolve(
        double([
          [0, 9],
          [5, 0],
        ]),
        tensor([1, 2]),
        { unitriangular: true },
      ).toArray(),
    ).toEqual([1, -3])
  })

  test('pseudoInverse and leastSquares take them', () => {
    for (const [shape, rank] of [
      [[5, 3], 2],
      [[3, 5], 2],
      [[4, 4], 1],
    ] as const) {
      const [m, n] = shape
      const a = matmul(randomTensor([m, rank], 1), randomTensor([rank, n], 2)) as Tensor
      expect(matrixRank(a).item()).toBe(rank)
      expect(conditionNumber(a).item()).toBeGreaterThan(1e14)
      const p = pseudoInverse(a)
      // The four conditions of R. Penrose.
      const tolerance = 100 * EPSILON * largest(a) * largest(p)
      expect(distance(matmul(matmul(a, p), a) as Tensor, a)).toBeLessThan(tolerance * largest(a))
      expect(distance(matmul(matmul(p, a), p) as Tensor, p)).toBeLessThan(tolerance * largest(p))
      for (const x of [matmul(a, p), matmul(p, a)] as Tensor[]) {
        expect(distance(x, transpose(x) as Tensor)).toBeLessThan(tolerance)
      }
      const b = randomTensor([m, 2], 3)
      expect(distance(leastSquares(a, b), matmul(p, b) as Tensor)).toBeLessThan(10 * tolerance)
    }
    // What rcond calls 0 is left out.
    const scaled = double([
      [1, 0],
      [0, 1e-3],
    ])
    expect(pseudoInverse(scaled, { rcond: 1e-2 }).toArray()).toEqual([
      [1, 0],
      [0, 0],
    ])
    expect(leastSquares(scaled, tensor([1, 1]), { rcond: 1e-2 }).toArray()).toEqual([1, 0])
  })

  test('their determinant has sign 0 and logarithm -Infinity, and no gradient of the logarithm', () => {
    const { sign, logAbsDeterminant } = slogDeterminant(singular)
    expect([sign.item(), logAbsDeterminant.item()]).toEqual([0, Number.NEGATIVE_INFINITY])
    expect(logDeterminant(singular).item()).toBe(Number.NEGATIVE_INFINITY)
    expect(
      logDeterminant(
        double([
          [0, 1],
          [1, 0],
        ]),
      ).item(),
    ).toBeNaN()
    const a = tensor(
      [
        [1, 2],
        [2, 4],
      ],
      { requiresGrad: true },
    )
    expect(errorOf(() => gradients(slogDeterminant(a).logAbsDeterminant, [a]))).toContain(
      'logAbsDeterminant: the matrix is singular to working precision: pivot 1 of 2 is 0',
    )
  })

  test('the determinant of integers is exact where elimination is', () => {
    expect(determinant(singular).item()).toBe(0)
    expect(
      determinant(
        double([
          [0, 1],
          [1, 0],
        ]),
      ).item(),
    ).toBe(-1)
    expect(determinant(zeros([3, 3])).item()).toBe(0)
    expect(
      determinant(
        tensor([
          [
            [1, 2],
            [3, 4],
          ],
          [
            [2, 0],
            [0, 5],
          ],
        ]),
      ).toArray(),
    ).toEqual([-2, 10])
  })

  test('numbers that are not finite go through', () => {
    const a = double([
      [Number.NaN, 1],
      [1, 2],
    ])
    for (const x of [inverse(a), svd(a).s, eigvalsh(a), matrixExp(a), determinant(a), cholesky(a)]) {
      expect(Array.from(x.data()).some(Number.isNaN)).toBe(true)
    }
  })
})

describe('qr, eigh and svd are unique', () => {
  test('the diagonal of R has no negative number', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { r } = qr(randomTensor([5, 4], seed))
      for (let i = 0; i < 4; i++) expect(r.data()[i * 4 + i]).toBeGreaterThan(0)
      for (let i = 0; i < 4; i++) for (let j = 0; j < i; j++) expect(r.data()[i * 4 + j]).toBe(0)
    }
  })

  test('a small change of the matrix does not flip a vector', () => {
    for (let seed = 0; seed < 50; seed++) {
      const a = randomTensor([5, 5], seed)
      const b = add(a, mul(randomTensor([5, 5], seed + 100), 1e-9)) as Tensor
      expect(distance(svd(a).u, svd(b).u)).toBeLessThan(1e-5)
      expect(distance(eigh(a).vectors, eigh(b).vectors)).toBeLessThan(1e-5)
    }
  })

  test('matrices that are not symmetric are read as (A + Aᵀ)/2', () => {
    const a = randomTensor([4, 4], 9)
    expect(eigvalsh(a).toArray()).toEqual(eigvalsh(mul(symmetric(a), 0.5)).toArray())
    const shifted = add(a, mul(eye(4, 4, { dtype: 'float64' }), 10)) as Tensor
    expect(cholesky(shifted).toArray()).toEqual(cholesky(mul(symmetric(shifted), 0.5)).toArray())
  })
})

describe('the matrix exponential', () => {
  test('of a rotation is sine and cosine, at every size', () => {
    for (const angle of [1e-8, 0.01, 0.1, 0.5, 1, 2, 3, 30, 300]) {
      const found = matrixExp(
        double([
          [0, -angle],
          [angle, 0],
        ]),
      ).data()
      // The angle itself is known to a rounding: the error grows with it.
      const tolerance = 4 * EPSILON * Math.max(1, angle)
      expect(Math.abs(found[0]! - Math.cos(angle))).toBeLessThan(tolerance)
      expect(Math.abs(found[2]! - Math.sin(angle))).toBeLessThan(tolerance)
    }
  })

  test('of a symmetric matrix is that of its eigenvalues', () => {
    for (const scale of [0.01, 0.3, 1, 5]) {
      const a = mul(symmetric(randomTensor([6, 6], 2)), scale) as Tensor
      const { values, vectors } = eigh(a)
      const expected = matmul(mul(vectors, values.exp()), transpose(vectors)) as Tensor
      expect(distance(matrixExp(a), expected)).toBeLessThan(1e-13 * largest(expected))
    }
  })

  test('of commuting matrices multiplies', () => {
    const a = randomTensor([5, 5], 1)
    expect(
      distance(matmul(matrixExp(a), matrixExp(neg(a))) as Tensor, eye(5, 5, { dtype: 'float64' }) as Tensor),
    ).toBeLessThan(1e-12)
    expect(matrixExp(zeros([2, 2])).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(
      matrixExp(
        double([
          [0, 1, 0],
          [0, 0, 1],
          [0, 0, 0],
        ]),
      ).toArray(),
    ).toEqual([
      [1, 1, 0.5],
      [0, 1, 1],
      [0, 0, 1],
    ])
  })
})

describe('norms and powers', () => {
  const a = double([
    [3, -4, 0],
    [1, 2, -2],
  ])

  test('matrixNorm against its definitions', () => {
    const values = Array.from(singularValues(a).data())
    expect(matrixNorm(a).item()).toBeCloseTo(Math.sqrt(34), 14)
    expect(matrixNorm(a, 1).item()).toBe(6)
    expect(matrixNorm(a, -1).item()).toBe(2)
    expect(matrixNorm(a, Number.POSITIVE_INFINITY).item()).toBe(7)
    expect(matrixNorm(a, Number.NEGATIVE_INFINITY).item()).toBe(5)
    expect(matrixNorm(a, 2).item()).toBe(values[0])
    expect(matrixNorm(a, -2).item()).toBe(values[1])
    expect(matrixNorm(a, 'nuc').item()).toBeCloseTo(values[0]! + values[1]!, 14)
    expect(matrixNorm(a, 2, { keepDims: true }).shape).toEqual([1, 1])
    // A Aᵀ = [[25, -5], [-5, 9]]: its eigenvalues are the squares.
    expect(values.map(value => value * value)).toEqual([
      expect.closeTo(17 + Math.sqrt(89), 12),
      expect.closeTo(17 - Math.sqrt(89), 12),
    ])
  })

  test('conditionNumber', () => {
    expect(
      conditionNumber(
        double([
          [2, 0],
          [0, 0.5],
        ]),
      ).item(),
    ).toBe(4)
    expect(
      conditionNumber(
        double([
          [2, 0],
          [0, 0.5],
        ]),
        1,
      ).item(),
    ).toBe(4)
    expect(
      conditionNumber(
        double([
          [2, 0],
          [0, 0.5],
        ]),
        -2,
      ).item(),
    ).toBe(0.25)
    expect(
      conditionNumber(
        double([
          [1, 0],
          [0, 0],
        ]),
      ).item(),
    ).toBe(Number.POSITIVE_INFINITY)
    expect(conditionNumber(a).item()).toBeCloseTo(Math.sqrt((17 + Math.sqrt(89)) / (17 - Math.sqrt(89))), 12)
  })

  test('matrixPower', () => {
    const fibonacci = tensor(
      [
        [1, 1],
        [1, 0],
      ],
      { dtype: 'int32' },
    )
    expect(matrixPower(fibonacci, 20).toArray()).toEqual([
      [10946, 6765],
      [6765, 4181],
    ])
    expect(matrixPower(fibonacci, 0).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(matrixPower(fibonacci, 1)).toBe(fibonacci)
    expect(
      matrixPower(
        double([
          [2, 0],
          [0, 4],
        ]),
        -2,
      ).toArray(),
    ).toEqual([
      [0.25, 0],
      [0, 0.0625],
    ])
    expect(matrixPower(ones([3, 2, 2]), 0).shape).toEqual([3, 2, 2])
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    )
    expect(gradients(matrixPower(x, 0).sum(), [x])[0]!.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  test('matrixRank', () => {
    expect(matrixRank(eye(4)).item()).toBe(4)
    expect(matrixRank(zeros([3, 2])).item()).toBe(0)
    expect(
      matrixRank(
        double([
          [1, 0],
          [0, 1e-5],
        ]),
        { rcond: 1e-4 },
      ).item(),
    ).toBe(1)
    expect(matrixRank(stackOf(eye(2), ones([2, 2]))).toArray()).toEqual([2, 1])
  })
})

function stackOf(...tensors: readonly Tensor[]): Tensor {
  return tensor(tensors.map(x => x.toArray()) as number[][][]) as Tensor
}

describe('products', () => {
  const [x, y] = [arange(6).reshape([2, 3]), arange(6, 12).reshape([2, 3])]

  test('dot, vdot, inner, outer, tensordot', () => {
    expect(dot(tensor([1, 2]), tensor([3, 4])).item()).toBe(11)
    expect(dot(zeros([0]), zeros([0])).item()).toBe(0)
    expect(vdot(x, y).item()).toBe(0 * 6 + 7 + 16 + 27 + 40 + 55)
    expect(inner(x, y).toArray()).toEqual(matmul(x, transpose(y)).toArray())
    expect(inner(x, tensor(2)).toArray()).toEqual([
      [0, 2, 4],
      [6, 8, 10],
    ])
    expect(outer(tensor([1, 2]), x).shape).toEqual([2, 6])
    expect(
      tensordot(x, y, [
        [0, 1],
        [0, 1],
      ]).item(),
    ).toBe(145)
    expect(tensordot(x, y, 0).shape).toEqual([2, 3, 2, 3])
    expect(tensordot(x, y, [[-1], [-1]]).toArray()).toEqual(inner(x, y).toArray())
    const [a, b] = [randomTensor([2, 3, 4], 1), randomTensor([4, 3, 5], 2)]
    const found = tensordot(a, b, [
      [1, 2],
      [1, 0],
    ])
    expect(found.shape).toEqual([2, 5])
    let total = 0
    for (let j = 0; j < 3; j++)
      for (let k = 0; k < 4; k++) total += a.data()[12 + 4 * j + k]! * b.data()[15 * k + 5 * j + 2]!
    expect(found.data()[7]).toBeCloseTo(total, 12)
    expect(errorOf(() => tensordot(x, y, [[0], [0, 1]]))).toContain('two lists of equal length')
    expect(errorOf(() => tensordot(x, y, 3))).toContain('cannot sum over 3 axes of [2, 3] and [2, 3]')
  })

  test('kron of any rank', () => {
    expect(kron(tensor([1, 2]), tensor([1, 10])).toArray()).toEqual([1, 10, 2, 20])
    expect(kron(tensor([1, 2]), tensor([[1], [3]])).toArray()).toEqual([
      [1, 2],
      [3, 6],
    ])
    expect(kron(tensor(3), x).toArray()).toEqual(mul(x, 3).toArray())
    // (A ⊗ B)(C ⊗ D) = A C ⊗ B D
    const [a, b, c, d] = [1, 2, 3, 4].map(seed => randomTensor([3, 3], seed)) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ]
    expect(
      distance(
        matmul(kron(a, b), kron(c, d)) as Tensor,
        kron(matmul(a, c) as Tensor, matmul(b, d) as Tensor),
      ),
    ).toBeLessThan(1e-13)
  })

  test('cross along any axis, broadcast', () => {
    const [a, b] = [randomTensor([4, 3], 1), randomTensor([3], 2)]
    const found = cross(a, b)
    expect(found.shape).toEqual([4, 3])
    expect(largest(matmul(found, b) as Tensor)).toBeLessThan(1e-14)
    expect(cross(transpose(a), unsqueeze(b, 1), 0).toArray()).toEqual(transpose(found).toArray())
    expect(cross(tensor([0, 1, 0]), tensor([0, 0, 1])).toArray()).toEqual([1, 0, 0])
  })

  test('multiDot', () => {
    const [a, b, c] = [randomTensor([4], 1), randomTensor([4, 5], 2), randomTensor([5], 3)]
    expect(multiDot([a, b, c]).shape).toEqual([])
    expect(multiDot([a, b, c]).item()).toBeCloseTo((matmul(matmul(a, b), c) as Tensor).item(), 13)
    expect(multiDot([a, b]).shape).toEqual([5])
    expect(multiDot([b]).shape).toEqual([4, 5])
    expect(errorOf(() => multiDot([b, c, b]))).toContain('tensor 1 has shape [5]')
    expect(errorOf(() => multiDot([]))).toContain('at least one tensor')
  })

  test('addmm, baddbmm, matrixTranspose', () => {
    const [a, b] = [randomTensor([2, 3], 1), randomTensor([3, 4], 2)]
    const c = full([2, 4], Number.NaN, { dtype: 'float64' })
    expect(addmm(c, a, b, { beta: 0 }).toArray()).toEqual(matmul(a, b).toArray())
    expect(
      distance(
        addmm(randomTensor([4], 3), a, b, { beta: 2, alpha: -1 }),
        sub(mul(randomTensor([4], 3), 2), matmul(a, b)) as Tensor,
      ),
    ).toBeLessThan(1e-15)
    expect(baddbmm(ones([1]), ones([2, 1, 3]), ones([2, 3, 1]), { alpha: 2 }).toArray()).toEqual([
      [[7]],
      [[7]],
    ])
    expect(errorOf(() => addmm(c, ones([2, 2, 2]), b))).toContain(
      'multiplies tensors of rank 2, got [2, 2, 2] and [3, 4]',
    )
    expect(matrixTranspose(a).shape).toEqual([3, 2])
    expect(diagonalOf(tensor([1, 2])).toArray()).toEqual([
      [1, 0],
      [0, 2],
    ])
  })
})
