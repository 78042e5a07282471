/** What a loss is, and the loops that all losses share. */
import type { Activation } from '../activations/activation.ts'
import { type NumericArray, zerosOf } from '../array.ts'
import { mapExamples } from '../examples.ts'
import { arrayFor, batchOf, expectSameShape, type Layout, type Matrix, zerosFor } from '../matrix.ts'
import { formatShape, ShapeError } from '../shapeError.ts'

/** The output a of the network, or its logits for a loss that takes logits, beside the targets y in the same shape. */
export interface LossInputs {
  readonly a: Matrix
  readonly y: Matrix
  readonly layout: Layout
  /** For losses of elements: a factor w for every entry of a. Default 1. */
  readonly weight?: Matrix
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
  /** dy = ∂L/∂y, where the targets may have a derivative, in the same form. */
  targetBackward?(inputs: LossInputs): Matrix
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

function expectLossInputs(operation: string, { a, y, layout, weight }: LossInputs): void {
  expectSameShape(operation, weight === undefined ? { a, y } : { a, y, weight })
  const { units, examples } = batchOf(a, layout)
  if (units > 0 && examples > 0) return
  throw new ShapeError(
    operation,
    { a, y },
    `a is ${formatShape(a.shape)}, layout '${layout}': a cost is a mean and needs at least one example with one output.`,
  )
}

/** What is particular to a loss ℓ(a, y) of every element: its value and its derivatives; k is the unit. */
export interface ElementFormulas {
  readonly name: string
  readonly takes: 'activations' | 'logits'
  readonly value: (a: number, y: number, k: number) => number
  /** ∂ℓ/∂a */
  readonly slope: (a: number, y: number, k: number) => number
  /** ∂ℓ/∂y, where it is wanted. */
  readonly targetSlope?: (a: number, y: number, k: number) => number
}

/**
 * A loss ℓ of every element with a factor w_k, averaged over the n outputs of an example:
 *
 *     L = (1/n) Σ_k w_k ℓ(a_k, y_k)      ∂L/∂a_k = (1/n) w_k ∂ℓ/∂a_k      ∂L/∂y_k = (1/n) w_k ∂ℓ/∂y_k
 *
 * Where w_k = 0 the element takes no part, whatever ℓ is.
 */
export function lossOfElements({ name, takes, value, slope, targetSlope }: ElementFormulas): Loss {
  const derivative =
    (operation: string, slope: (a: number, y: number, k: number) => number) => (inputs: LossInputs) => {
      expectLossInputs(operation, inputs)
      return mapExamples([inputs.a, inputs.y, weightOf(inputs)], inputs.layout, ([a, y, w], da) => {
        for (let k = 0; k < a.length; k++) da[k] = times(w[k]!, () => slope(a[k]!, y[k]!, k)) / a.length
      })
    }
  return {
    name,
    takes,
    forward: inputs => {
      expectLossInputs(`${name}.forward`, inputs)
      const { examples } = batchOf(inputs.a, inputs.layout)
      const losses = arrayFor(examples, [inputs.a, inputs.y, weightOf(inputs)])
      let total = 0
      mapExamples([inputs.a, inputs.y, weightOf(inputs)], inputs.layout, ([a, y, w], _result, i) => {
        let sum = 0
        for (let k = 0; k < a.length; k++) sum += times(w[k]!, () => value(a[k]!, y[k]!, k))
        losses[i] = sum / a.length
        total += sum / a.length
      })
      return { cost: total / examples, losses }
    },
    backward: derivative(`${name}.backward`, slope),
    ...(targetSlope && { targetBackward: derivative(`${name}.targetBackward`, targetSlope) }),
  }
}

/** w · x, and nothing where w is nothing. */
function times(w: number, x: () => number): number {
  return w === 0 ? 0 : w * x()
}

function weightOf({ a, weight }: LossInputs): Matrix {
  return weight ?? { shape: a.shape, data: zerosFor(a.shape, [a]).data.fill(1) }
}

/**
 * A loss of examples that consist of several arrays: pairs, triplets, sequences. L_i is a number for every example i, and
 * `backward` goes from dlosses, the derivative of anything with respect to the L_i (1/m each for their mean, 1 for their
 * sum), to the derivatives of all inputs.
 */
export interface ExampleLoss<Inputs, Gradients> {
  readonly name: string
  /** The losses L_i, `[m]`. */
  forward(inputs: Inputs): NumericArray
  backward(inputs: Inputs & { readonly dlosses: NumericArray }): Gradients
}

/** `[m]` zeros, one for every row of x. */
export function onePerRow(x: NumericArray): NumericArray {
  return zerosOf([x.shape[0]!], [x])
}

/** Throws unless the arrays have one shape `[m, n]`. */
export function expectRows(operation: string, arrays: Readonly<Record<string, NumericArray>>): void {
  const [first, ...others] = Object.entries(arrays)
  const shape = first![1].shape
  for (const [name, { shape: other }] of [first!, ...others]) {
    if (other.length === 2 && other.every((size, k) => size === shape[k])) continue
    throw new RangeError(
      `${operation}: ${name} is ${formatShape(other)} and ${first![0]} is ${formatShape(shape)}. They must have one shape (m, n).`,
    )
  }
}
