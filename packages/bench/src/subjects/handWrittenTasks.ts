/** The workloads in plain loops: what somebody writes who knows the derivatives and the sizes, and uses no library. */

import type { Problem } from '../problemFile.ts'
import { norm, type Task } from '../worker.ts'
import type { Family, MatmulForm, Values } from '../workload.ts'
import { gatedTask } from './handWrittenGates.ts'
import { convolutionTask } from './handWrittenImages.ts'
import { transformerTask } from './handWrittenTransformer.ts'

type Arrays = Readonly<Record<string, Values>>

/** What can be done by hand here; the other families have no such subject. */
const MAKERS: Partial<Readonly<Record<Family, (problem: Problem) => Task>>> = {
  perceptron: problem => {
    const { sizes } = problem.settings as { readonly sizes: readonly number[] }
    return sizes.join() === '2,3,1' ? shallow(problem) : perceptron(problem)
  },
  convolution: convolutionTask,
  lstm: gatedTask,
  gru: gatedTask,
  transformer: transformerTask,
  matmul: matmulTask,
  tanhSigmoid,
  softmax,
  tanh: ({ arrays }) => {
    const x = numbers(arrays, 'X')
    const y = new Float32Array(x.length)
    return {
      step: () => {
        for (let i = 0; i < x.length; i++) y[i] = Math.tanh(x[i]!)
      },
      read: () => [norm(y)],
    }
  },
  sum: sumTask,
  add: addTask,
}

/** Families that are written by hand. */
export const HAND_WRITTEN = Object.keys(MAKERS) as readonly Family[]

export function handWrittenTask(problem: Problem): Task {
  return MAKERS[problem.family]!(problem)
}

function numbers(arrays: Arrays, name: string): Float32Array {
  return arrays[name]!.data as Float32Array
}

/** The 2-3-1 network of the lecture: both layers in one loop over the examples. */
function shallow({ settings, arrays }: Problem): Task {
  const [X, Y, W1, b1, W2, b2] = ['X', 'Y', 'weight1', 'bias1', 'weight2', 'bias2'].map(name =>
    numbers(arrays, name),
  ) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array]
  const learningRate = settings.learningRate as number
  const m = Y.length
  const a1 = new Float32Array(3 * m)
  const dz2 = new Float32Array(m)
  let loss = 0
  const step = (): void => {
    loss = 0
    for (let i = 0; i < m; i++) {
      let z2 = b2[0]!
      for (let unit = 0; unit < 3; unit++) {
        const z1 = W1[2 * unit]! * X[2 * i]! + W1[2 * unit + 1]! * X[2 * i + 1]! + b1[unit]!
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
        left += dz1 * X[2 * i]!
        right += dz1 * X[2 * i + 1]!
      }
      W1[2 * unit]! -= (learningRate * left) / m
      W1[2 * unit + 1]! -= (learningRate * right) / m
      b1[unit]! -= (learningRate * db1) / m
      W2[unit]! -= (learningRate * dW2) / m
    }
    b2[0]! -= (learningRate * db2) / m
  }
  return { step, read: () => [loss / m] }
}

/** One layer with everything that a step needs. */
interface Layer {
  readonly inputs: number
  readonly outputs: number
  readonly weight: Float32Array
  readonly bias: Float32Array
  readonly weightGradient: Float32Array
  readonly biasGradient: Float32Array
  /** `[m, outputs]`: what the layer gives, behind its activation, and the gradient by what is in front of it. */
  readonly output: Float32Array
  readonly slope: Float32Array
  /** First and second moments of Adam, of weight and bias. */
  readonly moments: readonly Float32Array[]
}

/** Dense layers of any sizes. */
function perceptron({ settings, arrays }: Problem): Task {
  const { sizes, batch, activation, loss, optimizer, learningRate } = settings as unknown as {
    readonly sizes: readonly number[]
    readonly batch: number
    readonly activation: 'tanh' | 'relu'
    readonly loss: 'meanSquaredError' | 'crossEntropy'
    readonly optimizer: 'sgd' | 'adam'
    readonly learningRate: number
  }
  const X = numbers(arrays, 'X')
  const Y = arrays.Y!.data
  const layers = sizes.slice(1).map((outputs, i): Layer => {
    const inputs = sizes[i]!
    const zeros = (count: number) => new Float32Array(count)
    return {
      inputs,
      outputs,
      weight: numbers(arrays, `weight${i + 1}`),
      bias: numbers(arrays, `bias${i + 1}`),
      weightGradient: zeros(inputs * outputs),
      biasGradient: zeros(outputs),
      output: zeros(batch * outputs),
      slope: zeros(batch * outputs),
      moments: [zeros(inputs * outputs), zeros(inputs * outputs), zeros(outputs), zeros(outputs)],
    }
  })
  const last = layers.at(-1)!
  const lossAndSlope = loss === 'meanSquaredError' ? squaredError : softmaxCrossEntropy
  let [steps, value] = [0, 0]
  const step = (): void => {
    let input = X
    for (const layer of layers) {
      forward(layer, input, batch)
      if (layer !== last) activate(layer.output, activation)
      input = layer.output
    }
    value = lossAndSlope(last, Y, batch)
    for (let i = layers.length - 1; i >= 0; i--) {
      const below = layers[i - 1]
      weightGradients(layers[i]!, below?.output ?? X, batch)
      if (below !== undefined) backward(layers[i]!, below, batch, activation)
    }
    steps++
    for (const { weight, bias, weightGradient, biasGradient, moments } of layers) {
      if (optimizer === 'sgd') {
        descend(weight, weightGradient, learningRate)
        descend(bias, biasGradient, learningRate)
      } else {
        adam(weight, weightGradient, moments[0]!, moments[1]!, learningRate, steps)
        adam(bias, biasGradient, moments[2]!, moments[3]!, learningRate, steps)
      }
    }
  }
  return { step, read: () => [value] }
}

/** output = input Wᵀ + b: every number is a product of two rows. */
function forward({ inputs, outputs, weight, bias, output }: Layer, input: Float32Array, m: number): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < outputs; j++) {
      let sum = bias[j]!
      for (let k = 0; k < inputs; k++) sum += input[i * inputs + k]! * weight[j * inputs + k]!
      output[i * outputs + j] = sum
    }
  }
}

function activate(values: Float32Array, activation: 'tanh' | 'relu'): void {
  if (activation === 'relu') for (let i = 0; i < values.length; i++) values[i] = Math.max(0, values[i]!)
  else for (let i = 0; i < values.length; i++) values[i] = Math.tanh(values[i]!)
}

function squaredError({ output, slope }: Layer, Y: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < output.length; i++) {
    const error = output[i]! - Y[i]!
    sum += error * error
    slope[i] = (2 * error) / output.length
  }
  return sum / output.length
}

function softmaxCrossEntropy({ output, outputs, slope }: Layer, Y: ArrayLike<number>, m: number): number {
  let total = 0
  for (let i = 0; i < m; i++) {
    const row = i * outputs
    let largest = Number.NEGATIVE_INFINITY
    for (let j = 0; j < outputs; j++) largest = Math.max(largest, output[row + j]!)
    let sum = 0
    for (let j = 0; j < outputs; j++) sum += Math.exp(output[row + j]! - largest)
    total += largest + Math.log(sum) - output[row + Y[i]!]!
    for (let j = 0; j < outputs; j++) {
      const probability = Math.exp(output[row + j]! - largest) / sum
      slope[row + j] = (probability - (j === Y[i] ? 1 : 0)) / m
    }
  }
  return total / m
}

function weightGradients(layer: Layer, input: Float32Array, m: number): void {
  const { inputs, outputs, slope, weightGradient, biasGradient } = layer
  weightGradient.fill(0)
  biasGradient.fill(0)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < outputs; j++) {
      const dz = slope[i * outputs + j]!
      biasGradient[j]! += dz
      for (let k = 0; k < inputs; k++) weightGradient[j * inputs + k]! += dz * input[i * inputs + k]!
    }
  }
}

function backward(layer: Layer, below: Layer, m: number, activation: 'tanh' | 'relu'): void {
  const { inputs, outputs, slope, weight } = layer
  below.slope.fill(0)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < outputs; j++) {
      const dz = slope[i * outputs + j]!
      for (let k = 0; k < inputs; k++) below.slope[i * inputs + k]! += dz * weight[j * inputs + k]!
    }
  }
  for (let i = 0; i < below.slope.length; i++) {
    const a = below.output[i]!
    below.slope[i]! *= activation === 'relu' ? (a > 0 ? 1 : 0) : 1 - a * a
  }
}

function descend(values: Float32Array, gradient: Float32Array, learningRate: number): void {
  for (let i = 0; i < values.length; i++) values[i]! -= learningRate * gradient[i]!
}

function adam(
  values: Float32Array,
  gradient: Float32Array,
  mean: Float32Array,
  square: Float32Array,
  learningRate: number,
  step: number,
): void {
  const [meanShare, squareShare] = [1 - 0.9 ** step, 1 - 0.999 ** step]
  for (let i = 0; i < values.length; i++) {
    const g = gradient[i]!
    mean[i] = 0.9 * mean[i]! + 0.1 * g
    square[i] = 0.999 * square[i]! + 0.001 * g * g
    values[i]! -= (learningRate * (mean[i]! / meanShare)) / (Math.sqrt(square[i]! / squareShare) + 1e-8)
  }
}

function matmulTask({ settings, arrays }: Problem): Task {
  const { size, form, batch } = settings as unknown as { size: number; form: MatmulForm; batch: number }
  const [A, B] = [numbers(arrays, 'A'), numbers(arrays, 'B')]
  const C = new Float32Array(batch * size * size)
  const multiply = form === 'right' ? rowsByRows : form === 'left' ? columnsByRows : matrixProduct
  const step = (): void => {
    for (let at = 0; at < C.length; at += size * size) multiply(A, B, C, at, size)
  }
  return { step, read: () => [norm(C)] }
}

/** C = A B from a place on; the inner loop walks along rows of B and C. */
function matrixProduct(A: Float32Array, B: Float32Array, C: Float32Array, at: number, size: number): void {
  C.fill(0, at, at + size * size)
  for (let i = 0; i < size; i++) {
    const row = at + i * size
    for (let k = 0; k < size; k++) {
      const a = A[row + k]!
      const other = at + k * size
      for (let j = 0; j < size; j++) C[row + j]! += a * B[other + j]!
    }
  }
}

/** C = Aᵀ B */
function columnsByRows(A: Float32Array, B: Float32Array, C: Float32Array, at: number, size: number): void {
  C.fill(0, at, at + size * size)
  for (let k = 0; k < size; k++) {
    const other = at + k * size
    for (let i = 0; i < size; i++) {
      const a = A[other + i]!
      const row = at + i * size
      for (let j = 0; j < size; j++) C[row + j]! += a * B[other + j]!
    }
  }
}

/** C = A Bᵀ */
function rowsByRows(A: Float32Array, B: Float32Array, C: Float32Array, at: number, size: number): void {
  for (let i = 0; i < size; i++) {
    const row = at + i * size
    for (let j = 0; j < size; j++) {
      const other = at + j * size
      let sum = 0
      for (let k = 0; k < size; k++) sum += A[row + k]! * B[other + k]!
      C[row + j] = sum
    }
  }
}

function tanhSigmoid({ settings, arrays }: Problem): Task {
  const [x, w, b] = [numbers(arrays, 'X'), numbers(arrays, 'w')[0]!, numbers(arrays, 'b')[0]!]
  const dx = new Float32Array(x.length)
  let [value, dw, db] = [0, 0, 0]
  if (settings.withGradient !== true) {
    const step = (): void => {
      value = 0
      for (let i = 0; i < x.length; i++) value += Math.tanh(x[i]! * w + b) / (1 + Math.exp(-x[i]!))
    }
    return { step, read: () => [value] }
  }
  const step = (): void => {
    value = 0
    dw = 0
    db = 0
    for (let i = 0; i < x.length; i++) {
      const t = Math.tanh(x[i]! * w + b)
      const s = 1 / (1 + Math.exp(-x[i]!))
      const dz = (1 - t * t) * s
      value += t * s
      dx[i] = dz * w + t * s * (1 - s)
      dw += dz * x[i]!
      db += dz
    }
  }
  return { step, read: () => [value, norm(dx), dw, db] }
}

function softmax({ settings, arrays }: Problem): Task {
  const { rows, columns } = settings as unknown as { readonly rows: number; readonly columns: number }
  const [x, c] = [numbers(arrays, 'X'), numbers(arrays, 'c')]
  const dx = new Float32Array(x.length)
  const y = new Float32Array(columns)
  let value = 0
  const step = (): void => {
    value = 0
    for (let i = 0; i < rows; i++) {
      const row = i * columns
      let largest = Number.NEGATIVE_INFINITY
      for (let j = 0; j < columns; j++) largest = Math.max(largest, x[row + j]!)
      let sum = 0
      for (let j = 0; j < columns; j++) {
        y[j] = Math.exp(x[row + j]! - largest)
        sum += y[j]!
      }
      let weighted = 0
      for (let j = 0; j < columns; j++) {
        y[j]! /= sum
        weighted += c[row + j]! * y[j]!
      }
      for (let j = 0; j < columns; j++) dx[row + j] = y[j]! * (c[row + j]! - weighted)
      value += weighted
    }
  }
  return { step, read: () => [value, norm(dx)] }
}

function sumTask({ settings, arrays }: Problem): Task {
  const { size, axis } = settings as unknown as { readonly size: number; readonly axis: number }
  const x = numbers(arrays, 'X')
  const y = new Float32Array(size)
  const step = (): void => {
    if (axis === 0) {
      y.fill(0)
      for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) y[j]! += x[i * size + j]!
      return
    }
    for (let i = 0; i < size; i++) {
      let sum = 0
      for (let j = 0; j < size; j++) sum += x[i * size + j]!
      y[i] = sum
    }
  }
  return { step, read: () => [norm(y)] }
}

/** The least that a recorded op could do in JavaScript: one typed array, and one object that remembers its inputs. */
interface Recorded {
  readonly data: Float32Array
  readonly inputs: readonly Recorded[]
  gradient: Float32Array | null
}

function addTask({ settings, arrays }: Problem): Task {
  const leaf = (name: string): Recorded => ({ data: numbers(arrays, name), inputs: [], gradient: null })
  const [x, y] = [leaf('X'), leaf('Y')]
  const size = x.data.length
  let result = x
  const step = (): void => {
    const data = new Float32Array(size)
    for (let i = 0; i < size; i++) data[i] = x.data[i]! + y.data[i]!
    result = { data, inputs: [x, y], gradient: null }
    if (settings.withBackward === true) result.inputs[0]!.gradient = y.data
  }
  const shown = (values: Float32Array): number => (size === 1 ? values[0]! : norm(values))
  return {
    step,
    read: () => [result.data, ...(x.gradient === null ? [] : [x.gradient])].map(shown),
  }
}
