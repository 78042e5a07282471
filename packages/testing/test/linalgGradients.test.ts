// Derivatives of what core composes for matrices, in both modes and the second order, against difference quotients; and of
// what quotients cannot say: singular matrices, higher orders, equal values.
import {
  AdjointError,
  add,
  cholesky,
  choleskySolve,
  cofactor,
  concat,
  conditionNumber,
  cross,
  determinant,
  eigh,
  eigvalsh,
  einsum,
  eye,
  gradients,
  jvp,
  kron,
  leastSquares,
  logDeterminant,
  lu,
  matmul,
  matrixExp,
  matrixNorm,
  matrixPower,
  mul,
  multiDot,
  pseudoInverse,
  qr,
  Rng,
  singularValues,
  sqrt,
  sub,
  sum,
  svd,
  type Tensor,
  tensor,
  tensordot,
  transpose,
  triangularSolve,
  unsqueeze,
} from '@adjoint/core'
import { checkGradients } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'

function random(shape: readonly number[], seed: number): Tensor {
  return new Rng(seed).normal(shape, { dtype: 'float64' })
}

function double(data: readonly (readonly number[])[]): Tensor {
  return tensor(data as number[][], { dtype: 'float64', requiresGrad: true }) as Tensor
}

const identity = (n: number): Tensor => eye(n, n, { dtype: 'float64' }) as Tensor

/** Positive definite and well conditioned. */
function definite(n: number, seed: number): Tensor {
  const x = random([n, n], seed)
  return add(mul(matmul(x, transpose(x)), 1 / n), identity(n)) as Tensor
}

function dense(x: Tensor): number[][] {
  return x.toArray() as number[][]
}

/** V f(w) Vᵀ. */
function functionOf(a: Tensor, f: (w: Tensor) => Tensor): Tensor {
  const { values, vectors } = eigh(a)
  return matmul(mul(vectors, unsqueeze(f(values), -2) as Tensor), transpose(vectors)) as Tensor
}

describe('first and second order, both modes', () => {
  const cases: readonly (readonly [string, (x: Tensor) => Tensor, Tensor])[] = [
    ['qr, tall: q', x => qr(x).q, random([4, 3], 1)],
    ['qr, tall: r', x => qr(x).r, random([4, 3], 1)],
    ['qr, wide: q', x => qr(x).q, random([3, 5], 1)],
    ['qr, wide: r', x => qr(x).r, random([3, 5], 1)],
    ['qr, complete', x => qr(x, { mode: 'complete' }).q, random([5, 2], 2)],
    ['lu, square: lower', x => lu(x).lower, random([3, 3], 3)],
    ['lu, square: upper', x => lu(x).upper, random([3, 3], 3)],
    ['lu, tall', x => lu(x).lower, random([4, 2], 4)],
    ['lu, wide', x => lu(x).upper, random([2, 4], 5)],
    ['svd, tall: u', x => svd(x).u, random([4, 3], 6)],
    ['svd, wide: vT', x => svd(x).vT, random([2, 4], 7)],
    ['svd, full: u', x => svd(x, { fullMatrices: true }).u, random([4, 2], 8)],
    ['svd, full: vT', x => svd(x, { fullMatrices: true }).vT, random([2, 4], 9)],
    ['U Vᵀ', x => matmul(svd(x).u, svd(x).vT) as Tensor, random([3, 3], 10)],
    ['eigh: vectors', x => eigh(x).vectors, definite(4, 11)],
    ['eigh: a function', x => functionOf(x, sqrt as (w: Tensor) => Tensor), definite(4, 12)],
    ['eigvalsh', eigvalsh, random([3, 3], 13)],
    ['singularValues', singularValues, random([2, 3, 4], 14)],
    ['cholesky, upper', x => cholesky(x, { upper: true }), definite(3, 15)],
    ['choleskySolve', x => choleskySolve(cholesky(x), random([3, 2], 1)), definite(3, 16)],
    [
      'triangularSolve, vector',
      x => triangularSolve(x, random([3], 1), { upper: true, left: false }),
      add(random([3, 3], 17), mul(identity(3), 3)) as Tensor,
    ],
    ['logDeterminant', logDeterminant, definite(3, 18)],
    ['matrixPower -2', x => matrixPower(x, -2), definite(3, 19)],
    ['matrixPower 5', x => matrixPower(x, 5), random([2, 3, 3], 20)],
    ['matrixNorm, fro', x => matrixNorm(x), random([3, 4], 21)],
    ['matrixNorm, nuc', x => matrixNorm(x, 'nuc'), random([3, 4], 22)],
    ['matrixNorm, 2', x => matrixNorm(x, 2), random([3, 4], 23)],
    ['matrixNorm, -2', x => matrixNorm(x, -2), random([3, 4], 24)],
    ['conditionNumber', x => conditionNumber(x), random([3, 3], 25)],
    ['conditionNumber, 1', x => conditionNumber(x, 1), random([3, 3], 26)],
    [
      'multiDot',
      x => multiDot([x, random([3, 2], 1), random([2, 3], 2), transpose(x) as Tensor]),
      random([3, 3], 27),
    ],
    ['kron', x => kron(x, transpose(x) as Tensor), random([2, 3], 28)],
    ['cross', x => cross(x, random([3], 2)), random([2, 3], 29)],
    [
      'tensordot',
      x =>
        tensordot(x, x, [
          [0, 2],
          [0, 1],
        ]),
      random([2, 3, 3], 30),
    ],
    ['einsum, a diagonal', x => einsum('iij,jk->ki', x, random([2, 3], 1)), random([3, 3, 2], 31)],
    ['einsum, three operands', x => einsum('ij,kj,...j->...ik', x, x, random([2, 3], 1)), random([2, 3], 32)],
    ['einsum, an axis of size 1', x => einsum('ij,jk->', x, random([3, 2], 1)), random([2, 1], 33)],
    ['leastSquares, vector', x => leastSquares(x, random([4], 1)), random([4, 2], 34)],
  ]

  test.each(cases)('%s', (_, f, x) => {
    expect(checkGradients(f, x, { order: 2 }).passes).toBe(true)
  })

  test('pseudoInverse and leastSquares of constant rank below full', () => {
    // X ↦ B X C keeps rank 2.
    const [b, c] = [random([4, 2], 1), random([2, 3], 2)]
    const product = (x: Tensor): Tensor => matmul(matmul(b, x), c) as Tensor
    const x = definite(2, 3)
    expect(
      checkGradients((at: Tensor) => pseudoInverse(product(at), { rcond: 1e-10 }), x, { order: 2 }).passes,
    ).toBe(true)
    const right = random([4, 2], 4)
    expect(
      checkGradients((at: Tensor) => leastSquares(product(at), right, { rcond: 1e-10 }), x, { order: 2 })
        .passes,
    ).toBe(true)
  })
})

/** The determinant by its definition, a polynomial of the entries, for as many derivatives as one likes. */
function leibniz(a: Tensor): Tensor {
  const n = a.shape[0]!
  if (n === 1) return a.slice(0, 0)
  let total: Tensor | undefined
  for (let j = 0; j < n; j++) {
    const columns = Array.from({ length: n }, (_, k) => k).filter(k => k !== j)
    const rows = a.slice([1, null])
    const minor = transpose(stackColumns(rows, columns)) as Tensor
    const term = mul(mul(a.slice(0, j), leibniz(minor)), j % 2 === 0 ? 1 : -1) as Tensor
    total = total === undefined ? term : (add(total, term) as Tensor)
  }
  return total!
}

function stackColumns(rows: Tensor, columns: readonly number[]): Tensor {
  const flipped = transpose(rows) as Tensor
  return columns
    .map(k => unsqueeze(flipped.slice(k), 0) as Tensor)
    .reduce((left, right) => concat([left, right], 0) as Tensor)
}

describe('determinants of every rank', () => {
  const cases: readonly (readonly [string, readonly (readonly number[])[]])[] = [
    [
      'rank 1 of 2',
      [
        [1, 2],
        [2, 4],
      ],
    ],
    [
      'rank 0 of 2',
      [
        [0, 0],
        [0, 0],
      ],
    ],
    [
      'rank 3 of 3',
      [
        [2, 1, 0],
        [1, 3, 1],
        [0, 1, 4],
      ],
    ],
    [
      'rank 2 of 3',
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
    ],
    [
      'rank 1 of 3',
      [
        [1, 2, 3],
        [2, 4, 6],
        [-1, -2, -3],
      ],
    ],
    [
      'rank 0 of 3',
      [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    ],
    [
      'rank 3 of 4',
      [
        [1, 0, 2, 1],
        [0, 1, 1, 1],
        [1, 1, 0, 2],
        [2, 2, 3, 4],
      ],
    ],
    [
      'rank 2 of 4',
      [
        [1, 0, 2, 1],
        [0, 1, 1, 1],
        [1, 1, 3, 2],
        [2, -1, 3, 1],
      ],
    ],
    [
      'rank 1 of 4',
      [
        [1, 2, 0, 1],
        [2, 4, 0, 2],
        [0, 0, 0, 0],
        [3, 6, 0, 3],
      ],
    ],
    [
      'close to singular',
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9 + 1e-9],
      ],
    ],
  ]

  test.each(cases)('%s: three derivatives', (_, data) => {
    const n = data.length
    const directions = [random([n, n], 1), random([n, n], 2)]
    const derivatives = (f: (a: Tensor) => Tensor): number[][] => {
      const a = double(data)
      const [first] = gradients(f(a), [a], { createGraph: true })
      const [second] = gradients(sum(mul(first!, directions[0]!)), [a], { createGraph: true })
      const found = [first!, second!]
      if (second!.requiresGrad) found.push(gradients(sum(mul(second!, directions[1]!)), [a])[0]!)
      return found.map(x => Array.from(x.data()))
    }
    const [found, expected] = [derivatives(determinant), derivatives(leibniz)]
    for (const [order, values] of expected.entries()) {
      const scale = 1e-13 * Math.max(1, ...data.flat().map(Math.abs)) ** (n - 1 - order)
      for (const [i, value] of values.entries()) {
        expect(Math.abs((found[order]?.[i] ?? 0) - value)).toBeLessThan(Math.max(1e-13, 10 * scale))
      }
    }
  })

  test('the cofactors of a large singular matrix', () => {
    const [x, y] = [random([30, 29], 1), random([29, 30], 2)]
    const a = mul(matmul(x, y), 1 / 5) as Tensor
    const c = cofactor(a)
    // A adj(A) = det(A) I = 0.
    const size = Math.max(...Array.from(c.data(), Math.abs))
    const rest = matmul(a, transpose(c)) as Tensor
    expect(Math.max(...Array.from(rest.data(), Math.abs)) / size).toBeLessThan(1e-11)
    expect(size).toBeGreaterThan(0)
  })
})

describe('the matrix exponential', () => {
  test('derivatives of the fourth order at a number are the exponential', () => {
    const x = double([[0.7]])
    let y: Tensor = matrixExp(x)
    for (let order = 1; order <= 4; order++) {
      ;[y] = gradients(sum(y), [x], { createGraph: true }) as [Tensor]
      expect(Math.abs(y.data()[0]! - Math.exp(0.7))).toBeLessThan(1e-14)
    }
  })

  test('third derivatives agree with those of the powers of the series', () => {
    const series = (x: Tensor): Tensor => {
      let [term, total] = [identity(3), identity(3)]
      for (let k = 1; k < 30; k++) {
        term = mul(matmul(term, x), 1 / k) as Tensor
        total = add(total, term) as Tensor
      }
      return total
    }
    const third = (f: (x: Tensor) => Tensor): Float64Array => {
      const x = double(dense(random([3, 3], 1)))
      let y = sum(mul(f(x), random([3, 3], 2)))
      let slope: Tensor | undefined
      for (const seed of [3, 4, 5]) {
        ;[slope] = gradients(y, [x], { createGraph: true })
        y = sum(mul(slope!, random([3, 3], seed)))
      }
      return slope!.data() as Float64Array
    }
    const [found, expected] = [third(matrixExp), third(series)]
    for (const [i, value] of expected.entries())
      expect(Math.abs(found[i]! - value)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)))
  })

  test('of a large matrix: scaled and squared, with its derivative', () => {
    expect(checkGradients(matrixExp, mul(random([3, 3], 1), 8) as Tensor, { order: 2 }).passes).toBe(true)
  })
})

describe('equal values', () => {
  const rotation = qr(random([3, 3], 1)).q
  const twice = matmul(mul(rotation, tensor([1, 1, 2], { dtype: 'float64' })), transpose(rotation)) as Tensor

  test('eigenvalues and singular values have their first derivative, in both modes', () => {
    const v = random([3, 3], 2)
    for (const f of [eigvalsh, singularValues]) {
      const a = double(dense(twice))
      const [slope] = gradients(sum(f(a)), [a])
      // The sum of the values is the trace of a positive definite matrix.
      const rest = sub(slope!, identity(3)) as Tensor
      expect(Math.max(...Array.from(rest.data(), Math.abs))).toBeLessThan(1e-14)
      const { tangent } = jvp((x: Tensor) => sum(f(x)), twice, v)
      expect((tangent as Tensor).item()).toBeCloseTo(v.data()[0]! + v.data()[4]! + v.data()[8]!, 13)
    }
  })

  test('vectors have none: the message names the gap', () => {
    const through = (f: (x: Tensor) => Tensor): string => {
      const a = double(dense(twice))
      try {
        gradients(sum(mul(f(a), random([3, 3], 4))), [a])
      } catch (error) {
        if (error instanceof AdjointError) return error.message
      }
      return 'no error'
    }
    expect(through(x => eigh(x).vectors)).toMatch(
      /^eigh: the vectors have no derivative where values are equal or a singular value is 0: values 0 and 1 are (1|0\.9{9})\d*(\.0*\d*)? and /,
    )
    expect(through(x => svd(x).u)).toMatch(/^svd: .*values 1 and 2 are .*, a gap of .*e?-?\d/)
    expect(through(x => functionOf(x, w => w.exp()))).toContain('values 0 and 1')
  })

  test('the vector of the simple value has its derivative', () => {
    expect(checkGradients((x: Tensor) => eigh(x).vectors.slice(null, 2), twice).passes).toBe(true)
  })

  test('forward mode has NaN for their tangents, and numbers for the others', () => {
    const { tangent } = jvp((x: Tensor) => eigh(x).vectors, twice, random([3, 3], 5))
    const rows = dense(tangent as Tensor)
    expect(rows.map(row => row.map(Number.isNaN))).toEqual([
      [true, true, false],
      [true, true, false],
      [true, true, false],
    ])
  })

  test('a singular value of 0 has vectors without derivative', () => {
    const a = double([
      [1, 0],
      [0, 0],
      [0, 0],
    ])
    expect(() => gradients(sum(svd(a).u), [a])).toThrow('value 1 is 0')
  })

  test('float32 counts values as equal when they are to its rounding', () => {
    const a = tensor(
      [
        [1, 1e-8],
        [1e-8, 1],
      ],
      { requiresGrad: true },
    )
    expect(() =>
      gradients(
        sum(
          mul(
            eigh(a).vectors,
            tensor([
              [1, 2],
              [3, 4],
            ]),
          ),
        ),
        [a],
      ),
    ).toThrow('a gap of')
  })
})
