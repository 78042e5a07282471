import { affine, affineBackward, productOf, sumOf } from '../affine.ts'
import { type NumericArray, zerosOf } from '../array.ts'
import { layerNorm } from './layerNorm.ts'
import {
  type MultiHeadForwardInputs,
  type MultiHeadWeights,
  multiHeadAttention,
} from './multiHeadAttention.ts'

/** Factor and offset of a layer norm. */
export interface NormWeights {
  readonly weight: NumericArray
  readonly bias: NumericArray
}

/** The two dense layers. */
export interface FeedForwardWeights {
  readonly W1: NumericArray
  readonly b1: NumericArray
  readonly W2: NumericArray
  readonly b2: NumericArray
}

/** What all layers of a transformer are told. */
export interface TransformerSettings {
  readonly heads: number
  readonly preNorm: boolean
  readonly activation: 'relu' | 'gelu'
  readonly epsilon: number
}

/** How one sequence looks at another, or at itself: masks and dropout, as `multiHeadAttention` takes them. */
export type AttentionSettings = Pick<MultiHeadForwardInputs, 'mask' | 'dropoutMask' | 'rotary'>

/** What an encoder layer learns. */
export interface EncoderLayerWeights {
  readonly selfAttention: MultiHeadWeights
  readonly feedForward: FeedForwardWeights
  readonly norms: readonly [NormWeights, NormWeights]
}

/** What drops, as factors 0 or 1 / (1 − rate); null for nothing. */
export interface TransformerDrops {
  /** One for each part, on what it adds: (batch, time, f) */
  readonly parts: readonly (NumericArray | null)[]
  /** (batch, time, hidden) */
  readonly hidden: NumericArray | null
}

/** What `transformerEncoderLayer.forward` takes. */
export interface EncoderLayerInputs extends TransformerSettings {
  /** (batch, time, f) */
  readonly x: NumericArray
  readonly weights: EncoderLayerWeights
  readonly attention: AttentionSettings
  readonly drops: TransformerDrops
}

/** Derivatives of L. */
export interface EncoderLayerGradients {
  readonly dx: NumericArray
  readonly dWeights: EncoderLayerWeights
}

/**
 * An encoder layer of a transformer. A part F, attention or the two dense layers, is added to what comes in, and the sum is
 * normalised; D is what dropout multiplies with:
 *
 *     y = norm(x + D ∘ F(x))         or before the part,         y = x + D ∘ F(norm(x))
 *
 * Two roads lead from x to y, past F and through it, so two derivatives meet in x. With ds the derivative of the sum s:
 *
 *     ds = normᵀ(dy)    dx = ds + Fᵀ(D ∘ ds)          dx = dy + normᵀ(Fᵀ(D ∘ dy))
 *
 * where Fᵀ and normᵀ are the backward passes of the parts; see `multiHeadAttention` and `layerNorm`. The road past F is why many
 * layers can be trained: without norms, dx = dy + ..., however small the derivative of F is.
 *
 * The dense layers are F(x) = W₂ (D_h ∘ f(a)) + b₂ with a = W₁ x + b₁, element by element, so
 *
 *     dh = W₂ᵀ dF      da = D_h ∘ dh ∘ f′(a)      dW₂ = Σ dF (D_h ∘ f(a))ᵀ      dW₁ = Σ da xᵀ      dx = W₁ᵀ da
 *
 * with f′ = [a > 0] for relu, and for gelu, f = a Φ(a), f′ = Φ(a) + a φ(a): φ is the normal density, Φ its integral.
 */
export const transformerEncoderLayer: {
  forward(inputs: EncoderLayerInputs): NumericArray
  backward(inputs: EncoderLayerInputs & { readonly dy: NumericArray }): EncoderLayerGradients
} = {
  forward: inputs => encoderStations(inputs).y,

  backward: inputs => {
    const { dy, x, weights, attention, drops } = inputs
    const { norms } = weights
    const { between } = encoderStations(inputs)
    const second = besideBackward(inputs, between, norms[1], drops.parts[1]!, dy, {
      forward: y => feedForward(inputs, weights.feedForward, drops.hidden, y),
      backward: (dF, y) => feedForwardBackward(inputs, weights.feedForward, drops.hidden, y, dF),
    })
    const first = besideBackward(inputs, x, norms[0], drops.parts[0]!, second.dx, {
      forward: y => attend(inputs, weights.selfAttention, attention, y, y),
      backward: (dF, y) => {
        const { dx, dother, dWeights } = attendBackward(inputs, weights.selfAttention, attention, y, y, dF)
        return { dx: sumOf(dx, dother), dWeights }
      },
    })
    return {
      dx: first.dx,
      dWeights: {
        selfAttention: first.dWeights,
        feedForward: second.dWeights,
        norms: [first.dNorm, second.dNorm],
      },
    }
  },
}

/** What the parts of an encoder layer pass on. */
function encoderStations(inputs: EncoderLayerInputs): {
  readonly between: NumericArray
  readonly y: NumericArray
} {
  const { x, weights, attention, drops } = inputs
  const between = beside(inputs, x, weights.norms[0], drops.parts[0]!, y =>
    attend(inputs, weights.selfAttention, attention, y, y),
  )
  const y = beside(inputs, between, weights.norms[1], drops.parts[1]!, z =>
    feedForward(inputs, weights.feedForward, drops.hidden, z),
  )
  return { between, y }
}

/** A part with its way back: from dF and its input to dx and the derivatives of what it learns. */
export interface Part<Weights> {
  readonly forward: (x: NumericArray) => NumericArray
  readonly backward: (
    dF: NumericArray,
    x: NumericArray,
  ) => { readonly dx: NumericArray; readonly dWeights: Weights }
}

/** y = norm(x + D ∘ F(x)), or x + D ∘ F(norm(x)) */
export function beside(
  { preNorm, epsilon }: TransformerSettings,
  x: NumericArray,
  norm: NormWeights,
  D: NumericArray | null,
  F: (x: NumericArray) => NumericArray,
): NumericArray {
  if (preNorm) return sumOf(x, productOf(F(normalized(x, norm, epsilon)), D))
  return normalized(sumOf(x, productOf(F(x), D)), norm, epsilon)
}

/** The way back through `beside`. */
export function besideBackward<Weights>(
  { preNorm, epsilon }: TransformerSettings,
  x: NumericArray,
  norm: NormWeights,
  D: NumericArray | null,
  dy: NumericArray,
  F: Part<Weights>,
): { readonly dx: NumericArray; readonly dNorm: NormWeights; readonly dWeights: Weights } {
  if (preNorm) {
    // dx = dy + normᵀ(Fᵀ(D ∘ dy))
    const part = F.backward(productOf(dy, D), normalized(x, norm, epsilon))
    const through = normalizedBackward(part.dx, x, norm, epsilon)
    return { dx: sumOf(dy, through.dx), dNorm: through.dNorm, dWeights: part.dWeights }
  }
  // ds = normᵀ(dy), dx = ds + Fᵀ(D ∘ ds)
  const sum = normalizedBackward(dy, sumOf(x, productOf(F.forward(x), D)), norm, epsilon)
  const part = F.backward(productOf(sum.dx, D), x)
  return { dx: sumOf(sum.dx, part.dx), dNorm: sum.dNorm, dWeights: part.dWeights }
}

/** Attention of x to another sequence, or to itself. */
export function attend(
  { heads }: TransformerSettings,
  weights: MultiHeadWeights,
  settings: AttentionSettings,
  x: NumericArray,
  other: NumericArray,
): NumericArray {
  return multiHeadAttention.forward({
    ...{ query: x, key: other, value: other, weights, heads, addZeroAttention: false },
    ...settings,
  }).output
}

/** The way back: `dother` is what keys and values say of the other sequence. */
export function attendBackward(
  { heads }: TransformerSettings,
  weights: MultiHeadWeights,
  settings: AttentionSettings,
  x: NumericArray,
  other: NumericArray,
  dF: NumericArray,
): { readonly dx: NumericArray; readonly dother: NumericArray; readonly dWeights: MultiHeadWeights } {
  const { dquery, dkey, dvalue, dWeights } = multiHeadAttention.backward({
    ...{ query: x, key: other, value: other, weights, heads, addZeroAttention: false },
    ...settings,
    ...{ doutput: dF, dweights: null },
  })
  return { dx: dquery, dother: sumOf(dkey, dvalue), dWeights }
}

/** F(x) = W₂ (D ∘ f(W₁ x + b₁)) + b₂ */
export function feedForward(
  { activation }: TransformerSettings,
  { W1, b1, W2, b2 }: FeedForwardWeights,
  D: NumericArray | null,
  x: NumericArray,
): NumericArray {
  const hidden = mapped(affine(x, W1, b1), activation === 'relu' ? relu : gelu)
  return affine(productOf(hidden, D), W2, b2)
}

/** The way back through the two dense layers. */
export function feedForwardBackward(
  { activation }: TransformerSettings,
  { W1, b1, W2 }: FeedForwardWeights,
  D: NumericArray | null,
  x: NumericArray,
  dF: NumericArray,
): { readonly dx: NumericArray; readonly dWeights: FeedForwardWeights } {
  const a = affine(x, W1, b1)
  const hidden = productOf(mapped(a, activation === 'relu' ? relu : gelu), D)
  const outer = affineBackward(dF, hidden, W2)
  const slopes = mapped(a, activation === 'relu' ? reluSlope : geluSlope)
  const inner = affineBackward(productOf(productOf(outer.dx, D), slopes), x, W1)
  return { dx: inner.dx, dWeights: { W1: inner.dW, b1: inner.db, W2: outer.dW, b2: outer.db } }
}

function normalized(x: NumericArray, { weight, bias }: NormWeights, epsilon: number): NumericArray {
  return layerNorm.forward({ x, weight, bias, epsilon, size: weight.data.length })
}

function normalizedBackward(
  dy: NumericArray,
  x: NumericArray,
  { weight }: NormWeights,
  epsilon: number,
): { readonly dx: NumericArray; readonly dNorm: NormWeights } {
  const { dx, dweight, dbias } = layerNorm.backward({
    dy,
    x,
    weight,
    epsilon,
    size: weight.data.length,
  })
  return { dx, dNorm: { weight: dweight, bias: dbias } }
}

function mapped(x: NumericArray, f: (value: number) => number): NumericArray {
  const y = zerosOf(x.shape, [x])
  for (let i = 0; i < x.data.length; i++) y.data[i] = f(x.data[i]!)
  return y
}

const relu = (a: number): number => Math.max(a, 0)
const reluSlope = (a: number): number => (a > 0 ? 1 : 0)
const gelu = (a: number): number => a * normalIntegral(a)
const geluSlope = (a: number): number =>
  normalIntegral(a) + (a * Math.exp((-a * a) / 2)) / Math.sqrt(2 * Math.PI)

/**
 * Φ(a). Near 0 the series ½ + φ(a) (a + a³/3 + a⁵/(3 · 5) + ...), whose terms have one sign for a > 0. Further out Laplace's
 * continued fraction of the other side, 1 − Φ(a) = φ(a) / (a + 1/(a + 2/(a + 3/(a + ...)))): for a < 0 that side is the
 * answer, and 1 minus something near 1 would have few digits left.
 */
function normalIntegral(a: number): number {
  const size = Math.abs(a)
  const density = Math.exp((-size * size) / 2) / Math.sqrt(2 * Math.PI)
  if (size > 1) {
    let fraction = size
    for (let n = 300; n > 0; n--) fraction = size + n / fraction
    return a < 0 ? density / fraction : 1 - density / fraction
  }
  let [term, sum] = [size, size]
  for (let n = 3; term > sum * 1e-18; n += 2) {
    term *= (size * size) / n
    sum += term
  }
  return a < 0 ? 0.5 - sum * density : 0.5 + sum * density
}
