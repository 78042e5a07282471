import { type Shape, softmax, type Tensor } from '@adjoint/core/functional'
import { type Layout, unitsAxis } from '../module/layout.ts'

/**
 * Softmax over the units of every example, as a layer. Beside rows the function `softmax` is a layer already; beside
 * columns the units are the axis before the last one.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { Softmax } from '@adjoint/nn'
 * new Softmax({ layout: 'columns' }).forward(tensor([[0, 1], [0, 1]])).toArray() // => [[0.5, 0.5], [0.5, 0.5]]
 * ```
 */
export class Softmax {
  readonly layout: Layout

  /** @throws ArgumentError for an unknown layout. */
  constructor({ layout = 'rows' }: { readonly layout?: Layout } = {}) {
    unitsAxis('Softmax', layout)
    this.layout = layout
  }

  /**
   * `[...shape] -> [...shape]`
   *
   * @throws AxisError when the input has too few axes.
   */
  forward<S extends Shape>(input: Tensor<S>): Tensor<S> {
    return softmax(input, unitsAxis('Softmax', this.layout))
  }

  toString(): string {
    return this.layout === 'columns' ? 'Softmax(columns)' : 'Softmax()'
  }
}
