import { clip, noGrad, type Parameter } from '@adjoint/core/functional'
import { freshGradient } from './applied.ts'
import { expectParameters } from './expectParameters.ts'
import { expectSetting } from './options.ts'

/**
 * Keeps every element of the gradients within ±`maximum`. Call it between `backward()` and `step()`. Unlike
 * `clipGradientNorm` it changes the direction. Gradients that a step has used already are left alone.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { clipGradientValue } from '@adjoint/nn'
 * const w = new Parameter(tensor([0.25, -4]))
 * w.square().sum().backward()
 * clipGradientValue([w], 1)
 * w.grad?.toArray() // => [0.5, -1]
 * ```
 * @throws ArgumentError for a maximum that is no finite number from 0 up.
 */
export function clipGradientValue(parameters: Iterable<Parameter>, maximum: number): void {
  expectSetting('clipGradientValue', 'the largest value', maximum)
  for (const parameter of expectParameters('clipGradientValue', parameters)) {
    const gradient = freshGradient(parameter)
    if (gradient !== null) parameter.grad = noGrad(() => clip(gradient, { low: -maximum, high: maximum }))
  }
}
