import { currentTracing, expectOptions } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  cast,
  div,
  minimum,
  mul,
  noGrad,
  norm,
  type Parameter,
  stack,
  type Tensor,
  zeros,
} from '@adjoint/core/functional'
import { freshGradient } from './applied.ts'
import { expectParameters } from './expectParameters.ts'
import { expectSetting } from './options.ts'

/** Settings of {@link clipGradientNorm}. */
export interface ClipGradientNormOptions {
  /** The p of the p-norm, `Infinity` for the largest element. Default 2. */
  readonly order?: number
  /** Throw when the norm is NaN or infinite, and leave the gradients alone. Default false. */
  readonly refuseNonFinite?: boolean
}

/**
 * Scales the gradients of parameters, taken as one vector, down to a norm, and returns the norm that they had, a 0-d float64
 * tensor. Call it between `backward()` and `step()`. As PyTorch has it,
 *
 *     n = ‖(g₁, g₂, …)‖,  gᵢ ← gᵢ · min(1, maximum / (n + 1e-6))
 *
 * Gradients that a step has used already are left alone. Pascanu, Mikolov and Bengio, On the difficulty of training recurrent
 * neural networks, 2013.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { clipGradientNorm } from '@adjoint/nn'
 * const w = new Parameter(tensor([3, 4]))
 * w.square().sum().backward()
 * clipGradientNorm([w], 1).item() // => 10
 * w.grad?.toArray() // => [0.6, 0.8]
 * ```
 * @returns the norm before; 0 when there is no gradient
 * @throws ArgumentError for a maximum that is no finite number from 0 up, and when asked to for a norm that is not finite.
 */
export function clipGradientNorm(
  parameters: Iterable<Parameter>,
  maximum: number,
  options: ClipGradientNormOptions = {},
): Tensor<[]> {
  expectOptions('clipGradientNorm', options, ['order', 'refuseNonFinite'])
  const { order = 2, refuseNonFinite = false } = options
  expectSetting('clipGradientNorm', 'the largest norm', maximum)
  const fresh = expectParameters('clipGradientNorm', parameters).flatMap(parameter => {
    const gradient = freshGradient(parameter)
    return gradient === null ? [] : [{ parameter, gradient }]
  })
  if (fresh.length === 0) return zeros([], { dtype: 'float64' })
  return noGrad(() => {
    const norms = fresh.map(({ gradient }) => cast(norm(gradient, undefined, { order }), 'float64'))
    const total = norm(stack(norms), undefined, { order }) as Tensor<[]>
    if (refuseNonFinite && !Number.isFinite(total.item())) {
      throw new ArgumentError('clipGradientNorm', `the norm of the gradients is ${total.item()}.`)
    }
    // A norm of NaN makes every gradient NaN, where it is seen.
    const scale = minimum(div(maximum, add(total, 1e-6)), 1)
    if (currentTracing() === undefined && scale.item() === 1) return total
    for (const { parameter, gradient } of fresh) parameter.grad = mul(gradient, cast(scale, gradient.dtype))
    return total
  })
}
