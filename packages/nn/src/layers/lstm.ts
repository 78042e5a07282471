import { expectOptions } from '@adjoint/core/engine'
import type { Shape, Tensor } from '@adjoint/core/functional'
import type { ForwardContext, Signature } from '../module/module.ts'
import type { Entering } from '../module/shapes.ts'
import {
  expectLSTMSettings,
  type LSTMCellOptions,
  type LSTMState,
  lstmRecurrence,
  makeLSTMCell,
  statesOf,
} from './lstmCell.ts'
import {
  type CellParameters,
  expectRunOptions,
  type FeaturesOf,
  makeLayers,
  pytorchLayerNames,
  RECURRENT_OPTIONS,
  type RecurrentOptions,
  type RecurrentResult,
  type RunOptions,
  runLayers,
  showLayer,
  type WithFeatures,
} from './recurrent.ts'

/** Settings of {@link LSTM}. */
export interface LSTMOptions<Bidirectional extends boolean = boolean, Projection extends number = number>
  extends RecurrentOptions<Bidirectional>,
    LSTMCellOptions<Projection> {}

/**
 * Long short-term memory over sequences, see {@link LSTMCell} for the formulas: `[batch, time, inputs] -> [batch, time,
 * directions * hidden]`, or `[time, inputs]` for a single sequence; with a projection, its size stands in the place of
 * `hidden`. As a layer it gives the output at every step; `run` gives the state at the end as well, and takes a state to
 * start from and lengths.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { LSTM } from '@adjoint/nn'
 * const layer = new LSTM(3, 5, { rng: new Rng(0), layers: 2 })
 * layer.forward(zeros([8, 10, 3])).shape // => [8, 10, 5]
 * const { output, state } = layer.run(zeros([8, 10, 3]), { lengths: [10, 9, 8, 7, 6, 5, 4, 3] })
 * state.hidden.shape // => [2, 8, 5]
 * layer.run(zeros([8, 4, 3]), { state }).output.shape // => [8, 4, 5]
 * ```
 */
export class LSTM<
  In extends number = number,
  Hidden extends number = number,
  Bidirectional extends boolean = false,
  Projection extends number = Hidden,
> {
  readonly inputs: In
  readonly hidden: Hidden
  readonly layers: number
  readonly bidirectional: boolean
  readonly dropout: number
  readonly timeFirst: boolean
  readonly keep: 'steps' | 'states'
  /** Size of the output of a direction where it is not `hidden`, otherwise null. */
  readonly projection: number | null
  /** Weights layer by layer; of two directions the one from the first step on comes first. */
  readonly cells: readonly CellParameters[]
  /** Never set: the types of {@link forward} for a batch. */
  declare readonly typedAs?: Signature<
    Tensor<readonly [number, number, In]>,
    Tensor<[number, number, FeaturesOf<Projection, Bidirectional>]>
  >

  /**
   * @param inputs number of features that come in at a step
   * @param hidden number of features of the memory of each layer and direction
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, settings with other names, or a missing `rng`.
   */
  constructor(inputs: In, hidden: Hidden, options: LSTMOptions<Bidirectional, Projection> = {}) {
    const op = 'LSTM'
    expectOptions(op, options, [...RECURRENT_OPTIONS, 'projection', 'forgetBias'])
    expectLSTMSettings(op, inputs, hidden, options)
    const { projection } = options
    const made = makeLayers(op, inputs, projection ?? hidden, options, (features, path) =>
      makeLSTMCell(op, features, hidden, options, path),
    )
    this.inputs = inputs
    this.hidden = hidden
    this.layers = made.layers
    this.bidirectional = made.bidirectional
    this.dropout = made.dropout
    this.timeFirst = made.timeFirst
    this.keep = made.keep
    this.projection = projection ?? null
    this.cells = made.cells
  }

  get pytorchNames(): Readonly<Record<string, string>> {
    return pytorchLayerNames(this)
  }

  /**
   * The output at every step, and the state at the end: `hidden` is `[layers * directions, batch, hidden]`, or the size of
   * the projection last, `cell` always `[layers * directions, batch, hidden]`. In this form `state` is given too.
   *
   * @throws ShapeError for an input, a state or lengths of other sizes; ArgumentError for a length beyond the sequence.
   */
  run(
    input: Tensor,
    options: RunOptions<LSTMState> = {},
    context?: ForwardContext,
  ): RecurrentResult<LSTMState> {
    const op = String(this)
    expectRunOptions(op, options)
    const { state, lengths } = options
    const given = state === undefined ? undefined : statesOf(op, state)
    const sizes = [this.projection ?? this.hidden, this.hidden]
    const { output, states } = runLayers(op, this, lstmRecurrence, sizes, input, given, lengths, context)
    return { output, state: { hidden: states[0]!, cell: states[1]! } }
  }

  /** The output at every step, from a state of zeros. @throws ShapeError when the input is of other sizes. */
  forward<S extends Shape>(
    input: Entering<S, [In]>,
    context?: ForwardContext,
  ): Tensor<WithFeatures<S, FeaturesOf<Projection, Bidirectional>>>
  forward(input: Tensor, context?: ForwardContext): Tensor {
    return this.run(input, {}, context).output
  }

  toString(): string {
    const more = this.projection === null ? '' : `projection ${this.projection}`
    return showLayer('LSTM', this.hidden, this, more)
  }
}
