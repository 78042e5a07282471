// Files from strangers: an error of ours or a right answer, never anything else. ADJOINT_FUZZ says how many files are read
// altogether; the numbers are printed. All of them: ADJOINT_FUZZ=100000 npm test -- packages/data/test/fuzz.test.ts
import { allocated, startWatching } from './fuzz/watchAllocations.ts'

// After the import above, so that what these load is watched.
const { AdjointError, Tensor, tensor } = await import('@adjoint/core')
const data = await import('@adjoint/data')
const { damaged } = await import('./fuzz/mutations.ts')
const { csvFields, isIdx, isNpy, isSafetensors } = await import('./fuzz/reference.ts')
const { anyTensor, anyTree, bitsOf, sameTree } = await import('./support.ts')

import { gunzipSync, gzipSync } from 'node:zlib'
import type { Tensor as AnyTensor } from '@adjoint/core'
import fc from 'fast-check'
import { unzipSync, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'

const files = Number(process.env.ADJOINT_FUZZ ?? 2400)

/** No file may take longer; the slowest seen take some milliseconds. */
const LONGEST = 5_000

interface Target<Answer> {
  readonly file: fc.Arbitrary<Uint8Array>
  readonly read: (bytes: Uint8Array) => Answer
  readonly isRight: (bytes: Uint8Array, answer: Answer) => boolean
  /** Most bytes that may be asked for, by the length of the file. */
  readonly most: (length: number) => number
}

/** Slabs, and a few numbers for each byte. */
const plain = (length: number): number => 2 ** 20 + 64 * length
/** A step of decompression, and what the limit of the archive allows. */
const LIMIT = 2 ** 22
const packed = (length: number): number => 2 ** 27 + 64 * length

const tensors = fc.dictionary(fc.stringMatching(/^[a-z][a-z.0-9]{0,11}$/), anyTensor, { maxKeys: 4 })

const anyHalf = fc.uint8Array({ minLength: 4, maxLength: 4 }).chain(bytes =>
  fc.constantFrom('F16', 'BF16', 'I16', 'U16', 'I8', 'U8', 'I64', 'U64', 'U32').map(dtype => {
    const count = dtype.endsWith('8') ? 4 : dtype.endsWith('16') ? 2 : dtype.endsWith('32') ? 1 : 0
    const entry = { dtype, shape: [count], data_offsets: [0, count === 0 ? 0 : 4] }
    const header = new TextEncoder().encode(JSON.stringify({ x: entry }))
    const file = new Uint8Array(8 + header.length + (count === 0 ? 0 : 4))
    new DataView(file.buffer).setUint32(0, header.length, true)
    file.set(header, 8)
    if (count > 0) file.set(bytes, 8 + header.length)
    return file
  }),
)

const idx: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom([8, 1], [9, 1], [11, 2], [12, 4], [13, 4], [14, 8]),
    fc.array(fc.nat(4), { maxLength: 3 }),
    fc.infiniteStream(fc.nat(255)),
  )
  .map(([[type, width], shape, stream]) => {
    const length = shape.reduce((product, size) => product * size, width!)
    const sizes = shape.flatMap(size => [0, 0, 0, size])
    return new Uint8Array([0, 0, type!, shape.length, ...sizes, ...stream.take(length)])
  })

const field = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.double().map(String),
  fc.constantFrom('', 'NA', 'true', '"', '\n', 'inf'),
)
const csv: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
    fc.constantFrom('\n', '\r\n'),
  )
  .map(([rows, end]) => {
    const quoted = (text: string): string =>
      /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
    return new TextEncoder().encode(rows.map(row => row.map(quoted).join(',')).join(end))
  })

/** A `.npy` file as NumPy might have written it: either order of bytes and of memory. */
const npy = fc.tuple(anyTensor, fc.boolean(), fc.boolean()).map(([x, isBig, columnMajor]) => {
  const text = String.fromCharCode(...data.writeNpy(x))
  const other = isBig ? text.replace("'<", "'>") : text
  const ordered = columnMajor ? other.replace('False, ', 'True,  ') : other
  return Uint8Array.from(ordered, character => character.charCodeAt(0))
})

const sameTensors = (
  a: Readonly<Record<string, AnyTensor>>,
  b: Readonly<Record<string, AnyTensor>>,
): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.keys(a).every(
    name => Object.hasOwn(b, name) && String(bitsOf(a[name]!)) === String(bitsOf(b[name]!)),
  )

const target = <Answer>(values: Target<Answer>): Target<unknown> => values as Target<unknown>

const TARGETS: Readonly<Record<string, Target<unknown>>> = {
  safetensors: target({
    file: damaged(
      fc.oneof(
        {
          weight: 3,
          arbitrary: fc
            .tuple(tensors, fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }))
            .map(([x, texts]) => data.writeSafetensors(x, wellFormed(texts))),
        },
        anyHalf,
      ),
    ),
    read: bytes => data.readSafetensors(bytes),
    isRight: (bytes, { tensors, metadata }) =>
      isSafetensors(bytes, tensors) &&
      sameTensors(tensors, data.readSafetensors(data.writeSafetensors(tensors, metadata)).tensors),
    most: plain,
  }),
  npy: target({
    file: damaged(npy),
    read: bytes => data.readNpy(bytes),
    isRight: (bytes, x) => isNpy(bytes, x) && sameTensors({ x }, { x: data.readNpy(data.writeNpy(x)) }),
    most: plain,
  }),
  npz: target({
    file: damaged(fc.tuple(tensors, fc.boolean()).map(([x, compress]) => data.writeNpz(x, { compress }))),
    read: bytes => data.readNpz(bytes, { maximumBytes: LIMIT }),
    isRight: (bytes, read) => {
      const found = unzipSync(bytes)
      return Object.entries(read).every(([name, x]) =>
        sameTensors({ x }, { x: data.readNpy(found[`${name}.npy`] ?? found[name]!) }),
      )
    },
    most: packed,
  }),
  'npz of damaged arrays': target({
    file: fc
      .tuple(damaged(npy), fc.boolean())
      .map(([x, compress]) => zipSync({ 'x.npy': x }, { level: compress ? 6 : 0 })),
    read: bytes => data.readNpz(bytes, { maximumBytes: LIMIT }),
    isRight: (bytes, read) => isNpy(unzipSync(bytes)['x.npy']!, read.x!),
    most: packed,
  }),
  idx: target({ file: damaged(idx), read: bytes => data.readIdx(bytes), isRight: isIdxFile, most: plain }),
  'idx, compressed': target({
    file: fc.oneof(
      damaged(idx.map(bytes => gzipSync(bytes))),
      damaged(idx).map(bytes => gzipSync(bytes)),
    ),
    read: bytes => data.readIdx(bytes, { maximumBytes: LIMIT }),
    isRight: isIdxFile,
    most: packed,
  }),
  csv: target({
    file: damaged(csv),
    read: bytes => data.readCsv(bytes, { missing: [] }),
    isRight: (bytes, table) => {
      const [names, ...rows] = csvFields(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes))
      return (
        String(names) === String(table.names) &&
        table.columns.every(({ values }, at) =>
          values.every((value, row) => {
            const text = rows[row]![at]!
            return typeof value === 'string'
              ? value === text
              : typeof value === 'number'
                ? Object.is(value, Number(text.replace(/inf$/, 'Infinity')))
                : String(value) === text.toLowerCase()
          }),
        )
      )
    },
    // The parser keeps texts, which are not counted, and buffers that it doubles.
    most: length => 2 ** 21 + 64 * length,
  }),
  checkpoint: target({
    file: damaged(anyTree.map(tree => data.encodeCheckpoint(tree))),
    read: bytes => data.decodeCheckpoint(bytes),
    isRight: (_, tree) => sameTree(tree, data.decodeCheckpoint(data.encodeCheckpoint(tree))),
    most: plain,
  }),
}

function isIdxFile(bytes: Uint8Array, x: AnyTensor): boolean {
  if (bytes[0] !== 0x1f) return isIdx(bytes, x)
  let content: Uint8Array
  try {
    content = gunzipSync(bytes)
  } catch {
    // zlib is stricter, about bytes that mean nothing. The checksum of the content was right.
    return true
  }
  return isIdx(content, x)
}

function wellFormed(texts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).filter(
      ([key, text]) => !/\p{Surrogate}/u.test(`${key} ${text}`) && !key.includes('__proto__'),
    ),
  )
}

/** Own names of the prototypes that every object has; a file must not add to them. */
const prototypes = (): string =>
  [Object.prototype, Array.prototype, Function.prototype, String.prototype, Tensor.prototype]
    .map(prototype => Reflect.ownKeys(prototype).length)
    .join()

describe(`${files} damaged files give an error or a right answer`, () => {
  const before = prototypes()
  const share = Math.ceil(files / Object.keys(TARGETS).length)

  test.each(Object.entries(TARGETS))(
    '%s',
    { timeout: 60_000 + 20 * share },
    (name, { file, read, isRight, most }) => {
      const count = { read: 0, refused: 0, slowest: 0, largest: 0 }
      fc.assert(
        fc.property(file, bytes => {
          const kept = bytes.slice()
          let answer: unknown
          let error: unknown
          const start = performance.now()
          startWatching()
          try {
            answer = read(bytes)
          } catch (thrown) {
            error = thrown
          }
          const { total } = allocated
          const time = performance.now() - start
          count.slowest = Math.max(count.slowest, time)
          count.largest = Math.max(count.largest, total)
          expect(prototypes(), 'the prototype of everything was changed').toBe(before)
          expect(time, 'milliseconds').toBeLessThan(LONGEST)
          expect(total, `bytes asked for by a file of ${bytes.length}`).toBeLessThan(most(bytes.length))
          expect(bytes, 'a reader changed the file').toEqual(kept)
          if (error === undefined) {
            count.read++
            expect(isRight(bytes, answer), 'a wrong answer').toBe(true)
          } else {
            count.refused++
            if (!(error instanceof AdjointError)) throw error
            expect(error.message.length, 'a message that nobody can read').toBeLessThan(1200)
          }
        }),
        { numRuns: share },
      )
      console.log(
        `${name}: ${share} files, ${count.refused} refused, ${count.read} read and right; ` +
          `slowest ${count.slowest.toFixed(1)} ms, most memory asked for ${(count.largest / 2 ** 20).toFixed(2)} MiB`,
      )
      expect(count.read, 'no file is left whole: nothing is learned').toBeGreaterThan(0)
      expect(count.refused).toBeGreaterThan(0)
    },
  )

  test('the watch counts, so that it could find something', () => {
    startWatching()
    tensor(new Float64Array(10_000))
    expect(allocated.total).toBeGreaterThanOrEqual(160_000)
    startWatching()
    new Uint8Array(2 ** 20)
    expect(allocated.largest).toBe(2 ** 20)
  })
})
