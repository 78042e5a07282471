import { expectOptions } from '@adjoint/core/engine'
import {
  ArgumentError,
  GraphError,
  gradients,
  type Parameter,
  Tensor,
  tensor,
  zeros,
} from '@adjoint/core/functional'
import { expectUntraced } from '../module/expectUntraced.ts'
import { readTensor, type SavedTensor } from '../module/savedTensor.ts'
import { shown } from '../module/shown.ts'
import { expectParameters } from './expectParameters.ts'
import { ParameterGroup } from './group.ts'
import { expectRecord, expectSetting, settingsOf } from './options.ts'
import type { RuleSettings } from './rule.ts'
import { OptimizerStateError } from './state.ts'
import { type LinePoint, STRONG_WOLFE, type StrongWolfeOptions, strongWolfe } from './strongWolfe.ts'
import { dot, largest, plus, scaled } from './vectors.ts'

/** How the length of a step is found: it is the learning rate, or is searched. */
export type LineSearch = null | 'strongWolfe' | StrongWolfeOptions

/** Settings of {@link LBFGS}. */
export interface LBFGSOptions {
  /** Length of a step without line search, and its first trial with one. Default 1. */
  readonly learningRate?: number
  /** Most iterations of one `step`. Default 20. */
  readonly maximumIterations?: number
  /** `step` ends after the iteration in which it has called the closure this often. Default 1.25 times the iterations. */
  readonly maximumEvaluations?: number
  /** `step` ends when no element of the gradient is larger. Default 1e-7. */
  readonly gradientTolerance?: number
  /** `step` ends when no element moves by more, or the loss changes by less. Default 1e-9. */
  readonly changeTolerance?: number
  /** How many pairs of changes are remembered. Default 100. */
  readonly historySize?: number
  /** `'strongWolfe'`, or `{ curvature, ... }` to set its constants; `null`, the default, for none. */
  readonly lineSearch?: LineSearch
}

/** All settings of {@link LBFGS}. */
export interface LBFGSSettings extends RuleSettings {
  readonly maximumIterations: number
  readonly maximumEvaluations: number | null
  readonly gradientTolerance: number
  readonly changeTolerance: number
  readonly historySize: number
  readonly lineSearch: LineSearch
}

const DEFAULTS: LBFGSSettings = {
  learningRate: 1,
  maximumIterations: 20,
  maximumEvaluations: null,
  gradientTolerance: 1e-7,
  changeTolerance: 1e-9,
  historySize: 100,
  lineSearch: null,
}

/** What {@link LBFGS} remembers: plain data and tensors. */
export interface LBFGSState<Slot = Tensor> {
  readonly optimizer: 'LBFGS'
  readonly settings: object
  /** Number of iterations so far, over all calls of `step`. */
  readonly iterations: number
  /** Number of calls of the closure so far. */
  readonly evaluations: number
  /** Length of the last step along the direction. */
  readonly length: number
  /** The last direction, and the gradient where it started, `[2, n]`; `[0, n]` before the first iteration. */
  readonly last: Slot
  /** The remembered changes of the gradient and of the parameters in turn, `[2 k, n]`. */
  readonly history: Slot
}

/** A change of the gradient, y, and the change of the parameters that it belongs to, s. */
interface Change {
  readonly y: Float64Array
  readonly s: Float64Array
  /** 1 / <y, s> */
  readonly rho: number
}

/** A step: where it went, and the gradient where it started. */
interface Last {
  readonly direction: Float64Array
  readonly gradient: Float64Array
}

/**
 * L-BFGS: steps along −H ∇L with an approximation H of the inverse Hessian, made of the last changes of the gradient. For
 * losses without noise, of whole data sets. One `step` runs several iterations and needs the loss more than once, so it takes
 * a function. In every iteration, with s the last change of the parameters and y that of their gradient,
 *
 *     remember (s, y) when <y, s> > 1e-10,  γ = <y, s> / <y, y>
 *     H₀ = γ I,  H ← (I − s yᵀ / <y, s>) H (I − y sᵀ / <y, s>) + s sᵀ / <y, s> for each remembered pair
 *     W ← W − t H ∇L
 *
 * with t = α, in the very first iteration α min(1, 1 / ‖∇L‖₁), or searched by `lineSearch: 'strongWolfe'`. Nocedal and Wright,
 * Numerical optimization, algorithm 7.4; the numbers are those of PyTorch. Computes in double precision whatever the dtype of
 * the parameters.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { LBFGS } from '@adjoint/nn'
 * const w = new Parameter(tensor([-1, 1], { dtype: 'float64' }), 'w')
 * const optimizer = new LBFGS([w], { lineSearch: 'strongWolfe' })
 * // Rosenbrock's valley, with its minimum 0 at (1, 1).
 * const loss = () => {
 *   const [x, y] = [w.slice(0), w.slice(1)]
 *   return x.sub(1).square().add(y.sub(x.square()).square().mul(100))
 * }
 * optimizer.step(loss) // => 4
 * optimizer.step(loss)
 * w // => [1.000, 1.000]
 * ```
 */
export class LBFGS {
  readonly name = 'LBFGS'
  /** One group, of all parameters. */
  readonly groups: readonly [ParameterGroup<LBFGSSettings>]
  #iterations = 0
  #evaluations = 0
  #length = 0
  #last: Last | undefined
  #history: Change[] = []

  /**
   * @param parameters what to update, as from `parameters(model)`
   * @throws ArgumentError when there are no parameters, and for settings that are unknown or out of range.
   */
  constructor(parameters: Iterable<Parameter>, options: LBFGSOptions = {}) {
    const list = expectParameters('LBFGS', parameters)
    this.groups = [new ParameterGroup(list, expectRecord('LBFGS', options), complete)]
  }

  /** The length of a step without line search; may be changed at any time. */
  get learningRate(): number {
    return this.groups[0].learningRate
  }

  set learningRate(rate: number) {
    this.groups[0].learningRate = rate
  }

  /**
   * Runs some iterations.
   *
   * @param closure computes the loss at the present values of the parameters: a recorded tensor of one element. It needs no
   * `backward()`, and leaves no gradients behind.
   * @returns the loss before the first iteration
   * @throws GraphError when the closure returns a loss that was not recorded, and while a function is traced.
   */
  step(closure: () => Tensor): number {
    expectUntraced(
      'LBFGS.step',
      'decides by values of the loss how far it goes, which a function that is traced does not have; call it outside.',
    )
    const { learningRate, changeTolerance, ...settings } = this.groups[0].settings
    const { maximumIterations, gradientTolerance, historySize } = settings
    const maximumEvaluations = settings.maximumEvaluations ?? Math.floor(1.25 * maximumIterations)
    const search = searchSettings(settings.lineSearch)
    const before = this.#evaluations
    let { loss, gradient } = this.#evaluate(closure)
    const first = loss
    let isDone = largest(gradient) <= gradientTolerance
    for (let i = 1; i <= maximumIterations && !isDone; i++) {
      this.#iterations++
      const last = this.#last
      if (last !== undefined) remember(this.#history, last, this.#length, gradient, historySize)
      const direction = quasiNewton(this.#history, gradient)
      this.#last = { direction, gradient }
      const start: LinePoint = { step: 0, loss, gradient, slope: dot(gradient, direction) }
      const size = gradient.reduce((sum, x) => sum + Math.abs(x), 0)
      this.#length = (last === undefined ? Math.min(1, 1 / size) : 1) * learningRate
      if (start.slope > -changeTolerance) break

      const origin = this.#values()
      const moveTo = (step: number): void => this.#assign(plus(origin, direction, step))
      const isLast = i === maximumIterations
      if (search !== undefined) {
        const evaluateAt = (step: number): { loss: number; gradient: Float64Array } => {
          moveTo(step)
          return this.#evaluate(closure)
        }
        const { point } = strongWolfe(evaluateAt, direction, start, this.#length, search)
        this.#length = point.step
        moveTo(point.step)
        ;({ loss, gradient } = point)
      } else {
        moveTo(this.#length)
        // In the last iteration nobody asks for the loss any more.
        if (!isLast) ({ loss, gradient } = this.#evaluate(closure))
      }
      isDone =
        this.#evaluations - before >= maximumEvaluations ||
        largest(gradient) <= gradientTolerance ||
        largest(direction) * Math.abs(this.#length) <= changeTolerance ||
        Math.abs(loss - start.loss) < changeTolerance
    }
    return first
  }

  /** What the optimizer remembers, to be saved; `JSON.stringify` writes it as text. Later steps do not change it. */
  get state(): LBFGSState {
    const last = this.#last === undefined ? [] : [this.#last.direction, this.#last.gradient]
    return {
      optimizer: 'LBFGS',
      settings: this.groups[0].settings,
      iterations: this.#iterations,
      evaluations: this.#evaluations,
      length: this.#length,
      last: rowsOf(last, this.#size),
      history: rowsOf(
        this.#history.flatMap(({ y, s }) => [y, s]),
        this.#size,
      ),
    }
  }

  /**
   * Goes on from a saved state, of an LBFGS over as many numbers; also when it went through JSON. Everything is checked before
   * anything is changed.
   *
   * @throws OptimizerStateError when it does not fit; nothing is changed then.
   */
  loadState(state: LBFGSState<Tensor | SavedTensor>): void {
    const found = Object(state) as { readonly [Key in keyof LBFGSState]?: unknown }
    const problems: string[] = []
    if (found.optimizer !== 'LBFGS')
      problems.push(`optimizer is ${shown(found.optimizer)}, needed is 'LBFGS'`)
    for (const key of ['iterations', 'evaluations'] as const) {
      if (Number.isSafeInteger(found[key]) && (found[key] as number) >= 0) continue
      problems.push(`${key} is ${shown(found[key])}, needed is a whole number from 0 up`)
    }
    if (!Number.isFinite(found.length)) problems.push(`length is ${shown(found.length)}, needed is a number`)
    const settings = settingsFrom(found.settings)
    if (typeof settings === 'string') problems.push(settings)
    const last = this.#readRows('last', found.last, rows => rows === 0 || rows === 2)
    const history = this.#readRows('history', found.history, rows => rows % 2 === 0)
    for (const read of [last, history]) if (typeof read === 'string') problems.push(read)
    if (problems.length > 0) throw new OptimizerStateError('LBFGS.loadState', problems)

    const [direction, gradient] = last as Float64Array[]
    const pairs = history as Float64Array[]
    this.groups[0].change(settings as LBFGSSettings)
    this.#iterations = found.iterations as number
    this.#evaluations = found.evaluations as number
    this.#length = found.length as number
    this.#last = direction === undefined ? undefined : { direction, gradient: gradient! }
    this.#history = Array.from({ length: pairs.length / 2 }, (_, i) =>
      change(pairs[2 * i]!, pairs[2 * i + 1]!),
    )
  }

  /** The loss and the gradient at the present values, the gradient as one flat array. */
  #evaluate(closure: () => Tensor): { readonly loss: number; readonly gradient: Float64Array } {
    this.#evaluations++
    const loss = closure()
    if (!(loss instanceof Tensor)) {
      throw new ArgumentError('LBFGS.step', `the closure must return the loss, a tensor; got ${shown(loss)}.`)
    }
    if (!loss.requiresGrad) {
      const message =
        'the closure must compute the loss anew, with recorded ops, each time that it is called.'
      throw new GraphError('LBFGS.step', message)
    }
    const parts = gradients(loss, this.groups[0].parameters)
    return { loss: loss.item(), gradient: flat(parts, this.#size) }
  }

  get #size(): number {
    return this.groups[0].parameters.reduce((sum, { size }) => sum + size, 0)
  }

  #values(): Float64Array {
    return flat(this.groups[0].parameters, this.#size)
  }

  #assign(values: Float64Array): void {
    let at = 0
    for (const parameter of this.groups[0].parameters) {
      const { shape, dtype, size } = parameter
      parameter.assign(tensor(values.slice(at, at + size), { shape: [...shape], dtype }))
      at += size
    }
  }

  /** The rows of a saved matrix, or what is wrong with it. */
  #readRows(name: string, saved: unknown, fits: (rows: number) => boolean): Float64Array[] | string {
    const columns = this.#size
    const { shape } = Object(saved) as { readonly shape?: unknown }
    const rows: unknown = Array.isArray(shape) ? shape[0] : undefined
    if (!Number.isSafeInteger(rows) || !fits(rows as number)) return `${name} is no list of pairs`
    const { length } = (Object(saved) as { readonly data?: { readonly length?: unknown } }).data ?? {}
    const isMade = saved instanceof Tensor || length === (rows as number) * columns
    if (!isMade) return `${name} holds other numbers than its shape says`
    const read = readTensor(saved, zeros([rows as number, columns], { dtype: 'float64' }))
    if (typeof read === 'string') return `${name} ${read}`
    const data = Float64Array.from(read.data())
    return Array.from({ length: rows as number }, (_, i) => data.slice(i * columns, (i + 1) * columns))
  }
}

/** Settings over the defaults, checked. */
function complete(options: Partial<LBFGSSettings>): LBFGSSettings {
  const settings = settingsOf('LBFGS', options, DEFAULTS)
  for (const key of ['maximumIterations', 'historySize'] as const) {
    if (Number.isInteger(settings[key]) && settings[key] > 0) continue
    throw new ArgumentError('LBFGS', `${key} must be a whole number from 1 up, got ${settings[key]}.`)
  }
  const { maximumEvaluations, lineSearch } = settings
  if (maximumEvaluations !== null) expectSetting('LBFGS', 'maximumEvaluations', maximumEvaluations)
  const constants = searchSettings(lineSearch)
  for (const [key, value] of Object.entries(constants ?? {}))
    expectSetting('LBFGS', `lineSearch.${key}`, value)
  return settings
}

function settingsFrom(saved: unknown): LBFGSSettings | string {
  try {
    return complete({ ...(Object(saved) as Partial<LBFGSSettings>) })
  } catch (error) {
    return (error as Error).message
  }
}

function searchSettings(lineSearch: LineSearch): Required<StrongWolfeOptions> | undefined {
  if (lineSearch === null) return undefined
  if (lineSearch === 'strongWolfe') return STRONG_WOLFE
  if (typeof lineSearch !== 'object') {
    const message = `lineSearch is 'strongWolfe', its settings or null, got ${shown(lineSearch)}.`
    throw new ArgumentError('LBFGS', message)
  }
  expectOptions('LBFGS lineSearch', lineSearch, Object.keys(STRONG_WOLFE) as (keyof StrongWolfeOptions)[])
  return { ...STRONG_WOLFE, ...lineSearch }
}

/** Adds what the last step has shown, and forgets the oldest. */
function remember(
  history: Change[],
  { direction, gradient: from }: Last,
  length: number,
  gradient: Float64Array,
  historySize: number,
): void {
  const [y, s] = [plus(gradient, from, -1), scaled(direction, length)]
  // Without positive curvature along the step, H would have a negative direction.
  if (!(dot(y, s) > 1e-10)) return
  history.push(change(y, s))
  if (history.length > historySize) history.shift()
}

function change(y: Float64Array, s: Float64Array): Change {
  return { y, s, rho: 1 / dot(y, s) }
}

/** −H g, by the two loops over the remembered changes. */
function quasiNewton(history: readonly Change[], gradient: Float64Array): Float64Array {
  let direction = scaled(gradient, -1)
  const newest = history.at(-1)
  if (newest === undefined) return direction
  const shares: number[] = []
  for (let i = history.length - 1; i >= 0; i--) {
    const { y, s, rho } = history[i]!
    shares[i] = dot(s, direction) * rho
    direction = plus(direction, y, -shares[i]!)
  }
  direction = scaled(direction, dot(newest.y, newest.s) / dot(newest.y, newest.y))
  for (const [i, { y, s, rho }] of history.entries()) {
    direction = plus(direction, s, shares[i]! - dot(y, direction) * rho)
  }
  return direction
}

/** The elements of tensors, one after the other. */
function flat(parts: readonly Tensor[], size: number): Float64Array {
  const values = new Float64Array(size)
  let at = 0
  for (const part of parts) {
    values.set(part.data() as ArrayLike<number>, at)
    at += part.size
  }
  return values
}

/** A matrix of rows, `[rows, columns]`. */
function rowsOf(rows: readonly Float64Array[], columns: number): Tensor {
  const all = rows.flatMap(row => Array.from(row))
  return tensor(all, { shape: [rows.length, columns], dtype: 'float64' })
}
