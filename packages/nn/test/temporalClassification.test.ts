// Connectionist temporal classification against the sum over all paths, and at the ends of what it takes.
import { gradients, log, logSoftmax, Rng, softmax, type Tensor, tensor, zeros } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { connectionistTemporalClassification as ctc } from '../src/index.ts'
import { errorOf } from './support.ts'

const rng = new Rng(5)
const int = (values: readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(values as number[], { dtype: 'int32' }) as Tensor

/** What is left of a path without repetitions and blanks. */
function spelled(path: readonly number[], blank: number): string {
  return path.filter((k, t) => k !== blank && k !== path[t - 1]).join(' ')
}

/** −log of the sum over all paths that spell the labels. */
function bruteForce(y: readonly (readonly number[])[], labels: readonly number[], blank: number): number {
  const classes = y[0]!.length
  let total = 0
  for (let code = 0; code < classes ** y.length; code++) {
    const path = y.map((_, t) => Math.floor(code / classes ** t) % classes)
    if (spelled(path, blank) !== labels.join(' ')) continue
    total += Math.exp(path.reduce((sum, k, t) => sum + y[t]![k]!, 0))
  }
  return -Math.log(total)
}

describe('the sum over all paths', () => {
  test.each([
    [[1], 0],
    [[1, 2], 0],
    [[1, 1], 0],
    [[2, 2, 1], 0],
    [[], 0],
    [[0, 2], 1],
    [[0, 0], 2],
  ])('of labels %j with blank %i', (labels, blank) => {
    for (const time of [3, 5]) {
      const y = logSoftmax(rng.normal([time, 3], { dtype: 'float64' }))
      const targets = tensor(labels, { shape: [labels.length], dtype: 'int32' }) as Tensor
      const expected = bruteForce(y.toArray() as number[][], labels, blank)
      const found = ctc(y, targets, { blank, reduction: 'sum' })
      expect(found.shape).toEqual([])
      if (expected === Infinity) expect(found.item()).toBe(Infinity)
      else expect(found.item()).toBeCloseTo(expected, 12)
    }
  })
})

const logits = rng.normal([2, 5, 3], { dtype: 'float64' })
const targets = int([
  [1, 2],
  [2, 2],
])

test('lengths cut off what is behind them, NaN too', () => {
  const y = logSoftmax(logits)
  const cut = y.slice([1, 2], [0, 4], null)
  const padded = tensor(
    (y.toArray() as number[][][]).map((rows, i) =>
      rows.map((row, t) => (i === 1 && t === 4 ? row.map(() => NaN) : row)),
    ),
    { dtype: 'float64', requiresGrad: true },
  )
  const lengths = { inputLengths: [5, 4], targetLengths: int([2, 1]) }
  const found = ctc(
    padded,
    int([
      [1, 2],
      [2, 77],
    ]),
    { ...lengths, reduction: 'none' },
  )
  expect((found.toArray() as number[])[1]).toBeCloseTo(ctc(cut, int([[2]])).item(), 13)
  const slope = gradients(found.sum(), [padded])[0]!
  expect(Array.from(slope.data()).every(Number.isFinite)).toBe(true)
  // At every time that counts, the probabilities of what is named add up to 1.
  const expected = Array.from({ length: 10 }, (_, k) => (k === 9 ? 0 : -1))
  expect(Array.from(slope.sum(2).data()).map(value => Math.round(Number(value) * 1e12) / 1e12 + 0)).toEqual(
    expected.map(value => value + 0),
  )
})

test('the mean divides by the lengths of the targets first', () => {
  const y = logSoftmax(logits)
  const options = { targetLengths: [2, 1] } as const
  const [first, second] = ctc(y, targets, { ...options, reduction: 'none' }).toArray() as number[]
  expect(ctc(y, targets, options).item()).toBeCloseTo((first! / 2 + second!) / 2, 13)
  expect(ctc(y.swapAxes(0, 1), targets, { ...options, timeFirst: true }).item()).toBeCloseTo(
    ctc(y, targets, options).item(),
    15,
  )
})

test('what does not fit into its time is infinite, or 0 when asked, and has gradient 0', () => {
  const y = logSoftmax(logits).slice(null, [0, 2], null).detach()
  y.requiresGrad = true
  for (const zeroInfinity of [false, true]) {
    // [2, 2] needs a blank between, so three steps.
    const losses = ctc(y, targets, { reduction: 'none', zeroInfinity })
    expect((losses.toArray() as number[])[1]).toBe(zeroInfinity ? 0 : Infinity)
    const slope = gradients(losses.sum(), [y])[0]!
    expect(Array.from(slope.slice([1, 2], null, null).data()).map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0])
    expect(Array.from(slope.data()).every(Number.isFinite)).toBe(true)
  }
})

test('no time and no labels are certain; labels without time are impossible', () => {
  const y = zeros([2, 0, 3])
  const found = ctc(y, int([[1], [1]]), { targetLengths: [0, 1], reduction: 'none' })
  expect(found.toArray()).toEqual([-0, Infinity])
  const none = ctc(log(softmax(logits)), zeros([2, 0], { dtype: 'int32' }) as Tensor, { reduction: 'none' })
  const blanks = logSoftmax(logits).slice(null, null, 0).sum(1).neg().toArray() as number[]
  for (const [i, loss] of (none.toArray() as number[]).entries()) expect(loss).toBeCloseTo(blanks[i]!, 13)
})

test('is finite in float32 for logits of ±1000', () => {
  const z = tensor(
    [
      [
        [1000, -1000],
        [-1000, 1000],
        [1000, -1000],
      ],
    ],
    { requiresGrad: true },
  )
  const loss = ctc(logSoftmax(z), int([[1]]))
  expect(loss.item() + 0).toBe(0)
  const off = ctc(logSoftmax(z), int([[0]]), { blank: 1 })
  // Three paths are wrong at one time each.
  expect(off.item()).toBeCloseTo(2000 - Math.log(3), 3)
  expect(Array.from(gradients(off, [z])[0]!.data()).every(Number.isFinite)).toBe(true)
})

test('the graph does not grow with the time', () => {
  const count = (time: number): number => {
    const y = rng.normal([2, time, 3], { dtype: 'float64' })
    y.requiresGrad = true
    const seen = new Set([ctc(logSoftmax(y), targets) as Tensor])
    for (const x of seen) for (const input of x.node?.inputs ?? []) seen.add(input)
    return seen.size
  }
  expect(count(200)).toBe(count(20))
})

test('mistakes are named', () => {
  const y = logSoftmax(logits)
  const refused: readonly [() => unknown, string][] = [
    [
      () => ctc(y, int([1, 2])),
      'takes log-probabilities [batch, time, classes] with targets [batch, labels], or [time, classes] with [labels]; got [2, 5, 3] and [2].',
    ],
    [
      () =>
        ctc(
          y,
          int([
            [1, 3],
            [1, 1],
          ]),
        ),
      'target 3 at [0, 1] is outside of the classes, of size 3; targets run from 0 to 2.',
    ],
    [() => ctc(y, targets, { blank: 3 }), 'blank must be one of the 3 classes, got 3.'],
    [
      () => ctc(y, targets, { inputLengths: [5, 6] }),
      'input length 6 at [1] is outside of the lengths up to 5, of size 6; input lengths run from 0 to 5.',
    ],
    [
      () => ctc(y, targets, { targetLengths: [5] }),
      'targetLengths have shape [1]; they are one number for every example, [2].',
    ],
    [() => ctc(y, targets, { inputLengths: [1.5, 2] }), 'inputLengths are whole numbers, got [1.5, 2].'],
    [
      () => ctc(y, targets.cast('float32')),
      "targets are int32 class indices, got float32; make them with { dtype: 'int32' }.",
    ],
    [
      () => ctc(y, targets, { zero_infinity: true } as never),
      "knows no 'zero_infinity'; did you mean zeroInfinity?",
    ],
    [
      () => ctc(y, targets, { reduction: 'max' as never }),
      "reduction must be 'mean', 'sum' or 'none', got 'max'.",
    ],
  ]
  for (const [run, message] of refused) {
    expect(errorOf(run).message).toBe(`connectionistTemporalClassification: ${message}`)
  }
})
