import { expectOptions } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  matmul,
  type Parameter,
  relu,
  type Shape,
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
  makeCell,
  PYTORCH_CELL_NAMES,
  type RecurrenceOf,
  stepOnce,
  type WithFeatures,
} from './recurrent.ts'

/** What a simple recurrent cell puts its sum through. */
export type RNNNonlinearity = 'tanh' | 'relu'

/** Settings of {@link RNNCell}. */
export interface RNNCellOptions extends CellOptions {
  /** Default `'tanh'`. */
  readonly nonlinearity?: RNNNonlinearity
}

/**
 * One step of a simple recurrent network (J. Elman, Cognitive Science 14 (1990); lecture: recurrent networks):
 *
 *     h' = tanh(W_ih x + b_ih + W_hh h + b_hh)
 *
 * or relu in the place of tanh. `step(x, h)` takes `[batch, inputs]` and `[batch, hidden]`, or both without `batch`, and
 * gives the next state; a loop of your own carries it along. `forward(x)` is the step from a state of zeros.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { initializers, RNNCell } from '@adjoint/nn'
 * const { ones, zeros } = initializers
 * const cell = new RNNCell(1, 1, {
 *   nonlinearity: 'relu', weightInitializer: ones, hiddenInitializer: ones, biasInitializer: zeros,
 * })
 * let h = cell.step(tensor([[1]]))
 * h = cell.step(tensor([[2]]), h)
 * h.toArray() // => [[3]]
 * ```
 */
export class RNNCell<In extends number = number, Hidden extends number = number> {
  readonly inputs: In
  readonly hidden: Hidden
  readonly nonlinearity: RNNNonlinearity
  readonly inputWeight: Parameter<[number, number]>
  readonly hiddenWeight: Parameter<[number, number]>
  readonly inputBias: Parameter<[number]> | null
  readonly hiddenBias: Parameter<[number]> | null
  /** Never set: the types of {@link forward} for a batch. */
  declare readonly typedAs?: Signature<Tensor<readonly [number, In]>, Tensor<[number, Hidden]>>

  /**
   * @param inputs number of features that come in at a step
   * @param hidden number of features of the state
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, settings with other names, or a missing `rng`.
   */
  constructor(inputs: In, hidden: Hidden, options: RNNCellOptions = {}) {
    const op = 'RNNCell'
    expectOptions(op, options, [...CELL_OPTIONS, 'nonlinearity'])
    expectSizes(op, { inputs, hidden })
    const weights = makeCell(op, { inputs, hidden, gates: 1, outputs: hidden }, options)
    this.inputs = inputs
    this.hidden = hidden
    this.nonlinearity = expectNonlinearity(op, options.nonlinearity)
    this.inputWeight = weights.inputWeight
    this.hiddenWeight = weights.hiddenWeight
    this.inputBias = weights.inputBias
    this.hiddenBias = weights.hiddenBias
  }

  get pytorchNames(): Readonly<Record<string, string>> {
    return PYTORCH_CELL_NAMES
  }

  /** The next state, `[batch, hidden]`, from a state or from zeros. */
  step(input: Tensor, state?: Tensor): Tensor {
    const given = state === undefined ? undefined : [state]
    return stepOnce(String(this), rnnRecurrence(this.nonlinearity), this, input, given, [this.hidden])[0]!
  }

  /** The state after one step from zeros. @throws ShapeError when the input does not have `inputs` features. */
  forward<S extends Shape>(
    input: Entering<S, [In]>,
    context?: ForwardContext,
  ): Tensor<WithFeatures<S, Hidden>>
  forward(input: Tensor): Tensor {
    return this.step(input)
  }

  toString(): string {
    return `RNNCell(${this.inputs}, ${this.hidden})`
  }
}

/** h' = f(projected + W_hh h), both biases in `projected`. */
export function rnnRecurrence(nonlinearity: RNNNonlinearity): RecurrenceOf {
  return ({ hiddenWeight, inputBias, hiddenBias }) => {
    const recurrent: Tensor = transpose(hiddenWeight)
    const f = nonlinearity === 'tanh' ? tanh : relu
    return {
      inputBias: inputBias === null || hiddenBias === null ? inputBias : add(inputBias, hiddenBias),
      step: (projected, [h]) => [f(add(projected, matmul(h!, recurrent)) as Tensor)],
    }
  }
}

export function expectNonlinearity(op: string, found: RNNNonlinearity = 'tanh'): RNNNonlinearity {
  if (found === 'tanh' || found === 'relu') return found
  throw new ArgumentError(op, `nonlinearity must be 'tanh' or 'relu', got ${shown(found)}.`)
}
