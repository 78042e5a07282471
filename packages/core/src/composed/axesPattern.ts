/**
 * Patterns of named axes, `'b (c h) w -> b c h w'`, behind `rearrange`, `reduceAxes` and `repeatAxes`: read, checked against
 * a shape, and followed. The notation is that of einops (Rogozhnikov, 2022).
 */

import { expand } from '../ops/expand.ts'
import { permute } from '../ops/permute.ts'
import { reshape } from '../ops/reshape.ts'
import { ArgumentError, describe, formatShape, ShapeError } from '../shape/errors.ts'
import { sizeOf } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Sizes of axes that the shape alone does not tell. */
export type AxisSizes = Readonly<Record<string, number>>

/** What a function may do besides rearranging. */
export interface PatternPowers {
  /** Takes away axes that stand on the left only. */
  readonly reduce?: (x: Tensor, axes: readonly number[]) => Tensor
  /** Repeats along axes that stand on the right only. */
  readonly adds?: boolean
}

/** Any number of axes. */
const DOTS = '...'

/** One place of a side: the axes that share it (none for `1` and `()`), or as many places as the dots stand for. */
type Place = readonly string[] | typeof DOTS

/** A number in a pattern is an axis of that size; this sign, which no name contains, comes between it and its position. */
const NUMBERED = '#'

/** The message of every mistake quotes the pattern. */
class Pattern {
  readonly name: string
  readonly text: string

  constructor(name: string, text: string) {
    this.name = name
    this.text = text
  }

  refuse(message: string): ArgumentError {
    return new ArgumentError(this.name, `pattern '${this.text}': ${message}`)
  }

  misfit(shape: readonly number[], message: string): ShapeError {
    return new ShapeError(this.name, `pattern '${this.text}': ${message}`, [shape])
  }
}

/** Applies a pattern to a tensor: splits, takes away, moves, adds and joins axes. */
export function followPattern(
  name: string,
  x: Tensor,
  text: string,
  sizes: AxisSizes,
  powers: PatternPowers = {},
): Tensor {
  const shape = expectTensor(name, x).shape as readonly number[]
  if (typeof text !== 'string') {
    throw new ArgumentError(name, `takes a pattern such as 'b c -> c b', got ${describe(text)}.`)
  }
  const pattern = new Pattern(name, text)
  const sides = text.split('->')
  if (sides.length !== 2) {
    throw pattern.refuse("needs one arrow '->' between the axes of the input and those of the result.")
  }
  const left = readSide(pattern, sides[0]!, 'left', powers.reduce !== undefined)
  const right = readSide(pattern, sides[1]!, 'right', powers.adds === true)
  expectAgreement(pattern, left, right, powers)
  const hidden = axesOfDots(pattern, left, shape)
  const from = left.flatMap(place => (place === DOTS ? hidden.map(axis => [axis]) : [place]))
  const to = right.flatMap(place =>
    place === DOTS ? hidden.map(axis => [axis]) : [place.flatMap(axis => (axis === DOTS ? hidden : [axis]))],
  )
  const known = knownSizes(pattern, [...from.flat(), ...to.flat()], sizes)
  findSizes(pattern, shape, from, known)
  return follow(x, from, to, known, powers, pattern)
}

function follow(
  x: Tensor,
  from: readonly (readonly string[])[],
  to: readonly (readonly string[])[],
  known: ReadonlyMap<string, number>,
  { reduce }: PatternPowers,
  pattern: Pattern,
): Tensor {
  const [before, after] = [from.flat(), to.flat()]
  const open = after.find(axis => !known.has(axis))
  if (open !== undefined)
    throw pattern.refuse(`the size of '${open}' is open; pass it, as in { ${open}: 2 }.`)
  const size = (axis: string): number => known.get(axis)!
  const [had, wanted] = [new Set(before), new Set(after)]
  const dropped = before.flatMap((axis, i) => (wanted.has(axis) ? [] : [i]))
  const kept = before.filter(axis => wanted.has(axis))
  const order = after.filter(axis => had.has(axis)).map(axis => kept.indexOf(axis))
  let result = reshape(x, before.map(size)) as Tensor
  if (dropped.length > 0) result = reduce!(result, dropped)
  if (order.some((axis, i) => axis !== i)) result = permute(result, order)
  if (order.length < after.length) {
    const opened = reshape(
      result,
      after.map(axis => (had.has(axis) ? size(axis) : 1)),
    )
    result = expand(opened, after.map(size))
  }
  return reshape(
    result,
    to.map(place => sizeOf(place.map(size))),
  )
}

/** The places of one side. */
function readSide(pattern: Pattern, text: string, side: string, allowsNumbers: boolean): Place[] {
  const places: Place[] = []
  const seen = new Set<string>()
  let shared: string[] | undefined
  for (const [position, token] of (text.match(/\.\.\.|[()]|[^\s().]+|\./g) ?? []).entries()) {
    if (token === '(') {
      if (shared !== undefined) throw pattern.refuse('parentheses do not nest.')
      shared = []
    } else if (token === ')') {
      if (shared === undefined) throw pattern.refuse(`on the ${side} ')' comes without '('.`)
      places.push(shared)
      shared = undefined
    } else {
      const axis = readAxis(pattern, token, position, allowsNumbers)
      if (axis !== undefined && seen.has(axis))
        throw pattern.refuse(`'${token}' stands twice on the ${side}.`)
      if (axis !== undefined) seen.add(axis)
      const axes = axis === undefined ? [] : [axis]
      if (shared !== undefined) shared.push(...axes)
      else places.push(axis === DOTS ? DOTS : axes)
    }
  }
  if (shared !== undefined) throw pattern.refuse(`on the ${side} '(' is not closed.`)
  if (side === 'left' && places.some(place => place !== DOTS && place.includes(DOTS))) {
    throw pattern.refuse("'...' may stand in parentheses on the right only.")
  }
  return places
}

/** The axis that a token stands for, none for 1. */
function readAxis(
  pattern: Pattern,
  token: string,
  position: number,
  allowsNumbers: boolean,
): string | undefined {
  if (token === DOTS || /^[A-Za-z_]\w*$/.test(token)) return token
  if (token === '1') return undefined
  if (!/^\d+$/.test(token)) {
    throw pattern.refuse(`'${token}' is no axis; axes are names such as 'h', 1, or '...'.`)
  }
  if (!allowsNumbers) {
    throw pattern.refuse(
      `the number ${token} may not stand here; name the axis and pass its size, as in { n: ${token} }.`,
    )
  }
  return `${position}${NUMBERED}${token}`
}

/** An axis as it was written. */
function written(axis: string): string {
  return axis.slice(axis.indexOf(NUMBERED) + 1)
}

/** Every axis must stand on both sides, except those that are taken away or added. */
function expectAgreement(
  pattern: Pattern,
  left: readonly Place[],
  right: readonly Place[],
  { reduce, adds }: PatternPowers,
): void {
  const axesOf = (places: readonly Place[]): string[] =>
    places.flatMap(place => (place === DOTS ? [DOTS] : place))
  const [had, wanted] = [axesOf(left), axesOf(right)]
  const lost = had.find(axis => !wanted.includes(axis))
  if (lost !== undefined && reduce === undefined) {
    throw pattern.refuse(`'${lost}' stands on the left only; reduceAxes takes axes away.`)
  }
  const found = wanted.find(axis => !had.includes(axis) && !(adds === true && axis !== DOTS))
  if (found !== undefined) {
    throw pattern.refuse(
      `'${found}' stands on the right only${found === DOTS ? '' : '; repeatAxes adds axes'}.`,
    )
  }
}

/** Names for the axes that the dots on the left stand for, after checking that there are as many places as axes. */
function axesOfDots(pattern: Pattern, left: readonly Place[], shape: readonly number[]): readonly string[] {
  const hasDots = left.includes(DOTS)
  const places = left.length - (hasDots ? 1 : 0)
  if (hasDots ? shape.length < places : shape.length !== places) {
    throw pattern.misfit(
      shape,
      `has ${places} ${places === 1 ? 'axis' : 'axes'}${hasDots ? " besides '...'" : ''} on the left, ` +
        `${formatShape(shape)} has ${shape.length}.`,
    )
  }
  return hasDots ? Array.from({ length: shape.length - places }, (_, i) => `${DOTS}${i}`) : []
}

/** Sizes that the pattern or the caller says. */
function knownSizes(pattern: Pattern, axes: readonly string[], sizes: AxisSizes): Map<string, number> {
  if (typeof sizes !== 'object' || sizes === null) {
    throw pattern.refuse(`sizes of axes are an object such as { h: 2 }, got ${describe(sizes)}.`)
  }
  const known = new Map<string, number>()
  for (const axis of axes) if (axis.includes(NUMBERED)) known.set(axis, Number(written(axis)))
  for (const [axis, size] of Object.entries(sizes)) {
    if (!axes.includes(axis))
      throw pattern.refuse(`a size is given for '${axis}', which does not stand in it.`)
    if (!Number.isInteger(size) || size < 0) {
      throw pattern.refuse(`the size of '${axis}' must be a whole number from 0 up, got ${String(size)}.`)
    }
    known.set(axis, size)
  }
  return known
}

/** Finds the sizes of all axes of the left side; of those that share a place, one may be open. */
function findSizes(
  pattern: Pattern,
  shape: readonly number[],
  places: readonly (readonly string[])[],
  known: Map<string, number>,
): void {
  places.forEach((place, k) => {
    const open = place.filter(axis => !known.has(axis))
    const given = sizeOf(place.flatMap(axis => known.get(axis) ?? []))
    if (open.length > 1) {
      throw pattern.refuse(
        `of ${asked(place, known)} at most one size may be open; pass { ${open[0]}: 2 } or another one.`,
      )
    }
    const rest = open.length === 0 ? 1 : shape[k]! / given
    if (!Number.isInteger(rest) || rest * given !== shape[k]) {
      throw pattern.misfit(
        shape,
        `axis ${k} of ${formatShape(shape)} has size ${shape[k]}, which ${place.length === 0 ? 'is not 1' : `does not divide into ${asked(place, known)}`}.`,
      )
    }
    for (const axis of open) known.set(axis, rest)
  })
}

/** The axes of a place with the sizes that are known, for messages. */
function asked(place: readonly string[], known: ReadonlyMap<string, number>): string {
  return `(${place.map(axis => (known.has(axis) ? `${written(axis)} = ${known.get(axis)}` : axis)).join(', ')})`
}
