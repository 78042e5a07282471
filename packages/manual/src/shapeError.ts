/** The error for operands whose shapes do not fit. */
import type { NumericArray } from './array.ts'

/** Names the function that was called, shows its operands with their shapes, and says what to do. */
export class ShapeError extends Error {
  override readonly name: string = 'ShapeError'
  /** The function that was called, such as `dense.forward`. */
  readonly operation: string
  /** The shape of every operand, by its name in the formulas. */
  readonly shapes: Readonly<Record<string, readonly number[]>>

  constructor(operation: string, operands: Readonly<Record<string, NumericArray>>, problem: string) {
    super(`${operation}: ${problem}`)
    this.operation = operation
    this.shapes = Object.fromEntries(Object.entries(operands).map(([name, { shape }]) => [name, shape]))
  }
}

/** A shape as the formulas write it: `(3, 2)`. */
export function formatShape(shape: readonly number[]): string {
  return `(${shape.join(', ')})`
}
