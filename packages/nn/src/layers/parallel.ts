import { expectOptions, formatShape, sameShape } from '@adjoint/core/engine'
import { ArgumentError, add, concat, ShapeError, type Tensor } from '@adjoint/core/functional'
import { type AnyLayer, callLayer } from '../module/callLayer.ts'
import { expectLayer } from '../module/expectLayer.ts'
import type { ForwardContext } from '../module/module.ts'
import { nameParameters } from '../module/parameters.ts'
import { shown } from '../module/shown.ts'

/** How the outputs of branches become one: side by side along an axis, their sum, or what a function makes of them. */
export type Merge = 'concat' | 'add' | ((outputs: readonly Tensor[]) => Tensor)

/** Settings of {@link parallel}. */
export interface ParallelOptions {
  /** Default `'concat'`. */
  readonly merge?: Merge
  /** The axis of `'concat'`. Default 1, the channels or features behind the batch. */
  readonly axis?: number
}

/** Branches in a list, with paths `'0.weight'`, or by name, with paths `'left.weight'`. */
export type Branches = readonly AnyLayer[] | Readonly<Record<string, AnyLayer>>

/** Layers beside each other, made by {@link parallel}. */
export class Parallel {
  readonly branches: Branches
  readonly merge: Merge
  readonly axis: number

  /** @throws ArgumentError for anything that is no layer, for no branches, and for settings that it does not know. */
  constructor(branches: Branches, options: ParallelOptions = {}) {
    expectOptions('parallel', options, ['merge', 'axis'])
    const { merge = 'concat', axis = 1 } = options
    if (merge !== 'concat' && merge !== 'add' && typeof merge !== 'function') {
      throw new ArgumentError('parallel', `merge is 'concat', 'add' or a function, got ${shown(merge)}.`)
    }
    if (options.axis !== undefined && merge !== 'concat') {
      throw new ArgumentError('parallel', `axis is for merge 'concat', not for ${shown(merge)}.`)
    }
    const entries = Object.entries(branches as Readonly<Record<string, AnyLayer>>)
    if (entries.length === 0) throw new ArgumentError('parallel', 'needs at least one branch.')
    for (const [name, branch] of entries) expectLayer('parallel', `branch ${name}`, branch)
    this.branches = Object.freeze(Array.isArray(branches) ? [...branches] : { ...branches }) as Branches
    this.merge = merge
    this.axis = axis
    nameParameters(this)
  }

  /** Paths inside are `'0.weight'`, not `'branches.0.weight'`. */
  get parts(): Branches {
    return this.branches
  }

  /** @throws ShapeError when the outputs cannot be merged. */
  forward(input: Tensor, context?: ForwardContext): Tensor {
    const outputs = Object.entries(this.branches as Readonly<Record<string, AnyLayer>>).map(
      ([name, branch]) => callLayer(branch, name, input as never, context) as Tensor,
    )
    if (typeof this.merge === 'function') return this.merge(outputs)
    return this.merge === 'add' ? added(outputs) : (concat(outputs, this.axis) as Tensor)
  }

  toString(): string {
    const { merge, axis } = this
    const how = typeof merge === 'function' ? merge.name || 'function' : merge
    return `Parallel(${Object.keys(this.branches).length}, ${how}${merge === 'concat' ? ` along ${axis}` : ''})`
  }
}

/** The sum; shapes must be the same, because broadcasting here is more often a mistake than meant. */
function added(outputs: readonly Tensor[]): Tensor {
  const shapes = outputs.map(({ shape }) => shape as readonly number[])
  if (shapes.some(shape => !sameShape(shape, shapes[0]!))) {
    throw new ShapeError(
      'parallel',
      `the branches give ${shapes.map(formatShape).join(', ')}, which cannot be added up.`,
      shapes,
    )
  }
  return outputs.reduce((sum, output) => add(sum, output) as Tensor)
}

/**
 * Layers beside each other: all get the same input, and their outputs are put side by side along an axis, added up, or merged by
 * a function. Paths are `'0.weight'`, or `'left.weight'` for branches with names.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { Dense, Identity, namedParameters, parallel } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const model = parallel([new Dense(4, 3, { rng }), new Identity()])
 * model.forward(zeros([2, 4])).shape // => [2, 7]
 * const sum = parallel({ left: new Dense(4, 3, { rng }), right: new Dense(4, 3, { rng }) }, { merge: 'add' })
 * sum.forward(zeros([2, 4])).shape // => [2, 3]
 * Object.keys(namedParameters(sum)) // => ['left.weight', 'left.bias', 'right.weight', 'right.bias']
 * ```
 * @throws ArgumentError for anything that is no layer, for no branches, and for settings that it does not know.
 */
export function parallel(branches: Branches, options: ParallelOptions = {}): Parallel {
  return new Parallel(branches, options)
}
