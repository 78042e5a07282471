/** Cases of kind `trajectory`: the steps of an optimizer. */
import {
  add,
  gradients,
  matmul,
  mean,
  mul,
  Parameter,
  pow,
  slice,
  square,
  sub,
  sum,
  type Tensor,
} from '@adjoint/core'
import { Adam, type Optimizer, SGD } from '@adjoint/nn'
import { Attributes } from '../attributes.ts'
import { classOf } from '../classes.ts'
import { NotCovered, ParityInputError } from '../errors.ts'
import { Fields } from '../fields.ts'
import type { ParityCase } from '../format.ts'
import { type Comparison, type Outcome, verdictOn } from '../outcome.ts'
import { differenceOf, load } from '../tensors.ts'

/** Makes an optimizer with PyTorch's settings. */
type Make = (over: readonly Parameter[], a: Attributes) => Pick<Optimizer<never, never>, 'step'>

/** A setting under another name, left out when the case does not have it. */
const setting = <Name extends string>(a: Attributes, torch: string, name: Name): { [K in Name]?: number } =>
  (a.has(torch) ? { [name]: a.number(torch) } : {}) as { [K in Name]?: number }

const OPTIMIZERS: ReadonlyMap<string, Make> = new Map<string, Make>([
  [
    'SGD',
    (over, a) =>
      new SGD(over, {
        learningRate: a.number('lr'),
        nesterov: a.boolean('nesterov', false),
        ...setting(a, 'momentum', 'momentum'),
        ...setting(a, 'dampening', 'dampening'),
        ...setting(a, 'weight_decay', 'weightDecay'),
      }),
  ],
  [
    'Adam',
    (over, a) => {
      if (a.boolean('amsgrad', false)) throw new NotCovered('Adam with amsgrad: not part of @adjoint/nn yet')
      const [beta1, beta2] = a.optionalNumbers('betas') ?? [0.9, 0.999]
      return new Adam(over, {
        beta1: beta1!,
        beta2: beta2!,
        ...setting(a, 'lr', 'learningRate'),
        ...setting(a, 'eps', 'epsilon'),
        ...setting(a, 'weight_decay', 'weightDecay'),
      })
    },
  ],
])

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

export function decideTrajectory(found: ParityCase): Outcome {
  return verdictOn([...comparisonsOf(found)], classOf(found.tags))
}

function* comparisonsOf(found: ParityCase): Generator<Comparison> {
  const { op, tol } = found
  const fields = Fields.of(found)
  const make = OPTIMIZERS.get(op)
  if (make === undefined) throw new NotCovered('this optimizer: not part of @adjoint/nn yet')
  const problem = PROBLEMS.get(fields.text('problem'))
  if (problem === undefined) throw new NotCovered(`the problem ${fields.text('problem')}`)
  if (fields.has('clip')) throw new NotCovered('clipping of gradients: not part of @adjoint/nn yet')
  if (tol === undefined) throw new ParityInputError('the case is malformed: tol is missing.')
  const data = fields.record('problemData')
  const over = data.tensors('params').map(start => new Parameter(load(start)))
  const groups = fields.has('paramGroups')
    ? (fields.list('paramGroups') as Record<string, unknown>[])
    : undefined
  const attributes = (groups ?? [{}]).map(group => new Attributes({ ...found.attrs, ...group }))
  // A group of parameters with settings of its own is an optimizer of its own.
  const optimizers = attributes.map((a, i) => make(groups === undefined ? over : [over[i]!], a))
  // To climb is to descend on the negative, in one group of parameters or in all.
  const signs = attributes.map(a => (a.boolean('maximize', false) ? -1 : 1))
  const signOf = (i: number): number => signs[groups === undefined ? 0 : i]!
  for (const a of attributes) a.expectAllRead(op)

  const loss = problem(data)
  const losses = fields.has('losses') ? fields.numbers('losses') : []
  const params = fields.list('params').map((_, at) => fields.record('params').tensors(String(at)))
  for (const [step, expected] of params.entries()) {
    const value = loss(over, step)
    if (step < losses.length) {
      const stored = { shape: [], dtype: 'float64', data: [losses[step]!] } as const
      yield { stage: 'value', difference: differenceOf(`loss before step ${step + 1}`, value, stored, tol) }
    }
    // The gradient of Σ p g is g.
    gradients(value, over)
      .map((g, i): Tensor => sum(mul(over[i]!, mul(g, signOf(i)))))
      .reduce((a, b) => add(a, b))
      .backward()
    for (const optimizer of optimizers) optimizer.step()
    for (const [i, wanted] of expected.entries()) {
      const what = `parameter ${i} after step ${step + 1}`
      yield { stage: 'first', difference: differenceOf(what, over[i]!, wanted, tol) }
    }
  }
}
