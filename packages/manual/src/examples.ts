/** A batch taken one example at a time, so that a formula for one example serves both layouts. */
import { batchOf, type Layout, type Matrix, zerosFor } from './matrix.ts'

/**
 * Calls `visit` once for each example, with the units of that example as vectors: one vector for each input, and the
 * vector `result` to fill, which becomes the example in the returned batch. The vectors are double, and reused.
 */
export function mapExamples<const Inputs extends readonly Matrix[]>(
  inputs: Inputs,
  layout: Layout,
  visit: (
    vectors: { readonly [K in keyof Inputs]: Float64Array },
    result: Float64Array,
    example: number,
  ) => void,
): Matrix {
  const shape = inputs[0]?.shape ?? [0, 0]
  const results = zerosFor(shape, inputs)
  const { units, examples, unitStride, exampleStride } = batchOf(results, layout)
  const vectors = inputs.map(() => new Float64Array(units))
  const result = new Float64Array(units)
  for (let i = 0; i < examples; i++) {
    for (const [n, { data }] of inputs.entries()) {
      for (let u = 0; u < units; u++) vectors[n]![u] = data[u * unitStride + i * exampleStride]!
    }
    // `map` forgets that there is one vector for each input.
    visit(vectors as { readonly [K in keyof Inputs]: Float64Array }, result, i)
    for (let u = 0; u < units; u++) results.data[u * unitStride + i * exampleStride] = result[u]!
  }
  return results
}
