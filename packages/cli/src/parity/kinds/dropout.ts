/** Cases of dropout: how many elements of many go, what becomes of the others, and that the gradient has the same mask. */
import * as ad from '@adjoint/core'
import { AlphaDropout, Dropout, FeatureAlphaDropout, SpatialDropout } from '@adjoint/nn'
import { Attributes } from '../attributes.ts'
import { NotCovered } from '../errors.ts'
import { Fields } from '../fields.ts'
import type { ParityCase } from '../format.ts'
import type { Outcome } from '../outcome.ts'

type Layer = Dropout | SpatialDropout | AlphaDropout | FeatureAlphaDropout

const LAYERS: Readonly<Record<string, (rate: number) => Layer>> = {
  dropout: rate => new Dropout(rate),
  dropout1d: rate => new SpatialDropout(rate),
  dropout2d: rate => new SpatialDropout(rate),
  dropout3d: rate => new SpatialDropout(rate),
  feature_dropout: rate => new SpatialDropout(rate),
  alpha_dropout: rate => new AlphaDropout(rate),
  feature_alpha_dropout: rate => new FeatureAlphaDropout(rate),
}

/** Whether a case of kind `stats` is one of dropout. */
export function isDropout({ op }: ParityCase): boolean {
  return Object.hasOwn(LAYERS, op)
}

export function decideDropout(found: ParityCase): Outcome {
  const fields = Fields.of(found)
  const attributes = new Attributes(found.attrs)
  const layer = LAYERS[found.op]!(attributes.number('p', 0.5))
  attributes.expectAllRead(found.op)
  const differences = [...problemsOf(layer, fields)]
  return differences.length === 0
    ? { verdict: 'passed', stages: ['value', 'first'] }
    : { verdict: 'failed', stages: ['value', 'first'], differences }
}

function* problemsOf(layer: Layer, fields: Fields): Generator<string> {
  const expect = fields.record('expect')
  const unknown = expect.names().filter(name => !['training', 'eval', 'gradient'].includes(name))
  if (unknown.length > 0) throw new NotCovered(`an expectation of ${unknown.join(', ')}`)
  const count = fields.number('suggestedSamples')
  const shape: readonly number[] = layer instanceof SpatialDropout ? [count, 1, 1] : [count, 1]
  const x = ad.ones(shape, { dtype: 'float64', requiresGrad: true }) as ad.Tensor
  if (layer.forward(x) !== x) yield 'it changes its input outside of training'
  const y = layer.forward(x, { training: true, rng: new ad.Rng(0) })
  const cotangent = ad.normal(new ad.Rng(1), shape, { dtype: 'float64' }) as ad.Tensor
  const [gradient] = ad.gradients(ad.sum(ad.mul(y, cotangent)), [x])
  // Of ones the output is the mask itself, with its scale.
  if (!(layer instanceof AlphaDropout || layer instanceof FeatureAlphaDropout)) {
    const masked = ad.mul(cotangent, y).data()
    if (gradient!.data().some((value, i) => value !== masked[i]))
      yield 'the gradient is not the cotangent times the mask of the forward pass'
  }
  if (expect.has('training'))
    yield* trainingProblems(Array.from(y.data()), expect.record('training'), fields.number('sigmas'))
}

/** Each expectation of a training pass over ones, within so many standard deviations of its estimate. */
function* trainingProblems(values: readonly number[], expect: Fields, sigmas: number): Generator<string> {
  const count = values.length
  const mean = values.reduce((total, value) => total + value, 0) / count
  const spread = Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / count)
  const dropped = values.filter(value => value === 0).length / count
  const number = (name: string): number | undefined => (expect.has(name) ? expect.number(name) : undefined)
  const [fraction, scale] = [number('dropFraction'), number('keptScale')]
  const [ofOnes, std] = [number('meanOfOnes'), number('stdOfOnes') ?? 0]
  const known = ['dropFraction', 'keptScale', 'meanOfOnes', 'stdOfOnes']
  const unknown = expect.names().filter(name => !known.includes(name))
  if (unknown.length > 0) throw new NotCovered(`an expectation of ${unknown.join(', ')}`)
  if (fraction !== undefined) {
    const bound = sigmas * Math.sqrt((fraction * (1 - fraction)) / count)
    if (!(Math.abs(dropped - fraction) <= bound))
      yield `${dropped} of the elements go, expected is ${fraction}`
  }
  // How far the standard deviation of two values may be off, as for the other random numbers.
  if (ofOnes !== undefined && !(Math.abs(mean - ofOnes) <= (sigmas * std) / Math.sqrt(count)))
    yield `the mean of ${count} ones is ${mean}, expected is ${ofOnes}`
  if (expect.has('stdOfOnes') && !(Math.abs(spread - std) <= ((sigmas + 2) * std) / Math.sqrt(count)))
    yield `the standard deviation of ${count} ones is ${spread}, expected is ${std}`
  const stray =
    scale === undefined ? undefined : values.find(value => value !== 0 && Math.abs(value - scale) > 1e-12)
  if (stray !== undefined) yield `an element becomes ${stray}, expected is 0 or ${scale}`
}
