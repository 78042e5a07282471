/** The tensor: shape, dtype, a place in memory, and the node of the graph that made it. */

import { DTypeError, formatShape, GraphError, ShapeError } from '../shape/errors.ts'
import { isRowMajor, sizeOf, stridesOf } from '../shape/shape.ts'
import type { Shape, Sizes } from '../shape/types.ts'
import { ARRAY_OF, type DType, isFloating, type TypedArray } from '../storage/dtype.ts'
import { slabWithRoom } from '../storage/slab.ts'
import { type NestedArray, nest } from './nested.ts'
import type { GraphNode, ResultType } from './node.ts'

/**
 * An immutable n-dimensional array that may carry a recorded graph.
 *
 * Methods such as `add` and `matmul` are declared in `fluent.ts`; the same ops are free functions in `functional.ts`.
 * Tensors are made by `tensor`, `zeros`, ... and by ops, not by this constructor.
 */
export class Tensor<out S extends Shape = Shape> {
  /** Sizes of the axes; `[]` for a 0-d tensor. */
  readonly shape: Sizes<S>
  /** Distance in memory, in elements, between neighbours along each axis. */
  strides: readonly number[]
  /**
   * The memory that this tensor looks into, perhaps shared with others; never written once it is filled. Read it through
   * `toArray` or `data`. Only `Parameter.assign` makes a tensor look elsewhere.
   */
  storage: TypedArray
  /** Position in {@link storage} of the first element. */
  offset: number
  readonly dtype: DType
  /** Number of elements. */
  readonly size: number
  /** Whether the elements lie in row-major order without gaps. */
  readonly contiguous: boolean
  /** Whether operations on this tensor are recorded, so that gradients can flow to it. */
  requiresGrad: boolean
  /** The op that made this tensor, `null` for tensors that were not recorded. */
  node: GraphNode | null
  /** The gradient of the last `backward()` with respect to this tensor, `null` before. */
  grad: Tensor<S> | null
  /** Reading of the assignment clock when {@link grad} was taken; NaN once it is used up, see `backward`. */
  gradTime: number
  /** A name for messages, pictures and ledgers. */
  name: string | undefined
  /** Place in the order of the walk that is going on; meaningful only inside of `graph/order.ts`. */
  place: number
  /** Never set: lets the compiler tell shapes apart. */
  declare readonly typedShape: S

  constructor(
    shape: readonly number[],
    dtype: DType,
    storage: TypedArray,
    offset: number,
    strides: readonly number[],
    size: number,
    contiguous: boolean,
  ) {
    this.shape = shape as Sizes<S>
    this.strides = strides
    this.storage = storage
    this.offset = offset
    this.dtype = dtype
    this.size = size
    this.contiguous = contiguous
    this.requiresGrad = false
    this.node = null
    this.grad = null
    this.gradTime = 0
    this.name = undefined
    this.place = 0
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length
  }

  /**
   * The elements in row-major order, as a fresh typed array.
   *
   * @example
   * ```ts
   * import { tensor } from '@adjoint/core'
   * tensor([[1, 2], [3, 4]]).transpose().data() // => new Float32Array([1, 3, 2, 4])
   * ```
   */
  data(): TypedArray {
    if (this.contiguous) return this.storage.slice(this.offset, this.offset + this.size)
    const result = new ARRAY_OF[this.dtype](this.size)
    copyElements(this, result, 0)
    return result
  }

  /** The elements as nested arrays of numbers (booleans for dtype bool); a plain value for a 0-d tensor. */
  toArray(): NestedArray {
    return nest(this.shape, this.data(), this.dtype)
  }

  /**
   * The value of a tensor with exactly one element, as a number (1 or 0 for dtype bool).
   *
   * @throws ShapeError when the tensor has another number of elements.
   */
  item(): number {
    if (this.size !== 1) {
      throw new ShapeError(
        'item',
        `needs a tensor with one element, got shape ${formatShape(this.shape)} with ${this.size}. Reduce it first (sum, mean) or use toArray().`,
        [this.shape],
      )
    }
    return this.storage[this.offset]!
  }

  /**
   * Gives the tensor a name for messages, pictures of the graph, and ledgers, and returns it.
   *
   * @example
   * ```ts
   * import { tensor } from '@adjoint/core'
   * tensor([1, 2]).named('z1').name // => 'z1'
   * ```
   */
  named(name: string): this {
    this.name = name
    return this
  }

  /**
   * Plain data for `JSON.stringify`: the elements flat, in row-major order. What JSON has no number for is a string:
   * `'NaN'`, `'Infinity'`, `'-Infinity'`, `'-0'`. `tensor(data.map(Number), { shape, dtype })` reads it back to the bit.
   */
  toJSON(): { shape: number[]; dtype: DType; data: (number | string)[] } {
    const data = Array.from(this.data(), value =>
      Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value),
    )
    return { shape: [...(this.shape as readonly number[])], dtype: this.dtype, data }
  }

  /** Shape and dtype; with the methods of `fluent.ts` the values too, as `formatTensor` prints them. */
  toString(): string {
    return `Tensor ${formatShape(this.shape)} ${this.dtype}`
  }
}

/** A tensor of zeros that owns fresh memory, in row-major order, for a kernel to fill. */
export function allocate(shape: readonly number[], dtype: DType, op?: string): Tensor {
  return allocateLike(shape, stridesOf(shape), sizeOf(shape), dtype, op)
}

/** {@link allocate} for callers that know the row-major strides and the size already. */
export function allocateLike(
  shape: readonly number[],
  strides: readonly number[],
  size: number,
  dtype: DType,
  op?: string,
): Tensor {
  const slab = slabWithRoom(dtype, size, op, shape)
  const offset = slab.next
  slab.next = offset + size
  return new Tensor(shape, dtype, slab.array, offset, strides, size, true)
}

/** {@link allocate} for what a shape rule announces. */
export function allocateResult({ shape, dtype }: ResultType, op?: string): Tensor {
  return allocate(shape, dtype, op)
}

/** A tensor that looks into the memory of another one. */
export function viewOf(
  x: Tensor,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): Tensor {
  return new Tensor(shape, x.dtype, x.storage, offset, strides, sizeOf(shape), isRowMajor(shape, strides))
}

/** Another tensor that looks at the same values; nothing is copied, and no graph comes along. */
export function sameView(x: Tensor): Tensor {
  return viewOf(x, x.shape, x.strides, x.offset)
}

/** The same elements in row-major order: the tensor itself when they are, otherwise a copy. */
export function compact(x: Tensor): Tensor {
  if (x.contiguous) return x
  const copy = allocate(x.shape, x.dtype)
  copyElements(x, copy.storage, copy.offset)
  return copy
}

/** Writes the elements of `x` in row-major order into `target` from `start` on. */
export function copyElements(x: Tensor, target: TypedArray, start: number): void {
  const { shape, strides, storage } = x
  const rank = shape.length
  if (x.size === 0) return
  if (x.contiguous) {
    // A call for a whole block costs more than a few elements.
    if (x.size > 64) target.set(storage.subarray(x.offset, x.offset + x.size), start)
    else for (let i = 0; i < x.size; i++) target[start + i] = storage[x.offset + i]!
    return
  }
  const length = shape[rank - 1]!
  const step = strides[rank - 1]!
  const index = new Array<number>(rank).fill(0)
  let from = x.offset
  for (let to = start, end = start + x.size; to < end; to += length) {
    for (let i = 0; i < length; i++) target[to + i] = storage[from + i * step]!
    for (let axis = rank - 2; axis >= 0; axis--) {
      from += strides[axis]!
      if (++index[axis]! < shape[axis]!) break
      from -= strides[axis]! * shape[axis]!
      index[axis] = 0
    }
  }
}

/**
 * Marks a tensor as one to differentiate with respect to, in place; for tensors that are made and owned by the caller.
 *
 * @throws DTypeError for int32 and bool, which have no gradients.
 * @throws GraphError for a recorded tensor, which requires gradients already.
 */
export function requireGradient(op: string, x: Tensor): void {
  if (!isFloating(x.dtype)) {
    throw new DTypeError(
      op,
      `a tensor of dtype ${x.dtype} cannot require gradients; convert it with cast('float32') or cast('float64') first.`,
      [x.dtype],
    )
  }
  if (x.node !== null)
    throw new GraphError(op, 'the tensor is the result of a recorded op and requires gradients already.')
  x.requiresGrad = true
}
