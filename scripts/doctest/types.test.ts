// Compiles every snippet of the documentation in one program: pages that do not compile are defects.
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { documentation, readText } from './plugin.ts'
import { findSnippets, type Snippet } from './snippets.ts'
import { commentText } from './testModule.ts'

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)))

interface Unit {
  readonly snippet: Snippet
  /** Path of a module beside the page that exists only in the program below. */
  readonly path: string
  /** The code of the snippet and of the fences it continues, every line where the page has it. */
  readonly text: string
}

function unitsOf(file: string, page: string): Unit[] {
  let scope: string[] = []
  return findSnippets(file, page).map(snippet => {
    const lines: string[] = snippet.continues ? [...scope] : []
    for (const [at, code] of snippet.code.entries()) lines[snippet.line + at] = code
    if (snippet.mode === 'run') scope = lines
    const path = join(root, `${file}.line${snippet.line}.ts`)
    return { snippet, path, text: Array.from(lines, line => line ?? '').join('\n') }
  })
}

function compile(units: readonly Unit[]): ts.Program {
  const config = join(root, 'tsconfig.test.json')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, ts.sys.readFile).config,
    ts.sys,
    root,
  )
  const host = ts.createCompilerHost(options)
  const texts = new Map(units.map(unit => [unit.path, unit.text]))
  const { fileExists, readFile } = host
  host.fileExists = path => texts.has(resolve(path)) || fileExists(path)
  host.readFile = path => texts.get(resolve(path)) ?? readFile(path)
  host.getCurrentDirectory = () => dirname(config)
  return ts.createProgram([...texts.keys()], options, host)
}

/** What the compiler says about the snippet itself, as `file:line: message`. */
function mistakes(program: ts.Program, { snippet, path }: Unit): string[] {
  const source = program.getSourceFile(path)!
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
  const messages = found.flatMap(({ start = 0, messageText }) => {
    const line = source.getLineAndCharacterOfPosition(start).line + 1
    const text = `${snippet.file}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n  ')}`
    return line > snippet.line ? [text] : []
  })
  if (snippet.mode !== 'type-error') return messages
  const expected = commentText(snippet.code, 'error')
  return [
    ...messages.filter(message => !expected.some(text => message.includes(text))),
    ...expected
      .filter(text => !messages.some(message => message.includes(text)))
      .map(text => `${snippet.file}:${snippet.line}: the compiler does not say "${text}"`),
  ]
}

/** A page with mistakes, compiled along: the check below is worth nothing if it cannot fail. */
const planted = [
  '```ts',
  "const a: string = 'a'",
  'const b: number = a',
  '```',
  '```ts continue',
  'a + c',
  '```',
  '```ts type-error',
  "const d: number = 'd' // error: not assignable to type 'number'",
  '```',
  '```ts type-error',
  'const e = 1 // error: not assignable',
  '```',
].join('\n')

test('every snippet compiles, or fails as it says', () => {
  const pages = documentation().flatMap(file => unitsOf(file, readText(file)))
  const mistaken = unitsOf('docs/planted.md', planted)
  const program = compile([...pages, ...mistaken])
  expect(mistaken.flatMap(unit => mistakes(program, unit))).toEqual([
    "docs/planted.md:3: Type 'string' is not assignable to type 'number'.",
    "docs/planted.md:6: Cannot find name 'c'.",
    'docs/planted.md:11: the compiler does not say "not assignable"',
  ])
  expect(pages.flatMap(unit => mistakes(program, unit)).join('\n')).toBe('')
})
