/**
 * Laws that move reshape and expand behind other ops: what is computed element by element is computed in the shape in which
 * its inputs come, before anything is repeated, and chains of such ops are not interrupted.
 */

import { type ReductionAttributes, sameShape } from '@adjoint/core/engine'
import { expand, reshape } from '@adjoint/core/functional'
import { Node } from '../../graph/node.ts'
import { axisGroups, shapeBeside } from '../axes.ts'
import { expanded, isCall, isElementwise, isReduction, reshaped, uniformValue } from '../build.ts'
import type { Law } from './law.ts'

const isPlainExpand = (node: Node): boolean => isCall(node, expand) && node.attributes.batchAxes === undefined

export const SINKING: readonly Law[] = [
  {
    name: 'expandAfter',
    formula: 'f(expand(x), expand(y)) = expand(f(x, y)), f(expand(x), y) = f(x, y), for f element by element',
    at: isElementwise,
    rewrite: node => {
      if (!node.inputs.some(isPlainExpand)) return undefined
      const inputs = node.inputs.map(input => (isPlainExpand(input) ? input.inputs[0]! : input))
      return expanded(Node.call(node.primitive!, inputs, node.attributes), node.shape)
    },
  },
  {
    name: 'reshapeAfter',
    formula: 'f(reshape(x), y) = reshape(f(x, y in the shape of x)), for f element by element',
    at: isElementwise,
    rewrite: node => {
      if (node.size === 0 || !node.inputs.some(input => isCall(input, reshape))) return undefined
      const whole = node.inputs.filter(input => input.size === node.size && uniformValue(input) === undefined)
      const views = whole.filter(input => isCall(input, reshape) && sameShape(input.shape, node.shape))
      const targets = views.map(view => view.inputs[0]!.shape)
      // Fewer axes are worth another view of what stands beside; otherwise all have to come in the same shape.
      const isCommon =
        views.length === whole.length && targets.every(target => sameShape(target, targets[0]!))
      const target = isCommon ? targets[0] : targets.find(({ length }) => length < node.shape.length)
      if (target === undefined) return undefined
      const inputs: Node[] = []
      for (const input of node.inputs) {
        const shape = shapeBeside(input.shape, node.shape, target)
        if (shape === undefined) return undefined
        const isNumber = input.size === 1 && node.size > 1 && input.shape.length <= target.length
        inputs.push(isNumber ? input : viewed(input, shape))
      }
      return reshaped(Node.call(node.primitive!, inputs, node.attributes), node.shape)
    },
  },
  {
    name: 'reshapeAfterReduction',
    formula: 'a reduction of reshape(x) = reshape(the reduction of x over the axes of the same elements)',
    at: isReduction,
    rewrite: node => {
      const view = node.inputs[0]!
      if (!isCall(view, reshape) || view.size === 0) return undefined
      const x = view.inputs[0]!
      const { axes } = node.attributes as ReductionAttributes
      const reduced: number[] = []
      for (const { left, right } of axisGroups(view.shape, x.shape)) {
        const long = longAxes(view.shape, left)
        const count = long.filter(axis => axes.includes(axis)).length
        if (count > 0 && count < long.length) return undefined
        if (count > 0) reduced.push(...longAxes(x.shape, right))
      }
      const before = axes.filter(axis => view.shape[axis] !== 1).length
      if (reduced.length === 0 || reduced.length > before) return undefined
      const attributes = { ...node.attributes, axes: reduced, keepDims: true }
      return reshaped(Node.call(node.primitive!, [x], attributes), node.shape)
    },
  },
]

/** A node in another shape: of a view of a view, a view. */
function viewed(x: Node, shape: readonly number[]): Node {
  return reshaped(isCall(x, reshape) ? x.inputs[0]! : x, shape)
}

/** The axes of more than one element in a range of axes. */
function longAxes(shape: readonly number[], [from, to]: readonly [number, number]): number[] {
  const axes: number[] = []
  for (let axis = from; axis < to; axis++) if (shape[axis] !== 1) axes.push(axis)
  return axes
}
