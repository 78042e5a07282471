import type { Tensor } from '@adjoint/core/functional'
import type { AnyLayer, SignatureOf } from '../module/callLayer.ts'
import { expectLayer } from '../module/expectLayer.ts'
import { expectUntraced } from '../module/expectUntraced.ts'
import { type ForwardContext, isModule, type PendingParts, type Signature } from '../module/module.ts'
import { nameWithin } from '../module/parameters.ts'
import { expectTensor } from '../module/shown.ts'

/** A layer that is built when its first input arrives, made by {@link lazy}. */
export class Lazy<Out = Tensor> {
  readonly build: (input: Tensor) => AnyLayer
  /** The layer; null before the first input. */
  layer: AnyLayer | null = null
  /** Set as long as there is no layer: `parameters` of a model says so instead of leaving some out. */
  pending: PendingParts | undefined = { path: '' }
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: Signature<Tensor, Out>

  constructor(build: (input: Tensor) => AnyLayer) {
    this.build = build
  }

  /** What is inside of the layer, so that its parameters have the paths they would have in its place. */
  get parts(): readonly unknown[] | Readonly<Record<string, unknown>> {
    const { layer } = this
    if (!isModule(layer)) return {}
    return (
      layer.parts ??
      Object.fromEntries(
        Object.entries(layer).filter(([, part]) => Object(part) === part && typeof part !== 'function'),
      )
    )
  }

  get pytorchNames(): Readonly<Record<string, string>> {
    return (isModule(this.layer) && this.layer.pytorchNames) || {}
  }

  /** Builds the layer from the first input, and calls it. A first pass that fails leaves nothing built. */
  forward(input: Tensor, context?: ForwardContext): Out
  forward(input: Tensor, context?: ForwardContext): unknown {
    const layer = this.layer ?? built(this, input)
    const output = typeof layer === 'function' ? layer(input) : layer.forward(input as never, context)
    this.layer = layer
    this.pending = undefined
    return output
  }

  toString(): string {
    const { layer } = this
    if (layer === null) return 'Lazy'
    return typeof layer === 'function' ? layer.name || 'function' : String(layer)
  }
}

function built({ build, pending }: Lazy<unknown>, input: Tensor): AnyLayer {
  expectTensor('lazy', 'input', input)
  expectUntraced('lazy', 'has not been built yet; pass one input through the model before it is traced.')
  const layer: unknown = build(input)
  expectLayer('lazy', 'what the function gave', layer)
  if (isModule(layer)) nameWithin(pending?.path ?? '', layer)
  return layer
}

/**
 * A layer whose sizes are known when its first input arrives: the function gets that input and returns the layer, once. It
 * stands for the layer: paths, names and the line in `summary` are those of the layer itself. Before the first pass a model
 * has no list of parameters, and `parameters(model)` says so: pass one example through it first, then make the optimizer.
 *
 * @example
 * ```ts
 * import { noGrad, relu, Rng, zeros } from '@adjoint/core'
 * import { Dense, Flatten, lazy, namedParameters, sequential } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const model = sequential(new Flatten(), lazy(x => new Dense(x.shape.at(-1)!, 5, { rng })), relu, new Dense(5, 2, { rng }))
 * noGrad(() => model.forward(zeros([1, 3, 8, 8]))).shape // => [1, 2]
 * namedParameters(model)['1.weight']?.shape // => [5, 192]
 * ```
 * @throws ArgumentError in the first pass, when the function returns no layer.
 */
export function lazy<const L extends AnyLayer>(build: (input: Tensor) => L): Lazy<SignatureOf<L>[1]> {
  return new Lazy(build)
}
