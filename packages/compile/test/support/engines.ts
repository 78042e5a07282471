/** Every way in which this workspace runs functions of tensors: one list, for the tests that hold for all of them. */

import { blasInUse, stopBlas, useBlas } from '@adjoint/blas'
import { withoutKernels } from '@adjoint/core/engine'
import { compile } from '../../src/index.ts'
import { forced } from '../../src/threads/choice.ts'

/** A way to run functions. */
export interface Engine {
  readonly name: string
  /** A function that does what `f` does, in the way of this engine. */
  prepare<Arguments extends unknown[], Result>(
    f: (...args: Arguments) => Result,
  ): (...args: Arguments) => Result
}

/** Plain loops, which everything else has to agree with. */
export const reference: Engine = {
  name: 'reference loops',
  prepare:
    f =>
    (...args) =>
      withoutKernels(() => f(...args)),
}

const eager: Engine = { name: 'WebAssembly kernels', prepare: f => f }

export const compiled: Engine = { name: 'compiled', prepare: f => compile(f, { threads: 1 }) }

/** More threads than the machine has cores, for every kernel whose work can be divided. */
export const compiledThreads: Engine = {
  name: 'compiled, three threads',
  prepare: f => {
    const run = compile(f, { threads: 3 })
    return (...args) => {
      forced.isThreaded = true
      try {
        return run(...args)
      } finally {
        forced.isThreaded = false
      }
    }
  },
}

const reproducible: Engine = {
  name: 'compiled, reproducible',
  prepare: f => compile(f, { threads: 1, reproducible: true }),
}

/** An engine with the products of the native library. */
const withBlas = ({ name, prepare }: Engine): Engine => ({
  name: `${name}, with BLAS`,
  prepare: f => {
    const run = prepare(f)
    return (...args) => {
      useBlas({ threads: 1 })
      try {
        return run(...args)
      } finally {
        stopBlas()
      }
    }
  },
})

useBlas()
/** Whether there is a native library on this machine. */
export const hasBlas: boolean = blasInUse().library !== undefined
stopBlas()
if (!hasBlas) console.log('not tried, no BLAS was found: the engines that use it')

/** All engines but the reference. */
export const engines: readonly Engine[] = [
  eager,
  compiled,
  compiledThreads,
  reproducible,
  ...(hasBlas ? [withBlas(eager), withBlas(compiled)] : []),
]
