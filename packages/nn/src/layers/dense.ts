import { formatShape } from '@adjoint/core/engine'
import {
  add,
  type Dim,
  matmul,
  type Parameter,
  type Rng,
  type Shape,
  ShapeError,
  Tensor,
  transpose,
  uniform,
} from '@adjoint/core/functional'
import { expectRng, type Initializer } from '../initializers/initializer.ts'
import { type Layout, unitsAxis } from '../module/layout.ts'
import type { ForwardContext, Signature } from '../module/module.ts'
import { newParameter, parameterDType } from '../module/newParameter.ts'
import type { Entering } from '../module/shapes.ts'
import { expectTensor } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'

/** Settings of {@link Dense}. */
export interface DenseOptions<L extends Layout = Layout> {
  /** Where the first weights are drawn from. Needed unless both initialisers draw no random numbers. */
  readonly rng?: Rng
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean
  /** Whether examples are rows or columns. Default `'rows'`. */
  readonly layout?: L
  /** First weights, shape `[outputs, inputs]`. Default: uniform in ±1/√inputs, as PyTorch's Linear. */
  readonly weightInitializer?: Initializer
  /** First bias. Default: uniform in ±1/√inputs, as PyTorch's Linear. */
  readonly biasInitializer?: Initializer
  /** Default: the default dtype, float32. */
  readonly dtype?: 'float32' | 'float64'
}

/** Shape of one batch as the layer takes it or gives it; m is any size. */
type BatchOf<M extends Dim, Units extends number, L extends Layout> = L extends 'columns'
  ? [Units, M]
  : [M, Units]

/** The index of the units among the axes, by the rank: the last axis in rows, the one before it in columns. */
interface UnitsAxis {
  readonly rows: readonly [never, '0', '1', '2', '3', '4', '5', '6']
  readonly columns: readonly [never, never, '0', '1', '2', '3', '4', '5']
}

/** Shape of the output for an input of shape S: the units are replaced, every other axis stays. */
type DenseOutput<S extends Shape, Units extends number, L extends Layout> = {
  -readonly [Axis in keyof S]: Axis extends UnitsAxis[L][S['length'] & keyof UnitsAxis[L]] ? Units : S[Axis]
}

/** Shape of the bias: it stands beside every example. */
type BiasOf<Units extends number, L extends Layout> = L extends 'columns' ? [Units, 1] : [Units]

/**
 * The dense layer: every output is connected to every input, z = W x + b. Lecture: dense layer, forward propagation.
 *
 * - rows: `[m, in] -> [m, out]`, z = x Wᵀ + b; further axes in front of m stay as they are.
 * - columns: `[in, m] -> [out, m]`, z = W x + b.
 *
 * `weight` is `[out, in]` in both; `bias` is `[out]` beside rows, `[out, 1]` beside columns.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { Dense, initializers } from '@adjoint/nn'
 * const { ones, constant } = initializers
 * const layer = new Dense(3, 2, { weightInitializer: ones, biasInitializer: constant(0.5) })
 * layer.forward(tensor([[1, 2, 3]])).toArray() // => [[6.5, 6.5]]
 * ```
 */
export class Dense<In extends number = number, Out extends number = number, L extends Layout = 'rows'> {
  readonly inputs: In
  readonly outputs: Out
  readonly layout: L
  readonly weight: Parameter<[Out, In]>
  readonly bias: Parameter<BiasOf<Out, L>> | null
  /** Never set: the types of {@link forward} for a batch, for a chain that this is a layer of. */
  declare readonly typedAs?: Signature<Tensor<Readonly<BatchOf<Dim, In, L>>>, Tensor<BatchOf<number, Out, L>>>

  /**
   * @param inputs number of units per example that come in
   * @param outputs number of units per example that go out
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, an unknown layout, a missing `rng`, or an
   * initialiser that returns another shape or dtype.
   */
  constructor(inputs: In, outputs: Out, options: DenseOptions<L> = {}) {
    expectSizes('Dense', { inputs, outputs })
    const layout = (options.layout ?? 'rows') as L
    unitsAxis('Dense', layout)
    const { rng, bias = true } = options
    const dtype = parameterDType(options.dtype)
    const bound = 1 / Math.sqrt(inputs)
    const initial: Initializer = (shape, { rng, dtype }) =>
      uniform(expectRng('uniform', rng), shape, { low: -bound, high: bound, dtype })
    const make = (name: string, shape: readonly number[], initializer: Initializer = initial): Parameter =>
      newParameter('Dense', name, shape, initializer, { rng, dtype })

    this.inputs = inputs
    this.outputs = outputs
    this.layout = layout
    this.weight = make('weight', [outputs, inputs], options.weightInitializer) as Parameter<[Out, In]>
    const biasShape = layout === 'columns' ? [outputs, 1] : [outputs]
    this.bias = bias
      ? (make('bias', biasShape, options.biasInitializer) as unknown as Parameter<BiasOf<Out, L>>)
      : null
  }

  /** @throws ShapeError when the input does not have `inputs` units per example; ArgumentError when it is no tensor. */
  forward<S extends Shape>(
    input: Entering<S, L extends 'columns' ? [In, number] : [In]>,
    context?: ForwardContext,
  ): Tensor<DenseOutput<S, Out, L>>
  forward(input: Tensor): Tensor {
    // The name costs more than the check: it is made when it is needed.
    if (!(input instanceof Tensor)) expectTensor(String(this), 'input', input)
    const axis = unitsAxis('Dense', this.layout)
    if (input.shape[input.rank + axis] !== this.inputs) {
      throw new ShapeError(String(this), mistakeIn(this, input), [input.shape])
    }
    const weight: Tensor = this.weight
    const product = axis === -2 ? matmul(weight, input) : matmul(input, transpose(weight))
    return this.bias === null ? product : add(product, this.bias as Tensor)
  }

  /** `Dense(784, 128)`, as summaries and messages show it. */
  toString(): string {
    return `Dense(${this.inputs}, ${this.outputs})`
  }
}

/** What is wrong with the shape of an input. */
function mistakeIn({ layout, inputs }: Dense<number, number, Layout>, { shape, rank }: Tensor): string {
  const columns = layout === 'columns'
  const wanted = columns ? `[${inputs}, m]` : `[m, ${inputs}]`
  const liesAcross = rank > 1 && shape.at(columns ? -1 : -2) === inputs
  const hint = liesAcross ? ` Transpose it, or give the layer layout '${columns ? 'rows' : 'columns'}'.` : ''
  return `takes ${wanted} (layout '${layout}'), got ${formatShape(shape)}.${hint}`
}
