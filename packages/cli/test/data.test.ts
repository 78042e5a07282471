import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { Rng } from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadDigits, parseDigits } from '../src/data/digits.ts'
import { loadPenguins, parsePenguins, SPECIES } from '../src/data/penguins.ts'
import { splitExamples } from '../src/data/split.ts'
import { scaleOf, sharedScaleOf, standardise } from '../src/data/standardise.ts'

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const file = (name: string): Buffer => readFileSync(new URL(`../data/${name}`, import.meta.url))

const bird = {
  Species: 'Gentoo',
  'Beak Length (mm)': 46.1,
  'Beak Depth (mm)': 13.2,
  'Flipper Length (mm)': 211,
  'Body Mass (g)': 4500,
  Sex: 'FEMALE',
}

describe('penguins', () => {
  test('the file is the one that SOURCES.md names', () => {
    const sources = file('SOURCES.md').toString('utf8')
    expect(sources).toContain(sha256(gunzipSync(file('penguins.json.gz'))))
    expect(sources).toContain(sha256(file('digits.csv.gz')))
  })

  test('342 birds of three species are complete, 2 are dropped', () => {
    const { penguins, dropped } = loadPenguins()
    expect(dropped).toBe(2)
    expect(SPECIES.map(name => penguins.filter(({ species }) => species === name).length)).toEqual([
      151, 68, 123,
    ])
    expect(penguins[0]).toEqual({
      species: 'Adelie',
      billLength: 39.1,
      billDepth: 18.7,
      flipperLength: 181,
      bodyMass: 3750,
    })
  })

  test('a missing measurement drops the bird, an unknown sex does not', () => {
    const rows = [bird, { ...bird, 'Beak Depth (mm)': null }, { ...bird, Sex: null }]
    const { penguins, dropped } = parsePenguins(JSON.stringify(rows))
    expect(penguins.length).toBe(2)
    expect(dropped).toBe(1)
  })

  test('refuses a species it does not know, and what is no array', () => {
    expect(() => parsePenguins(JSON.stringify([bird, { ...bird, Species: 'Emperor' }]))).toThrow(
      'row 1 has the species "Emperor"; known are Adelie, Chinstrap, Gentoo',
    )
    expect(() => parsePenguins('{}')).toThrow('an array of records')
  })
})

describe('digits', () => {
  test('1797 images of ten classes, each about as frequent as the others', () => {
    const digits = loadDigits()
    const counts = Array.from({ length: 10 }, (_, at) => digits.filter(({ digit }) => digit === at).length)
    expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    expect(digits[0]!.pixels.slice(0, 8)).toEqual([0, 0, 5, 13, 9, 1, 0, 0])
  })

  test('names the line that is wrong', () => {
    const good = [...new Array<number>(64).fill(3), 7].join(',')
    expect(parseDigits(`${good}\n${good}\n`).map(({ digit }) => digit)).toEqual([7, 7])
    for (const bad of [
      good.slice(2),
      good.replace('3', '17'),
      good.replace(/7$/, '10'),
      good.replace('3', 'x'),
    ]) {
      expect(() => parseDigits(`${good}\n${bad}`)).toThrow('line 2')
    }
  })
})

describe('the split', () => {
  test('holds out a fifth; every example is in exactly one part', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 400 }), fc.nat(), (count, seed) => {
        const { train, test } = splitExamples(count, new Rng(seed))
        expect(test.length).toBe(Math.round(count / 5))
        expect([...train, ...test].sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, at) => at),
        )
      }),
    )
  })

  test('a seed decides it', () => {
    expect(splitExamples(342, new Rng(5))).toEqual(splitExamples(342, new Rng(5)))
    expect(splitExamples(342, new Rng(5)).test).not.toEqual(splitExamples(342, new Rng(6)).test)
  })

  test('refuses a data set that is too small', () => {
    expect(() => splitExamples(2, new Rng(0))).toThrow('too few')
  })
})

describe('standardising', () => {
  test('the examples it was measured on have mean 0 and deviation 1; others are moved in the same way', () => {
    const train = [
      [1, 100],
      [3, 300],
      [5, 200],
    ]
    const scale = scaleOf(train)
    const columns = [0, 1].map(at => standardise(train, scale).map(features => features[at]!))
    for (const column of columns) {
      expect(column.reduce((sum, x) => sum + x, 0) / 3).toBeCloseTo(0, 12)
      expect(column.reduce((sum, x) => sum + x * x, 0) / 3).toBeCloseTo(1, 12)
    }
    expect(standardise([[3, 200]], scale)).toEqual([[0, 0]])
  })

  test('a feature that never varies becomes 0', () => {
    expect(standardise([[7], [7]], scaleOf([[7], [7]]))).toEqual([[0], [0]])
  })

  test('a shared scale is one mean and one deviation for all features', () => {
    expect(
      sharedScaleOf([
        [0, 4],
        [0, 4],
      ]),
    ).toEqual({ mean: [2, 2], deviation: [2, 2] })
  })
})
