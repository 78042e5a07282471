// What tiny programs weigh in a web page: each is bundled from source, minified and gzipped.
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { beforeAll, describe, expect, test } from 'vitest'

interface Program {
  /** Most bytes after gzip. The commit that needs more raises it and says why. */
  readonly ceiling: number
  readonly because: string
  /** Sources, below packages/, that must be there, though only a side effect asks for them. */
  readonly mustAppear: readonly string[]
  /** Sources, below packages/, of which no byte may be in the bundle. */
  readonly mustNotAppear: readonly string[]
}

/** No program pays for these. */
const TOOLS = ['core/src/engine.ts', 'testing/src/', 'manual/', 'cli/']

/** A program pays for the methods on Tensor, and for WebAssembly, only when it imports `@adjoint/core` itself. */
const METHODS = [
  'core/src/index.ts',
  'core/src/fluent.ts',
  'core/src/graph/inspect.ts',
  'core/src/wasm/',
  'core/src/backend/wasmKernels/',
]

/** Heavy kernels, which only programs that call them pay for. */
const KERNELS = [
  'fourier',
  'gamma',
  'incompleteGamma',
  'luDecomposition',
  'matrixExponential',
  'singularValues',
  'sorting',
  'symmetricEigen',
].map(name => `core/src/backend/${name}.ts`)

/** Transforms that a program without them does not pay for. */
const TRANSFORMS = ['checkpoint', 'customRule', 'findNaN', 'hooks', 'jvp', 'linearize', 'scan', 'vmap'].map(
  name => `core/src/transforms/${name}.ts`,
)

const PROGRAMS: Readonly<Record<string, Program>> = {
  'batches.ts': {
    ceiling: 12_550,
    because: 'batches and safetensors need no CSV parser, no decompression and no file system',
    mustAppear: ['data/src/formats/safetensors.ts'],
    mustNotAppear: [
      ...METHODS,
      ...KERNELS,
      ...TRANSFORMS,
      'nn/',
      'data/src/files/inflate.ts',
      'data/src/formats/csv.ts',
      'data/src/formats/npz.ts',
      'data/src/preprocessing/',
      'data/src/sets/',
      '../node_modules/',
      'core/src/ops/matmul.ts',
    ],
  },
  'gradient.ts': {
    ceiling: 12_050,
    because: 'tensors, two ops, reverse mode with chosen arguments, and its messages: the price of entry',
    mustAppear: [],
    mustNotAppear: [...METHODS, ...KERNELS, ...TRANSFORMS, 'nn/', 'core/src/ops/matmul.ts'],
  },
  'linearSystem.ts': {
    ceiling: 15_550,
    because: 'one factorization does not bring the others along',
    mustAppear: ['core/src/backend/luDecomposition.ts'],
    mustNotAppear: [
      ...METHODS,
      ...KERNELS.filter(path => !path.includes('luDecomposition')),
      ...TRANSFORMS,
      'core/src/backend/choleskyFactor.ts',
      'core/src/backend/householderQr.ts',
    ],
  },
  'methods.ts': {
    ceiling: 78_500,
    because:
      'methods on Tensor bring nearly every op along, its errors, and printing, and the kernels in WebAssembly with what writes them another 25 kB; there is an entry without either',
    mustAppear: ['core/src/fluent.ts', 'core/src/backend/wasmKernels/provide.ts'],
    mustNotAppear: [
      'nn/',
      ...TRANSFORMS,
      ...KERNELS.filter(path => !/(gamma|Gamma|sorting)\.ts/.test(path)),
      'core/src/composed/axesPattern.ts',
    ],
  },
  'training.ts': {
    ceiling: 20_500,
    because: 'a small network trained in a page should weigh less than one photograph on it',
    mustAppear: [],
    mustNotAppear: [
      ...METHODS,
      ...KERNELS,
      ...TRANSFORMS,
      'core/src/ops/conv',
      'nn/src/layers/conv',
      'nn/src/optimizers/adam.ts',
    ],
  },
}

const packagesFolder = fileURLToPath(new URL('../../', import.meta.url))

/** Bytes after gzip, and the bytes of each source, from packages/, before it. */
async function bundle(program: string): Promise<{ gzipped: number; sources: ReadonlyMap<string, number> }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`./bundle/${program}`, import.meta.url))],
    absWorkingDir: packagesFolder,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    conditions: ['@adjoint/source'],
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const [output] = Object.values(metafile.outputs)
  const sources = Object.entries(output!.inputs).map(
    ([path, { bytesInOutput }]) => [path, bytesInOutput] as const,
  )
  return {
    gzipped: gzipSync(outputFiles[0]!.contents, { level: 9 }).length,
    sources: new Map(sources.filter(([, bytes]) => bytes > 0).sort((a, b) => b[1] - a[1])),
  }
}

describe.each(Object.entries(PROGRAMS))('%s', (program, { ceiling, because, mustAppear, mustNotAppear }) => {
  let bundled: Awaited<ReturnType<typeof bundle>>
  beforeAll(async () => {
    bundled = await bundle(program)
  })

  test(`is at most ${ceiling} bytes after gzip`, () => {
    const { gzipped, sources } = bundled
    const heaviest = [...sources]
      .slice(0, 12)
      .map(([path, bytes]) => `  ${String(bytes).padStart(6)} ${path}`)
    const report = `${gzipped} bytes after gzip (${because}). Heaviest sources, minified:\n${heaviest.join('\n')}`
    expect(gzipped, report).toBeLessThanOrEqual(ceiling)
  })

  test('holds what it needs and nothing that it does not use', () => {
    const sources = [...bundled.sources.keys()]
    const unused = [...TOOLS, ...mustNotAppear]
    const found = sources.filter(path => unused.some(start => path.startsWith(start)))
    expect(found, 'a side effect at import time, or an import that reaches too far').toEqual([])
    expect(sources, 'sideEffects in package.json names files with side effects').toEqual(
      expect.arrayContaining([...mustAppear]),
    )
  })
})
