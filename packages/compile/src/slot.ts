/** Where the values of a parameter are: in the memory of a program, or elsewhere. */

import { copyElements, nextAssignment, settle } from '@adjoint/core/engine'
import type { Parameter, Tensor } from '@adjoint/core/functional'

/** A parameter in the memory of a program. */
export class Slot {
  readonly #parameter: Parameter
  readonly #array: Tensor['storage']
  /** The version of the parameter that is in memory. */
  #version = -1
  /** Whether the parameter's values are here and nowhere else. */
  #isHome = false
  #copy: Tensor['storage'] | undefined

  constructor(parameter: Parameter, array: Tensor['storage']) {
    this.#parameter = parameter
    this.#array = array
  }

  /** Before a run: fetches values that were assigned elsewhere. */
  enter(): void {
    const parameter = this.#parameter
    if (this.#version === parameter.version) return
    copyElements(parameter, this.#array, 0)
    this.#version = parameter.version
  }

  /** Takes the values to memory of their own. */
  moveOut(): void {
    if (this.#isHome) this.#parameter.storage = this.#copy ?? this.#array.slice()
  }

  /** After a run: what the program assigned is a new version of the parameter. */
  leave(): void {
    const parameter = this.#parameter
    this.#copy = undefined
    this.#version = ++parameter.version
    parameter.assignedAt = nextAssignment()
    // A gradient from before belongs to other values.
    parameter.grad = null
    if (this.#isHome) return
    this.#isHome = true
    settle(parameter, {
      read: () => {
        this.#copy ??= this.#array.slice()
        return this.#copy
      },
      leave: () => {
        this.#isHome = false
      },
    })
  }
}
