// Writes the JavaScript of every package that is published into its dist/, a few files each: one per entry, and those
// that entries share, so that a tensor has one identity whichever entry it comes from. A program starts in less time with
// few files than with hundreds. `tsc -b` writes the declarations beside them.
//
//   node scripts/bundle.mjs
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const packages = fileURLToPath(new URL('../packages', import.meta.url))

/** The sources of the entries of a package, from src/, without `.ts`: those of its exports and of its commands. */
function entriesOf({ publishConfig }) {
  const modules = Object.values(publishConfig.exports).flatMap(entry => entry.default ?? [])
  const targets = [...modules, ...Object.values(publishConfig.bin ?? {})]
  return targets.map(target => target.slice('./dist/'.length, -'.js'.length))
}

/** Sources that an entry at the top of src/ exports as a namespace: `export * as name from './file.ts'`. */
function namespacesOf(folder, entries) {
  const namespace = /^export \* as \w+ from '\.\/(.*)\.ts'/gm
  return entries.flatMap(entry => {
    const text = readFileSync(join(folder, 'src', `${entry}.ts`), 'utf8')
    return [...text.matchAll(namespace)].map(([, path]) => path)
  })
}

/** Sources of a library that load a package from elsewhere. */
function loadersOf(folder, { dependencies = {}, publishConfig }) {
  if (publishConfig.bin) return []
  const foreign = Object.keys(dependencies).filter(name => !name.startsWith('@adjoint/'))
  const sources = readdirSync(join(folder, 'src'), { recursive: true }).filter(path => path.endsWith('.ts'))
  return sources
    .filter(path => {
      const text = readFileSync(join(folder, 'src', path), 'utf8')
      return foreign.some(name => text.includes(` from '${name}`))
    })
    .map(path => path.replaceAll('\\', '/').slice(0, -'.ts'.length))
}

/** Leaves a namespace a file of its own: of an object made in place a consumer's bundler drops no member. */
const keepNamespaces = paths => ({
  name: 'keepNamespaces',
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ path, kind }) => {
      const name = path.slice('./'.length, -'.ts'.length)
      return kind === 'import-statement' && paths.includes(name)
        ? { path: `./${name}.js`, external: true }
        : undefined
    })
  },
})

/**
 * What a consumer's bundler may drop, it drops by the file where a package without `sideEffects` is loaded, so those
 * files are shared ones. Nothing is minified: stack traces stay readable, and a consumer's bundler minifies.
 */
async function bundle(folder, manifest) {
  const entries = entriesOf(manifest)
  const namespaces = namespacesOf(folder, entries)
  const all = new Set([...entries, ...namespaces, ...loadersOf(folder, manifest)])
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: Object.fromEntries([...all].map(name => [name, `src/${name}.ts`])),
    plugins: [keepNamespaces(namespaces)],
    outdir: 'dist',
    chunkNames: 'shared-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    sourcemap: true,
    // The sources are published.
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
  })
  return new Set(Object.keys(metafile.outputs).map(path => join(folder, path)))
}

/** Removes what earlier builds left. */
function sweep(folder, written) {
  const dist = join(folder, 'dist')
  for (const name of readdirSync(dist, { recursive: true })) {
    const path = join(dist, name)
    if (/\.js(\.map)?$/.test(name) && !written.has(path)) rmSync(path)
  }
}

for (const name of readdirSync(packages)) {
  const folder = join(packages, name)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (!manifest.private) sweep(folder, await bundle(folder, manifest))
}
