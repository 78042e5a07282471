// The adaptive softmax beyond its twin: probabilities, shapes, names of its state, settings, errors.
import { Rng, type Tensor, tensor, zeros } from '@adjoint/core'
import { checkGradients } from '@adjoint/testing'
import { expect, test } from 'vitest'
import { AdaptiveLogSoftmax, namedParameters, negativeLogLikelihood } from '../src/index.ts'
import { errorOf } from './support.ts'

const rng = new Rng(8)
const layer = new AdaptiveLogSoftmax(16, 30, [5, 12], { rng, dtype: 'float64', headBias: true })
const x = rng.normal([3, 4, 16], { dtype: 'float64' })
const targets = rng.randomIntegers([3, 4], { low: 0, high: 30 })

test('its log-probabilities are those of one distribution', () => {
  const y = layer.forward(x)
  expect(y.shape).toEqual([3, 4, 30])
  for (const total of y.exp().sum(-1).data()) expect(total).toBeCloseTo(1, 13)
  expect(layer.predict(x).toArray()).toEqual(y.argmax(-1).toArray())
})

test('those of the targets are found without the others', () => {
  const found = layer.targetLogProbabilities(x, targets)
  expect(found.shape).toEqual([3, 4])
  const expected = negativeLogLikelihood(layer.forward(x), targets)
  expect(layer.loss(x, targets).item()).toBeCloseTo(expected.item(), 13)
  expect(layer.loss(x, targets, { reduction: 'sum' }).item()).toBeCloseTo(12 * expected.item(), 12)
  expect(layer.loss(x, targets, { reduction: 'none' }).shape).toEqual([3, 4])
  const one = layer.targetLogProbabilities(x.slice(0, 0, null), tensor(29, { dtype: 'int32' }) as Tensor)
  expect(one.item()).toBeCloseTo((layer.forward(x).toArray() as number[][][])[0]![0]![29]!, 13)
})

test('has the gradients of difference quotients', () => {
  const report = checkGradients((input: Tensor) => layer.loss(input, targets), x, { order: 2 })
  expect(report.passes).toBe(true)
})

test('a cluster that no target is in is not computed', () => {
  const y = tensor([0, 4], { dtype: 'int32' }) as Tensor
  layer.loss(x.slice(0, [0, 2], null), y).backward()
  expect(layer.head.weight.grad).not.toBeNull()
  expect(layer.tail.map(([project]) => project.weight.grad)).toEqual([null, null])
})

test("its parameters have PyTorch's names and shapes", () => {
  expect(Object.entries(namedParameters(layer)).map(([name, { shape }]) => [name, shape])).toEqual([
    ['head.weight', [7, 16]],
    ['head.bias', [7]],
    ['tail.0.0.weight', [4, 16]],
    ['tail.0.1.weight', [7, 4]],
    ['tail.1.0.weight', [1, 16]],
    ['tail.1.1.weight', [18, 1]],
  ])
  expect(String(layer)).toBe('AdaptiveLogSoftmax(16, 30, cutoffs 5, 12)')
})

test('mistakes are named', () => {
  const cutoffs =
    'AdaptiveLogSoftmax: cutoffs are whole numbers that increase, between 1 and the number of classes (30) less 1; got '
  for (const [wrong, shown] of [
    [[], '[].'],
    [[12, 5], '[12, 5].'],
    [[5, 30], '[5, 30].'],
    [[0], '[0].'],
    [5, '5.'],
  ] as const) {
    expect(errorOf(() => new AdaptiveLogSoftmax(16, 30, wrong as never, { rng })).message).toBe(
      cutoffs + shown,
    )
  }
  expect(errorOf(() => new AdaptiveLogSoftmax(16, 30, [5], { rng, bias: true } as never)).message).toContain(
    "AdaptiveLogSoftmax: knows no 'bias'",
  )
  expect(errorOf(() => new AdaptiveLogSoftmax(3, 30, [5], { rng })).message).toContain('which is none')
  expect(errorOf(() => layer.forward(zeros([2, 15]))).message).toContain('takes [..., 16], got [2, 15]')
  expect(errorOf(() => layer.loss(x, targets.cast('float32'))).message).toContain('targets are int32')
  expect(
    errorOf(() => layer.loss(x.slice(0, 0, null), tensor(30, { dtype: 'int32' }) as Tensor)).message,
  ).toContain('target 30 at [0] is outside of the classes, of size 30; targets run from 0 to 29.')
})
