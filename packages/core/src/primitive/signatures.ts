/** The typed signatures that many ops share, as free functions. `fluent.ts` has the same as methods. */

import type { BroadcastCheck, BroadcastResult, Reduced, Shape } from '../shape/types.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** `[...shape] -> [...shape]` */
export type UnaryOp = <S extends Shape>(x: Tensor<S>) => Tensor<S>

/** Two operands that broadcast; plain numbers are 0-d operands that take the dtype of the other one. */
export interface BinaryOp {
  <S extends Shape>(x: Tensor<S>, y: Tensor<NoInfer<S>> | Tensor<[]> | number): Tensor<S>
  <S extends Shape>(x: Tensor<[]> | number, y: Tensor<S>): Tensor<S>
  <L extends Shape, R extends Shape>(
    x: Tensor<L>,
    y: Tensor<R> & BroadcastCheck<L, R>,
  ): Tensor<BroadcastResult<L, R>>
}

/** Three operands that broadcast; plain numbers are 0-d operands that take the dtype of the others. */
export interface TernaryOp {
  <S extends Shape>(
    x: Tensor<S>,
    y: Tensor<NoInfer<S>> | Tensor<[]> | number,
    z: Tensor<NoInfer<S>> | Tensor<[]> | number,
  ): Tensor<S>
  (x: Tensor | number, y: Tensor | number, z: Tensor | number): Tensor
}

/** Which element of three operands: `where(condition, x, y)`. */
export interface WhereOp {
  <S extends Shape>(
    condition: Tensor<S>,
    x: Tensor<NoInfer<S>> | number,
    y: Tensor<NoInfer<S>> | number,
  ): Tensor<S>
  <C extends Shape, L extends Shape, R extends Shape>(
    condition: Tensor<C>,
    x: Tensor<L>,
    y: Tensor<R>,
  ): Tensor<BroadcastResult<C, BroadcastResult<L, R>>>
  (condition: Tensor, x: Tensor | number, y: Tensor | number): Tensor
}

/** Settings of reductions. */
export interface ReductionOptions<Keep extends boolean = boolean> {
  /** Keep the reduced axes with size 1, so that the result broadcasts against the input. Default false. */
  readonly keepDims?: Keep
}

/** A reduction over one axis, several, or (without `axis`) all of them. */
export type ReductionOp = <
  S extends Shape,
  const Axis extends number | readonly number[] | undefined = undefined,
  Keep extends boolean = false,
>(
  x: Tensor<S>,
  axis?: Axis,
  options?: ReductionOptions<Keep>,
) => Tensor<Reduced<S, Axis, Keep>>

/** An op along one axis that keeps the shape; the last axis unless told otherwise. */
export type AlongAxisOp = <S extends Shape>(x: Tensor<S>, axis?: number) => Tensor<S>

/** Elements of a tensor and their positions, int32, along the axis they were picked from. */
export interface Selection<out S extends Shape = Shape> {
  readonly values: Tensor<S>
  readonly indices: Tensor<S>
}

/** One element of each group along one axis, several, or (without `axis`) all of them, with its position in the group. */
export type SelectionOp = <
  S extends Shape,
  const Axis extends number | readonly number[] | undefined = undefined,
  Keep extends boolean = false,
>(
  x: Tensor<S>,
  axis?: Axis,
  options?: ReductionOptions<Keep>,
) => Selection<Reduced<S, Axis, Keep>>
