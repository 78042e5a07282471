import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as nodeFs from 'node:fs'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Parameter, Rng, type RngState, Tensor, tensor, zeros } from '@adjoint/core'
import {
  type CheckpointTree,
  decodeCheckpoint,
  encodeCheckpoint,
  FileError,
  FormatError,
  loadCheckpoint,
  readSafetensors,
  saveCheckpoint,
  writeSafetensors,
} from '@adjoint/data'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FileSystem, writeFileBytes } from '../src/files/nodeFiles.ts'
import { anyTree, bitsOf, sameTree } from './support.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'adjoint-checkpoint-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('a tree', () => {
  test('comes back as it was, whatever it holds', () => {
    fc.assert(
      fc.property(anyTree, tree => {
        const bytes = encodeCheckpoint(tree)
        expect(sameTree(decodeCheckpoint(bytes), tree)).toBe(true)
        expect(encodeCheckpoint(tree)).toEqual(bytes)
      }),
    )
  })

  test('numbers are exact', () => {
    const numbers = [
      Number.NaN,
      -0,
      0,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      5e-324,
      2 ** 53 + 2,
      0.1,
      1e21,
    ]
    const read = decodeCheckpoint(encodeCheckpoint(numbers)) as number[]
    expect(read.map((value, at) => Object.is(value, numbers[at]))).toEqual(numbers.map(() => true))
    expect(decodeCheckpoint(encodeCheckpoint([2n ** 200n, -1n]))).toEqual([2n ** 200n, -1n])
  })

  test('of a training run goes through a file', () => {
    const rng = new Rng(7)
    rng.next()
    const weight = new Parameter(tensor([[1.5, Number.NaN]]), 'weight')
    const file = join(folder, 'run.safetensors')
    saveCheckpoint(file, {
      model: { 'layers.0.weight': weight },
      rng: rng.state,
      epoch: 3,
      best: null,
    })
    type Saved = { model: { [path: string]: Tensor }; rng: RngState; epoch: number }
    const { model, rng: state, epoch } = loadCheckpoint<Saved>(file)
    expect(epoch).toBe(3)
    expect(new Rng(state).next()).toBe(rng.next())
    const read = model['layers.0.weight']!
    expect(read).toBeInstanceOf(Tensor)
    expect(read).not.toBeInstanceOf(Parameter)
    expect(bitsOf(read)).toEqual(bitsOf(weight))
    // Anyone who reads safetensors finds the tensors by their paths.
    expect(Object.keys(readSafetensors(readFileSync(file)).tensors)).toEqual(['model.layers.0.weight'])
  })

  test('keeps tensors apart whose paths read the same, and one tensor one', () => {
    const x = tensor([1])
    const tree = { a: { 'b.c': x }, 'a.b': { c: tensor([2]) }, again: x, __metadata__: tensor([3]) }
    const read = decodeCheckpoint(encodeCheckpoint(tree)) as unknown as typeof tree
    expect(read.a['b.c'].toArray()).toEqual([1])
    expect(read['a.b'].c.toArray()).toEqual([2])
    expect(read.again).toBe(read.a['b.c'])
    expect(read.__metadata__.toArray()).toEqual([3])
  })

  test('with keys that look like those of the file', () => {
    const tree = { tensor: 'x', record: [['a', 1]], number: 'NaN', bigint: '1', '': [[]], constructor: 1 }
    expect(decodeCheckpoint(encodeCheckpoint(tree))).toEqual(tree)
  })

  test('may be as deep as 199 levels', () => {
    const deep = (levels: number): CheckpointTree => {
      let tree: CheckpointTree = 1
      for (let level = 0; level < levels; level++) tree = [tree]
      return tree
    }
    expect(decodeCheckpoint(encodeCheckpoint(deep(199)))).toEqual(deep(199))
    expect(() => encodeCheckpoint(deep(201))).toThrow('more than 200 levels deep')
  })

  const cycle: { self?: unknown } = {}
  cycle.self = cycle

  test.each([
    [{ a: [1, undefined] }, '"a.1": found undefined'],
    [{ f: () => 1 }, '"f": found a function'],
    [{ m: new Map() }, '"m": found an instance of Map'],
    [new Rng(1), 'encodeCheckpoint: found an instance of Rng'],
    [cycle, '"self": the tree contains itself here'],
    [JSON.parse('{"__proto__": 1}'), 'the key "__proto__" is not a safe one'],
    ['\ud800', 'has a lone surrogate'],
    [10n ** 10_001n, 'the whole number is too long'],
  ])('%#: is refused when it holds anything else', (tree, message) => {
    expect(() => encodeCheckpoint(tree)).toThrow(message)
    expect(() => encodeCheckpoint(tree)).toThrow('stateOf(model)')
  })
})

describe('files that are no checkpoints', () => {
  const made = (tree: string, tensors: Record<string, Tensor> = {}): Uint8Array =>
    writeSafetensors(tensors, { format: 'adjoint-checkpoint', version: '1', tree })

  test.each([
    [writeSafetensors({}), 'this safetensors file is no checkpoint; read it with readSafetensors'],
    [
      writeSafetensors({}, { format: 'adjoint-checkpoint', version: '2' }),
      'a checkpoint of version "2" cannot be read',
    ],
    [writeSafetensors({}, { format: 'adjoint-checkpoint', version: '1' }), 'its tree is not JSON'],
    [made('{"a":1'), 'its tree is not JSON'],
    [made('{"record":[],"record":[]}'), 'its tree has "record" twice'],
    [made('{"a":1}'), 'the tree holds what no checkpoint has: "a"'],
    [made('{"number":"1"}'), 'the tree holds what no checkpoint has'],
    [made('{"bigint":"01"}'), 'the tree holds what no checkpoint has'],
    [made(`{"bigint":"${'9'.repeat(10_001)}"}`), 'the whole number is too long'],
    [made('{"record":[["a"]]}'), 'an entry of the tree is no pair'],
    [made('{"record":[["a",1],["a",2]]}'), 'the key "a" is there twice'],
    [made('{"record":[["__proto__",1]]}'), 'the key "__proto__" is not a safe one'],
    [made('{"tensor":"w"}'), 'the file lacks the tensor "w"'],
    [made('{"tensor":"constructor"}'), 'the file lacks the tensor "constructor"'],
    [made('1', { w: tensor([1]) }), '"w": this tensor has no place in the tree'],
    [made('['.repeat(50_000) + ']'.repeat(50_000)), 'more than 200 levels deep'],
    [made(`{"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`), 'the tree holds what no checkpoint has: "x"'],
  ])('%#: %s', (bytes, message) => {
    expect(() => decodeCheckpoint(bytes)).toThrow(FormatError)
    expect(() => decodeCheckpoint(bytes)).toThrow(message)
  })
})

describe('a file is replaced as a whole or not at all', () => {
  const CALLS = ['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync'] as const

  /** The real functions, one of which fails; a write of the half when it is the write. */
  const failing = (name: (typeof CALLS)[number]): FileSystem => ({
    ...nodeFs,
    [name]: (...values: never[]) => {
      if (name === 'writeSync') nodeFs.writeSync(values[0]!, (values[1]! as Uint8Array).subarray(0, 5))
      throw Object.assign(new Error('planted'), { code: 'EIO' })
    },
  })

  test.each(CALLS)('when %s fails, the old file is there and no other', name => {
    const file = join(folder, 'x')
    writeFileSync(file, 'old')
    const write = () => writeFileBytes('save', file, new Uint8Array(100), failing(name))
    expect(write).toThrow(FileError)
    expect(write).toThrow(/save: .*x: cannot be written \(planted\)/)
    expect(readFileSync(file, 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['x'])
  })

  test('short writes go on where they stopped', () => {
    const file = join(folder, 'x')
    const short: FileSystem = {
      ...nodeFs,
      writeSync: ((handle: number, bytes: Uint8Array, at: number, length: number) =>
        nodeFs.writeSync(handle, bytes, at, Math.min(length, 7))) as FileSystem['writeSync'],
    }
    const bytes = Uint8Array.from({ length: 100 }, (_, at) => at)
    writeFileBytes('save', file, bytes, short)
    expect(new Uint8Array(readFileSync(file))).toEqual(bytes)
  })

  test('the bytes are on the disk before the name is', () => {
    const calls: string[] = []
    const watched = Object.fromEntries(
      Object.entries(nodeFs).map(([name, f]) => [
        name,
        typeof f !== 'function'
          ? f
          : (...values: never[]) => {
              calls.push(name)
              return (f as (...values: never[]) => unknown)(...values)
            },
      ]),
    ) as unknown as FileSystem
    writeFileBytes('save', join(folder, 'x'), new Uint8Array(3), watched)
    expect(calls.slice(0, 6)).toEqual([
      'realpathSync',
      'openSync',
      'writeSync',
      'fsyncSync',
      'closeSync',
      'renameSync',
    ])
    // Then the folder.
    expect(calls.slice(6)).toEqual(['openSync', 'fsyncSync', 'closeSync'])
  })

  test('a link stays a link', () => {
    writeFileSync(join(folder, 'real'), 'old')
    symlinkSync(join(folder, 'real'), join(folder, 'link'))
    saveCheckpoint(join(folder, 'link'), 1)
    expect(loadCheckpoint(join(folder, 'real'))).toBe(1)
  })

  test('a process that is killed while it writes leaves the old file or the new one', async () => {
    const file = join(folder, 'x')
    saveCheckpoint(file, { step: 0, weight: zeros([300_000]) })
    const program = fileURLToPath(new URL('writeForever.ts', import.meta.url))
    for (let kill = 0; kill < 3; kill++) {
      const child = spawn(
        process.execPath,
        ['--conditions=@adjoint/source', '--import', 'tsx', program, file],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      const ended = once(child, 'exit')
      await once(child.stdout!, 'data')
      await new Promise(resolve => setTimeout(resolve, 20 + 31 * kill))
      child.kill('SIGKILL')
      await ended
      const { step, weight } = loadCheckpoint<{ step: number; weight: Tensor }>(file)
      expect(step).toBeGreaterThan(0)
      expect(new Set(weight.data())).toEqual(new Set([step]))
    }
  })
})
