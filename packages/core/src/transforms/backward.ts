/** Gradients of a recorded tensor: `.backward()` with `.grad`, and `gradients` without side effects. */

import { topologicalOrder } from '../graph/order.ts'
import { withRecording } from '../graph/record.ts'
import { add } from '../ops/add.ts'
import { cast } from '../ops/cast.ts'
import { formatShape, GraphError, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { assignmentClock } from '../storage/version.ts'
import { onesLike, zerosLike } from '../tensor/create.ts'
import { Parameter } from '../tensor/parameter.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Seed, walkBackward } from './reverse.ts'

/** Settings of {@link backward} and {@link gradients}. */
export interface BackwardOptions {
  /** What to send into the tensor that the walk starts from, in its shape; needed unless it has one element (then it is 1). */
  readonly cotangent?: Tensor
  /** Record the walk itself, so that the gradients can be differentiated again. Default false. */
  readonly createGraph?: boolean
}

/**
 * Fills `.grad` of every tensor that the loss was made of: parameters, other tensors that require gradients, and all
 * intermediate results. Gradients add up over several calls, until a parameter of the loss is assigned
 * (`optimizer.step()`): then the next ones replace them. The graph may be walked again at any time.
 *
 * @throws GraphError when the tensor was not recorded, or is not a single number and no cotangent is given.
 * @throws ShapeError when the cotangent has another shape.
 */
export function backward(x: Tensor, options: BackwardOptions = {}): void {
  const seed = seedFor('backward', x, options.cotangent)
  const order = topologicalOrder([x])
  const since = latestAssignment(order)
  const now = assignmentClock()
  /** Adds to `.grad`, or replaces it when it was taken before a parameter of this graph was assigned. */
  const accumulate = (y: Tensor, cotangent: Tensor | undefined): void => {
    if (y.grad === null || y.gradTime < since) y.grad = cotangent ?? zerosLike(y)
    else if (cotangent !== undefined) y.grad = add(y.grad, cotangent)
    y.gradTime = now
  }
  withRecording(options.createGraph ?? false, () => walkBackward(order, [seed], undefined, accumulate))
}

/** When a parameter of a graph was last assigned. */
function latestAssignment(order: readonly Tensor[]): number {
  let latest = 0
  for (const x of order)
    if (x.node === null && x instanceof Parameter) latest = Math.max(latest, x.assignedAt)
  return latest
}

/**
 * The gradients of a recorded tensor with respect to chosen tensors of its graph, leaves or intermediate ones, without
 * touching any `.grad`. Zeros for tensors that the output does not depend on.
 *
 * @example
 * ```ts
 * import { gradients, tensor } from '@adjoint/core'
 * const x = tensor(2, { requiresGrad: true })
 * const y = x.mul(x).mul(x)
 * const [first] = gradients(y, [x], { createGraph: true })
 * first?.item() // => 12
 * gradients(first!, [x])[0]?.item() // => 12
 * ```
 * @throws GraphError when the output was not recorded, or is not a single number and no cotangent is given.
 */
export function gradients(
  output: Tensor,
  targets: readonly Tensor[],
  options: BackwardOptions = {},
): Tensor[] {
  const seed = seedFor('gradients', output, options.cotangent)
  return withRecording(options.createGraph ?? false, () => cotangentsOf([seed], targets))
}

/** The cotangents that arrive at the targets, zeros where nothing does; recorded when recording is on. */
export function cotangentsOf(seeds: readonly Seed[], targets: readonly Tensor[]): Tensor[] {
  const found = new Map<Tensor, Tensor>()
  const wanted = new Set(targets)
  const order = topologicalOrder(seeds.map(seed => seed.tensor))
  walkBackward(order, seeds, targets, (x, cotangent) => {
    if (cotangent !== undefined && wanted.has(x)) found.set(x, cotangent)
  })
  return targets.map(target => found.get(target) ?? zerosLike(target))
}

/** Checks what a walk would start with. */
export function seedFor(op: string, x: Tensor, cotangent: Tensor | undefined): Seed {
  if (!x.requiresGrad) {
    throw new GraphError(
      op,
      `the tensor of shape ${formatShape(x.shape)} was not recorded: nothing that it was made of requires gradients. ` +
        'Make a Parameter, or a tensor with { requiresGrad: true }, and mind noGrad and detach.',
    )
  }
  if (cotangent === undefined) {
    if (x.size !== 1) {
      throw new GraphError(
        op,
        `the tensor has shape ${formatShape(x.shape)}; a gradient starts from a single number. ` +
          `Reduce it first (sum, mean), or pass { cotangent } of shape ${formatShape(x.shape)}.`,
      )
    }
    return { tensor: x, cotangent: onesLike(x) }
  }
  if (!sameShape(cotangent.shape, x.shape)) {
    throw new ShapeError(
      op,
      `the cotangent has shape ${formatShape(cotangent.shape)}, the tensor ${formatShape(x.shape)}; they must be equal.`,
      [x.shape, cotangent.shape],
    )
  }
  return { tensor: x, cotangent: cast(cotangent, x.dtype) }
}
