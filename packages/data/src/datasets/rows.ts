/** Rows of tensors: one, or some of them together. */
import { allocate, formatShape, viewOf } from '@adjoint/core/engine'
import { ArgumentError, type Shape, ShapeError, Tensor } from '@adjoint/core/functional'

/** Tensors with the same number of rows: one, an array, or a record of them. */
export type Rows = Tensor | readonly Tensor[] | { readonly [key: string]: Tensor }

/** The type of a batch of rows: the same tree, with any number of rows. */
export type BatchOf<T> =
  T extends Tensor<infer S>
    ? S extends readonly [unknown, ...infer Rest]
      ? Rest extends Shape
        ? Tensor<[number, ...Rest]>
        : Tensor
      : Tensor
    : { readonly [Key in keyof T]: BatchOf<T[Key]> }

/** The type of one row: the same tree, without the first axis. */
export type ItemOf<T> =
  T extends Tensor<infer S>
    ? S extends readonly [unknown, ...infer Rest]
      ? Rest extends Shape
        ? Tensor<Rest>
        : Tensor
      : Tensor
    : { readonly [Key in keyof T]: ItemOf<T[Key]> }

/** The tensors of a tree of rows, and a function that puts others in their places. */
export function flattenRows(
  op: string,
  rows: Rows,
): { readonly leaves: readonly Tensor[]; readonly rebuild: (leaves: readonly Tensor[]) => unknown } {
  if (rows instanceof Tensor) return { leaves: [rows], rebuild: ([leaf]) => leaf }
  if (typeof rows !== 'object' || rows === null) throw notRows(op)
  const keys = Object.keys(rows)
  const leaves = Object.values(rows) as readonly unknown[]
  if (leaves.length === 0 || !leaves.every(leaf => leaf instanceof Tensor)) throw notRows(op)
  if (Array.isArray(rows)) return { leaves, rebuild: parts => [...parts] }
  return { leaves, rebuild: parts => Object.fromEntries(keys.map((key, at) => [key, parts[at]])) }
}

function notRows(op: string): ArgumentError {
  return new ArgumentError(
    op,
    'takes a tensor, or an array or a plain object of tensors: { x: features, y: classes }.',
  )
}

/**
 * The number of rows that all tensors have.
 *
 * @throws ShapeError when they differ, or a tensor has no axes.
 */
export function expectSameLength(op: string, leaves: readonly Tensor[]): number {
  const length = leaves[0]!.shape[0]
  if (length === undefined || leaves.some(({ shape }) => shape[0] !== length)) {
    const shapes = leaves.map(({ shape }) => shape)
    throw new ShapeError(
      op,
      `the first axis of every tensor counts the examples and must be the same, got ${shapes.map(formatShape).join(', ')}.`,
      shapes,
    )
  }
  return length
}

/** Row `index` of a tensor, without its first axis; it looks at the same memory. */
export function rowOf(x: Tensor, index: number): Tensor {
  return viewOf(x, Object.freeze(x.shape.slice(1)), x.strides.slice(1), x.offset + index * x.strides[0]!)
}

/** The rows at some positions: a look at the same memory when they follow each other, else a copy. */
export function rowsAt(x: Tensor, indices: ArrayLike<number>): Tensor {
  const count = indices.length
  const shape = Object.freeze([count, ...x.shape.slice(1)])
  const step = x.strides[0]!
  if (count > 0 && isRun(indices)) return viewOf(x, shape, x.strides, x.offset + indices[0]! * step)
  const result = allocate(shape, x.dtype)
  const { storage, offset } = result
  const length = count === 0 ? 0 : result.size / count
  const row = rowOf(x, 0)
  for (let i = 0; i < count; i++) {
    const from = x.offset + indices[i]! * step
    const to = offset + i * length
    if (length === 1) storage[to] = x.storage[from]!
    else if (row.contiguous) storage.set(x.storage.subarray(from, from + length), to)
    else storage.set(rowOf(x, indices[i]!).data(), to)
  }
  return result
}

/** Whether positions follow each other one by one. */
function isRun(indices: ArrayLike<number>): boolean {
  for (let i = 1; i < indices.length; i++) if (indices[i]! !== indices[0]! + i) return false
  return true
}
