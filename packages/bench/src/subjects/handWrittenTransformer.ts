/** A transformer block in plain loops, forward and backward: norms in front, attention, and two dense layers with GELU. */

import type { Problem } from '../problemFile.ts'
import { norm, type Task } from '../worker.ts'

/** A parameter and its gradient. */
interface Weight {
  readonly value: Float32Array
  readonly gradient: Float32Array
}

export function transformerTask({ settings, arrays }: Problem): Task {
  const { batch, time, features, heads, hidden, epsilon } = settings as unknown as {
    readonly batch: number
    readonly time: number
    readonly features: number
    readonly heads: number
    readonly hidden: number
    readonly epsilon: number
  }
  const rows = batch * time
  const weights = Object.entries(arrays).flatMap(([name, { data }]): [string, Weight][] =>
    name === 'X' ? [] : [[name, { value: data as Float32Array, gradient: new Float32Array(data.length) }]],
  )
  const named = Object.fromEntries(weights)
  const layer = (name: string): [Weight, Weight] => [named[`${name}.weight`]!, named[`${name}.bias`]!]
  const attentionIn: [Weight, Weight] = [named['self_attn.in_proj_weight']!, named['self_attn.in_proj_bias']!]
  const attentionOut = layer('self_attn.out_proj')
  const [linear1, linear2, norm1, norm2] = ['linear1', 'linear2', 'norm1', 'norm2'].map(layer) as [
    [Weight, Weight],
    [Weight, Weight],
    [Weight, Weight],
    [Weight, Weight],
  ]
  const matrix = (columns: number) => new Float32Array(rows * columns)
  const x = arrays.X!.data as Float32Array
  const [normal1, normal2, out1, out2, joined, between, result] = Array.from({ length: 7 }, () =>
    matrix(features),
  ) as Float32Array[] as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  const [scale1, scale2] = [matrix(1), matrix(1)]
  const [qkv, dQkv] = [matrix(3 * features), matrix(3 * features)]
  const [z, a, dZ] = [matrix(hidden), matrix(hidden), matrix(hidden)]
  const [dResult, dBetween, dJoined, dOut] = [
    matrix(features),
    matrix(features),
    matrix(features),
    matrix(features),
  ]
  const shape = { batch, time, features, heads }
  const shares = new Float32Array(batch * heads * time * time)
  let loss = 0

  const step = (): void => {
    normalize(x, norm1, normal1, scale1, out1, features, epsilon)
    dense(out1, attentionIn, qkv, features, 3 * features)
    attend(qkv, shares, joined, shape)
    dense(joined, attentionOut, between, features, features)
    for (let i = 0; i < between.length; i++) between[i]! += x[i]!
    normalize(between, norm2, normal2, scale2, out2, features, epsilon)
    dense(out2, linear1, z, features, hidden)
    for (let i = 0; i < z.length; i++) a[i] = z[i]! * gaussianShare(z[i]!)
    dense(a, linear2, result, hidden, features)
    loss = 0
    for (let i = 0; i < result.length; i++) {
      const y = result[i]! + between[i]!
      loss += y * y
      dResult[i] = (2 * y) / result.length
    }

    denseBackward(dResult, a, linear2, dZ, hidden, features)
    for (let i = 0; i < z.length; i++) {
      const density = Math.exp(-0.5 * z[i]! * z[i]!) / Math.sqrt(2 * Math.PI)
      dZ[i]! *= gaussianShare(z[i]!) + z[i]! * density
    }
    denseBackward(dZ, out2, linear1, dOut, features, hidden)
    normalizeBackward(dOut, norm2, normal2, scale2, dBetween, features)
    for (let i = 0; i < dBetween.length; i++) dBetween[i]! += dResult[i]!
    denseBackward(dBetween, joined, attentionOut, dJoined, features, features)
    attendBackward(qkv, shares, dJoined, dQkv, shape)
    denseBackward(dQkv, out1, attentionIn, dOut, features, 3 * features)
    normalizeBackward(dOut, norm1, normal1, scale1, undefined, features)
  }
  return {
    step,
    read: () => [loss / result.length, ...weights.map(([, { gradient }]) => norm(gradient))],
  }
}

/** Φ(z), by formula 7.1.26 of Abramowitz and Stegun for erf: 1.5e-7 is the largest error. */
function gaussianShare(z: number): number {
  const x = Math.abs(z) * Math.SQRT1_2
  const t = 1 / (1 + 0.3275911 * x)
  const sum =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const tail = 0.5 * sum * Math.exp(-x * x)
  return z < 0 ? tail : 1 - tail
}

/** y = x Wᵀ + b */
function dense(
  x: Float32Array,
  [weight, bias]: readonly [Weight, Weight],
  y: Float32Array,
  inputs: number,
  outputs: number,
): void {
  const [W, b] = [weight.value, bias.value]
  for (let row = 0, to = 0; to < y.length; row += inputs, to += outputs) {
    for (let j = 0; j < outputs; j++) {
      const other = j * inputs
      let sum = b[j]!
      for (let k = 0; k < inputs; k++) sum += x[row + k]! * W[other + k]!
      y[to + j] = sum
    }
  }
}

function denseBackward(
  dy: Float32Array,
  x: Float32Array,
  [weight, bias]: readonly [Weight, Weight],
  dx: Float32Array,
  inputs: number,
  outputs: number,
): void {
  const [W, dW, db] = [weight.value, weight.gradient, bias.gradient]
  dW.fill(0)
  db.fill(0)
  dx.fill(0)
  for (let row = 0, to = 0; to < dy.length; row += inputs, to += outputs) {
    for (let j = 0; j < outputs; j++) {
      const d = dy[to + j]!
      const other = j * inputs
      db[j]! += d
      for (let k = 0; k < inputs; k++) {
        dW[other + k]! += d * x[row + k]!
        dx[row + k]! += d * W[other + k]!
      }
    }
  }
}

/** Every row less its mean, over its deviation, times weight, plus bias. */
function normalize(
  x: Float32Array,
  [weight, bias]: readonly [Weight, Weight],
  normal: Float32Array,
  scale: Float32Array,
  y: Float32Array,
  size: number,
  epsilon: number,
): void {
  for (let row = 0; row < scale.length; row++) {
    const at = row * size
    let [mean, variance] = [0, 0]
    for (let j = 0; j < size; j++) mean += x[at + j]!
    mean /= size
    for (let j = 0; j < size; j++) variance += (x[at + j]! - mean) ** 2
    const factor = 1 / Math.sqrt(variance / size + epsilon)
    scale[row] = factor
    for (let j = 0; j < size; j++) {
      const value = (x[at + j]! - mean) * factor
      normal[at + j] = value
      y[at + j] = value * weight.value[j]! + bias.value[j]!
    }
  }
}

function normalizeBackward(
  dy: Float32Array,
  [weight, bias]: readonly [Weight, Weight],
  normal: Float32Array,
  scale: Float32Array,
  dx: Float32Array | undefined,
  size: number,
): void {
  weight.gradient.fill(0)
  bias.gradient.fill(0)
  for (let row = 0; row < scale.length; row++) {
    const at = row * size
    let [sum, along] = [0, 0]
    for (let j = 0; j < size; j++) {
      const [d, value] = [dy[at + j]!, normal[at + j]!]
      weight.gradient[j]! += d * value
      bias.gradient[j]! += d
      sum += d * weight.value[j]!
      along += d * weight.value[j]! * value
    }
    if (dx === undefined) continue
    for (let j = 0; j < size; j++) {
      const d = dy[at + j]! * weight.value[j]!
      dx[at + j] = scale[row]! * (d - sum / size - (normal[at + j]! * along) / size)
    }
  }
}

interface AttentionShape {
  readonly batch: number
  readonly time: number
  readonly features: number
  readonly heads: number
}

/** For every example, head and query: the shares of the keys, and the values in these shares. */
function attend(
  qkv: Float32Array,
  shares: Float32Array,
  joined: Float32Array,
  { batch, time, features, heads }: AttentionShape,
): void {
  const size = features / heads
  const width = 3 * features
  joined.fill(0)
  for (let example = 0; example < batch; example++) {
    for (let head = 0; head < heads; head++) {
      for (let t = 0; t < time; t++) {
        const query = (example * time + t) * width + head * size
        const row = ((example * heads + head) * time + t) * time
        let largest = Number.NEGATIVE_INFINITY
        for (let u = 0; u < time; u++) {
          const key = (example * time + u) * width + features + head * size
          let sum = 0
          for (let k = 0; k < size; k++) sum += qkv[query + k]! * qkv[key + k]!
          shares[row + u] = sum / Math.sqrt(size)
          largest = Math.max(largest, shares[row + u]!)
        }
        let total = 0
        for (let u = 0; u < time; u++) {
          shares[row + u] = Math.exp(shares[row + u]! - largest)
          total += shares[row + u]!
        }
        const to = (example * time + t) * features + head * size
        for (let u = 0; u < time; u++) {
          const share = shares[row + u]! / total
          shares[row + u] = share
          const value = (example * time + u) * width + 2 * features + head * size
          for (let k = 0; k < size; k++) joined[to + k]! += share * qkv[value + k]!
        }
      }
    }
  }
}

function attendBackward(
  qkv: Float32Array,
  shares: Float32Array,
  dJoined: Float32Array,
  dQkv: Float32Array,
  { batch, time, features, heads }: AttentionShape,
): void {
  const size = features / heads
  const width = 3 * features
  const dShares = new Float32Array(time)
  dQkv.fill(0)
  for (let example = 0; example < batch; example++) {
    for (let head = 0; head < heads; head++) {
      for (let t = 0; t < time; t++) {
        const query = (example * time + t) * width + head * size
        const row = ((example * heads + head) * time + t) * time
        const from = (example * time + t) * features + head * size
        let along = 0
        for (let u = 0; u < time; u++) {
          const value = (example * time + u) * width + 2 * features + head * size
          let sum = 0
          for (let k = 0; k < size; k++) {
            sum += dJoined[from + k]! * qkv[value + k]!
            dQkv[value + k]! += shares[row + u]! * dJoined[from + k]!
          }
          dShares[u] = sum
          along += sum * shares[row + u]!
        }
        for (let u = 0; u < time; u++) {
          const key = (example * time + u) * width + features + head * size
          const d = (shares[row + u]! * (dShares[u]! - along)) / Math.sqrt(size)
          for (let k = 0; k < size; k++) {
            dQkv[query + k]! += d * qkv[key + k]!
            dQkv[key + k]! += d * qkv[query + k]!
          }
        }
      }
    }
  }
}
