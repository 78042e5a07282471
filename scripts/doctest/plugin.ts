// The Vite plugin that makes documentation testable: a Markdown page is a test file by itself, the doc comments
// of `source.ts` are the test file `source.ts?doctest`.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Plugin, transformWithOxc } from 'vite'
import { findSnippets, type Snippet } from './snippets.ts'
import { toTestModule } from './testModule.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const assertions = fileURLToPath(new URL('./assert.ts', import.meta.url))

export function docTests(): Plugin {
  return {
    name: 'adjoint:doctest',
    enforce: 'pre',
    async transform(text, id) {
      const [path = '', query] = id.split('?')
      if (!path.endsWith('.md') && query !== 'doctest') return
      const testModule = toTestModule(fromRoot(path), text, assertions)
      const module = await transformWithOxc(testModule, `${path}.ts`, { lang: 'ts', sourcemap: true })
      // Stack traces and code frames show the page.
      if (module.map) Object.assign(module.map, { sources: [path], sourcesContent: [text] })
      return module
    },
  }
}

/** Every Markdown page with a ts fence that runs, as a path from the root: each is a test file. */
export function testedPages(): string[] {
  return documentation().filter(
    file => file.endsWith('.md') && findSnippets(file, readText(file)).some(isTest),
  )
}

/** Whether a fence gives a test: it runs, or it is a mistake of its own. */
function isTest({ mode, problem }: Snippet): boolean {
  return mode === 'run' || mode === 'throws' || problem !== undefined
}

/** Pages and sources that may hold snippets, as paths from the root. */
export function documentation(): string[] {
  const found = ['README.md', 'CONTRIBUTING.md', ...filesBelow('docs', '.md')]
  for (const name of directory('packages'))
    found.push(`packages/${name}/README.md`, ...filesBelow(`packages/${name}/src`, '.ts'))
  return found.filter(file => readText(file) !== '')
}

/** The text of a file, empty when there is none. */
export function readText(file: string): string {
  try {
    return readFileSync(join(root, file), 'utf8')
  } catch {
    return ''
  }
}

function filesBelow(folder: string, extension: string): string[] {
  return directory(folder, { recursive: true })
    .filter(name => name.endsWith(extension) && !name.includes('node_modules'))
    .map(name => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort()
}

function directory(folder: string, options: { recursive?: boolean } = {}): string[] {
  try {
    return readdirSync(join(root, folder), { ...options, encoding: 'utf8' })
  } catch {
    return []
  }
}

function fromRoot(path: string): string {
  return relative(root, path).replaceAll('\\', '/')
}
