/**
 * Convolutions whose window covers the image, so that there is one position: products of matrices, images times outputs. The
 * gradient of the kernel of a pointwise convolution is one.
 */

import type { ConvolutionSettings } from '@adjoint/core/engine'
import { i32, matrixProduct, memory, perform, productWorkspaceBytes } from '@adjoint/core/wasm'
import type { Node } from '../graph/node.ts'
import { KERNEL_PARAMETERS, type Kernel } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'
import { inBytes, walk, walkAxes } from './walk.ts'

/** Images are divided into parts of not fewer than this. */
const LEAST_ROWS = 32
const MOST_PARTS = 16

/** The kernel of such a convolution of float32; `undefined` for others. */
export function wholeWindowKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const [x, kernel] = node.inputs as [Node, Node]
  const { groups, padding, dilation, inputDilation } = node.attributes as unknown as ConvolutionSettings
  const space = padding.length
  if ([x, kernel, node].some(({ dtype, size }) => dtype !== 'float32' || size === 0)) return undefined
  if (x.shape.length !== space + 2 || kernel.shape.length !== space + 2 || groups !== 1) return undefined
  const isWhole = padding.every(
    ([low], axis) =>
      node.shape[axis + 2] === 1 &&
      low <= 0 &&
      inputDilation[axis] === 1 &&
      (kernel.shape[axis + 2]! - 1) * dilation[axis]! - low < x.shape[axis + 2]!,
  )
  if (!isWhole) return undefined
  const [from, weights] = [layouts.of(x).strides, layouts.of(kernel).strides]
  const corner = padding.reduce((at, [low], axis) => at - low * from[axis + 2]!, 0)
  // The longest axis of what is summed up is that of the product; the products for all others are added.
  const sums = walkAxes(kernel.shape.slice(1), [
    inBytes([from[1]!, ...dilation.map((step, axis) => step * from[axis + 2]!)], 4),
    inBytes(weights.slice(1), 4),
  ])
  const longest = sums.reduce((most, axis) => Math.max(most, axis.size), 1)
  const inner = sums.find(({ size }) => size === longest) ?? { size: 1, steps: [4, 4] }
  const others = sums.filter(axis => axis !== inner)
  const [images, outputs] = node.shape as [number, number]
  const part = Math.max(LEAST_ROWS, Math.ceil(images / MOST_PARTS))
  const products = kernel.size / outputs
  return {
    name: `convolution [${x.shape.join(', ')}] * [${kernel.shape.join(', ')}] as a product`,
    reads: [x, kernel],
    writes: [node],
    units: Math.ceil(images / part),
    workspaceBytes: productWorkspaceBytes({ dtype: 'float32', relaxed: true }, inner.size, outputs),
    flops: 2 * images * outputs * products,
    nanoseconds: (2 * images * outputs * products) / 30,
    emit: ({ module, address, relaxed, shared }) => {
      const product = shared('matmul float32, added', () =>
        matrixProduct(module, { dtype: 'float32', relaxed, accumulate: true }),
      )
      return module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step, workspace }) => {
        const first = f.local('i32', i32.mul(begin, part))
        const rows = f.local('i32', i32.mul(end, part))
        f.if(i32.gt(rows, images), () => f.do(rows.set(i32.const(images))))
        f.do(rows.set(i32.sub(rows, first)))
        const target = f.local('i32', i32.add(address(node, step), i32.mul(first, 4 * outputs)))
        const source = i32.add(i32.add(address(x, step), 4 * corner), i32.mul(first, 4 * from[0]!))
        f.do(memory.fill(target, 0, i32.mul(rows, 4 * outputs)))
        walk(f, others, [f.local('i32', source), f.local('i32', address(kernel, step))], ([a, b]) => {
          const left = [a!, i32.const(4 * from[0]!), i32.const(inner.steps[0]!)] as const
          const right = [b!, i32.const(inner.steps[1]!), i32.const(4 * weights[0]!)] as const
          const sizes = [rows, i32.const(inner.size), i32.const(outputs)] as const
          f.do(
            perform(product.function, ...left, ...right, target, i32.const(4 * outputs), ...sizes, workspace),
          )
        })
      })
    },
  }
}
