/** Refuses what is no layer, in words that say what it is instead. */

import { ArgumentError } from '@adjoint/core/functional'
import type { AnyLayer } from './callLayer.ts'
import { isModule } from './module.ts'
import { shown } from './shown.ts'

/** @throws ArgumentError for anything that is neither a module nor a function of one tensor. */
export function expectLayer(op: string, what: string, layer: unknown): asserts layer is AnyLayer {
  const isClass = typeof layer === 'function' && isModule(layer.prototype)
  if (!isClass && (typeof layer === 'function' || isModule(layer))) return
  const found = isClass ? 'a class, not an instance' : shown(layer)
  throw new ArgumentError(
    op,
    `${what} is ${found}; a layer has forward(input), or is a function of one tensor.`,
  )
}
