// Every module, activation, loss and norm with parameters or memory beside its hand-derived twin.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import type { Twin } from './twins/twin.ts'

/** Source files without a twin, and why none is possible. A file that is not here and has no twin is a failure. */
const WITHOUT_TWIN: Readonly<Record<string, string>> = {
  'layers/channelShuffle': 'only rearranges; its law is a permutation, see shapeLayers.test.ts',
  'layers/flatten': 'only another shape of the same elements',
  'layers/identity': 'does nothing',
  'layers/lazy': 'passes on what the layer gives that it builds, see containers.test.ts',
  'layers/moduleList': 'holds modules and calls none',
  'layers/moduleRecord': 'holds modules and calls none',
  'layers/parallel': 'passes on what its layers give, see containers.test.ts',
  'layers/pixelShuffle': 'only rearranges; its law is a permutation, see shapeLayers.test.ts',
  'layers/pixelUnshuffle': 'only rearranges; its law is a permutation, see shapeLayers.test.ts',
  'layers/recurrent': 'what recurrent layers share; each of them has its pair',
  'layers/residual': 'passes on what its layers give, see containers.test.ts',
  'layers/sequential':
    'passes on what its layers give; denseNetwork of manual is the chain, see witness.test.ts',
  'layers/unflatten': 'only another shape of the same elements',
  'layers/transformer': 'passes on what encoder and decoder give; their layers have twins',
  'layers/transformerDecoder': 'passes on what its layers give, as sequential',
  'layers/transformerEncoder': 'passes on what its layers give, as sequential',
  'losses/classes': 'what losses of classes share, no loss itself',
  'losses/loss': 'what all losses share, no loss itself',
}

/** Files with a pair elsewhere. */
const PAIRED_ELSEWHERE: Readonly<Record<string, string>> = {
  'layers/dense': 'witness.test.ts pairs whole networks',
}

const FOLDERS = ['activations', 'layers', 'losses']
const source = fileURLToPath(new URL('../src/', import.meta.url))
const manual = fileURLToPath(new URL('../../manual/src/', import.meta.url))
const seed = Number(process.env.ADJOINT_SEED)

const found = import.meta.glob<{ readonly twins?: readonly Twin[] }>('./twins/*/*.ts', { eager: true })
/** A file without `twins` is what several pairs share. */
const pairs = Object.fromEntries(
  Object.entries(found).flatMap(([file, { twins }]) => (twins === undefined ? [] : [[file, twins] as const])),
)
const pathOf = (file: string): string => file.slice('./twins/'.length, -'.ts'.length)

const files = FOLDERS.flatMap(folder =>
  readdirSync(`${source}${folder}`)
    .filter(name => name.endsWith('.ts'))
    .map(name => `${folder}/${name.slice(0, -'.ts'.length)}`),
)

describe('every source file has its twin, of the same name', () => {
  test.each(files.filter(file => !Object.hasOwn(WITHOUT_TWIN, file)))('%s', file => {
    const hint = `Write packages/manual/src/${file}.ts, and pair it in packages/nn/test/twins/${file}.ts.`
    expect(existsSync(`${manual}${file}.ts`), hint).toBe(true)
    if (!Object.hasOwn(PAIRED_ELSEWHERE, file)) expect(pairs[`./twins/${file}.ts`], hint).toBeDefined()
  })

  test.each(Object.keys({ ...WITHOUT_TWIN, ...PAIRED_ELSEWHERE }))('the exception %s exists', file => {
    expect(files).toContain(file)
  })
})

/** Functions of core that are activations. */
const ACTIVATIONS = [
  ...['celu', 'elu', 'gelu', 'glu', 'hardShrink', 'hardSigmoid', 'hardSwish', 'hardTanh', 'logSigmoid'],
  ...['logSoftmax', 'maxout', 'mish', 'relu', 'relu6', 'selu', 'sigmoid', 'silu', 'softShrink', 'softplus'],
  ...['softsign', 'sparsemax', 'swiglu', 'tanh', 'tanhShrink', 'threshold'],
]

describe('every activation that is a function of core has its twin', () => {
  const paired = pairs['./twins/activations/functions.ts']!.map(({ name }) => name)
  test.each(ACTIVATIONS)('%s', name => {
    expect(existsSync(`${manual}activations/${name}.ts`)).toBe(true)
    expect(paired).toContain(name)
  })
})

test('the reference page lists the pairs, file by file', () => {
  const expected = Object.entries(pairs).map(
    ([file, twins]) => `| \`${pathOf(file)}\` | ${twins.map(({ name }) => name).join(', ')} |`,
  )
  const page = readFileSync(new URL('../../../docs/reference/twins.md', import.meta.url), 'utf8')
  const listed = page.split('\n').filter(line => /^\| `(activations|layers|losses)\//.test(line))
  expect(listed).toEqual(expected.sort())
})

test('and the files without one, with the reason', () => {
  const page = readFileSync(new URL('../../../docs/reference/twins.md', import.meta.url), 'utf8')
  for (const [file, reason] of Object.entries({ ...WITHOUT_TWIN, ...PAIRED_ELSEWHERE })) {
    expect(page).toContain(`- \`${file}\`: ${reason}`)
  }
})

const lines: string[] = []

for (const [file, twins] of Object.entries(pairs)) {
  describe(pathOf(file), () => {
    test.each(twins)('$name', ({ name, compare }) => {
      const { cases, worst, at } = compare(seed)
      expect(cases).toBeGreaterThan(0)
      lines.push(`${name.padEnd(44)}${String(cases).padStart(5)}  ${worst.toExponential(1)} (${at})`)
    })
  })
}

afterAll(() => {
  if (lines.length > 0) {
    console.log(`pair, random cases, worst relative difference:\n${lines.sort().join('\n')}`)
  }
})
