/** First values of parameters. */

import { formatShape, sameShape } from '@adjoint/core/engine'
import { ArgumentError, Parameter, type Rng, Tensor, tensor } from '@adjoint/core/functional'
import type { Initializer } from '../initializers/initializer.ts'
import { describe } from './savedTensor.ts'

/** The dtypes that can be learned. */
export type FloatingDType = 'float32' | 'float64'

/** The dtype of new parameters: the one that was asked for, or the default. */
export function parameterDType(dtype: FloatingDType | undefined): FloatingDType {
  return dtype ?? (tensor(0).dtype as FloatingDType)
}

/**
 * A parameter with the values of an initialiser.
 *
 * @throws ArgumentError when the initialiser gives another shape or dtype.
 */
export function newParameter(
  layer: string,
  name: string,
  shape: readonly number[],
  initializer: Initializer,
  settings: { readonly rng?: Rng | undefined; readonly dtype: FloatingDType },
): Parameter {
  const { dtype } = settings
  // What is no function made nothing; the message below shows it.
  const values: unknown = typeof initializer === 'function' ? initializer(shape, settings) : initializer
  if (
    values instanceof Tensor &&
    values.dtype === dtype &&
    sameShape(values.shape as readonly number[], shape)
  ) {
    return new Parameter(values, name)
  }
  throw new ArgumentError(
    layer,
    `the initialiser of ${name} gave ${describe(values)}, needed is ${dtype} ${formatShape(shape)}.`,
  )
}
