import { expectOptions, formatShape, sizeOf } from '@adjoint/core/engine'
import { ArgumentError, eye, tensor } from '@adjoint/core/functional'
import type { Initializer } from './initializer.ts'

/**
 * A weight `[out, in]` with ones on the diagonal and zeros elsewhere: a dense layer that passes on its inputs.
 *
 * @throws ArgumentError, when it is called, unless the shape has two axes.
 */
export const identity: Initializer = (shape, { dtype }) => {
  const [rows, columns] = shape
  if (shape.length === 2) return eye(rows!, columns!, { dtype })
  throw new ArgumentError('initializers.identity', `needs a weight [out, in], got ${formatShape(shape)}.`)
}

/**
 * A kernel `[out, in / groups, ...window]` of ones at its centre and zeros elsewhere: a convolution that passes on its
 * channels, in each group by itself. Channels beyond those that come in are 0.
 *
 * @throws ArgumentError for groups that are not a whole number from 1 up; when it is called, for shapes of fewer than three
 * axes, and groups that do not divide the channels that go out.
 */
export function dirac(options: { readonly groups?: number } = {}): Initializer {
  expectOptions('initializers.dirac', options, ['groups'])
  const { groups = 1 } = options
  return (shape, { dtype }) => {
    const [out, into, ...window] = shape
    const isWhole = Number.isSafeInteger(groups) && groups >= 1
    if (!isWhole || window.length === 0 || out! % groups !== 0) {
      throw new ArgumentError(
        'initializers.dirac',
        `needs a kernel [out, in / groups, ...window] with out divisible by groups, got ${formatShape(shape)} and ${groups} groups.`,
      )
    }
    const area = sizeOf(window)
    const centre = window.reduce((place, size) => place * size + Math.floor(size / 2), 0)
    const data = new Float64Array(out! * into! * area)
    const perGroup = out! / groups
    for (let channel = 0; channel < out!; channel++) {
      const source = channel % perGroup
      if (source < into!) data[(channel * into! + source) * area + centre] = 1
    }
    return tensor(data, { shape, dtype })
  }
}
