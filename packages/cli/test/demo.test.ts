import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import { beforeAll, describe, expect, test } from 'vitest'
import { type DemoResult, runDemo } from '../src/demo.ts'
import { LEDGER_TOLERANCE } from '../src/ledger.ts'
import { type DemoSummary, toJson } from '../src/summary.ts'
import { type RecordingStream, recordingStream, temporaryFolder } from './support.ts'

const NAMES = [
  'penguins-binary-0',
  'penguins-binary-1',
  'penguins-binary-2',
  'penguins-binary-5',
  'penguins-species',
  'penguins-mass',
  'digits',
]

/** Everything but the times, which differ from run to run, and the path. */
const numbersOf = ({ runs }: DemoSummary): unknown => runs.map(({ seconds: _, ...rest }) => rest)

describe('demo --quick --json', () => {
  let result: DemoResult
  let json: DemoSummary
  let page: string
  let stream: RecordingStream
  let files: string[]
  let removeFolder = (): void => {}

  beforeAll(async () => {
    const folder = temporaryFolder(remove => {
      removeFolder = remove
    })
    stream = recordingStream()
    const options = {
      quick: true,
      seed: 3,
      out: join(folder, 'new', 'report'),
      json: join(folder, 'new', 'out.json'),
    }
    result = await runDemo({ ...options, stream })
    json = JSON.parse(readFileSync(options.json, 'utf8')) as DemoSummary
    page = readFileSync(result.report, 'utf8')
    files = readdirSync(folder, { recursive: true }).map(String)
    return () => removeFolder()
  })

  test('writes the report and the JSON, and nothing else', () => {
    expect(files.sort()).toEqual(
      ['new', 'new/out.json', 'new/report', 'new/report/report.html'].map(name => join(name)),
    )
    expect(json.report).toBe(result.report)
  })

  test('the JSON has all runs with their losses, accuracies and ledgers', () => {
    expect(json).toMatchObject({ seed: 3, quick: true })
    expect(json.runs.map(({ name }) => name)).toEqual(NAMES)
    for (const run of json.runs) {
      const isRegression = run.name === 'penguins-mass'
      expect(run.dtype).toBe('float32')
      expect(run.data).not.toBe('')
      expect(run.lossAfter).toBeLessThan(run.lossBefore)
      expect(run.accuracyTest).toEqual(isRegression ? null : expect.any(Number))
      expect(run.r2Test).toEqual(isRegression ? expect.any(Number) : null)
      expect(run.seconds).toBeGreaterThan(0)
      // dz, dW and db of every layer, from the last to the first.
      const depth = run.hidden.length + 1
      expect(run.ledger.length).toBe(3 * depth)
      expect([...new Set(run.ledger.map(({ layer }) => layer))]).toEqual(
        Array.from({ length: depth }, (_, at) => depth - at),
      )
      for (const entry of run.ledger) {
        expect(entry.verdict).toBe('agrees')
        expect(entry.maxRel).toBeLessThanOrEqual(LEDGER_TOLERANCE)
        expect(entry.maxAbsDifference).toBeLessThan(1e-6)
        expect(entry).toMatchObject({
          quantity: expect.stringMatching(/^d[zWb]$/),
          shape: expect.any(Array),
          maxAbs: expect.any(Number),
          maxUlp: expect.any(Number),
        })
      }
    }
    expect(json.runs.map(({ hidden }) => hidden.length)).toEqual([0, 1, 2, 5, 1, 1, 2])
  })

  test('networks learn: hidden layers beat the straight line, and the digits are read', () => {
    const accuracy = (name: string): number => json.runs.find(run => run.name === name)!.accuracyTest!
    expect(accuracy('penguins-binary-2')).toBeGreaterThan(accuracy('penguins-binary-0'))
    expect(accuracy('digits')).toBeGreaterThan(0.85)
    expect(json.runs.find(({ name }) => name === 'penguins-mass')!.r2Test).toBeGreaterThan(0.6)
  })

  test('the console shows progress, ledgers, the planted mistake and the path, in plain lines', () => {
    const text = stream.text()
    expect(text).not.toContain('\r')
    expect(text).not.toContain(String.fromCharCode(27))
    expect(text).toContain('342 penguins (2 of 344 lack measurements and are left out), 1797 digits')
    expect(text.match(/ETA/g)!.length).toBeLessThanOrEqual(3 * NAMES.length)
    expect(text.match(/quantities agree, to/g)!.length).toBe(NAMES.length)
    expect(text).toContain(
      'the first to differ is dz1 of layer 1; before it agree dz3, dW3, db3, dz2, dW2, db2',
    )
    expect(text).toContain('  1      dz        [1, 30] ')
    expect(text.split('ulp counts the representable numbers').length).toBe(2)
    expect(text).toContain(`Report: ${result.report}`)
    expect(result.failures).toEqual([])
  })

  test('the report is one file that loads nothing', () => {
    const { document } = parseHTML(page)
    for (const element of document.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        if (['src', 'href', 'xlink:href', 'srcset', 'data', 'action', 'poster'].includes(name)) {
          expect(`${element.tagName} ${name} ${value}`).toMatch(/ #[\w-]+$/)
        }
        expect(value).not.toMatch(/url\((?!#)/)
      }
    }
    const forbidden =
      'script, link, iframe, img, object, embed, base, video, audio, source, image, foreignObject'
    expect(document.querySelectorAll(forbidden).length).toBe(0)
    for (const style of document.querySelectorAll('style')) {
      expect(style.textContent).not.toMatch(/@import|url\(|https?:/)
    }
  })

  test('the report explains ulp, weigh and the mistake that was planted', () => {
    const { document } = parseHTML(page)
    const text = (id: string): string =>
      document.querySelector(`section[aria-labelledby="${id}"]`)!.textContent!.replaceAll(/\s+/g, ' ')
    expect(text('ledgers')).toContain('ulp counts the representable numbers')
    expect(text('graph')).toContain('weigh is a product')
    expect(text('mistake')).toContain('the first quantity that differs is dz[1]')
    expect(text('mistake')).toContain('[6, 30]')
  })

  test('the report has all four boundary charts, each with field, line and birds', () => {
    const { document } = parseHTML(page)
    const charts = [...document.querySelectorAll('figure.boundary svg')]
    expect(charts.map(svg => svg.getAttribute('aria-label')!.split(':')[0])).toEqual(
      ['logistic regression', '1 hidden layer', '2 hidden layers', '5 hidden layers'].map(
        title => `Decision boundary of ${title}`,
      ),
    )
    for (const svg of charts) {
      const [field, line] = [...svg.querySelectorAll('g[aria-label="contour"]')]
      expect(field!.querySelectorAll('path').length).toBeGreaterThan(5)
      expect(line!.querySelectorAll('path').length).toBe(1)
      expect(svg.querySelectorAll('g[aria-label="dot"] :is(path, circle)').length).toBe(342)
    }
  })

  test('the report draws what the lecture draws: a unit, networks, hidden units, activations, gradients', () => {
    const { document } = parseHTML(page)
    const count = (selector: string): number => document.querySelectorAll(selector).length
    expect(count('figure.neuron svg')).toBe(1)
    expect(count('figure.network svg')).toBe(3)
    expect(count('.grid.units svg')).toBe(13)
    expect(count('figure.activation svg')).toBe(4)
    expect(count('figure.depth svg')).toBe(3)
  })

  test('the report can be read without seeing it', () => {
    const { document } = parseHTML(page)
    const levels = [...document.querySelectorAll('h1, h2, h3')].map(({ tagName }) => Number(tagName[1]))
    expect(levels[0]).toBe(1)
    expect(levels.filter(level => level === 1).length).toBe(1)
    for (const [at, level] of levels.entries()) {
      if (at > 0) expect(level - levels[at - 1]!).toBeLessThanOrEqual(1)
    }
    for (const svg of document.querySelectorAll('svg')) {
      const isHidden = svg.closest('[aria-hidden="true"]') !== null
      const name = svg.getAttribute('aria-label') ?? svg.getAttribute('aria-labelledby') ?? ''
      expect(isHidden || name !== '').toBe(true)
    }
    for (const table of document.querySelectorAll('table')) {
      expect(table.querySelector('caption')!.textContent).not.toBe('')
      expect(table.querySelectorAll('thead th[scope="col"]').length).toBeGreaterThan(0)
      expect(table.querySelectorAll('tbody th[scope="row"]').length).toBeGreaterThan(0)
    }
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const link of document.querySelectorAll('a'))
      expect(ids).toContain(link.getAttribute('href')!.slice(1))
    expect(document.querySelectorAll('details').length).toBe(NAMES.length)
  })

  test('a seed gives the same numbers to the bit', async () => {
    const again = await runDemo({ quick: true, seed: 3, out: temporaryFolder(), stream: recordingStream() })
    expect(numbersOf(again)).toEqual(numbersOf(result))
  })
})

test('a place that cannot be written is refused before anything is trained', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  const stream = recordingStream()
  const out = join(folder, 'file', 'report')
  await expect(runDemo({ quick: true, out, stream })).rejects.toThrow(
    `cannot write ${join(out, 'report.html')}`,
  )
  expect(stream.text()).toBe('')
})

test('numbers that JSON does not know are written by name', () => {
  const summary: DemoSummary = {
    seed: 0,
    quick: true,
    report: 'report.html',
    runs: [
      {
        name: 'net',
        data: 'numbers',
        hidden: [],
        dtype: 'float32',
        lossBefore: 1,
        lossAfter: Number.POSITIVE_INFINITY,
        lossTest: Number.NaN,
        accuracyTest: null,
        r2Test: Number.NEGATIVE_INFINITY,
        seconds: 1,
        ledger: [],
      },
    ],
  }
  expect(JSON.parse(toJson(summary)).runs[0]).toMatchObject({
    lossBefore: 1,
    lossAfter: 'Infinity',
    lossTest: 'NaN',
    accuracyTest: null,
    r2Test: '-Infinity',
  })
})
