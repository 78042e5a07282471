/** What a trace offers to code that knows more than its ops: optimizers that count steps, generators that draw. */

import type { DType, TypedArray } from '../storage/dtype.ts'
import type { Parameter } from '../tensor/parameter.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { recording } from './record.ts'

/** Writes the elements of a tensor into memory, in row-major order from `offset` on. */
export type Write = (storage: TypedArray, offset: number) => void

/**
 * A function that is being traced runs once, and its program many times. What the host does besides ops has to be said
 * here, or it happens once. Everything is done again before every run, in the order in which it was said.
 */
export interface Tracing {
  /** A tensor that `write` fills before every run. */
  hosted(shape: readonly number[], dtype: DType, write: Write): Tensor
  /**
   * Something else to do before every run, such as counting it. A run that fails has not happened: `undo` takes back what
   * the function would not have come to.
   */
  beforeRun(effect: () => void, undo?: () => void): void
  /** A plain value that the function depends on: when it is another one, the function has to be traced again. */
  guard(read: () => unknown): void
  /**
   * Makes a parameter a part of the function before its gradient is looked at: one from outside is put away until the
   * trace is over.
   */
  takePart(parameter: Parameter): void
}

/** The trace that is being made; `undefined` in ordinary code, where everything simply happens. */
export function currentTracing(): Tracing | undefined {
  return recording.tracing
}

/**
 * A number of the host that changes from step to step, a learning rate, say: the number itself in ordinary code, and in a
 * function that is being traced a 0-d tensor that holds what `read` gives before every run.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { liveNumber } from '@adjoint/core/engine'
 * let rate = 0.5
 * const scaled = () => tensor([2, 4]).mul(liveNumber(() => rate))
 * scaled().toArray() // => [1, 2]
 * ```
 */
export function liveNumber(
  read: () => number,
  dtype: 'float32' | 'float64' = 'float32',
): number | Tensor<[]> {
  const { tracing } = recording
  if (tracing === undefined) return read()
  return tracing.hosted([], dtype, (storage, offset) => {
    storage[offset] = read()
  }) as Tensor<[]>
}
