/** Pieces of WebAssembly code: values that know the type of what they leave on the stack. */

/** The types of values. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128'

/** What code leaves on the stack: one value, or nothing. */
export type CodeType = ValueType | 'nothing'

/** The bytes that stand for them. */
export const TYPE_BYTES: { readonly [T in ValueType]: number } = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
}

/** A piece of code that leaves a value of type T, or `nothing`. Immutable; may be used several times: it runs each time. */
export class Code<out T extends CodeType = CodeType> {
  readonly type: T
  readonly #parts: readonly (number | Code)[]

  constructor(type: T, parts: readonly (number | Code)[]) {
    this.type = type
    this.#parts = parts
  }

  /** Appends the bytes. Iterative: an expression may be as deep as a network is long. */
  writeTo(bytes: number[]): void {
    const lists: (readonly (number | Code)[])[] = [this.#parts]
    const places = [0]
    for (let top = 0; top >= 0; ) {
      const parts = lists[top]!
      let at = places[top]!
      while (at < parts.length && typeof parts[at] === 'number') bytes.push(parts[at++] as number)
      if (at === parts.length) {
        top--
        continue
      }
      places[top] = at + 1
      top++
      lists[top] = (parts[at] as Code).#parts
      places[top] = 0
    }
  }
}

/** Code for an address, an index or a count. */
export type I32 = Code<'i32'>
export type F32 = Code<'f32'>
export type F64 = Code<'f64'>
export type V128 = Code<'v128'>
export type Nothing = Code<'nothing'>

/** Nothing to do. */
export const nothing: Nothing = /* @__PURE__ */ new Code('nothing', [])

/** Several pieces of code, one after the other. */
export function sequence(...codes: readonly Nothing[]): Nothing {
  return new Code('nothing', codes)
}

/** Unsigned number in 7-bit groups (LEB128). */
export function unsigned(value: number): number[] {
  if (value < 0x80) return [value]
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low | 0x80 : low)
  } while (rest > 0)
  return bytes
}

/** Signed number of 64 bits in 7-bit groups (LEB128). */
export function signed64(value: bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt.asIntN(64, value)
  for (;;) {
    const low = Number(BigInt.asUintN(7, rest))
    rest >>= 7n
    const isDone = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)
    bytes.push(isDone ? low : low | 0x80)
    if (isDone) return bytes
  }
}

/** Signed number of 32 bits in 7-bit groups (LEB128). */
export function signed(value: number): number[] {
  if (value >= -0x40 && value < 0x40) return [value & 0x7f]
  const bytes: number[] = []
  let rest = value | 0
  for (;;) {
    const low = rest & 0x7f
    rest >>= 7
    const isDone = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)
    bytes.push(isDone ? low : low | 0x80)
    if (isDone) return bytes
  }
}

export function bytesOf(array: ArrayBufferView): number[] {
  return [...new Uint8Array(array.buffer, array.byteOffset, array.byteLength)]
}
