/** A region: elementwise ops and reductions that one pass over their elements computes together. */

import type { Node } from '../graph/node.ts'
import type { Layout, Layouts } from './layout.ts'

/** Bits of a lane: four lanes of 32 bits in a vector, or two of 64. */
export type LaneBits = 32 | 64

/**
 * What a node of a region is: `full` nodes have an element for every position of the region's shape; `line` nodes one for
 * every line of positions along the reduced axes.
 */
export type Role = 'full' | 'line'

/** Nodes over the positions of one shape. */
export interface Region {
  /** Inputs before what is made of them. */
  readonly nodes: readonly Node[]
  /** The shape of the full nodes. */
  readonly shape: readonly number[]
  /** The axes that its reductions reduce; empty when there is none. */
  readonly axes: readonly number[]
  readonly lanes: LaneBits
  readonly roles: ReadonlyMap<Node, Role>
  /** Nodes that others read, or that are results: they are written to their buffers. */
  readonly stored: readonly Node[]
}

/** Whether a role fits a node in a region of this shape, and which. Full goes first. */
export function roleOf(
  shape: readonly number[],
  region: { readonly shape: readonly number[]; readonly axes: readonly number[] },
): Role | undefined {
  if (isSame(shape, region.shape)) return 'full'
  if (region.axes.length === 0) return undefined
  return lineAxesOf(shape, region) && 'line'
}

/** For a shape of line nodes, the axis of the region that belongs to each of its axes; reduced axes may be there with size 1. */
function lineAxesOf(
  shape: readonly number[],
  { shape: whole, axes }: { readonly shape: readonly number[]; readonly axes: readonly number[] },
): readonly number[] | undefined {
  const kept = whole.map((_, axis) => axis).filter(axis => !axes.includes(axis))
  if (
    isSame(
      shape,
      whole.map((size, axis) => (axes.includes(axis) ? 1 : size)),
    )
  )
    return whole.map((_, axis) => axis)
  if (
    isSame(
      shape,
      kept.map(axis => whole[axis]!),
    )
  )
    return kept
  return undefined
}

/**
 * The strides with which an operand of a node is read along the axes of the region: broadcast to the shape of the node, and
 * from there to the axes of the region; 0 where it repeats.
 */
export function operandStrides(
  operand: Node,
  { strides }: Pick<Layout, 'strides'>,
  reader: readonly number[],
  role: Role,
  region: { readonly shape: readonly number[]; readonly axes: readonly number[] },
): number[] {
  const axes = role === 'full' ? region.shape.map((_, axis) => axis) : lineAxesOf(reader, region)!
  const result = new Array<number>(region.shape.length).fill(0)
  const shift = reader.length - operand.shape.length
  for (const [axis, size] of operand.shape.entries()) {
    if (size !== 1) result[axes[axis + shift]!] = strides[axis]!
  }
  return result
}

/** The strides of a node's own buffer along the axes of the region. */
export function ownStrides(node: Node, role: Role, region: Pick<Region, 'shape' | 'axes'>): number[] {
  const strides = new Array<number>(node.shape.length)
  let step = 1
  for (let axis = node.shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step
    step *= node.shape[axis]!
  }
  return operandStrides(node, { strides }, node.shape, role, region)
}

/** Whether a node reads another one of the region at its own position: then the value goes from one to the other in a register. */
export function isReadInPlace(
  operand: Node,
  layouts: Layouts,
  reader: Node,
  role: Role,
  source: Role,
  region: Pick<Region, 'shape' | 'axes'>,
): boolean {
  if (role === 'line' && source === 'full') return false
  const layout = layouts.of(operand)
  if (layout.offset !== 0) return false
  const read = operandStrides(operand, layout, reader.shape, role, region)
  const own = ownStrides(layout.buffer, source, region)
  return region.shape.every(
    (size, axis) => size === 1 || (role === 'line' && region.axes.includes(axis)) || read[axis] === own[axis],
  )
}

/** The shape that the elements of a reduction's groups have. */
export function axesOf(node: Node): readonly number[] {
  return node.attributes.axes as readonly number[]
}

export function isSame(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((size, axis) => size === right[axis])
}
