/**
 * Threefry-2x32 with 20 rounds: the counter-based generator of J. Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3" (SC 2011). Two words of counter and two words of key give two words of output; no state, so streams can be
 * split and skipped freely. Only 32-bit additions, rotations and exclusive or: the same bits on every machine.
 */

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24]
/** The parity constant of the key schedule, C240 truncated to 32 bits. */
const PARITY = 0x1bd11bda

/** Encrypts one counter; writes two unsigned words into `output[at]` and `output[at + 1]`. */
export function threefry(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  output: Uint32Array,
  at: number,
): void {
  const keys = [key0 | 0, key1 | 0, key0 ^ key1 ^ PARITY]
  let x0 = (counter0 + keys[0]!) | 0
  let x1 = (counter1 + keys[1]!) | 0
  for (let group = 0; group < 5; group++) {
    const first = (group & 1) * 4
    for (let round = first; round < first + 4; round++) {
      const bits = ROTATIONS[round]!
      x0 = (x0 + x1) | 0
      x1 = ((x1 << bits) | (x1 >>> (32 - bits))) ^ x0
    }
    x0 = (x0 + keys[(group + 1) % 3]!) | 0
    x1 = (x1 + keys[(group + 2) % 3]! + group + 1) | 0
  }
  output[at] = x0
  output[at + 1] = x1
}
