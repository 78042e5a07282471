// Checks what a user gets: packs every public package, lints the tarballs, installs them into an empty project
// outside the workspace with plain npm, and runs a JavaScript and a TypeScript program there.
// Needs `npm run build` first (npm run pack:check does both).
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const PUBLINT = 'publint@0.3.25'
const ATTW = '@arethetypeswrong/cli@0.18.5'

const root = fileURLToPath(new URL('..', import.meta.url))
const { packageManager, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const temporary = mkdtempSync(join(tmpdir(), 'adjoint-pack-'))
const tarballs = join(temporary, 'tarballs')
const project = join(temporary, 'project')
mkdirSync(tarballs)
mkdirSync(project)

/** Runs a command and gives its output; ends the check with all of it when the command fails. */
function run(cwd, ...command) {
  const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), { cwd, encoding: 'utf8' })
  if (status === 0) return stdout
  console.error(`${stdout}${stderr}\nfailed in ${cwd} (kept to look at): ${command.join(' ')}`)
  process.exit(1)
}

const step = text => console.log(text)

const packages = readdirSync(join(root, 'packages'))
  .map(name => join(root, 'packages', name))
  .map(folder => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
  .filter(({ manifest }) => !manifest.private)

for (const { folder, manifest } of packages) {
  step(`pack ${manifest.name}`)
  run(folder, 'npx', '--yes', packageManager, 'pack', '--pack-destination', tarballs)
}

const files = readdirSync(tarballs).map(name => join(tarballs, name))
for (const file of files) {
  const contents = run(tarballs, 'tar', '-xzOf', file, 'package/package.json')
  if (/@adjoint\/source|workspace:/.test(contents)) {
    console.error(`${file} still points at the workspace:\n${contents}`)
    process.exit(1)
  }
  step(`publint and attw ${file.split(/[\\/]/).at(-1)}`)
  run(tarballs, 'npx', '--yes', PUBLINT, 'run', file, '--strict')
  run(tarballs, 'npx', '--yes', ATTW, file, '--profile', 'esm-only')
}

const program = `
import { grad, Tensor as FunctionalTensor, tensor as functionalTensor } from '@adjoint/core/functional'
import { Rng, Tensor, tensor } from '@adjoint/core'
import { apply, nativeMatrixProduct } from '@adjoint/core/engine'
import { hasSimd } from '@adjoint/core/wasm'
import { useBlas } from '@adjoint/blas'
import { compile } from '@adjoint/compile'
import { Dataset, loadIris, readSafetensors, writeSafetensors } from '@adjoint/data'
import { Dense } from '@adjoint/nn'

const iris = await loadIris()
const layer = new Dense(2, 3, { rng: new Rng(0) })
const output = layer.forward(tensor([[1, 2]]))
const copies = [
  ['weight of @adjoint/nn', layer.weight instanceof Tensor],
  ['output of @adjoint/nn', output instanceof Tensor],
  ['features of @adjoint/data', iris.features instanceof Tensor && Dataset.fromTensors(iris.features).length === 150],
  ['safetensors of @adjoint/data', readSafetensors(writeSafetensors({ x: output })).tensors.x instanceof Tensor],
  ['@adjoint/core/functional', FunctionalTensor === Tensor && functionalTensor([1]) instanceof Tensor],
  ['gradient', grad(x => x.mul(x).sum())(tensor([1, 2])) instanceof Tensor],
  ['@adjoint/core/engine', typeof apply === 'function'],
  ['@adjoint/core/wasm', hasSimd()],
  ['result of @adjoint/compile', compile(grad(x => x.mul(x).sum()))(tensor([1, 2])) instanceof Tensor],
  ['product of @adjoint/blas', (useBlas().library === undefined) === (nativeMatrixProduct() === undefined)],
]
for (const [what, same] of copies) if (!same) throw new Error(what + ' comes from another copy of @adjoint/core')
`

step('install the tarballs in an empty project')
writeFileSync(
  join(project, 'package.json'),
  JSON.stringify({ name: 'project', private: true, type: 'module', version: '1.0.0' }),
)
run(
  project,
  'npm',
  'install',
  '--no-audit',
  '--no-fund',
  `typescript@${devDependencies.typescript}`,
  `@types/node@${devDependencies['@types/node']}`,
  ...files,
)
const copies = run(project, 'npm', 'ls', '--all', '--parseable', '@adjoint/core').trim().split('\n')
const places = new Set(copies.filter(path => path.endsWith('core')))
if (places.size !== 1) {
  console.error(`expected one copy of @adjoint/core, found ${[...places].join(', ') || 'none'}`)
  process.exit(1)
}

step('run a JavaScript program')
writeFileSync(join(project, 'plain.js'), program)
run(project, process.execPath, 'plain.js')

// Its declarations name types of what it exports, though it says no word about them: all of these must be importable.
const inferred = `
import { flattenTree, type Graph, maxWithIndices, norm, Rng, split, sum, type Tensor, tensor, valueAndGrad, vmap, where } from '@adjoint/core'
import { compile } from '@adjoint/compile'
import { DataLoader, Dataset, loadCheckpoint, loadDigits, OneHotEncoder, readCsv, readSafetensors, StandardScaler } from '@adjoint/data'
import { crossEntropy, Dense, sequential } from '@adjoint/nn'

export const data = Dataset.fromTensors({ x: tensor([[1, 2]]), y: tensor([0]) })
export const loader = new DataLoader(data, { batchSize: 2, map: ({ x }) => ({ x }) })
export const readers = { loadCheckpoint, loadDigits, readCsv, readSafetensors }
export const scaler = StandardScaler.fit(tensor([[1, 2]]))
export const encoder = OneHotEncoder.fit(['a', 'b'])
export const slope = valueAndGrad((w: Tensor, x: Tensor) => w.mul(x).sum())
export const each = vmap((x: Tensor, y: Tensor) => x.add(y))
export const step = compile((x: Tensor) => x.mul(2))
export const flat = flattenTree('example', { w: tensor([1, 2]), b: [tensor(3)] })
export const functions = { maxWithIndices, norm, split, sum, where, crossEntropy, valueAndGrad, vmap, sequential }
export const rngs = new Rng(0).split(2)
export const memory = (graph: Graph) => graph.memory
export const net = sequential(new Dense(2, 3, { rng: new Rng(0) }), new Dense(3, 1, { rng: new Rng(0) }))
`

step('compile and run a TypeScript program')
writeFileSync(join(project, 'typed.ts'), `${program}\nexport const weight: Tensor = layer.weight\n`)
writeFileSync(join(project, 'inferred.ts'), inferred)
writeFileSync(
  join(project, 'tsconfig.json'),
  JSON.stringify({
    compilerOptions: {
      module: 'NodeNext',
      target: 'ES2022',
      strict: true,
      types: [],
      declaration: true,
      outDir: 'out',
    },
    files: ['typed.ts', 'inferred.ts'],
  }),
)
run(project, process.execPath, join('node_modules', 'typescript', 'bin', 'tsc'))
run(project, process.execPath, join('out', 'typed.js'))

/** Bytes after gzip of a program in a web page, made with the published files or, from the workspace, with the sources. */
async function sizeOf(program, conditions) {
  const { outputFiles } = await build({
    entryPoints: [program],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    conditions,
    write: false,
    logLevel: 'error',
  })
  return gzipSync(outputFiles[0].contents, { level: 9 }).length
}

step('bundle programs for a page')
const pages = join(root, 'packages', 'testing', 'test', 'bundle')
cpSync(pages, join(project, 'pages'), { recursive: true })
for (const name of readdirSync(pages)) {
  const published = await sizeOf(join(project, 'pages', name), [])
  const source = await sizeOf(join(pages, name), ['@adjoint/source'])
  // A test holds the sizes from source down; what is published may not lose that.
  if (published > 1.03 * source) {
    console.error(
      `${name}: ${published} bytes from the published files, ${source} from the sources. What is left in the bundle has ` +
        'a side effect in the eyes of the bundler: an initialiser without a pure annotation, a property read, a spread.',
    )
    process.exit(1)
  }
}

step('run the command')
run(project, process.execPath, join('node_modules', '@adjoint', 'cli', 'dist', 'main.js'), '--help')

rmSync(temporary, { recursive: true })
step(`${packages.length} packages are ready to publish`)
