/** The one traversal: what is inside of a model, and under which path. */

import { Parameter } from '@adjoint/core/functional'
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
 * Looks into modules, arrays and plain records; anything else is passed over.
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
    if (typeof value === 'function') found.push({ path, value: value as LayerFunction })
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    if (value instanceof Parameter) {
      found.push({ path, value })
      continue
    }
    if (isModule(value)) found.push({ path, value })
    const parts = partsOf(value)
    for (let i = parts.length - 1; i >= 0; i--) {
      const [key, part] = parts[i]!
      open.push({ path: joinPath(path, key), value: part })
    }
  }
  return found
}

/** `'0'` and `'weight'` make `'0.weight'`; the model itself has no name. */
export function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function partsOf(value: object): [string, unknown][] {
  if (isModule(value) && value.parts !== undefined) return Object.entries(value.parts)
  // A function in a field is a method or a setting; only `parts` says that it is a layer.
  if (!isModule(value) && !Array.isArray(value) && !isPlainRecord(value)) return []
  return Object.entries(value).filter(([, part]) => typeof part !== 'function')
}

function isPlainRecord(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
