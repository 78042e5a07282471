/** Running means, and the checks of how much of them is kept. */

import { add, mul, type Tensor } from '@adjoint/core/functional'

/** β m + (1 − β) x: keeps a share of the old mean. */
export function runningMean(mean: Tensor, x: Tensor, kept: number): Tensor {
  return add(mul(mean, kept), mul(x, 1 - kept))
}

/** A share that is kept from step to step must be below 1: the sentence of the error otherwise. */
export function problemOfShares<Settings extends object>(
  settings: Settings,
  names: readonly (keyof Settings & string)[],
): string | undefined {
  const name = names.find(key => !((settings[key] as number) < 1))
  return name === undefined ? undefined : `${name} must be below 1, got ${settings[name]}.`
}
