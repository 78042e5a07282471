/** `compile`: a function of tensors as programs, one for each combination of shapes. */

import {
  expectOptions,
  expectSynchronous,
  getDefaultDType,
  isPlainRecord,
  isPlainRun,
  isRecording,
  type Trace,
  trace,
} from '@adjoint/core/engine'
import { ArgumentError, GraphError, Parameter, Rng, Tensor } from '@adjoint/core/functional'
import { hasSimd } from '@adjoint/core/wasm'
import { Program, type ProgramOptions } from './program.ts'

/** Settings of {@link compile}. */
export interface CompileOptions extends ProgramOptions {
  /** How many programs are kept, for different shapes; the one that was not used for longest goes first. Default 16. */
  readonly programs?: number
}

/** A compiled function. */
export interface Compiled<Arguments extends unknown[], Result> {
  (...args: Arguments): Result
  /** The program for these arguments; it is made if there is none yet, and not run. */
  programFor(...args: Arguments): Program
  /** Number of programs that are kept at present. */
  readonly programs: number
}

/**
 * A function that does what `f` does, as one WebAssembly program: `f` is run once on tensors without values, and what it
 * computes, backward passes and optimizer steps in it included, is optimised and compiled. Later calls with tensors of the
 * same shapes and dtypes run the program. Parameters and what optimizers remember stay in its memory and are read back
 * when somebody looks at them.
 *
 * Arguments are tensors, or arrays and plain records with tensors in them. What else is in them, numbers and strings, is a
 * constant of the program: another value means another program, so pass what changes as a tensor. So is what the function
 * captures, except parameters.
 *
 * Without WebAssembly (`node --jitless`, a browser's lockdown mode) the function runs as it stands.
 *
 * @example
 * ```ts
 * import { Parameter, type Tensor, tensor } from '@adjoint/core'
 * import { compile } from '@adjoint/compile'
 * const w = new Parameter(tensor([1, 2]), 'w')
 * const step = compile((x: Tensor) => {
 *   const loss = w.mul(x).square().sum()
 *   loss.backward()
 *   w.assign(w.sub(w.grad!.mul(0.5)))
 *   return loss
 * })
 * step(tensor([1, 1])).item() // => 5
 * w.toArray() // => [0, 0]
 * ```
 * @throws GraphError when `f` reads a value: there is none while it is traced.
 */
export function compile<Arguments extends unknown[], Result>(
  f: (...args: Arguments) => Result,
  options: CompileOptions = {},
): Compiled<Arguments, Result> {
  if (typeof f !== 'function') throw new ArgumentError('compile', 'takes a function of tensors.')
  expectOptions('compile', options, ['programs', 'reproducible', 'threads'])
  const { programs: most = 16 } = options
  if (!Number.isInteger(most) || most < 1) {
    throw new ArgumentError('compile', `programs must be a whole number from 1 up, got ${most}.`)
  }
  const { threads = 'all' } = options
  if (threads !== 'all' && (!Number.isInteger(threads) || threads < 1)) {
    throw new ArgumentError('compile', `threads must be 'all' or a whole number from 1 up, got ${threads}.`)
  }
  const variants: Variant[] = []
  const variantFor = (args: readonly unknown[], parts: Parts): Variant => {
    const at = variants.findIndex(variant => variant.fits(parts.signature))
    const variant = at < 0 ? newVariant(f as AnyFunction, args, parts, options) : variants[at]!
    if (at !== 0) {
      if (at > 0) variants.splice(at, 1)
      variants.unshift(variant)
      variants.length = Math.min(variants.length, most)
    }
    return variant
  }
  const programFor = (...args: Arguments): Program => {
    if (!hasSimd()) {
      const message =
        'there is no WebAssembly with vectors here, so no program; call the function, and it runs as it stands.'
      throw new GraphError('compile', message)
    }
    const { program } = variantFor(args, takeApart(args))
    if (program !== undefined) return program
    const message =
      'the function leaves gradients on tensors that are not its own, and is run as it stands; make parameters of them.'
    throw new GraphError('compile', message)
  }
  const compiled = (...args: Arguments): Result => {
    if (!isPlainRun() || !hasSimd()) return f(...args)
    const parts = takeApart(args)
    // A program has no graph: what leads to gradients of arguments has to run as it stands.
    if (isRecording() && parts.tensors.some(x => x.requiresGrad)) return f(...args)
    return variantFor(args, parts).run(args, parts) as Result
  }
  return Object.defineProperties(compiled, {
    programFor: { value: programFor },
    programs: { get: () => variants.length },
  }) as Compiled<Arguments, Result>
}

type AnyFunction = (...args: readonly unknown[]) => unknown

/** What a program was made for, and what runs it. */
interface Variant {
  /** `undefined` when the function cannot be a program, and simply runs. */
  readonly program: Program | undefined
  /** Whether it was made for such arguments, and what the function depends on besides them is as it was. */
  fits(signature: readonly unknown[]): boolean
  run(args: readonly unknown[], parts: Parts): unknown
}

function newVariant(
  f: AnyFunction,
  args: readonly unknown[],
  parts: Parts,
  options: ProgramOptions,
): Variant {
  const made = traceCall(f, args, parts)
  return variantOf(
    f,
    made,
    parts.signature,
    made.traced.wanted.length > 0 ? undefined : new Program(made.traced, options),
  )
}

/** A function as data, and what it returned: a tree with tensors of the trace in it. */
interface TracedFunction {
  readonly traced: Trace
  readonly result: unknown
  /** Generators of the program's own: what is drawn is written down for them, and they stand for those of each call. */
  readonly rngs: readonly Rng[]
}

function traceCall(f: AnyFunction, args: readonly unknown[], parts: Parts): TracedFunction {
  const rngs = parts.rngs.map(() => new Rng(0))
  let result: unknown
  const traced = trace(parts.tensors, inputs => {
    result = expectSynchronous('compile', f(...(replaced(args, parts, inputs, rngs) as readonly unknown[])))
    return takeApart([result]).tensors
  })
  return { traced, result, rngs }
}

/** By itself, so that no closure in it holds on to the arguments of the first call. */
function variantOf(
  f: AnyFunction,
  { traced, result, rngs }: TracedFunction,
  signature: readonly unknown[],
  program: Program | undefined,
): Variant {
  const results = takeApart([result])
  const guards = traced.guards.map(read => ({ read, value: read() }))
  const fits = (other: readonly unknown[]): boolean =>
    other.length === signature.length &&
    other.every((part, i) => Object.is(part, signature[i])) &&
    guards.every(({ read, value }) => Object.is(read(), value))
  if (program === undefined) return { program, fits, run: given => f(...given) }
  const run = (_: readonly unknown[], { tensors, rngs: generators }: Parts): unknown => {
    for (let i = 0; i < rngs.length; i++) rngs[i]!.state = generators[i]!.state
    const outputs = program.run(tensors)
    for (let i = 0; i < rngs.length; i++) generators[i]!.state = rngs[i]!.state
    const returned = results.rngs.map(rng => generators[rngs.indexOf(rng)] ?? new Rng(rng.state))
    return replaced(result, results, outputs, returned)
  }
  return { program, fits, run }
}

/** What is in some arguments. */
interface Parts {
  /** Tensors, parameters not among them. */
  readonly tensors: Tensor[]
  /** Generators, each once. */
  readonly rngs: Rng[]
  /** Everything that a program depends on. */
  readonly signature: unknown[]
}

/** What stands before the parts of a thing in a signature, different from all that is in arguments. */
const [TENSOR, LIST, RECORD, GENERATOR]: readonly object[] = [{}, {}, {}, {}]

function takeApart(args: readonly unknown[]): Parts {
  const tensors: Tensor[] = []
  const rngs: Rng[] = []
  // What ops heed besides their operands: whether they record, and what plain numbers become.
  const signature: unknown[] = [isRecording(), getDefaultDType()]
  const visit = (part: unknown): void => {
    if (part instanceof Parameter) signature.push(part)
    else if (part instanceof Tensor) {
      tensors.push(part)
      signature.push(TENSOR, part.dtype, part.rank)
      for (let axis = 0; axis < part.rank; axis++) signature.push(part.shape[axis])
    } else if (part instanceof Rng) {
      if (!rngs.includes(part)) rngs.push(part)
      signature.push(GENERATOR, rngs.indexOf(part))
    } else if (Array.isArray(part)) {
      signature.push(LIST, part.length)
      for (const entry of part) visit(entry)
    } else if (isPlainRecord(part)) {
      const keys = Object.keys(part)
      signature.push(RECORD, keys.length)
      for (const key of keys) {
        signature.push(key)
        visit(part[key])
      }
    } else if (isContainer(part)) {
      const message = `cannot see what changes in a ${part.constructor.name}; pass tensors, arrays and plain records.`
      throw new ArgumentError('compile', message)
    } else signature.push(part)
  }
  for (const arg of args) visit(arg)
  return { tensors, rngs, signature }
}

/** The same value with other tensors and generators in the places of those that were found in it. */
function replaced(
  value: unknown,
  { rngs: found }: Parts,
  tensors: readonly Tensor[],
  rngs: readonly Rng[],
): unknown {
  let next = 0
  const visit = (part: unknown): unknown => {
    if (part instanceof Parameter) return part
    if (part instanceof Tensor) return tensors[next++]!
    if (part instanceof Rng) return rngs[found.indexOf(part)]!
    if (Array.isArray(part)) return part.map(visit)
    if (!isPlainRecord(part)) return part
    return Object.fromEntries(Object.entries(part).map(([key, entry]) => [key, visit(entry)]))
  }
  return visit(value)
}

/** Whether a value holds others that may be exchanged while it stays the same. */
function isContainer(value: unknown): value is object {
  return ArrayBuffer.isView(value) || value instanceof Map || value instanceof Set
}
