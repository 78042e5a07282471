import { affine, affineBackward } from '../affine.ts'
import { type NumericArray, zerosOf } from '../array.ts'
import { type RotarySettings, rotaryEmbedding } from './rotaryEmbedding.ts'
import { type AttentionForwardInputs, scaledDotProductAttention } from './scaledDotProductAttention.ts'

/** What attention with heads learns. Rows of a weight are outputs. */
export interface MultiHeadWeights {
  /** W_q, (f, f) */
  readonly queryWeight: NumericArray
  /** W_k, (f, f_k) */
  readonly keyWeight: NumericArray
  /** W_v, (f, f_v) */
  readonly valueWeight: NumericArray
  /** Biases of queries, keys and values one after the other, (3f) */
  readonly inputBias: NumericArray | null
  /** W_o, (f, f) */
  readonly outputWeight: NumericArray
  /** (f) */
  readonly outputBias: NumericArray | null
  /** A key behind the others, (1, 1, f) */
  readonly biasKey: NumericArray | null
  /** Its value, (1, 1, f) */
  readonly biasValue: NumericArray | null
}

/** What `multiHeadAttention.forward` takes. */
export interface MultiHeadForwardInputs {
  /** (batch, n, f) */
  readonly query: NumericArray
  /** (batch, m, f_k) */
  readonly key: NumericArray
  /** (batch, m, f_v) */
  readonly value: NumericArray
  readonly weights: MultiHeadWeights
  readonly heads: number
  /** Whether a key and a value of zeros stand behind the others. */
  readonly addZeroAttention: boolean
  readonly rotary: RotarySettings | null
  /** (batch, heads, n, m): added to the scores, −∞ where a key takes no part; what stands behind the keys always does. */
  readonly mask: NumericArray | null
  /** (batch, heads, n, all keys): 0 or 1 / (1 − rate) */
  readonly dropoutMask: NumericArray | null
}

/** What attention with heads gives. */
export interface MultiHeadOutputs {
  /** (batch, n, f) */
  readonly output: NumericArray
  /** The mean over the heads, (batch, n, all keys) */
  readonly weights: NumericArray
}

/** The same, and the derivatives of L with respect to both outputs. */
export interface MultiHeadBackwardInputs extends MultiHeadForwardInputs {
  readonly doutput: NumericArray
  /** Null when nothing depends on the weights but the output. */
  readonly dweights: NumericArray | null
}

/** Derivatives of L; null for what does not exist. */
export interface MultiHeadGradients {
  readonly dquery: NumericArray
  readonly dkey: NumericArray
  readonly dvalue: NumericArray
  readonly dWeights: MultiHeadWeights
}

/**
 * Attention with several heads. With x, y and z for the rows of query, key and value,
 *
 *     q = W_q x + b_q      k = W_k y + b_k      v = W_v z + b_v
 *
 * Head h sees the features h s to (h + 1) s − 1 of each, s = f / H, and attends by itself (see
 * `scaledDotProductAttention`, which has the Jacobian of softmax):
 *
 *     O^h = attention(q^h, k^h, v^h)      o = (O^1, ..., O^H)      out = W_o o + b_o
 *
 * Cutting into heads and joining them only move numbers, so what comes back is moved the other way. The rest is the
 * affine map, three times before the heads and once after them:
 *
 *     dW_o = Σ dout oᵀ    db_o = Σ dout    do = W_oᵀ dout    then dq, dk, dv by head, and
 *     dW_q = Σ dq xᵀ      db_q = Σ dq      dx = W_qᵀ dq      and so on
 *
 * A learned key k_b behind the others is in every example: dk_b is the sum over the batch of what comes back to it; a key of
 * zeros learns nothing. The mean of the weights over the heads, w = (1/H) Σ_h A^h, sends dA^h = dw / H into each head.
 * Attention of a sequence to itself is x = y = z: its derivative is dx + dy + dz.
 */
export const multiHeadAttention: {
  forward(inputs: MultiHeadForwardInputs): MultiHeadOutputs
  backward(inputs: MultiHeadBackwardInputs): MultiHeadGradients
} = {
  forward: inputs => {
    const { weights, heads } = inputs
    const problem = problemOf(inputs)
    const { output, weights: A } = scaledDotProductAttention.forward(problem)
    return {
      output: affine(join(output, heads), weights.outputWeight, weights.outputBias),
      weights: meanOverHeads(A, heads),
    }
  },

  backward: inputs => {
    const { doutput, dweights, query, key, value, weights, heads, rotary } = inputs
    const problem = problemOf(inputs)
    const o = join(scaledDotProductAttention.forward(problem).output, heads)
    const out = affineBackward(doutput, o, weights.outputWeight)
    const inner = scaledDotProductAttention.backward({
      ...problem,
      doutput: cut(out.dx, heads),
      dweights: dweights === null ? null : toEachHead(dweights, heads),
    })
    const m = key.shape[1]!
    const keys = withoutExtras(inner.dkey, m, heads)
    const values = withoutExtras(inner.dvalue, m, heads)
    const back = (x: NumericArray): NumericArray =>
      rotary === null ? x : rotaryEmbedding.backward(x, rotary)
    const q = affineBackward(join(back(inner.dquery), heads), query, weights.queryWeight)
    const k = affineBackward(join(back(keys.own), heads), key, weights.keyWeight)
    const v = affineBackward(join(values.own, heads), value, weights.valueWeight)
    return {
      dquery: q.dx,
      dkey: k.dx,
      dvalue: v.dx,
      dWeights: {
        queryWeight: q.dW,
        keyWeight: k.dW,
        valueWeight: v.dW,
        inputBias: weights.inputBias === null ? null : oneAfterTheOther([q.db, k.db, v.db]),
        outputWeight: out.dW,
        outputBias: weights.outputBias === null ? null : out.db,
        biasKey: weights.biasKey === null ? null : keys.learned,
        biasValue: weights.biasValue === null ? null : values.learned,
      },
    }
  },
}

/** The batch times the heads as so many problems of attention. */
function problemOf(inputs: MultiHeadForwardInputs): AttentionForwardInputs {
  const { query, key, value, weights, heads, addZeroAttention, rotary, mask, dropoutMask } = inputs
  const [queryBias, keyBias, valueBias] = thirds(weights.inputBias)
  const turned = (x: NumericArray): NumericArray => (rotary === null ? x : rotaryEmbedding.forward(x, rotary))
  const k = turned(cut(affine(key, weights.keyWeight, keyBias), heads))
  const v = cut(affine(value, weights.valueWeight, valueBias), heads)
  const extras = (weights.biasKey === null ? 0 : 1) + (addZeroAttention ? 1 : 0)
  const [n, m] = [query.shape[1]!, key.shape[1]!]
  const flat = (x: NumericArray): NumericArray => ({
    shape: [k.shape[0]!, n, x.data.length / (k.shape[0]! * n)],
    data: x.data,
  })
  return {
    query: turned(cut(affine(query, weights.queryWeight, queryBias), heads)),
    key: withExtras(k, weights.biasKey, extras, heads),
    value: withExtras(v, weights.biasValue, extras, heads),
    mask: mask === null ? null : widened(flat(mask), m + extras),
    dropoutMask: dropoutMask === null ? null : flat(dropoutMask),
    scale: 1 / Math.sqrt(weights.queryWeight.shape[0]! / heads),
  }
}

/** (batch, time, f) → (batch · heads, time, f / heads) */
function cut(x: NumericArray, heads: number): NumericArray {
  const [batch, time, f] = x.shape as [number, number, number]
  const size = f / heads
  const parts = zerosOf([batch * heads, time, size], [x])
  for (let b = 0; b < batch; b++)
    for (let t = 0; t < time; t++)
      for (let h = 0; h < heads; h++)
        for (let c = 0; c < size; c++)
          parts.data[((b * heads + h) * time + t) * size + c] = x.data[(b * time + t) * f + h * size + c]!
  return parts
}

/** The reverse of `cut`. */
function join(parts: NumericArray, heads: number): NumericArray {
  const [all, time, size] = parts.shape as [number, number, number]
  const [batch, f] = [all / heads, heads * size]
  const x = zerosOf([batch, time, f], [parts])
  for (let b = 0; b < batch; b++)
    for (let t = 0; t < time; t++)
      for (let h = 0; h < heads; h++)
        for (let c = 0; c < size; c++)
          x.data[(b * time + t) * f + h * size + c] = parts.data[((b * heads + h) * time + t) * size + c]!
  return x
}

/** Keys or values (batch · heads, m, size) with `extras` more rows: the learned one, if there is one, then zeros. */
function withExtras(
  x: NumericArray,
  learned: NumericArray | null,
  extras: number,
  heads: number,
): NumericArray {
  const [all, m, size] = x.shape as [number, number, number]
  const longer = zerosOf([all, m + extras, size], [x])
  for (let a = 0; a < all; a++) {
    for (let at = 0; at < m * size; at++)
      longer.data[a * (m + extras) * size + at] = x.data[a * m * size + at]!
    if (learned === null) continue
    for (let c = 0; c < size; c++)
      longer.data[(a * (m + extras) + m) * size + c] = learned.data[(a % heads) * size + c]!
  }
  return longer
}

/** The reverse, for derivatives: the rows of the keys, and the sum over the batch of the row behind them, (1, 1, f). */
function withoutExtras(
  dx: NumericArray,
  m: number,
  heads: number,
): { readonly own: NumericArray; readonly learned: NumericArray } {
  const [all, total, size] = dx.shape as [number, number, number]
  const own = zerosOf([all, m, size], [dx])
  const learned = zerosOf([1, 1, heads * size], [dx])
  for (let a = 0; a < all; a++) {
    for (let at = 0; at < m * size; at++) own.data[a * m * size + at] = dx.data[a * total * size + at]!
    if (total === m) continue
    for (let c = 0; c < size; c++)
      learned.data[(a % heads) * size + c]! += dx.data[(a * total + m) * size + c]!
  }
  return { own, learned }
}

/** A mask with more columns of zeros: what is added to the scores of keys that everybody sees. */
function widened(mask: NumericArray, columns: number): NumericArray {
  const [all, n, m] = mask.shape as [number, number, number]
  const wide = zerosOf([all, n, columns], [mask])
  for (let row = 0; row < all * n; row++)
    for (let j = 0; j < m; j++) wide.data[row * columns + j] = mask.data[row * m + j]!
  return wide
}

/** w = (1/H) Σ_h A^h: (batch · heads, n, m) → (batch, n, m) */
function meanOverHeads(A: NumericArray, heads: number): NumericArray {
  const [all, n, m] = A.shape as [number, number, number]
  const w = zerosOf([all / heads, n, m], [A])
  for (let a = 0; a < all; a++)
    for (let at = 0; at < n * m; at++)
      w.data[Math.floor(a / heads) * n * m + at]! += A.data[a * n * m + at]! / heads
  return w
}

/** dA^h = dw / H */
function toEachHead(dw: NumericArray, heads: number): NumericArray {
  const [batch, n, m] = dw.shape as [number, number, number]
  const dA = zerosOf([batch * heads, n, m], [dw])
  for (let a = 0; a < batch * heads; a++)
    for (let at = 0; at < n * m; at++)
      dA.data[a * n * m + at] = dw.data[Math.floor(a / heads) * n * m + at]! / heads
  return dA
}

type Thirds = readonly [NumericArray | null, NumericArray | null, NumericArray | null]

function thirds(bias: NumericArray | null): Thirds {
  if (bias === null) return [null, null, null]
  const f = bias.data.length / 3
  const third = (part: number): NumericArray => ({
    shape: [f],
    data: bias.data.slice(part * f, (part + 1) * f),
  })
  return [third(0), third(1), third(2)]
}

function oneAfterTheOther(parts: readonly NumericArray[]): NumericArray {
  const all = zerosOf([parts.reduce((sum, { data }) => sum + data.length, 0)], parts)
  let at = 0
  for (const { data } of parts) for (const value of data) all.data[at++] = value
  return all
}
