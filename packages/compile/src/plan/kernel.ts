/** What a kernel is: one function of a program, between the graph above and the bytes below. */

import type { Tensor } from '@adjoint/core/functional'
import type { Code, FunctionReference, ModuleBuilder } from '@adjoint/core/wasm'
import type { Node } from '../graph/node.ts'

/**
 * A kernel fills some buffers from others. It is a function `(begin, end, step, workspace) -> nothing` of the module: parts
 * `begin` to `end` of its work, in turn `step` of the loop around it (0 outside of loops), with `workspace` bytes of memory
 * that are its own while it runs. The parts are independent: they may run on several threads, in any order, and give the
 * same bits however they are divided.
 */
export interface Kernel {
  /** What it does, for people: `matmul [128, 784] × [784, 256] + bias, relu`. */
  readonly name: string
  /** Nodes that it reads: buffers, and views of buffers. */
  readonly reads: readonly Node[]
  /** Nodes whose buffers it fills, all of them whole. */
  readonly writes: readonly Node[]
  /**
   * Nodes of `reads` whose memory a node of `writes` of the same size may take over: every element is read for the last time
   * before, or when, the element at its place is written, however the parts are divided.
   */
  readonly inPlace?: readonly Node[]
  /** Independent parts; 1 when it cannot be divided. */
  readonly units: number
  /** Bytes of workspace that each thread needs. */
  readonly workspaceBytes?: number
  /** Floating-point operations, for the explanation. */
  readonly flops: number
  /** Roughly how long it takes on one thread: whether it is divided among threads. Default: a quarter of the operations. */
  readonly nanoseconds?: number
  /** Whether it calls back into JavaScript: only the first thread can do that. */
  readonly isHosted?: boolean
  /** Whether it takes several threads by itself: then the program's own would be in its way. */
  readonly usesThreads?: boolean
  readonly emit: (emission: Emission) => FunctionReference
}

/** What kernels are given to emit their code. */
export interface Emission {
  readonly module: ModuleBuilder
  /** Whether the multiply-add that may round once may be used. */
  readonly relaxed: boolean
  /** The address, in bytes, of the first element of a node: of its buffer, or within the one that it is a view of. */
  address(node: Node, step: Code<'i32'>): Code<'i32'>
  /** Something that several kernels of a program share, a function of the module above all; made at the first call. */
  shared<T>(key: string, make: () => T): T
  /** The number by which code calls a function of the host, see {@link Emission.callHost}. */
  host(run: (step: number) => void): number
  /** Calls a function of the host. */
  callHost(index: number, step: Code<'i32'>): Code<'nothing'>
  /** The memory of a node as a tensor, for functions of the host; `step` as for {@link Emission.address}. */
  tensor(node: Node, step: number): Tensor
}

/** The parameters of every kernel's function. */
export const KERNEL_PARAMETERS: {
  readonly begin: 'i32'
  readonly end: 'i32'
  readonly step: 'i32'
  readonly workspace: 'i32'
} = { begin: 'i32', end: 'i32', step: 'i32', workspace: 'i32' }

/** Bytes of one element in the memory of a program. */
export const BYTES_PER_ELEMENT: Readonly<Record<Node['dtype'], number>> = {
  float32: 4,
  float64: 8,
  int32: 4,
  bool: 1,
}
