/** Modules that reduce, or turn into probabilities, rows of numbers that were copied into their memory. */

import { type FunctionBuilder, type Local, ModuleBuilder } from './assembler.ts'
import type { I32, V128 } from './code.ts'
import { f32x4, f64, f64x2, i32, v128 } from './instructions.ts'
import { keep } from './lanes.ts'
import { exp32 } from './maths32.ts'
import { log64 } from './maths64.ts'

/** Numbers that are reduced at a time. */
export const ROW_ELEMENTS = 16_384

/** Rows are filled up to a multiple of this many elements. */
export const ROW_UNIT = 8

/** Where results lie; the rows lie at 0. */
export const ROW_RESULTS: number = ROW_ELEMENTS * 8

/** Bytes that rows and results need. */
export const ROW_BYTES: number = ROW_RESULTS * 2

/** What is made of a row: one number, or as many as it has. */
export type RowKind = 'sum' | 'max' | 'min' | 'logSumExp' | 'softmax' | 'logSoftmax'

/** What a row is filled up with: it changes no result. */
export function paddingOf(kind: RowKind): number {
  return kind === 'sum' ? 0 : kind === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
}

/** A module around one function of the number and the width of rows, over memory that it imports as `kernels.memory`. */
function moduleOf(body: (f: FunctionBuilder, rows: Local<'i32'>, width: Local<'i32'>) => void): Uint8Array {
  const module = new ModuleBuilder()
  module.importMemory('kernels', 'memory', { initial: 1 })
  const run = module.function({ rows: 'i32', width: 'i32' }, 'nothing', (f, { rows, width }) =>
    body(f, rows, width),
  )
  module.export('run', run)
  return module.toBytes()
}

/**
 * A module that exports `run(rows, width)`: of each row, one float64 at {@link ROW_RESULTS}, or, for the two kinds of
 * softmax, the results in place of the row. `width`, in elements, is a multiple of {@link ROW_UNIT}. Sums of float32 are
 * float64 sums; only sums are there for float64 rows.
 */
export function rowModule(kind: RowKind, dtype: 'float32' | 'float64'): Uint8Array {
  return moduleOf((f, rows, width) => {
    const row = f.local('i32')
    const at = f.local('i32', i32.const(0))
    const bytes = f.local('i32', i32.mul(width, dtype === 'float32' ? 4 : 8))
    f.count(row, 0, rows, 1, () => {
      const end = f.local('i32', i32.add(at, bytes))
      const result = f.local('i32', i32.shl(row, 3))
      if (kind === 'sum') {
        f.do(f64.store(result, sumOf(f, dtype, at, end), ROW_RESULTS))
      } else if (kind === 'max' || kind === 'min') {
        const extreme = f32x4.lane(extremeOf(f, kind, at, end, true), 0)
        f.do(f64.store(result, f64.promoteF32(extreme), ROW_RESULTS))
      } else {
        // A NaN of the row is one of the terms too.
        const found = extremeOf(f, 'max', at, end, false)
        // Rows of infinities have a sum all the same: nothing is taken off them.
        const isNumber = f32x4.lt(f32x4.abs(found), f32x4.const(Number.POSITIVE_INFINITY))
        const largest = kind === 'logSumExp' ? keep(f, v128.and(found, isNumber)) : found
        const total = keep(f, f64x2.splat(expSum(f, largest, at, end, kind === 'softmax')))
        const shift = kind === 'softmax' ? total : keep(f, log64(f, total))
        if (kind === 'logSumExp') {
          const sum = f64.add(f64x2.lane(shift, 0), f64.promoteF32(f32x4.lane(largest, 0)))
          f.do(f64.store(result, sum, ROW_RESULTS))
        } else {
          const single = keep(
            f,
            f32x4.demoteF64Zero(kind === 'softmax' ? f64x2.div(f64x2.const(1), shift) : shift),
          )
          const factor = keep(f, v128.shuffle32(single, single, [0, 0, 0, 0]))
          along(f, at, end, (x, address) =>
            f.do(
              v128.store(
                address,
                kind === 'softmax' ? f32x4.mul(x, factor) : f32x4.sub(f32x4.sub(x, largest), factor),
              ),
            ),
          )
        }
      }
      f.do(at.set(end))
    })
  })
}

/** Visits four float32 at a time. */
function along(
  f: FunctionBuilder,
  start: I32,
  end: I32,
  visit: (x: Local<'v128'>, address: Local<'i32'>) => void,
): void {
  const address = f.local('i32')
  f.count(address, start, end, 16, () => visit(f.local('v128', v128.load(address)), address))
}

/** The sum of a row in float64, in eight lanes. */
function sumOf(f: FunctionBuilder, dtype: 'float32' | 'float64', start: I32, end: I32) {
  const sums = [0, 1, 2, 3].map(() => keep(f, f64x2.const(0)))
  const address = f.local('i32')
  f.count(address, start, end, dtype === 'float32' ? 32 : 64, () => {
    for (const [i, sum] of sums.entries()) {
      const terms =
        dtype === 'float32'
          ? f64x2.promoteLowF32(v128.load64Zero(address, 8 * i))
          : v128.load(address, 16 * i)
      f.do(sum.set(f64x2.add(sum, terms)))
    }
  })
  const pair = keep(f, sums.map((sum): V128 => sum).reduce(f64x2.add))
  return f64.add(f64x2.lane(pair, 0), f64x2.lane(pair, 1))
}

/**
 * The largest or smallest of a row in all lanes. One instruction per vector: it passes over NaN, so those are looked for
 * beside it, unless the caller will meet them anyway.
 */
function extremeOf(
  f: FunctionBuilder,
  kind: 'max' | 'min',
  start: I32,
  end: I32,
  hasNaN: boolean,
): Local<'v128'> {
  const better = kind === 'max' ? f32x4.pseudoMax : f32x4.pseudoMin
  const bests = [0, 1].map(() => keep(f, f32x4.const(paddingOf(kind))))
  const nans = keep(f, f32x4.const(0))
  const address = f.local('i32')
  f.count(address, start, end, 32, () => {
    for (const [i, best] of bests.entries()) {
      const x = f.local('v128', v128.load(address, 16 * i))
      f.do(best.set(better(best, x)))
      if (hasNaN) f.do(nans.set(v128.or(nans, f32x4.ne(x, x))))
    }
  })
  // All ones are a NaN, which the exact instructions do not lose again.
  const best = keep(f, v128.or(better(bests[0]!, bests[1]!), nans))
  const halves = keep(f, f32x4[kind](best, v128.shuffle32(best, best, [2, 3, 0, 1])))
  return keep(f, f32x4[kind](halves, v128.shuffle32(halves, halves, [1, 0, 3, 2])))
}

/** Σ e^(x - largest) in float64; the terms replace the elements if asked to. */
function expSum(f: FunctionBuilder, largest: V128, start: I32, end: I32, isStored: boolean) {
  const sums = [0, 1].map(() => keep(f, f64x2.const(0)))
  along(f, start, end, (x, address) => {
    const y = keep(f, exp32(f, f32x4.sub(x, largest)))
    if (isStored) f.do(v128.store(address, y))
    const halves = [f64x2.promoteLowF32(y), f64x2.promoteLowF32(v128.shuffle32(y, y, [2, 3, 2, 3]))]
    for (const [i, sum] of sums.entries()) f.do(sum.set(f64x2.add(sum, halves[i]!)))
  })
  const pair = keep(f, f64x2.add(sums[0]!, sums[1]!))
  return f64.add(f64x2.lane(pair, 0), f64x2.lane(pair, 1))
}

/**
 * A module that exports `run(rows, width)`: combines each column of float32 rows with the number at {@link ROW_RESULTS}
 * for it, which is float64 for sums and float32 for the others.
 */
export function columnModule(kind: 'sum' | 'max' | 'min'): Uint8Array {
  return moduleOf((f, rows, width) => {
    const bytes = f.local('i32', i32.shl(width, 2))
    const end = f.local('i32', i32.mul(bytes, rows))
    const column = f.local('i32')
    const address = f.local('i32')
    f.count(column, 0, bytes, 16, () => {
      if (kind === 'sum') {
        const place = f.local('i32', i32.shl(column, 1))
        const sums = [0, 16].map(offset => f.local('v128', v128.load(place, ROW_RESULTS + offset)))
        f.count(address, column, end, bytes, () => {
          for (const [i, sum] of sums.entries()) {
            const terms = f64x2.promoteLowF32(v128.load64Zero(address, 8 * i))
            f.do(sum.set(f64x2.add(sum, terms)))
          }
        })
        f.do(...sums.map((sum, i) => v128.store(place, sum, ROW_RESULTS + 16 * i)))
      } else {
        const better = kind === 'max' ? f32x4.pseudoMax : f32x4.pseudoMin
        const best = f.local('v128', v128.load(column, ROW_RESULTS))
        const nans = f.local('v128', f32x4.const(0))
        f.count(address, column, end, bytes, () => {
          const x = f.local('v128', v128.load(address))
          // A NaN that is the best already stays.
          f.do(best.set(better(best, x)), nans.set(v128.or(nans, f32x4.ne(x, x))))
        })
        f.do(v128.store(column, v128.or(best, nans), ROW_RESULTS))
      }
    })
  })
}
