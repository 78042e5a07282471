/** Kernels in, WebAssembly out: one module, with one function that runs the whole program. */

import { stridesOf } from '@adjoint/core/engine'
import { Tensor } from '@adjoint/core/functional'
import { i32, ModuleBuilder, memory as memoryCode, PAGE_BYTES, perform } from '@adjoint/core/wasm'
import type { DType, Node } from '../graph/node.ts'
import { BYTES_PER_ELEMENT, type Emission } from './kernel.ts'
import { isContiguous } from './layout.ts'
import { bytesOf, type MemoryPlan } from './memory.ts'
import { runFunction } from './run.ts'
import type { Schedule } from './schedule.ts'

/** The memory of a program as typed arrays. */
export type Arrays = Readonly<Record<DType, Tensor['storage']>>

/** A module, and what it needs besides its memory. */
export interface Emitted {
  readonly bytes: Uint8Array
  readonly pages: number
  /** Functions of the host, called by number. */
  readonly hosts: readonly ((step: number) => void)[]
}

/** The last vector of a line may be read past its end. */
const MARGIN = 64

/** Writes the module of a schedule. `arrays` gives the memory, which comes into being after the module. */
export function emitModule(
  schedule: Schedule,
  plan: MemoryPlan,
  { relaxed, threads }: { readonly relaxed: boolean; readonly threads: number },
  arrays: () => Arrays,
): Emitted {
  const pages = Math.ceil((plan.workspace.start + threads * plan.workspace.bytes + MARGIN) / PAGE_BYTES)
  const module = new ModuleBuilder()
  module.importMemory('host', 'memory', { initial: pages, maximum: pages, shared: threads > 1 })
  const call = module.importFunction('host', 'call', ['i32', 'i32'])
  const hosts: ((step: number) => void)[] = []
  const shared = new Map<string, unknown>()
  const { layouts } = schedule
  const place = (node: Node): { start: number; perTurn: number } => {
    const { offset, perTurn } = layouts.startOf(node)
    const bytes = BYTES_PER_ELEMENT[node.dtype]
    return { start: plan.addresses.get(layouts.rootOf(node))! + offset * bytes, perTurn: perTurn * bytes }
  }
  const emission: Emission = {
    module,
    relaxed,
    address: (node, step) => {
      const { start, perTurn } = place(node)
      return perTurn === 0 ? i32.const(start) : i32.add(i32.mul(step, perTurn), start)
    },
    shared: <T>(key: string, make: () => T): T => {
      if (!shared.has(key)) shared.set(key, make())
      return shared.get(key) as T
    },
    host: run => hosts.push(run) - 1,
    callHost: (index, step) => perform(call, i32.const(index), step),
    tensor: (node, step) => {
      const { strides } = layouts.of(node)
      const storage = arrays()[node.dtype]
      const { start, perTurn } = place(node)
      const offset = (start + step * perTurn) / BYTES_PER_ELEMENT[node.dtype]
      const contiguous = isContiguous(node.shape, { strides })
      const own = contiguous ? stridesOf(node.shape) : strides
      return new Tensor(node.shape, node.dtype, storage, offset, own, node.size, contiguous)
    },
  }
  const functions = schedule.kernels.map(kernel => kernel.emit(emission))
  const last = plan.copies.map(({ from, to }) =>
    memoryCode.copy(i32.const(place(to).start), i32.const(place(from).start), bytesOf(to)),
  )
  const { steps } = schedule
  const run = runFunction(module, {
    steps,
    functions,
    last,
    workspace: plan.workspace,
    isThreaded: threads > 1,
  })
  module.export('run', run)
  for (const [k, target] of functions.entries()) module.export(`kernel${k}`, target)
  return { bytes: module.toBytes(), pages, hosts }
}
