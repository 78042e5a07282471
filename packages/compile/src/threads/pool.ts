/** The threads of programs: workers that are started once, and asleep while no program runs. */

import type { WasmMemory, WasmModule } from '@adjoint/core/wasm'
import { workerSource } from './workerSource.ts'

/** More threads than this would only wait for each other. */
export const MOST_THREADS = 64

/** The words of `control`, shared with the workers: what the last call was for. */
const PROGRAM = 0
const THREADS = 1
/** The messages that were posted to every worker, and, from here on, how many each of them has heard before it served. */
const POSTED = 2
const HEARD = 16
/**
 * From here on, how often each worker was called. One that a program does not need is not called: it might wake up when the
 * next program has been called already, and nobody waits for it.
 */
const CALLS = HEARD + MOST_THREADS

/** A worker, of Node or of a page. */
interface Worker {
  postMessage(message: unknown): void
  unref?(): void
  on?(event: 'error', listener: () => void): void
}

/** A program that the workers have, or soon have. */
export interface Joined {
  readonly id: number
  readonly memory: WasmMemory
  readonly ready: Int32Array
}

/** The hosts that workers live in, as far as they are used here. */
interface Host {
  readonly process?: {
    getBuiltinModule?: (name: string) => unknown
  }
  readonly navigator?: { readonly hardwareConcurrency?: number }
  readonly crossOriginIsolated?: boolean
  readonly Worker?: new (url: string) => Worker
  readonly Blob?: new (parts: readonly string[], options: { type: string }) => object
  readonly URL?: { createObjectURL(blob: object): string }
  readonly SharedArrayBuffer?: typeof SharedArrayBuffer
}

const host = globalThis as unknown as Host

/** How many threads the machine runs at once; 1 where memory cannot be shared between threads. */
export function availableThreads(): number {
  if (host.SharedArrayBuffer === undefined || makeWorker === undefined) return 1
  const os = builtin<{ availableParallelism(): number }>('node:os')
  return Math.min(os?.availableParallelism() ?? host.navigator?.hardwareConcurrency ?? 1, MOST_THREADS)
}

function builtin<T>(name: string): T | undefined {
  return host.process?.getBuiltinModule?.(name) as T | undefined
}

/** How a worker comes into being here; `undefined` where there is no way. */
const makeWorker: (() => Worker) | undefined = workerMaker()

function workerMaker(): (() => Worker) | undefined {
  const node = builtin<{
    Worker: new (source: string, options: object) => Worker
  }>('node:worker_threads')
  if (node !== undefined) {
    return () => {
      const worker = new node.Worker(workerSource, { eval: true, stdout: false, stderr: false, execArgv: [] })
      // A sleeping worker must not keep the process from ending.
      worker.unref?.()
      // One that does not start is never ready: programs stay on one thread.
      worker.on?.('error', () => undefined)
      return worker
    }
  }
  const { Worker, Blob, URL } = host
  if (host.crossOriginIsolated !== true || !Worker || !Blob || !URL) return undefined
  return () => new Worker(URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' })))
}

/** All workers of this process or page. */
class Pool {
  readonly #workers: Worker[] = []
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * (CALLS + MOST_THREADS)))
  #programs = 0
  #isRefused = false

  constructor() {
    // A worker that has not begun has heard 0 messages.
    Atomics.store(this.#control, POSTED, 1)
  }

  /** Number of threads, the calling one included. */
  get threads(): number {
    return this.#workers.length + 1
  }

  /** Starts workers until there are enough for so many threads. Programs that joined before stay with those they have. */
  grow(threads: number): void {
    while (!this.#isRefused && this.threads < threads) {
      let worker: Worker
      try {
        worker = makeWorker!()
      } catch {
        // No leave to start any (Node's permissions, a page's content policy): programs stay on one thread.
        this.#isRefused = true
        return
      }
      this.#workers.push(worker)
      const heard = Atomics.load(this.#control, POSTED)
      worker.postMessage({ start: { control: this.#control, thread: this.#workers.length, heard } })
    }
  }

  /** Hands a program to the workers. They have it some time later: see {@link isReady}. */
  add(module: WasmModule, memory: WasmMemory): Joined {
    const id = ++this.#programs
    this.#send(worker => worker.postMessage({ add: { id, module, memory } }))
    return { id, memory, ready: new Int32Array(memory.buffer as SharedArrayBuffer) }
  }

  /** Takes a program back. */
  drop(id: number): void {
    this.#send(worker => worker.postMessage({ drop: id }))
  }

  /** Whether the workers can run a program now. */
  isReady({ ready }: Joined, threads: number): boolean {
    const posted = Atomics.load(this.#control, POSTED)
    for (let thread = 1; thread < threads; thread++) {
      if (Atomics.load(this.#control, HEARD + thread) !== posted) return false
    }
    return Atomics.load(ready, 0) >= threads - 1
  }

  /** Waits, busily, until the workers can run a program, for so many milliseconds at most. */
  wait(joined: Joined, threads: number, milliseconds: number): void {
    const latest = Date.now() + milliseconds
    while (!this.isReady(joined, threads) && Date.now() < latest);
  }

  /** Calls the workers to a program; the caller has to take part as thread 0. */
  call({ id }: Joined, threads: number): void {
    const control = this.#control
    Atomics.store(control, PROGRAM, id)
    Atomics.store(control, THREADS, threads)
    for (let thread = 1; thread < threads; thread++) this.#wake(thread)
  }

  /** Has the workers listen, and gives them something to hear; they serve again after it. */
  #send(post: (worker: Worker) => void): void {
    Atomics.add(this.#control, POSTED, 1)
    for (const [at, worker] of this.#workers.entries()) {
      this.#wake(at + 1)
      post(worker)
    }
  }

  #wake(thread: number): void {
    Atomics.add(this.#control, CALLS + thread, 1)
    Atomics.notify(this.#control, CALLS + thread)
  }
}

let pool: Pool | undefined

/** The pool of this process or page, made when it is first asked for. */
export function threadPool(threads: number): Pool {
  pool ??= new Pool()
  pool.grow(threads)
  return pool
}
