/** The workloads in Adjoint: each as a function of tensors, which eager code calls and `compile` turns into a program. */

import {
  add,
  gradients,
  hvp,
  matmul,
  mul,
  type Parameter,
  Rng,
  relu,
  sigmoid,
  softmax,
  sum,
  type Tensor,
  tanh,
  tensor,
  transpose,
  valueAndGrad,
} from '@adjoint/core'
import {
  Adam,
  type AnyLayer,
  binaryCrossEntropyWithLogits,
  Conv2d,
  crossEntropy,
  Dense,
  Flatten,
  GRU,
  initializers,
  LSTM,
  loadPytorchState,
  MaxPool2d,
  meanSquaredError,
  parameters,
  pytorchState,
  Sequential,
  SGD,
  TransformerEncoderLayer,
} from '@adjoint/nn'
import type { Problem } from '../problemFile.ts'
import type { Family, MatmulForm, Values } from '../workload.ts'

/** One step as a function of its batch. The first result is the loss, where there is one. */
export interface TensorTask {
  readonly inputs: readonly Tensor[]
  readonly run: (...inputs: Tensor[]) => readonly Tensor[]
  /** Only for code that is not compiled: something else to measure than `run` on its inputs. */
  readonly eager?: () => readonly Tensor[]
}

type Arrays = Readonly<Record<string, Values>>

/** Makes the task of a problem, with fresh parameters. */
export function tensorTask(problem: Problem): TensorTask {
  return MAKERS[problem.family](problem)
}

const MAKERS: Readonly<Record<Family, (problem: Problem) => TensorTask>> = {
  perceptron,
  convolution,
  lstm: ({ settings, arrays }) => recurrent(LSTM, settings as RecurrentSizes, arrays),
  gru: ({ settings, arrays }) => recurrent(GRU, settings as RecurrentSizes, arrays),
  transformer,
  matmul: matmulTask,
  tanhSigmoid,
  softmax: ({ arrays }) => {
    const weighted = valueAndGrad((x: Tensor, c: Tensor) => sum(mul(c, softmax(x))))
    return {
      inputs: [given(arrays, 'X'), given(arrays, 'c')],
      run: (x, c) => {
        const { value, grad } = weighted(x!, c!)
        return [value, grad]
      },
    }
  },
  tanh: ({ arrays }) => ({ inputs: [given(arrays, 'X')], run: x => [tanh(x!)] }),
  sum: ({ settings, arrays }) => ({
    inputs: [given(arrays, 'X')],
    run: x => [sum(x!, settings.axis as number) as Tensor],
  }),
  add: addTask,
  hessianVectorProduct,
}

function given(arrays: Arrays, name: string, requiresGrad: boolean = false): Tensor {
  const { shape, data } = arrays[name]!
  const dtype = data instanceof Int32Array ? 'int32' : 'float32'
  return tensor(data, { shape, dtype, requiresGrad }) as Tensor
}

/** Everything of a problem that is a parameter, by name. */
function stateOf(arrays: Arrays): Record<string, Tensor> {
  const names = Object.keys(arrays).filter(name => name !== 'X' && name !== 'Y')
  return Object.fromEntries(names.map(name => [name, given(arrays, name)]))
}

const ACTIVATIONS = { sigmoid, tanh, relu }
const LOSSES = { binaryCrossEntropy: binaryCrossEntropyWithLogits, meanSquaredError, crossEntropy }
const OPTIMIZERS = { sgd: SGD, adam: Adam }

function perceptron({ settings, arrays }: Problem): TensorTask {
  const sizes = settings.sizes as readonly number[]
  const activation = ACTIVATIONS[settings.activation as keyof typeof ACTIVATIONS]
  const layers: AnyLayer[] = []
  for (let layer = 1; layer < sizes.length; layer++) {
    if (layer > 1) layers.push(activation as AnyLayer)
    layers.push(
      new Dense(sizes[layer - 1]!, sizes[layer]!, {
        weightInitializer: () => given(arrays, `weight${layer}`),
        biasInitializer: () => given(arrays, `bias${layer}`),
      }),
    )
  }
  const model = new Sequential(layers)
  const Optimizer = OPTIMIZERS[settings.optimizer as keyof typeof OPTIMIZERS]
  const optimizer = new Optimizer(parameters(model), { learningRate: settings.learningRate as number })
  const lossOf = LOSSES[settings.loss as keyof typeof LOSSES] as (
    prediction: Tensor,
    target: Tensor,
  ) => Tensor
  return trainingStep(model, lossOf, optimizer, arrays)
}

function convolution({ settings, arrays }: Problem): TensorTask {
  const options = { weightInitializer: initializers.zeros }
  const biased = { ...options, biasInitializer: initializers.zeros }
  const model = new Sequential([
    new Conv2d(1, 16, 3, biased),
    relu,
    new MaxPool2d(2),
    new Conv2d(16, 32, 3, biased),
    relu,
    new MaxPool2d(2),
    new Flatten(),
    new Dense(800, 10, biased),
  ])
  loadPytorchState(model, stateOf(arrays))
  const optimizer = new SGD(parameters(model), { learningRate: settings.learningRate as number })
  return trainingStep(model, crossEntropy, optimizer, arrays)
}

function trainingStep(
  model: Sequential,
  lossOf: (prediction: Tensor, target: Tensor) => Tensor,
  optimizer: { step(): void },
  arrays: Arrays,
): TensorTask {
  return {
    inputs: [given(arrays, 'X'), given(arrays, 'Y')],
    run: (x, y) => {
      const loss = lossOf(model.forward(x!) as Tensor, y!)
      loss.backward()
      optimizer.step()
      return [loss]
    },
  }
}

type RecurrentSizes = { readonly inputs: number; readonly hidden: number }
type RecurrentLayer = new (inputs: number, hidden: number, options: object) => { forward(x: Tensor): Tensor }

function recurrent(Layer: unknown, { inputs, hidden }: RecurrentSizes, arrays: Arrays): TensorTask {
  const zeros = initializers.zeros
  const options = { weightInitializer: zeros, hiddenInitializer: zeros, biasInitializer: zeros }
  const layer = new (Layer as RecurrentLayer)(inputs, hidden, options)
  return forwardAndBackward(layer, arrays)
}

function transformer({ settings, arrays }: Problem): TensorTask {
  const { features, heads, hidden, epsilon } = settings as Readonly<Record<string, number>>
  const block = new TransformerEncoderLayer(features!, heads!, {
    feedForward: hidden!,
    activation: 'gelu',
    preNorm: true,
    dropout: 0,
    epsilon: epsilon!,
    rng: new Rng(0),
  })
  return forwardAndBackward(block as unknown as { forward(x: Tensor): Tensor }, arrays)
}

/** The mean square of what a layer gives, and its gradients, with nothing updated. */
function forwardAndBackward(layer: { forward(x: Tensor): Tensor }, arrays: Arrays): TensorTask {
  loadPytorchState(layer, stateOf(arrays))
  // In the order of the problem's arrays, in which every subject gives its gradients.
  const order = Object.keys(arrays)
  const names = Object.keys(pytorchState(layer))
  const weights = [...parameters(layer)]
    .map((weight, i): readonly [Parameter, number] => [weight, order.indexOf(names[i]!)])
    .sort(([, a], [, b]) => a - b)
    .map(([weight]) => weight)
  return {
    inputs: [given(arrays, 'X')],
    run: x => {
      const loss: Tensor = layer.forward(x!).square().mean()
      return [loss, ...gradients(loss, weights as readonly Tensor[])]
    },
  }
}

function matmulTask({ settings, arrays }: Problem): TensorTask {
  const form = settings.form as MatmulForm
  return {
    inputs: [given(arrays, 'A'), given(arrays, 'B')],
    run: (a, b) => [
      matmul(form === 'left' ? transpose(a!) : a!, form === 'right' ? transpose(b!) : b!) as Tensor,
    ],
  }
}

function tanhSigmoid({ settings, arrays }: Problem): TensorTask {
  const inputs = [given(arrays, 'X'), given(arrays, 'w'), given(arrays, 'b')]
  const value = (x: Tensor, w: Tensor, b: Tensor): Tensor =>
    sum(mul(tanh(add(mul(x, w) as Tensor, b) as Tensor), sigmoid(x)) as Tensor)
  if (settings.withGradient !== true) return { inputs, run: (x, w, b) => [value(x!, w!, b!)] }
  const withGradient = valueAndGrad(value, { wrt: [0, 1, 2] })
  return {
    inputs,
    run: (x, w, b) => {
      const { value, grad } = withGradient(x!, w!, b!)
      return [value, ...grad]
    },
  }
}

/** What an op costs that does next to nothing; the operand's gradient is wanted, so the op is recorded. */
function addTask({ settings, arrays }: Problem): TensorTask {
  const x = given(arrays, 'X', true)
  const y = given(arrays, 'Y')
  const cotangent = y
  const run = (): readonly Tensor[] => {
    const z = add(x, y) as Tensor
    if (settings.withBackward !== true) return [z]
    x.grad = null
    z.backward({ cotangent })
    return [z, x.grad as unknown as Tensor]
  }
  return { inputs: [], run, eager: run }
}

function hessianVectorProduct({ settings, arrays }: Problem): TensorTask {
  const layers = (settings.sizes as readonly number[]).length - 1
  const names = Array.from({ length: layers }, (_, i) => [`weight${i + 1}`, `bias${i + 1}`]).flat()
  const lossOf = (weights: readonly Tensor[], x: Tensor, y: Tensor): Tensor => {
    let a = x
    for (let layer = 0; layer < layers; layer++) {
      const z = add(matmul(a, transpose(weights[2 * layer]!)) as Tensor, weights[2 * layer + 1]!) as Tensor
      a = layer < layers - 1 ? tanh(z) : z
    }
    return meanSquaredError(a, y)
  }
  return {
    inputs: ['X', 'Y', ...names, ...names.map(name => `vector.${name}`)].map(name => given(arrays, name)),
    run: (x, y, ...rest) =>
      hvp(lossOf, rest.slice(0, names.length), rest.slice(names.length), x!, y!) as readonly Tensor[],
  }
}
