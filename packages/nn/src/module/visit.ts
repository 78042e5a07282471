/** The one traversal: what is inside of a model, and under which path. */

import { Parameter, Tensor } from '@adjoint/core/functional'
import { isModule, type Module } from './module.ts'

/** A plain function that is a layer. */
export type LayerFunction = (input: never) => unknown

/** A parameter or a layer, and where it stands: `'0.weight'`; `''` is the model itself. */
export interface Visited {
  readonly path: string
  readonly value: Parameter | Module<never, unknown> | LayerFunction
}

/**
 * Every module and every parameter of a model, a module before what it contains, in the order of the fields, and the
 * functions among the `parts` of a module. A module or parameter that is shared is visited once, where it comes first.
 * Looks into the own enumerable fields of every object, and into arrays, Maps and Sets; not into tensors and typed arrays.
 * Nobody can look into `#private` fields: a module that has parameters there says so in `parts`.
 *
 * @example
 * ```ts
 * import { relu, Rng } from '@adjoint/core'
 * import { Dense, sequential, visit } from '@adjoint/nn'
 * const model = sequential(new Dense(2, 3, { rng: new Rng(0) }), relu)
 * Array.from(visit(model), ({ path }) => path) // => ['', '0', '0.weight', '0.bias', '1']
 * ```
 */
export function visit(model: unknown): Visited[] {
  const found: Visited[] = []
  const seen = new Set<unknown>()
  // A stack of its own instead of recursion: a model may be nested as deeply as it likes.
  const open: { path: string; value: unknown }[] = [{ path: '', value: model }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { path, value } = next
    const isObject = typeof value === 'object' && value !== null
    if (isObject && seen.has(value)) continue
    seen.add(value)
    if (typeof value === 'function' || value instanceof Parameter || isModule(value)) {
      found.push({ path, value: value as Visited['value'] })
    }
    const parts = isObject ? partsOf(value) : []
    for (const [key, part] of parts.reverse()) open.push({ path: joinPath(path, key), value: part })
  }
  return found
}

/** `'0'` and `'weight'` make `'0.weight'`; the model itself has no name. */
export function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function partsOf(value: object): [string, unknown][] {
  if (isModule(value) && value.parts !== undefined) return Object.entries(value.parts)
  if (value instanceof Tensor || ArrayBuffer.isView(value)) return []
  // A function in a field is a method or a setting; only `parts` says that it is a layer.
  return [...Object.entries(value), ...membersOf(value)].filter(([, part]) => typeof part === 'object')
}

/** What a Map or a Set holds; keys without a name of their own count. */
function membersOf(value: object): [string, unknown][] {
  const members = value instanceof Map ? [...value] : value instanceof Set ? Object.entries([...value]) : []
  return members.map(([key, part], i) => [String(Object(key) === key ? i : key), part])
}
