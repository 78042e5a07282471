/** Kernels of reductions that compare: `any`, `all`, `argmax`, `argmin`. */

import { f64, i32, type Local } from '@adjoint/core/wasm'
import type { Node } from '../graph/node.ts'
import { BYTES_PER_ELEMENT, KERNEL_PARAMETERS, type Kernel } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'
import { loadNumber } from './linearMaps.ts'
import { inBytes, stepsTo, walk, walkAxes } from './walk.ts'

/** The kernel of one of them; a unit is one element of the result. */
export function choiceKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const [x] = node.inputs as [Node]
  if (x.size === 0) return undefined
  const axes = node.attributes.axes as readonly number[]
  const strides = inBytes(layouts.of(x).strides, BYTES_PER_ELEMENT[x.dtype])
  const isReduced = (axis: number): boolean => axes.includes(axis)
  const kept = x.shape.map((_, axis) => axis).filter(axis => !isReduced(axis))
  const along = x.shape.map((_, axis) => axis).filter(isReduced)
  const lines = walkAxes(
    kept.map(axis => x.shape[axis]!),
    [kept.map(axis => strides[axis]!)],
  )
  const line = walkAxes(
    along.map(axis => x.shape[axis]!),
    [along.map(axis => strides[axis]!)],
  )
  const isTruth = node.dtype === 'bool'
  return {
    name: `${node.op} [${x.shape.join(', ')}]`,
    reads: [x],
    writes: [node],
    units: node.size,
    flops: x.size,
    nanoseconds: 2 * x.size,
    emit: ({ module, address }) =>
      module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step }) => {
        const [source, target] = [f.local('i32', address(x, step)), f.local('i32', address(node, step))]
        const [unit, from, place, best] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
        const [value, chosen] = [f.local('f64'), f.local('f64')]
        const take = (at: Local<'i32'>): void => {
          f.do(value.set(loadNumber(x.dtype, at)))
          if (isTruth) {
            const isZero = f64.eq(value, f64.const(0))
            if (node.op === 'any') f.do(best.set(i32.or(best, i32.eqz(isZero))))
            else f.do(best.set(i32.and(best, i32.eqz(isZero))))
            return
          }
          const isBetter = node.op === 'argmax' ? f64.gt(value, chosen) : f64.lt(value, chosen)
          // The first NaN stays: nothing is better than it.
          const isFirstNaN = i32.and(i32.eqz(f64.eq(value, value)), f64.eq(chosen, chosen))
          f.if(i32.or(i32.or(isBetter, isFirstNaN), i32.eqz(place)), () =>
            f.do(chosen.set(value), best.set(place)),
          )
          f.do(place.set(i32.add(place, 1)))
        }
        f.count(unit, begin, end, 1, () => {
          const [distance] = stepsTo(f, lines, unit)
          f.do(
            from.set(distance === undefined ? source : i32.add(source, distance)),
            place.set(i32.const(0)),
            best.set(i32.const(node.op === 'all' ? 1 : 0)),
          )
          walk(f, line, [from], ([at]) => take(at!))
          f.do(
            isTruth
              ? i32.store8(i32.add(target, unit), best)
              : i32.store(i32.add(target, i32.shl(unit, 2)), best),
          )
        })
      }),
  }
}
