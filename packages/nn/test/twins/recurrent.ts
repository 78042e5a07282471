/** What the pairs of recurrent layers share: random cases, weights on both sides, and the comparison of a whole pass. */
import type { Rng, Tensor } from '@adjoint/core'
import type { NumericArray, RecurrentGradients, RecurrentInputs, RecurrentWeights } from '@adjoint/manual'
import { namedParameters, withParameters } from '@adjoint/nn'
import fc from 'fast-check'
import { cotangentsFor, differentiate, draw, type Passes, toArray, type Values } from './twin.ts'

/** Sizes of a cell and what is optional of it. */
export const cellCases = {
  batch: fc.integer({ min: 1, max: 4 }),
  inputs: fc.integer({ min: 1, max: 5 }),
  hidden: fc.integer({ min: 1, max: 5 }),
  bias: fc.boolean(),
}

/** The same of a layer over sequences. */
export const layerCases = {
  ...cellCases,
  time: fc.integer({ min: 1, max: 6 }),
  layers: fc.integer({ min: 1, max: 3 }),
  bidirectional: fc.boolean(),
  timeFirst: fc.boolean(),
  hasLengths: fc.boolean(),
  hasState: fc.boolean(),
}

/** Random values for all parameters of a layer, by their paths. */
export function drawParameters(rng: Rng, layer: object): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(namedParameters(layer)).map(([path, { shape }]) => [path, draw(rng, shape)]),
  )
}

/** The weights below a path, for the hand-derived side. */
export function weightsAt(values: Values<Tensor>, path: string = ''): RecurrentWeights {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => name.startsWith(path))
      .map(([name, value]) => [name.slice(path.length), toArray(value)]),
  ) as unknown as RecurrentWeights
}

/** One step on both sides. `states` are named as their derivatives are to be: `dh`. */
export function compareCell(
  rng: Rng,
  cell: object,
  x: Tensor,
  states: Values<Tensor>,
  automatic: () => Values<Tensor>,
  manual: (
    inputs: Values<NumericArray>,
    weights: RecurrentWeights,
    cotangents: Values<NumericArray>,
  ) => Values<NumericArray>,
): Passes {
  const values = drawParameters(rng, cell)
  const outputs = withParameters(cell, values, automatic)
  const cotangents = cotangentsFor(rng, outputs)
  const inputs = { x, ...states }
  return {
    automatic: differentiate({ ...inputs, ...values }, outputs, cotangents),
    manual: manual(arrays(inputs), weightsAt(values), arrays(cotangents)),
  }
}

/** A pass over sequences on both sides. */
export interface LayerCase {
  readonly batch: number
  readonly inputs: number
  readonly time: number
  readonly layers: number
  readonly bidirectional: boolean
  readonly timeFirst: boolean
  readonly hasLengths: boolean
  readonly hasState: boolean
}

export function compareLayer(
  rng: Rng,
  layer: object,
  options: LayerCase,
  sizes: readonly number[],
  automatic: (
    x: Tensor,
    states: readonly Tensor[] | undefined,
    lengths: readonly number[] | undefined,
  ) => { readonly output: Tensor; readonly states: readonly Tensor[] },
  manual: {
    readonly forward: (inputs: RecurrentInputs) => { output: NumericArray; states: readonly NumericArray[] }
    readonly backward: (
      inputs: RecurrentInputs & { dOutput: NumericArray; dEnds: readonly NumericArray[] },
    ) => RecurrentGradients
  },
): Passes {
  const { batch, inputs, time, layers, bidirectional, timeFirst, hasLengths, hasState } = options
  const cells = layers * (bidirectional ? 2 : 1)
  const x = draw(rng, [batch, time, inputs])
  const starts = sizes.map(size => draw(rng, [cells, batch, size]))
  const lengths = hasLengths ? Array.from({ length: batch }, () => rng.integer(time + 1)) : undefined
  const values = drawParameters(rng, layer)
  const given = hasState ? starts : undefined
  const found = withParameters(layer, values, () =>
    automatic(timeFirst ? x.permute([1, 0, 2]) : x, given, lengths),
  )
  const output: Tensor = timeFirst ? found.output.permute([1, 0, 2]) : found.output
  const outputs: Values<Tensor> = { output, ...named('end', found.states) }
  const cotangents = cotangentsFor(rng, outputs)
  const leaves: Values<Tensor> = { x, ...(hasState ? named('start', starts) : {}), ...values }
  const pass: RecurrentInputs = {
    x: toArray(x),
    cells: Array.from({ length: cells }, (_, i) => weightsAt(values, `cells.${i}.`)),
    bidirectional,
    ...(hasState && { states: starts.map(toArray) }),
    ...(lengths && { lengths }),
  }
  const forward = manual.forward(pass)
  const dEnds = found.states.map((_, i) => toArray(cotangents[`end${i}`]!))
  const { dx, dStates, dCells } = manual.backward({ ...pass, dOutput: toArray(cotangents.output!), dEnds })
  return {
    automatic: differentiate(leaves, outputs, cotangents),
    manual: {
      output: forward.output,
      ...named('end', forward.states),
      dx,
      ...(hasState ? named('dstart', dStates) : {}),
      ...Object.fromEntries(
        dCells.flatMap((d, i) => Object.entries(d).map(([name, value]) => [`dcells.${i}.${name}`, value])),
      ),
    },
  }
}

/** Derivatives by weights under their names: `dinputWeight`. */
export function namedWeights(dWeights: RecurrentWeights): Values<NumericArray> {
  return Object.fromEntries(Object.entries(dWeights).map(([name, value]) => [`d${name}`, value]))
}

function named<T>(name: string, list: readonly T[]): Values<T> {
  return Object.fromEntries(list.map((value, i) => [`${name}${i}`, value]))
}

function arrays(values: Values<Tensor>): Values<NumericArray> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toArray(value)]))
}
