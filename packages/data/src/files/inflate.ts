/** Decompression that stops at a limit: a few bytes of a hostile file may stand for gigabytes. */
import { Inflate } from 'fflate'
import { crc32 } from './crc32.ts'
import { type FilePlace, FormatError } from './formatError.ts'

/** Bytes that are decompressed at once. Deflate makes at most 1032 bytes of one, so a step stays below 17 MB. */
const STEP = 2 ** 14

/**
 * The bytes behind a deflate stream.
 *
 * @param most how many they may be; nothing is decompressed much further
 * @param enough stop when there are as many, for a look at the start
 * @throws FormatError when the stream is damaged, or longer than `most`.
 */
export function inflate(
  op: string,
  compressed: Uint8Array,
  { most, enough = Number.POSITIVE_INFINITY }: { readonly most: number; readonly enough?: number },
  place: FilePlace,
): Uint8Array {
  const parts: Uint8Array[] = []
  let length = 0
  const stream = new Inflate(part => {
    if (part.length === 0) return
    parts.push(part)
    length += part.length
  })
  try {
    for (let at = 0; length < enough; at += STEP) {
      const isLast = at + STEP >= compressed.length
      stream.push(compressed.subarray(at, at + STEP), isLast)
      if (isLast || length > most) break
    }
  } catch (error) {
    throw new FormatError(op, `the compressed data is damaged (${(error as Error).message}).`, place)
  }
  if (length > most) {
    throw new FormatError(op, `the compressed data holds more than the ${most} bytes that it may.`, place)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Whether bytes begin as gzip does (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/**
 * The bytes behind a gzip file of one member, its checksum and length compared.
 *
 * @throws FormatError when the file is damaged or its content longer than `most`.
 */
export function gunzip(op: string, bytes: Uint8Array, most: number, place: FilePlace): Uint8Array {
  const content = inflate(op, deflatePart(op, bytes, place), { most }, place)
  const footer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8)
  if (
    footer.getUint32(4, true) !== content.length % 2 ** 32 ||
    footer.getUint32(0, true) !== crc32(content)
  ) {
    throw new FormatError(
      op,
      'the gzip checksum or length does not fit the content: the file is damaged.',
      place,
    )
  }
  return content
}

/** The first bytes behind a gzip file, at least `count` when there are as many; not checked further. */
export function gunzipStart(op: string, bytes: Uint8Array, count: number, place: FilePlace): Uint8Array {
  const most = Number.POSITIVE_INFINITY
  return inflate(op, deflatePart(op, bytes, place), { most, enough: count }, place)
}

/** A gzip file without its header and footer. */
function deflatePart(op: string, bytes: Uint8Array, place: FilePlace): Uint8Array {
  const short = (): FormatError => new FormatError(op, 'the gzip header or footer is cut off.', place)
  if (bytes.length < 18) throw short()
  const flags = bytes[3]!
  if (bytes[2] !== 8 || (flags & 0xe0) !== 0) {
    throw new FormatError(op, 'the gzip header names a method that is not deflate.', { ...place, byte: 2 })
  }
  let at = 10
  if (flags & 4) at += 2 + bytes[at]! + 256 * bytes[at + 1]!
  // A name and a comment, each of them closed by a 0.
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue
    const end = bytes.indexOf(0, at)
    if (end === -1) throw short()
    at = end + 1
  }
  if (flags & 2) at += 2
  if (at > bytes.length - 8) throw short()
  return bytes.subarray(at, bytes.length - 8)
}
