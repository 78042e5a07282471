/** Norms: the functions where nothing is remembered, the layers of @adjoint/nn where running statistics are. */
import * as ad from '@adjoint/core'
import { BatchNorm, functionalCall, InstanceNorm, type InstanceNormSettings } from '@adjoint/nn'
import type { Attributes } from '../attributes.ts'
import type { Adapter, AdapterTable, Inputs, Outputs } from './adapter.ts'

const epsilonOf = (a: Attributes, fallback = 1e-5): number => a.number('eps', fallback)

/** Weight and bias, as far as the case has them. */
const affineOf = (weight?: ad.Tensor, bias?: ad.Tensor): ad.AffineOptions => ({
  ...(weight && { weight }),
  ...(bias && { bias }),
})

const layerNorm: Adapter = ([x, weight, bias], a) =>
  ad.layerNorm(x, a.numbers('normalized_shape'), { ...affineOf(weight, bias), epsilon: epsilonOf(a) })

const rmsNorm: Adapter = ([x, weight], a) =>
  ad.rmsNorm(x, a.optionalNumbers('normalized_shape') ?? (weight?.shape as readonly number[]), {
    ...(weight && { weight }),
    epsilon: epsilonOf(a, 1e-6),
  })

const groupNorm: Adapter = ([x, weight, bias], a) =>
  ad.groupNorm(x, a.number('num_groups'), { ...affineOf(weight, bias), epsilon: epsilonOf(a) })

const instanceNorm: Adapter = ([x, weight, bias], a) =>
  ad.instanceNorm(x, { ...affineOf(weight, bias), epsilon: epsilonOf(a) })

const localResponseNorm: Adapter = ([x], a) =>
  ad.localResponseNorm(x, a.number('size'), {
    alpha: a.number('alpha', 1e-4),
    beta: a.number('beta', 0.75),
    k: a.number('k', 1),
  })

/** The input, weight and bias if there are any, and the running statistics: the layer with these, and what it assigns. */
function withRunning(
  Layer: new (size: number, settings: InstanceNormSettings) => BatchNorm | InstanceNorm,
  inputs: Inputs,
  a: Attributes,
  training: boolean,
): Outputs {
  const [x] = inputs
  const [weight, bias] = inputs.length > 3 ? inputs.slice(1, 3) : []
  const [runningMean, runningVariance] = inputs.slice(-2) as [ad.Tensor, ad.Tensor]
  const layer = new Layer(x.shape[1]!, {
    epsilon: epsilonOf(a),
    momentum: a.number('momentum', 0.1),
    affine: weight !== undefined,
    trackRunningStatistics: true,
    dtype: runningMean.dtype as 'float64',
  })
  const assigned = new Map<unknown, ad.Tensor>()
  const state = { ...affineOf(weight, bias), runningMean, runningVariance }
  const y = functionalCall(layer, state as Record<string, ad.Tensor>, x, {
    training,
    assign: (memory, value) => assigned.set(memory, value),
  })
  return [
    y,
    assigned.get(layer.runningMean) ?? runningMean,
    assigned.get(layer.runningVariance) ?? runningVariance,
  ]
}

export const NORM: AdapterTable = {
  batch_norm: (inputs, a) => withRunning(BatchNorm, inputs, a, a.boolean('training', false)),
  layer_norm: layerNorm,
  group_norm: groupNorm,
  instance_norm: instanceNorm,
  instance_norm_running: (inputs, a) =>
    withRunning(InstanceNorm, inputs, a, a.boolean('use_input_stats', true)),
  rms_norm: rmsNorm,
  local_response_norm: localResponseNorm,
}
