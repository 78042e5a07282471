/** Where the way into the kernels' memory and out of it is longer than the loop. */

import type { Kernel } from '../kernels.ts'

/** A kernel that leaves smaller calls to the reference; `sizeOf` is the size that counts. */
export function unlessSmall(
  smallest: number,
  sizeOf: (...call: Parameters<Kernel>) => number,
  kernel: Kernel,
): Kernel {
  return (inputs, out, attributes) =>
    sizeOf(inputs, out, attributes) >= smallest && kernel(inputs, out, attributes)
}
