// What every loss must do: gradients of both orders in both modes, vmap, reductions, refusal of what it does not know.
import {
  ArgumentError,
  DTypeError,
  gradients,
  logSoftmax,
  Rng,
  ShapeError,
  softmax,
  stack,
  type Tensor,
  tensor,
  unbind,
  vmap,
  zeros,
} from '@adjoint/core'
import { checkGradients } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'
import * as nn from '../src/index.ts'
import { distance, errorOf } from './support.ts'

const rng = new Rng(23)
const dtype = 'float64'
const normal = (...shape: number[]): Tensor => rng.normal(shape, { dtype })
const probability = (...shape: number[]): Tensor => rng.uniform(shape, { dtype, low: 0.05, high: 0.95 })
const signs = (...shape: number[]): Tensor =>
  rng.uniform(shape, { dtype }).greater(0.5).cast(dtype).mul(2).sub(1)
const bits = (...shape: number[]): Tensor => rng.uniform(shape, { dtype }).greater(0.5).cast(dtype)
const classes = (...shape: number[]): Tensor => rng.randomIntegers(shape, { low: 0, high: 3 })
const int = (values: number | readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(values as number[], { dtype: 'int32' }) as Tensor

type Options = { readonly reduction?: nn.Reduction; readonly weight?: Tensor }

/** One loss on 4 examples of 3 numbers: the inputs that have gradients, those that have none, and the call. */
interface Case {
  readonly inputs: readonly Tensor[]
  readonly constants?: readonly Tensor[]
  readonly call: (operands: readonly Tensor[], options: Options) => Tensor
  /** The shape of what is not reduced. Default that of the examples, `[4]`. */
  readonly each?: readonly number[]
  /** Weights are those of classes, or there are none. */
  readonly unweighted?: boolean
}

const ofElements = (
  loss: (a: Tensor, y: Tensor, options: Options) => Tensor,
  inputs: readonly Tensor[],
  constants: readonly Tensor[] = [],
): Case => ({ inputs, constants, call: ([a, y], options) => loss(a!, y!, options), each: [4, 3] })

const labels = int([
  [1, 2, 1],
  [0, 0, -9],
  [2, -9, -9],
  [2, 1, -9],
])
const labelLengths = [3, 2, 1, 2]

const CASES: Readonly<Record<string, Case>> = {
  binaryCrossEntropy: ofElements(nn.binaryCrossEntropy, [probability(4, 3), probability(4, 3)]),
  binaryCrossEntropyWithLogits: ofElements(
    (z, y, o) =>
      nn.binaryCrossEntropyWithLogits(z, y, { ...o, positiveWeight: tensor([1, 2, 3], { dtype }) }),
    [normal(4, 3), probability(4, 3)],
  ),
  focal: ofElements((z, y, o) => nn.focal(z, y, { ...o, gamma: 1.5 }), [normal(4, 3)], [bits(4, 3)]),
  gaussianNegativeLogLikelihood: {
    inputs: [normal(4, 3), normal(4, 3), probability(4, 3)],
    call: ([a, y, v], o) => nn.gaussianNegativeLogLikelihood(a!, y!, v!, { ...o, full: true }),
    each: [4, 3],
  },
  hinge: ofElements(nn.hinge, [normal(4, 3)], [signs(4, 3)]),
  hingeEmbedding: ofElements(nn.hingeEmbedding, [normal(4, 3)], [signs(4, 3)]),
  huber: ofElements(nn.huber, [normal(4, 3), normal(4, 3)]),
  klDivergence: ofElements(nn.klDivergence, [normal(4, 3), probability(4, 3)]),
  'klDivergence of logarithms': ofElements(
    (x, y, o) => nn.klDivergence(x, y, { ...o, logTarget: true }),
    [normal(4, 3), normal(4, 3)],
  ),
  logCosh: ofElements(nn.logCosh, [normal(4, 3).mul(3), normal(4, 3)]),
  meanAbsoluteError: ofElements(nn.meanAbsoluteError, [normal(4, 3), normal(4, 3)]),
  meanSquaredError: ofElements(nn.meanSquaredError, [normal(4, 3), normal(4, 3)]),
  pinball: ofElements((a, y, o) => nn.pinball(a, y, { ...o, quantile: 0.2 }), [normal(4, 3), normal(4, 3)]),
  poissonNegativeLogLikelihood: ofElements(
    (a, y, o) => nn.poissonNegativeLogLikelihood(a, y, { ...o, full: true, logInput: false }),
    [probability(4, 3), probability(4, 3).mul(5)],
  ),
  smoothL1: ofElements(nn.smoothL1, [normal(4, 3), normal(4, 3)]),
  softMargin: ofElements(nn.softMargin, [normal(4, 3)], [signs(4, 3)]),
  squaredHinge: ofElements(nn.squaredHinge, [normal(4, 3)], [signs(4, 3)]),
  marginRanking: {
    inputs: [normal(4, 3), normal(4, 3)],
    constants: [signs(4, 3)],
    call: ([a, b, y], o) => nn.marginRanking(a!, b!, y!, { ...o, margin: 0.5 }),
    each: [4, 3],
  },
  halfSquaredError: {
    inputs: [normal(4, 3), normal(4, 3)],
    call: ([a, y], o) => nn.halfSquaredError(a!, y!, o),
  },
  contrastive: {
    inputs: [normal(4, 3), normal(4, 3)],
    constants: [bits(4)],
    call: ([a, b, y], o) => nn.contrastive(a!, b!, y!, { ...o, margin: 3 }),
  },
  cosineEmbedding: {
    inputs: [normal(4, 3), normal(4, 3)],
    constants: [signs(4)],
    call: ([a, b, y], o) => nn.cosineEmbedding(a!, b!, y!, { ...o, margin: -1.5 }),
  },
  dice: { inputs: [probability(4, 3), probability(4, 3)], call: ([a, y], o) => nn.dice(a!, y!, o) },
  infoNCE: {
    inputs: [normal(4, 3), normal(4, 3)],
    call: ([q, k], o) => nn.infoNCE(q!, k!, { ...o, symmetric: true, temperature: 0.7 }),
  },
  jensenShannon: {
    inputs: [softmax(normal(4, 3)), softmax(normal(4, 3))],
    call: ([a, y], o) => nn.jensenShannon(a!, y!, o),
  },
  klDivergenceWithLogits: {
    inputs: [normal(4, 3), normal(4, 3)],
    call: ([z, y], o) => nn.klDivergenceWithLogits(z!, y!, o),
  },
  tripletMargin: {
    inputs: [normal(4, 3), normal(4, 3), normal(4, 3)],
    call: ([a, p, n], o) => nn.tripletMargin(a!, p!, n!, { ...o, margin: 4, swap: true }),
  },
  tripletMarginWithDistance: {
    inputs: [normal(4, 3), normal(4, 3), normal(4, 3)],
    call: ([a, p, n], o) => nn.tripletMarginWithDistance(a!, p!, n!, { ...o, margin: 4 }),
  },
  tversky: {
    inputs: [probability(4, 3), probability(4, 3)],
    call: ([a, y], o) => nn.tversky(a!, y!, { ...o, alpha: 0.3, beta: 0.7 }),
  },
  multiLabelMargin: {
    inputs: [normal(4, 3)],
    constants: [labels],
    call: ([x, y], o) => nn.multiLabelMargin(x!, y!, o),
  },
  multiLabelSoftMargin: {
    inputs: [normal(4, 3), probability(4, 3)],
    call: ([x, y], { reduction }) =>
      nn.multiLabelSoftMargin(x!, y!, { reduction: reduction!, weight: tensor([1, 2, 0.5], { dtype }) }),
    unweighted: true,
  },
  multiMargin: {
    inputs: [normal(4, 3)],
    constants: [classes(4)],
    call: ([x, y], { reduction }) => nn.multiMargin(x!, y!, { reduction: reduction!, power: 2 }),
    unweighted: true,
  },
  crossEntropy: {
    inputs: [normal(4, 3)],
    constants: [int([2, 0, 1, 0])],
    call: ([x, y], { reduction }) =>
      nn.crossEntropy(x!, y!, {
        reduction: reduction!,
        weight: tensor([1, 2, 0.5], { dtype }),
        ignoreIndex: 1,
        labelSmoothing: 0.2,
      }),
    unweighted: true,
  },
  'crossEntropy of distributions': {
    inputs: [normal(4, 3), probability(4, 3)],
    call: ([x, y], { reduction }) =>
      nn.crossEntropy(x!, y!, {
        reduction: reduction!,
        weight: tensor([1, 2, 0.5], { dtype }),
        labelSmoothing: 0.2,
      }),
    unweighted: true,
  },
  categoricalCrossEntropy: {
    inputs: [probability(4, 3)],
    constants: [classes(4)],
    call: ([x, y], { reduction }) => nn.categoricalCrossEntropy(x!, y!, { reduction: reduction! }),
    unweighted: true,
  },
  negativeLogLikelihood: {
    inputs: [normal(4, 3)],
    constants: [classes(4)],
    call: ([x, y], { reduction }) => nn.negativeLogLikelihood(x!, y!, { reduction: reduction! }),
    unweighted: true,
  },
  connectionistTemporalClassification: {
    inputs: [normal(4, 6, 4)],
    constants: [labels, int([6, 5, 3, 4]), int(labelLengths)],
    call: ([x, y, inputLengths, targetLengths], { reduction }) =>
      nn.connectionistTemporalClassification(logSoftmax(x!), y!, {
        reduction: reduction!,
        blank: 3,
        inputLengths: inputLengths!,
        targetLengths: targetLengths!,
      }),
    unweighted: true,
  },
}

describe.each(Object.entries(CASES))(
  '%s',
  (name, { inputs, constants = [], call, each = [4], unweighted }) => {
    const all = [...inputs, ...constants]

    test('has the gradients of difference quotients, of both orders and in both modes', () => {
      const report = checkGradients(
        (operands: Tensor[]) => call([...operands, ...constants], { reduction: 'sum' }),
        [...inputs],
        { order: 2 },
      )
      expect(report.passes).toBe(true)
    })

    test('reduces what none leaves', () => {
      const none = call(all, { reduction: 'none' })
      expect(none.shape).toEqual(each)
      const sum = call(all, { reduction: 'sum' })
      expect([sum.shape, call(all, { reduction: 'mean' }).shape]).toEqual([[], []])
      expect(distance(sum.data() as Float64Array, none.sum().data() as Float64Array)).toBeLessThan(1e-14)
    })

    if (!unweighted) {
      test('a weight is a factor of every loss, and 0 takes it out, NaN or not', () => {
        const weight = tensor([1, 2, 3, 0], { dtype, shape: each.length === 1 ? [4] : [4, 1] })
        const weighted = call(all, { reduction: 'none', weight })
        const expected = call(all, { reduction: 'none' }).mul(weight)
        expect(distance(weighted.data() as Float64Array, expected.data() as Float64Array)).toBeLessThan(1e-15)
        const message = errorOf(() => call(all, { weight: tensor([1, 2], { dtype }) })).message
        expect(message).toContain(
          `the weight has shape [2]; it must have that of the losses, [${each.join(', ')}], or broadcast to it.`,
        )
      })
    }

    test('under vmap it is the loss of every example by itself', () => {
      // A batch of the batch, twice the same.
      const batched = all.map(x => stack([x, x]))
      const found = vmap((...operands: Tensor[]) => call(operands, { reduction: 'none' }))(
        ...batched,
      ) as Tensor
      const expected = call(all, { reduction: 'none' })
      for (const one of unbind(found, 0)) {
        expect(distance(one.data() as Float64Array, expected.data() as Float64Array)).toBeLessThan(1e-14)
      }
    })

    test('refuses settings that it does not know', () => {
      const unknown = { reduction: 'average' } as unknown as Options
      expect(errorOf(() => call(all, unknown)).message).toMatch(
        /: reduction must be 'mean', 'sum' or 'none', got 'average'\.$/,
      )
      const loss = (nn as unknown as Record<string, (...operands: unknown[]) => Tensor>)[name]
      if (loss === undefined || name === 'connectionistTemporalClassification') return
      const error = errorOf(() => loss(...all, { redcution: 'sum' }))
      expect(error).toBeInstanceOf(ArgumentError)
      expect(error.message).toContain(`${name}: knows no 'redcution'`)
    })

    test('refuses what is no tensor', () => {
      expect(errorOf(() => call([all[0]!, 3 as never, ...all.slice(2)], {})).message).toMatch(
        /must be a tensor, got 3/,
      )
    })
  },
)

describe('in float32 at logits of ±1000', () => {
  const z = tensor([1000, -1000], { requiresGrad: true })
  test.each([
    [
      'binaryCrossEntropyWithLogits',
      (y: Tensor) => nn.binaryCrossEntropyWithLogits(z, y, { positiveWeight: tensor(2), reduction: 'none' }),
      [1, 1],
      [0, 2000],
      [0, -2],
    ],
    ['softMargin', (y: Tensor) => nn.softMargin(z, y, { reduction: 'none' }), [1, 1], [0, 1000], [0, -1]],
    ['focal', (y: Tensor) => nn.focal(z, y, { alpha: null, reduction: 'none' }), [1, 1], [0, 1000], [0, -1]],
    [
      'multiLabelSoftMargin',
      (y: Tensor) => nn.multiLabelSoftMargin(z.reshape([2, 1]), y.reshape([2, 1]), { reduction: 'none' }),
      [1, 1],
      [0, 1000],
      [0, -1],
    ],
    [
      'logCosh',
      (y: Tensor) => nn.logCosh(z, y, { reduction: 'none' }),
      [0, 0],
      [1000 - Math.LN2, 1000 - Math.LN2],
      [1, -1],
    ],
    [
      'klDivergenceWithLogits',
      (y: Tensor) => nn.klDivergenceWithLogits(z.reshape([1, 2]), y.reshape([1, 2]), { reduction: 'none' }),
      [-1000, 1000],
      [2000],
      [1, -1],
    ],
  ] as const)('%s', (_, loss, y, values, slopes) => {
    const losses = loss(tensor([...y]))
    expect(Array.from(losses.data())).toEqual(values.map(Math.fround))
    expect(Array.from(gradients(losses.sum(), [z])[0]!.data(), Number)).toEqual(slopes)
  })

  test('crossEntropy with everything it may be given', () => {
    const logits = tensor(
      [
        [1000, -1000],
        [1000, -1000],
      ],
      { requiresGrad: true },
    )
    const loss = nn.crossEntropy(logits, int([0, 1]), {
      labelSmoothing: 0.5,
      reduction: 'none',
      ignoreIndex: 9,
    })
    expect(loss.toArray()).toEqual([500, 1500])
  })
})

describe('small differences keep their digits in float32', () => {
  test('logCosh is half a square', () => {
    expect(nn.logCosh(tensor(1e-4), tensor(0)).item() / 5e-9).toBeCloseTo(1, 6)
  })

  test('jensenShannon is an eighth of the squares over the probabilities', () => {
    const found = nn.jensenShannon(tensor([0.501, 0.499], { dtype }), tensor([0.5, 0.5], { dtype })).item()
    expect(found / ((2 * 0.001 ** 2) / 0.5 / 8)).toBeCloseTo(1, 5)
  })

  test('dice of all but equal regions is not rounded to 0', () => {
    const y = zeros([1, 1000], { dtype }).add(1)
    expect(nn.dice(y.sub(1e-9), y, { smoothing: 0 }).item() / 0.5e-9).toBeCloseTo(1, 6)
  })
})

describe('losses of classes', () => {
  const scores = tensor(
    [
      [0, 1, 2],
      [Number.NaN, Infinity, 0],
      [3, 0, 0],
    ],
    { dtype, requiresGrad: true },
  )

  test('what is ignored is not looked at, in the value and in the gradient', () => {
    const loss = nn.crossEntropy(scores, int([2, -100, 1]), { ignoreIndex: -100 })
    const kept = nn.crossEntropy(
      scores.gather(
        0,
        int([
          [0, 0, 0],
          [2, 2, 2],
        ]),
      ),
      int([2, 1]),
    )
    expect(loss.item()).toBeCloseTo(kept.item(), 14)
    const [slope] = gradients(loss, [scores])
    expect((slope!.toArray() as number[][])[1]).toEqual([0, 0, 0])
    expect(Array.from(slope!.data()).every(Number.isFinite)).toBe(true)
  })

  test('the mean of class indices divides by the weights of the targets, and of none is NaN', () => {
    const z = normal(3, 2)
    const weight = tensor([1, 3], { dtype })
    const none = nn.crossEntropy(z, int([0, 1, 1]), { reduction: 'none' }).mul(tensor([1, 3, 3], { dtype }))
    expect(nn.crossEntropy(z, int([0, 1, 1]), { weight }).item()).toBeCloseTo(none.sum().item() / 7, 14)
    expect(nn.crossEntropy(z, int([5, 5, 5]), { ignoreIndex: 5 }).item()).toBeNaN()
    expect(nn.crossEntropy(z, int([5, 5, 5]), { ignoreIndex: 5, reduction: 'sum' }).item()).toBeCloseTo(0, 15)
  })

  test('a class of weight 0 takes no part, whatever its logit', () => {
    const z = tensor([[0, -Infinity]], { dtype, requiresGrad: true })
    const loss = nn.crossEntropy(z, int([1]), { weight: tensor([1, 0], { dtype }), reduction: 'sum' })
    expect([loss.item() + 0, gradients(loss, [z])[0]!.toArray()]).toEqual([0, [[0, 0]]])
  })

  test('classes stand on any axis: PyTorch has them on axis 1', () => {
    const z = normal(2, 3, 4, 5)
    const y = classes(2, 4, 5)
    const last = z.permute([0, 2, 3, 1])
    const options = { weight: tensor([1, 2, 3], { dtype }), labelSmoothing: 0.1 } as const
    for (const axis of [1, -3]) {
      const found = nn.crossEntropy(z, y, { ...options, axis }).item()
      expect(found).toBeCloseTo(nn.crossEntropy(last, y, options).item(), 13)
    }
    expect(nn.crossEntropy(z, y, { axis: 1, reduction: 'none' }).shape).toEqual([2, 4, 5])
    expect(errorOf(() => nn.crossEntropy(z, y, { axis: 4 })).message).toContain(
      'crossEntropy: axis 4 is outside of a tensor of rank 4',
    )
  })

  test('mistakes are named', () => {
    const z = normal(2, 3)
    const refused: readonly [() => unknown, new (...args: never[]) => Error, string][] = [
      [
        () => nn.crossEntropy(z, int([0, 3]), { ignoreIndex: -1 }),
        ArgumentError,
        'crossEntropy: target 3 at [1] is outside of the classes, of size 3; targets run from 0 to 2.',
      ],
      [
        () => nn.crossEntropy(z, int([0, 1]), { weight: tensor([1, 2], { dtype }) }),
        ShapeError,
        'crossEntropy: the weight has shape [2]; it is one number for every class, [3].',
      ],
      [
        () => nn.crossEntropy(z, int([0, 1]), { labelSmoothing: 1.5 }),
        ArgumentError,
        'crossEntropy: labelSmoothing must be from 0 to 1, got 1.5.',
      ],
      [
        () => nn.crossEntropy(z, softmax(z), { ignoreIndex: 0 }),
        ArgumentError,
        'crossEntropy: ignoreIndex is for class indices; give an example weights y of 0 to ignore it.',
      ],
      [
        () => nn.negativeLogLikelihood(z, int([0, 1]), { labelSmoothing: 0.1 } as never),
        ArgumentError,
        "negativeLogLikelihood: knows no 'labelSmoothing'; its settings are reduction, layout, axis, weight, ignoreIndex.",
      ],
      [
        () => nn.multiMargin(z, int([0, 1]), { power: 3 as never }),
        ArgumentError,
        'multiMargin: power must be 1 or 2, got 3.',
      ],
      [
        () => nn.multiMargin(z, tensor([0, 1])),
        DTypeError,
        "multiMargin: indices must be int32, got float32; make them with { dtype: 'int32' } or cast('int32').",
      ],
      [
        () => nn.multiLabelMargin(z, z),
        DTypeError,
        "multiLabelMargin: targets are lists of int32 class indices, got float64; make them with { dtype: 'int32' }.",
      ],
      [
        () => nn.hinge(z, z.greater(0)),
        DTypeError,
        'hinge: targets are 1 and -1, got booleans; where(target, 1, -1) makes them.',
      ],
      [
        () => nn.cosineEmbedding(z, z, tensor([[1], [1]])),
        ShapeError,
        'cosineEmbedding: the target has shape [2, 1]; it is one number for every example, [2].',
      ],
      [() => nn.smoothL1(z, z, { beta: -1 }), ArgumentError, 'smoothL1: beta must be at least 0, got -1.'],
      [
        () => nn.pinball(z, z, { quantile: 1 }),
        ArgumentError,
        'pinball: quantile must be between 0 and 1, got 1.',
      ],
      [
        () => nn.infoNCE(z, z, { temperature: 0 }),
        ArgumentError,
        'infoNCE: temperature must be greater than 0, got 0.',
      ],
      [
        () => nn.gaussianNegativeLogLikelihood(z, z, normal(3)),
        ShapeError,
        'gaussianNegativeLogLikelihood: the variance has shape [3]; it has that of the prediction, [2, 3], or one number for each of its last axis, [2, 1].',
      ],
    ]
    for (const [run, type, message] of refused) {
      const error = errorOf(run)
      expect(error.message).toBe(message)
      expect(error).toBeInstanceOf(type)
    }
  })
})

describe('known values', () => {
  test('klDivergence: batchMean is the mean of the divergences', () => {
    const [p, q] = [softmax(normal(4, 3)), softmax(normal(4, 3))]
    const found = nn.klDivergence(p.log(), q, { reduction: 'batchMean' }).item()
    expect(found).toBeCloseTo(q.mul(q.log().sub(p.log())).sum().item() / 4, 14)
    const columns = { reduction: 'batchMean', layout: 'columns' } as const
    expect(nn.klDivergence(p.log().transpose(), q.transpose(), columns).item()).toBeCloseTo(found, 14)
    expect(nn.klDivergenceWithLogits(p.log(), q.log()).item()).toBeCloseTo(found, 14)
  })

  test('klDivergence: nothing comes of what has probability 0, nor of its logarithm', () => {
    const y = tensor([0, -Infinity], { dtype, requiresGrad: true })
    const x = tensor([0, -Infinity], { dtype, requiresGrad: true })
    const loss = nn.klDivergence(x, y, { logTarget: true, reduction: 'sum' })
    expect([loss.item(), ...gradients(loss, [x, y]).map(slope => slope.add(0).toArray())]).toEqual([
      0,
      [-1, 0],
      [1, 0],
    ])
    const plain = nn.klDivergence(x, tensor([1, 0], { dtype }), { reduction: 'sum' })
    expect([plain.item(), gradients(plain, [x])[0]!.add(0).toArray()]).toEqual([0, [-1, 0]])
  })

  test('jensenShannon is between 0 and log 2, and finite where both exclude a class', () => {
    const a = tensor([[1, 0, 0]], { dtype, requiresGrad: true })
    expect(nn.jensenShannon(a, tensor([[0, 1, 0]], { dtype })).item()).toBeCloseTo(Math.LN2, 15)
    const same = nn.jensenShannon(a, a.detach())
    expect([same.item(), gradients(same, [a])[0]!.toArray()]).toEqual([0, [[0, 0, 0]]])
  })

  test('poissonNegativeLogLikelihood takes a rate of 0 beside a count of 0', () => {
    const x = tensor([0], { dtype, requiresGrad: true })
    const loss = nn.poissonNegativeLogLikelihood(x, tensor([0], { dtype }), { logInput: false, epsilon: 0 })
    expect([loss.item(), gradients(loss, [x])[0]!.toArray()]).toEqual([0, [1]])
  })

  test('gaussianNegativeLogLikelihood: one variance for an example, and the slope of one that is too small', () => {
    const [a, y] = [normal(2, 3), normal(2, 3)]
    const each = nn.gaussianNegativeLogLikelihood(a, y, zeros([2, 3], { dtype }).add(0.5)).item()
    expect(nn.gaussianNegativeLogLikelihood(a, y, zeros([2, 1], { dtype }).add(0.5)).item()).toBe(each)
    expect(nn.gaussianNegativeLogLikelihood(a, y, zeros([2], { dtype }).add(0.5)).item()).toBe(each)
    const v = tensor([-1], { dtype, requiresGrad: true })
    const low = nn.gaussianNegativeLogLikelihood(tensor([0], { dtype }), tensor([1], { dtype }), v, {
      epsilon: 0.5,
    })
    // (1/v - r²/v²)/2 at v = 0.5
    expect([low.item(), gradients(low, [v])[0]!.item()]).toEqual([(Math.log(0.5) + 2) / 2, -1])
  })

  test('coinciding vectors have a gradient', () => {
    const a = tensor([[1, 2]], { dtype, requiresGrad: true })
    for (const loss of [
      nn.tripletMargin(a, a.detach(), tensor([[1, 2.5]], { dtype })),
      nn.contrastive(a, a.detach(), tensor([0], { dtype })),
    ]) {
      expect(Array.from(gradients(loss, [a])[0]!.data()).every(Number.isFinite)).toBe(true)
    }
  })

  test('infoNCE is a cross entropy with the own key as the class', () => {
    const [q, k] = [normal(5, 3), normal(5, 3)]
    const logits = q.matmul(k.transpose()).mul(2)
    const options = { temperature: 0.5, normalize: false } as const
    expect(nn.infoNCE(q, k, options).item()).toBeCloseTo(
      nn.crossEntropy(logits, int([0, 1, 2, 3, 4])).item(),
      13,
    )
  })

  test('focal without gamma and alpha is the binary cross entropy', () => {
    const [z, y] = [normal(4), probability(4)]
    expect(nn.focal(z, y, { gamma: 0, alpha: null }).item()).toBeCloseTo(
      nn.binaryCrossEntropyWithLogits(z, y).item(),
      14,
    )
  })

  test('dice of axes: a loss for every example and class', () => {
    const [a, y] = [probability(2, 3, 4, 5), bits(2, 3, 4, 5)]
    expect(nn.dice(a, y, { axes: [2, 3], reduction: 'none' }).shape).toEqual([2, 3])
    expect(nn.dice(a, y).item()).toBeCloseTo(nn.tversky(a, y, { smoothing: 0.5 }).item(), 14)
  })

  test('multiLabelMargin looks at labels up to the first negative number', () => {
    const x = tensor([0.1, 0.2, 0.4, 0.8], { dtype })
    // 0.25 ((1 - (0.8 - 0.2)) + (1 - (0.8 - 0.4)) + (1 - (0.1 - 0.2)) + (1 - (0.1 - 0.4)))
    expect(nn.multiLabelMargin(x, int([3, 0, -1, 1])).item()).toBeCloseTo(0.85, 15)
    expect(nn.multiLabelMargin(x, int([-1, 9, 9, 9])).item()).toBe(0)
  })
})
