/** One thread or several: whichever was faster of late. The bits are the same, so the choice is free. */

/** Runs that are made in a row before the other way is tried: the first one wakes threads, and fills caches. */
const ROW = 3

/** The first runs go to both ways in turn: code is compiled for real only after some of them. */
const FIRST_RUNS = 24

/** After them, the slower way is tried again this often: another program may have ended that kept the processor busy. */
const TRIED_AGAIN = 96

/** How many of the last runs count. */
const REMEMBERED = 5

/**
 * For tests, which want to see threads at work also where they do not pay: programs that are made while this is so divide
 * every kernel that can be divided, and wait for their threads in every run.
 */
export const forced: { isThreaded: boolean } = { isThreaded: false }

/** Chooses between one thread and several by the time that runs took. */
export class ThreadChoice {
  readonly #one: number[] = []
  readonly #several: number[] = []
  #runs = 0

  /** Whether the next run is for several threads. */
  get isForSeveral(): boolean {
    if (this.#runs < FIRST_RUNS) return Math.floor(this.#runs / ROW) % 2 === 1
    const isFaster = median(this.#several) <= median(this.#one)
    return this.#runs % TRIED_AGAIN < ROW ? !isFaster : isFaster
  }

  /** Notes how long a run took. */
  note(isSeveral: boolean, milliseconds: number): void {
    this.#runs++
    const times = isSeveral ? this.#several : this.#one
    times.push(milliseconds)
    if (times.length > REMEMBERED) times.shift()
  }
}

/** One interruption by another process does not move it. */
function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1]!
}
