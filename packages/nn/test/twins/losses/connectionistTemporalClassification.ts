import { logSoftmax, type Tensor, tensor } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { normal, reduction } from '../lossTwins.ts'
import { differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const cases = fc
  .record({
    batch: fc.integer({ min: 1, max: 4 }),
    time: fc.integer({ min: 1, max: 7 }),
    classes: fc.integer({ min: 2, max: 4 }),
    longest: fc.integer({ min: 0, max: 3 }),
    blank: fc.integer({ min: 0, max: 1 }),
    timeFirst: fc.boolean(),
    reduction,
  })
  .chain(sizes =>
    fc.record({
      sizes: fc.constant(sizes),
      inputLengths: fc.array(fc.integer({ min: 0, max: sizes.time }), {
        minLength: sizes.batch,
        maxLength: sizes.batch,
      }),
      targetLengths: fc.array(fc.integer({ min: 0, max: sizes.longest }), {
        minLength: sizes.batch,
        maxLength: sizes.batch,
      }),
    }),
  )

export const twins: readonly Twin[] = [
  twin('connectionistTemporalClassification', cases, ({ sizes, inputLengths, targetLengths }, rng) => {
    const { batch, time, classes, longest, blank, timeFirst, reduction } = sizes
    const y = draw(rng, [batch, time, classes])
    // Any class but the blank; what comes after the length is no class at all.
    const labels = targetLengths.map(length =>
      Array.from(rng.randomIntegers([length], { low: 0, high: classes - 1 }).data(), k =>
        k < blank ? k : k + 1,
      ),
    )
    const padded = labels.flatMap(row => [...row, ...new Array<number>(longest - row.length).fill(-7)])
    const targets = tensor(padded, { shape: [batch, longest], dtype: 'int32' }) as Tensor
    const logs = logSoftmax(y)
    const J = nn.connectionistTemporalClassification(timeFirst ? logs.swapAxes(0, 1) : logs, targets, {
      inputLengths,
      targetLengths,
      blank,
      timeFirst,
      reduction,
    }) as Tensor
    // A target that does not fit into its time is infinite: losses.test.ts looks at these.
    const arrays = { y: toArray(logs), labels, inputLengths, blank }
    const losses = manual.connectionistTemporalClassification.forward(arrays)
    if (losses.data.some(loss => loss === Infinity)) return undefined
    const cotangent = normal(rng, J.shape)
    const factors = targetLengths.map(length => (reduction === 'mean' ? 1 / batch / Math.max(1, length) : 1))
    const dlosses = manual.numericArray(
      [batch],
      factors.map((factor, i) => factor * cotangent.data()[reduction === 'none' ? i : 0]!),
    )
    const each = factors.map((factor, i) => factor * losses.data[i]!)
    const largest = Math.max(...dlosses.data.map(Math.abs))
    // dlogits = dy − softmax Σ dy
    const found = manual.connectionistTemporalClassification.backward({ ...arrays, dlosses })
    const dy = Float64Array.from(found.dy.data)
    const p = logs.exp().data()
    const dlogits = dy.map((value, k) => {
      const start = k - (k % classes)
      return value - p[k]! * dy.slice(start, start + classes).reduce((a, b) => a + b, 0)
    })
    return {
      automatic: differentiate({ y }, { J }, { J: cotangent }),
      manual: {
        J: manual.numericArray(J.shape, reduction === 'none' ? each : [each.reduce((a, b) => a + b, 0)]),
        dy: manual.numericArray([batch, time, classes], dlogits),
      },
      // Probabilities, and differences of them.
      terms: { J: 1, dy: largest },
    }
  }),
]
