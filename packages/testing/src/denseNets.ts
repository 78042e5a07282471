/** Random dense networks as plain data, from which a model, its hand-derived twin and a reference can all be built. */

import type { Domain } from '@adjoint/core/engine'
import { sizeOf } from '@adjoint/core/engine'
import fc from 'fast-check'
import { GRID, numberAt } from './domains.ts'
import type { ShapedNumbers } from './numbers.ts'

/** What stands between two dense layers. */
export type ActivationName = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu'

/** The names of losses that `@adjoint/nn` and `@adjoint/manual` share. */
export type LossName =
  | 'binaryCrossEntropy'
  | 'binaryCrossEntropyWithLogits'
  | 'crossEntropy'
  | 'categoricalCrossEntropy'
  | 'halfSquaredError'
  | 'meanSquaredError'
  | 'meanAbsoluteError'
  | 'huber'

/** How examples lie: `rows` (m, n), the field's habit; `columns` (n, m), the lecture's. */
export type DenseLayout = 'rows' | 'columns'

/** One layer: W is (n_out, n_in) in both layouts, b has one number per output. */
export interface DenseNetLayer {
  readonly inputs: number
  readonly outputs: number
  readonly W: ShapedNumbers
  /** `[n_out, 1]` for columns, `[1, n_out]` for rows. */
  readonly b: ShapedNumbers
  /** The output layer's is the one that its loss asks for. */
  readonly activation: ActivationName | 'softmax'
}

/** A network with its data. */
export interface DenseNet {
  readonly layout: DenseLayout
  /** Number of examples. */
  readonly m: number
  /** Sizes from the input to the output: n_x, n_1, ..., n_y. */
  readonly sizes: readonly number[]
  readonly layers: readonly DenseNetLayer[]
  readonly loss: LossName
  readonly X: ShapedNumbers
  /** Labels 0 and 1, one-hot rows, or real numbers, as the loss asks for; in the shape of the output. */
  readonly Y: ShapedNumbers
}

/** Settings of {@link denseNets}. */
export interface DenseNetsOptions {
  /** Most layers. Default 3. */
  readonly maxLayers?: number
  /** Largest size of a layer. Default 4. */
  readonly maxSize?: number
  /** Most examples. Default 5. */
  readonly maxExamples?: number
  /** Default: both. */
  readonly layouts?: readonly DenseLayout[]
  /** Activations of hidden layers. Default: all. */
  readonly activations?: readonly ActivationName[]
  /** Default: all. */
  readonly losses?: readonly LossName[]
}

const ACTIVATIONS: readonly ActivationName[] = ['sigmoid', 'tanh', 'relu', 'leakyRelu', 'linear']

/** The output activation that a loss is made for, and the kind of targets it takes. */
const LOSSES: Readonly<
  Record<
    LossName,
    { readonly output: DenseNetLayer['activation']; readonly targets: 'labels' | 'oneHot' | 'real' }
  >
> = {
  halfSquaredError: { output: 'linear', targets: 'real' },
  meanSquaredError: { output: 'linear', targets: 'real' },
  binaryCrossEntropy: { output: 'sigmoid', targets: 'labels' },
  binaryCrossEntropyWithLogits: { output: 'linear', targets: 'labels' },
  crossEntropy: { output: 'linear', targets: 'oneHot' },
  categoricalCrossEntropy: { output: 'softmax', targets: 'oneHot' },
  meanAbsoluteError: { output: 'linear', targets: 'real' },
  huber: { output: 'linear', targets: 'real' },
}

/**
 * Dense networks of random depth, sizes, activations, loss, batch, layout and numbers, as plain data. They shrink to few
 * layers of few units with small numbers.
 *
 * @example
 * ```ts
 * import fc from 'fast-check'
 * import { denseNets } from '@adjoint/testing/arbitraries'
 * fc.assert(
 *   fc.property(denseNets({ layouts: ['columns'] }), ({ layers, X, m }) => X.shape[1] === m && layers.length >= 1),
 *   { numRuns: 10 },
 * )
 * ```
 */
export function denseNets(options: DenseNetsOptions = {}): fc.Arbitrary<DenseNet> {
  const { maxLayers = 3, maxSize = 4, maxExamples = 5, layouts = ['columns', 'rows'] } = options
  const { activations = ACTIVATIONS, losses = Object.keys(LOSSES) as LossName[] } = options
  const size = fc.integer({ min: 1, max: maxSize })
  return fc
    .record({
      layout: fc.constantFrom(...layouts),
      m: fc.integer({ min: 1, max: maxExamples }),
      sizes: fc.array(size, { minLength: 2, maxLength: maxLayers + 1 }),
      hidden: fc.array(fc.constantFrom(...activations), { minLength: maxLayers, maxLength: maxLayers }),
      loss: fc.constantFrom(...losses),
    })
    .chain(plan => {
      const { layout, m, sizes, loss } = plan
      const last = sizes.length - 2
      const layers = sizes.slice(1).map((outputs, l) => {
        const inputs = sizes[l]!
        return fc.record({
          inputs: fc.constant(inputs),
          outputs: fc.constant(outputs),
          W: shaped([outputs, inputs], 'real'),
          b: shaped(layout === 'columns' ? [outputs, 1] : [1, outputs], 'real'),
          activation: fc.constant(l === last ? LOSSES[loss].output : plan.hidden[l]!),
        })
      })
      const batch = (units: number): readonly [number, number] =>
        layout === 'columns' ? [units, m] : [m, units]
      return fc.record({
        layout: fc.constant(layout),
        m: fc.constant(m),
        sizes: fc.constant(sizes),
        layers: fc.tuple(...layers),
        loss: fc.constant(loss),
        X: shaped(batch(sizes[0]!), 'real'),
        Y: targets(LOSSES[loss].targets, sizes.at(-1)!, m, layout),
      })
    })
}

/** A matrix of numbers of a domain. */
function shaped(shape: readonly number[], domain: Exclude<Domain, 'distinct'>): fc.Arbitrary<ShapedNumbers> {
  const length = sizeOf(shape)
  return fc
    .array(fc.integer({ min: -GRID, max: GRID }), { minLength: length, maxLength: length })
    .map(positions => ({ shape, data: Float64Array.from(positions, position => numberAt(domain, position)) }))
}

function targets(
  kind: 'labels' | 'oneHot' | 'real',
  units: number,
  m: number,
  layout: DenseLayout,
): fc.Arbitrary<ShapedNumbers> {
  const shape = layout === 'columns' ? [units, m] : [m, units]
  if (kind === 'real') return shaped(shape, 'real')
  if (kind === 'labels') {
    return fc
      .array(fc.integer({ min: 0, max: 1 }), { minLength: units * m, maxLength: units * m })
      .map(labels => ({ shape, data: Float64Array.from(labels) }))
  }
  return fc.array(fc.integer({ min: 0, max: units - 1 }), { minLength: m, maxLength: m }).map(classes => {
    const data = new Float64Array(units * m)
    classes.forEach((label, example) => {
      data[layout === 'columns' ? label * m + example : example * units + label] = 1
    })
    return { shape, data }
  })
}
