/** The parameters of a model, as a list, by path, and named by their paths. */

import { ArgumentError, Parameter } from '@adjoint/core/functional'
import { visit } from './visit.ts'

/**
 * The parameters of a model, each once, in the order of {@link visit}. A model is any object: its fields are searched, and
 * what they hold; only `#private` fields cannot be seen.
 *
 * @example
 * ```ts
 * import { Rng } from '@adjoint/core'
 * import { Dense, parameters } from '@adjoint/nn'
 * parameters(new Dense(2, 3, { rng: new Rng(0) })).map(({ shape }) => shape) // => [[3, 2], [3]]
 * ```
 * @throws ArgumentError when two parameters have the same path, as in `{ 'a.b': x, a: { b: y } }`.
 */
export function parameters(model: unknown): Parameter[] {
  return parameterEntries(model).map(([, parameter]) => parameter)
}

/**
 * The parameters of a model by their paths, a shared one under the path where it comes first.
 *
 * @example
 * ```ts
 * import { relu, Rng } from '@adjoint/core'
 * import { Dense, namedParameters, sequential } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const model = sequential(new Dense(2, 3, { rng }), relu, new Dense(3, 1, { rng }))
 * Object.keys(namedParameters(model)) // => ['0.weight', '0.bias', '2.weight', '2.bias']
 * ```
 */
export function namedParameters(model: unknown): Record<string, Parameter> {
  return Object.fromEntries(parameterEntries(model))
}

/**
 * Gives every parameter of a model its path as its name, which error messages, pictures of the graph and ledgers then
 * show. `sequential` does it; a module of your own may do it at the end of its constructor.
 *
 * @example
 * ```ts
 * import { Rng } from '@adjoint/core'
 * import { Dense, nameParameters } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const model = nameParameters({ hidden: new Dense(2, 3, { rng }), output: new Dense(3, 1, { rng }) })
 * model.output.weight.name // => 'output.weight'
 * ```
 */
export function nameParameters<Model>(model: Model): Model {
  for (const [path, parameter] of parameterEntries(model)) parameter.name = path
  return model
}

/** Pairs of path and parameter; the parameter itself has the path `'parameter'` when it is all there is. */
export function parameterEntries(model: unknown): [path: string, parameter: Parameter][] {
  const found = new Map<string, Parameter>()
  for (const { path, value } of visit(model)) {
    if (!(value instanceof Parameter)) continue
    const name = path || 'parameter'
    if (found.has(name)) {
      throw new ArgumentError('parameters', `two parameters have the path '${name}'; rename a field.`)
    }
    found.set(name, value)
  }
  return [...found]
}
