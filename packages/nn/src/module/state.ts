/** The values of a model, by path: taken out, and put back. */

import { formatShape, sameShape } from '@adjoint/core/engine'
import { AdjointError, Tensor, tensor } from '@adjoint/core/functional'
import { parameterEntries } from './parameters.ts'

/** The values of a model's parameters by their paths. */
export type ModelState = Readonly<Record<string, Tensor>>

/** A state does not belong to a model. Says everything that does not fit, at once. */
export class StateError extends AdjointError {
  /** Paths that the model has and the state has not. */
  readonly missing: readonly string[]
  /** Paths that the state has and the model has not. */
  readonly unexpected: readonly string[]
  /** Paths with another shape or dtype, and what was found. */
  readonly mismatched: readonly string[]

  constructor(
    missing: readonly string[],
    unexpected: readonly string[],
    mismatched: readonly { readonly path: string; readonly problem: string }[],
  ) {
    const lines = [
      ...missing.map(path => `missing: '${path}'`),
      ...unexpected.map(path => `unexpected: '${path}'`),
      ...mismatched.map(({ path, problem }) => `mismatched: '${path}' ${problem}`),
    ]
    super('loadState', `the state does not fit the model, nothing was changed:\n  ${lines.join('\n  ')}`)
    this.missing = missing
    this.unexpected = unexpected
    this.mismatched = mismatched.map(({ path }) => path)
  }
}

/**
 * The values of a model by path, as copies that later training does not change.
 *
 * @example
 * ```ts
 * import { Rng } from '@adjoint/core'
 * import { Dense, loadState, stateOf } from '@adjoint/nn'
 * const trained = new Dense(2, 3, { rng: new Rng(0) })
 * const fresh = new Dense(2, 3, { rng: new Rng(1) })
 * const state = stateOf(trained)
 * Object.keys(state) // => ['weight', 'bias']
 * loadState(fresh, state)
 * fresh.weight.toString() === trained.weight.toString() // => true
 * ```
 */
export function stateOf(model: unknown): Record<string, Tensor> {
  return Object.fromEntries(
    parameterEntries(model).map(([path, x]) => [
      path,
      tensor(x.data(), { shape: [...x.shape], dtype: x.dtype }),
    ]),
  )
}

/**
 * Gives a model the values that {@link stateOf} took from one of the same form.
 *
 * @throws StateError when a path is missing or unexpected, or a shape or dtype is another one; nothing is changed then.
 */
export function loadState(model: unknown, state: ModelState): void {
  const entries = parameterEntries(model)
  const known = new Set(entries.map(([path]) => path))
  const missing: string[] = []
  const mismatched: { path: string; problem: string }[] = []
  for (const [path, { shape, dtype }] of entries) {
    if (!Object.hasOwn(state, path)) {
      missing.push(path)
      continue
    }
    const found: unknown = state[path]
    const needed = `needed is ${dtype} ${formatShape(shape)}`
    if (!(found instanceof Tensor)) mismatched.push({ path, problem: `is not a tensor, ${needed}` })
    else if (!sameShape(found.shape, shape) || found.dtype !== dtype) {
      mismatched.push({ path, problem: `is ${found.dtype} ${formatShape(found.shape)}, ${needed}` })
    }
  }
  const unexpected = Object.keys(state).filter(path => !known.has(path))
  if (missing.length + unexpected.length + mismatched.length > 0) {
    throw new StateError(missing, unexpected, mismatched)
  }
  for (const [path, parameter] of entries) parameter.assign(state[path]!)
}
