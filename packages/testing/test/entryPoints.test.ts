// What each entry of the package loads: '.' must work where neither fast-check nor Vitest is installed.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }

/** The packages that an entry loads, besides those of this workspace. */
async function loadedBy(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`../src/${entry}.ts`, import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    conditions: ['@adjoint/source'],
    external: ['fast-check', 'vitest'],
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  return Object.values(metafile.outputs).flatMap(output => output.imports.map(found => found.path))
}

describe('entry points', () => {
  test.each([
    ['index', []],
    ['laws', ['fast-check']],
    ['arbitraries', ['fast-check']],
    ['vitest', ['vitest']],
  ])('%s loads %j', async (entry, expected) => {
    expect([...new Set(await loadedBy(entry))]).toEqual(expected)
  })

  test('are published as they are named in the workspace', () => {
    expect(Object.keys(manifest.publishConfig.exports)).toEqual(Object.keys(manifest.exports))
    for (const [entry, target] of Object.entries(manifest.exports)) {
      if (typeof target === 'string') continue
      const { '@adjoint/source': source, ...published } = target
      const name = entry === '.' ? 'index' : entry.slice(2)
      expect(source).toBe(`./src/${name}.ts`)
      expect(published).toEqual({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` })
      expect(manifest.publishConfig.exports[entry as '.']).toEqual(published)
    }
  })

  test('only the matchers have an effect', () => {
    expect(manifest.sideEffects).toEqual(['./src/vitest.ts', './dist/vitest.js'])
  })
})
