/** Parameters whose values lie in the memory of a compiled program. */

import { stridesOf } from '../shape/shape.ts'
import type { TypedArray } from '../storage/dtype.ts'
import type { Parameter } from './parameter.ts'

/** Memory that is written again and again, where everything else in core is written once. */
export interface Residence {
  /** The present values, in row-major order, in an array that is never written again. */
  read(): TypedArray
  /** The parameter was assigned: its values are elsewhere now. */
  leave(): void
}

/**
 * Lets the values of a parameter lie in a residence until it is assigned. Whoever looks at the parameter gets an array from
 * `read`; views and results of earlier values stay what they were.
 */
export function settle(parameter: Parameter, residence: Residence): void {
  // From one program to another: the first one no longer has them.
  RESIDENCES.get(parameter)?.leave()
  RESIDENCES.set(parameter, residence)
  parameter.offset = 0
  parameter.strides = stridesOf(parameter.shape)
  Object.defineProperty(parameter, 'storage', {
    configurable: true,
    enumerable: true,
    get: () => residence.read(),
    set: (value: TypedArray) => {
      Object.defineProperty(parameter, 'storage', {
        configurable: true,
        enumerable: true,
        writable: true,
        value,
      })
      RESIDENCES.delete(parameter)
      residence.leave()
    },
  })
}

/** Where the values of parameters lie, for those whose values lie in a residence. */
const RESIDENCES: WeakMap<Parameter, Residence> = /* @__PURE__ */ new WeakMap()
