/** Elementwise primitives of eager code in WebAssembly: operands go through a small memory, a part at a time. */

import { broadcastStrides } from '../../shape/broadcast.ts'
import type { DType, TypedArray } from '../../storage/dtype.ts'
import { MAP_BYTES, MAP_ELEMENTS, MAP_RESULT, mapModule, mapPlace } from '../../wasm/eagerMap.ts'
import { elementwiseNames } from '../../wasm/elementwise.ts'
import { bytesOf } from '../../wasm/vectors.ts'
import { type Kernel, provideKernel } from '../kernels.ts'
import type { Strided } from '../strided.ts'
import { instantiate } from './instance.ts'
import { type KernelMemory, memoryOf, viewOf } from './memory.ts'

type Run = (count: number) => void

/** The compiled maps of each op, by the dtypes, scalars and attributes that they are for. */
const MAPS = /* @__PURE__ */ new Map<string, Map<string, Run | undefined>>()

/** An attribute that never stops changing must neither fill the memory nor cost a module at every call. */
const MOST_MAPS = 64

/** Runs shorter than this are copied element by element. */
const SHORT_RUN = 32

/**
 * The kernel of an elementwise primitive on operands of one dtype, from a number of elements on that makes it pay. Unless it
 * `takesScattered`, it leaves calls whose operands would have to be copied element by element to the reference.
 */
export function mapKernel(name: string, smallest: number, takesScattered = true): Kernel {
  return (inputs, out, attributes) => {
    if (out.size < smallest) return false
    const operands = inputs.map(input => operandOf(input, out.shape))
    if (!takesScattered && operands.some(isScattered)) return false
    const memory = memoryOf(MAP_BYTES)
    if (memory === undefined) return false
    const run = mapFor(name, operands, dtypeOfStorage(out.storage), attributes)
    if (run === undefined) return false
    runMap(memory, run, operands, out)
    return true
  }
}

/** An operand of a map as it is walked in the order of the result. */
interface Operand {
  readonly dtype: DType
  readonly storage: TypedArray
  readonly offset: number
  /** Axes of the result, neighbours joined where the operand has no gap between them. */
  readonly sizes: readonly number[]
  readonly strides: readonly number[]
}

function dtypeOfStorage(storage: TypedArray): DType {
  if (storage instanceof Float32Array) return 'float32'
  if (storage instanceof Float64Array) return 'float64'
  return storage instanceof Int32Array ? 'int32' : 'bool'
}

function operandOf({ shape, strides, storage, offset }: Strided, to: readonly number[]): Operand {
  const all = broadcastStrides(shape, strides, to)
  const [sizes, merged]: [number[], number[]] = [[], []]
  for (let axis = 0; axis < to.length; axis++) {
    const size = to[axis]!
    if (size === 1) continue
    const last = sizes.length - 1
    if (last >= 0 && merged[last] === all[axis]! * size) {
      sizes[last]! *= size
      merged[last] = all[axis]!
    } else {
      sizes.push(size)
      merged.push(all[axis]!)
    }
  }
  return { dtype: dtypeOfStorage(storage), storage, offset, sizes, strides: merged }
}

/** One element for the whole result. */
function isScalar({ sizes, strides }: Operand): boolean {
  return sizes.length === 0 || (sizes.length === 1 && strides[0] === 0)
}

/** Copied element by element, which costs as much as the loop of a cheap op. */
function isScattered({ strides }: Operand): boolean {
  return (strides[strides.length - 1] ?? 0) > 1
}

/** The length of a run that repeats for ever, as that of a bias does; 0 when there is none. */
function periodOf({ sizes, strides }: Operand): number {
  return sizes.length === 2 && strides[0] === 0 && strides[1] === 1 ? sizes[1]! : 0
}

function mapFor(
  name: string,
  operands: readonly Operand[],
  dtype: DType,
  attributes: Readonly<Record<string, unknown>>,
): Run | undefined {
  let key: string = dtype
  for (const operand of operands) key += ` ${operand.dtype}${isScalar(operand) ? '0' : ''}`
  for (const attribute in attributes) {
    const value = attributes[attribute]
    key += ` ${attribute}=${Object.is(value, -0) ? '-0' : value}`
  }
  const maps = MAPS.get(name) ?? new Map<string, Run | undefined>()
  MAPS.set(name, maps)
  if (maps.has(key)) return maps.get(key)
  if (maps.size >= MOST_MAPS) return undefined
  const inputDTypes = operands.map(operand => operand.dtype)
  const bytes = mapModule({ name, inputDTypes, dtype, attributes, isScalar: operands.map(isScalar) })
  const run = bytes === undefined ? undefined : instantiate<Run>(bytes)
  maps.set(key, run)
  return run
}

function runMap(memory: KernelMemory, run: Run, operands: readonly Operand[], out: Strided): void {
  const places = operands.map((operand, i) => mapPlace(i) / bytesOf(operand.dtype))
  const outDType = dtypeOfStorage(out.storage)
  const result = viewOf(memory, outDType)
  const resultAt = mapPlace(MAP_RESULT) / bytesOf(outDType)
  // A run that repeats is copied once, when every part holds a whole number of runs.
  const period = Math.max(...operands.map(periodOf))
  const part = period > 0 && period <= MAP_ELEMENTS ? MAP_ELEMENTS - (MAP_ELEMENTS % period) : MAP_ELEMENTS
  const isOnce = operands.map(operand => isScalar(operand) || (period > 0 && periodOf(operand) === period))
  for (let start = 0; start < out.size; start += part) {
    const count = Math.min(part, out.size - start)
    for (let k = 0; k < operands.length; k++) {
      const operand = operands[k]!
      if (start > 0 && isOnce[k] && part % Math.max(period, 1) === 0) continue
      const view = viewOf(memory, operand.dtype)
      const repeated = periodOf(operand)
      const once = isScalar(operand) ? 1 : start === 0 && repeated > 0 ? Math.min(repeated, count) : count
      copyPart(operand, start, once, view, places[k]!)
      if (once > 1) repeat(view, places[k]!, once, count)
    }
    run(count)
    out.storage.set(result.subarray(resultAt, resultAt + count), out.offset + start)
  }
}

/** Fills `count` elements with what stands in the first `known` of them, again and again. */
function repeat(view: TypedArray, at: number, known: number, count: number): void {
  for (let have = known; have < count; have *= 2)
    view.copyWithin(at + have, at, at + Math.min(have, count - have))
}

/** Copies `count` elements from `start` on, counted in the order of the result. */
function copyPart(operand: Operand, start: number, count: number, to: TypedArray, at: number): void {
  const { storage, offset, sizes, strides } = operand
  const inner = sizes.length - 1
  const size = inner < 0 ? 1 : sizes[inner]!
  const step = inner < 0 ? 0 : strides[inner]!
  let done = 0
  while (done < count) {
    let rest = Math.floor((start + done) / size)
    const column = (start + done) % size
    let from = offset + column * step
    for (let axis = inner - 1; axis >= 0; axis--) {
      from += (rest % sizes[axis]!) * strides[axis]!
      rest = Math.floor(rest / sizes[axis]!)
    }
    const length = Math.min(size - column, count - done)
    copyRun(storage, from, step, length, to, at + done)
    done += length
  }
}

function copyRun(
  storage: TypedArray,
  from: number,
  step: number,
  length: number,
  to: TypedArray,
  at: number,
): void {
  if (length >= SHORT_RUN && step === 1) to.set(storage.subarray(from, from + length), at)
  else if (length >= SHORT_RUN && step === 0) to.fill(storage[from]!, at, at + length)
  else for (let i = 0; i < length; i++) to[at + i] = storage[from + i * step]!
}

/** From here on, measured, maps that take a cycle or two per element pay for the call and the copies. */
const CHEAP_ELEMENTS = 512

/** From here on those that take longer in JavaScript do. */
const COSTLY_ELEMENTS = 256

/** Ops whose reference loop costs little more than reading and writing. */
const CHEAP: readonly string[] = ['add', 'sub', 'mul', 'div', 'neg']

/** Lets the maps take the calls that are large enough. */
export function provideMaps(): void {
  for (const name of elementwiseNames()) {
    const isCheap = CHEAP.includes(name)
    const kernel = mapKernel(name, isCheap ? CHEAP_ELEMENTS : COSTLY_ELEMENTS, !isCheap)
    for (const dtype of ['float32', 'float64', 'int32', 'bool'] as const) provideKernel(name, dtype, kernel)
  }
}
