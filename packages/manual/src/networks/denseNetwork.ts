import type { Activation } from '../activations/activation.ts'
import { linear } from '../activations/linear.ts'
import { gradientDescent } from '../gradientDescent.ts'
import { dense, expectDenseInputs } from '../layers/dense.ts'
import type { Loss } from '../losses/loss.ts'
import type { Layout, Matrix } from '../matrix.ts'

/** One layer, z = Wx + b and a = g(z). */
export interface DenseNetworkLayer {
  readonly W: Matrix
  readonly b: Matrix
  readonly activation: Activation
}

/** L layers, the loss of the output of the last one, and how examples lie in X and Y. */
export interface DenseNetwork {
  readonly layers: readonly DenseNetworkLayer[]
  readonly loss: Loss
  readonly layout: Layout
}

/** What the forward pass keeps: `z[l - 1]` and `a[l - 1]` belong to the lecture's layer l = 1 … L. a⁽⁰⁾ is X itself. */
export interface DenseNetworkCache {
  readonly z: readonly Matrix[]
  readonly a: readonly Matrix[]
}

/** One matrix for each layer l = 1 … L, at index l − 1. dz, da and dX are without 1/m, dW and db with it. */
export interface DenseNetworkGradients {
  readonly dz: readonly Matrix[]
  /** ∂L/∂a. The last one comes from the loss as it is written, even where dz was simplified and did not need it. */
  readonly da: readonly Matrix[]
  readonly dW: readonly Matrix[]
  readonly db: readonly Matrix[]
  readonly dX: Matrix
}

/** How dz of the output layer is computed. */
export interface DenseNetworkOptions {
  /**
   * `'simplified'` (the default) uses dz = a − y where loss and output activation cancel to it: sigmoid under
   * binaryCrossEntropy (where it is divided by the number of outputs) and softmax under categoricalCrossEntropy.
   * `'literal'` never does: it follows the chain da ∗ g'(z), to 0/0 where a rounds to 1.
   */
  readonly output?: 'simplified' | 'literal'
}

/**
 * The deep network with L dense layers. Forward, with a₀ = X and l = 1 … L,
 *
 *     z_l = W_l a_(l−1) + b_l
 *     a_l = g_l(z_l)
 *
 * and J = (1/m) Σ_i L(a_L, y). Backward, from l = L down to 1, each layer first receives da_l, the derivative of L with
 * respect to what it has put out, and then hands da_(l−1) down:
 *
 *     da_L = ∂L/∂a_L                        (the loss)
 *     dz_l = da_l ∗ g_l'(z_l)               (the activation; at l = L often a_L − y)
 *     dW_l = (1/m) dz_l a_(l−1)ᵀ            (the dense layer, three lines)
 *     db_l = (1/m) Σ_i dz_l
 *     da_(l−1) = W_lᵀ dz_l
 *
 * The last line and the second together are the recursion dz_l = (W_(l+1)ᵀ dz_(l+1)) ∗ g_l'(z_l).
 *
 * **Which g'.** The lecture's sheets write a(1 − a) for every hidden layer, which is g' of the sigmoid only. Here each
 * layer uses that of its own activation.
 *
 * **Zero weights.** "No learning" is too strong. With all W and b at zero, only dz_L is not 0. If g(0) ≠ 0, as for the
 * sigmoid, W_L and b_L move, then with each step one more layer below them; but the units of a layer stay equal to each
 * other for ever. If g(0) = 0, as for tanh and relu, only b_L ever moves. And if the dz_L of the examples sum to 0, as under
 * a sigmoid output with as many labels 1 as 0, nothing moves at all.
 */
export const denseNetwork: {
  /** z and a of every layer. */
  forward(network: DenseNetwork, X: Matrix): DenseNetworkCache
  /** J = (1/m) Σ_i L_i. */
  cost(network: DenseNetwork, cache: DenseNetworkCache, Y: Matrix): number
  /** The derivatives of every layer. */
  backward(
    network: DenseNetwork,
    X: Matrix,
    cache: DenseNetworkCache,
    Y: Matrix,
    options?: DenseNetworkOptions,
  ): DenseNetworkGradients
  /** The network after one step of gradient descent, W ← W − α dW and b ← b − α db. */
  descend(
    network: DenseNetwork,
    gradients: Pick<DenseNetworkGradients, 'dW' | 'db'>,
    alpha: number,
  ): DenseNetwork
} = {
  forward: (network, X) => {
    expectNetwork('denseNetwork.forward', network)
    const { layers, layout } = network
    const z: Matrix[] = []
    const a: Matrix[] = []
    let x = X
    for (const [index, { W, b, activation }] of layers.entries()) {
      expectDenseInputs(`denseNetwork.forward, layer ${index + 1}`, { x, W, b, layout })
      z[index] = dense.forward({ x, W, b, layout })
      a[index] = activation.forward(z[index], layout)
      x = a[index]
    }
    return { z, a }
  },

  cost: (network, cache, Y) => {
    expectNetwork('denseNetwork.cost', network, cache)
    const { loss, layout } = network
    return loss.forward({ a: cache.a.at(-1)!, y: Y, layout }).cost
  },

  backward: (network, X, cache, Y, { output = 'simplified' } = {}) => {
    expectNetwork('denseNetwork.backward', network, cache)
    const { layers, loss, layout } = network
    const dz: Matrix[] = []
    const da: Matrix[] = []
    const dW: Matrix[] = []
    const db: Matrix[] = []

    const last = layers.length - 1
    const lossInputs = { a: cache.a[last]!, y: Y, layout }
    let dx = loss.backward(lossInputs)
    for (let l = last; l >= 0; l--) {
      const { W, activation } = layers[l]!
      da[l] = dx
      dz[l] =
        l === last && output === 'simplified' && loss.simplified?.activation === activation
          ? loss.simplified.dz(lossInputs)
          : activation.backward({ da: da[l]!, z: cache.z[l]!, a: cache.a[l]!, layout })
      const layer = dense.backward({ dz: dz[l]!, x: l === 0 ? X : cache.a[l - 1]!, W, layout })
      dW[l] = layer.dW
      db[l] = layer.db
      dx = layer.dx
    }
    return { dz, da, dW, db, dX: dx }
  },

  descend: (network, { dW, db }, alpha) => ({
    ...network,
    layers: network.layers.map(({ W, b, activation }, l) => ({
      ...gradientDescent({ W, b }, { dW: dW[l]!, db: db[l]! }, alpha),
      activation,
    })),
  }),
}

function expectNetwork(operation: string, { layers, loss }: DenseNetwork, cache?: DenseNetworkCache): void {
  const output = layers.at(-1)
  if (output === undefined)
    throw new RangeError(`${operation}: the network has no layers. Give it at least one.`)
  if (loss.takes === 'logits' && output.activation !== linear) {
    throw new TypeError(
      `${operation}: ${loss.name} takes logits, but the output activation is ${output.activation.name}, which would ` +
        'be applied twice. Make the output activation `linear`, or use a loss of activations: binaryCrossEntropy ' +
        'after sigmoid, categoricalCrossEntropy after softmax.',
    )
  }
  if (cache !== undefined && (cache.z.length !== layers.length || cache.a.length !== layers.length)) {
    throw new RangeError(
      `${operation}: the network has ${layers.length} layers but the cache holds ${cache.z.length} z and ` +
        `${cache.a.length} a. Give the cache that denseNetwork.forward returned for this network.`,
    )
  }
}
