/** The machine that the figures are of. */

import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import { hasRelaxedSimd, hasSimd } from '@adjoint/core/wasm'

/** Instructions that decide how fast numbers are multiplied. */
const FLAGS = ['sse4_2', 'avx', 'fma', 'avx2', 'avx512f', 'asimd']

/** What a table of figures must be read with. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly flags: readonly string[]
  readonly memoryGigabytes: number
  readonly system: string
  readonly node: string
  readonly simd: boolean
  readonly relaxedSimd: boolean
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    flags: flagsOf(),
    memoryGigabytes: Math.round(totalmem() / 1e9),
    system: `${platform()} ${release()}`,
    node: process.version,
    simd: hasSimd(),
    relaxedSimd: hasRelaxedSimd(),
  }
}

/** Only Linux tells without a command of its own. */
function flagsOf(): string[] {
  try {
    const line = /^(flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))
    const all = line?.[2]?.trim().split(/\s+/) ?? []
    return FLAGS.filter(flag => all.includes(flag))
  } catch {
    return []
  }
}

export function showMachine(machine: Machine): string {
  const { processor, cores, flags, memoryGigabytes, system, node, simd, relaxedSimd } = machine
  return [
    `${processor}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${memoryGigabytes} GB, ${system}`,
    flags.length === 0 ? '' : `instructions: ${flags.join(' ')}`,
    `node ${node}, WebAssembly SIMD ${simd ? 'yes' : 'no'}, relaxed SIMD ${relaxedSimd ? 'yes' : 'no'}`,
  ]
    .filter(line => line !== '')
    .join('\n')
}
