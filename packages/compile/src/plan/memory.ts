/** The memory plan: every buffer at a fixed place in one arena, places shared by buffers that do not live at the same time. */

import { type Node, rootsOf } from '../graph/node.ts'
import { BYTES_PER_ELEMENT, type Kernel } from './kernel.ts'
import type { Layouts } from './layout.ts'
import { isLoop, kernelsOf, type Schedule, type Step } from './schedule.ts'

/** Places are multiples of this: one line of the processor's cache. */
const ALIGNMENT = 64

/** A copy that is made when everything else is done: a new value of a parameter into the parameter's place. */
export interface FinalCopy {
  readonly from: Node
  readonly to: Node
}

/** Where everything lies, in bytes from the start of the memory. */
export interface MemoryPlan {
  readonly addresses: ReadonlyMap<Node, number>
  /** Parameters whose new values were computed elsewhere. */
  readonly copies: readonly FinalCopy[]
  /** Inputs, parameters and constants: what stays from run to run. */
  readonly residentBytes: number
  /** Everything between them. */
  readonly arenaBytes: number
  /** What the buffers would take if none shared a place with another. */
  readonly unsharedBytes: number
  /** Where the workspaces of the threads begin, and how far they are apart. */
  readonly workspace: { readonly start: number; readonly bytes: number }
}

/** Bytes of the buffer of a node. */
export function bytesOf(node: Node): number {
  return Math.ceil((node.size * BYTES_PER_ELEMENT[node.dtype]) / ALIGNMENT) * ALIGNMENT
}

/** First and last kernel during which a buffer holds something that is needed. */
interface Life {
  readonly node: Node
  first: number
  last: number
  readonly bytes: number
}

/** Gives every buffer its place. `start`: bytes at the front of the memory that are taken already. */
export function planMemory({ graph, layouts, kernels, steps }: Schedule, start: number): MemoryPlan {
  const addresses = new Map<Node, number>()
  let next = Math.ceil(start / ALIGNMENT) * ALIGNMENT
  const reserve = (node: Node): void => {
    if (addresses.has(node)) return
    addresses.set(node, next)
    next += bytesOf(node)
  }
  const bufferOf = (node: Node): Node => layouts.rootOf(node)
  const residents: Node[] = [
    ...graph.inputs,
    ...graph.parameters.map(({ node }) => node),
    ...graph.events.flatMap(({ node }) => node ?? []),
  ]
  for (const node of residents) reserve(node)
  // Buffers without elements need no kernel that fills them.
  const isGiven = (buffer: Node): boolean => buffer.value !== undefined || buffer.size === 0
  for (const kernel of kernels)
    for (const read of kernel.reads) if (isGiven(bufferOf(read))) reserve(bufferOf(read))
  for (const root of rootsOf(graph)) if (bufferOf(root).value !== undefined) reserve(bufferOf(root))
  const residentBytes = next
  const loops = loopsOf(steps)
  const lives = livesOf(kernels, loops, layouts, addresses)
  for (const root of rootsOf(graph)) {
    const life = lives.get(bufferOf(root))
    if (life) life.last = kernels.length
  }
  const rootsIn = new Map<Node, number>()
  for (const root of rootsOf(graph)) rootsIn.set(bufferOf(root), (rootsIn.get(bufferOf(root)) ?? 0) + 1)
  // A kernel of the host may refuse what it is given: then nothing must have been assigned.
  const lastRefusal = kernels.findLastIndex(kernel => kernel.isHosted === true && kernel.usesThreads !== true)
  const copies: FinalCopy[] = []
  for (const { node, assigned } of graph.parameters) {
    if (assigned === undefined) continue
    if (isWrittenInPlace(node, assigned)) addresses.set(assigned, addresses.get(node)!)
    else copies.push({ from: assigned, to: node })
  }
  /** Whether the new value of a parameter may be written over the old one at once. */
  function isWrittenInPlace(node: Node, assigned: Node): boolean {
    const life = lives.get(assigned)
    if (life === undefined || addresses.has(assigned)) return false
    const isReturned = rootsIn.has(node)
    if (isReturned || (rootsIn.get(assigned) ?? 0) > 1 || lastRefusal > life.first) return false
    // Turns of a loop read the old value when earlier ones have written a part of the new one.
    const isInLoop = loops[life.first] !== undefined
    for (let i = life.first; i < kernels.length; i++) {
      const { reads, inPlace } = kernels[i]!
      const readers = reads.filter(read => bufferOf(read) === node)
      if (readers.length === 0) continue
      // The kernel that writes the new value may read the old one, element by element.
      if (i > life.first || isInLoop || !readers.every(read => inPlace?.includes(read))) return false
    }
    return true
  }
  /** In the order in which they lie. */
  const placed: { from: number; to: number; life: Life }[] = []
  const open = [...lives.values()].filter(({ node }) => !addresses.has(node))
  // The largest first: the small ones find room between them.
  open.sort((a, b) => b.bytes - a.bytes || a.first - b.first)
  let end = residentBytes
  for (const life of open) {
    let from = residentBytes
    for (const place of placed) {
      if (place.life.first > life.last || life.first > place.life.last) continue
      if (from + life.bytes <= place.from) break
      from = Math.max(from, place.to)
    }
    addresses.set(life.node, from)
    const behind = placed.findIndex(place => place.from > from)
    placed.splice(behind < 0 ? placed.length : behind, 0, { from, to: from + life.bytes, life })
    end = Math.max(end, from + life.bytes)
  }
  const bytes = kernels.reduce((most, kernel) => Math.max(most, kernel.workspaceBytes ?? 0), 0)
  return {
    addresses,
    copies,
    residentBytes,
    arenaBytes: end - residentBytes,
    unsharedBytes: open.reduce((sum, life) => sum + life.bytes, 0),
    workspace: { start: end, bytes: Math.ceil(bytes / ALIGNMENT) * ALIGNMENT },
  }
}

/** Where the kernels of a loop begin and end. */
interface Span {
  readonly first: number
  readonly last: number
}

/** For each kernel the loop that it is in. */
function loopsOf(steps: readonly Step[]): (Span | undefined)[] {
  const spans: (Span | undefined)[] = []
  for (const step of steps) {
    if (!isLoop(step)) {
      spans.push(undefined)
      continue
    }
    const span = { first: spans.length, last: spans.length + kernelsOf(step.steps).length - 1 }
    while (spans.length <= span.last) spans.push(span)
  }
  return spans
}

/**
 * The lives of all buffers that kernels fill. What is made outside of a loop and used in it, or the other way round, lives
 * through all of its turns.
 */
function livesOf(
  kernels: readonly Kernel[],
  loops: readonly (Span | undefined)[],
  layouts: Layouts,
  resident: ReadonlyMap<Node, number>,
): Map<Node, Life> {
  const lives = new Map<Node, Life>()
  for (const [i, { reads, writes }] of kernels.entries()) {
    for (const node of [...writes, ...reads]) {
      const buffer = layouts.rootOf(node)
      if (resident.has(buffer)) continue
      const isPlaced = layouts.of(node).buffer !== buffer
      const { first, last } = (isPlaced ? loops[i] : undefined) ?? { first: i, last: i }
      const life = lives.get(buffer)
      if (life !== undefined) life.last = Math.max(life.last, last)
      else if (writes.includes(node)) lives.set(buffer, { node: buffer, first, last, bytes: bytesOf(buffer) })
      else throw new Error(`nothing fills the buffer of ${buffer.op} ${buffer.id}`)
    }
  }
  return lives
}
