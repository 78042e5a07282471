/** How the loops over a region go: its axes as few as possible, what walks over memory, and which values wait for others. */

import { sizeOf } from '@adjoint/core/engine'
import type { Node } from '../graph/node.ts'
import { isLongLine } from '../plan/fuse.ts'
import { BYTES_PER_ELEMENT } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'
import { isReduction, ownStrides, type Region, readStrides } from '../plan/region.ts'

/** Elements of one part when a single long line is divided. Part of the result's bits, so the same on every machine. */
const PART = 4096

/** Vectors side by side in a column-wise kernel: together one line of the processor's cache. */
const MOST_VECTORS = 4

/** Work per element from which on a value is kept for later stages rather than computed anew. */
const COSTLY = 6

/** An axis of the loops, several axes of the region in one where that makes no difference. */
export interface Dim {
  readonly size: number
  readonly reduced: boolean
}

/** A way to walk over memory: that of an operand which is read, or of a node which is written. */
export interface Access {
  readonly node: Node
  /** Elements from one position to the next, for every dim. */
  readonly strides: number[]
  readonly bytes: number
}

/** How the loops of a region go. */
export class RegionShape {
  readonly region: Region
  readonly layouts: Layouts
  /** Reads by the buffer, the place and the strides; several nodes may share one. */
  readonly reads: Map<string, Access> = new Map()
  readonly writes: Map<Node, Access> = new Map()
  /** `row`: a vector holds positions of one line; `column`: positions of several lines. */
  readonly mode: 'row' | 'column'
  readonly lineDims: readonly number[]
  readonly innerDims: readonly number[]
  /** The dim along which a vector lies. */
  readonly vectorDim: number
  readonly dims: readonly Dim[]
  readonly lanes: number
  /** Vectors side by side in one unit: of several lines in column mode. In row mode see {@link RegionShape.rowVectors}. */
  readonly vectors: number
  readonly isDivided: boolean
  readonly units: number
  readonly positions: number
  /** Positions of one unit along the vector, where one line is more than one unit. */
  readonly chunk: number | undefined
  readonly levels: ReadonlyMap<Node, number>
  readonly lastLevel: number
  /** For every stage, values of earlier stages that are read again from memory. */
  readonly kept: ReadonlyMap<Node, 'stored' | number>
  readonly workspaceBytes: number
  readonly #keys = new Map<Node, Map<Node, string>>()
  #sinks: readonly { readonly node: Node; readonly stage: number }[] | undefined

  constructor(region: Region, layouts: Layouts) {
    this.region = region
    this.layouts = layouts
    this.lanes = 128 / region.lanes
    this.positions = sizeOf(region.shape)
    const roles = region.roles
    for (const node of region.nodes) {
      for (const input of node.inputs) {
        if (roles.has(layouts.of(input).buffer)) continue
        const strides = readStrides(input, layouts, node, region)
        const key = this.keyOf(input, node)
        if (!this.reads.has(key))
          this.reads.set(key, { node: input, strides, bytes: BYTES_PER_ELEMENT[input.dtype] })
      }
    }
    for (const node of region.nodes) {
      const strides = ownStrides(node, roles.get(node)!, region)
      this.writes.set(node, { node, strides, bytes: BYTES_PER_ELEMENT[node.dtype] })
    }
    const written = region.nodes.filter(node => region.stored.includes(node) || roles.get(node) === 'full')
    const accesses = [...this.reads.values(), ...written.map(node => this.writes.get(node)!)]
    this.dims = collapse(region, [...this.reads.values(), ...this.writes.values()], accesses)
    const all = this.dims.map((_, k) => k)
    const reduced = all.filter(k => this.dims[k]!.reduced)
    const lastDim = this.dims.length - 1
    this.vectorDim = lastDim
    this.mode = region.axes.length === 0 || this.dims[lastDim]!.reduced ? 'row' : 'column'
    this.innerDims = region.axes.length === 0 ? [lastDim] : reduced
    this.lineDims = all.filter(k => k !== lastDim && !this.innerDims.includes(k))
    this.isDivided = isLongLine(region)
    const lines = this.lineDims.reduce((product, k) => product * this.dims[k]!.size, 1)
    const length = this.dims[lastDim]!.size
    this.levels = levelsOf(region, layouts)
    this.lastLevel = Math.max(...region.nodes.map(node => this.levels.get(node)!))
    if (this.mode === 'column') {
      const busy = region.nodes.length > 12
      this.vectors = Math.max(1, Math.min(busy ? 2 : MOST_VECTORS, Math.floor(length / this.lanes)))
      this.chunk = undefined
      this.units = lines * Math.ceil(length / (this.vectors * this.lanes))
    } else {
      this.vectors = 1
      const isChunked =
        lines === 1 &&
        length > PART &&
        (this.isDivided || region.axes.length === 0) &&
        this.innerDims.length === 1
      this.chunk = isChunked ? PART : undefined
      this.units = isChunked ? Math.ceil(length / PART) : lines
    }
    const { kept, slots } = this.#keep()
    this.kept = kept
    this.workspaceBytes = slots * this.slotBytes
  }

  /** Bytes of one line of a value that is kept in the workspace. */
  get slotBytes(): number {
    const length = this.dims[this.innerDims[0] ?? this.vectorDim]!.size
    return this.mode === 'row' ? 16 * Math.ceil(length / this.lanes + 1) : 16 * length * this.vectors
  }

  /** Vectors of one turn of the loop of a stage, in row mode: several, so that sums do not wait for themselves. */
  rowVectors(stage: number): number {
    if (this.dims[this.vectorDim]!.size < 8 * this.lanes) return 1
    const computed = new Set<Node>()
    const visit = (node: Node): void => {
      if (computed.has(node) || (this.levels.get(node)! < stage && this.kept.has(node))) return
      computed.add(node)
      for (const input of node.inputs) {
        const { buffer } = this.layouts.of(input)
        if (this.region.roles.get(buffer) === 'full') visit(buffer)
      }
    }
    for (const sink of this.sinks()) if (sink.stage === stage) visit(sink.node)
    return computed.size <= 2 ? 4 : computed.size <= 10 ? 2 : 1
  }

  /** What tells the read of an operand apart: where its buffer is entered, and with which strides. */
  keyOf(input: Node, node: Node): string {
    const keys = this.#keys.get(node) ?? new Map<Node, string>()
    this.#keys.set(node, keys)
    const known = keys.get(input)
    if (known !== undefined) return known
    const layout = this.layouts.of(input)
    const strides = readStrides(input, this.layouts, node, this.region)
    const key = `${layout.buffer.id} ${layout.offset} ${strides.join()}`
    keys.set(input, key)
    return key
  }

  /** Whether an operand is read at each position exactly when that position is written, and nowhere else. */
  isReadOnce(read: Node): boolean {
    if (this.lastLevel > 0 || this.region.lanes === 64) return false
    const { buffer, offset } = this.layouts.of(read)
    if (offset !== 0) return false
    for (const [key, access] of this.reads) {
      if (!key.startsWith(`${buffer.id} `)) continue
      if (access.bytes !== 4 || this.dims.some((_, k) => access.strides[k] !== this.#natural[k])) return false
    }
    return true
  }

  /** The strides of a full node. */
  get #natural(): readonly number[] {
    const strides = new Array<number>(this.dims.length)
    let step = 1
    for (let k = this.dims.length - 1; k >= 0; k--) {
      strides[k] = step
      step *= this.dims[k]!.size
    }
    return strides
  }

  /** Which values of a stage the later ones read again, and where from. */
  #keep(): { kept: Map<Node, 'stored' | number>; slots: number } {
    const kept = new Map<Node, 'stored' | number>()
    let slots = 0
    const { region, layouts, levels } = this
    const costs = new Map<Node, number>()
    const costOf = (node: Node): number => {
      const known = costs.get(node)
      if (known !== undefined) return known
      let cost = OP_COSTS[node.op] ?? 1
      for (const input of node.inputs) {
        const { buffer } = layouts.of(input)
        if (region.roles.get(buffer) === 'full') cost += costOf(buffer)
      }
      costs.set(node, cost)
      return cost
    }
    const seen = new Set<string>()
    const visit = (node: Node, stage: number): void => {
      const key = `${node.id} ${stage}`
      if (seen.has(key)) return
      seen.add(key)
      const level = levels.get(node)!
      if (level < stage && !kept.has(node) && costOf(node) >= COSTLY) {
        if (region.stored.includes(node)) kept.set(node, 'stored')
        else if (this.innerDims.length === 1) kept.set(node, slots++)
      }
      if (level < stage && kept.has(node)) {
        visit(node, level)
        return
      }
      for (const input of node.inputs) {
        const { buffer } = layouts.of(input)
        if (region.roles.get(buffer) === 'full') visit(buffer, stage)
      }
    }
    for (const { node, stage } of this.sinks()) visit(node, stage)
    return { kept, slots }
  }

  /** The full values that have to be computed, and in which stage: those that are stored, and what reductions reduce. */
  sinks(): readonly { readonly node: Node; readonly stage: number }[] {
    if (this.#sinks !== undefined) return this.#sinks
    const { region, layouts, levels } = this
    const sinks: { node: Node; stage: number }[] = []
    for (const node of region.nodes) {
      if (region.roles.get(node) === 'full') {
        if (region.stored.includes(node)) sinks.push({ node, stage: levels.get(node)! })
      } else if (isReduction(node)) {
        const { buffer } = layouts.of(node.inputs[0]!)
        if (region.roles.get(buffer) === 'full') sinks.push({ node: buffer, stage: levels.get(node)! - 1 })
      }
    }
    this.#sinks = sinks
    return sinks
  }
}

/** Rough costs of ops, in additions. */
const OP_COSTS: Readonly<Record<string, number>> = {
  exp: 10,
  log: 12,
  tanh: 12,
  sigmoid: 12,
  softplus: 16,
  erf: 16,
  gelu: 20,
  silu: 14,
  div: 4,
  sqrt: 4,
  pow: 24,
  sin: 12,
  cos: 12,
}

/** The stage in which each value is there: one pass over the line for each level of reductions. */
function levelsOf({ nodes }: Region, layouts: Layouts): Map<Node, number> {
  const levels = new Map<Node, number>()
  for (const node of nodes) {
    let level = 0
    for (const input of node.inputs) level = Math.max(level, levels.get(layouts.of(input).buffer) ?? 0)
    levels.set(node, isReduction(node) ? level + 1 : level)
  }
  return levels
}

/** The axes of a region as few dims; the strides of the accesses become those along the dims. */
function collapse(region: Region, all: readonly Access[], shared: readonly Access[]): Dim[] {
  const dims: Dim[] = []
  const strides = all.map((): number[] => [])
  const matters = all.map(access => shared.includes(access))
  for (let axis = region.shape.length - 1; axis >= 0; axis--) {
    const size = region.shape[axis]!
    if (size === 1) continue
    const reduced = region.axes.includes(axis)
    const inner = dims[0]
    const joins =
      inner?.reduced === reduced &&
      all.every((access, k) => !matters[k] || access.strides[axis] === strides[k]![0]! * inner.size)
    if (joins) dims[0] = { size: size * inner.size, reduced }
    else {
      dims.unshift({ size, reduced })
      for (const [k, access] of all.entries()) strides[k]!.unshift(access.strides[axis]!)
    }
  }
  if (dims.length === 0) {
    dims.push({ size: 1, reduced: region.axes.length > 0 })
    for (const list of strides) list.push(0)
  }
  // Reductions over axes of size 1 still need a loop of one turn.
  if (region.axes.length > 0 && !dims.some(dim => dim.reduced)) {
    dims.unshift({ size: 1, reduced: true })
    for (const list of strides) list.unshift(0)
  }
  for (const [k, access] of all.entries()) access.strides.splice(0, access.strides.length, ...strides[k]!)
  return dims
}
