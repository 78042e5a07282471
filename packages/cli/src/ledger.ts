/** The ledger of a network: every dz, dW and db of autodiff beside hand-derived backpropagation and central differences. */
import type { Tensor } from '@adjoint/core'
import { type DenseNetwork, denseNetwork, type Layout, type Matrix } from '@adjoint/manual'
import { Dense, type Layer, Sequential } from '@adjoint/nn'
import { type BackpropReport, compareBackprop } from '@adjoint/testing'
import { type Examples, type Task, toBatch, toTargetMatrix } from './networks/examples.ts'
import { LOSSES, type LossName } from './networks/losses.ts'
import { type PairedLayer, pairLayers, toDenseNetwork, toMatrix } from './pairing.ts'

/** What {@link ledgerOf} needs of an experiment. */
export interface LedgerInputs {
  readonly model: Sequential
  readonly loss: LossName
  readonly task: Task
  readonly layout: Layout
}

/** A network as it was recorded on a batch, ready to be compared or drawn. */
export interface RecordedNetwork {
  readonly loss: Tensor
  /** z1, a1, W1, b1, z2, … */
  readonly tensors: Readonly<Record<string, Tensor>>
  readonly layers: readonly PairedLayer[]
}

/** Gradients agree when they differ by no more than this part of the largest value of the quantity. */
export const LEDGER_TOLERANCE = 1e-9

/**
 * Converts a model and a batch to float64, differentiates the loss automatically, by hand and by central differences, and
 * compares every dz, dW and db. `mistake` may change the hand-derived side first, to see what the ledger says then.
 *
 * @example
 * ```ts
 * import { ledgerOf } from '@adjoint/cli'
 * import { Rng, tanh } from '@adjoint/core'
 * import { Dense, sequential } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const model = sequential(new Dense(2, 3, { rng }), tanh, new Dense(3, 1, { rng }))
 * const examples = { features: [[0, 1], [1, 0]], targets: [0.5, -0.5] }
 * const ledger = ledgerOf({ model, loss: 'halfSquaredError', task: 'regression', layout: 'rows' }, examples)
 * ledger.agrees // => true
 * ledger.rows[0]?.shape // => [2, 1]
 * ```
 * @throws TypeError for a layer that has no hand-derived twin, see {@link pairLayers}.
 */
export function ledgerOf(
  { model, loss, task, layout }: LedgerInputs,
  examples: Examples,
  mistake: (network: DenseNetwork) => DenseNetwork = network => network,
): BackpropReport {
  const { loss: cost, tensors, layers } = recordNetwork({ model, loss, task, layout }, examples)
  const quantities = Object.keys(tensors).filter(name => !name.startsWith('a'))

  const network = mistake(toDenseNetwork(layers, LOSSES[loss].manual, layout))
  const { inputs } = toBatch(examples, { task, layout, dtype: 'float64' })
  const X = toMatrix(inputs)
  const Y = toTargetMatrix(examples.targets, layers.at(-1)!.dense.weight.shape[0]!, task, layout)
  const derived = denseNetwork.backward(network, X, denseNetwork.forward(network, X), Y)

  const manual: Record<string, Matrix> = {}
  const scale: Record<string, number> = {}
  for (const name of quantities) {
    const [kind, layer] = [name[0] as 'z' | 'W' | 'b', Number(name.slice(1))]
    manual[`d${name}`] = derived[`d${kind}`][layer - 1]!
    // The lecture's dz belongs to the loss of one example; autodiff's, to the mean over m of them.
    if (kind === 'z') scale[`d${name}`] = examples.targets.length
  }
  return compareBackprop(cost, Object.fromEntries(quantities.map(name => [name, tensors[name]!])), manual, {
    scale,
    tolerance: { relative: LEDGER_TOLERANCE, absolute: 0 },
  })
}

/** Runs a float64 copy of a model on a batch, and names its tensors as the lecture does. */
export function recordNetwork(
  { model, loss, task, layout }: LedgerInputs,
  examples: Examples,
): RecordedNetwork {
  const double = toFloat64(model)
  const layers = pairLayers(double)
  const { inputs, targets } = toBatch(examples, { task, layout, dtype: 'float64' })
  const outputs = new Map<string, Tensor>()
  const prediction = double.forward(inputs.named('x'), {
    observe: (path, output) => {
      outputs.set(path, output)
    },
  })
  const tensors: Record<string, Tensor> = {}
  for (const [at, { dense, path }] of layers.entries()) {
    const layer = at + 1
    tensors[`z${layer}`] = outputs.get(path.z)!.named(`z${layer}`)
    if (path.a !== path.z) tensors[`a${layer}`] = outputs.get(path.a)!.named(`a${layer}`)
    tensors[`W${layer}`] = dense.weight.named(`W${layer}`)
    if (dense.bias !== null) tensors[`b${layer}`] = dense.bias.named(`b${layer}`)
  }
  const cost = LOSSES[loss].automatic(prediction, targets.named('y'), { layout })
  return { loss: cost.named('J'), tensors, layers }
}

/** A copy of a model with its values in float64; the model itself is not touched. */
export function toFloat64(model: Sequential): Sequential {
  const copies = model.layers.map((layer): Layer<Tensor, Tensor> => {
    if (layer instanceof Sequential) return toFloat64(layer)
    if (!(layer instanceof Dense)) return layer as Layer<Tensor, Tensor>
    const { weight, bias, layout } = layer
    const [outputs, inputs] = weight.shape
    return new Dense(inputs!, outputs!, {
      dtype: 'float64',
      layout,
      bias: bias !== null,
      weightInitializer: () => weight.cast('float64'),
      ...(bias === null ? {} : { biasInitializer: () => bias.cast('float64') }),
    })
  })
  return new Sequential(copies)
}
