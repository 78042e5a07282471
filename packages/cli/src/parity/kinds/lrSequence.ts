/** Cases of kind `lr_sequence`: the learning rates of two groups of parameters over the steps of a scheduler. */
import { Parameter, type Tensor, tensor } from '@adjoint/core'
import {
  chained,
  constantFactor,
  cosineAnnealing,
  cosineWarmRestarts,
  cyclic,
  cyclicMomentum,
  exponentialDecay,
  linearRamp,
  multipliedBy,
  multiStepDecay,
  oneCycle,
  oneCycleMomentum,
  polynomialDecay,
  ReduceOnPlateau,
  type Schedule,
  Scheduler,
  type SettingSchedules,
  SGD,
  scaledBy,
  sequence,
  stepDecay,
} from '@adjoint/nn'
import { Attributes } from '../attributes.ts'
import { classOf } from '../classes.ts'
import { NotCovered, ParityInputError } from '../errors.ts'
import { Fields } from '../fields.ts'
import type { ParityCase } from '../format.ts'
import { formulaOf } from '../formula.ts'
import { type Comparison, type Outcome, verdictOn } from '../outcome.ts'
import { differenceOf } from '../tensors.ts'

/** The options of a schedule: our name of each, and what PyTorch calls it, left out where the case has nothing. */
function optionsOf(a: Attributes, names: Readonly<Record<string, string>>): Record<string, number> {
  const found: Record<string, number> = {}
  for (const [ours, torch] of Object.entries(names)) {
    const value = a.optionalNumber(torch)
    if (value !== undefined) found[ours] = value
  }
  return found
}

/** Makes the schedules of one group, the i-th, from PyTorch's arguments. */
type Make = (a: Attributes, group: number) => Schedule | SettingSchedules

/** A number for all groups, or a list with one for each. */
function ofGroup(a: Attributes, name: string, group: number): { readonly value?: number } {
  const numbers = a.optionalNumbers(name)
  if (numbers === undefined) return {}
  return { value: numbers.length === 1 ? numbers[0]! : numbers[group]! }
}

const given = <Name extends string>(name: Name, { value }: { readonly value?: number }) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: number }

/** A function of the step, from an expression in t. */
function functionOf(a: Attributes, name: string): (t: number) => number {
  const formula = formulaOf(a.text(name).replaceAll('**', '^'))
  return t => formula({ t: tensor(t, { dtype: 'float64' }) as Tensor }).item()
}

const SCHEDULES: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['StepLR', a => stepDecay(optionsOf(a, { every: 'step_size', factor: 'gamma' }) as { every: number })],
  [
    'MultiStepLR',
    a => multiStepDecay({ milestones: a.numbers('milestones'), ...optionsOf(a, { factor: 'gamma' }) }),
  ],
  ['ConstantLR', a => constantFactor(optionsOf(a, { factor: 'factor', steps: 'total_iters' }))],
  [
    'LinearLR',
    a => linearRamp(optionsOf(a, { from: 'start_factor', to: 'end_factor', steps: 'total_iters' })),
  ],
  ['ExponentialLR', a => exponentialDecay({ factor: a.number('gamma') })],
  ['PolynomialLR', a => polynomialDecay(optionsOf(a, { steps: 'total_iters', power: 'power' }))],
  [
    'CosineAnnealingLR',
    a => cosineAnnealing({ steps: a.number('T_max'), ...optionsOf(a, { minimum: 'eta_min' }) }),
  ],
  [
    'CosineAnnealingWarmRestarts',
    a =>
      cosineWarmRestarts({
        period: a.number('T_0'),
        ...optionsOf(a, { growth: 'T_mult', minimum: 'eta_min' }),
      }),
  ],
  ['LambdaLR', a => scaledBy(functionOf(a, 'lr_lambda'))],
  ['MultiplicativeLR', a => multipliedBy(functionOf(a, 'lr_lambda'))],
  ['OneCycleLR', oneCycles],
  ['CyclicLR', cycles],
  ['SequentialLR', (a, group) => sequence(parts(a, group), a.numbers('milestones'))],
  ['ChainedScheduler', (a, group) => chained(...parts(a, group))],
])

/** What a cycle does to the momentum, unless it is told not to. */
function withMomentum(a: Attributes, learningRate: Schedule, momentum: Schedule): SettingSchedules {
  return a.boolean('cycle_momentum', true) ? { learningRate, momentum } : { learningRate }
}

function oneCycles(a: Attributes, group: number): SettingSchedules {
  const epochs = optionsOf(a, { epochs: 'epochs', steps: 'steps_per_epoch' })
  const shape = {
    steps: a.optionalNumber('total_steps') ?? (epochs.epochs ?? Number.NaN) * (epochs.steps ?? Number.NaN),
    ...optionsOf(a, { warmUp: 'pct_start' }),
    annealing: a.word('anneal_strategy', ['cos', 'linear'], 'cos') === 'cos' ? 'cosine' : 'linear',
    threePhase: a.boolean('three_phase', false),
  } as const
  const rate = oneCycle({
    ...shape,
    ...given('maximum', ofGroup(a, 'max_lr', group)),
    ...optionsOf(a, { startDivisor: 'div_factor', endDivisor: 'final_div_factor' }),
  })
  const momentum = oneCycleMomentum({
    ...shape,
    ...given('minimum', ofGroup(a, 'base_momentum', group)),
    ...given('maximum', ofGroup(a, 'max_momentum', group)),
  })
  return withMomentum(a, rate, momentum)
}

function cycles(a: Attributes, group: number): SettingSchedules {
  const mode = a.word('mode', ['triangular', 'triangular2', 'exp_range'], 'triangular')
  const scale = a.has('scale_fn') ? functionOf(a, 'scale_fn') : undefined
  const isByCycle = a.word('scale_mode', ['cycle', 'iterations'], 'cycle') === 'cycle'
  const shape = {
    mode: mode === 'exp_range' ? 'exponential' : mode,
    ...optionsOf(a, { stepsUp: 'step_size_up', stepsDown: 'step_size_down', factor: 'gamma' }),
    ...(scale && { [isByCycle ? 'heightOfCycle' : 'heightOfStep']: scale }),
  } as const
  const [minimum, maximum] = ['base_lr', 'max_lr'].map(name => ofGroup(a, name, group).value ?? Number.NaN)
  const rate = cyclic({ ...shape, minimum: minimum!, maximum: maximum! })
  const momentum = cyclicMomentum({
    ...shape,
    ...given('minimum', ofGroup(a, 'base_momentum', group)),
    ...given('maximum', ofGroup(a, 'max_momentum', group)),
  })
  return withMomentum(a, rate, momentum)
}

/** The schedules inside of another one. */
function parts(a: Attributes, group: number): Schedule[] {
  return a.list('schedulers').map(part => {
    const { op, attrs } = part as { readonly op: string; readonly attrs: Record<string, unknown> }
    const schedule = schedulesOf(op, new Attributes(attrs), group)
    if (typeof schedule !== 'function') throw new NotCovered(`${op} inside of another scheduler`)
    return schedule
  })
}

function schedulesOf(op: string, a: Attributes, group: number): Schedule | SettingSchedules {
  const make = SCHEDULES.get(op)
  if (make === undefined) throw new NotCovered(`the scheduler ${op}`)
  const schedules = make(a, group)
  // They say nothing of the numbers of the run that is compared.
  for (const name of ['last_epoch', 'verbose']) a.raw(name)
  a.expectAllRead(op)
  return schedules
}

/** The scheduler of a case, made by the first and moved by the second function. */
function walkerOf({ op, attrs }: ParityCase, fields: Fields, optimizer: SGD): (row: number) => void {
  if (op !== 'ReduceLROnPlateau') {
    const schedules = optimizer.groups.map((_, i) => schedulesOf(op, new Attributes(attrs), i))
    const scheduler = new Scheduler(optimizer, schedules)
    return () => scheduler.step()
  }
  const a = new Attributes(attrs)
  const minimum = a.optionalNumbers('min_lr')
  const plateau = new ReduceOnPlateau(optimizer, {
    mode: a.word('mode', ['min', 'max'], 'min') === 'min' ? 'minimize' : 'maximize',
    thresholdMode: a.word('threshold_mode', ['rel', 'abs'], 'rel') === 'rel' ? 'relative' : 'absolute',
    ...optionsOf(a, {
      ...{ factor: 'factor', patience: 'patience', cooldown: 'cooldown' },
      ...{ threshold: 'threshold', epsilon: 'eps' },
    }),
    ...(minimum && { minimum: minimum.length === 1 ? minimum[0]! : minimum }),
  })
  a.raw('verbose')
  a.expectAllRead(op)
  const metrics = fields.numbers('metrics')
  return row => plateau.step(metrics[row - 1]!)
}

export function decideLrSequence(found: ParityCase): Outcome {
  return verdictOn([...comparisonsOf(found)], classOf(found.tags))
}

function* comparisonsOf(found: ParityCase): Generator<Comparison> {
  const { tol } = found
  if (tol === undefined) throw new ParityInputError('the case is malformed: tol is missing.')
  const fields = Fields.of(found)
  // With momentum, for the schedulers that cycle it as well.
  const groups = fields.numbers('baseLrs').map(learningRate => ({
    parameters: [new Parameter(tensor([0], { dtype: 'float64' }))],
    learningRate,
  }))
  const optimizer = new SGD(groups, { momentum: 0.9 })
  const walk = walkerOf(found, fields, optimizer)
  const rows = (name: string): number[][] =>
    fields.has(name) ? fields.list(name).map((_, at) => fields.record(name).numbers(String(at))) : []
  const momenta = rows('momenta')
  for (const [row, expected] of rows('lrs').entries()) {
    if (row > 0) walk(row)
    const compare = (what: string, actual: readonly number[], wanted: readonly number[]): Comparison => {
      const stored = { shape: [wanted.length], dtype: 'float64', data: wanted } as const
      const computed = tensor([...actual], { dtype: 'float64' }) as Tensor
      return { stage: 'value', difference: differenceOf(`${what} after ${row} steps`, computed, stored, tol) }
    }
    const settings = optimizer.groups.map(group => group.settings)
    yield compare(
      'learning rates',
      settings.map(({ learningRate }) => learningRate),
      expected,
    )
    if (row < momenta.length) {
      yield compare(
        'momenta',
        settings.map(({ momentum }) => momentum),
        momenta[row]!,
      )
    }
  }
}
