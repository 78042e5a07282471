// Keeps docs/reference/lecture.md true: every item of the lecture has its row, and what a row refers to exists.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const PAGE = 'docs/reference/lecture.md'
const page = readFileSync(join(root, PAGE), 'utf8')

/** A row of one of the tables: its number, and the cell that says where the item is shown. */
interface Row {
  readonly number: string
  readonly shownIn: string
}

/** The rows of all tables of the page whose first cell is a number of an item (E1) or of an erratum (1). */
function rowsOf(text: string): Row[] {
  return [...text.matchAll(/^\| (E?\d+) \| (.+) \| (.*) \|$/gm)].map(([, number, , shownIn]) => ({
    number: number!,
    shownIn: shownIn!,
  }))
}

const EXPECTED: readonly string[] = [
  ...Array.from({ length: 46 }, (_, at) => `E${at + 1}`),
  ...Array.from({ length: 7 }, (_, at) => `${at + 1}`),
]

/** Everything that is wrong with the page, in sentences. */
function problemsOf(text: string): string[] {
  const rows = rowsOf(text)
  const numbers = rows.map(({ number }) => number)
  const inOrder = numbers.join(' ') === EXPECTED.join(' ')
  return [
    ...(inOrder ? [] : [`The rows are ${numbers.join(', ')}; they must be E1 to E46 and 1 to 7, in order.`]),
    ...rows.flatMap(({ number, shownIn }) => problemsOfRow(shownIn).map(problem => `${number}: ${problem}`)),
    ...linksOf(text).flatMap(problemOfLink),
  ]
}

/** A row names at least one test, and each that it names exists; nothing else stands in code beside it. */
function problemsOfRow(shownIn: string): string[] {
  const tests = [...shownIn.matchAll(/`([^`]+)` › "([^"]+)"/g)]
  const paths = shownIn.match(/`[^`]+`/g) ?? []
  return [
    ...(tests.length === 0 ? ['no test is named.'] : []),
    ...(paths.length === tests.length ? [] : ['a file is named without the title of a test, in quotes.']),
    ...tests.flatMap(([, path, title]) => {
      if (!/^packages\/.+\.test\.ts$/.test(path!) || !existsSync(join(root, path!)))
        return [`there is no test file ${path}.`]
      return titlesOf(path!).has(title!) ? [] : [`${path} has no test '${title}'.`]
    }),
  ]
}

function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!)
}

function problemOfLink(target: string): string[] {
  const [path, anchor] = target.split('#') as [string, string | undefined]
  const file = join(root, dirname(PAGE), path)
  if (!existsSync(file)) return [`There is no file for the link ${target}.`]
  if (anchor === undefined || anchorsOf(readFileSync(file, 'utf8')).has(anchor)) return []
  return [`There is no section for the link ${target}.`]
}

/** What links may lead to: the headings as GitHub names them, and anchors that are written out. Fences have none. */
function anchorsOf(text: string): Set<string> {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '')
  const headings = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
  const written = [...prose.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!)
  return new Set([...headings, ...written])
}

const known = new Map<string, ReadonlySet<string>>()

/** The titles of the tests and groups of a file: the first arguments of test(...), it.each(...)(...), describe(...). */
function titlesOf(path: string): ReadonlySet<string> {
  const before = known.get(path)
  if (before !== undefined) return before
  const titles = new Set<string>()
  const source = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest)
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(test|it|describe)$/.test(runnerOf(node.expression) ?? '')) {
      const [title] = node.arguments
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.add(title.text)
    }
    ts.forEachChild(node, look)
  }
  look(source)
  known.set(path, titles)
  return titles
}

/** `test` of `test`, and of `test.each(...)`; a skipped test is none. */
function runnerOf(callee: ts.Expression): string | undefined {
  if (ts.isIdentifier(callee)) return callee.text
  if (!ts.isCallExpression(callee) || !ts.isPropertyAccessExpression(callee.expression)) return undefined
  const { expression, name } = callee.expression
  return ts.isIdentifier(expression) && name.text === 'each' ? expression.text : undefined
}

describe(PAGE, () => {
  test('has a row for every item E1 to E46 and for the seven errata, and all that they refer to exists', () => {
    expect(problemsOf(page)).toEqual([])
  })

  test('names pages and tests: at least one test in every row, most with a page beside it', () => {
    const rows = rowsOf(page)
    expect(rows).toHaveLength(53)
    expect(rows.filter(({ shownIn }) => linksOf(shownIn).length > 0).length).toBeGreaterThanOrEqual(50)
  })
})

describe('a mistake in the table is found', () => {
  const change = (from: string | RegExp, to: string): string[] => {
    const changed = page.replace(from, to)
    expect(changed).not.toBe(page)
    return problemsOf(changed)
  }

  test('a row that is missing', () => {
    expect(change(/^\| E17 .*\n/m, '')).toEqual([
      expect.stringMatching(/^The rows are E1, .*E16, E18.*; they must be E1 to E46 and 1 to 7, in order\.$/),
    ])
  })

  test('a row without a test', () => {
    expect(change(/^(\| E35 \| .+ \| ).* \|$/m, '$1[the loop](../guide/training.md#the-loop) |')).toEqual([
      'E35: no test is named.',
    ])
  })

  test('a test file that does not exist', () => {
    expect(change('| `packages/nn/test/lecture.test.ts`', '| `packages/nn/test/lectures.test.ts`')).toEqual([
      'E18: there is no test file packages/nn/test/lectures.test.ts.',
    ])
  })

  test('a title that no test has', () => {
    expect(change('"E15: a linear', '"E15: the linear')).toEqual([
      "E15: packages/nn/test/lecture.test.ts has no test 'E15: the linear output is z itself, with derivative 1'.",
    ])
    // What stands in the file, but is no title of a test.
    expect(change('"E15: a linear output is z itself, with derivative 1"', '"float64"')).toEqual([
      "E15: packages/nn/test/lecture.test.ts has no test 'float64'.",
    ])
  })

  test('a file without a title', () => {
    expect(change('› "E15: a linear output is z itself, with derivative 1"', '')).toEqual([
      'E15: no test is named.',
      'E15: a file is named without the title of a test, in quotes.',
    ])
  })

  test('a page and a section that do not exist', () => {
    expect(change('../guide/lecture.md#layer-2', '../guide/lectures.md#layer-2')).toEqual([
      'There is no file for the link ../guide/lectures.md#layer-2.',
    ])
    expect(change('../guide/lecture.md#layer-2', '../guide/lecture.md#layer-3')).toEqual([
      'There is no section for the link ../guide/lecture.md#layer-3.',
    ])
  })
})
