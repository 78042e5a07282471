/** The kernel of `maxPoolIndices`: where the largest element of every window is, four windows at a time. */

import { stridesOf, type WindowRule } from '@adjoint/core/engine'
import {
  type FunctionBuilder,
  f32,
  f32x4,
  type I32,
  i32,
  i32x4,
  type Local,
  type V128,
  v128,
} from '@adjoint/core/wasm'
import type { Node } from '../graph/node.ts'
import { KERNEL_PARAMETERS, type Kernel } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'
import { loadLanes } from './lanes.ts'
import { inBytes, stepsTo, walkAxes } from './walk.ts'

type Windows = Extract<WindowRule, { readonly kind: 'windows' }>

/** The kernel for float32; `undefined` for others. */
export function maxPoolIndicesKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const [x] = node.inputs as [Node]
  if (x.dtype !== 'float32' || node.size === 0) return undefined
  const { rules } = node.attributes as { readonly rules: readonly WindowRule[] }
  const lead = x.shape.length - rules.length
  const { strides } = layouts.of(x)
  const planes = walkAxes(x.shape.slice(0, lead), [inBytes(strides.slice(0, lead), 4)])
  const units = x.shape.slice(0, lead).reduce((product, size) => product * size, 1)
  const written = node.size / units
  const space: Space = { sizes: x.shape.slice(lead), strides: inBytes(strides.slice(lead), 4), rules }
  const [from, until] = vectorRange(rules.at(-1)!, x.shape.at(-1)!)
  return {
    name: `largest in windows [${x.shape.join(', ')}]`,
    reads: [x],
    writes: [node],
    units,
    flops: x.size,
    nanoseconds: x.size * (until > from ? 0.7 : 4),
    emit: ({ module, address }) =>
      module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step }) => {
        const [source, target] = [f.local('i32', address(x, step)), f.local('i32', address(node, step))]
        const [unit, from, to] = [f.local('i32'), f.local('i32'), f.local('i32')]
        f.count(unit, begin, end, 1, () => {
          const [distance] = stepsTo(f, planes, unit)
          f.do(from.set(distance === undefined ? source : i32.add(source, distance)))
          f.do(to.set(i32.add(target, i32.mul(unit, 4 * written))))
          findLargest(f, space, from, to)
        })
      }),
  }
}

/** The last axes of a tensor, with strides in bytes. */
interface Space {
  readonly sizes: readonly number[]
  readonly strides: readonly number[]
  readonly rules: readonly WindowRule[]
}

/** From where to where windows of an axis lie inside, where they are enough for vectors; else nowhere. */
function vectorRange(rule: WindowRule, size: number): readonly [from: number, until: number] {
  if (rule.kind === 'adaptive') return [0, 0]
  const { outputs, kernel, stride, padding, dilation } = rule
  const from = Math.ceil(padding / stride)
  const until = Math.min(outputs, Math.floor((size - 1 - (kernel - 1) * dilation + padding) / stride) + 1)
  return until - from >= 4 ? [from, until] : [0, 0]
}

/** Goes through the windows of one plane: along the last axis in vectors, where they lie inside, and one by one elsewhere. */
function findLargest(
  f: FunctionBuilder,
  { sizes, strides, rules }: Space,
  from: Local<'i32'>,
  to: Local<'i32'>,
): void {
  const places = stridesOf(sizes)
  const last = rules.length - 1
  const rule = rules[last]!
  const target = f.local('i32', to)
  const firsts = rules.map(() => f.local('i32'))
  const counts = rules.map(() => f.local('i32'))
  const stepOf = (axis: number): number => {
    const rule = rules[axis]!
    return rule.kind === 'windows' ? rule.dilation : 1
  }
  /** Runs `body` at the elements of a window along the first `depth` axes. */
  const inWindow = (
    depth: number,
    at: Local<'i32'>,
    place: Local<'i32'>,
    body: (at: Local<'i32'>, place: Local<'i32'>) => void,
    axis = 0,
  ): void => {
    if (axis === depth) {
      body(at, place)
      return
    }
    const [nextAt, nextPlace, index] = [f.local('i32', at), f.local('i32', place), f.local('i32')]
    const step = stepOf(axis)
    f.count(index, 0, counts[axis]!, 1, () => {
      inWindow(depth, nextAt, nextPlace, body, axis + 1)
      f.do(
        nextAt.set(i32.add(nextAt, step * strides[axis]!)),
        nextPlace.set(i32.add(nextPlace, step * places[axis]!)),
      )
    })
  }
  const [value, largest, best] = [f.local('f32'), f.local('f32'), f.local('i32')]
  /** The window of a number on the last axis; where the line of windows begins. */
  const one = (number: Local<'i32'>, line: Local<'i32'>, linePlace: Local<'i32'>): void => {
    windowOf(f, rule, sizes[last]!, number, firsts[last]!, counts[last]!)
    const at = f.local('i32', i32.add(line, i32.mul(firsts[last]!, strides[last]!)))
    const place = f.local('i32', i32.add(linePlace, firsts[last]!))
    f.do(best.set(place), largest.set(f32.load(at)))
    inWindow(rules.length, at, place, (at, place) => {
      f.do(value.set(f32.load(at)))
      // Only NaN is not equal to itself.
      f.if(i32.or(f32.gt(value, largest), i32.eqz(f32.eq(value, value))), () =>
        f.do(largest.set(value), best.set(place)),
      )
    })
    f.do(i32.store(i32.add(target, i32.shl(number, 2)), best))
  }
  const [largests, bests, values, mask] = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')]
  /** Four windows from a number on; all of them inside. */
  const four = (number: I32, line: Local<'i32'>, linePlace: Local<'i32'>): void => {
    const { kernel, stride, padding, dilation } = rule as Windows
    const first = f.local('i32', i32.sub(i32.mul(number, stride), padding))
    const start = f.local('i32', i32.add(line, i32.mul(first, strides[last]!)))
    const next = stride * strides[last]!
    const load = (at: Local<'i32'>, k: number): V128 => {
      const bytes = k * dilation * strides[last]!
      const [from, offset] = bytes >= 0 ? [at, bytes] : [i32.add(at, bytes), 0]
      if (next === 4) return v128.load(from, offset)
      if (next === 8)
        return v128.shuffle32(v128.load(from, offset), v128.load(from, offset + 16), [0, 2, 4, 6])
      return loadLanes('float32', 4, from, offset, next)
    }
    const place = f.local('i32', i32.add(linePlace, first))
    f.do(largests.set(load(start, 0)), bests.set(i32x4.splat(place)))
    inWindow(last, start, place, (at, place) => {
      for (let k = 0; k < kernel; k++) {
        f.do(values.set(load(at, k)))
        f.do(mask.set(v128.or(f32x4.gt(values, largests), f32x4.ne(values, values))))
        f.do(largests.set(v128.select(values, largests, mask)))
        f.do(bests.set(v128.select(i32x4.splat(i32.add(place, k * dilation)), bests, mask)))
      }
    })
    // Places were counted from the first of the four.
    const lanes = v128.constI32([0, stride, 2 * stride, 3 * stride])
    f.do(v128.store(i32.add(target, i32.shl(number, 2)), i32x4.add(bests, lanes)))
  }
  const number = f.local('i32')
  const overWindows = (axis: number, at: Local<'i32'>, place: Local<'i32'>): void => {
    if (axis === last) {
      const { outputs } = rule
      const [begin, end] = vectorRange(rule, sizes[last]!)
      f.count(number, 0, begin, 1, () => one(number, at, place))
      if (end > begin) {
        // The last vector may overlap the one before.
        f.count(number, begin, end - 4, 4, () => four(number, at, place))
        f.do(number.set(i32.const(end - 4)))
        four(number, at, place)
      }
      f.count(number, end, outputs, 1, () => one(number, at, place))
      f.do(target.set(i32.add(target, 4 * outputs)))
      return
    }
    const index = f.local('i32')
    f.count(index, 0, rules[axis]!.outputs, 1, () => {
      windowOf(f, rules[axis]!, sizes[axis]!, index, firsts[axis]!, counts[axis]!)
      const first = firsts[axis]!
      const nextAt = f.local('i32', i32.add(at, i32.mul(first, strides[axis]!)))
      const nextPlace = f.local('i32', i32.add(place, i32.mul(first, places[axis]!)))
      overWindows(axis + 1, nextAt, nextPlace)
    })
  }
  overWindows(0, from, f.local('i32', i32.const(0)))
}

/** First element and number of elements of a window, without what lies outside. */
function windowOf(
  f: FunctionBuilder,
  rule: WindowRule,
  size: number,
  index: I32,
  first: Local<'i32'>,
  count: Local<'i32'>,
): void {
  if (rule.kind === 'adaptive') {
    const { outputs } = rule
    f.do(first.set(i32.div(i32.mul(index, size), outputs)))
    const end = i32.div(i32.add(i32.mul(i32.add(index, 1), size), outputs - 1), outputs)
    f.do(count.set(i32.sub(end, first)))
    return
  }
  const { kernel, stride, padding, dilation } = rule
  const skipped = f.local('i32', i32.const(0))
  f.do(first.set(i32.sub(i32.mul(index, stride), padding)))
  f.do(count.set(i32.div(i32.add(i32.sub(size, first), dilation - 1), dilation)))
  f.if(i32.lt(first, 0), () => {
    f.do(skipped.set(i32.div(i32.sub(dilation - 1, first), dilation)))
  })
  f.if(i32.gt(count, kernel), () => f.do(count.set(i32.const(kernel))))
  f.do(count.set(i32.sub(count, skipped)), first.set(i32.add(first, i32.mul(skipped, dilation))))
}
