/** The convolutional network in plain loops: two stages of convolution, ReLU and pooling, a dense layer, cross entropy. */

import type { Problem } from '../problemFile.ts'
import type { Task } from '../worker.ts'

/** Windows of 3x3, pooled 2x2. */
const KERNEL = 3

/** Convolution, ReLU and pooling of all images, with what the way back needs. */
interface Stage {
  readonly channels: number
  readonly size: number
  readonly filters: number
  /** Side of an image behind the convolution, and behind the pooling. */
  readonly inner: number
  readonly outer: number
  readonly weight: Float32Array
  readonly bias: Float32Array
  readonly weightGradient: Float32Array
  readonly biasGradient: Float32Array
  /** `[batch, filters, outer, outer]`: the pooled values, where in the convolved image each came from, and its gradient. */
  readonly output: Float32Array
  readonly origin: Int32Array
  readonly slope: Float32Array
  /** One convolved channel. */
  readonly convolved: Float32Array
}

export function convolutionTask({ settings, arrays }: Problem): Task {
  const batch = settings.batch as number
  const learningRate = settings.learningRate as number
  const values = (name: string): Float32Array => arrays[name]!.data as Float32Array
  const stage = (name: string, channels: number, size: number, filters: number): Stage => {
    const inner = size - KERNEL + 1
    const outer = Math.floor(inner / 2)
    const count = batch * filters * outer * outer
    return {
      channels,
      size,
      filters,
      inner,
      outer,
      weight: values(`${name}.weight`),
      bias: values(`${name}.bias`),
      weightGradient: new Float32Array(filters * channels * KERNEL * KERNEL),
      biasGradient: new Float32Array(filters),
      output: new Float32Array(count),
      origin: new Int32Array(count),
      slope: new Float32Array(count),
      convolved: new Float32Array(inner * inner),
    }
  }
  const first = stage('0', 1, 28, 16)
  const second = stage('3', 16, 13, 32)
  const [X, Y] = [values('X'), arrays.Y!.data]
  const [weight, bias] = [values('7.weight'), values('7.bias')]
  const [classes, features] = [10, 800]
  const dWeight = new Float32Array(weight.length)
  const dBias = new Float32Array(bias.length)
  const z = new Float32Array(classes)
  let loss = 0
  const step = (): void => {
    forward(first, X, batch)
    forward(second, first.output, batch)
    loss = 0
    dWeight.fill(0)
    dBias.fill(0)
    second.slope.fill(0)
    for (let i = 0; i < batch; i++) {
      const row = i * features
      let largest = Number.NEGATIVE_INFINITY
      for (let j = 0; j < classes; j++) {
        let sum = bias[j]!
        for (let k = 0; k < features; k++) sum += weight[j * features + k]! * second.output[row + k]!
        z[j] = sum
        largest = Math.max(largest, sum)
      }
      let sum = 0
      for (let j = 0; j < classes; j++) sum += Math.exp(z[j]! - largest)
      loss += largest + Math.log(sum) - z[Y[i]!]!
      for (let j = 0; j < classes; j++) {
        const dz = (Math.exp(z[j]! - largest) / sum - (j === Y[i] ? 1 : 0)) / batch
        dBias[j]! += dz
        for (let k = 0; k < features; k++) {
          dWeight[j * features + k]! += dz * second.output[row + k]!
          second.slope[row + k]! += dz * weight[j * features + k]!
        }
      }
    }
    first.slope.fill(0)
    backward(second, first.output, first.slope, batch)
    backward(first, X, undefined, batch)
    descend(weight, dWeight, learningRate)
    descend(bias, dBias, learningRate)
    for (const { weight, bias, weightGradient, biasGradient } of [first, second]) {
      descend(weight, weightGradient, learningRate)
      descend(bias, biasGradient, learningRate)
    }
  }
  return { step, read: () => [loss / batch] }
}

function forward(stage: Stage, input: Float32Array, batch: number): void {
  const { channels, size, filters, inner, outer, weight, bias, output, origin, convolved } = stage
  for (let example = 0; example < batch; example++) {
    for (let filter = 0; filter < filters; filter++) {
      convolved.fill(bias[filter]!)
      for (let channel = 0; channel < channels; channel++) {
        const image = (example * channels + channel) * size * size
        const window = (filter * channels + channel) * KERNEL * KERNEL
        for (let tap = 0; tap < KERNEL * KERNEL; tap++) {
          const w = weight[window + tap]!
          const shift = image + Math.floor(tap / KERNEL) * size + (tap % KERNEL)
          for (let y = 0; y < inner; y++) {
            const from = shift + y * size
            const to = y * inner
            for (let x = 0; x < inner; x++) convolved[to + x]! += w * input[from + x]!
          }
        }
      }
      const pooled = (example * filters + filter) * outer * outer
      for (let y = 0; y < outer; y++) {
        for (let x = 0; x < outer; x++) {
          let at = 2 * y * inner + 2 * x
          const corner = at
          for (const other of [corner + 1, corner + inner, corner + inner + 1]) {
            if (convolved[other]! > convolved[at]!) at = other
          }
          output[pooled + y * outer + x] = Math.max(0, convolved[at]!)
          origin[pooled + y * outer + x] = at
        }
      }
    }
  }
}

/** Only the greatest of each window has a gradient, and only when ReLU let it through: few enough to go one by one. */
function backward(
  stage: Stage,
  input: Float32Array,
  inputSlope: Float32Array | undefined,
  batch: number,
): void {
  const { channels, size, filters, inner, outer, weight, weightGradient, biasGradient } = stage
  const { output, origin, slope } = stage
  weightGradient.fill(0)
  biasGradient.fill(0)
  for (let example = 0; example < batch; example++) {
    for (let filter = 0; filter < filters; filter++) {
      const pooled = (example * filters + filter) * outer * outer
      for (let i = pooled; i < pooled + outer * outer; i++) {
        if (output[i] === 0) continue
        const dz = slope[i]!
        const at = origin[i]!
        const corner = Math.floor(at / inner) * size + (at % inner)
        biasGradient[filter]! += dz
        for (let channel = 0; channel < channels; channel++) {
          const image = (example * channels + channel) * size * size + corner
          const window = (filter * channels + channel) * KERNEL * KERNEL
          for (let tap = 0; tap < KERNEL * KERNEL; tap++) {
            const from = image + Math.floor(tap / KERNEL) * size + (tap % KERNEL)
            weightGradient[window + tap]! += dz * input[from]!
            if (inputSlope !== undefined) inputSlope[from]! += dz * weight[window + tap]!
          }
        }
      }
    }
  }
}

function descend(values: Float32Array, gradient: Float32Array, learningRate: number): void {
  for (let i = 0; i < values.length; i++) values[i]! -= learningRate * gradient[i]!
}
