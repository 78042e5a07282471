/** The one kind of tensor whose values may change. */

import { ArgumentError, DTypeError, formatShape, GraphError, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import type { TypedArray } from '../storage/dtype.ts'
import { nextAssignment } from '../storage/version.ts'
import { expectTensor } from './create.ts'
import { compact, requireGradient, Tensor } from './tensor.ts'

/**
 * Where assignments go while a function is traced: its run is to leave no trace outside.
 */
export const assignments: { divert: ((parameter: Parameter, values: Tensor) => void) | undefined } = {
  divert: undefined,
}

/** Settings of {@link Parameter}. */
export interface ParameterOptions {
  /**
   * Whether it is learned. Default true. What is not, running statistics or a frozen weight, is a constant for every
   * gradient, may be int32 or bool, and is saved and restored like the others.
   */
  readonly trainable?: boolean
}

/**
 * A tensor of a model whose values may change: it has a name, an optimizer (or `assign`) may replace its values, and it
 * requires gradients unless it is not `trainable`.
 *
 * Gradients that were taken at the same values add up over several `backward()` calls. Once a parameter of the loss has
 * been assigned, the old ones belong to another function value: the next `backward()` replaces them. So a training loop
 * needs no `zeroGrad`, and micro-batches need no flag.
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
  /** Number of assignments so far. */
  version = 0
  /** Reading of the assignment clock at the last assignment. */
  assignedAt = 0

  /**
   * @param values start values, float32 or float64 when they are to be learned
   * @param name name for messages, ledgers and saved states
   * @throws DTypeError for int32 and bool values of a trainable parameter
   */
  constructor(values: Tensor<S>, name = 'parameter', { trainable = true }: ParameterOptions = {}) {
    const { shape, dtype, storage, offset, strides, size } = compact(expectTensor('Parameter', values))
    super(shape, dtype, storage, offset, strides, size, true)
    this.name = name
    if (trainable) requireGradient('Parameter', this)
  }

  /**
   * Whether it is learned: set it to false to freeze a weight, to true to learn it again. Graphs that are recorded
   * already stay what they are.
   *
   * @throws DTypeError when an int32 or bool parameter is to be trainable.
   */
  get trainable(): boolean {
    return this.requiresGrad
  }

  set trainable(trainable: boolean) {
    if (trainable) requireGradient('Parameter', this)
    else this.requiresGrad = false
  }

  /** @throws GraphError while a function is traced, as {@link Parameter.item} does. */
  override data(): TypedArray {
    expectUntraced('data', this)
    return super.data()
  }

  /** @throws GraphError while a function is traced: it would be the same value in every run. */
  override item(): number {
    expectUntraced('item', this)
    return super.item()
  }

  /**
   * Replaces the values. Nothing is copied: memory is never written twice, so the parameter simply looks at the new
   * values from now on, and views and results of the old ones stay what they were. A graph that recorded the parameter
   * can no longer be walked where a gradient needs its old values: `backward` says so and names the parameter.
   *
   * @throws ShapeError or DTypeError when the new values are of another shape or dtype; nothing is changed then.
   */
  assign(values: Tensor): void {
    if (!(values instanceof Tensor) || values.dtype !== this.dtype || !sameShape(values.shape, this.shape)) {
      throw refusal(this, values)
    }
    if (assignments.divert !== undefined) {
      assignments.divert(this, values)
      return
    }
    const { storage, offset, strides } = compact(values)
    this.storage = storage
    this.offset = offset
    this.strides = strides
    this.version++
    this.assignedAt = nextAssignment()
  }
}

function expectUntraced(op: string, { name }: Parameter): void {
  if (assignments.divert === undefined) return
  const message =
    `'${name}' has other values in every run of a function that is traced. Compute with the parameter itself, or read it ` +
    'outside.'
  throw new GraphError(op, message)
}

function refusal(parameter: Parameter, values: unknown): Error {
  const op = `assign to '${parameter.name}'`
  if (!(values instanceof Tensor)) {
    return new ArgumentError(op, 'the new values must be a tensor; make one with tensor(...).')
  }
  const [want, have] = [parameter.shape, values.shape]
  if (!sameShape(want, have)) {
    const message = `the parameter has shape ${formatShape(want)}, the new values ${formatShape(have)}.`
    return new ShapeError(op, message, [want, have])
  }
  const message = `the parameter is ${parameter.dtype}, the new values are ${values.dtype}; cast them first.`
  return new DTypeError(op, message, [parameter.dtype, values.dtype])
}
