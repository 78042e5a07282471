/** Kernels of linear maps along axes: `cumsum`, `foldWindows`, `resample`. Sums are float64, as in the primitives. */

import {
  type AxisRule,
  isIdentityMap,
  resamplingTaps,
  stridesOf,
  type Taps,
  transposedTaps,
} from '@adjoint/core/engine'
import { tensor } from '@adjoint/core/functional'
import {
  type F64,
  f32,
  f64,
  f64x2,
  type I32,
  i32,
  type Local,
  memory,
  type Nothing,
  v128,
} from '@adjoint/core/wasm'
import { type DType, Node } from '../graph/node.ts'
import { BYTES_PER_ELEMENT, KERNEL_PARAMETERS, type Kernel } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'
import { copyKernel } from './moves.ts'
import { inBytes, stepsTo, walkAxes } from './walk.ts'

/** So many places share a map among threads by themselves. */
const MANY = 16

/** A number as float64, whatever its dtype. */
export function loadNumber(dtype: DType, at: I32, offset = 0): F64 {
  if (dtype === 'float32') return f64.promoteF32(f32.load(at, offset))
  if (dtype === 'float64') return f64.load(at, offset)
  return f64.convertI32(dtype === 'bool' ? i32.load8u(at, offset) : i32.load(at, offset))
}

/** A number of float64 as a float of either size. */
function storeNumber(dtype: DType, at: I32, value: F64, offset = 0): Nothing {
  return dtype === 'float32' ? f32.store(at, f32.demoteF64(value), offset) : f64.store(at, value, offset)
}

function isFloating(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64'
}

/** `cumsum`: Neumaier's compensated sums for floats, plain ones for whole numbers. */
export function cumsumKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const [x] = node.inputs as [Node]
  const { axes, reverse } = node.attributes as { readonly axes: readonly number[]; readonly reverse: boolean }
  if (axes.length > 1 || node.size === 0) return undefined
  // A number is its own sum.
  const axis = axes[0] ?? -1
  const count = node.shape[axis] ?? 1
  const [own, from] = [
    inBytes(stridesOf(node.shape), BYTES_PER_ELEMENT[node.dtype]),
    inBytes(layouts.of(x).strides, BYTES_PER_ELEMENT[x.dtype]),
  ]
  const without = <T>(list: readonly T[]): T[] => list.filter((_, k) => k !== axis)
  const lines = walkAxes(without(node.shape), [without(from), without(own)])
  const [fromStep, ownStep] = [from[axis] ?? 0, own[axis] ?? 0]
  const sign = reverse ? -1 : 1
  const first = reverse ? count - 1 : 0
  return {
    name: `cumsum [${node.shape.join(', ')}]`,
    reads: [x],
    writes: [node],
    units: node.size / count,
    flops: node.size,
    nanoseconds: 3 * node.size,
    emit: ({ module, address }) =>
      module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step }) => {
        const [source, target] = [f.local('i32', address(x, step)), f.local('i32', address(node, step))]
        const [unit, index, at, to] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
        const [total, lost, value, next, rounding] = Array.from({ length: 5 }, () => f.local('f64')) as [
          Local<'f64'>,
          Local<'f64'>,
          Local<'f64'>,
          Local<'f64'>,
          Local<'f64'>,
        ]
        const whole = f.local('i32')
        f.count(unit, begin, end, 1, () => {
          const [a, b] = stepsTo(f, lines, unit)
          f.do(
            at.set(i32.add(a === undefined ? source : i32.add(source, a), first * fromStep)),
            to.set(i32.add(b === undefined ? target : i32.add(target, b), first * ownStep)),
            total.set(f64.const(0)),
            lost.set(f64.const(0)),
            whole.set(i32.const(0)),
          )
          f.count(index, 0, count, 1, () => {
            if (isFloating(node.dtype)) {
              f.do(value.set(loadNumber(x.dtype, at)), next.set(f64.add(total, value)))
              f.if(
                f64.lt(f64.abs(total), f64.abs(value)),
                () => f.do(rounding.set(f64.add(f64.sub(value, next), total))),
                () => f.do(rounding.set(f64.add(f64.sub(total, next), value))),
              )
              f.if(
                f64.lt(f64.abs(next), f64.const(Number.POSITIVE_INFINITY)),
                () => f.do(lost.set(f64.add(lost, rounding))),
                () => f.do(lost.set(f64.const(0))),
              )
              f.do(total.set(next), storeNumber(node.dtype, to, f64.add(total, lost)))
            } else {
              f.do(whole.set(i32.add(whole, x.dtype === 'bool' ? i32.load8u(at) : i32.load(at))))
              f.do(i32.store(to, whole))
            }
            f.do(at.set(i32.add(at, sign * fromStep)), to.set(i32.add(to, sign * ownStep)))
          })
        })
      }),
  }
}

/** `foldWindows`: windows added up where they overlap, line by line. */
export function foldWindowsKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const [x] = node.inputs as [Node]
  if (!isFloating(node.dtype) || x.dtype !== node.dtype || node.size === 0) return undefined
  const {
    axis,
    length,
    size,
    step: windowStep,
    dilation,
  } = node.attributes as Readonly<Record<string, number>> & {
    readonly axis: number
    readonly length: number
    readonly size: number
    readonly step: number
    readonly dilation: number
  }
  const bytes = BYTES_PER_ELEMENT[node.dtype]
  const [own, from] = [inBytes(stridesOf(node.shape), bytes), inBytes(layouts.of(x).strides, bytes)]
  const without = (list: readonly number[]): number[] => list.filter((_, k) => k !== axis)
  const lines = walkAxes(without(node.shape), [without(from.slice(0, -1)), without(own)])
  const windows = x.shape[axis]!
  return {
    name: `foldWindows [${node.shape.join(', ')}]`,
    reads: [x],
    writes: [node],
    units: node.size / length,
    workspaceBytes: 8 * length,
    flops: x.size,
    nanoseconds: 2 * (x.size + node.size),
    emit: ({ module, address }) =>
      module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step, workspace }) => {
        const [source, target] = [f.local('i32', address(x, step)), f.local('i32', address(node, step))]
        const [unit, k, index] = [f.local('i32'), f.local('i32'), f.local('i32')]
        const [start, at, to, sum] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
        f.count(unit, begin, end, 1, () => {
          const [a, b] = stepsTo(f, lines, unit)
          f.do(
            memory.fill(workspace, 0, 8 * length),
            start.set(a === undefined ? source : i32.add(source, a)),
            to.set(b === undefined ? target : i32.add(target, b)),
          )
          f.count(k, 0, windows === 0 ? 0 : size, 1, () => {
            f.do(at.set(start), sum.set(i32.add(workspace, i32.mul(k, 8 * dilation))))
            f.count(index, 0, windows, 1, () =>
              f.do(
                f64.store(sum, f64.add(f64.load(sum), loadNumber(x.dtype, at))),
                at.set(i32.add(at, from[axis]!)),
                sum.set(i32.add(sum, 8 * windowStep)),
              ),
            )
            f.do(start.set(i32.add(start, from.at(-1)!)))
          })
          f.do(sum.set(workspace))
          f.count(index, 0, length, 1, () =>
            f.do(
              storeNumber(node.dtype, to, f64.load(sum)),
              to.set(i32.add(to, own[axis]!)),
              sum.set(i32.add(sum, 8)),
            ),
          )
        })
      }),
  }
}

/** `resample`: one kernel for each axis that changes, float64 between them. */
export function resampleKernels(node: Node, layouts: Layouts): readonly Kernel[] | undefined {
  const [x] = node.inputs as [Node]
  if (!isFloating(node.dtype) || x.dtype !== node.dtype || node.size === 0 || x.size === 0) return undefined
  const { rules, transposed } = node.attributes as {
    readonly rules: readonly AxisRule[]
    readonly transposed: boolean
  }
  const rowsOf = ({ firsts }: Taps): number => firsts.length - 1
  const lead = node.shape.length - rules.length
  // The same order as that of the primitive: what shrinks most comes first.
  const passes = rules
    .map(rule => (transposed ? transposedTaps(resamplingTaps(rule)) : resamplingTaps(rule)))
    .map((map, k) => ({ map, axis: lead + k, growth: rowsOf(map) / map.size }))
    .filter(({ map }) => !isIdentityMap(map))
    .sort((a, b) => a.growth - b.growth || (a.growth > 1 ? b.axis - a.axis : a.axis - b.axis))
  if (passes.length === 0) return [copyKernel(x, node, layouts)]
  let from = x
  return passes.map(({ map, axis }, pass) => {
    const shape = from.shape.map((size, k) => (k === axis ? rowsOf(map) : size))
    const to = pass === passes.length - 1 ? node : Node.scratch(shape, 'float64')
    const kernel = mapKernel(from, to, axis, map, layouts)
    from = to
    return kernel
  })
}

/** A map along one axis. A unit is one place on the axes before, with all rows of the map where there are many places. */
function mapKernel(
  from: Node,
  to: Node,
  axis: number,
  { firsts, places, weights }: Taps,
  layouts: Layouts,
): Kernel {
  const rows = firsts.length - 1
  const bytes = BYTES_PER_ELEMENT[to.dtype]
  const own = inBytes(stridesOf(to.shape), bytes)
  const strides = inBytes(layouts.of(from).strides, BYTES_PER_ELEMENT[from.dtype])
  const constant = (list: ArrayLike<number>, dtype: DType): Node =>
    Node.constant(tensor(Array.from(list), { dtype, shape: [list.length] }))
  const table = {
    firsts: constant(firsts, 'int32'),
    places: constant(
      places.map(place => place * strides[axis]!),
      'int32',
    ),
    weights: constant(weights, 'float64'),
  }
  const outer = walkAxes(to.shape.slice(0, axis), [strides.slice(0, axis), own.slice(0, axis)])
  const inner = walkAxes(to.shape.slice(axis + 1), [strides.slice(axis + 1), own.slice(axis + 1)])
  const length = to.shape.slice(axis + 1).reduce((product, size) => product * size, 1)
  const outerCount = to.size / (length * rows)
  const unitRows = outerCount >= MANY ? rows : 1
  const units = (outerCount * rows) / unitRows
  const terms = places.length * (from.size / from.shape[axis]!)
  // Two neighbours at a time, where they lie side by side.
  const isPaired = inner.length === 1 && inner[0]!.steps[0] === BYTES_PER_ELEMENT[from.dtype] && length >= 2
  return {
    name: `resample [${from.shape.join(', ')}] along ${axis}`,
    reads: places.length === 0 ? [from, table.firsts] : [from, table.firsts, table.places, table.weights],
    writes: [to],
    units,
    flops: 2 * terms,
    nanoseconds: terms * (isPaired ? 1 : 2) + to.size,
    emit: ({ module, address }) =>
      module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step }) => {
        if (places.length === 0) {
          const zeros = i32.mul(i32.sub(end, begin), length * bytes)
          f.do(memory.fill(i32.add(address(to, step), i32.mul(begin, length * bytes)), 0, zeros))
          return
        }
        const [source, target] = [f.local('i32', address(from, step)), f.local('i32', address(to, step))]
        const [unit, row, base, place] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
        const lastRow = f.local('i32')
        const [first, last, tap] = [f.local('i32'), f.local('i32'), f.local('i32')]
        const weightsAt = f.local('i32', address(table.weights, step))
        const placesAt = f.local('i32', address(table.places, step))
        const firstsAt = f.local('i32', address(table.firsts, step))
        const placeOf = (at: I32): I32 => i32.add(at, i32.load(i32.add(placesAt, i32.shl(tap, 2))))
        const weight = i32.add(weightsAt, i32.shl(tap, 3))
        const oneRow = (): void => {
          f.do(
            first.set(i32.load(i32.add(firstsAt, i32.shl(row, 2)))),
            last.set(i32.load(i32.add(firstsAt, i32.shl(row, 2)), 4)),
          )
          const sum = f.local('f64')
          const one = (at: I32, result: I32): void => {
            f.do(sum.set(f64.const(0)))
            f.count(tap, first, last, 1, () =>
              f.do(sum.set(f64.add(sum, f64.mul(f64.load(weight), loadNumber(from.dtype, placeOf(at)))))),
            )
            f.do(storeNumber(to.dtype, result, sum))
          }
          const [at, result, index] = [f.local('i32', base), f.local('i32', place), f.local('i32')]
          if (!isPaired) {
            const nest = (depth: number, at: Local<'i32'>, result: Local<'i32'>): void => {
              const dim = inner[depth]
              if (dim === undefined) {
                one(at, result)
                return
              }
              const [x, y, index] = [f.local('i32', at), f.local('i32', result), f.local('i32')]
              f.count(index, 0, dim.size, 1, () => {
                nest(depth + 1, x, y)
                f.do(x.set(i32.add(x, dim.steps[0]!)), y.set(i32.add(y, dim.steps[1]!)))
              })
            }
            nest(0, at, result)
            return
          }
          const pair = f.local('v128')
          const isSingle = from.dtype === 'float32'
          f.count(index, 0, length - (length % 2), 2, () => {
            f.do(pair.set(f64x2.const(0)))
            f.count(tap, first, last, 1, () => {
              const spot = placeOf(at)
              const two = isSingle ? f64x2.promoteLowF32(v128.load64Zero(spot)) : v128.load(spot)
              f.do(pair.set(f64x2.add(pair, f64x2.mul(v128.load64Splat(weight), two))))
            })
            for (let k = 0; k < 2; k++) f.do(storeNumber(to.dtype, result, f64x2.lane(pair, k), k * bytes))
            f.do(at.set(i32.add(at, isSingle ? 8 : 16)), result.set(i32.add(result, 2 * bytes)))
          })
          if (length % 2 === 1) one(at, result)
        }
        f.count(unit, begin, end, 1, () => {
          const [a, b] = stepsTo(f, outer, i32.div(unit, rows / unitRows))
          f.do(
            row.set(i32.mul(i32.rem(unit, rows / unitRows), unitRows)),
            lastRow.set(i32.add(row, unitRows)),
            base.set(a === undefined ? source : i32.add(source, a)),
            place.set(i32.add(b === undefined ? target : i32.add(target, b), i32.mul(row, own[axis]!))),
          )
          f.while(
            () => i32.lt(row, lastRow),
            () => {
              oneRow()
              f.do(row.set(i32.add(row, 1)), place.set(i32.add(place, own[axis]!)))
            },
          )
        })
      }),
  }
}
