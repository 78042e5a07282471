// Turns the snippets of a file into a Vitest module in which every line stands where it stands in the file.
import ts from 'typescript'
import { expectationAfter, literalCode } from './expectation.ts'
import { findSnippets, type Snippet } from './snippets.ts'

/** The TypeScript source of the tests of one file. `assertions` is the path of assert.ts. */
export function toTestModule(file: string, text: string, assertions: string): string {
  const lines: string[] = new Array(text.split('\n').length + 1).fill('')
  const put = (line: number, code: string): void => {
    lines[line - 1] += code
  }
  put(1, `import { test as __test } from 'vitest'; import * as __doc from ${quote(assertions)}; `)

  let openSince: Snippet | undefined
  const close = (): void => {
    if (openSince) put(openSince.endLine, '});')
    openSince = undefined
  }
  for (const snippet of findSnippets(file, text)) {
    const place = `${file}:${snippet.line}`
    const problem =
      snippet.problem ?? (snippet.continues && !openSince && snippet.mode !== 'no-run' ? ORPHAN : '')
    if (problem) {
      put(snippet.line, `__test(${quote(place)}, () => __doc.problem(${quote(place)}, ${quote(problem)}));`)
      continue
    }
    if (snippet.mode === 'no-run' || snippet.mode === 'type-error') continue
    if (!snippet.continues) {
      close()
      put(snippet.line, `__test(${quote(place)}, async () => { const console = __doc.console; `)
    }
    const body = instrument(snippet)
    if (snippet.mode === 'throws')
      put(snippet.line, `await __doc.throws(${quote(expectedError(snippet))}, ${quote(place)}, async () => {`)
    for (const [at, line] of body.entries()) put(snippet.line + 1 + at, line)
    if (snippet.mode === 'throws') put(snippet.endLine, '});')
    // The scope stays open: the next fence may continue it.
    openSince = { ...(snippet.continues && openSince ? openSince : snippet), endLine: snippet.endLine }
  }
  close()
  return lines.join('\n')
}

const ORPHAN = 'there is no fence before this one that it could continue'

function expectedError(snippet: Snippet): string {
  return commentText(snippet.code, 'throws').join(' ')
}

/** The texts after `// name:` in a snippet. */
export function commentText(code: readonly string[], name: string): string[] {
  return code.flatMap(line => new RegExp(`//\\s*${name}:\\s*(.*\\S)`).exec(line)?.[1] ?? [])
}

interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** The code of a snippet as the body of a function: imports made dynamic, expectations made assertions. */
function instrument(snippet: Snippet): string[] {
  const code = snippet.code.join('\n')
  const source = ts.createSourceFile('snippet.ts', code, ts.ScriptTarget.Latest, true)
  const edits: Edit[] = []
  const checkedLines = new Set<number>()
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) edits.push(dynamicImport(node, source))
    if (ts.isExpressionStatement(node) || ts.isVariableStatement(node)) {
      const expected = expectationAfter(node, source)
      if (expected) {
        checkedLines.add(expected.line)
        edits.push(...assertion(node, source, expected.text, placeOf(snippet, expected.line)))
      }
    }
    if (ts.canHaveModifiers(node))
      for (const modifier of ts.getModifiers(node) ?? [])
        if (modifier.kind === ts.SyntaxKind.ExportKeyword)
          edits.push({ from: modifier.getStart(), to: modifier.end, text: '' })
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(source, visit)
  const unchecked = snippet.code.findIndex((line, at) => /\/\/\s*=>/.test(line) && !checkedLines.has(at))
  if (unchecked >= 0)
    edits.push({
      from: 0,
      to: 0,
      text: `__doc.problem(${placeOf(snippet, unchecked)}, ${quote(UNCHECKED)});`,
    })
  return applyEdits(code, edits).split('\n')
}

const UNCHECKED = 'this // => stands behind no expression statement or declaration, so nothing would check it'

/** The place of a line of a snippet, counted from 0, as code. */
function placeOf(snippet: Snippet, line: number): string {
  return quote(`${snippet.file}:${snippet.line + 1 + line}`)
}

function applyEdits(code: string, edits: readonly Edit[]): string {
  // From the back, so that positions stay true; of two at one place the outer one was found first.
  const ordered = edits.map((edit, order) => ({ ...edit, order }))
  ordered.sort((a, b) => b.from - a.from || b.order - a.order)
  return ordered.reduce(
    (text, { from, to, text: insert }) => text.slice(0, from) + insert + text.slice(to),
    code,
  )
}

/** `import { a as b } from 'x'` → `const { a: b } = await import('x')`, on as many lines. */
function dynamicImport(node: ts.ImportDeclaration, source: ts.SourceFile): Edit {
  const lineBreaks = node.getText(source).replace(/[^\n]/g, '')
  const isTypeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
  const code = isTypeOnly
    ? ''
    : `${bindingsOf(node.importClause)}await import(${node.moduleSpecifier.getText(source)});`
  return { from: node.getStart(source), to: node.end, text: code + lineBreaks }
}

function bindingsOf(clause: ts.ImportClause | undefined): string {
  if (!clause) return ''
  const { name, namedBindings } = clause
  if (namedBindings && ts.isNamespaceImport(namedBindings)) return `const ${namedBindings.name.text} = `
  const names = name ? [`default: ${name.text}`] : []
  for (const element of namedBindings?.elements ?? [])
    if (!element.isTypeOnly)
      names.push(`${element.propertyName ? `${element.propertyName.text}: ` : ''}${element.name.text}`)
  return `const { ${names.join(', ')} } = `
}

/** The edits that make a statement check what it gives. */
function assertion(
  statement: ts.ExpressionStatement | ts.VariableStatement,
  source: ts.SourceFile,
  expected: string,
  place: string,
): Edit[] {
  if (ts.isVariableStatement(statement)) {
    const name = statement.declarationList.declarations.at(-1)!.name
    const text = `;${checkCall(expected)}${name.getText(source)}, ${checkArguments(expected, place)};`
    return [{ from: statement.end, to: statement.end, text }]
  }
  const { expression } = statement
  const from = expression.getStart(source)
  if (ts.isCallExpression(expression) && expression.expression.getText(source) === 'console.log')
    return [{ from, to: expression.expression.end, text: `__doc.printed(${quote(expected)}, ${place})` }]
  return [
    { from, to: from, text: checkCall(expected) },
    { from: expression.end, to: expression.end, text: `, ${checkArguments(expected, place)}` },
  ]
}

function checkCall(expected: string): string {
  return literalCode(expected) === undefined ? '__doc.text(' : '__doc.value('
}

function checkArguments(expected: string, place: string): string {
  const code = literalCode(expected)
  return code === undefined ? `${quote(expected)}, ${place})` : `${code}, ${quote(expected)}, ${place})`
}

function quote(text: string): string {
  return JSON.stringify(text)
}
