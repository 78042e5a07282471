/** What stands in the tables of adapters. */
import { ShapeError, type Tensor } from '@adjoint/core'
import type { Attributes } from '../attributes.ts'

/** The tensors of a case. An adapter takes as many as its op has; the op itself says when one is missing. */
export type Inputs = readonly [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, ...Tensor[]]

/** The output of an op, or its outputs; null for one that is not compared. */
export type Outputs = Tensor | readonly (Tensor | null)[]

/** An op of PyTorch by ops of Adjoint. */
export type Adapter = (inputs: Inputs, attributes: Attributes) => Outputs

/** Adapters by the names of PyTorch's ops. */
export type AdapterTable = Readonly<Record<string, Adapter>>

/** An op of one tensor without attributes. */
export const unary =
  (op: (x: Tensor) => Tensor): Adapter =>
  ([x]) =>
    op(x)

/** An op of two tensors without attributes. */
export const binary =
  (op: (x: Tensor, y: Tensor) => Tensor): Adapter =>
  ([x, y]) =>
    op(x, y)

/** Values and indices, as PyTorch returns both. */
export const both = ({ values, indices }: { readonly values: Tensor; readonly indices: Tensor }): Outputs => [
  values,
  indices,
]

/** For an op of PyTorch that takes only tensors of certain ranks where Adjoint's takes more: it refuses the others. */
export const ofRanks =
  (ranks: readonly number[], adapter: Adapter): Adapter =>
  (inputs, attributes) => {
    const wrong = ranks.findIndex((rank, i) => inputs[i]!.rank !== rank)
    if (wrong >= 0) {
      const { rank, shape } = inputs[wrong]!
      const message = `operand ${wrong} has ${rank} axes, needed are ${ranks[wrong]}.`
      throw new ShapeError('parity', message, [shape as readonly number[]])
    }
    return adapter(inputs, attributes)
  }
