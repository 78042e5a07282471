/** Passes on whole graphs: the same bits, less work. */

import * as ops from '@adjoint/core'
import { Parameter, Rng, type Tensor, tensor } from '@adjoint/core'
import { accumulate, place, sliceRanges, trace, weigh, weighSlope } from '@adjoint/core/engine'
import { adamRule, crossEntropy, Dense, LSTM, parameters, sequential } from '@adjoint/nn'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromTrace } from '../src/graph/fromTrace.ts'
import { loopOf, mapBodies } from '../src/graph/loop.ts'
import { type DType, type Graph, Node, orderOf, rootsOf } from '../src/graph/node.ts'
import { algebra } from '../src/passes/algebra/index.ts'
import { type Carrier, call, expanded, isView, number } from '../src/passes/build.ts'
import { COMMUTATIVE, commonSubexpressions } from '../src/passes/commonSubexpressions.ts'
import { foldConstants } from '../src/passes/foldConstants.ts'
import { optimized } from '../src/passes/index.ts'
import type { Pass } from '../src/passes/pass.ts'
import { nodesOfHiddenZeroSigns, ZERO_SIGNS, zeroSignsOf } from '../src/passes/zeroSigns.ts'
import { elementsOf, runGraph, runNodes } from './support/runGraph.ts'
import { difference, equalButForZeroSigns, graphOf, input, SPECIAL, tensors } from './support/samples.ts'

/** The passes that keep every bit. */
const EXACT: readonly Pass[] = [foldConstants, commonSubexpressions, algebra].map(
  ({ name, run }): Pass => ({ name, run: graph => run(mapBodies(graph, run)) }),
)

/** Nodes that compute something, in the bodies of loops too. */
function callsOf(graph: Graph): Node[] {
  return orderOf(rootsOf(graph)).flatMap(node => {
    const form = loopOf(node)
    return [node, ...(form ? callsOf(form.body) : [])].filter(
      each => each.primitive !== undefined && !isView(each),
    )
  })
}

/** How many nodes compute something, and how many elements. */
function workOf(graph: Graph): { calls: number; elements: number } {
  const calls = callsOf(graph)
  return { calls: calls.length, elements: calls.reduce((sum, { size }) => sum + size, 0) }
}

function afterAll(passes: readonly Pass[], graph: Graph): Graph {
  return passes.reduce((current, pass) => pass.run(current), graph)
}

const UNARY = [
  ops.neg,
  ops.abs,
  ops.square,
  ops.relu,
  ops.exp,
  ops.tanh,
  ops.sqrt,
  ops.identity,
  ops.reciprocal,
]
const BINARY = [
  ops.add,
  ops.sub,
  ops.mul,
  ops.div,
  ops.maximum,
  ops.minimum,
  weigh,
  weighSlope,
  ops.less,
  ops.equal,
]
const REDUCTIONS = [ops.sum, ops.mean, ops.max, ops.min]

/** A random graph: steps are drawn as numbers, which choose ops and operands among what is there. */
function randomGraph(dtype: DType, choices: readonly number[]): Graph {
  const inputs = [input([2, 3], dtype), input([3], dtype), input([2, 1], dtype), input([2, 3, 4], dtype)]
  const nodes: Node[] = [...inputs]
  for (const value of [0, -0, 1, -1, 2, 0.5, -0.3]) {
    nodes.push(number(value, dtype), Node.constant(ops.full([2, 3], value, { dtype })))
  }
  nodes.push(Node.constant(ops.expand(tensor([1, 2, 4], { dtype }), [2, 3])))
  let at = 0
  const next = (below: number): number => choices[at++ % choices.length]! % below
  const any = (): Node => nodes[next(nodes.length)]!
  const recent = (): Node => nodes[nodes.length - 1 - next(Math.min(8, nodes.length))]!
  const axesOf = (x: Node): number[] => x.shape.map((_, axis) => axis).filter(() => next(2) === 1)
  const steps: (() => Node)[] = [
    () => call(UNARY[next(UNARY.length)]!, [recent()]),
    () => call(BINARY[next(BINARY.length)]!, [recent(), any()]),
    () => call(BINARY[next(BINARY.length)]!, [any(), recent()]),
    () => call(ops.where, [call(ops.greater, [any(), recent()]), recent(), any()]),
    () => {
      const x = recent()
      return call(REDUCTIONS[next(REDUCTIONS.length)]!, [x], { axes: axesOf(x), keepDims: next(2) === 1 })
    },
    () => {
      const x = recent()
      const shapes = [[x.size], [1, ...x.shape], [x.size, 1], [...x.shape].reverse()]
      return call(ops.reshape, [x], { shape: shapes[next(shapes.length)]! })
    },
    () => {
      const x = recent()
      const order = x.shape.map((_, axis) => axis)
      if (next(2) === 1) order.reverse()
      else order.push(...order.splice(0, 1))
      return call(ops.permute, [x], { order })
    },
    () => {
      const x = recent()
      return expanded(x, next(2) === 1 ? [2, ...x.shape] : x.shape.map(size => (size === 1 ? 3 : size)))
    },
    () => {
      const x = recent()
      const starts = x.shape.map(size => next(size))
      const sizes = x.shape.map((size, axis) => 1 + next(size - starts[axis]!))
      return call(sliceRanges, [x], { starts, sizes, steps: sizes.map(() => 1) })
    },
    () => {
      const x = recent()
      const shape = x.shape.map(size => size + next(2))
      const starts = x.shape.map((size, axis) => next(shape[axis]! - size + 1))
      return call(place, [x], { shape, starts, sizes: x.shape, steps: starts.map(() => 1) })
    },
    () => {
      const x = recent()
      return call(ops.concat, next(2) === 1 ? [x, any()] : [x, x], {
        axis: next(Math.max(1, x.shape.length)),
      })
    },
    () => product(any(), recent()),
    () => {
      const x = recent()
      return product(x, call(ops.permute, [x], { order: x.shape.map((_, axis) => axis).reverse() }))
    },
  ]
  for (let i = 0; i < 24; i++) {
    try {
      const node = steps[next(steps.length)]!()
      if (node.size <= 200) nodes.push(node)
    } catch {
      // Shapes that do not fit: another step.
    }
  }
  const outputs = [nodes.at(-1)!, recent(), any()]
  return graphOf(inputs, outputs)
}

function product(x: Node, y: Node): Node {
  if (x.shape.length < 2 || y.shape.length < 2) throw new Error('no matrices')
  return call(ops.matmul, [x, y])
}

describe('passes on random graphs', () => {
  const choices = fc.array(fc.nat(1000), { minLength: 40, maxLength: 120 })
  const all: Pass = { name: 'all', run: graph => afterAll([...EXACT, ...EXACT], graph) }

  it.each(
    [...EXACT, all].flatMap(pass =>
      (['float32', 'float64'] as const).map(dtype => [pass.name, dtype, pass] as const),
    ),
  )('%s, %s: the same bits, no more work', (_, dtype, pass) => {
    fc.assert(
      fc.property(
        choices
          .map(list => randomGraph(dtype, list))
          .chain(graph =>
            fc.tuple(fc.constant(graph), ...graph.inputs.map(({ shape }) => tensors(shape, dtype))),
          ),
        ([graph, ...values]) => {
          const better = pass.run(graph)
          const given = new Map(graph.inputs.map((node, i) => [node, values[i]!]))
          const [before, after] = [runGraph(graph, given), runGraph(better, given)]
          expect(after.length).toBe(before.length)
          for (const [i, output] of before.entries()) expect(difference(output, after[i]!)).toBeUndefined()
          const [work, less] = [workOf(graph), workOf(better)]
          expect(less.calls).toBeLessThanOrEqual(work.calls)
          expect(less.elements).toBeLessThanOrEqual(work.elements)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('would find a pass that is wrong about zeros', () => {
    const wrong: Pass = {
      name: 'wrong',
      run: graph => ({
        ...graph,
        outputs: graph.outputs.map(node =>
          node.primitive === weigh.primitive ? call(ops.mul, node.inputs) : node,
        ),
      }),
    }
    const x = input([2, 3])
    const graph = graphOf([x], [call(weigh, [x, call(ops.reciprocal, [x])])])
    const result = fc.check(
      fc.property(tensors([2, 3], 'float32'), value => {
        const given = new Map([[x, value]])
        return difference(runGraph(graph, given)[0]!, runGraph(wrong.run(graph), given)[0]!) === undefined
      }),
    )
    expect(result.failed).toBe(true)
  })
})

describe('zero signs', () => {
  /** Calls of every op with a row, on inputs in which zeros of either sign stand. */
  const x = input([2, 3])
  const y = input([2, 3])
  const reduce = (op: Carrier): Node => call(op, [x], { axes: [1], keepDims: false })
  const index = Node.constant(tensor([[0], [2]], { dtype: 'int32' }))
  const calls: readonly Node[] = [
    ...[ops.sum, ops.mean, ops.max, ops.min, ops.all, ops.any].map(reduce),
    call(ops.matmul, [x, call(ops.reshape, [y], { shape: [3, 2] })]),
    ...[ops.equal, ops.notEqual, ops.greater, ops.greaterEqual, ops.less, ops.lessEqual].map(op =>
      call(op, [x, y]),
    ),
    ...[ops.logicalAnd, ops.logicalOr, ops.add, ops.sub, ops.mul, ops.div].map(op => call(op, [x, y])),
    ...[ops.maximum, ops.minimum, weigh, weighSlope].map(op => call(op, [x, y])),
    ...[ops.isNaN, ops.isFinite, ops.logicalNot, ops.abs, ops.square, ops.exp, ops.cos, ops.cosh].map(op =>
      call(op, [x]),
    ),
    ...[ops.relu, ops.sigmoid, ops.neg, ops.sqrt, ops.sin, ops.tan, ops.sinh, ops.tanh].map(op =>
      call(op, [x]),
    ),
    ...[ops.asin, ops.asinh, ops.atan, ops.atanh, ops.sign].map(op => call(op, [x])),
    ...[0, 1].map(axis => call(ops.softmax, [x], { axes: [axis] })),
    ...[2, -0.5].flatMap(value => [ops.add, ops.sub].map(op => call(op, [x, number(value, 'float32')]))),
    call(ops.sub, [number(3, 'float32'), x]),
    ...(['float64', 'int32', 'bool'] as const).map(dtype => call(ops.cast, [x], { dtype })),
    call(ops.where, [x, y, x]),
    call(ops.gather, [x, index], { axis: 1 }),
    call(ops.scatterAdd, [x, index, call(ops.reshape, [reduce(ops.sum)], { shape: [2, 1] })], { axis: 1 }),
    call(accumulate, [x, Node.constant(tensor([1, 0, 1], { dtype: 'int32' }))], {
      axis: 1,
      batchAxes: 0,
      size: 2,
    }),
    call(ops.concat, [x, y], { axis: 0 }),
    ...[ops.identity, ops.stopGradient].map(op => call(op, [x])),
    call(ops.reshape, [x], { shape: [6] }),
    expanded(x, [2, 2, 3]),
    call(sliceRanges, [x], { starts: [0, 1], sizes: [2, 2], steps: [1, 1] }),
    call(place, [x], { shape: [3, 3], starts: [1, 0], sizes: [2, 3], steps: [1, 1] }),
    call(ops.permute, [x], { order: [1, 0] }),
  ]

  it.each(calls.map((node, i) => [`${node.op} ${i}`, node] as const))(
    '%s does with them what its row says',
    (_, node) => {
      const zeros = fc.constantFrom(0, -0, ...SPECIAL)
      const values = fc.array(zeros, { minLength: 6, maxLength: 6 })
      fc.assert(
        fc.property(values, values, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (a, b, flips) => {
          const made = node.inputs.map((operand, i) => {
            const size = operand.size
            return (
              operand.value ??
              tensor((i === 0 ? a : b).slice(0, size), {
                dtype: operand.dtype as 'float32',
                shape: operand.shape,
              })
            )
          })
          const before = node.primitive!.forward(made, node.attributes)
          for (const [i, operand] of made.entries()) {
            if (operand.dtype !== 'float32') continue
            const answer = zeroSignsOf(node, i)
            if (answer === 'shows') continue
            const flipped = elementsOf(operand).map((value, k) =>
              value === 0 && flips[k % 6] ? -value : value,
            )
            const changed = made.with(i, tensor(flipped, { dtype: 'float32', shape: operand.shape }))
            const after = node.primitive!.forward(changed, node.attributes)
            const isSame = answer === 'hides' ? Object.is : equalButForZeroSigns
            expect(difference(before, after, isSame)).toBeUndefined()
          }
        }),
        { numRuns: 150 },
      )
    },
  )

  it('are tested for every op that has a row', () => {
    const tested = new Set<unknown>(calls.map(({ primitive }) => primitive))
    const missing = ZERO_SIGNS.flatMap(([, list]) => list).filter(({ primitive }) => !tested.has(primitive))
    expect(missing.map(({ primitive }) => primitive.name)).toEqual([])
  })

  it('are hidden only where every reader hides them, also through what passes them on', () => {
    const doubled = call(ops.mul, [x, number(2, 'float32')])
    const [total, quotient] = [reduce2(doubled), call(ops.div, [y, doubled])]
    expect(nodesOfHiddenZeroSigns(graphOf([x], [total]))).toContain(doubled)
    expect(nodesOfHiddenZeroSigns(graphOf([x], [total]))).toContain(x)
    expect(nodesOfHiddenZeroSigns(graphOf([x, y], [total, quotient]))).not.toContain(doubled)
    expect(nodesOfHiddenZeroSigns(graphOf([x], [total, doubled]))).not.toContain(x)
    function reduce2(of: Node): Node {
      return call(ops.sum, [of], { axes: [0, 1], keepDims: false })
    }
  })
})

describe('foldConstants', () => {
  it('computes what depends on constants only', () => {
    const x = Node.constant(tensor([1, 2, 3]))
    const graph = foldConstants.run(graphOf([], [call(ops.exp, [call(ops.mul, [x, number(2, 'float32')])])]))
    expect(graph.outputs[0]!.value?.toArray()).toEqual(tensor([1, 2, 3]).mul(2).exp().toArray())
  })

  it('keeps one of equal elements, repeated, and computes no huge repetition', () => {
    const ones = Node.constant(ops.ones([300, 400]))
    const grid = Node.constant(ops.expand(ops.arange(400), [300, 400]))
    const row = Node.constant(ops.arange(400))
    const column = Node.constant(ops.arange(300).reshape([300, 1]))
    const { outputs } = foldConstants.run(graphOf([], [ones, grid, call(ops.add, [row, column])]))
    expect(outputs.map(({ op }) => op)).toEqual(['expand', 'expand', 'add'])
    expect(outputs.map(({ inputs }) => inputs[0]!.size)).toEqual([1, 400, 400])
    expect(runNodes([outputs[1]!], new Map())[0]!.toArray()).toEqual(grid.value!.toArray())
  })

  it('tells 0 from -0 and knows NaN', () => {
    const mixed = Node.constant(tensor([0, -0]))
    const nothing = Node.constant(tensor([Number.NaN, Number.NaN]))
    const { outputs } = foldConstants.run(graphOf([], [mixed, nothing]))
    expect(outputs[0]).toBe(mixed)
    expect(outputs[1]!.op).toBe('expand')
  })
})

describe('commonSubexpressions', () => {
  const x = input([2, 3])

  it('joins equal calls, with attributes that are equal in structure', () => {
    const twice = [0, 1].map(() => call(ops.sum, [call(ops.exp, [x])], { axes: [1], keepDims: true }))
    const other = call(ops.sum, [call(ops.exp, [x])], { axes: [0], keepDims: true })
    const { outputs } = commonSubexpressions.run(graphOf([x], [...twice, other]))
    expect(outputs[0]).toBe(outputs[1])
    expect(outputs[2]).not.toBe(outputs[0])
    expect(outputs[2]!.inputs[0]).toBe(outputs[0]!.inputs[0])
  })

  it('makes one reduction of two that differ in keepDims only', () => {
    const [kept, dropped] = [true, false].map(keepDims => call(ops.max, [x], { axes: [1], keepDims }))
    const { outputs } = commonSubexpressions.run(graphOf([x], [kept!, dropped!]))
    expect(outputs[1]!.op).toBe('reshape')
    expect(outputs[1]!.inputs[0]).toBe(outputs[0])
  })

  it('compares constants by dtype, shape and bits', () => {
    const constants = [
      tensor([1, 2]),
      tensor([1, 2]),
      tensor([[1, 2]]),
      tensor([1, 2], { dtype: 'float64' }),
      tensor([0, 1]),
      tensor([-0, 1]),
      tensor([Number.NaN, 1]),
      tensor([Number.NaN, 1]),
    ].map(value => Node.constant(value))
    const { outputs } = commonSubexpressions.run(graphOf([], constants))
    expect(outputs.map(output => outputs.indexOf(output))).toEqual([0, 0, 2, 3, 4, 5, 6, 6])
  })

  it.each(COMMUTATIVE.map(op => [op.primitive.name, op] as const))(
    '%s may exchange its operands',
    (_, op) => {
      const dtype = op.primitive.name.startsWith('bitwise') ? 'int32' : 'float32'
      const [a, b] = [input([20], dtype), input([20], dtype)]
      const [left, right] = [call(op, [a, b]), call(op, [b, a])]
      expect(new Set(commonSubexpressions.run(graphOf([a, b], [left, right])).outputs).size).toBe(1)
      fc.assert(
        fc.property(tensors([20], dtype), tensors([20], dtype), (p, q) => {
          const [one, other] = runNodes(
            [left, right],
            new Map([
              [a, p],
              [b, q],
            ]),
          )
          expect(difference(one!, other!)).toBeUndefined()
        }),
      )
    },
  )

  it('keeps operands of other ops in order', () => {
    const y = input([2, 3])
    const { outputs } = commonSubexpressions.run(
      graphOf([x, y], [call(ops.sub, [x, y]), call(ops.sub, [y, x])]),
    )
    expect(outputs[0]).not.toBe(outputs[1])
  })
})

/** A function of tensors as a graph, with values for its inputs and parameters. */
interface Traced {
  readonly graph: Graph
  readonly given: ReadonlyMap<Node, Tensor>
}

function traced(values: readonly Tensor[], f: (inputs: readonly Tensor[]) => readonly Tensor[]): Traced {
  const graph = fromTrace(trace(values, f))
  const given = new Map<Node, Tensor>(graph.inputs.map((node, i) => [node, values[i]!]))
  for (const { node, parameter } of graph.parameters) given.set(node, parameter)
  return { graph, given }
}

/** One step of Adam whose state is in parameters, so that a trace sees it change. */
function adamStep(list: readonly Parameter[]): () => void {
  const rest = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
  const settings = { ...rest, weightDecay: 0, amsgrad: false, maximize: false }
  const states = list.map(p => ({
    mean: new Parameter(ops.zerosLike(p)),
    square: new Parameter(ops.zerosLike(p)),
  }))
  return () => {
    for (const [i, value] of list.entries()) {
      const { mean, square } = states[i]!
      const next = adamRule.update({
        value,
        gradient: value.grad!,
        state: { mean, square },
        settings,
        step: 3,
      })
      value.assign(next.value)
      mean.assign(next.state.mean)
      square.assign(next.state.square)
    }
  }
}

const rng = new Rng(7)
const scores = (): Tensor => rng.normal([6, 5])
const classes = tensor([0, 4, 1, 1, 2, 3], { dtype: 'int32' })

const FUNCTIONS: Readonly<Record<string, () => Traced>> = {
  'a training step of a classifier with Adam': () => {
    const model = sequential(new Dense(7, 6, { rng }), ops.relu, new Dense(6, 5, { rng }))
    const step = adamStep(parameters(model))
    return traced([rng.normal([6, 7]), classes], ([x, y]) => {
      const loss = crossEntropy(model.forward(x!) as Tensor, y!)
      loss.backward()
      step()
      return [loss]
    })
  },
  'softmax with gradient': () => {
    const p = new Parameter(scores())
    return traced([scores()], ([w]) => {
      ops.softmax(p).mul(w!).sum().backward()
      return [p.grad!]
    })
  },
  'layer norm with gradient': () => {
    const p = new Parameter(scores())
    return traced([scores()], ([w]) => {
      ops.layerNorm(p, [5]).mul(w!).sum().backward()
      return [p.grad!]
    })
  },
  'batch norm with gradient': () => {
    const p = new Parameter(scores())
    return traced([scores()], ([w]) => {
      ops.batchNorm(p, { axis: 1 }).mul(w!).sum().backward()
      return [p.grad!]
    })
  },
  'an LSTM with gradient': () => {
    const model = new LSTM(4, 3, { rng })
    const list = parameters(model)
    return traced([rng.normal([2, 5, 4])], ([x]) => {
      ;(model.forward(x! as never) as Tensor).square().sum().backward()
      return list.map(({ grad }) => grad!)
    })
  },
  'attention with gradient': () => {
    const p = new Parameter(rng.normal([2, 4, 6]))
    return traced([rng.normal([2, 4, 6])], ([w]) => {
      ops.scaledDotProductAttention(p, p, p.mul(w!), { isCausal: true }).sum().backward()
      return [p.grad!]
    })
  },
}

describe('passes on traced functions', () => {
  it.each(Object.entries(FUNCTIONS))('%s: exact passes keep the bits and save work', (_, make) => {
    const { graph, given } = make()
    const better = afterAll([...EXACT, commonSubexpressions], graph)
    const [before, after] = [runGraph(graph, given), runGraph(better, given)]
    for (const [i, value] of before.entries()) expect(difference(value, after[i]!)).toBeUndefined()
    expect(workOf(better).calls).toBeLessThanOrEqual(workOf(graph).calls)
    expect(workOf(better).elements).toBeLessThanOrEqual(workOf(graph).elements)
  })

  it.each(Object.entries(FUNCTIONS))('%s: all passes stay close to float64', (_, make) => {
    const { graph, given } = make()
    const [before, after] = [runGraph(graph, given), runGraph(optimized(graph), given)]
    for (const [i, value] of before.entries()) {
      const scale = Math.max(...elementsOf(value).map(Math.abs), 1e-3)
      // Some units in the last place of the largest element: what the bounds of the decompositions add up to.
      const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 64 * 2 ** -24 * scale
      expect(difference(value, after[i]!, isClose)).toBeUndefined()
    }
  })

  it.each(Object.entries(FUNCTIONS))('%s: running the passes again changes nothing', (_, make) => {
    const once = optimized(make().graph)
    expect(workOf(optimized(once))).toEqual(workOf(once))
  })

  it('leaves no weigh, no scatter and no softmax in the step of a classifier, and keeps the check of the classes', () => {
    const { graph } = FUNCTIONS['a training step of a classifier with Adam']!()
    const left = new Set(callsOf(optimized(graph)).map(({ op }) => op))
    for (const op of ['weigh', 'gather', 'scatterAdd', 'logSoftmax']) expect(left).not.toContain(op)
    expect(left).toContain('wrapIndices')
  })

  it('writes the gates of an LSTM side by side, and adds no zeros', () => {
    const ops = callsOf(optimized(FUNCTIONS['an LSTM with gradient']!().graph)).map(({ op }) => op)
    expect(ops).toContain('concat')
    expect(ops).not.toContain('place')
  })

  it('keeps events and their order, whatever is dead', () => {
    const run = (): void => {}
    const hosted = Node.source('hosted', [], 'float32')
    const events = [
      { node: hosted, run },
      { node: undefined, run },
    ]
    const graph: Graph = { ...graphOf([], [number(1, 'float32')]), events }
    expect(optimized(graph).events).toBe(events)
  })
})
