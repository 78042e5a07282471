import { type Parameter, Rng, type Tensor } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import { AdaptiveLogSoftmax } from '@adjoint/nn'
import fc from 'fast-check'
import { normal } from '../lossTwins.ts'
import { differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const cases = fc.record({
  m: fc.integer({ min: 1, max: 6 }),
  features: fc.integer({ min: 8, max: 12 }),
  sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }),
  headBias: fc.boolean(),
  seed: fc.integer({ min: 0, max: 1000 }),
})

/** The layer, its tensors by name, and the same as the twin takes them. */
function pairOf({
  features,
  sizes,
  headBias,
  seed,
}: {
  features: number
  sizes: number[]
  headBias: boolean
  seed: number
}) {
  const cutoffs = sizes.slice(0, -1).map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b, 0))
  const classes = sizes.reduce((a, b) => a + b, 0)
  const layer = new AdaptiveLogSoftmax(features, classes, cutoffs, {
    rng: new Rng(seed),
    divisor: 2,
    headBias,
    dtype: 'float64',
  })
  const array = (x: Parameter): manual.NumericArray => toArray(x as Tensor)
  const tensors: Record<string, Tensor> = {
    head: layer.head.weight as Tensor,
    ...(headBias && { headBias: layer.head.bias as Tensor }),
    ...Object.fromEntries(
      layer.tail.flatMap(([project, classify], i) => [
        [`project${i}`, project.weight as Tensor],
        [`classify${i}`, classify.weight as Tensor],
      ]),
    ),
  }
  const weights: manual.AdaptiveLogSoftmaxWeights = {
    head: array(layer.head.weight as Parameter),
    ...(headBias && { headBias: array(layer.head.bias as Parameter) }),
    tail: layer.tail.map(([project, classify]) => ({
      project: array(project.weight as Parameter),
      classify: array(classify.weight as Parameter),
    })),
  }
  return { layer, classes, tensors, weights }
}

/** What the twin found, under the names of the tensors. */
function named(
  { dx, dhead, dheadBias, dtail }: manual.AdaptiveLogSoftmaxGradients,
  headBias: boolean,
): Record<string, manual.NumericArray> {
  return {
    dx,
    dhead,
    ...(headBias && { dheadBias }),
    ...Object.fromEntries(
      dtail.flatMap(({ dproject, dclassify }, i) => [
        [`dproject${i}`, dproject],
        [`dclassify${i}`, dclassify],
      ]),
    ),
  }
}

/** Derivatives are sums that cancel, dh − p Σ dh: relative to the cotangents. */
const termsOf = (names: readonly string[], cotangent: Tensor): Record<string, number> => {
  const size = Array.from(cotangent.data(), Number).reduce((a, b) => a + Math.abs(b), 0)
  return Object.fromEntries(names.map(name => [name, size]))
}

export const twins: readonly Twin[] = [
  twin('AdaptiveLogSoftmax', cases, (options, rng) => {
    const { layer, tensors, weights } = pairOf(options)
    const x = draw(rng, [options.m, options.features])
    const y = layer.forward(x)
    const dy = normal(rng, y.shape)
    const inputs = { x: toArray(x), ...weights }
    const gradients = named(
      manual.adaptiveLogSoftmax.backward({ ...inputs, dy: toArray(dy) }),
      options.headBias,
    )
    return {
      automatic: differentiate({ x, ...tensors }, { y }, { y: dy }),
      manual: { y: manual.adaptiveLogSoftmax.forward(inputs), ...gradients },
      terms: termsOf(Object.keys(gradients), dy),
    }
  }),
  twin('AdaptiveLogSoftmax, of targets', cases, (options, rng) => {
    const { layer, classes, tensors, weights } = pairOf(options)
    const x = draw(rng, [options.m, options.features])
    const targets = rng.randomIntegers([options.m], { low: 0, high: classes })
    const y = layer.targetLogProbabilities(x, targets)
    const dy = normal(rng, y.shape)
    const inputs = { x: toArray(x), ...weights }
    // One entry of every row has a cotangent.
    const all = manual.numericArray([options.m, classes], new Float64Array(options.m * classes))
    for (const [i, t] of targets.data().entries()) all.data[i * classes + Number(t)] = dy.data()[i]!
    const values = manual.adaptiveLogSoftmax.forward(inputs)
    const gradients = named(manual.adaptiveLogSoftmax.backward({ ...inputs, dy: all }), options.headBias)
    return {
      automatic: differentiate({ x, ...tensors }, { y }, { y: dy }),
      manual: {
        y: manual.numericArray(
          [options.m],
          Array.from(targets.data(), (t, i) => values.data[i * classes + Number(t)]!),
        ),
        ...gradients,
      },
      terms: termsOf(Object.keys(gradients), dy),
    }
  }),
]
