// Instance norm beside its hand-derived twin: statistics of each instance, running statistics, and what is collected.
import { instanceNorm, numericArray } from '@adjoint/manual'
import { InstanceNorm } from '@adjoint/nn'
import fc from 'fast-check'
import { compareNorm, epsilon } from '../norms.ts'
import { draw, type Passes, type Twin, tenths, toArray, twin } from '../twin.ts'

const options = {
  batch: fc.integer({ min: 1, max: 4 }),
  channels: fc.integer({ min: 1, max: 3 }),
  // More than one place.
  space: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }).map(sizes => [...sizes, 2]),
  epsilon,
  affine: fc.boolean(),
  bias: fc.boolean(),
}

const fixed = { dtype: 'float64' } as const

export const twins: readonly Twin[] = [
  twin(
    'layers/instanceNorm',
    fc.record({ ...options, training: fc.boolean() }),
    ({ batch, channels, space, epsilon, affine, bias, training }, rng) => {
      const layer = new InstanceNorm(channels, { ...fixed, epsilon, affine, bias })
      return compareNorm(rng, [batch, channels, ...space], epsilon, layer, instanceNorm, { training })
    },
  ),
  twin(
    'layers/instanceNorm, given statistics',
    fc.record(options),
    ({ batch, channels, space, epsilon, affine, bias }, rng) => {
      const layer = new InstanceNorm(channels, {
        ...fixed,
        epsilon,
        affine,
        bias,
        trackRunningStatistics: true,
      })
      const [mean, variance] = [draw(rng, [channels]), draw(rng, [channels]).square().add(0.1)]
      layer.runningMean!.assign(mean)
      layer.runningVariance!.assign(variance)
      const given = { mean: toArray(mean), variance: toArray(variance) }
      return compareNorm(rng, [batch, channels, ...space], epsilon, layer, {
        forward: inputs => instanceNorm.forward({ ...inputs, ...given }),
        backward: inputs => instanceNorm.backward({ ...inputs, ...given }),
      })
    },
  ),
  twin(
    'layers/instanceNorm, running statistics',
    fc.record({ ...options, momentum: fc.option(tenths(1)) }),
    ({ batch, channels, space, momentum }, rng): Passes => {
      const layer = new InstanceNorm(channels, { ...fixed, momentum, trackRunningStatistics: true })
      let collected = {
        mean: numericArray([channels], new Float64Array(channels)),
        variance: numericArray([channels], new Float64Array(channels).fill(1)),
      }
      for (let step = 1; step <= 3; step++) {
        const x = draw(rng, [batch, channels, ...space])
        layer.forward(x, { training: true })
        collected = instanceNorm.track({
          x: toArray(x),
          runningMean: collected.mean,
          runningVariance: collected.variance,
          momentum: momentum ?? 1 / step,
        })
      }
      return {
        automatic: { mean: layer.runningMean!, variance: layer.runningVariance! },
        manual: collected,
        // Means of three batches may cancel; their terms are of the size of standard normal numbers.
        terms: { mean: 1 },
      }
    },
  ),
]
