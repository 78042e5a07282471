/** Tensors as text, the way NumPy users expect: aligned columns, long axes shortened. */

import { ArgumentError, describe, formatShape } from '../shape/errors.ts'
import type { DType, TypedArray } from '../storage/dtype.ts'

/** What printing needs of a tensor. */
export interface Printable {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly size: number
  readonly name: string | undefined
  readonly requiresGrad: boolean
  data(): TypedArray
}

/** Above this many elements an axis shows only its ends. */
const FULL_SIZE = 1000
/** Entries that remain at either end of a shortened axis. */
const EDGE = 3
/** Digits after the point. */
const DIGITS = 4

/**
 * A tensor as text: `tensor([[1, 2], [3, 4]], shape [2, 2], float32)`, one row per line, long axes shortened.
 *
 * @example
 * ```ts
 * import { formatTensor, tensor } from '@adjoint/core'
 * formatTensor(tensor([0.5, -1])) // => 'tensor([ 0.5, -1.0], shape [2], float32)'
 * ```
 */
export function formatTensor(x: Printable): string {
  if (!Array.isArray((x as Printable | undefined)?.shape)) {
    throw new ArgumentError('formatTensor', `takes tensors, got ${describe(x)}; make one with tensor(...).`)
  }
  const facts = [`shape ${formatShape(x.shape)}`, x.dtype]
  if (x.name !== undefined) facts.push(`'${x.name}'`)
  if (x.requiresGrad) facts.push('requires grad')
  const body = x.size === 0 ? '[]' : formatElements(x)
  return `tensor(${body}, ${facts.join(', ')})`
}

function formatElements(x: Printable): string {
  const data = x.data()
  const shortened = x.size > FULL_SIZE
  const shown: number[] = []
  const visit = (axis: number, start: number, size: number): string[] | string => {
    if (axis === x.shape.length) {
      shown.push(data[start]!)
      return ''
    }
    const length = x.shape[axis]!
    const part = size / length
    for (const i of entriesOf(length, shortened)) if (i >= 0) visit(axis + 1, start + i * part, part)
    return ''
  }
  visit(0, 0, x.size)
  const format = formatterFor(x.dtype, shown)
  let width = 0
  for (const value of shown) width = Math.max(width, format(value).length)

  const print = (axis: number, start: number, size: number): string => {
    if (axis === x.shape.length) {
      const text = format(data[start]!)
      return x.shape.length === 0 ? text : text.padStart(width)
    }
    const length = x.shape[axis]!
    const part = size / length
    const last = axis === x.shape.length - 1
    const indent = ' '.repeat('tensor('.length + axis + 1)
    const separator = last ? ', ' : `,${'\n'.repeat(x.shape.length - 1 - axis)}${indent}`
    const entries = entriesOf(length, shortened).map(i =>
      i < 0 ? '...' : print(axis + 1, start + i * part, part),
    )
    return `[${entries.join(separator)}]`
  }
  return print(0, 0, x.size)
}

/** Indices to show along an axis; -1 stands for the gap. */
function entriesOf(length: number, shortened: boolean): number[] {
  const all = Array.from({ length }, (_, i) => i)
  if (!shortened || length <= 2 * EDGE) return all
  return [...all.slice(0, EDGE), -1, ...all.slice(length - EDGE)]
}

/** One format for all elements: whole numbers bare, otherwise fixed digits, or powers of ten when the range asks for it. */
function formatterFor(dtype: DType, values: readonly number[]): (value: number) => string {
  if (dtype === 'bool') return value => (value === 0 ? 'false' : 'true')
  const special = (value: number): string | undefined =>
    Number.isFinite(value) ? undefined : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  const finite = values.filter(Number.isFinite)
  let largest = 0
  let smallest = Number.POSITIVE_INFINITY
  let digits = 0
  for (const value of finite) {
    largest = Math.max(largest, Math.abs(value))
    if (value !== 0) smallest = Math.min(smallest, Math.abs(value))
    digits = Math.max(digits, decimalsOf(value))
  }
  const wide = largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1e6
  if (finite.every(Number.isInteger) && largest < 1e15) return value => special(value) ?? String(value)
  if (wide) return value => special(value) ?? (value === 0 ? '0' : value.toExponential(DIGITS))
  return value => special(value) ?? value.toFixed(digits)
}

/** Digits after the point that a number needs, at most {@link DIGITS}. */
function decimalsOf(value: number): number {
  const text = value.toFixed(DIGITS).replace(/0+$/, '')
  return text.length - text.indexOf('.') - 1
}
