import { abs } from '../ops/abs.ts'
import { max } from '../ops/max.ts'
import { min } from '../ops/min.ts'
import { norm } from '../ops/norm.ts'
import { sum } from '../ops/sum.ts'
import { expectMatrices } from '../primitive/matrices.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe, formatShape } from '../shape/errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { singularValues } from './singularValues.ts'
import { unsqueeze } from './unsqueeze.ts'

/**
 * - `'fro'`: the root of the sum of squares;
 * - `'nuc'`: the sum of the singular values;
 * - 2, -2: the largest, the smallest singular value;
 * - 1, -1: the largest, the smallest sum of sizes in a column;
 * - Infinity, -Infinity: the same for rows.
 */
export type MatrixNormOrder = 'fro' | 'nuc' | 1 | -1 | 2 | -2 | number

/** Settings of {@link matrixNorm}. */
export interface MatrixNormOptions {
  /** Keep the two axes with size 1. Default false. */
  readonly keepDims?: boolean
}

/**
 * A norm of matrices, `[..., m, n] -> [...]`. At a kink the gradient is the one of least norm where the parts that it is made of
 * have it: ties of columns, rows and singular values share evenly, and a singular value that is 0 adds nothing to the gradient
 * of the nuclear norm.
 *
 * @example
 * ```ts
 * import { matrixNorm, tensor } from '@adjoint/core'
 * const a = tensor([[3, 0], [4, 5]])
 * matrixNorm(a).item() // => 7.0711
 * matrixNorm(a, 1).item() // => 7
 * matrixNorm(a, 'nuc').item() // => 8.9443
 * ```
 * @throws ArgumentError for an order that is none of these, or a largest or smallest of nothing.
 */
export function matrixNorm(
  a: Tensor,
  order: MatrixNormOrder = 'fro',
  options: MatrixNormOptions = {},
): Tensor {
  expectOptions('matrixNorm', options, ['keepDims'])
  const result = normOf(expectMatrices('matrixNorm', a), order)
  return options.keepDims ? unsqueeze(unsqueeze(result, -1), -1) : result
}

function normOf(a: Tensor, order: MatrixNormOrder): Tensor {
  switch (order) {
    case 'fro':
      return norm(a, [-2, -1])
    case 'nuc':
      // The derivative of |s| at 0 is 0: vectors of the null space are arbitrary.
      return sum(abs(singularValues(a)), -1)
    case 2:
      return max(someOf('matrixNorm', a, singularValues(a)), -1)
    case -2:
      return min(someOf('matrixNorm', a, singularValues(a)), -1)
    case 1:
      return max(someOf('matrixNorm', a, sum(abs(a), -2)), -1)
    case -1:
      return min(someOf('matrixNorm', a, sum(abs(a), -2)), -1)
    case Number.POSITIVE_INFINITY:
      return max(someOf('matrixNorm', a, sum(abs(a), -1)), -1)
    case Number.NEGATIVE_INFINITY:
      return min(someOf('matrixNorm', a, sum(abs(a), -1)), -1)
    default:
      throw new ArgumentError(
        'matrixNorm',
        `the order is 'fro', 'nuc', 1, -1, 2, -2, Infinity or -Infinity, got ${describe(order)}.`,
      )
  }
}

/** The numbers among which a largest or smallest is sought; refuses matrices that have none. */
export function someOf(op: string, a: Tensor, numbers: Tensor): Tensor {
  if (numbers.shape.at(-1) !== 0) return numbers
  throw new ArgumentError(
    op,
    `matrices of shape ${formatShape(a.shape)} are empty, and nothing is the largest or smallest of nothing.`,
  )
}
