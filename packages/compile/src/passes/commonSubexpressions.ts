/** What is computed twice is computed once. */

import { compact, type Op } from '@adjoint/core/engine'
import {
  add,
  type BinaryOp,
  bitwiseAnd,
  bitwiseOr,
  bitwiseXor,
  equal,
  logicalAnd,
  logicalOr,
  logicalXor,
  maximum,
  minimum,
  mul,
  notEqual,
} from '@adjoint/core/functional'
import { type Graph, mapGraph, type Node } from '../graph/node.ts'
import { reshaped } from './build.ts'
import type { Pass } from './pass.ts'

/** Constants of up to so many elements are compared. */
const COMPARED = 1024

/** Ops of two operands that may change places without changing a bit of the result. */
export const COMMUTATIVE: readonly Op<BinaryOp>[] = [
  add,
  mul,
  maximum,
  minimum,
  equal,
  notEqual,
  logicalAnd,
  logicalOr,
  logicalXor,
  bitwiseAnd,
  bitwiseOr,
  bitwiseXor,
]

const commutative: ReadonlySet<unknown> = /* @__PURE__ */ new Set(
  COMMUTATIVE.map(({ primitive }) => primitive),
)

/**
 * One node for all calls of a primitive with the same attributes and inputs, and for all constants with the same elements.
 * Reductions that differ in `keepDims` only are one, in two shapes.
 */
export const commonSubexpressions: Pass = {
  name: 'commonSubexpressions',
  run: (graph: Graph): Graph => {
    const identities = new Identities()
    const first = new Map<string, Node>()
    return mapGraph(graph, node => {
      const key = keyOf(node, identities)
      const known = first.get(key)
      if (known !== undefined) return reshaped(known, node.shape)
      first.set(key, node)
      return node
    })
  },
}

/** Equal for nodes that have the same elements. */
function keyOf(node: Node, identities: Identities): string {
  if (node.value !== undefined) {
    const { storage, offset, size } = node.size <= COMPARED ? compact(node.value) : node.value
    const elements =
      node.size <= COMPARED
        ? Array.from(storage.subarray(offset, offset + size), textOf).join()
        : `#${identities.of(node.value)}`
    return `constant ${node.dtype} ${node.shape.join('x')} ${elements}`
  }
  const ids = node.inputs.map(({ id }) => id)
  if (commutative.has(node.primitive)) ids.sort((a, b) => a - b)
  const { keepDims, ...attributes } = node.attributes
  const isReduction = Array.isArray(attributes.axes) && typeof keepDims === 'boolean'
  const settings = identities.textOf(isReduction ? attributes : node.attributes)
  return `call ${identities.of(node.primitive)} ${ids.join()} ${settings}`
}

/** A number as text, 0 and -0 apart. */
function textOf(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x)
}

/** Numbers for things that are compared by what they are, not by what they hold. */
class Identities {
  readonly #known = new Map<unknown, number>()

  of(thing: unknown): number {
    const known = this.#known.get(thing)
    if (known !== undefined) return known
    this.#known.set(thing, this.#known.size)
    return this.#known.size - 1
  }

  /** Equal for plain data that is equal in structure. */
  textOf(data: unknown): string {
    if (typeof data === 'number') return textOf(data)
    if (typeof data === 'string') return JSON.stringify(data)
    if (Array.isArray(data)) return `[${data.map(entry => this.textOf(entry)).join()}]`
    if (typeof data === 'object' && data !== null && isPlain(data)) {
      const entries = Object.entries(data).filter(([, value]) => value !== undefined)
      entries.sort(([a], [b]) => (a < b ? -1 : 1))
      return `{${entries.map(([key, value]) => `${key}:${this.textOf(value)}`).join()}}`
    }
    return typeof data === 'object' || typeof data === 'function' ? `#${this.of(data)}` : String(data)
  }
}

function isPlain(data: object): boolean {
  const prototype = Object.getPrototypeOf(data)
  return prototype === Object.prototype || prototype === null
}
