import { add } from '../ops/add.ts'
import { cast } from '../ops/cast.ts'
import { concat } from '../ops/concat.ts'
import { mul } from '../ops/mul.ts'
import { permute } from '../ops/permute.ts'
import { reshape } from '../ops/reshape.ts'
import { sum } from '../ops/sum.ts'
import { countAlong, reducedShape } from '../primitive/reduction.ts'
import type { ReductionOp, ReductionOptions } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { reducedAxes } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { slice } from './slice.ts'

/**
 * The product over one axis, several, or all; 1 for no elements. Multiplied pairwise, as a tree: the gradient, of any
 * order, is exact also where elements are 0, because no rule ever divides by an element. float32 is multiplied in float64 and
 * rounded once. A partial product beyond the range of float64 is Infinity, or 0, also where other elements would bring the
 * product back: Infinity times an element 0 is NaN.
 *
 * @example
 * ```ts
 * import { prod, tensor } from '@adjoint/core'
 * const x = tensor([0, 2, 3], { requiresGrad: true })
 * prod(x).backward()
 * x.grad?.toArray() // => [6, 0, 0]
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const prod: ReductionOp = ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) => {
  expectOptions('prod', options, ['keepDims'])
  const axes = reducedAxes('prod', axis, expectTensor('prod', x).rank)
  const shape = reducedShape(x.shape, axes, options?.keepDims ?? false)
  const kept = x.shape.map((_, k) => k).filter(k => !axes.includes(k))
  const count = countAlong(x.shape, axes)
  // No factors: 1 everywhere, written so that it still belongs to the graph of x.
  if (count === 0) return add(sum(x, axes, options), 1)
  const wide = x.dtype === 'bool' ? cast(x, 'int32') : x.dtype === 'float32' ? cast(x, 'float64') : x
  let factors: Tensor = reshape(permute(wide, [...kept, ...axes]), [...kept.map(k => x.shape[k]!), count])
  for (let length = count; length > 1; length = Math.ceil(length / 2)) {
    const half = Math.floor(length / 2)
    const products = mul(slice(factors, '...', [0, half]), slice(factors, '...', [half, 2 * half]))
    factors =
      length % 2 === 0 ? products : concat([products, slice(factors, '...', [length - 1, length])], -1)
  }
  return reshape(x.dtype === 'float32' ? cast(factors, 'float32') : factors, shape)
}) as ReductionOp
