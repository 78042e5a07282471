/** How long programs, their memory and their workers live. */

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Parameter, Rng, type Tensor, tensor } from '@adjoint/core'
import * as nn from '@adjoint/nn'
import { build } from 'esbuild'
import { afterEach, describe, expect, test } from 'vitest'
import { type Compiled, compile } from '../src/index.ts'
import type { Program } from '../src/program.ts'
import { forced } from '../src/threads/choice.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Lets the engine finish what it defers, then collects; references in WeakRefs die only between tasks. */
async function settle(): Promise<void> {
  for (let i = 0; i < 6; i++) {
    await new Promise(resolve => setTimeout(resolve, 10))
    collectGarbage()
  }
}

afterEach(() => {
  forced.isThreaded = false
})

/** W1b: a network of 2, 3 and 1 units, four examples. */
function shallow(): { w: Parameter; step: (x: Tensor, y: Tensor) => Tensor } {
  const rng = new Rng(0)
  const model = nn.sequential(
    new nn.Dense(2, 3, { rng }),
    (x: Tensor) => x.sigmoid(),
    new nn.Dense(3, 1, { rng }),
  )
  const parameters = nn.parameters(model)
  const optimizer = new nn.SGD(parameters, { learningRate: 0.5 })
  const step = (x: Tensor, y: Tensor): Tensor => {
    const loss = nn.binaryCrossEntropyWithLogits(model.forward(x as never) as Tensor, y)
    loss.backward()
    optimizer.step()
    return loss
  }
  return { w: parameters[0]!, step }
}

const x = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]) as Tensor
const y = tensor([[0], [1], [1], [1]]) as Tensor

/** Steps in CI; a million take a few seconds more and show the same. */
const STEPS = 200_000

test(`${STEPS} compiled steps leave memory flat`, async () => {
  const { step } = shallow()
  const run = compile(step)
  const train = (steps: number): number => {
    let last = 0
    for (let i = 0; i < steps; i++) last = run(x, y).item()
    return last
  }
  const bytes = async (): Promise<number> => {
    await settle()
    const { heapUsed, arrayBuffers, external } = process.memoryUsage()
    return heapUsed + arrayBuffers + external
  }
  train(5000)
  const before = await bytes()
  expect(train(STEPS)).toBeLessThan(0.05)
  // A leak of one number per step would be more.
  expect((await bytes()) - before).toBeLessThan(1_000_000)
})

test('batches that are new in every step are not kept', async () => {
  const { step } = shallow()
  const run = compile(step)
  let given: WeakRef<Tensor> | undefined
  for (let i = 0; i < 3; i++) {
    const fresh = x.add(i) as Tensor
    given ??= new WeakRef(fresh)
    run(fresh, y)
  }
  await settle()
  expect(given!.deref()).toBeUndefined()
})

test('more memory than can be had is refused with its size', () => {
  const run = compile((v: Tensor) => v.reshape([1, 1]).expand([70_000, 70_000]).cumsum(0) as Tensor)
  expect(() => run(tensor([1]) as Tensor)).toThrow(/needs 18\.3 GiB of memory/)
})

describe.each([1, 3])('a program for %i threads', threads => {
  test('is collected when it is dropped, and its memory too, though its parameters live on', async () => {
    forced.isThreaded = threads > 1
    const w = new Parameter(new Rng(0).normal([512, 1024]), 'w')
    const make = (): { program: WeakRef<Program>; memory: WeakRef<ArrayBufferLike> } => {
      const run = compile((v: Tensor) => w.assign(w.mul(v as never)), { threads })
      run(tensor(2))
      const program = run.programFor(tensor(2))
      expect(program.threads).toBe(threads)
      // A view that was taken before keeps a copy.
      return { program: new WeakRef(program), memory: new WeakRef(program.buffer) }
    }
    const expected = w.slice(0, 1).item() * 2
    const { program, memory } = make()
    for (let i = 0; i < 20 && memory.deref() !== undefined; i++) await settle()
    expect(program.deref()).toBeUndefined()
    expect(memory.deref()).toBeUndefined()
    expect(w.slice(0, 1).item()).toBe(expected)
  })

  test('goes when it is the least used of too many', async () => {
    forced.isThreaded = threads > 1
    const rng = new Rng(0)
    const run: Compiled<[Tensor], Tensor> = compile((v: Tensor) => v.mul(2), { threads, programs: 2 })
    let first: WeakRef<Program> | undefined
    for (let rows = 100; rows < 104; rows++) {
      const v = rng.normal([rows, 1000]) as Tensor
      run(v)
      first ??= new WeakRef(run.programFor(v))
    }
    for (let i = 0; i < 10 && first!.deref() !== undefined; i++) await settle()
    expect(first!.deref()).toBeUndefined()
    expect(run.programs).toBe(2)
    expect(run(tensor([[1, 2]])).toArray()).toEqual([[2, 4]])
  })
})

test('what a function captures goes with it', async () => {
  const make = (): WeakRef<Tensor> => {
    const captured = tensor([1, 2])
    compile((v: Tensor) => v.mul(captured as never))(tensor([3, 4]))
    return new WeakRef<Tensor>(captured)
  }
  const captured = make()
  await settle()
  expect(captured.deref()).toBeUndefined()
})

test('a process with workers ends by itself, also one that is asleep in the middle of training', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { Rng } from '@adjoint/core'
        import { compile } from './src/index.ts'
        import { forced } from './src/threads/choice.ts'
        forced.isThreaded = true
        const step = compile(x => x.matmul(x).sum(), { threads: 3 })
        const x = new Rng(0).normal([128, 128])
        const [first] = [step(x).item(), step(x).item()]
        setTimeout(() => console.log(first === step(x).item(), step.programFor(x).threads), 50)
      `,
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    // Names are kept as some tools keep them: in workers there is no help for that.
    keepNames: true,
    conditions: ['@adjoint/source'],
  })
  const folder = mkdtempSync(join(tmpdir(), 'adjoint-threads-'))
  try {
    const file = join(folder, 'program.mjs')
    writeFileSync(file, outputFiles[0]!.contents)
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { timeout: 30_000 })
    expect([stdout, stderr]).toEqual(['true 3\n', ''])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
