import { type Loss, lossOfElements } from './loss.ts'

/**
 * For distances x and targets y = ±1, averaged over the n entries of an example: with the margin c,
 *
 *     ℓ = x  where y = 1,   max(0, c − x)  where y = −1
 *     ∂ℓ/∂x = 1  where y = 1,   −[x < c]  where y = −1
 */
export function hingeEmbedding(margin: number = 1): Loss {
  return lossOfElements({
    name: 'hingeEmbedding',
    takes: 'activations',
    value: (x, y) => (y === 1 ? x : Math.max(0, margin - x)),
    slope: (x, y) => (y === 1 ? 1 : x < margin ? -1 : 0),
  })
}
