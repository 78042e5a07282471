import { sigmoid } from '../activations/sigmoid.ts'
import { halfSquaredError } from '../losses/halfSquaredError.ts'
import { transpose } from '../matrix.ts'
import { dividedBy, minus, plusColumn, sumOfColumns, times } from './matrixAlgebra.ts'
import { expectShallowBatch, expectShallowParameters, type ShallowNetwork } from './shallow.ts'

/**
 * The lecture's formulas for regression: one hidden layer, linear outputs, examples in columns.
 *
 *     L(a2, y) = ½ (a2 − y)²          J = (1/m) Σ_i L
 *
 *     Forward                        Backward
 *     z1 = W1 x + b1                 dz2 = a2 − y
 *     a1 = g(z1)                     dW2 = (1/m) dz2 a1ᵀ
 *     z2 = W2 a1 + b2                db2 = (1/m) Σ_i dz2
 *     a2 = z2                        dz1 = W2ᵀ dz2 ∗ g'(z1)
 *                                    dW1 = (1/m) dz1 xᵀ
 *                                    db1 = (1/m) Σ_i dz1
 *
 * Everything after the first backward line is as in `shallowBinary`, and so are the differences from the slides. The
 * first line looks the same too, for another reason: there the slope of the sigmoid cancels, here ∂a2/∂z2 = 1. With
 * several outputs, L is summed over them.
 */
export const shallowRegression: ShallowNetwork = {
  forward: ({ W1, b1, W2, b2 }, X, { hidden = sigmoid } = {}) => {
    expectShallowParameters('shallowRegression.forward', { W1, b1, W2, b2 }, X)
    const z1 = plusColumn(times(W1, X), b1)
    const a1 = hidden.forward(z1, 'columns')
    const z2 = plusColumn(times(W2, a1), b2)
    const a2 = z2
    return { z1, a1, z2, a2 }
  },

  cost: ({ a2 }, Y) => halfSquaredError.forward({ a: a2, y: Y, layout: 'columns' }).cost,

  backward: ({ W1, b1, W2, b2 }, X, Y, { z1, a1, z2, a2 }, { hidden = sigmoid } = {}) => {
    expectShallowParameters('shallowRegression.backward', { W1, b1, W2, b2 }, X)
    expectShallowBatch('shallowRegression.backward', X, Y, { z1, a1, z2, a2 })
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
