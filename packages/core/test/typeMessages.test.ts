// What the compiler says about shape mistakes: people read these sentences, so they are tested as texts.
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const PRELUDE = `
import {
  add, customVjp, grad, hypot, inverse, jvp, matmul, norm, ones, Rng, scan, swapAxes, tensor, uniform, vmap, zeros, type Tensor,
} from '@adjoint/core'
declare const a23: Tensor<[2, 3]>
declare const a54: Tensor<[5, 4]>
declare const row: Tensor<[3]>
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
    name: 'an elementwise op of two operands',
    code: 'hypot(a23, zeros([2]))',
    says: ['cannot broadcast [2, 3] with [2]'],
  },
  {
    name: 'matmul after two axes were exchanged',
    code: 'swapAxes(a23, 0, 1).matmul(row)',
    says: ['matmul: inner sizes differ, [3, 2] × [3]'],
  },
  {
    name: 'a product with what a reduction left',
    code: 'a23.sum(0, { keepDims: true }).matmul(a54)',
    says: ['matmul: inner sizes differ, [1, 3] × [5, 4]'],
  },
  {
    name: 'a setting of another library',
    code: 'a23.sum(0, { keepdim: true })',
    says: ["'keepdim' does not exist in type 'ReductionOptions<"],
  },
  {
    name: 'a setting of another name',
    code: 'norm(a23, -1, { ord: 1 })',
    says: ["'ord' does not exist in type 'NormOptions"],
  },
  {
    name: 'a draw without generator',
    code: 'uniform([2, 3])',
    says: ['Expected 2-3 arguments, but got 1'],
  },
  {
    name: 'grad, an argument of another shape',
    code: 'grad((x: Tensor<[2, 3]>) => x.sum())(row)',
    says: ["'Tensor<[3]>' is not assignable to parameter of type 'Tensor<[2, 3]>'"],
  },
  {
    name: 'grad of a function that returns a number',
    code: 'grad((x: Tensor) => x.item())',
    says: ["Type 'number' is not assignable to type 'Tensor"],
  },
  {
    name: 'grad, a position that is none',
    code: "grad((x: Tensor) => x.sum(), { wrt: 'x' })",
    says: ["Type 'string' is not assignable to type 'ArgumentPositions'"],
  },
  {
    name: 'jvp, a tangent of another shape',
    code: 'jvp((x: Tensor<[2, 3]>) => x.sum(), a23, row)',
    says: ["'Tensor<[3]>' is not assignable to parameter of type 'Tensor<[2, 3]>'"],
  },
  {
    name: 'vmap, an axis that is none',
    code: "vmap((x: Tensor) => x, { inAxes: 'rows' })",
    says: ["Type 'string' is not assignable to type 'BatchAxes"],
  },
  {
    name: 'a custom rule that returns a number',
    code: "customVjp({ name: 'f', forward: (x: Tensor) => x, vjp: () => 1 })",
    says: ["Type 'number' is not assignable to type 'Tensor"],
  },
  {
    name: 'a custom function without rule',
    code: "customVjp({ name: 'f', forward: (x: Tensor) => x })",
    says: ["Property 'vjp' is missing in type"],
  },
  {
    name: 'a step of scan that returns no pair',
    code: 'scan((state: Tensor<[3]>) => state, row, a23)',
    says: ["is not assignable to type 'readonly ["],
  },
  {
    name: 'transforms without mistakes',
    code: `grad((x: Tensor<[2, 3]>, y: Tensor<[3]>) => x.mul(y).sum(), { wrt: [0, 1] })(a23, row)[1].add(row)
vmap(grad((x: Tensor<[3]>) => x.square().sum()))(a23)
inverse(zeros([3, 3])).matmul(row)
uniform(new Rng(0), [2, 3]).add(a23)`,
    says: [],
  },
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
