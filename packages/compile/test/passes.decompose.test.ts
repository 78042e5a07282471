/** Composite primitives taken apart: as accurate as they say, and the same for everything that is not finite. */

import { groupMoments, pick, standardize, standardizeSlope, wrapIndices } from '@adjoint/core/engine'
import * as ops from '@adjoint/core/functional'
import { type Tensor, tensor } from '@adjoint/core/functional'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Attributes, Node, orderOf } from '../src/graph/node.ts'
import { type Carrier, call, isElementwise, isReduction, isView, MOVEMENTS } from '../src/passes/build.ts'
import { DECOMPOSITIONS, decomposeWhere, partsOf } from '../src/passes/decompose/index.ts'
import { elementsOf, runNodes } from './support/runGraph.ts'
import { difference, graphOf, input, SPECIAL } from './support/samples.ts'

const EPSILON = 2 ** -24

/** What numbers below the smallest normal one may lose on the way. */
const TINY = 2 ** -120

/** A call with drawn inputs, and what its parts may be off by. */
interface Case {
  readonly of: Carrier
  readonly attributes: Attributes
  readonly shapes: readonly (readonly number[])[]
  /** The largest error of each element, from the exact values of the inputs and of the result. */
  readonly bound: (inputs: readonly Tensor[], y: Tensor) => Tensor | number
}

const double = (x: Tensor): Tensor => ops.cast(x, 'float64')
const KEEP = { keepDims: true }

/** How far the elements lie below the largest one of their line. */
function depth(x: Tensor, axes: readonly number[]): Tensor {
  return ops.abs(ops.sub(x, ops.max(x, axes, KEEP)))
}

function largestOf(x: Tensor, axes: readonly number[]): Tensor {
  return ops.max(ops.abs(x), axes, KEEP)
}

const GROUPS = [-3, -1]
const isCentered = [true, false]

const CASES: readonly Case[] = [
  ...[[0], [1], [2]].map(
    (axes): Case => ({
      of: ops.softmax,
      attributes: { axes },
      shapes: [[3, 4, 5]],
      bound: ([x], y) => ops.mul(ops.mul(ops.add(depth(x!, axes), 4), EPSILON), y),
    }),
  ),
  ...[[0], [2]].map(
    (axes): Case => ({
      of: ops.logSoftmax,
      attributes: { axes },
      shapes: [[3, 4, 5]],
      bound: ([x], y) => ops.mul(ops.add(ops.add(depth(x!, axes), ops.abs(y)), 1), 2 * EPSILON),
    }),
  ),
  ...[[0], [1, 2], [0, 1, 2]].map(
    (axes): Case => ({
      of: ops.logSumExp,
      attributes: { axes, keepDims: axes.length === 2 },
      shapes: [[3, 4, 5]],
      bound: ([x], y) => {
        const largest = ops.reshape(ops.max(x!, axes), y.shape)
        return ops.mul(ops.add(ops.add(ops.abs(ops.sub(y, largest)), ops.abs(y)), 1), 2 * EPSILON)
      },
    }),
  ),
  ...[[0], [1], [0, 1]].map(
    (axes): Case => ({
      of: ops.center,
      attributes: { axes },
      shapes: [[6, 7]],
      bound: (_, y) => ops.mul(largestOf(y, axes), 3 * EPSILON),
    }),
  ),
  ...[
    [1, 4, 7],
    [9, 4, 1],
    [2, 1, 3, 5],
  ].flatMap(shape =>
    isCentered.flatMap((centered): Case[] => [
      {
        of: standardize,
        attributes: { centered, epsilon: 1e-5 },
        shapes: [shape],
        bound: (_, y) => ops.mul(largestOf(y, GROUPS), 8 * EPSILON),
      },
      {
        of: standardizeSlope,
        attributes: { centered, epsilon: 1e-5 },
        shapes: [shape, shape],
        bound: ([x, g]) => {
          const around = centered ? ops.center(x!, GROUPS) : x!
          const scale = ops.rsqrt(ops.add(ops.mean(ops.square(around), GROUPS, KEEP), 1e-5))
          return ops.mul(ops.mul(scale, largestOf(g!, GROUPS)), 24 * EPSILON)
        },
      },
    ]),
  ),
  ...[
    [1, 4, 7],
    [9, 4, 1],
  ].map(
    (shape): Case => ({
      of: groupMoments,
      attributes: {},
      shapes: [shape],
      bound: (_, y) => ops.mul(ops.abs(y), 4 * EPSILON),
    }),
  ),
  ...[1, 2, Number.POSITIVE_INFINITY].map(
    (order): Case => ({
      of: ops.norm,
      attributes: { axes: [1], keepDims: false, order },
      shapes: [[5, 6]],
      bound: () => 0,
    }),
  ),
]

function float32(shape: readonly number[], numbers: fc.Arbitrary<number>): fc.Arbitrary<Tensor> {
  const size = shape.reduce((product, length) => product * length, 1)
  return fc
    .array(numbers, { minLength: size, maxLength: size })
    .map(list => tensor(list, { dtype: 'float32', shape }))
}

/**
 * Moderate numbers around a common offset, which may be large beside them. In thousandths: the bounds are stated for numbers
 * whose squares do not underflow, and a generator of floating-point numbers prefers those that do.
 */
function moderate(shape: readonly number[]): fc.Arbitrary<Tensor> {
  return fc.tuple(fc.constantFrom(0, 1, -100, 1e4), fc.constantFrom(0.1, 1, 10)).chain(([offset, scale]) =>
    float32(
      shape,
      fc.integer({ min: -3000, max: 3000 }).map(x => offset + (scale * x) / 1000),
    ),
  )
}

/** A call of one case with its parts. */
function built({ of, attributes, shapes }: Case): { sources: readonly Node[]; whole: Node; parts: Node } {
  const sources = shapes.map(shape => input(shape))
  const whole = call(of, sources, attributes)
  return { sources, whole, parts: partsOf(whole)! }
}

const titled = CASES.map(each => {
  const { order } = each.attributes
  const settings = JSON.stringify(order === undefined ? each.attributes : { order: String(order) })
  return [`${each.of.primitive.name} ${each.shapes[0]!.join('×')} ${settings}`, each] as const
})

describe('decompositions', () => {
  it('are all tested', () => {
    const tested = [...CASES.map(({ of }) => of), ops.maskedSoftmax, ops.gather, pick, ops.scatterAdd]
    expect(new Set(tested.map(({ primitive }) => primitive.name))).toEqual(
      new Set(DECOMPOSITIONS.map(({ of }) => of.primitive.name)),
    )
  })

  it.each(titled)('%s: within the bound of the exact result', (_, each) => {
    const { sources, whole, parts } = built(each)
    fc.assert(
      fc.property(fc.tuple(...each.shapes.map(moderate)), values => {
        const given = new Map(sources.map((source, i) => [source, values[i]!]))
        const [found] = runNodes([parts], given)
        const doubles = values.map(double)
        const exact = whole.primitive!.forward(doubles, each.attributes)
        const bound = each.bound(doubles, exact)
        // Half a unit in the last place is what the primitive itself rounds at the end.
        const rounding = ops.add(ops.mul(ops.abs(exact), EPSILON), TINY)
        const allowed = typeof bound === 'number' ? ops.add(rounding, bound) : ops.add(rounding, bound)
        const excess = ops.sub(ops.abs(ops.sub(double(found!), exact)), allowed)
        expect(Math.max(...elementsOf(excess))).toBeLessThanOrEqual(0)
      }),
      { numRuns: 60 },
    )
  })

  const forms = titled.filter(
    ([, { of }]) => !([standardize, standardizeSlope, groupMoments, ops.center] as Carrier[]).includes(of),
  )
  it.each(forms)('%s: infinite and NaN where the whole is', (_, each) => {
    const { sources, whole, parts } = built(each)
    const numbers = fc.oneof(fc.constantFrom(...SPECIAL), fc.constantFrom(1, 2, 3))
    fc.assert(
      fc.property(fc.tuple(...each.shapes.map(shape => float32(shape, numbers))), values => {
        const given = new Map(sources.map((source, i) => [source, values[i]!]))
        const [a, b] = runNodes([whole, parts], given)
        expect(
          difference(a!, b!, (x, y) => Object.is(x, y) || (Number.isFinite(x) && Number.isFinite(y))),
        ).toBeUndefined()
      }),
      { numRuns: 100 },
    )
  })

  it('gives exactly 0 for the deviations of equal elements, however large', () => {
    const { sources, parts } = built({
      of: ops.center,
      attributes: { axes: [1] },
      shapes: [[3, 7]],
      bound: () => 0,
    })
    for (const value of [0.1, 1e8, -3.3e30]) {
      const [found] = runNodes([parts], new Map([[sources[0]!, ops.full([3, 7], value)]]))
      expect(elementsOf(found!)).toEqual(new Array(21).fill(0))
    }
  })

  it.each([-1, -2])(
    'maskedSoftmax along axis %i: like the whole, with lines in which nothing takes part',
    axis => {
      const numbers = fc.oneof(
        fc.double({ min: -9, max: 9, noNaN: true }),
        fc.constantFrom(Number.NEGATIVE_INFINITY, Number.NaN, Infinity),
      )
      fc.assert(
        fc.property(
          fc.constantFrom([3, 4], [1, 4], [3, 1]),
          fc.constantFrom([3, 4], [4], [1, 4], [3, 1], [1, 1]),
          fc.array(numbers, { minLength: 12, maxLength: 12 }),
          fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
          (shape, maskShape, list, truths) => {
            const [x, mask] = [input(shape), input(maskShape, 'bool')]
            const whole = call(ops.maskedSoftmax, [x, mask], { axes: [axis] })
            const parts = partsOf(whole)
            const size = (of: Node): number => of.size
            const given = new Map([
              [x, tensor(list.slice(0, size(x)), { dtype: 'float32', shape })],
              [mask, tensor(truths.slice(0, size(mask)).map(Number), { dtype: 'bool', shape: maskShape })],
            ])
            const [a, b] = runNodes([whole, parts!], given)
            const close = (p: number, q: number): boolean =>
              Object.is(p, q) || Math.abs(p - q) <= 24 * EPSILON * Math.abs(p)
            expect(difference(a!, b!, close)).toBeUndefined()
          },
        ),
        { numRuns: 300 },
      )
    },
  )

  it('chooses one element of each row, and places one, with the same bits', () => {
    const numbers = fc.constantFrom(...SPECIAL)
    const places = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(float32([3, 5], numbers), float32([3, 1], numbers), places, (x, v, list) => {
        const [table, source] = [input([3, 5]), input([3, 1])]
        const index = input([3], 'int32')
        const checked = call(wrapIndices, [index], { size: 5, caller: 'test', of: 'the places', wrap: false })
        const column = call(ops.reshape, [checked], { shape: [3, 1] })
        const zeros = Node.constant(ops.zeros([3, 5]))
        const wholes = [
          call(ops.gather, [table, column], { axis: 1 }),
          call(ops.scatterAdd, [zeros, column, source], { axis: 1 }),
        ]
        const given = new Map<Node, Tensor>([
          [table, x],
          [source, v],
          [index, tensor(list, { dtype: 'int32' })],
        ])
        const parts = wholes.map(whole => partsOf(whole)!)
        const values = runNodes([...wholes, ...parts], given)
        for (const k of [0, 1]) expect(difference(values[k]!, values[k + 2]!)).toBeUndefined()
        // What refuses indices out of range is still there.
        for (const part of parts) expect(orderOf([part])).toContain(checked)
      }),
      { numRuns: 100 },
    )
  })

  it('takes nothing apart whose indices nobody has checked, or that chooses several elements', () => {
    const [x, index] = [input([3, 5]), input([3, 1], 'int32')]
    expect(partsOf(call(ops.gather, [x, index], { axis: 1 }))).toBeUndefined()
    const checked = call(wrapIndices, [input([3, 2], 'int32')], {
      size: 5,
      caller: 'test',
      of: 'the places',
      wrap: false,
    })
    expect(partsOf(call(ops.gather, [x, checked], { axis: 1 }))).toBeUndefined()
    const wider = call(wrapIndices, [index], { size: 6, caller: 'test', of: 'the places', wrap: false })
    expect(partsOf(call(ops.gather, [x, wider], { axis: 1 }))).toBeUndefined()
  })

  it.each(titled)('%s: made of ops element by element, reductions and movements', (_, each) => {
    const { sources, parts } = built(each)
    const compute = orderOf([parts]).filter(node => node.primitive !== undefined)
    const moves = new Set(MOVEMENTS.map(({ primitive }) => primitive))
    for (const node of compute) {
      expect(
        isElementwise(node) || isReduction(node) || isView(node) || moves.has(node.primitive as never),
      ).toBe(true)
    }
    expect(orderOf([parts])).toEqual(expect.arrayContaining([...sources]))
  })

  it('is done only where it is wanted, and not where there is nothing', () => {
    const x = input([4, 5])
    const whole = call(ops.softmax, [x], { axes: [1] })
    const kept = decomposeWhere(() => false).run(graphOf([x], [whole]))
    expect(kept.outputs[0]).toBe(whole)
    expect(partsOf(call(ops.softmax, [input([4, 0])], { axes: [1] }))).toBeUndefined()
  })
})
