/**
 * The one way in which faster kernels take over. Every op has a reference loop of plain JavaScript; above a size at which
 * the detour pays, it first asks here whether somebody has provided something better. Nothing is provided by itself.
 */

import type { DType } from '../storage/dtype.ts'
import type { Strided } from './strided.ts'

/**
 * Computes one call of a primitive into `out`, or returns false and leaves the call to the next one, in the end to the
 * reference loop.
 *
 * The inputs come as the op got them, with their own shapes and strides: broadcast, transposed, with batch axes. All are of
 * the dtype for which the kernel was provided, but for a mask (the condition of `where`, the mask of `maskedSoftmax`), which
 * is bool. `out` has the shape and dtype of the result, is contiguous and at first holds zeros; what is in it when false is
 * returned must still be zeros. The attributes are those of the primitive. The operands have been checked: they fit.
 */
export type Kernel = (
  inputs: readonly Strided[],
  out: Strided,
  attributes: Readonly<Record<string, unknown>>,
) => boolean

/**
 * Elements, of the result or of what is reduced, from which on a kernel is asked for: from here on asking costs nothing beside
 * the loop. A kernel that pays later only declines until then.
 */
export const KERNEL_ELEMENTS = 128

/** Products, m times k times n, from which on a kernel is asked for, in one matrix product or convolution. */
export const KERNEL_PRODUCTS = 1024

/** Everything that was provided and not taken back, by primitive and dtype, the last one first. */
const PROVIDED = /* @__PURE__ */ new Map<string, Partial<Record<DType, readonly Kernel[]>>>()

/** What is asked: each of those in turn, as one. */
const ASKED = /* @__PURE__ */ new Map<string, Partial<Record<DType, Kernel | undefined>>>()

/**
 * Lets a kernel do the calls of a primitive on tensors of a dtype, in front of those that were provided before. Returns a
 * function that takes it back.
 *
 * @example
 * ```ts
 * import { neg, zeros } from '@adjoint/core/functional'
 * import { provideKernel } from '@adjoint/core/engine'
 * let calls = 0
 * const takeBack = provideKernel('neg', 'float32', () => {
 *   calls++
 *   return false
 * })
 * neg(zeros([100, 100])).size // => 10000
 * calls // => 1
 * takeBack()
 * ```
 */
export function provideKernel(primitive: string, dtype: DType, kernel: Kernel): () => void {
  // An entry of its own, so that the same function can be provided twice and taken back once.
  const entry: Kernel = (inputs, out, attributes) => kernel(inputs, out, attributes)
  const change = (others: (kernels: readonly Kernel[]) => readonly Kernel[]): void => {
    const lists = PROVIDED.get(primitive) ?? {}
    lists[dtype] = others(lists[dtype] ?? [])
    PROVIDED.set(primitive, lists)
    ASKED.set(primitive, { ...ASKED.get(primitive), [dtype]: inTurn(lists[dtype]) })
  }
  change(kernels => [entry, ...kernels])
  return () => change(kernels => kernels.filter(other => other !== entry))
}

/** What does the calls of a primitive on tensors of a dtype; `undefined` when nothing was provided. */
export function kernel(primitive: string, dtype: DType): Kernel | undefined {
  return isAsking ? ASKED.get(primitive)?.[dtype] : undefined
}

let isAsking = true

/** Runs `body` with the reference loops alone, whatever was provided: what all kernels are compared with. */
export function withoutKernels<Result>(body: () => Result): Result {
  const before = isAsking
  isAsking = false
  try {
    return body()
  } finally {
    isAsking = before
  }
}

/** Lets a provided kernel do a call. False when there is none, or it leaves the call to the reference loop. */
export function runKernel(
  primitive: string,
  dtype: DType,
  inputs: readonly Strided[],
  out: Strided,
  attributes: Readonly<Record<string, unknown>>,
): boolean {
  return kernel(primitive, dtype)?.(inputs, out, attributes) === true
}

/** Several kernels as one: the first that does the call does it. */
function inTurn(kernels: readonly Kernel[]): Kernel | undefined {
  if (kernels.length <= 1) return kernels[0]
  return (inputs, out, attributes) => kernels.some(each => each(inputs, out, attributes))
}
