/** The values of a model under the names that PyTorch has for them. */

import { ArgumentError, type Parameter, type Tensor } from '@adjoint/core/functional'
import { isModule } from './module.ts'
import { copyOf, entriesOf, loadEntries, type ModelState } from './state.ts'
import { joinPath, visit } from './visit.ts'

/**
 * The values of a model by PyTorch's paths, as `state_dict()` of the same model has them there: every layout is PyTorch's,
 * so nothing is transposed. What is named `runningMean` here is `running_mean` there; where more than the spelling differs,
 * a module says so in `pytorchNames`. Written to a safetensors file, it can be loaded by PyTorch.
 *
 * @example
 * ```ts
 * import { relu, Rng } from '@adjoint/core'
 * import { Dense, pytorchState, sequential } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const model = sequential(new Dense(2, 3, { rng }), relu, new Dense(3, 1, { rng }))
 * Object.keys(pytorchState(model)) // => ['0.weight', '0.bias', '2.weight', '2.bias']
 * ```
 * @throws ArgumentError when the model has no parameters, or two of them would have one name.
 */
export function pytorchState(model: unknown): Record<string, Tensor> {
  return Object.fromEntries(pytorchEntries('pytorchState', model).map(([name, x]) => [name, copyOf(x)]))
}

/**
 * Gives a model the values of a PyTorch model of the same form: what is read from a safetensors file that was written from
 * its `state_dict()`. Checked as a whole before anything is changed.
 *
 * @param state tensors by PyTorch's paths
 * @throws StateError when a path is missing or unexpected, or a shape or dtype is another one; it speaks of PyTorch's paths.
 * ArgumentError when the model has no parameters, or the state is no object.
 */
export function loadPytorchState(model: unknown, state: ModelState): void {
  loadEntries('loadPytorchState', pytorchEntries('loadPytorchState', model), state)
}

function pytorchEntries(op: string, model: unknown): [name: string, parameter: Parameter][] {
  const modules = new Map(visit(model).map(({ path, value }) => [path, value]))
  const taken = new Set<string>()
  return entriesOf(op, model).map(([path, parameter]) => {
    const name = pytorchPath(path, modules)
    if (taken.has(name)) {
      throw new ArgumentError(
        op,
        `two parameters would be named '${name}'; see pytorchNames of their modules.`,
      )
    }
    taken.add(name)
    return [name, parameter]
  })
}

/** A path in PyTorch's words, piece by piece from the model inwards. */
function pytorchPath(path: string, modules: ReadonlyMap<string, unknown>): string {
  let [done, rest, name] = ['', path, '']
  while (rest !== '') {
    const [piece, word] = nextPiece(rest, modules.get(done))
    done = joinPath(done, piece)
    rest = rest.slice(piece.length + 1)
    if (word !== '') name = joinPath(name, word)
  }
  return name
}

/** The longest piece at the start of a path that the module there has a name for, or one key in snake case. */
function nextPiece(path: string, module: unknown): readonly [piece: string, word: string] {
  const names = isModule(module) ? Object.entries(module.pytorchNames ?? {}) : []
  const found = names
    .filter(([piece]) => path === piece || path.startsWith(`${piece}.`))
    .sort(([a], [b]) => b.length - a.length)[0]
  if (found !== undefined) return found
  const [key] = path.split('.', 1) as [string]
  return [key, key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)]
}
