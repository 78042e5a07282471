/** First values of parameters, and the sizes they are made for. */

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
  const values: unknown = initializer(shape, settings)
  if (
    values instanceof Tensor &&
    values.dtype === settings.dtype &&
    sameShape(values.shape as readonly number[], shape)
  ) {
    return new Parameter(values, name)
  }
  throw new ArgumentError(
    layer,
    `the initialiser of ${name} gave ${describe(values)}, needed is ${settings.dtype} ${formatShape(shape)}.`,
  )
}

/** Sizes of a layer: whole numbers from 1 up. */
export function expectSizes(layer: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (Number.isSafeInteger(size) && size >= 1) continue
    throw new ArgumentError(layer, `${name} must be a whole number from 1 up, got ${size}.`)
  }
}
