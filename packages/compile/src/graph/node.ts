/** What a traced function computes, as a graph that passes rewrite and the planner reads. */

import { type HostEvent, type Primitive, type ResultType, TracedTensor } from '@adjoint/core/engine'
import type { Parameter, Tensor } from '@adjoint/core/functional'

/** The element types of tensors. */
export type DType = Tensor['dtype']

/** Plain data beside the inputs of a call. */
export type Attributes = Readonly<Record<string, unknown>>

/**
 * Where a value comes from: from outside (`input`, `parameter`, `hosted`: filled by the host before every run), from the
 * trace (`constant`), or from a call of a primitive.
 */
export type Source = 'input' | 'parameter' | 'hosted' | 'constant'

let created = 0

/** One value of the graph: how it is made, and its shape and dtype. Immutable: a pass makes new nodes in the place of old. */
export class Node {
  /** Grows with every node that is made: inputs have smaller ones. For messages and for keys of maps. */
  readonly id: number = created++
  /** Name of the primitive, or where the value comes from. */
  readonly op: string
  /** `undefined` for what comes from outside and for constants. */
  readonly primitive: Primitive | undefined
  readonly inputs: readonly Node[]
  readonly attributes: Attributes
  readonly shape: readonly number[]
  readonly dtype: DType
  /** Number of elements. */
  readonly size: number
  /** The value of a constant. */
  readonly value: Tensor | undefined

  private constructor(
    op: string,
    primitive: Primitive | undefined,
    inputs: readonly Node[],
    attributes: Attributes,
    shape: readonly number[],
    dtype: DType,
    value: Tensor | undefined,
  ) {
    this.op = op
    this.primitive = primitive
    this.inputs = inputs
    this.attributes = attributes
    this.shape = shape
    this.dtype = dtype
    this.size = shape.reduce((product, length) => product * length, 1)
    this.value = value
  }

  /** A value from outside. */
  static source(source: Exclude<Source, 'constant'>, shape: readonly number[], dtype: DType): Node {
    return new Node(source, undefined, [], {}, shape, dtype, undefined)
  }

  /** Memory that kernels use among themselves. */
  static scratch(shape: readonly number[], dtype: DType): Node {
    return new Node('scratch', undefined, [], {}, shape, dtype, undefined)
  }

  static constant(value: Tensor): Node {
    return new Node('constant', undefined, [], {}, value.shape, value.dtype, value)
  }

  /** A call of a primitive; shape and dtype follow from its rule, unless they are known already. */
  static call(
    primitive: Primitive,
    inputs: readonly Node[],
    attributes: Attributes = {},
    known?: ResultType,
  ): Node {
    const { shape, dtype } =
      known ??
      primitive.result!(
        inputs.map(input => new TracedTensor(input.shape, input.dtype)),
        attributes,
      )
    return new Node(primitive.name, primitive, inputs, attributes, shape, dtype, undefined)
  }

  /** The same call of other inputs, of the same shapes and dtypes. */
  withInputs(inputs: readonly Node[]): Node {
    if (inputs.every((input, i) => input === this.inputs[i])) return this
    return new Node(this.op, this.primitive, inputs, this.attributes, this.shape, this.dtype, this.value)
  }
}

/** A parameter of the function. */
export interface ParameterNodes {
  readonly parameter: Parameter
  /** Its value when the function begins. */
  readonly node: Node
  /** Its value when the function ends; `undefined` when it stays. */
  readonly assigned: Node | undefined
  /** The gradient that the function leaves on it for code outside. */
  readonly gradient: Node | undefined
  /** When it is assigned and when the gradient is taken, in the order of all assignments and gradients. */
  readonly assignedAt: number
  readonly gradientTime: number
}

/** What the host does before every run: fills a node, or something else. */
export interface EventNode {
  readonly node: Node | undefined
  readonly run: HostEvent['run']
  readonly undo?: HostEvent['undo']
}

/** A function as a graph. */
export interface Graph {
  readonly inputs: readonly Node[]
  readonly parameters: readonly ParameterNodes[]
  readonly events: readonly EventNode[]
  readonly outputs: readonly Node[]
}

/** What a graph is for: its outputs, what it assigns, and the gradients that it leaves. */
export function rootsOf({ outputs, parameters }: Graph): Node[] {
  const roots = [...outputs]
  for (const { assigned, gradient } of parameters) {
    if (assigned) roots.push(assigned)
    if (gradient) roots.push(gradient)
  }
  return roots
}

/** Every node that the roots need, inputs before what is made of them. Iterative: a graph may be as deep as it likes. */
export function orderOf(roots: readonly Node[]): Node[] {
  const placed = new Set<Node>()
  const order: Node[] = []
  for (const root of roots) {
    const stack = [root]
    while (stack.length > 0) {
      const node = stack[stack.length - 1]!
      if (placed.has(node)) {
        stack.pop()
        continue
      }
      const { length } = stack
      for (let i = node.inputs.length - 1; i >= 0; i--) {
        if (!placed.has(node.inputs[i]!)) stack.push(node.inputs[i]!)
      }
      if (stack.length > length) continue
      stack.pop()
      placed.add(node)
      order.push(node)
    }
  }
  return order
}

const ORDERS = /* @__PURE__ */ new WeakMap<Graph, readonly Node[]>()

/** Every node of a graph, inputs before what is made of them. */
export function nodesOf(graph: Graph): readonly Node[] {
  let order = ORDERS.get(graph)
  if (order === undefined) {
    order = orderOf(rootsOf(graph))
    ORDERS.set(graph, order)
  }
  return order
}

/**
 * The graph with every node replaced by what `replace` makes of it; the node that it is given has its inputs replaced already.
 * What comes from outside stays.
 */
export function mapGraph(graph: Graph, replace: (node: Node) => Node): Graph {
  const replaced = new Map<Node, Node>()
  for (const node of nodesOf(graph)) {
    const current = node.withInputs(node.inputs.map(input => replaced.get(input)!))
    replaced.set(
      node,
      current.primitive === undefined && current.value === undefined ? current : replace(current),
    )
  }
  const now = (node: Node): Node => replaced.get(node)!
  return {
    ...graph,
    outputs: graph.outputs.map(now),
    parameters: graph.parameters.map(entry => ({
      ...entry,
      assigned: entry.assigned && now(entry.assigned),
      gradient: entry.gradient && now(entry.gradient),
    })),
  }
}

/** How many nodes read each node, with roots counted as readers. */
export function countUses(graph: Graph): Map<Node, number> {
  const uses = new Map<Node, number>()
  const add = (node: Node): void => {
    uses.set(node, (uses.get(node) ?? 0) + 1)
  }
  for (const node of nodesOf(graph)) for (const input of node.inputs) add(input)
  for (const root of rootsOf(graph)) add(root)
  return uses
}
