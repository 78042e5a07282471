// What the compiler knows of matrices: shapes that stay, and shapes that it does not guess.
import {
  cholesky,
  dot,
  einsum,
  inverse,
  matrixExp,
  matrixPower,
  matrixTranspose,
  outer,
  pseudoInverse,
  type Shape,
  solve,
  type Tensor,
  tensor,
  triangularSolve,
  zeros,
} from '@adjoint/core'
import { expectTypeOf, test } from 'vitest'

const square = zeros([3, 3])
const wide = zeros([2, 3])

test('square matrices keep their shape', () => {
  expectTypeOf(inverse(square)).toEqualTypeOf<Tensor<[3, 3]>>()
  expectTypeOf(cholesky(square, { upper: true })).toEqualTypeOf<Tensor<[3, 3]>>()
  expectTypeOf(matrixExp(square)).toEqualTypeOf<Tensor<[3, 3]>>()
  expectTypeOf(matrixPower(square, -2)).toEqualTypeOf<Tensor<[3, 3]>>()
  expectTypeOf(solve(square, square)).toEqualTypeOf<Tensor<[3, 3]>>()
})

test('a triangular system has the shape of its right side', () => {
  expectTypeOf(triangularSolve(square, zeros([3]))).toEqualTypeOf<Tensor<[3]>>()
})

test('transposed shapes', () => {
  expectTypeOf(pseudoInverse(wide)).toEqualTypeOf<Tensor<[3, 2]>>()
  expectTypeOf(matrixTranspose(wide)).toEqualTypeOf<Tensor<[3, 2]>>()
})

test('products of vectors', () => {
  expectTypeOf(dot(tensor([1, 2]), tensor([3, 4]))).toEqualTypeOf<Tensor<[]>>()
  expectTypeOf(outer(zeros([2]), zeros([3]))).toEqualTypeOf<Tensor<[2, 3]>>()
})

test('einsum makes no promise', () => {
  expectTypeOf(einsum('ij->ji', wide)).toEqualTypeOf<Tensor<Shape>>()
})
