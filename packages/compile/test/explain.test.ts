/** The explanation of a program: what it says is what the program does. */

import { Parameter, Rng, relu, scan, type Tensor, tensor } from '@adjoint/core'
import * as nn from '@adjoint/nn'
import { afterEach, expect, test } from 'vitest'
import { compile } from '../src/index.ts'
import { forced } from '../src/threads/choice.ts'

afterEach(() => {
  forced.isThreaded = false
})

/** W3 in small: three dense layers, Adam. */
function network() {
  const rng = new Rng(0)
  const model = nn.sequential(new nn.Dense(64, 32, { rng }), relu, new nn.Dense(32, 10, { rng }))
  const optimizer = new nn.Adam(nn.parameters(model))
  const step = (x: Tensor, y: Tensor): Tensor => {
    const loss = nn.crossEntropy(model.forward(x as never) as Tensor, y)
    loss.backward()
    optimizer.step()
    return loss
  }
  const x = rng.normal([16, 64]) as Tensor
  const y = tensor(
    Array.from({ length: 16 }, (_, i) => i % 10),
    { dtype: 'int32' },
  ) as Tensor
  return { model, optimizer, step, x, y }
}

test('counts what goes in and out, the passes, the kernels and the memory', () => {
  const { step, x, y } = network()
  const program = compile(step, { threads: 1 }).programFor(x, y)
  const data = program.explain().toJSON()
  expect(JSON.parse(JSON.stringify(program.explain()))).toEqual(JSON.parse(JSON.stringify(data)))
  // Four parameters and two memories of each.
  expect(data).toMatchObject({
    inputs: 2,
    parameters: 12,
    assigned: 12,
    gradients: 0,
    outputs: 1,
    threads: 1,
  })
  expect(data.passes[0]!.pass).toBe('traced')
  expect(data.passes.every(({ nodes }) => nodes > 0)).toBe(true)
  expect(data.kernels).toHaveLength(program.schedule.kernels.length)
  expect(data.kernels.every(({ milliseconds }) => milliseconds === undefined)).toBe(true)
  const product = data.kernels.find(({ name }) => name.startsWith('matmul [16, 64] × [64, 32]'))!
  expect(product).toMatchObject({
    turns: 1,
    isHosted: false,
    isDivided: false,
    bytesRead: 4 * (16 * 64 + 64 * 32),
    bytesWritten: 4 * 16 * 32,
    flops: 2 * 16 * 64 * 32,
  })
  const { memory } = data
  // Parameters, what Adam remembers of them, and the batch.
  expect(memory.residentBytes).toBeGreaterThanOrEqual(4 * 3 * (64 * 32 + 32 + 32 * 10 + 10) + 4 * 16 * 64)
  expect(memory.arenaBytes).toBeLessThanOrEqual(memory.unsharedBytes)
  expect(memory.arenaBytes).toBeGreaterThan(0)
})

test('as a text it has a line for each kernel', () => {
  const { step, x, y } = network()
  const program = compile(step, { threads: 1 }).programFor(x, y)
  const lines = String(program.explain()).split('\n')
  expect(lines[0]).toBe('2 inputs, 12 parameters (12 assigned, 0 with a gradient left), 1 output; 1 thread')
  expect(lines[1]).toMatch(/^nodes: \d+ traced, /)
  expect(lines[2]).toMatch(/^memory: \S+ k?B stay, \S+ k?B between them \(\S+ k?B if nothing were shared\)/)
  expect(lines).toHaveLength(5 + program.schedule.kernels.length)
  for (const [k, { name }] of program.schedule.kernels.entries()) expect(lines[5 + k]).toContain(name)
})

test('looking and timing change nothing', () => {
  const [one, two] = [network(), network()]
  const [run, looked] = [compile(one.step), compile(two.step)]
  for (let i = 0; i < 5; i++) {
    const before = JSON.stringify([nn.stateOf(two.model), two.optimizer.state])
    const data = looked.programFor(two.x, two.y).explain({ time: true }).toJSON()
    expect(data.kernels.every(({ milliseconds }) => milliseconds! >= 0)).toBe(true)
    expect(JSON.stringify([nn.stateOf(two.model), two.optimizer.state])).toBe(before)
    expect(looked(two.x, two.y).item()).toBe(run(one.x, one.y).item())
  }
  const text = String(looked.programFor(two.x, two.y).explain({ time: true }))
  expect(text).toMatch(/\d kernels, \S+ ms on one thread:/)
})

test('what was fused, what the host runs, the turns of loops and gradients that are left are in it', () => {
  const x = new Rng(0).normal([30, 40]) as Tensor
  const fused = compile((v: Tensor) => v.mul(2).add(1).tanh().sum())
    .programFor(x)
    .explain()
    .toJSON()
  expect(fused.kernels[0]!.name).toMatch(/mul, add, tanh, sum/)
  const hosted = compile((v: Tensor) => v.sort(1))
    .programFor(x)
    .explain()
  expect(hosted.toJSON().kernels.some(({ isHosted }) => isHosted)).toBe(true)
  expect(String(hosted)).toContain('by the host')
  const w = new Parameter(new Rng(1).normal([40, 40]), 'w')
  const loop = compile((v: Tensor) => {
    const [last] = scan(
      (h: Tensor, row: Tensor) =>
        [
          h
            .matmul(w as never)
            .add(row as never)
            .tanh() as Tensor,
          null,
        ] as const,
      v.slice([0, 1]).mul(0) as Tensor,
      v,
    )
    return last
  })
  const text = String(loop.programFor(x).explain())
  expect(text).toContain('30 turns')
  const left = compile((v: Tensor) =>
    w
      .mul(v.sum() as never)
      .sum()
      .backward(),
  )
  expect(left.programFor(x).explain().toJSON()).toMatchObject({ assigned: 0, gradients: 1, outputs: 0 })
})

test('which kernels threads share', () => {
  forced.isThreaded = true
  const program = compile((v: Tensor) => v.mul(2), { threads: 2 }).programFor(
    new Rng(0).normal([300, 400]) as Tensor,
  )
  expect(program.explain().toJSON()).toMatchObject({ threads: 2, kernels: [{ isDivided: true }] })
  expect(String(program.explain())).toContain('shared')
})
