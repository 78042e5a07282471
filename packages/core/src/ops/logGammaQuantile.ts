import { logGammaQuantile as kernel } from '../backend/incompleteGamma.ts'
import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { ArgumentError } from '../shape/errors.ts'
import { compact, type Tensor } from '../tensor/tensor.ts'
import { gammaSlope } from './gammaSlope.ts'

/** Draws of other concentrations would be NaN without a word. */
function expectOperands(_: string, concentration: Tensor): void {
  const { storage, offset, size } = compact(concentration)
  for (let i = 0; i < size; i++) {
    const value = storage[offset + i]!
    if (value > 0 && value < Number.POSITIVE_INFINITY) continue
    throw new ArgumentError('gamma', `a concentration is a finite number above 0, got ${value}.`)
  }
}

/**
 * The logarithm of the quantile of the gamma distribution: y with P(α, e^y) = u, where P is the regularised incomplete
 * gamma function, α > 0 and 0 < u < 1. The same bits on every machine, so that gamma draws are; on a logarithmic scale
 * because draws of small concentrations are far below the smallest number.
 *
 * The derivative is the implicit one of M. Figurnov, S. Mohamed and A. Mnih, "Implicit reparameterization gradients"
 * (2018): `dy = -(∂F/∂α) / (∂F/∂y) dα + 1 / (∂F/∂y) du` with F(α, y) = P(α, e^y).
 *
 * @throws ArgumentError for a concentration that is not positive.
 */
export const logGammaQuantile: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'logGammaQuantile',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = kernel(x[xAt + i * xStep]!, y[yAt + i * yStep]!)
    }
  },
  derivatives: [
    ({ inputs, output }) => gammaSlope(inputs[0]!, output, 1),
    ({ inputs, output }) => gammaSlope(inputs[0]!, output, 0),
  ],
  keeps: 'both',
  expectOperands,
  domains: ['positive', 'probability'],
})
