import { type AxisWindows, largestInWindows, NO_AXIS } from '../backend/maxWindows.ts'
import { adaptivePart } from '../backend/resampling.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import { sizeOf } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Attributes, ShapeRule } from '../tensor/node.ts'
import { allocateResult, compact, type Tensor } from '../tensor/tensor.ts'

/** The windows of one axis: `kernel` elements, `dilation` apart, the next window `stride` further; or equal parts. */
export type WindowRule =
  | {
      readonly kind: 'windows'
      readonly outputs: number
      readonly kernel: number
      readonly stride: number
      readonly padding: number
      readonly dilation: number
    }
  | { readonly kind: 'adaptive'; readonly outputs: number }

interface MaxPoolAttributes extends Attributes {
  readonly rules: readonly WindowRule[]
}

const result: ShapeRule = ([x], attributes) => {
  const { rules } = attributes as MaxPoolAttributes
  const lead = x!.shape.slice(0, x!.rank - rules.length)
  return { shape: [...lead, ...rules.map(({ outputs }) => outputs)], dtype: 'int32' }
}

const primitive: NonDifferentiablePrimitive = {
  name: 'maxPoolIndices',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'an index is a whole number',
  batch: 'leading',
  sample: draw => {
    const space = Array.from({ length: draw.integer(1, 3) }, () => draw.integer(1, 5))
    const rules = space.map((size): WindowRule => {
      if (draw.boolean()) return { kind: 'adaptive', outputs: draw.integer(1, 4) }
      const [kernel, stride] = [draw.integer(1, size), draw.integer(1, 2)]
      const padding = draw.integer(0, Math.floor(kernel / 2))
      const outputs = Math.floor((size + 2 * padding - kernel) / stride) + 1
      return { kind: 'windows', outputs, kernel, stride, padding, dilation: 1 }
    })
    return {
      inputs: [{ shape: [...draw.shape(0, 2), ...space], domain: 'distinct' }],
      attributes: { rules },
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [x] = inputs
    const { rules } = attributes as MaxPoolAttributes
    const lead = x!.rank - rules.length
    const axes = rules.map((rule, k) => windowsOf(rule, x!.shape[lead + k]!))
    const output = allocateResult(result(inputs, attributes))
    const { storage, offset } = compact(x!)
    const space = [NO_AXIS, NO_AXIS, NO_AXIS, ...axes].slice(-3) as [AxisWindows, AxisWindows, AxisWindows]
    const plane = sizeOf(axes.map(({ size }) => size))
    const written = sizeOf(rules.map(({ outputs }) => outputs))
    const planes = sizeOf(x!.shape.slice(0, lead))
    for (let i = 0; i < planes; i++) {
      largestInWindows(storage, offset + i * plane, space, output.storage, output.offset + i * written)
    }
    return output
  },
}

/** The windows of an axis, without what lies in the padding. */
function windowsOf(rule: WindowRule, size: number): AxisWindows {
  const { outputs } = rule
  const firsts = new Int32Array(outputs)
  const counts = new Int32Array(outputs)
  for (let i = 0; i < outputs; i++) {
    if (rule.kind === 'adaptive') {
      const [first, end] = adaptivePart(size, outputs, i)
      firsts[i] = first
      counts[i] = end - first
      continue
    }
    const { kernel, stride, padding, dilation } = rule
    const start = i * stride - padding
    const skipped = start < 0 ? Math.ceil(-start / dilation) : 0
    const inside = Math.ceil((size - start) / dilation)
    firsts[i] = start + skipped * dilation
    counts[i] = Math.min(kernel, inside) - skipped
  }
  return { size, firsts, counts, step: rule.kind === 'adaptive' ? 1 : rule.dilation }
}

/**
 * Where the largest element of every window of the last axes is, counted through the plane of these axes. Every window
 * has to have an element.
 */
export const maxPoolIndices: Op<(x: Tensor, rules?: readonly WindowRule[]) => Tensor> = /* @__PURE__ */ op(
  primitive,
  (x: Tensor, rules: readonly WindowRule[] = []) =>
    runUnrecorded(primitive, [expectTensor('maxPoolIndices', x)], { rules }),
)
