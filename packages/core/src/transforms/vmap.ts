/** A function of one example as a function of many: every op runs once for the whole batch. */

import { moveAxis } from '../composed/moveAxis.ts'
import { slice } from '../composed/slice.ts'
import { stack } from '../composed/stack.ts'
import { type Interpreter, isRecorded, passOn, type Run, withInterpreter } from '../graph/interpret.ts'
import { recording } from '../graph/record.ts'
import { expand } from '../ops/expand.ts'
import { reshape } from '../ops/reshape.ts'
import { expectFunction, expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe, formatShape, GraphError, ShapeError } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { Attributes, Primitive } from '../tensor/node.ts'
import { Tensor } from '../tensor/tensor.ts'
import { ReadableTracer, Tracer } from '../tensor/tracer.ts'
import { expectTree } from './grad.ts'
import { batchRuleOf } from './rules.ts'
import { flattenTree, keysOf, type WideTree } from './tree.ts'

/**
 * Where the examples lie: a number for every tensor of a tree, `null` for tensors (or any value) that all examples share, or
 * an array or record of those, in the form of the tree.
 */
export type BatchAxes = number | null | readonly BatchAxes[] | { readonly [key: string]: BatchAxes }

/** Settings of {@link vmap}. */
export interface VmapOptions {
  /** The batch axis of each argument: one for all, or an array with an entry for each argument. Default 0. */
  readonly inAxes?: BatchAxes
  /** The batch axis of the results, one for all or in the form of the result. Default 0. */
  readonly outAxes?: BatchAxes
}

/** The arguments of a batched function: the same trees, with one more axis. */
export type BatchedArguments<Arguments extends unknown[]> = { [K in keyof Arguments]: WideTree<Arguments[K]> }

/**
 * The function that does for a batch what `f` does for one example: write `f` without a batch axis, and call it with one.
 * No op runs once per example unless nothing better is known for it; `grad`, `jvp` and all others may be used inside and
 * outside.
 *
 * @example
 * ```ts
 * import { grad, type Tensor, tensor, vmap } from '@adjoint/core'
 * const loss = (w: Tensor, x: Tensor) => w.mul(x).sum().square()
 * // The gradient of each example by itself:
 * const perSample = vmap(grad(loss), { inAxes: [null, 0] })
 * perSample(tensor([1, 2]), tensor([[1, 0], [0, 1]])).toArray() // => [[2, 0], [0, 4]]
 * vmap((x: Tensor) => x.mul(2), { inAxes: 1 })(tensor([[1, 2], [3, 4]])).toArray() // => [[2, 6], [4, 8]]
 * ```
 * @throws ShapeError when the batch axes have different lengths; GraphError when `f` reads a value: there is one for each
 * example; ArgumentError when no argument has a batch axis.
 */
export function vmap<Arguments extends unknown[], Out>(
  f: (...args: Arguments) => Out,
  options: VmapOptions = {},
): (...args: BatchedArguments<Arguments>) => WideTree<Out> {
  expectOptions('vmap', options, ['inAxes', 'outAxes'])
  expectFunction('vmap', f)
  const { inAxes = 0, outAxes = 0 } = options
  return (...args) => {
    const found: { tensor: Tensor; axis: number; path: string }[] = []
    const marked = args.map((arg, i) => {
      if (Array.isArray(inAxes) && inAxes.length > args.length) {
        throw new ArgumentError(
          'vmap',
          `inAxes has ${inAxes.length} entries for ${args.length} ${args.length === 1 ? 'argument' : 'arguments'}.`,
        )
      }
      const axes = Array.isArray(inAxes) ? expectEntry(inAxes, i) : (inAxes as BatchAxes)
      return markLeaves(arg, axes, `argument ${i}`, (tensor, axis, path) => {
        found.push({ tensor, axis, path })
      })
    })
    const scope = new BatchScope(expectBatchSize(found))
    const values = new Map(found.map(({ tensor, axis }, i) => [i, moveAxis(tensor, axis, 0)]))
    const outputs = expectTree(
      'vmap',
      withInterpreter(scope, () => {
        let next = 0
        const inside = marked.map(mark => mark(() => new BatchedTensor(scope, values.get(next++)!)))
        return f(...(inside as Arguments))
      }),
    )
    const axes = outputs.paths.map(path => axisAt(outAxes, path))
    const results = outputs.leaves.map((output, i) => {
      const axis = axes[i]!
      if (axis === null) return expectShared(scope, output, outputs.paths[i]!)
      const value = scope.batched(output)
      return moveAxis(value, 0, normalizeAxis('vmap', axis, value.rank))
    })
    return outputs.rebuild(results) as unknown as WideTree<Out>
  }
}

/** A tensor that stands for one example of each; `value` has them all, along axis 0. */
class BatchedTensor extends Tracer {
  readonly scope: BatchScope
  readonly value: Tensor

  constructor(scope: BatchScope, value: Tensor) {
    super(value.shape.slice(1), value.dtype)
    this.scope = scope
    this.value = value
    this.name = value.name
  }

  explain(): string {
    return (
      `inside of vmap a tensor of shape ${formatShape(this.shape)} stands for ${this.scope.size} examples at once: it has no single value to read. ` +
      'Write conditions with where, return what you want to look at, or use stopGradient on the result of vmap.'
    )
  }

  override toString(): string {
    return `Tensor ${formatShape(this.shape)} ${this.dtype}, one of ${this.scope.size} examples inside of vmap`
  }
}

/** A tensor that belongs to a batched function but is the same for all examples. */
class SharedTensor extends ReadableTracer {
  readonly scope: BatchScope

  constructor(scope: BatchScope, value: Tensor) {
    super(value)
    this.scope = scope
  }

  explain(): string {
    return 'a tensor that was made inside of vmap was used after vmap was over. Return it from the function instead.'
  }
}

/** One run of a batched function. */
class BatchScope implements Interpreter {
  readonly transform = 'vmap'
  readonly unrolls = true
  readonly size: number
  readonly #outer = recording.interpreter

  constructor(size: number) {
    this.size = size
  }

  run(primitive: Primitive, inputs: readonly Tensor[], attributes: Attributes, again: Run): Tensor {
    const isOwn = inputs.map(x => x instanceof Tracer && this.#owns(x))
    if (!isOwn.includes(true)) return passOn(this.#outer, primitive, inputs, attributes, again)
    const isBatched = inputs.map((x, i) => isOwn[i] === true && x instanceof BatchedTensor)
    const values = inputs.map((x, i) => (isOwn[i] ? (x as BatchedTensor | SharedTensor).value : x))
    return withInterpreter(this.#outer, () =>
      isBatched.includes(true)
        ? new BatchedTensor(this, this.#runBatch(primitive, values, isBatched, attributes, again))
        : new SharedTensor(this, again(primitive, values, attributes)),
    )
  }

  lift(x: Tensor): Tensor {
    if (x instanceof BatchedTensor && x.scope === this) return new BatchedTensor(this, x.value)
    return new SharedTensor(this, this.shared(x))
  }

  source(x: Tensor): Tensor {
    const value = x instanceof Tracer && this.#owns(x) ? x.value : x
    return this.#outer?.source(value) ?? value
  }

  hides(x: Tensor): boolean {
    return isRecorded(x instanceof Tracer && this.#owns(x) ? x.value : x, this.#outer)
  }

  /** The values of all examples, along axis 0. */
  batched(x: Tensor): Tensor {
    if (x instanceof BatchedTensor && x.scope === this) return x.value
    return repeated(this.shared(x), this.size)
  }

  /** A tensor that is the same for all examples, as it is outside. */
  shared(x: Tensor): Tensor {
    return x instanceof SharedTensor && x.scope === this ? x.value : x
  }

  #owns(x: Tracer): x is BatchedTensor | SharedTensor {
    return (x instanceof BatchedTensor || x instanceof SharedTensor) && x.scope === this
  }

  #runBatch(
    primitive: Primitive,
    values: readonly Tensor[],
    isBatched: readonly boolean[],
    attributes: Attributes,
    again: Run,
  ): Tensor {
    const rule = batchRuleOf(primitive)
    if (rule === undefined) return this.#runEach(primitive, values, isBatched, attributes, again)
    if (rule === 'leading') {
      const rank = Math.max(...values.map((x, i) => (isBatched[i] ? x.rank - 1 : x.rank)))
      const aligned = values.map((x, i) => (isBatched[i] ? alignedTo(x, rank) : x))
      return again(primitive, aligned, attributes)
    }
    const full = values.map((x, i) => (isBatched[i] ? x : repeated(x, this.size)))
    return again(primitive, full, rule(attributes, this.size))
  }

  /** For primitives without a rule: one call for each example. */
  #runEach(
    primitive: Primitive,
    values: readonly Tensor[],
    isBatched: readonly boolean[],
    attributes: Attributes,
    again: Run,
  ): Tensor {
    if (this.size === 0) {
      throw new GraphError(
        primitive.name,
        'cannot be mapped by vmap over no examples: its result has no known shape.',
      )
    }
    const results = Array.from({ length: this.size }, (_, example) =>
      again(
        primitive,
        values.map((x, i) => (isBatched[i] ? slice(x, example) : x)),
        attributes,
      ),
    )
    return stack(results)
  }
}

/** Every example the same: a view with one more axis in front. */
function repeated(x: Tensor, size: number): Tensor {
  return expand(x, [size, ...x.shape])
}

/** `[batch, ...shape]` with axes of size 1 after the batch axis, so that the examples have the given rank. */
function alignedTo(x: Tensor, rank: number): Tensor {
  const missing = rank - (x.rank - 1)
  if (missing === 0) return x
  return reshape(x, [x.shape[0]!, ...new Array<number>(missing).fill(1), ...x.shape.slice(1)])
}

function expectEntry(axes: readonly BatchAxes[], at: number): BatchAxes {
  const entry = axes[at]
  if (entry !== undefined) return entry
  throw new ArgumentError(
    'vmap',
    `inAxes has no entry for argument ${at}; use null for one that all examples share.`,
  )
}

/** Finds the tensors with a batch axis; the result puts tensors in their places, in the same order. */
function markLeaves(
  arg: unknown,
  axes: BatchAxes,
  path: string,
  visit: (tensor: Tensor, axis: number, path: string) => void,
): (next: () => Tensor) => unknown {
  if (axes === null) return () => arg
  if (typeof axes === 'number') {
    if (arg instanceof Tensor) {
      visit(arg, normalizeAxis(`vmap: ${path}`, axes, arg.rank), path)
      return next => next()
    }
    if (typeof arg !== 'object' || arg === null) {
      throw new ArgumentError(
        'vmap',
        `${path} is ${describe(arg)}, which has no batch axis; give it null in inAxes.`,
      )
    }
    const { leaves, paths, rebuild } = flattenTree('vmap', arg)
    for (const [i, leaf] of leaves.entries()) {
      visit(leaf, normalizeAxis(`vmap: ${path}.${paths[i]}`, axes, leaf.rank), `${path}.${paths[i]}`)
    }
    return next => rebuild(leaves.map(next))
  }
  if (typeof arg !== 'object' || arg === null || arg instanceof Tensor) {
    throw new ArgumentError(
      'vmap',
      `inAxes describes ${path} as a tree, it is ${arg instanceof Tensor ? 'a tensor' : describe(arg)}.`,
    )
  }
  const parts = Object.entries(arg).map(([key, part]) => {
    const entry = (axes as Readonly<Record<string, BatchAxes>>)[key]
    if (entry === undefined)
      throw new ArgumentError(
        'vmap',
        `inAxes has no entry for ${path}.${key}; use null for one that all examples share.`,
      )
    return [key, markLeaves(part, entry, `${path}.${key}`, visit)] as const
  })
  return next => {
    const rebuilt = parts.map(([key, mark]) => [key, mark(next)] as const)
    return Array.isArray(arg) ? rebuilt.map(([, part]) => part) : Object.fromEntries(rebuilt)
  }
}

function expectBatchSize(found: readonly { tensor: Tensor; axis: number; path: string }[]): number {
  const [first] = found
  if (first === undefined)
    throw new ArgumentError(
      'vmap',
      'no argument has a batch axis; at least one entry of inAxes must be a number.',
    )
  const sizeAlong = ({ tensor, axis }: typeof first): number => tensor.shape[axis]!
  const other = found.find(entry => sizeAlong(entry) !== sizeAlong(first))
  if (other === undefined) return sizeAlong(first)
  const show = (entry: typeof first): string =>
    `${sizeAlong(entry)} (axis ${entry.axis} of ${formatShape(entry.tensor.shape)}, ${entry.path})`
  throw new ShapeError('vmap', `the batch axes have different lengths: ${show(first)} and ${show(other)}.`, [
    first.tensor.shape,
    other.tensor.shape,
  ])
}

/** The entry of `outAxes` for a leaf of the result. */
function axisAt(axes: BatchAxes, path: string): number | null {
  let entry: BatchAxes | undefined = axes
  for (const key of keysOf(path)) {
    if (typeof entry !== 'object' || entry === null) break
    entry = (entry as Readonly<Record<string, BatchAxes>>)[key]
  }
  if (typeof entry === 'number' || entry === null) return entry
  throw new ArgumentError('vmap', `outAxes has no number for the result${path === '' ? '' : ` '${path}'`}.`)
}

function expectShared(scope: BatchScope, output: Tensor, path: string): Tensor {
  if (!(output instanceof BatchedTensor && output.scope === scope)) return scope.shared(output)
  throw new ArgumentError(
    'vmap',
    `outAxes says null for the result${path === '' ? '' : ` '${path}'`}, but it differs from example to example.`,
  )
}
