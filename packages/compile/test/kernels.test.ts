// Every kernel beside the primitive that it stands for: random shapes, attributes, layouts of the operands, and divisions.
import {
  accumulate,
  allocate,
  type Draw,
  maxPoolIndices,
  overwrite,
  type Primitive,
  pick,
  placeDiagonal,
  resample,
  sliceRanges,
  wrapIndices,
} from '@adjoint/core/engine'
import {
  ArgumentError,
  all,
  any,
  argmax,
  argmin,
  cast,
  convolution,
  cumsum,
  foldWindows,
  gather,
  norm,
  permute,
  roll,
  scatterAdd,
  type Tensor,
} from '@adjoint/core/functional'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Attributes, type DType, Node } from '../src/graph/node.ts'
import { elementsOf, runNodes } from './support/runGraph.ts'
import { type Division, kernelsFrom } from './support/runKernels.ts'
import { difference, graphOf } from './support/samples.ts'

const seed = Number(process.env.ADJOINT_SEED)
const settings = { seed, numRuns: 60 }

/** An operand: what is drawn for it. */
interface Operand {
  readonly shape: readonly number[]
  readonly dtype: DType
  /** Whole numbers from -1, or from 0, up to this, which is left out. */
  readonly below?: number | undefined
  readonly lowest?: number
  /** NaN among the numbers, and many equals. */
  readonly isRough?: boolean
}

/** A call of a primitive. */
interface Call {
  readonly primitive: Primitive
  readonly operands: readonly Operand[]
  readonly attributes: Attributes
}

/** Sizes around the width of vectors, and beyond parts of kernels. */
const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33]

function drawFrom(gen: fc.GeneratorValue): Draw {
  const integer = (min: number, max: number): number => gen(fc.integer, { min, max })
  return {
    integer,
    boolean: () => integer(0, 1) === 1,
    shape: (minimumRank, maximumRank) =>
      Array.from({ length: integer(minimumRank, maximumRank) }, () => SIZES[integer(0, SIZES.length - 1)]!),
    axes: rank => Array.from({ length: rank }, (_, axis) => axis).filter(() => integer(0, 1) === 1),
    broadcastable: shape => shape.map(size => (integer(0, 3) === 3 ? 1 : size)),
  }
}

/** A call as the primitive's own sampler describes it, in float32. */
function sampled({ primitive }: { readonly primitive: unknown }, draw: Draw, rough = false): Call {
  const known = primitive as Primitive & {
    sample(draw: Draw): {
      inputs: { shape: number[]; dtype?: DType; below?: number }[]
      attributes: Attributes
    }
  }
  const { inputs, attributes } = known.sample(draw)
  const operands = inputs.map(({ shape, dtype, below }): Operand => {
    const of = dtype ?? (below === undefined ? 'float32' : 'int32')
    return { shape, dtype: of, below, lowest: -1, isRough: rough }
  })
  return { primitive: known, operands, attributes }
}

const floats = ['float32', 'float64'] as const
const anything = ['float32', 'float64', 'int32', 'bool'] as const

/** A reduction of any dtype over any axes. */
function reduced(of: { readonly primitive: unknown }, draw: Draw): Call {
  const shape = draw.shape(1, 4)
  const axes = draw.axes(shape.length)
  return {
    primitive: of.primitive as Primitive,
    operands: [{ shape, dtype: anything[draw.integer(0, 3)]!, isRough: true }],
    attributes: { axes: axes.length === 0 ? [0] : axes, keepDims: draw.boolean() },
  }
}

/** Any convolution that there is in a forward or a backward pass. */
function drawConvolution(draw: Draw): Call {
  const space = draw.integer(1, 3)
  const most = [0, 40, 12, 6][space]!
  const list = (from: number, to: number): number[] =>
    Array.from({ length: space }, () => draw.integer(from, to))
  const groups = [1, 1, 1, 2, 3][draw.integer(0, 4)]!
  const [batch, channels, outputs] = [draw.integer(1, 4), draw.integer(1, 9), draw.integer(1, 14)]
  const [stride, dilation] = [list(1, 3), list(1, 2)]
  const inputDilation = draw.integer(0, 2) === 0 ? list(1, 3) : list(1, 1)
  const lengths = list(1, most)
  const windows = [list(1, 4), list(1, 4), list(1, most), lengths][draw.integer(0, 3)]!
  const low = draw.integer(0, 2) === 0 ? list(0, 0) : list(-1, 3)
  // Enough at the end for one window at least.
  const padding = low.map((before, axis): [number, number] => {
    const reach = (windows[axis]! - 1) * dilation[axis]! + 1
    const length = (lengths[axis]! - 1) * inputDilation[axis]! + 1
    return [before, Math.max(draw.integer(-1, 3), reach - length - before)]
  })
  return {
    primitive: convolution.primitive as unknown as Primitive,
    operands: [
      { shape: [batch, groups * channels, ...lengths], dtype: 'float32' },
      { shape: [groups * outputs, channels, ...windows], dtype: 'float32' },
    ],
    attributes: { stride, padding, dilation, inputDilation, groups },
  }
}

/** What is drawn for each kernel. */
const CALLS: Readonly<Record<string, (draw: Draw) => Call>> = {
  accumulate: draw => sampled(accumulate, draw),
  all: draw => reduced(all, draw),
  any: draw => reduced(any, draw),
  argmax: draw => reduced(argmax, draw),
  argmin: draw => reduced(argmin, draw),
  cast: draw => {
    const isUp = draw.boolean()
    const from = isUp ? anything[draw.integer(0, 3)]! : 'float64'
    const dtype = isUp
      ? from === 'float64'
        ? 'float32'
        : 'float64'
      : (['float32', 'bool'] as const)[draw.integer(0, 1)]!
    const operands = [{ shape: draw.shape(0, 3), dtype: from, isRough: true }]
    return { primitive: cast.primitive as unknown as Primitive, operands, attributes: { dtype } }
  },
  convolution: drawConvolution,
  cumsum: draw => {
    const call = sampled(cumsum, draw)
    const dtype = anything[draw.integer(0, 3)]!
    return { ...call, operands: call.operands.map(operand => ({ ...operand, dtype, isRough: true })) }
  },
  foldWindows: draw => {
    const call = sampled(foldWindows, draw)
    const dtype = floats[draw.integer(0, 1)]!
    return { ...call, operands: call.operands.map(operand => ({ ...operand, dtype })) }
  },
  gather: draw => sampled(gather, draw),
  maxPoolIndices: draw => {
    const space = Array.from({ length: draw.integer(1, 3) }, () => draw.integer(1, 14))
    const rules = space.map(size => {
      if (draw.integer(0, 3) === 0) return { kind: 'adaptive', outputs: draw.integer(1, 6) }
      const dilation = draw.integer(1, 2)
      const kernel = draw.integer(1, Math.min(4, Math.floor((size - 1) / dilation) + 1))
      const stride = draw.integer(1, 3)
      const padding = draw.integer(0, 1) * draw.integer(0, Math.floor(kernel / 2))
      const outputs = Math.floor((size + 2 * padding - (kernel - 1) * dilation - 1) / stride) + 1
      return { kind: 'windows', outputs, kernel, stride, padding, dilation }
    })
    const operands: Operand[] = [{ shape: [...draw.shape(0, 2), ...space], dtype: 'float32', isRough: true }]
    return { primitive: maxPoolIndices.primitive as unknown as Primitive, operands, attributes: { rules } }
  },
  overwrite: draw => sampled(overwrite, draw),
  pick: draw => sampled(pick, draw),
  placeDiagonal: draw => sampled(placeDiagonal, draw),
  resample: draw => {
    const call = sampled(resample, draw)
    const dtype = floats[draw.integer(0, 1)]!
    return { ...call, operands: call.operands.map(operand => ({ ...operand, dtype })) }
  },
  roll: draw => sampled(roll, draw),
  scatterAdd: draw => sampled(scatterAdd, draw),
  wrapIndices: draw => sampled(wrapIndices, draw),
}

/** An operand of a shape as some view of an input. */
function drawView({ shape, dtype }: Operand, draw: Draw): { readonly input: Node; readonly view: Node } {
  const rank = shape.length
  const kind = draw.integer(0, 3)
  const plain = Node.source('input', shape, dtype)
  if (rank === 0 || kind === 0 || plain.size === 0) return { input: plain, view: plain }
  if (kind === 1) {
    const order = Array.from({ length: rank }, (_, axis) => (axis + 1) % rank)
    const turned = order.map((_, k) => shape[order.indexOf(k)]!)
    const input = Node.source('input', turned, dtype)
    return { input, view: Node.call(permute.primitive as unknown as Primitive, [input], { order }) }
  }
  const step = kind === 2 ? -1 : 2
  const input = Node.source('input', kind === 2 ? shape : shape.map(size => 2 * size + 1), dtype)
  const starts = shape.map(size => (kind === 2 ? size - 1 : 1))
  const ranges = { starts, sizes: shape, steps: shape.map(() => step) }
  return { input, view: Node.call(sliceRanges.primitive as unknown as Primitive, [input], ranges) }
}

/** A value for an input, of numbers as the operand that is made of it wants them. */
function drawValue(
  node: Node,
  { below, lowest = 0, isRough = false }: Operand,
  random: () => number,
): Tensor {
  const value = allocate(node.shape, node.dtype)
  for (let i = 0; i < value.size; i++) {
    const number = random()
    value.storage[value.offset + i] =
      below !== undefined
        ? Math.floor(number * (below - lowest)) + lowest
        : node.dtype === 'bool'
          ? number < 0.7
            ? 1
            : 0
          : node.dtype === 'int32'
            ? Math.floor(number * 9) - 4
            : isRough
              ? number < 0.05
                ? Number.NaN
                : Math.floor(random() * 7) - 3
              : 4 * number - 2
  }
  return value
}

/** Numbers from 0 to 1 that a seed determines. */
function numbersFrom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Parts of random length in random order. */
function divisionFrom(random: () => number): Division {
  return units => {
    const parts: (readonly [number, number])[] = []
    for (let begin = 0; begin < units; ) {
      const end = Math.min(units, begin + 1 + Math.floor(random() * Math.max(1, units / 2)))
      parts.push([begin, end])
      begin = end
    }
    return parts.sort(() => random() - 0.5)
  }
}

/** A call with its kernels and its values. */
function setUp(call: Call, draw: Draw) {
  const views = call.operands.map(operand => drawView(operand, draw))
  const node = Node.call(
    call.primitive,
    views.map(({ view }) => view),
    call.attributes,
  )
  const inputs = views.map(({ input }) => input)
  const random = numbersFrom(draw.integer(0, 2 ** 30))
  const values = inputs.map((input, k) => drawValue(input, call.operands[k]!, random))
  const given = new Map(inputs.map((input, k) => [input, values[k]!]))
  return { node, inputs, values, given, random }
}

/** Equal numbers; the sign of 0 counts for nothing. */
const isEqual = (a: number, b: number): boolean => a === b || Object.is(a, b)

describe.each(Object.entries(CALLS).filter(([name]) => name !== 'convolution'))('%s', (_, drawCall) => {
  test('is what the primitive computes, whole and in parts', () => {
    fc.assert(
      fc.property(fc.gen(), gen => {
        const draw = drawFrom(gen)
        const { node, inputs, values, given, random } = setUp(drawCall(draw), draw)
        const kernels = kernelsFrom(graphOf(inputs, [node]))
        if (node.size > 0 && node.inputs[0]!.size > 0)
          expect(kernels.names.join()).not.toContain('(reference)')
        const [expected] = runNodes([node], given)
        const [found] = kernels.run(values)
        expect(difference(found!, expected!, isEqual)).toBeUndefined()
        const [divided] = kernels.run(values, divisionFrom(random))
        expect(difference(divided!, found!)).toBeUndefined()
      }),
      settings,
    )
  })
})

describe('norm', () => {
  test('of float64 is right to some units in the last place, where squares overflow or vanish as well', () => {
    fc.assert(
      fc.property(fc.gen(), gen => {
        const draw = drawFrom(gen)
        const call = reduced(norm, draw)
        const operands = [{ shape: call.operands[0]!.shape, dtype: 'float64' as const }]
        const { node, inputs, values, given, random } = setUp(
          { ...call, operands, attributes: { ...call.attributes, order: 2 } },
          draw,
        )
        const size = 2 ** [0, 0, 600, -600, 1020, -1060][draw.integer(0, 5)]!
        const { storage, offset } = values[0]!
        for (let i = 0; i < values[0]!.size; i++) storage[offset + i]! *= size
        if (draw.integer(0, 4) === 0)
          storage[offset] = [Number.NaN, Number.POSITIVE_INFINITY, 0][draw.integer(0, 2)]!
        const kernels = kernelsFrom(graphOf(inputs, [node]))
        const [expected] = runNodes([node], given)
        const [found] = kernels.run(values)
        const count = node.inputs[0]!.size / node.size
        const isNear = (a: number, b: number): boolean =>
          isEqual(a, b) || Math.abs(a - b) <= Math.max((count + 4) * 2 ** -53 * b, 2 ** -1074)
        expect(difference(found!, expected!, isNear)).toBeUndefined()
        const [divided] = kernels.run(values, divisionFrom(random))
        expect(difference(divided!, found!)).toBeUndefined()
      }),
      settings,
    )
  })
})

describe('convolution', () => {
  test('is within the bound of a sum in float32, whole and in parts', () => {
    fc.assert(
      fc.property(fc.gen(), gen => {
        const draw = drawFrom(gen)
        const { node, inputs, values, given, random } = setUp(drawConvolution(draw), draw)
        const kernels = kernelsFrom(graphOf(inputs, [node]))
        const wide = node.inputs.map(input =>
          Node.call(cast.primitive as unknown as Primitive, [input], { dtype: 'float64' }),
        )
        const exact = Node.call(node.primitive!, wide, node.attributes)
        const sizes = values.map(value => {
          const size = allocate(value.shape, 'float32')
          for (let i = 0; i < size.size; i++)
            size.storage[size.offset + i] = Math.abs(value.storage[value.offset + i]!)
          return size
        })
        const [expected] = runNodes([exact], given)
        const [largest] = runNodes([exact], new Map(inputs.map((input, k) => [input, sizes[k]!])))
        const [found] = kernels.run(values)
        const products = node.inputs[1]!.size / node.inputs[1]!.shape[0]!
        const bound = (Math.min(products, 256) + Math.ceil(products / 256) + 2) * 2 ** -24
        const [x, y, s] = [found!, expected!, largest!].map(elementsOf) as [number[], number[], number[]]
        for (const [i, value] of x.entries())
          expect(Math.abs(value - y[i]!), `element ${i}`).toBeLessThanOrEqual(bound * s[i]!)
        const [divided] = kernels.run(values, divisionFrom(random))
        expect(difference(divided!, found!)).toBeUndefined()
      }),
      { seed, numRuns: 150 },
    )
  })

  test('has a kernel for every call in which each output is reached', () => {
    fc.assert(
      fc.property(fc.gen(), gen => {
        const draw = drawFrom(gen)
        const call = drawConvolution(draw)
        const { node, inputs } = setUp(
          {
            ...call,
            attributes: { ...call.attributes, inputDilation: call.operands[0]!.shape.slice(2).map(() => 1) },
          },
          draw,
        )
        if (node.size === 0) return
        expect(kernelsFrom(graphOf(inputs, [node])).names.join()).not.toContain('(reference)')
      }),
      settings,
    )
  })
})

describe('an index out of range', () => {
  const index = (value: number): Tensor => {
    const indices = allocate([1, 3], 'int32')
    indices.storage.set([0, value, 1], indices.offset)
    return indices
  }
  const numbers = allocate([2, 3], 'float32')
  const where = { axis: 1, batchAxes: 0 }
  const calls: Readonly<
    Record<string, readonly [unknown, Attributes, (indices: Tensor) => readonly Tensor[]]>
  > = {
    wrapIndices: [wrapIndices, { size: 3, caller: 'at', of: 'the rows' }, indices => [indices]],
    pick: [pick, where, indices => [numbers, indices]],
    accumulate: [accumulate, { ...where, size: 3 }, indices => [allocate([2, 1, 3], 'float32'), indices]],
    overwrite: [overwrite, where, indices => [numbers, indices, allocate([2, 1, 3], 'float32')]],
    gather: [gather, { axis: 1 }, indices => [numbers, indices]],
    scatterAdd: [scatterAdd, { axis: 1 }, indices => [numbers, indices, allocate([1, 3], 'float32')]],
  }
  test.each(Object.entries(calls))(
    'is refused by %s in the words of the primitive',
    (_, [of, attributes, given]) => {
      const { primitive } = of as { primitive: Primitive }
      const values = given(index(7))
      const inputs = values.map(({ shape, dtype }) => Node.source('input', shape, dtype))
      const node = Node.call(primitive, inputs, attributes)
      const kernels = kernelsFrom(graphOf(inputs, [node]))
      const refusal = (run: () => unknown): string => {
        try {
          run()
        } catch (error) {
          expect(error).toBeInstanceOf(ArgumentError)
          return (error as Error).message
        }
        return 'nothing was refused'
      }
      const expected = refusal(() => primitive.forward(values, attributes))
      expect(refusal(() => kernels.run(values))).toBe(expected)
      expect(kernels.run(given(index(2)))).toHaveLength(1)
    },
  )
})
