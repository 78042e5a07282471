/** Whether two runs of the body of a loop have done the same: only then one of them stands for all turns. */

import { sameShape } from '../shape/shape.ts'
import type { Attributes } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { TracedTensor } from './traced.ts'
import type { Forward } from './tracedLoop.ts'

/** Whether two runs of a body have done the same. */
export function isSameBody(first: Forward, second: Forward): boolean {
  if (first.calls.length !== second.calls.length || first.outputs.length !== second.outputs.length)
    return false
  const pairs = new Map<Tensor, Tensor>()
  const isSame = (x: Tensor, y: Tensor): boolean => {
    const known = pairs.get(x)
    return known === undefined ? x === y || isSameConstant(x, y) : known === y
  }
  for (const [k, input] of first.inputs.entries()) pairs.set(input, second.inputs[k]!)
  for (const [k, call] of first.calls.entries()) {
    const other = second.calls[k]!
    if (call.primitive !== other.primitive || !isSameData(call.attributes, other.attributes)) return false
    if (call.inputs.length !== other.inputs.length) return false
    if (!call.inputs.every((x, i) => isSame(x, other.inputs[i]!))) return false
    pairs.set(call.output, other.output)
  }
  return first.outputs.every((x, k) => isSame(x, second.outputs[k]!))
}

function isSameConstant(x: Tensor, y: Tensor): boolean {
  if (x instanceof TracedTensor || y instanceof TracedTensor) return false
  if (x.dtype !== y.dtype || !sameShape(x.shape, y.shape)) return false
  const [a, b] = [x.data(), y.data()]
  return a.every((value, k) => Object.is(value, b[k]))
}

function isSameData(x: unknown, y: unknown): boolean {
  if (Object.is(x, y)) return true
  if (typeof x !== 'object' || typeof y !== 'object' || x === null || y === null) return false
  const keys = Object.keys(x)
  if (keys.length !== Object.keys(y).length || Array.isArray(x) !== Array.isArray(y)) return false
  return keys.every(key => isSameData((x as Attributes)[key], (y as Attributes)[key]))
}
