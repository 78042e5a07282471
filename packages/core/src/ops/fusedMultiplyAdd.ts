import { fusedMultiplyAdd32, fusedMultiplyAdd64 } from '../backend/fusedMultiplyAdd.ts'
import type { Op } from '../primitive/primitive.ts'
import type { TernaryOp } from '../primitive/signatures.ts'
import { ternary } from '../primitive/ternary.ts'

/**
 * a b + c, broadcast, rounded once: as if the product had all its digits, where `add(mul(a, b), c)` rounds twice.
 * int32 wraps around. `d = b da + a db + dc`. The kernels name their source.
 *
 * @example
 * ```ts
 * import { fusedMultiplyAdd, tensor } from '@adjoint/core'
 * const x = tensor([1 + 2 ** -30], { dtype: 'float64' })
 * const square = x.mul(x)
 * // What rounding the square to float64 lost:
 * fusedMultiplyAdd(x, x, square.neg()).item() === 2 ** -60 // => true
 * ```
 * @throws ShapeError when the shapes do not broadcast.
 */
export const fusedMultiplyAdd: Op<TernaryOp> = /* @__PURE__ */ ternary({
  name: 'fusedMultiplyAdd',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, z, zAt, zStep, out, outAt, outStep) => {
    const fused =
      out instanceof Float64Array
        ? fusedMultiplyAdd64
        : out instanceof Float32Array
          ? fusedMultiplyAdd32
          : (a: number, b: number, c: number) => Math.imul(a, b) + c
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = fused(x[xAt + i * xStep]!, y[yAt + i * yStep]!, z[zAt + i * zStep]!)
    }
  },
  derivatives: [({ inputs }) => inputs[1]!, ({ inputs }) => inputs[0]!, 1],
  keeps: 'inputs',
})
