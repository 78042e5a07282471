/** The parameters of a model, as a list, by path, and named by their paths. */

import { ArgumentError, Parameter } from '@adjoint/core/functional'
import { isModule } from './module.ts'
import { joinPath, type Visited, visit } from './visit.ts'

/**
 * The parameters of a model that are learned, each once, in the order of {@link visit}. A model is any object: its fields
 * are searched, and what they hold; only `#private` fields cannot be seen. Those that are not `trainable`, running
 * statistics and frozen weights, are left out; {@link stateOf} has them too.
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
  return trainableEntries(model).map(([, parameter]) => parameter)
}

/**
 * The parameters of a model that are learned, by their paths, a shared one under the path where it comes first.
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
  return Object.fromEntries(trainableEntries(model))
}

/**
 * Stops learning all of a model, or of a part of it: its parameters are constants from now on, and {@link parameters} of a
 * model around it leaves them out. They stay in {@link stateOf}. A single weight is frozen by `weight.trainable = false`.
 *
 * @returns a function that makes those trainable again that were; running statistics never are
 * @example
 * ```ts
 * import { relu, Rng } from '@adjoint/core'
 * import { Dense, freeze, namedParameters, sequential } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const model = sequential(new Dense(2, 3, { rng }), relu, new Dense(3, 1, { rng }))
 * const thaw = freeze(model.layers[0])
 * Object.keys(namedParameters(model)) // => ['2.weight', '2.bias']
 * thaw()
 * Object.keys(namedParameters(model)) // => ['0.weight', '0.bias', '2.weight', '2.bias']
 * ```
 * @throws ArgumentError when two parameters have the same path.
 */
export function freeze(model: unknown): () => void {
  const frozen = parameters(model)
  const set = (trainable: boolean): void => {
    for (const parameter of frozen) parameter.trainable = trainable
  }
  set(false)
  return () => set(true)
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
  nameWithin('', model)
  return model
}

/** The same for what stands at a path of a larger model. Parts that do not exist yet are told where they will stand. */
export function nameWithin(place: string, model: unknown): void {
  const visited = visit(model)
  for (const [path, parameter] of entriesAmong(visited)) parameter.name = joinPath(place, path)
  for (const { path, value } of visited) {
    if (isModule(value) && value.pending !== undefined) value.pending.path = joinPath(place, path)
  }
}

function trainableEntries(model: unknown): [path: string, parameter: Parameter][] {
  return parameterEntries(model).filter(([, { trainable }]) => trainable)
}

/** Pairs of path and parameter, trainable or not; the parameter itself has the path `'parameter'` when it is all there is. */
export function parameterEntries(model: unknown): [path: string, parameter: Parameter][] {
  const visited = visit(model)
  const pending = visited.find(({ value }) => isModule(value) && value.pending !== undefined)
  if (pending !== undefined) {
    throw new ArgumentError(
      'parameters',
      `${pending.path === '' ? 'the model' : `'${pending.path}'`} is a lazy layer that has not been built yet; pass one input through the model first, ` +
        'as in model.forward(example).',
    )
  }
  return entriesAmong(visited)
}

function entriesAmong(visited: readonly Visited[]): [path: string, parameter: Parameter][] {
  const found = new Map<string, Parameter>()
  for (const { path, value } of visited) {
    if (!(value instanceof Parameter)) continue
    const name = path || 'parameter'
    if (found.has(name)) {
      throw new ArgumentError('parameters', `two parameters have the path '${name}'; rename a field.`)
    }
    found.set(name, value)
  }
  return [...found]
}
