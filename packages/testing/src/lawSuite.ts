/** The laws of differentiation that every primitive obeys, whatever it computes. */

import {
  apply,
  formatShape,
  type KnownPrimitive,
  type ReductionAttributes,
  type ResultType,
  runUnrecorded,
  sameShape,
  TracedTensor,
  vjpOf,
} from '@adjoint/core/engine'
import {
  type Attributes,
  type DType,
  DTypeError,
  gradients,
  mul,
  NotDifferentiableError,
  noGrad,
  normal,
  type Rng,
  ShapeError,
  stack,
  Tensor,
  tensor,
  vjp,
  vmap,
  zeros,
} from '@adjoint/core/functional'
import { slopeAtZero } from './differenceQuotient.ts'
import { absoluteDifference, flatDistance, largest, ulpDistance } from './distance.ts'
import {
  alongDirection,
  cancelled,
  dot,
  dotAll,
  type GradientProblem,
  gradientProblem,
  type LeafValues,
  pullBack,
  pushForwardAlong,
  sizeAll,
  sizeOfDot,
  tensorLike,
  valuesOf,
} from './gradientProblem.ts'
import { copied, type LawCall } from './lawCall.ts'
import { inLayout } from './layouts.ts'

/** One law. */
export interface Law {
  /** Short name, e.g. `'adjoint'`. */
  readonly name: string
  /** What holds, in one sentence. */
  readonly statement: string
  readonly appliesTo: (primitive: KnownPrimitive) => boolean
  /** What is broken by this call, `undefined` when the law holds. */
  readonly breach: (call: LawCall) => string | undefined
}

const everything = (): boolean => true
const isDifferentiable = (primitive: KnownPrimitive): boolean => primitive.kind !== 'nonDifferentiable'

/** Those that are made for one call, out of other ops, have none; the ops of core all do. */
const hasShapeRule = (primitive: KnownPrimitive): boolean => primitive.result !== undefined

/** Forward results of two memory layouts may differ by the order of a sum. */
const ROUNDING = 1e-12
/** ⟨u, Jv⟩ and ⟨Jᵀu, v⟩ are the same sum, ordered differently. */
const ADJOINT = 1e-11
/** Of an extrapolated difference quotient, relative to the terms of the derivative. */
const QUOTIENT = 1e-6
/** Units in the last place of float32 that a float32 result may be away from the rounded float64 one. */
const FLOAT32_ULP = 2

export const LAWS: readonly Law[] = [
  {
    name: 'pure',
    statement: 'the same inputs give the same bits, and no input is written to',
    appliesTo: everything,
    breach: ({ primitive, inputs, attributes }) => {
      const before = inputs.map(valuesOf)
      const first = valuesOf(primitive.forward(inputs, attributes))
      const second = valuesOf(primitive.forward(inputs, attributes))
      const written = inputs.findIndex((x, i) => !sameBits(valuesOf(x), before[i]!))
      if (written >= 0) return `forward wrote to input ${written}`
      return sameBits(first, second) ? undefined : 'two runs gave different results'
    },
  },
  {
    name: 'shape',
    statement:
      'the result has the shape that the kind predicts: broadcast (elementwise), reduced (reduction)',
    appliesTo: everything,
    breach: ({ primitive, inputs, attributes }) => {
      const result = primitive.forward(inputs, attributes)
      const size = result.shape.reduce<number>((product, length) => product * length, 1)
      if (size !== result.size)
        return `shape ${formatShape(result.shape)} has ${size} elements, size says ${result.size}`
      const predicted = predictedShape(primitive, inputs, attributes)
      if (predicted === undefined || sameShape(result.shape, predicted)) return undefined
      return `shape ${formatShape(result.shape)} where ${formatShape(predicted)} is predicted`
    },
  },
  {
    name: 'shape rule',
    statement: 'from shapes and dtypes alone, the shape rule says what the result of forward is',
    appliesTo: hasShapeRule,
    breach: ({ primitive, inputs, views, attributes }) => {
      const narrow = inputs.map(x => (x.dtype === 'float64' ? inDType(x, 'float32') : x))
      const mixed = inputs.map((x, i) => (i === 0 ? narrow[0]! : x))
      return firstBreach([inputs, views, narrow, mixed], given => ruleBreach(primitive, given, attributes))
    },
  },
  {
    name: 'shape rule of wrong calls',
    statement:
      'for operands of other sizes and dtypes the shape rule and forward agree too: on the result, or on the words of the refusal',
    appliesTo: hasShapeRule,
    breach: ({ primitive, inputs, attributes }) =>
      firstBreach(mistakenInputs(inputs), given => ruleBreach(primitive, given, attributes)),
  },
  {
    name: 'views',
    statement: 'permuted, flipped, strided and repeated memory gives the same result as a compact copy',
    appliesTo: everything,
    breach: ({ primitive, inputs, views, attributes }) =>
      different('result', primitive.forward(views, attributes), primitive.forward(inputs, attributes)),
  },
  {
    name: 'float32',
    statement: `in float32 the result is the float64 one, rounded, within ${FLOAT32_ULP} units in the last place`,
    appliesTo: everything,
    breach: ({ primitive, inputs, attributes }) => {
      const single = inputs.map(x => (x.dtype === 'float64' ? inDType(x, 'float32') : x))
      const double = single.map(x => (x.dtype === 'float32' ? inDType(x, 'float64') : x))
      const narrow = primitive.forward(single, attributes)
      const wide = primitive.forward(double, attributes)
      if (!sameShape(narrow.shape, wide.shape))
        return `shape ${formatShape(narrow.shape)} in float32, ${formatShape(wide.shape)} in float64`
      // A linear op may add float32 numbers that cancel: then the size of what it added counts.
      const added = isLinear(primitive)
        ? FLOAT32_ULP * 2 ** -22 * Math.max(0, ...single.map(x => largest(valuesOf(x))))
        : 0
      const [left, right] = [valuesOf(narrow), valuesOf(wide)]
      const worst = left.findIndex(
        (value, i) =>
          ulpDistance(value, right[i]!, narrow.dtype) > FLOAT32_ULP && Math.abs(value - right[i]!) > added,
      )
      return worst < 0
        ? undefined
        : `entry ${worst} is ${left[worst]} in float32 and ${right[worst]} in float64`
    },
  },
  {
    name: 'recorded',
    statement: 'a call is recorded when, and only when, an input requires gradients',
    appliesTo: isDifferentiable,
    breach: call => {
      const { primitive, inputs, attributes } = call
      if (apply(primitive, inputs, attributes).requiresGrad)
        return 'recorded although no input requires gradients'
      if (call.wanted.length === 0) return undefined
      const { output } = recordedCall(call, inputs)
      return output.node?.primitive === primitive
        ? undefined
        : 'not recorded although an input requires gradients'
    },
  },
  {
    name: 'jvp',
    statement: 'the forward-mode derivative agrees with a difference quotient in float64',
    appliesTo: isDifferentiable,
    breach: call => onProblem(call, quotientBreach),
  },
  {
    name: 'adjoint',
    statement: '⟨u, J v⟩ = ⟨Jᵀ u, v⟩ to rounding',
    appliesTo: isDifferentiable,
    breach: call => onProblem(call, adjointBreach),
  },
  {
    name: 'jvp of the gradient',
    statement: 'the forward-mode derivative of the gradient agrees with a difference quotient',
    appliesTo: isDifferentiable,
    breach: call => onGradient(call, quotientBreach),
  },
  {
    name: 'adjoint of the gradient',
    statement: 'forward over reverse and reverse over reverse are adjoint to each other',
    appliesTo: isDifferentiable,
    breach: call => onGradient(call, adjointBreach),
  },
  {
    name: 'gradient form',
    statement:
      'every gradient has the shape and the dtype of its input, also of a repeated one, also in mixed precision',
    appliesTo: isDifferentiable,
    breach: call => {
      for (const narrow of [undefined, ...call.wanted]) {
        const mixed = call.inputs.map((x, i) => (i === narrow ? inDType(x, 'float32') : x))
        const { found, inputs } = differentiate(call, mixed)
        for (const [k, i] of call.wanted.entries()) {
          const [have, want] = [formOf(found[k]!), formOf(inputs[i]!)]
          if (have !== want) return `the gradient of input ${i} is ${have}, the input ${want}`
        }
      }
      return undefined
    },
  },
  {
    name: 'views of the gradient',
    statement: 'inputs and cotangents in any memory layout give the same gradient as compact copies',
    appliesTo: isDifferentiable,
    breach: call => {
      const compact = differentiate(call, call.inputs)
      const strided = differentiate(call, call.views, cotangent => inLayout(cotangent, 'permuted'))
      const flipped = differentiate(call, call.views, cotangent => inLayout(cotangent, 'flipped'))
      return firstOf(call.wanted, (i, k) => {
        const [want, first, second] = [compact.found[k]!, strided.found[k]!, flipped.found[k]!]
        return (
          different(`gradient of input ${i}`, first, want) ??
          different(`gradient of input ${i}`, second, want)
        )
      })
    },
  },
  {
    name: 'zero cotangent',
    statement: 'a cotangent of zeros gives a gradient of exact zeros',
    appliesTo: isDifferentiable,
    breach: call => {
      const { found } = differentiate(call, call.inputs, cotangent => filledLike(cotangent, 0))
      return firstOf(call.wanted, (i, k) => {
        const value = valuesOf(found[k]!).find(entry => entry !== 0)
        return value === undefined ? undefined : `the gradient of input ${i} contains ${value}`
      })
    },
  },
  {
    name: 'doubled cotangent',
    statement:
      'the gradient is linear in the cotangent: twice the cotangent gives exactly twice the gradient',
    appliesTo: isDifferentiable,
    breach: call => {
      const once = differentiate(call, call.inputs)
      const twice = differentiate(call, call.inputs, cotangent =>
        tensorLike(
          cotangent,
          valuesOf(cotangent).map(value => 2 * value),
        ),
      )
      return firstOf(call.wanted, (i, k) => {
        const doubled = valuesOf(once.found[k]!).map(value => 2 * value)
        const isTwice = sameBits(doubled, valuesOf(twice.found[k]!))
        return isTwice ? undefined : `the gradient of input ${i} is not doubled`
      })
    },
  },
  {
    name: 'NaN cotangent',
    statement: 'a cotangent of NaN is not swallowed: every entry that counts gets NaN',
    appliesTo: primitive =>
      (primitive.kind === 'elementwise' && primitive.derivatives.every(derivative => derivative !== 0)) ||
      (primitive.kind === 'reduction' && primitive.derivative !== 0),
    breach: call => {
      const { found, output } = differentiate(call, call.inputs, cotangent =>
        filledLike(cotangent, Number.NaN),
      )
      if (output.size === 0) return undefined
      return firstOf(call.wanted, (i, k) => {
        const value = valuesOf(found[k]!).find(entry => !Number.isNaN(entry))
        return value === undefined ? undefined : `the gradient of input ${i} contains ${value}`
      })
    },
  },
  {
    name: 'vmap',
    statement: 'vmap gives what a loop over the examples gives',
    appliesTo: everything,
    breach: call => {
      const { inputs, batched, rows } = examplesOf(call)
      const run = (...values: Tensor[]): Tensor => callPrimitive(call, values)
      const together = vmap(run, { inAxes: batched })(...inputs)
      const each = stack(rows.map(row => run(...row)))
      return different('result', together, each)
    },
  },
  {
    name: 'vmap of the gradient',
    statement: 'vmap of a gradient gives the gradient of each example',
    appliesTo: isDifferentiable,
    breach: call => {
      if (call.wanted.length === 0) return undefined
      const { inputs, batched, rows } = examplesOf(call)
      const cotangent = tensorLike(
        callPrimitive(call, rows[0]!),
        normals(callPrimitive(call, rows[0]!).size, call.rng()),
      )
      const gradientsAt = (...values: Tensor[]): Tensor[] => {
        const run = (leaves: Tensor[]): Tensor => callPrimitive(call, withLeaves(values, call.wanted, leaves))
        return vjp(
          run,
          call.wanted.map(i => values[i]!),
        ).pullback(cotangent)
      }
      const together = vmap(gradientsAt, { inAxes: batched })(...inputs)
      const each = rows.map(row => gradientsAt(...row))
      return firstOf(call.wanted, (i, k) =>
        different(`gradient of input ${i}`, together[k]!, stack(each.map(found => found[k]!))),
      )
    },
  },
  {
    name: 'keeps',
    statement: 'the gradient rule reads no values beyond those that `keeps` declares',
    appliesTo: primitive => isDifferentiable(primitive) && primitive.keeps !== 'both',
    breach: keepsBreach,
  },
  {
    name: 'refuses',
    statement: 'a derivative of a primitive without one is refused, with its reason',
    appliesTo: primitive => primitive.kind === 'nonDifferentiable',
    breach: ({ primitive, inputs, attributes }) => {
      if (primitive.kind !== 'nonDifferentiable') return undefined
      const at = inputs.findIndex(x => x.dtype === 'float64')
      if (at < 0) return undefined
      const traced = inputs.map((x, i) => (i === at ? requiring(x) : x))
      const output = apply(primitive, traced, attributes)
      try {
        gradients(output, [traced[at]!], { cotangent: filledLike(output, 1) })
      } catch (error) {
        const explains = error instanceof NotDifferentiableError && error.message.includes(primitive.reason)
        return explains
          ? undefined
          : `threw ${String(error)} instead of a NotDifferentiableError with the reason`
      }
      return 'a gradient came back'
    },
  },
]

/** The laws that a primitive must obey. */
export function lawsOf(primitive: KnownPrimitive): readonly Law[] {
  return LAWS.filter(law => law.appliesTo(primitive))
}

/** How the shape rule of a call, on tensors that have no values, and forward differ. */
function ruleBreach(
  primitive: KnownPrimitive,
  inputs: readonly Tensor[],
  attributes: Attributes,
): string | undefined {
  const withoutValues = inputs.map(x => new TracedTensor(x.shape, x.dtype))
  const said = typeOrError(() => primitive.result!(withoutValues, attributes))
  const found = typeOrError(() => primitive.forward(inputs, attributes))
  if (said.text === found.text || found.isAboutValues) return undefined
  return `for ${inputs.map(formOf).join(', ')} the rule says: ${said.text}; forward: ${found.text}`
}

/** What forward finds wrong with the values says nothing about the shape rule. */
function typeOrError(call: () => ResultType): { readonly text: string; readonly isAboutValues: boolean } {
  try {
    return { text: formOf(call()), isAboutValues: false }
  } catch (error) {
    const isAboutValues = !(error instanceof ShapeError || error instanceof DTypeError)
    return { text: String(error), isAboutValues }
  }
}

/** The inputs of a call with one mistake each: of another dtype, with an axis more, or another size along one. */
function mistakenInputs(inputs: readonly Tensor[]): Tensor[][] {
  return inputs.flatMap((x, i) => {
    const shape = x.shape as readonly number[]
    const others = (['float32', 'int32', 'bool'] as const).map(dtype => blank(shape, dtype))
    const wider = blank([2, ...shape], x.dtype)
    const longer = shape.map((_, axis) =>
      blank(
        shape.map((size, k) => (k === axis ? size + 1 : size)),
        x.dtype,
      ),
    )
    return [...others, wider, ...longer].map(wrong => inputs.map((input, k) => (k === i ? wrong : input)))
  })
}

function blank(shape: readonly number[], dtype: DType): Tensor {
  return zeros(shape, { dtype })
}

/** The shape of the result, where the kind alone determines it. */
function predictedShape(
  primitive: KnownPrimitive,
  inputs: readonly Tensor[],
  attributes: Attributes,
): readonly number[] | undefined {
  if (primitive.kind === 'elementwise') {
    const rank = Math.max(0, ...inputs.map(x => x.rank))
    return Array.from({ length: rank }, (_, axis) => {
      const sizes = inputs.map(x => (x.shape as readonly number[])[axis - rank + x.rank] ?? 1)
      return sizes.find(size => size !== 1) ?? 1
    })
  }
  if (primitive.kind === 'reduction') {
    const { axes, keepDims } = attributes as ReductionAttributes
    const shape = inputs[0]!.shape as readonly number[]
    return shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]))
  }
  return undefined
}

function isLinear({ kind }: KnownPrimitive): boolean {
  return kind === 'linear' || kind === 'movement' || kind === 'bilinear'
}

/** How many examples the laws of vmap map over. */
const EXAMPLES = 3

/** A batch of calls: some inputs differ from example to example, the others are shared. */
function examplesOf(call: LawCall): {
  inputs: Tensor[]
  batched: (0 | null)[]
  rows: Tensor[][]
} {
  const rng = call.rng()
  const batched = call.inputs.map(() => (rng.next() < 0.7 ? 0 : null))
  if (batched.length > 0 && !batched.includes(0)) batched[0] = 0
  // Smaller numbers stay in the domain of every op that has one around 0 or above it.
  const at = (x: Tensor, example: number): Tensor => (x.dtype === 'float64' ? mul(x, 1 - example / 8) : x)
  const rows = Array.from({ length: EXAMPLES }, (_, example) =>
    call.inputs.map((x, i) => (batched[i] === null ? x : at(x, example))),
  )
  const inputs = call.inputs.map((x, i) => (batched[i] === null ? x : stack(rows.map(row => row[i]!))))
  return { inputs, batched, rows }
}

function callPrimitive({ primitive, attributes }: LawCall, inputs: readonly Tensor[]): Tensor {
  return (isDifferentiable(primitive) ? apply : runUnrecorded)(primitive, inputs, attributes)
}

function withLeaves(
  values: readonly Tensor[],
  wanted: readonly number[],
  leaves: readonly Tensor[],
): Tensor[] {
  const all = [...values]
  wanted.forEach((at, i) => {
    all[at] = leaves[i]!
  })
  return all
}

/** The call as a function of its wanted inputs. */
function problemOf({ primitive, inputs, attributes, wanted }: LawCall): GradientProblem {
  return {
    call: leaves => apply(primitive, withLeaves(inputs, wanted, leaves), attributes),
    leaves: wanted.map(i => inputs[i]!),
    paths: wanted.map(i => String(i)),
    order: 1,
    precision: 'float64',
  }
}

type Breach = (problem: GradientProblem, output: Tensor, rng: Rng) => string | undefined

function onProblem(call: LawCall, breach: Breach): string | undefined {
  if (call.wanted.length === 0) return undefined
  const problem = problemOf(call)
  return breach(
    problem,
    noGrad(() => problem.call(problem.leaves)),
    call.rng(),
  )
}

function onGradient(call: LawCall, breach: Breach): string | undefined {
  if (call.wanted.length === 0) return undefined
  const rng = call.rng()
  const problem = problemOf(call)
  const output = noGrad(() => problem.call(problem.leaves))
  const second = gradientProblem(problem, tensorLike(output, normals(output.size, rng)))
  return breach(
    second,
    noGrad(() => second.call(second.leaves)),
    rng,
  )
}

function quotientBreach(problem: GradientProblem, output: Tensor, rng: Rng): string | undefined {
  // Of no elements, some reductions are -infinity or NaN: there is nothing to take differences of.
  if (valuesOf(output).some(value => !Number.isFinite(value))) return undefined
  const u = normals(output.size, rng)
  const v = directions(problem, rng)
  const line = alongDirection(problem, u, v)
  const slope = slopeAtZero(line.phi, line)
  const tangent = pushForwardAlong(problem, v)
  const got = dot(u, tangent)
  const scale = Math.max(sizeOfDot(u, tangent), Math.abs(slope.value))
  const allowed = QUOTIENT * scale + Math.min(10 * slope.error, 1e-4 * scale + 1e-8 * line.magnitude)
  if (Math.abs(got - slope.value) <= allowed) return undefined
  return `the derivative is ${got}, the difference quotient ${slope.value}`
}

function adjointBreach(problem: GradientProblem, output: Tensor, rng: Rng): string | undefined {
  const u = normals(output.size, rng)
  const v = directions(problem, rng)
  const tangent = pushForwardAlong(problem, v)
  const gradient = pullBack(problem, tensorLike(output, u))
  const [forward, reverse] = [dot(u, tangent), dotAll(gradient, v)]
  const allowed = ADJOINT * (sizeOfDot(u, tangent) + sizeAll(gradient, v)) + 64 * cancelled(u, v)
  if (Math.abs(forward - reverse) <= allowed) return undefined
  return `⟨u, J v⟩ is ${forward}, ⟨Jᵀ u, v⟩ is ${reverse}`
}

/** Runs the gradient rule once as recorded and once with everything undeclared replaced. */
function keepsBreach(call: LawCall): string | undefined {
  if (call.wanted.length === 0) return undefined
  const { primitive, attributes } = call
  const { inputs, output } = recordedCall(call, call.inputs)
  const cotangent = tensorLike(output, normals(output.size, call.rng()))
  const keepsInputs = primitive.keeps === 'inputs'
  const keepsOutput = primitive.keeps === 'output'
  const poisonedInputs = keepsInputs ? inputs : inputs.map(poisoned)
  const poisonedOutput = keepsOutput ? output : poisoned(output)
  poisonedOutput.node = output.node
  const [held, lost] = noGrad(() =>
    [
      { inputs, output, attributes },
      { inputs: poisonedInputs, output: poisonedOutput, attributes },
    ].map(recorded => call.wanted.map(i => tryValues(() => vjpOf(primitive, recorded, cotangent, i)))),
  )
  return firstOf(call.wanted, (i, k) => {
    const [before, after] = [held![k]!, lost![k]!]
    if (typeof after === 'string' || typeof before === 'string') {
      return before === after
        ? undefined
        : `the gradient of input ${i} reads values that are not kept: ${after}`
    }
    if (sameBits(before, after)) return undefined
    const undeclared = keepsInputs ? 'the output' : keepsOutput ? 'the inputs' : 'the inputs or the output'
    return `keeps is '${primitive.keeps}', but the gradient of input ${i} changes with the values of ${undeclared}`
  })
}

/** The numbers of a gradient (none for a zero that nobody computed), or the message of what it threw. */
function tryValues(compute: () => Tensor | undefined): Float64Array | string {
  try {
    const result = compute()
    return result === undefined ? new Float64Array(0) : valuesOf(result)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Gradients of the wanted inputs of a recorded call. */
function differentiate(
  call: LawCall,
  values: readonly Tensor[],
  change: (cotangent: Tensor) => Tensor = cotangent => cotangent,
): { readonly found: readonly Tensor[]; readonly inputs: readonly Tensor[]; readonly output: Tensor } {
  const { inputs, output } = recordedCall(call, values)
  if (call.wanted.length === 0) return { found: [], inputs, output }
  const cotangent = change(tensorLike(output, normals(output.size, call.rng())))
  const targets = call.wanted.map(i => inputs[i]!)
  return { found: gradients(output, targets, { cotangent }), inputs, output }
}

/** The call on fresh tensors, of which the wanted ones require gradients. */
function recordedCall(
  { primitive, attributes, wanted }: LawCall,
  values: readonly Tensor[],
): { readonly inputs: readonly Tensor[]; readonly output: Tensor } {
  const inputs = values.map((x, i) => (wanted.includes(i) ? requiring(x) : x))
  return { inputs, output: apply(primitive, inputs, attributes) }
}

function requiring(x: Tensor): Tensor {
  const fresh = new Tensor(
    x.shape as readonly number[],
    x.dtype,
    x.storage,
    x.offset,
    x.strides,
    x.size,
    x.contiguous,
  )
  fresh.requiresGrad = true
  return fresh
}

/** NaN in place of all values; for integers, other values of the same range. */
function poisoned(x: Tensor): Tensor {
  const copy = copied(x)
  for (let i = 0; i < copy.size; i++) {
    const at = copy.offset + i
    copy.storage[at] =
      x.dtype === 'float64' || x.dtype === 'float32' ? Number.NaN : copy.storage[at] === 0 ? 1 : 0
  }
  copy.requiresGrad = x.requiresGrad
  return copy
}

function filledLike(x: Tensor, value: number): Tensor {
  return tensorLike(x, new Float64Array(x.size).fill(value))
}

function inDType(x: Tensor, dtype: 'float32' | 'float64'): Tensor {
  return tensor(x.data(), { shape: x.shape as readonly number[], dtype })
}

function formOf({ shape, dtype }: ResultType): string {
  return `${formatShape(shape)} ${dtype}`
}

function normals(length: number, rng: Rng): Float64Array {
  return Float64Array.from(normal(rng, [length], { dtype: 'float64' }).data())
}

/** Steps in proportion to the entries, so that they stay in the domain. */
function directions(problem: GradientProblem, rng: Rng): LeafValues {
  return problem.leaves.map(leaf => {
    const random = normals(leaf.size, rng)
    return valuesOf(leaf).map((value, i) => random[i]! * Math.max(Math.abs(value), 0.1))
  })
}

function sameBits(left: Float64Array, right: Float64Array): boolean {
  return left.length === right.length && left.every((value, i) => absoluteDifference(value, right[i]!) === 0)
}

function different(what: string, have: Tensor, want: Tensor): string | undefined {
  if (!sameShape(have.shape, want.shape) || have.dtype !== want.dtype) {
    return `${what} is ${formOf(have)} for views and ${formOf(want)} for compact copies`
  }
  const [left, right] = [valuesOf(have), valuesOf(want)]
  const { maxRel, worst } = flatDistance(left, right, 'float64')
  return maxRel <= ROUNDING
    ? undefined
    : `entry ${worst} of the ${what} is ${left[worst]} for views and ${right[worst]} for compact copies`
}

function firstBreach<T>(
  candidates: readonly T[],
  breach: (candidate: T) => string | undefined,
): string | undefined {
  for (const candidate of candidates) {
    const found = breach(candidate)
    if (found !== undefined) return found
  }
  return undefined
}

function firstOf(
  wanted: readonly number[],
  breach: (index: number, k: number) => string | undefined,
): string | undefined {
  for (const [k, index] of wanted.entries()) {
    const found = breach(index, k)
    if (found !== undefined) return found
  }
  return undefined
}
