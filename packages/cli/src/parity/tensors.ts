/** Stored tensors as tensors of Adjoint, and how far two of them are apart. */
import { type DType, type Tensor, tensor } from '@adjoint/core'
import { NotCovered } from './errors.ts'
import type { StoredTensor, Tolerance } from './format.ts'
import type { ChoiceKind } from './policy.ts'

/** A stored element as a number. */
export const numberOf = (element: number | boolean | string): number => Number(element)

/**
 * A stored tensor as one of Adjoint: int64 becomes int32.
 *
 * @throws NotCovered for uint8, which wraps around where no dtype of Adjoint does, and for whole numbers beyond int32.
 */
export function load({ shape, dtype, data, name }: StoredTensor): Tensor {
  if (dtype === 'uint8') throw new NotCovered('dtype uint8: Adjoint has float32, float64, int32 and bool')
  const values = data.map(numberOf)
  if (dtype === 'int64' && values.some(value => value !== (value | 0)))
    throw new NotCovered('int64 beyond the range of int32')
  const loaded = tensor(values, { shape, dtype: dtype === 'int64' ? 'int32' : dtype })
  // The adapter of attention tells masks apart by it.
  loaded.name = name
  return loaded
}

/** The dtype of Adjoint that a result shall have; undefined where there is none. */
function dtypeFor({ dtype }: StoredTensor): DType | undefined {
  if (dtype === 'uint8') return undefined
  return dtype === 'int64' ? 'int32' : dtype
}

/** A difference: where, what was found, what was expected. */
export interface Difference {
  readonly what: string
  readonly message: string
  /** Whether the found number is finite; absent where the difference is of shapes or dtypes. */
  readonly foundFinite?: boolean
  /** What leaves a choice here, when every other element agrees or is a choice too. */
  readonly choice?: ChoiceKind | undefined
}

/** Whether an element counts as what is expected. */
export type Judge = (actual: number, expected: number, at: number) => boolean

/** What leaves a choice of a derivative, if anything does. */
export type FindChoice = (actual: number, expected: number, at: number) => ChoiceKind | undefined

const never: FindChoice = () => undefined
const noPardon: Judge = () => false

/** NaN equals NaN, infinities go by sign, 0 and -0 are equal, everything else by the tolerance. */
export function agrees(actual: number, expected: number, { rtol, atol }: Tolerance): boolean {
  if (actual === expected || (Number.isNaN(actual) && Number.isNaN(expected))) return true
  // An infinite number has an infinite tolerance, within which everything is.
  return Number.isFinite(expected) && Math.abs(actual - expected) <= atol + rtol * Math.abs(expected)
}

/** Settings of {@link differenceOf}. */
export interface ComparisonOptions {
  /** What counts as agreement. */
  readonly pardon?: Judge
  /** What is a difference, but one of choice. */
  readonly choice?: FindChoice
  /** Lets a whole number or a truth value stand for another one, as indices may. */
  readonly loose?: boolean
}

/**
 * The difference of a tensor from what is stored: in shape, in dtype, or in an element; undefined when they agree. Of several
 * elements that differ it is the first of the worst kind: a wrong finite number before none, and a choice last.
 */
export function differenceOf(
  what: string,
  actual: Tensor,
  expected: StoredTensor,
  tolerance: Tolerance,
  { pardon = noPardon, choice = never, loose = false }: ComparisonOptions = {},
): Difference | undefined {
  const shape = actual.shape as readonly number[]
  if (shape.length !== expected.shape.length || shape.some((size, axis) => size !== expected.shape[axis])) {
    return { what, message: `shape [${shape.join(', ')}], expected is [${expected.shape.join(', ')}]` }
  }
  const wanted = dtypeFor(expected)
  const isWhole = (dtype: DType | undefined): boolean => dtype === 'int32' || dtype === 'bool'
  if (actual.dtype !== wanted && !(loose && isWhole(actual.dtype) && isWhole(wanted))) {
    return { what, message: `dtype ${actual.dtype}, expected is ${expected.dtype}` }
  }
  const found = actual.data()
  let first: Difference | undefined
  for (const [at, stored] of expected.data.entries()) {
    const e = numberOf(stored)
    const a = found[at]!
    if (agrees(a, e, tolerance) || pardon(a, e, at)) continue
    const foundFinite = Number.isFinite(a)
    // Once an element is wrong that has no number, only a wrong number is worse.
    const isWrong = first !== undefined && first.choice === undefined
    if (isWrong && !foundFinite) continue
    const kind = choice(a, e, at)
    if (kind !== undefined && first !== undefined) continue
    const message = `element ${at} of ${found.length} is ${a}, expected is ${e}`
    first = { what, message, foundFinite, choice: kind }
    if (kind === undefined && foundFinite) break
  }
  return first
}
