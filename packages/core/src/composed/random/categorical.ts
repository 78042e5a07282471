import { add } from '../../ops/add.ts'
import { argmax } from '../../ops/argmax.ts'
import { normalizeAxis } from '../../shape/shape.ts'
import { expectTensor } from '../../tensor/create.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { standardGumbel } from './gumbel.ts'
import { noise } from './parameters.ts'

/**
 * One class for every line of logits along an axis: index i with probability softmax(logits)ᵢ. `[...a, n, ...c] -> [...a, ...c]`,
 * dtype int32. The logits need not be normalised; -Infinity is never chosen. By the Gumbel-max trick: the largest of the
 * logits, each with a Gumbel number added. For several draws of the same logits expand them first.
 *
 * A constant: an index jumps as the logits change. `gumbelSoftmax` is the draw that gradients flow through.
 *
 * @example
 * ```ts
 * import { categorical, expand, Rng, tensor } from '@adjoint/core'
 * const logits = tensor([0.1, 0.9]).log()
 * const draws = categorical(new Rng(0), expand(logits, [1000, 2]))
 * draws.mean().item() // => 0.9
 * ```
 * @throws AxisError when the axis is outside of the rank.
 */
export function categorical(rng: Rng, logits: Tensor, axis = -1): Tensor {
  expectRng('categorical', rng)
  const at = normalizeAxis('categorical', axis, expectTensor('categorical', logits).rank)
  const added = noise('categorical', rng, logits.shape, 'float64', standardGumbel)
  return argmax(add(logits, added), at)
}
