/** Functions with a derivative of the user's own. */

import { apply } from '../graph/apply.ts'
import { isRecorded } from '../graph/interpret.ts'
import { recording } from '../graph/record.ts'
import { keepingStandIns } from '../graph/standIns.ts'
import { add } from '../ops/add.ts'
import { mul } from '../ops/mul.ts'
import { sum } from '../ops/sum.ts'
import { type Call, type GeneralPrimitive, NO_ATTRIBUTES, type Op } from '../primitive/primitive.ts'
import type { Sampler } from '../primitive/sample.ts'
import { ArgumentError, describe, formatShape, GraphError, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { isFloating } from '../storage/dtype.ts'
import { expectTensor, onesLike, zerosLike } from '../tensor/create.ts'
import type { Primitive } from '../tensor/node.ts'
import { Tensor } from '../tensor/tensor.ts'
import { Tracer } from '../tensor/tracer.ts'
import { checkRule } from './customCheck.ts'
import { grad } from './grad.ts'
import { oncePerCotangent } from './perCotangent.ts'
import { type RuleOwner, runOnConstants, runSealed } from './sealed.ts'

/** What a rule may look at: the arguments and the result of one call. */
export interface CustomCall<Inputs extends Tensor[]> {
  readonly inputs: Inputs
  readonly output: Tensor
}

/** What both kinds of custom functions have. */
interface CustomDeclaration<Inputs extends Tensor[]> {
  /** Name in messages and pictures of the graph. */
  readonly name: string
  /** The function. It is not differentiated, and may be anything that makes a tensor of tensors. */
  readonly forward: (...inputs: Inputs) => Tensor
  /**
   * The rule is not the derivative of `forward`, and is not meant to be: a straight-through estimate, a clipped gradient.
   * Default false: in development the first call compares the rule with a difference quotient.
   */
  readonly surrogate?: boolean
  /**
   * How one call does the work of a batch, for `vmap`: `'leading'` when `forward` takes further axes in front of every
   * input and broadcasts them. Default: `vmap` calls `forward` once for each example.
   */
  readonly batch?: 'leading'
  /** Draws calls for `checkLaws` of `@adjoint/testing`. */
  readonly sample?: Sampler
}

/** What is particular to a function with a backward rule, see {@link customVjp}. */
export interface CustomVjp<Inputs extends Tensor[]> extends CustomDeclaration<Inputs> {
  /**
   * The cotangents of the inputs, in order and in their shapes, from the cotangent of the result; `null` for zero. With a
   * single input, its cotangent alone will do.
   */
  readonly vjp: (cotangent: Tensor, call: CustomCall<Inputs>) => Tensor | readonly (Tensor | null)[]
  /** The tangent of the result, for forward mode. By default it follows from `vjp`, which is linear in the cotangent. */
  readonly jvp?: (tangents: Inputs, call: CustomCall<Inputs>) => Tensor
}

/** What is particular to a function with a forward rule, see {@link customJvp}. */
export interface CustomJvp<Inputs extends Tensor[]> extends CustomDeclaration<Inputs> {
  /** The tangent of the result, linear in the tangents of the inputs. */
  readonly jvp: (tangents: Inputs, call: CustomCall<Inputs>) => Tensor
}

/**
 * A function with a backward rule of your own. The rule is written with ops, so it is differentiated in its turn: higher
 * orders and forward mode follow from it. A rule that reads values or makes tensors of plain numbers of them cannot be
 * differentiated again; where that would be needed, it is an error, never a silent zero.
 *
 * In development the first call compares the rule with a difference quotient of `forward`.
 *
 * @example
 * ```ts
 * import { customVjp, grad, type Tensor, tensor } from '@adjoint/core'
 * // log(1 + e^x) with a derivative that does not overflow
 * const softplus = customVjp({
 *   name: 'softplus',
 *   forward: (x: Tensor) => x.exp().add(1).log(),
 *   vjp: (cotangent, { inputs: [x] }) => cotangent.mul(x.sigmoid()),
 * })
 * grad((x: Tensor) => softplus(x))(tensor(100)).item() // => 1
 * grad(grad((x: Tensor) => softplus(x)))(tensor(0)).item() // => 0.25
 * ```
 * @throws GraphError when `forward` uses a tensor that requires gradients and is no argument; when a rule that cannot be
 * differentiated again would have to be; when, in development, the rule is not the derivative of `forward`.
 * @throws ShapeError when the rule returns a cotangent of another shape than its input.
 */
export function customVjp<Inputs extends Tensor[]>(
  declaration: CustomVjp<Inputs>,
): Op<(...inputs: Inputs) => Tensor> {
  expectDeclaration('customVjp', declaration, 'vjp')
  return customOp(declaration, vjpPrimitive, declaration.jvp !== undefined)
}

function vjpPrimitive<Inputs extends Tensor[]>(declaration: CustomVjp<Inputs>): GeneralPrimitive {
  const { name, vjp, jvp } = declaration
  const cotangentsFor = oncePerCotangent((cotangent, call) =>
    runSealed(declaration, 'vjp', [cotangent, ...call.inputs, call.output], ([c, ...rest]) => {
      const inputs = rest.slice(0, -1) as unknown as Inputs
      return expectCotangents(name, call, vjp(c!, { inputs, output: rest[rest.length - 1]! }))
    }),
  )
  return {
    name,
    kind: 'general',
    keeps: 'both',
    vjp: (cotangent, call, index) => cotangentsFor(cotangent, call)[index] ?? undefined,
    jvp:
      jvp === undefined
        ? (tangents, call) =>
            // The rule is linear in the cotangent c: J v is the gradient of ⟨rule(c), v⟩ with respect to c, wherever c is.
            transposed(onesLike(call.output), c => total(cotangentsFor(c, call), tangents))
        : (tangents, call) => runJvp(declaration, jvp, tangents, call),
    ...(declaration.batch && { batch: declaration.batch }),
    sample: declaration.sample ?? missingSample(name),
    forward: runForward(name, declaration.forward),
  }
}

/**
 * A function with a forward rule of your own, from which reverse mode follows: the rule is linear in the tangents, so it
 * can be transposed. As with {@link customVjp}, it is written with ops, and higher orders follow.
 *
 * @example
 * ```ts
 * import { customJvp, grad, type Tensor, tensor } from '@adjoint/core'
 * const cube = customJvp({
 *   name: 'cube',
 *   forward: (x: Tensor) => x.mul(x).mul(x),
 *   jvp: ([tangent], { inputs: [x] }) => tangent.mul(x.square()).mul(3),
 * })
 * grad((x: Tensor) => cube(x))(tensor(2)).item() // => 12
 * grad(grad((x: Tensor) => cube(x)))(tensor(2)).item() // => 12
 * ```
 * @throws GraphError and ShapeError as {@link customVjp}.
 */
export function customJvp<Inputs extends Tensor[]>(
  declaration: CustomJvp<Inputs>,
): Op<(...inputs: Inputs) => Tensor> {
  expectDeclaration('customJvp', declaration, 'jvp')
  return customOp(declaration, jvpPrimitive, false)
}

function jvpPrimitive<Inputs extends Tensor[]>(declaration: CustomJvp<Inputs>): GeneralPrimitive {
  const { name, jvp } = declaration
  const cotangentsFor = oncePerCotangent((cotangent, call) => {
    const floating = call.inputs.flatMap((x, i) => (isFloating(x.dtype) ? [i] : []))
    const pull = grad((directions: Tensor[]) => {
      const tangents = call.inputs.map((_, i) => directions[floating.indexOf(i)] ?? null)
      return sum(mul(cotangent, runJvp(declaration, jvp, tangents, call)))
    })
    const found = pull(floating.map(i => onesLike(call.inputs[i]!)))
    return call.inputs.map((_, i) => found[floating.indexOf(i)] ?? null)
  })
  return {
    name,
    kind: 'general',
    keeps: 'both',
    vjp: (cotangent, call, index) => cotangentsFor(cotangent, call)[index] ?? undefined,
    jvp: (tangents, call) => runJvp(declaration, jvp, tangents, call),
    ...(declaration.batch && { batch: declaration.batch }),
    sample: declaration.sample ?? missingSample(name),
    forward: runForward(name, declaration.forward),
  }
}

/** The parts that a declaration cannot do without. */
function expectDeclaration(op: string, declaration: object, rule: 'vjp' | 'jvp'): void {
  const parts = Object(declaration) as Readonly<Record<string, unknown>>
  const isComplete =
    typeof parts.name === 'string' && typeof parts.forward === 'function' && typeof parts[rule] === 'function'
  if (isComplete) return
  throw new ArgumentError(
    op,
    `takes a declaration { name, forward, ${rule} }, a text and two functions; got ${describe(declaration)}.`,
  )
}

function customOp<Inputs extends Tensor[], Declaration extends CustomDeclaration<Inputs>>(
  declaration: Declaration,
  primitiveOf: (declaration: Declaration) => GeneralPrimitive,
  hasBothRules: boolean,
): Op<(...inputs: Inputs) => Tensor> {
  const { name, surrogate = false } = declaration
  const primitive = primitiveOf(declaration)
  let isChecked = surrogate
  const call = (...inputs: Inputs): Tensor => {
    for (const x of inputs) expectTensor(name, x)
    const isDevelopment = recording.site !== undefined
    if (isDevelopment && !isChecked && recording.interpreter === undefined)
      isChecked = checkRule(primitive, inputs, hasBothRules)
    const used = recording.standIns === undefined ? primitive : primitiveOf(withPresentStandIns(declaration))
    return apply(used, inputs, NO_ATTRIBUTES)
  }
  return Object.assign(call, { primitive })
}

/** The same functions, which meet the stand-ins of this moment also when a walk calls them later. */
function withPresentStandIns<Declaration extends object>(declaration: Declaration): Declaration {
  const entries = Object.entries(declaration).map(([key, part]) =>
    key === 'forward' || key === 'vjp' || key === 'jvp' ? [key, part && keepingStandIns(part)] : [key, part],
  )
  return Object.fromEntries(entries) as Declaration
}

/** The kernel: the user's function on constants. A result that is recorded all the same has used something else. */
function runForward<Inputs extends Tensor[]>(
  name: string,
  f: (...inputs: Inputs) => Tensor,
): Primitive['forward'] {
  return inputs => {
    const output: unknown = runOnConstants(inputs, constants => f(...(constants as unknown as Inputs)))
    if (!(output instanceof Tensor)) {
      throw new GraphError(name, `forward must return a tensor, it returned ${describe(output)}.`)
    }
    const isForeign = output instanceof Tracer && recording.tracing === undefined
    if (isRecorded(output, recording.interpreter) || isForeign) {
      throw new GraphError(
        name,
        'forward uses a tensor that a gradient is wanted of and that is not an argument: its gradient would be lost. Pass it as an argument, or detach() it.',
      )
    }
    return output
  }
}

function runJvp<Inputs extends Tensor[]>(
  declaration: RuleOwner,
  jvp: (tangents: Inputs, call: CustomCall<Inputs>) => Tensor,
  tangents: readonly (Tensor | null)[],
  call: Call,
): Tensor {
  const full = call.inputs.map((x, i) => tangents[i] ?? zerosLike(x))
  const count = full.length
  const [result] = runSealed(declaration, 'jvp', [...full, ...call.inputs, call.output], all => [
    jvp(all.slice(0, count) as unknown as Inputs, {
      inputs: all.slice(count, 2 * count) as unknown as Inputs,
      output: all[2 * count]!,
    }),
  ])
  if (result instanceof Tensor && sameShape(result.shape, call.output.shape)) return result
  const what = result instanceof Tensor ? `shape ${formatShape(result.shape)}` : describe(result)
  throw new ShapeError(
    declaration.name,
    `the rule jvp returned ${what} for a result of shape ${formatShape(call.output.shape)}.`,
    [call.output.shape],
  )
}

function expectCotangents(
  name: string,
  call: Call,
  returned: Tensor | readonly (Tensor | null)[],
): readonly (Tensor | null)[] {
  const found = returned instanceof Tensor ? [returned] : returned
  if (!Array.isArray(found) || found.length !== call.inputs.length) {
    const what = Array.isArray(found) ? `${found.length}` : describe(found)
    throw new GraphError(
      name,
      `the rule vjp must return one cotangent, or null, for each of ${call.inputs.length} inputs, it returned ${what}.`,
    )
  }
  for (const [i, cotangent] of found.entries()) {
    if (cotangent === null) continue
    const shape = call.inputs[i]!.shape
    if (cotangent instanceof Tensor && sameShape(cotangent.shape, shape)) continue
    const what = cotangent instanceof Tensor ? `shape ${formatShape(cotangent.shape)}` : describe(cotangent)
    throw new ShapeError(
      name,
      `the rule vjp returned ${what} for input ${i} of shape ${formatShape(shape)}; sum over axes that were broadcast.`,
      [shape],
    )
  }
  return found
}

/** The transpose of a linear map to a number: its gradient, which is the same everywhere. */
function transposed(anywhere: Tensor, map: (c: Tensor) => Tensor | undefined): Tensor {
  return grad((c: Tensor) => map(c) ?? sum(mul(c, 0)))(anywhere)
}

/** ⟨cotangents, tangents⟩. */
function total(
  cotangents: readonly (Tensor | null)[],
  tangents: readonly (Tensor | null)[],
): Tensor | undefined {
  let result: Tensor | undefined
  for (const [i, cotangent] of cotangents.entries()) {
    const tangent = tangents[i]
    if (cotangent === null || !tangent) continue
    const term = sum(mul(cotangent, tangent))
    result = result === undefined ? term : add(result, term)
  }
  return result
}

function missingSample(name: string): Sampler {
  return () => {
    throw new ArgumentError(name, 'has no sample: declare one to hold it against the laws.')
  }
}
