/** A training step of the lecture's 2-3-1 network: sigmoid, binary cross entropy, gradient descent, examples in columns. */

import { Rng, sigmoid, type Tensor } from '@adjoint/core'
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  Dense,
  parameters,
  SGD,
  sequential,
} from '@adjoint/nn'
import type { Subject, Workload } from '../workload.ts'

const LEARNING_RATE = 0.1

/** Steps after which the subjects' losses are compared. */
const STEPS_TO_AGREE = 50

/** Forward, backward and update on `m` examples: the lecture's formulas in plain loops, and Adjoint, twice. */
export function shallowStep(m: number): Workload {
  const rng = new Rng(1)
  const X = rng.normal([2, m])
  const Y = X.slice(0).mul(X.slice(1)).greater(0).cast('float32').reshape([1, m])
  return {
    name: `2-3-1 sigmoid BCE SGD step, m = ${m}`,
    tolerance: 1e-4,
    subjects: [
      trained('hand-written JS', () => handWritten(X.data(), Y.data(), m)),
      trained('adjoint eager, literal BCE', () => literal(X, Y)),
      trained('adjoint eager, BCE from logits', () => fromLogits(X, Y)),
    ],
  }
}

/** A training run: each call does one step and returns the loss before it. */
type Step = () => number | Tensor

function trained(name: string, start: () => Step): Subject {
  return {
    name,
    run: start(),
    result: () => {
      const step = start()
      for (let i = 1; i < STEPS_TO_AGREE; i++) step()
      const loss = step()
      return typeof loss === 'number' ? loss : loss.item()
    },
  }
}

/** The layers that every subject starts from. */
function layers(): [Dense<2, 3, 'columns'>, Dense<3, 1, 'columns'>] {
  const rng = new Rng(2)
  return [new Dense(2, 3, { rng, layout: 'columns' }), new Dense(3, 1, { rng, layout: 'columns' })]
}

function literal(X: Tensor<[2, number]>, Y: Tensor<[1, number]>): Step {
  const [hidden, output] = layers()
  const model = sequential(hidden, sigmoid, output, sigmoid)
  const optimizer = new SGD(parameters(model), { learningRate: LEARNING_RATE })
  return () => {
    const loss = binaryCrossEntropy(model.forward(X), Y)
    loss.backward()
    optimizer.step()
    return loss
  }
}

function fromLogits(X: Tensor<[2, number]>, Y: Tensor<[1, number]>): Step {
  const [hidden, output] = layers()
  const model = sequential(hidden, sigmoid, output)
  const optimizer = new SGD(parameters(model), { learningRate: LEARNING_RATE })
  return () => {
    const loss = binaryCrossEntropyWithLogits(model.forward(X), Y)
    loss.backward()
    optimizer.step()
    return loss
  }
}

/** The formula sheet of the lecture in plain loops on typed arrays, with all memory reserved beforehand. */
function handWritten(X: ArrayLike<number>, Y: ArrayLike<number>, m: number): Step {
  const [hidden, output] = layers()
  const W1 = hidden.weight.data()
  const b1 = hidden.bias!.data()
  const W2 = output.weight.data()
  const b2 = output.bias!.data()
  const a1 = new Float32Array(3 * m)
  const dz2 = new Float32Array(m)
  return () => {
    let loss = 0
    for (let i = 0; i < m; i++) {
      let z2 = b2[0]!
      for (let unit = 0; unit < 3; unit++) {
        const z1 = W1[2 * unit]! * X[i]! + W1[2 * unit + 1]! * X[m + i]! + b1[unit]!
        const a = 1 / (1 + Math.exp(-z1))
        a1[unit * m + i] = a
        z2 += W2[unit]! * a
      }
      const a2 = 1 / (1 + Math.exp(-z2))
      const y = Y[i]!
      loss -= y * Math.log(a2) + (1 - y) * Math.log(1 - a2)
      dz2[i] = a2 - y
    }
    let db2 = 0
    for (let i = 0; i < m; i++) db2 += dz2[i]!
    for (let unit = 0; unit < 3; unit++) {
      let [dW2, db1, left, right] = [0, 0, 0, 0]
      for (let i = 0; i < m; i++) {
        const a = a1[unit * m + i]!
        dW2 += dz2[i]! * a
        const dz1 = W2[unit]! * dz2[i]! * a * (1 - a)
        db1 += dz1
        left += dz1 * X[i]!
        right += dz1 * X[m + i]!
      }
      W1[2 * unit]! -= (LEARNING_RATE * left) / m
      W1[2 * unit + 1]! -= (LEARNING_RATE * right) / m
      b1[unit]! -= (LEARNING_RATE * db1) / m
      W2[unit]! -= (LEARNING_RATE * dW2) / m
    }
    b2[0]! -= (LEARNING_RATE * db2) / m
    return loss / m
  }
}
