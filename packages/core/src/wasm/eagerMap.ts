/** Modules that run one elementwise primitive over operands that were copied into their memory. */

import type { DType } from '../storage/dtype.ts'
import { type Local, ModuleBuilder } from './assembler.ts'
import { elementwiseCode, lanesOf } from './elementwise.ts'
import { i32 } from './instructions.ts'
import { bytesOf, loadSplat, loadVector, storeVector } from './vectors.ts'

/** Elements that a map takes at a time: operands and result of so many stay in the fastest caches. */
export const MAP_ELEMENTS = 4096

/** Where operand i of a map lies: each has a place of its own; the result comes after the largest number of operands. */
export function mapPlace(operand: number): number {
  return operand * MAP_ELEMENTS * 8
}

/** The place of the result. */
export const MAP_RESULT = 3

/** Bytes that a map needs. */
export const MAP_BYTES: number = (MAP_RESULT + 1) * MAP_ELEMENTS * 8

/** One elementwise primitive on operands of certain dtypes. */
export interface MapDescription {
  readonly name: string
  readonly inputDTypes: readonly DType[]
  readonly dtype: DType
  readonly attributes: Readonly<Record<string, unknown>>
  /** Operands that are a single element. */
  readonly isScalar: readonly boolean[]
}

/**
 * A module that exports `run(count)`: computes `count` elements, or a few more, at {@link MAP_RESULT} from the operands at
 * their places. It imports its memory as `kernels.memory`. `undefined` when the primitive has no code for the dtypes.
 */
export function mapModule(description: MapDescription): Uint8Array | undefined {
  const { name, inputDTypes, dtype, attributes, isScalar } = description
  const code = elementwiseCode(name, inputDTypes, dtype)
  const lanes = lanesOf(inputDTypes, dtype)
  if (code === undefined || lanes === undefined || inputDTypes.length > MAP_RESULT) return undefined
  const module = new ModuleBuilder()
  module.importMemory('kernels', 'memory', { initial: 1 })
  const run = module.function({ count: 'i32' }, 'nothing', (f, { count }) => {
    const index = f.local('i32')
    const zero = i32.const(0)
    const splats = inputDTypes.map((each, i) =>
      isScalar[i] ? f.local('v128', loadSplat(each, lanes, zero, mapPlace(i))) : undefined,
    )
    const addresses = new Map<number, Local<'i32'>>()
    f.count(index, 0, count, 128 / lanes, () => {
      const address = (of: DType): Local<'i32'> => {
        const bytes = bytesOf(of)
        const known = addresses.get(bytes)
        if (known !== undefined) return known
        const made = bytes === 1 ? index : f.local('i32', i32.shl(index, Math.log2(bytes)))
        addresses.set(bytes, made)
        return made
      }
      const inputs = inputDTypes.map(
        (each, i) => splats[i] ?? f.local('v128', loadVector(each, lanes, address(each), mapPlace(i))),
      )
      const value = f.local('v128', code({ f, inputs, inputDTypes, dtype, attributes }))
      f.do(storeVector(dtype, lanes, address(dtype), value, mapPlace(MAP_RESULT)))
    })
  })
  module.export('run', run)
  return module.toBytes()
}
