import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, bilinear, type Parameter, type Rng, Tensor, uniform } from '@adjoint/core/functional'
import { expectRng, type Initializer } from '../initializers/initializer.ts'
import type { ForwardContext } from '../module/module.ts'
import { type FloatingDType, newParameter, parameterDType } from '../module/newParameter.ts'
import { shown } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'

/** Settings of {@link Bilinear}. */
export interface BilinearSettings {
  /** Where the first weights are drawn from. Needed unless both initialisers draw no random numbers. */
  readonly rng?: Rng
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean
  /** First weights, `[outputs, inputs1, inputs2]`. Default: uniform in ±1/√inputs1, as in PyTorch. */
  readonly weightInitializer?: Initializer
  /** First bias. Default: uniform in ±1/√inputs1, as in PyTorch. */
  readonly biasInitializer?: Initializer
  /** Default: the default dtype, float32. */
  readonly dtype?: FloatingDType
}

/**
 * A layer that is linear in each of two inputs, y_o = x1ᵀ W_o x2 + b_o: `[[..., in1], [..., in2]] -> [..., out]`. The two come as
 * a pair, `forward([x1, x2])`. `weight` is `[out, in1, in2]`, `bias` is `[out]`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { Bilinear, initializers } from '@adjoint/nn'
 * const { ones, constant } = initializers
 * const layer = new Bilinear(2, 3, 1, { weightInitializer: ones, biasInitializer: constant(0.5) })
 * layer.forward([tensor([[1, 2]]), tensor([[1, 1, 2]])]).toArray() // => [[12.5]]
 * ```
 */
export class Bilinear {
  readonly inputs1: number
  readonly inputs2: number
  readonly outputs: number
  readonly weight: Parameter
  readonly bias: Parameter | null

  /**
   * @param inputs1 number of units of the first input
   * @param inputs2 number of units of the second input
   * @param outputs number of units that go out
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, a missing `rng`, an unknown setting, or an
   * initialiser that returns another shape or dtype.
   */
  constructor(inputs1: number, inputs2: number, outputs: number, settings: BilinearSettings = {}) {
    expectOptions('Bilinear', settings, ['rng', 'bias', 'weightInitializer', 'biasInitializer', 'dtype'])
    expectSizes('Bilinear', { inputs1, inputs2, outputs })
    const bound = 1 / Math.sqrt(inputs1)
    const initial: Initializer = (shape, { rng, dtype }) =>
      uniform(expectRng('uniform', rng), shape, { low: -bound, high: bound, dtype })
    const { rng, bias = true, weightInitializer = initial, biasInitializer = initial } = settings
    const drawn = { rng, dtype: parameterDType(settings.dtype) }
    const shape = [outputs, inputs1, inputs2]
    this.inputs1 = inputs1
    this.inputs2 = inputs2
    this.outputs = outputs
    this.weight = newParameter('Bilinear', 'weight', shape, weightInitializer, drawn)
    this.bias = bias ? newParameter('Bilinear', 'bias', [outputs], biasInitializer, drawn) : null
  }

  /** @throws ShapeError when the inputs do not fit; ArgumentError when they are not two tensors. */
  forward(input: readonly [Tensor, Tensor], _context?: ForwardContext): Tensor {
    if (!Array.isArray(input) || input.length !== 2 || !input.every(x => x instanceof Tensor)) {
      throw new ArgumentError(String(this), `takes two tensors, [x1, x2], got ${shown(input)}.`)
    }
    const [x1, x2] = input as readonly [Tensor, Tensor]
    return bilinear(x1, x2, this.weight, this.bias)
  }

  /** `Bilinear(3, 4, 2)`, as summaries and messages show it. */
  toString(): string {
    return `Bilinear(${this.inputs1}, ${this.inputs2}, ${this.outputs})`
  }
}
