/**
 * What each elementwise primitive is in SIMD instructions: one table, for kernels of eager code and for fused kernels of
 * compiled programs. An entry either agrees with the reference loop bit by bit (but for the digits of a NaN), or says by how
 * many units in the last place it may differ.
 *
 * Reference loops compute in float64 and round once. For single operations (+ - * / √) float32 arithmetic gives the same
 * bits; formulas of several operations differ by the roundings between them.
 */

import type { DType } from '../storage/dtype.ts'
import type { FunctionBuilder, Local } from './assembler.ts'
import type { V128 } from './code.ts'
import { f32x4, f64x2, i32x4, i64x2, v128 } from './instructions.ts'
import { atLeast, type FloatLanes, inDoubles, keep, withSignOf } from './lanes.ts'
import * as maths32 from './maths32.ts'
import * as maths64 from './maths64.ts'

/**
 * How values lie in a vector: four lanes of 32 bits (float32, int32, bool), or two of 64 (float64, bool). Truth values are
 * masks: all ones or zeros.
 */
export type Lanes = 32 | 64

/** One call of an elementwise primitive on vectors. */
export interface ElementwiseCall {
  readonly f: FunctionBuilder
  readonly inputs: readonly Local<'v128'>[]
  readonly inputDTypes: readonly DType[]
  /** Of the result. */
  readonly dtype: DType
  readonly attributes: Readonly<Record<string, unknown>>
}

/** Writes the instructions of a call and returns the code of its result. */
export type ElementwiseCode = (call: ElementwiseCall) => V128

/** The dtypes that the formulas compute in. */
type Working = 'float32' | 'float64' | 'int32'

/** A formula for operands that have been brought to one dtype. */
type Formula = (call: {
  readonly f: FunctionBuilder
  readonly x: Local<'v128'>
  readonly y: Local<'v128'>
  readonly z: Local<'v128'>
  readonly attributes: Readonly<Record<string, unknown>>
}) => V128

interface Entry extends Partial<Readonly<Record<Working, Formula>>> {
  /** How far results may be from those of the reference loop, in units in the last place; 0 unless given. */
  readonly error?: number
  /** The result is a mask. */
  readonly isTruth?: true
  /** In float64. */
  readonly error64?: number
}

/** The width of the lanes in which operands of some dtypes meet; `undefined` when they do not. */
export function lanesOf(inputDTypes: readonly DType[], dtype: DType): Lanes | undefined {
  const all = [...inputDTypes, dtype]
  if (!all.includes('float64')) return 32
  return all.every(each => each === 'float64' || each === 'bool') ? 64 : undefined
}

/**
 * The code of a primitive for operands and a result of these dtypes; `undefined` when there is none: the caller falls back.
 *
 * @example
 * ```ts
 * import { elementwiseCode } from '@adjoint/core/wasm'
 * typeof elementwiseCode('tanh', ['float32'], 'float32') // => 'function'
 * elementwiseCode('lgamma', ['float32'], 'float32') // => undefined
 * ```
 */
export function elementwiseCode(
  name: string,
  inputDTypes: readonly DType[],
  dtype: DType,
): ElementwiseCode | undefined {
  const lanes = lanesOf(inputDTypes, dtype)
  if (lanes === undefined) return undefined
  if (name === 'cast') return castCode(inputDTypes[0]!, dtype)
  if (name === 'where') return whereCode(inputDTypes, dtype)
  const logical = dtype === 'bool' && Object.hasOwn(LOGICAL, name) ? LOGICAL[name] : undefined
  if (logical !== undefined) {
    return ({ f, inputs }) =>
      logical(inputs.map((x, i) => keep(f, truth(x, inputDTypes[i]!))) as [Local<'v128'>, Local<'v128'>])
  }
  if (dtype === 'bool' && inputDTypes.every(each => each === 'bool')) {
    const onMasks = Object.hasOwn(ON_MASKS, name) ? ON_MASKS[name] : undefined
    if (onMasks !== undefined) return ({ inputs }) => onMasks(inputs)
  }
  const entry = entryOf(name)
  if (entry === undefined || (entry.isTruth === true) !== (dtype === 'bool')) return undefined
  const working = workingDType(inputDTypes, dtype)
  const formula = working === undefined ? undefined : entry[working]
  if (working === undefined || formula === undefined) return undefined
  return ({ f, inputs, attributes }) => {
    const [x, y, z] = inputs.map((input, i) => converted(f, input, inputDTypes[i]!, working))
    return formula({ f, x: x!, y: y!, z: z!, attributes })
  }
}

/**
 * How far results of {@link elementwiseCode} may be from those of the reference loop, in units in the last place (of the
 * smallest normal number, where the result is smaller); 0 means the same bits.
 */
export function elementwiseError(name: string, dtype: DType): number {
  const entry = entryOf(name)
  return (dtype === 'float64' ? entry?.error64 : entry?.error) ?? 0
}

/** The names of all primitives that have code for some dtypes. */
export function elementwiseNames(): readonly string[] {
  table ??= makeTable()
  return [
    ...new Set([...Object.keys(table), ...Object.keys(LOGICAL), ...Object.keys(ON_MASKS), 'cast', 'where']),
  ]
}

/** The dtype that operands are brought to; `undefined` when that would round them. */
function workingDType(inputDTypes: readonly DType[], dtype: DType): Working | undefined {
  if (inputDTypes.includes('float64')) return 'float64'
  const [hasFloat, hasWhole] = [inputDTypes.includes('float32'), inputDTypes.includes('int32')]
  if (hasFloat) return hasWhole ? undefined : 'float32'
  if (hasWhole) return dtype === 'float32' ? undefined : 'int32'
  // Only truth values: any dtype holds them.
  return dtype === 'bool' ? 'int32' : dtype
}

/** Truth values as the numbers 0 and 1; whatever has the dtype already stays. */
function converted(f: FunctionBuilder, x: Local<'v128'>, from: DType, to: Working): Local<'v128'> {
  return from === 'bool' ? keep(f, v128.and(x, ONE[to])) : x
}

const ONE: Readonly<Record<Working, V128>> = {
  float32: /* @__PURE__ */ f32x4.const(1),
  float64: /* @__PURE__ */ f64x2.const(1),
  int32: /* @__PURE__ */ i32x4.const(1),
}

const FLOATS: { readonly float32: FloatLanes; readonly float64: FloatLanes } = {
  float32: f32x4,
  float64: f64x2,
}

/** What counts as true: everything but 0, also NaN. */
function truth(x: V128, dtype: DType): V128 {
  switch (dtype) {
    case 'bool':
      return x
    case 'int32':
      return i32x4.ne(x, i32x4.const(0))
    default:
      return FLOATS[dtype].ne(x, FLOATS[dtype].const(0))
  }
}

const LOGICAL: Readonly<Record<string, (inputs: readonly V128[]) => V128>> = {
  logicalAnd: ([x, y]) => v128.and(x!, y!),
  logicalOr: ([x, y]) => v128.or(x!, y!),
  logicalXor: ([x, y]) => v128.xor(x!, y!),
  logicalNot: ([x]) => v128.not(x!),
}

/** Ops on bits, between truth values. */
const ON_MASKS: Readonly<Record<string, (inputs: readonly V128[]) => V128>> = {
  bitwiseAnd: ([x, y]) => v128.and(x!, y!),
  bitwiseOr: ([x, y]) => v128.or(x!, y!),
  bitwiseXor: ([x, y]) => v128.xor(x!, y!),
  bitwiseNot: ([x]) => v128.not(x!),
}

function whereCode(inputDTypes: readonly DType[], dtype: DType): ElementwiseCode | undefined {
  const values = inputDTypes.slice(1)
  if (values.some(each => each !== dtype && each !== 'bool')) return undefined
  // A condition of another width has lanes of another width: lanesOf has seen to that.
  return ({ f, inputs }) => {
    const [x, y] = [1, 2].map(i =>
      dtype === 'bool' ? inputs[i]! : converted(f, inputs[i]!, inputDTypes[i]!, dtype),
    )
    return v128.select(x!, y!, truth(inputs[0]!, inputDTypes[0]!))
  }
}

function castCode(from: DType, to: DType): ElementwiseCode | undefined {
  if (from === to) return ({ inputs }) => inputs[0]!
  if (to === 'bool') return ({ inputs }) => truth(inputs[0]!, from)
  if (from === 'bool') return ({ inputs }) => v128.and(inputs[0]!, ONE[to])
  if (from === 'int32' && to === 'float32') return ({ inputs }) => f32x4.convertI32(inputs[0]!)
  if (from === 'float32' && to === 'int32') return ({ f, inputs }) => wrapped(f, inputs[0]!)
  return undefined
}

/** float32 to int32 as JavaScript has it: the fraction is cut, what is too large wraps, NaN and infinities are 0. */
function wrapped(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const size = keep(f, f32x4.trunc(f32x4.abs(x)))
  const turns = f32x4.floor(f32x4.mul(size, f32x4.const(2 ** -32)))
  const rest = f32x4.sub(size, f32x4.mul(turns, f32x4.const(2 ** 32)))
  const whole = keep(f, i32x4.truncSaturatedF32Unsigned(rest))
  return v128.select(i32x4.neg(whole), whole, f32x4.lt(x, f32x4.const(0)))
}

/** The product of whole numbers as JavaScript has it: rounded to float64, then its last 32 bits. */
function wholeProduct(f: FunctionBuilder, x: Local<'v128'>, y: Local<'v128'>): V128 {
  const part = (a: V128, b: V128): V128 => {
    const product = keep(f, f64x2.mul(f64x2.convertLowI32(a), f64x2.convertLowI32(b)))
    const turns = f64x2.floor(f64x2.mul(product, f64x2.const(2 ** -32)))
    return i32x4.truncSaturatedF64ZeroUnsigned(f64x2.sub(product, f64x2.mul(turns, f64x2.const(2 ** 32))))
  }
  const upper = (a: V128): V128 => v128.shuffle32(a, a, [2, 3, 2, 3])
  return v128.shuffle32(part(x, y), part(upper(x), upper(y)), [0, 1, 4, 5])
}

/** An entry whose formula is the same for both widths. */
function floating(
  formula: (lanes: FloatLanes, call: Parameters<Formula>[0]) => V128,
  more: Omit<Entry, 'float32' | 'float64'> = {},
): Entry {
  return { float32: call => formula(f32x4, call), float64: call => formula(f64x2, call), ...more }
}

/** The same with a comparison of all three kinds of numbers. */
function compared(name: 'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge'): Entry {
  return {
    ...floating((lanes, { x, y }) => lanes[name](x, y)),
    int32: ({ x, y }) => i32x4[name](x, y),
    isTruth: true,
  }
}

/** Whole numbers stay as they are. */
const unchanged: Formula = ({ x }) => x

/** The largest float32 that is not above a number: x <= limit for a float32 x, if x <= this. */
function floor32(limit: number): number {
  const near = Math.fround(limit)
  if (near <= limit || Number.isNaN(limit)) return near
  const bits = new Int32Array(1)
  const value = new Float32Array(bits.buffer)
  value[0] = near
  if (near === 0) return -(2 ** -149)
  bits[0]! += near > 0 ? -1 : 1
  return value[0]!
}

/** A limit as a number of the lanes, rounded down where it does not fit. */
function limitOf(lanes: FloatLanes, limit: unknown): V128 {
  return lanes.const(lanes === (f32x4 as FloatLanes) ? floor32(limit as number) : (limit as number))
}

function isNotANumber(lanes: FloatLanes, x: V128): V128 {
  return lanes.ne(x, x)
}

function isFiniteNumber(lanes: FloatLanes, x: V128): V128 {
  return lanes.lt(lanes.abs(x), lanes.const(Number.POSITIVE_INFINITY))
}

/** max(0, x) with 0 for -0, in fewer instructions than the exact maximum. */
function rectified(lanes: FloatLanes, x: V128): V128 {
  return lanes.add(atLeast(lanes, x, 0), lanes.const(0))
}

/** Between two bounds. */
const between = (): Entry => ({
  ...floating((lanes, { x, attributes: { low, high } }) =>
    lanes.min(lanes.max(x, lanes.const(low as number)), lanes.const(high as number)),
  ),
  // Bounds of whole numbers are whole or infinite.
  int32: ({ x, attributes: { low, high } }) =>
    i32x4.min(
      i32x4.max(x, i32x4.const(Math.max(low as number, -0x80000000))),
      i32x4.const(Math.min(high as number, 0x7fffffff)),
    ),
})

/** Positive numbers as they are, others through a formula. */
function beside(lanes: FloatLanes, x: V128, other: V128): V128 {
  return v128.select(x, other, lanes.gt(x, lanes.const(0)))
}

const expm1Of = (lanes: FloatLanes, f: FunctionBuilder, x: V128): V128 =>
  lanes === (f32x4 as FloatLanes) ? maths32.expm132(f, keep(f, x)) : maths64.expm164(f, keep(f, x))

/** See `pointBetween`: from the nearer end, so that both ends are exact. Numbers in float64. */
function pointBetween(f: FunctionBuilder, start: V128, end: V128, weight: V128): V128 {
  const { const: c, add, sub, mul } = f64x2
  const difference = keep(f, sub(end, start))
  const rest = keep(f, sub(c(1), weight))
  const isNear = f64x2.lt(weight, c(0.5))
  const ordinary = v128.select(add(start, mul(weight, difference)), sub(end, mul(rest, difference)), isNear)
  const isSame = v128.and(f64x2.eq(start, end), isFiniteNumber(f64x2, weight))
  const extreme = add(mul(rest, start), mul(weight, end))
  const atStart = v128.or(f64x2.eq(weight, c(0)), v128.andNot(isSame, f64x2.eq(weight, c(1))))
  const chosen = v128.select(start, v128.select(end, extreme, f64x2.eq(weight, c(1))), atStart)
  return v128.select(ordinary, chosen, isFiniteNumber(f64x2, difference))
}

/** a b + c for float32 operands in float64, rounded to odd, so that rounding to float32 rounds as if it were the first. */
function sumToOdd(f: FunctionBuilder, a: V128, b: V128, c: V128): V128 {
  const product = keep(f, f64x2.mul(a, b))
  const sum = keep(f, f64x2.add(product, c))
  const shift = keep(f, f64x2.sub(sum, product))
  const error = keep(f, f64x2.add(f64x2.sub(product, f64x2.sub(sum, shift)), f64x2.sub(c, shift)))
  // One step away from 0 where the error has the sign of the sum, else one toward it: 1 or -1 as a whole number.
  const isOpposite = f64x2.lt(f64x2.mul(withSignOf(f64x2, f64x2.const(1), sum), error), f64x2.const(0))
  const step = v128.select(i64x2.const(-1), i64x2.const(1), isOpposite)
  const isInexact = f64x2.gt(f64x2.abs(error), f64x2.const(0))
  const isEven = v128.xor(v128.and(sum, i64x2.const(1)), i64x2.const(1))
  // All ones where the last bit is 0.
  const evenMask = i64x2.sub(i64x2.const(0), isEven)
  return i64x2.add(sum, v128.and(step, v128.and(isInexact, evenMask)))
}

const SELU_SCALE = 1.0507009873554805
const SELU_ALPHA = 1.6732632423543772

let table: Readonly<Record<string, Entry>> | undefined

/** The entry of a primitive. The table is made when it is first looked at: nobody pays for loading it. */
function entryOf(name: string): Entry | undefined {
  table ??= makeTable()
  return Object.hasOwn(table, name) ? table[name] : undefined
}

const makeTable = (): Readonly<Record<string, Entry>> => ({
  add: { ...floating((lanes, { x, y }) => lanes.add(x, y)), int32: ({ x, y }) => i32x4.add(x, y) },
  sub: { ...floating((lanes, { x, y }) => lanes.sub(x, y)), int32: ({ x, y }) => i32x4.sub(x, y) },
  mul: { ...floating((lanes, { x, y }) => lanes.mul(x, y)), int32: ({ f, x, y }) => wholeProduct(f, x, y) },
  div: floating((lanes, { x, y }) => lanes.div(x, y)),
  neg: { ...floating((lanes, { x }) => lanes.neg(x)), int32: ({ x }) => i32x4.neg(x) },
  abs: { ...floating((lanes, { x }) => lanes.abs(x)), int32: ({ x }) => i32x4.abs(x) },
  square: { ...floating((lanes, { x }) => lanes.mul(x, x)), int32: ({ f, x }) => wholeProduct(f, x, x) },
  reciprocal: floating((lanes, { x }) => lanes.div(lanes.const(1), x)),
  sqrt: floating((lanes, { x }) => lanes.sqrt(x)),
  rsqrt: floating((lanes, { x }) => lanes.div(lanes.const(1), lanes.sqrt(x)), { error: 1.5 }),
  maximum: { ...floating((lanes, { x, y }) => lanes.max(x, y)), int32: ({ x, y }) => i32x4.max(x, y) },
  minimum: { ...floating((lanes, { x, y }) => lanes.min(x, y)), int32: ({ x, y }) => i32x4.min(x, y) },
  fmax: {
    ...floating((lanes, { x, y }) =>
      v128.select(y, v128.select(x, lanes.max(x, y), isNotANumber(lanes, y)), isNotANumber(lanes, x)),
    ),
    int32: ({ x, y }) => i32x4.max(x, y),
  },
  fmin: {
    ...floating((lanes, { x, y }) =>
      v128.select(y, v128.select(x, lanes.min(x, y), isNotANumber(lanes, y)), isNotANumber(lanes, x)),
    ),
    int32: ({ x, y }) => i32x4.min(x, y),
  },
  clip: between(),
  hardTanh: between(),
  equal: compared('eq'),
  notEqual: compared('ne'),
  less: compared('lt'),
  lessEqual: compared('le'),
  greater: compared('gt'),
  greaterEqual: compared('ge'),
  isNaN: floating((lanes, { x }) => isNotANumber(lanes, x), { isTruth: true }),
  isFinite: floating((lanes, { x }) => isFiniteNumber(lanes, x), { isTruth: true }),
  isInfinite: floating((lanes, { x }) => lanes.eq(lanes.abs(x), lanes.const(Number.POSITIVE_INFINITY)), {
    isTruth: true,
  }),
  bitwiseAnd: { int32: ({ x, y }) => v128.and(x, y) },
  bitwiseOr: { int32: ({ x, y }) => v128.or(x, y) },
  bitwiseXor: { int32: ({ x, y }) => v128.xor(x, y) },
  bitwiseNot: { int32: ({ x }) => v128.not(x) },
  sign: {
    // Zeros keep their sign, and NaN stays.
    ...floating((lanes, { x }) =>
      v128.select(withSignOf(lanes, lanes.const(1), x), x, lanes.gt(lanes.abs(x), lanes.const(0))),
    ),
    int32: ({ x }) => i32x4.min(i32x4.max(x, i32x4.const(-1)), i32x4.const(1)),
  },
  floor: { ...floating((lanes, { x }) => lanes.floor(x)), int32: unchanged },
  ceil: { ...floating((lanes, { x }) => lanes.ceil(x)), int32: unchanged },
  trunc: { ...floating((lanes, { x }) => lanes.trunc(x)), int32: unchanged },
  round: { ...floating((lanes, { x }) => lanes.nearest(x)), int32: unchanged },
  frac: floating((lanes, { x }) => lanes.sub(x, lanes.trunc(x))),
  copySign: floating((lanes, { x, y }) => {
    // The sign of a NaN counts as positive.
    const sign = v128.andNot(v128.and(y, lanes.const(-0)), isNotANumber(lanes, y))
    return v128.or(lanes.abs(x), sign)
  }),
  heaviside: {
    ...floating((lanes, { x, y }) => {
      const isPositive = lanes.gt(x, lanes.const(0))
      const beyond = v128.select(v128.and(lanes.const(1), isPositive), y, lanes.ne(x, lanes.const(0)))
      return v128.select(x, beyond, isNotANumber(lanes, x))
    }),
    int32: ({ x, y }) =>
      v128.select(y, v128.and(i32x4.const(1), i32x4.gt(x, i32x4.const(0))), i32x4.eq(x, i32x4.const(0))),
  },
  nanToNumber: floating((lanes, { f, x, attributes }) => {
    const value = (name: string): V128 => lanes.const(attributes[name] as number)
    const isNegative = lanes.lt(x, lanes.const(0))
    const infinite = v128.select(value('negativeInfinity'), value('positiveInfinity'), isNegative)
    const replaced = keep(f, v128.select(value('nan'), infinite, isNotANumber(lanes, x)))
    return v128.select(x, replaced, isFiniteNumber(lanes, x))
  }),

  // A factor that is exactly 0 did not contribute, whatever stands beside it.
  weigh: {
    ...floating((lanes, { x, y }) => v128.andNot(lanes.mul(x, y), lanes.eq(x, lanes.const(0)))),
    int32: ({ f, x, y }) => wholeProduct(f, x, y),
  },
  weighSlope: {
    ...floating((lanes, { x, y }) =>
      v128.andNot(y, v128.andNot(lanes.eq(x, lanes.const(0)), isFiniteNumber(lanes, y))),
    ),
    int32: ({ y }) => y,
  },

  relu: {
    ...floating((lanes, { x }) => rectified(lanes, x)),
    int32: ({ x }) => i32x4.max(x, i32x4.const(0)),
  },
  leakyRelu: floating(
    (lanes, { x, attributes: { slope } }) => beside(lanes, x, lanes.mul(x, lanes.const(slope as number))),
    { error: 1.5 },
  ),
  prelu: floating((lanes, { x, y }) => beside(lanes, x, lanes.mul(y, x))),
  threshold: floating((lanes, { x, attributes: { threshold, value } }) =>
    v128.select(lanes.const(value as number), x, lanes.le(x, limitOf(lanes, threshold))),
  ),
  hardShrink: floating((lanes, { x, attributes: { lambda } }) =>
    v128.andNot(x, lanes.le(lanes.abs(x), limitOf(lanes, lambda))),
  ),
  softShrink: {
    float32: ({ f, x, attributes: { lambda } }) => inDoubles(f, [x], y => shrunk(y, lambda as number)),
    float64: ({ x, attributes: { lambda } }) => shrunk(x, lambda as number),
  },
  hardSigmoid: floating((lanes, { x }) => hardGate(lanes, x), { error: 1.5 }),
  hardSwish: floating((lanes, { x }) => lanes.mul(x, hardGate(lanes, x)), { error: 2.5 }),
  softsign: floating((lanes, { x }) => lanes.div(x, lanes.add(lanes.const(1), lanes.abs(x))), { error: 1.5 }),
  elu: floating(
    (lanes, { f, x, attributes: { alpha } }) =>
      beside(lanes, x, lanes.mul(lanes.const(alpha as number), expm1Of(lanes, f, x))),
    { error: 3, error64: 3 },
  ),
  celu: floating(
    (lanes, { f, x, attributes }) => {
      const alpha = lanes.const(attributes.alpha as number)
      return beside(lanes, x, lanes.mul(alpha, expm1Of(lanes, f, lanes.div(x, alpha))))
    },
    { error: 4, error64: 3 },
  ),
  selu: floating(
    (lanes, { f, x }) => {
      const low = lanes.mul(lanes.const(SELU_ALPHA), expm1Of(lanes, f, x))
      return lanes.mul(lanes.const(SELU_SCALE), beside(lanes, x, low))
    },
    { error: 4, error64: 3 },
  ),

  exp: {
    float32: ({ f, x }) => maths32.exp32(f, x),
    float64: ({ f, x }) => maths64.exp64(f, x),
    error: 1,
    error64: 1.5,
  },
  exp2: { float32: ({ f, x }) => maths32.exp232(f, x), error: 1.5 },
  expm1: {
    float32: ({ f, x }) => maths32.expm132(f, x),
    float64: ({ f, x }) => maths64.expm164(f, x),
    error: 2,
    error64: 3,
  },
  log: {
    float32: ({ f, x }) => maths32.log32(f, x),
    float64: ({ f, x }) => maths64.log64(f, x),
    error: 1,
    error64: 1.5,
  },
  log1p: {
    float32: ({ f, x }) => maths32.log1p32(f, x),
    float64: ({ f, x }) => maths64.log1p64(f, x),
    error: 1.5,
    error64: 2.5,
  },
  log2: { float32: ({ f, x }) => maths32.log232(f, x), error: 1.5 },
  log10: { float32: ({ f, x }) => maths32.log1032(f, x), error: 0.51 },
  tanh: {
    float32: ({ f, x }) => maths32.tanh32(f, x),
    float64: ({ f, x }) => maths64.tanh64(f, x),
    error: 2.5,
    error64: 3.5,
  },
  sigmoid: {
    float32: ({ f, x }) => maths32.sigmoid32(f, x),
    float64: ({ f, x }) => maths64.sigmoid64(f, x),
    error: 2.5,
    error64: 3.5,
  },
  softplus: {
    float32: ({ f, x }) => maths32.softplus32(f, x),
    float64: ({ f, x }) => maths64.softplus64(f, x),
    error: 2,
    error64: 3,
  },
  logSigmoid: {
    float32: ({ f, x }) => maths32.logSigmoid32(f, x),
    float64: ({ f, x }) => maths64.logSigmoid64(f, x),
    error: 2,
    error64: 3,
  },
  silu: { float32: ({ f, x }) => maths32.silu32(f, x), error: 3 },
  mish: { float32: ({ f, x }) => maths32.mish32(f, x), error: 0.51 },
  gelu: {
    float32: ({ f, x, attributes: { approximate } }) =>
      approximate === 'tanh' ? maths32.geluByTanh32(f, x) : maths32.gelu32(f, x),
    error: 0.75,
  },
  gaussian: { float32: ({ f, x }) => maths32.gaussian32(f, x), error: 0.51 },
  erf: { float32: ({ f, x }) => maths32.erf32(f, x), error: 1.5 },
  erfc: { float32: ({ f, x }) => maths32.erfc32(f, x), error: 0.75 },
  sin: { float32: ({ f, x }) => maths32.sin32(f, x), error: 2 },
  cos: { float32: ({ f, x }) => maths32.cos32(f, x), error: 2 },
  tan: { float32: ({ f, x }) => maths32.tan32(f, x), error: 3 },
  sinh: { float32: ({ f, x }) => maths32.sinh32(f, x), error: 0.51 },
  cosh: { float32: ({ f, x }) => maths32.cosh32(f, x), error: 0.51 },
  asinh: { float32: ({ f, x }) => maths32.asinh32(f, x), error: 0.51 },
  acosh: { float32: ({ f, x }) => maths32.acosh32(f, x), error: 0.51 },
  atanh: { float32: ({ f, x }) => maths32.atanh32(f, x), error: 0.51 },
  asin: { float32: ({ f, x }) => maths32.asin32(f, x), error: 0.51 },
  acos: { float32: ({ f, x }) => maths32.acos32(f, x), error: 0.51 },
  atan: { float32: ({ f, x }) => maths32.atan32(f, x), error: 0.51 },
  atan2: { float32: ({ f, x, y }) => maths32.atan232(f, x, y), error: 0.51 },
  cbrt: { float32: ({ f, x }) => maths32.cbrt32(f, x), error: 0.51 },
  logit: { float32: ({ f, x }) => maths32.logit32(f, x), error: 0.51 },
  pow: { float32: ({ f, x, y }) => maths32.pow32(f, x, y), error: 0.51 },
  logAddExp: { float32: ({ f, x, y }) => maths32.logAddExp32(f, x, y), error: 0.51 },
  xlogy: {
    ...floating(
      (lanes, { f, x, y }) => {
        const log = lanes === (f32x4 as FloatLanes) ? maths32.log32(f, y) : maths64.log64(f, y)
        const isIdle = v128.and(lanes.eq(x, lanes.const(0)), lanes.eq(y, y))
        return v128.andNot(lanes.mul(x, log), isIdle)
      },
      { error: 2, error64: 2 },
    ),
  },
  hypot: {
    float32: ({ f, x, y }) =>
      inDoubles(f, [x, y], (a, b) => {
        const length = f64x2.sqrt(f64x2.add(f64x2.mul(a, a), f64x2.mul(b, b)))
        const infinity = f64x2.const(Number.POSITIVE_INFINITY)
        const isInfinite = v128.or(f64x2.eq(f64x2.abs(a), infinity), f64x2.eq(f64x2.abs(b), infinity))
        return v128.select(infinity, length, isInfinite)
      }),
  },
  lerp: {
    float32: ({ f, x, y, z }) => inDoubles(f, [x, y, z], (a, b, weight) => pointBetween(f, a, b, weight)),
    float64: ({ f, x, y, z }) => pointBetween(f, x, y, z),
  },
  fusedMultiplyAdd: {
    float32: ({ f, x, y, z }) => inDoubles(f, [x, y, z], (a, b, c) => sumToOdd(f, a, b, c)),
    int32: ({ x, y, z }) => i32x4.add(i32x4.mul(x, y), z),
  },
})

/** min(max(x + 3, 0), 6) / 6 */
function hardGate(lanes: FloatLanes, x: V128): V128 {
  const shifted = lanes.add(x, lanes.const(3))
  return lanes.div(lanes.min(lanes.max(shifted, lanes.const(0)), lanes.const(6)), lanes.const(6))
}

/** 0 within lambda of 0, else moved toward 0 by it, in float64. */
function shrunk(x: V128, lambda: number): V128 {
  const moved = f64x2.sub(x, withSignOf(f64x2, f64x2.const(lambda), x))
  return v128.andNot(moved, f64x2.le(f64x2.abs(x), f64x2.const(lambda)))
}
