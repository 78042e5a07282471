/** The fields that a kind of case has besides the common ones, checked as they are read. */
import { ParityInputError } from './errors.ts'
import type { ParityCase, StoredTensor } from './format.ts'

type Json = Readonly<Record<string, unknown>>

/** Reads fields of a record; what is missing or of another type is an error that names the place. */
export class Fields {
  readonly #where: string
  readonly #record: Json

  constructor(where: string, record: Json) {
    this.#where = where
    this.#record = record
  }

  static of({ id, record }: ParityCase): Fields {
    return new Fields(id, record)
  }

  raw(name: string): unknown {
    return Object.hasOwn(this.#record, name) ? (this.#record[name] ?? undefined) : undefined
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined
  }

  names(): string[] {
    return Object.keys(this.#record)
  }

  tensor(name: string): StoredTensor {
    const value = this.raw(name)
    return isTensor(value) ? value : this.#refuse(name, 'a tensor')
  }

  tensors(name: string): StoredTensor[] {
    const found = this.list(name)
    return found.every(isTensor) ? (found as StoredTensor[]) : this.#refuse(name, 'a list of tensors')
  }

  /** Tensors, null where there is none. */
  nullableTensors(name: string): (StoredTensor | null)[] {
    const found = this.list(name)
    return found.every(entry => entry === null || isTensor(entry))
      ? (found as (StoredTensor | null)[])
      : this.#refuse(name, 'a list of tensors and nulls')
  }

  list(name: string): readonly unknown[] {
    const value = this.raw(name)
    return Array.isArray(value) ? value : this.#refuse(name, 'a list')
  }

  number(name: string): number {
    const value = this.raw(name)
    if (typeof value === 'number') return value
    if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
    return this.#refuse(name, 'a number')
  }

  /** A tensor, or a plain number as a 0-d one. */
  scalar(name: string): StoredTensor {
    const value = this.raw(name)
    return isTensor(value) ? value : { shape: [], dtype: 'float64', data: [this.number(name)] }
  }

  numbers(name: string): number[] {
    const found = this.list(name)
    return found.map((_, at) =>
      new Fields(`${this.#where}.${name}`, found as unknown as Json).number(String(at)),
    )
  }

  booleans(name: string): boolean[] {
    const found = this.list(name)
    return found.every(entry => typeof entry === 'boolean')
      ? (found as boolean[])
      : this.#refuse(name, 'a list of booleans')
  }

  text(name: string): string {
    const value = this.raw(name)
    return typeof value === 'string' ? value : this.#refuse(name, 'a text')
  }

  texts(name: string): string[] {
    const found = this.list(name)
    return found.every(entry => typeof entry === 'string')
      ? (found as string[])
      : this.#refuse(name, 'a list of texts')
  }

  /** The fields of a record inside. */
  record(name: string): Fields {
    const value = this.raw(name)
    if (typeof value !== 'object' || value === null) return this.#refuse(name, 'a record')
    return new Fields(`${this.#where}.${name}`, value as Json)
  }

  /** The fields of the records of a list. */
  records(name: string): Fields[] {
    return this.list(name).map((_, at) => this.record(name).record(String(at)))
  }

  #refuse(name: string, wanted: string): never {
    throw new ParityInputError(`${this.#where}: ${name} is not ${wanted}.`)
  }
}

function isTensor(value: unknown): value is StoredTensor {
  return typeof value === 'object' && value !== null && 'shape' in value && 'data' in value
}
