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
