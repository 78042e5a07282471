import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { arange, type DType, Tensor, tensor, zeros } from '@adjoint/core'
import {
  FormatError,
  readNpy,
  readNpyFile,
  readNpz,
  readNpzFile,
  writeNpy,
  writeNpyFile,
  writeNpz,
  writeNpzFile,
} from '@adjoint/data'
import fc from 'fast-check'
import { zipSync } from 'fflate'
import { afterAll, describe, expect, test } from 'vitest'
import { anyTensor, bitsOf, optionalTests } from './support.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/numpy/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'adjoint-npy-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A `.npy` file with any header. */
const npy = (header: string, data: readonly number[] | Uint8Array = [], version = [1, 0]): Uint8Array => {
  const text = new TextEncoder().encode(header)
  const length =
    version[0] === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0]
  return new Uint8Array([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, ...version, ...length, ...text, ...data])
}
const header = (descr: string, shape: string, order = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`

describe('arrays of a real NumPy', () => {
  const arrays = readNpzFile(fixture('arrays.npz'))
  const counting = [
    [0, 1, 2],
    [3, 4, 5],
  ]

  test.each(Object.keys(arrays).filter(name => /^(little|big|[iu]1)/.test(name)))('%s', name => {
    const x = arrays[name]!
    expect(x.dtype).toBe(name.endsWith('f8') ? 'float64' : /f\d$/.test(name) ? 'float32' : 'int32')
    expect(x.toArray()).toEqual(counting)
  })

  test('truth values, orders of memory, no axes, no elements, special numbers', () => {
    expect(arrays.b1?.toArray()).toEqual([
      [false, true, false],
      [true, false, true],
    ])
    expect(arrays.fortran?.toArray()).toEqual(arange(24).reshape([2, 3, 4]).toArray())
    expect(readNpzFile(fixture('stored.npz')).fortran?.toArray()).toEqual(arrays.fortran?.toArray())
    expect(arrays.scalar?.shape).toEqual([])
    expect(arrays.scalar?.item()).toBe(7.5)
    expect(arrays.empty?.shape).toEqual([0, 3])
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number
    expect([...arrays.special!.data()]).toEqual([nan, infinity, -infinity, -0, 65504, 2 ** -24])
  })

  test.each([1, 2, 3])('version %i', version => {
    expect(readNpyFile(fixture(`version${version}.npy`)).toArray()).toEqual([0, 1, 2, 3, 4])
  })
})

describe('what is written comes back to the bit', () => {
  test('npy', () => {
    fc.assert(
      fc.property(anyTensor, x => {
        const read = readNpy(writeNpy(x))
        expect(read.shape).toEqual(x.shape)
        expect(read.dtype).toBe(x.dtype)
        expect(bitsOf(read)).toEqual(bitsOf(x))
      }),
    )
  })

  test('npz, stored and compressed, always the same bytes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z][a-z.]{0,7}$/), anyTensor),
        fc.boolean(),
        (tensors, compress) => {
          const bytes = writeNpz(tensors, { compress })
          expect(bytes).toEqual(writeNpz(tensors, { compress }))
          const read = readNpz(bytes)
          expect(Object.keys(read).sort()).toEqual(Object.keys(tensors).sort())
          for (const [name, x] of Object.entries(tensors)) expect(bitsOf(read[name]!)).toEqual(bitsOf(x))
        },
      ),
    )
  })

  test('files', () => {
    const x = tensor([[1, 2]])
    writeNpyFile(join(folder, 'x.npy'), x)
    expect(readNpyFile(join(folder, 'x.npy')).toArray()).toEqual([[1, 2]])
    writeNpzFile(join(folder, 'x.npz'), { x })
    expect(readNpzFile(join(folder, 'x.npz')).x?.toArray()).toEqual([[1, 2]])
    expect(readdirSync(folder).sort()).toEqual(['x.npy', 'x.npz'])
  })

  test('a view is written as what it shows', () => {
    const x = arange(6).reshape([2, 3]).transpose()
    expect(readNpy(writeNpy(x)).toArray()).toEqual(x.toArray())
  })
})

describe('npy files that are refused', () => {
  test.each([
    [new Uint8Array(4), 'byte 0: a .npy file begins with'],
    [npy(header('<f4', '(1,)'), new Uint8Array(4), [4, 0]), 'byte 6: the version 4.0 is unknown'],
    [npy(header('<f4', '(1,)')).subarray(0, 30), 'byte 8: the header of'],
    [npy('[1, 2]'), 'byte 8: the header must be a dictionary'],
    [
      npy(header('<f4', '(2,)'), new Uint8Array(4)),
      'shape [2] of float32 needs 8 bytes, 4 follow the header',
    ],
    [npy(header('<f4', '(1,)'), new Uint8Array(5)), 'needs 4 bytes, 5 follow'],
    [npy(header('<c8', '(1,)'), new Uint8Array(8)), 'the dtype "<c8" cannot be read'],
    [npy(header('|O', '(1,)'), new Uint8Array(8)), 'the dtype "|O" cannot be read'],
    [npy(header('<U3', '(1,)'), new Uint8Array(12)), 'the dtype "<U3" cannot be read'],
    [npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"), 'records of several fields'],
    [npy(header('<f4', '(1)'), new Uint8Array(4)), 'the shape must be a tuple'],
    [npy(header('<f4', '(-1,)'), new Uint8Array(4)), 'the header must be { descr, fortran_order, shape }'],
    [npy(header('<f4', '(1 2,)'), new Uint8Array(4)), 'the shape must be a tuple'],
    [npy(header('<f4', '(4294967296, 4294967296)')), 'more elements than any memory'],
    [npy(header('<f4', '(99999999999999999999,)')), 'a size must be a whole number'],
    [npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (), }"), 'has "descr" twice'],
    [npy("{'descr': '<f4', 'fortran_order': False, }"), 'must have descr'],
    [npy(header('<f4', '()').replace('}', "'x': 'y'}"), new Uint8Array(4)), 'and no more'],
    [npy(header('|b1', '(2,)'), [1, 2]), 'a truth value must be the byte 0 or 1, found 2'],
    [
      npy(header('<i8', '(1,)'), [0, 0, 0, 128, 0, 0, 0, 0]),
      'element 0 of type int64 is 2147483648, which does not fit',
    ],
    [npy(header('>u4', '(1,)'), [255, 0, 0, 0]), 'of type uint32 is 4278190080'],
  ])('%#: %s', (bytes, message) => {
    expect(() => readNpy(bytes)).toThrow(message)
  })

  test('a hostile header is not run, and takes no time', () => {
    const long = `{${"'a': ".repeat(12_000)}}`
    expect(() => readNpy(npy(long))).toThrow('the header must be')
    expect(() => readNpy(npy("{'descr': __import__('os')}"))).toThrow('the header must be')
  })

  test('what is no tensor cannot be written', () => {
    expect(() => writeNpy([1] as never)).toThrow('takes a tensor')
    expect(() => writeNpz({ '../x': zeros([1]) })).toThrow('cannot be the name of a file')
    expect(() => writeNpz({ __proto__x: zeros([1]), ['__proto__']: zeros([1]) })).toThrow(
      'cannot be the name',
    )
  })
})

describe('npz files that are refused', () => {
  const good = writeNpz({ x: arange(100) }, { compress: true })

  test('an array that unpacks to more than is allowed', () => {
    const bomb = zipSync({ 'x.npy': new Uint8Array(20_000_000) }, { level: 9 })
    expect(() => readNpz(bomb, { maximumBytes: 1_000_000 })).toThrow(
      'readNpz: byte 19', // the entry of the directory
    )
    expect(() => readNpz(bomb, { maximumBytes: 1_000_000 })).toThrow('unpacks to more than 1000000 bytes')
    // One that lies about its size.
    const view = new DataView(bomb.buffer, bomb.byteOffset)
    const directory = view.getUint32(bomb.length - 6, true)
    view.setUint32(directory + 24, 1000, true)
    expect(() => readNpz(bomb)).toThrow('the compressed data holds more than the 1000 bytes that it may')
  })

  test('a changed byte anywhere in the content is found', () => {
    const start = 30 + 'x.npy'.length
    const end = new DataView(good.buffer, good.byteOffset).getUint32(good.length - 6, true)
    let found = 0
    for (let at = start; at < end; at++) {
      const damaged = good.slice()
      damaged[at]! ^= 0x10
      // Bits that fill up the last byte mean nothing.
      let values: unknown
      try {
        values = readNpz(damaged).x?.toArray()
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError)
        found++
        continue
      }
      expect(values).toEqual(arange(100).toArray())
    }
    expect(found).toBeGreaterThan(end - start - 3)
  })

  test('names, parts, methods', () => {
    expect(() => readNpz(new Uint8Array(100))).toThrow('found no directory of a zip archive')
    expect(() => readNpz(good.subarray(0, good.length - 1))).toThrow('found no directory')
    expect(() => readNpz(zipSync({ 'a.npy': writeNpy(zeros([1])), a: writeNpy(zeros([1])) }))).toThrow(
      'is twice in the archive',
    )
    expect(() => readNpz(zipSync({ '__proto__.npy': writeNpy(zeros([1])) }))).toThrow('is not a safe name')
    expect(() => readNpz(zipSync({ 'a.npy': new Uint8Array(3) }))).toThrow('"a.npy": a .npy file begins')
    const at = new DataView(good.buffer, good.byteOffset).getUint32(good.length - 6, true)
    const changed = (offset: number, value: number): Uint8Array => {
      const bytes = good.slice()
      bytes[at + offset] = value
      return bytes
    }
    expect(() => readNpz(changed(8, 1))).toThrow('is encrypted')
    expect(() => readNpz(changed(10, 12))).toThrow('is compressed by method 12')
    expect(() => readNpz(changed(44, 255))).toThrow('its place in the archive is wrong')
    expect(() => readNpz(changed(22, 255))).toThrow('is longer than the archive')
    expect(() => readNpz(changed(26, 255))).toThrow(/cannot hold \d+ bytes in/)
  })
})

const python = ['python3', '/usr/bin/python3'].find(
  command => spawnSync(command, ['-c', 'import numpy']).status === 0,
)

describe('a real NumPy', () => {
  const { present, absent } = optionalTests(python !== undefined)
  present('reads what is written, and answers in kind', () => {
    const dtypes: readonly DType[] = ['float32', 'float64', 'int32', 'bool']
    const tensors = Object.fromEntries(
      dtypes.map(dtype => [
        dtype,
        dtype === 'bool' ? tensor([[true, false]]) : tensor([[1, -2, 3]], { dtype }),
      ]),
    )
    writeNpzFile(join(folder, 'from.npz'), tensors, { compress: true })
    writeNpyFile(join(folder, 'from.npy'), zeros([2, 0]))
    const program = `
import numpy as np, sys
arrays = dict(np.load(sys.argv[1] + '/from.npz'))
assert np.load(sys.argv[1] + '/from.npy').shape == (2, 0)
assert [str(x.dtype) for x in arrays.values()] == ${JSON.stringify(dtypes)}
np.savez(sys.argv[1] + '/back.npz', **{name: np.asfortranarray(x) for name, x in arrays.items()})
`
    const { status, stderr } = spawnSync(python!, ['-c', program, folder], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    for (const [name, x] of Object.entries(readNpz(readFileSync(join(folder, 'back.npz'))))) {
      expect(x).toBeInstanceOf(Tensor)
      expect(bitsOf(x)).toEqual(bitsOf(tensors[name]!))
    }
  })

  absent('NumPy is not installed (python3 -c "import numpy" fails): nothing to exchange with', () => {})
})
