/** All subjects: what they can do, and which process does it. */

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installPeer, type Peer } from './peers.ts'
import { findPython } from './python.ts'
import { HAND_WRITTEN } from './subjects/handWrittenTasks.ts'
import type { Family } from './workload.ts'

/** A process to start. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** One way to do the work. */
export interface Subject {
  readonly name: string
  readonly families: readonly Family[]
  /** Which peer of `--peers` it is; undefined for what belongs to the bench. */
  readonly peer?: string
  /** Whether it is Adjoint, which `--against` compares. */
  readonly isAdjoint: boolean
  /** Whether it is a bar to compare with and does not do the work. */
  readonly isLimit: boolean
  /** The worker for a workload, or the process that starts, computes one gradient and ends; `root` is the workspace. */
  readonly command: (role: 'worker' | 'coldStart', root: string) => Command | { readonly unavailable: string }
}

/** The workspace that this bench belongs to. */
export const ROOT: string = fileURLToPath(new URL('../../..', import.meta.url))

const CORES = availableParallelism()

const ALL: readonly Family[] = [
  'perceptron',
  'convolution',
  'lstm',
  'gru',
  'transformer',
  'matmul',
  'tanhSigmoid',
  'softmax',
  'tanh',
  'sum',
  'add',
  'hessianVectorProduct',
]
const ONCE_DIFFERENTIABLE = ALL.filter(family => family !== 'hessianVectorProduct')
/** One small op is no work for a compiler or for threads. */
const WITHOUT_ADD = ALL.filter(family => family !== 'add')

/** One thread for every library that reads one of these. */
function threads(count: number): Readonly<Record<string, string>> {
  const value = String(count)
  return { OMP_NUM_THREADS: value, OPENBLAS_NUM_THREADS: value, MKL_NUM_THREADS: value }
}

/** Node with the flags of this process. */
function node(path: string, ...args: string[]): Command {
  return { file: process.execPath, args: [...process.execArgv, path, ...args] }
}

/** A worker of this package: its source when this file is run from source, which is what tests do, else what was built. */
function worker(root: string, name: string, ...args: string[]): Command {
  const path = import.meta.url.endsWith('.ts') ? `src/subjects/${name}.ts` : `dist/subjects/${name}.js`
  return node(join(root, 'packages/bench', path), ...args)
}

function adjoint(kind: 'eager' | 'compiled', count: number, blas: boolean): Subject {
  const args = [kind, ...(count > 1 ? ['--threads', 'all'] : []), ...(blas ? ['--blas'] : [])]
  return {
    name: `adjoint ${kind}${blas ? ' + BLAS' : ''}${count > 1 ? `, ${count} threads` : ''}`,
    families: kind === 'eager' && !blas ? ALL : WITHOUT_ADD,
    isAdjoint: true,
    isLimit: false,
    command: (role, root) => ({
      ...worker(root, role === 'worker' ? 'adjoint' : 'adjointColdStart', ...args),
      env: threads(count),
    }),
  }
}

function javaScriptPeer(
  name: string,
  peer: Peer,
  file: string,
  families: readonly Family[],
  ...args: string[]
): Subject {
  return {
    name,
    families,
    peer,
    isAdjoint: false,
    isLimit: false,
    command: role => {
      const installed = installPeer(peer)
      if ('unavailable' in installed) return installed
      return node(join(ROOT, 'packages/bench/peers', file), installed.folder, role, ...args)
    },
  }
}

function pythonPeer(
  name: string,
  module: 'torch' | 'numpy',
  families: readonly Family[],
  count: number,
): Subject {
  return {
    name,
    families,
    peer: module,
    isAdjoint: false,
    isLimit: false,
    command: role => {
      const python = findPython(module)
      if ('unavailable' in python) return python
      const path = join(ROOT, `packages/bench/python/${module}_worker.py`)
      const env = { ...threads(count), PYTHONDONTWRITEBYTECODE: '1' }
      return { file: python.command, args: [path, role, String(count)], env }
    },
  }
}

function limit(kind: 'plain' | 'relaxed'): Subject {
  return {
    name: `limit: WebAssembly ${kind === 'plain' ? 'multiply, add' : 'relaxed multiply-add'}`,
    families: ['matmul'],
    isAdjoint: false,
    isLimit: true,
    command: (_, root) => worker(root, 'limit', kind),
  }
}

const several = CORES > 1

/** All subjects, in the order of the tables. */
export const SUBJECTS: readonly Subject[] = [
  adjoint('eager', 1, false),
  adjoint('eager', 1, true),
  ...(several ? [adjoint('eager', CORES, true)] : []),
  adjoint('compiled', 1, false),
  ...(several ? [adjoint('compiled', CORES, false)] : []),
  adjoint('compiled', 1, true),
  ...(several ? [adjoint('compiled', CORES, true)] : []),
  {
    name: 'hand-written JS',
    families: HAND_WRITTEN,
    isAdjoint: false,
    isLimit: false,
    command: (role, root) =>
      role === 'worker' ? worker(root, 'handWritten') : { file: process.execPath, args: ['-e', '0'] },
  },
  javaScriptPeer('TensorFlow.js cpu', 'tfjs', 'tensorflowJs.mjs', ONCE_DIFFERENTIABLE, 'cpu'),
  javaScriptPeer('TensorFlow.js wasm', 'tfjs', 'tensorflowJs.mjs', ONCE_DIFFERENTIABLE, 'wasm'),
  javaScriptPeer('jax-js jit', 'jax-js', 'jaxJs.mjs', WITHOUT_ADD),
  javaScriptPeer('js-pytorch', 'js-pytorch', 'jsPytorch.mjs', ['perceptron', 'matmul', 'add']),
  pythonPeer('PyTorch, 1 thread', 'torch', ALL, 1),
  ...(several ? [pythonPeer(`PyTorch, ${CORES} threads`, 'torch', WITHOUT_ADD, CORES)] : []),
  pythonPeer('numpy by hand', 'numpy', ['perceptron', 'lstm', 'matmul', 'tanhSigmoid', 'softmax', 'sum'], 1),
  limit('plain'),
  limit('relaxed'),
]
