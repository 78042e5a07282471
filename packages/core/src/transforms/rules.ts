/**
 * What each kind of primitive means for each transform. The rows are kinds, not ops: an op never appears here. Rules are
 * written with ops, so they can be differentiated again, in either direction, any number of times.
 */

import { apply } from '../graph/apply.ts'
import { recording } from '../graph/record.ts'
import { withoutStandIns } from '../graph/standIns.ts'
import { add } from '../ops/add.ts'
import { cast } from '../ops/cast.ts'
import { equal } from '../ops/equal.ts'
import { expand, sumTo } from '../ops/expand.ts'
import { mul } from '../ops/mul.ts'
import { neg } from '../ops/neg.ts'
import { notEqual } from '../ops/notEqual.ts'
import { reshape } from '../ops/reshape.ts'
import { sum } from '../ops/sum.ts'
import { weigh } from '../ops/weigh.ts'
import { where } from '../ops/where.ts'
import type {
  BatchRule,
  Call,
  Derivative,
  KnownPrimitive,
  ReductionAttributes,
  ReductionPrimitive,
} from '../primitive/primitive.ts'
import { reducedShape, shiftAxes } from '../primitive/reduction.ts'
import { expectFunction } from '../shape/arguments.ts'
import { NotDifferentiableError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { expectSynchronous } from '../shape/synchronous.ts'
import { scalar, zerosLike } from '../tensor/create.ts'
import type { Primitive } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'

type Kind = KnownPrimitive['kind']
type OfKind<K extends Kind> = Extract<KnownPrimitive, { kind: K }>

/** Whether a cotangent of exactly 0 contributes 0 whatever the local derivative; see `strictNaN`. */
export const products = {
  strict: false,
}

/**
 * Runs `body` with IEEE products in gradient rules: 0 times infinity is NaN there, as it is in most other frameworks.
 * Outside of it a cotangent that is exactly 0 contributes 0.
 */
export function strictNaN<Result>(body: () => Result): Result {
  expectFunction('strictNaN', body)
  const previous = products.strict
  products.strict = true
  try {
    return expectSynchronous('strictNaN', body())
  } finally {
    products.strict = previous
  }
}

/** A tangent or cotangent times a local derivative. `undefined` is an exact zero that nobody computed. */
function times(v: Tensor, derivative: number | Tensor): Tensor | undefined {
  if (typeof derivative === 'number') {
    if (derivative === 0) return undefined
    return derivative === 1 ? v : derivative === -1 ? neg(v) : mul(v, derivative)
  }
  return products.strict ? mul(v, derivative) : weigh(v, derivative)
}

/**
 * A tangent times a local derivative. What makes a cotangent exactly 0 backward is, forward, a derivative that is exactly
 * 0 on the way out: it lets nothing through either, also not an infinite tangent. Only a product that is no number is
 * replaced: elsewhere the product stays connected to both factors, for its own derivatives.
 */
function carried(tangent: Tensor, derivative: number | Tensor): Tensor | undefined {
  const product = times(tangent, derivative)
  if (product === undefined || typeof derivative === 'number' || products.strict) return product
  const isIdle = mul(equal(derivative, 0), notEqual(product, product))
  return where(isIdle, scalar(0, product.dtype), product)
}

function evaluate(derivative: Derivative, call: Call): number | Tensor {
  return typeof derivative === 'number' ? derivative : derivative(inDTypeOfOutput(call))
}

/**
 * The call with every number in the dtype that the op computed in: of x / n with x float64 and n int32, 1 / n by itself would
 * be float32. Truth values stay what they are.
 */
function inDTypeOfOutput(call: Call): Call {
  const { dtype } = call.output
  // A loop, as this runs for every op of every walk, and nearly always finds nothing to do.
  const { inputs } = call
  for (let i = 0; i < inputs.length; i++) {
    const other = inputs[i]!.dtype
    if (other === dtype || other === 'bool') continue
    return { ...call, inputs: inputs.map(x => (x.dtype === 'bool' ? x : cast(x, dtype))) }
  }
  return call
}

/** The cotangent of input `index`, perhaps in a broadcast shape; `undefined` for zero. */
type VjpRule<K extends Kind> = (
  primitive: OfKind<K>,
  call: Call,
  cotangent: Tensor,
  index: number,
) => Tensor | undefined

const VJP: { readonly [K in Kind]: VjpRule<K> } = {
  elementwise: ({ derivatives }, call, cotangent, index) =>
    times(cotangent, evaluate(derivatives[index]!, call)),
  linear: ({ transposeFor }, call, cotangent, index) => transposeFor(index)?.(cotangent, call, index),
  movement: ({ transpose }, call, cotangent, index) => transpose(cotangent, call, index),
  bilinear: ({ adjoints }, call, cotangent, index) =>
    (index === 0 ? adjoints.left : adjoints.right)(cotangent, call),
  reduction: (primitive, call, cotangent) => {
    const derivative = reductionDerivative(primitive, call)
    const shape = call.inputs[0]!.shape as readonly number[]
    if (typeof derivative !== 'number') return times(expand(withAxes(cotangent, call), shape), derivative)
    // One factor for all elements is cheaper to multiply with before the cotangent is repeated.
    const scaled = times(cotangent, derivative)
    return scaled && expand(withAxes(scaled, call), shape)
  },
  general: ({ vjp }, call, cotangent, index) => vjp(cotangent, call, index),
  nonDifferentiable: refuse,
}

/** The tangent of the output; `null` tangents are zeros, and at least one is not. `undefined` for zero. */
type JvpRule<K extends Kind> = (
  primitive: OfKind<K>,
  call: Call,
  tangents: readonly (Tensor | null)[],
) => Tensor | undefined

const JVP: { readonly [K in Kind]: JvpRule<K> } = {
  elementwise: ({ derivatives }, call, tangents) =>
    total(
      call.inputs.map((_, i) =>
        tangents[i] ? carried(tangents[i], evaluate(derivatives[i]!, call)) : undefined,
      ),
    ),
  linear: (primitive, call, tangents) => {
    // Linear in some inputs with the others held: the op itself, applied to the tangents.
    const inputs = call.inputs.map((x, i) =>
      primitive.transposeFor(i) === null ? x : (tangents[i] ?? zerosLike(x)),
    )
    return again(primitive, inputs, call)
  },
  movement: (primitive, call, tangents) => again(primitive, [tangents[0]!], call),
  bilinear: (primitive, call, [left, right]) => {
    const [x, y] = call.inputs
    return total([
      left ? again(primitive, [left, y!], call) : undefined,
      right ? again(primitive, [x!, right], call) : undefined,
    ])
  },
  reduction: (primitive, call, [tangent]) => {
    const { axes, keepDims } = call.attributes as ReductionAttributes
    const weighted = carried(tangent!, reductionDerivative(primitive, call))
    return weighted && sum(weighted, axes, { keepDims })
  },
  general: ({ jvp }, call, tangents) => jvp(tangents, call),
  nonDifferentiable: refuse,
}

/** How one call does the work of many; `undefined` when it has to be made once for each example. */
type BatchRow<K extends Kind> = (primitive: OfKind<K>) => BatchRule | undefined

const declared = ({ batch }: { readonly batch?: BatchRule }): BatchRule | undefined => batch

const BATCH: { readonly [K in Kind]: BatchRow<K> } = {
  elementwise: () => 'leading',
  linear: declared,
  movement: declared,
  bilinear: declared,
  reduction: () => shiftAxes,
  general: declared,
  nonDifferentiable: declared,
}

/** The batch rule of a primitive, see {@link BatchRule}. */
export function batchRuleOf(primitive: Primitive): BatchRule | undefined {
  const known = primitive as KnownPrimitive
  return (BATCH[known.kind] as BatchRow<Kind>)(known)
}

/**
 * The cotangent of one input of a recorded call, in the shape and dtype of that input; `undefined` for zero. What every
 * rule would have to do is done here, once: summing over repeated axes and going back to the input's dtype.
 */
export function vjpOf(
  primitive: Primitive,
  call: Call,
  cotangent: Tensor,
  index: number,
): Tensor | undefined {
  const known = primitive as KnownPrimitive
  const rule = VJP[known.kind] as VjpRule<Kind>
  const result =
    recording.standIns === undefined
      ? rule(known, call, cotangent, index)
      : aside(rule, known, call, cotangent, index)
  if (result === undefined) return undefined
  const input = call.inputs[index]!
  const summed = sameShape(result.shape, input.shape) ? result : sumTo(result, input.shape)
  return summed.dtype === input.dtype ? summed : cast(summed, input.dtype)
}

/** By itself, for what a closure captures is put aside whenever the function around it is entered. */
function aside<K extends Kind>(rule: VjpRule<K>, ...args: Parameters<VjpRule<K>>): ReturnType<VjpRule<K>> {
  return withoutStandIns(() => rule(...args))
}

/** The tangent of the output of a call, in its shape and dtype; `undefined` for zero. */
export function jvpOf(
  primitive: Primitive,
  call: Call,
  tangents: readonly (Tensor | null)[],
): Tensor | undefined {
  const known = primitive as KnownPrimitive
  const rule = JVP[known.kind] as JvpRule<Kind>
  const result = withoutStandIns(() => rule(known, call, tangents))
  if (result === undefined) return undefined
  const shape = call.output.shape as readonly number[]
  const full = sameShape(result.shape, shape) ? result : expand(result, shape)
  return full.dtype === call.output.dtype ? full : cast(full, call.output.dtype)
}

/** A reduction's result, or its cotangent, in a shape that broadcasts against the input. */
function withAxes(reduced: Tensor, { inputs, attributes }: Call): Tensor {
  const { axes, keepDims } = attributes as ReductionAttributes
  return keepDims || reduced.rank === 0
    ? reduced
    : reshape(reduced, reducedShape(inputs[0]!.shape, axes, true))
}

function reductionDerivative({ derivative }: ReductionPrimitive, call: Call): number | Tensor {
  if (typeof derivative === 'number') return derivative
  const attributes = call.attributes as ReductionAttributes
  return derivative(call.inputs[0]!, withAxes(call.output, call), attributes.axes, attributes)
}

function total(terms: readonly (Tensor | undefined)[]): Tensor | undefined {
  return terms.reduce((all, term) => (all && term ? add(all, term) : (all ?? term)), undefined)
}

function again(primitive: KnownPrimitive, inputs: readonly Tensor[], call: Call): Tensor {
  return apply(primitive, inputs, call.attributes)
}

function refuse(primitive: { readonly name: string; readonly reason: string }): never {
  throw new NotDifferentiableError(primitive.name, `has no derivative: ${primitive.reason}.`)
}
