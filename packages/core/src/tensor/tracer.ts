/** Tensors that stand for something else while a transform runs a function: for many examples at once, for a value and its tangent. */

import { GraphError } from '../shape/errors.ts'
import { sizeOf, stridesOf } from '../shape/shape.ts'
import type { DType, TypedArray } from '../storage/dtype.ts'
import type { NestedArray } from './nested.ts'
import { Tensor } from './tensor.ts'

/**
 * A tensor without memory of its own. Ops on it go to the transform that made it (see `graph/interpret.ts`); a kernel that
 * tries to read it has been reached by a way around `apply`, or after the transform was over, and throws.
 */
export abstract class Tracer extends Tensor {
  constructor(shape: readonly number[], dtype: DType) {
    super(shape, dtype, NOTHING[dtype], 0, stridesOf(shape), sizeOf(shape), true)
    Object.defineProperty(this, 'storage', { get: () => this.refuse('read') })
  }

  /** Why the values cannot be had, and what to do instead. */
  abstract explain(): string

  override data(): TypedArray {
    return this.refuse('data')
  }

  override toArray(): NestedArray {
    return this.refuse('toArray')
  }

  override item(): number {
    return this.refuse('item')
  }

  override toJSON(): ReturnType<Tensor['toJSON']> {
    return this.refuse('toJSON')
  }

  protected refuse(op: string): never {
    throw new GraphError(op, this.explain())
  }
}

/** A tracer whose values are those of a tensor further out, and may be read. */
export abstract class ReadableTracer extends Tracer {
  readonly value: Tensor

  constructor(value: Tensor) {
    super(value.shape, value.dtype)
    this.value = value
    this.name = value.name
  }

  override data(): TypedArray {
    return this.value.data()
  }

  override toArray(): NestedArray {
    return this.value.toArray()
  }

  override item(): number {
    return this.value.item()
  }

  override toJSON(): ReturnType<Tensor['toJSON']> {
    return this.value.toJSON()
  }

  override toString(): string {
    return this.value.toString()
  }
}

const NOTHING = {
  float32: /* @__PURE__ */ new Float32Array(0),
  float64: /* @__PURE__ */ new Float64Array(0),
  int32: /* @__PURE__ */ new Int32Array(0),
  bool: /* @__PURE__ */ new Uint8Array(0),
}
