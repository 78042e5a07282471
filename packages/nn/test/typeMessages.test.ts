// What the compiler says about chains that cannot fit: people read these sentences, so they are tested as texts.
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const PRELUDE = `
import { relu, Rng, type Tensor } from '@adjoint/core'
import * as nn from '../src/index.ts'
const rng = new Rng(0)
const conv = new nn.Conv2d(3, 8, 3, { rng })
`

/** Code, and the sentence that the diagnostics must hold; none: the code must compile. */
const CASES: Readonly<Record<string, readonly [code: string, says: string]>> = {
  'a chain without mistakes': [
    'nn.sequential(conv, new nn.BatchNorm(8), relu, new nn.MaxPool2d(2), new nn.Flatten(), new nn.Dense(72, 2, { rng }))',
    '',
  ],
  'a dense layer of another size': [
    'nn.sequential(new nn.Dense(4, 8, { rng }), new nn.Dense(16, 2, { rng }))',
    'layer 1 takes [?, 16], but the layer before it gives [?, 8]',
  ],
  'batch norm of other channels': [
    'nn.sequential(conv, new nn.BatchNorm(16))',
    'layer 1 takes [?, 16, ...], but the layer before it gives [?, 8, ?, ?]',
  ],
  'layer norm of another size': [
    'nn.sequential(new nn.Dense(4, 8, { rng }), relu, new nn.LayerNorm(16))',
    'layer 2 takes [..., 16], but the layer before it gives [?, 8]',
  ],
  'an image that was not flattened': [
    'nn.sequential(conv, new nn.Dense(64, 2, { rng }))',
    'layer 1 takes [?, 64], but the layer before it gives [?, 8, ?, ?]; put a Flatten between them',
  ],
  'other channels behind pooling': [
    'nn.sequential(conv, new nn.MaxPool2d(2), new nn.Conv2d(16, 3, 3, { rng }))',
    'layer 2 takes [?, 16, ?, ?], but the layer before it gives [?, 8, ?, ?]',
  ],
  'pooling of another rank': [
    'nn.sequential(new nn.Dense(4, 8, { rng }), new nn.MaxPool2d(2))',
    'layer 1 takes [?, ?, ?, ?], but the layer before it gives [?, 8]',
  ],
  'vectors of another size': [
    'nn.sequential(new nn.Embedding(100, 8, { rng }), new nn.LSTM(16, 3, { rng }))',
    'layer 1 takes [?, ?, 16], but the layer before it gives [..., 8]',
  ],
  'two directions': [
    'nn.sequential(new nn.LSTM(3, 16, { rng, bidirectional: true }), new nn.Dense(16, 2, { rng }))',
    'layer 1 takes [?, 16], but the layer before it gives [?, ?, 32]',
  ],
  'a norm of other channels by itself': [
    'new nn.BatchNorm(16).forward({} as Tensor<[4, 8]>)',
    'takes [?, 16, ...], got [4, 8]',
  ],
}

/** All cases in one program, each a module that exists only there. */
function compile(codes: readonly string[]): string[] {
  const { config } = ts.readConfigFile(`${root}tsconfig.test.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const texts = new Map(codes.map((code, i) => [`${root}packages/nn/test/case${i}.ts`, PRELUDE + code]))
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

const messages = compile(Object.values(CASES).map(([code]) => code))

test.each(Object.entries(CASES).map(([name, [, says]], i) => [name, says, messages[i]!] as const))(
  '%s',
  (_, says, message) => {
    if (says === '') expect(message).toBe('')
    else expect(message).toContain(says)
  },
)
