import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  categoricalCrossEntropy,
  crossEntropy,
  dice,
  focal,
  halfSquaredError,
  heldBinaryCrossEntropy,
  huber,
  jensenShannon,
  klDivergence,
  klDivergenceWithLogits,
  type Loss,
  logCosh,
  matrix,
  meanAbsoluteError,
  meanSquaredError,
  multiLabelSoftMargin,
  negativeLogLikelihood,
  pinball,
  poissonNegativeLogLikelihood,
  positivelyWeighted,
  smoothL1,
  softMargin,
  softmax,
  transpose,
  tversky,
  zeros,
} from '../src/index.ts'
import {
  centralDifference,
  columnsOf,
  entry,
  errorOf,
  expectClose,
  layouts,
  matricesOf,
  probability,
  ROUNDING,
  scaled,
  single,
  TOLERANCE,
  target,
} from './support.ts'

/** A target of a classification: an end, or a soft one. */
const label = fc.oneof(fc.constantFrom(0, 1), probability)

const losses: readonly {
  loss: Loss
  name: string
  outputs: fc.Arbitrary<number>
  targets: fc.Arbitrary<number>
}[] = [
  { loss: binaryCrossEntropy, outputs: probability, targets: label },
  { loss: binaryCrossEntropyWithLogits, outputs: entry, targets: label },
  { loss: categoricalCrossEntropy, outputs: probability, targets: label },
  { loss: crossEntropy, outputs: entry, targets: label },
  { loss: halfSquaredError, outputs: entry, targets: target },
  { loss: meanSquaredError, outputs: entry, targets: target },
  { loss: meanAbsoluteError, outputs: entry, targets: target },
  { loss: huber(), outputs: entry, targets: target },
  { loss: huber(0.25), outputs: entry, targets: target },
  { loss: heldBinaryCrossEntropy(-100), outputs: probability, targets: label },
  { loss: positivelyWeighted([2, 0.5, 1, 3]), outputs: entry, targets: label },
  { loss: negativeLogLikelihood, outputs: entry, targets: label },
  { loss: smoothL1(0.5), outputs: entry, targets: target },
  { loss: logCosh, outputs: entry, targets: target },
  { loss: pinball(0.2), outputs: entry, targets: target },
  { loss: poissonNegativeLogLikelihood({ full: true }), outputs: entry, targets: probability },
  { loss: klDivergence(), outputs: entry, targets: label },
  { loss: klDivergence(true), outputs: entry, targets: target },
  { loss: klDivergenceWithLogits, outputs: entry, targets: target },
  { loss: jensenShannon, outputs: probability, targets: probability },
  { loss: softMargin, outputs: entry, targets: target },
  { loss: focal(1.5), outputs: entry, targets: label },
  { loss: dice(), outputs: probability, targets: label },
  { loss: tversky({ alpha: 0.3, beta: 0.7 }), outputs: probability, targets: label },
  { loss: multiLabelSoftMargin(), outputs: entry, targets: label },
].map(each => ({ ...each, name: each.loss.name }))

describe.each(losses)('$name', ({ loss, outputs, targets }) => {
  it.each(layouts)('has m times the central difference of J as da, examples in %s', layout => {
    fc.assert(
      fc.property(matricesOf(outputs, targets), ([a, y]) => {
        const m = columnsOf(layout, a!)
        const difference = centralDifference(a => loss.forward({ a, y: y!, layout }).cost, a!)
        expectClose(loss.backward({ a: a!, y: y!, layout }), scaled(difference, m), TOLERANCE, 'da')
      }),
    )
  })

  it('gives in rows the transpose of what it gives in columns', () => {
    fc.assert(
      fc.property(matricesOf(outputs, targets), ([a, y]) => {
        const columns = { a: a!, y: y!, layout: 'columns' } as const
        const rows = { a: transpose(a!), y: transpose(y!), layout: 'rows' } as const
        expect(loss.forward(rows)).toEqual(loss.forward(columns))
        expect(loss.backward(rows)).toEqual(transpose(loss.backward(columns)))
      }),
    )
  })

  it('is, for a batch, the mean of what it is for each example alone', () => {
    fc.assert(
      fc.property(matricesOf(outputs, targets), ([a, y]) => {
        const [examples, n] = a!.shape
        const batch = loss.forward({ a: a!, y: y!, layout: 'rows' })
        let sum = 0
        for (let i = 0; i < examples; i++) {
          const row = (A: typeof a) => matrix([1, n], A!.data.slice(i * n, (i + 1) * n))
          const alone = loss.forward({ a: row(a), y: row(y), layout: 'rows' })
          expect(batch.losses[i]).toBe(alone.cost)
          sum += alone.cost
        }
        expect(batch.cost).toBe(sum / examples)
      }),
    )
  })

  it('returns float32 for float32', () => {
    const a = single(matrix([1, 1], [0.5]))
    expect(loss.forward({ a, y: a, layout: 'columns' }).losses).toBeInstanceOf(Float32Array)
    expect(loss.backward({ a, y: a, layout: 'columns' }).data).toBeInstanceOf(Float32Array)
  })

  it('refuses targets of another shape, and an empty batch', () => {
    const inputs = { a: zeros([1, 4]), y: zeros([4, 1]), layout: 'columns' } as const
    const problem =
      'a is (1, 4) but y is (4, 1). They must have one shape: transpose y, or choose the other layout.'
    expect(errorOf(() => loss.forward(inputs)).message).toBe(`${loss.name}.forward: ${problem}`)
    expect(errorOf(() => loss.backward(inputs)).message).toBe(`${loss.name}.backward: ${problem}`)
    const empty = zeros([2, 0])
    expect(errorOf(() => loss.forward({ a: empty, y: empty, layout: 'columns' })).message).toBe(
      `${loss.name}.forward: a is (2, 0), layout 'columns': ` +
        'a cost is a mean and needs at least one example with one output.',
    )
  })
})

describe.each(losses.filter(({ loss }) => loss.simplified !== undefined))('$name, simplified', ({ loss }) => {
  const { activation, dz } = loss.simplified!

  it.each(layouts)('is the chain through its activation, away from saturation, examples in %s', layout => {
    fc.assert(
      fc.property(matricesOf(entry, label), ([z, y]) => {
        const a = activation.forward(z!, layout)
        const da = loss.backward({ a, y: y!, layout })
        const literal = activation.backward({ da, z: z!, a, layout })
        expectClose(dz({ a, y: y!, layout }), literal, ROUNDING, 'dz')
      }),
    )
  })
})

/** The loss and its derivative at one example. */
function at(
  loss: Loss,
  outputs: readonly number[],
  targets: readonly number[],
): { cost: number; da: number[] } {
  const a = matrix([outputs.length, 1], outputs)
  const y = matrix([targets.length, 1], targets)
  const { cost } = loss.forward({ a, y, layout: 'columns' })
  return { cost, da: [...loss.backward({ a, y, layout: 'columns' }).data] }
}

describe('means and sums over the outputs', () => {
  it('halfSquaredError and the cross entropies over classes are sums, the others means', () => {
    expect(at(halfSquaredError, [1, 3], [0, 1])).toEqual({ cost: 2.5, da: [1, 2] })
    expect(at(meanSquaredError, [1, 3], [0, 1])).toEqual({ cost: 2.5, da: [1, 2] })
    expect(at(meanSquaredError, [1, 3, 0, 0], [0, 1, 0, 0])).toEqual({ cost: 1.25, da: [0.5, 1, 0, 0] })
    expect(at(meanAbsoluteError, [1, 3], [0, 4])).toEqual({ cost: 1, da: [0.5, -0.5] })
    expect(at(huber(), [0.5, 3], [0, 0])).toEqual({ cost: (0.125 + 2.5) / 2, da: [0.25, 0.5] })
    expect(at(binaryCrossEntropy, [0.5, 0.5], [1, 0])).toEqual({ cost: Math.LN2, da: [-1, 1] })
    expect(at(categoricalCrossEntropy, [0.5, 0.5], [1, 0])).toEqual({ cost: Math.LN2, da: [-2, 0] })
  })

  it('the derivative is 0 where meanAbsoluteError has its kink', () => {
    expect(at(meanAbsoluteError, [2], [2])).toEqual({ cost: 0, da: [0] })
  })
})

describe('logits and probabilities', () => {
  it('agree on the loss: crossEntropy with categoricalCrossEntropy of the softmax', () => {
    fc.assert(
      fc.property(matricesOf(entry, label), ([z, y]) => {
        const a = softmax.forward(z!, 'rows')
        const ofLogits = crossEntropy.forward({ a: z!, y: y!, layout: 'rows' }).cost
        const ofProbabilities = categoricalCrossEntropy.forward({ a, y: y!, layout: 'rows' }).cost
        expect(Math.abs(ofLogits - ofProbabilities)).toBeLessThanOrEqual(ROUNDING * Math.max(1, ofLogits))
      }),
    )
  })

  it('crossEntropy of two classes with logits (z, 0) is binaryCrossEntropyWithLogits of z', () => {
    fc.assert(
      fc.property(entry, probability, (z, y) => {
        const two = at(crossEntropy, [z, 0], [y, 1 - y])
        const one = at(binaryCrossEntropyWithLogits, [z], [y])
        expect(two.cost).toBeCloseTo(one.cost, 13)
        expect(two.da[0]).toBeCloseTo(one.da[0]!, 13)
      }),
    )
  })
})

describe('far from 0', () => {
  it('the losses on logits are finite, with all their digits', () => {
    expect(at(binaryCrossEntropyWithLogits, [1000], [0])).toEqual({ cost: 1000, da: [1] })
    expect(at(binaryCrossEntropyWithLogits, [-1000], [1])).toEqual({ cost: 1000, da: [-1] })
    expect(at(binaryCrossEntropyWithLogits, [100], [1])).toEqual({
      cost: Math.exp(-100),
      da: [-Math.exp(-100)],
    })
    expect(at(binaryCrossEntropyWithLogits, [-100], [0])).toEqual({
      cost: Math.exp(-100),
      da: [Math.exp(-100)],
    })
    expect(at(crossEntropy, [100, 0], [1, 0]).cost).toBe(Math.exp(-100))
    expect(at(crossEntropy, [-1000, 1000], [1, 0])).toEqual({ cost: 2000, da: [-1, 1] })
    expect(at(crossEntropy, [0, -Infinity], [1, 0])).toEqual({ cost: 0, da: [0, 0] })
  })

  it('the losses on probabilities count 0 · log 0 as 0 and a confident mistake as ∞', () => {
    expect(at(binaryCrossEntropy, [1], [1]).cost).toBe(0)
    expect(at(binaryCrossEntropy, [0], [0]).cost).toBe(0)
    expect(at(binaryCrossEntropy, [1e-20], [0])).toEqual({ cost: 1e-20, da: [1] })
    expect(at(binaryCrossEntropy, [1], [0])).toEqual({ cost: Infinity, da: [Infinity] })
    expect(at(binaryCrossEntropy, [0], [1])).toEqual({ cost: Infinity, da: [-Infinity] })
    expect(at(categoricalCrossEntropy, [1, 0], [1, 0])).toEqual({ cost: 0, da: [-1, 0] })
    expect(at(categoricalCrossEntropy, [1, 0], [0, 1])).toEqual({ cost: Infinity, da: [0, -Infinity] })
  })

  it('the literal quotient of binaryCrossEntropy is 0/0 once a has become y', () => {
    expect(at(binaryCrossEntropy, [1], [1]).da).toEqual([Number.NaN])
    expect(at(binaryCrossEntropy, [0], [0]).da).toEqual([Number.NaN])
  })
})

describe('huber', () => {
  it('has a value and a slope that meet at delta', () => {
    for (const delta of [0.5, 1, 3]) {
      const before = at(huber(delta), [delta], [0])
      const after = at(huber(delta), [delta * (1 + Number.EPSILON)], [0])
      expect(before).toEqual({ cost: 0.5 * delta * delta, da: [delta] })
      expect(after.cost).toBeCloseTo(before.cost, 14)
      expect(after.da).toEqual([delta])
    }
  })

  it('refuses a delta that is not positive', () => {
    expect(errorOf(() => huber(0)).message).toBe('huber: delta is 0; it must be greater than 0.')
  })
})

it('these losses take logits, the others activations', () => {
  const names = losses.filter(({ loss }) => loss.takes === 'logits').map(({ name }) => name)
  expect(names).toEqual([
    'binaryCrossEntropyWithLogits',
    'crossEntropy',
    'positivelyWeighted',
    'klDivergenceWithLogits',
    'softMargin',
    'focal',
    'multiLabelSoftMargin',
  ])
})
