// Keeps CONTRIBUTING.md and the tables of docs/reference true: the op of the walk-through compiles in its place and obeys
// the laws, the lines to add fit the files they go to, what is named exists, every op and every kink has its row.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as core from '@adjoint/core'
import type { KnownPrimitive, Op } from '@adjoint/core/engine'
import * as engine from '@adjoint/core/engine'
import * as functional from '@adjoint/core/functional'
import { checkLaws, type KinkRow, kinkPolicy } from '@adjoint/testing/laws'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const page = read('CONTRIBUTING.md')

/** The contents of the fences of one language, in order. */
function fences(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    match => match[1]!,
  )
}

/** A run of lines to find in a file, and what to write instead. */
interface Hunk {
  readonly file: string
  readonly before: string
  readonly after: string
}

/** The hunks of the page's diffs: a line `--- file`, then lines marked ` `, `+` or `-`; `@@` begins another hunk. */
function hunksOf(diff: string): Hunk[] {
  const [header = '', ...lines] = diff.trimEnd().split('\n')
  const file = /^--- (\S+)$/.exec(header)?.[1]
  if (file === undefined)
    throw new Error(`A diff of CONTRIBUTING.md begins with "--- file", not with "${header}".`)
  const parts = lines.join('\n').split(/\n@@.*\n/)
  return parts.map(part => {
    const marked = part.split('\n')
    const without = (mark: string): string =>
      marked
        .filter(line => !line.startsWith(mark))
        .map(line => `${line.slice(1)}\n`)
        .join('')
    return { file, before: without('+'), after: without('-') }
  })
}

const hunks = fences(page, 'diff').flatMap(hunksOf)
const [opFile = ''] = fences(page, 'mts')
const opPath = /`(packages\/core\/src\/ops\/\w+\.ts)`\.\*\*/.exec(page)?.[1] ?? ''
const opName = /ops\/(\w+)\.ts$/.exec(opPath)?.[1] ?? ''

/** The files of the walk-through after its steps were followed. */
function followed(): Map<string, string> {
  const files = new Map([[opPath, opFile]])
  for (const { file, before, after } of hunks) {
    const text = files.get(file) ?? read(file)
    files.set(
      file,
      text.replace(before, () => after),
    )
  }
  return files
}

describe('the walk through adding an op', () => {
  test('adds an op that core does not have yet', () => {
    expect(opName).not.toBe('')
    expect(opFile).toContain(`export const ${opName}`)
    expect(Object.keys(core), 'core has it by now: let CONTRIBUTING.md add another one').not.toContain(opName)
    expect(existsSync(join(root, opPath))).toBe(false)
  })

  test('changes the files that it names, and each line fits in one place', () => {
    expect(hunks.map(({ file }) => file)).toEqual([
      'packages/core/src/functional.ts',
      ...Array(3).fill('packages/core/src/fluent.ts'),
      'docs/reference/ops.md',
    ])
    for (const { file, before, after } of hunks) {
      const places = read(file).split(before).length - 1
      expect(places, `${file} should have these lines once:\n${before}`).toBe(1)
      expect(after).toContain(opName)
    }
  })

  test('compiles, and gives a function and a method', () => {
    const program = `import { ${opName}, zeros, type Tensor } from './index.ts'
export const asFunction: Tensor<[2, 3]> = ${opName}(zeros([2, 3]))
export const asMethod: Tensor<[2, 3]> = zeros([2, 3]).${opName}()
export const kind: string = ${opName}.primitive.kind\n`
    const files = followed()
    expect(messagesOf(files, program)).toEqual([])
    // The check can fail: without the lines of fluent.ts there is no method.
    files.delete('packages/core/src/fluent.ts')
    expect(messagesOf(files, program)).toEqual([
      expect.stringContaining(`Property '${opName}' does not exist`),
    ])
  })

  describe('the file itself', () => {
    const folder = mkdtempSync(join(tmpdir(), 'adjoint-op-'))
    let op: Op<(x: core.Tensor | number) => core.Tensor>

    beforeAll(async () => {
      op = await load(folder, `${opName}.ts`, opFile)
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    test('obeys every law', () => {
      expect(checkLaws(op).laws.length).toBeGreaterThan(0)
      expect(op.primitive.name).toBe(opName)
    })

    test('computes what its comment says', () => {
      const x = core.tensor([-1, 1], { dtype: 'float64', requiresGrad: true })
      const y = op(x)
      y.sum().backward()
      expect(y.toArray()).toEqual([1 / 2, 1 / 2])
      expect(x.grad?.toArray()).toEqual([1 / 2, -1 / 2])
    })

    test('with a wrong derivative breaks a law', async () => {
      const wrong = opFile.replace('mul(x!, -2)', 'mul(x!, 2)')
      expect(wrong).not.toBe(opFile)
      const mistaken = await load(folder, 'wrong.ts', wrong)
      expect(() => checkLaws(mistaken)).toThrow(/breaks the law/)
    })

    test('has the row that the page shows', () => {
      const rows = tableRows(followed().get('docs/reference/ops.md')!, 'op', 'kind', 'keeps')
      const { kind, keeps } = op.primitive
      expect(rows.filter(row => row.op === opName)).toEqual([{ op: opName, kind, keeps }])
    })
  })
})

/** The op of a file as if it stood in core/src/ops: its imports lead to the files there. */
async function load(
  folder: string,
  name: string,
  text: string,
): Promise<Op<(x: core.Tensor | number) => core.Tensor>> {
  const file = join(folder, name)
  const source = text.replace(
    /from '(\.\.?\/[^']+)'/g,
    (_, path: string) =>
      `from ${JSON.stringify(fileURLToPath(new URL(path, pathToFileURL(join(root, opPath)))))}`,
  )
  writeFileSync(file, source)
  const module = (await import(/* @vite-ignore */ file)) as Record<
    string,
    Op<(x: core.Tensor | number) => core.Tensor>
  >
  return module[opName]!
}

/** What the compiler says about core with some files replaced or added, and about a program beside its index. */
function messagesOf(replaced: ReadonlyMap<string, string>, program: string): string[] {
  const config = join(root, 'packages/core/tsconfig.json')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, ts.sys.readFile).config,
    ts.sys,
    join(root, 'packages/core'),
  )
  const settings: ts.CompilerOptions = { ...options, noEmit: true, composite: false, incremental: false }
  delete settings.tsBuildInfoFile
  const entry = join(root, 'packages/core/src/program.ts')
  const texts = new Map([[entry, program]])
  for (const [path, text] of replaced) texts.set(join(root, path), text)
  const host = ts.createCompilerHost(settings)
  const { fileExists, readFile } = host
  host.fileExists = path => texts.has(path) || fileExists(path)
  host.readFile = path => texts.get(path) ?? readFile(path)
  const compiled = ts.createProgram([entry], settings, host)
  return ts
    .getPreEmitDiagnostics(compiled)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

describe('CONTRIBUTING.md', () => {
  test('names files and folders that exist', () => {
    const named = [...page.matchAll(/[`(]((?:packages|docs|scripts)\/[\w./-]*)[`)#]/g)].map(
      match => match[1]!,
    )
    expect(named.length).toBeGreaterThan(10)
    const missing = named.filter(path => path !== opPath && !existsSync(join(root, path)))
    expect(missing).toEqual([])
  })

  test('names scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = [...page.matchAll(/npm run ([\w:-]+)/g)].map(match => match[1]!)
    expect(named.length).toBeGreaterThan(3)
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))
  })

  test('has all packages on its map, and all layers of core in their order', () => {
    const [map = '', layers = ''] = fences(page, 'text')
    const packages = readdirSync(join(root, 'packages')).filter(name =>
      existsSync(join(root, 'packages', name, 'package.json')),
    )
    const named = [...map.matchAll(/^ {2}(\w+)\//gm)].map(match => match[1]!)
    expect(named.toSorted()).toEqual(packages.toSorted())

    const entries = readdirSync(join(root, 'packages/core/src'))
    expect(layers.match(/\w+/g)?.toSorted()).toEqual(entries.map(name => name.replace('.ts', '')).toSorted())
    const architecture = read('packages/testing/test/architecture.test.ts')
    const checked = /const LAYERS = \[([^\]]*)\]/.exec(architecture)?.[1]?.match(/\w+/g)
    expect(layers.split('{')[0]!.match(/\w+/g)).toEqual(checked)
  })
})

/** The rows of all tables of a page that have the given titles among others, as records by title. */
function tableRows<Title extends string>(text: string, ...wanted: Title[]): Record<Title, string>[] {
  const rows: Record<Title, string>[] = []
  let titles: string[] | undefined
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) {
      titles = undefined
      continue
    }
    const cells = line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim().replace(/^`(.*)`$/, '$1'))
    if (titles === undefined) titles = cells
    else if (!/^-+$/.test(cells[0]!) && wanted.every(title => titles!.includes(title))) {
      const entries = wanted.map(title => [title, cells[titles!.indexOf(title)]!])
      rows.push(Object.fromEntries(entries) as Record<Title, string>)
    }
  }
  return rows
}

describe('docs/reference/ops.md', () => {
  const text = read('docs/reference/ops.md')
  const rows = tableRows(text, 'op', 'kind', 'keeps')
  const ops = Object.entries({ ...functional, ...engine }).flatMap(([name, value]) =>
    typeof value === 'function' && 'primitive' in value
      ? [[name, value.primitive as KnownPrimitive] as const]
      : [],
  )

  test.each(ops)('has a row for %s', (name, { kind, keeps }) => {
    expect(rows.filter(row => row.op === name)).toEqual([{ op: name, kind, keeps }])
  })

  test('has no row without an op', () => {
    const names = ops.map(([name]) => name)
    expect(rows.map(({ op }) => op).filter(name => !names.includes(name))).toEqual([])
  })

  test('has a row for every function that is made of others', () => {
    const composed = [...read('packages/core/src/functional.ts').matchAll(/from '\.\/composed\/(\w+)\.ts'/g)]
    const names = composed.map(match => match[1]!)
    const table = text.slice(text.indexOf('## Made of other operations'), text.indexOf('## For makers'))
    const listed = [...table.matchAll(/^\| `(\w+)`/gm)].map(match => match[1]!)
    expect(listed.toSorted()).toEqual(names.toSorted())
  })
})

describe('docs/reference/creation.md', () => {
  const text = read('docs/reference/creation.md')

  test('has a row for every function that makes a tensor of data or of a rule', () => {
    const makers = /export \{([^}]*)\} from '\.\/tensor\/create\.ts'/.exec(
      read('packages/core/src/functional.ts'),
    )
    const names = makers![1]!.split(',').map(name => name.trim())
    const listed = tableRows(text, 'function', 'result').map(row => /^\w+/.exec(row.function)![0])
    expect(listed.toSorted()).toEqual(names.filter(name => /^\w+$/.test(name)).toSorted())
  })

  test('has a row for every method of Tensor that is not an operation', () => {
    const members = [
      ...read('packages/core/src/tensor/tensor.ts').matchAll(/^ {2}(?:get )?(\w+)\(.*\): .*\{$/gm),
    ]
    const listed = tableRows(text, 'member', 'gives').map(row => /^\w+/.exec(row.member)![0])
    expect(members.length).toBeGreaterThan(5)
    expect(listed).toEqual(expect.arrayContaining(members.map(match => match[1]!)))
    const fields = Object.keys(core.tensor([1]))
    const unknown = listed.filter(name => !fields.includes(name) && !(name in core.Tensor.prototype))
    expect(unknown).toEqual([])
  })
})

describe('docs/reference/kinkPolicy.md', () => {
  const rows = tableRows(read('docs/reference/kinkPolicy.md'), 'op', 'case', 'gradient', 'reason')

  test.each(kinkPolicy)('says of $case what the policy says', row => {
    const found = rows.filter(({ case: title }) => title === row.case)
    expect(found).toEqual([
      { op: row.op, case: row.case, gradient: shown(row.expected), reason: expect.stringMatching(/\S/) },
    ])
  })

  test('has no case that the policy does not have', () => {
    const cases = kinkPolicy.map(row => row.case)
    expect(rows.map(row => row.case).filter(title => !cases.includes(title))).toEqual([])
  })
})

/** What a case expects, as the table writes it. */
function shown(expected: KinkRow['expected']): string {
  if (typeof expected === 'string') return `throws \`${expected}\``
  if (expected.length === 0) return 'empty'
  return expected
    .map(value =>
      String(Number(value.toPrecision(6)))
        .replace('-Infinity', '−∞')
        .replace('Infinity', '∞'),
    )
    .join(', ')
}
