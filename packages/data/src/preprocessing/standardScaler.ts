/** Features shifted and scaled to mean 0 and deviation 1. */
import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, type Shape, type Tensor } from '@adjoint/core/functional'
import { eachFeature, expectLists, mapFeatures, type ScalerOptions } from './features.ts'

/** What a {@link StandardScaler} has measured; plain data. */
export interface StandardScalerState {
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
  /** The axis of the features; `null` for one scale of all. */
  readonly axis: number | null
}

/**
 * x becomes (x - mean) / deviation, feature by feature. Measure on the training examples only: what is known about the
 * held-out ones must not leak into training. The deviation divides by the number of examples. A feature that never varies
 * has the deviation 1 and becomes 0. Measured and computed in float64.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { StandardScaler } from '@adjoint/data'
 * const scaler = StandardScaler.fit(tensor([[1, 7], [3, 7]]))
 * scaler.transform(tensor([[5, 7]])).toArray() // => [[3, 0]]
 * scaler.inverse(tensor([[3, 0]])).toArray() // => [[5, 7]]
 * scaler.state // => { mean: [2, 7], deviation: [1, 1], axis: -1 }
 * ```
 */
export class StandardScaler {
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
  readonly axis: number | null

  /**
   * From what was measured before.
   *
   * @throws ArgumentError when it is no state of a scaler.
   */
  constructor(state: StandardScalerState) {
    expectLists('StandardScaler', state, ['mean', 'deviation'])
    if (state.deviation.some(deviation => !(deviation > 0))) {
      throw new ArgumentError('StandardScaler', 'a deviation must be above 0.')
    }
    this.mean = [...state.mean]
    this.deviation = [...state.deviation]
    this.axis = state.axis
  }

  /**
   * Measures each feature of a tensor.
   *
   * @throws ArgumentError for no examples, and for a number that is not finite.
   */
  static fit(x: Tensor, options: ScalerOptions = {}): StandardScaler {
    expectOptions('StandardScaler.fit', options, ['axis', 'shared'])
    const axis = options.shared ? null : (options.axis ?? -1)
    const measured = eachFeature('StandardScaler.fit', x, axis).map(measure)
    return new StandardScaler({
      mean: measured.map(({ mean }) => mean),
      deviation: measured.map(({ deviation }) => deviation),
      axis,
    })
  }

  /** What was measured. `new StandardScaler(scaler.state)` does the same. */
  get state(): StandardScalerState {
    return { mean: [...this.mean], deviation: [...this.deviation], axis: this.axis }
  }

  /**
   * (x - mean) / deviation. Whole numbers become float32.
   *
   * @throws ShapeError when the tensor has another number of features.
   */
  transform<S extends Shape>(x: Tensor<S>): Tensor<S> {
    const { axis, deviation, mean } = this
    return mapFeatures('StandardScaler.transform', x, { axis, features: mean.length }, (value, feature) => {
      return (value - mean[feature]!) / deviation[feature]!
    })
  }

  /**
   * x deviation + mean: back to the units.
   *
   * @throws ShapeError when the tensor has another number of features.
   */
  inverse<S extends Shape>(x: Tensor<S>): Tensor<S> {
    const { axis, deviation, mean } = this
    return mapFeatures('StandardScaler.inverse', x, { axis, features: mean.length }, (value, feature) => {
      return value * deviation[feature]! + mean[feature]!
    })
  }
}

function measure(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  const first = values[0]!
  // The sum would be rounded, and a feature that is always 0.1 would seem to vary a little.
  if (values.every(value => value === first)) return { mean: first, deviation: 1 }
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  const deviation = Math.sqrt(squares / values.length)
  return { mean, deviation: deviation > 0 ? deviation : 1 }
}
