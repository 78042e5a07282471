/** The arguments of an op other than its tensors, under PyTorch's names. */
import type { DType } from '@adjoint/core'
import { NotCovered } from './errors.ts'

/**
 * Reads attributes by name and notes which were read: an adapter that leaves one unread has not computed what the case
 * asks for, and {@link expectAllRead} says so. `null` is PyTorch's None and counts as absent.
 */
export class Attributes {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #read = new Set<string>()

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values
  }

  /** The value as it stands in the file, `undefined` when it is absent or null. */
  raw(name: string): unknown {
    this.#read.add(name)
    return Object.hasOwn(this.#values, name) ? (this.#values[name] ?? undefined) : undefined
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined
  }

  /** A number; the strings for what JSON has no number for are numbers too. */
  number(name: string, fallback?: number): number {
    return this.optionalNumber(name) ?? fallback ?? this.#missing(name)
  }

  optionalNumber(name: string): number | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    return toNumber(value) ?? this.#refuse(name, value)
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.raw(name) ?? fallback
    return typeof value === 'boolean' ? value : this.#refuse(name, value)
  }

  /** One of the given words. */
  word<const Word extends string>(name: string, words: readonly Word[], fallback?: Word): Word {
    const value = this.raw(name) ?? fallback ?? this.#missing(name)
    return words.find(word => word === value) ?? this.#refuse(name, value)
  }

  text(name: string): string {
    const value = this.raw(name) ?? this.#missing(name)
    return typeof value === 'string' ? value : this.#refuse(name, value)
  }

  /** A list of numbers; a single number is a list of one. */
  numbers(name: string): number[] {
    return this.optionalNumbers(name) ?? this.#missing(name)
  }

  optionalNumbers(name: string): number[] | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    const numbers = (Array.isArray(value) ? value : [value]).map(toNumber)
    return numbers.every(number => number !== undefined) ? numbers : this.#refuse(name, value)
  }

  list(name: string): readonly unknown[] {
    const value = this.raw(name) ?? this.#missing(name)
    return Array.isArray(value) ? value : this.#refuse(name, value)
  }

  /** An axis, several, or `undefined` for all; PyTorch takes an empty list for all as well. */
  axes(name = 'dim'): number | number[] | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    if (Array.isArray(value)) return value.length === 0 ? undefined : this.numbers(name)
    return this.number(name)
  }

  /** The `keepdim` of reductions. */
  keepDims(): { readonly keepDims: boolean } {
    return { keepDims: this.boolean('keepdim', false) }
  }

  /** A dtype by PyTorch's name: int64 is int32 here, uint8 and the like do not exist. */
  dtype(name = 'dtype'): DType | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    if (value === 'int64') return 'int32'
    const known = (['float32', 'float64', 'int32', 'bool'] as const).find(dtype => dtype === value)
    if (known === undefined) throw new NotCovered(`dtype ${String(value)} does not exist in Adjoint`)
    return known
  }

  /** @throws NotCovered when an attribute was not read. */
  expectAllRead(op: string): void {
    const unread = Object.keys(this.#values).filter(
      name => !this.#read.has(name) && this.#values[name] !== null,
    )
    if (unread.length > 0) throw new NotCovered(`${op} with ${unread.join(', ')}`)
  }

  #missing(name: string): never {
    throw new NotCovered(`a case without the attribute ${name}`)
  }

  #refuse(name: string, value: unknown): never {
    throw new NotCovered(`${name} = ${JSON.stringify(value)}`)
  }
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (value === 'Infinity' || value === 'inf') return Infinity
  if (value === '-Infinity' || value === '-inf') return -Infinity
  return value === 'NaN' || value === 'nan' ? NaN : undefined
}
