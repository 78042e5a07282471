/** Features shifted and scaled into a range. */
import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, type Shape, type Tensor } from '@adjoint/core/functional'
import { eachFeature, expectLists, mapFeatures, type ScalerOptions } from './features.ts'

/** Settings of {@link MinMaxScaler.fit}. */
export interface MinMaxScalerOptions extends ScalerOptions {
  /** Where the smallest and the largest number go. Default [0, 1]. */
  readonly range?: readonly [low: number, high: number]
}

/** What a {@link MinMaxScaler} has measured; plain data. */
export interface MinMaxScalerState {
  readonly minimum: readonly number[]
  readonly maximum: readonly number[]
  readonly range: readonly [low: number, high: number]
  /** The axis of the features; `null` for one scale of all. */
  readonly axis: number | null
}

/**
 * x becomes low + (high - low) (x - minimum) / (maximum - minimum), feature by feature; a feature that never varies becomes
 * low. Measure on the training examples only; others may fall outside of the range. Measured and computed in float64.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { MinMaxScaler } from '@adjoint/data'
 * const scaler = MinMaxScaler.fit(tensor([[0, 7], [10, 7]]), { range: [-1, 1] })
 * scaler.transform(tensor([[5, 7], [10, 7]])).toArray() // => [[0, -1], [1, -1]]
 * scaler.inverse(tensor([[0, -1]])).toArray() // => [[5, 7]]
 * ```
 */
export class MinMaxScaler {
  readonly minimum: readonly number[]
  readonly maximum: readonly number[]
  readonly range: readonly [low: number, high: number]
  readonly axis: number | null

  /**
   * From what was measured before.
   *
   * @throws ArgumentError when it is no state of a scaler.
   */
  constructor(state: MinMaxScalerState) {
    expectLists('MinMaxScaler', state, ['minimum', 'maximum'])
    const { minimum, maximum, range } = state
    const isRange =
      Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && range[0] < range[1]
    if (!isRange)
      throw new ArgumentError('MinMaxScaler', 'the range must be two numbers, the lower one first.')
    if (minimum.some((value, at) => value > maximum[at]!)) {
      throw new ArgumentError('MinMaxScaler', 'a minimum must not be above its maximum.')
    }
    this.minimum = [...minimum]
    this.maximum = [...maximum]
    this.range = [range[0], range[1]]
    this.axis = state.axis
  }

  /**
   * Measures each feature of a tensor.
   *
   * @throws ArgumentError for no examples, and for a number that is not finite.
   */
  static fit(x: Tensor, options: MinMaxScalerOptions = {}): MinMaxScaler {
    expectOptions('MinMaxScaler.fit', options, ['axis', 'range', 'shared'])
    const axis = options.shared ? null : (options.axis ?? -1)
    const columns = eachFeature('MinMaxScaler.fit', x, axis)
    return new MinMaxScaler({
      minimum: columns.map(values => values.reduce((least, value) => Math.min(least, value))),
      maximum: columns.map(values => values.reduce((most, value) => Math.max(most, value))),
      range: options.range ?? [0, 1],
      axis,
    })
  }

  /** What was measured. `new MinMaxScaler(scaler.state)` does the same. */
  get state(): MinMaxScalerState {
    return { minimum: [...this.minimum], maximum: [...this.maximum], range: this.range, axis: this.axis }
  }

  /**
   * Into the range. Whole numbers become float32.
   *
   * @throws ShapeError when the tensor has another number of features.
   */
  transform<S extends Shape>(x: Tensor<S>): Tensor<S> {
    const { axis, maximum, minimum } = this
    const [low, high] = this.range
    return mapFeatures('MinMaxScaler.transform', x, { axis, features: minimum.length }, (value, feature) => {
      const width = maximum[feature]! - minimum[feature]!
      return (
        low + (high - low) * (width === 0 ? value - minimum[feature]! : (value - minimum[feature]!) / width)
      )
    })
  }

  /**
   * Back to the units.
   *
   * @throws ShapeError when the tensor has another number of features.
   */
  inverse<S extends Shape>(x: Tensor<S>): Tensor<S> {
    const { axis, maximum, minimum } = this
    const [low, high] = this.range
    return mapFeatures('MinMaxScaler.inverse', x, { axis, features: minimum.length }, (value, feature) => {
      const width = maximum[feature]! - minimum[feature]!
      return minimum[feature]! + ((value - low) / (high - low)) * (width === 0 ? 1 : width)
    })
  }
}
