import { forEachRow } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import { type LineAttributes, sampleLines } from '../primitive/alongAxis.ts'
import { resultDType } from '../primitive/elementwise.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import { shiftAxes } from '../primitive/reduction.ts'
import { expectOptions } from '../shape/arguments.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { lineAxes, sameShape } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { promote } from '../storage/dtype.ts'
import { expectTensor, full } from '../tensor/create.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, type Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { concat } from './concat.ts'
import { mul } from './mul.ts'
import { sliceRanges } from './sliceRanges.ts'

/** Settings of {@link linearRecurrence}. */
export interface RecurrenceOptions {
  /** Run from the end: `y[i] = factors[i] y[i + 1] + terms[i]`. Default false. */
  readonly reverse?: boolean
}

interface RecurrenceAttributes extends LineAttributes {
  readonly reverse: boolean
}

const result: ShapeRule = ([factors, terms]) => {
  if (!sameShape(factors!.shape, terms!.shape)) {
    throw new ShapeError(
      'linearRecurrence',
      `the factors ${formatShape(factors!.shape)} and the terms ${formatShape(terms!.shape)} must have one shape; use expand first.`,
      [factors!.shape, terms!.shape],
    )
  }
  return { shape: terms!.shape, dtype: resultDType('number', promote(factors!.dtype, terms!.dtype)) }
}

const primitive: GeneralPrimitive = {
  name: 'linearRecurrence',
  kind: 'general',
  keeps: 'both',
  // The cotangents run the other way, by the same recurrence: s[i] = c[i] + factors[i + 1] s[i + 1]. No rule divides.
  vjp: (cotangent, { inputs: [factors], output, attributes }, index) => {
    const { axes, reverse } = attributes as RecurrenceAttributes
    const sums = recur(shifted(factors!, axes, reverse ? 1 : -1, 0), cotangent, axes, !reverse)
    return index === 1 ? sums : mul(sums, shifted(output, axes, reverse ? -1 : 1, 0))
  },
  jvp: ([dFactors, dTerms], { inputs: [factors], output, attributes }) => {
    const { axes, reverse } = attributes as RecurrenceAttributes
    const moved = dFactors && mul(dFactors, shifted(output, axes, reverse ? -1 : 1, 0))
    return recur(factors!, moved && dTerms ? add(moved, dTerms) : (moved ?? dTerms)!, axes, reverse)
  },
  batch: shiftAxes,
  sample: draw => {
    const { inputs, attributes } = sampleLines(draw)
    return { inputs: [inputs[0]!, inputs[0]!], attributes: { ...attributes, reverse: draw.boolean() } }
  },
  result,
  forward: ([factors, terms], attributes) => {
    const { axes, reverse } = attributes as RecurrenceAttributes
    return run(factors!, terms!, axes[0] ?? -1, reverse)
  },
}

function run(factors: Tensor, terms: Tensor, axis: number, reverse: boolean): Tensor {
  const output = allocateResult(result([factors, terms], NO_ATTRIBUTES))
  const operands = [factors, terms, output]
  const others = (values: readonly number[]): number[] => values.filter((_, k) => k !== axis)
  const length = axis < 0 ? 1 : factors.shape[axis]!
  const sign = reverse ? -1 : 1
  const steps = operands.map(x => (axis < 0 ? 0 : sign * x.strides[axis]!))
  const starts = operands.map((x, k) => x.offset - (reverse ? (length - 1) * steps[k]! : 0))
  const [a, b, out] = [factors.storage, terms.storage, output.storage]
  const isWhole = output.dtype === 'int32'
  forEachRow(
    others(factors.shape),
    operands.map(x => others(x.strides)),
    starts,
    (count, at, step) => {
      for (let line = 0; line < count; line++) {
        const [aAt, bAt, outAt] = [
          at[0]! + line * step[0]!,
          at[1]! + line * step[1]!,
          at[2]! + line * step[2]!,
        ]
        let last = 0
        for (let i = 0; i < length; i++) {
          const factor = a[aAt + i * steps[0]!]!
          const term = b[bAt + i * steps[1]!]!
          // Nothing comes before the first one: an infinite factor there must not make NaN of it.
          last = i === 0 ? term : isWhole ? (Math.imul(factor, last) + term) | 0 : factor * last + term
          out[outAt + i * steps[2]!] = last
        }
      }
    },
  )
  return output
}

/** {@link linearRecurrence} with checked axes, for rules. */
export function recur(factors: Tensor, terms: Tensor, axes: readonly number[], reverse: boolean): Tensor {
  return apply(primitive, [factors, terms], { axes, reverse })
}

/** The elements moved one place along an axis, forward (1) or backward (-1); the place that is left holds `fill`. */
export function shifted(x: Tensor, axes: readonly number[], by: 1 | -1, fill: number): Tensor {
  const axis = axes[0] ?? -1
  const length = axis < 0 ? 1 : x.shape[axis]!
  if (length === 0) return x
  const shape = x.shape.map((size, k) => (k === axis ? 1 : size))
  const filler = full(shape, fill, { dtype: x.dtype })
  if (axis < 0) return filler
  const rest = sliceRanges(x, {
    starts: shape.map((_, k) => (k === axis && by === -1 && length > 1 ? 1 : 0)),
    sizes: x.shape.map((size, k) => (k === axis ? size - 1 : size)),
    steps: shape.map(() => 1),
  })
  return concat(by === 1 ? [filler, rest] : [rest, filler], axis)
}

/** `[...s], [...s] -> [...s]` along one axis; the last one unless told otherwise. */
export type LinearRecurrenceOp = <S extends Shape>(
  factors: Tensor<S>,
  terms: Tensor,
  axis?: number,
  options?: RecurrenceOptions,
) => Tensor<S>

/**
 * Runs `y[i] = factors[i] y[i - 1] + terms[i]` along an axis (the last one by default), starting from 0: discounted sums,
 * moving averages, filters. The factor of the first place counts nothing. Backward it is the same recurrence in the other
 * direction; nothing is ever divided.
 *
 * `dterms[i] = s[i]`, `dfactors[i] = s[i] y[i - 1]` with `s[i] = g[i] + factors[i + 1] s[i + 1]`.
 *
 * @example
 * ```ts
 * import { full, linearRecurrence, tensor } from '@adjoint/core'
 * linearRecurrence(full([3], 0.5), tensor([8, 0, 1])).toArray() // => [8, 4, 3]
 * ```
 * @throws ShapeError when the shapes differ.
 * @throws AxisError for an axis outside of the rank.
 */
export const linearRecurrence: Op<LinearRecurrenceOp> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(factors: Tensor<S>, terms: Tensor, axis = -1, options: RecurrenceOptions = {}) => {
    expectOptions('linearRecurrence', options, ['reverse'])
    const axes = lineAxes('linearRecurrence', axis, expectTensor('linearRecurrence', factors).rank)
    return recur(
      factors,
      expectTensor('linearRecurrence', terms),
      axes,
      options.reverse ?? false,
    ) as Tensor<S>
  },
)
