import { type Batch, batchOf, batchShape, type Layout, type Matrix, zerosFor } from '../matrix.ts'
import { formatShape, ShapeError } from '../shapeError.ts'

/** What `dense.forward` takes. */
export interface DenseForwardInputs {
  readonly x: Matrix
  readonly W: Matrix
  readonly b: Matrix
  readonly layout: Layout
}

/** What `dense.backward` takes: dz is the derivative of L for each example, without 1/m. */
export interface DenseBackwardInputs {
  readonly dz: Matrix
  readonly x: Matrix
  readonly W: Matrix
  readonly layout: Layout
}

/** dW and db are derivatives of the cost J, dx that of the loss L of each example. */
export interface DenseGradients {
  readonly dW: Matrix
  readonly db: Matrix
  readonly dx: Matrix
}

/**
 * The dense layer: every unit is connected to every unit before it. For one example,
 *
 *     z_j = Σ_k W_jk x_k + b_j
 *
 * Then ∂z_j/∂W_jk = x_k, ∂z_j/∂b_j = 1 and ∂z_j/∂x_k = W_jk, so by the chain rule one example gives
 *
 *     ∂L/∂W_jk = dz_j x_k      ∂L/∂b_j = dz_j      ∂L/∂x_k = Σ_j W_jk dz_j
 *
 * The cost J = (1/m) Σ_i L_i sums what the m examples do to the W and b they share, but x belongs to one example:
 *
 *     dW = (1/m) dz xᵀ      db = (1/m) Σ_i dzᵢ      dx = Wᵀ dz
 *
 * in columns; in rows the same with x and dz transposed, dW = (1/m) dzᵀ x and dx = dz W.
 *
 * **Where the 1/m is.** dW and db are derivatives of J and carry it; dz and dx are derivatives of L and do not.
 *
 * **Where db is summed.** The lecture writes db = (1/m) dz. That has the shape (n, m), and b has (n, 1): the sum over the
 * examples is missing, and can be left out for m = 1 only.
 */
export const dense: {
  /** z = Wx + b: (n_in, m) → (n_out, m) in columns, (m, n_in) → (m, n_out) in rows. */
  forward(inputs: DenseForwardInputs): Matrix
  /** From dz to dW, in the shape of W, db, in the shape of b, and dx, in the shape of x. */
  backward(inputs: DenseBackwardInputs): DenseGradients
} = {
  forward: ({ x, W, b, layout }) => {
    expectDenseInputs('dense.forward', { x, W, b, layout })
    const input = batchOf(x, layout)
    const z = zerosFor(batchShape(W.shape[0], input.examples, layout), [x, W, b])
    const output = batchOf(z, layout)
    for (let i = 0; i < input.examples; i++) {
      for (let j = 0; j < output.units; j++) {
        let sum = 0
        for (let k = 0; k < input.units; k++) sum += W.data[j * input.units + k]! * x.data[at(input, k, i)]!
        z.data[at(output, j, i)] = sum + b.data[j]!
      }
    }
    return z
  },

  backward: ({ dz, x, W, layout }) => {
    expectDenseBackwardInputs('dense.backward', { dz, x, W, layout })
    const input = batchOf(x, layout)
    const output = batchOf(dz, layout)
    const m = input.examples

    // dW_jk = (1/m) Σ_i dz_ji x_ki
    const dW = zerosFor(W.shape, [dz, x])
    for (let j = 0; j < output.units; j++) {
      for (let k = 0; k < input.units; k++) {
        let sum = 0
        for (let i = 0; i < m; i++) sum += dz.data[at(output, j, i)]! * x.data[at(input, k, i)]!
        dW.data[j * input.units + k] = sum / m
      }
    }

    // db_j = (1/m) Σ_i dz_ji
    const db = zerosFor(biasShape(output.units, layout), [dz])
    for (let j = 0; j < output.units; j++) {
      let sum = 0
      for (let i = 0; i < m; i++) sum += dz.data[at(output, j, i)]!
      db.data[j] = sum / m
    }

    // dx_ki = Σ_j W_jk dz_ji
    const dx = zerosFor(x.shape, [dz, W])
    for (let i = 0; i < m; i++) {
      for (let k = 0; k < input.units; k++) {
        let sum = 0
        for (let j = 0; j < output.units; j++)
          sum += W.data[j * input.units + k]! * dz.data[at(output, j, i)]!
        dx.data[at(input, k, i)] = sum
      }
    }
    return { dW, db, dx }
  },
}

/** The place in `data` of one unit of one example. */
function at({ unitStride, exampleStride }: Batch, unit: number, example: number): number {
  return unit * unitStride + example * exampleStride
}

/** b is a column (n, 1) beside examples in columns, a row (1, n) beside examples in rows. */
function biasShape(units: number, layout: Layout): readonly [number, number] {
  return batchShape(units, 1, layout)
}

/** Throws unless W fits x, and b fits W. */
export function expectDenseInputs(operation: string, { x, W, b, layout }: DenseForwardInputs): void {
  expectWeights(operation, { x, W, layout })
  const [expectedRows, expectedColumns] = biasShape(W.shape[0], layout)
  if (b.shape[0] === expectedRows && b.shape[1] === expectedColumns) return
  throw new ShapeError(
    operation,
    { x, W, b },
    `b is ${formatShape(b.shape)} but W is ${formatShape(W.shape)}, which makes ${W.shape[0]} units. ` +
      `With layout '${layout}', b must be (${expectedRows}, ${expectedColumns}).`,
  )
}

function expectDenseBackwardInputs(operation: string, { dz, x, W, layout }: DenseBackwardInputs): void {
  expectWeights(operation, { x, W, layout })
  const { examples } = batchOf(x, layout)
  const expected = batchShape(W.shape[0], examples, layout)
  if (dz.shape[0] !== expected[0] || dz.shape[1] !== expected[1]) {
    throw new ShapeError(
      operation,
      { dz, x, W },
      `dz is ${formatShape(dz.shape)} but W is ${formatShape(W.shape)} and x is ${formatShape(x.shape)}, ` +
        `layout '${layout}'. dz must have the shape of z, ${formatShape(expected)}.`,
    )
  }
  if (examples > 0) return
  throw new ShapeError(
    operation,
    { dz, x, W },
    'x has no examples: dW and db are means and need at least one.',
  )
}

function expectWeights(
  operation: string,
  { x, W, layout }: { readonly x: Matrix; readonly W: Matrix; readonly layout: Layout },
): void {
  const { units } = batchOf(x, layout)
  if (W.shape[1] === units) return
  throw new ShapeError(
    operation,
    { x, W },
    `W is ${formatShape(W.shape)} but x has ${units} units per example ` +
      `(x is ${formatShape(x.shape)}, layout '${layout}'). W must be (n_out, ${units}).`,
  )
}
