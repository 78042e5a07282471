/** Explicit randomness: seeded, splittable, and the same bits on every machine. */

import { ArgumentError, describe, GraphError } from '../shape/errors.ts'
import type { DType, TypedArray } from '../storage/dtype.ts'
import type { Tensor } from './tensor.ts'
import { threefry } from './threefry.ts'

/**
 * Where draws go while a function is traced: they are made anew before every run, and what is derived from generators is
 * derived anew.
 */
export const draws: {
  divert:
    | {
        hosted(
          shape: readonly number[],
          dtype: DType,
          write: (storage: TypedArray, offset: number) => void,
        ): Tensor
        beforeRun(effect: () => void): void
      }
    | undefined
} = { divert: undefined }

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
  #key: readonly [number, number]
  #counter: number

  /**
   * @param seed a whole number of up to 53 bits, or the state of another generator, to go on from there
   * @throws ArgumentError for a seed that is no safe integer from 0 up
   */
  constructor(seed: number | RngState) {
    if (typeof seed === 'object' && seed !== null) {
      const { key, counter } = expectState(seed)
      this.#key = key
      this.#counter = counter
    } else {
      if (!Number.isSafeInteger(seed) || seed < 0) {
        throw new ArgumentError('Rng', `the seed must be a whole number from 0 to 2^53 - 1, got ${seed}.`)
      }
      this.#key = [seed >>> 0, Math.floor(seed / 2 ** 32)]
      this.#counter = 0
    }
    if (draws.divert === undefined) return
    // A generator that a traced function makes stands at its beginning in every run.
    const start = { key: this.#key, counter: this.#counter }
    draws.divert.beforeRun(() => {
      this.state = start
    })
  }

  /** Where the generator stands. `new Rng(rng.state)` goes on from there, and so does a generator that is given the state. */
  get state(): RngState {
    expectUntraced('Rng.state')
    return { key: [...this.#key], counter: this.#counter }
  }

  set state(state: RngState) {
    expectUntraced('Rng.state')
    const { key, counter } = expectState(state)
    this.#key = key
    this.#counter = counter
  }

  /** `count` generators whose streams are independent of each other and of this one. */
  split<const Count extends number = 2>(count: Count = 2 as Count): SplitRngs<Count> {
    if (!Number.isInteger(count) || count < 0) {
      throw new ArgumentError('Rng.split', `the count must be a whole number from 0 up, got ${count}.`)
    }
    const children = Array.from({ length: count }, () => this.#derived(() => this.#draw(CHILD_STREAM)))
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
    return this.#derived(() => this.#encrypt(data, NAMED_STREAM))
  }

  /**
   * One number, uniform in [0, 1), a multiple of 2^-53.
   *
   * @throws GraphError while a function is traced: it would be the same number in every run.
   */
  next(): number {
    expectUntraced('Rng.next')
    this.#draw(0)
    return fraction(words[0]!, words[1]!)
  }

  /**
   * Fills an array with the numbers that `next` would give one after the other.
   *
   * @throws GraphError while a function is traced.
   */
  fill(numbers: Float64Array): void {
    expectUntraced('Rng.fill')
    for (let from = 0; from < numbers.length; ) {
      const low = this.#counter >>> 0
      // A piece ends where the lower word of the counter would overflow.
      const count = Math.min(numbers.length - from, PIECE, 2 ** 32 - low)
      const [first, second] = this.#key
      threefry(first, second, low, Math.floor(this.#counter / 2 ** 32), words, 0, count)
      for (let i = 0; i < count; i++) numbers[from + i] = fraction(words[2 * i]!, words[2 * i + 1]!)
      this.#counter += count
      from += count
    }
  }

  /**
   * A whole number, uniform from 0 to `limit - 1`, without bias.
   *
   * @throws ArgumentError when limit is not a whole number from 1 to 2^53 - 1; GraphError while a function is traced.
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
    this.#encrypt(this.#counter++, stream)
  }

  /** Leaves the two words of a counter in `words`. */
  #encrypt(counter: number, stream: number): void {
    threefry(this.#key[0], this.#key[1], counter >>> 0, Math.floor(counter / 2 ** 32) | stream, words, 0)
  }

  /** A generator whose key `encrypt` leaves in `words`; while a function is traced, it begins there before every run. */
  #derived(encrypt: () => void): Rng {
    const begin = (): RngState => {
      encrypt()
      return { key: [words[0]!, words[1]!], counter: 0 }
    }
    const { divert } = draws
    if (divert === undefined) return new Rng(begin())
    const child = new Rng(0)
    divert.beforeRun(() => {
      child.state = begin()
    })
    return child
  }
}

/** How many numbers are drawn at a time. */
const PIECE = 512

/** Words on their way to numbers, two for each of a piece; nothing is kept here. */
const words: Uint32Array = /* @__PURE__ */ new Uint32Array(1024)

/** 53 of 64 bits, as a number from 0 to below 1. */
function fraction(first: number, second: number): number {
  return (first * 0x200000 + (second >>> 11)) * 2 ** -53
}

function expectState({ key, counter }: RngState): { key: [number, number]; counter: number } {
  const [first, second] = key ?? []
  const valid = [first, second, counter].every(part => Number.isSafeInteger(part) && part! >= 0)
  if (valid) return { key: [first! >>> 0, second! >>> 0], counter }
  throw new ArgumentError('Rng', 'a state is { key: [number, number], counter }, as rng.state gives it.')
}

/** Plain numbers of a generator have no place in a traced function. */
function expectUntraced(op: string): void {
  if (draws.divert === undefined) return
  throw new GraphError(
    op,
    'would be the same in every run of a function that is traced. Draw a tensor in it (uniform, normal, randomIntegers, ' +
      'choice, ...), which is drawn anew before every run, or draw outside and pass the result.',
  )
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
