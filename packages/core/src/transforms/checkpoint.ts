/** Less memory for more time: a part of a computation that is done again when its gradient is wanted. */

import { apply } from '../graph/apply.ts'
import { recording, withRecording } from '../graph/record.ts'
import { identity } from '../ops/identity.ts'
import { type Call, type GeneralPrimitive, NO_ATTRIBUTES } from '../primitive/primitive.ts'
import type { Sampler } from '../primitive/sample.ts'
import { expectFunction } from '../shape/arguments.ts'
import { ArgumentError, GraphError } from '../shape/errors.ts'
import { isFloating } from '../storage/dtype.ts'
import { type Tensor, viewOf } from '../tensor/tensor.ts'
import { cotangentsOf } from './backward.ts'
import { withCaptures } from './captures.ts'
import { expectTree } from './grad.ts'
import { pushForward } from './linearize.ts'
import { pack, unpack } from './pack.ts'
import { oncePerCotangent } from './perCotangent.ts'
import { mapTensors } from './tree.ts'

/**
 * The same function, but the graph keeps only its arguments and results: what lies between is computed again when a
 * gradient walks by. The gradients are the same, of every order, also with respect to tensors that `f` uses without
 * taking them as arguments, the parameters of a layer, say.
 *
 * `f` must do the same when it is called again: draw random numbers outside of it, or from a generator that it makes
 * itself. A second run that comes out differently is an error. Inside of `vmap` and `jvp`, where nothing is kept anyway, `f`
 * simply runs.
 *
 * @example
 * ```ts
 * import { checkpoint, Parameter, type Tensor, tensor } from '@adjoint/core'
 * const w = new Parameter(tensor([[1, 2], [3, 4]]), 'w')
 * const block = checkpoint((x: Tensor) => x.matmul(w).tanh().matmul(w).tanh())
 * block(tensor([[0.1, 0.2]])).sum().backward()
 * w.grad?.shape // => [2, 2]
 * ```
 * @throws GraphError, during the walk, when the second run gives another result than the first.
 */
export function checkpoint<Arguments extends unknown[], Out>(
  f: (...args: Arguments) => Out,
): (...args: Arguments) => Out {
  expectFunction('checkpoint', f)
  return (...args) => {
    if (!recording.enabled || recording.interpreter?.unrolls === true) return f(...args)
    const inputs: Tensor[] = []
    mapTensors(args, x => {
      inputs.push(x)
      return x
    })
    const run = (replacements: readonly Tensor[]) => {
      let next = 0
      return expectTree('checkpoint', f(...mapTensors(args, () => replacements[next++]!)))
    }
    const { result, captured } = withCaptures(() => run(inputs.map(constant)))
    const floating = result.leaves.filter(leaf => isFloating(leaf.dtype))
    const isConstant = captured.length === 0 && !inputs.some(x => x.requiresGrad)
    if (isConstant || floating.length === 0) return result.rebuild(result.leaves) as unknown as Out
    const primitive = checkpointPrimitive(inputs.length, captured, pack(floating), replacements =>
      run(replacements).leaves.filter(leaf => isFloating(leaf.dtype)),
    )
    const parts = unpack(apply(primitive, [...inputs, ...captured], NO_ATTRIBUTES), floating)
    return result.rebuild(
      result.leaves.map(leaf => (isFloating(leaf.dtype) ? parts.shift()! : leaf)),
    ) as unknown as Out
  }
}

/** The primitive of one call: its inputs are the tensors in the arguments, then what `f` captured. */
function checkpointPrimitive(
  count: number,
  captured: readonly Tensor[],
  first: Tensor,
  run: (inputs: readonly Tensor[]) => readonly Tensor[],
): GeneralPrimitive {
  const again = ({ inputs: given }: Call): { packed: Tensor; inputs: readonly Tensor[] } => {
    const inputs = given.slice(0, count).map(recording.enabled ? identity : cutOff)
    const packed = withRecording(true, () => pack(run(inputs)))
    expectSame(first, packed)
    return { packed, inputs: [...inputs, ...captured] }
  }
  const cotangentsFor = oncePerCotangent((cotangent, call) => {
    const { packed, inputs } = again(call)
    return packed.requiresGrad ? cotangentsOf([{ tensor: packed, cotangent }], inputs) : []
  })
  let hasRun = false
  return {
    name: 'checkpoint',
    kind: 'general',
    keeps: 'inputs',
    vjp: (cotangent, call, index) => cotangentsFor(cotangent, call)[index] ?? undefined,
    jvp: (tangents, call) => {
      const { packed, inputs } = again(call)
      return pushForward([packed], inputs, tangents)[0]!
    },
    sample: noSample('checkpoint'),
    forward: inputs => {
      if (!hasRun) {
        hasRun = true
        return constant(first)
      }
      expectCaptured('checkpoint', inputs.slice(count), captured)
      return pack(run(inputs.slice(0, count).map(constant)))
    },
  }
}

/** The same values as a constant; nothing is copied. */
export function constant(x: Tensor): Tensor {
  return viewOf(x, x.shape, x.strides, x.offset)
}

/** A constant that a walk can end at, where the original takes gradients. */
export function cutOff(x: Tensor): Tensor {
  const fresh = constant(x)
  fresh.requiresGrad = x.requiresGrad
  return fresh
}

/** Such a primitive is made for one call; the laws have nothing to draw. */
export function noSample(op: string): Sampler {
  return () => {
    throw new ArgumentError(op, 'is a primitive of its own for each call and has no sample.')
  }
}

/** What a function uses without taking it as an argument cannot be replaced from outside. */
export function expectCaptured(op: string, given: readonly Tensor[], captured: readonly Tensor[]): void {
  if (given.every((x, i) => x === captured[i])) return
  throw new GraphError(
    op,
    'cannot be computed again with other values of tensors that its function uses without taking them as arguments.',
  )
}

/** Another result the second time means another gradient: of a function that was never computed. */
function expectSame(first: Tensor, second: Tensor): void {
  const [a, b] = [first.data(), second.data()]
  const isSame = a.length === b.length && a.every((value, i) => Object.is(value, b[i]))
  if (isSame) return
  throw new GraphError(
    'checkpoint',
    'the function gave another result when it ran again for the gradient. It must not draw from a shared random generator, count its calls, or use a parameter that was assigned since.',
  )
}
