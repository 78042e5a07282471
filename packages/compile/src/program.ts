/** A compiled function for inputs of certain shapes: its memory, and what has to be done around a run. */

import {
  allocate,
  assignmentClock,
  copyElements,
  nextAssignment,
  settle,
  type Trace,
} from '@adjoint/core/engine'
import { add, type Parameter, type Tensor } from '@adjoint/core/functional'
import { hasRelaxedSimd, type WasmMemory, webAssembly } from '@adjoint/core/wasm'
import { type ExplainOptions, Explanation } from './explain.ts'
import { fromTrace } from './graph/fromTrace.ts'
import type { Graph, Node } from './graph/node.ts'
import { optimized } from './passes/index.ts'
import { type Arrays, emitModule } from './plan/emit.ts'
import { BYTES_PER_ELEMENT } from './plan/kernel.ts'
import { type MemoryPlan, planMemory } from './plan/memory.ts'
import { CONTROL, CONTROL_BYTES, isWorthThreads } from './plan/run.ts'
import { type Schedule, scheduleOf } from './plan/schedule.ts'
import { forced, ThreadChoice } from './threads/choice.ts'
import { availableThreads, type Joined, threadPool } from './threads/pool.ts'

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
  return threads === 'all' ? available : available === 1 ? 1 : threads
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
    const { Memory, Module, Instance } = webAssembly!
    this.#memory = new Memory({ initial: emitted.pages, maximum: emitted.pages, shared: threads > 1 })
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
    this.#slots = this.graph.parameters.map(({ parameter, node, assigned }) => {
      const { offset, array } = this.#placeOf(node)
      return new Slot(parameter, array.subarray(offset, offset + node.size), assigned !== undefined)
    })
    DROPPED.register(this, { slots: this.#slots, joined: this.#joined, threads })
    this.#gradients = this.graph.parameters.flatMap(({ parameter, gradient, isGradientOld }) =>
      gradient ? [{ parameter, place: this.#placeOf(gradient), isOld: isGradientOld }] : [],
    )
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
    for (const left of this.#gradients) if (left.isOld) this.#leaveGradient(left)
    for (let i = 0; i < this.#slots.length; i++) this.#slots[i]!.leave()
    for (const left of this.#gradients) if (!left.isOld) this.#leaveGradient(left)
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

  /** What `backward()` does with a gradient: adds it to one that was taken at the same values, or takes its place. */
  #leaveGradient({ parameter, place }: LeftGradient): void {
    const gradient = this.#read(place)
    const isSamePoint = parameter.grad !== null && parameter.gradTime >= parameter.assignedAt
    parameter.grad = isSamePoint ? add(parameter.grad!, gradient) : gradient
    parameter.gradTime = assignmentClock()
  }

  #runOnThreads(): void {
    const { threads } = this
    const pool = this.#joined && threadPool(threads)
    if (pool && this.#isForced) while (!pool.isReady(this.#joined!, threads));
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
    const before = new Uint8Array(this.#memory.buffer).slice()
    const least = kernels.map(() => Number.POSITIVE_INFINITY)
    for (let round = 0; round < rounds; round++) {
      for (const [k, { units }] of kernels.entries()) {
        const started = now()
        this.#kernels[k]!(0, units, 0, this.plan.workspace.start)
        least[k] = Math.min(least[k]!, now() - started)
      }
    }
    new Uint8Array(this.#memory.buffer).set(before)
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

/** A gradient that a program leaves on a parameter: before the parameter is assigned, or after. */
interface LeftGradient {
  readonly parameter: Parameter
  readonly place: Place
  readonly isOld: boolean
}

/** A parameter in the memory of a program. */
class Slot {
  readonly #parameter: Parameter
  readonly #array: Tensor['storage']
  readonly #isAssigned: boolean
  /** The version of the parameter that is in memory. */
  #version = -1
  /** Whether the parameter's values are here and nowhere else. */
  #isHome = false
  #copy: Tensor['storage'] | undefined

  constructor(parameter: Parameter, array: Tensor['storage'], isAssigned: boolean) {
    this.#parameter = parameter
    this.#array = array
    this.#isAssigned = isAssigned
  }

  /** Before a run: fetches values that were assigned elsewhere. */
  enter(): void {
    const parameter = this.#parameter
    if (this.#version === parameter.version) return
    copyElements(parameter, this.#array, 0)
    this.#version = parameter.version
  }

  /** Takes the values to memory of their own. */
  moveOut(): void {
    if (this.#isHome) this.#parameter.storage = this.#copy ?? this.#array.slice()
  }

  /** After a run: what the program assigned is a new version of the parameter. */
  leave(): void {
    if (!this.#isAssigned) return
    const parameter = this.#parameter
    this.#copy = undefined
    this.#version = ++parameter.version
    parameter.assignedAt = nextAssignment()
    // A gradient from before belongs to other values.
    parameter.grad = null
    if (this.#isHome) return
    this.#isHome = true
    settle(parameter, {
      read: () => {
        this.#copy ??= this.#array.slice()
        return this.#copy
      },
      leave: () => {
        this.#isHome = false
      },
    })
  }
}
