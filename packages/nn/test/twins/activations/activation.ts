/** How an activation is paired: on batches in either layout, away from its kinks. */
import type { Rng, Tensor } from '@adjoint/core'
import { type Activation, type Layout, type Matrix, matrix } from '@adjoint/manual'
import fc from 'fast-check'
import { cotangentsFor, differentiate, draw, type Twin, twin } from '../twin.ts'

/** A batch in either layout. */
export interface BatchCase {
  readonly layout: Layout
  readonly units: number
  readonly m: number
}

export const batches: fc.Arbitrary<BatchCase> = fc.record({
  layout: fc.constantFrom<Layout>('rows', 'columns'),
  units: fc.integer({ min: 1, max: 8 }),
  m: fc.integer({ min: 1, max: 6 }),
})

export const shapeOf = ({ layout, units, m }: BatchCase): [number, number] =>
  layout === 'rows' ? [m, units] : [units, m]

export const axisOf = (layout: Layout): number => (layout === 'rows' ? 1 : 0)

export const toMatrix = (x: Tensor): Matrix => matrix([x.shape[0]!, x.shape[1]!], Float64Array.from(x.data()))

/** Nearer than this to a kink a case means nothing. */
const MARGIN = 1e-6

/** An activation with settings of its own: both sides of it, and where its derivative jumps. */
export interface Pair {
  readonly automatic: (z: Tensor, layout: Layout) => Tensor
  readonly manual: Activation
  readonly kinks?: readonly number[]
  /** Whether the value is a difference that may cancel, so that it is to be compared beside its terms, z. */
  readonly cancels?: boolean
}

/** Numbers in [-8, 8]: both tails, and not only the middle. */
export function drawWide(rng: Rng, shape: readonly number[]): Tensor {
  const z = rng.uniform(shape, { low: -8, high: 8, dtype: 'float64' }) as Tensor
  z.requiresGrad = true
  return z
}

/** @param pick settings from the generator of the case */
export function activationTwin(
  name: string,
  pick: (rng: Rng, options: BatchCase) => Pair,
  cases: fc.Arbitrary<BatchCase> = batches,
): Twin {
  return twin(name, cases, (options, rng) => {
    const { automatic, manual, kinks = [], cancels = false } = pick(rng, options)
    const z = rng.next() < 0.5 ? draw(rng, shapeOf(options)) : drawWide(rng, shapeOf(options))
    if (kinks.some(kink => z.data().some(value => Math.abs(value - kink) < MARGIN))) return undefined
    const a = automatic(z, options.layout)
    const cotangents = cotangentsFor(rng, { a })
    const byHand = manual.forward(toMatrix(z), options.layout)
    const da = toMatrix(cotangents.a!)
    return {
      automatic: differentiate({ z }, { a }, cotangents),
      manual: {
        a: byHand,
        dz: manual.backward({ da, z: toMatrix(z), a: byHand, layout: options.layout }),
      },
      // Softmax and its kin subtract a mean of the cotangent, which may leave next to nothing.
      terms: {
        dz: Math.max(...da.data.map(Math.abs)),
        a: cancels ? Math.max(...z.data().map(Math.abs)) : 0,
      },
    }
  })
}
