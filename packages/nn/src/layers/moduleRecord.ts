import { ArgumentError } from '@adjoint/core/functional'
import { isModule, type Module } from '../module/module.ts'
import { nameParameters } from '../module/parameters.ts'
import { shown } from '../module/shown.ts'

/**
 * Modules by name, for a module of your own that chooses among them: paths are `'left.weight'`, in a field `branches`
 * `'branches.left.weight'`. PyTorch's ModuleDict. A plain object in a field does the same; this one checks what it gets.
 *
 * @example
 * ```ts
 * import { Rng } from '@adjoint/core'
 * import { Dense, ModuleRecord, namedParameters } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const heads = new ModuleRecord({ value: new Dense(4, 1, { rng }), policy: new Dense(4, 3, { rng }) })
 * Object.keys(namedParameters(heads)) // => ['value.weight', 'value.bias', 'policy.weight', 'policy.bias']
 * heads.modules.policy.outputs // => 3
 * ```
 */
export class ModuleRecord<
  Modules extends Readonly<Record<string, Module<never, unknown>>> = Readonly<
    Record<string, Module<never, unknown>>
  >,
> {
  readonly modules: Modules

  /** @throws ArgumentError for anything that is no module, and for a name that is empty or has a dot. */
  constructor(modules: Modules) {
    for (const [name, module] of Object.entries(modules)) {
      if (!isModule(module)) {
        throw new ArgumentError('ModuleRecord', `'${name}' is ${shown(module)}; it holds modules.`)
      }
      if (name === '' || name.includes('.')) {
        throw new ArgumentError('ModuleRecord', `the name '${name}' cannot be a part of a path.`)
      }
    }
    this.modules = Object.freeze({ ...modules })
    nameParameters(this)
  }

  /** Paths inside are `'left.weight'`, not `'modules.left.weight'`. */
  get parts(): Modules {
    return this.modules
  }

  /** @throws ArgumentError always: a record does not know which of its modules to call. */
  forward(_input: unknown): never {
    throw new ArgumentError(
      'ModuleRecord',
      'does not know which of its modules to call; call them yourself, or take parallel({ ... }).',
    )
  }

  toString(): string {
    return `ModuleRecord(${Object.keys(this.modules).join(', ')})`
  }
}
