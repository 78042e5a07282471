/** Explicit randomness: seeded, splittable, and the same bits on every machine. */

import { ArgumentError, describe } from '../shape/errors.ts'
import { threefry } from './threefry.ts'

/** Where a generator stands; plain data, to be saved with a checkpoint. */
export interface RngState {
  readonly key: readonly [number, number]
  /** Number of 64-bit draws so far. */
  readonly counter: number
}

/** The second counter word keeps draws and children apart: a child's key is never a number that was drawn. */
const CHILD_STREAM = 0x80000000
/** The same for children that are named by a number. */
const NAMED_STREAM = 0x40000000

/**
 * A random number generator: every draw moves it on, `split` gives independent children. Tensors are drawn by `normal`
 * and `uniform`, as functions of a generator or as its methods (`fluent.ts`).
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
      const [first, second] = seed.key ?? []
      const valid = [first, second, seed.counter].every(part => Number.isSafeInteger(part) && part! >= 0)
      if (!valid)
        throw new ArgumentError(
          'Rng',
          'a state is { key: [number, number], counter }, as rng.state gives it.',
        )
      this.#key = [first! >>> 0, second! >>> 0]
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
    if (!Number.isInteger(count) || count < 0) {
      throw new ArgumentError('Rng.split', `the count must be a whole number from 0 up, got ${count}.`)
    }
    const children = Array.from({ length: count }, () => {
      this.#draw(CHILD_STREAM)
      return new Rng({ key: [this.#words[0]!, this.#words[1]!], counter: 0 })
    })
    return children as SplitRngs<Count>
  }

  /**
   * The child of this generator that belongs to a number: of an epoch, a step, an example. It is the same whenever it is
   * asked for and however much was drawn before, differs from those of other numbers and of `split`, and this generator
   * does not move on.
   *
   * @example
   * ```ts
   * import { Rng } from '@adjoint/core'
   * const rng = new Rng(42)
   * const before = rng.foldIn(7).next()
   * rng.next()
   * rng.foldIn(7).next() === before // => true
   * ```
   * @throws ArgumentError when the number is not a whole one from 0 to 2^53 - 1.
   */
  foldIn(data: number): Rng {
    if (!Number.isSafeInteger(data) || data < 0) {
      throw new ArgumentError('Rng.foldIn', `the number must be a whole one from 0 to 2^53 - 1, got ${data}.`)
    }
    const [first, second] = this.#key
    const words = new Uint32Array(2)
    threefry(first, second, data >>> 0, Math.floor(data / 2 ** 32) | NAMED_STREAM, words, 0)
    return new Rng({ key: [words[0]!, words[1]!], counter: 0 })
  }

  /** One number, uniform in [0, 1), a multiple of 2^-53. */
  next(): number {
    this.#draw(0)
    return (this.#words[0]! * 0x200000 + (this.#words[1]! >>> 11)) / 2 ** 53
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

/** The generator itself; forgetting it is the likeliest mistake. */
export function expectRng(op: string, rng: Rng): Rng {
  if (rng instanceof Rng) return rng
  throw new ArgumentError(op, `takes a generator first, got ${describe(rng)}: ${op}(new Rng(0), ...).`)
}
