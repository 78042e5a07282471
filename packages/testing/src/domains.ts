/** Numbers in the domains that primitives declare: moderate, and away from the places where an op is not smooth. */

import { type Domain, type MatrixKind, sizeOf } from '@adjoint/core/engine'
import { permutation, Rng } from '@adjoint/core/functional'
import { drawMatrices } from './matrices.ts'

/** Grid positions run from -GRID to GRID; 0 is the simplest number of a domain. */
export const GRID = 200

/** Neighbours in a set of distinct numbers are this far apart, and their magnitudes a fifth of it. */
const GAP = 0.3

/** The number of a domain at a grid position; `distinct` numbers come from {@link distinctNumbers}. */
export function numberAt(domain: Exclude<Domain, 'distinct'>, position: number): number {
  switch (domain) {
    case 'betweenHalves': {
      const [halves, rest] = [Math.trunc(position / 20), position % 20]
      return halves / 2 + (position < 0 ? rest / 100 - 0.15 : rest / 100 + 0.15)
    }
    case 'nearOne':
      return position < 0 ? -1 - position / 20_000 : 1 - position / 20_000
    case 'real':
      return position / 80
    case 'positive':
      return position < 0 ? (250 + position) / 250 : (60 + position) / 60
    case 'nonzero':
      return position < 0 ? position / 80 - 0.2 : position / 80 + 0.2
    case 'aboveOne':
      return position < 0 ? 2 + position / 250 : 2 + position / 60
    case 'probability':
      return 0.5 + position / 500
    case 'unit':
      return position / 250
    case 'aboveMinusOne':
      return position < 0 ? position / 250 : position / 60
  }
}

/** `count` numbers that differ by at least {@link GAP}, none of them near 0, in the order of a permutation of 0 .. count - 1. */
export function distinctNumbers(order: ArrayLike<number>): number[] {
  const middle = Math.floor(order.length / 2)
  return Array.from({ length: order.length }, (_, i) => (order[i]! - middle + 0.4) * GAP)
}

/**
 * Numbers for several inputs from whole numbers that `integer` draws; `distinct` ones differ from those of the other
 * distinct inputs too.
 */
export function drawNumbers(
  inputs: readonly {
    readonly shape: readonly number[]
    readonly matrix?: MatrixKind
    readonly domain?: Domain
    readonly below?: number
  }[],
  integer: (minimum: number, maximum: number) => number,
): number[][] {
  const isDistinct = (input: { readonly domain?: Domain; readonly below?: number }): boolean =>
    input.below === undefined && input.domain === 'distinct'
  const total = inputs.reduce((sum, input) => sum + (isDistinct(input) ? sizeOf(input.shape) : 0), 0)
  const pool = distinctNumbers(total === 0 ? [] : permutation(new Rng(integer(0, 9999)), total))
  return inputs.map(input => {
    const { shape, below, domain = 'real' } = input
    const length = sizeOf(shape)
    if (input.matrix !== undefined) return drawMatrices(shape, input.matrix, integer)
    if (below !== undefined) return Array.from({ length }, () => integer(0, below - 1))
    if (domain === 'distinct') return pool.splice(0, length)
    return Array.from({ length }, () => numberAt(domain, integer(-GRID, GRID)))
  })
}
