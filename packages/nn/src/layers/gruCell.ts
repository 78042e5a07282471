import { expectOptions } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  concat,
  lerp,
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
  zeros,
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

/** Settings of {@link GRUCell}. */
export interface GRUCellOptions extends CellOptions {
  /**
   * Which of the two variants. `true`, the default, as PyTorch and cuDNN: the reset gate is applied after the product with
   * the state. `false`, as the original paper: before it.
   */
  readonly resetAfter?: boolean
}

/**
 * One step of a gated recurrent unit (K. Cho et al., EMNLP 2014; lecture: GRU). Gates r (reset) and z (update), candidate n:
 *
 *     r = σ(W_ir x + b_ir + W_hr h + b_hr)
 *     z = σ(W_iz x + b_iz + W_hz h + b_hz)
 *     n = tanh(W_in x + b_in + r ∘ (W_hn h + b_hn))      resetAfter: true, PyTorch and cuDNN
 *     n = tanh(W_in x + b_in + W_hn (r ∘ h) + b_hn)      resetAfter: false, the paper
 *     h' = (1 - z) ∘ n + z ∘ h
 *
 * The two are different functions of the same weights: those of a PyTorch model need the first. The rows of `inputWeight`
 * `[3 * hidden, inputs]` and `hiddenWeight` `[3 * hidden, hidden]` are those of r, z, n.
 *
 * `step(x, h)` takes `[batch, inputs]` and `[batch, hidden]`, or both without `batch`, and gives the next state;
 * `forward(x)` is the step from a state of zeros.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { GRUCell } from '@adjoint/nn'
 * const cell = new GRUCell(3, 5, { rng: new Rng(0) })
 * cell.step(zeros([8, 3]), zeros([8, 5])).shape // => [8, 5]
 * ```
 */
export class GRUCell<In extends number = number, Hidden extends number = number> {
  readonly inputs: In
  readonly hidden: Hidden
  readonly resetAfter: boolean
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
  constructor(inputs: In, hidden: Hidden, options: GRUCellOptions = {}) {
    const op = 'GRUCell'
    expectOptions(op, options, [...CELL_OPTIONS, 'resetAfter'])
    expectSizes(op, { inputs, hidden })
    const weights = makeCell(op, { inputs, hidden, gates: 3, outputs: hidden }, options)
    this.inputs = inputs
    this.hidden = hidden
    this.resetAfter = expectResetAfter(op, options.resetAfter)
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
    return stepOnce(String(this), gruRecurrence(this.resetAfter), this, input, given, [this.hidden])[0]!
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
    return `GRUCell(${this.inputs}, ${this.hidden}${this.resetAfter ? '' : ', reset before'})`
  }
}

/** Both variants of the GRU. */
export function gruRecurrence(resetAfter: boolean): RecurrenceOf {
  return resetAfter ? resetAfterProduct : resetBeforeProduct
}

/** The bias of the candidate is inside of what the reset gate scales; those of the gates need not be added at every step. */
const resetAfterProduct: RecurrenceOf = ({ hiddenWeight, inputBias, hiddenBias }) => {
  const [, hidden] = hiddenWeight.shape as [number, number]
  const recurrent: Tensor = transpose(hiddenWeight)
  const inside = hiddenBias === null ? null : slice(hiddenBias, [2 * hidden, null])
  return {
    inputBias:
      inputBias === null || hiddenBias === null ? inputBias : add(inputBias, gatesOnly(hiddenBias, hidden)),
    step: (projected, [h]) => {
      const [gatesIn, candidateIn] = split(projected, [2 * hidden, hidden], -1) as Tensor[]
      const [gatesFrom, candidateFrom] = split(matmul(h!, recurrent), [2 * hidden, hidden], -1) as Tensor[]
      const [r, z] = split(sigmoid(add(gatesIn!, gatesFrom!)) as Tensor, hidden, -1) as Tensor[]
      const product = inside === null ? candidateFrom! : add(candidateFrom!, inside)
      const n: Tensor = tanh(add(candidateIn!, mul(r!, product)) as Tensor)
      return [lerp(n, h!, z!)]
    },
  }
}

const resetBeforeProduct: RecurrenceOf = ({ hiddenWeight, inputBias, hiddenBias }) => {
  const [, hidden] = hiddenWeight.shape as [number, number]
  const [gates, candidate] = [[null, 2 * hidden] as const, [2 * hidden, null] as const].map(
    (rows): Tensor => transpose(slice(hiddenWeight, rows)),
  )
  return {
    inputBias: inputBias === null || hiddenBias === null ? inputBias : add(inputBias, hiddenBias),
    step: (projected, [h]) => {
      const [gatesIn, candidateIn] = split(projected, [2 * hidden, hidden], -1) as Tensor[]
      const [r, z] = split(sigmoid(add(gatesIn!, matmul(h!, gates!)) as Tensor), hidden, -1) as Tensor[]
      const n: Tensor = tanh(add(candidateIn!, matmul(mul(r!, h!) as Tensor, candidate!)) as Tensor)
      return [lerp(n, h!, z!)]
    },
  }
}

/** A bias without that of the candidate. */
function gatesOnly(bias: Tensor, hidden: number): Tensor {
  const gates = slice(bias, [null, 2 * hidden])
  return concat([gates, zeros([hidden], { dtype: bias.dtype })])
}

export function expectResetAfter(op: string, found: boolean = true): boolean {
  if (typeof found === 'boolean') return found
  throw new ArgumentError(op, `resetAfter must be true or false, got ${shown(found)}.`)
}
