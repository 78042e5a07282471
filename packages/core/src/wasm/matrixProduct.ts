/**
 * The matrix product in WebAssembly SIMD: a generator of one function for matrices of any size and any strides.
 *
 * The result is made in strips of a few rows. The rows of the left operand are packed, entry by entry, into a panel that
 * stays in the first cache; blocks of the right operand are packed into panels of two vectors' width that stay in the second.
 * In the innermost loop a tile of rows times two vectors is kept in registers: all 16 of x86-64 but two, which is the most
 * that compilers place without spilling. It is not unrolled, for the same reason. See Goto and van de Geijn, "Anatomy of
 * high-performance matrix multiplication", ACM TOMS 34(3), 2008.
 */

import {
  type FunctionBuilder,
  type FunctionReference,
  type Local,
  type ModuleBuilder,
  perform,
} from './assembler.ts'
import type { I32, Nothing, V128, ValueType } from './code.ts'
import { f32, f32x4, f64, f64x2, i32, select, v128 } from './instructions.ts'

/** Rows of a block of the right operand: a panel of the left one then fits into the first cache. */
const BLOCK_ROWS = 256

/** Bytes of one row of a packed block of the right operand, which then takes half a megabyte. */
const BLOCK_ROW_BYTES = 2048

/** With fewer rows on the left than this, packing the right operand costs more than it saves. */
const PACKED_ROWS = 48

type LocalsOf<P extends Readonly<Record<string, ValueType>>> = { readonly [K in keyof P]: Local<P[K]> }

/** Where a vector of the result lies. */
export interface ProductPlace {
  /** Number of the row. */
  readonly row: I32
  /** Bytes from the beginning of the row. */
  readonly column: I32
}

/** What becomes of every finished vector of the result before it is stored for the last time. */
export interface ProductEpilogue<P extends Readonly<Record<string, ValueType>>> {
  /** Further parameters of the function, behind those of {@link MatrixProduct.function}. */
  readonly parameters: P
  /**
   * The code that makes the stored vector of the computed one. The last vector of a row may reach beyond it: what is loaded
   * beside it may be read up to a vector's length past the end, and the lanes there are ignored.
   */
  readonly value: (
    f: FunctionBuilder,
    value: Local<'v128'>,
    place: ProductPlace,
    parameters: LocalsOf<P>,
  ) => V128
}

/** Settings of {@link matrixProduct}. */
export interface MatrixProductOptions<P extends Readonly<Record<string, ValueType>>> {
  readonly dtype: 'float32' | 'float64'
  /** Multiply and add in one instruction; needs relaxed SIMD, and the last bits depend on the machine. Default false. */
  readonly relaxed?: boolean
  /** Adds to what is in the result instead of overwriting it. Default false. */
  readonly accumulate?: boolean
  /** See {@link ProductEpilogue}. Default: none. */
  readonly epilogue?: ProductEpilogue<P>
}

/** What {@link matrixProduct} has added to a module. */
export interface MatrixProduct {
  /**
   * `(a, aRow, aColumn, b, bRow, bColumn, c, cRow, m, k, n, workspace, ...parameters of the epilogue)`, all i32 but for the
   * latter: addresses, and strides in bytes (any, also 0 and negative ones).
   */
  readonly function: FunctionReference
  /** Bytes that the function may write from the address `workspace` on, which is a multiple of 16. */
  workspaceBytes(m: number, k: number, n: number): number
}

/**
 * Adds a function for `C = A B` to a module: `[m, k] × [k, n] -> [m, n]`, with any strides of A and B; the rows of C lie in
 * one piece. Nothing is read or written outside of the operands and the workspace. Several threads may each compute some
 * rows or columns of C, with workspaces of their own.
 *
 * Each element is a sum in the dtype itself, in blocks of 256 products one after the other, so that for float32 the error is
 * at most `γ Σ |a| |b|`, `γ = c u / (1 - c u)`, with `u = 2⁻²⁴` and `c = min(k, 256) + ⌈k / 256⌉ + 1` (float64:
 * `u = 2⁻⁵³`). Without `relaxed` the result is the same on every machine. It never depends on the strides, nor on how C is
 * divided among threads.
 *
 * @example
 * ```ts
 * import { matrixProduct, ModuleBuilder } from '@adjoint/core/wasm'
 * const module = new ModuleBuilder()
 * module.importMemory('environment', 'memory', { initial: 1 })
 * const product = matrixProduct(module, { dtype: 'float32' })
 * module.export('product', product.function)
 * product.workspaceBytes(2, 3, 4) // => 272
 * ```
 */
export function matrixProduct<const P extends Readonly<Record<string, ValueType>> = Record<never, ValueType>>(
  module: ModuleBuilder,
  options: MatrixProductOptions<P>,
): MatrixProduct {
  const kind = kindOf(options)
  const pack = packing(module, kind)
  const copy = copying(module, kind)
  const tilesOf = (vectors: number): readonly FunctionReference[] =>
    Array.from({ length: kind.rows }, (_, index) => tileProduct(module, kind, index + 1, vectors))
  const wide = tilesOf(2)
  const narrow = tilesOf(1)
  const { epilogue } = options
  const finish = epilogue && finishing(module, kind, epilogue, copy)
  const parameters = { ...PARAMETERS, ...(epilogue?.parameters as P) }
  const product = module.function(parameters, 'nothing', (f, given) => {
    const { a, aRow, aColumn, b, bRow, bColumn, c, cRow, m, k, n, workspace } = given as unknown as LocalsOf<
      typeof PARAMETERS
    >
    const number = (): Local<'i32'> => f.local('i32')
    // Blocks of the right operand: their first row and column, and how many.
    const [depth, inner, column, columns] = [number(), number(), number(), number()]
    // The block at hand, how far its panels are apart, and the rows of a panel; and the panel of the last columns.
    const [block, panelStep, rowStep, tail, tailStep] = [number(), number(), number(), number(), number()]
    // How many columns are in whole panels, and in the last one.
    const [whole, rest] = [number(), number()]
    const [row, rows, strips, isPacked] = [number(), number(), number(), number()]
    const [from, to, end, target] = [number(), number(), number(), number()]
    const left = f.local('i32', i32.add(workspace, kind.scratchBytes))
    const right = f.local('i32', i32.add(left, leftBytes(kind, smaller(k, BLOCK_ROWS))))
    const isAdded = options.accumulate ? i32.const(1) : depth

    const packBlock = (): void => {
      f.do(
        from.set(i32.add(i32.add(b, i32.mul(depth, bRow)), i32.mul(column, bColumn))),
        rest.set(i32.remUnsigned(columns, kind.tile)),
        whole.set(i32.sub(columns, rest)),
        end.set(i32.add(from, i32.mul(whole, bColumn))),
        to.set(right),
      )
      f.if(
        isPacked,
        () => {
          f.do(block.set(right), rowStep.set(i32.const(kind.tileBytes)))
          f.do(panelStep.set(i32.mul(inner, kind.tileBytes)))
          f.while(
            () => i32.ne(from, end),
            () => {
              f.do(perform(pack, from, bColumn, bRow, to, i32.const(kind.tile), rowStep, inner))
              f.do(to.set(i32.add(to, panelStep)), from.set(i32.add(from, i32.mul(bColumn, kind.tile))))
            },
          )
        },
        () => f.do(block.set(from), rowStep.set(bRow), panelStep.set(i32.const(kind.tileBytes))),
      )
      // The last columns are packed in any case, but for those that make a whole vector.
      f.if(
        i32.and(i32.eq(rest, kind.lanes), i32.eqz(isPacked)),
        () => f.do(tail.set(end), tailStep.set(bRow)),
        () => {
          const step = select(i32.const(kind.tileBytes), i32.const(16), i32.gt(rest, kind.lanes))
          f.do(tail.set(to), tailStep.set(step))
          f.if(rest, () => f.do(perform(pack, end, bColumn, bRow, tail, rest, tailStep, inner)))
        },
      )
    }

    /** One strip of rows times the block. */
    const multiplyStrip = (): void => {
      // Strips of nearly equal height: the rows that are left, divided by the strips that are left.
      f.do(
        rows.set(i32.sub(m, row)),
        strips.set(i32.divUnsigned(i32.add(rows, kind.rows - 1), kind.rows)),
        rows.set(i32.divUnsigned(i32.add(rows, i32.sub(strips, 1)), strips)),
        from.set(i32.add(i32.add(a, i32.mul(row, aRow)), i32.mul(depth, aColumn))),
        perform(pack, from, aRow, aColumn, left, rows, i32.mul(rows, kind.bytes), inner),
        target.set(i32.add(i32.add(c, i32.mul(row, cRow)), i32.mul(column, kind.bytes))),
        to.set(target),
        end.set(i32.add(to, i32.mul(whole, kind.bytes))),
        from.set(block),
      )
      const multiply = (
        tiles: readonly FunctionReference[],
        panel: I32,
        step: I32,
        ...result: readonly [c: I32, cRow: I32, isAdded: I32]
      ): void => {
        const [address, stride, added] = result
        const calls = tiles.map(tile => perform(tile, left, panel, step, address, stride, inner, added))
        choose(f, rows, calls)
      }
      f.while(
        () => i32.ne(to, end),
        () => {
          multiply(wide, from, rowStep, to, cRow, isAdded)
          f.do(from.set(i32.add(from, panelStep)), to.set(i32.add(to, kind.tileBytes)))
        },
      )
      // Where the row ends within a vector, the tile is made beside the result first.
      const multiplyBeside = (tiles: readonly FunctionReference[]): void => {
        const tileRow = i32.const(kind.tileBytes)
        multiply(tiles, tail, tailStep, workspace, tileRow, i32.const(0))
        f.do(perform(copy, workspace, tileRow, to, cRow, rows, rest, isAdded))
      }
      f.if(rest, () => {
        f.if(
          i32.eq(rest, kind.lanes),
          () => multiply(narrow, tail, tailStep, to, cRow, isAdded),
          () =>
            f.if(
              i32.gt(rest, kind.lanes),
              () => multiplyBeside(wide),
              () => multiplyBeside(narrow),
            ),
        )
      })
      if (finish !== undefined) {
        f.if(i32.ge(i32.add(depth, inner), k), () => {
          const further = Object.keys(epilogue!.parameters).map(
            name => (given as Record<string, Local>)[name]!,
          )
          const place = [target, cRow, row, i32.mul(column, kind.bytes), rows, columns]
          f.do(perform(finish, ...place, workspace, ...further))
        })
      }
    }

    f.if(i32.le(m, 0), () => f.return())
    f.do(isPacked.set(i32.or(i32.ne(bColumn, kind.bytes), i32.ge(m, PACKED_ROWS))))
    f.count(column, 0, n, kind.blockColumns, () => {
      f.do(columns.set(smaller(i32.sub(n, column), kind.blockColumns)), depth.set(i32.const(0)))
      // Once at least: a sum over nothing is 0.
      f.loop(() => {
        f.do(inner.set(smaller(i32.sub(k, depth), BLOCK_ROWS)))
        packBlock()
        f.do(row.set(i32.const(0)))
        f.while(
          () => i32.lt(row, m),
          () => {
            multiplyStrip()
            f.do(row.set(i32.add(row, rows)))
          },
        )
        f.do(depth.set(i32.add(depth, BLOCK_ROWS)))
        return i32.lt(depth, k)
      })
    })
  })
  return {
    function: product,
    workspaceBytes: (_, k, n) => productWorkspaceBytes(options, k, n),
  }
}

/** Bytes of workspace that the function of {@link matrixProduct} with these settings needs for `[m, k] × [k, n]`. */
export function productWorkspaceBytes(
  options: { readonly dtype: 'float32' | 'float64'; readonly relaxed?: boolean },
  k: number,
  n: number,
): number {
  const kind = kindOf(options)
  const inner = Math.min(k, BLOCK_ROWS)
  const columns = Math.ceil(Math.min(n, kind.blockColumns) / kind.lanes) * kind.lanes
  const leftBytes = Math.ceil((inner * kind.rows * kind.bytes) / 16) * 16
  return kind.scratchBytes + leftBytes + inner * columns * kind.bytes
}

const PARAMETERS = {
  a: 'i32',
  aRow: 'i32',
  aColumn: 'i32',
  b: 'i32',
  bRow: 'i32',
  bColumn: 'i32',
  c: 'i32',
  cRow: 'i32',
  m: 'i32',
  k: 'i32',
  n: 'i32',
  workspace: 'i32',
} as const

/** What depends on the dtype and on the instructions. */
interface Kind {
  readonly bytes: number
  /** Numbers of a vector. */
  readonly lanes: number
  /** Rows of a tile, and of a strip. */
  readonly rows: number
  /** Columns of a tile, and the bytes of one of its rows. */
  readonly tile: number
  readonly tileBytes: number
  /** Room for one tile. */
  readonly scratchBytes: number
  readonly blockColumns: number
  readonly zero: V128
  readonly splat: (address: I32, offset: number) => V128
  readonly add: (x: V128, y: V128) => V128
  /** `sum + x y` */
  readonly multiplyAdd: (sum: V128, x: V128, y: V128) => V128
  /** Copies one number, or adds it. */
  readonly copy: (to: I32, from: I32) => Nothing
  readonly addTo: (to: I32, from: I32) => Nothing
}

function kindOf({
  dtype,
  relaxed,
}: {
  readonly dtype: 'float32' | 'float64'
  readonly relaxed?: boolean
}): Kind {
  const isSingle = dtype === 'float32'
  const lanes = isSingle ? f32x4 : f64x2
  const bytes = isSingle ? 4 : 8
  const tile = 32 / bytes
  // Two sums for each row, two vectors of the right operand, a number of the left one, and a product where that is not added
  // in the same instruction: 14 or 15 of 16 registers.
  const rows = relaxed ? 6 : 5
  return {
    bytes,
    lanes: tile / 2,
    rows,
    tile,
    tileBytes: 32,
    scratchBytes: rows * 32,
    blockColumns: BLOCK_ROW_BYTES / bytes,
    zero: lanes.const(0),
    splat: isSingle ? v128.load32Splat : v128.load64Splat,
    add: lanes.add,
    multiplyAdd: relaxed
      ? (sum, x, y) => lanes.relaxedMultiplyAdd(x, y, sum)
      : (sum, x, y) => lanes.add(sum, lanes.mul(x, y)),
    copy: isSingle
      ? (to, from) => f32.store(to, f32.load(from))
      : (to, from) => f64.store(to, f64.load(from)),
    addTo: isSingle
      ? (to, from) => f32.store(to, f32.add(f32.load(to), f32.load(from)))
      : (to, from) => f64.store(to, f64.add(f64.load(to), f64.load(from))),
  }
}

/** Bytes of a packed strip of the left operand. */
function leftBytes(kind: Kind, inner: I32): I32 {
  return i32.and(i32.add(i32.mul(inner, kind.rows * kind.bytes), 15), -16)
}

function smaller(x: I32, y: I32 | number): I32 {
  return select(x, typeof y === 'number' ? i32.const(y) : y, i32.lt(x, y))
}

/** Runs `cases[value - 1]`, by halves. */
function choose(f: FunctionBuilder, value: Local<'i32'>, cases: readonly Nothing[], first = 1): void {
  if (cases.length === 1) {
    f.do(cases[0]!)
    return
  }
  const half = cases.length >> 1
  f.if(
    i32.lt(value, first + half),
    () => choose(f, value, cases.slice(0, half), first),
    () => choose(f, value, cases.slice(half), first + half),
  )
}

/**
 * `(from, lineStride, stride, to, lines, step, count)`: entry p of line i, at `from + i lineStride + p stride`, to
 * `to + p step + i bytes`. At most as many lines as a tile has columns.
 */
function packing(module: ModuleBuilder, kind: Kind): FunctionReference {
  const { bytes, lanes } = kind
  const parameters = {
    from: 'i32',
    lineStride: 'i32',
    stride: 'i32',
    to: 'i32',
    lines: 'i32',
    step: 'i32',
    count: 'i32',
  } as const
  return module.function(parameters, 'nothing', (f, { from, lineStride, stride, to, lines, step, count }) => {
    const [x, y, line, p] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
    const [first, last] = [f.local('i32'), f.local('i32')]
    const pointers = Array.from({ length: lanes }, () => f.local('i32'))
    // Line by line; entries from `first` on.
    const byNumbers = (): void => {
      f.count(line, 0, lines, 1, () => {
        f.do(
          x.set(i32.add(i32.add(from, i32.mul(line, lineStride)), i32.mul(first, stride))),
          y.set(i32.add(i32.add(to, i32.mul(line, bytes)), i32.mul(first, step))),
        )
        f.count(p, first, count, 1, () =>
          f.do(kind.copy(y, x), x.set(i32.add(x, stride)), y.set(i32.add(y, step))),
        )
      })
    }
    f.if(i32.lt(lines, lanes), () => {
      byNumbers()
      f.return()
    })
    f.if(i32.eq(lineStride, bytes), () => {
      // What is packed side by side lies side by side: two vectors at a time, of which the last ones may overlap.
      const second = f.local('i32')
      f.do(last.set(i32.sub(lines, lanes)), line.set(i32.const(0)))
      f.loop(() => {
        f.do(
          x.set(i32.add(from, i32.mul(line, bytes))),
          y.set(i32.add(to, i32.mul(line, bytes))),
          second.set(i32.mul(i32.sub(smaller(i32.add(line, lanes), last), line), bytes)),
        )
        f.count(p, 0, count, 1, () =>
          f.do(
            v128.store(y, v128.load(x)),
            v128.store(i32.add(y, second), v128.load(i32.add(x, second))),
            x.set(i32.add(x, stride)),
            y.set(i32.add(y, step)),
          ),
        )
        f.do(p.set(i32.add(line, lanes)), line.set(smaller(i32.add(line, 2 * lanes), last)))
        return i32.lt(p, last)
      })
      f.return()
    })
    f.if(i32.eq(stride, bytes), () => {
      // Lines that lie in one piece are transposed in squares; the last ones, again, may overlap those before.
      f.do(first.set(i32.and(count, -lanes)), last.set(i32.sub(lines, lanes)), line.set(i32.const(0)))
      f.loop(() => {
        for (const [index, pointer] of pointers.entries()) {
          f.do(pointer.set(i32.add(from, i32.mul(i32.add(line, index), lineStride))))
        }
        f.do(y.set(i32.add(to, i32.mul(line, bytes))))
        f.count(p, 0, first, lanes, () => {
          const vectors = pointers.map(pointer => f.local('v128', v128.load(pointer)))
          for (const column of transposed(f, vectors)) {
            f.do(v128.store(y, column), y.set(i32.add(y, step)))
          }
          for (const pointer of pointers) f.do(pointer.set(i32.add(pointer, 16)))
        })
        f.do(p.set(line), line.set(smaller(i32.add(line, lanes), last)))
        return i32.lt(p, last)
      })
    })
    byNumbers()
  })
}

/** Rows of a square as its columns. */
function transposed(f: FunctionBuilder, rows: readonly Local<'v128'>[]): readonly V128[] {
  if (rows.length === 2) {
    const [x, y] = rows as readonly V128[] as [V128, V128]
    return [v128.shuffle32(x, y, [0, 1, 4, 5]), v128.shuffle32(x, y, [2, 3, 6, 7])]
  }
  const [x, y, z, w] = rows as readonly V128[] as [V128, V128, V128, V128]
  const [xyLow, xyHigh, zwLow, zwHigh] = [
    f.local('v128', v128.shuffle32(x, y, [0, 4, 1, 5])),
    f.local('v128', v128.shuffle32(x, y, [2, 6, 3, 7])),
    f.local('v128', v128.shuffle32(z, w, [0, 4, 1, 5])),
    f.local('v128', v128.shuffle32(z, w, [2, 6, 3, 7])),
  ]
  return [
    v128.shuffle32(xyLow, zwLow, [0, 1, 4, 5]),
    v128.shuffle32(xyLow, zwLow, [2, 3, 6, 7]),
    v128.shuffle32(xyHigh, zwHigh, [0, 1, 4, 5]),
    v128.shuffle32(xyHigh, zwHigh, [2, 3, 6, 7]),
  ]
}

/** `(from, fromRow, to, toRow, rows, columns, isAdded)`: copies some numbers of some rows, or adds them. */
function copying(module: ModuleBuilder, kind: Kind): FunctionReference {
  const parameters = {
    from: 'i32',
    fromRow: 'i32',
    to: 'i32',
    toRow: 'i32',
    rows: 'i32',
    columns: 'i32',
    isAdded: 'i32',
  } as const
  return module.function(parameters, 'nothing', (f, { from, fromRow, to, toRow, rows, columns, isAdded }) => {
    const [x, y, end] = [f.local('i32'), f.local('i32'), f.local('i32')]
    f.while(
      () => rows,
      () => {
        f.do(x.set(from), y.set(to), end.set(i32.add(to, i32.mul(columns, kind.bytes))))
        f.while(
          () => i32.ne(y, end),
          () => {
            f.if(
              isAdded,
              () => f.do(kind.addTo(y, x)),
              () => f.do(kind.copy(y, x)),
            )
            f.do(x.set(i32.add(x, kind.bytes)), y.set(i32.add(y, kind.bytes)))
          },
        )
        f.do(from.set(i32.add(from, fromRow)), to.set(i32.add(to, toRow)), rows.set(i32.sub(rows, 1)))
      },
    )
  })
}

/**
 * `(left, right, rightStep, c, cRow, inner, isAdded)`: a tile of the result: a packed strip of the left operand times a panel
 * of the right one, one or two vectors wide, whose rows are `rightStep` apart. The loop has a function for itself and is not
 * within another one: compilers unroll the inner ones of nested loops, and run out of registers.
 */
function tileProduct(module: ModuleBuilder, kind: Kind, rows: number, vectors: number): FunctionReference {
  const parameters = {
    left: 'i32',
    right: 'i32',
    rightStep: 'i32',
    c: 'i32',
    cRow: 'i32',
    inner: 'i32',
    isAdded: 'i32',
  } as const
  return module.function(parameters, 'nothing', (f, { left, right, rightStep, c, cRow, inner, isAdded }) => {
    const sums = Array.from({ length: rows }, () =>
      Array.from({ length: vectors }, () => f.local('v128', kind.zero)),
    )
    const end = f.local('i32', i32.add(left, i32.mul(inner, rows * kind.bytes)))
    const others = Array.from({ length: vectors }, () => f.local('v128'))
    const one = f.local('v128')
    f.while(
      () => i32.ne(left, end),
      () => {
        f.do(...others.map((other, j) => other.set(v128.load(right, 16 * j))))
        for (const [i, row] of sums.entries()) {
          f.do(one.set(kind.splat(left, i * kind.bytes)))
          f.do(...row.map((sum, j) => sum.set(kind.multiplyAdd(sum, one, others[j]!))))
        }
        f.do(left.set(i32.add(left, rows * kind.bytes)), right.set(i32.add(right, rightStep)))
      },
    )
    const eachRow = (write: (sum: Local<'v128'>, j: number) => Nothing): void => {
      for (const [i, row] of sums.entries()) {
        f.do(...row.map(write))
        if (i < rows - 1) f.do(c.set(i32.add(c, cRow)))
      }
    }
    f.if(
      isAdded,
      () => eachRow((sum, j) => v128.store(c, kind.add(v128.load(c, 16 * j), sum), 16 * j)),
      () => eachRow((sum, j) => v128.store(c, sum, 16 * j)),
    )
  })
}

/**
 * `(c, cRow, row, column, rows, columns, scratch, ...parameters)`: the epilogue over a finished strip, while that is in the
 * first cache.
 */
function finishing<const P extends Readonly<Record<string, ValueType>>>(
  module: ModuleBuilder,
  kind: Kind,
  epilogue: ProductEpilogue<P>,
  copy: FunctionReference,
): FunctionReference {
  const own = {
    c: 'i32',
    cRow: 'i32',
    row: 'i32',
    column: 'i32',
    rows: 'i32',
    columns: 'i32',
    scratch: 'i32',
  } as const
  return module.function({ ...own, ...epilogue.parameters }, 'nothing', (f, given) => {
    const { c, cRow, row, column, rows, columns, scratch } = given as unknown as LocalsOf<typeof own>
    const further = given as unknown as LocalsOf<P>
    const [lastRow, place, at, left] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
    const value = f.local('v128')
    const finish = (address: I32): void => {
      f.do(value.set(v128.load(address)))
      f.do(v128.store(address, epilogue.value(f, value, { row, column: place }, further)))
    }
    f.do(lastRow.set(i32.add(row, rows)))
    f.while(
      () => i32.ne(row, lastRow),
      () => {
        f.do(at.set(c), place.set(column), left.set(columns))
        f.while(
          () => i32.ge(left, kind.lanes),
          () => {
            finish(at)
            f.do(at.set(i32.add(at, 16)), place.set(i32.add(place, 16)), left.set(i32.sub(left, kind.lanes)))
          },
        )
        f.if(left, () => {
          const [none, one] = [i32.const(0), i32.const(1)]
          f.do(perform(copy, at, none, scratch, none, one, left, none))
          finish(scratch)
          f.do(perform(copy, scratch, none, at, none, one, left, none))
        })
        f.do(c.set(i32.add(c, cRow)), row.set(i32.add(row, 1)))
      },
    )
  })
}
