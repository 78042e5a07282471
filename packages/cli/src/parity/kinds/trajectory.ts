/** Cases of kind `trajectory`: the steps of an optimizer. */
import { add, matmul, mean, mul, Parameter, pow, slice, square, sub, sum, type Tensor } from '@adjoint/core'
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  ASGD,
  clipGradientNorm,
  clipGradientValue,
  type GroupOptions,
  LBFGS,
  NAdam,
  RAdam,
  RMSprop,
  Rprop,
  type RuleSettings,
  SGD,
} from '@adjoint/nn'
import { Attributes } from '../attributes.ts'
import { classOf } from '../classes.ts'
import type { Engine } from '../engine.ts'
import { NotCovered, ParityInputError } from '../errors.ts'
import { Fields } from '../fields.ts'
import type { ParityCase } from '../format.ts'
import { type Comparison, type Outcome, verdictOn } from '../outcome.ts'
import { differenceOf, load } from '../tensors.ts'

/** Groups with settings by our names, as every optimizer takes them. */
type Groups = readonly GroupOptions<RuleSettings>[]

/** An optimizer of this package, and what its settings are called in PyTorch. */
interface Known {
  readonly make: (groups: never) => { step(): void }
  readonly settings: readonly string[]
}

/** Our names of PyTorch's settings; a list for one that is several of ours. */
const NAMES: Readonly<Record<string, string | readonly string[]>> = {
  lr: 'learningRate',
  betas: ['beta1', 'beta2'],
  eps: 'epsilon',
  weight_decay: 'weightDecay',
  momentum: 'momentum',
  dampening: 'dampening',
  nesterov: 'nesterov',
  maximize: 'maximize',
  amsgrad: 'amsgrad',
  centered: 'centered',
  alpha: 'decay',
  rho: 'decay',
  lr_decay: 'learningRateDecay',
  initial_accumulator_value: 'initialAccumulator',
  momentum_decay: 'momentumDecay',
  etas: ['decrease', 'increase'],
  step_sizes: ['minimumStep', 'maximumStep'],
  lambd: 'decayTerm',
  t0: 'averageFrom',
  max_iter: 'maximumIterations',
  max_eval: 'maximumEvaluations',
  tolerance_grad: 'gradientTolerance',
  tolerance_change: 'changeTolerance',
  history_size: 'historySize',
}

/** How PyTorch computes the same numbers, which is no setting here. */
const MANNERS = ['foreach', 'capturable', 'differentiable', 'fused']

const adamSettings = ['lr', 'betas', 'eps', 'weight_decay', 'amsgrad', 'maximize']

const OPTIMIZERS: ReadonlyMap<string, Known> = new Map<string, Known>([
  [
    'SGD',
    {
      make: groups => new SGD(groups),
      settings: ['lr', 'momentum', 'dampening', 'nesterov', 'weight_decay', 'maximize'],
    },
  ],
  ['Adam', { make: groups => new Adam(groups), settings: adamSettings }],
  ['AdamW', { make: groups => new AdamW(groups), settings: adamSettings }],
  [
    'NAdam',
    {
      // The version that computed the cases took one factor twice.
      make: groups => new NAdam(groups, { legacyProduct: true }),
      settings: ['lr', 'betas', 'eps', 'weight_decay', 'momentum_decay'],
    },
  ],
  ['RAdam', { make: groups => new RAdam(groups), settings: ['lr', 'betas', 'eps', 'weight_decay'] }],
  [
    'Adamax',
    { make: groups => new Adamax(groups), settings: ['lr', 'betas', 'eps', 'weight_decay', 'maximize'] },
  ],
  [
    'Adagrad',
    {
      make: groups => new Adagrad(groups),
      settings: ['lr', 'lr_decay', 'weight_decay', 'initial_accumulator_value', 'eps', 'maximize'],
    },
  ],
  [
    'Adadelta',
    { make: groups => new Adadelta(groups), settings: ['lr', 'rho', 'eps', 'weight_decay', 'maximize'] },
  ],
  [
    'RMSprop',
    {
      make: groups => new RMSprop(groups),
      settings: ['lr', 'alpha', 'eps', 'weight_decay', 'momentum', 'centered', 'maximize'],
    },
  ],
  ['Rprop', { make: groups => new Rprop(groups), settings: ['lr', 'etas', 'step_sizes', 'maximize'] }],
  [
    'ASGD',
    {
      make: groups => new ASGD(groups),
      settings: ['lr', 'lambd', 'alpha', 't0', 'weight_decay', 'maximize'],
    },
  ],
])

/** PyTorch's settings by our names. */
function settingsOf(a: Attributes, op: string, names: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const torch of names) {
    const value = a.raw(torch)
    // The exponent of ASGD is another alpha than the decay of RMSprop.
    const ours = op === 'ASGD' && torch === 'alpha' ? 'power' : NAMES[torch]!
    if (value === undefined) continue
    if (typeof ours === 'string') found[ours] = typeof value === 'boolean' ? value : a.number(torch)
    else for (const [i, number] of a.numbers(torch).entries()) found[ours[i]!] = number
  }
  for (const manner of MANNERS) a.raw(manner)
  a.expectAllRead(op)
  return found
}

/** The loss before step `step`. */
type Loss = (over: readonly Tensor[], step: number) => Tensor

const PROBLEMS: ReadonlyMap<string, (data: Fields) => Loss> = new Map<string, (data: Fields) => Loss>([
  [
    'given_grads',
    data => {
      const grads = data.list('grads').map((_, at) => data.record('grads').tensors(String(at)).map(load))
      // The gradient of Σ p g is g.
      return (over, step) =>
        over.map((p, i): Tensor => sum(mul(p, grads[step]![i]!))).reduce((a, b) => add(a, b))
    },
  ],
  [
    'least_squares',
    data => {
      const [X, Y] = [load(data.tensor('X')), load(data.tensor('Y'))]
      return ([W, b]) =>
        add(mean(square(sub(add(matmul(X, W!), b!), Y))), mul(sum(pow(W!, 4)), 0.05)) as Tensor
    },
  ],
  [
    'rosenbrock',
    () =>
      ([p]) => {
        const [p0, p1] = [slice(p!, 0), slice(p!, 1)]
        return add(square(sub(1, p0)), mul(square(sub(p1, square(p0))), 100)) as Tensor
      },
  ],
])

export function decideTrajectory(found: ParityCase, engine: Engine): Outcome {
  return verdictOn([...comparisonsOf(found, engine)], classOf(found.tags))
}

/** One step of a run: what it says of the loss, and of the norm before clipping. */
type Step = (step: number) => { readonly loss: number; readonly norm?: number }

function* comparisonsOf(found: ParityCase, engine: Engine): Generator<Comparison> {
  const { op, tol } = found
  const fields = Fields.of(found)
  const problem = PROBLEMS.get(fields.text('problem'))
  if (problem === undefined) throw new NotCovered(`the problem ${fields.text('problem')}`)
  if (tol === undefined) throw new ParityInputError('the case is malformed: tol is missing.')
  const data = fields.record('problemData')
  const over = data.tensors('params').map(start => new Parameter(load(start)))
  const loss = problem(data)
  const run =
    op === 'LBFGS' ? runOfLBFGS(found, fields, over, loss) : runOfRule(found, fields, over, loss, engine)

  const losses = fields.has('losses') ? fields.numbers('losses') : []
  const norms = fields.has('normsBeforeClip') ? fields.list('normsBeforeClip') : []
  const params = fields.list('params').map((_, at) => fields.record('params').tensors(String(at)))
  const compare = (what: string, actual: number, expected: number): Comparison => {
    const [computed, stored] = [actual, expected].map(
      number => ({ shape: [], dtype: 'float64', data: [number] }) as const,
    )
    return { stage: 'value', difference: differenceOf(what, load(computed!), stored!, tol) }
  }
  for (const [step, expected] of params.entries()) {
    const { loss: value, norm } = run(step)
    if (step < losses.length) yield compare(`loss of step ${step + 1}`, value, losses[step]!)
    const wanted = norms[step]
    if (norm !== undefined && typeof wanted === 'number') {
      yield compare(`norm of the gradients in step ${step + 1}`, norm, wanted)
    }
    for (const [i, values] of expected.entries()) {
      const what = `parameter ${i} after step ${step + 1}`
      yield { stage: 'first', difference: differenceOf(what, over[i]!, values, tol) }
    }
  }
}

/** With an optimizer that is a rule for each parameter. */
function runOfRule(
  { op, attrs }: ParityCase,
  fields: Fields,
  over: Parameter[],
  loss: Loss,
  engine: Engine,
): Step {
  const known = OPTIMIZERS.get(op)
  if (known === undefined) throw new NotCovered(`the optimizer ${op}`)
  const groups: Groups = fields.has('paramGroups')
    ? fields.list('paramGroups').map((own, i) => {
        const a = new Attributes({ ...attrs, ...(own as Record<string, unknown>) })
        return { parameters: [over[i]!], ...settingsOf(a, op, known.settings) }
      })
    : [{ parameters: over, ...settingsOf(new Attributes(attrs), op, known.settings) }]
  const optimizer = known.make(groups as never)
  const clip = fields.has('clip') ? clipOf(fields.record('clip')) : () => undefined
  const descend = (step: number): { value: Tensor; norm: Tensor | undefined } => {
    const value = loss(over, step)
    value.backward()
    const norm = clip(over)
    optimizer.step()
    return { value, norm }
  }
  return step => {
    const { value, norm } = engine.run(descend, step)
    return { loss: value.item(), ...(norm !== undefined && { norm: norm.item() }) }
  }
}

/** What is done to the gradients before a step; returns their norm, when it was computed. */
function clipOf(clip: Fields): (over: readonly Parameter[]) => Tensor | undefined {
  const unknown = clip.names().filter(name => !['max_norm', 'norm_type', 'clip_value'].includes(name))
  if (unknown.length > 0) throw new NotCovered(`clipping with ${unknown.join(', ')}`)
  if (clip.has('clip_value')) {
    const largest = clip.number('clip_value')
    return over => {
      clipGradientValue(over, largest)
      return undefined
    }
  }
  const [maximum, order] = [clip.number('max_norm'), normType(clip)]
  return over => clipGradientNorm(over, maximum, { order })
}

/** PyTorch writes infinity as `inf`. */
function normType(clip: Fields): number {
  if (!clip.has('norm_type')) return 2
  return clip.raw('norm_type') === 'inf' ? Infinity : clip.number('norm_type')
}

/** With LBFGS, which asks for the loss itself. */
function runOfLBFGS({ attrs }: ParityCase, fields: Fields, over: Parameter[], loss: Loss): Step {
  for (const name of ['paramGroups', 'clip']) if (fields.has(name)) throw new NotCovered(`LBFGS with ${name}`)
  const a = new Attributes(attrs)
  const search = a.has('line_search_fn') ? a.word('line_search_fn', ['strong_wolfe']) : undefined
  const settings = settingsOf(a, 'LBFGS', [
    ...['lr', 'max_iter', 'max_eval', 'tolerance_grad', 'tolerance_change', 'history_size'],
  ])
  const optimizer = new LBFGS(over, {
    ...settings,
    ...(search === undefined ? {} : { lineSearch: 'strongWolfe' }),
  })
  return step => ({ loss: optimizer.step(() => loss(over, step)) })
}
