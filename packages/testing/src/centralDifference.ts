/** Central differences of a recorded graph with respect to any tensor in it, also intermediate ones. */

import { recomputer } from '@adjoint/core/engine'
import { type Tensor, tensor } from '@adjoint/core/functional'
import { epsilonOf } from './distance.ts'

/** Difference quotients of a recorded number with respect to single entries of one tensor of its graph. */
export interface EntryDifferences {
  /** (f(x + h) - f(x - h)) / 2h for the entry at a row-major position, and how far it may be off. */
  readonly at: (position: number) => { readonly value: number; readonly uncertainty: number }
  /** The dtype in which the graph was run again. */
  readonly precision: 'float32' | 'float64'
}

/**
 * Prepares differences with respect to `x`. The graph is run again with a float64 copy of `x`: by promotion everything
 * that depends on `x` is then computed in float64, also in a float32 graph. Where an op forces float32 all the same, the
 * step is the wider one that float32 asks for.
 */
export function entryDifferences(output: Tensor, x: Tensor): EntryDifferences {
  const run = recomputer(output, [x])
  const values = Float64Array.from(x.data())
  const shape = x.shape as readonly number[]
  const wide = run(new Map([[x, tensor(values, { shape, dtype: 'float64' })]]))
  const precision = wide.dtype === 'float64' ? 'float64' : 'float32'
  const epsilon = epsilonOf(precision)
  const evaluate = (position: number, value: number): number => {
    const moved = values.slice()
    moved[position] = value
    return run(new Map([[x, tensor(moved, { shape, dtype: precision })]])).item()
  }
  const quotient = (position: number, step: number): number => {
    const value = values[position]!
    const [low, high] = [round(value - step, precision), round(value + step, precision)]
    return (evaluate(position, high) - evaluate(position, low)) / (high - low)
  }
  return {
    precision,
    at: position => {
      // The step that balances the error h² f‴/6 of the quotient with the rounding ε f/h.
      const step = Math.cbrt(epsilon) * Math.max(1, Math.abs(values[position]!))
      const value = quotient(position, step)
      const rounding = (epsilon * Math.abs(wide.item())) / step
      return { value, uncertainty: Math.abs(value - quotient(position, 2 * step)) + rounding }
    },
  }
}

function round(value: number, precision: 'float32' | 'float64'): number {
  return precision === 'float32' ? Math.fround(value) : value
}
