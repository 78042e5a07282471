/** A region: elementwise ops and reductions that one pass over their elements computes together. */

import { sameShape, stridesOf } from '@adjoint/core/engine'
import type { Node } from '../graph/node.ts'
import type { Layout, Layouts } from './layout.ts'

/** Bits of a lane: four lanes of 32 bits in a vector, or two of 64. */
export type LaneBits = 32 | 64

/**
 * What a node of a region is: `full` nodes have an element for every position of the region's shape; `line` nodes one for
 * every line of positions along the reduced axes.
 */
export type Role = 'full' | 'line'

/** Reductions that a region can hold. */
export const REDUCTIONS = ['sum', 'mean', 'max', 'min'] as const

/** Whether a node is a reduction that a region can hold, as far as its op says. */
export function isReduction({ op }: Node): boolean {
  return (REDUCTIONS as readonly string[]).includes(op)
}

/** The shape over whose positions a node reads its inputs: a reduction reads at every one. */
export function readerShape(node: Node): readonly number[] {
  return isReduction(node) ? node.inputs[0]!.shape : node.shape
}

/** The role of a node where it reads its inputs, in a region of this form. */
export function readerRole(node: Node, form: RegionForm): Role | undefined {
  return isReduction(node) ? 'full' : roleOf(node.shape, form)
}

/** The positions of a region: its shape, and which axes are reduced. */
export interface RegionForm {
  /** The shape of the full nodes. */
  readonly shape: readonly number[]
  /** The axes that its reductions reduce; empty when there is none. */
  readonly axes: readonly number[]
}

/** Nodes over the positions of one shape. */
export interface Region extends RegionForm {
  /** Inputs before what is made of them. */
  readonly nodes: readonly Node[]
  readonly lanes: LaneBits
  readonly roles: ReadonlyMap<Node, Role>
  /** Nodes that others read, or that are results: they are written to their buffers. */
  readonly stored: readonly Node[]
}

/** Whether a role fits a node in a region of this shape, and which. Full goes first. */
export function roleOf(shape: readonly number[], region: RegionForm): Role | undefined {
  if (sameShape(shape, region.shape)) return 'full'
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
    sameShape(
      shape,
      whole.map((size, axis) => (axes.includes(axis) ? 1 : size)),
    )
  )
    return whole.map((_, axis) => axis)
  if (
    sameShape(
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
function operandStrides(
  operand: Node,
  { strides }: Pick<Layout, 'strides'>,
  reader: readonly number[],
  role: Role,
  region: RegionForm,
): number[] {
  const axes = role === 'full' ? region.shape.map((_, axis) => axis) : lineAxesOf(reader, region)!
  const result = new Array<number>(region.shape.length).fill(0)
  const shift = reader.length - operand.shape.length
  for (const [axis, size] of operand.shape.entries()) {
    if (size !== 1) result[axes[axis + shift]!] = strides[axis]!
  }
  return result
}

/** {@link operandStrides} of an operand, for a node of the region. */
export function readStrides(operand: Node, layouts: Layouts, reader: Node, region: RegionForm): number[] {
  return operandStrides(
    operand,
    layouts.of(operand),
    readerShape(reader),
    readerRole(reader, region)!,
    region,
  )
}

/** The strides of a node's own buffer along the axes of the region. */
export function ownStrides(node: Node, role: Role, region: RegionForm): number[] {
  return operandStrides(node, { strides: stridesOf(node.shape) }, node.shape, role, region)
}

/**
 * Whether a node reads another one of the region, that has the role `source`, at its own position: then the value goes from one to
 * the other in a register.
 */
export function isReadInPlace(
  operand: Node,
  layouts: Layouts,
  reader: Node,
  source: Role,
  region: RegionForm,
): boolean {
  const role = readerRole(reader, region)
  if (role === undefined || (role === 'line' && source === 'full')) return false
  const layout = layouts.of(operand)
  if (layout.offset !== 0) return false
  const read = readStrides(operand, layouts, reader, region)
  const own = ownStrides(layout.buffer, source, region)
  return region.shape.every(
    (size, axis) => size === 1 || (role === 'line' && region.axes.includes(axis)) || read[axis] === own[axis],
  )
}

/** The axes that a reduction reduces. */
export function axesOf(node: Node): readonly number[] {
  return node.attributes.axes as readonly number[]
}
