/** Explicit randomness: seeded, splittable, and the same bits on every machine. */

import { ArgumentError } from '../shape/errors.ts'
import { expectShapeArgument } from '../shape/shape.ts'
import type { Plain } from '../shape/types.ts'
import { getDefaultDType } from '../storage/dtype.ts'
import { inverseNormal } from './normal.ts'
import { allocate, type Tensor } from './tensor.ts'
import { threefry } from './threefry.ts'

/** Where a generator stands; plain data, to be saved with a checkpoint. */
export interface RngState {
  readonly key: readonly [number, number]
  /** Number of 64-bit draws so far. */
  readonly counter: number
}

/** The element type of random tensors. */
export interface RandomOptions {
  readonly dtype?: 'float32' | 'float64'
}

/** The second counter word keeps draws and children apart: a child's key is never a number that was drawn. */
const CHILD_STREAM = 0x80000000

/**
 * A random number generator: every draw moves it on, `split` gives independent children.
 *
 * @example
 * ```ts
 * import { Rng } from '@adjoint/core'
 * const rng = new Rng(42)
 * const [weights, noise] = rng.split(2)
 * weights.normal([2, 3]).shape // => [2, 3]
 * new Rng(7).next() === new Rng(7).next() // => true
 * ```
 */
export class Rng {
  readonly #key: readonly [number, number]
  #counter: number
  readonly #words = new Uint32Array(2)

  /**
   * @param seed a whole number of up to 53 bits, or the state of another generator, to go on from there
   * @throws ArgumentError for a seed that is no safe integer from 0 up
   */
  constructor(seed: number | RngState) {
    if (typeof seed === 'object' && seed !== null) {
      this.#key = [seed.key[0] >>> 0, seed.key[1] >>> 0]
      this.#counter = seed.counter
      return
    }
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new ArgumentError('Rng', `the seed must be a whole number from 0 to 2^53 - 1, got ${seed}.`)
    }
    this.#key = [seed >>> 0, Math.floor(seed / 2 ** 32)]
    this.#counter = 0
  }

  /** Where the generator stands. `new Rng(rng.state)` goes on from there. */
  get state(): RngState {
    return { key: [...this.#key], counter: this.#counter }
  }

  /** `count` generators whose streams are independent of each other and of this one. */
  split<const Count extends number = 2>(count: Count = 2 as Count): SplitRngs<Count> {
    const children = Array.from({ length: count }, () => {
      this.#draw(CHILD_STREAM)
      return new Rng({ key: [this.#words[0]!, this.#words[1]!], counter: 0 })
    })
    return children as SplitRngs<Count>
  }

  /** One number, uniform in [0, 1), a multiple of 2^-53. */
  next(): number {
    this.#draw(0)
    return (this.#words[0]! * 0x200000 + (this.#words[1]! >>> 11)) / 2 ** 53
  }

  /** One number, uniform in the open interval (0, 1): an odd multiple of 2^-53. */
  #nextOpen(): number {
    return (Math.floor(this.next() * 2 ** 52) + 0.5) / 2 ** 52
  }

  /**
   * A whole number, uniform from 0 to `limit - 1`, without bias.
   *
   * @throws ArgumentError when limit is not a whole number from 1 to 2^53 - 1.
   */
  integer(limit: number): number {
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw new ArgumentError('Rng.integer', `the limit must be a whole number from 1 up, got ${limit}.`)
    }
    const range = 2 ** 53
    const fair = range - (range % limit)
    for (;;) {
      const draw = this.next() * range
      if (draw < fair) return draw % limit
    }
  }

  /** The numbers 0 .. length - 1 in random order (Fisher and Yates). */
  permutation(length: number): Int32Array {
    const order = Int32Array.from({ length }, (_, i) => i)
    for (let last = length - 1; last > 0; last--) {
      const pick = this.integer(last + 1)
      const kept = order[last]!
      order[last] = order[pick]!
      order[pick] = kept
    }
    return order
  }

  /**
   * A tensor of numbers uniform in [low, high), rounded to the dtype.
   *
   * @throws ArgumentError unless low and high are finite and low is not above high.
   */
  uniform<const S extends readonly number[]>(
    shape: S,
    options: RandomOptions & { readonly low?: number; readonly high?: number } = {},
  ): Tensor<Plain<S>> {
    const { low = 0, high = 1, dtype = getDefaultDType() } = options
    if (!(Number.isFinite(high - low) && low <= high)) {
      throw new ArgumentError(
        'Rng.uniform',
        `low (${low}) and high (${high}) must be finite, and low not above high.`,
      )
    }
    const round = dtype === 'float32' ? Math.fround : (value: number) => value
    return this.#fill('Rng.uniform', shape, options, () => {
      const value = round(low + (high - low) * this.next())
      // Rounding may reach `high` itself, which is not in the interval.
      return value < high ? value : low
    })
  }

  /**
   * A tensor of numbers from the normal distribution with this mean and standard deviation.
   *
   * @throws ArgumentError unless the mean is finite and the standard deviation finite and not negative.
   */
  normal<const S extends readonly number[]>(
    shape: S,
    options: RandomOptions & { readonly mean?: number; readonly std?: number } = {},
  ): Tensor<Plain<S>> {
    const { mean = 0, std = 1 } = options
    if (!(Number.isFinite(mean) && Number.isFinite(std) && std >= 0)) {
      throw new ArgumentError(
        'Rng.normal',
        `mean (${mean}) and std (${std}) must be finite, and std not negative.`,
      )
    }
    return this.#fill('Rng.normal', shape, options, () => mean + std * inverseNormal(this.#nextOpen()))
  }

  #fill<const S extends readonly number[]>(
    op: string,
    shape: S,
    options: RandomOptions,
    draw: () => number,
  ): Tensor<Plain<S>> {
    expectShapeArgument(op, shape)
    const result = allocate(Object.freeze([...shape]), options.dtype ?? getDefaultDType())
    for (let i = 0; i < result.size; i++) result.storage[result.offset + i] = draw()
    return result as unknown as Tensor<Plain<S>>
  }

  #draw(stream: number): void {
    const counter = this.#counter++
    threefry(
      this.#key[0],
      this.#key[1],
      counter >>> 0,
      Math.floor(counter / 2 ** 32) | stream,
      this.#words,
      0,
    )
  }
}

/** As many generators as were asked for, as a tuple when the number is a literal. */
export type SplitRngs<Count extends number> = number extends Count ? Rng[] : TupleOf<Count>

type TupleOf<Count extends number, Done extends Rng[] = []> = Done['length'] extends Count
  ? Done
  : Done['length'] extends 64
    ? Rng[]
    : TupleOf<Count, [...Done, Rng]>
