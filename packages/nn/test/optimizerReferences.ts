/** Every update rule once more, by hand: plain loops over typed arrays, as a book would write them. */

/** What is remembered of a parameter, by name. */
export type Memory = Record<string, Float64Array>

/** One step in place: W and the memory are overwritten. `t` counts from 1. */
export type Reference = (
  W: Float64Array,
  dW: Float64Array,
  memory: Memory,
  t: number,
  s: Readonly<Record<string, number>>,
) => void

/** The memory of that name, zeros in the first step. */
const slot = (memory: Memory, name: string, W: Float64Array, start = 0): Float64Array => {
  memory[name] ??= new Float64Array(W.length).fill(start)
  return memory[name]
}

/** The gradient of every element, with its sign for climbing and its weight decay. */
const gradientOf = (W: Float64Array, dW: Float64Array, s: Readonly<Record<string, number>>): Float64Array =>
  dW.map((g, i) => (s.maximize ? -g : g) + (s.weightDecay ?? 0) * W[i]!)

export const sgd: Reference = (W, dW, memory, t, s) => {
  const [momentum, dampening] = [s.momentum ?? 0, s.dampening ?? 0]
  const g = gradientOf(W, dW, s)
  const v = slot(memory, 'velocity', W)
  for (let i = 0; i < W.length; i++) {
    v[i] = t === 1 ? g[i]! : momentum * v[i]! + (1 - dampening) * g[i]!
    W[i]! -= s.learningRate! * (s.nesterov ? g[i]! + momentum * v[i]! : v[i]!)
  }
}

export const adam: Reference = (W, dW, memory, t, s) => {
  const [beta1, beta2] = [s.beta1 ?? 0.9, s.beta2 ?? 0.999]
  const g = gradientOf(W, dW, s)
  const [m, v, u] = ['mean', 'square', 'largestSquare'].map(name => slot(memory, name, W)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  for (let i = 0; i < W.length; i++) {
    m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!
    v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! * g[i]!
    u[i] = s.amsgrad ? Math.max(u[i]!, v[i]!) : v[i]!
    const [mHat, uHat] = [m[i]! / (1 - beta1 ** t), u[i]! / (1 - beta2 ** t)]
    W[i]! -= (s.learningRate! * mHat) / (Math.sqrt(uHat) + (s.epsilon ?? 1e-8))
  }
}

export const adamW: Reference = (W, dW, memory, t, s) => {
  for (let i = 0; i < W.length; i++) W[i]! *= 1 - s.learningRate! * (s.weightDecay ?? 0.01)
  adam(W, dW, memory, t, { ...s, weightDecay: 0 })
}

export const nadam: Reference = (W, dW, memory, t, s) => {
  const [beta1, beta2] = [s.beta1 ?? 0.9, s.beta2 ?? 0.999]
  const mu = (n: number): number => beta1 * (1 - 0.5 * 0.96 ** (n * (s.momentumDecay ?? 4e-3)))
  const g = gradientOf(W, dW, s)
  const [m, v] = [slot(memory, 'mean', W), slot(memory, 'square', W)]
  let product = 1
  for (let n = 1; n <= t; n++) product *= mu(n)
  for (let i = 0; i < W.length; i++) {
    m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!
    v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! ** 2
    const mHat = (mu(t + 1) * m[i]!) / (1 - product * mu(t + 1)) + ((1 - mu(t)) * g[i]!) / (1 - product)
    W[i]! -= (s.learningRate! * mHat) / (Math.sqrt(v[i]! / (1 - beta2 ** t)) + 1e-8)
  }
}

export const radam: Reference = (W, dW, memory, t, s) => {
  const [beta1, beta2] = [s.beta1 ?? 0.9, s.beta2 ?? 0.999]
  const g = gradientOf(W, dW, s)
  const [m, v] = [slot(memory, 'mean', W), slot(memory, 'square', W)]
  const limit = 2 / (1 - beta2) - 1
  const rho = limit - (2 * t * beta2 ** t) / (1 - beta2 ** t)
  for (let i = 0; i < W.length; i++) {
    m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!
    v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! ** 2
    const mHat = m[i]! / (1 - beta1 ** t)
    if (rho > 5) {
      const r = Math.sqrt((((rho - 4) / (limit - 4)) * ((rho - 2) / (limit - 2)) * limit) / rho)
      W[i]! -= (s.learningRate! * mHat * r * Math.sqrt(1 - beta2 ** t)) / (Math.sqrt(v[i]!) + 1e-8)
    } else W[i]! -= s.learningRate! * mHat
  }
}

export const adamax: Reference = (W, dW, memory, t, s) => {
  const [beta1, beta2] = [s.beta1 ?? 0.9, s.beta2 ?? 0.999]
  const g = gradientOf(W, dW, s)
  const [m, u] = [slot(memory, 'mean', W), slot(memory, 'largest', W)]
  for (let i = 0; i < W.length; i++) {
    m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!
    u[i] = Math.max(beta2 * u[i]!, Math.abs(g[i]!) + 1e-8)
    W[i]! -= ((s.learningRate! / (1 - beta1 ** t)) * m[i]!) / u[i]!
  }
}

export const adagrad: Reference = (W, dW, memory, t, s) => {
  const g = gradientOf(W, dW, s)
  const sum = slot(memory, 'sum', W, s.initialAccumulator ?? 0)
  for (let i = 0; i < W.length; i++) {
    sum[i]! += g[i]! ** 2
    const rate = s.learningRate! / (1 + (t - 1) * (s.learningRateDecay ?? 0))
    W[i]! -= (rate * g[i]!) / (Math.sqrt(sum[i]!) + 1e-10)
  }
}

export const adadelta: Reference = (W, dW, memory, _, s) => {
  const [rho, epsilon] = [s.decay ?? 0.9, s.epsilon ?? 1e-6]
  const g = gradientOf(W, dW, s)
  const [v, d] = [slot(memory, 'square', W), slot(memory, 'changes', W)]
  for (let i = 0; i < W.length; i++) {
    v[i] = rho * v[i]! + (1 - rho) * g[i]! ** 2
    const change = Math.sqrt((d[i]! + epsilon) / (v[i]! + epsilon)) * g[i]!
    d[i] = rho * d[i]! + (1 - rho) * change ** 2
    W[i]! -= s.learningRate! * change
  }
}

export const rmsprop: Reference = (W, dW, memory, _, s) => {
  const rho = s.decay ?? 0.99
  const g = gradientOf(W, dW, s)
  const [v, m, b] = [slot(memory, 'square', W), slot(memory, 'mean', W), slot(memory, 'velocity', W)]
  for (let i = 0; i < W.length; i++) {
    v[i] = rho * v[i]! + (1 - rho) * g[i]! ** 2
    m[i] = s.centered ? rho * m[i]! + (1 - rho) * g[i]! : 0
    const quotient = g[i]! / (Math.sqrt(Math.max(0, v[i]! - m[i]! ** 2)) + 1e-8)
    b[i] = (s.momentum ?? 0) * b[i]! + quotient
    W[i]! -= s.learningRate! * b[i]!
  }
}

export const rprop: Reference = (W, dW, memory, _, s) => {
  const [shrink, grow] = [s.decrease ?? 0.5, s.increase ?? 1.2]
  const [low, high] = [s.minimumStep ?? 1e-6, s.maximumStep ?? 50]
  const [before, size] = [slot(memory, 'previous', W), slot(memory, 'stepSize', W, s.learningRate!)]
  for (let i = 0; i < W.length; i++) {
    let g = s.maximize ? -dW[i]! : dW[i]!
    if (g * before[i]! > 0) size[i]! *= grow
    if (g * before[i]! < 0) size[i]! *= shrink
    size[i] = Math.min(Math.max(size[i]!, low), high)
    if (g * before[i]! < 0) g = 0
    W[i]! -= size[i]! * Math.sign(g)
    before[i] = g
  }
}

export const asgd: Reference = (W, dW, memory, t, s) => {
  const [lambda, power, from] = [s.decayTerm ?? 1e-4, s.power ?? 0.75, s.averageFrom ?? 1e6]
  const rate = Math.fround(s.learningRate! / (1 + lambda * s.learningRate! * (t - 1)) ** power)
  const g = gradientOf(W, dW, s)
  const mean = slot(memory, 'average', W)
  for (let i = 0; i < W.length; i++) {
    W[i] = (1 - lambda * rate) * W[i]! - rate * g[i]!
    mean[i]! += (W[i]! - mean[i]!) / Math.max(1, t - 1 - from)
  }
}

export const lion: Reference = (W, dW, memory, _, s) => {
  const [beta1, beta2] = [s.beta1 ?? 0.9, s.beta2 ?? 0.99]
  const m = slot(memory, 'mean', W)
  for (let i = 0; i < W.length; i++) {
    const g = s.maximize ? -dW[i]! : dW[i]!
    const direction = Math.sign(beta1 * m[i]! + (1 - beta1) * g) + (s.weightDecay ?? 0) * W[i]!
    W[i]! -= s.learningRate! * direction
    m[i] = beta2 * m[i]! + (1 - beta2) * g
  }
}

export const lamb: Reference = (W, dW, memory, t, s) => {
  const [beta1, beta2] = [s.beta1 ?? 0.9, s.beta2 ?? 0.999]
  const [m, v] = [slot(memory, 'mean', W), slot(memory, 'square', W)]
  const r = new Float64Array(W.length)
  for (let i = 0; i < W.length; i++) {
    const g = s.maximize ? -dW[i]! : dW[i]!
    m[i] = beta1 * m[i]! + (1 - beta1) * g
    v[i] = beta2 * v[i]! + (1 - beta2) * g ** 2
    const ratio = m[i]! / (1 - beta1 ** t) / (Math.sqrt(v[i]! / (1 - beta2 ** t)) + 1e-6)
    r[i] = ratio + (s.weightDecay ?? 0) * W[i]!
  }
  const length = (x: Float64Array): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0))
  const trust = length(W) > 0 && length(r) > 0 ? length(W) / length(r) : 1
  for (let i = 0; i < W.length; i++) W[i]! -= s.learningRate! * trust * r[i]!
}

/** For a matrix of 2 rows and 3 columns. */
export const muon: Reference = (W, dW, memory, _, s) => {
  const [rows, columns] = [2, 3]
  const momentum = s.momentum ?? 0.95
  const mean = slot(memory, 'mean', W)
  let x = new Float64Array(W.length)
  for (let i = 0; i < W.length; i++) {
    const g = s.maximize ? -dW[i]! : dW[i]!
    mean[i] = momentum * mean[i]! + (1 - momentum) * g
    x[i] = s.nesterov === 0 ? mean[i]! : momentum * mean[i]! + (1 - momentum) * g
  }
  const size = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0)) + 1e-7
  x = x.map(value => value / size)
  const product = (a: Float64Array, b: Float64Array, n: number, k: number, m: number): Float64Array => {
    const c = new Float64Array(n * m)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < m; j++) for (let l = 0; l < k; l++) c[i * m + j]! += a[i * k + l]! * b[l * m + j]!
    return c
  }
  for (let n = 0; n < (s.iterations ?? 5); n++) {
    const transposed = x.map((__, at) => x[(at % rows) * columns + Math.floor(at / rows)]!)
    const a = product(x, transposed, rows, columns, rows)
    const ax = product(a, x, rows, rows, columns)
    const aax = product(a, ax, rows, rows, columns)
    x = x.map((value, i) => 3.4445 * value - 4.775 * ax[i]! + 2.0315 * aax[i]!)
  }
  for (let i = 0; i < W.length; i++) {
    W[i] = (1 - s.learningRate! * (s.weightDecay ?? 0)) * W[i]! - s.learningRate! * x[i]!
  }
}
