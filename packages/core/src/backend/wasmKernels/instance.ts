/** Kernels that are one function over the shared memory. */

import { hasSimd } from '../../wasm/features.ts'
import { webAssembly } from '../../wasm/webAssembly.ts'
import { memoryOf } from './memory.ts'

/** The exported `run` of a module over the shared memory; `undefined` where the engine has no SIMD. */
export function instantiate<Run>(bytes: Uint8Array): Run | undefined {
  const shared = memoryOf(1)
  if (webAssembly === undefined || shared === undefined || !hasSimd()) return undefined
  const imports = { kernels: { memory: shared.memory } }
  const instance = new webAssembly.Instance(new webAssembly.Module(bytes), imports)
  return instance.exports.run as Run
}
