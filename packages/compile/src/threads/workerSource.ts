/**
 * What a worker runs. The function is handed over as text, so it must not use anything from outside of itself.
 *
 * A worker is either serving, asleep or busy with a program and deaf to messages, or listening for them. The page's or
 * process's thread calls it by writing to `control`; see `pool.ts` for the words there.
 */
function serve(): void {
  interface Port {
    postMessage(message: unknown): void
    onmessage?: (event: { data: unknown }) => void
    on?(name: 'message', listener: (data: unknown) => void): void
  }
  interface Message {
    readonly start?: { control: Int32Array<ArrayBuffer>; thread: number; heard: number }
    readonly add?: {
      readonly id: number
      readonly module: object
      readonly memory: { readonly buffer: ArrayBufferLike }
    }
    readonly drop?: number
  }
  type Run = (thread: number, threads: number) => void
  const scope = globalThis as unknown as {
    process?: { getBuiltinModule?: (name: string) => { parentPort: Port } }
    WebAssembly: { Instance: new (module: object, imports: object) => { exports: { run: Run } } }
  } & Port
  const port: Port = scope.process?.getBuiltinModule?.('node:worker_threads').parentPort ?? scope
  const programs = new Map<number, Run>()
  let control = new Int32Array(0)
  let thread = 0
  let heard = 0
  const [PROGRAM, THREADS, POSTED, HEARD, CALLS] = [0, 1, 2, 16, 80] as const
  // About a tenth of a millisecond: the next step of a training loop comes sooner than a sleeper wakes up.
  const TURNS = 20_000

  const run = (): void => {
    const calls = CALLS + thread
    let seen = Atomics.load(control, calls)
    if (Atomics.load(control, POSTED) !== heard) return
    Atomics.store(control, HEARD + thread, heard)
    for (;;) {
      let turns = 0
      while (Atomics.load(control, calls) === seen) if (++turns > TURNS) Atomics.wait(control, calls, seen)
      seen = Atomics.load(control, calls)
      if (Atomics.load(control, POSTED) !== heard) return
      programs.get(Atomics.load(control, PROGRAM))?.(thread, Atomics.load(control, THREADS))
    }
  }
  const take = (data: unknown): void => {
    const message = data as Message
    if (message.start) ({ control, thread, heard } = message.start)
    else heard++
    if (message.drop !== undefined) programs.delete(message.drop)
    if (message.add) {
      const { id, module, memory } = message.add
      // Only the first thread calls the host.
      const host = { memory, call: () => undefined }
      programs.set(id, new scope.WebAssembly.Instance(module, { host }).exports.run)
      Atomics.add(new Int32Array(memory.buffer), 0, 1)
    }
    run()
  }
  if (port.on) port.on('message', take)
  else port.onmessage = event => take(event.data)
}

/** The text of a worker. Some tools that translate TypeScript wrap functions in a call of `__name`, which is not there. */
export const workerSource: string = `{ const __name = f => f; (${serve.toString()})() }`
