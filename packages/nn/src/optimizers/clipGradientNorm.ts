import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, mul, noGrad, norm, type Parameter, tensor } from '@adjoint/core/functional'
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
 * Scales the gradients of parameters, taken as one vector, down to a norm, and returns the norm that they had. Call it
 * between `backward()` and `step()`. As PyTorch has it,
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
 * clipGradientNorm([w], 1) // => 10
 * w.grad?.toArray() // => [0.6, 0.8]
 * ```
 * @returns the norm before; 0 when there is no gradient
 * @throws ArgumentError for a maximum that is no finite number from 0 up, and when asked to for a norm that is not finite.
 */
export function clipGradientNorm(
  parameters: Iterable<Parameter>,
  maximum: number,
  options: ClipGradientNormOptions = {},
): number {
  expectOptions('clipGradientNorm', options, ['order', 'refuseNonFinite'])
  const { order = 2, refuseNonFinite = false } = options
  expectSetting('clipGradientNorm', 'the largest norm', maximum)
  const fresh = expectParameters('clipGradientNorm', parameters).flatMap(parameter => {
    const gradient = freshGradient(parameter)
    return gradient === null ? [] : [{ parameter, gradient }]
  })
  if (fresh.length === 0) return 0
  return noGrad(() => {
    const norms = fresh.map(({ gradient }) => norm(gradient, undefined, { order }).item())
    const total = norm(tensor(norms, { dtype: 'float64' }), undefined, { order }).item()
    if (refuseNonFinite && !Number.isFinite(total)) {
      throw new ArgumentError('clipGradientNorm', `the norm of the gradients is ${total}.`)
    }
    const scale = maximum / (total + 1e-6)
    // A norm of NaN makes every gradient NaN, where it is seen.
    if (scale >= 1) return total
    for (const { parameter, gradient } of fresh) parameter.grad = mul(gradient, scale)
    return total
  })
}
