/** The part that the averages over the steps share. */

import {
  ArgumentError,
  add,
  mul,
  noGrad,
  type Parameter,
  sub,
  type Tensor,
  tensor,
} from '@adjoint/core/functional'
import { readTensor, type SavedTensor } from '../module/savedTensor.ts'
import { shown } from '../module/shown.ts'
import { expectParameters } from './expectParameters.ts'
import { OptimizerStateError } from './state.ts'

/** What an average remembers, to be saved: plain data and tensors, in the order of its parameters. */
export interface AverageState<Slot = Tensor> {
  /** Number of updates so far. */
  readonly updates: number
  readonly averages: readonly Slot[]
}

/**
 * An average of parameters over the steps of their training, kept beside them. `ExponentialMovingAverage` and
 * `StochasticWeightAverage` are this class with a weight of theirs; a weight of your own works the same way.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { ParameterAverage } from '@adjoint/nn'
 * const w = new Parameter(tensor(2))
 * const last = new ParameterAverage('last', [w], () => 1)
 * last.update()
 * w.assign(tensor(5))
 * last.withAverage(() => w.item()) // => 2
 * w.item() // => 5
 * ```
 */
export class ParameterAverage {
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly #weight: (update: number) => number
  #averages: readonly Tensor[]
  #updates = 0

  /**
   * @param name name for messages
   * @param weight share of the present values in update 1, 2, ... : a ← a + weight (W − a)
   */
  constructor(name: string, parameters: Iterable<Parameter>, weight: (update: number) => number) {
    this.name = name
    this.parameters = expectParameters(name, parameters)
    this.#weight = weight
    this.#averages = this.parameters.map(copyOf)
  }

  /** Number of updates so far. */
  get updates(): number {
    return this.#updates
  }

  /** The averages, in the order of the parameters; their values at the construction before the first update. */
  get averages(): readonly Tensor[] {
    return this.#averages
  }

  /** Takes the present values into the average. Call it after the step of the optimizer. */
  update(): void {
    const weight = this.#weight(++this.#updates)
    this.#averages = noGrad(() =>
      this.parameters.map((parameter, i) => {
        const [average, isNumber] = [this.#averages[i]!, /^float/.test(parameter.dtype)]
        if (weight === 1 || !isNumber) return copyOf(parameter)
        return add(average, mul(sub(parameter, average), weight))
      }),
    )
  }

  /**
   * Runs `body` while the parameters have the averaged values, and gives them their own back, also when `body` throws. For
   * evaluation between steps; gradients that are being added up over several `backward()` start afresh afterwards.
   *
   * @throws ArgumentError when `body` is asynchronous: the scope would end before it does.
   */
  withAverage<Result>(body: () => Result): Result {
    const own = this.parameters.map(copyOf)
    this.apply()
    try {
      const result = body()
      if (typeof (Object(result) as { then?: unknown }).then !== 'function') return result
    } finally {
      for (const [i, parameter] of this.parameters.entries()) parameter.assign(own[i]!)
    }
    throw new ArgumentError(`${this.name}.withAverage`, 'takes a function that returns no promise.')
  }

  /** Gives the parameters the averaged values, for good: at the end of training. */
  apply(): void {
    for (const [i, parameter] of this.parameters.entries()) parameter.assign(this.#averages[i]!)
  }

  /** What is remembered, to be saved; `JSON.stringify` writes it as text. */
  get state(): AverageState {
    return { updates: this.#updates, averages: this.#averages }
  }

  /**
   * Goes on from a saved state, also when it went through JSON.
   *
   * @throws OptimizerStateError when it does not fit; nothing is changed then.
   */
  loadState(state: AverageState<Tensor | SavedTensor>): void {
    const { updates, averages } = Object(state) as { readonly [Key in keyof AverageState]?: unknown }
    const saved: readonly unknown[] = Array.isArray(averages) ? averages : []
    const problems: string[] = []
    if (!(Number.isSafeInteger(updates) && (updates as number) >= 0)) {
      problems.push(`updates is ${shown(updates)}, needed is a whole number from 0 up`)
    }
    if (saved.length !== this.parameters.length) {
      problems.push(`the number of averages is ${saved.length}, needed is ${this.parameters.length}`)
    }
    const read = this.parameters.slice(0, saved.length).map((parameter, i) => readTensor(saved[i], parameter))
    for (const [i, value] of read.entries()) {
      if (typeof value === 'string') problems.push(`average ${i} ('${this.parameters[i]!.name}') ${value}`)
    }
    if (problems.length > 0) throw new OptimizerStateError(`${this.name}.loadState`, problems)
    this.#updates = updates as number
    this.#averages = (read as Tensor[]).map(copyOf)
  }
}

/** The values of a tensor, by themselves. */
function copyOf(x: Tensor): Tensor {
  return tensor(x.data(), { shape: [...x.shape], dtype: x.dtype }) as Tensor
}
