/** What a program does, kernel by kernel, as text and as data. */

import { type LoopForm, loopOf, mapBodies } from './graph/loop.ts'
import { type Graph, type Node, nodesOf } from './graph/node.ts'
import { PASSES } from './passes/index.ts'
import { BYTES_PER_ELEMENT } from './plan/kernel.ts'
import type { MemoryPlan } from './plan/memory.ts'
import { isDivided } from './plan/run.ts'
import { isLoop, kernelsOf, type Schedule } from './plan/schedule.ts'

/** One kernel of a program. */
export interface KernelExplanation {
  /** What it does: the op, or the ops that were fused. */
  readonly name: string
  /** How often it runs: the turns of its loop, 1 outside of loops. */
  readonly turns: number
  /** Independent parts of a turn, and whether threads share them. */
  readonly parts: number
  readonly isDivided: boolean
  /** Whether the host runs it: JavaScript, or a native library. */
  readonly isHosted: boolean
  /** Bytes of the buffers that a turn reads and writes, each counted once. */
  readonly bytesRead: number
  readonly bytesWritten: number
  /** Floating-point operations of a turn, as far as they are counted. */
  readonly flops: number
  /** Milliseconds of a turn on one thread, the least of some; only when it was asked for. */
  readonly milliseconds?: number
}

/** Nodes of the graph after a pass, the bodies of loops included. */
export interface PassExplanation {
  readonly pass: string
  readonly nodes: number
}

/** What {@link Explanation.toJSON} gives. */
export interface ExplanationData {
  /** First the graph as it was traced, then what each pass has left of it. */
  readonly passes: readonly PassExplanation[]
  readonly inputs: number
  readonly parameters: number
  /** How many of the parameters it assigns, and on how many it leaves a gradient. */
  readonly assigned: number
  readonly gradients: number
  readonly outputs: number
  readonly threads: number
  readonly kernels: readonly KernelExplanation[]
  readonly memory: {
    /** Inputs, parameters and constants, which stay from run to run. */
    readonly residentBytes: number
    /** All buffers between them, and what they would take if none shared its place with another. */
    readonly arenaBytes: number
    readonly unsharedBytes: number
    /** For each thread. */
    readonly workspaceBytes: number
    /** New values of parameters that were not written in place. */
    readonly copiedBytes: number
  }
}

/** Settings of `explain`. */
export interface ExplainOptions {
  /** Whether the kernels are run, to see how long each takes. Nothing is changed by that. Default false. */
  readonly time?: boolean
}

/** What an explanation is made of. */
export interface ExplanationParts {
  /** The graph as it was traced. */
  readonly traced: Graph
  readonly schedule: Schedule
  readonly plan: MemoryPlan
  readonly threads: number
  /** Milliseconds of each kernel. */
  readonly times: readonly number[] | undefined
}

/** The plan of a program: a text, by `toString`, and data, by `toJSON`. */
export class Explanation {
  readonly #data: ExplanationData

  constructor({ traced, schedule, plan, threads, times }: ExplanationParts) {
    const { graph, steps, kernels } = schedule
    const turns = steps.flatMap(step => kernelsOf([step]).map(() => (isLoop(step) ? step.count : 1)))
    const passes = [{ pass: 'traced', nodes: countNodes(traced) }]
    let current = traced
    for (const { name, run } of PASSES) {
      current = run(mapBodies(current, run))
      passes.push({ pass: name, nodes: countNodes(current) })
    }
    this.#data = {
      passes,
      inputs: graph.inputs.length,
      parameters: graph.parameters.length,
      assigned: graph.parameters.filter(({ assigned }) => assigned !== undefined).length,
      gradients: graph.parameters.filter(({ gradient }) => gradient !== undefined).length,
      outputs: graph.outputs.length,
      threads,
      kernels: kernels.map((kernel, k) => ({
        name: kernel.name,
        turns: turns[k]!,
        parts: kernel.units,
        isDivided: threads > 1 && isDivided(kernel),
        isHosted: kernel.isHosted === true,
        bytesRead: bytesOf(kernel.reads, schedule),
        bytesWritten: bytesOf(kernel.writes, schedule),
        flops: kernel.flops,
        ...(times && { milliseconds: times[k]! }),
      })),
      memory: {
        residentBytes: plan.residentBytes,
        arenaBytes: plan.arenaBytes,
        unsharedBytes: plan.unsharedBytes,
        workspaceBytes: plan.workspace.bytes,
        copiedBytes: plan.copies.reduce((sum, { to }) => sum + to.size * BYTES_PER_ELEMENT[to.dtype], 0),
      },
    }
  }

  toJSON(): ExplanationData {
    return this.#data
  }

  toString(): string {
    const { passes, inputs, parameters, assigned, gradients, outputs, threads, kernels, memory } = this.#data
    const { residentBytes, arenaBytes, unsharedBytes, workspaceBytes, copiedBytes } = memory
    const total = kernels.reduce((sum, { milliseconds = 0, turns }) => sum + milliseconds * turns, 0)
    const isTimed = kernels.some(({ milliseconds }) => milliseconds !== undefined)
    const lines = [
      `${counted(inputs, 'input')}, ${counted(parameters, 'parameter')} (${assigned} assigned, ${gradients} with a gradient left), ` +
        `${counted(outputs, 'output')}; ${counted(threads, 'thread')}`,
      `nodes: ${passes.map(({ pass, nodes }) => `${nodes} ${pass}`).join(', ')}`,
      `memory: ${bytes(residentBytes)} stay, ${bytes(arenaBytes)} between them (${bytes(unsharedBytes)} if nothing were shared), ` +
        `${bytes(workspaceBytes)} for each thread; ${bytes(copiedBytes)} of parameters copied at the end`,
      `${counted(kernels.length, 'kernel')}${isTimed ? `, ${total.toPrecision(3)} ms on one thread` : ''}:`,
    ]
    const rows = [
      ['', 'parts', 'read', 'written', 'operations', ...(isTimed ? ['time', 'rate'] : []), ''],
      ...kernels.map((kernel, k) => rowOf(kernel, k)),
    ]
    return [...lines, ...aligned(rows)].join('\n')
  }
}

function rowOf(kernel: KernelExplanation, index: number): string[] {
  const { name, turns, parts, isDivided, isHosted, bytesRead, bytesWritten, flops, milliseconds } = kernel
  const marks = [...(turns > 1 ? [`${turns} turns`] : []), ...(isHosted ? ['by the host'] : [])]
  return [
    `${index + 1}`,
    `${parts}${isDivided ? ' shared' : ''}`,
    bytes(bytesRead),
    bytes(bytesWritten),
    amount(flops, ''),
    ...(milliseconds === undefined ? [] : [time(milliseconds), rate(kernel, milliseconds)]),
    `${name}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`,
  ]
}

/** Operations in a second, or bytes where there are more of them. */
function rate({ flops, bytesRead, bytesWritten }: KernelExplanation, milliseconds: number): string {
  // Shorter than the clock can tell.
  if (milliseconds < 0.001) return '-'
  const moved = bytesRead + bytesWritten
  return flops > moved
    ? `${(flops / milliseconds / 1e6).toFixed(1)} GFLOP/s`
    : `${(moved / milliseconds / 1e6).toFixed(1)} GB/s`
}

function time(milliseconds: number): string {
  return milliseconds < 0.001
    ? '< 1 µs'
    : milliseconds < 1
      ? `${Math.round(milliseconds * 1000)} µs`
      : `${milliseconds.toFixed(2)} ms`
}

function bytes(count: number): string {
  return amount(count, 'B')
}

function amount(count: number, unit: string): string {
  const prefixes = ['', 'k', 'M', 'G', 'T']
  let [rest, at] = [count, 0]
  while (rest >= 1000 && at < prefixes.length - 1) {
    rest /= 1000
    at++
  }
  const number = at === 0 ? `${rest}` : rest.toPrecision(3)
  const suffix = `${prefixes[at]}${unit}`
  return suffix === '' ? number : `${number} ${suffix}`
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

/** Lines of a table: numbers to the right, the last column to the left. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const last = rows[0]!.length - 1
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  return rows.map(row =>
    row
      .map((cell, column) => (column === last ? cell : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
}

/** Bytes of the elements that some nodes show, no buffer counted beyond its size. */
function bytesOf(nodes: readonly Node[], { layouts }: Schedule): number {
  const shown = new Map<Node, number>()
  for (const node of nodes) {
    const { buffer } = layouts.of(node)
    shown.set(buffer, Math.min(buffer.size, (shown.get(buffer) ?? 0) + node.size))
  }
  let sum = 0
  for (const [buffer, elements] of shown) sum += elements * BYTES_PER_ELEMENT[buffer.dtype]
  return sum
}

/** Calls of a graph, those in the bodies of loops included. */
function countNodes(graph: Graph): number {
  let count = 0
  for (const node of nodesOf(graph)) {
    if (node.primitive === undefined) continue
    const form: LoopForm | undefined = loopOf(node)
    count += form === undefined ? 1 : 1 + countNodes(form.body)
  }
  return count
}
