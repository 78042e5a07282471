import { ArgumentError, type ShapeError, type Tensor } from '@adjoint/core/functional'
import { type AnyLayer, callLayer, type Keeps, type RuleOf, type SignatureOf } from '../module/callLayer.ts'
import type { Layout } from '../module/layout.ts'
import { type ForwardContext, isModule, type Signature } from '../module/module.ts'
import { nameParameters } from '../module/parameters.ts'
import type {
  AlignedRight,
  InputCheck,
  IsUnflattened,
  MayBeSame,
  OutputFor,
  RuleAccepts,
  RuleOutput,
  RuleShown,
  Shown,
} from '../module/shapes.ts'
import { shown } from '../module/shown.ts'

/** What a layer makes of an input. */
type OutputOf<L, In> =
  Keeps<L> extends true
    ? In
    : [RuleOf<L>] extends [never]
      ? OutputOfRank<SignatureOf<L>, In>
      : In extends Tensor<infer Have>
        ? Tensor<RuleOutput<RuleOf<L>, Have>>
        : Tensor

/** The output for a batch; where the input is known to have another rank, axes in front come or go. */
type OutputOfRank<S extends readonly unknown[], In> = [In, ...S] extends [
  Tensor<infer Have>,
  Tensor<infer Want>,
  Tensor<infer Out>,
]
  ? number extends Have['length']
    ? S[1]
    : Want['length'] extends Have['length'] | (number extends Want['length'] ? number : never)
      ? S[1]
      : Out['length'] extends Want['length']
        ? Tensor<AlignedRight<Have, Out>>
        : Tensor
  : S[1]

/** Whether a layer accepts an input; where sizes are known only at run time, whether it may. */
type Accepts<L, In> = [RuleOf<L>] extends [never]
  ? IsForgottenFlatten<L, In> extends true
    ? false
    : AcceptsSignature<L, In>
  : In extends Tensor<infer Have>
    ? RuleAccepts<RuleOf<L>, Have>
    : true

type AcceptsSignature<L, In> = L extends
  | { readonly forward: (input: In, context?: ForwardContext) => unknown }
  | ((input: In) => unknown)
  ? true
  : [In, SignatureOf<L>[0]] extends [Tensor<infer Have>, Tensor<infer Want>]
    ? MayBeSame<Have, Want>
    : false

/** Whether an image enters a layer of features, see {@link IsUnflattened}. */
type IsForgottenFlatten<L, In> = 'typedAs' extends keyof L
  ? [In, SignatureOf<L>[0]] extends [Tensor<infer Have>, Tensor<infer Want>]
    ? IsUnflattened<Have, Want>
    : false
  : false

/** What a layer takes, as a message shows it. */
type ShownWant<L> = [RuleOf<L>] extends [never] ? ShownInput<SignatureOf<L>[0]> : RuleShown<RuleOf<L>>

/** The end of the sentence. */
type Advice<L, In> = IsForgottenFlatten<L, In> extends true ? '; put a Flatten between them' : ''

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
          ShapeError<`layer ${Done['length']} takes ${ShownWant<First>}, but the layer before it gives ${ShownInput<In>}${Advice<First, In>}`>,
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
  /** The layout of the layers that have one; `undefined` when none has. */
  readonly layout: Layout | undefined
  /** Never set: the types of {@link forward}, for a chain that this one is a layer of. */
  declare readonly typedAs?: Signature<In, Out>

  /** @throws ArgumentError for anything that is neither a module nor a function, and for layers of different layouts. */
  constructor(layers: Layers) {
    this.layout = commonLayout(layers)
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
    return this.layers.reduce(
      (value, layer, i) => callLayer(layer, String(i), value as never, context),
      input,
    )
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
 * @throws ArgumentError for anything that is neither a module nor a function, and for layers with examples in rows beside
 * layers with examples in columns; a module of your own may transpose between them.
 */
export function sequential<const Layers extends readonly AnyLayer[]>(
  ...layers: Layers & Chain<Layers, Entry<Layers>>
): Sequential<Entry<Layers>, Through<Layers, Entry<Layers>>, Layers> {
  return new Sequential(layers)
}

/**
 * The layout of `Dense` and of all that has such a field, inner chains too: between layers nothing is transposed.
 *
 * @throws ArgumentError for what is no layer, and for a layout that is not that of the layers before.
 */
function commonLayout(layers: readonly AnyLayer[]): Layout | undefined {
  let common: Layout | undefined
  layers.forEach((layer, position) => {
    const refuse = (problem: string): never => {
      throw new ArgumentError('sequential', `layer ${position} ${problem}.`)
    }
    const isClass = typeof layer === 'function' && isModule(layer.prototype)
    if (isClass || (typeof layer !== 'function' && !isModule(layer))) {
      const what = isClass ? 'a class, not an instance' : shown(layer)
      refuse(`is ${what}; a layer has forward(input), or is a function of one tensor`)
    }
    const { layout } = layer as { readonly layout?: Layout }
    if (layout !== 'rows' && layout !== 'columns') return
    common ??= layout
    if (layout !== common) refuse(`has layout '${layout}', those before it '${common}'`)
  })
  return common
}
