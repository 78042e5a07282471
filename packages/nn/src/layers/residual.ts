import { expectOptions, formatShape, sameShape } from '@adjoint/core/engine'
import { ArgumentError, add, mul, Parameter, ShapeError, Tensor } from '@adjoint/core/functional'
import { type AnyLayer, callLayer, type SignatureOf } from '../module/callLayer.ts'
import { expectLayer } from '../module/expectLayer.ts'
import type { ForwardContext, Signature } from '../module/module.ts'
import { nameParameters } from '../module/parameters.ts'
import type { InputCheck, OutputFor } from '../module/shapes.ts'

/** Settings of {@link residual}. */
export interface ResidualOptions {
  /** What the input goes through before it is added, where the shape changes. Default: nothing, it is added as it is. */
  readonly shortcut?: AnyLayer
  /** What the output of the inner layer is multiplied with: a number, or a parameter that is learned. Default 1. */
  readonly scale?: number | Tensor
}

/** A layer with a way around it, made by {@link residual}. */
export class Residual<In = Tensor, Out = Tensor> {
  readonly inner: AnyLayer
  readonly shortcut: AnyLayer | null
  readonly scale: number | Tensor
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: Signature<In, Out>

  /** @throws ArgumentError for anything that is no layer, and settings that it does not know. */
  constructor(inner: AnyLayer, options: ResidualOptions = {}) {
    expectOptions('residual', options, ['shortcut', 'scale'])
    const { shortcut, scale = 1 } = options
    expectLayer('residual', 'the inner layer', inner)
    if (shortcut !== undefined) expectLayer('residual', 'the shortcut', shortcut)
    if (!(scale instanceof Tensor) && !Number.isFinite(scale)) {
      throw new ArgumentError('residual', `scale must be a finite number or a tensor, got ${String(scale)}.`)
    }
    this.inner = inner
    this.shortcut = shortcut ?? null
    this.scale = scale
    nameParameters(this)
  }

  /** Functions among the layers are parts too. */
  get parts(): Readonly<Record<string, unknown>> {
    return {
      inner: this.inner,
      ...(this.shortcut !== null && { shortcut: this.shortcut }),
      ...(this.scale instanceof Parameter && { scale: this.scale }),
    }
  }

  /** @throws ShapeError when the two ways do not end in the same shape. */
  forward<X>(input: X & InputCheck<X, In>, context?: ForwardContext): OutputFor<X, In, Out>
  forward(input: Tensor, context?: ForwardContext): unknown {
    const changed = callLayer(this.inner, 'inner', input as never, context) as Tensor
    const kept =
      this.shortcut === null
        ? input
        : (callLayer(this.shortcut, 'shortcut', input as never, context) as Tensor)
    if (!sameShape(kept.shape, changed.shape)) {
      const way = this.shortcut === null ? 'the input is' : 'the shortcut gives'
      const advice =
        this.shortcut === null ? ' Give it a shortcut that changes the shape in the same way.' : ''
      throw new ShapeError(
        'residual',
        `the inner layer gives ${formatShape(changed.shape)}, ${way} ${formatShape(kept.shape)}.${advice}`,
        [changed.shape as readonly number[], kept.shape as readonly number[]],
      )
    }
    return add(kept, this.scale === 1 ? changed : (mul(changed, this.scale as Tensor) as Tensor))
  }

  toString(): string {
    return 'Residual'
  }
}

/**
 * A layer with a way around it: x + F(x), or shortcut(x) + scale F(x). Gradients reach what comes before also past F.
 * Paths are `'inner.weight'` and `'shortcut.weight'`. Source: He et al., Deep Residual Learning, 2015; a learned scale that
 * begins at 0: Bachlechner et al., ReZero is All You Need, 2020.
 *
 * @example
 * ```ts
 * import { relu, Rng, zeros } from '@adjoint/core'
 * import { Dense, namedParameters, residual, sequential } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const block = residual(sequential(new Dense(4, 4, { rng }), relu))
 * const wider = residual(new Dense(4, 8, { rng }), { shortcut: new Dense(4, 8, { rng, bias: false }), scale: 0.5 })
 * sequential(block, wider).forward(zeros([2, 4])).shape // => [2, 8]
 * Object.keys(namedParameters(wider)) // => ['inner.weight', 'inner.bias', 'shortcut.weight']
 * ```
 * @throws ArgumentError for anything that is no layer, and settings that it does not know.
 */
export function residual<const L extends AnyLayer>(
  inner: L,
  options: ResidualOptions = {},
): Residual<SignatureOf<L>[0], SignatureOf<L>[1]> {
  return new Residual(inner, options)
}
