/** What is known of values before they are computed. */

import { compact, type IndexBounds, wrapIndices } from '@adjoint/core/engine'
import { cast, concat, where } from '@adjoint/core/functional'
import type { Node } from '../graph/node.ts'
import { isCall, isView, uniformValue } from './build.ts'

/** Constants with more elements than this are not looked through. */
const FEW = 4096

/** Whether no element can be NaN or infinite, whatever comes from outside: truth values, whole numbers, constants. */
export function isAlwaysFinite(node: Node): boolean {
  if (node.dtype === 'bool' || node.dtype === 'int32') return true
  const value = uniformValue(node)
  if (value !== undefined) return Number.isFinite(value)
  if (node.value !== undefined) return elementsOf(node)?.every(Number.isFinite) ?? false
  if (isView(node) || isCall(node, concat)) return node.inputs.every(isAlwaysFinite)
  if (isCall(node, where)) return isAlwaysFinite(node.inputs[1]!) && isAlwaysFinite(node.inputs[2]!)
  // Every int32 is a finite number of either floating dtype; a float64 may be too large for float32.
  return isCall(node, cast) && node.inputs[0]!.dtype !== 'float64' && isAlwaysFinite(node.inputs[0]!)
}

/** Whether every element is a whole number from 0 to `size` - 1: it was checked before it came here. */
export function isWithin(node: Node, size: number): boolean {
  if (isView(node)) return isWithin(node.inputs[0]!, size)
  if (node.value !== undefined) {
    return node.dtype === 'int32' && (elementsOf(node)?.every(index => index >= 0 && index < size) ?? false)
  }
  if (!isCall(node, wrapIndices)) return false
  const bounds = node.attributes as IndexBounds
  return bounds.size <= size && (bounds.scale ?? 1) === 1 && (bounds.steps ?? []).every(step => step === 0)
}

/** The elements of a constant that has few. */
function elementsOf(node: Node): number[] | undefined {
  if (node.size > FEW) return undefined
  const { storage, offset, size } = compact(node.value!)
  return Array.from(storage.subarray(offset, offset + size))
}
