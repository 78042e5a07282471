// Finds the ts fences of a Markdown page and of the doc comments of a source file.

/** What a fence promises: to run, to throw, not to compile, or only to compile. */
export type SnippetMode = 'run' | 'throws' | 'type-error' | 'no-run'

export interface Snippet {
  /** Path from the root of the repository, with forward slashes. */
  readonly file: string
  /** Line of the opening fence, counted from 1; the first line of code is the next one. */
  readonly line: number
  /** Line of the closing fence. */
  readonly endLine: number
  readonly mode: SnippetMode
  /** Whether it goes on in the scope of the fence before it. */
  readonly continues: boolean
  /** The code, one entry per line of the file, so that every line keeps its place. */
  readonly code: readonly string[]
  /** Why the fence itself is not acceptable, if so. */
  readonly problem?: string
}

const OPENING = /^(?<prefix>[\s>*]*)(?<fence>`{3,}|~{3,})(?:ts|typescript)(?=[\s{:[]|$)(?<info>.*)$/
const MODES = ['throws', 'type-error', 'no-run'] as const

/** Every ts fence of a file, in order: all of a Markdown page, those in doc comments of a source file. */
export function findSnippets(file: string, text: string): Snippet[] {
  const lines = text.split(/\r?\n/)
  const isSource = file.endsWith('.ts')
  const inComment = isSource ? docCommentLines(lines) : undefined
  const snippets: Snippet[] = []
  for (let at = 0; at < lines.length; at++) {
    if (inComment && !inComment[at]) continue
    if (isSource && isBareExample(lines, at)) snippets.push(bareExample(file, at))
    const opening = OPENING.exec(lines[at]!)?.groups
    if (!opening) continue
    const { prefix = '', fence = '', info = '' } = opening
    const closing = new RegExp(`^[\\s>*]*${fence[0]}{${fence.length},}\\s*$`)
    let end = at + 1
    while (end < lines.length && !closing.test(lines[end]!)) end++
    const code = lines.slice(at + 1, end).map(line => withoutPrefix(line, prefix))
    snippets.push(describeSnippet(file, at + 1, end + 1, info, code))
    at = end
  }
  return snippets
}

function describeSnippet(file: string, line: number, endLine: number, info: string, code: string[]): Snippet {
  const words = info.trim().split(/\s+/)
  const mode = MODES.find(name => words.includes(name)) ?? 'run'
  const problem = problemOf(mode, code)
  const continues = words.includes('continue')
  return { file, line, endLine, mode, continues, code, ...(problem && { problem }) }
}

function problemOf(mode: SnippetMode, code: readonly string[]): string | undefined {
  if (mode === 'no-run' && !/^\s*\/\/ *\S/.test(code[0] ?? ''))
    return 'a no-run fence begins with a comment that says why it is not run'
  if (mode === 'type-error' && !code.some(line => line.includes('// error:')))
    return 'a type-error fence says what the compiler reports: // error: text'
  return undefined
}

/** Cuts the indentation, quote mark or comment star of the opening fence from a line of code. */
function withoutPrefix(line: string, prefix: string): string {
  if (prefix.includes('*')) return line.replace(/^\s*\* ?/, '')
  let cut = 0
  while (cut < prefix.length && /[\s>]/.test(line[cut] ?? '')) cut++
  return line.slice(cut)
}

function docCommentLines(lines: readonly string[]): boolean[] {
  let inside = false
  return lines.map(line => {
    if (/^\s*\/\*\*/.test(line)) inside = true
    const here = inside
    if (line.includes('*/')) inside = false
    return here
  })
}

/** An `@example` whose code stands outside a fence would be neither run nor shown as code. */
function isBareExample(lines: readonly string[], at: number): boolean {
  if (!/^\s*(\/\*)?\*+\s*@example\b/.test(lines[at]!)) return false
  for (let next = at + 1; next < lines.length; next++) {
    if (/```|~~~/.test(lines[next]!)) return false
    if (/\*\/|^\s*\*\s*@/.test(lines[next]!)) break
  }
  return true
}

function bareExample(file: string, at: number): Snippet {
  const problem = 'write the code of an @example in a ts fence, so that it runs as a test'
  return { file, line: at + 1, endLine: at + 1, mode: 'no-run', continues: false, code: [], problem }
}
