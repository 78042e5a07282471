// The arrows of the house: which package, and inside core which folder, may import which.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

interface PackageRule {
  /** Packages of the scope that it may import. */
  readonly imports: readonly string[]
  /** Packages of the scope of which it may import types only. */
  readonly types?: readonly string[]
  /** Runs wherever JavaScript runs and depends on nothing outside the scope. */
  readonly pure?: true
  readonly because: string
}

const LIBRARIES = ['core', 'nn', 'manual', 'testing', 'data', 'compile', 'blas', 'onnx', 'viz']

const PACKAGES: Readonly<Record<string, PackageRule>> = {
  core: { imports: [], pure: true, because: 'everything stands on core, so core stands on nothing' },
  nn: { imports: ['core'], pure: true, because: 'modules are made of public ops, as a user would make them' },
  manual: {
    imports: [],
    types: ['core'],
    pure: true,
    because: 'hand-written passes are an independent witness: they must not run the code they testify about',
  },
  testing: { imports: ['core'], because: 'laws hold for every op, whatever is built from them' },
  data: { imports: ['core'], because: 'data arrive as tensors and know nothing of models' },
  compile: { imports: ['core'], because: 'a compiler reads graphs of primitives, whoever recorded them' },
  blas: { imports: ['core'], because: 'a kernel is an addition to core, never a duty' },
  onnx: { imports: ['core', 'compile'], because: 'ONNX Runtime is one more engine for compiled programs' },
  viz: { imports: ['core'], because: 'pictures read graphs and tensors, whoever made them' },
  cli: { imports: LIBRARIES, because: 'an app is where packages meet' },
  playground: { imports: LIBRARIES, because: 'an app is where packages meet' },
  bench: { imports: [...LIBRARIES, 'cli'], because: 'an app is where packages meet' },
}

/** The folders of core/src from left to right; each may import itself and those to its left. */
const LAYERS = [
  'shape',
  'storage',
  'wasm',
  'backend',
  'tensor',
  'graph',
  'primitive',
  'ops',
  'composed',
  'transforms',
]

/** The files at the top of core/src: the surfaces over the layers. */
const SURFACES: Readonly<Record<string, readonly string[]>> = {
  'fluent.ts': LAYERS,
  'functional.ts': LAYERS,
  'engine.ts': LAYERS,
  'index.ts': [...LAYERS, 'fluent.ts', 'functional.ts', 'engine.ts'],
}

const workspace = fileURLToPath(new URL('../../', import.meta.url))
const packages = readdirSync(workspace).filter(name => existsSync(join(workspace, name, 'package.json')))

interface Import {
  /** Path below packages/, for example `core/src/ops/add.ts`. */
  readonly file: string
  readonly line: number
  readonly specifier: string
  readonly typeOnly: boolean
}

function sourceFiles(name: string): string[] {
  const folder = join(workspace, name, 'src')
  if (!existsSync(folder)) return []
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter(file => file.endsWith('.ts')).map(file => `${name}/src/${file.replaceAll('\\', '/')}`)
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
}

function importsOf(file: string, text: string): Import[] {
  const source = parse(file, text)
  const found: Import[] = []
  const add = (node: ts.Node, target: ts.Node | undefined, typeOnly: boolean): void => {
    if (!target || !ts.isStringLiteral(target)) return
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
    found.push({ file, line, specifier: target.text, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node, node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
    if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly)
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node, node.argument.literal, true)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node, node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const manifest = (
  name: string,
): { exports: Record<string, unknown> } & Record<string, Record<string, string>> =>
  JSON.parse(readFileSync(join(workspace, name, 'package.json'), 'utf8'))

function list(names: readonly string[]): string {
  return names.length > 0 ? names.join(', ') : 'nothing'
}

/** Why an import crosses a border between packages; undefined when it does not. */
function packageViolation({ file, specifier, typeOnly }: Import): string | undefined {
  const from = file.split('/')[0]!
  const rule = PACKAGES[from]!
  if (specifier.startsWith('.')) {
    if (posix.join(posix.dirname(file), specifier).startsWith(`${from}/src/`)) return undefined
    return 'A relative path must stay in src of its own package. Import the other package by its name.'
  }
  if (specifier.startsWith('@adjoint/')) {
    const [, to = '', ...rest] = specifier.split('/')
    const allowed = [...rule.imports, ...(typeOnly ? (rule.types ?? []) : [])]
    if (to === from) return 'A package imports its own files by relative paths, not by its own name.'
    if (!allowed.includes(to)) {
      const types = rule.types ? `, and with "import type": ${list(rule.types)}` : ''
      return (
        `@adjoint/${from} may import: ${list(rule.imports)}${types} (${rule.because}).\n` +
        `  Move the code that needs both to a package that may import both, or move what is shared down into core.`
      )
    }
    const entry = ['.', ...rest].join('/')
    if (packages.includes(to) && !Object.keys(manifest(to).exports).includes(entry))
      return (
        `Packages meet only at public entry points; @adjoint/${to} has: ${list(Object.keys(manifest(to).exports))}.\n` +
        `  Export what is needed from one of them.`
      )
    return undefined
  }
  if (rule.pure)
    return (
      `@adjoint/${from} runs wherever JavaScript runs and depends on nothing outside the scope.\n` +
      `  What needs Node, a browser or a library belongs in a package above it, such as cli, data or testing.`
    )
  const { dependencies, peerDependencies } = manifest(from)
  const library = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  if (specifier.startsWith('node:') || library in { ...dependencies, ...peerDependencies }) return undefined
  return `@adjoint/${from} does not name "${library}" in its package.json: add it to dependencies, or do without.`
}

/** Why an import inside core runs against the layers; undefined when it does not. */
function layerViolation({ file, specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const place = (path: string): string => path.split('/')[2]!
  const from = place(file)
  const to = place(posix.join(posix.dirname(file), specifier))
  const unknown = [from, to].find(name => !LAYERS.includes(name) && !(name in SURFACES))
  if (unknown)
    return `"${unknown}" is no layer of core. Layers: ${LAYERS.join(' <- ')}; files above them: ${list(Object.keys(SURFACES))}.`
  const at = LAYERS.indexOf(from)
  const allowed = at === -1 ? SURFACES[from]! : LAYERS.slice(0, at + 1)
  if (allowed.includes(to)) return undefined
  return (
    `Inside core a layer imports itself and the layers to its left:\n` +
    `  ${LAYERS.join(' <- ')} <- { fluent, functional, engine } <- index\n` +
    `  So ${from} may import: ${list(allowed)}. Move this code to ${to} or further right, or move what it needs from ${to} left, to ${from}.`
  )
}

function violations(imports: readonly Import[], rule: (found: Import) => string | undefined): string {
  return imports
    .flatMap(found => {
      const reason = rule(found)
      return reason ? [`packages/${found.file}:${found.line} imports '${found.specifier}'.\n  ${reason}`] : []
    })
    .join('\n')
}

const read = (file: string): string => readFileSync(join(workspace, file), 'utf8')
const importsOfPackage = (name: string): Import[] =>
  sourceFiles(name).flatMap(file => importsOf(file, read(file)))

describe('between packages', () => {
  test('every package has its rule', () => {
    expect(Object.keys(PACKAGES)).toEqual(expect.arrayContaining(packages))
  })

  test.each(packages)('%s imports what it may', name => {
    expect(violations(importsOfPackage(name), packageViolation)).toBe('')
  })

  test.each(packages)('%s declares what its rule allows', name => {
    const { dependencies = {}, peerDependencies = {} } = manifest(name)
    const names = Object.keys({ ...dependencies, ...peerDependencies })
    const { imports, pure } = PACKAGES[name]!
    const inScope = names.filter(found => found.startsWith('@adjoint/')).map(found => found.slice(9))
    expect(imports, PACKAGES[name]!.because).toEqual(expect.arrayContaining(inScope))
    if (pure) expect(names.filter(found => !found.startsWith('@adjoint/'))).toEqual([])
  })
})

describe('inside core', () => {
  test('a layer imports itself and the layers to its left', () => {
    expect(violations(importsOfPackage('core'), layerViolation)).toBe('')
  })

  const ops = import.meta.glob<Record<string, unknown>>('../../core/src/ops/**/*.ts')

  test.each(Object.entries(ops))('%s declares one primitive', async (_, load) => {
    const primitives = primitivesOf(await load())
    expect(primitives, 'One file per primitive; an op made of other ops belongs in composed/').toHaveLength(1)
  })
})

/** The different primitives that the exports of a module are or carry. */
function primitivesOf(module: Record<string, unknown>): object[] {
  const isPrimitive = (found: unknown): found is object =>
    typeof found === 'object' && found !== null && 'kind' in found && 'forward' in found
  const carried = Object.values(module).map(found =>
    typeof found === 'function' && 'primitive' in found ? found.primitive : found,
  )
  return [...new Set(carried.filter(isPrimitive))]
}

describe('the rules themselves', () => {
  const rejected = (file: string, code: string): string => {
    const imports = importsOf(file, code)
    return (
      violations(imports, packageViolation) +
      (file.startsWith('core/') ? violations(imports, layerViolation) : '')
    )
  }

  test.each([
    ['nn/src/dense.ts', `import { tensor } from '@adjoint/core'`],
    ['manual/src/dense.ts', `import type { Shape } from '@adjoint/core'`],
    ['core/src/ops/add.ts', `import { apply } from '../graph/apply.ts'`],
    ['core/src/fluent.ts', `import { vmap } from './transforms/vmap.ts'`],
    ['testing/src/vitest.ts', `import { expect } from 'vitest'; import { inspect } from 'node:util'`],
    ['cli/src/main.ts', `export * from '@adjoint/core/engine'`],
  ])('accept in %s: %s', (file, code) => expect(rejected(file, code)).toBe(''))

  test.each([
    ['core/src/ops/add.ts', `import { Dense } from '@adjoint/nn'`, '@adjoint/core may import: nothing'],
    ['core/src/ops/add.ts', `import fs from 'node:fs'`, 'wherever JavaScript runs'],
    [
      'core/src/shape/shape.ts',
      `import type { Tensor } from '../tensor/tensor.ts'`,
      'shape may import: shape.',
    ],
    ['core/src/transforms/vjp.ts', `import '../fluent.ts'`, 'transforms may import'],
    ['core/src/functional.ts', `export * from './fluent.ts'`, 'functional.ts may import'],
    ['core/src/helpers/x.ts', `import '../shape/shape.ts'`, 'is no layer of core'],
    ['manual/src/dense.ts', `import { tensor } from '@adjoint/core'`, 'independent witness'],
    ['manual/src/dense.ts', `const t = await import('@adjoint/core')`, 'independent witness'],
    ['nn/src/dense.ts', `import { apply } from '@adjoint/core/src/graph/apply.ts'`, 'public entry points'],
    ['nn/src/dense.ts', `import { apply } from '../../core/src/graph/apply.ts'`, 'must stay in src'],
    ['nn/src/dense.ts', `import { tensor } from '@adjoint/nn'`, 'by relative paths'],
    ['testing/src/laws.ts', `import lodash from 'lodash/map'`, 'does not name "lodash"'],
  ])('refuse in %s: %s', (file, code, reason) => {
    expect(rejected(file, code)).toContain(`packages/${file}:1 imports '`)
    expect(rejected(file, code)).toContain(reason)
  })

  test('count primitives, not the functions that carry them', () => {
    const first = { kind: 'elementwise', forward: () => 0 }
    const second = { ...first }
    const op = Object.assign(() => 0, { primitive: first })
    expect(primitivesOf({ op, first, helper: () => 0, number: 1 })).toEqual([first])
    expect(primitivesOf({ op, second })).toHaveLength(2)
  })
})
