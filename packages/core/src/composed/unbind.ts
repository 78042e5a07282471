import { reshape } from '../ops/reshape.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { Shape, SizeOf, Squeezed } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { partsOf } from './split.ts'

/** Up to so many tensors are counted by the compiler. */
type Most = 32

/** A tuple of a known length, within limits; an array otherwise. */
type Repeated<Element, Count, Done extends Element[] = []> = number extends Count
  ? Element[]
  : Count extends number
    ? Done['length'] extends Count
      ? Done
      : Done['length'] extends Most
        ? Element[]
        : Repeated<Element, Count, [...Done, Element]>
    : Element[]

/** The tensors of {@link unbind}: as many as the axis is long, where that is a literal up to 32. */
export type UnboundParts<S extends Shape, Axis extends number> = Repeated<
  Tensor<Squeezed<S, Axis>>,
  SizeOf<S, Axis>
>

/**
 * The slices along an axis one by one, as views without that axis: the inverse of `stack`.
 *
 * @example
 * ```ts
 * import { tensor, unbind } from '@adjoint/core'
 * const [first, second] = unbind(tensor([[1, 2], [3, 4]]))
 * second.toArray() // => [3, 4]
 * first.shape // => [2]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export function unbind<S extends Shape, const Axis extends number = 0>(
  x: Tensor<S>,
  axis?: Axis,
): UnboundParts<S, Axis>
export function unbind(x: Tensor, axis = 0): Tensor[] {
  const along = normalizeAxis('unbind', axis, expectTensor('unbind', x).rank)
  const rest = x.shape.filter((_, k) => k !== along)
  return partsOf(x, along, new Array<number>(x.shape[along]!).fill(1)).map(part => reshape(part, rest))
}
