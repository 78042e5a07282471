import { expectOptions } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  concat,
  full,
  matmul,
  mul,
  type Parameter,
  type Shape,
  sigmoid,
  slice,
  split,
  type Tensor,
  tanh,
  transpose,
} from '@adjoint/core/functional'
import type { ForwardContext, Signature } from '../module/module.ts'
import type { Entering } from '../module/shapes.ts'
import { shown } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'
import {
  CELL_OPTIONS,
  type CellOptions,
  type CellParameters,
  type CellWeights,
  makeCell,
  PYTORCH_CELL_NAMES,
  type Recurrence,
  stepOnce,
  type WithFeatures,
} from './recurrent.ts'

/** What an LSTM carries along: what it gives out, and its memory. */
export interface LSTMState {
  /** h, in a cell `[batch, hidden]`, or `[batch, projection]` when there is one. */
  readonly hidden: Tensor
  /** c, in a cell `[batch, hidden]`. */
  readonly cell: Tensor
}

/** Settings of {@link LSTMCell}. */
export interface LSTMCellOptions<Projection extends number = number> extends CellOptions {
  /** Size of a linear map of the output, fewer than `hidden` (H. Sak et al., 2014). PyTorch's `proj_size`. Default: none. */
  readonly projection?: Projection
  /**
   * What the biases of the forget gate add up to at first. 1 lets a fresh cell keep its memory (R. Jozefowicz et al., ICML
   * 2015). Default: drawn like all others, as PyTorch.
   */
  readonly forgetBias?: number
}

/**
 * One step of an LSTM (S. Hochreiter, J. Schmidhuber, Neural Computation 9 (1997); the forget gate of F. Gers et al., 2000;
 * lecture: LSTM). Gates i (input), f (forget), o (output), candidate g:
 *
 *     i = σ(W_ii x + b_ii + W_hi h + b_hi)       f = σ(W_if x + b_if + W_hf h + b_hf)
 *     g = tanh(W_ig x + b_ig + W_hg h + b_hg)    o = σ(W_io x + b_io + W_ho h + b_ho)
 *     c' = f ∘ c + i ∘ g                         h' = o ∘ tanh(c'), and W_hr times that with a projection
 *
 * The rows of `inputWeight` `[4 * hidden, inputs]` and `hiddenWeight` `[4 * hidden, hidden]` are those of i, f, g, o, as in
 * PyTorch. `step(x, { hidden, cell })` takes `[batch, inputs]` and states `[batch, hidden]`, or all without `batch`, and
 * gives the next state; `forward(x)` is the h after a step from a state of zeros.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { LSTMCell } from '@adjoint/nn'
 * const cell = new LSTMCell(3, 5, { rng: new Rng(0) })
 * const first = cell.step(zeros([8, 3]))
 * const second = cell.step(zeros([8, 3]), first)
 * second.hidden.shape // => [8, 5]
 * ```
 */
export class LSTMCell<
  In extends number = number,
  Hidden extends number = number,
  Projection extends number = Hidden,
> {
  readonly inputs: In
  readonly hidden: Hidden
  readonly inputWeight: Parameter<[number, number]>
  readonly hiddenWeight: Parameter<[number, number]>
  readonly inputBias: Parameter<[number]> | null
  readonly hiddenBias: Parameter<[number]> | null
  /** `[projection, hidden]` */
  readonly projectionWeight: Parameter<[number, number]> | null
  /** Never set: the types of {@link forward} for a batch. */
  declare readonly typedAs?: Signature<Tensor<readonly [number, In]>, Tensor<[number, Projection]>>

  /**
   * @param inputs number of features that come in at a step
   * @param hidden number of features of the memory
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, settings with other names, or a missing `rng`.
   */
  constructor(inputs: In, hidden: Hidden, options: LSTMCellOptions<Projection> = {}) {
    const op = 'LSTMCell'
    expectOptions(op, options, [...CELL_OPTIONS, 'projection', 'forgetBias'])
    expectLSTMSettings(op, inputs, hidden, options)
    const weights = makeLSTMCell(op, inputs, hidden, options)
    this.inputs = inputs
    this.hidden = hidden
    this.inputWeight = weights.inputWeight
    this.hiddenWeight = weights.hiddenWeight
    this.inputBias = weights.inputBias
    this.hiddenBias = weights.hiddenBias
    this.projectionWeight = weights.projectionWeight ?? null
  }

  get pytorchNames(): Readonly<Record<string, string>> {
    return PYTORCH_CELL_NAMES
  }

  /** The next state from a state or from zeros. */
  step(input: Tensor, state?: LSTMState): LSTMState {
    const given = state === undefined ? undefined : statesOf(String(this), state)
    const sizes = [this.hiddenWeight.shape[1], this.hidden]
    const [hidden, cell] = stepOnce(String(this), lstmRecurrence, this, input, given, sizes)
    return { hidden: hidden!, cell: cell! }
  }

  /** h after one step from zeros. @throws ShapeError when the input does not have `inputs` features. */
  forward<S extends Shape>(
    input: Entering<S, [In]>,
    context?: ForwardContext,
  ): Tensor<WithFeatures<S, Projection>>
  forward(input: Tensor): Tensor {
    return this.step(input).hidden
  }

  toString(): string {
    const projection = this.projectionWeight === null ? '' : `, projection ${this.projectionWeight.shape[0]}`
    return `LSTMCell(${this.inputs}, ${this.hidden}${projection})`
  }
}

/** States are h and c; both biases are in `projected`. */
export function lstmRecurrence(weights: CellWeights): Recurrence {
  const { hiddenWeight, inputBias, hiddenBias, projectionWeight } = weights
  const hidden = hiddenWeight.shape[0]! / 4
  const recurrent: Tensor = transpose(hiddenWeight)
  const projection = projectionWeight ? (transpose(projectionWeight) as Tensor) : null
  return {
    inputBias: inputBias === null || hiddenBias === null ? inputBias : add(inputBias, hiddenBias),
    step: (projected, [h, c]) => {
      const [i, f, g, o] = split(add(projected, matmul(h!, recurrent)) as Tensor, hidden, -1) as Tensor[]
      const memory: Tensor = add(mul(sigmoid(f!), c!), mul(sigmoid(i!), tanh(g!)))
      const output: Tensor = mul(sigmoid(o!), tanh(memory))
      return [projection === null ? output : matmul(output, projection), memory]
    },
  }
}

/** The parameters of one cell, with the bias of its forget gate as it is to be. */
export function makeLSTMCell(
  op: string,
  inputs: number,
  hidden: number,
  options: LSTMCellOptions,
  path: string = '',
): CellParameters {
  const { projection = hidden, forgetBias } = options
  return makeCell(op, { inputs, hidden, gates: 4, outputs: projection }, options, path, (name, values) => {
    if (forgetBias === undefined || !name.endsWith('Bias')) return values
    // The two biases are added: one of them has it all.
    const forget = full([hidden], name === 'inputBias' ? forgetBias : 0, { dtype: values.dtype })
    return concat([slice(values, [0, hidden]), forget, slice(values, [2 * hidden, null])])
  })
}

export function expectLSTMSettings(
  op: string,
  inputs: number,
  hidden: number,
  { projection, forgetBias, bias }: LSTMCellOptions,
): void {
  expectSizes(op, { inputs, hidden })
  if (projection !== undefined) {
    expectSizes(op, { projection })
    if (projection >= hidden) {
      throw new ArgumentError(op, `projection must be fewer than hidden, ${hidden}; got ${projection}.`)
    }
  }
  if (forgetBias === undefined) return
  if (!Number.isFinite(forgetBias)) {
    throw new ArgumentError(op, `forgetBias must be a finite number, got ${shown(forgetBias)}.`)
  }
  if (bias === false) throw new ArgumentError(op, 'has no biases, so forgetBias means nothing; leave it out.')
}

/** The two states. PyTorch has a pair `(h, c)` here; a list would be taken for no state at all. */
export function statesOf(op: string, state: LSTMState): readonly Tensor[] {
  const { hidden, cell } = Object(state) as Partial<LSTMState>
  if (hidden !== undefined && cell !== undefined) return [hidden, cell]
  throw new ArgumentError(op, `takes a state { hidden, cell }, got ${shown(state)}.`)
}
