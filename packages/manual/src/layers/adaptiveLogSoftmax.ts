import { type NumericArray, zerosOf } from '../array.ts'

/** The weights of {@link adaptiveLogSoftmax}: every W is `[out, in]`. */
export interface AdaptiveLogSoftmaxWeights {
  /** `[shortlist + clusters, features]` */
  readonly head: NumericArray
  /** `[shortlist + clusters]`, where there is one. */
  readonly headBias?: NumericArray
  /** For every cluster onto fewer features, `[width, features]`, and onto its classes, `[size, width]`. */
  readonly tail: readonly { readonly project: NumericArray; readonly classify: NumericArray }[]
}

/** What {@link adaptiveLogSoftmax} takes: x is `[m, features]`. */
export interface AdaptiveLogSoftmaxInputs extends AdaptiveLogSoftmaxWeights {
  readonly x: NumericArray
}

/** Derivatives with respect to the input and the weights. */
export interface AdaptiveLogSoftmaxGradients {
  readonly dx: NumericArray
  readonly dhead: NumericArray
  readonly dheadBias: NumericArray
  readonly dtail: readonly { readonly dproject: NumericArray; readonly dclassify: NumericArray }[]
}

/**
 * Log-probabilities of classes of which the first c stand in the head, and the others in n clusters, each of which has one
 * place in the head, c + i for cluster i. For one example,
 *
 *     a = W x + b,   h = logSoftmax(a)
 *     p_i = P_i x,   z_i = C_i p_i,   t_i = logSoftmax(z_i)
 *     y_k = h_k for k < c,   y_k = h_{c+i} + t_i[k'] for the k'-th class of cluster i
 *
 * y is linear in h and t: dh_k = dy_k for k < c, dh_{c+i} = Σ dy over cluster i, dt_i = dy over cluster i. With
 * ∂logSoftmax(a)_k/∂a_j = [j = k] − e^(h_j),
 *
 *     da_j = dh_j − e^(h_j) Σ_k dh_k      dz_i = dt_i − e^(t_i) Σ dt_i
 *
 * and through the linear maps, summed over the examples,
 *
 *     dW = Σ da xᵀ    db = Σ da    dC_i = Σ dz_i p_iᵀ    dp_i = C_iᵀ dz_i    dP_i = Σ dp_i xᵀ
 *     dx = Wᵀ da + Σ_i P_iᵀ dp_i
 */
export const adaptiveLogSoftmax: {
  /** `[m, classes]` */
  forward(inputs: AdaptiveLogSoftmaxInputs): NumericArray
  backward(inputs: AdaptiveLogSoftmaxInputs & { readonly dy: NumericArray }): AdaptiveLogSoftmaxGradients
} = {
  forward: inputs => {
    const { x, head, tail } = inputs
    const shortlist = head.shape[0]! - tail.length
    const classes = tail.reduce((sum, { classify }) => sum + classify.shape[0]!, shortlist)
    const [m, features] = x.shape as readonly number[] as [number, number]
    const y = zerosOf([m, classes], [x, head])
    for (let i = 0; i < m; i++) {
      const { h, clusters } = passOf(inputs, x.data.subarray(i * features, (i + 1) * features))
      let k = i * classes
      for (let j = 0; j < shortlist; j++) y.data[k++] = h[j]!
      for (const [c, { t }] of clusters.entries())
        for (const value of t) y.data[k++] = h[shortlist + c]! + value
    }
    return y
  },
  backward: inputs => {
    const { x, head, tail, dy } = inputs
    const [m, features] = x.shape as readonly number[] as [number, number]
    const shortlist = head.shape[0]! - tail.length
    const classes = dy.shape[1]!
    const gradients: AdaptiveLogSoftmaxGradients = {
      dx: zerosOf(x.shape, [x, dy]),
      dhead: zerosOf(head.shape, [x, dy]),
      dheadBias: zerosOf([head.shape[0]!], [x, dy]),
      dtail: tail.map(({ project, classify }) => ({
        dproject: zerosOf(project.shape, [x, dy]),
        dclassify: zerosOf(classify.shape, [x, dy]),
      })),
    }
    for (let i = 0; i < m; i++) {
      const example = x.data.subarray(i * features, (i + 1) * features)
      const dexample = gradients.dx.data.subarray(i * features, (i + 1) * features)
      const { h, clusters } = passOf(inputs, example)
      const dh = new Float64Array(h.length)
      let at = i * classes
      for (let j = 0; j < shortlist; j++) dh[j] = dy.data[at++]!
      for (const [c, { p, t }] of clusters.entries()) {
        const dt = Float64Array.from(dy.data.subarray(at, at + t.length))
        at += t.length
        dh[shortlist + c] = dt.reduce((a, b) => a + b, 0)
        const { dproject, dclassify } = gradients.dtail[c]!
        const dp = throughLinear(tail[c]!.classify, p, throughLogSoftmax(t, dt), dclassify)
        const dfromCluster = throughLinear(tail[c]!.project, example, dp, dproject)
        for (let k = 0; k < features; k++) dexample[k] = dexample[k]! + dfromCluster[k]!
      }
      const da = throughLogSoftmax(h, dh)
      for (let j = 0; j < da.length; j++) {
        gradients.dheadBias.data[j] = gradients.dheadBias.data[j]! + da[j]!
      }
      const dfromHead = throughLinear(head, example, da, gradients.dhead)
      for (let k = 0; k < features; k++) dexample[k] = dexample[k]! + dfromHead[k]!
    }
    return gradients
  },
}

type Vector = Float64Array | Float32Array

/** h, and p and t of every cluster, for one example. */
function passOf(
  { head, headBias, tail }: AdaptiveLogSoftmaxWeights,
  x: Vector,
): { readonly h: Float64Array; readonly clusters: readonly { p: Float64Array; t: Float64Array }[] } {
  const a = times(head, x)
  for (let j = 0; j < a.length; j++) a[j] = a[j]! + (headBias?.data[j] ?? 0)
  return {
    h: logSoftmaxOf(a),
    clusters: tail.map(({ project, classify }) => {
      const p = times(project, x)
      return { p, t: logSoftmaxOf(times(classify, p)) }
    }),
  }
}

/** W x */
function times({ shape, data }: NumericArray, x: Vector): Float64Array {
  const [rows, columns] = shape as readonly number[] as [number, number]
  const product = new Float64Array(rows)
  for (let r = 0; r < rows; r++) {
    let sum = 0
    for (let c = 0; c < columns; c++) sum += data[r * columns + c]! * x[c]!
    product[r] = sum
  }
  return product
}

/** From dz of z = W x: adds dz xᵀ to dW, returns Wᵀ dz. */
function throughLinear(W: NumericArray, x: Vector, dz: Float64Array, dW: NumericArray): Float64Array {
  const [rows, columns] = W.shape as readonly number[] as [number, number]
  const dx = new Float64Array(columns)
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const k = r * columns + c
      dW.data[k] = dW.data[k]! + dz[r]! * x[c]!
      dx[c] = dx[c]! + W.data[k]! * dz[r]!
    }
  }
  return dx
}

function logSoftmaxOf(a: Float64Array): Float64Array {
  let largest = -Infinity
  for (const value of a) largest = Math.max(largest, value)
  let sum = 0
  for (const value of a) sum += Math.exp(value - largest)
  return a.map(value => value - largest - Math.log(sum))
}

/** da_j = dh_j − e^(h_j) Σ dh */
function throughLogSoftmax(h: Float64Array, dh: Float64Array): Float64Array {
  const total = dh.reduce((a, b) => a + b, 0)
  return dh.map((value, j) => value - Math.exp(h[j]!) * total)
}
