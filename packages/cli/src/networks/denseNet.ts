/** Multilayer perceptrons of any depth from a list of sizes. */
import { type Rng, relu, sigmoid, softmax, type Tensor, tanh } from '@adjoint/core'
import type { Layout } from '@adjoint/manual'
import { Dense, initializers, type Layer, Sequential } from '@adjoint/nn'

/** The activations of the demo's networks. */
export type ActivationName = 'relu' | 'sigmoid' | 'softmax' | 'tanh'

const ACTIVATIONS: Readonly<Record<ActivationName, (input: Tensor) => Tensor>> = {
  relu,
  sigmoid,
  softmax,
  tanh,
}

/** Settings of {@link denseNet}. */
export interface DenseNetOptions {
  readonly inputs: number
  readonly hidden: readonly number[]
  readonly outputs: number
  readonly hiddenActivation: Exclude<ActivationName, 'softmax'>
  /** None for an output that is the net input z itself. */
  readonly outputActivation?: ActivationName
  readonly layout: Layout
  readonly rng: Rng
}

/**
 * Dense layers with an activation after each. Weights are drawn so that the signal keeps its size from layer to layer (He
 * et al. 2015 for relu, Glorot and Bengio 2010 for the others), biases begin at zero.
 */
export function denseNet(options: DenseNetOptions): Sequential {
  const { inputs, hidden, outputs, hiddenActivation, outputActivation, layout, rng } = options
  const weightInitializer =
    hiddenActivation === 'relu' ? initializers.heNormal() : initializers.xavierUniform()
  const sizes = [inputs, ...hidden, outputs]
  const layers: Layer<Tensor, Tensor>[] = []
  for (let at = 1; at < sizes.length; at++) {
    layers.push(
      new Dense(sizes[at - 1]!, sizes[at]!, {
        rng,
        layout,
        weightInitializer,
        biasInitializer: initializers.zeros,
      }),
    )
    const activation = at < sizes.length - 1 ? hiddenActivation : outputActivation
    if (activation !== undefined) layers.push(ACTIVATIONS[activation])
  }
  return new Sequential(layers)
}

/** The sizes and activations in one line: `2 → 6 tanh → 1 sigmoid`. */
export function describeNet(options: Omit<DenseNetOptions, 'layout' | 'rng'>): string {
  const { inputs, hidden, outputs, hiddenActivation, outputActivation } = options
  const hiddenParts = hidden.map(units => `${units} ${hiddenActivation}`)
  return [`${inputs}`, ...hiddenParts, `${outputs} ${outputActivation ?? 'linear'}`].join(' → ')
}
