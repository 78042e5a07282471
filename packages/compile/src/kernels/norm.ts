/** The kernel of the Euclidean norm of float64, whose squares may leave the range of its numbers. */

import { f64, i32, i64, type Local } from '@adjoint/core/wasm'
import type { Node } from '../graph/node.ts'
import { KERNEL_PARAMETERS, type Kernel } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'
import { inBytes, stepsTo, walk, walkAxes } from './walk.ts'

/** Longer sums are left to the reference, which adds them up by pairs. */
const LONGEST = 4096

/** Between these the sum of squares has neither overflowed nor lost anything that counts. */
const [SAFE_LOW, SAFE_HIGH] = [1e-280, 1e300]

/** √Σ x², a unit for every element of the result; `undefined` for other orders and dtypes. */
export function normKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const [x] = node.inputs as [Node]
  const { order, axes } = node.attributes as { readonly order: number; readonly axes: readonly number[] }
  if (order !== 2 || x.dtype !== 'float64' || x.size === 0 || x.size / node.size > LONGEST) return undefined
  const strides = inBytes(layouts.of(x).strides, 8)
  const part = (isKept: boolean) => {
    const chosen = x.shape.map((_, axis) => axis).filter(axis => axes.includes(axis) !== isKept)
    return walkAxes(
      chosen.map(axis => x.shape[axis]!),
      [chosen.map(axis => strides[axis]!)],
    )
  }
  const [lines, line] = [part(true), part(false)]
  return {
    name: `norm [${x.shape.join(', ')}]`,
    reads: [x],
    writes: [node],
    units: node.size,
    flops: 2 * x.size,
    nanoseconds: 2 * x.size,
    emit: ({ module, address }) =>
      module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step }) => {
        const [source, target] = [f.local('i32', address(x, step)), f.local('i32', address(node, step))]
        const [unit, from] = [f.local('i32'), f.local('i32')]
        const [total, value, largest, scale] = [
          f.local('f64'),
          f.local('f64'),
          f.local('f64'),
          f.local('f64'),
        ]
        const each = (take: (at: Local<'i32'>) => void): void => walk(f, line, [from], ([at]) => take(at!))
        f.count(unit, begin, end, 1, () => {
          const [distance] = stepsTo(f, lines, unit)
          f.do(
            from.set(distance === undefined ? source : i32.add(source, distance)),
            total.set(f64.const(0)),
            scale.set(f64.const(1)),
          )
          each(at => f.do(value.set(f64.load(at)), total.set(f64.add(total, f64.mul(value, value)))))
          const isSafe = i32.and(f64.gt(total, f64.const(SAFE_LOW)), f64.lt(total, f64.const(SAFE_HIGH)))
          f.if(i32.eqz(isSafe), () => {
            f.do(largest.set(f64.const(0)))
            each(at => f.do(largest.set(f64.max(largest, f64.abs(f64.load(at))))))
            const isBounded = f64.lt(largest, f64.const(Number.POSITIVE_INFINITY))
            f.if(
              i32.and(f64.gt(largest, f64.const(0)), isBounded),
              () => {
                // The power of two of the largest number, by which dividing rounds nothing; the smallest normal one at least.
                const exponent = i64.and(i64.reinterpretF64(largest), i64.const(0x7ffn << 52n))
                f.do(
                  scale.set(f64.max(f64.reinterpretI64(exponent), f64.const(2 ** -1022))),
                  total.set(f64.const(0)),
                )
                each(at =>
                  f.do(
                    value.set(f64.div(f64.load(at), scale)),
                    total.set(f64.add(total, f64.mul(value, value))),
                  ),
                )
              },
              // The square of what is 0, infinite or NaN has the root that it should have.
              () => f.do(total.set(largest)),
            )
          })
          f.do(f64.store(i32.add(target, i32.shl(unit, 3)), f64.mul(scale, f64.sqrt(total))))
        })
      }),
  }
}
