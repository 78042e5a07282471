/** How reductions are computed over vectors: what is kept, how a vector is taken in, and what comes out. Sums are float64. */

import {
  type F64,
  type FunctionBuilder,
  f32,
  f32x4,
  f64,
  f64x2,
  type Local,
  type V128,
  v128,
} from '@adjoint/core/wasm'
import type { Node } from '../graph/node.ts'
import { isReduction, type REDUCTIONS } from '../plan/region.ts'

type Registers = readonly Local<'v128'>[]

/** One reduction over lanes of float32 (four) or float64 (two). */
export interface Reducer {
  /** The value that changes nothing. */
  readonly start: number
  /** First values of the registers that are kept. */
  readonly registers: (lanes: number) => readonly V128[]
  readonly take: (f: FunctionBuilder, registers: Registers, value: Local<'v128'>, lanes: number) => void
  /** Two sets of registers as one. */
  readonly join: (f: FunctionBuilder, left: Registers, right: Registers, lanes: number) => Registers
  /** The result of all lanes together, in every lane. */
  readonly row: (f: FunctionBuilder, registers: Registers, lanes: number, size: number) => V128
  /** The results of the lanes, each by itself. */
  readonly columns: (f: FunctionBuilder, registers: Registers, lanes: number, size: number) => V128
  /** Of a divided line: the result of one part, how parts are joined, and the result of all of them in every lane. */
  readonly part: (f: FunctionBuilder, registers: Registers, lanes: number) => F64
  readonly joinParts: (total: F64, part: F64) => F64
  readonly fromPart: (total: F64, lanes: number, size: number) => V128
}

/** The reducer of a node; `undefined` when it is no reduction that regions know. */
export function reducerOf(node: Node): Reducer | undefined {
  return isReduction(node) ? REDUCERS[node.op as (typeof REDUCTIONS)[number]] : undefined
}

/** The vector that changes nothing. */
export function neutralOf({ start }: Reducer, lanes: number): V128 {
  return lanes === 4 ? f32x4.const(start) : f64x2.const(start)
}

function splatted(value: F64, lanes: number): V128 {
  return lanes === 4 ? f32x4.splat(f32.demoteF64(value)) : f64x2.splat(value)
}

const zeros = f64x2.const(0)

/** Σ, and Σ divided by the number of terms: in float64, four lanes in two registers. */
function summing(
  finish: (total: V128, size: number) => V128,
  finishOne: (total: F64, size: number) => F64,
): Reducer {
  const total = (f: FunctionBuilder, registers: Registers, lanes: number): F64 => {
    const pair = f.local('v128', lanes === 4 ? f64x2.add(registers[0]!, registers[1]!) : registers[0]!)
    return f64.add(f64x2.lane(pair, 0), f64x2.lane(pair, 1))
  }
  return {
    start: 0,
    registers: lanes => (lanes === 4 ? [zeros, zeros] : [zeros]),
    take: (f, registers, value, lanes) => {
      if (lanes === 2) {
        f.do(registers[0]!.set(f64x2.add(registers[0]!, value)))
        return
      }
      const high = v128.shuffle32(value, value, [2, 3, 2, 3])
      f.do(
        registers[0]!.set(f64x2.add(registers[0]!, f64x2.promoteLowF32(value))),
        registers[1]!.set(f64x2.add(registers[1]!, f64x2.promoteLowF32(high))),
      )
    },
    join: (f, left, right) => left.map((register, i) => f.local('v128', f64x2.add(register, right[i]!))),
    row: (f, registers, lanes, size) => splatted(finishOne(total(f, registers, lanes), size), lanes),
    columns: (_, registers, lanes, size) => {
      const parts = registers.map(register => finish(register, size))
      return lanes === 2
        ? parts[0]!
        : v128.shuffle32(f32x4.demoteF64Zero(parts[0]!), f32x4.demoteF64Zero(parts[1]!), [0, 1, 4, 5])
    },
    part: total,
    joinParts: f64.add,
    fromPart: (value, lanes, size) => splatted(finishOne(value, size), lanes),
  }
}

/** The largest or smallest element; NaN when there is one. */
function choosing(
  start: number,
  vector: { readonly [lanes: number]: (x: V128, y: V128) => V128 },
  one: (x: F64, y: F64) => F64,
): Reducer {
  const across = (f: FunctionBuilder, [register]: Registers, lanes: number): Local<'v128'> => {
    const choose = vector[lanes]!
    const swapped = f.local('v128', choose(register!, v128.shuffle32(register!, register!, [2, 3, 0, 1])))
    return lanes === 2
      ? swapped
      : f.local('v128', choose(swapped, v128.shuffle32(swapped, swapped, [1, 0, 3, 2])))
  }
  return {
    start,
    registers: lanes => [lanes === 4 ? f32x4.const(start) : f64x2.const(start)],
    take: (f, [register], value, lanes) => f.do(register!.set(vector[lanes]!(register!, value))),
    join: (f, left, right, lanes) => [f.local('v128', vector[lanes]!(left[0]!, right[0]!))],
    row: across,
    columns: (_, [register]) => register!,
    part: (f, registers, lanes) => {
      const all = across(f, registers, lanes)
      return lanes === 4 ? f64.promoteF32(f32x4.lane(all, 0)) : f64x2.lane(all, 0)
    },
    joinParts: one,
    fromPart: (value, lanes) => splatted(value, lanes),
  }
}

const REDUCERS: Readonly<Record<(typeof REDUCTIONS)[number], Reducer>> = {
  sum: summing(
    total => total,
    total => total,
  ),
  mean: summing(
    (total, size) => f64x2.div(total, f64x2.const(size)),
    (total, size) => f64.div(total, f64.const(size)),
  ),
  max: choosing(Number.NEGATIVE_INFINITY, { 4: f32x4.max, 2: f64x2.max }, f64.max),
  min: choosing(Number.POSITIVE_INFINITY, { 4: f32x4.min, 2: f64x2.min }, f64.min),
}
