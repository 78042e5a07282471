/** What the formulas of single and of double precision have in common. */

import type { FunctionBuilder, Local } from './assembler.ts'
import type { Code, V128 } from './code.ts'
import { f32x4, f64x2, i32x4, v128 } from './instructions.ts'

/** The instructions that `f32x4` and `f64x2` both have: a formula that uses only these serves both. */
export type FloatLanes = Pick<
  typeof f32x4,
  | 'const'
  | 'eq'
  | 'ne'
  | 'lt'
  | 'gt'
  | 'le'
  | 'ge'
  | 'ceil'
  | 'floor'
  | 'trunc'
  | 'nearest'
  | 'abs'
  | 'neg'
  | 'sqrt'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'min'
  | 'max'
  | 'pseudoMin'
  | 'pseudoMax'
>

/** Computes a value once, to be used several times: code that is used twice runs twice. */
export function keep(f: FunctionBuilder, value: Code<'v128'>): Local<'v128'> {
  return f.local('v128', value)
}

/** `c₀ + c₁ x + c₂ x² + ...` by Horner's rule. */
export function polynomial(lanes: FloatLanes, x: V128, coefficients: readonly number[]): V128 {
  let sum = lanes.const(coefficients[coefficients.length - 1]!)
  for (let i = coefficients.length - 2; i >= 0; i--)
    sum = lanes.add(lanes.mul(sum, x), lanes.const(coefficients[i]!))
  return sum
}

/** The smaller of x and a number, NaN where x is NaN: one instruction on every machine. */
export function atMost(lanes: FloatLanes, x: V128, limit: number): V128 {
  // y < x ? y : x leaves x where the comparison fails.
  return lanes.pseudoMin(x, lanes.const(limit))
}

/** The larger of x and a number, NaN where x is NaN. */
export function atLeast(lanes: FloatLanes, x: V128, limit: number): V128 {
  return lanes.pseudoMax(x, lanes.const(limit))
}

/** The size of the first, the sign of the second. Sizes must be positive. */
export function withSignOf(lanes: FloatLanes, size: V128, x: V128): V128 {
  return v128.or(size, v128.and(x, lanes.const(-0)))
}

/** A formula in double precision for four numbers of single precision, rounded once at the end. */
export function inDoubles(
  f: FunctionBuilder,
  inputs: readonly Local<'v128'>[],
  formula: (...inputs: Local<'v128'>[]) => V128,
  promote: (x: V128) => V128 = f64x2.promoteLowF32,
): V128 {
  const low = keep(f, f64x2ToSingle(formula(...inputs.map(x => keep(f, promote(x))))))
  const upper = (x: V128): V128 => v128.shuffle32(x, x, [2, 3, 2, 3])
  const high = f64x2ToSingle(formula(...inputs.map(x => keep(f, promote(upper(x))))))
  return v128.shuffle32(low, high, [0, 1, 4, 5])
}

function f64x2ToSingle(x: V128): V128 {
  return f32x4.demoteF64Zero(x)
}

/** All ones where x is not 0, for numbers of 32 bits of either kind of zero. */
export function isNonzeroI32(x: V128): V128 {
  return i32x4.ne(x, i32x4.const(0))
}
