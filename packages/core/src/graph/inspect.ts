/** The recorded graph as an object to look at: text, DOT, Mermaid and JSON. */

import { formatShape } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import { Parameter } from '../tensor/parameter.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { siteOf } from './site.ts'

/** One tensor of a graph, as plain data. */
export interface GraphEntry {
  /** Position in the graph: inputs before what was made of them. */
  readonly id: number
  /** Name of the primitive, `'parameter'` or `'leaf'` for tensors that gradients end at, `'constant'` for other inputs. */
  readonly op: string
  readonly name: string | undefined
  readonly shape: readonly number[]
  readonly dtype: string
  /** Ids of the inputs, in order. */
  readonly inputs: readonly number[]
  readonly attributes: Readonly<Record<string, unknown>>
  /** `file:line:column` of the user's call, in development. */
  readonly site: string | undefined
  readonly tensor: Tensor
}

/** What a graph keeps alive, see {@link Graph.memory}. */
export interface GraphMemory {
  readonly bytes: number
  /** The largest first. */
  readonly entries: readonly {
    readonly entry: GraphEntry
    /** Memory that belongs to this tensor: what views share is counted with the first of them. */
    readonly bytes: number
    /** Whether the gradient rule of some op reads the values. */
    readonly isRead: boolean
  }[]
}

/** Settings for the text form. */
export interface GraphTextOptions {
  /** Also print the value and the gradient of tensors with at most this many elements. Default 0: none. */
  readonly values?: number
}

/**
 * The graph that was recorded for some tensors.
 *
 * @example
 * ```ts
 * import { graphOf, tensor } from '@adjoint/core'
 * const w = tensor([1, 2], { requiresGrad: true, name: 'w' })
 * const loss = w.mul(3).sum().named('loss')
 * graphOf(loss).entries.map((entry) => entry.op) // => ['leaf', 'constant', 'mul', 'sum']
 * ```
 */
export function graphOf(...roots: readonly Tensor[]): Graph {
  return new Graph(roots)
}

/** See {@link graphOf}. Entries stand in topological order. */
export class Graph {
  readonly entries: readonly GraphEntry[]

  constructor(roots: readonly Tensor[]) {
    const ids = new Map<Tensor, number>()
    const entries: GraphEntry[] = []
    for (const x of orderWithConstants(roots)) {
      const id = entries.length
      ids.set(x, id)
      entries.push({
        id,
        op: x.node?.primitive.name ?? endOf(x),
        name: x.name,
        shape: x.shape,
        dtype: x.dtype,
        inputs: x.node?.inputs.map(input => ids.get(input)!) ?? [],
        attributes: x.node?.attributes ?? {},
        site: siteOf(x),
        tensor: x,
      })
    }
    this.entries = entries
  }

  /** One line per tensor: `%3 = matmul(%0, %2) [2, 4] float32`. */
  toText(options: GraphTextOptions = {}): string {
    const lines = this.entries.map(entry => {
      const inputs = entry.inputs.map(id => `%${id}`).join(', ')
      const attributes = formatAttributes(entry.attributes)
      const call =
        entry.inputs.length === 0
          ? entry.op
          : `${entry.op}(${inputs}${attributes === '' ? '' : `; ${attributes}`})`
      const name = entry.name === undefined ? '' : `  '${entry.name}'`
      const site = entry.site === undefined ? '' : `  at ${entry.site}`
      const line = `%${entry.id} = ${call}  ${formatShape(entry.shape)} ${entry.dtype}${name}${site}`
      return [line, ...this.#valueLines(entry.tensor, options.values ?? 0)].join('\n')
    })
    return lines.join('\n')
  }

  /**
   * What the graph keeps alive, in bytes: the memory that its tensors look into, shared memory once. With each tensor, how
   * much of it nobody counted before, whether a gradient rule reads it, and the op and the line that made it.
   *
   * @example
   * ```ts
   * import { graphOf, tensor } from '@adjoint/core'
   * const x = tensor([1, 2, 3, 4], { requiresGrad: true })
   * const memory = graphOf(x.exp().reshape([2, 2]).sum()).memory()
   * memory.bytes // => 36
   * memory.entries.map(({ entry, bytes }) => `${entry.op} ${bytes}`) // => ['leaf 16', 'exp 16', 'sum 4', 'reshape 0']
   * ```
   */
  memory(): GraphMemory {
    const counted = new Map<object, [start: number, end: number][]>()
    const read = new Set<number>()
    for (const { id, inputs, tensor } of this.entries) {
      const keeps = tensor.node?.primitive.keeps
      if (keeps === 'output' || keeps === 'both') read.add(id)
      if (keeps === 'inputs' || keeps === 'both') for (const input of inputs) read.add(input)
    }
    const entries = this.entries.map(entry => ({
      entry,
      bytes: [entry.tensor, ...(entry.tensor.node?.primitive.held ?? [])].reduce(
        (sum, x) => sum + newBytes(x, counted),
        0,
      ),
      isRead: read.has(entry.id),
    }))
    entries.sort((a, b) => b.bytes - a.bytes)
    return { bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0), entries }
  }

  /** The graph in Graphviz's language. */
  toDot(): string {
    const nodes = this.entries.map(entry => {
      const shape = entry.inputs.length > 0 ? 'ellipse' : 'box'
      const style =
        entry.op === 'leaf' || entry.op === 'parameter'
          ? ', style=filled, fillcolor="#dbeafe"'
          : entry.op === 'constant'
            ? ', style=dashed'
            : ''
      return `  n${entry.id} [label=${quote(labelOf(entry).join('\n'))}, shape=${shape}${style}];`
    })
    const edges = this.entries.flatMap(entry => entry.inputs.map(from => `  n${from} -> n${entry.id};`))
    return ['digraph graph_of_tensors {', '  rankdir=LR;', ...nodes, ...edges, '}'].join('\n')
  }

  /** The graph as a Mermaid flowchart, which GitHub and many editors draw. */
  toMermaid(): string {
    const nodes = this.entries.map(entry => {
      const label = labelOf(entry).join('<br/>').replaceAll('"', '#quot;')
      return entry.inputs.length > 0 ? `  n${entry.id}(["${label}"])` : `  n${entry.id}["${label}"]`
    })
    const edges = this.entries.flatMap(entry => entry.inputs.map(from => `  n${from} --> n${entry.id}`))
    return ['flowchart LR', ...nodes, ...edges].join('\n')
  }

  /** The graph as plain data, without tensors: what `JSON.stringify(graph)` writes. */
  toJSON(): readonly Omit<GraphEntry, 'tensor'>[] {
    return this.entries.map(({ tensor: _, ...entry }) => ({
      ...entry,
      attributes: Object.fromEntries(
        Object.entries(entry.attributes).map(([key, value]) => [key, writable(value)]),
      ),
    }))
  }

  toString(): string {
    return this.toText()
  }

  #valueLines(x: Tensor, limit: number): string[] {
    if (x.size > limit) return []
    const show = (label: string, value: Tensor) => `      ${label} ${JSON.stringify(value.toArray())}`
    return x.grad === null ? [show('value', x)] : [show('value', x), show('grad ', x.grad)]
  }
}

/** Bytes that a tensor looks into and that were not counted yet; marks them as counted. */
function newBytes(x: Tensor, counted: Map<object, [start: number, end: number][]>): number {
  if (x.size === 0) return 0
  let [start, end] = [x.offset, x.offset + 1]
  for (const [axis, size] of x.shape.entries()) {
    const reach = (size - 1) * x.strides[axis]!
    if (reach < 0) start += reach
    else end += reach
  }
  const before = counted.get(x.storage) ?? []
  const after = withSpan(before, start, end)
  counted.set(x.storage, after)
  const length = (spans: typeof before): number => spans.reduce((sum, [from, to]) => sum + to - from, 0)
  return (length(after) - length(before)) * x.storage.BYTES_PER_ELEMENT
}

/** Disjoint spans with one more, joined with those that it touches. */
function withSpan(spans: readonly [number, number][], start: number, end: number): [number, number][] {
  const apart = spans.filter(([from, to]) => to < start || from > end)
  const touching = spans.filter(([from, to]) => to >= start && from <= end).flat()
  return [...apart, [Math.min(start, ...touching), Math.max(end, ...touching)]]
}

/** Like the order of a backward walk, with the constants that ops read placed before them. */
function orderWithConstants(roots: readonly Tensor[]): Tensor[] {
  const placed = new Set<Tensor>()
  const order: Tensor[] = []
  const stack = roots.map(root => expectTensor('graphOf', root)).reverse()
  while (stack.length > 0) {
    const x = stack[stack.length - 1]!
    const waiting = placed.has(x) ? [] : (x.node?.inputs.filter(input => !placed.has(input)) ?? [])
    if (waiting.length > 0) {
      for (let i = waiting.length - 1; i >= 0; i--) stack.push(waiting[i]!)
      continue
    }
    stack.pop()
    if (!placed.has(x)) {
      placed.add(x)
      order.push(x)
    }
  }
  return order
}

function labelOf(entry: GraphEntry): string[] {
  const attributes = formatAttributes(entry.attributes)
  const title = entry.inputs.length === 0 ? (entry.name ?? entry.op) : entry.op
  const name = entry.inputs.length > 0 && entry.name !== undefined ? [entry.name] : []
  return [...name, attributes === '' ? title : `${title} ${attributes}`, formatShape(entry.shape)]
}

function formatAttributes(attributes: Readonly<Record<string, unknown>>): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([key, value]) =>
      value === true ? key : `${key}=${typeof value === 'number' ? value : JSON.stringify(writable(value))}`,
    )
    .join(', ')
}

function quote(text: string): string {
  return JSON.stringify(text)
}

/** What stands where no op does. */
function endOf(x: Tensor): string {
  if (x instanceof Parameter) return 'parameter'
  return x.requiresGrad ? 'leaf' : 'constant'
}

/** JSON has no Infinity and no NaN: they become strings, so that no attribute is lost. */
function writable(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return Array.isArray(value) ? value.map(writable) : value
}
