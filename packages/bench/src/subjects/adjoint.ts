/**
 * Worker: the workloads in Adjoint. `node adjoint.js eager|compiled [--threads all] [--blas]`
 *
 * `@adjoint/compile` and `@adjoint/blas` are asked for at run time: what is not installed is a subject that is not there.
 */

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { Tensor } from '@adjoint/core'
import type { Problem } from '../problemFile.ts'
import { MissingError, norm, serve, type Task } from '../worker.ts'
import { type TensorTask, tensorTask } from './adjointTasks.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '1' },
    blas: { type: 'boolean', default: false },
  },
})
const threads = options.threads === 'all' ? 'all' : 1
const isCompiled = positionals[0] === 'compiled'

/** What the optional packages offer, as far as it is used here. */
interface CompilePackage {
  readonly compile: (
    f: TensorTask['run'],
    options?: { readonly threads: 1 | 'all' },
  ) => (...inputs: Tensor[]) => readonly Tensor[]
}
interface BlasPackage {
  readonly useBlas: (options: { readonly threads: 1 | 'all' }) => { readonly library: string | undefined }
}

/** By a name that is known only at run time, so that the bench is built without these packages too. */
async function optional<P>(name: string): Promise<P> {
  try {
    return (await import(name)) as P
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new MissingError(code === 'ERR_MODULE_NOT_FOUND' ? `${name} is not there` : message)
  }
}

let blas = ''

async function make(problem: Problem): Promise<Task> {
  if (options.blas && blas === '') {
    const { useBlas } = await optional<BlasPackage>('@adjoint/blas')
    const found = useBlas({ threads })
    if (found.library === undefined) throw new MissingError(`no BLAS, ${found}`)
    blas = String(found)
  }
  const { run, inputs } = tensorTask(problem)
  const program = isCompiled ? await compiled(run) : run
  let results: readonly Tensor[] = []
  return {
    step: () => {
      results = program(...inputs)
      return results
    },
    read: () => results.map(result => (result.size === 1 ? Number(result.data()[0]) : norm(result.data()))),
  }
}

async function compiled(run: TensorTask['run']): Promise<TensorTask['run']> {
  const { compile } = await optional<CompilePackage>('@adjoint/compile')
  try {
    return compile(run, { threads })
  } catch (error) {
    // A commit from before there were threads has one, which `--against` may ask for.
    if (threads === 1 && String(error).includes("knows no 'threads'")) return compile(run)
    throw error
  }
}

await serve(make, () => {
  const count = threads === 'all' ? `${availableParallelism()} threads` : '1 thread'
  return [`node ${process.version}`, isCompiled ? count : '', blas].filter(part => part !== '').join(', ')
})
