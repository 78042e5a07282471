/** What the recurrent layers share: their weights, and the way through time, directions and layers. */

import { expectOptions, formatShape, sameShape } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  cast,
  concat,
  type DType,
  dropoutMask,
  matmul,
  mul,
  type Parameter,
  permute,
  promote,
  type Rng,
  reshape,
  type Shape,
  ShapeError,
  scan,
  slice,
  squeeze,
  stack,
  type Tensor,
  transpose,
  uniform,
  unsqueeze,
  where,
  zeros,
} from '@adjoint/core/functional'
import { expectRng, type Initializer } from '../initializers/initializer.ts'
import { dtypeOfDraws, expectRate, generatorOf } from '../module/draws.ts'
import type { ForwardContext } from '../module/module.ts'
import { newParameter, parameterDType } from '../module/newParameter.ts'
import { expectTensor, shown } from '../module/shown.ts'
import { expectWhole } from '../module/wholeNumber.ts'
import { type Lengths, lengthsTensor, sequenceMask } from '../sequences/sequenceMask.ts'

/** Settings of every recurrent cell. */
export interface CellOptions {
  /** Where the first weights are drawn from. Needed unless all initialisers draw no random numbers. */
  readonly rng?: Rng
  /** Whether there are biases, one beside the inputs and one beside the state, as in PyTorch. Default true. */
  readonly bias?: boolean
  /** First weights of the inputs, `[gates * hidden, inputs]`. Default: uniform in ±1/√hidden, as PyTorch. */
  readonly weightInitializer?: Initializer
  /** First weights of the state, and of a projection. Default: uniform in ±1/√hidden, as PyTorch. */
  readonly hiddenInitializer?: Initializer
  /** First biases. Default: uniform in ±1/√hidden, as PyTorch. */
  readonly biasInitializer?: Initializer
  /** Default: the default dtype, float32. */
  readonly dtype?: 'float32' | 'float64'
}

/** Settings of every recurrent layer. */
export interface RecurrentOptions<Bidirectional extends boolean = boolean> extends CellOptions {
  /** Layers on top of each other, each reading what the one below gives. Default 1. */
  readonly layers?: number
  /** Whether every layer also reads from the last step to the first, beside the other direction. Default false. */
  readonly bidirectional?: Bidirectional
  /** Share of what a layer gives to the next one that is dropped in training. Default 0. */
  readonly dropout?: number
  /** `[time, batch, features]` instead of `[batch, time, features]`, PyTorch's own default. Default false. */
  readonly timeFirst?: boolean
  /**
   * What a pass keeps for its gradient. `'steps'`, the default: everything, which is fast. `'states'`: the states only, and
   * each step is done again on the way back, for sequences that would not fit into memory. The numbers are the same.
   */
  readonly keep?: 'steps' | 'states'
}

/** What a pass of a recurrent layer may be told besides the input. */
export interface RunOptions<State> {
  /** What to start from, with layers and directions along the first axis. Default: zeros. */
  readonly state?: State
  /** How many steps of each example count, `[batch]`. Default: all. */
  readonly lengths?: Lengths
}

/** What a pass of a recurrent layer gives. */
export interface RecurrentResult<State> {
  /** What the last layer gives at every step, directions side by side. */
  readonly output: Tensor
  /** Where every layer and direction ended: what the next part of the sequence starts from. */
  readonly state: State
}

/** The last axis of a shape, by its rank. */
interface LastAxis {
  readonly [rank: number]: string
  readonly 1: '0'
  readonly 2: '1'
  readonly 3: '2'
}

/** Shape of the output for an input of shape S: the features are replaced. */
export type WithFeatures<S extends Shape, Features extends number> = {
  -readonly [Axis in keyof S]: Axis extends LastAxis[S['length']] ? Features : S[Axis]
}

/** Twice the usual sizes, because no type doubles a number. */
interface Doubles {
  readonly 1: 2
  readonly 2: 4
  readonly 3: 6
  readonly 4: 8
  readonly 5: 10
  readonly 6: 12
  readonly 7: 14
  readonly 8: 16
  readonly 10: 20
  readonly 12: 24
  readonly 16: 32
  readonly 20: 40
  readonly 24: 48
  readonly 32: 64
  readonly 48: 96
  readonly 50: 100
  readonly 64: 128
  readonly 96: 192
  readonly 100: 200
  readonly 128: 256
  readonly 150: 300
  readonly 192: 384
  readonly 200: 400
  readonly 256: 512
  readonly 300: 600
  readonly 384: 768
  readonly 400: 800
  readonly 500: 1000
  readonly 512: 1024
  readonly 768: 1536
  readonly 1024: 2048
}

/** Features of the output: two directions stand side by side. Unusual sizes become known only at run time. */
export type FeaturesOf<Features extends number, Bidirectional extends boolean> = Bidirectional extends false
  ? Features
  : Features extends keyof Doubles
    ? Doubles[Features]
    : number

/** Weights of one cell. Gates are stacked along the first axis, in PyTorch's order. */
export interface CellWeights {
  /** `[gates * hidden, inputs]` */
  readonly inputWeight: Tensor
  /** `[gates * hidden, outputs]` */
  readonly hiddenWeight: Tensor
  /** `[gates * hidden]` */
  readonly inputBias: Tensor | null
  /** `[gates * hidden]` */
  readonly hiddenBias: Tensor | null
  /** `[outputs, hidden]`, of an LSTM with a projection */
  readonly projectionWeight?: Tensor | null
}

/** Parameters of one cell, see {@link CellWeights}. */
export interface CellParameters extends CellWeights {
  readonly inputWeight: Parameter<[number, number]>
  readonly hiddenWeight: Parameter<[number, number]>
  readonly inputBias: Parameter<[number]> | null
  readonly hiddenBias: Parameter<[number]> | null
  readonly projectionWeight?: Parameter<[number, number]>
}

/** One recurrence with its weights in place. States are listed, the one that is the output first. */
export interface Recurrence {
  /** The bias that may be added to the inputs of all steps at once, `[gates * hidden]`. */
  readonly inputBias: Tensor | null
  /** From the inputs times their weights, `[..., gates * hidden]`, and the states, to the next states. */
  readonly step: (projected: Tensor, states: readonly Tensor[]) => readonly Tensor[]
}

/** What is particular to RNN, LSTM or GRU. */
export type RecurrenceOf = (weights: CellWeights) => Recurrence

/** Sizes of a cell; `outputs` is the size of the state that it gives out. */
export interface CellSizes {
  readonly inputs: number
  readonly hidden: number
  readonly gates: number
  readonly outputs: number
}

/** What {@link CellOptions} are called. */
export const CELL_OPTIONS: readonly (keyof CellOptions)[] = [
  'rng',
  'bias',
  'weightInitializer',
  'hiddenInitializer',
  'biasInitializer',
  'dtype',
]

/** PyTorch's names of the parameters of a cell. */
export const PYTORCH_CELL_NAMES: Readonly<Record<string, string>> = {
  inputWeight: 'weight_ih',
  hiddenWeight: 'weight_hh',
  inputBias: 'bias_ih',
  hiddenBias: 'bias_hh',
  projectionWeight: 'weight_hr',
}

/**
 * The first parameters of a cell, drawn in PyTorch's order; `path` goes in front of their names. What an initialiser gave
 * passes through `refine`.
 */
export function makeCell(
  op: string,
  sizes: CellSizes,
  options: CellOptions,
  path: string = '',
  refine: (name: string, values: Tensor) => Tensor = (_, values) => values,
): CellParameters {
  const { inputs, hidden, gates, outputs } = sizes
  const { rng, bias = true } = options
  const dtype = parameterDType(options.dtype)
  const bound = 1 / Math.sqrt(hidden)
  const initial: Initializer = (shape, { rng, dtype }) =>
    uniform(expectRng('uniform', rng), shape, { low: -bound, high: bound, dtype })
  const make = <S extends [number] | [number, number]>(
    name: string,
    shape: S,
    initializer: Initializer = initial,
  ): Parameter<S> => {
    const refined: Initializer = (size, settings) => refine(name, initializer(size, settings))
    return newParameter(op, `${path}${name}`, shape, refined, { rng, dtype }) as Parameter<S>
  }
  const { weightInitializer, hiddenInitializer, biasInitializer } = options
  return {
    inputWeight: make('inputWeight', [gates * hidden, inputs], weightInitializer),
    hiddenWeight: make('hiddenWeight', [gates * hidden, outputs], hiddenInitializer),
    inputBias: bias ? make('inputBias', [gates * hidden], biasInitializer) : null,
    hiddenBias: bias ? make('hiddenBias', [gates * hidden], biasInitializer) : null,
    ...(outputs === hidden
      ? {}
      : { projectionWeight: make('projectionWeight', [outputs, hidden], hiddenInitializer) }),
  }
}

/** One step of a cell on `[..., inputs]`, from states `[..., size]` or from zeros. */
export function stepOnce(
  op: string,
  recurrenceOf: RecurrenceOf,
  weights: CellWeights,
  input: Tensor,
  given: readonly Tensor[] | undefined,
  sizes: readonly number[],
): readonly Tensor[] {
  expectTensor(op, 'input', input)
  const [, inputs] = weights.inputWeight.shape
  if (input.shape.at(-1) !== inputs) {
    throw new ShapeError(op, `takes [batch, ${inputs}] or [${inputs}], got ${formatShape(input.shape)}.`, [
      input.shape,
    ])
  }
  const dtype = promote(input.dtype, weights.inputWeight.dtype)
  const states = sizes.map((size, i) => {
    const shape = [...input.shape.slice(0, -1), size]
    return expectState(op, given?.[i], shape, dtype)
  })
  const { inputBias, step } = recurrenceOf(weights)
  return step(withBias(matmul(input, transpose(weights.inputWeight)), inputBias), states)
}

/** What a recurrent layer is made of, as fields. */
export interface RecurrentSettings {
  readonly inputs: number
  readonly layers: number
  readonly bidirectional: boolean
  readonly dropout: number
  readonly timeFirst: boolean
  readonly keep: 'steps' | 'states'
  readonly cells: readonly CellWeights[]
}

/** The settings of a layer, checked, with one cell for each layer and direction. */
export function makeLayers<Cell extends CellParameters>(
  op: string,
  inputs: number,
  outputs: number,
  options: RecurrentOptions,
  makeOne: (inputs: number, path: string) => Cell,
): RecurrentSettings & { readonly cells: readonly Cell[] } {
  const { layers = 1, bidirectional = false, dropout = 0, timeFirst = false, keep = 'steps' } = options
  expectWhole(op, 'layers', layers)
  expectRate(op, dropout, 'dropout')
  if (keep !== 'steps' && keep !== 'states') {
    throw new ArgumentError(op, `keep must be 'steps' or 'states', got ${shown(keep)}.`)
  }
  if (dropout > 0 && layers === 1) {
    throw new ArgumentError(
      op,
      `dropout stands between layers, and there is one only; give it { layers: 2 } or more, or put a Dropout behind it.`,
    )
  }
  const directions = bidirectional ? 2 : 1
  const cells = Array.from({ length: layers * directions }, (_, i) =>
    makeOne(i < directions ? inputs : directions * outputs, `cells.${i}.`),
  )
  return { inputs, layers, bidirectional, dropout, timeFirst, keep, cells }
}

/** What {@link RecurrentOptions} are called. */
export const RECURRENT_OPTIONS: readonly (keyof RecurrentOptions)[] = [
  ...CELL_OPTIONS,
  'layers',
  'bidirectional',
  'dropout',
  'timeFirst',
  'keep',
]

/** PyTorch's names of the parameters of a layer: `cells.1.inputWeight` of one direction is `weight_ih_l1`. */
export function pytorchLayerNames({
  cells,
  bidirectional,
}: Pick<RecurrentSettings, 'cells' | 'bidirectional'>): Readonly<Record<string, string>> {
  const directions = bidirectional ? 2 : 1
  return Object.fromEntries(
    cells.flatMap((cell, i) => {
      const suffix = `_l${Math.floor(i / directions)}${i % directions === 1 ? '_reverse' : ''}`
      return Object.entries(cell)
        .filter(([, parameter]) => parameter !== null)
        .map(([name]) => [`cells.${i}.${name}`, `${PYTORCH_CELL_NAMES[name]}${suffix}`])
    }),
  )
}

/** `LSTM(32, 64, layers 2, bidirectional)`. */
export function showLayer(
  name: string,
  hidden: number,
  { inputs, layers, bidirectional, dropout, timeFirst }: RecurrentSettings,
  more: string = '',
): string {
  const parts = [
    `${inputs}, ${hidden}`,
    ...(layers === 1 ? [] : [`layers ${layers}`]),
    ...(bidirectional ? ['bidirectional'] : []),
    ...(more === '' ? [] : [more]),
    ...(dropout === 0 ? [] : [`dropout ${dropout}`]),
    ...(timeFirst ? ['time first'] : []),
  ]
  return `${name}(${parts.join(', ')})`
}

/**
 * Runs all layers and directions over a sequence. States are listed, `[layers * directions, batch, size]` each.
 *
 * The inputs of all steps are multiplied with their weights at once; only what depends on the state is inside of `scan`.
 * A step behind the end of an example leaves the state alone and gives zeros, so the other direction begins at the last
 * step that counts.
 */
export function runLayers(
  op: string,
  settings: RecurrentSettings,
  recurrenceOf: RecurrenceOf,
  sizes: readonly number[],
  input: Tensor,
  given: readonly Tensor[] | undefined,
  lengths: Lengths | undefined,
  context: ForwardContext | undefined,
): { readonly output: Tensor; readonly states: readonly Tensor[] } {
  const { layers, bidirectional, cells, timeFirst, keep } = settings
  expectSequence(op, input, settings, lengths)
  const isBatch = input.rank === 3
  const dtype = promote(input.dtype, cells[0]!.inputWeight.dtype)
  // Inside, a sequence is [time, batch, features] and a state [cells, batch, size].
  let x: Tensor = isBatch ? (timeFirst ? input : swapTime(input)) : unsqueeze(input, 1)
  const [steps, batch] = x.shape as [number, number, number]
  const states = sizes.map((size, i) => {
    const shape = isBatch ? [cells.length, batch, size] : [cells.length, size]
    const state = expectState(op, given?.[i], shape, dtype)
    return isBatch ? state : unsqueeze(state, 1)
  })
  const mask = lengths === undefined ? null : stepMask(op, lengths, steps, batch)
  // Whatever fills up, NaN even, must not reach the weights' gradients, where it would be multiplied by 0.
  if (mask !== null) x = where(mask, x, 0)
  const directions = bidirectional ? 2 : 1
  const ends: (readonly Tensor[])[] = []
  for (let layer = 0; layer < layers; layer++) {
    if (layer > 0) x = dropped(op, x, settings.dropout, context)
    const outputs: Tensor[] = []
    for (let direction = 0; direction < directions; direction++) {
      const at = layer * directions + direction
      const start = states.map(state => slice(state, at))
      const { output, end } = runCell(recurrenceOf, cells[at]!, x, start, mask, {
        reverse: direction === 1,
        keep,
      })
      outputs.push(output)
      ends.push(end)
    }
    x = outputs.length === 1 ? outputs[0]! : concat(outputs, -1)
  }
  const output = isBatch ? (timeFirst ? x : swapTime(x)) : squeeze(x, 1)
  const last = sizes.map((_, k) => {
    const whole = stack(ends.map(end => end[k]!))
    return isBatch ? whole : squeeze(whole, 1)
  })
  return { output: output as Tensor, states: last as Tensor[] }
}

/** One layer in one direction: `[time, batch, features] -> [time, batch, outputs]`, and the states at the end. */
function runCell(
  recurrenceOf: RecurrenceOf,
  weights: CellWeights,
  x: Tensor,
  start: readonly Tensor[],
  mask: Tensor | null,
  options: { readonly reverse: boolean; readonly keep: 'steps' | 'states' },
): { output: Tensor; end: readonly Tensor[] } {
  const [steps, batch, features] = x.shape as [number, number, number]
  const { inputBias, step } = recurrenceOf(weights)
  // One product of matrices, not one for each step: its gradient is one product as well.
  const rows = matmul(reshape(x, [steps * batch, features]), transpose(weights.inputWeight))
  const projected: Tensor = reshape(withBias(rows, inputBias), [steps, batch, weights.inputWeight.shape[0]!])
  if (mask === null) {
    const [end, output] = scan(
      (states: readonly Tensor[], now: Tensor) => {
        const next = step(now, states)
        return [next, next[0]!] as const
      },
      start,
      projected,
      options,
    )
    return { output: output as Tensor, end: end as readonly Tensor[] }
  }
  const [end, output] = scan(
    (states: readonly Tensor[], { now, counts }: { now: Tensor; counts: Tensor }) => {
      const next = step(now, states).map((state, k): Tensor => where(counts, state, states[k]!))
      return [next, next[0]!] as const
    },
    start,
    { now: projected, counts: mask },
    options,
  )
  return { output: where(mask, output as Tensor, 0), end: end as readonly Tensor[] }
}

function withBias(x: Tensor, bias: Tensor | null): Tensor {
  return bias === null ? x : add(x, bias)
}

/** `[batch, time, features]` as `[time, batch, features]`, or back. */
function swapTime(x: Tensor): Tensor {
  return permute(x, [1, 0, 2]) as Tensor
}

/** `[time, batch, 1]`, true where a step counts. */
function stepMask(op: string, lengths: Lengths, steps: number, batch: number): Tensor {
  const counts = lengthsTensor(op, lengths, steps)
  if (counts.shape[0] !== batch) {
    throw new ShapeError(op, `got ${counts.shape[0]} lengths for ${batch} examples.`, [counts.shape])
  }
  return unsqueeze(transpose(sequenceMask(counts, steps)) as Tensor, 2) as Tensor
}

function dropped(op: string, x: Tensor, rate: number, context: ForwardContext | undefined): Tensor {
  const rng = generatorOf(op, rate, context)
  return rng === undefined ? x : mul(x, dropoutMask(rng, [...x.shape], rate, dtypeOfDraws(x)) as Tensor)
}

/** A given state in the dtype of the pass, or zeros. */
function expectState(op: string, state: Tensor | undefined, shape: readonly number[], dtype: DType): Tensor {
  if (state === undefined) return zeros(shape, { dtype })
  expectTensor(op, 'state', state)
  if (!sameShape(state.shape, shape)) {
    throw new ShapeError(op, `needs a state of ${formatShape(shape)}, got ${formatShape(state.shape)}.`, [
      state.shape,
    ])
  }
  return state.dtype === dtype ? state : cast(state, dtype)
}

function expectSequence(
  op: string,
  input: Tensor,
  { inputs, timeFirst }: RecurrentSettings,
  lengths: Lengths | undefined,
): void {
  expectTensor(op, 'input', input)
  const { shape, rank } = input
  if ((rank !== 2 && rank !== 3) || shape[rank - 1] !== inputs) {
    const batch = timeFirst ? `[time, batch, ${inputs}]` : `[batch, time, ${inputs}]`
    throw new ShapeError(op, `takes ${batch} or [time, ${inputs}], got ${formatShape(shape)}.`, [shape])
  }
  if (shape[timeFirst || rank === 2 ? 0 : 1] === 0) {
    throw new ShapeError(op, `needs at least one step, got ${formatShape(shape)}.`, [shape])
  }
  if (rank === 2 && lengths !== undefined) {
    throw new ArgumentError(op, 'takes lengths with a batch of sequences; cut a single one with slice.')
  }
}

/** Checks the settings of one pass. */
export function expectRunOptions(op: string, options: RunOptions<unknown>): void {
  expectOptions(op, options, ['state', 'lengths'])
}
