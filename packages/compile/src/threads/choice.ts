/** One thread or several: whichever was faster of late. The bits are the same, so the choice is free. */

/** Runs after which the slower way is tried again: another program may have ended that kept the processor busy. */
const TRIED_AGAIN = 64

/** How much of the mean is kept from run to run. */
const KEPT = 0.75

/**
 * For tests, which want to see threads at work also where they do not pay: programs that are made while this is so divide
 * every kernel that can be divided, and wait for their threads in every run.
 */
export const forced: { isThreaded: boolean } = { isThreaded: false }

/** Chooses between one thread and several by the time that runs took. */
export class ThreadChoice {
  #one = 0
  #several = 0
  #runs = 0

  /** Whether the next run is for several threads. */
  get isForSeveral(): boolean {
    const turn = this.#runs % TRIED_AGAIN
    // The first runs of each kind: code is compiled for real only after some.
    if (this.#runs < 8) return turn % 2 === 1
    const isFaster = this.#several <= this.#one
    return turn === 0 ? !isFaster : isFaster
  }

  /** Notes how long a run took. */
  note(isSeveral: boolean, milliseconds: number): void {
    this.#runs++
    if (isSeveral) this.#several = blend(this.#several, milliseconds)
    else this.#one = blend(this.#one, milliseconds)
  }
}

function blend(mean: number, value: number): number {
  // One interruption by another process must not decide about all runs to come.
  return mean === 0 ? value : mean * KEPT + Math.min(value, 4 * mean) * (1 - KEPT)
}
