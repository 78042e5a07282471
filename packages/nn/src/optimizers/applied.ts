/** Which gradients have done their work. */

import type { Parameter, Tensor } from '@adjoint/core/functional'

/** The gradient of a parameter's last update by any optimizer, for those who change gradients before a step. */
export const applied: WeakMap<Parameter, Tensor> = /* @__PURE__ */ new WeakMap()

/** The gradient that the next step will use: none, when a step has used it already. */
export function freshGradient(parameter: Parameter): Tensor | null {
  const { grad } = parameter
  return grad !== null && applied.get(parameter) !== grad ? grad : null
}
