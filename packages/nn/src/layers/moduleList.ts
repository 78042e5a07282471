import { ArgumentError } from '@adjoint/core/functional'
import { isModule, type Module } from '../module/module.ts'
import { nameParameters } from '../module/parameters.ts'
import { shown } from '../module/shown.ts'

/**
 * Modules in a list, for a module of your own that decides itself how to call them: paths are `'0.weight'`, in a field
 * `blocks` `'blocks.0.weight'`. A plain array in a field does the same; this one checks what it gets, and is PyTorch's name
 * for it. `sequential` calls layers one after the other, `parallel` beside each other.
 *
 * @example
 * ```ts
 * import { Rng } from '@adjoint/core'
 * import { Dense, ModuleList, namedParameters } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const heads = new ModuleList([new Dense(4, 2, { rng }), new Dense(4, 3, { rng })])
 * Object.keys(namedParameters(heads)) // => ['0.weight', '0.bias', '1.weight', '1.bias']
 * Array.from(heads, head => head.outputs) // => [2, 3]
 * ```
 */
export class ModuleList<M extends Module<never, unknown> = Module<never, unknown>> implements Iterable<M> {
  readonly modules: readonly M[]

  /** @throws ArgumentError for anything that is no module; functions have no parameters and need no list. */
  constructor(modules: Iterable<M>) {
    const list = [...modules]
    list.forEach((module, i) => {
      if (isModule(module)) return
      throw new ArgumentError('ModuleList', `entry ${i} is ${shown(module)}; it holds modules.`)
    })
    this.modules = Object.freeze(list)
    nameParameters(this)
  }

  get length(): number {
    return this.modules.length
  }

  /** Paths inside are `'0.weight'`, not `'modules.0.weight'`. */
  get parts(): readonly M[] {
    return this.modules
  }

  /** The module at a position; -1 is the last one. */
  at(position: number): M {
    const module = this.modules.at(position)
    if (module !== undefined) return module
    throw new ArgumentError('ModuleList', `has ${this.length} modules, none at ${position}.`)
  }

  [Symbol.iterator](): Iterator<M> {
    return this.modules[Symbol.iterator]()
  }

  /** @throws ArgumentError always: a list does not know in which order to call its modules. */
  forward(_input: unknown): never {
    throw new ArgumentError(
      'ModuleList',
      'has no order to call its modules in; call them yourself, or take sequential(...) or parallel([...]).',
    )
  }

  toString(): string {
    return `ModuleList(${this.length})`
  }
}
