/** Gathers elementwise ops and reductions into regions, so that a value is written to memory only when somebody else reads it. */

import { sameShape, sizeOf } from '@adjoint/core/engine'
import { elementwiseCode } from '@adjoint/core/wasm'
import { loopOf, loopResultOf } from '../graph/loop.ts'
import { type Graph, type Node, nodesOf, rootsOf } from '../graph/node.ts'
import type { Layouts } from './layout.ts'
import {
  axesOf,
  isReadInPlace,
  isReduction,
  type LaneBits,
  type Region,
  type RegionForm,
  type Role,
  readerRole,
  readerShape,
  roleOf,
} from './region.ts'

/** Nodes that are computed together: a region, one node by itself, or a loop with what it gives. */
export type Part = { readonly region: Region } | { readonly node: Node; readonly results: readonly Node[] }

/** More nodes than this make code that is slower to compile, and no faster. */
const MOST_NODES = 96

/** A single line longer than this is divided into parts, so that what depends on its reduction has to wait for all of them. */
export const LONGEST_LINE = 16_384

/** Which lanes a node of a region needs; `undefined` for nodes that no region can hold. */
export function lanesOf(node: Node): LaneBits | undefined {
  if (node.primitive === undefined || node.size === 0 || node.inputs.some(input => input.size === 0))
    return undefined
  const dtypes = node.inputs.map(input => input.dtype)
  const lanes = [...dtypes, node.dtype].includes('float64') ? 64 : 32
  const fits = [...dtypes, node.dtype].every(
    dtype => dtype === 'bool' || (dtype === 'float64') === (lanes === 64),
  )
  if (!fits) return undefined
  if (isReduction(node)) {
    // Over no axes there is nothing to reduce; a region without axes has no reductions.
    const hasAxes = axesOf(node).length > 0
    return hasAxes && dtypes[0] === node.dtype && node.dtype.startsWith('float') ? lanes : undefined
  }
  if (node.op === 'copy') return lanes
  return elementwiseCode(node.op, dtypes, node.dtype) && lanes
}

/** Nodes that are computed together, while it is found out which. */
interface Group {
  nodes: Node[]
  /** Groups that have to be done before, directly. */
  before: Set<Group>
  /** `undefined` for a node by itself. */
  open: (RegionForm & { axes: readonly number[]; lanes: LaneBits; roles: Map<Node, Role> }) | undefined
  /** The group that has taken this one over. */
  joined: Group | undefined
}

/** The parts of a graph, in an order in which they can run. */
export function partsOf(graph: Graph, layouts: Layouts): Part[] {
  const builder = new Builder(layouts)
  for (const node of nodesOf(graph)) {
    if (loopResultOf(node) !== undefined) builder.join(node)
    else if (loopOf(node)) builder.add(node)
    else if (node.primitive !== undefined && node.size > 0 && layouts.isBuffer(node)) builder.add(node)
  }
  return builder.finish(rootsOf(graph))
}

class Builder {
  readonly #layouts: Layouts
  readonly #groups: Group[] = []
  readonly #groupOf = new Map<Node, Group>()
  /** Groups that read a buffer, for those that could read it with them. */
  readonly #readers = new Map<Node, Group[]>()

  constructor(layouts: Layouts) {
    this.#layouts = layouts
  }

  add(node: Node): void {
    const lanes = lanesOf(node)
    const before = new Set<Group>()
    for (const input of node.inputs) {
      const group = this.#made(input)
      if (group) before.add(group)
    }
    if (lanes === undefined) {
      this.#place(node, { nodes: [], before, open: undefined, joined: undefined })
      return
    }
    let home: Group | undefined
    for (const candidate of this.#candidates(node, before)) {
      if (home === undefined) {
        if (this.#joins(node, candidate, before, lanes)) home = candidate
      } else if (!waitsFor(before, home, candidate) && this.#merges(home, candidate, node)) {
        home = this.#merge(home, candidate)
      }
    }
    if (home === undefined) {
      const axes = isReduction(node) ? axesOf(node) : []
      const open = { shape: readerShape(node), axes, lanes, roles: new Map() }
      home = { nodes: [], before, open, joined: undefined }
    } else {
      for (const group of before) {
        const current = last(group)
        if (current !== home) home.before.add(current)
      }
    }
    this.#place(node, home)
  }

  /** What a loop gives comes into being with the loop. */
  join(result: Node): void {
    const group = this.#groupOf.get(result.inputs[0]!)!
    group.nodes.push(result)
    this.#groupOf.set(result, group)
  }

  finish(roots: readonly Node[]): Part[] {
    const outside = new Set<Node>(roots.map(root => this.#layouts.of(root).buffer))
    const groups = this.#groups.filter(group => group.joined === undefined)
    for (const group of groups) {
      for (const node of group.nodes) {
        for (const input of node.inputs) {
          const { buffer } = this.#layouts.of(input)
          const isInside = this.#made(input) === group && this.#goesOver(node, input, group, group.open)
          if (!isInside) outside.add(buffer)
        }
      }
    }
    return inOrder(groups).map(group => {
      const { nodes, open } = group
      if (open === undefined) return { node: nodes[0]!, results: nodes.slice(1) }
      const { shape, axes, lanes, roles } = open
      return { region: { nodes, shape, axes, lanes, roles, stored: nodes.filter(node => outside.has(node)) } }
    })
  }

  /** The group that makes the buffer in which a node lies; none for what comes from outside. */
  #made(node: Node): Group | undefined {
    const group = this.#groupOf.get(this.#layouts.of(node).buffer)
    return group && last(group)
  }

  /** Groups that might take a node in: those that make its inputs, the latest first, and those that read the same buffers. */
  #candidates(node: Node, before: ReadonlySet<Group>): Group[] {
    const makers = [...before].filter(group => group.open !== undefined).reverse()
    const readers = node.inputs.flatMap(input =>
      input.size > 64 ? (this.#readers.get(this.#layouts.of(input).buffer) ?? []).map(last) : [],
    )
    return [...new Set([...makers, ...readers.reverse().slice(0, 8)])]
  }

  /** Whether a node can be computed in a group. */
  #joins(node: Node, group: Group, before: ReadonlySet<Group>, lanes: LaneBits): boolean {
    const { open } = group
    if (open === undefined || open.lanes !== lanes || group.nodes.length >= MOST_NODES) return false
    const form = formWith(open, node)
    const role = form && readerRole(node, form)
    if (role === undefined) return false
    for (const input of node.inputs) {
      if (this.#made(input) === group && !this.#isAtHand(node, input, group, form!)) return false
    }
    // A line node has to hang on something of the group: by itself it would make the group wait for nothing.
    if (role === 'line' && !node.inputs.some(input => this.#made(input) === group)) return false
    for (const other of before) if (other !== group && reaches(other, group)) return false
    return true
  }

  /** Whether a value goes from a group to a reader in a register, if both are in a region of this form. */
  #goesOver(node: Node, input: Node, from: Group, form: RegionForm | undefined): boolean {
    const source = from.open?.roles.get(this.#layouts.of(input).buffer)
    return (
      source !== undefined && form !== undefined && isReadInPlace(input, this.#layouts, node, source, form)
    )
  }

  /** The same, and it is there in time: a line that is computed in parts has no result before all of them are done. */
  #isAtHand(node: Node, input: Node, from: Group, form: RegionForm): boolean {
    const isLine = from.open?.roles.get(this.#layouts.of(input).buffer) === 'line'
    return this.#goesOver(node, input, from, form) && !(isLine && isLongLine(form))
  }

  #merges(home: Group, other: Group, joining: Node): boolean {
    const [a, b] = [home.open!, other.open]
    if (home === other || b === undefined || a.lanes !== b.lanes || !sameShape(a.shape, b.shape)) return false
    if (a.axes.length > 0 && b.axes.length > 0 && !sameShape(a.axes, b.axes)) return false
    if (home.nodes.length + other.nodes.length > MOST_NODES) return false
    const form = { shape: a.shape, axes: a.axes.length > 0 ? a.axes : b.axes }
    // Values must not go from one to the other but in place.
    for (const [from, to] of [
      [home, other],
      [other, home],
    ] as const) {
      for (const node of [...to.nodes, joining]) {
        for (const input of node.inputs) {
          if (this.#made(input) === from && !this.#isAtHand(node, input, from, form)) return false
        }
      }
      for (const before of from.before) {
        const current = last(before)
        if (current !== to && current !== from && reaches(current, to)) return false
      }
    }
    return true
  }

  #merge(home: Group, other: Group): Group {
    const [first, second] =
      this.#groups.indexOf(home) < this.#groups.indexOf(other) ? [home, other] : [other, home]
    const [a, b] = [first.open!, second.open!]
    first.nodes = [...first.nodes, ...second.nodes].sort((x, y) => x.id - y.id)
    first.before = new Set(
      [...first.before, ...second.before].map(last).filter(group => group !== first && group !== second),
    )
    first.open = { ...a, axes: a.axes.length > 0 ? a.axes : b.axes, roles: new Map([...a.roles, ...b.roles]) }
    second.joined = first
    second.nodes = []
    return first
  }

  #place(node: Node, group: Group): void {
    if (group.nodes.length === 0) this.#groups.push(group)
    group.nodes.push(node)
    this.#groupOf.set(node, group)
    const { open } = group
    if (open === undefined) return
    if (isReduction(node)) {
      open.axes = axesOf(node)
      open.roles.set(node, 'line')
    } else open.roles.set(node, roleOf(node.shape, open)!)
    for (const input of node.inputs) {
      const { buffer } = this.#layouts.of(input)
      const readers = this.#readers.get(buffer)
      if (readers === undefined) this.#readers.set(buffer, [group])
      else if (!readers.includes(group)) readers.push(group)
    }
  }
}

/** Whether a region is one long line, which is computed in parts. */
export function isLongLine({ shape, axes }: RegionForm): boolean {
  if (axes.length === 0) return false
  const all = sizeOf(shape)
  return sizeOf(axes.map(axis => shape[axis]!)) === all && all > LONGEST_LINE
}

/** The form of a region with one more node; `undefined` for a reduction over other positions or axes. */
function formWith(open: RegionForm, node: Node): RegionForm | undefined {
  if (!isReduction(node)) return open
  const axes = axesOf(node)
  const fits =
    sameShape(readerShape(node), open.shape) && (open.axes.length === 0 || sameShape(open.axes, axes))
  return fits ? { shape: open.shape, axes } : undefined
}

/** The group that a group has become part of. */
function last(group: Group): Group {
  let current = group
  while (current.joined !== undefined) current = current.joined
  return current
}

/** Whether a group has to wait for another one, directly or through others. */
function reaches(from: Group, target: Group): boolean {
  const seen = new Set<Group>()
  const stack = [from]
  while (stack.length > 0) {
    const group = stack.pop()!
    if (group === target) return true
    for (const before of group.before) {
      const current = last(before)
      if (!seen.has(current)) {
        seen.add(current)
        stack.push(current)
      }
    }
  }
  return false
}

/** Whether something that has to be done before a node has to wait for one of two groups that the node would be in. */
function waitsFor(before: ReadonlySet<Group>, home: Group, other: Group): boolean {
  return [...before].some(group => {
    const current = last(group)
    return current !== home && current !== other && (reaches(current, home) || reaches(current, other))
  })
}

/** Groups with those before them first; among those that could go, the one that was made first. */
function inOrder(groups: readonly Group[]): Group[] {
  const placed = new Set<Group>()
  const order: Group[] = []
  for (const root of groups) {
    const stack = [root]
    while (stack.length > 0) {
      const group = stack[stack.length - 1]!
      const waiting = [...group.before].map(last).filter(before => before !== group && !placed.has(before))
      if (waiting.length > 0 && !placed.has(group)) stack.push(...waiting)
      else {
        stack.pop()
        if (!placed.has(group)) order.push(group)
        placed.add(group)
      }
    }
  }
  return order
}
