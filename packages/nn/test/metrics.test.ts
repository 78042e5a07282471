// Metrics against their definitions: counts over all examples, probabilities over all pairs.
import { ArgumentError, Rng, ShapeError, type Tensor, tensor } from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  accuracy,
  areaUnderCurve,
  confusionMatrix,
  f1Score,
  precision,
  r2Score,
  recall,
  rocCurve,
  rootMeanSquaredError,
  topKAccuracy,
} from '../src/index.ts'
import { errorOf } from './support.ts'

const labels = (values: readonly number[]): Tensor => tensor([...values], { dtype: 'int32' })

/** Chosen and true classes of up to 30 examples of up to 5 classes; every class occurs, so that all agree on their number. */
const answers = fc.integer({ min: 2, max: 5 }).chain(classes => {
  const label = fc.integer({ min: 0, max: classes - 1 })
  return fc
    .array(fc.tuple(label, label), { maxLength: 30 })
    .map(pairs => [...pairs, ...Array.from({ length: classes }, (_, c): [number, number] => [c, c])])
    .map(pairs => ({ classes, chosen: pairs.map(([c]) => c), actual: pairs.map(([, a]) => a) }))
})

test('accuracy, confusion matrix, precision, recall and F1 are counts', () => {
  fc.assert(
    fc.property(answers, ({ classes, chosen, actual }) => {
      const count = (is: (c: number, a: number) => boolean): number =>
        chosen.filter((c, i) => is(c, actual[i]!)).length
      const [scores, target] = [labels(chosen), labels(actual)]
      expect(accuracy(scores, target)).toBe(count((c, a) => c === a) / chosen.length)
      const matrix = confusionMatrix(scores, target)
      for (let a = 0; a < classes; a++) {
        for (let c = 0; c < classes; c++) {
          expect(matrix.data()[a * classes + c]).toBe(count((x, y) => x === c && y === a))
        }
      }
      const each = Array.from({ length: classes }, (_, k) => {
        const right = count((c, a) => c === k && a === k)
        const [p, r] = [right / count(c => c === k), right / count((_, a) => a === k)]
        return { p, r, f: (2 * p * r) / (p + r), weight: count((_, a) => a === k) / chosen.length }
      })
      const mean = (of: (one: (typeof each)[number]) => number): number =>
        each.reduce((sum, one) => sum + of(one), 0) / classes
      const average = 'macro'
      expect(precision(scores, target, { average })).toBeCloseTo(
        mean(one => one.p),
        12,
      )
      expect(recall(scores, target, { average })).toBeCloseTo(
        mean(one => one.r),
        12,
      )
      expect(f1Score(scores, target, { average })).toBeCloseTo(
        mean(one => one.f),
        12,
      )
      const weighted = each.reduce((sum, one) => sum + one.f * one.weight, 0)
      expect(f1Score(scores, target, { average: 'weighted' })).toBeCloseTo(weighted, 12)
      expect(precision(scores, target, { average: 'micro' })).toBe(accuracy(scores, target))
    }),
  )
})

test('scores in rows, in columns, single ones, and distributions as targets', () => {
  const rows = tensor([
    [0.1, 0.7, 0.2],
    [0.5, 0.2, 0.3],
  ])
  const target = labels([1, 2])
  expect(accuracy(rows, target)).toBe(0.5)
  expect(accuracy(rows.transpose(), target, { layout: 'columns' })).toBe(0.5)
  expect(
    accuracy(
      rows,
      tensor([
        [0, 1, 0],
        [0, 0, 1],
      ]),
    ),
  ).toBe(0.5)
  expect(accuracy(tensor([[-1], [2]]), tensor([[0], [1]]), { threshold: 0 })).toBe(1)
  expect(accuracy(tensor([0.4, 0.5]), labels([0, 1]))).toBe(1)
  expect(accuracy(tensor([]), labels([]))).toBeNaN()
})

test('a class that is never answered or never occurs counts 0', () => {
  const [chosen, actual] = [labels([0, 0]), labels([0, 1])]
  expect(precision(chosen, actual)).toBe(0)
  expect(recall(chosen, labels([0, 0]), { average: 'macro' })).toBe(0.5)
})

test('the area under the curve is a probability over all pairs', () => {
  const example = fc.record({ score: fc.integer({ min: 0, max: 6 }), label: fc.integer({ min: 0, max: 1 }) })
  fc.assert(
    fc.property(fc.array(example, { maxLength: 30 }), some => {
      const all = [...some, { score: 3, label: 0 }, { score: 2, label: 1 }]
      const [ones, zeros] = [1, 0].map(label => all.filter(one => one.label === label))
      const wins = ones!.flatMap(one =>
        zeros!.map(zero => (one.score > zero.score ? 1 : one.score === zero.score ? 0.5 : 0)),
      )
      const expected = wins.reduce<number>((sum, win) => sum + win, 0) / wins.length
      const scores = tensor(all.map(({ score }) => score))
      const target = tensor(all.map(({ label }) => label))
      expect(areaUnderCurve(scores, target)).toBeCloseTo(expected, 12)
      const curve = rocCurve(scores, target)
      expect(curve.at(-1)).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 })
      for (const { threshold, truePositiveRate } of curve) {
        const answered = ones!.filter(({ score }) => score >= threshold).length
        expect(truePositiveRate).toBe(answered / ones!.length)
      }
    }),
  )
})

test('the k largest', () => {
  const scores = new Rng(2).normal([50, 6]) as Tensor
  const target = labels(Array.from({ length: 50 }, (_, i) => i % 6))
  const best = scores.toArray() as number[][]
  for (let k = 1; k <= 6; k++) {
    const right = best.filter((row, i) => {
      const order = row.map((_, c) => c).sort((a, b) => row[b]! - row[a]!)
      return order.slice(0, k).includes(i % 6)
    })
    expect(topKAccuracy(scores, target, k)).toBe(right.length / 50)
  }
  expect(topKAccuracy(scores, target, 1)).toBe(accuracy(scores, target))
  // All equal: one in six by chance.
  expect(topKAccuracy(scores.mul(0), target, 1)).toBeCloseTo(1 / 6, 12)
})

test('explained variance and root mean squared error', () => {
  const y = new Rng(3).normal([40, 2], { dtype: 'float64' })
  const a = y.add(new Rng(4).normal([40, 2], { std: 0.3, dtype: 'float64' }))
  const residual = y.sub(a).square().sum(0)
  const spread = y.sub(y.mean(0)).square().sum(0)
  expect(r2Score(a, y)).toBeCloseTo(1 - residual.div(spread).mean().item(), 12)
  expect(rootMeanSquaredError(a, y)).toBeCloseTo(Math.sqrt(residual.sum().item() / 80), 12)
  expect(r2Score(y, y)).toBe(1)
  expect(r2Score(tensor([1, 1]), tensor([1, 1]))).toBe(1)
  expect(r2Score(tensor([1, 2]), tensor([1, 1]))).toBe(-Infinity)
  expect(r2Score(tensor([]), tensor([]))).toBeNaN()
})

describe('mistakes', () => {
  const two = tensor([
    [0, 1],
    [1, 0],
  ])
  const refused: readonly [string, () => unknown, typeof ArgumentError | typeof ShapeError, string][] = [
    [
      'another number of targets',
      () => accuracy(two, labels([0, 1, 1])),
      ShapeError,
      'accuracy: scores of shape [2, 2] take 2 classes, or probabilities of that shape; the target has shape [3].',
    ],
    [
      'a class that does not exist',
      () => accuracy(two, labels([0, 2])),
      ArgumentError,
      'accuracy: class 2 of the target does not exist; classes are 0 to 1.',
    ],
    [
      'a third class beside single scores',
      () => accuracy(tensor([0.2, 0.9]), labels([0, 2])),
      ArgumentError,
      'accuracy: class 2 of the target does not exist; classes are 0 to 1.',
    ],
    [
      'a target that is NaN',
      () => precision(tensor([0.2, 0.9]), tensor([Number.NaN, 1])),
      ArgumentError,
      'precision: a target is the number of a class, got NaN.',
    ],
    [
      'a target between two classes',
      () => accuracy(two, tensor([0.5, 1])),
      ArgumentError,
      'accuracy: a target is the number of a class, got 0.5.',
    ],
    [
      'binary of three classes',
      () => precision(labels([0, 1, 2]), labels([0, 1, 2]), { average: 'binary' }),
      ArgumentError,
      "precision: average 'binary' is for two classes, these are 3; choose 'macro', 'weighted' or 'micro'.",
    ],
    [
      'one class only',
      () => areaUnderCurve(tensor([1, 2]), tensor([1, 1])),
      ArgumentError,
      'areaUnderCurve: needs examples of both classes, all 2 are of class 1.',
    ],
    [
      'k beyond the classes',
      () => topKAccuracy(two, labels([0, 1]), 3),
      ArgumentError,
      'topKAccuracy: k must be a whole number from 1 to 2, got 3.',
    ],
    [
      'predictions that would broadcast',
      () => r2Score(tensor([[1], [2]]), tensor([1, 2])),
      ShapeError,
      'r2Score: takes predictions and targets of one shape, [m] or [m, n], got [2, 1] and [2].',
    ],
  ]
  test.each(refused)('%s', (_, run, kind, message) => {
    const error = errorOf(run)
    expect(error).toBeInstanceOf(kind)
    expect(error.message).toBe(message)
  })
})
