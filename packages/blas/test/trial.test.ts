// What a library must get right before it is used.
import { describe, expect, test } from 'vitest'
import { rightMatrixProduct, rightVectorProduct } from '../src/trial.ts'
import { loopMatrixProduct as gemm, loopVectorProduct as gemv } from './support.ts'

type Gemm = typeof gemm
type Gemv = typeof gemv

describe.each([Float32Array, Float64Array])('%o', array => {
  test('the definition is right', () => {
    expect(rightMatrixProduct(gemm, array)).toBe(true)
    expect(rightVectorProduct(gemv, array)).toBe(true)
  })

  test.each<[string, Gemm]>([
    ['does nothing', () => {}],
    ['ignores the first transpose', (_, ...rest) => gemm(false, ...rest)],
    ['ignores the second transpose', (transA, _, ...rest) => gemm(transA, false, ...rest)],
    ['forgets alpha', (tA, tB, m, n, k, _, ...rest) => gemm(tA, tB, m, n, k, 1, ...rest)],
    [
      'forgets beta',
      (tA, tB, m, n, k, s, a, aAt, lda, b, bAt, ldb, _, ...rest) =>
        gemm(tA, tB, m, n, k, s, a, aAt, lda, b, bAt, ldb, 0, ...rest),
    ],
    [
      'multiplies NaN by beta 0',
      (...call) => {
        const [, , m, n, , , , , , , , , beta, c, cAt, ldc] = call
        const before = c.slice()
        gemm(...call)
        for (let i = 0; i < m; i++)
          for (let j = 0; j < n; j++) c[cAt + i * ldc + j]! += beta === 0 ? 0 * before[cAt + i * ldc + j]! : 0
      },
    ],
    [
      'skips zeros',
      (tA, tB, m, n, k, s, a, aAt, lda, b, ...rest) =>
        gemm(tA, tB, m, n, k, s, a, aAt, lda, a.every(x => x === 0) ? a : b, ...rest),
    ],
    [
      'writes into the gap behind a row',
      (...call) => {
        gemm(...call)
        const [, , , n, , , , , , , , , , c, cAt] = call
        c[cAt + n] = 0
      },
    ],
    [
      'takes columns for rows',
      (tA, tB, m, n, k, s, a, aAt, lda, b, bAt, ldb, beta, c, cAt, ldc) =>
        gemm(!tB, !tA, n, m, k, s, b, bAt, ldb, a, aAt, lda, beta, c, cAt, ldc),
    ],
  ])('a matrix product that %s is wrong', (_, wrong) => {
    expect(rightMatrixProduct(wrong, array)).toBe(false)
  })

  test.each<[string, Gemv]>([
    ['does nothing', () => {}],
    ['ignores the transpose', (_, ...rest) => gemv(false, ...rest)],
    [
      'ignores gaps in the vector',
      (t, r, c, a, aAt, lda, x, xAt, _, ...rest) => gemv(t, r, c, a, aAt, lda, x, xAt, 1, ...rest),
    ],
    [
      'skips zeros of the vector',
      (t, r, c, a, aAt, lda, x, ...rest) =>
        gemv(
          t,
          r,
          c,
          x.every(value => value === 0) ? x : a,
          x.every(value => value === 0) ? 0 : aAt,
          x.every(value => value === 0) ? 0 : lda,
          x,
          ...rest,
        ),
    ],
  ])('a vector product that %s is wrong', (_, wrong) => {
    expect(rightVectorProduct(wrong, array)).toBe(false)
  })
})
