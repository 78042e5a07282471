/** Where the elements of a node lie: in a buffer of its own, or somewhere in that of another node. */

import { type Primitive, reshapedStrides, stridesOf } from '@adjoint/core/engine'
import { Tensor } from '@adjoint/core/functional'
import type { Node } from '../graph/node.ts'

/** The elements of a node as a view of a buffer; offset and strides count elements. */
export interface Layout {
  /** The node whose kernel fills the buffer; its elements lie in row-major order from 0 on. */
  readonly buffer: Node
  readonly offset: number
  readonly strides: readonly number[]
}

/** Movements that are always views, whatever the strides. */
const VIEWS: ReadonlySet<string> = new Set([
  'identity',
  'stopGradient',
  'permute',
  'expand',
  'slice',
  'diagonal',
  'unfold',
])

/** Whether the elements of a layout lie in row-major order without gaps. */
export function isContiguous(shape: readonly number[], { strides }: Pick<Layout, 'strides'>): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 1) continue
    if (strides[axis] !== expected) return false
    expected *= shape[axis]!
  }
  return true
}

/**
 * Where the buffer of a node in the body of a loop lies when it is not its own: in that of a node outside of the body, from
 * `offset` on in the first turn, and `perTurn` further in each turn. In elements.
 */
export interface Placement {
  readonly of: Node
  readonly offset: number
  readonly perTurn: number
}

/** Finds the layouts of nodes, each once. */
export class Layouts {
  readonly #known = new Map<Node, Layout>()
  readonly #placements = new Map<Node, Placement>()

  /** Puts the buffer of a node of a body where another node lies, with strides of its own if it is only read. */
  place(node: Node, placement: Placement, strides: readonly number[] = stridesOf(node.shape)): void {
    this.#placements.set(node, placement)
    this.#known.set(node, { buffer: node, offset: 0, strides })
  }

  /** Where a buffer was put; `undefined` when it has a place of its own. */
  placementOf(buffer: Node): Placement | undefined {
    return this.#placements.get(buffer)
  }

  /** The buffer that has a place of its own and that the elements of a node lie in, in and out of loops. */
  rootOf(node: Node): Node {
    const { buffer } = this.of(node)
    const placement = this.#placements.get(buffer)
    return placement === undefined ? buffer : this.rootOf(placement.of)
  }

  /** The first element of a node in its root, in the first turn, and how far it moves in each turn. */
  startOf(node: Node): { readonly offset: number; readonly perTurn: number } {
    const { buffer, offset } = this.of(node)
    const placement = this.#placements.get(buffer)
    if (placement === undefined) return { offset, perTurn: 0 }
    return {
      offset: offset + placement.offset + this.startOf(placement.of).offset,
      perTurn: placement.perTurn,
    }
  }

  /** Where the elements of a node lie: a movement that needs no copy is a view of its input. */
  of(node: Node): Layout {
    const known = this.#known.get(node)
    if (known !== undefined) return known
    const layout = this.#viewOf(node) ?? { buffer: node, offset: 0, strides: stridesOf(node.shape) }
    this.#known.set(node, layout)
    return layout
  }

  /** Whether a node has a buffer of its own. */
  isBuffer(node: Node): boolean {
    return this.of(node).buffer === node
  }

  #viewOf(node: Node): Layout | undefined {
    const [x] = node.inputs
    if (x === undefined || x.size === 0) return undefined
    if (node.op === 'reshape') {
      const from = this.of(x)
      const strides = isContiguous(x.shape, from)
        ? stridesOf(node.shape)
        : reshapedStrides(x.shape, from.strides, node.shape)
      return strides && { ...from, strides }
    }
    if (!VIEWS.has(node.op)) return undefined
    const from = this.of(x)
    const moved = moveProbe(node.primitive!, x, from, node.attributes)
    return { buffer: from.buffer, offset: moved.offset, strides: moved.strides }
  }
}

/** What a movement does to strides: it is run on a tensor without memory. */
function moveProbe(
  primitive: Primitive,
  x: Node,
  { offset, strides }: Layout,
  attributes: Node['attributes'],
): Tensor {
  const probe = new Tensor(x.shape, x.dtype, NOTHING, offset, strides, x.size, false)
  return primitive.forward([probe], attributes)
}

const NOTHING = /* @__PURE__ */ new Float32Array(0)
