/** What a law is, and the pass that applies laws. */

import { sameShape } from '@adjoint/core/engine'
import { countUses, type Graph, mapGraph, type Node, nodesOf } from '../../graph/node.ts'
import { type Carrier, isCall } from '../build.ts'
import { folded } from '../foldConstants.ts'
import type { Pass } from '../pass.ts'
import { nodesOfHiddenZeroSigns } from '../zeroSigns.ts'

/**
 * Two expressions with the same value: the same bits for every input, with NaN, infinities and both zeros among them.
 * Sizes, dtypes and constants are what `rewrite` looks at; it refuses what the law does not cover.
 */
export interface Law {
  readonly name: string
  /** The law as an equation, with its conditions. */
  readonly formula: string
  /** The ops whose calls stand on the left side: listed, or all of a sort. */
  readonly at: readonly Carrier[] | ((node: Node) => boolean)
  /** Whether the two sides may differ in the sign of zeros: it is applied only where nobody can tell the zeros apart. */
  readonly upToZeroSigns?: boolean
  /** The right side for a call that is a left side. */
  readonly rewrite: (node: Node, uses: Uses) => Node | undefined
}

/** How many nodes read a node. What was made in this pass has one reader. */
export type Uses = (node: Node) => number

/** More rounds than any chain of laws takes; it is an error when they have not come to an end. */
const ROUNDS = 100

/** Applies laws from the inputs to the outputs, again and again, until none applies any more. */
export function applyLaws(name: string, laws: readonly Law[]): Pass {
  const known = new Map<unknown, readonly Law[]>()
  const lawsAt: LawsAt = node => {
    let found = known.get(node.primitive)
    if (found === undefined) {
      found = laws.filter(law => standsAt(law, node))
      known.set(node.primitive, found)
    }
    return found
  }
  return {
    name,
    run: graph => {
      let current = graph
      for (let round = 0; round < ROUNDS; round++) {
        const next = applyOnce(current, lawsAt)
        if (next === undefined) return current
        current = next
      }
      throw new Error(`the laws of ${name} go in circles`)
    },
  }
}

/** The laws that may apply to calls of a primitive. */
type LawsAt = (node: Node) => readonly Law[]

/** Whether a node is a call of an op that a law is about. */
export function standsAt({ at }: Law, node: Node): boolean {
  return typeof at === 'function' ? at(node) : at.some(op => isCall(node, op))
}

/** One walk; `undefined` when no law applied. */
function applyOnce(graph: Graph, lawsAt: LawsAt): Graph | undefined {
  const counts = countUses(graph)
  const uses: Uses = node => counts.get(node) ?? 1
  const hidden = nodesOfHiddenZeroSigns(graph)
  const order = nodesOf(graph).filter(({ primitive, value }) => primitive ?? value)
  let at = 0
  let changed = false
  const result = mapGraph(graph, node => {
    // What stood here before its inputs were replaced: whatever stands here has its readers.
    const before = order[at++]!
    let best = node
    for (let step = 0; step < ROUNDS; step++) {
      if (best !== before) counts.set(best, Math.max(counts.get(best) ?? 0, uses(before)))
      const better = improved(best, lawsAt, uses, hidden.has(before))
      if (better === undefined) break
      changed = true
      best = better
    }
    return best
  })
  return changed ? result : undefined
}

/** What the first law that applies makes of a node. */
function improved(node: Node, lawsAt: LawsAt, uses: Uses, hidesZeroSigns: boolean): Node | undefined {
  const constant = folded(node)
  if (constant !== undefined || node.primitive === undefined) return constant
  for (const law of lawsAt(node)) {
    if (law.upToZeroSigns && !hidesZeroSigns) continue
    const better = law.rewrite(node, uses)
    if (better === undefined) continue
    expectSameType(law, node, better)
    return better
  }
  return undefined
}

/** A law that changes a shape or a dtype is a mistake. */
function expectSameType({ name }: Law, { shape, dtype }: Node, better: Node): void {
  if (sameShape(better.shape, shape) && better.dtype === dtype) return
  throw new Error(`the law ${name} makes ${better.dtype} [${better.shape}] of ${dtype} [${shape}]`)
}
