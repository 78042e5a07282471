/** The order in which a backward pass derived by hand arrives at its quantities. */

import { topologicalOrder } from '@adjoint/core/engine'
import type { Tensor } from '@adjoint/core/functional'

/** z = W x + b is this many ops after W at most: a transposition, a product, a sum. */
const AFFINE = 3

/**
 * The names of tensors in backward order, from the loss to the input: an intermediate tensor after everything that was
 * made of it, a parameter right after the named intermediate that it went into (dz2, dW2, db2, da1, dz1, ...).
 * Equals keep the order of the record. Tensors outside of the graph are returned as `missing`.
 */
export function backwardOrder(
  loss: Tensor,
  tensors: Readonly<Record<string, Tensor>>,
): { names: string[]; missing: string[] } {
  const order = topologicalOrder([loss])
  const known = new Set(order)
  const named = new Set(Object.values(tensors))
  // Longest way to the loss, and the farthest named intermediate that is met first on some way there.
  const steps = new Map<Tensor, number>([[loss, 0]])
  const meets = new Map<Tensor, number>()
  for (let place = order.length - 1; place >= 0; place--) {
    const x = order[place]!
    const far = steps.get(x) ?? 0
    const met = named.has(x) && x.node !== null ? far : meets.get(x)
    for (const input of x.node?.inputs ?? []) {
      steps.set(input, Math.max(steps.get(input) ?? 0, far + 1))
      if (met !== undefined) meets.set(input, Math.max(meets.get(input) ?? 0, met))
    }
  }
  const keyOf = (x: Tensor): number => {
    const own = steps.get(x) ?? 0
    const met = meets.get(x)
    return x.node === null && met !== undefined && own - met <= AFFINE ? met + 0.5 : own
  }
  const entries = Object.entries(tensors)
  return {
    names: entries
      .filter(([, x]) => known.has(x))
      .sort(([, x], [, y]) => keyOf(x) - keyOf(y))
      .map(([name]) => name),
    missing: entries.filter(([, x]) => !known.has(x)).map(([name]) => name),
  }
}

/** Layer and quantity from a name: `W1` is 1 and `dW`, `0.weight` is `'0'` and `dweight`, `X` is `''` and `dX`. */
export function parseName(name: string): { layer: number | string; quantity: string } {
  const dot = name.lastIndexOf('.')
  if (dot > 0) return { layer: name.slice(0, dot), quantity: `d${name.slice(dot + 1)}` }
  const match = /^(.*?\D)_?(\d+)$/.exec(name)
  if (match !== null) return { layer: Number(match[2]), quantity: `d${match[1]!}` }
  return { layer: '', quantity: `d${name}` }
}
