import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { mean } from '@adjoint/core'
import {
  FileError,
  FormatError,
  loadBreastCancer,
  loadCO2,
  loadDigits,
  loadFashionMnist,
  loadIris,
  loadPenguins,
  loadWine,
  SPECIES,
} from '@adjoint/data'
import { describe, expect, test } from 'vitest'
import { parseCO2 } from '../src/sets/co2.ts'
import { parseDigits } from '../src/sets/digits.ts'
import { parsePenguins } from '../src/sets/penguins.ts'
import { parseCounted } from '../src/sets/setFile.ts'
import { optionalTests } from './support.ts'

const folder = new URL('../sets/', import.meta.url)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const bird = {
  Species: 'Gentoo',
  Island: 'Biscoe',
  'Beak Length (mm)': 46.1,
  'Beak Depth (mm)': 13.2,
  'Flipper Length (mm)': 211,
  'Body Mass (g)': 4500,
  Sex: 'FEMALE',
}

describe('the files', () => {
  const sources = readFileSync(new URL('SOURCES.md', folder), 'utf8')

  test.each(readdirSync(folder).filter(name => name.endsWith('.gz')))('%s is the one of SOURCES.md', name => {
    const bytes = readFileSync(new URL(name, folder))
    expect(sources).toContain(`| \`${name}\` | \`${sha256(bytes)}\` | \`${sha256(gunzipSync(bytes))}\` |`)
  })
})

describe('all sets', () => {
  const loaders = { loadBreastCancer, loadDigits, loadIris, loadPenguins, loadWine }

  test.each(Object.entries(loaders))('%s: features and classes fit together', async (_, load) => {
    const set = await load()
    const [examples, features] = set.features.shape
    expect(set.classes.shape).toEqual([examples])
    expect(set.classes.dtype).toBe('int32')
    expect(set.features.dtype).toBe('float32')
    expect(new Set(set.featureNames).size).toBe(features)
    expect(set.units.length).toBe(features)
    expect(new Set(set.classes.data()).size).toBe(set.classNames.length)
    expect(set.features.data().every(Number.isFinite)).toBe(true)
    expect(set.source).not.toBe('')
    expect(set.licence).toMatch(/^CC/)
    const precise = await load({ dtype: 'float64' })
    expect(precise.features.dtype).toBe('float64')
    expect(precise.features.data().map(Math.fround)).toEqual(Float64Array.from(set.features.data()))
  })

  test.each([
    ['loadBreastCancer', loadBreastCancer, [212, 357], [17.99, 10.38, 122.8]],
    ['loadDigits', loadDigits, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180], [0, 0, 5, 13, 9, 1, 0, 0]],
    ['loadIris', loadIris, [50, 50, 50], [5.1, 3.5, 1.4, 0.2]],
    ['loadPenguins', loadPenguins, [151, 68, 123], [39.1, 18.7, 181, 3750]],
    ['loadWine', loadWine, [59, 71, 48], [14.23, 1.71, 2.43]],
  ] as const)('%s has the known counts and begins with the known numbers', async (_, load, counts, start) => {
    const { features, classes } = await load({ dtype: 'float64' })
    const found = counts.map((_, label) => classes.data().filter(value => value === label).length)
    expect(found).toEqual(counts)
    expect([...features.data().slice(0, start.length)]).toEqual(start)
  })

  test('refuse settings that they do not know', async () => {
    await expect(loadIris({ type: 'float64' } as object)).rejects.toThrow("loadIris: knows no 'type'")
  })
})

describe('digits', () => {
  test('images are the features in rows of 8', async () => {
    const { features, images } = await loadDigits()
    expect(images.shape).toEqual([1797, 1, 8, 8])
    expect(images.data()).toEqual(features.data())
  })

  test('names the line that is wrong', () => {
    const good = [...new Array<number>(64).fill(3), 7].join(',')
    expect(parseDigits(`${good}\n${good}\n`).classes.toArray()).toEqual([7, 7])
    const bad = [good.slice(2), good.replace('3', '17'), good.replace(/7$/, '10'), good.replace('3', 'x')]
    for (const line of [...bad, good.replace('3', '')]) {
      expect(() => parseDigits(`${good}\n${line}`)).toThrow('loadDigits: line 2: must hold 64 pixels')
    }
  })
})

describe('penguins', () => {
  test('342 birds are complete, 2 are dropped', async () => {
    const { records, dropped, features, classes } = await loadPenguins({ dtype: 'float64' })
    expect(dropped).toBe(2)
    expect(records.length).toBe(342)
    expect(records[0]).toEqual({
      species: 'Adelie',
      island: 'Torgersen',
      billLength: 39.1,
      billDepth: 18.7,
      flipperLength: 181,
      bodyMass: 3750,
      sex: 'male',
    })
    expect(records.filter(({ sex }) => sex === undefined).length).toBe(9)
    expect(classes.toArray()).toEqual(records.map(({ species }) => SPECIES.indexOf(species)))
    expect(features.toArray()).toEqual(
      records.map(bird => [bird.billLength, bird.billDepth, bird.flipperLength, bird.bodyMass]),
    )
  })

  test('a missing measurement drops the bird, an unknown sex does not', () => {
    const rows = [bird, { ...bird, 'Beak Depth (mm)': null }, { ...bird, Sex: null }]
    const { records, dropped } = parsePenguins(JSON.stringify(rows))
    expect(records.length).toBe(2)
    expect(dropped).toBe(1)
  })

  test('refuses a species it does not know, and what is no array', () => {
    expect(() => parsePenguins(JSON.stringify([bird, { ...bird, Species: 'Emperor' }]))).toThrow(
      'row 1 has the species "Emperor"; known are Adelie, Chinstrap, Gentoo',
    )
    expect(() => parsePenguins('{}')).toThrow('an array of records')
  })
})

describe('counted sets', () => {
  const expected = { examples: 2, features: 2, classes: ['a', 'b'] }

  test('are checked against their first line', () => {
    const parse = (text: string) => parseCounted('load', text, expected, 'float64')
    expect(parse('2,2,a,b\n1,2,0\n3,4,1\n').features.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(() => parse('2,2,a,c\n1,2,0\n3,4,1')).toThrow('load: line 1: must be "2,2,a,b"')
    expect(() => parse('2,2,a,b\n1,2,0')).toThrow('there are 1')
    expect(() => parse('2,2,a,b\n1,2,0\n3,4,2')).toThrow(
      'load: line 3: must hold 2 numbers and a class from 0 to 1',
    )
  })
})

describe('CO2', () => {
  test('five months are missing, or filled by a straight line', async () => {
    const measured = await loadCO2({ dtype: 'float64' })
    expect(measured.values.shape).toEqual([741])
    expect(measured.values.data()[0]).toBe(315.7)
    expect(measured.months.at(-1)).toBe('2020-04')
    const filled = await loadCO2({ dtype: 'float64', fillGaps: true })
    expect(filled.values.shape).toEqual([746])
    expect(filled.gaps).toEqual(measured.gaps)
    const at = filled.months.indexOf('1958-06')
    const [before, between, after] = filled.values.data().slice(at - 1, at + 2)
    expect(between).toBeCloseTo((before! + after!) / 2, 12)
    const kept = filled.months.flatMap((month, at) => (filled.gaps.includes(month) ? [] : [at]))
    expect(kept.map(at => filled.values.data()[at])).toEqual([...measured.values.data()])
  })

  test('names the line that is wrong', () => {
    expect(() => parseCO2('Date\n1958-03-01,315,314\n1958-03-01,315,314')).toThrow('line 3')
    expect(() => parseCO2('Date\n1958-13-01,315,314')).toThrow('line 2')
  })
})

describe('Fashion-MNIST', () => {
  const debian = '/usr/share/datasets/fashion-mnist'

  const idx = (sizes: readonly number[], data: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(4 + 4 * sizes.length + data.length)
    bytes.set([0, 0, 8, sizes.length])
    const view = new DataView(bytes.buffer)
    for (const [axis, size] of sizes.entries()) view.setUint32(4 + 4 * axis, size)
    bytes.set(data, 4 + 4 * sizes.length)
    return bytes
  }

  /** A folder of files of the same form with two images each. */
  const withFolder = async (change: (folder: string) => void, body: (folder: string) => Promise<void>) => {
    const folder = mkdtempSync(join(tmpdir(), 'adjoint-data-'))
    for (const part of ['train', 't10k']) {
      const pixels = Uint8Array.from({ length: 2 * 784 }, (_, at) => at % 256)
      writeFileSync(join(folder, `${part}-images-idx3-ubyte`), idx([2, 28, 28], pixels))
      writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), idx([2], new Uint8Array([9, 0])))
    }
    change(folder)
    try {
      await body(folder)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test('reads files of its form', () =>
    withFolder(
      () => {},
      async directory => {
        const { train, test } = await loadFashionMnist({ directory, scale: 1 })
        expect(train.images.shape).toEqual([2, 1, 28, 28])
        expect([...train.images.data().slice(254, 258)]).toEqual([254, 255, 0, 1])
        expect(test.classes.toArray()).toEqual([9, 0])
        const scaled = await loadFashionMnist({ directory: `${directory}/` })
        expect(scaled.train.images.data()[255]).toBe(1)
      },
    ))

  test('says how to get the files, and what is wrong with one', async () => {
    await expect(loadFashionMnist({ directory: '/nowhere' })).rejects.toThrow(FileError)
    await expect(loadFashionMnist({ directory: '/nowhere' })).rejects.toThrow(
      'apt install dataset-fashion-mnist',
    )
    await expect(loadFashionMnist({} as never)).rejects.toThrow('takes { directory }')
    const labels = (folder: string): string => join(folder, 't10k-labels-idx1-ubyte')
    await withFolder(
      folder => writeFileSync(labels(folder), idx([2], new Uint8Array([1, 10]))),
      async directory => {
        await expect(loadFashionMnist({ directory })).rejects.toThrow(FormatError)
        await expect(loadFashionMnist({ directory })).rejects.toThrow(
          't10k-labels-idx1-ubyte: must hold a class',
        )
      },
    )
  })

  const { present, absent } = optionalTests(existsSync(debian))
  present('reads the real files', async () => {
    const { train, test } = await loadFashionMnist({ directory: debian })
    expect(train.images.shape).toEqual([60000, 1, 28, 28])
    expect(test.classes.shape).toEqual([10000])
    const counts = Array.from(
      { length: 10 },
      (_, label) => train.classes.data().filter(value => value === label).length,
    )
    expect(counts).toEqual(new Array(10).fill(6000))
    // The mean and deviation that are known of the training images.
    expect(mean(train.images).item()).toBeCloseTo(0.286, 3)
    expect([...train.classes.data().slice(0, 5)]).toEqual([9, 0, 0, 3, 0])
  })

  absent(`the files of Fashion-MNIST are not in ${debian}: nothing to read`, () => {})
})
