/** Puts a native library to use, and says which one it is. */

import { availableParallelism } from 'node:os'
// All of core, so that its own kernels are there already and these go in front of them.
import { ArgumentError, matmul, Rng } from '@adjoint/core'
import { expectOptions, provideKernel, provideNativeMatrixProduct } from '@adjoint/core/engine'
import { type Candidate, candidates } from './candidates.ts'
import { type Library, openLibrary } from './library.ts'
import { matmulKernel } from './matmulKernel.ts'

/** Settings of {@link useBlas}. */
export interface BlasOptions {
  /** Path of a library, or a name for the system's loader. Default: what `ADJOINT_BLAS` names, else the first that is found. */
  readonly library?: string
  /**
   * Threads that one product may take; `'all'` is one per core. Default: what the library takes by itself, which can be
   * set from outside by `OPENBLAS_NUM_THREADS`, `MKL_NUM_THREADS` and the like.
   */
  readonly threads?: number | 'all'
}

/** What multiplies matrices, see {@link blasInUse}. As text it is one line. */
export interface BlasReport {
  /** For example `'OpenBLAS 0.3.21'`; `undefined` when there is none. */
  readonly library: string | undefined
  readonly path: string | undefined
  /** `undefined` when there is no library, or it does not say. */
  readonly threads: number | undefined
  /** What was tried before and why it is not used, for example `'libopenblas.so.0: ...'`. */
  readonly passedOver: readonly string[]
  /** `'OpenBLAS 0.3.21, 2 threads (/usr/lib/libopenblas.so.0)'` or `'none: WebAssembly kernels are used'`. */
  toString(): string
}

interface Use {
  readonly library: Library
  /** As it was found, to be put back. */
  readonly threads: number | undefined
  readonly takeBack: readonly (() => void)[]
}

/** `undefined` when no library is in use. */
let current: Use | undefined
/** Why there is none, when somebody named one or wanted none. */
let because: string | undefined
let passedOver: readonly string[] = []

/**
 * Multiplies matrices by a BLAS of the system from here on: OpenBLAS, MKL, BLIS or Accelerate, whichever is found first.
 * That is for `matmul` of float32 and float64 tensors in front of every other kernel, and for compiled programs. Without
 * such a library nothing changes, and nothing is thrown. `ADJOINT_BLAS=off` in the environment means none, a path or name
 * there means that library and no other.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { stopBlas, useBlas } from '@adjoint/blas'
 * console.log(`${useBlas({ threads: 1 })}`) // OpenBLAS 0.3.21, 1 thread (/usr/lib/x86_64-linux-gnu/libopenblas.so.0)
 * tensor([[1, 2], [3, 4]]).matmul(tensor([[1], [10]])).toArray() // => [[21], [43]]
 * stopBlas()
 * ```
 * @throws ArgumentError for options that are none.
 */
export function useBlas(options: BlasOptions = {}): BlasReport {
  expectOptions('useBlas', options, ['library', 'threads'])
  const threads = expectThreads(options.threads)
  if (options.library !== undefined && typeof options.library !== 'string')
    throw new ArgumentError('useBlas', 'takes the path or name of a library as text.')
  stopBlas()
  const library = find(options.library)
  if (library !== undefined) current = begin(library, threads)
  return blasInUse()
}

/** Leaves matrices to core's own kernels again. Does nothing when no library is in use. */
export function stopBlas(): void {
  if (current !== undefined) {
    for (const takeBack of current.takeBack) takeBack()
    if (current.threads !== undefined) current.library.setThreads(current.threads)
  }
  current = undefined
  because = undefined
  passedOver = []
}

/**
 * What multiplies matrices now.
 *
 * @example
 * ```ts
 * import { blasInUse } from '@adjoint/blas'
 * `${blasInUse()}` // => 'none: WebAssembly kernels are used'
 * ```
 */
export function blasInUse(): BlasReport {
  const library = current?.library
  const threads = library?.threads()
  const line =
    library === undefined
      ? `none: WebAssembly kernels are used${because === undefined ? '' : ` (${because})`}`
      : `${library.name}${inWords(threads)} (${library.path})`
  return { library: library?.name, path: library?.path, threads, passedOver, toString: () => line }
}

function inWords(threads: number | undefined): string {
  if (threads === undefined) return ''
  return threads === 1 ? ', 1 thread' : `, ${threads} threads`
}

/** The library that is named, or else the first of the system's that is of use. */
function find(option: string | undefined): Library | undefined {
  const environment = process.env.ADJOINT_BLAS
  if (environment === 'off') {
    because = 'ADJOINT_BLAS is off'
    return undefined
  }
  const name = option || environment || undefined
  const refused: string[] = []
  passedOver = refused
  for (const candidate of name === undefined ? candidates() : [{ name }]) {
    try {
      return opened(candidate)
    } catch (error) {
      refused.push(`${candidate.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (name !== undefined) because = refused[0]
  return undefined
}

function opened({ name, isUnknown }: Candidate): Library {
  const library = openLibrary(name)
  if (isUnknown && !isFaster(library)) throw new Error('is slower than the kernels of core')
  return library
}

const TRIAL_SIZE = 128
const TRIALS = 5

/** Whether a library multiplies faster than matmul does without it: there are some that are written for clarity. */
function isFaster({ float32 }: Library): boolean {
  const x = new Rng(0).uniform([TRIAL_SIZE, TRIAL_SIZE])
  const a = x.data() as Float32Array
  const c = new Float32Array(x.size)
  const n = TRIAL_SIZE
  const native = shortest(() => float32.matrix(false, false, n, n, n, 1, a, 0, n, a, 0, n, 0, c, 0, n))
  return native < shortest(() => matmul(x, x))
}

/** Milliseconds of the fastest run. */
function shortest(run: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < TRIALS; i++) {
    const start = performance.now()
    run()
    best = Math.min(best, performance.now() - start)
  }
  return best
}

function begin(library: Library, threads: number | undefined): Use {
  const before = library.threads()
  if (threads !== undefined) library.setThreads(threads)
  const takeBack = [
    provideKernel('matmul', 'float32', matmulKernel(library.float32)),
    provideKernel('matmul', 'float64', matmulKernel(library.float64)),
    provideNativeMatrixProduct({
      name: library.name,
      threads: library.threads(),
      float32: library.float32.matrix,
      float64: library.float64.matrix,
    }),
  ]
  return { library, threads: before, takeBack }
}

function expectThreads(threads: BlasOptions['threads']): number | undefined {
  if (threads === 'all') return availableParallelism()
  if (threads === undefined || (Number.isInteger(threads) && threads >= 1)) return threads
  throw new ArgumentError('useBlas', `threads must be a whole number from 1 on or 'all', got ${threads}.`)
}
