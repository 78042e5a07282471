/** Loops over the positions of a shape in which several addresses move along. */

import { type FunctionBuilder, type I32, i32, type Local } from '@adjoint/core/wasm'

/** One axis of the loops: its length, and how far each address moves from one position to the next. */
export interface WalkAxis {
  readonly size: number
  readonly steps: readonly number[]
}

/** The axes of a shape, as few as possible: axes that follow each other without gaps are one, those of size 1 none. */
export function walkAxes(shape: readonly number[], strides: readonly (readonly number[])[]): WalkAxis[] {
  const axes: WalkAxis[] = []
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!
    if (size === 1) continue
    const steps = strides.map(each => each[axis]!)
    const inner = axes[0]
    if (inner?.steps.every((step, k) => step * inner.size === steps[k]))
      axes[0] = { size: size * inner.size, steps: inner.steps }
    else axes.unshift({ size, steps })
  }
  return axes
}

/** Runs `body` at every position, in row-major order, with the addresses there. The first ones stay as they are. */
export function walk(
  f: FunctionBuilder,
  axes: readonly WalkAxis[],
  from: readonly Local<'i32'>[],
  body: (addresses: readonly Local<'i32'>[]) => void,
): void {
  const [axis, ...others] = axes
  if (axis === undefined) {
    body(from)
    return
  }
  const moving = from.map((address, k) => (axis.steps[k] === 0 ? address : f.local('i32', address)))
  const index = f.local('i32')
  f.count(index, 0, axis.size, 1, () => {
    walk(f, others, moving, body)
    for (const [k, address] of moving.entries())
      if (axis.steps[k] !== 0) f.do(address.set(i32.add(address, axis.steps[k]!)))
  })
}

/** How far each address is from the first position at the position with a given number, in row-major order. */
export function stepsTo(f: FunctionBuilder, axes: readonly WalkAxis[], number: I32): Local<'i32'>[] {
  const count = axes[0]?.steps.length ?? 0
  const sums = Array.from({ length: count }, () => f.local('i32', i32.const(0)))
  let rest = f.local('i32', number)
  for (let k = axes.length - 1; k >= 0; k--) {
    const { size, steps } = axes[k]!
    const place = k === 0 ? rest : f.local('i32', i32.rem(rest, size))
    for (const [j, step] of steps.entries())
      if (step !== 0) f.do(sums[j]!.set(i32.add(sums[j]!, i32.mul(place, step))))
    if (k > 0) rest = f.local('i32', i32.div(rest, size))
  }
  return sums
}

/** Strides of several operands in bytes. */
export function inBytes(strides: readonly number[], bytes: number): number[] {
  return strides.map(stride => stride * bytes)
}
