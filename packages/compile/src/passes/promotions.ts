/** Calls that there is no code for, as others that say the same: several dtypes side by side, reductions over no axes. */

import { add, cast, max, mean, min, sum } from '@adjoint/core/functional'
import { elementwiseCode } from '@adjoint/core/wasm'
import { type DType, mapGraph, type Node } from '../graph/node.ts'
import { call, isCall, number } from './build.ts'
import type { Pass } from './pass.ts'

/**
 * Casts operands of a call element by element to the floating dtype of its result, where it has code for them only then. A
 * whole number beyond 2^24 beside float32 is rounded once more than by the primitive, which computes in float64. A sum or a
 * mean over no axes is x + 0, which takes the sign from -0 as they do, and a largest or smallest element is x.
 */
export const promotions: Pass = {
  name: 'promotions',
  run: graph => mapGraph(graph, promoted),
}

function promoted(node: Node): Node {
  const { op, inputs, dtype } = node
  if (dtype !== 'float32' && dtype !== 'float64') return node
  if (isEmptyReduction(node)) {
    const x = inputs[0]!
    return isCall(node, sum) || isCall(node, mean) ? call(add, [x, number(0, dtype)]) : x
  }
  const dtypes = inputs.map(input => input.dtype)
  if (inputs.length < 2 || elementwiseCode(op, dtypes, dtype)) return node
  // Truth values stay where they are conditions, and count as numbers elsewhere.
  for (const kept of [['bool', dtype], [dtype]] as readonly (readonly DType[])[]) {
    const wanted = dtypes.map(each => (kept.includes(each) ? each : dtype))
    if (!elementwiseCode(op, wanted, dtype)) continue
    return node.withInputs(
      inputs.map((input, k) => (input.dtype === wanted[k] ? input : call(cast, [input], { dtype }))),
    )
  }
  return node
}

function isEmptyReduction(node: Node): boolean {
  if (![sum, mean, max, min].some(op => isCall(node, op)) || node.inputs[0]!.dtype !== node.dtype)
    return false
  return (node.attributes.axes as readonly number[]).length === 0
}
