/** Which gradients have done their work. */

import { currentTracing, type Tracing } from '@adjoint/core/engine'
import type { Parameter, Tensor } from '@adjoint/core/functional'

type Applied = WeakMap<Parameter, Tensor>

/** The gradient of a parameter's last update by any optimizer, for those who change gradients before a step. */
const applied: Applied = /* @__PURE__ */ new WeakMap()

/** The same in a function that is traced, whose gradients are none outside of it. */
const traced: WeakMap<Tracing, Applied> = /* @__PURE__ */ new WeakMap()

/** Notes that an update has used a gradient. */
export function markApplied(parameter: Parameter, gradient: Tensor): void {
  const tracing = currentTracing()
  if (tracing === undefined) {
    applied.set(parameter, gradient)
    return
  }
  const found = traced.get(tracing) ?? new WeakMap()
  traced.set(tracing, found.set(parameter, gradient))
}

/** The gradient that the next step will use: none, when a step has used it already. */
export function freshGradient(parameter: Parameter): Tensor | null {
  const tracing = currentTracing()
  tracing?.takePart(parameter)
  const last = (tracing === undefined ? applied : traced.get(tracing))?.get(parameter)
  const { grad } = parameter
  return grad !== null && last !== grad ? grad : null
}
