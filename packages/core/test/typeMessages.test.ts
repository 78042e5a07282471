// What the compiler says about shape mistakes: people read these sentences, so they are tested as texts.
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const PRELUDE = `
import { add, matmul, ones, tensor, zeros, type Tensor } from '@adjoint/core'
declare const a23: Tensor<[2, 3]>
declare const a54: Tensor<[5, 4]>
declare const open: Tensor
`

interface Case {
  readonly name: string
  readonly code: string
  /** Sentences that the diagnostics must hold; none: the code must compile. */
  readonly says: readonly string[]
}

const CASES: readonly Case[] = [
  {
    name: 'a program without mistakes',
    code: 'a23.add(a23).matmul(zeros([3, 4])).sum().backward()',
    says: [],
  },
  { name: 'unknown shapes get in nobody’s way', code: 'open.matmul(a54).add(a23).mul(open)', says: [] },
  { name: 'add as a method', code: 'a23.add(zeros([2, 4]))', says: ['cannot broadcast [2, 3] with [2, 4]'] },
  {
    name: 'add as a function',
    code: 'add(a23, zeros([2, 4]))',
    says: ['cannot broadcast [2, 3] with [2, 4]'],
  },
  { name: 'add of other ranks', code: 'a23.add(ones([2]))', says: ['cannot broadcast [2, 3] with [2]'] },
  {
    name: 'add of named sizes',
    code: "open.expectShape(['m', 3]).add(open.expectShape(['n', 3]))",
    says: ['cannot broadcast [m, 3] with [n, 3]'],
  },
  {
    name: 'matmul as a method',
    code: 'a23.matmul(a54)',
    says: ['matmul: inner sizes differ, [2, 3] × [5, 4]'],
  },
  {
    name: 'matmul as a function',
    code: 'matmul(a23, a54)',
    says: ['matmul: inner sizes differ, [2, 3] × [5, 4]'],
  },
  {
    name: 'matmul with a vector',
    code: 'a23.matmul(zeros([2]))',
    says: ['matmul: inner sizes differ, [2, 3] × [2]'],
  },
  {
    name: 'matmul with batches',
    code: 'zeros([7, 2, 3]).matmul(zeros([7, 4, 5]))',
    says: ['matmul: inner sizes differ, [7, 2, 3] × [7, 4, 5]'],
  },
  {
    name: 'another shape than was promised',
    code: 'const b: Tensor<[3, 2]> = a23',
    says: [
      "Type 'Tensor<[2, 3]>' is not assignable to type 'Tensor<[3, 2]>'",
      "Type '2' is not assignable to type '3'",
    ],
  },
  {
    name: 'an unknown shape where a known one is wanted',
    code: 'const b: Tensor<[3, 2]> = open',
    says: ["is not assignable to type 'Tensor<[3, 2]>'"],
  },
  { name: 'a string as an operand', code: "a23.add('1')", says: ["'string' is not assignable"] },
  {
    name: 'a ragged shape argument',
    code: "zeros(['a'])",
    says: ["'string' is not assignable to type 'number'"],
  },
]

/** All cases in one program, each a module that exists only there. */
function compile(cases: readonly Case[]): string[] {
  const { config } = ts.readConfigFile(`${root}tsconfig.test.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const texts = new Map(cases.map(({ code }, i) => [`${root}packages/core/test/case${i}.ts`, PRELUDE + code]))
  const { fileExists, readFile } = host
  host.fileExists = path => texts.has(path) || fileExists(path)
  host.readFile = path => texts.get(path) ?? readFile(path)
  host.getCurrentDirectory = () => root
  const program = ts.createProgram([...texts.keys()], options, host)
  return [...texts.keys()].map(path => {
    const source = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
      .join('\n')
  })
}

const messages = compile(CASES)

test.each(CASES.map(({ name, says }, i) => [name, says, messages[i]!] as const))('%s', (_, says, message) => {
  if (says.length === 0) expect(message).toBe('')
  for (const sentence of says) expect(message).toContain(sentence)
})
