/** Functions of the user that see, and may change, the gradient of a tensor while a walk passes by. */

import { recording } from '../graph/record.ts'
import { expectFunction } from '../shape/arguments.ts'
import { describe, formatShape, GraphError, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import { Tensor } from '../tensor/tensor.ts'
import { hooks } from './reverse.ts'

/** Sees the whole gradient of a tensor; what it returns, if anything, takes its place. */
export type GradientHook = ((gradient: Tensor) => Tensor | undefined) | ((gradient: Tensor) => void)

const HOOKS = /* @__PURE__ */ new WeakMap<Tensor, GradientHook[]>()

/**
 * Calls `hook` with the gradient of `x` in every walk backward that reaches it: in `backward`, `gradients`, `grad`, `vjp`.
 * The gradient is complete by then, summed over all uses of `x`. What the hook returns replaces it, for `x.grad` and for
 * everything before `x`; written with ops, it can be differentiated again. Hooks run in the order in which they were set, and in the walks of higher derivatives too.
 * Returns a function that takes the hook away.
 *
 * @example
 * ```ts
 * import { onGradient, tensor } from '@adjoint/core'
 * const x = tensor([3, 4], { requiresGrad: true })
 * const h = x.mul(10)
 * const remove = onGradient(h, (g) => g.clip({ high: 1 }))
 * h.square().sum().backward()
 * x.grad?.toArray() // => [10, 10]
 * remove()
 * ```
 * @throws GraphError when no gradient will ever reach `x`; ShapeError, during the walk, when a hook returns another shape.
 */
export function onGradient(x: Tensor, hook: GradientHook): () => void {
  expectFunction('onGradient', hook)
  // Where nothing is recorded, under noGrad, in the first run of a checkpoint, in forward mode, no gradient comes by either.
  const isRecording = recording.enabled && recording.interpreter?.transform === undefined
  if (!expectTensor('onGradient', x).requiresGrad && !isRecording) return () => {}
  if (!x.requiresGrad) {
    throw new GraphError(
      'onGradient',
      `no gradient reaches the tensor of shape ${formatShape(x.shape)}: it does not require gradients. Inside of grad, set the hook on tensors that the function makes.`,
    )
  }
  hooks.run = runHooks
  // A list is never changed in place: a hook may take itself away while the list is walked.
  HOOKS.set(x, [...(HOOKS.get(x) ?? []), hook])
  return () => {
    HOOKS.set(
      x,
      (HOOKS.get(x) ?? []).filter(other => other !== hook),
    )
  }
}

/** The gradient after all hooks of a tensor have seen it. */
function runHooks(x: Tensor, gradient: Tensor): Tensor {
  let current = gradient
  for (const hook of HOOKS.get(x) ?? []) {
    const result = hook(current)
    if (result === undefined) continue
    if (!(result instanceof Tensor) || !sameShape(result.shape, x.shape)) {
      const what = result instanceof Tensor ? `shape ${formatShape(result.shape)}` : describe(result)
      throw new ShapeError(
        'onGradient',
        `a hook returned ${what} for the gradient of a tensor of shape ${formatShape(x.shape)}; return a tensor of that shape, or nothing.`,
        [x.shape],
      )
    }
    current = result
  }
  return current
}
