import { sigmoid } from '../activations/sigmoid.ts'
import { binaryCrossEntropy } from '../losses/binaryCrossEntropy.ts'
import { type Matrix, transpose } from '../matrix.ts'
import { formatShape, ShapeError } from '../shapeError.ts'
import { dividedBy, minus, plusColumn, sumOfColumns, times } from './matrixAlgebra.ts'
import { expectShallowBatch, expectShallowParameters, type ShallowNetwork } from './shallow.ts'

/**
 * The lecture's formulas for binary classification: one hidden layer, one sigmoid output, examples in columns.
 *
 *     L(a2, y) = −y log(a2) − (1 − y) log(1 − a2)          J = (1/m) Σ_i L
 *
 *     Forward                        Backward
 *     z1 = W1 x + b1                 dz2 = a2 − y
 *     a1 = g(z1)                     dW2 = (1/m) dz2 a1ᵀ
 *     z2 = W2 a1 + b2                db2 = (1/m) Σ_i dz2
 *     a2 = 1 / (1 + e^(−z2))         dz1 = W2ᵀ dz2 ∗ g'(z1)
 *                                    dW1 = (1/m) dz1 xᵀ
 *                                    db1 = (1/m) Σ_i dz1
 *
 * The first backward line is ∂L/∂a2 · ∂a2/∂z2 = ((a2 − y) / (a2(1 − a2))) · a2(1 − a2), cancelled. Its literal form is
 * 0/0 once a2 rounds to y; see `binaryCrossEntropy`.
 *
 * Where this differs from the slides:
 * - db2 and db1 are summed over the examples. The slides write (1/m) dz, which has the shape (n, m); b is (n, 1).
 * - z2 is (n_y, m). The slides note it as (n_h, m).
 * - dz is the derivative of L, dW and db are derivatives of J: the 1/m enters where the examples are summed. The update
 *   W ← W − α dW therefore descends J, though the slides write it with ∂L/∂W. Autodiff of J finds dz/m for dz.
 * - g'(z1) is a1(1 − a1) for a sigmoid hidden layer, which is what the slides write; another g has its own g'.
 */
export const shallowBinary: ShallowNetwork = {
  forward: ({ W1, b1, W2, b2 }, X, { hidden = sigmoid } = {}) => {
    expectShallowParameters('shallowBinary.forward', { W1, b1, W2, b2 }, X)
    expectOneOutput('shallowBinary.forward', W2)
    const z1 = plusColumn(times(W1, X), b1)
    const a1 = hidden.forward(z1, 'columns')
    const z2 = plusColumn(times(W2, a1), b2)
    const a2 = sigmoid.forward(z2, 'columns')
    return { z1, a1, z2, a2 }
  },

  cost: ({ a2 }, Y) => binaryCrossEntropy.forward({ a: a2, y: Y, layout: 'columns' }).cost,

  backward: ({ W1, b1, W2, b2 }, X, Y, { z1, a1, z2, a2 }, { hidden = sigmoid } = {}) => {
    expectShallowParameters('shallowBinary.backward', { W1, b1, W2, b2 }, X)
    expectOneOutput('shallowBinary.backward', W2)
    expectShallowBatch('shallowBinary.backward', X, Y, { z1, a1, z2, a2 })
    const m = X.shape[1]
    const dz2 = minus(a2, Y)
    const dW2 = dividedBy(times(dz2, transpose(a1)), m)
    const db2 = dividedBy(sumOfColumns(dz2), m)
    const dz1 = hidden.backward({ da: times(transpose(W2), dz2), z: z1, a: a1, layout: 'columns' })
    const dW1 = dividedBy(times(dz1, transpose(X)), m)
    const db1 = dividedBy(sumOfColumns(dz1), m)
    return { dz2, dW2, db2, dz1, dW1, db1 }
  },
}

function expectOneOutput(operation: string, W2: Matrix): void {
  if (W2.shape[0] === 1) return
  throw new ShapeError(
    operation,
    { W2 },
    `W2 is ${formatShape(W2.shape)}, which makes ${W2.shape[0]} outputs, but the sheet is for one. ` +
      'W2 must be (1, n_h); for several outputs use denseNetwork with binaryCrossEntropy.',
  )
}
