import { ArgumentError, describe, formatShape, ShapeError } from '../shape/errors.ts'
import type { Expected, Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Checks the shape at run time and tells it to the compiler: the one door from unknown shapes to typed ones. A number
 * must be equal; a name (`'m'`) stands for any size, the same one wherever it occurs; `-1` for any size.
 *
 * @example
 * ```ts
 * import { arange } from '@adjoint/core'
 * arange(6).reshape([2, 3]).expectShape(['m', 3]).shape // => [2, 3]
 * ```
 * @throws ShapeError when the shape is another one.
 */
export function expectShape<const E extends Shape>(x: Tensor, expected: E): Tensor<Expected<E>> {
  expectTensor('expectShape', x)
  if (!Array.isArray(expected)) {
    throw new ArgumentError('expectShape', `takes an array such as ['m', 3], got ${describe(expected)}.`)
  }
  const sizes = new Map<string, number>()
  const fits =
    expected.length === x.rank &&
    expected.every((size, axis) => {
      const actual = x.shape[axis]!
      if (typeof size === 'number') return size === -1 || size === actual
      const known = sizes.get(size)
      if (known === undefined) sizes.set(size, actual)
      return known === undefined || known === actual
    })
  if (!fits) {
    const name = x.name === undefined ? '' : ` for '${x.name}'`
    const message = `expected [${expected.join(', ')}], got ${formatShape(x.shape)}${name}.`
    throw new ShapeError('expectShape', message, [x.shape])
  }
  return x as unknown as Tensor<Expected<E>>
}
