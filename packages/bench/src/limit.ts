/**
 * The most multiply-adds that WebAssembly does on one thread: as many as a workload has, on numbers that never leave the
 * registers. What reads and writes memory can only be slower.
 */

import { type Code, f32x4, hasRelaxedSimd, hasSimd, ModuleBuilder, webAssembly } from '@adjoint/core/wasm'

/** Sums that do not wait for each other; with the two constants they fit into 16 registers. */
const SUMS = 12

/** Floating point operations in one turn of the loop: a product and a sum in each of 4 lanes. */
const FLOPS_PER_TURN = SUMS * 4 * 2

/** A function that does `flops` operations in multiply-adds, or undefined where the engine has no vectors. */
export function multiplyAdds(flops: number, relaxed: boolean): (() => number) | undefined {
  if (!hasSimd() || (relaxed && !hasRelaxedSimd())) return undefined
  const module = new ModuleBuilder()
  const run = module.function({ turns: 'i32', start: 'f32' }, 'f32', (f, { turns, start }) => {
    const [factor, term] = [f32x4.const(0.5), f32x4.const(0.25)].map(value => f.local('v128', value))
    const sums = Array.from({ length: SUMS }, () => f.local('v128', f32x4.splat(start)))
    f.count(f.local('i32'), 0, turns, 1, () => {
      for (const sum of sums) {
        f.do(
          sum.set(
            relaxed
              ? f32x4.relaxedMultiplyAdd(sum, factor!, term!)
              : f32x4.add(f32x4.mul(sum, factor!), term!),
          ),
        )
      }
    })
    const [first, ...others] = sums as Code<'v128'>[]
    return f32x4.lane(
      others.reduce((total, sum) => f32x4.add(total, sum), first!),
      0,
    )
  })
  module.export('run', run)
  const { Module, Instance } = webAssembly!
  const { exports } = new Instance(new Module(module.toBytes()))
  const call = exports.run as (turns: number, start: number) => number
  const turns = Math.ceil(flops / FLOPS_PER_TURN)
  return () => call(turns, 1)
}
