/** Laws of movements: what only rearranges elements is done at once, or not at all. */

import { place, type Ranges, sameShape, sliceRanges } from '@adjoint/core/engine'
import { add, concat, expand, permute, reshape } from '@adjoint/core/functional'
import type { Node } from '../../graph/node.ts'
import { call, expanded, isCall, number, reshaped, uniformValue } from '../build.ts'
import type { Law, Uses } from './law.ts'

const rangesOf = (node: Node): Ranges => node.attributes as Ranges
const orderOf = (node: Node): readonly number[] => node.attributes.order as readonly number[]
const axisOf = (node: Node): number => node.attributes.axis as number

/** Whether ranges take all of a shape, in order. */
function isEverything({ starts, sizes, steps }: Ranges, shape: readonly number[]): boolean {
  return sameShape(sizes, shape) && sizes.every((size, k) => size <= 1 || (starts[k] === 0 && steps[k] === 1))
}

/** Ranges without holes along one axis, and everything of the others: where they begin there. */
function startAlong(
  axis: number,
  { starts, sizes, steps }: Ranges,
  shape: readonly number[],
): number | undefined {
  const fits = sizes.every((size, k) =>
    k === axis
      ? size <= 1 || steps[k] === 1
      : size === shape[k] && (size <= 1 || (starts[k] === 0 && steps[k] === 1)),
  )
  return fits ? starts[axis] : undefined
}

/** The ranges that take `sizes` elements from a start on along one axis, and everything of the others. */
function rangesAlong(axis: number, start: number, sizes: readonly number[]): Ranges {
  return { starts: sizes.map((_, k) => (k === axis ? start : 0)), sizes, steps: sizes.map(() => 1) }
}

/** Ranges of what ranges took. */
function within(outer: Ranges, inner: Ranges): Ranges {
  return {
    starts: outer.starts.map((start, k) => start + inner.starts[k]! * outer.steps[k]!),
    sizes: inner.sizes,
    steps: outer.steps.map((step, k) => step * inner.steps[k]!),
  }
}

export const MOVING: readonly Law[] = [
  {
    name: 'uniformMovement',
    formula: 'a movement of equal numbers = as many equal numbers',
    at: [reshape, permute, sliceRanges, concat, place],
    rewrite: node => {
      const [value, ...others] = node.inputs.map(uniformValue)
      if (value === undefined || others.some(other => !Object.is(other, value))) return undefined
      if (isCall(node, place) && !Object.is(value, 0)) return undefined
      return expanded(number(value, node.dtype), node.shape)
    },
  },
  {
    name: 'reshapeToSame',
    formula: 'reshape(x, shape of x) = x',
    at: [reshape],
    rewrite: node => (sameShape(node.inputs[0]!.shape, node.shape) ? node.inputs[0] : undefined),
  },
  {
    name: 'reshapeTwice',
    formula: 'reshape(reshape(x, s), t) = reshape(x, t)',
    at: [reshape],
    rewrite: node => {
      const inner = node.inputs[0]!
      return isCall(inner, reshape) ? reshaped(inner.inputs[0]!, node.shape) : undefined
    },
  },
  {
    name: 'permuteNothing',
    formula: 'permute(x, order) = reshape(x), where axes of more than one element keep their order',
    at: [permute],
    rewrite: node => {
      const { shape } = node.inputs[0]!
      const long = orderOf(node).filter(axis => shape[axis] !== 1)
      return long.every((axis, k) => k === 0 || long[k - 1]! < axis)
        ? reshaped(node.inputs[0]!, node.shape)
        : undefined
    },
  },
  {
    name: 'permuteTwice',
    formula: 'permute(permute(x, p), q) = permute(x, p after q)',
    at: [permute],
    rewrite: node => {
      const inner = node.inputs[0]!
      if (!isCall(inner, permute)) return undefined
      return call(permute, inner.inputs, { order: orderOf(node).map(axis => orderOf(inner)[axis]!) })
    },
  },
  {
    name: 'expandBehindBatch',
    formula: 'expand(x, shape, batch axes) = expand(reshape(x), shape)',
    at: [expand],
    rewrite: node => {
      const batchAxes = node.attributes.batchAxes as number | undefined
      if (batchAxes === undefined) return undefined
      const x = node.inputs[0]!
      const added = new Array<number>(node.shape.length - x.shape.length).fill(1)
      const shape = [...x.shape.slice(0, batchAxes), ...added, ...x.shape.slice(batchAxes)]
      return expanded(reshaped(x, shape), node.shape)
    },
  },
  {
    name: 'expandToSame',
    formula: 'expand(x, shape of x) = x',
    at: [expand],
    rewrite: node => (sameShape(node.inputs[0]!.shape, node.shape) ? node.inputs[0] : undefined),
  },
  {
    name: 'expandNothing',
    formula: 'expand(x, shape) = reshape(x, shape), where no element is repeated',
    at: [expand],
    rewrite: node => {
      const x = node.inputs[0]!
      return x.size === node.size && node.size > 0 && node.attributes.batchAxes === undefined
        ? reshaped(x, node.shape)
        : undefined
    },
  },
  {
    name: 'expandTwice',
    formula: 'expand(expand(x, s), t) = expand(x, t)',
    at: [expand],
    rewrite: node => {
      const inner = node.inputs[0]!
      const isPlain = [node, inner].every(({ attributes }) => attributes.batchAxes === undefined)
      return isCall(inner, expand) && isPlain ? expanded(inner.inputs[0]!, node.shape) : undefined
    },
  },
  {
    name: 'sliceEverything',
    formula: 'slice(x, all) = x, place(x, all) = x',
    at: [sliceRanges, place],
    rewrite: node => {
      const x = node.inputs[0]!
      const shape = isCall(node, place) ? node.shape : x.shape
      return isEverything(rangesOf(node), shape) ? x : undefined
    },
  },
  {
    name: 'sliceTwice',
    formula: 'slice(slice(x, r), q) = slice(x, q of r)',
    at: [sliceRanges],
    rewrite: node => {
      const inner = node.inputs[0]!
      if (!isCall(inner, sliceRanges)) return undefined
      return call(sliceRanges, inner.inputs, within(rangesOf(inner), rangesOf(node)))
    },
  },
  {
    name: 'placeTwice',
    formula: 'place(place(x, r), q) = place(x, r of q)',
    at: [place],
    rewrite: node => {
      const inner = node.inputs[0]!
      if (!isCall(inner, place)) return undefined
      return call(place, inner.inputs, { shape: node.shape, ...within(rangesOf(node), rangesOf(inner)) })
    },
  },
  {
    name: 'slicePlaced',
    formula: 'slice(place(x, r), r) = x',
    at: [sliceRanges],
    rewrite: node => {
      const inner = node.inputs[0]!
      if (!isCall(inner, place)) return undefined
      const [a, b] = [rangesOf(inner), rangesOf(node)]
      const same = (['starts', 'sizes', 'steps'] as const).every(key => sameShape(a[key], b[key]))
      return same ? inner.inputs[0] : undefined
    },
  },
  {
    name: 'sliceOfParts',
    formula: 'slice(concat(x, ...), inside of x) = slice(x)',
    at: [sliceRanges],
    rewrite: node => {
      const joined = node.inputs[0]!
      if (!isCall(joined, concat) || node.size === 0) return undefined
      const axis = axisOf(joined)
      const { starts, sizes, steps } = rangesOf(node)
      const last = starts[axis]! + (sizes[axis]! - 1) * steps[axis]!
      const [low, high] = [Math.min(starts[axis]!, last), Math.max(starts[axis]!, last)]
      let from = 0
      for (const part of joined.inputs) {
        const to = from + part.shape[axis]!
        if (low >= from && high < to && part.dtype === node.dtype) {
          const shifted = starts.map((start, k) => (k === axis ? start - from : start))
          return call(sliceRanges, [part], { starts: shifted, sizes, steps })
        }
        from = to
      }
      return undefined
    },
  },
  {
    name: 'concatOne',
    formula: 'concat(x) = x; parts without elements are left out',
    at: [concat],
    rewrite: node => {
      const axis = axisOf(node)
      const parts = node.inputs.filter(({ shape }) => shape[axis] !== 0)
      if (parts.length === 1 && parts[0]!.dtype === node.dtype) return parts[0]
      if (parts.length === node.inputs.length || parts.length === 0) return undefined
      const better = call(concat, parts, { axis })
      return better.dtype === node.dtype ? better : undefined
    },
  },
  {
    name: 'concatTwice',
    formula: 'concat(concat(x, y), z) = concat(x, y, z)',
    at: [concat],
    rewrite: (node, uses) => {
      const axis = axisOf(node)
      const isJoined = (part: Node): boolean =>
        isCall(part, concat) && axisOf(part) === axis && part.dtype === node.dtype && uses(part) === 1
      if (!node.inputs.some(isJoined)) return undefined
      const parts = node.inputs.flatMap(part => (isJoined(part) ? part.inputs : [part]))
      return call(concat, parts, { axis })
    },
  },
  {
    name: 'concatNeighbours',
    formula: 'concat(slice(x, a to b), slice(x, b to c)) = slice(x, a to c)',
    at: [concat],
    rewrite: node => {
      const axis = axisOf(node)
      const parts: Node[] = []
      for (const part of node.inputs) {
        const joined = parts.length > 0 ? neighbours(axis, parts.at(-1)!, part) : undefined
        if (joined === undefined) parts.push(part)
        else parts[parts.length - 1] = joined
      }
      if (parts.length === node.inputs.length) return undefined
      if (parts.length === 1) return parts[0]
      return call(concat, parts, { axis })
    },
  },
  {
    name: 'concatRows',
    formula:
      'concat(reshape(x), reshape(y), 0) = reshape(concat(x, y, 0)), where x and y differ in the first size only',
    at: [concat],
    rewrite: node => {
      if (axisOf(node) !== 0 || node.size === 0 || !node.inputs.every(part => isCall(part, reshape)))
        return undefined
      const sources = node.inputs.map(part => part.inputs[0]!)
      const { shape } = sources[0]!
      const fits = sources.every(
        source =>
          source.shape.length === shape.length &&
          shape.length > 0 &&
          shape.every((size, k) => k === 0 || source.shape[k] === size),
      )
      return fits ? reshaped(call(concat, sources, { axis: 0 }), node.shape) : undefined
    },
  },
  {
    name: 'placeSideBySide',
    formula: 'place(x, a to b) + place(y, b to c) = place(concat(x + 0, y + 0), a to c)',
    at: [add],
    rewrite: (node, uses) => {
      const placed = placedIn(node, uses)
      return placed && joinPlaced(placed)
    },
  },
]

/** Two neighbouring slices of one tensor as one. */
function neighbours(axis: number, a: Node, b: Node): Node | undefined {
  if (!isCall(a, sliceRanges) || !isCall(b, sliceRanges) || a.inputs[0] !== b.inputs[0]) return undefined
  const [left, right] = [rangesOf(a), rangesOf(b)]
  const fits = left.starts.every((start, k) => {
    const step = left.steps[k]!
    if (k !== axis) return right.starts[k] === start && (right.steps[k] === step || left.sizes[k]! <= 1)
    return step === 1 && right.steps[k] === 1 && right.starts[k] === start + left.sizes[k]!
  })
  if (!fits) return undefined
  const sizes = left.sizes.map((size, k) => (k === axis ? size + right.sizes[k]! : size))
  return call(sliceRanges, a.inputs, { starts: left.starts, sizes, steps: left.steps })
}

/** The calls of place that a sum is made of; `undefined` when it is made of anything else. */
function placedIn(node: Node, uses: Uses): Node[] | undefined {
  const placed: Node[] = []
  const open = [...node.inputs]
  while (open.length > 0) {
    const term = open.pop()!
    if (!sameShape(term.shape, node.shape) || term.dtype !== node.dtype) return undefined
    if (isCall(term, place)) placed.push(term)
    else if (isCall(term, add) && uses(term) === 1) open.push(...term.inputs)
    else return undefined
  }
  return placed
}

/** The sum of placed tensors that do not overlap, with neighbours joined; `undefined` when there are none. */
function joinPlaced(placed: readonly Node[]): Node | undefined {
  const { shape, dtype } = placed[0]!
  for (let axis = 0; axis < shape.length; axis++) {
    const parts = placed.map(node => ({ node, start: startAlong(axis, rangesOf(node), shape) }))
    if (parts.some(({ start }) => start === undefined)) continue
    parts.sort((a, b) => a.start! - b.start!)
    const runs: { start: number; end: number; parts: Node[] }[] = []
    for (const { node, start } of parts) {
      const size = rangesOf(node).sizes[axis]!
      const run = runs.at(-1)
      // Where two are added up, the order of the sum counts.
      if (run !== undefined && start! < run.end) return undefined
      if (run?.end !== start) runs.push({ start: start!, end: start! + size, parts: [node.inputs[0]!] })
      else {
        run!.parts.push(node.inputs[0]!)
        run!.end += size
      }
    }
    if (runs.length === placed.length) continue
    const zero = number(0, dtype)
    const joined = runs.map(({ start, parts }) => {
      // Every element had a 0 added to it, which makes 0 of -0.
      const sums = parts.map(part => call(add, [part, zero]))
      const whole = sums.length === 1 ? parts[0]! : call(concat, sums, { axis })
      return call(place, [whole], { shape, ...rangesAlong(axis, start, whole.shape) })
    })
    return joined.reduce((sum, part) => call(add, [sum, part]))
  }
  return undefined
}
