import { gzipSync } from 'node:zlib'
import { readIdx } from '@adjoint/data'
import { describe, expect, test } from 'vitest'

const idx = (type: number, sizes: readonly number[], data: readonly number[]): Uint8Array => {
  const head = sizes.flatMap(size => [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255])
  return new Uint8Array([0, 0, type, sizes.length, ...head, ...data])
}

describe('readIdx', () => {
  test.each([
    [0x08, [1, 255], 'int32', [1, 255]],
    [0x09, [1, 255], 'int32', [1, -1]],
    [0x0b, [0x01, 0x02, 0xff, 0xfe], 'int32', [258, -2]],
    [0x0c, [0, 0, 1, 0, 0xff, 0xff, 0xff, 0xff], 'int32', [256, -1]],
    [0x0d, [0x3f, 0x80, 0, 0, 0xbf, 0, 0, 0], 'float32', [1, -0.5]],
    [0x0e, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0], 'float64', [1, 2]],
  ] as const)('type %i', (type, data, dtype, values) => {
    const x = readIdx(idx(type, [2], data))
    expect(x.dtype).toBe(dtype)
    expect(x.toArray()).toEqual(values)
  })

  test('shapes, scales, compressed files', () => {
    const bytes = idx(8, [2, 1, 2], [0, 51, 102, 255])
    expect(readIdx(bytes).toArray()).toEqual([[[0, 51]], [[102, 255]]])
    expect(readIdx(gzipSync(bytes)).toArray()).toEqual([[[0, 51]], [[102, 255]]])
    const scaled = readIdx(bytes, { dtype: 'float64', scale: 1 / 255 })
    expect(scaled.data()).toEqual(new Float64Array([0, 51 / 255, 102 / 255, 1]))
    expect(readIdx(idx(8, [0, 5], [])).shape).toEqual([0, 5])
    expect(readIdx(idx(8, [], [7])).item()).toBe(7)
  })

  test.each([
    [new Uint8Array([1, 0, 8, 1]), 'byte 0: an IDX file begins with two bytes 0'],
    [new Uint8Array(3), 'byte 0: an IDX file begins'],
    [idx(7, [1], [1]), 'byte 2: the type 7 is unknown'],
    [idx(8, [3], [1, 2]), 'byte 8: shape [3] of uint8 needs 11 bytes with its header, the file has 10'],
    [idx(8, [1], [1, 2]), 'needs 9 bytes with its header, the file has 10'],
    [new Uint8Array([0, 0, 8, 2, 0, 0]), 'byte 4: the sizes are cut off'],
    [idx(8, [0xffffffff, 0xffffffff, 0xffffffff], []), 'more elements than any memory'],
  ])('refuses damaged files (%#)', (bytes, message) => {
    expect(() => readIdx(bytes)).toThrow(
      `readIdx: ${message}`.replace('readIdx: more', 'more').replace('readIdx: needs', 'needs'),
    )
  })

  test('a compressed file unpacks to what its header says and no more', () => {
    const bomb = gzipSync(new Uint8Array([...idx(8, [4], [1, 2, 3, 4]), ...new Uint8Array(10_000_000)]))
    expect(() => readIdx(bomb)).toThrow('the compressed data holds more than the 12 bytes that it may')
    const large = gzipSync(idx(8, [2000], new Array(2000).fill(0)))
    expect(() => readIdx(large, { maximumBytes: 1000 })).toThrow('allow it with { maximumBytes: 2008 }')
    const damaged = gzipSync(idx(8, [4], [1, 2, 3, 4]))
    damaged[damaged.length - 8]! ^= 1
    expect(() => readIdx(damaged)).toThrow('the gzip checksum or length does not fit')
    expect(() => readIdx(gzipSync(idx(8, [4], [1, 2, 3, 4])).subarray(0, 25))).toThrow(/damaged|cut off/)
    expect(() =>
      readIdx(new Uint8Array([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 255, 255, 0, 0, 0, 0, 0, 0, 0])),
    ).toThrow('the gzip header or footer is cut off')
  })

  test('refuses settings that make no sense', () => {
    const bytes = idx(8, [1], [1])
    expect(() => readIdx(bytes, { dtype: 'int32', scale: 0.5 })).toThrow('take float32')
    expect(() => readIdx(bytes, { scale: Number.NaN })).toThrow('the scale must be a finite number')
    expect(() => readIdx('text' as never)).toThrow('takes the bytes of a file')
  })
})
