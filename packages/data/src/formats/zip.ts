/** Zip archives of files from strangers: the directory is checked before anything is unpacked (PKWARE's APPNOTE 6.3). */
import { crc32 } from '../files/crc32.ts'
import { type FilePlace, FormatError } from '../files/formatError.ts'
import { inflate } from '../files/inflate.ts'

/** A file in an archive. */
export interface ZipEntry {
  readonly name: string
  /** Bytes of the content. */
  readonly size: number
  /** Unpacks it and compares its checksum. */
  readonly content: () => Uint8Array
}

const END_OF_DIRECTORY = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const LOCAL_HEADER = 0x04034b50
const END_LENGTH = 22
const ENTRY_LENGTH = 46
const LOCAL_LENGTH = 30
/** What a field of 32 bits holds when the number stands in an extra field of 64. */
const IN_EXTRA_FIELD = 0xffffffff

/** Deflate makes at most 1032 bytes of one. */
const MOST_EXPANSION = 1032

/**
 * The files of an archive.
 *
 * @param most how many bytes all of them together may be when they are unpacked
 * @throws FormatError when the archive is damaged, encrypted, in parts, or unpacks to more than `most` bytes.
 */
export function readZip(op: string, bytes: Uint8Array, most: number, place: FilePlace): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const refuse = (message: string, byte: number, entry?: string): never => {
    throw new FormatError(op, message, { ...place, byte, entry })
  }
  const end = findEnd(view)
  if (end === -1) return refuse('found no directory of a zip archive. Is it a .npz file, and complete?', 0)
  const count = view.getUint16(end + 10, true)
  let at = view.getUint32(end + 16, true)
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) {
    return refuse('the archive is one of several parts.', end)
  }
  if (count === 0xffff || at === IN_EXTRA_FIELD) {
    return refuse('an archive of more than 65534 files or 4 GiB cannot be read.', end)
  }
  const entries: ZipEntry[] = []
  const names = new Set<string>()
  let total = 0
  for (let index = 0; index < count; index++) {
    if (at + ENTRY_LENGTH > end || view.getUint32(at, true) !== DIRECTORY_ENTRY) {
      return refuse(`entry ${index} of the directory is damaged.`, at)
    }
    const flags = view.getUint16(at + 8, true)
    const method = view.getUint16(at + 10, true)
    const sum = view.getUint32(at + 16, true)
    const nameLength = view.getUint16(at + 28, true)
    const extraLength = view.getUint16(at + 30, true)
    const next = at + ENTRY_LENGTH + nameLength + extraLength + view.getUint16(at + 32, true)
    if (next > end) return refuse(`entry ${index} of the directory is damaged.`, at)
    const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_LENGTH, at + ENTRY_LENGTH + nameLength))
    const extra = { start: at + ENTRY_LENGTH + nameLength, length: extraLength }
    const sizes = [at + 24, at + 20, at + 42].map(place => view.getUint32(place, true))
    const [size, packed, local] = widenSizes(view, extra, sizes)
    if (size === undefined || packed === undefined || local === undefined) {
      return refuse('its sizes cannot be read.', at, name)
    }
    if (names.has(name)) return refuse('is twice in the archive.', at, name)
    names.add(name)
    if ((flags & 1) !== 0) return refuse('is encrypted.', at, name)
    if (method !== 0 && method !== 8)
      return refuse(`is compressed by method ${method}; 0 and 8 can be read.`, at, name)
    if (local + LOCAL_LENGTH > end || view.getUint32(local, true) !== LOCAL_HEADER) {
      return refuse('its place in the archive is wrong.', at, name)
    }
    const start = local + LOCAL_LENGTH + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
    if (start + packed > end) return refuse('is longer than the archive.', at, name)
    if (method === 0 ? size !== packed : size > packed * MOST_EXPANSION) {
      return refuse(`cannot hold ${size} bytes in ${packed}.`, at, name)
    }
    total += size
    if (total > most) {
      return refuse(
        `the archive unpacks to more than ${most} bytes; allow it with { maximumBytes }.`,
        at,
        name,
      )
    }
    const raw = bytes.subarray(start, start + packed)
    const at0 = { ...place, entry: name }
    entries.push({
      name,
      size,
      content: () => {
        // A copy when stored: the data of NumPy's archives is seldom aligned.
        const content = method === 0 ? raw.slice() : inflate(op, raw, { most: size }, at0)
        if (content.length !== size || crc32(content) !== sum) {
          throw new FormatError(op, 'its length or checksum is wrong: the file is damaged.', at0)
        }
        return content
      },
    })
    at = next
  }
  return entries
}

/** The end of the directory stands at the end of the file, before a comment of up to 65535 bytes. */
function findEnd(view: DataView): number {
  const last = view.byteLength - END_LENGTH
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) !== END_OF_DIRECTORY) continue
    if (at + END_LENGTH + view.getUint16(at + 20, true) === view.byteLength) return at
  }
  return -1
}

/** Numbers that are too large for 32 bits stand in the extra field 1, in the same order, 64 bits each. */
function widenSizes(
  view: DataView,
  extra: { readonly start: number; readonly length: number },
  sizes: readonly number[],
): (number | undefined)[] {
  if (!sizes.includes(IN_EXTRA_FIELD)) return [...sizes]
  const end = extra.start + extra.length
  for (let at = extra.start; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue
    let from = at + 4
    const fieldEnd = Math.min(end, from + view.getUint16(at + 2, true))
    return sizes.map(size => {
      if (size !== IN_EXTRA_FIELD) return size
      if (from + 8 > fieldEnd) return undefined
      const wide = Number(view.getBigUint64(from, true))
      from += 8
      return Number.isSafeInteger(wide) ? wide : undefined
    })
  }
  return sizes.map(size => (size === IN_EXTRA_FIELD ? undefined : size))
}
