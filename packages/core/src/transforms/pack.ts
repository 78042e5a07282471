/** Several tensors as one: a node of the graph has one result. */

import { slice } from '../composed/slice.ts'
import { cast } from '../ops/cast.ts'
import { concat } from '../ops/concat.ts'
import { reshape } from '../ops/reshape.ts'
import { type DType, promote } from '../storage/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Shape and dtype of what was packed. */
export interface Form {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly size: number
}

/** All elements in a row, in the widest of the dtypes. */
export function pack(parts: readonly Tensor[]): Tensor {
  const dtype = parts.map(part => part.dtype).reduce(promote)
  return concat(
    parts.map(part => cast(reshape(part, [part.size]), dtype)),
    0,
  )
}

/** The parts again. */
export function unpack(packed: Tensor, forms: readonly Form[]): Tensor[] {
  let start = 0
  return forms.map(({ shape, dtype, size }) => {
    const part = slice(packed, [start, start + size])
    start += size
    return cast(reshape(part, shape), dtype)
  })
}
