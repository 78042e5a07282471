/** The one kind of tensor whose values may change. */

import { ArgumentError, DTypeError, formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape, sizeOf, stridesOf } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { ARRAY_OF, type TypedArray } from '../storage/dtype.ts'
import { type Assignment, markAssigned, trackAssignments } from '../storage/version.ts'
import { copyElements, requireGradient, Tensor } from './tensor.ts'

/**
 * A tensor that a model learns: it requires gradients, has a name, and an optimizer (or `assign`) may replace its values.
 *
 * Gradients that were taken at the same values add up over several `backward()` calls. `assign` makes them stale: the
 * next `backward()` starts afresh. So a training loop needs no `zeroGrad`, and micro-batches need no flag.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * const w = new Parameter(tensor([1, 2]), 'w')
 * w.mul(w).sum().backward()
 * w.grad?.toArray() // => [2, 4]
 * w.assign(tensor([10, 20]))
 * w.toArray() // => [10, 20]
 * ```
 */
export class Parameter<out S extends Shape = Shape> extends Tensor<S> {
  readonly #assignment: Assignment
  /** Number of assignments so far. */
  version = 0
  /** The {@link version} at which {@link grad} was taken. */
  gradVersion = 0

  /**
   * @param values start values, copied; float32 or float64
   * @param name name for messages, ledgers and saved states
   * @throws DTypeError for int32 and bool values
   */
  constructor(values: Tensor<S>, name = 'parameter') {
    const shape = values.shape as readonly number[]
    const storage = new ARRAY_OF[values.dtype](values.size)
    super(shape, values.dtype, storage, 0, stridesOf(shape), sizeOf(shape), true)
    copyElements(values, storage, 0)
    this.name = name
    requireGradient('Parameter', this)
    this.#assignment = trackAssignments(storage, () => this.name ?? 'parameter')
  }

  /**
   * Replaces the values. Graphs that recorded the old ones can no longer be walked where they need them: `backward`
   * says so and names this parameter.
   *
   * @throws ShapeError or DTypeError when the new values are of another shape or dtype; nothing is changed then.
   */
  assign(values: Tensor): void {
    const op = `assign to '${this.name}'`
    if (!(values instanceof Tensor))
      throw new ArgumentError(op, 'the new values must be a tensor; make one with tensor(...).')
    const target = this.shape as readonly number[]
    if (!sameShape(values.shape, target)) {
      const [have, want] = [values.shape, target]
      throw new ShapeError(
        op,
        `the parameter has shape ${formatShape(want)}, the new values ${formatShape(have)}.`,
        [want, have],
      )
    }
    if (values.dtype !== this.dtype) {
      throw new DTypeError(
        op,
        `the parameter is ${this.dtype}, the new values are ${values.dtype}; cast them first.`,
        [this.dtype, values.dtype],
      )
    }
    // A view of this very parameter must be read in full before the first element is overwritten.
    const source = values.storage === this.storage ? values.data() : undefined
    if (source === undefined) copyElements(values, this.storage, 0)
    else (this.storage as TypedArray).set(source)
    this.version++
    markAssigned(this.#assignment)
  }
}
