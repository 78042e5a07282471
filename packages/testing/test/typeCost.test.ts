// What typed shapes cost in the editor: type instantiations of small programs, which no machine or load changes.
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

interface Program {
  /** Most instantiations. The commit that needs more raises it and says why. */
  readonly ceiling: number
  readonly because: string
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  'broadcast.ts': { ceiling: 5_500, because: 'the one conditional type of the shapes' },
  'layers.ts': { ceiling: 14_000, because: 'two chains of layers, each with what it takes and makes' },
  'matmul.ts': { ceiling: 400, because: 'shapes found by unification cost little' },
  'transforms.ts': { ceiling: 1_600, because: 'trees in and out of five transforms, one inside of another' },
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const config = ts.readConfigFile(`${root}tsconfig.base.json`, ts.sys.readFile).config
const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root)

/** The instantiations for which a program is to blame, and what the compiler says of it. */
function check(program: string): { instantiations: number; messages: string[] } {
  const path = fileURLToPath(new URL(`./types/${program}`, import.meta.url))
  const compiled = ts.createProgram([path], { ...options, noEmit: true, composite: false })
  const diagnostics = compiled.getSemanticDiagnostics(compiled.getSourceFile(path))
  return {
    instantiations: compiled.getInstantiationCount(),
    messages: diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  }
}

test.each(Object.entries(PROGRAMS))('%s', (program, { ceiling, because }) => {
  const { instantiations, messages } = check(program)
  expect(messages).toEqual([])
  expect(instantiations, because).toBeLessThanOrEqual(ceiling)
})
