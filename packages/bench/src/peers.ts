/** JavaScript peers: installed on demand, in exactly these versions, into a cache of their own. No other command needs them. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RequestError } from './options.ts'

/** What each peer consists of. */
const PEERS = {
  tfjs: { '@tensorflow/tfjs': '4.22.0', '@tensorflow/tfjs-backend-wasm': '4.22.0' },
  'jax-js': { '@jax-js/jax': '0.1.25' },
  'js-pytorch': { 'js-pytorch': '0.7.2' },
} as const

export type Peer = keyof typeof PEERS

/** Libraries that are found on the machine and never installed. */
export const FOUND_PEERS = ['torch', 'numpy'] as const

export const PEER_NAMES: readonly string[] = [...Object.keys(PEERS), ...FOUND_PEERS]

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/adjoint-bench', import.meta.url))

/** Whether `--peers` asks for a peer. @throws RequestError for names that no peer has. */
export function chosenPeers(option: string): ReadonlySet<string> {
  if (option === 'all') return new Set(PEER_NAMES)
  if (option === 'none') return new Set()
  const names = option.split(',').map(name => name.trim())
  const unknown = names.filter(name => !PEER_NAMES.includes(name))
  if (unknown.length > 0) {
    throw new RequestError(
      `--peers knows none, all, ${PEER_NAMES.join(', ')}; not '${unknown.join("', '")}'.`,
    )
  }
  return new Set(names)
}

/** The folder in whose node_modules a peer is, installed now if it was not, or why it is not there. */
export function installPeer(peer: Peer): { readonly folder: string } | { readonly unavailable: string } {
  const dependencies = PEERS[peer]
  const version = Object.values(dependencies)[0]
  const folder = join(CACHE, `${peer}-${version}`)
  if (existsSync(folder)) return { folder }
  const unfinished = `${folder}.${process.pid}.tmp`
  mkdirSync(unfinished, { recursive: true })
  writeFileSync(join(unfinished, 'package.json'), JSON.stringify({ private: true, dependencies }))
  console.log(`installing ${peer} (once) into ${folder}`)
  // Install scripts build native parts (a WebGL for Node) that nothing here uses.
  const { status, stderr } = spawnSync(
    `npm install --prefix "${unfinished}" --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel=error`,
    { shell: true, encoding: 'utf8', cwd: unfinished },
  )
  if (status === 0) {
    renameSync(unfinished, folder)
    return { folder }
  }
  rmSync(unfinished, { recursive: true, force: true })
  const message = stderr.split('\n').find(line => line.includes('error')) ?? `exit code ${status}`
  return { unavailable: `npm install failed: ${message.trim()}` }
}
