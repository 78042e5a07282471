import { expectOptions } from '@adjoint/core/engine'
import type { Shape, Tensor } from '@adjoint/core/functional'
import type { ForwardContext, Signature } from '../module/module.ts'
import type { Entering } from '../module/shapes.ts'
import { expectSizes } from '../module/wholeNumber.ts'
import { expectResetAfter, gruRecurrence } from './gruCell.ts'
import {
  type CellParameters,
  expectRunOptions,
  type FeaturesOf,
  makeCell,
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

/** Settings of {@link GRU}. */
export interface GRUOptions<Bidirectional extends boolean = boolean> extends RecurrentOptions<Bidirectional> {
  /** Whether the reset gate is applied after the product with the state, see {@link GRUCell}. Default true, as PyTorch. */
  readonly resetAfter?: boolean
}

/**
 * Gated recurrent units over sequences, see {@link GRUCell} for the formulas of both variants: `[batch, time, inputs] -> [batch, time,
 * directions * hidden]`, or `[time, inputs]` for a single sequence. As a layer it gives the output at every step; `run`
 * gives the state at the end as well, and takes a state to start from and lengths.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { GRU } from '@adjoint/nn'
 * const layer = new GRU(3, 5, { rng: new Rng(0), layers: 2 })
 * layer.forward(zeros([8, 10, 3])).shape // => [8, 10, 5]
 * layer.run(zeros([8, 10, 3])).state.shape // => [2, 8, 5]
 * ```
 */
export class GRU<
  In extends number = number,
  Hidden extends number = number,
  Bidirectional extends boolean = false,
> {
  readonly inputs: In
  readonly hidden: Hidden
  readonly layers: number
  readonly bidirectional: boolean
  readonly dropout: number
  readonly timeFirst: boolean
  readonly keep: 'steps' | 'states'
  readonly resetAfter: boolean
  /** Weights layer by layer; of two directions the one from the first step on comes first. */
  readonly cells: readonly CellParameters[]
  /** Never set: the types of {@link forward} for a batch. */
  declare readonly typedAs?: Signature<
    Tensor<readonly [number, number, In]>,
    Tensor<[number, number, FeaturesOf<Hidden, Bidirectional>]>
  >

  /**
   * @param inputs number of features that come in at a step
   * @param hidden number of features of the state of each layer and direction
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, settings with other names, or a missing `rng`.
   */
  constructor(inputs: In, hidden: Hidden, options: GRUOptions<Bidirectional> = {}) {
    const op = 'GRU'
    expectOptions(op, options, [...RECURRENT_OPTIONS, 'resetAfter'])
    expectSizes(op, { inputs, hidden })
    const made = makeLayers(op, inputs, hidden, options, (features, path) =>
      makeCell(op, { inputs: features, hidden, gates: 3, outputs: hidden }, options, path),
    )
    this.inputs = inputs
    this.hidden = hidden
    this.layers = made.layers
    this.bidirectional = made.bidirectional
    this.dropout = made.dropout
    this.timeFirst = made.timeFirst
    this.keep = made.keep
    this.resetAfter = expectResetAfter(op, options.resetAfter)
    this.cells = made.cells
  }

  get pytorchNames(): Readonly<Record<string, string>> {
    return pytorchLayerNames(this)
  }

  /**
   * The output at every step, and the state at the end: `[layers * directions, batch, hidden]`, in which form `state` is
   * given too.
   *
   * @throws ShapeError for an input, a state or lengths of other sizes; ArgumentError for a length beyond the sequence.
   */
  run(input: Tensor, options: RunOptions<Tensor> = {}, context?: ForwardContext): RecurrentResult<Tensor> {
    const op = String(this)
    expectRunOptions(op, options)
    const { state, lengths } = options
    const given = state === undefined ? undefined : [state]
    const recurrence = gruRecurrence(this.resetAfter)
    const { output, states } = runLayers(op, this, recurrence, [this.hidden], input, given, lengths, context)
    return { output, state: states[0]! }
  }

  /** The output at every step, from a state of zeros. @throws ShapeError when the input is of other sizes. */
  forward<S extends Shape>(
    input: Entering<S, [In]>,
    context?: ForwardContext,
  ): Tensor<WithFeatures<S, FeaturesOf<Hidden, Bidirectional>>>
  forward(input: Tensor, context?: ForwardContext): Tensor {
    return this.run(input, {}, context).output
  }

  toString(): string {
    return showLayer('GRU', this.hidden, this, this.resetAfter ? '' : 'reset before')
  }
}
