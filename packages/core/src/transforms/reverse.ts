/** The walk backward through a recorded graph. `backward`, `gradients`, `grad` and `vjp` are all this walk. */

import { expectUnchanged } from '../graph/unchanged.ts'
import { add } from '../ops/add.ts'
import { DTypeError } from '../shape/errors.ts'
import { isFloating } from '../storage/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { vjpOf } from './rules.ts'

/** What runs the hooks on a tensor, see `hooks.ts`; nothing while no hook was ever set. */
export const hooks: { run: ((x: Tensor, gradient: Tensor) => Tensor) | undefined } = { run: undefined }

/** Where a walk starts: a tensor and the cotangent to send into it. */
export interface Seed {
  readonly tensor: Tensor
  readonly cotangent: Tensor
}

/**
 * Sends cotangents from the seeds, all of them in the given order of their graph, toward the inputs and calls `visit` with
 * each tensor and its whole cotangent, outputs before inputs; `undefined` is a zero that nobody computed. With `targets`,
 * only paths to them are walked; `ends`, those that the order was taken with, are arrived at and not passed.
 *
 * The order must be the one that was taken last: the places of its tensors are read first thing.
 *
 * Iterative, and free of state on the tensors once the order is known, so rules may start walks of their own.
 */
export function walkBackward(
  order: readonly Tensor[],
  seeds: readonly Seed[],
  targets: readonly Tensor[] | undefined,
  visit: (x: Tensor, cotangent: Tensor | undefined) => void,
  ends?: ReadonlySet<Tensor>,
): void {
  const { firstEdge, edges } = edgesOf(order, ends)
  const wanted = targets === undefined ? undefined : pathsTo(order, firstEdge, edges, targets)
  const cotangents = new Array<Tensor | undefined>(order.length)
  const deliver = (place: number, cotangent: Tensor): void => {
    const sofar = cotangents[place]
    cotangents[place] = sofar === undefined ? cotangent : add(sofar, cotangent)
  }
  for (const seed of seeds) {
    if (seed.tensor.requiresGrad) deliver(seed.tensor.place, seed.cotangent)
  }
  for (let place = order.length - 1; place >= 0; place--) {
    let cotangent = cotangents[place]
    if (wanted?.[place] === 0) continue
    cotangents[place] = undefined
    const x = order[place]!
    const isEnd = ends?.has(x) === true
    // The whole gradient of an end is known only to the walk that goes on from there.
    if (cotangent !== undefined && !isEnd) cotangent = hooks.run?.(x, cotangent) ?? cotangent
    visit(x, cotangent)
    if (cotangent === undefined) continue
    if (x.node === null || isEnd) continue
    const { inputs, attributes } = x.node
    const { primitive } = x.node
    const { keeps, name } = primitive
    if (keeps === 'inputs' || keeps === 'both') expectUnchanged(x, inputs, `the gradient of ${name}`)
    const call = { inputs, output: x, attributes }
    for (let i = 0; i < inputs.length; i++) {
      const edge = edges[firstEdge[place]! + i]!
      if (edge < 0 || wanted?.[edge] === 0) continue
      const contribution = vjpOf(primitive, call, cotangent, i)
      if (contribution !== undefined) deliver(edge, contribution)
    }
  }
}

/** The places of the inputs of every tensor in order, flat; -1 for inputs that take no gradient. */
function edgesOf(
  order: readonly Tensor[],
  ends: ReadonlySet<Tensor> | undefined,
): { firstEdge: number[]; edges: number[] } {
  const firstEdge = new Array<number>(order.length)
  const edges: number[] = []
  for (let place = 0; place < order.length; place++) {
    firstEdge[place] = edges.length
    const { node, dtype } = order[place]!
    if (node === null) {
      if (!isFloating(dtype))
        throw new DTypeError(
          'gradient',
          `a tensor of dtype ${dtype} cannot have a gradient; cast it first.`,
          [dtype],
        )
      continue
    }
    const isEnd = ends?.has(order[place]!) === true
    for (let i = 0; i < node.inputs.length; i++) {
      const input = node.inputs[i]!
      edges.push(input.requiresGrad && !isEnd ? input.place : -1)
    }
  }
  return { firstEdge, edges }
}

/** 1 for every place from which a path leads to a target, the targets themselves included. */
function pathsTo(
  order: readonly Tensor[],
  firstEdge: readonly number[],
  edges: readonly number[],
  targets: readonly Tensor[],
): Uint8Array {
  const wanted = new Uint8Array(order.length)
  for (const target of targets) if (order[target.place] === target) wanted[target.place] = 1
  for (let place = 0; place < order.length; place++) {
    const count = order[place]!.node?.inputs.length ?? 0
    for (let i = 0; i < count && wanted[place] === 0; i++) {
      const edge = edges[firstEdge[place]! + i]!
      if (edge >= 0 && wanted[edge] === 1) wanted[place] = 1
    }
  }
  return wanted
}
