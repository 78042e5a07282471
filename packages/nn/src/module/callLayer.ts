/** Calling a layer from a module: what it takes and gives, and telling observers of it. */

import { type Shape, Tensor } from '@adjoint/core/functional'
import type { ForwardContext, Module, ShapeRule, Signature } from './module.ts'
import type { InputCheck, OutputFor, RuleEntry, RuleOutput } from './shapes.ts'
import { joinPath } from './visit.ts'

/**
 * Anything that may stand in a chain. Functions that are written in place, `z => mul(z, sigmoid(z))`, get a tensor of any
 * shape to work with; what fits to what is checked by `sequential`.
 */
// biome-ignore lint/suspicious/noExplicitAny: only `any` is a shape that functions of every shape accept
export type AnyLayer = Module<never, unknown> | ((input: Tensor<any>) => unknown)

/** A function that keeps the shape, whatever it is: `relu`. */
export type KeepsShape = <S extends Shape>(input: Tensor<S>) => Tensor<S>

/** What a layer takes and makes: what it says itself, because its `forward` is generic, or else its `forward`. */
export type SignatureOf<L> = 'typedAs' extends keyof L
  ? L extends { readonly typedAs?: Signature<infer In, infer Out> }
    ? [In, Out]
    : [Tensor<RuleEntry<RuleOf<L>>>, Tensor<RuleOutput<RuleOf<L>, RuleEntry<RuleOf<L>>>>]
  : L extends { readonly forward: (input: infer In, ...rest: never[]) => infer Out }
    ? [In, Out]
    : L extends (input: infer In, ...rest: never[]) => infer Out
      ? [In, Out]
      : never

/** What a layer of several ranks says of itself; never for every other layer. */
export type RuleOf<L> = 'typedAs' extends keyof L
  ? L extends { readonly typedAs?: infer Rule }
    ? Extract<Rule, ShapeRule>
    : never
  : never

/** Whether the output has the type of the input. */
export type Keeps<L> = L extends KeepsShape | { readonly forward: KeepsShape } ? true : false

/** What {@link callLayer} makes of an input. */
export type CallOutput<L, X> =
  Keeps<L> extends true
    ? X
    : [RuleOf<L>, X] extends [never, unknown]
      ? OutputFor<X, SignatureOf<L>[0], SignatureOf<L>[1]>
      : X extends Tensor<infer S>
        ? OutputFor<X, X, Tensor<RuleOutput<RuleOf<L>, S>>>
        : Tensor

/**
 * Calls a layer or a function inside of a module of your own, and tells `context.observe` what it gave: under `path`, which
 * is the place of the layer in the module, as `visit` has it; what the layer reports of its own parts comes before, under
 * paths that begin with it. `sequential` calls its layers with it.
 *
 * @param path name of the field, `'inner'`, or a place in it, `'blocks.0'`
 * @param context what `forward` was given; functions do not get it
 * @example
 * ```ts
 * import { add, relu, Rng, type Tensor, zeros } from '@adjoint/core'
 * import { callLayer, Dense, type ForwardContext, sequential } from '@adjoint/nn'
 *
 * class Residual {
 *   readonly inner: Dense<4, 4>
 *
 *   constructor(rng: Rng) {
 *     this.inner = new Dense(4, 4, { rng })
 *   }
 *
 *   readonly forward = (x: Tensor<[number, 4]>, context?: ForwardContext): Tensor<[number, 4]> =>
 *     add(x, relu(callLayer(this.inner, 'inner', x, context)))
 * }
 *
 * const rng = new Rng(0)
 * const heard: string[] = []
 * const model = sequential(new Residual(rng), new Dense(4, 1, { rng }))
 * model.forward(zeros([2, 4]), { observe: path => heard.push(path) })
 * heard // => ['0.inner', '0', '1']
 * ```
 */
export function callLayer<const L extends AnyLayer, X>(
  layer: L,
  path: string,
  input: X & InputCheck<X, SignatureOf<L>[0]>,
  context?: ForwardContext,
): CallOutput<L, X>
export function callLayer(
  layer: AnyLayer,
  path: string,
  input: unknown,
  context: ForwardContext | undefined,
): unknown {
  const observe = context?.observe
  const inside = observe && {
    ...context,
    observe: (inner: string, output: Tensor): void => observe(joinPath(path, inner), output),
  }
  const output =
    typeof layer === 'function' ? layer(input as Tensor) : layer.forward(input as never, inside ?? context)
  if (observe !== undefined && output instanceof Tensor) observe(path, output)
  return output
}
