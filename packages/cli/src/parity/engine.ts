/** By which engine the functions of a case are run. */
import { compile } from '@adjoint/compile'
import { GraphError } from '@adjoint/core'
import { NotCovered } from './errors.ts'

/** Runs functions of tensors. */
export interface Engine {
  readonly name: string
  run<Arguments extends unknown[], Result>(f: (...args: Arguments) => Result, ...args: Arguments): Result
}

/** As users of Adjoint run them: eagerly, large calls by kernels in WebAssembly. */
const eager: Engine = { name: 'eager', run: (f, ...args) => f(...args) }

/** Every function as a program of its own. */
const compiled: Engine = {
  name: 'compiled',
  run: (f, ...args) => {
    const run = compile(f)
    try {
      return run(...args)
    } catch (error) {
      // A model that is made of given weights reads them, which no traced function can.
      if (error instanceof GraphError && error.message.includes('has no values yet'))
        throw new NotCovered('a function that reads values cannot be compiled')
      throw error
    }
  },
}

export const ENGINES: Readonly<Record<string, Engine>> = { eager, compiled }
