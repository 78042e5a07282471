import { transformWithOxc } from 'vite'
import { describe, expect, test } from 'vitest'
import * as assertions from './assert.ts'
import { findSnippets } from './snippets.ts'
import { toTestModule } from './testModule.ts'

/** Runs the tests made from a page; gives the message of each, '' for one that passed. */
async function outcome(page: string, file = 'page.md'): Promise<string[]> {
  const module = toTestModule(file, page, 'assert').replace(/^import .*?; import .*?; /, '')
  const { code } = await transformWithOxc(module, 'page.ts', { lang: 'ts' })
  const bodies: (() => unknown)[] = []
  new Function('__test', '__doc', code)((_: string, body: () => unknown) => bodies.push(body), assertions)
  const messages: string[] = []
  for (const body of bodies) {
    try {
      await body()
      messages.push('')
    } catch (error) {
      messages.push((error as Error).message)
    }
  }
  return messages
}

const fence = (code: string, info = 'ts'): string => `\`\`\`${info}\n${code}\n\`\`\`\n`

describe('a value', () => {
  const holds: readonly [string, string][] = [
    ['a number', '1 + 1 // => 2'],
    ['the digits that are shown', 'Math.LN2 // => 0.6931'],
    ['the first digits', 'Math.LN2 // => 0.69…'],
    ['small numbers', '1.2345e-7 // => 1.23e-7'],
    ['a nested array', '[[1, 2], [3, -0.1]] // => [[1, 2], [3, -0.1]]'],
    ['an object', '({ a: [1 / 3], b: "x" }) // => { a: [0.333], b: "x" }'],
    [
      'special values',
      '[NaN, undefined, -Infinity, null, true] // => [NaN, undefined, -Infinity, null, true]',
    ],
    ['something with toArray', '({ loss: { toArray: () => [0.1 + 0.2] } }) // => { loss: [0.3] }'],
    ['a typed array', 'Float32Array.of(0.1, 2) // => [0.1, 2]'],
    ['a typed array by name', 'Float32Array.of(0.1, 2) // => new Float32Array([0.1, 2])'],
    ['negative digits', '[-1 / 3, -1 / 3, -2] // => [-0.333, -0.33…, - 2]'],
    ['a declaration', 'const x: number = 2 // => 2\nx * x // => 4'],
    ['a statement over lines', '[\n  1,\n  2,\n] // => [1,\n//      2]'],
    ['the line below', '[1, 2]\n// => [1, 2]'],
    ['no literal: what prints', 'new Set([1]) // => Set(1) { 1 }'],
    ['a comment after a whole value', '1 + 1 // => 2\n// Then comes\n3 // => 3'],
    ['something awaited in a loop', 'for (const x of [1, 1]) {\n  await x // => 1\n}'],
  ]
  test.each(holds)('%s', async (_, code) => expect(await outcome(fence(code))).toEqual(['']))

  const broken: readonly [string, string][] = [
    ['a wrong number', '1 + 1 // => 3'],
    ['a wrong digit', 'Math.LN2 // => 0.6932'],
    ['an integer is exact', '2.4 // => 2'],
    ['a missing element', '[1, 2, 3] // => [1, 2]'],
    ['a missing key', '({ a: 1, b: 2 }) // => { a: 1 }'],
    ['a wrong nested tensor', '({ toArray: () => [1, 2] }) // => [1, 3]'],
    ['a typed array of another name', 'Float32Array.of(1) // => new Float64Array([1])'],
    ['a wrong declaration', 'const x = 2 // => 4'],
    ['a wrong text', 'new Set([1]) // => Set(2) { 1 }'],
  ]
  test.each(broken)('fails for %s', async (_, code) => {
    expect(await outcome(fence(code))).toEqual([expect.stringContaining('the page says')])
  })
})

describe('a printed text', () => {
  test('is what Node would print', async () => {
    expect(await outcome(fence("console.log('loss', 0.69314, [1, 2]) // => loss 0.693 [ 1, 2 ]"))).toEqual([
      '',
    ])
    expect(await outcome(fence("console.log('a\\n  b')\n// => a\n//      b"))).toEqual([''])
  })

  test('fails when a word, a digit or a line differs', async () => {
    const pages = ["'loss' // => los", '0.5 // => 0.6', "'a\\nb' // => a"]
    for (const page of pages.map(text => fence(text.replace(/^(.*) \/\//, 'console.log($1) //'))))
      expect(await outcome(page)).toEqual([expect.stringContaining('page.md:2\n  the page says')])
  })
})

describe('a fence', () => {
  test('has a scope of its own, unless it continues', async () => {
    const page = fence('const x = 1') + fence('const x = 2') + fence('x // => 2', 'ts continue')
    expect(await outcome(page)).toEqual(['', ''])
    expect(await outcome(fence('x', 'ts continue'))).toEqual([
      expect.stringContaining('page.md:1: there is no'),
    ])
  })

  test('may promise to throw', async () => {
    const code = '// throws: cannot add\nthrow new Error("cannot  add [2]")'
    expect(await outcome(fence(code, 'ts throws'))).toEqual([''])
    expect(await outcome(fence('1', 'ts throws'))).toEqual([expect.stringContaining('an error')])
    expect(await outcome(fence(`// throws: no\n${code}`, 'ts throws'))).toEqual([
      expect.stringContaining('no'),
    ])
    const page = fence('const x = "boom"') + fence('throw x // throws: boom', 'ts continue throws')
    expect(await outcome(page + fence('x // => "boom"', 'ts continue'))).toEqual([''])
  })

  test('that is not run says why', async () => {
    expect(await outcome(fence('// a signature only\nf()', 'ts no-run'))).toEqual([])
    expect(await outcome(fence('f()', 'ts no-run'))).toEqual([expect.stringContaining('says why')])
    expect(await outcome(fence('f()', 'ts type-error'))).toEqual([expect.stringContaining('// error: text')])
  })

  test('of another language is left alone', () => {
    expect(findSnippets('page.md', fence('x', 'js') + fence('x', 'tsx') + fence('x', 'sh'))).toEqual([])
  })

  test('may be written as editors and VitePress allow', () => {
    const page = '> ```ts{1}\n> a\n> ```\n\n- b\n\n  ~~~typescript\n  c\n    d\n  ~~~\n\n````ts\n```\n````'
    const found = findSnippets('page.md', page).map(({ line, code }) => [line, ...code])
    expect(found).toEqual([
      [1, 'a'],
      [7, 'c', '  d'],
      [12, '```'],
    ])
  })
})

describe('the place of a failure', () => {
  test('is the line of the page', async () => {
    const page = `# Title\n\n${fence('const a = 1\n\na // => 2')}`
    expect(await outcome(page)).toEqual([expect.stringContaining('page.md:6\n')])
  })

  test('is that of an expectation which nothing would check', async () => {
    const page = fence('function f() {\n  return 1 // => 2\n}\nf()')
    expect(await outcome(page)).toEqual([expect.stringContaining('page.md:3: this // => stands behind')])
  })

  test('survives imports over several lines', () => {
    const page = fence("import {\n  type A,\n  b,\n  c as d,\n} from 'x'\nb(d) // => 1")
    const lines = toTestModule('page.md', page, 'assert').split('\n')
    expect(lines[1]).toBe(`const { b, c: d } = await import('x');`)
    expect(lines[6]).toBe(`__doc.value(b(d), 1, "1", "page.md:7") // => 1`)
  })
})

describe('a doc comment', () => {
  const source = (example: string): string =>
    `/**\n * Doubles.\n *\n * @example\n${example}\n */\nexport const f = 1\n`

  test('holds examples', async () => {
    const page = source(' * ```ts\n * 1 + 1 // => 3\n * ```')
    expect(await outcome(page, 'f.ts')).toEqual([expect.stringContaining('f.ts:6\n')])
  })

  test('with an example outside a fence is refused', async () => {
    expect(await outcome(source(' * f(1)'), 'f.ts')).toEqual([
      expect.stringContaining('f.ts:4: write the code'),
    ])
  })

  test('is the only place of a source file that is searched', () => {
    expect(findSnippets('f.ts', 'const page = `\n```ts\nx\n```\n`')).toEqual([])
  })
})
