// Every type that stands in a public signature can be imported: a program that emits declarations has to name the types of
// what it exports, also of what it got from here without a word about types.
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const config = ts.readConfigFile(`${root}tsconfig.base.json`, ts.sys.readFile).config
const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root)

/** The entries of the packages, each with the entries that its reader has at hand besides. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  // What a primitive is made of is the matter of the engine.
  'core/src/functional.ts': ['core/src/engine.ts'],
  'core/src/engine.ts': ['core/src/functional.ts'],
  'blas/src/index.ts': ['core/src/functional.ts'],
  'compile/src/index.ts': ['core/src/functional.ts', 'core/src/engine.ts', 'compile/src/engine.ts'],
  'compile/src/engine.ts': ['core/src/functional.ts', 'core/src/engine.ts', 'core/src/wasm/index.ts'],
  'data/src/index.ts': ['core/src/functional.ts'],
  'nn/src/index.ts': ['core/src/functional.ts'],
  'manual/src/index.ts': ['core/src/functional.ts', 'nn/src/index.ts'],
  // Whoever runs a trace has made it with the engine.
  'testing/src/index.ts': ['core/src/functional.ts', 'core/src/engine.ts'],
  'testing/src/laws.ts': ['core/src/functional.ts', 'core/src/engine.ts'],
  'testing/src/vitest.ts': ['core/src/functional.ts'],
}

const pathOf = (entry: string): string => `${root}packages/${entry}`
const program = ts.createProgram(Object.keys(ENTRIES).map(pathOf), {
  ...options,
  noEmit: true,
  composite: false,
})
const checker = program.getTypeChecker()

/** The declaration behind an import or an export. */
function resolved(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

function exportsOf(entry: string): ts.Symbol[] {
  const file = program.getSourceFile(pathOf(entry))!
  return checker.getExportsOfModule(checker.getSymbolAtLocation(file)!).map(resolved)
}

/** Whether a declaration is one of ours that stands at the top of its file. */
function isOurs(declaration: ts.Declaration): boolean {
  const file = declaration.getSourceFile()
  return file.fileName.startsWith(`${root}packages/`) && declaration.parent === file
}

/** Whether the file of a declaration exports it. The compiler writes other aliases out, and names no other base. */
function isExported(declaration: ts.Declaration): boolean {
  const file = checker.getSymbolAtLocation(declaration.getSourceFile())!
  return checker.getExportsOfModule(file).some(symbol => resolved(symbol).declarations?.includes(declaration))
}

function isHidden(node: ts.Node): boolean {
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : []
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)
}

/** The types that a reader of a declaration sees named: not those of bodies, of values, and of what is computed. */
function namedIn(declaration: ts.Node): ts.Symbol[] {
  const names: ts.Symbol[] = []
  const add = (name: ts.Node, isBase: boolean): void => {
    const found = checker.getSymbolAtLocation(name)
    if (found === undefined) return
    const symbol = resolved(found)
    const ours = symbol.declarations?.filter(isOurs) ?? []
    if (ours.length === 0) return
    if (ours.some(isExported) || !(isBase || ours.every(ts.isTypeAliasDeclaration))) names.push(symbol)
  }
  const visit = (node: ts.Node): void => {
    if (isHidden(node) || ts.isPrivateIdentifier((node as ts.PropertyDeclaration).name ?? node)) return
    if (ts.isBlock(node) || ts.isConditionalTypeNode(node) || ts.isMappedTypeNode(node)) return
    if (ts.isTypeReferenceNode(node)) add(node.typeName, false)
    if (ts.isExpressionWithTypeArguments(node)) add(node.expression, true)
    const { initializer } = node as ts.VariableDeclaration
    ts.forEachChild(node, child => {
      if (child !== initializer) visit(child)
    })
  }
  visit(declaration)
  return names
}

test.each(Object.entries(ENTRIES))('%s', (entry, others) => {
  const known = new Set([entry, ...others].flatMap(exportsOf))
  const missing = new Set<string>()
  for (const symbol of exportsOf(entry)) {
    for (const declaration of symbol.declarations ?? []) {
      if (!isOurs(declaration) && !ts.isVariableDeclaration(declaration)) continue
      for (const type of namedIn(declaration)) if (!known.has(type)) missing.add(type.name)
    }
  }
  expect([...missing].sort()).toEqual([])
})
