/** The ledger of a network: every dz, dW and db of autodiff beside hand-derived backpropagation and central differences. */
import { ArgumentError, type Tensor } from '@adjoint/core'
import { type DenseNetwork, denseNetwork, type Layout, type Matrix } from '@adjoint/manual'
import { Dense, type Layer, Sequential } from '@adjoint/nn'
import { type BackpropReport, compareBackprop } from '@adjoint/testing'
import { type Examples, TASKS, type Task, toBatch, toTargetMatrix } from './networks/examples.ts'
import { LOSSES, type LossName } from './networks/losses.ts'
import { type PairedLayer, pairLayers, toDenseNetwork, toMatrix } from './pairing.ts'

/** What {@link ledgerOf} needs of an experiment. */
export interface LedgerInputs {
  readonly model: Sequential
  readonly loss: LossName
  readonly task: Task
  readonly layout: Layout
}

/** A tensor of a recorded network, and what it is there. Its name is kind and layer: `W1`. */
export interface RecordedTensor {
  readonly kind: 'z' | 'a' | 'W' | 'b'
  /** From 1, as the lecture counts. */
  readonly layer: number
  readonly tensor: Tensor
}

/** A network as it was recorded on a batch, ready to be compared or drawn. */
export interface RecordedNetwork {
  readonly loss: Tensor
  /** z1, a1, W1, b1, z2, …; no a where a layer has no activation, no b where it has no bias. */
  readonly tensors: readonly RecordedTensor[]
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
 * @throws ArgumentError for an unknown loss, task or layout, for a model that is no `Sequential`, for layers that
 * {@link pairLayers} refuses, and when features and targets are not equally many.
 */
export function ledgerOf(
  { model, loss, task, layout }: LedgerInputs,
  examples: Examples,
  mistake: (network: DenseNetwork) => DenseNetwork = network => network,
): BackpropReport {
  const recorded = recordNetwork({ model, loss, task, layout }, examples)
  const network = mistake(toDenseNetwork(recorded.layers, LOSSES[loss].manual, layout))
  const { inputs } = toBatch(examples, { task, layout, dtype: 'float64' })
  const X = toMatrix(inputs)
  const units = recorded.layers.at(-1)!.dense.outputs
  const Y = toTargetMatrix(examples.targets, units, task, layout)
  const derived = denseNetwork.backward(network, X, denseNetwork.forward(network, X), Y)

  const tensors: Record<string, Tensor> = {}
  const manual: Record<string, Matrix> = {}
  const scale: Record<string, number> = {}
  for (const { kind, layer, tensor } of recorded.tensors) {
    if (kind === 'a') continue
    const name = `${kind}${layer}`
    tensors[name] = tensor
    manual[`d${name}`] = derived[`d${kind}`][layer - 1]!
    // The lecture's dz belongs to the loss of one example; autodiff's, to the mean over m of them.
    if (kind === 'z') scale[`d${name}`] = examples.targets.length
  }
  return compareBackprop(recorded.loss, tensors, manual, {
    scale,
    tolerance: { relative: LEDGER_TOLERANCE, absolute: 0 },
  })
}

/**
 * Runs a float64 copy of a model on a batch, and names its tensors as the lecture does.
 *
 * @throws ArgumentError as {@link ledgerOf}.
 */
export function recordNetwork(inputs: LedgerInputs, examples: Examples): RecordedNetwork {
  expectInputs(inputs, examples)
  const { model, loss, task, layout } = inputs
  const double = toFloat64(model)
  const layers = pairLayers(double)
  const batch = toBatch(examples, { task, layout, dtype: 'float64' })
  const outputs = new Map<string, Tensor>()
  const prediction = double.forward(batch.inputs.named('x'), {
    observe: (path, output) => {
      outputs.set(path, output)
    },
  })
  const tensors: RecordedTensor[] = []
  for (const [at, { dense, path }] of layers.entries()) {
    const layer = at + 1
    const record = (kind: RecordedTensor['kind'], tensor: Tensor): void => {
      tensors.push({ kind, layer, tensor: tensor.named(`${kind}${layer}`) })
    }
    record('z', outputs.get(path.z)!)
    if (path.a !== path.z) record('a', outputs.get(path.a)!)
    record('W', dense.weight)
    if (dense.bias !== null) record('b', dense.bias)
  }
  const cost = LOSSES[loss].automatic(prediction, batch.targets.named('y'), { layout })
  return { loss: cost.named('J'), tensors, layers }
}

/** Checks what a program without types may get wrong, before it becomes a puzzle further down. */
function expectInputs(inputs: LedgerInputs, { features, targets }: Examples): void {
  const refuse = (message: string): never => {
    throw new ArgumentError('ledgerOf', message)
  }
  const expectOneOf = (what: 'loss' | 'task' | 'layout', known: readonly string[]): void => {
    if (known.includes(inputs[what])) return
    refuse(`${what} must be one of ${known.join(', ')}; got ${JSON.stringify(inputs[what]) ?? 'nothing'}.`)
  }
  expectOneOf('loss', Object.keys(LOSSES))
  expectOneOf('task', TASKS)
  expectOneOf('layout', ['rows', 'columns'])
  if (!((inputs.model as unknown) instanceof Sequential)) {
    refuse(
      'model must be a Sequential, made by sequential(...); a single layer becomes one with sequential(layer).',
    )
  }
  if (features.length !== targets.length || targets.length === 0) {
    refuse(
      `examples have ${features.length} rows of features and ${targets.length} targets; pass one target for each row, and at least one row.`,
    )
  }
  // The copy in float64 has a layer of its own at every place, so sharing is looked for here.
  for (const { dense, path } of pairLayers(inputs.model)) {
    if (dense.layout === inputs.layout) continue
    refuse(
      `layer '${path.z}' has layout '${dense.layout}', the ledger '${inputs.layout}'; they must be equal.`,
    )
  }
}

/** A copy of a model with its values in float64; the model itself is not touched. */
function toFloat64(model: Sequential): Sequential {
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
