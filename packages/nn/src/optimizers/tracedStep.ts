/** The step of an optimizer inside of a function that is traced: what is said once and happens in every run. */

import type { Tracing } from '@adjoint/core/engine'
import { type DType, GraphError, Parameter, stopGradient, type Tensor } from '@adjoint/core/functional'
import { markApplied } from './applied.ts'
import { assignCells, type Cells, cellsFor, hasSlots } from './cells.ts'
import type { ParameterGroup } from './group.ts'
import type { LiveStep, RuleSettings, Slots, StepReader, UpdateRule } from './rule.ts'

/** A parameter with what belongs to it. */
export interface Entry<State extends Slots, Settings extends RuleSettings> {
  readonly parameter: Parameter
  readonly group: ParameterGroup<Settings>
  step: number
  /** `undefined` before the first update. The cells themselves after a run of a traced step. */
  state: State | undefined
  /** The gradient of the last update, which is not for another one. */
  used: Tensor | undefined
  /** Where traced steps keep the state; `undefined` as long as there were none. */
  cells: Cells | undefined
}

/** What the steps of one traced function have done to an entry so far. */
interface Progress {
  readonly steps: number
  readonly used: Tensor
  readonly cells: Cells
}

/** By the trace and the entry. */
const progress: WeakMap<Tracing, Map<object, Progress>> = /* @__PURE__ */ new WeakMap()

/**
 * Updates every parameter that the traced function has left a gradient on, and says how many these are. Outside nothing
 * changes: before every run of the program the steps are counted, and the numbers that depend on them are read.
 */
export function traceStep<State extends Slots, Settings extends RuleSettings>(
  name: string,
  rule: UpdateRule<State, Settings>,
  entries: readonly Entry<State, Settings>[],
  tracing: Tracing,
): number {
  const sofar = progress.get(tracing) ?? new Map<object, Progress>()
  progress.set(tracing, sofar)
  const updates: Update<State, Settings>[] = []
  const clocks: Clock<State, Settings>[] = []
  // Gradients that wait outside are read before the step is noted, after which they have done their work.
  for (const { parameter } of entries) tracing.takePart(parameter)
  // Before the numbers, which are those of the new step.
  tracing.beforeRun(
    () => {
      for (const update of updates) begin(update, rule)
    },
    () => updates.forEach(takeBack),
  )
  for (const entry of entries) {
    const { parameter, group } = entry
    const before = sofar.get(entry)
    const gradient = parameter.grad
    if (gradient === null || gradient === before?.used) continue
    const steps = (before?.steps ?? 0) + 1
    const state =
      before?.cells ??
      cellsFor(parameter.name!, entry.state ?? rule.init(parameter, group.settings), entry.cells)
    const clock = clocks.find(one => one.belongs(entry, steps)) ?? new Clock(entry, steps, tracing)
    clock.entries.push(entry)
    if (clock.entries.length === 1) clocks.push(clock)
    const next = rule.update({
      value: parameter,
      gradient,
      state: state as unknown as State,
      settings: guardedSettings(name, group.settings),
      live: clock,
      get step(): number {
        throw liveError(name, 'step', 'step')
      },
    })
    const cells = cellsFor(parameter.name!, next.state, state)
    // A rule may remember the value from before, or return what it remembered: nothing is assigned before all is read.
    const value = next.value instanceof Parameter ? stopGradient(next.value) : next.value
    assignCells(cells, next.state)
    parameter.assign(value)
    parameter.gradTime = Number.NaN
    markApplied(parameter, gradient)
    sofar.set(entry, { steps, used: gradient, cells })
    entry.cells ??= cells
    updates.push({ entry, before: state, after: cells, isFirst: before === undefined, prior: undefined })
  }
  const count = entries.length
  const groups = [...new Set(updates.map(({ entry }) => entry.group))]
  const settings = groups.map(group => group.settings)
  tracing.guard(
    () =>
      entries.length === count &&
      updates.every(isAsTraced) &&
      clocks.every(clock => clock.isCommon()) &&
      groups.every((group, i) => differOnlyInRate(group.settings, settings[i]!)),
  )
  return updates.length
}

/** An update of a traced step: the cells that it reads, and those that it leaves. */
interface Update<State extends Slots, Settings extends RuleSettings> {
  readonly entry: Entry<State, Settings>
  readonly before: Cells
  readonly after: Cells
  /** Whether it is the first one of its entry in the function. */
  readonly isFirst: boolean
  /** What the entry remembered before the last run. */
  prior: State | undefined
}

/** What an update does on the host before every run. */
function begin<State extends Slots, Settings extends RuleSettings>(
  update: Update<State, Settings>,
  { init }: UpdateRule<State, Settings>,
): void {
  const { entry, before, after } = update
  const { parameter, group, state } = entry
  update.prior = state
  if ((state as unknown) !== before) assignCells(before, state ?? init(parameter, group.settings))
  entry.step++
  entry.state = after as unknown as State
  entry.cells = after
  // A gradient from outside belongs to values that are gone after the step.
  if (parameter.grad === null) return
  entry.used = parameter.grad
  markApplied(parameter, parameter.grad)
  parameter.gradTime = Number.NaN
}

/** A run that failed was no step. A gradient from outside stays used: it was there for this step. */
function takeBack<State extends Slots, Settings extends RuleSettings>({
  entry,
  prior,
}: Update<State, Settings>): void {
  entry.step--
  entry.state = prior
}

/** Whether an entry remembers by the names that the function was traced with. */
function isAsTraced<State extends Slots, Settings extends RuleSettings>({
  entry: { state },
  before,
  isFirst,
}: Update<State, Settings>): boolean {
  return !isFirst || state === undefined || (state as unknown) === before || hasSlots(before, state)
}

/** Parameters of a group that take the same step, and the numbers of that step. */
class Clock<State extends Slots, Settings extends RuleSettings> implements LiveStep<Settings> {
  readonly entries: Entry<State, Settings>[] = []
  readonly #group: ParameterGroup<Settings>
  readonly #first: Entry<State, Settings>
  readonly #steps: number
  readonly #tracing: Tracing
  readonly #numbers = new Map<StepReader<Settings, number>, Map<DType, Tensor<[]>>>()

  constructor(first: Entry<State, Settings>, steps: number, tracing: Tracing) {
    this.#group = first.group
    this.#first = first
    this.#steps = steps
    this.#tracing = tracing
  }

  belongs({ group, step }: Entry<State, Settings>, steps: number): boolean {
    return group === this.#group && steps === this.#steps && step === this.#first.step
  }

  /** Whether the parameters have still taken as many steps as each other. */
  isCommon(): boolean {
    return this.entries.every(({ step }) => step === this.#first.step)
  }

  number(read: StepReader<Settings, number>, dtype: DType): Tensor<[]> {
    const known = this.#numbers.get(read) ?? new Map<DType, Tensor<[]>>()
    this.#numbers.set(read, known)
    const number =
      known.get(dtype) ??
      (this.#tracing.hosted([], dtype, (storage, offset) => {
        storage[offset] = read(this.#group.settings, this.#first.step)
      }) as Tensor<[]>)
    known.set(dtype, number)
    return number
  }

  phase<Value>(read: StepReader<Settings, Value>): Value {
    const present = (): Value => read(this.#group.settings, this.#first.step + this.#steps)
    this.#tracing.guard(present)
    return present()
  }
}

/** Settings without the one that changes between runs. */
function guardedSettings<Settings extends RuleSettings>(name: string, settings: Settings): Settings {
  return Object.defineProperty({ ...settings }, 'learningRate', {
    get: () => {
      throw liveError(name, 'settings.learningRate', 'settings.learningRate')
    },
  })
}

function liveError(name: string, what: string, read: string): GraphError {
  return new GraphError(
    `${name}.step`,
    `the rule reads ${what}, which is another one in every run of a function that is traced. Take it with ` +
      `stepNumber(inputs, (settings, step) => ${read}), for a number to compute with, or with stepPhase, to branch on it.`,
  )
}

function differOnlyInRate<Settings extends RuleSettings>(now: Settings, traced: Settings): boolean {
  if (now === traced) return true
  const keys = Object.keys(traced) as (keyof Settings)[]
  return keys.every(key => key === 'learningRate' || Object.is(now[key], traced[key]))
}
