import { apply } from '../graph/apply.ts'
import { mapMatrices, matricesRule, matrixAxes, sampleBatch } from '../primitive/matrices.ts'
import { type GeneralPrimitive, type Op, op } from '../primitive/primitive.ts'
import { ArgumentError } from '../shape/errors.ts'
import type { Attributes, ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { mul } from './mul.ts'
import { neg } from './neg.ts'
import { swapLastAxes } from './permute.ts'
import { sub } from './sub.ts'
import { sum } from './sum.ts'

/** What the numbers of a matrix are divided by. */
export interface SpectralQuotientAttributes extends Attributes {
  /** `difference`: column value less row value; `sum`: both; `column`: the column's alone. */
  readonly by: 'difference' | 'sum' | 'column'
  /** The op to name when a divisor is 0; without it, such a quotient is NaN. */
  readonly refuseFor?: string
}

const result: ShapeRule = /* @__PURE__ */ matricesRule('spectralQuotient', matrixAxes)

const primitive: GeneralPrimitive = {
  name: 'spectralQuotient',
  kind: 'general',
  keeps: 'both',
  // y = x / d: dy = (dx - y dd) / d, where d is a sum or difference of values.
  vjp: (cotangent, { inputs, output, attributes }, index) => {
    const by = (attributes as SpectralQuotientAttributes).by
    if (index === 0) return quotient(cotangent, inputs[1]!, by)
    const slope = neg(quotient(mul(cotangent, output), inputs[1]!, by))
    const columns = sum(slope, -2, { keepDims: true })
    if (by === 'column') return columns
    const rows = swapLastAxes(sum(slope, -1, { keepDims: true }))
    return by === 'sum' ? add(columns, rows) : sub(columns, rows)
  },
  jvp: ([dx, dw], { inputs, output, attributes }) => {
    const by = (attributes as SpectralQuotientAttributes).by
    let numerator = dx ?? undefined
    if (dw) {
      const column = swapLastAxes(dw)
      const divisor = by === 'column' ? dw : by === 'sum' ? add(dw, column) : sub(dw, column)
      const moved = mul(output, divisor)
      numerator = numerator === undefined ? neg(moved) : sub(numerator, moved)
    }
    return quotient(numerator!, inputs[1]!, by)
  },
  batch: 'leading',
  sample: draw => {
    const n = draw.integer(0, 4)
    const batch = sampleBatch(draw)
    const by = (['difference', 'sum', 'column'] as const)[draw.integer(0, 2)]!
    return {
      inputs: [
        { shape: [...batch, by === 'column' ? draw.integer(0, 3) : n, n] },
        { shape: [...batch, 1, n], domain: by === 'difference' ? 'distinct' : 'positive' },
      ],
      attributes: { by },
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [x, w] = inputs
    const { by, refuseFor } = attributes as SpectralQuotientAttributes
    const [rows, n] = x!.shape.slice(-2) as [number, number]
    const epsilon = x!.dtype === 'float64' && w!.dtype === 'float64' ? Number.EPSILON : 2 ** -23
    const kernel = ([numbers, values]: readonly Float64Array[], out: Float64Array, where: string): void => {
      let largest = 0
      for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(values![i]!))
      const nothing = 4 * n * epsilon * largest
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < n; j++) {
          const value = numbers![i * n + j]!
          if (value === 0 || (by === 'difference' && i === j)) continue
          const other = by === 'column' ? 0 : by === 'sum' ? values![i]! : -values![i]!
          const divisor = values![j]! + other
          if (Math.abs(divisor) > nothing) out[i * n + j] = value / divisor
          else if (refuseFor === undefined) out[i * n + j] = Number.NaN
          else throw new ArgumentError(refuseFor, refusal(by, values!, i, j, where))
        }
      }
    }
    return mapMatrices(result(inputs, attributes), inputs, (matrices, out, batch) =>
      kernel(matrices, out, batch.text()),
    )
  },
}

function refusal(by: string, values: Float64Array, i: number, j: number, where: string): string {
  const found =
    by === 'difference'
      ? `values ${Math.min(i, j)} and ${Math.max(i, j)} are ${values[Math.min(i, j)]} and ${values[Math.max(i, j)]}, a gap of ${Math.abs(values[i]! - values[j]!)}`
      : `value ${j} is ${values[j]}`
  return (
    `the vectors have no derivative where values are equal or a singular value is 0: ${found}${where}. ` +
    'What depends on the values alone has its first derivative there.'
  )
}

function quotient(x: Tensor, w: Tensor, by: SpectralQuotientAttributes['by']): Tensor {
  return apply(primitive, [x, w], { by })
}

/**
 * Matrices divided by differences or sums of values, as the derivatives of eigenvectors and singular vectors are:
 * `[..., n, n] × [..., 1, n] -> [..., n, n]`, element (i, j) by `w[j] - w[i]`, `w[j] + w[i]` or `w[j]`. What is 0 stays 0 whatever
 * it is divided by, and the diagonal of quotients by differences is 0. A divisor that is 0 beside the largest value makes
 * NaN of any other number, or an error that names the gap.
 */
export const spectralQuotient: Op<(x: Tensor, w: Tensor, attributes: SpectralQuotientAttributes) => Tensor> =
  /* @__PURE__ */ op(primitive, (x: Tensor, w: Tensor, attributes: SpectralQuotientAttributes) =>
    apply(primitive, [x, w], attributes),
  )
