/** Less memory for more time: a part of a computation that is done again when its gradient is wanted. */

import { apply } from '../graph/apply.ts'
import { recording, runningAgain, withRecording } from '../graph/record.ts'
import { keepingStandIns, standInFor } from '../graph/standIns.ts'
import { identity } from '../ops/identity.ts'
import { type Call, type GeneralPrimitive, NO_ATTRIBUTES } from '../primitive/primitive.ts'
import { expectFunction } from '../shape/arguments.ts'
import { sameView, type Tensor } from '../tensor/tensor.ts'
import { cotangentsUpTo } from './backward.ts'
import { expectTree } from './grad.ts'
import { pushForward } from './linearize.ts'
import { oncePerCotangent } from './perCotangent.ts'
import { expectCaptured, expectSame, leafLike, noSample, Packing, withCaptures } from './runAgain.ts'
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
    if (!recording.enabled || recording.interpreter?.unrolls === true || recording.tracing) return f(...args)
    const inputs: Tensor[] = []
    mapTensors(args, x => {
      inputs.push(standInFor(x))
      return x
    })
    const again = keepingStandIns(f)
    const run = (replacements: readonly Tensor[]) => {
      let next = 0
      return expectTree('checkpoint', again(...mapTensors(args, () => replacements[next++]!)))
    }
    const { result, captured } = withCaptures(() => run(inputs.map(sameView)))
    const packing = new Packing(result.leaves)
    const isConstant = captured.length === 0 && !inputs.some(x => x.requiresGrad)
    if (isConstant || packing.isEmpty) return result.rebuild(result.leaves) as unknown as Out
    const primitive = checkpointPrimitive(
      inputs.length,
      captured,
      packing.pack(result.leaves),
      replacements => packing.pack(run(replacements).leaves),
    )
    const packed = apply(primitive, [...inputs, ...captured], NO_ATTRIBUTES)
    return result.rebuild(packing.restore(packed)) as unknown as Out
  }
}

/** The primitive of one call: its inputs are the tensors in the arguments, then what `f` captured. */
function checkpointPrimitive(
  count: number,
  captured: readonly Tensor[],
  first: Tensor,
  run: (inputs: readonly Tensor[]) => Tensor,
): GeneralPrimitive {
  const again = ({ inputs: given }: Call): { packed: Tensor; inputs: readonly Tensor[] } => {
    const isRecorded = recording.enabled
    const inputs = given.slice(0, count).map(x => (isRecorded ? identity(x) : leafLike(x, x.requiresGrad)))
    const packed = withRecording(true, () => runningAgain(() => run(inputs)))
    expectSame('checkpoint', [first], [packed])
    return { packed, inputs: [...inputs, ...captured] }
  }
  const cotangentsFor = oncePerCotangent((cotangent, call) => {
    const { packed, inputs } = again(call)
    return packed.requiresGrad ? cotangentsUpTo([{ tensor: packed, cotangent }], inputs) : []
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
    held: [first],
    sample: noSample('checkpoint'),
    forward: inputs => {
      if (!hasRun) {
        hasRun = true
        return sameView(first)
      }
      expectCaptured('checkpoint', inputs.slice(count), captured)
      return runningAgain(() => run(inputs.slice(0, count).map(sameView)))
    },
  }
}
