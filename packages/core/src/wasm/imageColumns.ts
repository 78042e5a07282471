/** The windows of an image as columns of a matrix, in WebAssembly: what turns a convolution into a matrix product. */

import { type FunctionReference, type ModuleBuilder, perform } from './assembler.ts'
import type { I32 } from './code.ts'
import { f32, f64, i32, select, v128 } from './instructions.ts'

/** In the place of a row's offset: the row lies outside of the image, and all of it is zeros. */
export const OUTSIDE_ROW: number = -(2 ** 31)

/**
 * Adds a function that writes some columns to a module: those of consecutive windows along the last axis of an image, whose
 * taps on the other axes are given by a table. Parameters, all i32, addresses and distances in bytes:
 *
 * - `image, channelStep, channels, elementStep, length`: where the first channel begins, how far the others and the elements
 *   of the last axis are apart, and how many elements that axis has. Outside of it there are zeros.
 * - `table, tableLength`: for every tap on the other axes, where its row begins in a channel, or {@link OUTSIDE_ROW}.
 * - `first, move, windows`: the element under tap 0 of window 0, from one window to the next, and how many windows.
 * - `tapMove, taps`: elements from one tap to the next on the last axis, and how many taps.
 * - `columns, columnStep`: where the matrix begins. With `columnStep` 0 it is `[channels × tableLength × taps, windows]`, its
 *   rows `rowStep` apart; otherwise each window is one piece, and they are `columnStep` apart: better where taps are many.
 * - `rowStep`: see there.
 */
export function imageColumns(module: ModuleBuilder, dtype: 'float32' | 'float64'): FunctionReference {
  const bytes = dtype === 'float32' ? 4 : 8
  const line = lineOf(module, dtype)
  const parameters = {
    image: 'i32',
    channelStep: 'i32',
    channels: 'i32',
    elementStep: 'i32',
    length: 'i32',
    table: 'i32',
    tableLength: 'i32',
    first: 'i32',
    move: 'i32',
    windows: 'i32',
    tapMove: 'i32',
    taps: 'i32',
    columns: 'i32',
    columnStep: 'i32',
    rowStep: 'i32',
  } as const
  return module.function(parameters, 'nothing', (f, given) => {
    const { image, channelStep, channels, elementStep, length, table, tableLength, first, move } = given
    const { windows, tapMove, taps, columns, columnStep, rowStep } = given
    const [entry, row, inside, place, to, count] = [
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
    ]
    const end = f.local('i32', i32.add(table, i32.mul(tableLength, 4)))
    f.while(
      () => i32.gt(channels, 0),
      () => {
        f.do(entry.set(table))
        f.while(
          () => i32.ne(entry, end),
          () => {
            f.do(
              row.set(i32.load(entry)),
              inside.set(select(i32.const(0), length, i32.eq(row, OUTSIDE_ROW))),
              row.set(i32.add(image, row)),
              place.set(first),
            )
            f.if(
              columnStep,
              () => {
                f.do(to.set(columns))
                f.count(count, 0, windows, 1, () => {
                  f.do(
                    perform(line, row, elementStep, place, tapMove, inside, taps, to),
                    place.set(i32.add(place, move)),
                    to.set(i32.add(to, columnStep)),
                  )
                })
                f.do(columns.set(i32.add(columns, i32.mul(taps, bytes))))
              },
              () =>
                f.count(count, 0, taps, 1, () => {
                  f.do(
                    perform(line, row, elementStep, place, move, inside, windows, columns),
                    place.set(i32.add(place, tapMove)),
                    columns.set(i32.add(columns, rowStep)),
                  )
                }),
            )
            f.do(entry.set(i32.add(entry, 4)))
          },
        )
        f.do(image.set(i32.add(image, channelStep)), channels.set(i32.sub(channels, 1)))
      },
    )
  })
}

/**
 * `(row, elementStep, place, move, length, count, to)`: elements `place`, `place + move`, ... of a row, side by side; zeros for
 * those before 0 and from `length` on.
 */
function lineOf(module: ModuleBuilder, dtype: 'float32' | 'float64'): FunctionReference {
  const bytes = dtype === 'float32' ? 4 : 8
  const zero = (at: I32) => (dtype === 'float32' ? f32.store(at, f32.const(0)) : f64.store(at, f64.const(0)))
  const copy = (to: I32, from: I32) =>
    dtype === 'float32' ? f32.store(to, f32.load(from)) : f64.store(to, f64.load(from))
  const parameters = {
    row: 'i32',
    elementStep: 'i32',
    place: 'i32',
    move: 'i32',
    length: 'i32',
    count: 'i32',
    to: 'i32',
  } as const
  return module.function(parameters, 'nothing', (f, given) => {
    const { row, elementStep, place, move, length, count, to } = given
    const [low, high, from, step, end] = [
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
    ]
    const within = (x: I32): I32 => select(x, count, i32.lt(x, count))
    const above = (x: I32, least: I32): I32 => select(x, least, i32.gt(x, least))
    // Elements from low to high, without it, lie inside of the row.
    f.do(
      low.set(above(i32.sub(0, place), i32.const(0))),
      high.set(above(i32.sub(length, place), i32.const(0))),
    )
    f.if(i32.ne(move, 1), () => {
      f.do(low.set(i32.div(i32.add(low, i32.sub(move, 1)), move)))
      f.do(high.set(i32.div(i32.add(high, i32.sub(move, 1)), move)))
    })
    f.do(low.set(within(low)), high.set(above(within(high), low)))
    f.do(
      from.set(i32.add(row, i32.mul(i32.add(place, i32.mul(low, move)), elementStep))),
      step.set(i32.mul(move, elementStep)),
      end.set(i32.add(to, i32.mul(low, bytes))),
      count.set(i32.add(to, i32.mul(count, bytes))),
      high.set(i32.add(to, i32.mul(high, bytes))),
    )
    const zeros = (): void =>
      f.while(
        () => i32.ltUnsigned(to, end),
        () => f.do(zero(to), to.set(i32.add(to, bytes))),
      )
    zeros()
    f.if(i32.eq(step, bytes), () => {
      f.do(end.set(i32.add(to, i32.and(i32.sub(high, to), -16))))
      f.while(
        () => i32.ne(to, end),
        () => f.do(v128.store(to, v128.load(from)), to.set(i32.add(to, 16)), from.set(i32.add(from, 16))),
      )
    })
    f.while(
      () => i32.ne(to, high),
      () => f.do(copy(to, from), to.set(i32.add(to, bytes)), from.set(i32.add(from, step))),
    )
    f.do(end.set(count))
    zeros()
  })
}
