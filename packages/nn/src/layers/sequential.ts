import { ArgumentError, type Shape, type ShapeError, Tensor } from '@adjoint/core/functional'
import { type ForwardContext, isModule, type Module, type Signature } from '../module/module.ts'
import { nameParameters } from '../module/parameters.ts'
import type { InputCheck, MayBeSame, OutputFor, Shown } from '../module/shapes.ts'
import { joinPath } from '../module/visit.ts'

/**
 * Anything that may stand in a chain. Functions that are written in place, `z => mul(z, sigmoid(z))`, get a tensor of any
 * shape to work with; what fits to what is checked by {@link Chain}.
 */
// biome-ignore lint/suspicious/noExplicitAny: only `any` is a shape that functions of every shape accept
export type AnyLayer = Module<never, unknown> | ((input: Tensor<any>) => unknown)

/** A function that keeps the shape, whatever it is: `relu`. */
type KeepsShape = <S extends Shape>(input: Tensor<S>) => Tensor<S>

/** What a layer takes and makes: what it says itself, because its `forward` is generic, or else its `forward`. */
type SignatureOf<L> = 'typedAs' extends keyof L
  ? L extends { readonly typedAs?: Signature<infer In, infer Out> }
    ? [In, Out]
    : never
  : L extends { readonly forward: (input: infer In, ...rest: never[]) => infer Out }
    ? [In, Out]
    : L extends (input: infer In, ...rest: never[]) => infer Out
      ? [In, Out]
      : never

/** What a layer makes of an input. */
type OutputOf<L, In> = L extends KeepsShape | { readonly forward: KeepsShape } ? In : SignatureOf<L>[1]

/** Whether a layer accepts an input; where sizes are known only at run time, whether it may. */
type Accepts<L, In> = L extends
  | { readonly forward: (input: In, context?: ForwardContext) => unknown }
  | ((input: In) => unknown)
  ? true
  : [In, SignatureOf<L>[0]] extends [Tensor<infer Have>, Tensor<infer Want>]
    ? MayBeSame<Have, Want>
    : false

/** What flows between two layers, as a message shows it. */
type ShownInput<In> = In extends Tensor<infer S> ? Shown<S> : 'another type'

/** The chain; a layer that does not accept what the one before it gives is marked with the sentence to read. */
type Chain<
  Layers extends readonly unknown[],
  In,
  Done extends readonly unknown[] = [],
> = Layers extends readonly [infer First, ...infer Rest]
  ? Accepts<First, In> extends false
    ? [
        ...Done,
        First &
          ShapeError<`layer ${Done['length']} takes ${ShownInput<SignatureOf<First>[0]>}, but the layer before it gives ${ShownInput<In>}`>,
        ...Rest,
      ]
    : Chain<Rest, OutputOf<First, In>, [...Done, First]>
  : [...Done, ...Layers]

/** What a chain makes of an input; a tensor when nobody knows how many layers there are. */
type Through<Layers extends readonly unknown[], In> = Layers extends readonly [infer First, ...infer Rest]
  ? Through<Rest, OutputOf<First, In>>
  : Layers extends readonly []
    ? In
    : Tensor

/** What a chain takes: the input of its first layer. */
type Entry<Layers extends readonly unknown[]> = Layers extends readonly [infer First, ...unknown[]]
  ? SignatureOf<First>[0]
  : Tensor

/**
 * Layers one after the other, made by {@link sequential}. A module itself, so that chains nest.
 */
export class Sequential<In = Tensor, Out = Tensor, Layers extends readonly AnyLayer[] = readonly AnyLayer[]> {
  readonly layers: Layers
  /** Never set: the types of {@link forward}, for a chain that this one is a layer of. */
  declare readonly typedAs?: Signature<In, Out>

  /** @throws ArgumentError for anything that is neither a module nor a function. */
  constructor(layers: Layers) {
    layers.forEach(expectLayer)
    this.layers = Object.freeze([...layers]) as unknown as Layers
    nameParameters(this)
  }

  /** Paths inside are `'0.weight'`, not `'layers.0.weight'`. */
  get parts(): readonly AnyLayer[] {
    return this.layers
  }

  /** Passes the input through all layers, and tells `context.observe` what each of them gave. */
  forward<X>(input: X & InputCheck<X, In>, context?: ForwardContext): OutputFor<X, In, Out>
  forward(input: unknown, context?: ForwardContext): unknown {
    const observe = context?.observe
    let value = input
    for (let i = 0; i < this.layers.length; i++) {
      const layer = this.layers[i]!
      if (typeof layer === 'function') value = layer(value as Tensor)
      else if (observe === undefined) value = layer.forward(value as never, context)
      else {
        const inner = (path: string, output: Tensor): void => observe(joinPath(String(i), path), output)
        value = layer.forward(value as never, { ...context, observe: inner })
      }
      if (observe !== undefined && value instanceof Tensor) observe(String(i), value)
    }
    return value
  }

  toString(): string {
    return `Sequential(${this.layers.length})`
  }
}

/**
 * Layers one after the other: modules, and functions of one tensor such as `relu`. A layer that cannot take what the one
 * before it gives is refused while typing; sizes that are known only at run time are let through. Parameters get their
 * paths as names: `'0.weight'`.
 *
 * @example
 * ```ts
 * import { mul, relu, Rng, sigmoid, zeros } from '@adjoint/core'
 * import { Dense, sequential } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const model = sequential(
 *   new Dense(784, 128, { rng }),
 *   relu,
 *   new Dense(128, 32, { rng }),
 *   z => mul(z, sigmoid(z)),
 *   new Dense(32, 10, { rng }),
 * )
 * model.forward(zeros([5, 784])).shape // => [5, 10]
 * model.layers[2].weight.name // => '2.weight'
 * ```
 * @throws ArgumentError for anything that is neither a module nor a function.
 */
export function sequential<const Layers extends readonly AnyLayer[]>(
  ...layers: Layers & Chain<Layers, Entry<Layers>>
): Sequential<Entry<Layers>, Through<Layers, Entry<Layers>>, Layers> {
  return new Sequential(layers)
}

function expectLayer(layer: unknown, position: number): void {
  if (typeof layer === 'function' || isModule(layer)) return
  const what = layer === null ? 'null' : layer instanceof Tensor ? 'a tensor' : `a ${typeof layer}`
  throw new ArgumentError(
    'sequential',
    `layer ${position} is ${what}; a layer is a module, an object with forward(input), or a function of one tensor.`,
  )
}
