/** What draws with tensors as parameters share: the shape and the dtype of the result, and the noise beneath it. */

import { cast } from '../../ops/cast.ts'
import { tryBroadcast } from '../../shape/broadcast.ts'
import { ArgumentError, describe, formatShape, ShapeError } from '../../shape/errors.ts'
import { expectShapeArgument, sameShape } from '../../shape/shape.ts'
import { getDefaultDType, promote, toFloating } from '../../storage/dtype.ts'
import { expectFloating, fillDraws, opened, type RandomOptions } from '../../tensor/random.ts'
import type { Rng } from '../../tensor/rng.ts'
import { Tensor } from '../../tensor/tensor.ts'

/** A parameter of a distribution: one number for all draws, or a tensor that broadcasts to the shape of the result. */
export type DrawParameter = Tensor | number

/** The shape and the dtype of a draw. */
export interface DrawForm {
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'float64'
}

/**
 * The form of a draw. Without a shape it is the one to which the parameters broadcast; without a dtype, that of the
 * parameters that are tensors, else the default.
 */
export function drawForm(
  op: string,
  shape: readonly number[] | undefined,
  dtype: RandomOptions['dtype'],
  parameters: Readonly<Record<string, DrawParameter>>,
): DrawForm {
  const tensors = Object.entries(parameters).filter(([name, value]) => isTensor(op, name, value)) as [
    string,
    Tensor,
  ][]
  let common: readonly number[] = shape === undefined ? [] : [...expectShapeArgument(op, shape)]
  for (const [name, parameter] of tensors) {
    const joint = tryBroadcast(common, parameter.shape)
    if (joint === undefined || (shape !== undefined && !sameShape(joint, shape))) {
      throw new ShapeError(
        op,
        `${name} of shape ${formatShape(parameter.shape)} does not broadcast to ${formatShape(common)}.`,
        [common, parameter.shape],
      )
    }
    common = joint
  }
  const found = tensors.map(([, parameter]) => toFloating(parameter.dtype))
  const type = dtype ?? (found.length > 0 ? found.reduce(promote) : getDefaultDType())
  return { shape: common, dtype: expectFloating(op, type) as DrawForm['dtype'] }
}

function isTensor(op: string, name: string, value: DrawParameter): boolean {
  if (value instanceof Tensor) return true
  if (typeof value === 'number' && Number.isFinite(value)) return false
  throw new ArgumentError(op, `${name} must be a finite number or a tensor, got ${describe(value)}.`)
}

/** A number that has to be positive; the values of tensors are not looked at, so that they may be traced. */
export function expectPositive(op: string, name: string, value: DrawParameter): void {
  if (typeof value === 'number' && !(value > 0)) {
    throw new ArgumentError(op, `${name} must be above 0, got ${value}.`)
  }
}

/** Noise of a draw: a function of uniform numbers in (0, 1), one for each element. */
export function noise(
  op: string,
  rng: Rng,
  shape: readonly number[],
  dtype: 'float32' | 'float64',
  of: (u: number) => number,
): Tensor {
  return fillDraws(op, rng, shape, dtype, u => of(opened(u)))
}

/** The result of a draw in the dtype that was asked for. */
export function drawn(x: Tensor, { dtype }: DrawForm): Tensor {
  return cast(x, dtype)
}

/** Quantiles stay float64 until the draw is rounded, once. */
export const uniformNoise = (op: string, rng: Rng, shape: readonly number[]): Tensor =>
  noise(op, rng, shape, 'float64', u => u)
