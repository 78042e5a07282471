/** LSTM and GRU in plain loops, forward and through time backward: the formulas of PyTorch's layers. */

import type { Problem } from '../problemFile.ts'
import { norm, type Task } from '../worker.ts'

/** The mean square of all outputs and its gradient by the four parameters. */
export function gatedTask({ family, settings, arrays }: Problem): Task {
  const { batch, time, inputs, hidden } = settings as unknown as Readonly<Record<string, number>> & {
    readonly batch: number
    readonly time: number
    readonly inputs: number
    readonly hidden: number
  }
  const isLstm = family === 'lstm'
  const gates = isLstm ? 4 : 3
  const width = gates * hidden
  const values = (name: string): Float32Array => arrays[name]!.data as Float32Array
  const [X, Wx, Wh] = [values('X'), values('weight_ih_l0'), values('weight_hh_l0')]
  const [bx, bh] = [values('bias_ih_l0'), values('bias_hh_l0')]
  const zeros = (...sizes: number[]) => new Float32Array(sizes.reduce((a, b) => a * b, 1))
  // What every step leaves for the way back: the gates, the states, and the GRU's product of the state.
  const activations = zeros(time, batch, width)
  const products = zeros(time, batch, hidden)
  const states = zeros(time + 1, batch, hidden)
  const cells = zeros(time + 1, batch, hidden)
  const fromInput = zeros(width)
  const fromState = zeros(width)
  const [dInput, dState] = [zeros(batch, width), zeros(batch, width)]
  const [dWx, dWh, dbx, dbh] = [Wx, Wh, bx, bh].map(({ length }) => zeros(length)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  const dH = zeros(batch, hidden)
  const dC = zeros(batch, hidden)
  const count = batch * time * hidden
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))
  let loss = 0

  const project = (t: number, example: number): void => {
    const x = (example * time + t) * inputs
    const h = (t * batch + example) * hidden
    for (let j = 0; j < width; j++) {
      let sum = bx[j]!
      for (let k = 0; k < inputs; k++) sum += Wx[j * inputs + k]! * X[x + k]!
      fromInput[j] = sum
      sum = bh[j]!
      for (let k = 0; k < hidden; k++) sum += Wh[j * hidden + k]! * states[h + k]!
      fromState[j] = sum
    }
  }

  const forward = (t: number, example: number): void => {
    project(t, example)
    const at = (t * batch + example) * width
    const before = (t * batch + example) * hidden
    const after = before + batch * hidden
    for (let j = 0; j < hidden; j++) {
      const z = (gate: number): number => fromInput[gate * hidden + j]! + fromState[gate * hidden + j]!
      let next: number
      if (isLstm) {
        const [i, f, g, o] = [sigmoid(z(0)), sigmoid(z(1)), Math.tanh(z(2)), sigmoid(z(3))]
        const c = f * cells[before + j]! + i * g
        cells[after + j] = c
        next = o * Math.tanh(c)
        activations[at + j] = i
        activations[at + hidden + j] = f
        activations[at + 2 * hidden + j] = g
        activations[at + 3 * hidden + j] = o
      } else {
        const [r, u] = [sigmoid(z(0)), sigmoid(z(1))]
        const product = fromState[2 * hidden + j]!
        const n = Math.tanh(fromInput[2 * hidden + j]! + r * product)
        next = (1 - u) * n + u * states[before + j]!
        products[before + j] = product
        activations[at + j] = r
        activations[at + hidden + j] = u
        activations[at + 2 * hidden + j] = n
      }
      states[after + j] = next
      loss += next * next
    }
  }

  const backward = (t: number, example: number): void => {
    const at = (t * batch + example) * width
    const before = (t * batch + example) * hidden
    const after = before + batch * hidden
    const row = example * width
    for (let j = 0; j < hidden; j++) {
      const e = example * hidden + j
      const dh = dH[e]! + (2 * states[after + j]!) / count
      if (isLstm) {
        const [i, f] = [activations[at + j]!, activations[at + hidden + j]!]
        const [g, o] = [activations[at + 2 * hidden + j]!, activations[at + 3 * hidden + j]!]
        const c = Math.tanh(cells[after + j]!)
        const dc = dC[e]! + dh * o * (1 - c * c)
        dInput[row + j] = dc * g * i * (1 - i)
        dInput[row + hidden + j] = dc * cells[before + j]! * f * (1 - f)
        dInput[row + 2 * hidden + j] = dc * i * (1 - g * g)
        dInput[row + 3 * hidden + j] = dh * c * o * (1 - o)
        dC[e] = dc * f
        dH[e] = 0
      } else {
        const [r, u] = [activations[at + j]!, activations[at + hidden + j]!]
        const n = activations[at + 2 * hidden + j]!
        const dn = dh * (1 - u) * (1 - n * n)
        dInput[row + j] = dn * products[before + j]! * r * (1 - r)
        dInput[row + hidden + j] = dh * (states[before + j]! - n) * u * (1 - u)
        dInput[row + 2 * hidden + j] = dn
        dState[row + 2 * hidden + j] = dn * r
        dH[e] = dh * u
      }
    }
    // Where both products are simply added, their gradients are the same.
    const shared = isLstm ? width : 2 * hidden
    for (let j = 0; j < shared; j++) dState[row + j] = dInput[row + j]!
    const x = (example * time + t) * inputs
    for (let j = 0; j < width; j++) {
      const [dx, ds] = [dInput[row + j]!, dState[row + j]!]
      dbx[j]! += dx
      dbh[j]! += ds
      for (let k = 0; k < inputs; k++) dWx[j * inputs + k]! += dx * X[x + k]!
      for (let k = 0; k < hidden; k++) {
        dWh[j * hidden + k]! += ds * states[before + k]!
        dH[example * hidden + k]! += ds * Wh[j * hidden + k]!
      }
    }
  }

  const step = (): void => {
    loss = 0
    for (let t = 0; t < time; t++) for (let example = 0; example < batch; example++) forward(t, example)
    for (const gradient of [dWx, dWh, dbx, dbh, dH, dC]) gradient.fill(0)
    for (let t = time - 1; t >= 0; t--) for (let example = 0; example < batch; example++) backward(t, example)
  }
  return { step, read: () => [loss / count, norm(dWx), norm(dWh), norm(dbx), norm(dbh)] }
}
