/** A model as a function of its parameters. */

import { formatShape, sameShape, withStandIns } from '@adjoint/core/engine'
import { ArgumentError, type Parameter, Tensor } from '@adjoint/core/functional'
import { type AnyLayer, type CallOutput, callLayer, type SignatureOf } from './callLayer.ts'
import type { ForwardContext } from './module.ts'
import { parameterEntries } from './parameters.ts'
import type { InputCheck } from './shapes.ts'
import { shown } from './shown.ts'

/** Values for parameters of a model, by path: for all of them, or for some. */
export type ParameterValues = Readonly<Record<string, Tensor>>

/**
 * What a model makes of an input with other values in the place of its parameters: the model as a pure function, for
 * gradients per example, meta-learning, ensembles and curvature. The values may be whatever a transform works with, and
 * gradients flow to them; paths that are not given keep the values of the model. The model itself is not changed: what a
 * layer would assign to its memory goes to `context.assign`, or nowhere.
 *
 * @param state tensors by path, as `namedParameters(model)` and `stateOf(model)` have them
 * @example
 * ```ts
 * import { grad, Rng, type Tensor, tensor, vmap } from '@adjoint/core'
 * import { Dense, functionalCall, meanSquaredError, namedParameters } from '@adjoint/nn'
 * const model = new Dense(2, 1, { rng: new Rng(0) })
 * const loss = (state: Record<string, Tensor>, x: Tensor, y: Tensor) =>
 *   meanSquaredError(functionalCall(model, state, x), y)
 * // The gradient of each of three examples by itself:
 * const perExample = vmap(grad(loss), { inAxes: [null, 0, 0] })
 * const found = perExample(namedParameters(model), tensor([[1, 0], [0, 1], [1, 1]]), tensor([[1], [2], [3]]))
 * found.weight?.shape // => [3, 1, 2]
 * ```
 * @throws ArgumentError for a path that the model does not have, and for values of another shape or dtype.
 */
export function functionalCall<const L extends AnyLayer, X>(
  model: L,
  state: ParameterValues,
  input: X & InputCheck<X, SignatureOf<L>[0]>,
  context?: ForwardContext,
): CallOutput<L, X>
export function functionalCall(
  model: AnyLayer,
  state: ParameterValues,
  input: unknown,
  context: ForwardContext = {},
): unknown {
  const pure = { assign: () => {}, ...context }
  return withParameters(model, state, () => callLayer(model, '', input as never, pure))
}

/**
 * Runs `body` with other values in the place of parameters of a model, see {@link functionalCall}: for models of any form,
 * and for more than one call of them. Pass `{ assign }` in the context of a training pass, otherwise running statistics
 * are assigned to the model.
 *
 * @example
 * ```ts
 * import { grad, Rng, type Tensor, tensor } from '@adjoint/core'
 * import { Dense, stateOf, withParameters } from '@adjoint/nn'
 * const model = { first: new Dense(2, 2, { rng: new Rng(0) }), second: new Dense(2, 1, { rng: new Rng(1) }) }
 * const output = (state: Record<string, Tensor>, x: Tensor) =>
 *   withParameters(model, state, () => model.second.forward(model.first.forward(x).tanh()).sum())
 * grad(output)(stateOf(model), tensor([[1, 2]]))['first.weight']?.shape // => [2, 2]
 * ```
 * @throws ArgumentError for a path that the model does not have, for values of another shape or dtype, and when `body` is
 * asynchronous.
 */
export function withParameters<Result>(model: unknown, state: ParameterValues, body: () => Result): Result {
  const op = 'functionalCall'
  const known = new Map<string, Parameter>(parameterEntries(model))
  const standIns = new Map<Tensor, Tensor>()
  for (const [path, value] of Object.entries(state)) {
    const parameter = known.get(path)
    if (parameter === undefined) {
      const paths = [...known.keys()].map(name => `'${name}'`).join(', ')
      throw new ArgumentError(op, `the model has no parameter '${path}'; it has ${paths || 'none'}.`)
    }
    if (!(value instanceof Tensor)) {
      throw new ArgumentError(op, `the value of '${path}' must be a tensor, got ${shown(value)}.`)
    }
    if (value.dtype !== parameter.dtype || !sameShape(value.shape, parameter.shape)) {
      const [want, have] = [parameter, value].map(({ dtype, shape }) => `${dtype} ${formatShape(shape)}`)
      throw new ArgumentError(op, `'${path}' is ${want}, the value given for it is ${have}.`)
    }
    if (value !== parameter) standIns.set(parameter, value)
  }
  return withStandIns(op, standIns, body)
}
