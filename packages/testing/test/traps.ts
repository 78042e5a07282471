/**
 * Calls where JavaScript libraries return a wrong number, NaN, or throw, with the right answer and how it is known.
 *
 * The figures of others were measured with @tensorflow/tfjs 4.22.0 (cpu), @jax-js/jax 0.1.25 (wasm) and js-pytorch 0.7.2 on
 * Node 20, in float32; where a cell says "source", they were read from the source of that version. Those of PyTorch 1.13 are
 * what its cases of the parity set give (packages/cli/test/fixtures/parity), in float64.
 */

import {
  abs,
  add,
  asin,
  at,
  atan2,
  cbrt,
  ceil,
  checkpoint,
  cholesky,
  clip,
  cosineSimilarity,
  cumprod,
  customVjp,
  determinant,
  div,
  eigh,
  einsum,
  elu,
  embedding,
  exp,
  expm1,
  eye,
  floor,
  full,
  gather,
  grad,
  gradients,
  greater,
  greaterEqual,
  hessian,
  hvp,
  hypot,
  inverse,
  jvp,
  leakyRelu,
  less,
  log,
  logSigmoid,
  logSoftmax,
  logSumExp,
  matmul,
  max,
  maximum,
  maxWithIndices,
  mean,
  minimum,
  mul,
  neg,
  norm,
  notEqual,
  ones,
  pow,
  prod,
  relu,
  remainder,
  round,
  scatter,
  sigmoid,
  sign,
  silu,
  sinc,
  slice,
  softmax,
  softplus,
  sort,
  sqrt,
  square,
  standardDeviation,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  topk,
  trunc,
  unfoldImages,
  vmap,
  where,
  zeros,
} from '@adjoint/core'
import { firstDerivatives, flat, secondDerivatives } from '../src/pointDerivatives.ts'

/** What a library gave. */
export interface Outcome {
  readonly shown: string
  /**
   * Wrong is a number that is no slope of the function, NaN, or an exception where there is an answer. A convention is another
   * one of the slopes between which a kink or a tie leaves the choice.
   */
  readonly verdict: 'right' | 'convention' | 'wrong'
}

/** What other libraries gave; one that is left out was not run. */
interface Others {
  readonly tensorflow?: Outcome
  readonly jax?: Outcome
  readonly jsPytorch?: Outcome
  readonly pytorch?: Outcome
}

/** One trap. */
export interface Trap extends Others {
  /** In words; gradients are those of the sum, unless it says value. */
  readonly case: string
  /** The right numbers, the name of the error class that is due, or the right text. */
  readonly right: readonly number[] | string
  /** How that is known. */
  readonly known: string
  /** Computes ours. */
  readonly observe: () => readonly number[] | string
}

/** Traps of one kind. */
export interface TrapGroup {
  readonly title: string
  readonly traps: readonly Trap[]
}

type Point = number | readonly number[] | readonly (readonly number[])[]

const { POSITIVE_INFINITY: INFINITY, NaN: NAN } = Number

const ok = (shown: string): Outcome => ({ shown, verdict: 'right' })
const differs = (shown: string): Outcome => ({ shown, verdict: 'convention' })
const wrong = (shown: string): Outcome => ({ shown, verdict: 'wrong' })
const RIGHT: Outcome = ok('right')
const ABSENT: Outcome = ok('absent')
/** As its documentation or source has it; not run. */
const PRESENT_UNTRIED: Outcome = ok('present (source)')
const ABSENT_UNTRIED: Outcome = ok('absent (source)')
const THROWS: Outcome = wrong('throws')
const NOT_A_NUMBER: Outcome = wrong('NaN')

/** In float32, as the others were run. */
function gradientAt(f: (...inputs: Tensor[]) => Tensor, ...points: readonly Point[]): readonly number[] {
  return firstDerivatives(f, points.map(leaf))
}

function secondAt(f: (x: Tensor) => Tensor, point: Point): readonly number[] {
  return secondDerivatives(f, leaf(point))
}

function leaf(point: Point): Tensor {
  return tensor(point as number[], { requiresGrad: true })
}

function double(point: Point): Tensor {
  return tensor(point as number[], { dtype: 'float64' })
}

function whole(...values: number[]): Tensor {
  return tensor(values, { dtype: 'int32' })
}

/** The message of an error. */
function messageOf(body: () => unknown): string {
  try {
    body()
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

const sigmoidOf = (z: number): number => 1 / (1 + Math.exp(-z))

/** Huber's loss with its knee at 1. */
function huber(d: Tensor): Tensor {
  const size = abs(d)
  return where(less(size, 1), mul(square(d), 0.5), sub(size, 0.5))
}

function trap(
  title: string,
  right: Trap['right'],
  known: string,
  observe: Trap['observe'],
  others: Others = {},
): Trap {
  return { case: title, right, known, observe, ...others }
}

export const trapGroups: readonly TrapGroup[] = [
  {
    title: 'Kinks and ties',
    traps: [
      trap('relu at 0', [0], 'least norm of the subgradients [0, 1]', () => gradientAt(relu, 0), {
        tensorflow: ok('0'),
        jax: differs('1'),
        pytorch: ok('0'),
      }),
      trap('relu of -1: value', [0], 'definition', () => flat([relu(tensor([-1]))]), {
        jsPytorch: wrong('-0.001'),
        pytorch: ok('0'),
      }),
      trap(
        'leakyRelu, slope 0.1, at 0',
        [Math.fround(0.1)],
        'least norm of [0.1, 1]',
        () => gradientAt(x => leakyRelu(x, 0.1), 0),
        { tensorflow: ok('0.1'), jax: differs('1'), pytorch: ok('0.1') },
      ),
      trap('abs at 0', [0], 'least norm of [-1, 1]', () => gradientAt(abs, 0), {
        tensorflow: differs('-1'),
        jax: differs('1'),
        pytorch: ok('0'),
      }),
      trap(
        'mean absolute error of equal numbers: prediction, target',
        [0, 0],
        'least norm of [-1, 1]',
        () => gradientAt((x, y) => mean(abs(sub(x, y))), 2, 2),
        { tensorflow: differs('1'), jax: differs('1'), pytorch: ok('0, 0') },
      ),
      trap('Huber loss at its knee', [1], 'both sides have slope 1', () => gradientAt(huber, 1), {
        tensorflow: ok('1'),
        jax: ABSENT,
        pytorch: ok('1'),
      }),
      trap(
        'maximum of two tensors, tie',
        [0.5, 0.5],
        'least norm over both operands',
        () => gradientAt(maximum, 3, 3),
        { tensorflow: differs('1, 0'), jax: differs('1, 0, by order'), pytorch: ok('0.5, 0.5') },
      ),
      trap(
        'maximum of a tensor and the number 0, at 0',
        [0],
        'least norm of [0, 1], as for relu',
        () => gradientAt(x => maximum(x, 0), 0),
        { tensorflow: differs('1'), jax: differs('1 or 0, by order') },
      ),
      trap(
        'clip at its bounds',
        [1, 1],
        'convention: from a bound one may still move inward',
        () => gradientAt(x => clip(x, { low: -1, high: 1 }), [-1, 1]),
        { tensorflow: ok('1, 1'), jax: ok('1, 1'), pytorch: ok('1, 1') },
      ),
      trap(
        'max of three, two of them equal',
        [0.5, 0.5, 0],
        'least norm over the elements; moving both by h moves the maximum by h',
        () => gradientAt(x => max(x), [1, 1, 0]),
        { tensorflow: wrong('1, 1, 0'), jax: ok('0.5, 0.5, 0'), pytorch: ok('0.5, 0.5, 0') },
      ),
      trap(
        'max pooling, a tie in the window',
        [1, 0, 0, 0],
        'convention: the first of them, to whom the index points',
        () =>
          gradientAt(
            x => maxWithIndices(unfoldImages(x.reshape([1, 1, 2, 2]), { kernel: 2 }), 1).values,
            [
              [1, 1],
              [1, 0],
            ],
          ),
        { tensorflow: ok('1, 0, 0, 0'), pytorch: ok('1, 0, 0, 0') },
      ),
      trap(
        'sort with a tie, weights 1, 2, 3',
        [3, 1, 2],
        'a stable sort is a permutation',
        () => gradientAt(x => mul(sort(x), tensor([1, 2, 3])), [2, 1, 1]),
        { tensorflow: ABSENT, jax: RIGHT, pytorch: RIGHT },
      ),
      trap(
        'sign, floor, ceil, round, trunc at 0.3',
        [0, 0, 0, 0, 0],
        'constant there',
        () => [sign, floor, ceil, round, trunc].flatMap(op => gradientAt(op, 0.3)),
        { tensorflow: ok('0 (source)'), jax: ok('0 (source)'), pytorch: ok('0') },
      ),
      trap(
        'remainder of 5.5 by 2: both operands',
        [1, -2],
        'x - 2 y near there',
        () => gradientAt(remainder, 5.5, 2),
        { tensorflow: ok('1, -2'), jax: ok('1'), pytorch: RIGHT },
      ),
    ],
  },
  {
    title: 'Poles, and zeros that meet them',
    traps: [
      trap('norm at 0', [0, 0], 'least norm of the unit disc', () => gradientAt(x => norm(x), [0, 0]), {
        tensorflow: NOT_A_NUMBER,
        jax: ok('0, 0'),
        pytorch: ok('0, 0'),
      }),
      trap('sqrt at 0', [INFINITY], '1 / (2 √x)', () => gradientAt(sqrt, 0), {
        tensorflow: ok('∞'),
        jax: ok('∞'),
        pytorch: ok('∞'),
      }),
      trap(
        'sqrt at 0, times 0',
        [0],
        'the function is 0 everywhere',
        () => gradientAt(x => mul(sqrt(x), 0), 0),
        { jax: NOT_A_NUMBER },
      ),
      trap(
        'where(x > 0, √x, x) at -1',
        [1],
        'the function is x there',
        () => gradientAt(x => where(greater(x, 0), sqrt(x), x), -1),
        { tensorflow: THROWS, jax: NOT_A_NUMBER },
      ),
      trap(
        'where(x ≥ 0, √x, x) at -1',
        [1],
        'the function is x there',
        () => gradientAt(x => where(greaterEqual(x, 0), sqrt(x), x), -1),
        { tensorflow: NOT_A_NUMBER },
      ),
      trap(
        'where(x > 0, log x, 0) at 0',
        [0],
        'the chosen branch is constant',
        () => gradientAt(x => where(greater(x, 0), log(x), 0), 0),
        { tensorflow: THROWS, pytorch: NOT_A_NUMBER },
      ),
      trap(
        'where(x ≠ 0, 1 / x, 0) at 0',
        [0],
        'the chosen branch is constant',
        () => gradientAt(x => where(notEqual(x, 0), div(1, x), 0), 0),
        { tensorflow: wrong('throws (source)') },
      ),
      trap(
        'where(x < 0, eˣ - 1, x) at 1000',
        [1],
        'the function is x there',
        () => gradientAt(x => where(less(x, 0), expm1(x), x), 1000),
        { tensorflow: wrong('throws (source)') },
      ),
      trap('elu at 100', [1], 'the function is x there', () => gradientAt(x => elu(x), 100), {
        jax: NOT_A_NUMBER,
      }),
      trap(
        'silu at -100, in float64',
        [sigmoidOf(-100) * (1 - 100 * (1 - sigmoidOf(-100)))],
        'σ (1 + x (1 - σ))',
        () => {
          const x = tensor(-100, { dtype: 'float64', requiresGrad: true })
          return flat(gradients(silu(x), [x]))
        },
        { jax: NOT_A_NUMBER },
      ),
      trap('log at 0', [INFINITY], '1 / x', () => gradientAt(log, 0), {
        tensorflow: ok('∞'),
        jax: ok('∞'),
        pytorch: ok('∞'),
      }),
      trap('asin at 1', [INFINITY], '1 / √(1 - x²)', () => gradientAt(asin, 1), {
        tensorflow: ok('∞'),
        jax: ok('∞'),
        pytorch: ok('∞'),
      }),
      trap(
        'atan2 at (0, 0)',
        [0, 0],
        'convention: no direction of turning is better than its opposite',
        () => gradientAt(atan2, 0, 0),
        { tensorflow: NOT_A_NUMBER, jax: NOT_A_NUMBER, pytorch: NOT_A_NUMBER },
      ),
      trap(
        'hypot at (0, 0)',
        [0, 0],
        'least norm of the unit disc, as for norm',
        () => gradientAt(hypot, 0, 0),
        { tensorflow: NOT_A_NUMBER, jax: NOT_A_NUMBER, pytorch: NOT_A_NUMBER },
      ),
      trap('cbrt at 0', [INFINITY], '1 / (3 x^⅔)', () => gradientAt(cbrt, 0), {
        tensorflow: ABSENT,
        jax: NOT_A_NUMBER,
      }),
      trap('sinc at 0', [0], 'an even function that is smooth at 0', () => gradientAt(sinc, 0), {
        tensorflow: ABSENT,
        jax: NOT_A_NUMBER,
        pytorch: ok('0'),
      }),
      trap(
        'standard deviation of a constant',
        [0, 0, 0],
        'least norm: it is the norm of what remains without the mean',
        () => gradientAt(x => standardDeviation(x), [2, 2, 2]),
        { tensorflow: NOT_A_NUMBER, jax: NOT_A_NUMBER, pytorch: ok('0, 0, 0') },
      ),
      trap(
        'cosine similarity of (0, 0) and (3, 4), ε = 0.5: first operand',
        [1.2, 1.6],
        'y / (ε ‖y‖): the divisor is held at ε',
        () => gradientAt(x => cosineSimilarity(x, tensor([3, 4]), 0, { epsilon: 0.5 }), [0, 0]),
        { tensorflow: NOT_A_NUMBER },
      ),
    ],
  },
  {
    title: 'Powers and products',
    traps: [
      trap('pow(x, 0) at 0', [0], 'the function is 1 everywhere', () => gradientAt(x => pow(x, 0), 0), {
        tensorflow: NOT_A_NUMBER,
        jax: NOT_A_NUMBER,
        pytorch: ok('0'),
      }),
      trap('pow(x, 1) at 0', [1], 'the function is x', () => gradientAt(x => pow(x, 1), 0), {
        tensorflow: ok('1'),
        jax: NOT_A_NUMBER,
        pytorch: ok('1'),
      }),
      trap('pow(x, 2) at 0', [0], '2 x', () => gradientAt(x => pow(x, 2), 0), {
        tensorflow: ok('0 (source)'),
        jax: NOT_A_NUMBER,
        pytorch: ok('0'),
      }),
      trap('pow(x, 2) at 3', [6], '2 x', () => gradientAt(x => pow(x, 2), 3), {
        tensorflow: ok('6'),
        jax: wrong('5.999999'),
      }),
      trap('square at 3', [6], '2 x', () => gradientAt(square, 3), { tensorflow: ok('6'), jax: ok('6') }),
      trap(
        'pow(0, y) with respect to y = 2',
        [0],
        'the function is 0 for y > 0',
        () => gradientAt(y => pow(0, y), 2),
        { tensorflow: ok('0'), jax: NOT_A_NUMBER, pytorch: ok('0') },
      ),
      trap(
        'prod of 0, 2, 3',
        [6, 0, 0],
        'the products of the other two',
        () => gradientAt(x => prod(x), [0, 2, 3]),
        { tensorflow: ok('6, 0, 0'), jax: NOT_A_NUMBER, pytorch: RIGHT },
      ),
      trap(
        'prod of 0, 0, 3',
        [0, 0, 0],
        'the products of the other two',
        () => gradientAt(x => prod(x), [0, 0, 3]),
        { tensorflow: ok('0, 0, 0'), jax: NOT_A_NUMBER, pytorch: RIGHT },
      ),
      trap(
        'cumprod of 2, 0, 3',
        [1, 8, 0],
        '1 + 0 + 0 · 3, 2 + 2 · 3, 2 · 0',
        () => gradientAt(x => cumprod(x), [2, 0, 3]),
        { tensorflow: THROWS, jax: NOT_A_NUMBER, pytorch: RIGHT },
      ),
    ],
  },
  {
    title: 'Overflow and saturation',
    traps: [
      trap(
        'logSumExp of -∞ only',
        [0, 0],
        'convention: nothing has any weight',
        () => gradientAt(x => logSumExp(x), [-INFINITY, -INFINITY]),
        { tensorflow: NOT_A_NUMBER, jax: NOT_A_NUMBER, pytorch: NOT_A_NUMBER },
      ),
      trap('logSumExp of -∞ and 0', [0, 1], 'softmax', () => gradientAt(x => logSumExp(x), [-INFINITY, 0]), {
        tensorflow: ok('0, 1'),
        jax: ok('0, 1'),
        pytorch: RIGHT,
      }),
      trap(
        'logSumExp of 1000 twice',
        [0.5, 0.5],
        'softmax',
        () => gradientAt(x => logSumExp(x), [1000, 1000]),
        { tensorflow: ok('0.5, 0.5'), jax: ok('0.5, 0.5'), pytorch: RIGHT },
      ),
      trap('softplus at -1000 and 1000', [0, 1], 'σ(x)', () => gradientAt(softplus, [-1000, 1000]), {
        tensorflow: ok('0, 1'),
        jax: wrong('NaN above 88.7'),
        pytorch: ok('0, 1'),
      }),
      trap('logSigmoid at -1000 and 1000', [1, 0], 'σ(-x)', () => gradientAt(logSigmoid, [-1000, 1000]), {
        tensorflow: ok('1, 0'),
        jax: NOT_A_NUMBER,
        pytorch: ok('1, 0'),
      }),
      trap('sigmoid at -1000', [0], 'σ (1 - σ)', () => gradientAt(sigmoid, -1000), {
        tensorflow: ok('0 (source)'),
        jax: wrong('NaN below -88.8'),
        pytorch: ok('0'),
      }),
      trap(
        'softmax of 1000 and 0: value',
        [1, 0],
        'e^-1000 is nothing beside 1',
        () => flat([softmax(tensor([1000, 0]))]),
        { jsPytorch: NOT_A_NUMBER, pytorch: RIGHT },
      ),
      trap(
        'cross entropy of the logits 1000 and 0, first class',
        [0, 0],
        'softmax - one hot',
        () => gradientAt(x => neg(slice(logSoftmax(x), 0)), [1000, 0]),
        { tensorflow: RIGHT, jsPytorch: wrong('∞ or NaN'), pytorch: RIGHT },
      ),
      trap(
        'binary cross entropy from the logit 20, y = 1',
        [-sigmoidOf(-20)],
        'σ(z) - y, without cancellation -σ(-z)',
        () => gradientAt(z => neg(logSigmoid(z)), 20),
        { tensorflow: wrong('NaN, written with log') },
      ),
      trap(
        'binary cross entropy from the logit 16, y = 1',
        [-sigmoidOf(-16)],
        'σ(z) - y, without cancellation -σ(-z)',
        () => gradientAt(z => neg(logSigmoid(z)), 16),
        { tensorflow: wrong('-1.192e-7, written with log') },
      ),
    ],
  },
  {
    title: 'Nothing, one number, whole numbers',
    traps: [
      trap('sum of nothing: value', [0], 'the neutral element', () => flat([sum(zeros([0]))]), {
        tensorflow: ok('0'),
        jax: ok('0'),
        pytorch: ok('0'),
      }),
      trap('mean of nothing: value', [NAN], '0 / 0', () => flat([mean(zeros([0]))]), {
        tensorflow: wrong('0'),
        jax: THROWS,
        pytorch: ok('NaN'),
      }),
      trap(
        'max of nothing: value',
        'ArgumentError',
        'there is nothing to choose from',
        () => flat([max(zeros([0]))]),
        { tensorflow: NOT_A_NUMBER, jax: wrong('-∞'), pytorch: ok('an error') },
      ),
      trap('gradient of a sum of nothing', [], 'no element, no gradient', () => gradientAt(x => sum(x), []), {
        jax: ok('empty'),
        pytorch: ok('empty'),
      }),
      trap('rank of a sum: value', [0], 'a number has no axes', () => [sum(ones([2, 3])).rank], {
        tensorflow: ok('0'),
        jax: ok('0'),
        jsPytorch: wrong('1'),
        pytorch: ok('0'),
      }),
      trap(
        'gradient of two numbers at once',
        'GraphError',
        'a gradient starts from a single number',
        () => {
          const x = leaf([1, 2])
          return flat(gradients(square(x), [x]))
        },
        {
          tensorflow: wrong('sums silently'),
          jax: ok('an error'),
          jsPytorch: wrong('sums silently (source)'),
          pytorch: ok('an error'),
        },
      ),
      trap(
        'gradient of x² at the whole number 3',
        'DTypeError',
        'whole numbers have no neighbours',
        () => {
          const x = tensor(3, { dtype: 'int32', requiresGrad: true })
          return flat(gradients(square(x), [x]))
        },
        { tensorflow: wrong('6'), jax: ok('an error about a freed reference'), pytorch: ok('an error') },
      ),
      trap(
        'x² at 3, x² also used by a branch that goes nowhere',
        [6],
        '2 x',
        () =>
          gradientAt(x => {
            const y = mul(x, x)
            mul(y, 2)
            return y
          }, 3),
        { jsPytorch: wrong('0') },
      ),
    ],
  },
  {
    title: 'Second derivatives',
    traps: [
      trap('second derivative of exp at 1', [Math.E], 'eˣ', () => secondAt(exp, 1), {
        tensorflow: THROWS,
        jax: RIGHT,
        jsPytorch: ABSENT,
        pytorch: RIGHT,
      }),
      trap(
        'second derivative of tanh at 1',
        [-2 * Math.tanh(1) * (1 - Math.tanh(1) ** 2)],
        '-2 y (1 - y²)',
        () => secondAt(tanh, 1),
        { tensorflow: THROWS, jax: RIGHT, jsPytorch: ABSENT, pytorch: RIGHT },
      ),
      trap(
        'second derivative of sigmoid at 1',
        [sigmoidOf(1) * (1 - sigmoidOf(1)) * (1 - 2 * sigmoidOf(1))],
        'σ (1 - σ) (1 - 2 σ)',
        () => secondAt(sigmoid, 1),
        { tensorflow: THROWS, jax: RIGHT, jsPytorch: ABSENT, pytorch: RIGHT },
      ),
      trap(
        'Hessian of the first output of softmax at (0, 1)',
        [1, -1, -1, 1].map(sense => sense * sigmoidOf(-1) * sigmoidOf(1) * (1 - 2 * sigmoidOf(-1))),
        'y (1 - y) (1 - 2 y) with y = σ(x₁ - x₂)',
        () => flat([hessian((x: Tensor) => slice(softmax(x), 0))(tensor([0, 1]) as Tensor)]),
        { tensorflow: THROWS, jax: RIGHT, jsPytorch: ABSENT, pytorch: RIGHT },
      ),
      trap(
        'second derivative of max pooling, squared',
        [0, 0, 0, 2],
        'x² of the largest one',
        () =>
          secondAt(
            x => {
              const windows = unfoldImages(x.reshape([1, 1, 2, 2]), { kernel: 2 })
              return square(max(windows, 1))
            },
            [
              [1, 2],
              [3, 4],
            ],
          ),
        { tensorflow: THROWS },
      ),
      trap(
        'second derivative of relu at -1, 0, 1',
        [0, 0, 0],
        'constant slopes on either side',
        () => secondAt(relu, [-1, 0, 1]),
        { tensorflow: ok('0'), jax: ok('0 (source)') },
      ),
    ],
  },
  {
    title: 'Gradients that are missing elsewhere',
    traps: [
      trap(
        "einsum 'ij,jk->ik': first operand",
        [11, 15, 11, 15],
        'row sums of the second operand',
        () =>
          gradientAt(
            x =>
              einsum(
                'ij,jk->ik',
                x,
                tensor([
                  [5, 6],
                  [7, 8],
                ]),
              ),
            [
              [1, 2],
              [3, 4],
            ],
          ),
        { tensorflow: THROWS, jax: PRESENT_UNTRIED, jsPytorch: ABSENT_UNTRIED, pytorch: RIGHT },
      ),
      trap(
        'every second element',
        [1, 0, 1, 0, 1],
        'what is taken has slope 1',
        () => gradientAt(x => slice(x, [null, null, 2]), [1, 2, 3, 4, 5]),
        { tensorflow: THROWS, jax: PRESENT_UNTRIED },
      ),
      trap(
        'topk, the two largest of 1, 3, 2',
        [0, 1, 1],
        'what is taken has slope 1',
        () => gradientAt(x => topk(x, 2).values, [1, 3, 2]),
        { tensorflow: THROWS, jax: PRESENT_UNTRIED, jsPytorch: ABSENT_UNTRIED, pytorch: RIGHT },
      ),
      trap(
        'gather, one index twice',
        [2, 1, 0],
        'both cotangents',
        () => gradientAt(x => gather(x, 0, whole(0, 0, 1)), [1, 2, 3]),
        { tensorflow: ok('2, 1, 0'), jax: ok('2, 1, 0'), pytorch: RIGHT },
      ),
      trap(
        'embedding, one row twice',
        [2, 1, 0],
        'both cotangents',
        () => gradientAt(x => embedding(x, whole(0, 0, 1)), [1, 2, 3]),
        { tensorflow: ok('2, 1, 0'), jax: ok('2, 1, 0'), pytorch: RIGHT },
      ),
      trap(
        'elements (0, 1) and (1, 0) by index tensors',
        [0, 1, 1, 0],
        'what is taken has slope 1',
        () =>
          gradientAt(
            x => at(x, whole(0, 1), whole(1, 0)),
            [
              [1, 2],
              [3, 4],
            ],
          ),
        { tensorflow: THROWS },
      ),
      trap(
        'scatter, two sources for one place: x, source',
        [0, 1, 0, 1],
        'the last one stays',
        () => gradientAt((x, source) => scatter(x, 0, whole(0, 0), source), [1, 2], [3, 4]),
        { tensorflow: THROWS },
      ),
      trap(
        'maximum of a matrix and a row: both operands',
        [0, 1, 1, 0, 1, 1],
        'the larger one, summed over what was repeated',
        () =>
          gradientAt(
            maximum,
            [
              [1, 5],
              [3, 2],
            ],
            [2, 4],
          ),
        { tensorflow: THROWS, jax: RIGHT },
      ),
      trap(
        'minimum of a matrix and a row: both operands',
        [1, 0, 0, 1, 1, 1],
        'the smaller one, summed over what was repeated',
        () =>
          gradientAt(
            minimum,
            [
              [1, 5],
              [3, 2],
            ],
            [2, 4],
          ),
        { tensorflow: THROWS, jax: RIGHT },
      ),
      trap(
        'matrix product of a batch of two with one matrix: the one',
        [4, 4, 6, 6],
        'column sums of the batch',
        () =>
          gradientAt(
            y => matmul(tensor([[[1, 2]], [[3, 4]]]) as Tensor, y),
            [
              [5, 6],
              [7, 8],
            ],
          ),
        { tensorflow: THROWS, jax: RIGHT },
      ),
    ],
  },
  {
    title: 'Matrices',
    traps: [
      trap(
        'determinant of a singular matrix',
        [4, -2, -2, 1],
        'the cofactors',
        () =>
          gradientAt(determinant, [
            [1, 2],
            [2, 4],
          ]),
        { tensorflow: ABSENT, jax: NOT_A_NUMBER, pytorch: ok('4, -2, -2, 1') },
      ),
      trap(
        'inverse of a singular matrix: value',
        'ArgumentError',
        'there is none',
        () =>
          flat([
            inverse(
              tensor([
                [1, 2],
                [2, 4],
              ]) as Tensor,
            ),
          ]),
        { tensorflow: ABSENT, jax: NOT_A_NUMBER, pytorch: ok('an error') },
      ),
      trap(
        'Cholesky factor of a matrix that is not positive definite: value',
        'ArgumentError',
        'there is none',
        () =>
          flat([
            cholesky(
              tensor([
                [1, 2],
                [2, 1],
              ]) as Tensor,
            ),
          ]),
        { tensorflow: ABSENT, jax: wrong('NaN inside, silently') },
      ),
      trap(
        'largest eigenvalue of [[2, 1], [1, 2]]',
        [0.5, 0.5, 0.5, 0.5],
        'v vᵀ with v = (1, 1) / √2',
        () =>
          gradientAt(
            x => slice(eigh(x).values, -1),
            [
              [2, 1],
              [1, 2],
            ],
          ),
        { tensorflow: ABSENT, jax: THROWS, pytorch: RIGHT },
      ),
      trap(
        'eigenvectors where eigenvalues are equal',
        'ArgumentError',
        'they may turn freely',
        () => {
          const x = eye(2, 2) as Tensor
          x.requiresGrad = true
          return flat(
            gradients(
              sum(
                mul(
                  eigh(x).vectors,
                  double([
                    [1, 2],
                    [3, 4],
                  ]),
                ),
              ),
              [x],
            ),
          )
        },
        { tensorflow: ABSENT, jax: ok('no rule') },
      ),
    ],
  },
  {
    title: 'Functions of functions',
    traps: [
      trap(
        'jvp of x² at 3, direction 1: tangent',
        [6],
        '2 x',
        () => flat([jvp(square, tensor(3) as Tensor, tensor(1) as Tensor).tangent]),
        { tensorflow: ABSENT_UNTRIED, jax: PRESENT_UNTRIED, jsPytorch: ABSENT_UNTRIED },
      ),
      trap(
        'vmap of the gradient of x³ over 1, 2, 3',
        [3, 12, 27],
        '3 x²',
        () => {
          const slope = grad((x: Tensor) => pow(x, 3))
          return flat([vmap(slope)(tensor([1, 2, 3]) as Tensor)])
        },
        { tensorflow: ABSENT_UNTRIED, jax: ok('in part (source)'), jsPytorch: ABSENT_UNTRIED },
      ),
      trap(
        'Hessian of x² y at (2, 3)',
        [6, 4, 4, 0],
        '2 y, 2 x, 2 x, 0',
        () => flat([hessian((x: Tensor) => mul(square(slice(x, 0)), slice(x, 1)))(tensor([2, 3]) as Tensor)]),
        { tensorflow: ABSENT_UNTRIED, jax: PRESENT_UNTRIED, jsPytorch: ABSENT_UNTRIED },
      ),
      trap(
        'Hessian of x² y at (2, 3) times (1, 0)',
        [6, 4],
        '2 y, 2 x',
        () =>
          flat([
            hvp(
              (x: Tensor) => mul(square(slice(x, 0)), slice(x, 1)),
              tensor([2, 3]) as Tensor,
              tensor([1, 0]) as Tensor,
            ),
          ]),
        { tensorflow: ABSENT_UNTRIED, jax: ok('by composition (source)'), jsPytorch: ABSENT_UNTRIED },
      ),
      trap(
        'a rule of one’s own, 2 x for x², at 3: gradient, second derivative, tangent',
        [6, 2, 6],
        '2 x, 2, 2 x',
        () => {
          const own = customVjp({
            name: 'ownSquare',
            forward: (x: Tensor) => mul(x, x),
            vjp: (cotangent, { inputs: [x] }) => mul(mul(cotangent, x), 2),
          })
          const tangent = jvp((x: Tensor) => own(x), tensor(3) as Tensor, tensor(1) as Tensor).tangent
          return [...gradientAt(own, 3), ...secondAt(own, 3), ...flat([tangent])]
        },
        {
          tensorflow: ok('gradient only (source)'),
          jax: ABSENT_UNTRIED,
          jsPytorch: ok('gradient only (source)'),
        },
      ),
      trap(
        'checkpoint of tanh at 1',
        [1 - Math.tanh(1) ** 2],
        '1 - y²',
        () => gradientAt(checkpoint(tanh as (x: Tensor) => Tensor), 1),
        { tensorflow: ABSENT_UNTRIED, jax: ABSENT_UNTRIED, jsPytorch: ABSENT_UNTRIED },
      ),
      trap(
        'stopGradient: x · stop(x) at 3',
        [3],
        'the second factor is a constant',
        () => gradientAt(x => mul(x, stopGradient(x)), 3),
        { tensorflow: ABSENT_UNTRIED, jax: PRESENT_UNTRIED },
      ),
    ],
  },
  {
    title: 'Numbers, texts, messages',
    traps: [
      trap(
        'sum of a million times 0.1 in float32: value',
        [100_000],
        '10⁶ · fround(0.1), rounded; added left to right in float32 it is 100958.34',
        () => flat([sum(full([1_000_000], 0.1))]),
      ),
      trap(
        '(1 + 1e-10) - 1 in float64: value',
        [1 + 1e-10 - 1],
        'float64 holds ten digits more than float32',
        () => flat([sub(add(double(1), 1e-10), 1)]),
        { tensorflow: wrong('throws: no float64'), jax: RIGHT },
      ),
      trap(
        'String of a matrix',
        'tensor([[1, 2],\n        [3, 4]], shape [2, 2], float32)',
        'numbers, shape and dtype',
        () =>
          String(
            tensor([
              [1, 2],
              [3, 4],
            ]),
          ),
        { tensorflow: ok('print()'), jax: THROWS, jsPytorch: ok('nested arrays') },
      ),
      trap(
        'message of an add that does not fit',
        'add: cannot broadcast [2, 3] with [2, 4]: axis -1 has 3 on the left and 4 on the right (sizes must be equal, or one of them 1).',
        'it names the op and both shapes',
        () => messageOf(() => add(ones([2, 3]) as Tensor, ones([2, 4]) as Tensor)),
        { tensorflow: ok('good'), jax: ok('does not name the op'), jsPytorch: ok('ok') },
      ),
    ],
  },
]

/** Where no rule can help, or where ours is what the others give: said here so that nobody looks for it above. */
export interface Limit {
  readonly case: string
  /** What ours gives. */
  readonly ours: readonly number[]
  readonly instead: string
  readonly observe: () => readonly number[]
}

/** -y log a - (1 - y) log(1 - a) with a = σ(z), y = 1, as it stands in books. */
function literalCrossEntropy(z: Tensor): Tensor {
  const a = sigmoid(z)
  return neg(add(mul(log(a), 1), mul(log(sub(1, a)), 0)))
}

export const limits: readonly Limit[] = [
  {
    case: 'binary cross entropy written with log, logit 16, y = 1, float32',
    ours: [-(2 ** -23)],
    instead:
      '-1.125e-7 is right: 1 - σ(16) has no digits left. Take the loss from logits, or compute in float64.',
    observe: () => gradientAt(literalCrossEntropy, 16),
  },
  {
    case: 'binary cross entropy written with log, logit 20, y = 1, float32',
    ours: [0],
    instead:
      '-2.061e-9 is right: σ(20) is 1 in float32. No NaN, but no digits either. Take the loss from logits.',
    observe: () => gradientAt(literalCrossEntropy, 20),
  },
  {
    case: 'softmax of -∞ only: value',
    ours: [NAN, NAN],
    instead: 'There is no such distribution. Leave an entry unmasked.',
    observe: () => flat([softmax(tensor([-INFINITY, -INFINITY]))]),
  },
  {
    case: '√(Σ x²) written out, at 0',
    ours: [NAN, NAN],
    instead:
      'An infinite cotangent meets a slope of 0. Use norm, or choose the other branch with where before the root.',
    observe: () => gradientAt(x => sqrt(sum(square(x))), [0, 0]),
  },
]

/** What a row says of an outcome. */
export function shown(outcome: readonly number[] | string): string {
  if (typeof outcome === 'string') return outcome
  if (outcome.length === 0) return 'empty'
  return outcome
    .map(value =>
      String(Number(value.toPrecision(7)))
        .replace('-Infinity', '-∞')
        .replace('Infinity', '∞'),
    )
    .join(', ')
}
