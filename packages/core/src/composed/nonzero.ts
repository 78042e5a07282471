import { DTypeError, formatShape } from '../shape/errors.ts'
import { stridesOf } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'

/**
 * The indices of the elements that are not 0, in row-major order: `[...s] -> [count, rank]`, int32, one row for each. NaN
 * is not 0. How many there are is known only from the values.
 *
 * @example
 * ```ts
 * import { nonzero, tensor } from '@adjoint/core'
 * nonzero(tensor([[0, 5], [7, 0]])).toArray() // => [[0, 1], [1, 0]]
 * ```
 */
export function nonzero(x: Tensor): Tensor {
  const positions = nonzeroPositions(expectTensor('nonzero', x))
  const strides = stridesOf(x.shape)
  const { rank } = x
  const output = allocate([positions.size, rank], 'int32')
  for (let i = 0; i < positions.size; i++) {
    let rest = positions.storage[positions.offset + i]!
    for (let axis = 0; axis < rank; axis++) {
      const index = Math.floor(rest / strides[axis]!)
      output.storage[output.offset + i * rank + axis] = index
      rest -= index * strides[axis]!
    }
  }
  return output
}

/** The places, in row-major order, of the elements that are not 0: `[...s] -> [count]`. */
export function nonzeroPositions(x: Tensor): Tensor {
  const data = x.data()
  let count = 0
  for (let i = 0; i < data.length; i++) count += data[i] === 0 ? 0 : 1
  const positions = allocate([count], 'int32')
  const { storage, offset } = positions
  // Written for every element, kept for those that count: faster than a branch that nobody can predict.
  for (let i = 0, to = offset; to < offset + count; i++) {
    storage[to] = i
    to += data[i] === 0 ? 0 : 1
  }
  return positions
}

/** Checks that a mask is one. */
export function expectMask(op: string, mask: Tensor): Tensor {
  if (expectTensor(op, mask).dtype === 'bool') return mask
  throw new DTypeError(
    op,
    `the mask must be bool, got ${mask.dtype} of shape ${formatShape(mask.shape)}; compare, as in x.greater(0), or use cast('bool').`,
    [mask.dtype],
  )
}
