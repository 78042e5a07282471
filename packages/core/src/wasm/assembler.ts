/**
 * A small assembler for WebAssembly: instructions are values that know the type of what they leave on the stack, functions
 * are built from them, and a module becomes bytes. It knows nothing of tensors. Format: WebAssembly Core Specification 2.0,
 * chapter 5; threads and relaxed SIMD from their proposals.
 */

import {
  Code,
  type CodeType,
  type I32,
  type Nothing,
  sequence,
  TYPE_BYTES,
  unsigned,
  type ValueType,
} from './code.ts'
import { asI32, i32 } from './instructions.ts'

/** A variable of a function; used as code it reads the variable. */
export class Local<out T extends ValueType = ValueType> extends Code<T> {
  readonly #index: readonly number[]

  constructor(type: T, index: number) {
    super(type, [0x20, ...unsigned(index)])
    this.#index = unsigned(index)
  }

  set(value: Code<T>): Nothing {
    return new Code('nothing', [value, 0x21, ...this.#index])
  }

  /** Sets the variable and leaves the value. */
  tee(value: Code<T>): Code<T> {
    return new Code(this.type, [value, 0x22, ...this.#index])
  }
}

/** A function of a module, imported or built, that code may call. */
export interface FunctionReference {
  readonly index: number
  readonly parameters: readonly ValueType[]
  readonly result: CodeType
}

/** Calls a function. */
export function call(target: FunctionReference, ...operands: readonly Code<ValueType>[]): Code {
  return new Code(target.result, [...operands, 0x10, ...unsigned(target.index)])
}

/** {@link call} of a function without result. */
export function perform(target: FunctionReference, ...operands: readonly Code<ValueType>[]): Nothing {
  return new Code('nothing', [...operands, 0x10, ...unsigned(target.index)])
}

/** The variables and statements of one function. */
export class FunctionBuilder {
  readonly #locals: ValueType[] = []
  readonly #parameters: number
  #statements: Nothing[] = []

  constructor(parameters: number) {
    this.#parameters = parameters
  }

  /** A new variable, perhaps with a first value. Without one it is 0 when the function begins. */
  local<T extends ValueType>(type: T, value?: Code<T>): Local<T> {
    const variable = new Local(type, this.#parameters + this.#locals.length)
    this.#locals.push(type)
    if (value !== undefined) this.do(variable.set(value))
    return variable
  }

  /** Appends statements. */
  do(...statements: readonly Nothing[]): void {
    this.#statements.push(...statements)
  }

  /** What `body` appends, as one statement, appended nowhere yet. */
  capture(body: () => void): Nothing {
    const outer = this.#statements
    this.#statements = []
    try {
      body()
      return sequence(...this.#statements)
    } finally {
      this.#statements = outer
    }
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    const yes = this.capture(then)
    const no = otherwise === undefined ? [] : [0x05, this.capture(otherwise)]
    this.do(new Code('nothing', [condition, 0x04, 0x40, yes, ...no, 0x0b]))
  }

  /** Runs `body` while the condition holds; the condition is tested before every turn. */
  while(condition: () => I32, body: () => void): void {
    const turn = this.capture(body)
    const test = condition()
    // block { br_if 0 (not condition); loop { body; br_if 0 condition } }
    this.do(
      new Code('nothing', [0x02, 0x40, i32.eqz(test), 0x0d, 0, 0x03, 0x40, turn, test, 0x0d, 0, 0x0b, 0x0b]),
    )
  }

  /** Runs `body` once, and again while the condition that it returns holds. */
  loop(body: () => I32): void {
    let again: I32 | undefined
    const turn = this.capture(() => {
      again = body()
    })
    this.do(new Code('nothing', [0x03, 0x40, turn, again!, 0x0d, 0, 0x0b]))
  }

  /** Counts a variable from `from` in steps up to `to`, which is left out and computed anew before every turn. */
  count(
    index: Local<'i32'>,
    from: I32 | number,
    to: I32 | number,
    step: I32 | number,
    body: () => void,
  ): void {
    this.do(index.set(asI32(from)))
    this.while(
      () => i32.lt(index, to),
      () => {
        body()
        this.do(index.set(i32.add(index, step)))
      },
    )
  }

  /** Leaves the function. */
  return(value?: Code<ValueType>): void {
    this.do(new Code('nothing', value === undefined ? [0x0f] : [value, 0x0f]))
  }

  /** Stops with an error. */
  trap(): void {
    this.do(new Code('nothing', [0x00]))
  }

  /** The body as the code section has it. */
  toBytes(result: Code | undefined): number[] {
    const bytes: number[] = []
    // Runs of equal types, as the format wants them.
    const runs: { type: ValueType; count: number }[] = []
    for (const type of this.#locals) {
      const last = runs[runs.length - 1]
      if (last?.type === type) last.count++
      else runs.push({ type, count: 1 })
    }
    bytes.push(...unsigned(runs.length))
    for (const { type, count } of runs) bytes.push(...unsigned(count), TYPE_BYTES[type])
    for (const statement of this.#statements) statement.writeTo(bytes)
    result?.writeTo(bytes)
    bytes.push(0x0b)
    return bytes
  }
}

type LocalsOf<P extends Readonly<Record<string, ValueType>>> = { readonly [K in keyof P]: Local<P[K]> }

/** Limits of the memory that a module imports, in pages; shared memory needs a maximum. */
export interface MemoryLimits {
  readonly initial: number
  readonly maximum?: number
  readonly shared?: boolean
}

/**
 * A module under construction. Imports come first: all of them before the first function.
 *
 * @example
 * ```ts
 * import { f64, ModuleBuilder, webAssembly } from '@adjoint/core/wasm'
 * const module = new ModuleBuilder()
 * const square = module.function({ x: 'f64' }, 'f64', (_, { x }) => f64.mul(x, x))
 * module.export('square', square)
 * const { Module, Instance } = webAssembly!
 * const { exports } = new Instance(new Module(module.toBytes()))
 * const run = exports.square as (x: number) => number
 * run(7) // => 49
 * ```
 */
export class ModuleBuilder {
  readonly #types: string[] = []
  readonly #typeBytes: number[][] = []
  readonly #imports: number[][] = []
  readonly #functions: { readonly type: number; readonly body: number[] }[] = []
  readonly #exports: number[][] = []
  #importedFunctions = 0

  /** Imports the memory that loads and stores refer to. */
  importMemory(module: string, name: string, { initial, maximum, shared }: MemoryLimits): void {
    const flags = (maximum === undefined ? 0 : 1) | (shared ? 2 : 0)
    const limits = [flags, ...unsigned(initial), ...(maximum === undefined ? [] : unsigned(maximum))]
    this.#imports.push([...text(module), ...text(name), 0x02, ...limits])
  }

  importFunction(
    module: string,
    name: string,
    parameters: readonly ValueType[],
    result: CodeType = 'nothing',
  ): FunctionReference {
    if (this.#functions.length > 0) throw new Error('imports come before functions')
    this.#imports.push([...text(module), ...text(name), 0x00, ...unsigned(this.#type(parameters, result))])
    return { index: this.#importedFunctions++, parameters, result }
  }

  /** Adds a function. `body` gets a builder and the parameters by name; it returns the result, where there is one. */
  function<const P extends Readonly<Record<string, ValueType>>, R extends CodeType>(
    parameters: P,
    result: R,
    body: (f: FunctionBuilder, parameters: LocalsOf<P>) => R extends 'nothing' ? void : Code<R>,
  ): FunctionReference {
    const types = Object.values(parameters)
    const locals = Object.fromEntries(
      Object.entries(parameters).map(([name, type], index) => [name, new Local(type, index)]),
    ) as unknown as LocalsOf<P>
    const builder = new FunctionBuilder(types.length)
    const value = body(builder, locals) as Code | undefined
    this.#functions.push({ type: this.#type(types, result), body: builder.toBytes(value) })
    return { index: this.#importedFunctions + this.#functions.length - 1, parameters: types, result }
  }

  export(name: string, { index }: FunctionReference): void {
    this.#exports.push([...text(name), 0x00, ...unsigned(index)])
  }

  /** The module in the binary format. */
  toBytes(): Uint8Array {
    const sections: readonly (readonly [id: number, entries: readonly (readonly number[])[]])[] = [
      [1, this.#typeBytes],
      [2, this.#imports],
      [3, this.#functions.map(({ type }) => unsigned(type))],
      [7, this.#exports],
      [10, this.#functions.map(({ body }) => unsigned(body.length).concat(body))],
    ]
    const parts: (readonly number[])[] = [[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]]
    for (const [id, entries] of sections) {
      if (entries.length === 0) continue
      const content = [unsigned(entries.length), ...entries]
      parts.push([id, ...unsigned(lengthOf(content))], ...content)
    }
    const bytes = new Uint8Array(lengthOf(parts))
    let at = 0
    for (const part of parts) {
      bytes.set(part, at)
      at += part.length
    }
    return bytes
  }

  #type(parameters: readonly ValueType[], result: CodeType): number {
    const key = `${parameters.join()}>${result}`
    const known = this.#types.indexOf(key)
    if (known >= 0) return known
    const results = result === 'nothing' ? [] : [TYPE_BYTES[result]]
    this.#types.push(key)
    this.#typeBytes.push([
      0x60,
      ...unsigned(parameters.length),
      ...parameters.map(type => TYPE_BYTES[type]),
      results.length,
      ...results,
    ])
    return this.#types.length - 1
  }
}

function lengthOf(parts: readonly (readonly number[])[]): number {
  return parts.reduce((total, { length }) => total + length, 0)
}

function text(value: string): number[] {
  const codes = [...value].map(character => character.charCodeAt(0))
  return [...unsigned(codes.length), ...codes]
}
