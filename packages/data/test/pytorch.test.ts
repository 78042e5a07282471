// Files that a real PyTorch wrote, and files that a real PyTorch reads. What the layers make of the weights is a matter of
// @adjoint/nn, which reads the same fixtures.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  add,
  type DType,
  div,
  matmul,
  mul,
  reshape,
  sqrt,
  sub,
  type Tensor,
  take,
  tensor,
  transpose,
} from '@adjoint/core'
import { readSafetensorsFile, writeSafetensorsFile } from '@adjoint/data'
import { describe, expect, test } from 'vitest'
import { optionalTests } from './support.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/pytorch/${name}`, import.meta.url))

describe('a state_dict of PyTorch 1.13', () => {
  const { tensors: state, metadata } = readSafetensorsFile(fixture('model.safetensors'))
  const { tensors: examples } = readSafetensorsFile(fixture('examples.safetensors'))

  const apart = (a: Tensor, b: Tensor): number => Math.max(...sub(a, b).data().map(Math.abs))

  test('has the names and layouts of PyTorch', () => {
    expect(metadata.torch).toMatch(/^1\.13/)
    expect(Object.keys(state).length).toBe(34)
    expect(state['linear.weight']!.shape).toEqual([4, 5])
    expect(state['conv.weight']!.shape).toEqual([6, 2, 3, 3])
    expect(state['lstm.weight_ih_l1_reverse']!.shape).toEqual([12, 6])
    expect(state['gru.weight_hh_l0']!.shape).toEqual([15, 5])
    expect(state['attention.in_proj_weight']!.shape).toEqual([24, 8])
    expect(state['norm.num_batches_tracked']!.dtype).toBe('int32')
    expect(state['norm.num_batches_tracked']!.item()).toBe(1)
  })

  test('holds the numbers that PyTorch computed with', () => {
    const linear = add(
      matmul(examples['linear.input']!, transpose(state['linear.weight']!)),
      state['linear.bias']!,
    )
    expect(apart(linear, examples['linear.output']!)).toBeLessThan(1e-6)
    const column = (name: string): Tensor => reshape(state[`norm.${name}`]!, [6, 1, 1])
    const centered = sub(examples['conv.output']!, column('running_mean'))
    const norm = add(
      mul(div(centered, sqrt(add(column('running_var'), 1e-5))), column('weight')),
      column('bias'),
    )
    expect(apart(norm, examples['norm.output']!)).toBeLessThan(1e-6)
    const embedded = take(state['embedding.weight']!, examples['embedding.input']!, 0)
    expect(apart(embedded, examples['embedding.output']!)).toBe(0)
  })
})

const python = ['python3', '/usr/bin/python3'].find(
  command => spawnSync(command, ['-c', 'import torch']).status === 0,
)

describe('a real PyTorch', () => {
  const { present, absent } = optionalTests(python !== undefined)
  const script = fixture('generate.py')

  const run = (...values: string[]): string => {
    const { status, stdout, stderr } = spawnSync(python!, ['-B', script, ...values], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    if (status !== 0) throw new Error(stderr)
    return stdout
  }

  present('writes files of the same form', () => {
    const folder = mkdtempSync(join(tmpdir(), 'adjoint-pytorch-'))
    run(folder)
    for (const name of ['model.safetensors', 'examples.safetensors']) {
      const made = readSafetensorsFile(join(folder, name)).tensors
      const kept = readSafetensorsFile(fixture(name)).tensors
      const form = (tensors: Record<string, Tensor>) =>
        Object.entries(tensors).map(([name, { shape, dtype }]) => [name, shape, dtype])
      expect(form(made)).toEqual(form(kept))
    }
    // The version that made the fixture makes it again to the bit.
    const [made, kept] = [join(folder, 'model.safetensors'), fixture('model.safetensors')]
    const isSameVersion =
      readSafetensorsFile(made).metadata.torch === readSafetensorsFile(kept).metadata.torch
    if (isSameVersion) expect(readFileSync(made).equals(readFileSync(kept))).toBe(true)
    rmSync(folder, { recursive: true })
  })

  present('reads what is written here', () => {
    const folder = mkdtempSync(join(tmpdir(), 'adjoint-pytorch-'))
    const file = join(folder, 'x.safetensors')
    const tensors: Record<string, Tensor> = {
      'layer.weight': tensor([
        [1.5, -2],
        [0.1, 1e30],
      ]),
      precise: tensor([0.1, 5e-324], { dtype: 'float64' }),
      whole: tensor([-(2 ** 31), 7], { dtype: 'int32' }),
      truth: tensor([true, false]),
      empty: tensor([], { shape: [0, 3] }) as Tensor,
      single: tensor(3),
    }
    writeSafetensorsFile(file, tensors, { note: 'from Adjoint' })
    const facts = JSON.parse(run('--read', file)) as Record<
      string,
      { dtype: DType; shape: number[]; values: number[] }
    >
    expect(Object.keys(facts).sort()).toEqual(Object.keys(tensors).sort())
    for (const [name, x] of Object.entries(tensors)) {
      const { dtype, shape, values } = facts[name]!
      expect(dtype).toBe(x.dtype)
      expect(shape).toEqual(x.shape)
      expect(values.map(Number)).toEqual([...x.data()])
    }
    rmSync(folder, { recursive: true })
  })

  absent('PyTorch is not installed (python3 -c "import torch" fails): its files are fixtures', () => {})
})
