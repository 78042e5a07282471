import { type NumericArray, sizeOf, zerosOf } from '../array.ts'
import { forEachPosition, numberOf, planesOf } from '../positions.ts'
import { formatShape, ShapeError } from '../shapeError.ts'
import { padding as frame, type PaddingSettings } from './padding.ts'

/** Where the windows of a convolution lie, one entry for each axis of space, and which channels they see. */
export interface ConvolutionSettings {
  readonly stride: readonly number[]
  /** What is added before and after each axis. */
  readonly padding: readonly (readonly [low: number, high: number])[]
  /** What that is. Default `'zeros'`. */
  readonly paddingMode?: 'zeros' | 'reflect' | 'replicate' | 'circular'
  readonly dilation: readonly number[]
  readonly groups: number
}

/** What `convolution.forward` takes: x is (m, in, space) or (in, space), W (out, in/groups, window), b (out) or absent. */
export interface ConvolutionForwardInputs extends ConvolutionSettings {
  readonly x: NumericArray
  readonly W: NumericArray
  readonly b?: NumericArray
}

/** What `convolution.backward` takes: dy is the derivative of L with respect to y. */
export interface ConvolutionBackwardInputs extends ConvolutionSettings {
  readonly dy: NumericArray
  readonly x: NumericArray
  readonly W: NumericArray
}

/** Derivatives of L, summed over the examples. */
export interface ConvolutionGradients {
  readonly dW: NumericArray
  readonly db: NumericArray
  readonly dx: NumericArray
}

/**
 * The convolutional layer: output channel o sees, through a window at position p, the input channels of its group. With stride s,
 * dilation d and a zeros in front,
 *
 *     y_nop = b_o + Σ_i Σ_k W_oik x_ncq      with c = ⌊o / (out/groups)⌋ (in/groups) + i and q = p s + k d − a
 *
 * where x is 0 outside; p, k and q are positions with an entry for each axis. Every triple (o, i, k), p gives one product, and
 * every product sends its share back to its two factors:
 *
 *     ∂y_nop/∂W_oik = x_ncq      ∂y_nop/∂x_ncq = W_oik      ∂y_nop/∂b_o = 1
 *
 * All positions share W and b, so with dy = ∂L/∂y
 *
 *     dW_oik = Σ_n Σ_p dy_nop x_nc(ps+kd−a)      db_o = Σ_n Σ_p dy_nop      dx_ncq = Σ_(o,k,p: ps+kd−a = q) W_oik dy_nop
 *
 * The sum for dx runs over the windows that see q: it is the transposed convolution of dy. With another padding than zeros, x is
 * padded first, and its derivative goes back through `padding`.
 */
export const convolution: {
  /** (m, in, space) → (m, out, windows), and the same without m. */
  forward(inputs: ConvolutionForwardInputs): NumericArray
  /** From dy to dW, db and dx, in the shapes of W, b and x. */
  backward(inputs: ConvolutionBackwardInputs): ConvolutionGradients
} = {
  forward: ({ x, W, b, ...settings }) => {
    const { framed, inside } = framedFor(x, settings)
    const y = zerosOf(outputShape('convolution.forward', framed, W, inside), b ? [x, W, b] : [x, W])
    const [outputs] = W.shape as readonly [number]
    if (b !== undefined) {
      const size = sizeOf(y.shape.slice(-settings.stride.length))
      for (let i = 0; i < y.data.length; i++) y.data[i] = b.data[Math.floor(i / size) % outputs]!
    }
    forEachProduct(framed, W, y, inside, (xAt, wAt, yAt) => {
      y.data[yAt]! += W.data[wAt]! * framed.data[xAt]!
    })
    return y
  },

  backward: ({ dy, x, W, ...settings }) => {
    const { framed, inside, mode } = framedFor(x, settings)
    const shape = outputShape('convolution.backward', framed, W, inside)
    if (shape.join() !== dy.shape.join()) {
      throw new ShapeError(
        'convolution.backward',
        { dy, x, W },
        `dy is ${formatShape(dy.shape)} and must have the shape of y, ${formatShape(shape)}.`,
      )
    }
    const dW = zerosOf(W.shape, [dy, x])
    const dFramed = zerosOf(framed.shape, [dy, W])
    forEachProduct(framed, W, dy, inside, (xAt, wAt, yAt) => {
      dW.data[wAt]! += dy.data[yAt]! * framed.data[xAt]!
      dFramed.data[xAt]! += W.data[wAt]! * dy.data[yAt]!
    })
    const [outputs] = W.shape as readonly [number]
    const db = zerosOf([outputs], [dy])
    const size = sizeOf(dy.shape.slice(-settings.stride.length))
    for (let i = 0; i < dy.data.length; i++) db.data[Math.floor(i / size) % outputs]! += dy.data[i]!
    const dx = mode === undefined ? dFramed : frame.backward({ dy: dFramed, x, ...mode }).dx
    return { dW, db, dx }
  },
}

/** The input with what is not zeros around it, the settings for it, and how it was padded, if it was. */
function framedFor(
  x: NumericArray,
  { paddingMode = 'zeros', ...settings }: ConvolutionSettings,
): { framed: NumericArray; inside: ConvolutionSettings; mode?: PaddingSettings } {
  if (paddingMode === 'zeros') return { framed: x, inside: settings }
  const mode = { widths: settings.padding, mode: paddingMode }
  const none = settings.padding.map(() => [0, 0] as const)
  return { framed: frame.forward({ x, ...mode }), inside: { ...settings, padding: none }, mode }
}

/** ⌊(n + paddings − d (window − 1) − 1) / s⌋ + 1 along each axis. */
function outputShape(
  operation: string,
  x: NumericArray,
  W: NumericArray,
  { stride, padding, dilation, groups }: ConvolutionSettings,
): number[] {
  const { lead, space } = planesOf(x, stride.length)
  const [outputs, each, ...windows] = W.shape as [number, number, ...number[]]
  const counts = space.map((n, axis) => {
    const [low, high] = padding[axis]!
    const reach = dilation[axis]! * (windows[axis]! - 1) + 1
    return Math.floor((n + low + high - reach) / stride[axis]!) + 1
  })
  if (lead.at(-1) !== each * groups || outputs % groups !== 0 || counts.some(count => count < 1)) {
    throw new ShapeError(
      operation,
      { x, W },
      `x is ${formatShape(x.shape)}, W is ${formatShape(W.shape)}, with ${groups} groups: W must be ` +
        '(out, in/groups, window), out a multiple of groups, and a window must fit into x.',
    )
  }
  return [...lead.slice(0, -1), outputs, ...counts]
}

/** Calls `visit` with the places of x, W and y of every product W_oik x_ncq in y_nop. */
function forEachProduct(
  x: NumericArray,
  W: NumericArray,
  y: NumericArray,
  { stride, padding, dilation, groups }: ConvolutionSettings,
  visit: (xAt: number, wAt: number, yAt: number) => void,
): void {
  const axes = stride.length
  const input = planesOf(x, axes)
  const output = planesOf(y, axes)
  const [outputs, each, ...windows] = W.shape as [number, number, ...number[]]
  const window = sizeOf(windows)
  const examples = input.count / (each * groups)
  const q = new Array<number>(axes)
  forEachPosition(output.space, (p, pNumber) => {
    forEachPosition(windows, (k, kNumber) => {
      for (let axis = 0; axis < axes; axis++) {
        q[axis] = p[axis]! * stride[axis]! + k[axis]! * dilation[axis]! - padding[axis]![0]
      }
      const qNumber = numberOf(q, input.space)
      if (qNumber < 0) return
      for (let n = 0; n < examples; n++) {
        for (let o = 0; o < outputs; o++) {
          const first = Math.floor(o / (outputs / groups)) * each
          for (let i = 0; i < each; i++) {
            const c = first + i
            visit(
              (n * each * groups + c) * input.size + qNumber,
              (o * each + i) * window + kNumber,
              (n * outputs + o) * output.size + pNumber,
            )
          }
        }
      }
    })
  })
}
