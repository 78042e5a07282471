/** The kernel of `cast` between lanes of 32 and of 64 bits, which no region holds. */

import { stridesOf } from '@adjoint/core/engine'
import { type F64, f32, f64, type I32, i32, type Nothing } from '@adjoint/core/wasm'
import type { DType, Node } from '../graph/node.ts'
import { BYTES_PER_ELEMENT, KERNEL_PARAMETERS, type Kernel } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'
import { loadNumber } from './linearMaps.ts'
import { inBytes, walk, walkAxes } from './walk.ts'

/** Elements of one part of a long row. */
const PART = 4096

/** From any dtype to float64, and from float64 to float32 and bool. Whole numbers of floats are left to the reference. */
export function castKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const [x] = node.inputs as [Node]
  if (node.size === 0 || node.dtype === 'int32') return undefined
  const strides = [
    inBytes(layouts.of(x).strides, BYTES_PER_ELEMENT[x.dtype]),
    inBytes(stridesOf(node.shape), BYTES_PER_ELEMENT[node.dtype]),
  ]
  const axes = walkAxes(node.shape, strides)
  const [outer, ...inner] = axes
  const part = axes.length === 1 ? PART : 1
  const count = outer?.size ?? 1
  return {
    name: `cast ${x.dtype} to ${node.dtype} [${node.shape.join(', ')}]`,
    reads: [x],
    writes: [node],
    units: Math.ceil(count / part),
    flops: node.size,
    nanoseconds: node.size,
    emit: ({ module, address }) =>
      module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step }) => {
        const starts = [x, node].map(each => f.local('i32', address(each, step)))
        const [index, until] = [f.local('i32'), f.local('i32', i32.mul(end, part))]
        f.if(i32.gt(until, count), () => f.do(until.set(i32.const(count))))
        f.do(index.set(i32.mul(begin, part)))
        for (const [k, start] of starts.entries())
          f.do(start.set(i32.add(start, i32.mul(index, outer?.steps[k] ?? 0))))
        f.while(
          () => i32.lt(index, until),
          () => {
            walk(f, inner, starts, ([from, to]) => f.do(storeAs(node.dtype, to!, loadNumber(x.dtype, from!))))
            for (const [k, start] of starts.entries()) f.do(start.set(i32.add(start, outer?.steps[k] ?? 0)))
            f.do(index.set(i32.add(index, 1)))
          },
        )
      }),
  }
}

function storeAs(dtype: DType, at: I32, value: F64): Nothing {
  if (dtype === 'float32') return f32.store(at, f32.demoteF64(value))
  if (dtype === 'float64') return f64.store(at, value)
  // NaN is not 0, and so is true.
  return i32.store8(at, i32.eqz(f64.eq(value, f64.const(0))))
}
