/** A compiled function for inputs of certain shapes: its memory, and what has to be done around a run. */

import { allocate, assignmentClock, copyElements, type Trace } from '@adjoint/core/engine'
import { add, GraphError, type Parameter, type Tensor } from '@adjoint/core/functional'
import { hasRelaxedSimd, PAGE_BYTES, type WasmMemory, webAssembly } from '@adjoint/core/wasm'
import { type ExplainOptions, Explanation } from './explain.ts'
import { fromTrace } from './graph/fromTrace.ts'
import type { Graph, Node } from './graph/node.ts'
import { optimized } from './passes/index.ts'
import { type Arrays, emitModule } from './plan/emit.ts'
import { BYTES_PER_ELEMENT } from './plan/kernel.ts'
import { type MemoryPlan, planMemory } from './plan/memory.ts'
import { CONTROL, CONTROL_BYTES, isWorthThreads } from './plan/run.ts'
import { type Schedule, scheduleOf } from './plan/schedule.ts'
import { Slot } from './slot.ts'
import { forced, ThreadChoice } from './threads/choice.ts'
import { availableThreads, type Joined, MOST_THREADS, threadPool } from './threads/pool.ts'

/** Settings of programs. */
export interface ProgramOptions {
  /**
   * The same bits on every machine: no multiply-add that rounds once on some processors and twice on others. Default false.
   */
  readonly reproducible?: boolean
  /**
   * How many threads may share the work of a run, `'all'` for as many as the machine runs at once. The result is the same, bit
   * by bit. Small programs stay on one, and so do all where memory cannot be shared: in pages that are not cross-origin
   * isolated. Default `'all'`.
   */
  readonly threads?: number | 'all'
}

function threadsOf({ threads = 'all' }: ProgramOptions): number {
  const available = availableThreads()
  return threads === 'all' || available === 1 ? available : Math.min(threads, MOST_THREADS)
}

/** Memory of so many pages; there are 32 bits for an address, and a machine may have less. */
function memoryOf(pages: number, threads: number): WasmMemory {
  try {
    return new webAssembly!.Memory({ initial: pages, maximum: pages, shared: threads > 1 })
  } catch {
    const size = `${((pages * PAGE_BYTES) / 2 ** 30).toFixed(1)} GiB`
    const message =
      `the program needs ${size} of memory in one piece, which cannot be had: 4 GiB is the most that WebAssembly addresses, ` +
      'and the machine may have less to give. Use smaller batches, or compile parts of the function.'
    throw new GraphError('compile', message)
  }
}

/** A function as one WebAssembly module with its own memory, which is freed with it. */
export class Program {
  readonly graph: Graph
  readonly schedule: Schedule
  readonly plan: MemoryPlan
  /** The graph before all passes, for the explanation. */
  readonly #traced: Graph
  readonly #memory: WasmMemory
  readonly #arrays: Arrays
  /** Number of threads that run the program, once they are there; 1 when more would not be faster. */
  readonly threads: number
  readonly #run: (thread: number, threads: number) => void
  readonly #control: Int32Array
  readonly #joined: Joined | undefined
  readonly #choice = new ThreadChoice()
  readonly #isForced: boolean = forced.isThreaded
  #failure: { readonly error: unknown } | undefined
  readonly #kernels: readonly KernelFunction[]
  readonly #slots: readonly Slot[]
  readonly #inputs: readonly Place[]
  readonly #outputs: readonly Place[]
  /** The inputs of the last run: tensors never change, so one that comes again is there already. */
  readonly #given: (Tensor | undefined)[]
  readonly #gradients: readonly LeftGradient[]
  /** What a run leaves: new values of parameters, and gradients. */
  readonly #leaving: readonly (Slot | LeftGradient)[]
  readonly #events: readonly (() => void)[]

  constructor(trace: Trace, options: ProgramOptions = {}) {
    this.#traced = fromTrace(trace)
    this.schedule = scheduleOf(optimized(this.#traced))
    this.graph = this.schedule.graph
    this.plan = planMemory(this.schedule, CONTROL_BYTES)
    const relaxed = options.reproducible !== true && hasRelaxedSimd()
    const wanted = threadsOf(options)
    this.threads = isWorthThreads(wanted, this.schedule.steps) ? wanted : 1
    const { threads } = this
    const emitted = emitModule(this.schedule, this.plan, { relaxed, threads }, () => this.#arrays)
    const { Module, Instance } = webAssembly!
    this.#memory = memoryOf(emitted.pages, threads)
    const { buffer } = this.#memory
    this.#arrays = {
      float32: new Float32Array(buffer),
      float64: new Float64Array(buffer),
      int32: new Int32Array(buffer),
      bool: new Uint8Array(buffer),
    }
    const module = new Module(emitted.bytes)
    const call = (index: number, step: number): void => this.#callHost(emitted.hosts[index]!, step)
    const instance = new Instance(module, { host: { memory: this.#memory, call } })
    this.#run = instance.exports.run as (thread: number, threads: number) => void
    this.#control = new Int32Array(buffer, 0, CONTROL_BYTES / 4)
    if (threads > 1) this.#joined = threadPool(threads).add(module, this.#memory)
    this.#kernels = this.schedule.kernels.map((_, k) => instance.exports[`kernel${k}`] as KernelFunction)
    for (const [node] of this.plan.addresses) if (node.value) this.#write(node.value, this.#placeOf(node))
    this.#inputs = this.graph.inputs.map(node => this.#placeOf(node))
    this.#given = this.#inputs.map(() => undefined)
    this.#outputs = this.graph.outputs.map(node => this.#placeOf(node))
    this.#slots = this.graph.parameters.map(({ parameter, node }) => {
      const { offset, array } = this.#placeOf(node)
      return new Slot(parameter, array.subarray(offset, offset + node.size))
    })
    DROPPED.register(this, { slots: this.#slots, joined: this.#joined, threads })
    this.#gradients = this.graph.parameters.flatMap(({ parameter, gradient, gradientTime: time }) =>
      gradient ? [{ parameter, place: this.#placeOf(gradient), time }] : [],
    )
    this.#leaving = this.#inOrder()
    this.#events = this.graph.events.map(({ node, run }) => {
      if (node === undefined) return () => run(NOTHING, 0)
      const { array, offset } = this.#placeOf(node)
      return () => run(array, offset)
    })
  }

  /** Everything that the program has: inputs, parameters, constants, and what lies between. */
  get buffer(): ArrayBufferLike {
    return this.#memory.buffer
  }

  /**
   * Runs the program on inputs of its shapes and dtypes, and returns its outputs as fresh tensors. When a label is out of
   * range, or something else that a primitive refuses, nothing is assigned and no step counted.
   */
  run(inputs: readonly Tensor[]): Tensor[] {
    let begun = 0
    try {
      while (begun < this.#events.length) this.#events[begun++]!()
      // After the events: an optimizer may assign in them what it remembers from a step elsewhere.
      for (let i = 0; i < this.#slots.length; i++) this.#slots[i]!.enter()
      this.#compute(inputs)
    } catch (error) {
      while (begun > 0) this.graph.events[--begun]!.undo?.()
      throw error
    }
    for (let i = 0; i < this.#leaving.length; i++) {
      const left = this.#leaving[i]!
      if (left instanceof Slot) left.leave()
      else this.#leaveGradient(left)
    }
    const outputs = new Array<Tensor>(this.#outputs.length)
    for (let i = 0; i < outputs.length; i++) outputs[i] = this.#read(this.#outputs[i]!)
    return outputs
  }

  #compute(inputs: readonly Tensor[]): void {
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i]!
      if (this.#given[i] === input) continue
      this.#write(input, this.#inputs[i]!)
      this.#given[i] = input
    }
    this.#runOnThreads()
  }

  /** Parameters that are assigned, and gradients that are left, in the order of the function. */
  #inOrder(): (Slot | LeftGradient)[] {
    const left: { readonly time: number; readonly part: Slot | LeftGradient }[] = []
    for (const [i, { assigned, assignedAt }] of this.graph.parameters.entries()) {
      if (assigned !== undefined) left.push({ time: assignedAt, part: this.#slots[i]! })
    }
    for (const part of this.#gradients) left.push({ time: part.time, part })
    return left.sort((a, b) => a.time - b.time).map(({ part }) => part)
  }

  /** What `backward()` does with a gradient: adds it to one that was taken at the same values, or takes its place. */
  #leaveGradient({ parameter, place }: LeftGradient): void {
    const gradient = this.#read(place)
    const { grad, gradTime } = parameter
    const isSamePoint =
      grad !== null && this.#gradients.every(({ parameter: { assignedAt } }) => gradTime >= assignedAt)
    parameter.grad = isSamePoint ? add(grad, gradient) : gradient
    parameter.gradTime = assignmentClock()
  }

  #runOnThreads(): void {
    const { threads } = this
    const pool = this.#joined && threadPool(threads)
    if (pool && this.#isForced) pool.wait(this.#joined!, threads, 30_000)
    if (pool?.isReady(this.#joined!, threads)) {
      const isForSeveral = this.#isForced || this.#choice.isForSeveral
      const started = now()
      if (isForSeveral) pool.call(this.#joined!, threads)
      this.#run(0, isForSeveral ? threads : 1)
      this.#choice.note(isForSeveral, now() - started)
    } else this.#run(0, 1)
    if (this.#failure === undefined) return
    const { error } = this.#failure
    this.#failure = undefined
    this.#control[CONTROL.FAILED] = 0
    throw error
  }

  /** A function of the host that fails ends the run, but not before all threads have heard of it. */
  #callHost(run: (step: number) => void, step: number): void {
    if (this.threads === 1) {
      run(step)
      return
    }
    try {
      run(step)
    } catch (error) {
      this.#failure ??= { error }
      this.#control[CONTROL.FAILED] = 1
    }
  }

  /**
   * Milliseconds of each kernel, on one thread, the least of some rounds. Parameters and everything else that stays from run
   * to run are as they were afterwards.
   */
  timeKernels(rounds = 10): number[] {
    const { kernels } = this.schedule
    // Not the words of the threads: a worker may report at any time.
    const memory = new Uint8Array(this.#memory.buffer).subarray(CONTROL_BYTES)
    const before = memory.slice()
    const least = kernels.map(() => Number.POSITIVE_INFINITY)
    for (let round = 0; round < rounds; round++) {
      for (const [k, { units }] of kernels.entries()) {
        const started = now()
        this.#kernels[k]!(0, units, 0, this.plan.workspace.start)
        least[k] = Math.min(least[k]!, now() - started)
      }
    }
    memory.set(before)
    return least
  }

  /**
   * What the program does, as text and as data: its kernels with what was fused into them, what they read and write, where
   * everything lies. `String(program.explain({ time: true }))` says besides how long each kernel takes.
   */
  explain({ time = false }: ExplainOptions = {}): Explanation {
    const { schedule, plan, threads } = this
    const times = time ? this.timeKernels() : undefined
    return new Explanation({ traced: this.#traced, schedule, plan, threads, times })
  }

  #placeOf(node: Node): Place {
    const { layouts } = this.schedule
    const { strides } = layouts.of(node)
    const { offset } = layouts.startOf(node)
    const start = this.plan.addresses.get(layouts.rootOf(node)) ?? 0
    return {
      node,
      array: this.#arrays[node.dtype],
      offset: start / BYTES_PER_ELEMENT[node.dtype] + offset,
      strides,
    }
  }

  #write(x: Tensor, { array, offset }: Place): void {
    copyElements(x, array, offset)
  }

  #read({ node, array, offset }: Place): Tensor {
    const output = allocate(node.shape, node.dtype)
    const { storage, offset: start, size } = output
    // A call for a whole block costs more than a few elements.
    if (size > 64) storage.set(array.subarray(offset, offset + size), start)
    else for (let i = 0; i < size; i++) storage[start + i] = array[offset + i]!
    return output
  }
}

/** What is left of a program that nobody has any more. It must not lead back to the program. */
interface Remains {
  readonly slots: readonly Slot[]
  readonly joined: Joined | undefined
  readonly threads: number
}

/** Gives back what a program has taken: the workers forget it, and the parameters no longer hold on to its memory. */
const DROPPED = /* @__PURE__ */ new FinalizationRegistry<Remains>(({ slots, joined, threads }) => {
  for (const slot of slots) slot.moveOut()
  if (joined !== undefined) threadPool(threads).drop(joined.id)
})

/** The function of a kernel, see `plan/kernel.ts`. */
type KernelFunction = (begin: number, end: number, step: number, workspace: number) => void

/** Milliseconds; every engine has this clock. */
function now(): number {
  return (globalThis as unknown as { performance: { now(): number } }).performance.now()
}

const NOTHING = /* @__PURE__ */ new Float32Array(0)

/** Where a node lies in the memory of a program, in elements. */
interface Place {
  readonly node: Node
  readonly array: Tensor['storage']
  readonly offset: number
  readonly strides: readonly number[]
}

/** A gradient that a program leaves on a parameter. */
interface LeftGradient {
  readonly parameter: Parameter
  readonly place: Place
  /** When it is taken, among the assignments of the function. */
  readonly time: number
}
