// Reads what a snippet says it gives: the text after `// =>`, and the literal in that text.
import ts from 'typescript'

export interface Expectation {
  readonly text: string
  /** Line of its `// =>` in the snippet, counted from 0. */
  readonly line: number
}

/**
 * The `// => text` of a statement: on its last line, going on over the comment lines below while a bracket is open;
 * or on lines of its own right below, all of them.
 */
export function expectationAfter(statement: ts.Node, source: ts.SourceFile): Expectation | undefined {
  const { line, character } = source.getLineAndCharacterOfPosition(statement.end)
  const lines = source.text.split('\n')
  const rest = lines[line]!.slice(character)
  const below: string[] = []
  for (const next of lines.slice(line + 1)) {
    const comment = /^\s*\/\/ ?(.*)$/.exec(next)
    if (!comment) break
    below.push(comment[1]!)
  }
  const here = /^[;)\s]*\/\/\s*=>\s*(.*)$/.exec(rest)
  if (here) {
    let text = here[1]!
    while (below.length > 0 && opens(text) > 0) text += `\n${below.shift()}`
    return { text: text.trim(), line }
  }
  const first = /^\s*=>\s*(.*)$/.exec(below[0] ?? '')
  if (!first || !/^[;)\s]*$/.test(rest)) return undefined
  return { text: [first[1]!, ...below.slice(1)].join('\n').trim(), line: line + 1 }
}

/** How many brackets a text leaves open, strings aside. */
function opens(text: string): number {
  const bare = text.replace(/'[^']*'|"[^"]*"/g, '')
  return (bare.match(/[([{]/g)?.length ?? 0) - (bare.match(/[)\]}]/g)?.length ?? 0)
}

/** Marks `0.69…`, which is no number of the language, in the text that is parsed. */
const MARK = 'digits:'

/** Code for an expected literal, with decimals as `Near`; undefined when the text is no literal. */
export function literalCode(expected: string): string | undefined {
  const text = expected.replace(/-?\d+\.\d+…/g, digits => `'${MARK}${digits}'`)
  const source = ts.createSourceFile('expected.ts', `(${text})`, ts.ScriptTarget.Latest, true)
  const { parseDiagnostics } = source as unknown as { parseDiagnostics: readonly unknown[] }
  const [statement] = source.statements
  if (parseDiagnostics.length > 0 || source.statements.length !== 1) return undefined
  return statement && ts.isExpressionStatement(statement) ? codeOf(statement.expression) : undefined
}

function codeOf(node: ts.Expression): string | undefined {
  const text = node.getText()
  if (ts.isParenthesizedExpression(node)) return codeOf(node.expression)
  if (ts.isNumericLiteral(node)) return numberCode(text)
  if (ts.isStringLiteralLike(node))
    return text.startsWith(`'${MARK}`) ? near(text.slice(MARK.length + 1, -1)) : text
  if (ts.isIdentifier(node)) return LITERAL_NAMES.has(text) ? text : undefined
  if (LITERAL_WORDS.has(node.kind)) return text
  if (ts.isArrayLiteralExpression(node)) return list('[', node.elements.map(codeOf), ']')
  if (ts.isObjectLiteralExpression(node)) return list('{', node.properties.map(propertyCode), '}')
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken)
    return ts.isNumericLiteral(node.operand) || text === '-Infinity' ? numberCode(text) : undefined
  if (ts.isNewExpression(node) && /^\w+\d+Array$/.test(node.expression.getText()))
    return list(`__doc.typed('${node.expression.getText()}', `, node.arguments?.map(codeOf) ?? [], ')')
  return undefined
}

const LITERAL_NAMES = new Set(['undefined', 'NaN', 'Infinity'])
const LITERAL_WORDS = new Set([
  ts.SyntaxKind.TrueKeyword,
  ts.SyntaxKind.FalseKeyword,
  ts.SyntaxKind.NullKeyword,
])

function propertyCode(property: ts.ObjectLiteralElementLike): string | undefined {
  if (!ts.isPropertyAssignment(property) || ts.isComputedPropertyName(property.name)) return undefined
  const code = codeOf(property.initializer)
  return code && `${property.name.getText()}: ${code}`
}

function list(open: string, items: readonly (string | undefined)[], close: string): string | undefined {
  return items.includes(undefined) ? undefined : `${open}${items.join(', ')}${close}`
}

/** A number written with a point or a small power of ten holds for the digits that are shown, any other exactly. */
function numberCode(text: string): string {
  return /\.|e-/i.test(text) ? near(text) : text
}

function near(digits: string): string {
  return `new __doc.Near('${digits}')`
}
