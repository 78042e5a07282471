/** Numbers of a tensor feature by feature: along one axis, over all the others. */
import { allocate, formatShape } from '@adjoint/core/engine'
import {
  ArgumentError,
  AxisError,
  type DType,
  type Shape,
  ShapeError,
  Tensor,
} from '@adjoint/core/functional'

/** Settings of scalers. */
export interface ScalerOptions {
  /** The axis of the features; each has its own scale. Default -1, the last. */
  readonly axis?: number
  /** One scale for all features together, for those of one kind such as pixels. Default false. */
  readonly shared?: boolean
}

/** How the elements of a tensor in row-major order belong to features. */
export interface FeatureLayout {
  readonly features: number
  /** Distance of two elements of the same feature that follow each other in the innermost axes. */
  readonly inner: number
}

/** The feature of element `at` is `Math.floor(at / inner) % features`. */
export function layoutOf(op: string, x: Tensor, axis: number | null): FeatureLayout {
  if (!(x instanceof Tensor)) throw new ArgumentError(op, 'takes a tensor.')
  if (axis === null) return { features: 1, inner: 1 }
  const at = axis < 0 ? axis + x.rank : axis
  if (!Number.isInteger(at) || at < 0 || at >= x.rank) throw new AxisError(op, axis, x.rank)
  return { features: x.shape[at]!, inner: x.shape.slice(at + 1).reduce((product, size) => product * size, 1) }
}

/** The numbers of each feature, one after the other, in row-major order. */
export function eachFeature(op: string, x: Tensor, axis: number | null): Float64Array[] {
  const { features, inner } = layoutOf(op, x, axis)
  if (x.size === 0)
    throw new ArgumentError(op, `needs examples, got a tensor of shape ${formatShape(x.shape)}.`)
  const data = x.data()
  const count = data.length / features
  const columns = Array.from({ length: features }, () => new Float64Array(count))
  for (let at = 0; at < data.length; at++) {
    const feature = Math.floor(at / inner) % features
    const value = data[at]!
    if (!Number.isFinite(value)) {
      throw new ArgumentError(
        op,
        `feature ${feature} holds ${value}; fill what is missing or drop the example first.`,
      )
    }
    columns[feature]![Math.floor(at / (inner * features)) * inner + (at % inner)] = value
  }
  return columns
}

/** Another tensor of the same shape: each number changed by the scale of its feature, computed in float64. */
export function mapFeatures<S extends Shape>(
  op: string,
  x: Tensor<S>,
  { axis, features }: { readonly axis: number | null; readonly features: number },
  change: (value: number, feature: number) => number,
): Tensor<S> {
  const layout = layoutOf(op, x as Tensor, axis)
  if (layout.features !== features) {
    throw new ShapeError(
      op,
      `the scaler knows ${features} features, the tensor of shape ${formatShape(x.shape)} has ${layout.features} along axis ${axis}.`,
      [x.shape],
    )
  }
  const dtype: DType = x.dtype === 'float64' ? 'float64' : 'float32'
  const result = allocate(x.shape, dtype)
  const data = x.data()
  for (let at = 0; at < data.length; at++) {
    result.storage[result.offset + at] = change(data[at]!, Math.floor(at / layout.inner) % features)
  }
  return result as unknown as Tensor<S>
}

/** Lists of finite numbers of the same length, at least one, in a state that may come from anywhere. */
export function expectLists(op: string, state: unknown, names: readonly string[]): void {
  const record = (typeof state === 'object' && state !== null ? state : {}) as Readonly<
    Record<string, unknown>
  >
  const lists = names.map(name => record[name])
  const isList = (list: unknown): boolean =>
    Array.isArray(list) && list.length > 0 && list.every(Number.isFinite)
  const { axis } = record
  const isValid =
    lists.every(isList) &&
    lists.every(list => (list as unknown[]).length === (lists[0] as unknown[]).length) &&
    (axis === null ? (lists[0] as unknown[]).length === 1 : Number.isInteger(axis))
  if (!isValid)
    throw new ArgumentError(
      op,
      `takes a state { ${[...names, 'axis'].join(', ')} }, as scaler.state gives it.`,
    )
}
