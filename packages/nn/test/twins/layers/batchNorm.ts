// Batch norm beside its hand-derived twin: training, and what it collects; afterwards, with what was collected.
import { type Rng, type Tensor, tensor } from '@adjoint/core'
import { batchNorm, numericArray } from '@adjoint/manual'
import { BatchNorm } from '@adjoint/nn'
import fc from 'fast-check'
import { compareNorm, epsilon, space } from '../norms.ts'
import { draw, type Passes, type Twin, tenths, toArray, twin } from '../twin.ts'

const options = {
  batch: fc.integer({ min: 2, max: 5 }),
  features: fc.integer({ min: 1, max: 4 }),
  space,
  epsilon,
  affine: fc.boolean(),
  bias: fc.boolean(),
}

const fixed = { dtype: 'float64' } as const

function statistics(rng: Rng, features: number): { mean: Tensor; variance: Tensor } {
  return { mean: draw(rng, [features]).detach(), variance: draw(rng, [features]).detach().square().add(0.1) }
}

export const twins: readonly Twin[] = [
  twin(
    'layers/batchNorm, training',
    fc.record(options),
    ({ batch, features, space, epsilon, affine, bias }, rng) => {
      const layer = new BatchNorm(features, { ...fixed, epsilon, affine, bias })
      return compareNorm(rng, [batch, features, ...space], epsilon, layer, batchNorm, { training: true })
    },
  ),
  twin(
    'layers/batchNorm, inference',
    fc.record(options),
    ({ batch, features, space, epsilon, affine, bias }, rng) => {
      const layer = new BatchNorm(features, { ...fixed, epsilon, affine, bias })
      const { mean, variance } = statistics(rng, features)
      layer.runningMean!.assign(mean)
      layer.runningVariance!.assign(variance)
      const given = { mean: toArray(mean), variance: toArray(variance) }
      return compareNorm(rng, [batch, features, ...space], epsilon, layer, {
        forward: inputs => batchNorm.forward({ ...inputs, ...given }),
        backward: inputs => batchNorm.backward({ ...inputs, ...given }),
      })
    },
  ),
  twin(
    'layers/batchNorm, running statistics',
    fc.record({ ...options, momentum: fc.option(tenths(1)) }),
    ({ batch, features, space, momentum }, rng): Passes => {
      const layer = new BatchNorm(features, { ...fixed, momentum })
      let collected = { mean: numericArray([features], new Float64Array(features)), variance: ones(features) }
      for (let step = 1; step <= 3; step++) {
        const x = draw(rng, [batch, features, ...space])
        layer.forward(x, { training: true })
        collected = batchNorm.track({
          x: toArray(x),
          runningMean: collected.mean,
          runningVariance: collected.variance,
          momentum: momentum ?? 1 / step,
        })
      }
      return {
        automatic: {
          mean: layer.runningMean!,
          variance: layer.runningVariance!,
          batches: layer.batchesTracked!.cast('float64'),
        },
        manual: { ...collected, batches: toArray(tensor(3)) },
        // Means of three batches may cancel; their terms are of the size of standard normal numbers.
        terms: { mean: 1 },
      }
    },
  ),
]

function ones(count: number): ReturnType<typeof numericArray> {
  return numericArray([count], new Float64Array(count).fill(1))
}
