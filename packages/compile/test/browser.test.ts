/** Compiled steps in a page of Chromium, cross-origin isolated and not. */

import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import type { PageReport } from './browser/page.ts'

/** The browser of this machine: the one that is named, or one on the path. */
const chromium = [
  process.env.ADJOINT_CHROMIUM ?? '',
  ...(process.env.PATH ?? '')
    .split(delimiter)
    .flatMap(folder => ['chromium', 'chromium-browser', 'google-chrome'].map(name => join(folder, name))),
].find(path => {
  try {
    accessSync(path, constants.X_OK)
    return path !== ''
  } catch {
    return false
  }
})

/** The headers with which a page may share memory between threads. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./browser/page.ts', import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@adjoint/source'],
  })
  return outputFiles[0]!.text
}

/** Opens the page with some headers, and returns what it reports. */
async function open(
  script: string,
  headers: Readonly<Record<string, string>>,
): Promise<readonly PageReport[]> {
  const profile = mkdtempSync(join(tmpdir(), 'adjoint-chromium-'))
  let browser: ChildProcess | undefined
  let said = ''
  const server = createServer()
  try {
    return await new Promise<readonly PageReport[]>((resolve, reject) => {
      server.on('request', (request, response) => {
        const { url } = request
        if (url === '/report') {
          let text = ''
          request.on('data', part => (text += part))
          request.on('end', () => {
            response.end()
            const { reports, error } = JSON.parse(text)
            if (error === undefined) resolve(reports)
            else reject(new Error(`the page: ${error}`))
          })
          return
        }
        const isScript = url === '/page.js'
        response.writeHead(200, { ...headers, 'Content-Type': isScript ? 'text/javascript' : 'text/html' })
        response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>')
      })
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo
        const quiet = [
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ]
        const options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet]
        browser = spawn(chromium!, [...options, `--user-data-dir=${profile}`, `http://localhost:${port}/`], {
          detached: true,
          stdio: ['ignore', 'ignore', 'pipe'],
        })
        browser.stderr!.on('data', part => (said += part))
        browser.on('exit', code => reject(new Error(`Chromium ended with ${code}: ${said.slice(-2000)}`)))
      })
    })
  } finally {
    browser?.removeAllListeners('exit')
    if (browser?.pid !== undefined) {
      const ended = new Promise(resolve => browser!.on('exit', resolve))
      // It, and the processes that it has started.
      process.kill(-browser.pid, 'SIGKILL')
      await ended
    }
    server.closeAllConnections()
    server.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 })
  }
}

describe('a page of Chromium', () => {
  if (chromium === undefined) {
    test('not tried: there is no Chromium on the path, and ADJOINT_CHROMIUM names none', () => {
      console.log('not tried, no Chromium was found: compiled steps in a page')
    })
    return
  }

  test('runs compiled steps on threads when it is isolated and on one when it is not, with the same bits', async () => {
    const script = await bundle()
    const isolated = await open(script, ISOLATED)
    const plain = await open(script, {})
    expect(isolated.map(({ isIsolated, threads }) => [isIsolated, threads])).toEqual([
      [true, 1],
      [true, 3],
      [true, 1],
      [true, 3],
    ])
    expect(plain.map(({ isIsolated, available, threads }) => [isIsolated, available, threads])).toEqual(
      new Array(4).fill([false, 1, 1]),
    )
    // The first two are reproducible, the others use what the machine has.
    const wanted = [false, false, isolated[0]!.hasRelaxedSimd, isolated[0]!.hasRelaxedSimd]
    for (const reports of [isolated, plain]) {
      expect(reports.map(({ isRelaxed }) => isRelaxed)).toEqual(wanted)
      expect(reports[1]!.losses).toEqual(reports[0]!.losses)
      expect(reports[3]!.losses).toEqual(reports[2]!.losses)
    }
    expect(plain.map(({ losses }) => losses)).toEqual(isolated.map(({ losses }) => losses))
    const [first, last] = [isolated[0]!.losses[0]!, isolated[0]!.losses.at(-1)!]
    expect(last).toBeLessThan(first / 2)
  }, 120_000)
})
