/** A network of @adjoint/nn as the network of @adjoint/manual that computes the same, layer by layer. */
import { ArgumentError, leakyRelu, relu, sigmoid, softmax, type Tensor, tanh } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import { Dense, LeakyRelu, linear, Sequential, Softmax } from '@adjoint/nn'

/** A dense layer of either layout. */
export type AnyDense = Dense<number, number, manual.Layout>

/** One dense layer with the activation behind it. */
export interface PairedLayer {
  readonly dense: AnyDense
  /** Where `context.observe` reports z and a; equal when the layer has no activation. */
  readonly path: { readonly z: string; readonly a: string }
  readonly activation: manual.Activation
}

/** The hand-derived twin of a plain function that stands as a layer. */
const TWINS: ReadonlyMap<unknown, manual.Activation> = new Map<unknown, manual.Activation>([
  [leakyRelu, manual.leakyRelu()],
  [linear, manual.linear],
  [relu, manual.relu],
  [sigmoid, manual.sigmoid],
  [softmax, manual.softmax],
  [tanh, manual.tanh],
])

/**
 * The dense layers of a model, each with the activation that follows it, nested sequences included.
 *
 * @throws ArgumentError for a layer without a hand-derived twin, for an activation that follows no dense layer, for a
 * dense layer that is used twice, and for a model without any.
 */
export function pairLayers(model: Sequential): PairedLayer[] {
  const paired: PairedLayer[] = []
  let open = false
  for (const { path, layer } of flatten(model, '')) {
    const activation = twinOf(layer)
    if (layer instanceof Dense) {
      expectUnshared(layer, path, paired)
      paired.push({ dense: layer, path: { z: path, a: path }, activation: manual.linear })
      open = true
    } else if (activation !== undefined && open) {
      const last = paired.pop()!
      paired.push({ ...last, path: { z: last.path.z, a: path }, activation })
      open = false
    } else {
      throw new ArgumentError(
        'pairLayers',
        `layer '${path}' (${activation?.name ?? describe(layer)}) ${
          activation === undefined ? 'has no hand-derived twin here' : 'follows no dense layer'
        }. A model must be dense layers, each followed by at most one of leakyRelu, linear, relu, sigmoid, softmax, tanh.`,
      )
    }
  }
  if (paired.length === 0) throw new ArgumentError('pairLayers', 'the model has no dense layer.')
  return paired
}

/** The gradient of a shared weight is a sum over its places; formulas layer by layer know nothing of the others. */
function expectUnshared(dense: Dense, path: string, before: readonly PairedLayer[]): void {
  const twin = before.find(
    ({ dense: other }) => other.weight === dense.weight || (dense.bias !== null && other.bias === dense.bias),
  )
  if (twin === undefined) return
  throw new ArgumentError(
    'pairLayers',
    `layers '${twin.path.z}' and '${path}' share their parameters. The formulas compared here give each layer a weight of ` +
      'its own; for a shared one derive the sum by hand and call compareBackprop of @adjoint/testing.',
  )
}

/** The values of the model as the matrices of the manual network; b (n_out, 1) in columns, (1, n_out) in rows. */
export function toDenseNetwork(
  layers: readonly PairedLayer[],
  loss: manual.Loss,
  layout: manual.Layout,
): manual.DenseNetwork {
  return {
    layers: layers.map(({ dense, activation }) => {
      const units = dense.weight.shape[0]!
      const shape = layout === 'columns' ? ([units, 1] as const) : ([1, units] as const)
      return {
        W: toMatrix(dense.weight),
        b: dense.bias === null ? manual.zeros(shape) : manual.matrix(shape, toDoubles(dense.bias)),
        activation,
      }
    }),
    loss,
    layout,
  }
}

/** A tensor with two axes as a float64 matrix. */
export function toMatrix(x: Tensor): manual.Matrix {
  const [rows, columns] = x.shape
  return manual.matrix([rows!, columns!], toDoubles(x))
}

function twinOf(layer: unknown): manual.Activation | undefined {
  if (layer instanceof LeakyRelu) return manual.leakyRelu(layer.slope)
  return layer instanceof Softmax ? manual.softmax : TWINS.get(layer)
}

function toDoubles(x: Tensor): Float64Array {
  return Float64Array.from(x.data())
}

function* flatten(model: Sequential, prefix: string): Generator<{ path: string; layer: unknown }> {
  for (const [at, layer] of model.layers.entries()) {
    const path = `${prefix}${at}`
    if (layer instanceof Sequential) yield* flatten(layer, `${path}.`)
    else yield { path, layer }
  }
}

function describe(layer: unknown): string {
  if (typeof layer === 'function') return layer.name === '' ? 'a function' : layer.name
  return (layer as object).constructor.name
}
