/** Trees: a tensor, or arrays and plain records of trees. They go wherever a tensor goes. */

import { standInFor } from '../graph/standIns.ts'
import { ArgumentError } from '../shape/errors.ts'
import { Tensor } from '../tensor/tensor.ts'

/** A tensor, or arrays and plain records of trees. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree }

/**
 * What T must extend to be a tree: a constraint that interfaces meet too, which have no index signature and so do not
 * extend {@link Tree}.
 */
export type TreeOf<T> =
  | Tensor
  | { readonly [Key in keyof T]: T[Key] extends object ? TreeOf<T[Key]> : Tensor }

/** The same tree with other tensors of the same shapes. (A tree of unknown form stays one: without that, no end.) */
export type LikeTree<T> = [Tree] extends [T]
  ? T
  : T extends Tensor<infer S>
    ? Tensor<S>
    : { -readonly [Key in keyof T]: LikeTree<T[Key]> }

/** A tree of tangents for a tree: like it, and as readonly as you please. */
export type TangentsOf<T> = [Tree] extends [T]
  ? T
  : T extends Tensor<infer S>
    ? Tensor<S>
    : { readonly [Key in keyof T]: TangentsOf<T[Key]> }

/** The same tree with tensors of any shape; what is no tensor stays what it is. */
export type WideTree<T> = T extends Tensor
  ? Tensor
  : T extends (...args: never[]) => unknown
    ? T
    : T extends object
      ? { readonly [Key in keyof T]: WideTree<T[Key]> }
      : T

/** A tree taken apart. */
export interface FlatTree<T> {
  readonly leaves: Tensor[]
  /** Where each leaf stands: `'layers.0.w'`; empty when the tree is a tensor itself. */
  readonly paths: string[]
  readonly rebuild: (leaves: readonly Tensor[]) => LikeTree<T>
}

/**
 * The tensors of a tree, in order, and a function that puts others in their places. Keys keep their order.
 *
 * @example
 * ```ts
 * import { flattenTree, tensor } from '@adjoint/core'
 * const { leaves, rebuild } = flattenTree('example', { w: tensor([1, 2]), b: [tensor(3)] })
 * leaves.length // => 2
 * rebuild(leaves.map((leaf) => leaf.mul(10))).w.toArray() // => [10, 20]
 * ```
 * @throws ArgumentError for anything in the tree that is neither a tensor, an array nor a plain record; names the path.
 */
export function flattenTree<T>(op: string, tree: T): FlatTree<T> {
  const leaves: Tensor[] = []
  const paths: string[] = []
  const visit = (part: unknown, path: string): void => {
    if (part instanceof Tensor) {
      leaves.push(standInFor(part))
      paths.push(path)
    } else if (Array.isArray(part)) {
      for (const [i, entry] of part.entries()) visit(entry, join(path, String(i)))
    } else if (isPlainRecord(part)) {
      for (const [key, entry] of Object.entries(part)) visit(entry, join(path, key))
    } else {
      const what =
        part === null || part === undefined
          ? String(part)
          : `a ${typeof part === 'object' ? (part.constructor?.name ?? 'value of type object') : typeof part}`
      throw new ArgumentError(
        op,
        `${path === '' ? 'the value' : `'${path}'`} is ${what}; expected a tensor, or arrays and plain records of tensors.`,
      )
    }
  }
  visit(tree, '')
  const rebuild = (replacements: readonly Tensor[]): LikeTree<T> => {
    let next = 0
    const build = (part: unknown): unknown => {
      if (part instanceof Tensor) return replacements[next++]
      if (Array.isArray(part)) return part.map(build)
      return Object.fromEntries(Object.entries(part as object).map(([key, entry]) => [key, build(entry)]))
    }
    return build(tree) as LikeTree<T>
  }
  return { leaves, paths, rebuild }
}

/**
 * The same value with every tensor in it replaced, in arrays and plain records of any depth; whatever is no tensor stays.
 */
export function mapTensors<T>(value: T, replace: (x: Tensor) => Tensor): T {
  const map = (part: unknown): unknown => {
    if (part instanceof Tensor) return replace(part)
    if (Array.isArray(part)) return part.map(map)
    if (!isPlainRecord(part)) return part
    return Object.fromEntries(Object.entries(part).map(([key, entry]) => [key, map(entry)]))
  }
  return map(value) as T
}

/**
 * The tensors of `other` in the order of the leaves of `tree`; both must have the same form, keys in any order.
 *
 * @throws ArgumentError when something is missing or superfluous; names the path.
 */
export function leavesLike(op: string, what: string, tree: unknown, other: unknown): Tensor[] {
  const { paths } = flattenTree(op, tree)
  const found = flattenTree(op, other)
  const byPath = new Map(found.paths.map((path, i) => [path, found.leaves[i]!]))
  const missing = paths.find(path => !byPath.has(path))
  const extra = found.paths.find(path => !paths.includes(path))
  if (missing !== undefined || extra !== undefined) {
    const problem = missing === undefined ? `'${extra}' belongs to no input` : `'${missing}' is missing`
    throw new ArgumentError(op, `the ${what} must be a tree of the same form as the inputs: ${problem}.`)
  }
  return paths.map(path => byPath.get(path)!)
}

/** A path with one more key; a key with dots in it stands in quotes, so that no two paths are equal. */
function join(path: string, key: string): string {
  const shown = key === '' || /[."]/.test(key) ? JSON.stringify(key) : key
  return path === '' ? shown : `${path}.${shown}`
}

/** The keys of a path of {@link flattenTree}. */
export function keysOf(path: string): string[] {
  const parts = path.match(/"(?:[^"\\]|\\.)*"|[^.]+/g) ?? []
  return parts.map(part => (part.startsWith('"') ? (JSON.parse(part) as string) : part))
}

/** Whether a value is a record that a tree may consist of: no instance of a class. */
export function isPlainRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
