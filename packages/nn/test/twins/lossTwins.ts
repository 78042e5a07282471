/** What the pairs of losses share: random shapes, layouts, reductions and weights around one call on either side. */
import { type Rng, softmax, type Tensor, tensor } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import type { Layout, Reduction } from '@adjoint/nn'
import fc from 'fast-check'
import { differentiate, draw, type Passes, type Twin, toArray, twin } from './twin.ts'

/** What every loss is given. */
export interface Common {
  readonly reduction: Reduction
  readonly layout: Layout
  readonly weight?: Tensor
}

/** Sizes and options of a case, beside those of the loss itself. */
interface LossCase<Own> {
  readonly own: Own
  readonly units: number
  readonly m: number
  readonly layout: Layout
  readonly reduction: Reduction
  readonly weighted: boolean
}

const size = fc.integer({ min: 1, max: 6 })
export const reduction: fc.Arbitrary<Reduction> = fc.constantFrom<Reduction>('mean', 'sum', 'none')
const layout = fc.constantFrom<Layout>('rows', 'columns')

export const normal = (rng: Rng, shape: readonly number[]): Tensor => draw(rng, shape).detach()
export const probability = (rng: Rng, shape: readonly number[]): Tensor =>
  rng.uniform(shape, { dtype: 'float64', low: 0.05, high: 0.95 })
export const signs = (rng: Rng, shape: readonly number[]): Tensor =>
  rng.uniform(shape, { dtype: 'float64' }).greater(0.5).cast('float64').mul(2).sub(1)
export const bits = (rng: Rng, shape: readonly number[]): Tensor =>
  rng.uniform(shape, { dtype: 'float64' }).greater(0.5).cast('float64')
/** Distributions over the axis of the units. */
export const distribution = (rng: Rng, shape: readonly number[], layout: Layout): Tensor =>
  softmax(normal(rng, shape), layout === 'rows' ? -1 : -2)

/** Factors, some of them 0. */
function weights(rng: Rng, shape: readonly number[]): Tensor {
  return rng.uniform(shape, { dtype: 'float64' }).mul(bits(rng, shape).add(bits(rng, shape)))
}

/** A pair of losses of a and y, where the twin is a `Loss` of matrices. */
export interface MatrixLossPair<Own> {
  readonly automatic: (a: Tensor, y: Tensor, options: Common, own: Own, rng: Rng) => Tensor
  readonly manual: (own: Own, units: number) => manual.Loss
  readonly prediction?: (rng: Rng, shape: readonly number[], layout: Layout) => Tensor
  readonly target?: (rng: Rng, shape: readonly number[], layout: Layout) => Tensor
  /** What the twin takes for the target, `[units]` or `[m, units]` numbers; by default the target. */
  readonly targetByHand?: (y: Tensor, layout: Layout) => Tensor
  /** Whether the loss is one of examples, with a weight for each, and not a mean of elements. */
  readonly ofExamples?: boolean
  /** Whether weights are an option. Default true. */
  readonly takesWeights?: boolean
  readonly leastUnits?: number
}

/** The pair, in random shapes; the gradients of the targets too, where the twin has them. */
export function lossTwin<Own>(name: string, own: fc.Arbitrary<Own>, pair: MatrixLossPair<Own>): Twin {
  const { ofExamples = false, takesWeights = true, leastUnits = 1 } = pair
  const cases: fc.Arbitrary<LossCase<Own>> = fc.record({
    own,
    units: fc.integer({ min: leastUnits, max: 6 }),
    m: size,
    layout,
    reduction,
    weighted: takesWeights ? fc.boolean() : fc.constant(false),
  })
  return twin(name, cases, ({ own, units: n, m, layout, reduction, weighted }, rng): Passes => {
    // Not reduced, losses of elements are compared one by one: examples of one output each.
    const units = reduction === 'none' && !ofExamples ? 1 : n
    const shape = layout === 'rows' ? [m, units] : [units, m]
    const loss = pair.manual(own, units)
    const a = leaf((pair.prediction ?? normal)(rng, shape, layout))
    const target = (pair.target ?? normal)(rng, shape, layout)
    const y = loss.targetBackward === undefined ? target : leaf(target)
    const weight = weighted ? weights(rng, ofExamples ? [m] : shape) : undefined
    const J = pair.automatic(a, y, { reduction, layout, ...(weight && { weight }) }, own, rng)
    const cotangent = normal(rng, J.shape)
    const automatic = differentiate(
      loss.targetBackward === undefined ? { a } : { a, y },
      { J },
      { J: cotangent },
    )

    const byHand = pair.targetByHand?.(target, layout) ?? target
    const inputs: manual.LossInputs = {
      a: toArray(a) as manual.Matrix,
      y: toArray(byHand) as manual.Matrix,
      layout,
      ...(weight && !ofExamples && { weight: toArray(weight) as manual.Matrix }),
    }
    // The twin averages over the units of an example, and leaves the 1/m to others.
    const scale = reduction === 'mean' ? 1 / m : reduction === 'sum' && !ofExamples ? units : 1
    const factors = Array.from({ length: m }, (_, i) => scale * (ofExamples ? (weight?.data()[i] ?? 1) : 1))
    const cotangents = factors.map((factor, i) => factor * cotangent.data()[reduction === 'none' ? i : 0]!)
    const { losses } = loss.forward(inputs)
    const through = ({ data }: manual.Matrix): manual.NumericArray =>
      manual.numericArray(
        shape,
        Array.from(
          data,
          (value, k) => value * cotangents[layout === 'rows' ? Math.floor(k / units) : k % m]!,
        ),
      )
    const derivatives = {
      da: through(loss.backward(inputs)),
      ...(loss.targetBackward && { dy: through(loss.targetBackward(inputs)) }),
    }
    return {
      automatic,
      manual: { J: reduced(reduction, J.shape, factors, losses), ...derivatives },
      // Losses and slopes are differences of numbers of size 1: (1 − y)/(1 − a) − y/a, y log y − y x.
      terms: {
        J: factors.reduce((sum, factor) => sum + factor, 0),
        da: Math.max(...cotangents.map(Math.abs)),
        dy: Math.max(...cotangents.map(Math.abs)),
      },
    }
  })
}

function reduced(
  reduction: Reduction,
  shape: readonly number[],
  factors: readonly number[],
  losses: ArrayLike<number>,
): manual.NumericArray {
  const each = factors.map((factor, i) => (factor === 0 ? 0 : factor * losses[i]!))
  return manual.numericArray(
    shape,
    reduction === 'none' ? each : [each.reduce((sum, value) => sum + value, 0)],
  )
}

function leaf(x: Tensor): Tensor {
  const found = x.detach()
  found.requiresGrad = true
  return found
}

/** A loss of classes, with everything that such a loss may be given. */
export interface ClassLossPair {
  readonly automatic: (scores: Tensor, target: Tensor, options: object) => Tensor
  readonly manual: manual.Loss
  readonly scores?: (rng: Rng, shape: readonly number[], layout: Layout) => Tensor
  readonly smooths: boolean
}

/** The pair; class indices and distributions, weights, ignored examples, smoothed targets, any axis. */
export function classLossTwin(name: string, pair: ClassLossPair): Twin {
  const cases = fc.record({
    classes: fc.integer({ min: 2, max: 5 }),
    m: size,
    place: fc.constantFrom('rows', 'columns', 'axis'),
    reduction,
    indices: fc.boolean(),
    weighted: fc.boolean(),
    ignores: fc.boolean(),
    smoothing: pair.smooths ? fc.constantFrom(0, 0.1, 0.5) : fc.constant(0),
  })
  return twin(name, cases, (options, rng) => {
    const { classes, m, place, reduction, indices, weighted, ignores, smoothing } = options
    const rows = (pair.scores ?? normal)(rng, [m, classes], 'rows')
    const scores = leaf(rows)
    const chosen = rng.randomIntegers([m], { low: 0, high: classes })
    const soft = distribution(rng, [m, classes], 'rows')
    const weight = weighted ? weights(rng, [classes]) : undefined
    const ignoreIndex = ignores && indices ? 0 : undefined
    const settings: manual.ClassSettings = {
      ...(weight && { weight: Array.from(weight.data(), Number) }),
      ...(ignoreIndex !== undefined && { ignoreIndex }),
      labelSmoothing: smoothing,
    }
    const labels = indices ? Array.from(chosen.data(), Number) : toArray(soft)
    const { q, shares } = manual.effectiveTargets(classes, labels, settings)
    const total = shares.reduce((sum, share) => sum + share, 0)
    // The mean over no examples is NaN on either side.
    if (reduction === 'mean' && total === 0) return undefined

    const across = (x: Tensor): Tensor => (place === 'rows' ? x : (x.transpose() as Tensor))
    const J = pair.automatic(across(scores), indices ? chosen : across(soft), {
      reduction,
      ...(place === 'axis' ? { axis: 0 } : { layout: place }),
      ...(weight && { weight }),
      ...(ignoreIndex !== undefined && { ignoreIndex }),
      ...(pair.smooths && { labelSmoothing: smoothing }),
    })
    const cotangent = normal(rng, J.shape)
    const automatic = differentiate({ scores }, { J }, { J: cotangent })

    const inputs = { a: toArray(rows) as manual.Matrix, y: q as manual.Matrix, layout: 'rows' as const }
    const scale = reduction === 'mean' ? 1 / total : 1
    const factors = shares.map(() => scale)
    const { data } = pair.manual.backward(inputs)
    const cotangents = factors.map((factor, i) => factor * cotangent.data()[reduction === 'none' ? i : 0]!)
    return {
      automatic,
      manual: {
        J: reduced(reduction, J.shape, factors, pair.manual.forward(inputs).losses),
        dscores: manual.numericArray(
          [m, classes],
          Array.from(data, (value, k) => value * cotangents[Math.floor(k / classes)]!),
        ),
      },
      // softmax − y is a difference of numbers of size 1.
      terms: { J: m * scale, dscores: Math.max(...cotangents.map(Math.abs)) },
    }
  })
}

type Arrays = Readonly<Record<string, manual.NumericArray>>

/** A loss of examples made of several arrays. */
export interface ExampleLossPair<Own> {
  /** The arrays that have derivatives, and then those that have none; examples are their first axis. */
  readonly inputs: (rng: Rng, m: number, n: number, own: Own) => Readonly<Record<string, Tensor>>
  readonly constants?: (rng: Rng, m: number, n: number, own: Own) => Readonly<Record<string, Tensor>>
  readonly automatic: (inputs: Readonly<Record<string, Tensor>>, options: Common, own: Own) => Tensor
  readonly forward: (inputs: Arrays, own: Own) => manual.NumericArray
  readonly backward: (inputs: Arrays, dlosses: manual.NumericArray, own: Own) => Arrays
  /** Whether vectors may stand in columns. Default true. */
  readonly turns?: boolean
  /** Losses of all elements of `[m, n]`, and not of rows. */
  readonly ofElements?: boolean
}

/** The pair in all reductions, weighted; vectors in rows, and in columns by transposing what the automatic side is given. */
export function exampleLossTwin<Own>(name: string, own: fc.Arbitrary<Own>, pair: ExampleLossPair<Own>): Twin {
  const cases = fc.record({
    own,
    m: size,
    n: fc.integer({ min: 2, max: 6 }),
    layout: pair.turns === false ? fc.constant<Layout>('rows') : layout,
    reduction,
    weighted: fc.boolean(),
  })
  return twin(name, cases, ({ own, m, n, layout, reduction, weighted }, rng): Passes => {
    const leaves = Object.fromEntries(
      Object.entries(pair.inputs(rng, m, n, own)).map(([name, x]) => [name, leaf(x)] as const),
    )
    const given = { ...leaves, ...pair.constants?.(rng, m, n, own) }
    const turned = Object.fromEntries(
      Object.entries(given).map(
        ([name, x]) => [name, layout === 'columns' && x.rank === 2 ? (x.transpose() as Tensor) : x] as const,
      ),
    )
    const shape = pair.ofElements ? [m, n] : [m]
    const weight = weighted ? weights(rng, shape) : undefined
    const J = pair.automatic(turned, { reduction, layout, ...(weight && { weight }) }, own)
    const cotangent = normal(rng, J.shape)
    const automatic = differentiate(leaves, { J }, { J: cotangent })

    const arrays = Object.fromEntries(Object.entries(given).map(([name, x]) => [name, toArray(x)] as const))
    const count = pair.ofElements ? m * n : m
    const scale = reduction === 'mean' ? 1 / count : 1
    const factors = Array.from({ length: count }, (_, i) => scale * Number(weight?.data()[i] ?? 1))
    const dlosses = manual.numericArray(
      shape,
      factors.map((factor, i) => factor * cotangent.data()[reduction === 'none' ? i : 0]!),
    )
    const largest = Math.max(...dlosses.data.map(Math.abs))
    return {
      automatic,
      manual: {
        J: reduced(reduction, J.shape, factors, pair.forward(arrays, own).data),
        ...pair.backward(arrays, dlosses, own),
      },
      // Distances, cosines and probabilities are sums of numbers of size 1, and their derivatives differences of such.
      terms: {
        J: factors.reduce((sum, factor) => sum + factor, 0),
        ...Object.fromEntries(Object.keys(leaves).map(name => [`d${name}`, largest])),
      },
    }
  })
}

/** Class indices as rows of zeros with a 1. */
export function oneHotRows(classes: Tensor, count: number, layout: Layout): Tensor {
  const rows = Array.from(classes.data(), index =>
    Array.from({ length: count }, (_, k) => Number(k === index)),
  )
  const found: Tensor = tensor(rows, { dtype: 'float64' })
  return layout === 'rows' ? found : (found.transpose() as Tensor)
}
