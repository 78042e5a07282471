/** What the engine's WebAssembly can do, asked once. */

import { ModuleBuilder } from './assembler.ts'
import { f32x4 } from './instructions.ts'
import { webAssembly } from './webAssembly.ts'

let simd: boolean | undefined
let relaxedSimd: boolean | undefined

/** Whether there are vectors of 128 bits. */
export function hasSimd(): boolean {
  simd ??= isValid(module =>
    module.function({ x: 'f32' }, 'f32', (_, { x }) => f32x4.lane(f32x4.splat(x), 0)),
  )
  return simd
}

/** Whether there is a multiply-add that may round once: faster, and not the same bits on every machine. */
export function hasRelaxedSimd(): boolean {
  relaxedSimd ??= isValid(module =>
    module.function({ x: 'f32' }, 'f32', (_, { x }) => {
      const vector = f32x4.splat(x)
      return f32x4.lane(f32x4.relaxedMultiplyAdd(vector, vector, vector), 0)
    }),
  )
  return relaxedSimd
}

function isValid(build: (module: ModuleBuilder) => unknown): boolean {
  if (webAssembly === undefined) return false
  const module = new ModuleBuilder()
  build(module)
  return webAssembly.validate(module.toBytes())
}
