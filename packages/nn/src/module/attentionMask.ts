/** Who may see whom: the masks of attention put together to one. */

import { formatShape } from '@adjoint/core/engine'
import {
  add,
  concat,
  expand,
  logicalAnd,
  ones,
  reshape,
  ShapeError,
  type Tensor,
  tri,
  where,
  zeros,
} from '@adjoint/core/functional'
import { expectTensor } from './shown.ts'

/** The masks that attention is given: true takes part, numbers are added to the scores. */
export interface Masks {
  /** `[n, m]`, or more axes in front. */
  readonly mask?: Tensor
  /** `[batch, m]` */
  readonly keyMask?: Tensor
  readonly isCausal?: boolean
}

/** What the scores `[..., heads, n, m + extras]` are masked with. What stands behind the keys is seen by all. */
export function attentionMask(
  op: string,
  { mask, keyMask, isCausal = false }: Masks,
  [n, m, extras]: readonly [n: number, m: number, extras: number],
  queryOffset: number,
): { readonly mask?: Tensor; readonly isCausal: boolean; readonly queryOffset: number } {
  const masks: Tensor[] = []
  if (mask !== undefined) masks.push(expectMask(op, 'mask', mask, m))
  if (keyMask !== undefined) {
    const keys = expectMask(op, 'keyMask', keyMask, m)
    masks.push(reshape(keys, keys.rank === 1 ? [m] : [...keys.shape.slice(0, -1), 1, 1, m]))
  }
  // The causal mask that attention makes itself would hide the extras.
  const isOwn = isCausal && extras > 0
  if (isOwn) masks.push(tri(n, m, queryOffset, { dtype: 'bool' }) as Tensor)
  const all = masks.length === 0 ? undefined : masks.reduce(bothMasks)
  return {
    ...(all === undefined ? {} : { mask: extras === 0 ? all : withSeen(all, extras) }),
    isCausal: isCausal && !isOwn,
    queryOffset,
  }
}

/** What takes part in both; numbers add up. */
function bothMasks(a: Tensor, b: Tensor): Tensor {
  if (a.dtype === 'bool') return b.dtype === 'bool' ? logicalAnd(a, b) : where(a, b, -Infinity)
  return b.dtype === 'bool' ? where(b, a, -Infinity) : add(a, b)
}

/** A mask with more columns, in which everybody may look. */
function withSeen(mask: Tensor, extras: number): Tensor {
  const shape = [...mask.shape.slice(0, -1), extras]
  const { dtype } = mask
  const seen: Tensor = dtype === 'bool' ? ones(shape, { dtype }) : zeros(shape, { dtype: dtype as 'float32' })
  return concat([mask, seen], -1)
}

/** A mask over m keys; an axis of size 1 is repeated. */
function expectMask(op: string, name: string, mask: Tensor, m: number): Tensor {
  expectTensor(op, name, mask)
  const last = mask.shape.at(-1)
  if (last === m) return mask
  if (last === 1) return expand(mask, [...mask.shape.slice(0, -1), m])
  const all = name === 'mask' ? '[n, m] or more axes in front' : '[batch, m]'
  throw new ShapeError(
    op,
    `the ${name} must be ${all} with m = ${m} keys, those in a cache included; got ${formatShape(mask.shape)}.`,
    [mask.shape],
  )
}
