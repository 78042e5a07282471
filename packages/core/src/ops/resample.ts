import { type AxisRule, tapsOf } from '../backend/resampling.ts'
import { applyTaps, isIdentity, type Taps, transposedTaps } from '../backend/taps.ts'
import { apply } from '../graph/apply.ts'
import { type LinearPrimitive, type Op, op } from '../primitive/primitive.ts'
import type { Draw } from '../primitive/sample.ts'
import { sizeOf } from '../shape/shape.ts'
import { type TypedArray, toFloating } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Attributes, ShapeRule } from '../tensor/node.ts'
import { allocateResult, compact, type Tensor } from '../tensor/tensor.ts'

/** The rule for each of the last axes; `transposed` exchanges what is read and what is written. */
interface ResampleAttributes extends Attributes {
  readonly rules: readonly AxisRule[]
  readonly transposed: boolean
}

const result: ShapeRule = ([x], attributes) => {
  const { rules, transposed } = attributes as ResampleAttributes
  const lead = x!.shape.slice(0, x!.rank - rules.length)
  const space = rules.map(({ size, outputs }) => (transposed ? size : outputs))
  return { shape: [...lead, ...space], dtype: toFloating(x!.dtype) }
}

const primitive: LinearPrimitive = {
  name: 'resample',
  kind: 'linear',
  keeps: 'nothing',
  transposeFor:
    () =>
    (cotangent, { attributes }) => {
      const { rules, transposed } = attributes as ResampleAttributes
      return resample(cotangent, rules, !transposed)
    },
  batch: 'leading',
  sample: draw => {
    const rules = Array.from({ length: draw.integer(1, 3) }, () => sampleRule(draw))
    const transposed = draw.boolean()
    const space = rules.map(({ size, outputs }) => (transposed ? outputs : size))
    return { inputs: [{ shape: [...draw.shape(0, 2), ...space] }], attributes: { rules, transposed } }
  },
  result,
  forward: (inputs, attributes) => {
    const [x] = inputs
    const { rules, transposed } = attributes as ResampleAttributes
    const lead = x!.rank - rules.length
    const maps = rules.map(rule => (transposed ? transposedTaps(tapsOf(rule)) : tapsOf(rule)))
    const output = allocateResult(result(inputs, attributes))
    if (output.size === 0) return output
    // The axes that shrink most come first. Of two that change alike, the one is first that leaves less to do for the last
    // axis, whose elements are read one by one. What is between two axes is not rounded to float32.
    const order = maps
      .map((map, k) => ({ map, axis: lead + k, growth: rowsOf(map) / map.size }))
      .filter(({ map }) => !isIdentity(map))
      .sort((a, b) => a.growth - b.growth || (a.growth > 1 ? b.axis - a.axis : a.axis - b.axis))
    const { storage, offset } = compact(x!)
    let [from, at]: [TypedArray, number] = [storage, offset]
    const sizes = [...x!.shape] as number[]
    order.forEach(({ map, axis }, pass) => {
      const outer = sizeOf(sizes.slice(0, axis))
      const inner = sizeOf(sizes.slice(axis + 1))
      sizes[axis] = rowsOf(map)
      const isLast = pass === order.length - 1
      const to = isLast ? output.storage : new Float64Array(outer * rowsOf(map) * inner)
      const toAt = isLast ? output.offset : 0
      applyTaps(map, outer, inner, from, at, to, toAt)
      ;[from, at] = [to, toAt]
    })
    if (order.length === 0)
      for (let i = 0; i < output.size; i++) output.storage[output.offset + i] = storage[offset + i]!
    return output
  },
}

const rowsOf = ({ firsts }: Taps): number => firsts.length - 1

/**
 * A linear map along each of the last axes, by one rule for each: what average pooling and interpolation have in common.
 * Transposed, it sends every output back to what it was made of.
 */
export const resample: Op<(x: Tensor, rules: readonly AxisRule[], transposed?: boolean) => Tensor> =
  /* @__PURE__ */ op(primitive, (x: Tensor, rules: readonly AxisRule[], transposed = false) =>
    apply(primitive, [expectTensor('resample', x)], { rules, transposed }),
  )

/** A rule of any kind, for the laws. */
function sampleRule(draw: Draw): AxisRule {
  const size = draw.integer(1, 5)
  const outputs = draw.integer(1, 5)
  const kind = (['average', 'adaptive', 'nearest', 'nearestExact', 'linear', 'cubic'] as const)[
    draw.integer(0, 5)
  ]!
  if (kind === 'adaptive') return { kind, size, outputs }
  if (kind === 'average') {
    const kernel = draw.integer(1, size)
    const stride = draw.integer(1, 2)
    const divisor = (['padded', 'inside', 3] as const)[draw.integer(0, 2)]!
    return {
      kind,
      size,
      outputs: Math.floor((size - kernel) / stride) + 1,
      kernel,
      stride,
      padding: 0,
      divisor,
    }
  }
  const alignCorners = draw.boolean()
  return { kind, size, outputs, step: size / outputs, alignCorners, antialias: draw.boolean() }
}
