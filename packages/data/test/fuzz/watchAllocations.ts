/**
 * Counts the bytes of typed arrays and buffers that are asked for, from the moment that this file is loaded: import it
 * before anything that is to be watched.
 */

/** Bytes asked for since {@link startWatching}: together, and by the largest of them. */
export const allocated = { total: 0, largest: 0 }

/** Begins to count anew. */
export function startWatching(): void {
  allocated.total = 0
  allocated.largest = 0
}

const NAMES = [
  'ArrayBuffer',
  'Float32Array',
  'Float64Array',
  'Int32Array',
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
] as const

type Constructor = new (...values: unknown[]) => object

for (const name of NAMES) {
  const original = globalThis[name] as unknown as Constructor & { readonly BYTES_PER_ELEMENT?: number }
  const width = original.BYTES_PER_ELEMENT ?? 1
  const watched: Constructor = new Proxy(original, {
    construct(target, values: unknown[], newTarget): object {
      const [first] = values
      // A view of a buffer asks for nothing.
      const length = typeof first === 'number' ? first : first instanceof ArrayBuffer ? 0 : lengthOf(first)
      allocated.total += length * width
      allocated.largest = Math.max(allocated.largest, length * width)
      return Reflect.construct(target, values, newTarget === watched ? target : newTarget)
    },
  })
  Object.assign(globalThis, { [name]: watched })
}

function lengthOf(value: unknown): number {
  const { length } = (value ?? {}) as { readonly length?: unknown }
  return typeof length === 'number' ? length : 0
}
