/** Kernels that only move elements: pieces of other buffers into places of a new one, which is zero elsewhere. */

import { stridesOf } from '@adjoint/core/engine'
import {
  type FunctionBuilder,
  type I32,
  i32,
  type Local,
  memory,
  type Nothing,
  v128,
} from '@adjoint/core/wasm'
import type { Node } from '../graph/node.ts'
import { BYTES_PER_ELEMENT, type Emission, KERNEL_PARAMETERS, type Kernel } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'
import { inBytes, type WalkAxis, walk, walkAxes } from './walk.ts'

/** Rows longer than this are moved by the instruction for blocks, which has a price of its own. */
const BLOCK_BYTES = 256

/** One piece: where it comes from, and where it goes to; offset and strides count elements. */
export interface Piece {
  readonly from: Node
  readonly offset: number
  readonly strides: readonly number[]
}

/** `concat`: the operands side by side. */
export function concatKernel(node: Node, layouts: Layouts): Kernel | undefined {
  if (node.inputs.some(input => input.dtype !== node.dtype)) return undefined
  const axis = node.attributes.axis as number
  const strides = stridesOf(node.shape)
  let start = 0
  const pieces: Piece[] = []
  for (const from of node.inputs) {
    if (from.size > 0) pieces.push({ from, offset: start * strides[axis]!, strides })
    start += from.shape[axis]!
  }
  return movesKernel(node, pieces, false, layouts)
}

/** `place`: zeros, and the operand at evenly spaced positions. */
export function placeKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const [from] = node.inputs as [Node]
  const { starts, steps } = node.attributes as { starts: readonly number[]; steps: readonly number[] }
  const strides = stridesOf(node.shape)
  const offset = starts.reduce((sum, at, axis) => sum + at * strides[axis]!, 0)
  const pieces =
    from.size === 0 ? [] : [{ from, offset, strides: strides.map((stride, axis) => stride * steps[axis]!) }]
  return movesKernel(node, pieces, true, layouts)
}

/** Copies the elements of one node into the buffer of another of the same shape. */
export function copyKernel(from: Node, to: Node, layouts: Layouts): Kernel {
  const moves = movesKernel(to, [{ from, offset: 0, strides: stridesOf(to.shape) }], false, layouts)
  return { ...moves, name: `copy [${to.shape.join(', ')}]` }
}

/** Moves pieces into the buffer of a node. */
export function movesKernel(
  node: Node,
  pieces: readonly Piece[],
  isZeroElsewhere: boolean,
  layouts: Layouts,
): Kernel {
  const bytes = BYTES_PER_ELEMENT[node.dtype]
  return {
    name: `${node.op} [${node.shape.join(', ')}]`,
    reads: pieces.map(({ from }) => from),
    writes: [node],
    // Pieces may be done side by side, but not before the zeros.
    units: isZeroElsewhere ? 1 : Math.max(1, pieces.length),
    flops: node.size,
    emit: emission =>
      emission.module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step }) => {
        const target = f.local('i32', emission.address(node, step))
        if (isZeroElsewhere) f.do(memory.fill(target, 0, node.size * bytes))
        for (const [k, { from, offset, strides }] of pieces.entries()) {
          const isMine = i32.and(i32.le(begin, k), i32.lt(k, end))
          const move = (): void => {
            const to = f.local('i32', i32.add(target, offset * bytes))
            moveNode(f, emission, layouts, from, step, to, strides)
          }
          if (isZeroElsewhere) move()
          else f.if(isMine, move)
        }
      }),
  }
}

/** Moves the elements of a shape from one place to another; strides count elements. */
export function moveElements(
  f: FunctionBuilder,
  shape: readonly number[],
  from: Local<'i32'>,
  fromStrides: readonly number[],
  to: Local<'i32'>,
  toStrides: readonly number[],
  bytes: number,
): void {
  const axes = walkAxes(shape, [inBytes(fromStrides, bytes), inBytes(toStrides, bytes)])
  const row = axes.pop() ?? { size: 1, steps: [bytes, bytes] }
  walk(f, axes, [from, to], ([source, target]) => moveRow(f, row, source!, target!, bytes))
}

/** {@link moveElements} of a node, from where it lies. */
export function moveNode(
  f: FunctionBuilder,
  { address }: Emission,
  layouts: Layouts,
  node: Node,
  step: I32,
  to: Local<'i32'>,
  toStrides: readonly number[],
): void {
  const from = f.local('i32', address(node, step))
  moveElements(f, node.shape, from, layouts.of(node).strides, to, toStrides, BYTES_PER_ELEMENT[node.dtype])
}

/** Moves elements that lie equally far apart in either place. */
function moveRow(
  f: FunctionBuilder,
  row: WalkAxis,
  source: Local<'i32'>,
  target: Local<'i32'>,
  bytes: number,
): void {
  if (row.steps.some(step => step !== bytes)) {
    walk(f, [row], [source, target], ([from, to]) => f.do(moveOne(to!, from!, bytes, 0)))
    return
  }
  const length = row.size * bytes
  if (length > BLOCK_BYTES) {
    f.do(memory.copy(target, source, length))
    return
  }
  let done = 0
  for (; done + 16 <= length; done += 16) f.do(v128.store(target, v128.load(source, done), done))
  for (; done < length; done += bytes) f.do(moveOne(target, source, bytes, done))
}

/** One element of so many bytes. */
export function moveOne(to: I32, from: I32, bytes: number, offset: number): Nothing {
  if (bytes === 1) return i32.store8(to, i32.load8u(from, offset), offset)
  if (bytes === 4) return i32.store(to, i32.load(from, offset), offset)
  return v128.store64Lane(to, v128.load64Zero(from, offset), 0, offset)
}
