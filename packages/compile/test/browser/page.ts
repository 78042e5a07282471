/** A page that trains a small network by compiled steps, on the threads that it may have, and tells the server what came out. */

import { Rng, relu, type Tensor, tensor } from '@adjoint/core'
import { hasRelaxedSimd } from '@adjoint/core/wasm'
import { Adam, crossEntropy, Dense, parameters, sequential } from '@adjoint/nn'
import { compile } from '../../src/index.ts'
import { forced } from '../../src/threads/choice.ts'
import { availableThreads } from '../../src/threads/pool.ts'

/** What the page reports. */
export interface PageReport {
  readonly isIsolated: boolean
  readonly available: number
  readonly threads: number
  readonly hasRelaxedSimd: boolean
  /** Whether the last module had a multiply-add in it that may round once. */
  readonly isRelaxed: boolean
  readonly losses: readonly number[]
}

type Page = typeof globalThis & {
  readonly crossOriginIsolated: boolean
  fetch(url: string, options: { method: string; body: string }): Promise<unknown>
  WebAssembly: { Module: new (bytes: Uint8Array) => object }
}

const page = globalThis as Page

// The instruction as it stands in a module: 0xFD and 0x105.
let isRelaxed = false
const { Module } = page.WebAssembly
page.WebAssembly.Module = class extends Module {
  constructor(bytes: Uint8Array) {
    super(bytes)
    isRelaxed = bytes.some((byte, i) => byte === 0xfd && bytes[i + 1] === 0x85 && bytes[i + 2] === 0x02)
  }
}

const later = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 10))

async function train(threads: number, reproducible: boolean): Promise<PageReport> {
  const rng = new Rng(0)
  const model = sequential(new Dense(64, 96, { rng }), relu, new Dense(96, 10, { rng }))
  const optimizer = new Adam(parameters(model), { learningRate: 0.01 })
  const x = rng.normal([64, 64]) as Tensor<[64, 64]>
  const y = tensor(
    Array.from({ length: 64 }, (_, i) => i % 10),
    { dtype: 'int32' },
  )
  forced.isThreaded = threads > 1
  const step = compile(
    (inputs: Tensor<[64, 64]>, labels: Tensor) => {
      const loss = crossEntropy(model.forward(inputs), labels)
      loss.backward()
      optimizer.step()
      return loss
    },
    { threads, reproducible },
  )
  const program = step.programFor(x, y)
  const wasRelaxed = isRelaxed
  // A page lets workers begin only between its tasks.
  const ready = new Int32Array(program.buffer)
  while (Atomics.load(ready, 0) < program.threads - 1) await later()
  const losses: number[] = []
  for (let i = 0; i < 20; i++) losses.push(step(x, y).item())
  return {
    isIsolated: page.crossOriginIsolated,
    available: availableThreads(),
    threads: program.threads,
    hasRelaxedSimd: hasRelaxedSimd(),
    isRelaxed: wasRelaxed,
    losses,
  }
}

async function main(): Promise<void> {
  let body: string
  try {
    const reports: PageReport[] = []
    for (const reproducible of [true, false])
      for (const threads of [1, 3]) reports.push(await train(threads, reproducible))
    body = JSON.stringify({ reports })
  } catch (error) {
    body = JSON.stringify({ error: String(error instanceof Error ? error.stack : error) })
  }
  await page.fetch('/report', { method: 'POST', body })
}

void main()
