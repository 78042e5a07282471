// Losses against their definitions, in all reductions and both layouts; places where a formula ends; errors as text.
import {
  ArgumentError,
  grad,
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
import { describe, expect, test } from 'vitest'
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  categoricalCrossEntropy,
  crossEntropy,
  type ElementLoss,
  halfSquaredError,
  huber,
  meanAbsoluteError,
  meanSquaredError,
} from '../src/index.ts'
import { distance, errorOf } from './support.ts'

const rng = new Rng(17)
const dtype = 'float64'
const normal = (shape: number[]): Tensor => rng.normal(shape, { dtype })
const probability = (shape: number[]): Tensor => rng.uniform(shape, { dtype, low: 0.05, high: 0.95 })
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
const parameter = (x: Tensor): Tensor => tensor(x.data(), { shape: [...x.shape], requiresGrad: true })

interface Definition {
  readonly loss: ElementLoss
  readonly formula: (a: number, y: number) => number
  readonly derivative: (a: number, y: number) => number
  readonly draw: (shape: number[]) => Tensor
  readonly drawTarget: (shape: number[]) => Tensor
}

const ELEMENT_LOSSES: Readonly<Record<string, Definition>> = {
  binaryCrossEntropy: {
    loss: binaryCrossEntropy,
    formula: (a, y) => -y * Math.log(a) - (1 - y) * Math.log(1 - a),
    derivative: (a, y) => (a - y) / (a * (1 - a)),
    draw: probability,
    drawTarget: probability,
  },
  binaryCrossEntropyWithLogits: {
    loss: binaryCrossEntropyWithLogits,
    formula: (z, y) => Math.log(1 + Math.exp(z)) - z * y,
    derivative: (z, y) => 1 / (1 + Math.exp(-z)) - y,
    draw: normal,
    drawTarget: probability,
  },
  meanSquaredError: {
    loss: meanSquaredError,
    formula: (a, y) => (a - y) ** 2,
    derivative: (a, y) => 2 * (a - y),
    draw: normal,
    drawTarget: normal,
  },
  meanAbsoluteError: {
    loss: meanAbsoluteError,
    formula: (a, y) => Math.abs(a - y),
    derivative: (a, y) => Math.sign(a - y),
    draw: normal,
    drawTarget: normal,
  },
  huber: {
    loss: huber,
    formula: (a, y) => (Math.abs(a - y) <= 1 ? 0.5 * (a - y) ** 2 : Math.abs(a - y) - 0.5),
    derivative: (a, y) => Math.max(-1, Math.min(1, a - y)),
    draw: normal,
    drawTarget: normal,
  },
}

describe.each(Object.entries(ELEMENT_LOSSES))(
  '%s',
  (name, { loss, formula, derivative, draw, drawTarget }) => {
    test.each([[[6]], [[4, 3]], [[2, 3, 5]], [[]]])('of shape %s in every reduction', shape => {
      const [a, y] = [parameter(draw(shape)), drawTarget(shape)]
      const each = Array.from(a.data(), (value, i) => formula(value, y.data()[i]!))
      const slopes = Array.from(a.data(), (value, i) => derivative(value, y.data()[i]!))
      for (const layout of ['rows', 'columns'] as const) {
        const none = loss(a, y, { reduction: 'none', layout })
        expect(none.shape).toEqual(shape)
        expect(distance(none.data(), each)).toBeLessThan(1e-14)
        expect(distance([loss(a, y, { reduction: 'sum', layout }).item()], [total(each)])).toBeLessThan(1e-14)
        expect(distance([loss(a, y, { layout }).item()], [total(each) / each.length])).toBeLessThan(1e-14)
      }
      loss(a, y).backward()
      const expected = slopes.map(slope => slope / each.length)
      expect(distance(a.grad!.data(), expected)).toBeLessThan(1e-14)
    })

    test('refuses what would be broadcast', () => {
      const error = errorOf(() => loss(zeros([4, 1]), zeros([4]) as Tensor))
      expect(error).toBeInstanceOf(ShapeError)
      expect(error.message).toBe(
        `${name}: the prediction has shape [4, 1], the target [4]; nothing is broadcast. ` +
          'Give the target that shape: target.reshape([4, 1]).',
      )
      expect(errorOf(() => loss(zeros([4, 2]), zeros([4, 3]) as Tensor)).message).toBe(
        `${name}: the prediction has shape [4, 2], the target [4, 3]; nothing is broadcast.`,
      )
    })

    test('refuses an unknown reduction', () => {
      const error = errorOf(() => loss(zeros([2]), zeros([2]), { reduction: 'average' as 'mean' }))
      expect(error).toBeInstanceOf(ArgumentError)
      expect(error.message).toBe(`${name}: reduction must be 'mean', 'sum' or 'none', got 'average'.`)
    })

    test('takes integer and boolean targets as numbers', () => {
      const a = tensor([0.25, 0.75])
      const expected = loss(a, tensor([0, 1])).item()
      expect(loss(a, tensor([0, 1], { dtype: 'int32' })).item()).toBe(expected)
      expect(loss(a, tensor([false, true])).item()).toBe(expected)
    })
  },
)

describe('huber', () => {
  test('goes over into a line at delta', () => {
    const a = tensor([-5, -2, -1, 1, 2, 5], { dtype, requiresGrad: true })
    const y = zeros([6], { dtype })
    expect(huber(a, y, { delta: 2, reduction: 'none' }).toArray()).toEqual([8, 2, 0.5, 0.5, 2, 8])
    huber(a, y, { delta: 2, reduction: 'sum' }).backward()
    expect(a.grad!.toArray()).toEqual([-2, -2, -1, 1, 2, 2])
  })

  test.each([0, -1, Number.NaN])('refuses a delta of %s', delta => {
    expect(errorOf(() => huber(zeros([1]), zeros([1]), { delta })).message).toBe(
      `huber: delta must be greater than 0, got ${delta}.`,
    )
  })
})

describe('binaryCrossEntropy at the ends', () => {
  test('a term whose factor is 0 counts 0, in the value and in the gradient', () => {
    const a = tensor([0, 1], { dtype, requiresGrad: true })
    const y = tensor([0, 1], { dtype })
    const loss = binaryCrossEntropy(a, y, { reduction: 'none' })
    expect(loss.data().map(Math.abs)).toEqual(new Float64Array([0, 0]))
    loss.sum().backward()
    // (1 - y)/(1 - a) - y/a
    expect(a.grad!.toArray()).toEqual([1, -1])
  })

  test('a confident mistake costs Infinity, and its gradient is infinite', () => {
    const a = tensor([0, 1], { dtype, requiresGrad: true })
    const loss = binaryCrossEntropy(a, tensor([1, 0], { dtype }), { reduction: 'none' })
    expect(loss.toArray()).toEqual([Infinity, Infinity])
    loss.sum().backward()
    expect(a.grad!.toArray()).toEqual([-Infinity, Infinity])
  })
})

test('a logit that is masked with -Infinity costs nothing beside 0', () => {
  const z = tensor([-Infinity, 0], { dtype, requiresGrad: true })
  const loss = binaryCrossEntropyWithLogits(z, tensor([0, 1], { dtype }), { reduction: 'none' })
  expect(loss.toArray()).toEqual([0, Math.LN2])
  loss.sum().backward()
  expect(z.grad!.toArray()).toEqual([0, -0.5])
})

test('binaryCrossEntropyWithLogits is finite for every float', () => {
  const z = tensor([-1e300, -800, 0, 800, 1e300], { dtype, requiresGrad: true })
  const loss = binaryCrossEntropyWithLogits(z, tensor([0, 0, 0, 1, 1], { dtype }), { reduction: 'none' })
  expect(loss.toArray()).toEqual([0, 0, Math.LN2, 0, 0])
  loss.sum().backward()
  expect(z.grad!.toArray()).toEqual([0, 0, 0.5, 0, 0])
})

describe('halfSquaredError', () => {
  const [a, y] = [normal([4, 3]), normal([4, 3])]
  const squares = Array.from(a.data(), (value, i) => 0.5 * (value - y.data()[i]!) ** 2)
  const perRow = [0, 1, 2, 3].map(i => total(squares.slice(3 * i, 3 * i + 3)))
  const perColumn = [0, 1, 2].map(k => total([0, 1, 2, 3].map(i => squares[3 * i + k]!)))

  test('sums over outputs and averages over examples', () => {
    expect(distance([halfSquaredError(a, y).item()], [total(perRow) / 4])).toBeLessThan(1e-15)
    expect(
      distance([halfSquaredError(a, y, { layout: 'columns' }).item()], [total(perRow) / 3]),
    ).toBeLessThan(1e-15)
    expect(distance([halfSquaredError(a, y, { reduction: 'sum' }).item()], [total(perRow)])).toBeLessThan(
      1e-15,
    )
  })

  test("'none' gives a loss per example", () => {
    expect(distance(halfSquaredError(a, y, { reduction: 'none' }).data(), perRow)).toBeLessThan(1e-15)
    const columns = halfSquaredError(a, y, { reduction: 'none', layout: 'columns' })
    expect(columns.shape).toEqual([3])
    expect(distance(columns.data(), perColumn)).toBeLessThan(1e-15)
  })

  test('has the gradient a - y, divided by the number of examples', () => {
    const x = parameter(a)
    halfSquaredError(x, y).backward()
    expect(distance(x.grad!.data(), a.sub(y).div(4).data())).toBeLessThan(1e-15)
  })

  test('refuses shapes in which examples cannot be seen', () => {
    expect(errorOf(() => halfSquaredError(zeros([4]), zeros([4]))).message).toBe(
      'halfSquaredError: the prediction has shape [4], and which of its numbers belong to one example cannot be seen. ' +
        'Give it two axes: [m, 1] is m examples with one output each.',
    )
    expect(errorOf(() => halfSquaredError(a, y, { layout: 'rowwise' as 'rows' })).message).toBe(
      "halfSquaredError: layout must be 'rows' or 'columns', got 'rowwise'.",
    )
    expect(errorOf(() => halfSquaredError(a, y, { reduction: 'average' as 'mean' })).message).toBe(
      "halfSquaredError: reduction must be 'mean', 'sum' or 'none', got 'average'.",
    )
  })
})

describe.each([
  ['crossEntropy', crossEntropy, (z: Tensor) => z],
  ['categoricalCrossEntropy', categoricalCrossEntropy, (z: Tensor, axis: number) => softmax(z, axis)],
] as const)('%s', (name, loss, scoresOf) => {
  const logits = normal([5, 3])
  const classes = tensor([2, 0, 1, 1, 2], { dtype: 'int32' })
  const oneHot = tensor(
    [
      [0, 0, 1],
      [1, 0, 0],
      [0, 1, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    { dtype },
  )
  const soft = softmax(normal([5, 3]))

  /** -Σ y log softmax(z) of every example, in plain numbers. */
  const definition = (target: Tensor): number[] =>
    (logits.toArray() as number[][]).map((z, i) => {
      const sum = total(z.map(Math.exp))
      const y = (target.toArray() as number[][])[i]!
      return -total(z.map((value, k) => y[k]! * Math.log(Math.exp(value) / sum)))
    })

  test.each([
    ['classes', classes, oneHot],
    ['one-hot targets', oneHot, oneHot],
    ['distributions', soft, soft],
  ] as const)('with %s in every reduction and layout', (_, target, distribution) => {
    const each = definition(distribution)
    for (const layout of ['rows', 'columns'] as const) {
      const z = parameter(layout === 'rows' ? logits : logits.transpose())
      const y = layout === 'rows' || target === classes ? target : target.transpose()
      const scores = scoresOf(z, layout === 'rows' ? -1 : 0)
      const none = loss(scores, y, { reduction: 'none', layout })
      expect(none.shape).toEqual([5])
      expect(distance(none.data(), each)).toBeLessThan(1e-14)
      expect(distance([loss(scores, y, { reduction: 'sum', layout }).item()], [total(each)])).toBeLessThan(
        1e-14,
      )
      const mean = loss(scores, y, { layout })
      expect(distance([mean.item()], [total(each) / 5])).toBeLessThan(1e-14)
      mean.backward()
      const dz = softmax(logits).sub(distribution).div(5)
      expect(distance(z.grad!.data(), (layout === 'rows' ? dz : dz.transpose()).data())).toBeLessThan(1e-13)
    }
  })

  test('takes a single example, and further axes in front', () => {
    const z = tensor([0, Math.log(3)], { dtype })
    const one = loss(scoresOf(z, -1), tensor(1, { dtype: 'int32' }))
    expect(one.item()).toBeCloseTo(-Math.log(0.75), 14)
    const deep = normal([2, 4, 3])
    const targets = tensor([0, 1, 2, 0, 1, 2, 0, 1], { dtype: 'int32', shape: [2, 4] })
    const flat = loss(scoresOf(deep.reshape([8, 3]), -1), targets.reshape([8]))
    expect(loss(scoresOf(deep, -1), targets).item()).toBe(flat.item())
    expect(loss(scoresOf(deep, -1), targets, { reduction: 'none' }).shape).toEqual([2, 4])
  })

  test('a class of probability 0 adds nothing, not even beside log 0', () => {
    const scores = name === 'crossEntropy' ? tensor([[0, -Infinity]]) : tensor([[1, 0]])
    expect(loss(scores, tensor([[1, 0]])).item()).toBeCloseTo(0, 15)
    expect(loss(scores, tensor([[0, 1]])).item()).toBe(Infinity)
  })

  const refused: readonly [string, Tensor, Tensor, string][] = [
    [
      'class indices that are floats',
      logits,
      tensor([2, 0, 1, 1, 2]),
      "scores of shape [5, 3] take int32 class indices of shape [5], or probabilities of shape [5, 3]; got float32 of shape [5]. If these are class indices, make them with { dtype: 'int32' }.",
    ],
    [
      'class indices in another shape',
      logits,
      classes.reshape([5, 1]),
      'scores of shape [5, 3] take int32 class indices of shape [5], or probabilities of shape [5, 3]; got int32 of shape [5, 1].',
    ],
    [
      'a class that counts from the end',
      logits,
      tensor([0, 0, -1, 0, 0], { dtype: 'int32' }),
      'target -1 at [2] is outside of the classes, of size 3; targets run from 0 to 2.',
    ],
    [
      'a class beyond the last',
      logits,
      tensor([3, 0, 1, 0, 0], { dtype: 'int32' }),
      'target 3 at [0] is outside of the classes, of size 3; targets run from 0 to 2.',
    ],
    [
      'scores without classes',
      tensor(1),
      tensor(0, { dtype: 'int32' }),
      'the scores are a single number; give them an axis of classes, [m, classes].',
    ],
  ]
  test.each(refused)('refuses %s', (_, scores, target, message) => {
    expect(errorOf(() => loss(scores, target)).message).toBe(`${name}: ${message}`)
  })
})

test('crossEntropy is finite where the softmax rounds to 0', () => {
  const z = tensor([[0, 2000]], { requiresGrad: true })
  const loss = crossEntropy(z, tensor([0], { dtype: 'int32' }))
  expect(loss.item()).toBe(2000)
  loss.backward()
  expect(z.grad!.toArray()).toEqual([[-1, 1]])
})

test('losses record few ops: the price of a small training step', () => {
  const a = probability([4, 1])
  const recorded = (loss: Tensor): string[] => {
    const seen = new Set([loss])
    for (const x of seen) for (const input of x.node?.inputs ?? []) seen.add(input)
    return [...seen].flatMap(({ node }) => (node === null ? [] : [node.primitive.name])).sort()
  }
  const z = parameter(a)
  const [y, classes] = [a.mul(0.5), tensor([0, 0, 0, 0], { dtype: 'int32' })]
  expect(recorded(binaryCrossEntropyWithLogits(z, y))).toEqual(['mean', 'softplus', 'sub', 'weigh'])
  expect(recorded(binaryCrossEntropy(z, y))).toEqual([
    'add',
    'log',
    'log1p',
    'mean',
    'neg',
    'neg',
    'weigh',
    'weigh',
  ])
  expect(recorded(meanSquaredError(z, y))).toEqual(['mean', 'square', 'sub'])
  expect(recorded(meanAbsoluteError(z, y))).toEqual(['abs', 'mean', 'sub'])
  expect(recorded(huber(z, y))).toEqual(['clip', 'mean', 'mul', 'mul', 'sub', 'sub'])
  expect(recorded(halfSquaredError(z, y))).toEqual(['mean', 'mul', 'square', 'sub', 'sum'])
  expect(recorded(crossEntropy(z, classes))).toEqual(['gather', 'logSoftmax', 'mean', 'neg'])
  expect(recorded(crossEntropy(z, y))).toEqual(['logSoftmax', 'mean', 'neg', 'sum', 'weigh'])
})

describe('what is no tensor is refused by name', () => {
  const t = tensor([[0.25], [0.5]])
  const refused: readonly [string, (not: never) => unknown][] = [
    ['binaryCrossEntropy', not => binaryCrossEntropy(t, not)],
    ['binaryCrossEntropyWithLogits', not => binaryCrossEntropyWithLogits(t, not)],
    ['meanSquaredError', not => meanSquaredError(t, not)],
    ['meanAbsoluteError', not => meanAbsoluteError(t, not)],
    ['huber', not => huber(t, not)],
    ['halfSquaredError', not => halfSquaredError(t, not)],
    ['crossEntropy', not => crossEntropy(t, not)],
    ['categoricalCrossEntropy', not => categoricalCrossEntropy(t, not)],
  ]
  test.each(refused)('%s', (name, run) => {
    for (const [not, got] of [
      [3, '3'],
      [[0, 2], 'an array'],
      [undefined, 'nothing'],
      [null, 'null'],
    ]) {
      const error = errorOf(() => run(not as never))
      expect(error).toBeInstanceOf(ArgumentError)
      expect(error.message).toBe(
        `${name}: the target must be a tensor, got ${got}; make one with tensor(...).`,
      )
    }
  })

  test('so are predictions and scores', () => {
    expect(errorOf(() => meanSquaredError([1] as never, t)).message).toContain(
      'the prediction must be a tensor',
    )
    expect(errorOf(() => crossEntropy([[1, 2]] as never, t)).message).toContain('the scores must be a tensor')
  })
})

test('binaryCrossEntropy of logits is NaN, as its comment warns', () => {
  const each = binaryCrossEntropy(tensor([-3, 2, 2]), tensor([1, 0, 1]), { reduction: 'none' })
  expect(each.data()).toEqual(new Float32Array([Number.NaN, Number.NaN, -Math.log(2)]))
})

describe('every loss under vmap(grad) equals the loop', () => {
  const classes = (shape: number[]): Tensor => rng.randomIntegers(shape, { low: 0, high: 3 })
  const classLosses = { crossEntropy, categoricalCrossEntropy }
  const cases: (readonly [string, (a: Tensor, y: Tensor) => Tensor, Tensor, Tensor])[] = [
    ...Object.entries(ELEMENT_LOSSES).map(
      ([name, { loss, draw, drawTarget }]) => [name, loss, draw([4, 5, 3]), drawTarget([4, 5, 3])] as const,
    ),
    ...Object.entries(classLosses).flatMap(
      ([name, loss]) =>
        [
          [`${name} of one class`, loss, probability([4, 3]), classes([4])],
          [`${name} of classes`, loss, probability([4, 5, 3]), classes([4, 5])],
          [`${name} of distributions`, loss, probability([4, 5, 3]), probability([4, 5, 3])],
          [
            `${name} of columns`,
            (a: Tensor, y: Tensor) => loss(a, y, { layout: 'columns', reduction: 'sum' }),
            probability([4, 3, 5]),
            classes([4, 5]),
          ],
        ] as const,
    ),
  ]
  test.each(cases)('%s', (_, loss, a, y) => {
    const slope = grad((x: Tensor, target: Tensor) => loss(x, target) as Tensor<[]>)
    const targets = unbind(y, 0)
    const looped = stack(unbind(a, 0).map((x, i) => slope(x, targets[i]!)))
    const batched = vmap(slope)(a, y) as Tensor
    expect(batched.shape).toEqual(a.shape)
    expect(distance(batched.data() as Float64Array, looped.data() as Float64Array)).toBeLessThan(1e-15)
  })

  test.each(Object.entries(classLosses))('%s refuses a class that does not exist', (name, loss) => {
    const y = tensor([0, 1, 5, 2], { dtype: 'int32' })
    const each = vmap((x: Tensor, target: Tensor) => loss(x, target))
    expect(errorOf(() => each(probability([4, 3]), y)).message).toBe(
      `${name}: target 5 at [2] is outside of the classes, of size 3; targets run from 0 to 2.`,
    )
  })
})
