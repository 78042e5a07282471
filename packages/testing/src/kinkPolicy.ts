/**
 * What gradients are where mathematics leaves a choice, as data: kinks, poles, overflow, nothing to reduce. The rule
 * behind the rows: the derivative where there is one; else the subgradient of least norm over the tensor inputs; and a
 * cotangent that is exactly 0 contributes 0, even where the local derivative is infinite. PyTorch orders its choices in
 * the same way ("Gradients for non-differentiable functions", notes/autograd).
 */

import {
  abs,
  add,
  argmax,
  cast,
  clip,
  div,
  exp,
  expm1,
  gather,
  gradients,
  greater,
  leakyRelu,
  less,
  log,
  log1p,
  logSoftmax,
  logSumExp,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  notEqual,
  pow,
  prod,
  relu,
  scatterAdd,
  sigmoid,
  sign,
  softmax,
  softplus,
  sqrt,
  square,
  strictNaN,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  variance,
  where,
} from '@adjoint/core/functional'

/** One case of the policy. */
export interface KinkRow {
  /** In words: `'relu at 0'`. */
  readonly case: string
  /** The op whose rule decides. */
  readonly op: string
  /** The numbers to be seen, or the name of the error class that is thrown. */
  readonly expected: readonly number[] | string
  /** Computes the numbers, in float64: gradients unless the case says value. */
  readonly observe: () => readonly number[]
}

/** Numbers of one input: one, or a list. */
type Point = number | readonly number[]

const { POSITIVE_INFINITY: INFINITY, NaN: NAN } = Number

/** The gradients of the sum of f with respect to all inputs, one after the other. */
function gradientAt(f: (...inputs: Tensor[]) => Tensor, ...points: readonly Point[]): readonly number[] {
  const inputs = points.map(leaf)
  return flat(gradients(sum(f(...inputs)), inputs))
}

/** The gradient of the sum of the gradient: row sums of the Hessian of the sum of f. */
function secondAt(f: (x: Tensor) => Tensor, point: Point): readonly number[] {
  const x = leaf(point)
  const [first] = gradients(sum(f(x)), [x], { createGraph: true })
  return first!.requiresGrad ? flat(gradients(sum(first!), [x])) : flat([mul(x, 0)])
}

function valueAt(f: (x: Tensor) => Tensor, point: Point): readonly number[] {
  return flat([f(leaf(point))])
}

function leaf(point: Point): Tensor {
  return tensor(point as number | number[], { dtype: 'float64', requiresGrad: true })
}

function flat(tensors: readonly Tensor[]): readonly number[] {
  return tensors.flatMap(x => [...x.data()])
}

function row(
  title: string,
  op: string,
  expected: KinkRow['expected'],
  observe: () => readonly number[],
): KinkRow {
  return { case: title, op, expected, observe }
}

const sigmoidOf = (x: number): number => 1 / (1 + Math.exp(-x))

/** The policy. `case` is unique. */
export const kinkPolicy: readonly KinkRow[] = [
  // Kinks: the subgradient of least norm.
  row('relu at 0', 'relu', [0], () => gradientAt(relu, 0)),
  row('leakyRelu, slope 0.1, at 0', 'leakyRelu', [0.1], () => gradientAt(x => leakyRelu(x, 0.1), 0)),
  row('abs at 0', 'abs', [0], () => gradientAt(abs, 0)),
  row('maximum of two tensors, tie', 'maximum', [0.5, 0.5], () => gradientAt(maximum, 3, 3)),
  row('minimum of two tensors, tie', 'minimum', [0.5, 0.5], () => gradientAt(minimum, 3, 3)),
  row('maximum of a tensor and a number, tie', 'maximum', [0], () => gradientAt(x => maximum(x, 0), 0)),
  row('minimum of a tensor and a number, tie', 'minimum', [0], () => gradientAt(x => minimum(x, 0), 0)),
  row('clip at its bounds', 'clip', [1, 1], () => gradientAt(x => clip(x, { low: -1, high: 1 }), [-1, 1])),
  row('clip beyond its bounds', 'clip', [0, 0], () =>
    gradientAt(x => clip(x, { low: -1, high: 1 }), [-2, 2]),
  ),
  row('max, two ties of three', 'max', [0.5, 0.5, 0], () => gradientAt(x => max(x), [1, 1, 0])),
  row('min, two ties of three', 'min', [0, 0.5, 0.5], () => gradientAt(x => min(x), [1, 0, 0])),
  row('sign, at 0 and beside it', 'sign', [0, 0, 0], () => gradientAt(sign, [-1, 0, 1])),

  // Poles, and zeros that meet them.
  row('sqrt at 0', 'sqrt', [INFINITY], () => gradientAt(sqrt, 0)),
  row('sqrt at 0, times 0', 'sqrt', [0], () => gradientAt(x => mul(sqrt(x), 0), 0)),
  row('sqrt at 0, times 0, strictNaN', 'sqrt', [NAN], () =>
    strictNaN(() => gradientAt(x => mul(sqrt(x), 0), 0)),
  ),
  row('where(x > 0, sqrt(x), x) at -1 and 0', 'where', [1, 1], () =>
    gradientAt(x => where(greater(x, 0), sqrt(x), x), [-1, 0]),
  ),
  row('log at 0', 'log', [INFINITY], () => gradientAt(log, 0)),
  row('log at 0, times 0', 'log', [0], () => gradientAt(x => mul(log(x), 0), 0)),
  row('log1p at -1', 'log1p', [INFINITY], () => gradientAt(log1p, -1)),
  row('where(x > 0, log(x), 0) at 0', 'where', [0], () =>
    gradientAt(x => where(greater(x, 0), log(x), 0), 0),
  ),
  row('1 / x at 0, masked afterwards', 'div', [0], () =>
    gradientAt(x => where(notEqual(x, 0), div(1, x), 0), 0),
  ),
  row('x / y at y = 0, masked afterwards', 'div', [0, 0], () =>
    gradientAt((x, y) => where(notEqual(y, 0), div(x, y), 0), 1, 0),
  ),
  row('exp overflows in the branch not taken', 'where', [1], () =>
    gradientAt(x => where(less(x, 0), expm1(x), x), 1000),
  ),
  row('exp(x)² overflows in the branch not taken', 'where', [1], () =>
    gradientAt(x => where(less(x, 0), square(exp(x)), x), 400),
  ),

  // Powers and products.
  row('pow(x, 0) at 0', 'pow', [0], () => gradientAt(x => pow(x, 0), 0)),
  row('pow(x, 1) at 0', 'pow', [1], () => gradientAt(x => pow(x, 1), 0)),
  row('pow(x, 2) at 0', 'pow', [0], () => gradientAt(x => pow(x, 2), 0)),
  row('pow(x, 2) at 3, exactly', 'pow', [6], () => gradientAt(x => pow(x, 2), 3)),
  row('pow(x, 3) at -2, exactly', 'pow', [12], () => gradientAt(x => pow(x, 3), -2)),
  row('pow(x, 0.5) at 0', 'pow', [INFINITY], () => gradientAt(x => pow(x, 0.5), 0)),
  row('pow(0, y) with respect to y = 2', 'pow', [0], () => gradientAt(y => pow(0, y), 2)),
  row('pow(0, y) with respect to y = 0', 'pow', [0], () => gradientAt(y => pow(0, y), 0)),
  row('second derivative of pow(x, 2) at 0', 'pow', [2], () => secondAt(x => pow(x, 2), 0)),
  row('mixed second derivative of pow(2, y) at y = 0: 1/x', 'pow', [0.5], () => {
    const [x, y] = [leaf(2), leaf(0)]
    const [first] = gradients(pow(x, y), [x], { createGraph: true })
    return flat(gradients(first!, [y]))
  }),
  row('square at 3, exactly', 'square', [6], () => gradientAt(square, 3)),
  row('prod with one zero', 'prod', [6, 0, 0], () => gradientAt(x => prod(x), [0, 2, 3])),
  row('prod with two zeros', 'prod', [0, 0, 0], () => gradientAt(x => prod(x), [0, 0, 3])),
  row('second derivative of prod with two zeros', 'prod', [3, 3, 0], () => secondAt(x => prod(x), [0, 0, 3])),

  // Overflow.
  row('sigmoid at -1000 and 1000', 'sigmoid', [0, 0], () => gradientAt(sigmoid, [-1000, 1000])),
  row('softplus at -1000 and 1000', 'softplus', [0, 1], () => gradientAt(softplus, [-1000, 1000])),
  row('tanh at -1000 and 1000', 'tanh', [0, 0], () => gradientAt(tanh, [-1000, 1000])),
  row('logSumExp at 1000', 'logSumExp', [0.5, 0.5], () => gradientAt(x => logSumExp(x), [1000, 1000])),
  row('logSumExp with one -infinity', 'logSumExp', [0, 1], () =>
    gradientAt(x => logSumExp(x), [-INFINITY, 0]),
  ),
  row('logSumExp of -infinity only', 'logSumExp', [0, 0], () =>
    gradientAt(x => logSumExp(x), [-INFINITY, -INFINITY]),
  ),
  row('logSoftmax at 1000 and 0, first entry', 'logSoftmax', [0, 0], () =>
    gradientAt(x => mul(logSoftmax(x), tensor([1, 0])), [1000, 0]),
  ),
  row('softmax of -infinity only: value', 'softmax', [NAN, NAN], () =>
    valueAt(x => softmax(x), [-INFINITY, -INFINITY]),
  ),

  // Nothing to reduce.
  row('sum of nothing: value', 'sum', [0], () => valueAt(x => sum(x), [])),
  row('prod of nothing: value', 'prod', [1], () => valueAt(x => prod(x), [])),
  row('logSumExp of nothing: value', 'logSumExp', [-INFINITY], () => valueAt(x => logSumExp(x), [])),
  row('mean of nothing: value', 'mean', [NAN], () => valueAt(x => mean(x), [])),
  row('max of nothing: value', 'max', 'ArgumentError', () => valueAt(x => max(x), [])),
  row('gradient of a sum of nothing', 'sum', [], () => gradientAt(x => sum(x), [])),
  row('variance of a constant', 'variance', [0, 0], () => gradientAt(x => variance(x), [2, 2])),
  row('variance of one element, correction 1: value', 'variance', [NAN], () =>
    valueAt(x => variance(x, undefined, { correction: 1 }), [2]),
  ),

  // Indices.
  row('gather, one index twice', 'gather', [2, 1, 0], () =>
    gradientAt(x => gather(x, 0, tensor([0, 0, 1], { dtype: 'int32' })), [1, 2, 3]),
  ),
  row('scatterAdd, one index twice', 'scatterAdd', [1, 1, 1, 1], () =>
    gradientAt((x, source) => scatterAdd(x, 0, tensor([0, 0], { dtype: 'int32' }), source), [1, 2], [3, 4]),
  ),

  // Second derivatives.
  row('second derivative of relu', 'relu', [0, 0, 0], () => secondAt(relu, [-1, 0, 1])),
  row('second derivative of abs', 'abs', [0, 0, 0], () => secondAt(abs, [-1, 0, 1])),
  row('second derivative of max', 'max', [0, 0], () => secondAt(x => max(x), [1, 2])),
  row('second derivative of exp at 1', 'exp', [Math.E], () => secondAt(exp, 1)),
  row('second derivative of tanh at 1', 'tanh', [-2 * Math.tanh(1) * (1 - Math.tanh(1) ** 2)], () =>
    secondAt(tanh, 1),
  ),
  row(
    'second derivative of sigmoid at 1',
    'sigmoid',
    [sigmoidOf(1) * (1 - sigmoidOf(1)) * (1 - 2 * sigmoidOf(1))],
    () => secondAt(sigmoid, 1),
  ),
  row('second derivative of the first softmax output at (0, 0)', 'softmax', [0, 0], () =>
    secondAt(x => mul(softmax(x), tensor([1, 0])), [0, 0]),
  ),
  row('second derivative of softmax squared at (0, 0)', 'softmax', [0, 0], () =>
    secondAt(x => square(softmax(x)), [0, 0]),
  ),

  // NaN passes through.
  row('relu of NaN: value', 'relu', [NAN], () => valueAt(relu, NAN)),
  row('maximum of NaN and 1: value', 'maximum', [NAN], () => valueAt(x => maximum(x, 1), NAN)),
  row('max with a NaN: value', 'max', [NAN], () => valueAt(x => max(x), [1, NAN])),

  // What has no gradient says so.
  row('requiresGrad of int32', 'tensor', 'DTypeError', () =>
    flat([tensor([1, 2], { dtype: 'int32', requiresGrad: true })]),
  ),
  row('gradient of a tensor with two elements', 'gradients', 'GraphError', () => {
    const x = leaf([1, 2])
    return flat(gradients(square(x), [x]))
  }),
  row('gradient through argmax', 'argmax', 'GraphError', () => {
    const x = leaf([1, 2])
    return flat(gradients(argmax(x), [x]))
  }),
  row('gradient through a cast to int32', 'cast', 'GraphError', () => {
    const x = leaf(1)
    return flat(gradients(cast(x, 'int32'), [x]))
  }),

  // Broadcasting.
  row('a number repeated over three elements', 'add', [3], () =>
    gradientAt(x => add(x, tensor([1, 2, 3], { dtype: 'float64' })), 1),
  ),
  row('three elements minus one number', 'sub', [1, 1, 1, -3], () => gradientAt(sub, [1, 2, 3], 1)),
]
