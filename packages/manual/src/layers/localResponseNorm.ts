import { type NumericArray, zerosOf } from '../array.ts'

/** What `localResponseNorm.forward` takes. */
export interface LocalResponseNormInputs {
  readonly x: NumericArray
  /** Number of channels that are taken together. */
  readonly size: number
  readonly alpha: number
  readonly beta: number
  readonly k: number
}

/**
 * Local response norm of `(batch, channels, ...space)`. At one place of one example, with the channels c - ⌊s/2⌋ to
 * c - ⌊s/2⌋ + s - 1 around channel c, those that exist,
 *
 *     D_c = k + (α/s) Σ_j x_j²  (j around c)     y_c = x_c D_c^(-β)
 *
 * x_j is met by y_j itself, and by every D_c that j is around of, ∂D_c/∂x_j = 2 (α/s) x_j and ∂y_c/∂D_c = -β x_c D_c^(-β-1):
 *
 *     dx_j = dy_j D_j^(-β) - 2 (α/s) β x_j Σ_c dy_c x_c D_c^(-β-1)  (c with j around it)
 */
export const localResponseNorm: {
  /** (batch, channels, ...space) → the same. */
  forward(inputs: LocalResponseNormInputs): NumericArray
  /** From dy to dx. */
  backward(inputs: LocalResponseNormInputs & { readonly dy: NumericArray }): NumericArray
} = {
  forward: inputs => {
    const { x, beta } = inputs
    const y = zerosOf(x.shape, [x])
    for (let i = 0; i < x.data.length; i++) y.data[i] = x.data[i]! * divisorAt(inputs, i) ** -beta
    return y
  },

  backward: ({ dy, ...inputs }) => {
    const { x, size, alpha, beta } = inputs
    const dx = zerosOf(x.shape, [x, dy])
    for (let c = 0; c < x.data.length; c++) {
      const D = divisorAt(inputs, c)
      dx.data[c]! += dy.data[c]! * D ** -beta
      for (const j of around(inputs, c)) {
        dx.data[j]! -= ((2 * alpha) / size) * beta * x.data[j]! * dy.data[c]! * x.data[c]! * D ** (-beta - 1)
      }
    }
    return dx
  },
}

/** The entries at the same place in the channels around that of entry i. */
function around({ x, size }: LocalResponseNormInputs, i: number): number[] {
  const [, channels = 1, ...space] = x.shape
  const places = space.reduce((product, length) => product * length, 1)
  const channel = Math.floor(i / places) % channels
  const found: number[] = []
  for (let step = 0; step < size; step++) {
    const neighbour = channel - Math.floor(size / 2) + step
    if (neighbour >= 0 && neighbour < channels) found.push(i + (neighbour - channel) * places)
  }
  return found
}

/** D = k + (α/s) Σ x_j² */
function divisorAt(inputs: LocalResponseNormInputs, i: number): number {
  const { x, size, alpha, k } = inputs
  let total = 0
  for (const j of around(inputs, i)) total += x.data[j]! ** 2
  return k + (alpha / size) * total
}
