import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ArgumentError, arange, tensor, zeros } from '@adjoint/core'
import {
  FileError,
  FormatError,
  readSafetensors,
  readSafetensorsFile,
  writeSafetensors,
  writeSafetensorsFile,
} from '@adjoint/data'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { anyTensor, bitsOf, safetensorsFile as file } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'adjoint-safetensors-'))
afterAll(() => rmSync(folder, { recursive: true }))

const entry = (dtype: string, shape: readonly unknown[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})
const header = (value: unknown): string => JSON.stringify(value)

describe('what is written comes back to the bit', () => {
  test('any tensors and texts', () => {
    const names = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter(name => !/\p{Surrogate}/u.test(name) && !/__/.test(name))
    fc.assert(
      fc.property(fc.dictionary(names, anyTensor), fc.dictionary(names, names), (tensors, metadata) => {
        const bytes = writeSafetensors(tensors, metadata)
        const read = readSafetensors(bytes)
        expect(read.metadata).toEqual({ ...metadata })
        expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(tensors).sort())
        for (const [name, x] of Object.entries(tensors)) {
          expect(read.tensors[name]!.shape).toEqual(x.shape)
          expect(read.tensors[name]!.dtype).toBe(x.dtype)
          expect(bitsOf(read.tensors[name]!)).toEqual(bitsOf(x))
        }
        const again = Object.fromEntries(Object.entries(tensors).reverse())
        expect(writeSafetensors(again, metadata)).toEqual(bytes)
      }),
    )
  })

  test('aligned tensors look at the bytes of the file, others are copies', () => {
    const bytes = writeSafetensors({
      a: tensor([1, 2], { dtype: 'float64' }),
      b: tensor([3]),
      c: tensor([true]),
    })
    const { tensors } = readSafetensors(bytes)
    for (const x of Object.values(tensors)) expect(x.storage.buffer).toBe(bytes.buffer)
    const shifted = new Uint8Array(bytes.length + 1)
    shifted.set(bytes, 1)
    const moved = readSafetensors(shifted.subarray(1)).tensors
    expect(moved.a!.storage.buffer).not.toBe(shifted.buffer)
    expect(moved.a!.toArray()).toEqual([1, 2])
    expect(moved.b!.toArray()).toEqual([3])
  })

  test('views, files, ArrayBuffers', () => {
    const x = arange(6).reshape([2, 3]).transpose()
    expect(readSafetensors(writeSafetensors({ x }).buffer as ArrayBuffer).tensors.x?.toArray()).toEqual(
      x.toArray(),
    )
    const path = join(folder, 'x.safetensors')
    writeSafetensorsFile(path, { x }, { note: 'first' })
    writeSafetensorsFile(path, { x }, { note: 'second' })
    expect(readSafetensorsFile(path).metadata).toEqual({ note: 'second' })
    expect(readdirSync(folder)).toEqual(['x.safetensors'])
  })
})

describe('types of other libraries', () => {
  test.each([
    [
      'F16',
      [0x00, 0x3c, 0x01, 0x00, 0x00, 0xfc, 0x00, 0x80],
      'float32',
      [1, 2 ** -24, Number.NEGATIVE_INFINITY, -0],
    ],
    [
      'BF16',
      [0x80, 0x3f, 0x00, 0xc0, 0x80, 0x7f, 0xc0, 0x7f],
      'float32',
      [1, -2, Number.POSITIVE_INFINITY, Number.NaN],
    ],
    ['I8', [1, 255], 'int32', [1, -1]],
    ['U8', [1, 255], 'int32', [1, 255]],
    ['I16', [0, 1, 254, 255], 'int32', [256, -2]],
    ['U16', [0, 1, 254, 255], 'int32', [256, 65534]],
    ['U32', [1, 0, 0, 0], 'int32', [1]],
    ['I64', [254, 255, 255, 255, 255, 255, 255, 255], 'int32', [-2]],
    ['U64', [255, 255, 255, 127, 0, 0, 0, 0], 'int32', [2147483647]],
  ] as const)('%s', (type, data, dtype, values) => {
    const text = header({ x: entry(type, [values.length], 0, data.length) })
    const x = readSafetensors(file(text, data)).tensors.x!
    expect(x.dtype).toBe(dtype)
    expect([...x.data()]).toEqual(values)
  })

  test('every half of 16 bits', () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, bits) => bits)
    const read = (type: string) =>
      readSafetensors(
        file(header({ x: entry(type, [65536], 0, 131072) }), new Uint8Array(halves.buffer)),
      ).tensors.x!.data()
    const brain = read('BF16')
    const expected = new Float32Array(Uint32Array.from(halves, bits => bits << 16).buffer)
    expect(brain.every((value, bits) => Object.is(value, expected[bits]))).toBe(true)
    const half = read('F16')
    // By the definition, sign (1 + fraction / 1024) 2^(exponent - 15), and no leading 1 at exponent 0.
    for (let bits = 0; bits < 65536; bits++) {
      const exponent = (bits >> 10) % 32
      const fraction = bits % 1024
      const size =
        exponent === 31
          ? fraction === 0
            ? Number.POSITIVE_INFINITY
            : Number.NaN
          : exponent === 0
            ? (fraction / 1024) * 2 ** -14
            : (1 + fraction / 1024) * 2 ** (exponent - 15)
      if (!Object.is(half[bits], bits >= 32768 ? -size : size))
        expect(half[bits]).toBe(bits >= 32768 ? -size : size)
    }
  })

  test.each([
    [
      'I64',
      [0, 0, 0, 128, 0, 0, 0, 0],
      'element 0 of type int64 is 2147483648, which does not fit dtype int32',
    ],
    ['U32', [0, 0, 0, 128], 'element 0 of type uint32 is 2147483648'],
    ['BOOL', [2], 'a truth value must be the byte 0 or 1, found 2'],
    ['F8_E4M3', [2], 'the dtype "F8_E4M3" cannot be read; known are F64, F32'],
  ])('%s that does not fit is refused', (type, data, message) => {
    const read = () => readSafetensors(file(header({ 'a.b': entry(type, [1], 0, data.length) }), data))
    expect(read).toThrow(FormatError)
    expect(read).toThrow(message)
    expect(read).toThrow('"a.b"')
  })
})

describe('files that are refused', () => {
  const four = [0, 0, 0, 0]
  const good = entry('F32', [1], 0, 4)

  test.each([
    ['too short', new Uint8Array(7), 'byte 0: a safetensors file begins with 8 bytes'],
    [
      'header too long',
      new Uint8Array([1, 225, 245, 5, 0, 0, 0, 0, 0x7b]),
      'byte 0: the header would be 100000001 bytes long',
    ],
    [
      'length of 64 bits',
      new Uint8Array(16).fill(255),
      'the header would be 18446744073709551615 bytes long',
    ],
    [
      'header cut off',
      file('{}').subarray(0, 9),
      'byte 0: the header of 2 bytes is cut off: only 1 bytes follow',
    ],
    [
      'a file of torch.save',
      new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0, 0]),
      'byte 0: this is a zip archive: torch.save and NumPy write such.',
    ],
    ['empty header', file(''), 'byte 8: the header must begin with {'],
    ['blank first', file(' {}'), 'byte 8: the header must begin with {'],
    ['array', file('[]'), 'byte 8: the header must begin with {'],
    ['byte order mark', file('\ufeff{}'), 'byte 8: the header must begin with {'],
    ['not UTF-8', file(new Uint8Array([0x7b, 0xff, 0x7d])), 'byte 8: the header is not UTF-8'],
    ['not JSON', file('{"a":}'), 'byte 8: the header is not JSON'],
    ['zeros after it', file('{}\0'), 'byte 8: the header is not JSON'],
    [
      'name twice',
      file(`{"a":${header(good)},"a":${header(good)}}`, four),
      'byte 62: the header has "a" twice in the same place',
    ],
    [
      'name twice, escaped',
      file(`{"a":${header(good)},"\\u0061":${header(good)}}`, four),
      'the header has "a" twice',
    ],
    ['field twice', file('{"a":{"dtype":"F32","dtype":"F32"}}'), 'the header has "dtype" twice'],
    ['metadata no object', file(header({ __metadata__: 'x' })), '"__metadata__": must be an object of texts'],
    [
      'metadata no text',
      file(header({ __metadata__: { a: 1 } })),
      '"__metadata__": "a" must be a text, found 1',
    ],
    ['metadata __proto__', file('{"__metadata__":{"__proto__":"x"}}'), '"__proto__" is not a safe name'],
    [
      '__proto__',
      file(`{"__proto__":${header(good)}}`, four),
      '"__proto__": is not a safe name for a tensor',
    ],
    [
      '__proto__ in a path',
      file(`{"a.__proto__.b":${header(good)}}`, four),
      'is not a safe name for a tensor',
    ],
    [
      'no object',
      file(header({ a: [1] })),
      '"a": must be an object with dtype, shape and data_offsets, found a list',
    ],
    [
      'no dtype',
      file(header({ a: { shape: [], data_offsets: [0, 4] } }), four),
      '"a": its dtype must be a text, found nothing',
    ],
    [
      'inherited dtype',
      file(header({ a: entry('constructor', [], 0, 4) }), four),
      'the dtype "constructor" cannot be read',
    ],
    [
      'no shape',
      file(header({ a: { dtype: 'F32', data_offsets: [0, 4] } }), four),
      'its shape must be a list, found nothing',
    ],
    [
      'negative size',
      file(header({ a: entry('F32', [-1], 0, 4) }), four),
      'a size must be a whole number from 0 up, found -1',
    ],
    [
      'broken size',
      file(header({ a: entry('F32', [1.5], 0, 4) }), four),
      'a size must be a whole number from 0 up, found 1.5',
    ],
    ['nested size', file(header({ a: entry('F32', [[1]], 0, 4) }), four), 'found a list'],
    ['text size', file(header({ a: entry('F32', ['1'], 0, 4) }), four), 'found "1"'],
    [
      'too many axes',
      file(header({ a: entry('F32', new Array(65).fill(1), 0, 4) }), four),
      '65 axes are more than the 64',
    ],
    [
      'overflow',
      file(header({ a: entry('F32', [2 ** 32, 2 ** 32], 0, 4) }), four),
      'more elements than any memory',
    ],
    [
      'overflow, empty',
      file(header({ a: entry('F32', [2 ** 52, 2 ** 52, 0], 0, 0) })),
      'more elements than any memory',
    ],
    [
      'one offset',
      file(header({ a: { ...good, data_offsets: [4] } }), four),
      'its data_offsets must be two whole numbers',
    ],
    [
      'offsets backwards',
      file(header({ a: entry('F32', [1], 4, 0) }), four),
      'its data_offsets must be two whole numbers',
    ],
    [
      'negative offset',
      file(header({ a: entry('F32', [1], -4, 0) }), four),
      'its data_offsets must be two whole numbers',
    ],
    [
      'offsets too wide',
      file(header({ a: entry('F32', [1], 0, 8) }), four),
      'shape [1] of F32 needs 4 bytes, its data_offsets hold 8',
    ],
    [
      'beyond the end',
      file(header({ a: good })),
      '"a": its bytes 0 to 4 are beyond the 0 that follow the header',
    ],
    [
      'overlap',
      file(header({ a: entry('F32', [2], 0, 8), b: entry('F32', [1], 4, 8) }), [...four, ...four]),
      '"b": its bytes 4 to 8 overlap',
    ],
    ['same place', file(header({ a: good, b: good }), four), '"b": its bytes 0 to 4 overlap'],
    [
      'hole',
      file(header({ a: entry('F32', [1], 4, 8) }), [...four, ...four]),
      '"a": the bytes 0 to 4 before it belong to no tensor',
    ],
    [
      'left over',
      file(header({ a: good }), [...four, 1]),
      'of the 5 bytes behind the header the last 1 belong to no tensor',
    ],
    ['left over, none', file('{}', [1]), 'the last 1 belong to no tensor'],
  ])('%s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(FormatError)
    expect(() => readSafetensors(bytes)).toThrow(message)
  })

  test('a deeply nested header is refused, not walked until the stack ends', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(() => readSafetensors(file(`{"a":${deep}}`))).toThrow('found a list')
    expect(() => readSafetensors(file(`{"a":{"dtype":"F32","shape":${deep},"data_offsets":[0,4]}}`))).toThrow(
      'found a list',
    )
  })

  test('the error has the facts as fields, and the name of the file', () => {
    const path = join(folder, 'bad')
    writeFileSync(path, file(header({ w: entry('F32', [2], 0, 4) }), four))
    try {
      readSafetensorsFile(path)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError)
      expect(error).toMatchObject({ op: 'readSafetensorsFile', file: path, entry: 'w' })
    }
    rmSync(path)
    expect(() => readSafetensorsFile(path)).toThrow(FileError)
    expect(() => readSafetensorsFile(folder)).toThrow(/no ordinary file|cannot be read/)
    expect(() => readSafetensors(7 as never)).toThrow(ArgumentError)
  })

  test('what is allowed: padding, no tensors, no elements, fields of later versions', () => {
    expect(readSafetensors(file('{}      ')).tensors).toEqual({})
    const text = header({
      b: entry('F32', [0, 3], 4, 4),
      a: { ...good, later: 1 },
      c: entry('F32', [0], 0, 0),
    })
    const { tensors } = readSafetensors(file(text, four))
    expect(Object.values(tensors).map(({ shape }) => shape)).toEqual([[0, 3], [1], [0]])
    expect(
      readSafetensors(
        file(header({ constructor: good, toString: { ...good, data_offsets: [4, 8] } }), [...four, ...four]),
      ).tensors.toString,
    ).toHaveProperty('dtype')
  })
})

describe('what cannot be written', () => {
  test.each([
    [{ a: 1 }, {}, '"a" is no tensor'],
    [{ __metadata__: zeros([1]) }, {}, 'cannot be the name of a tensor'],
    [{ ['__proto__']: zeros([1]) }, {}, 'cannot be the name of a tensor'],
    [{ '\ud800': zeros([1]) }, {}, 'has a lone surrogate'],
    [{}, { a: 1 }, 'the metadata must be texts by safe names, "a" is not'],
    [{}, { ['__proto__']: 'x' }, '"__proto__" is not'],
  ])('%#: %s', (tensors, metadata, message) => {
    expect(() => writeSafetensors(tensors as never, metadata as never)).toThrow(message)
  })

  test('a folder that does not exist', () => {
    expect(() => writeSafetensorsFile(join(folder, 'no', 'x'), {})).toThrow(/x: cannot be written \(ENOENT/)
  })
})
