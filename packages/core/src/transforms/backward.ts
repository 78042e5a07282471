/** Gradients of a recorded tensor: `.backward()` with `.grad`, and `gradients` without side effects. */

import { topologicalOrder } from '../graph/order.ts'
import { recording, withRecording } from '../graph/record.ts'
import { standInFor } from '../graph/standIns.ts'
import { add } from '../ops/add.ts'
import { cast } from '../ops/cast.ts'
import { stopGradient } from '../ops/stopGradient.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe, formatShape, GraphError, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { assignmentClock } from '../storage/version.ts'
import { expectTensor, onesLike, zerosLike } from '../tensor/create.ts'
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
 * intermediate results. Gradients of losses that were recorded at the same parameter values add up; when a parameter of
 * the loss was assigned in between (`optimizer.step()`), the new ones replace the old. The graph may be walked again at
 * any time.
 *
 * @throws GraphError when the tensor was not recorded, or is not a single number and no cotangent is given.
 * @throws ShapeError when the cotangent has another shape.
 */
export function backward(x: Tensor, options: BackwardOptions = {}): void {
  expectOptions('backward', options, ['cotangent', 'createGraph'])
  const transform = recording.interpreter?.transform
  if (transform !== undefined) {
    throw new GraphError('backward', `cannot fill .grad inside of ${transform}; use grad there.`)
  }
  const seed = seedFor('backward', x, options.cotangent, options.createGraph)
  const order = topologicalOrder([x])
  const taken = x.node?.time ?? assignmentClock()
  let assignments: readonly number[] | undefined
  // Whether a gradient was taken at the same values of all parameters: none was assigned in between.
  const isSamePoint = (time: number): boolean => {
    if (time === taken) return true
    // An optimizer that has used a gradient leaves NaN: nothing is to be added to it.
    if (Number.isNaN(time)) return false
    const [earlier, later] = time < taken ? [time, taken] : [taken, time]
    assignments ??= assignmentsIn(order)
    return !assignments.some(at => earlier < at && at <= later)
  }
  const accumulate = (y: Tensor, cotangent: Tensor | undefined): void => {
    if (y.grad === null || !isSamePoint(y.gradTime)) y.grad = cotangent ?? zerosLike(y)
    else if (cotangent !== undefined) y.grad = add(y.grad, cotangent)
    y.gradTime = taken
  }
  withRecording(options.createGraph ?? false, () => walkBackward(order, [seed], undefined, accumulate))
}

/** When the parameters of a graph were assigned last. */
function assignmentsIn(order: readonly Tensor[]): readonly number[] {
  const assignments: number[] = []
  for (const x of order) if (x.node === null && x instanceof Parameter) assignments.push(x.assignedAt)
  return assignments
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
  expectOptions('gradients', options, ['cotangent', 'createGraph'])
  const seed = seedFor('gradients', output, options.cotangent, options.createGraph)
  if (!Array.isArray(targets))
    throw new ArgumentError('gradients', `takes an array of tensors, got ${describe(targets)}.`)
  for (const target of targets) expectTensor('gradients', target)
  return withRecording(options.createGraph ?? false, () => cotangentsOf([seed], targets))
}

/** The cotangents that arrive at the targets, zeros where nothing does; recorded when recording is on. */
function cotangentsOf(
  seeds: readonly Seed[],
  targets: readonly Tensor[],
  ends?: ReadonlySet<Tensor>,
): Tensor[] {
  const found = new Map<Tensor, Tensor>()
  const wanted = new Set(targets)
  const order = topologicalOrder(
    seeds.map(seed => seed.tensor),
    ends,
  )
  const visit = (x: Tensor, cotangent: Tensor | undefined): void => {
    if (cotangent !== undefined && wanted.has(x)) found.set(x, cotangent)
  }
  walkBackward(order, seeds, targets, visit, ends)
  return targets.map(target => found.get(target) ?? zerosLike(target))
}

/**
 * The cotangents that arrive at some tensors as if they were leaves: each by itself, although one may have been made of
 * another. For a part of a graph, the rest of which another walk goes on through.
 */
export function cotangentsUpTo(seeds: readonly Seed[], leaves: readonly Tensor[]): Tensor[] {
  return cotangentsOf(seeds, leaves, new Set(leaves))
}

/** Checks what a walk would start with. Unless the walk is recorded, the cotangent's own graph stays out of it. */
export function seedFor(op: string, x: Tensor, cotangent?: Tensor, createGraph = false): Seed {
  if (!expectTensor(op, x).requiresGrad) {
    throw new GraphError(
      op,
      `the tensor of shape ${formatShape(x.shape)} was not recorded: nothing that it was made of requires gradients. ` +
        'Make a Parameter, or a tensor with { requiresGrad: true }, and mind noGrad and detach. ' +
        'A gradient is itself recorded only with { createGraph: true }.',
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
  if (!sameShape(expectTensor(op, cotangent).shape, x.shape)) {
    throw new ShapeError(
      op,
      `the cotangent has shape ${formatShape(cotangent.shape)}, the tensor ${formatShape(x.shape)}; they must be equal.`,
      [x.shape, cotangent.shape],
    )
  }
  const seed = cast(standInFor(cotangent), x.dtype)
  return { tensor: x, cotangent: seed.requiresGrad && !createGraph ? stopGradient(seed) : seed }
}
