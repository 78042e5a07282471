/**
 * Threefry-2x32 with 20 rounds: the counter-based generator of J. Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3" (SC 2011). Two words of counter and two words of key give two words of output; no state, so streams can be
 * split and skipped freely. Only 32-bit additions, rotations and exclusive or: the same bits on every machine.
 */

/** The parity constant of the key schedule, C240 truncated to 32 bits. */
const PARITY = 0x1bd11bda

/**
 * Encrypts `count` counters, each by one larger in its first word; writes two unsigned words for each into `output`, from
 * `output[at]` on.
 */
export function threefry(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  output: Uint32Array,
  at: number,
  count = 1,
): void {
  const k0 = key0 | 0
  const k1 = key1 | 0
  const k2 = k0 ^ k1 ^ PARITY
  const start0 = (counter0 + k0) | 0
  const start1 = (counter1 + k1) | 0
  for (let i = 0; i < count; i++) {
    let x0 = (start0 + i) | 0
    let x1 = start1
    let a = k1
    let b = k2
    let c = k0
    // Eight rounds at a time, written out, with a key after each four; the last time only four.
    for (let group = 1; ; group += 2) {
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
      x0 = (x0 + a) | 0
      x1 = (x1 + b + group) | 0
      if (group === 5) break
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0
      x0 = (x0 + b) | 0
      x1 = (x1 + c + group + 1) | 0
      const used = a
      a = c
      c = b
      b = used
    }
    output[at + 2 * i] = x0
    output[at + 2 * i + 1] = x1
  }
}
