/** Kernels of a graph run by themselves: whole, or divided into parts in any way. */

import { allocate, copyElements } from '@adjoint/core/engine'
import type { Tensor } from '@adjoint/core/functional'
import { hasRelaxedSimd, webAssembly } from '@adjoint/core/wasm'
import type { Graph, Node } from '../../src/graph/node.ts'
import { emitModule } from '../../src/plan/emit.ts'
import { BYTES_PER_ELEMENT } from '../../src/plan/kernel.ts'
import { planMemory } from '../../src/plan/memory.ts'
import { CONTROL_BYTES } from '../../src/plan/run.ts'
import { scheduleOf } from '../../src/plan/schedule.ts'

type KernelFunction = (begin: number, end: number, step: number, workspace: number) => void

/** The parts in which the units of a kernel are run, in order. */
export type Division = (units: number) => readonly (readonly [begin: number, end: number])[]

/** All units at once. */
export const whole: Division = units => [[0, units]]

/** The kernels of a graph in a memory of their own. */
export interface Kernels {
  readonly names: readonly string[]
  /** Runs them on values of the graph's inputs; the outputs. Everything that is not an input is overwritten before. */
  run(inputs: readonly Tensor[], divide?: Division): Tensor[]
}

/** Plans and compiles a graph as it is, without passes. */
export function kernelsFrom(unplanned: Graph): Kernels {
  const schedule = scheduleOf(unplanned)
  const { graph, kernels, layouts } = schedule
  const plan = planMemory(schedule, CONTROL_BYTES)
  let arrays: Record<Node['dtype'], Tensor['storage']>
  const emitted = emitModule(schedule, plan, { relaxed: hasRelaxedSimd(), threads: 1 }, () => arrays)
  const { Memory, Module, Instance } = webAssembly!
  const memory = new Memory({ initial: emitted.pages, maximum: emitted.pages })
  arrays = {
    float32: new Float32Array(memory.buffer),
    float64: new Float64Array(memory.buffer),
    int32: new Int32Array(memory.buffer),
    bool: new Uint8Array(memory.buffer),
  }
  const call = (index: number, step: number): void => emitted.hosts[index]!(step)
  const { exports } = new Instance(new Module(emitted.bytes), { host: { memory, call } })
  const startOf = (node: Node): number =>
    plan.addresses.get(layouts.rootOf(node))! / BYTES_PER_ELEMENT[node.dtype] + layouts.startOf(node).offset
  const write = (node: Node, value: Tensor): void =>
    copyElements(value, arrays[node.dtype], plan.addresses.get(node)! / BYTES_PER_ELEMENT[node.dtype])
  for (const [node] of plan.addresses) if (node.value) write(node, node.value)
  return {
    names: kernels.map(({ name }) => name),
    run: (inputs, divide = whole) => {
      for (const [k, node] of graph.inputs.entries()) write(node, inputs[k]!)
      // What is not written by a kernel has to show: these bytes are NaN, and large numbers.
      new Uint8Array(memory.buffer).fill(0xff, plan.residentBytes)
      const resident = new Uint8Array(memory.buffer.slice(0, plan.residentBytes))
      for (const [k, kernel] of kernels.entries())
        for (const [begin, end] of divide(kernel.units))
          (exports[`kernel${k}`] as KernelFunction)(begin, end, 0, plan.workspace.start)
      const after = new Uint8Array(memory.buffer, 0, plan.residentBytes)
      if (!resident.every((byte, at) => byte === after[at]))
        throw new Error('a kernel wrote where it must not')
      return graph.outputs.map(node => {
        const output = allocate(node.shape, node.dtype)
        const start = startOf(node)
        for (let i = 0; i < node.size; i++) output.storage[output.offset + i] = arrays[node.dtype][start + i]!
        return output
      })
    },
  }
}
