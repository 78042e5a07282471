/** What the recurrent layers share: products with blocks of stacked weights, and the way through time, there and back. */
import { type NumericArray, numericArray, zerosOf } from '../array.ts'

/** The features of one example at one step. */
export type Vector = Float64Array | Float32Array

/** Weights of one cell, those of all gates stacked along the first axis: (gates · hidden, inputs) and so on. */
export interface RecurrentWeights {
  readonly inputWeight: NumericArray
  readonly hiddenWeight: NumericArray
  /** Both biases are there, or none is. */
  readonly inputBias?: NumericArray
  readonly hiddenBias?: NumericArray
  /** (projection, hidden), of an LSTM that has one. */
  readonly projectionWeight?: NumericArray
}

/** One example, one step. States are listed, the one that is given out first. */
export interface RecurrentStep {
  /** How long each of the states is. */
  readonly sizes: (weights: RecurrentWeights) => readonly number[]
  /** The next states. */
  readonly forward: (x: Vector, states: readonly Vector[], weights: RecurrentWeights) => readonly Vector[]
  /** From the derivatives by the next states to those by x and the states; those by the weights are added to `d`. */
  readonly backward: (
    x: Vector,
    states: readonly Vector[],
    weights: RecurrentWeights,
    dNext: readonly Vector[],
    d: RecurrentWeights,
  ) => { readonly dx: Vector; readonly dStates: readonly Vector[] }
}

/** What a recurrent layer over sequences takes; x is (batch, time, inputs). */
export interface RecurrentInputs {
  readonly x: NumericArray
  /** One for each layer, or two, the second for the way from the last step to the first. */
  readonly cells: readonly RecurrentWeights[]
  readonly bidirectional?: boolean
  /** (cells, batch, size) each. Default: zeros. */
  readonly states?: readonly NumericArray[]
  /** How many steps of each example count. Default: all. */
  readonly lengths?: readonly number[]
}

/** What it gives: the output at every step, (batch, time, directions · size), and the states at the ends. */
export interface RecurrentOutputs {
  readonly output: NumericArray
  readonly states: readonly NumericArray[]
}

/** Derivatives by everything that went in. */
export interface RecurrentGradients {
  readonly dx: NumericArray
  readonly dStates: readonly NumericArray[]
  readonly dCells: readonly RecurrentWeights[]
}

/** out_j += Σ_k W_(first + j)k v_k, for as many rows as `out` is long. */
export function addProduct(out: Vector, W: NumericArray, first: number, v: Vector): void {
  for (let j = 0; j < out.length; j++) {
    let sum = 0
    for (let k = 0; k < v.length; k++) sum += W.data[(first + j) * v.length + k]! * v[k]!
    out[j]! += sum
  }
}

/** out_k += Σ_j W_(first + j)k d_j: what the product with these rows sends back. */
export function addTransposed(out: Vector, W: NumericArray, first: number, d: Vector): void {
  for (let k = 0; k < out.length; k++) {
    let sum = 0
    for (let j = 0; j < d.length; j++) sum += W.data[(first + j) * out.length + k]! * d[j]!
    out[k]! += sum
  }
}

/** dW_(first + j)k += d_j v_k: what the product with v does to these rows. */
export function addOuter(dW: NumericArray, first: number, d: Vector, v: Vector): void {
  for (let j = 0; j < d.length; j++) {
    for (let k = 0; k < v.length; k++) dW.data[(first + j) * v.length + k]! += d[j]! * v[k]!
  }
}

/** out_j += b_(first + j), nothing without a bias. */
export function addBias(out: Vector, b: NumericArray | undefined, first: number): void {
  for (let j = 0; b !== undefined && j < out.length; j++) out[j]! += b.data[first + j]!
}

/** db_(first + j) += d_j. */
export function addToBias(db: NumericArray | undefined, first: number, d: Vector): void {
  for (let j = 0; db !== undefined && j < d.length; j++) db.data[first + j]! += d[j]!
}

/** σ(a) without overflow. */
export function sigmoidOf(a: number): number {
  if (a >= 0) return 1 / (1 + Math.exp(-a))
  const e = Math.exp(a)
  return e / (1 + e)
}

/** A vector of zeros in the precision of another one. */
export function zerosBeside(length: number, like: Vector): Vector {
  return like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)
}

/** Zeros for the derivatives by some weights. */
export function zeroGradients(weights: RecurrentWeights): RecurrentWeights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, w]: [string, NumericArray]) => [name, zerosOf(w.shape, [w])]),
  ) as unknown as RecurrentWeights
}

/** One step of a batch: x is (batch, inputs), states are (batch, size). */
export function stepForward(
  step: RecurrentStep,
  x: NumericArray,
  states: readonly NumericArray[],
  weights: RecurrentWeights,
): NumericArray[] {
  expectRows('a recurrent cell', x, states, weights.inputWeight.shape[1]!)
  const next = states.map(({ shape }) => zerosOf(shape, [x, weights.inputWeight]))
  for (let i = 0; i < x.shape[0]!; i++) {
    const found = step.forward(
      row(x, i),
      states.map(state => row(state, i)),
      weights,
    )
    found.forEach((values, k) => {
      next[k]!.data.set(values, i * values.length)
    })
  }
  return next
}

/** The derivatives of a step of a batch; the weights belong to all examples, their derivatives are sums over them. */
export function stepBackward(
  step: RecurrentStep,
  x: NumericArray,
  states: readonly NumericArray[],
  weights: RecurrentWeights,
  dNext: readonly NumericArray[],
): { dx: NumericArray; dStates: NumericArray[]; dWeights: RecurrentWeights } {
  expectRows('a recurrent cell', x, states, weights.inputWeight.shape[1]!)
  const dWeights = zeroGradients(weights)
  const dx = zerosOf(x.shape, [x, weights.inputWeight])
  const dStates = states.map(({ shape }) => zerosOf(shape, [x, weights.inputWeight]))
  for (let i = 0; i < x.shape[0]!; i++) {
    const rows = (arrays: readonly NumericArray[]): Vector[] => arrays.map(array => row(array, i))
    const found = step.backward(row(x, i), rows(states), weights, rows(dNext), dWeights)
    row(dx, i).set(found.dx)
    found.dStates.forEach((values, k) => {
      row(dStates[k]!, i).set(values)
    })
  }
  return { dx, dStates, dWeights }
}

/** The sequence of one example through one cell: what went in at each step, in the order of the steps. */
interface Tape {
  readonly places: readonly number[]
  /** The states before each step, and at last those after the last one. */
  readonly states: readonly (readonly Vector[])[]
}

/**
 * All layers and directions. Every example is a sequence of its own, as long as it says: at step t of a direction
 *
 *     states(t) = step(x(t), states(t - 1))
 *
 * along t = 0, 1, ... or, in the other direction, from its last step to t = 0. Steps behind the end do not exist; the
 * output is 0 there.
 */
export function sequenceForward(step: RecurrentStep, inputs: RecurrentInputs): RecurrentOutputs {
  const { output, ends } = run(step, inputs)
  return { output, states: ends }
}

/**
 * Backpropagation through time. A state is read by the next step, and given out: what arrives at it is the sum of both,
 *
 *     dstates(t) = (dL by the output at t) + (what step t + 1 sends back to the states it read)
 *
 * from the last step to the first; at the last step, in the place of the second part, the derivative by the state at the
 * end. All steps use the same weights, so dW = Σ_t (dW of step t). A layer sends its dx down as the derivative by the
 * output of the layer below; two directions read the same x, so their dx add up.
 */
export function sequenceBackward(
  step: RecurrentStep,
  inputs: RecurrentInputs,
  dOutput: NumericArray,
  dEnds: readonly NumericArray[],
): RecurrentGradients {
  const { cells, bidirectional = false } = inputs
  const directions = bidirectional ? 2 : 1
  const { sequences, tapes, starts } = run(step, inputs)
  const dCells = cells.map(zeroGradients)
  const dStates = starts.map(({ shape }) => zerosOf(shape, starts))
  let dSequence = dOutput
  for (let layer = cells.length / directions - 1; layer >= 0; layer--) {
    const x = sequences[layer]!
    const dx = zerosOf(x.shape, [x])
    for (let direction = 0; direction < directions; direction++) {
      const at = layer * directions + direction
      const weights = cells[at]!
      const [size] = step.sizes(weights) as [number]
      for (let i = 0; i < x.shape[0]!; i++) {
        const { places, states } = tapes[at]![i]!
        let arriving = dEnds.map(d => cellRow(d, at, i).slice())
        for (let s = places.length - 1; s >= 0; s--) {
          const t = places[s]!
          const given = stepRow(dSequence, i, t).subarray(direction * size, (direction + 1) * size)
          for (let k = 0; k < size; k++) arriving[0]![k]! += given[k]!
          const found = step.backward(stepRow(x, i, t), states[s]!, weights, arriving, dCells[at]!)
          const dHere = stepRow(dx, i, t)
          for (let k = 0; k < dHere.length; k++) dHere[k]! += found.dx[k]!
          arriving = found.dStates.map(d => d.slice())
        }
        arriving.forEach((d, k) => {
          cellRow(dStates[k]!, at, i).set(d)
        })
      }
    }
    dSequence = dx
  }
  return { dx: dSequence, dStates, dCells }
}

/** The forward pass, with everything that the way back reads. */
function run(step: RecurrentStep, { x, cells, bidirectional = false, states, lengths }: RecurrentInputs) {
  const directions = bidirectional ? 2 : 1
  const [batch, steps] = x.shape as [number, number, number]
  const sizes = step.sizes(cells[0]!)
  const starts = states ?? sizes.map(size => zerosOf([cells.length, batch, size], [x, cells[0]!.inputWeight]))
  const ends = starts.map(start => numericArray(start.shape, start.data.slice()))
  const sequences: NumericArray[] = []
  const tapes: Tape[][] = []
  let input = x
  for (let layer = 0; layer < cells.length / directions; layer++) {
    const output = zerosOf([batch, steps, directions * sizes[0]!], [x, cells[0]!.inputWeight])
    for (let direction = 0; direction < directions; direction++) {
      const at = layer * directions + direction
      const ofCell: Tape[] = []
      for (let i = 0; i < batch; i++) {
        const length = lengths?.[i] ?? steps
        const places = Array.from({ length }, (_, s) => (direction === 0 ? s : length - 1 - s))
        const visited: (readonly Vector[])[] = [starts.map(start => cellRow(start, at, i).slice())]
        for (const t of places) {
          const next = step.forward(stepRow(input, i, t), visited.at(-1)!, cells[at]!)
          stepRow(output, i, t).set(next[0]!, direction * sizes[0]!)
          visited.push(next)
        }
        visited.at(-1)!.forEach((values, k) => {
          cellRow(ends[k]!, at, i).set(values)
        })
        ofCell.push({ places, states: visited })
      }
      tapes.push(ofCell)
    }
    sequences.push(input)
    input = output
  }
  return { output: input, ends, sequences, tapes, starts }
}

/** Row i of a matrix, as a view. */
function row({ shape, data }: NumericArray, i: number): Vector {
  const size = shape[1]!
  return data.subarray(i * size, (i + 1) * size)
}

/** What example i of (batch, time, features) has at step t, as a view. */
function stepRow({ shape, data }: NumericArray, i: number, t: number): Vector {
  const [, steps, size] = shape as [number, number, number]
  return data.subarray((i * steps + t) * size, (i * steps + t + 1) * size)
}

/** The state of example i in a cell, of (cells, batch, size), as a view. */
function cellRow({ shape, data }: NumericArray, cell: number, i: number): Vector {
  const [, batch, size] = shape as [number, number, number]
  return data.subarray((cell * batch + i) * size, (cell * batch + i + 1) * size)
}

function expectRows(
  operation: string,
  x: NumericArray,
  states: readonly NumericArray[],
  inputs: number,
): void {
  const fits =
    x.shape.length === 2 &&
    x.shape[1] === inputs &&
    states.every(({ shape }) => shape.length === 2 && shape[0] === x.shape[0])
  if (fits) return
  throw new RangeError(
    `${operation}: x must be (batch, ${inputs}) and states (batch, size), got ${[x, ...states].map(({ shape }) => `(${shape.join(', ')})`).join(', ')}.`,
  )
}
