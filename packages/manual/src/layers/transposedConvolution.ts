import { type NumericArray, sizeOf, zerosOf } from '../array.ts'
import { forEachPosition, numberOf, planesOf } from '../positions.ts'
import { formatShape, ShapeError } from '../shapeError.ts'

/** Where the windows of a transposed convolution lie, one number for each axis of space, and which channels they reach. */
export interface TransposedConvolutionSettings {
  readonly stride: readonly number[]
  /** What is taken away from both ends of the output. */
  readonly padding: readonly number[]
  /** What is added to the end of the output. */
  readonly outputPadding: readonly number[]
  readonly dilation: readonly number[]
  readonly groups: number
}

/** What `transposedConvolution.forward` takes: x is (m, in, space) or (in, space), W (in, out/groups, window), b (out) or absent. */
export interface TransposedConvolutionForwardInputs extends TransposedConvolutionSettings {
  readonly x: NumericArray
  readonly W: NumericArray
  readonly b?: NumericArray
}

/** What `transposedConvolution.backward` takes: dy is the derivative of L with respect to y. */
export interface TransposedConvolutionBackwardInputs extends TransposedConvolutionSettings {
  readonly dy: NumericArray
  readonly x: NumericArray
  readonly W: NumericArray
}

/** Derivatives of L, summed over the examples. */
export interface TransposedConvolutionGradients {
  readonly dW: NumericArray
  readonly db: NumericArray
  readonly dx: NumericArray
}

/**
 * The transpose of a convolution: input channel i at position p is spread over a window of the output channels of its group. With
 * stride s, dilation d and a entries taken away in front,
 *
 *     y_ncq = b_c + Σ_i Σ_(p,k: ps+kd−a = q) W_iok x_nip      with c = ⌊i / (in/groups)⌋ (out/groups) + o
 *
 * so x_nip meets W_iok in exactly one place of the output, q = p s + k d − a, unless that was taken away. From
 * ∂y_ncq/∂W_iok = x_nip, ∂y_ncq/∂x_nip = W_iok and ∂y_ncq/∂b_c = 1 follows, with dy = ∂L/∂y,
 *
 *     dW_iok = Σ_n Σ_p x_nip dy_nc(ps+kd−a)      db_c = Σ_n Σ_q dy_ncq      dx_nip = Σ_o Σ_k W_iok dy_nc(ps+kd−a)
 *
 * where dy is 0 outside. The sum for dx is a convolution of dy with W as it is: hence the name.
 */
export const transposedConvolution: {
  /** (m, in, space) → (m, out, larger space), and the same without m. */
  forward(inputs: TransposedConvolutionForwardInputs): NumericArray
  /** From dy to dW, db and dx, in the shapes of W, b and x. */
  backward(inputs: TransposedConvolutionBackwardInputs): TransposedConvolutionGradients
} = {
  forward: ({ x, W, b, ...settings }) => {
    const shape = outputShape('transposedConvolution.forward', x, W, settings)
    const y = zerosOf(shape, b ? [x, W, b] : [x, W])
    const output = planesOf(y, settings.stride.length)
    if (b !== undefined) {
      for (let i = 0; i < y.data.length; i++) {
        y.data[i] = b.data[Math.floor(i / output.size) % b.data.length]!
      }
    }
    forEachProduct(x, W, y, settings, (xAt, wAt, yAt) => {
      y.data[yAt]! += W.data[wAt]! * x.data[xAt]!
    })
    return y
  },

  backward: ({ dy, x, W, ...settings }) => {
    const shape = outputShape('transposedConvolution.backward', x, W, settings)
    if (shape.join() !== dy.shape.join()) {
      throw new ShapeError(
        'transposedConvolution.backward',
        { dy, x, W },
        `dy is ${formatShape(dy.shape)} and must have the shape of y, ${formatShape(shape)}.`,
      )
    }
    const dW = zerosOf(W.shape, [dy, x])
    const dx = zerosOf(x.shape, [dy, W])
    forEachProduct(x, W, dy, settings, (xAt, wAt, yAt) => {
      dW.data[wAt]! += x.data[xAt]! * dy.data[yAt]!
      dx.data[xAt]! += W.data[wAt]! * dy.data[yAt]!
    })
    const output = planesOf(dy, settings.stride.length)
    const outputs = output.lead.at(-1)!
    const db = zerosOf([outputs], [dy])
    for (let i = 0; i < dy.data.length; i++) {
      db.data[Math.floor(i / output.size) % outputs]! += dy.data[i]!
    }
    return { dW, db, dx }
  },
}

/** (n − 1) s − 2a + d (window − 1) + outputPadding + 1 along each axis. */
function outputShape(
  operation: string,
  x: NumericArray,
  W: NumericArray,
  { stride, padding, outputPadding, dilation, groups }: TransposedConvolutionSettings,
): number[] {
  const { lead, space } = planesOf(x, stride.length)
  const [inputs, each, ...windows] = W.shape as [number, number, ...number[]]
  const sizes = space.map((n, axis) => {
    const reach = dilation[axis]! * (windows[axis]! - 1) + 1
    return (n - 1) * stride[axis]! - 2 * padding[axis]! + reach + outputPadding[axis]!
  })
  if (lead.at(-1) !== inputs || inputs % groups !== 0 || sizes.some(size => size < 1)) {
    throw new ShapeError(
      operation,
      { x, W },
      `x is ${formatShape(x.shape)}, W is ${formatShape(W.shape)}, with ${groups} groups: W must be ` +
        '(in, out/groups, window), in a multiple of groups, and something must be left of y.',
    )
  }
  return [...lead.slice(0, -1), each * groups, ...sizes]
}

/** Calls `visit` with the places of x, W and y of every product W_iok x_nip in y_ncq. */
function forEachProduct(
  x: NumericArray,
  W: NumericArray,
  y: NumericArray,
  { stride, padding, dilation, groups }: TransposedConvolutionSettings,
  visit: (xAt: number, wAt: number, yAt: number) => void,
): void {
  const axes = stride.length
  const input = planesOf(x, axes)
  const output = planesOf(y, axes)
  const [inputs, each, ...windows] = W.shape as [number, number, ...number[]]
  const window = sizeOf(windows)
  const examples = input.count / inputs
  const q = new Array<number>(axes)
  forEachPosition(input.space, (p, pNumber) => {
    forEachPosition(windows, (k, kNumber) => {
      for (let axis = 0; axis < axes; axis++) {
        q[axis] = p[axis]! * stride[axis]! + k[axis]! * dilation[axis]! - padding[axis]!
      }
      const qNumber = numberOf(q, output.space)
      if (qNumber < 0) return
      for (let n = 0; n < examples; n++) {
        for (let i = 0; i < inputs; i++) {
          const first = Math.floor(i / (inputs / groups)) * each
          for (let o = 0; o < each; o++) {
            visit(
              (n * inputs + i) * input.size + pNumber,
              (i * each + o) * window + kNumber,
              (n * each * groups + first + o) * output.size + qNumber,
            )
          }
        }
      }
    })
  })
}
