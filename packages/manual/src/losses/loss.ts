/** What a loss is, and the loops that all losses share. */
import type { Activation } from '../activations/activation.ts'
import { mapExamples } from '../examples.ts'
import { arrayFor, batchOf, expectSameShape, type Layout, type Matrix } from '../matrix.ts'
import { formatShape, ShapeError } from '../shapeError.ts'

/** The output a of the network, or its logits for a loss that takes logits, beside the targets y in the same shape. */
export interface LossInputs {
  readonly a: Matrix
  readonly y: Matrix
  readonly layout: Layout
}

/** The cost J = (1/m) Σ_i L_i and the losses L_i it averages, one for each example. */
export interface LossValue {
  readonly cost: number
  readonly losses: Float64Array | Float32Array
}

/**
 * A loss L of one example, averaged over the m examples to the cost
 *
 *     J = (1/m) Σ_i L(aᵢ, yᵢ)
 *
 * The lecture differentiates L and puts the 1/m into dW and db, where the examples are summed. So `backward` returns
 * da = ∂L/∂a for each example, without 1/m; autodiff of J finds da/m.
 */
export interface Loss {
  readonly name: string
  /** What `a` holds: the activations of the output layer, or its logits z (the layer is then linear). */
  readonly takes: 'activations' | 'logits'
  forward(inputs: LossInputs): LossValue
  /** da = ∂L/∂a, in the shape of a and without 1/m. */
  backward(inputs: LossInputs): Matrix
  /** The output activation g through which da ∗ g'(z) simplifies, and the dz it simplifies to. */
  readonly simplified?: { readonly activation: Activation; dz(inputs: LossInputs): Matrix }
}

/** J = (1/m) Σ_i L(aᵢ, yᵢ), the vectors aᵢ and yᵢ being the units of example i. */
export function averageOverExamples(
  operation: string,
  { a, y, layout }: LossInputs,
  lossOf: (a: Float64Array, y: Float64Array) => number,
): LossValue {
  expectLossInputs(operation, { a, y, layout })
  const m = batchOf(a, layout).examples
  const losses = arrayFor(m, [a, y])
  let sum = 0
  mapExamples([a, y], layout, ([a, y], _result, i) => {
    const loss = lossOf(a, y)
    losses[i] = loss
    sum += loss
  })
  return { cost: sum / m, losses }
}

/** A derivative with respect to a (or z), written one example at a time. */
export function derivativeOfExamples(
  operation: string,
  { a, y, layout }: LossInputs,
  derivativeOf: (a: Float64Array, y: Float64Array, da: Float64Array) => void,
): Matrix {
  expectLossInputs(operation, { a, y, layout })
  return mapExamples([a, y], layout, ([a, y], da) => {
    derivativeOf(a, y, da)
  })
}

/** y · log a, where nothing times anything is nothing: 0 · log 0 = 0. */
export function timesLog(y: number, logA: number): number {
  return y === 0 ? 0 : y * logA
}

function expectLossInputs(operation: string, { a, y, layout }: LossInputs): void {
  expectSameShape(operation, { a, y })
  const { units, examples } = batchOf(a, layout)
  if (units > 0 && examples > 0) return
  throw new ShapeError(
    operation,
    { a, y },
    `a is ${formatShape(a.shape)}, layout '${layout}': a cost is a mean and needs at least one example with one output.`,
  )
}
