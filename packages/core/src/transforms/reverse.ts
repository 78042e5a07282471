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
  const edges = edgesOf(order, ends)
  const wanted = targets === undefined ? undefined : pathsTo(order, edges, targets)
  const cotangents = new Array<Tensor | undefined>(order.length)
  for (const { tensor, cotangent } of seeds) {
    if (tensor.requiresGrad) deliver(cotangents, tensor.place, cotangent)
  }
  // The edges of a tensor end where those of the next one begin.
  let edge = edges.length
  for (let place = order.length - 1; place >= 0; place--) {
    const x = order[place]!
    const { node } = x
    if (node !== null) edge -= node.inputs.length
    let cotangent = cotangents[place]
    if (wanted !== undefined && wanted[place] === 0) continue
    cotangents[place] = undefined
    const isEnd = ends?.has(x) === true
    // The whole gradient of an end is known only to the walk that goes on from there.
    if (cotangent !== undefined && !isEnd && hooks.run !== undefined) cotangent = hooks.run(x, cotangent)
    visit(x, cotangent)
    if (cotangent === undefined || node === null || isEnd) continue
    const { primitive, inputs, attributes } = node
    const { keeps } = primitive
    if (keeps === 'inputs' || keeps === 'both') expectUnchanged(x, inputs, 'the gradient')
    const call = { inputs, output: x, attributes }
    for (let i = 0; i < inputs.length; i++) {
      const to = edges[edge + i]!
      if (to < 0 || (wanted !== undefined && wanted[to] === 0)) continue
      const contribution = vjpOf(primitive, call, cotangent, i)
      if (contribution !== undefined) deliver(cotangents, to, contribution)
    }
  }
}

/** Adds what arrives at a place to what has arrived there. */
function deliver(cotangents: (Tensor | undefined)[], place: number, cotangent: Tensor): void {
  const sofar = cotangents[place]
  cotangents[place] = sofar === undefined ? cotangent : add(sofar, cotangent)
}

/** The places of the inputs of every tensor in order, one after the other; -1 for inputs that take no gradient. */
function edgesOf(order: readonly Tensor[], ends: ReadonlySet<Tensor> | undefined): readonly number[] {
  let count = 0
  for (let place = 0; place < order.length; place++) count += order[place]!.node?.inputs.length ?? 0
  const edges = new Array<number>(count)
  let edge = 0
  for (let place = 0; place < order.length; place++) {
    const x = order[place]!
    if (x.node === null) {
      if (!isFloating(x.dtype))
        throw new DTypeError(
          'gradient',
          `a tensor of dtype ${x.dtype} cannot have a gradient; cast it first.`,
          [x.dtype],
        )
      continue
    }
    const isEnd = ends?.has(x) === true
    const { inputs } = x.node
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i]!
      edges[edge++] = input.requiresGrad && !isEnd ? input.place : -1
    }
  }
  return edges
}

/** 1 for every place from which a path leads to a target, the targets themselves included. */
function pathsTo(order: readonly Tensor[], edges: readonly number[], targets: readonly Tensor[]): Uint8Array {
  const wanted = new Uint8Array(order.length)
  for (const target of targets) if (order[target.place] === target) wanted[target.place] = 1
  let edge = 0
  for (let place = 0; place < order.length; place++) {
    const end = edge + (order[place]!.node?.inputs.length ?? 0)
    for (; edge < end; edge++) {
      const to = edges[edge]!
      if (to >= 0 && wanted[to] === 1) wanted[place] = 1
    }
  }
  return wanted
}
