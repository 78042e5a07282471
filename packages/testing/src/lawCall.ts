/** Random calls of a primitive, drawn by fast-check so that a failing call shrinks to the smallest one. */

import {
  allocate,
  type CallSample,
  compact,
  type Draw,
  formatShape,
  type InputSample,
  type KnownPrimitive,
} from '@adjoint/core/engine'
import { type Attributes, Rng, type Tensor } from '@adjoint/core/functional'
import fc from 'fast-check'
import { drawNumbers } from './domains.ts'
import { inLayout, LAYOUTS, type Layout } from './layouts.ts'

/** A call to hold a law against. */
export interface LawCall {
  readonly primitive: KnownPrimitive
  /** Row-major inputs, floating ones in float64. */
  readonly inputs: readonly Tensor[]
  /** The same values in the drawn layouts. */
  readonly views: readonly Tensor[]
  readonly layouts: readonly Layout[]
  readonly attributes: Attributes
  /** The inputs to differentiate with respect to: some of those that take a gradient, at least one if there is any. */
  readonly wanted: readonly number[]
  /** A generator for cotangents and tangents, the same ones for the same call. */
  readonly rng: () => Rng
  readonly toString: () => string
}

/** Sizes by how often they should come up; a failing call shrinks toward the first of them. */
const SIZES: readonly number[] = [1, 2, 3, 2, 3, 4, 2, 3, 5, 0]

/**
 * Calls of a primitive, as its sampler describes them.
 *
 * @param sizes of axes, by how often they should come up: larger ones for kernels that begin above a size
 */
export function lawCalls(primitive: KnownPrimitive, sizes: readonly number[] = SIZES): fc.Arbitrary<LawCall> {
  return fc.gen().map(gen => {
    const draw = drawFrom(gen, sizes)
    const sample = primitive.sample(draw)
    // Repeating a slice would make equals of distinct elements, and dependent rows of independent ones.
    const layouts = sample.inputs.map(({ domain, matrix }) => {
      const layout = LAYOUTS[draw.integer(0, LAYOUTS.length - 1)]!
      return layout === 'expanded' && (domain === 'distinct' || matrix !== undefined) ? 'flipped' : layout
    })
    const subset = sample.inputs.map(() => draw.boolean())
    const seed = draw.integer(0, 9999)
    // Numbers come last, so that a smaller shape keeps the choices before them.
    const values = drawNumbers(sample.inputs, draw.integer)
    return callOf(primitive, sample, values, layouts, subset, seed)
  })
}

/** Random choices by fast-check. */
export function drawFrom(gen: fc.GeneratorValue, sizes: readonly number[] = SIZES): Draw {
  const integer = (min: number, max: number): number => gen(fc.integer, { min, max })
  const boolean = (): boolean => integer(0, 1) === 1
  return {
    integer,
    boolean,
    shape: (minimumRank, maximumRank) =>
      Array.from({ length: integer(minimumRank, maximumRank) }, () => sizes[integer(0, sizes.length - 1)]!),
    axes: rank => Array.from({ length: rank }, (_, axis) => axis).filter(boolean),
    broadcastable: shape => {
      const kept = shape.slice(integer(0, 3) === 3 ? integer(0, shape.length) : 0)
      return kept.map(size => (integer(0, 3) === 3 ? 1 : size))
    },
  }
}

function callOf(
  primitive: KnownPrimitive,
  sample: CallSample,
  values: readonly (readonly number[])[],
  layouts: readonly Layout[],
  subset: readonly boolean[],
  seed: number,
): LawCall {
  const views = sample.inputs.map((input, i) => inLayout(filled(input, values[i]!), layouts[i]!))
  const inputs = views.map(copied)
  const able = inputs.flatMap((x, i) => (takesGradient(primitive, x, i) ? [i] : []))
  const chosen = able.filter(i => subset[i])
  return {
    primitive,
    inputs,
    views,
    layouts,
    attributes: sample.attributes,
    wanted: chosen.length > 0 ? chosen : able,
    rng: () => new Rng(seed),
    toString: () => describe(primitive, inputs, layouts, sample.attributes),
  }
}

function takesGradient(primitive: KnownPrimitive, x: Tensor, index: number): boolean {
  if (primitive.kind === 'nonDifferentiable' || x.dtype !== 'float64') return false
  return primitive.kind !== 'linear' || primitive.transposeFor(index) !== null
}

function filled(input: InputSample, values: readonly number[]): Tensor {
  const x = allocate(input.shape, input.dtype ?? (input.below === undefined ? 'float64' : 'int32'))
  for (let i = 0; i < values.length; i++) x.storage[x.offset + i] = values[i]!
  return x
}

/** A row-major copy in memory of its own. */
export function copied(x: Tensor): Tensor {
  const source = compact(x)
  const copy = allocate(x.shape, x.dtype)
  for (let i = 0; i < x.size; i++) copy.storage[copy.offset + i] = source.storage[source.offset + i]!
  return copy
}

/** Above this many elements a description shows shapes only. */
const SHOWN = 12

function describe(
  primitive: KnownPrimitive,
  inputs: readonly Tensor[],
  layouts: readonly Layout[],
  attributes: Attributes,
): string {
  const operands = inputs.map((x, i) => {
    const values = x.size <= SHOWN ? ` ${JSON.stringify(x.toArray())}` : ''
    const layout = layouts[i] === 'compact' ? '' : ` (${layouts[i]})`
    return `${formatShape(x.shape)} ${x.dtype}${layout}${values}`
  })
  const rest = Object.keys(attributes).length === 0 ? '' : `; ${JSON.stringify(attributes)}`
  return `${primitive.name}(${operands.join(', ')}${rest})`
}
