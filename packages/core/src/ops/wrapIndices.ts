import { runUnrecorded } from '../graph/apply.ts'
import { expectIndexDType } from '../primitive/positions.ts'
import { type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import { ArgumentError, formatShape } from '../shape/errors.ts'
import type { Attributes } from '../tensor/node.ts'
import { allocateLike, compact, type Tensor } from '../tensor/tensor.ts'

/** What indices have to fit, and how a message describes it. */
export interface IndexBounds extends Attributes {
  /** The number of places. */
  readonly size: number
  /** The op that was given the indices. */
  readonly caller: string
  /** What the places are: an axis of a shape, or in words. */
  readonly of: string | { readonly axis: number; readonly shape: readonly number[] }
  /** What a message calls an index. Default `index`. */
  readonly called?: string
  /** Whether negative indices count from the end. Default true. */
  readonly wrap?: boolean
  /** Distance of the positions of neighbouring indices. Default 1. */
  readonly scale?: number
  /**
   * How much further a position is for each step of the index itself along its last axes; for indices that stand, on the
   * other axes, where the element stands that they choose. Default 0.
   */
  readonly steps?: readonly number[]
}

const UNBOUNDED: IndexBounds = { size: 0x7fffffff, caller: 'wrapIndices', of: 'int32', wrap: false }

const primitive: NonDifferentiablePrimitive = {
  name: 'wrapIndices',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'a position is a whole number',
  batch: 'leading',
  sample: draw => {
    const shape = draw.shape(0, 3)
    const steps = shape.slice(draw.integer(0, shape.length)).map(() => draw.integer(0, 5))
    const attributes: IndexBounds = {
      size: 3,
      caller: 'wrapIndices',
      of: { axis: 0, shape: [3] },
      scale: draw.integer(1, 4),
      steps,
    }
    return { inputs: [{ shape, dtype: 'int32', below: 3 }], attributes }
  },
  result: ([x]) => ({ shape: x!.shape, dtype: 'int32' }),
  forward: ([indices], attributes) => {
    const bounds = attributes as IndexBounds
    const { size, scale = 1, steps = [] } = bounds
    const lowest = (bounds.wrap ?? true) ? -size : 0
    const { shape, storage, offset, strides } = compact(indices!)
    const output = allocateLike(shape, strides, indices!.size, 'int32')
    const to = output.storage
    const last = shape.length - 1
    const isPlain = steps.every(step => step === 0)
    const length = isPlain ? output.size : shape[last]!
    const step = isPlain ? 0 : steps.at(-1)!
    const place = new Array<number>(Math.max(0, last)).fill(0)
    let row = 0
    for (let start = 0; start < output.size; start += length) {
      for (let i = 0; i < length; i++) {
        const index = storage[offset + start + i]!
        if (index < lowest || index >= size) throw outside(shape, start + i, index, bounds)
        to[output.offset + start + i] = (index < 0 ? index + size : index) * scale + row + i * step
      }
      if (isPlain) break
      for (let axis = last - 1; axis >= 0; axis--) {
        const further = steps[axis + steps.length - shape.length] ?? 0
        row += further
        if (++place[axis]! < shape[axis]!) break
        row -= further * shape[axis]!
        place[axis] = 0
      }
    }
    return output
  },
}

function outside(shape: readonly number[], place: number, index: number, bounds: IndexBounds): ArgumentError {
  const { size, caller, of, called = 'index', wrap = true } = bounds
  const position: number[] = []
  let rest = place
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    position.unshift(rest % shape[axis]!)
    rest = Math.floor(rest / shape[axis]!)
  }
  const all = called === 'index' ? 'indices' : `${called}s`
  const range = size === 0 ? `no ${called} fits` : `${all} run from ${wrap ? -size : 0} to ${size - 1}`
  const at = shape.length === 0 ? '' : ` at ${formatShape(position)}`
  const places = typeof of === 'string' ? of : `axis ${of.axis} of ${formatShape(of.shape)}`
  return new ArgumentError(
    caller,
    `${called} ${index}${at} is outside of ${places}, of size ${size}; ${range}.`,
  )
}

/**
 * Indices as positions: negative ones, which count from the end, become positive, and one that is out of range is refused
 * in the words of the caller.
 *
 * @throws ArgumentError for an index out of range; DTypeError for indices that are not int32.
 */
export const wrapIndices: Op<(indices: Tensor, bounds?: IndexBounds) => Tensor> = /* @__PURE__ */ op(
  primitive,
  (indices: Tensor, bounds: IndexBounds = UNBOUNDED) =>
    runUnrecorded(primitive, [expectIndexDType(bounds.caller, indices)], bounds),
)
