/** Cases of kind `functional`: a formula, and what the transforms of functions make of it. */
import {
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jvp,
  matmul,
  mean,
  mul,
  norm,
  sigmoid,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  vjp,
  vmap,
} from '@adjoint/core'
import { classOf } from '../classes.ts'
import type { Engine } from '../engine.ts'
import { NotCovered, ParityInputError } from '../errors.ts'
import { Fields } from '../fields.ts'
import type { ParityCase, StoredTensor, Tolerance } from '../format.ts'
import { formulaOf } from '../formula.ts'
import { type Comparison, type Outcome, type Stage, verdictOn } from '../outcome.ts'
import { differenceOf, load } from '../tensors.ts'

/** Compares a computed tensor with a stored one. */
type Compare = (stage: Stage, what: string, actual: Tensor, expected: StoredTensor) => Comparison

/** What is compared in a case of one op. */
type Run = (fields: Fields, compare: Compare, engine: Engine) => Generator<Comparison>

/** Which field belongs to which computation of a function of one tensor. */
function* oneInput(fields: Fields, compare: Compare, { run }: Engine): Generator<Comparison> {
  const [x] = fields.tensors('inputs').map(load) as [Tensor]
  const f = (y: Tensor): Tensor => formulaOf(fields.text('formula'))({ x: y })
  const given = (name: string): Tensor => load(fields.tensor(name))
  const checks: Readonly<Record<string, () => readonly (readonly [Stage, string, Tensor])[]>> = {
    value: () => [['value', 'value', run(f, x)]],
    grad: () => [['first', 'grad', run(grad(f), x)]],
    jacobian: () => [
      ['first', 'jacrev', run(jacrev(f), x)],
      ['forward', 'jacfwd', run(jacfwd(f), x)],
    ],
    hessian: () => [
      ['second', 'hessian', run(hessian(f), x)],
      ['second', 'jacrev of grad', run(jacrev(grad(f)), x)],
    ],
    hvp: () => [
      ['second', 'hvp', run((y, v) => hvp(f, y, v), x, given('v'))],
      [
        'second',
        'grad of <grad, v>',
        run(
          grad((y: Tensor) => sum(mul(grad(f)(y), given('v')))),
          x,
        ),
      ],
    ],
    // The Hessian is symmetric, the ways to the two products are not the same.
    vhp: () => [['second', 'vjp of grad', run((y, v) => vjp(grad(f), y).pullback(v), x, given('v'))]],
    jvp: () => [['forward', 'jvp', run((y, v) => jvp(f, y, v).tangent, x, given('v'))]],
    vjp: () => [['first', 'vjp', run((y, c) => vjp(f, y).pullback(c), x, given('c'))]],
    hessianOfWeightedSum: () => [
      [
        'second',
        'hessian of <c, f>',
        run(
          hessian((y: Tensor) => sum(mul(f(y), given('c')))),
          x,
        ),
      ],
    ],
  }
  yield* compareAll(fields, compare, checks)
}

/** A function of a matrix A and a vector x, differentiated as one function of the pair. */
function* twoInputs(fields: Fields, compare: Compare, { run }: Engine): Generator<Comparison> {
  const inputs = fields.tensors('inputs').map(load)
  const f = ([A, x]: readonly Tensor[]): Tensor => formulaOf(fields.text('formula'))({ A: A!, x: x! })
  const direction = (): Tensor[] => fields.tensors('v').map(load)
  yield* compareLists(fields, compare, {
    value: () => [['value', 'value', [run(f, inputs)]]],
    grads: () => [['first', 'grad', run(grad(f), inputs)]],
    hvp: () => [['second', 'hvp', run((x, v) => hvp(f, x, v) as Tensor[], inputs, direction())]],
    jvp: () => [['forward', 'jvp', [run((x, v) => jvp(f, x, v).tangent, inputs, direction())]]],
  })
  if (!fields.has('hessianBlocks')) return
  const blocks = run(hessian(f), inputs) as unknown as Tensor[][]
  for (const [i, row] of fields.list('hessianBlocks').entries()) {
    for (const [j, expected] of (row as StoredTensor[]).entries())
      yield compare('second', `hessian block ${i}, ${j}`, blocks[i]![j]!, expected)
  }
}

/** All partial derivatives of a function of numbers, each as a derivative of the one before. */
function* mixedPartials(fields: Fields, compare: Compare, { run }: Engine): Generator<Comparison> {
  type Numbers = readonly Tensor[]
  const inputs: Numbers = fields.tensors('inputs').map(load)
  const names = ['x', 'y', 'z', 'w']
  const f = formulaOf(fields.text('formula'))
  const value = (args: Numbers): Tensor => f(Object.fromEntries(args.map((x, i) => [names[i]!, x])))
  const derivatives = new Map<string, (args: Numbers) => Tensor>([['', value]])
  /** The derivative of a key `i,j,k` by its last index, of the one that the key begins with. */
  const derivativeOf = (key: string): ((args: Numbers) => Tensor) => {
    const known = derivatives.get(key)
    if (known !== undefined) return known
    const cut = key.lastIndexOf(',')
    const [earlier, index] = [derivativeOf(key.slice(0, Math.max(cut, 0))), Number(key.slice(cut + 1))]
    const found = (args: Numbers): Tensor => {
      const by = (x: Tensor): Tensor => earlier(args.map((arg, i) => (i === index ? x : arg)))
      return grad(by)(args[index]!)
    }
    derivatives.set(key, found)
    return found
  }
  yield compare('value', 'value', run(value, inputs), fields.scalar('value'))
  const partials = fields.record('partials')
  for (const key of partials.names()) {
    if (!key.split(',').every(index => Number(index) in inputs))
      throw new ParityInputError(`the case is malformed: partials has the key "${key}".`)
    const stage = key.includes(',') ? 'second' : 'first'
    yield compare(stage, `partial derivative ${key}`, run(derivativeOf(key), inputs), partials.scalar(key))
  }
}

/** Derivatives of a function of a number, by reverse mode over itself and by forward mode over itself. */
function* toOrderSix(fields: Fields, compare: Compare, { run }: Engine): Generator<Comparison> {
  const [x] = fields.tensors('inputs').map(load) as [Tensor]
  const one = tensor(1, { dtype: 'float64' }) as Tensor
  const f = (y: Tensor): Tensor => formulaOf(fields.text('formula'))({ x: y })
  let [backward, forward] = [f, f]
  for (const [order, expected] of fields.numbers('derivatives').entries()) {
    if (order > 0) {
      const [before, ahead] = [backward, forward]
      backward = grad(before)
      forward = y => jvp(ahead, y, one).tangent
    }
    const stored: StoredTensor = { shape: [], dtype: 'float64', data: [expected] }
    const stage = (['value', 'first'] as const)[order] ?? 'second'
    yield compare(stage, `derivative ${order}`, run(backward, x), stored)
    if (order > 0) yield compare('forward', `derivative ${order}, forward mode`, run(forward, x), stored)
  }
}

const ACTIVATIONS: Readonly<Record<string, (x: Tensor) => Tensor>> = { tanh, sigmoid }

/** The network of one hidden layer that the last three ops share: examples are rows. */
function networkOf(fields: Fields): (params: readonly Tensor[], X: Tensor) => Tensor {
  const name = fields.text('activation')
  if (!Object.hasOwn(ACTIVATIONS, name)) throw new NotCovered(`a network with ${name}`)
  const activation = ACTIVATIONS[name]!
  return ([W1, b1, W2, b2], X) => {
    const hidden = activation(matmul(X, W1!.transpose() as Tensor).add(b1!) as Tensor)
    return matmul(hidden, W2!.transpose() as Tensor).add(b2!) as Tensor
  }
}

const expectFormula = (fields: Fields, formula: string): void => {
  if (fields.text('formula') !== formula) throw new NotCovered(`the formula ${fields.text('formula')}`)
}

/** One gradient for each example, and their mean. */
function* perSampleGradients(fields: Fields, compare: Compare, { run }: Engine): Generator<Comparison> {
  expectFormula(fields, 'loss_i = sum((W2 @ act(W1 x_i + b1) + b2 - y_i)^2)')
  const net = networkOf(fields)
  const params = fields.tensors('params').map(load)
  const [X, Y] = [load(fields.tensor('X')), load(fields.tensor('Y'))]
  const loss = (p: readonly Tensor[], x: Tensor, y: Tensor): Tensor => sum(square(sub(net(p, x), y)))
  const found = run(vmap(grad(loss), { inAxes: [null, 0, 0] }), params, X, Y) as Tensor[]
  for (const [i, row] of fields.list('perSample').entries()) {
    for (const [k, expected] of (row as StoredTensor[]).entries())
      yield compare('first', `gradient of parameter ${k} in example ${i}`, found[k]!.slice(i), expected)
  }
  if (!fields.has('total')) return
  for (const [k, expected] of fields.tensors('total').entries()) {
    const total = run(
      grad((p: readonly Tensor[]) => loss(p, X, Y)),
      params,
    )[k]!
    yield compare('first', `gradient of the sum by parameter ${k}`, total, expected)
    yield compare('first', `sum of the gradients by parameter ${k}`, sum(found[k]!, 0), expected)
  }
}

/** A loss that contains a gradient. */
function* gradientPenalty(fields: Fields, compare: Compare, { run }: Engine): Generator<Comparison> {
  expectFormula(
    fields,
    'gx = d sum(net(X)) / dX; penalty = mean((norm2(gx, dim 1) - 1)^2); gradients of the penalty w.r.t. W1 b1 W2 b2 X',
  )
  const net = networkOf(fields)
  const params = fields.tensors('params').map(load)
  const X = load(fields.tensor('X'))
  const slope = (p: readonly Tensor[], x: Tensor): Tensor => grad(y => sum(net(p, y)))(x)
  const penalty = ([x, ...p]: readonly Tensor[]): Tensor =>
    mean(square(sub(norm(slope(p, x!), 1), 1))) as Tensor
  yield compare('first', 'gradient of the input', run(slope, params, X), fields.tensor('inputGradient'))
  yield compare('value', 'penalty', run(penalty, [X, ...params]), fields.scalar('penalty'))
  const [byX, ...byParams] = run(grad(penalty), [X, ...params])
  for (const [k, expected] of fields.tensors('grads').entries())
    yield compare('second', `gradient of the penalty ${k}`, [...byParams, byX!][k]!, expected)
}

/** A gradient through three steps of gradient descent. */
function* metaGradient(fields: Fields, compare: Compare, { run }: Engine): Generator<Comparison> {
  expectFormula(
    fields,
    '3 steps of p <- p - lr * d mean((net(X)-Y)^2)/dp kept in the graph; final loss differentiated w.r.t. lr and the initial params',
  )
  const net = networkOf(fields)
  const [X, Y] = [load(fields.tensor('X')), load(fields.tensor('Y'))]
  const loss = (p: readonly Tensor[]): Tensor => mean(square(sub(net(p, X), Y)))
  const trained = ({ lr, params }: { lr: Tensor; params: Tensor[] }): Tensor => {
    let p: readonly Tensor[] = params
    for (let step = 0; step < 3; step++) {
      const slopes = grad(loss)(p)
      p = p.map((value, i) => sub(value, mul(slopes[i]!, lr)))
    }
    return loss(p)
  }
  const start = { lr: load(fields.scalar('lr')), params: fields.tensors('params').map(load) }
  yield compare('value', 'final loss', run(trained, start), fields.scalar('finalLoss'))
  const found = run(grad(trained), start)
  yield compare('second', 'gradient of the learning rate', found.lr, fields.scalar('gradLr'))
  for (const [k, expected] of fields.tensors('gradParams').entries())
    yield compare('second', `gradient of parameter ${k}`, found.params[k]!, expected)
}

/** Runs the checks whose fields the case has. */
function* compareAll(
  fields: Fields,
  compare: Compare,
  checks: Readonly<Record<string, () => readonly (readonly [Stage, string, Tensor])[]>>,
): Generator<Comparison> {
  for (const [name, run] of Object.entries(checks)) {
    if (!fields.has(name)) continue
    for (const [stage, what, actual] of run()) yield compare(stage, what, actual, fields.scalar(name))
  }
}

/** The same where a field may be a list of tensors. */
function* compareLists(
  fields: Fields,
  compare: Compare,
  checks: Readonly<Record<string, () => readonly (readonly [Stage, string, Tensor[]])[]>>,
): Generator<Comparison> {
  for (const [name, run] of Object.entries(checks)) {
    if (!fields.has(name)) continue
    const expected = Array.isArray(fields.raw(name)) ? fields.tensors(name) : [fields.scalar(name)]
    for (const [stage, what, actual] of run()) {
      for (const [i, wanted] of expected.entries()) yield compare(stage, `${what} ${i}`, actual[i]!, wanted)
    }
  }
}

const RUNS: ReadonlyMap<string, Run> = new Map(
  Object.entries({
    scalar_function: oneInput,
    vector_function: oneInput,
    two_inputs: twoInputs,
    mixed_partials: mixedPartials,
    derivatives_to_order_6: toOrderSix,
    per_sample_gradients: perSampleGradients,
    gradient_penalty: gradientPenalty,
    meta_gradient: metaGradient,
  }),
)

export function decideFunctional(found: ParityCase, engine: Engine): Outcome {
  const run = RUNS.get(found.op)
  if (run === undefined) throw new NotCovered(`no check for ${found.op}`)
  const tol: Tolerance = found.tol ?? refuseTolerance()
  const compare: Compare = (stage, what, actual, expected) => ({
    stage,
    difference: differenceOf(what, actual, expected, tol),
  })
  return verdictOn([...run(Fields.of(found), compare, engine)], classOf(found.tags))
}

function refuseTolerance(): never {
  throw new ParityInputError('the case is malformed: tol is missing.')
}
