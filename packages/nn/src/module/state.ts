/** The values of a model, by path: taken out, and put back. */

import { ArgumentError, type Parameter, type Tensor, tensor } from '@adjoint/core/functional'
import { parameterEntries } from './parameters.ts'
import { readTensor, type SavedTensor } from './savedTensor.ts'
import { shown } from './shown.ts'

/** The values of a model's parameters, trainable or not, by their paths: tensors, or what JSON makes of them. */
export type ModelState = Readonly<Record<string, Tensor | SavedTensor>>

/** A state does not belong to a model. Says everything that does not fit, at once. */
export class StateError extends ArgumentError {
  /** Paths that the model has and the state has not. */
  readonly missing: readonly string[]
  /** Paths that the state has and the model has not. */
  readonly unexpected: readonly string[]
  /** Paths with another shape or dtype, or with what is no tensor. */
  readonly mismatched: readonly string[]

  constructor(
    op: string,
    missing: readonly string[],
    unexpected: readonly string[],
    mismatched: readonly { readonly path: string; readonly problem: string }[],
  ) {
    const lines = [
      ...missing.map(path => `missing: '${path}'`),
      ...unexpected.map(path => `unexpected: '${path}'`),
      ...mismatched.map(({ path, problem }) => `mismatched: '${path}' ${problem}`),
    ]
    super(op, `the state does not fit the model, nothing was changed:\n  ${lines.join('\n  ')}`)
    this.missing = missing
    this.unexpected = unexpected
    this.mismatched = mismatched.map(({ path }) => path)
  }
}

/**
 * The values of a model by path, running statistics and frozen weights too, as copies that later training does not change.
 * `JSON.stringify` writes them as text.
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
 * @throws ArgumentError when the model has no parameters, or two of the same path.
 */
export function stateOf(model: unknown): Record<string, Tensor> {
  return Object.fromEntries(entriesOf('stateOf', model).map(([path, x]) => [path, copyOf(x)]))
}

/** The values of a parameter, in memory of their own. */
export function copyOf(x: Parameter): Tensor {
  return tensor(x.data(), { shape: [...x.shape], dtype: x.dtype })
}

/**
 * Gives a model the values that {@link stateOf} took from one of the same form, also when they went through JSON. The
 * state may come from anywhere: everything is checked before anything is changed.
 *
 * @throws StateError when a path is missing or unexpected, or a shape or dtype is another one; nothing is changed then.
 * @throws ArgumentError when the model has no parameters, or the state is no object.
 */
export function loadState(model: unknown, state: ModelState): void {
  loadEntries('loadState', entriesOf('loadState', model), state)
}

/** Gives parameters the values that a state has under their names; checks everything before anything is changed. */
export function loadEntries(
  op: string,
  entries: readonly (readonly [name: string, parameter: Parameter])[],
  state: ModelState,
): void {
  if (typeof state !== 'object' || state === null) {
    throw new ArgumentError(op, `takes a state, as stateOf(model) gives it, got ${shown(state)}.`)
  }
  const known = new Set(entries.map(([name]) => name))
  const missing: string[] = []
  const mismatched: { path: string; problem: string }[] = []
  const values: [Parameter, Tensor][] = []
  for (const [path, parameter] of entries) {
    if (!Object.hasOwn(state, path)) {
      missing.push(path)
      continue
    }
    const read = readTensor(state[path], parameter)
    if (typeof read === 'string') mismatched.push({ path, problem: read })
    else values.push([parameter, read])
  }
  const unexpected = Object.keys(state).filter(path => !known.has(path))
  if (missing.length + unexpected.length + mismatched.length > 0) {
    throw new StateError(op, missing, unexpected, mismatched)
  }
  for (const [parameter, value] of values) parameter.assign(value)
}

/** The parameters by path; a model without any is a mistake that would be noticed only much later. */
export function entriesOf(op: string, model: unknown): [path: string, parameter: Parameter][] {
  const entries = parameterEntries(model)
  if (entries.length > 0) return entries
  throw new ArgumentError(
    op,
    `found no parameters in ${shown(model)}. They are searched in fields, arrays, Maps and Sets; #private fields ` +
      'cannot be seen.',
  )
}
