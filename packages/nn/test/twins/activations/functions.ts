import * as ad from '@adjoint/core'
import type { Activation, Layout } from '@adjoint/manual'
import * as manual from '@adjoint/manual'
import type { Twin } from '../twin.ts'
import { activationTwin, axisOf, batches } from './activation.ts'

/** Activations of one number, without settings. */
const plain = (
  name: string,
  automatic: ad.UnaryOp,
  byHand: Activation,
  kinks: readonly number[] = [],
): Twin => activationTwin(name, () => ({ automatic: z => automatic(z), manual: byHand, kinks }))

/** Activations over the units of an example. */
const overUnits = (
  name: string,
  automatic: (z: ad.Tensor, axis: number) => ad.Tensor,
  byHand: Activation,
): Twin =>
  activationTwin(name, () => ({
    automatic: (z: ad.Tensor, layout: Layout) => automatic(z, axisOf(layout)),
    manual: byHand,
  }))

const even = batches.map(options => ({ ...options, units: 2 * options.units }))

/** The functions of core that are activations: layers as they are, `sequential(dense, gelu)`. */
export const twins: readonly Twin[] = [
  plain('relu', ad.relu, manual.relu, [0]),
  plain('relu6', ad.relu6, manual.relu6, [0, 6]),
  plain('sigmoid', ad.sigmoid, manual.sigmoid),
  plain('tanh', ad.tanh, manual.tanh),
  plain('selu', ad.selu, manual.selu, [0]),
  plain('silu', ad.silu, manual.silu),
  plain('mish', ad.mish, manual.mish),
  plain('softplus', ad.softplus, manual.softplus),
  plain('softsign', ad.softsign, manual.softsign),
  plain('logSigmoid', ad.logSigmoid, manual.logSigmoid),
  // z − tanh z, of which little is left near 0.
  activationTwin('tanhShrink', () => ({
    automatic: z => ad.tanhShrink(z),
    manual: manual.tanhShrink,
    cancels: true,
  })),
  plain('hardSigmoid', ad.hardSigmoid, manual.hardSigmoid, [-3, 3]),
  plain('hardSwish', ad.hardSwish, manual.hardSwish, [-3, 3]),
  activationTwin('gelu', rng => {
    const approximate = rng.next() < 0.5 ? 'tanh' : 'none'
    return { automatic: z => ad.gelu(z, { approximate }), manual: manual.gelu(approximate) }
  }),
  activationTwin('elu', rng => {
    const alpha = rng.next() * 2
    return { automatic: z => ad.elu(z, alpha), manual: manual.elu(alpha), kinks: [0] }
  }),
  activationTwin('celu', rng => {
    const alpha = 0.2 + rng.next() * 2
    return { automatic: z => ad.celu(z, alpha), manual: manual.celu(alpha) }
  }),
  activationTwin('hardTanh', rng => {
    const [low, high] = [-2 * rng.next(), 2 * rng.next()]
    return {
      automatic: z => ad.hardTanh(z, { low, high }),
      manual: manual.hardTanh(low, high),
      kinks: [low, high],
    }
  }),
  activationTwin('softShrink', rng => {
    const lambda = rng.next()
    return {
      automatic: z => ad.softShrink(z, lambda),
      manual: manual.softShrink(lambda),
      kinks: [-lambda, lambda],
    }
  }),
  activationTwin('hardShrink', rng => {
    const lambda = rng.next()
    return {
      automatic: z => ad.hardShrink(z, lambda),
      manual: manual.hardShrink(lambda),
      kinks: [-lambda, lambda],
    }
  }),
  activationTwin('threshold', rng => {
    const [limit, value] = [rng.next() - 0.5, rng.next()]
    return {
      automatic: z => ad.threshold(z, limit, value),
      manual: manual.threshold(limit, value),
      kinks: [limit],
    }
  }),
  overUnits('logSoftmax', ad.logSoftmax, manual.logSoftmax),
  overUnits('sparsemax', ad.sparsemax, manual.sparsemax),
  activationTwin(
    'glu',
    () => ({ automatic: (z, layout) => ad.glu(z, axisOf(layout)), manual: manual.glu }),
    even,
  ),
  activationTwin(
    'swiglu',
    () => ({ automatic: (z, layout) => ad.swiglu(z, axisOf(layout)), manual: manual.swiglu }),
    even,
  ),
  activationTwin(
    'maxout',
    (_, { units }) => ({
      automatic: (z, layout) => ad.maxout(z, units / 2, axisOf(layout)),
      manual: manual.maxout(2),
    }),
    even,
  ),
]
