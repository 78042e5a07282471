/** What the pairs of attention share: cases, weights and masks for both sides. */
import { type Rng, type Tensor, tensor } from '@adjoint/core'
import { type MultiHeadWeights, type NumericArray, numericArray } from '@adjoint/manual'
import type { MultiHeadAttention } from '@adjoint/nn'
import { namedParameters } from '@adjoint/nn'
import fc from 'fast-check'
import { toArray, type Values } from './twin.ts'

/** Sizes that attention is drawn in. */
export const small = fc.integer({ min: 1, max: 4 })

/** Which masks a case has. */
export const maskCases = {
  mask: fc.constantFrom('none', 'bool', 'numbers'),
  isCausal: fc.boolean(),
  keyMask: fc.constantFrom('none', 'bool', 'numbers'),
}

export type MaskCase = 'none' | 'bool' | 'numbers'

/** A mask of a shape, as the layer takes it, or nothing. */
export function drawMask(rng: Rng, kind: MaskCase, shape: readonly number[]): Tensor | undefined {
  if (kind === 'none') return undefined
  const takesPart = rng.uniform(shape, { dtype: 'float64' })
  if (kind === 'bool') return takesPart.greater(0.4)
  const numbers = rng.normal(shape, { dtype: 'float64' })
  return tensor(
    Array.from(numbers.data(), (value, i) => (takesPart.data()[i]! > 0.8 ? -Infinity : value)),
    { shape, dtype: 'float64' },
  )
}

/** What a mask adds to a score. */
const added = (mask: Tensor | undefined, at: number): number => {
  if (mask === undefined) return 0
  const value = Number(mask.data()[at]!)
  return mask.dtype === 'bool' ? (value === 0 ? -Infinity : 0) : value
}

/** All masks of `[batch, heads, n, m]` scores as numbers that are added; `mask` is `[n, m]` and `keyMask` `[batch, m]`. */
export function addedMask(
  [batch, heads, n, m]: readonly [number, number, number, number],
  masks: {
    readonly mask?: Tensor | undefined
    readonly keyMask?: Tensor | undefined
    readonly isCausal?: boolean
  },
): NumericArray {
  const values: number[] = []
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < m; j++) {
          const ahead = masks.isCausal && j > i ? -Infinity : 0
          values.push(added(masks.mask, i * m + j) + added(masks.keyMask, b * m + j) + ahead)
        }
  return numericArray([batch, heads, n, m], values)
}

/** New numbers for every parameter, so that biases take part as well; by path, for `differentiate`. */
export function drawParameters(rng: Rng, model: unknown): Record<string, Tensor> {
  const parameters = namedParameters(model)
  for (const parameter of Object.values(parameters)) {
    parameter.assign(rng.normal(parameter.shape as readonly number[], { std: 0.5, dtype: 'float64' }))
  }
  return parameters as Record<string, Tensor>
}

const orNull = (x: Tensor | null): NumericArray | null => (x === null ? null : toArray(x))

/** The parameters of an attention layer for the hand-derived side. */
export function weightsOf(layer: MultiHeadAttention): MultiHeadWeights {
  const { inputWeight, queryWeight, keyWeight, valueWeight, features } = layer
  const packed = inputWeight as Tensor | null
  const part = (own: Tensor | null, i: number): NumericArray =>
    toArray(own ?? (packed as Tensor).slice([i * features, (i + 1) * features]))
  return {
    queryWeight: part(queryWeight as Tensor | null, 0),
    keyWeight: part(keyWeight as Tensor | null, 1),
    valueWeight: part(valueWeight as Tensor | null, 2),
    inputBias: orNull(layer.inputBias as Tensor | null),
    outputWeight: toArray(layer.outputProjection.weight as Tensor),
    outputBias: orNull(layer.outputProjection.bias as Tensor | null),
    biasKey: orNull(layer.biasKey as Tensor | null),
    biasValue: orNull(layer.biasValue as Tensor | null),
  }
}

/** Derivatives by hand under the names of the parameters of the layer. */
export function namedGradients(
  layer: MultiHeadAttention,
  d: MultiHeadWeights,
  path = '',
): Record<string, NumericArray> {
  const inputs =
    layer.inputWeight === null
      ? { queryWeight: d.queryWeight, keyWeight: d.keyWeight, valueWeight: d.valueWeight }
      : { inputWeight: stacked([d.queryWeight, d.keyWeight, d.valueWeight]) }
  const all: Values<NumericArray | null> = {
    ...inputs,
    inputBias: d.inputBias,
    'outputProjection.weight': d.outputWeight,
    'outputProjection.bias': d.outputBias,
    biasKey: d.biasKey,
    biasValue: d.biasValue,
  }
  return Object.fromEntries(
    Object.entries(all)
      .filter((entry): entry is [string, NumericArray] => entry[1] !== null)
      .map(([name, x]) => [`d${path}${name}`, x]),
  )
}

function stacked(parts: readonly NumericArray[]): NumericArray {
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0)
  return numericArray(
    [rows, parts[0]!.shape[1]!],
    parts.flatMap(({ data }) => Array.from(data)),
  )
}
