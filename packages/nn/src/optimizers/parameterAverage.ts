/** The part that the averages over the steps share. */

import { currentTracing, liveNumber, type Tracing } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  mul,
  noGrad,
  Parameter,
  stopGradient,
  sub,
  type Tensor,
} from '@adjoint/core/functional'
import { readTensor, type SavedTensor } from '../module/savedTensor.ts'
import { shown } from '../module/shown.ts'
import { copyOf } from './cells.ts'
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
  /** Cells, once they were asked for. */
  #averages: readonly Tensor[] | readonly Parameter[]
  #updates = 0
  /** How often functions that are being traced have updated so far. */
  readonly #traced = new WeakMap<Tracing, number>()

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
    return this.#averages.map(x => (x instanceof Parameter ? copyOf(x) : x))
  }

  /** The averages as parameters that change, for functions that are traced: what is assigned to one is the average then. */
  get cells(): readonly Parameter[] {
    if (this.#averages.every(x => x instanceof Parameter)) return this.#averages as readonly Parameter[]
    const cells = this.#averages.map((x, i) => {
      return new Parameter(x, `${this.name}.${this.parameters[i]!.name}`, { trainable: false })
    })
    this.#averages = cells
    return cells
  }

  /** Takes the present values into the average. Call it after the step of the optimizer. */
  update(): void {
    const tracing = currentTracing()
    if (tracing === undefined) {
      const weight = this.#weight(++this.#updates)
      this.#store(noGrad(() => this.#moved(() => weight)))
      return
    }
    const count = (this.#traced.get(tracing) ?? 0) + 1
    this.#traced.set(tracing, count)
    const isCopy = (): boolean => this.#weight(this.#updates + count) === 1
    tracing.guard(isCopy)
    tracing.beforeRun(
      () => {
        this.#updates++
      },
      () => {
        this.#updates--
      },
    )
    const cells = this.cells
    const weight = isCopy()
      ? () => 1
      : (dtype: 'float32' | 'float64') => liveNumber(() => this.#weight(this.#updates), dtype)
    const moved = noGrad(() => this.#moved(weight))
    for (const [i, cell] of cells.entries()) cell.assign(moved[i]!)
  }

  /** The averages with the present values in them. */
  #moved(weightOf: (dtype: 'float32' | 'float64') => number | Tensor<[]>): Tensor[] {
    return this.parameters.map((parameter, i) => {
      const [average, { dtype }] = [this.#averages[i]!, parameter]
      const weight = dtype === 'float32' || dtype === 'float64' ? weightOf(dtype) : 1
      return weight === 1 ? presentOf(parameter) : add(average, mul(sub(parameter, average), weight))
    })
  }

  /** Remembers, where it is already or in the same cells. */
  #store(averages: readonly Tensor[]): void {
    if (this.#averages.every(x => !(x instanceof Parameter))) this.#averages = averages
    else for (const [i, cell] of this.cells.entries()) cell.assign(averages[i]!)
  }

  /**
   * Runs `body` while the parameters have the averaged values, and gives them their own back, also when `body` throws. For
   * evaluation between steps; gradients that are being added up over several `backward()` start afresh afterwards.
   *
   * @throws ArgumentError when `body` is asynchronous: the scope would end before it does.
   */
  withAverage<Result>(body: () => Result): Result {
    const own = this.parameters.map(presentOf)
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
    for (const [i, parameter] of this.parameters.entries()) {
      const average = this.#averages[i]!
      parameter.assign(average instanceof Parameter ? presentOf(average) : average)
    }
  }

  /** What is remembered, to be saved; `JSON.stringify` writes it as text. */
  get state(): AverageState {
    return { updates: this.#updates, averages: this.averages }
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
    this.#store((read as Tensor[]).map(copyOf))
  }
}

/** The values of a parameter now, also while a function is traced. */
function presentOf(x: Tensor): Tensor {
  return currentTracing() === undefined ? copyOf(x) : stopGradient(x)
}
