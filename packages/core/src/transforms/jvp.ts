/** Forward mode: a value and its tangent, carried along together, op by op. */

import { type Interpreter, isRecorded, passOn, type Run, withInterpreter } from '../graph/interpret.ts'
import { recording } from '../graph/record.ts'
import { cast } from '../ops/cast.ts'
import { expectFunction } from '../shape/arguments.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { isFloating } from '../storage/dtype.ts'
import { zerosLike } from '../tensor/create.ts'
import type { Attributes, Primitive } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { ReadableTracer } from '../tensor/tracer.ts'
import { expectFloating, expectTree } from './grad.ts'
import { jvpOf } from './rules.ts'
import { flattenTree, leavesLike, type TangentsOf, type TreeOf } from './tree.ts'

/**
 * The value of `f`, a tensor or a tree of tensors, at a tree of tensors, and its derivative in a direction, a tree of the
 * same shapes: the product of the Jacobian with a column vector.
 *
 * The tangent travels with the value: no graph is recorded, and what an op no longer needs is free while `f` goes on.
 *
 * @example
 * ```ts
 * import { jvp, type Tensor, tensor } from '@adjoint/core'
 * const { value, tangent } = jvp((x: Tensor) => x.square(), tensor([1, 2, 3]), tensor([1, 0, 10]))
 * value.toArray() // => [1, 4, 9]
 * tangent.toArray() // => [2, 0, 60]
 * ```
 * @throws ShapeError when a tangent has another shape than its input; DTypeError when an input is int32 or bool.
 */
export function jvp<T extends TreeOf<T>, Out extends TreeOf<Out>>(
  f: (tree: T) => Out,
  tree: T,
  tangents: TangentsOf<T>,
): { value: Out; tangent: Out } {
  expectFunction('jvp', f)
  const { leaves, rebuild } = flattenTree('jvp', tree)
  const directions = directionsFor('jvp', tree, tangents)
  for (const leaf of leaves) expectFloating('jvp', leaf)
  const scope = new TangentScope()
  const outputs = expectTree(
    'jvp',
    withInterpreter(scope, () => {
      const inputs = leaves.map((leaf, i) => new DualTensor(scope, leaf, directions[i]!))
      return f(rebuild(inputs) as unknown as T)
    }),
  )
  const found = outputs.leaves.map(output => scope.parts(output))
  return {
    value: outputs.rebuild(found.map(({ primal }) => primal)) as unknown as Out,
    tangent: outputs.rebuild(
      found.map(({ primal, tangent }) => tangent ?? zerosLike(primal)),
    ) as unknown as Out,
  }
}

/** Checked tangents for the leaves of a tree, in their order and dtypes. */
export function directionsFor(op: string, tree: unknown, tangents: unknown): Tensor[] {
  const { leaves, paths } = flattenTree(op, tree)
  return leavesLike(op, 'tangents', tree, tangents).map((direction, i) => {
    const input = leaves[i]!
    if (sameShape(direction.shape, input.shape)) return cast(direction, input.dtype)
    throw new ShapeError(
      op,
      `the tangent${paths[i] === '' ? '' : ` of '${paths[i]}'`} has shape ${formatShape(direction.shape)}, its input has ` +
        `${formatShape(input.shape)}; they must be equal.`,
      [input.shape, direction.shape],
    )
  })
}

/** A value and its tangent, `null` for zero. Its values may be read: they are those of the primal. */
class DualTensor extends ReadableTracer {
  readonly scope: TangentScope
  readonly tangent: Tensor | null

  constructor(scope: TangentScope, primal: Tensor, tangent: Tensor | null) {
    super(primal)
    this.scope = scope
    this.tangent = tangent
  }

  explain(): string {
    return (
      'a tensor that jvp carries a tangent for was used where the tangent would be lost: after jvp was over, or by code that ' +
      'reads memory instead of calling ops. Return it from the function, or detach() it to use its value.'
    )
  }
}

/** One run of forward mode. */
class TangentScope implements Interpreter {
  readonly transform = 'jvp'
  readonly unrolls = true
  readonly #outer = recording.interpreter
  readonly #paused = recording.paused

  run(primitive: Primitive, inputs: readonly Tensor[], attributes: Attributes, again: Run): Tensor {
    if (!inputs.some(x => x instanceof DualTensor && x.scope === this)) {
      return passOn(this.#outer, primitive, inputs, attributes, again)
    }
    const parts = inputs.map(x => this.parts(x))
    return withInterpreter(this.#outer, () => {
      const primals = parts.map(({ primal }) => primal)
      const tangents = parts.map(({ tangent }) => tangent)
      const output = again(primitive, primals, attributes)
      // What runs under noGrad inside of the function is a constant, in this mode too.
      const isConstant = recording.paused > this.#paused
      const moves =
        !isConstant &&
        primitive.kind !== 'nonDifferentiable' &&
        isFloating(output.dtype) &&
        tangents.some(v => v !== null)
      const call = { inputs: primals, output, attributes }
      const tangent = moves ? jvpOf(primitive, call, tangents) : undefined
      return new DualTensor(this, output, tangent ?? null)
    })
  }

  lift(x: Tensor): Tensor {
    const { primal, tangent } = this.parts(x)
    return new DualTensor(this, primal, tangent)
  }

  source(x: Tensor): Tensor {
    const { primal } = this.parts(x)
    return this.#outer?.source(primal) ?? primal
  }

  hides(x: Tensor): boolean {
    const { primal, tangent } = this.parts(x)
    return isRecorded(primal, this.#outer) || (tangent !== null && isRecorded(tangent, this.#outer))
  }

  /** What a tensor is outside of this run. */
  parts(x: Tensor): { readonly primal: Tensor; readonly tangent: Tensor | null } {
    const isOwn = x instanceof DualTensor && x.scope === this
    return isOwn ? { primal: x.value, tangent: x.tangent } : { primal: x, tangent: null }
  }
}
