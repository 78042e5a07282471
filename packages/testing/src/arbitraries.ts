/** `@adjoint/testing/arbitraries`: random shapes, tensors and networks for property tests. Needs fast-check. */

import { type Domain, sizeOf } from '@adjoint/core/engine'
import { type Tensor, tensor } from '@adjoint/core/functional'
import fc from 'fast-check'
import { distinctNumbers, GRID, numberAt } from './domains.ts'

export {
  type ActivationName,
  type DenseLayout,
  type DenseNet,
  type DenseNetLayer,
  type DenseNetsOptions,
  denseNets,
  type LossName,
} from './denseNets.ts'

/** Settings of {@link shapes}. */
export interface ShapesOptions {
  /** Default 0. */
  readonly minRank?: number
  /** Default 3. */
  readonly maxRank?: number
  /** Largest size of an axis. Default 4. */
  readonly maxSize?: number
  /** Whether an axis may have size 0. Default false. */
  readonly zero?: boolean
}

/**
 * Shapes; they shrink to fewer axes and smaller sizes.
 *
 * @example
 * ```ts
 * import fc from 'fast-check'
 * import { shapes } from '@adjoint/testing/arbitraries'
 * fc.assert(fc.property(shapes({ minRank: 1, maxRank: 2 }), (shape) => shape.length === 1 || shape.length === 2))
 * ```
 */
export function shapes(options: ShapesOptions = {}): fc.Arbitrary<number[]> {
  const { minRank = 0, maxRank = 3, maxSize = 4, zero = false } = options
  return fc.array(fc.integer({ min: zero ? 0 : 1, max: maxSize }), { minLength: minRank, maxLength: maxRank })
}

/** Two shapes that broadcast, and the shape that they broadcast to. */
export interface BroadcastPair {
  readonly left: readonly number[]
  readonly right: readonly number[]
  readonly result: readonly number[]
}

/**
 * Pairs of shapes that broadcast; on either side axes may be 1 or missing in front.
 *
 * @example
 * ```ts
 * import fc from 'fast-check'
 * import { add, ones } from '@adjoint/core'
 * import { broadcastPairs } from '@adjoint/testing/arbitraries'
 * fc.assert(
 *   fc.property(broadcastPairs(), ({ left, right, result }) => add(ones(left), ones(right)).shape.join() === result.join()),
 * )
 * ```
 */
export function broadcastPairs(options: ShapesOptions = {}): fc.Arbitrary<BroadcastPair> {
  // Per axis of the result: its size, and whether the left or the right operand has 1 instead.
  const axis = fc.record({
    size: fc.integer({ min: options.zero === true ? 0 : 1, max: options.maxSize ?? 4 }),
    single: fc.constantFrom('none' as const, 'left' as const, 'right' as const),
  })
  const { minRank = 0, maxRank = 3 } = options
  return fc
    .record({
      axes: fc.array(axis, { minLength: minRank, maxLength: maxRank }),
      missing: fc.constantFrom('none' as const, 'left' as const, 'right' as const),
      count: fc.nat({ max: maxRank }),
    })
    .map(({ axes, missing, count }) => {
      // Where one side has no axis, the other one must bring the size.
      const sizes = (side: 'left' | 'right'): number[] =>
        axes
          .map(({ size, single }, k) => (single === side && (missing === 'none' || k >= count) ? 1 : size))
          .slice(missing === side ? count : 0)
      return { left: sizes('left'), right: sizes('right'), result: axes.map(({ size }) => size) }
    })
}

/** Settings of {@link tensors}. */
export interface TensorsOptions {
  /** A shape, or an arbitrary of shapes. Default: {@link shapes} of rank 0 to 3. */
  readonly shape?: readonly number[] | fc.Arbitrary<readonly number[]>
  /** Default float64. */
  readonly dtype?: 'float32' | 'float64'
  /** Where the elements come from, as primitives declare it. Default `real`: from -2.5 to 2.5. */
  readonly domain?: Domain
  readonly requiresGrad?: boolean
}

/**
 * Tensors of moderate numbers from a domain; they shrink to smaller shapes and simpler numbers.
 *
 * @example
 * ```ts
 * import fc from 'fast-check'
 * import { tensors } from '@adjoint/testing/arbitraries'
 * fc.assert(
 *   fc.property(tensors({ shape: [2, 3], domain: 'positive' }), (x) => x.log().exp().sub(x).abs().max().item() < 1e-12),
 * )
 * ```
 */
export function tensors(options: TensorsOptions = {}): fc.Arbitrary<Tensor> {
  const { shape = shapes(), dtype = 'float64', domain = 'real', requiresGrad = false } = options
  const make = (sizes: readonly number[]): fc.Arbitrary<Tensor> =>
    elements(sizeOf(sizes), domain).map(values => tensor(values, { shape: sizes, dtype, requiresGrad }))
  return Array.isArray(shape) ? make(shape) : (shape as fc.Arbitrary<readonly number[]>).chain(make)
}

function elements(length: number, domain: Domain): fc.Arbitrary<number[]> {
  if (domain === 'distinct') {
    const order = Array.from({ length }, (_, i) => i)
    return fc.shuffledSubarray(order, { minLength: length, maxLength: length }).map(distinctNumbers)
  }
  return fc
    .array(fc.integer({ min: -GRID, max: GRID }), { minLength: length, maxLength: length })
    .map(positions => positions.map(position => numberAt(domain, position)))
}
