// What the lecture says about networks, as facts about trained ones.
import { matmul, Rng, relu, sigmoid, type Tensor, tanh, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import {
  type AnyLayer,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  Dense,
  halfSquaredError,
  initializers,
  linear,
  parameters,
  Sequential,
  SGD,
  sequential,
} from '../src/index.ts'
import { distance } from './support.ts'

const { zeros, normal } = initializers
const layout = 'columns'
const dtype = 'float64'

/** Eight points in columns, and labels of which five are 1. */
const X = new Rng(3).normal([2, 8], { dtype })
const Y = tensor([[1, 0, 1, 1, 0, 1, 0, 1]], { dtype })
const BALANCED = tensor([[1, 0, 1, 1, 0, 1, 0, 0]], { dtype })

type ColumnsDense = Dense<number, number, 'columns'>

/** The lecture's network of three hidden units. */
function shallow(
  activation: AnyLayer,
  weights: 'zero' | 'random',
): { hidden: ColumnsDense; output: ColumnsDense; model: Sequential } {
  const rng = new Rng(5)
  const weightInitializer = weights === 'zero' ? zeros : normal({ std: 0.01 })
  const settings = { layout, dtype, rng, weightInitializer, biasInitializer: zeros } as const
  const hidden: ColumnsDense = new Dense(2, 3, settings)
  const output: ColumnsDense = new Dense(3, 1, settings)
  return { hidden, output, model: new Sequential([hidden, activation, output, sigmoid]) }
}

function train(model: Sequential, target: Tensor, steps: number, learningRate = 0.5): number[] {
  const optimizer = new SGD(parameters(model), { learningRate })
  return Array.from({ length: steps }, () => {
    const cost = binaryCrossEntropy(model.forward(X), target)
    cost.backward()
    optimizer.step()
    return cost.item()
  })
}

const rowsOf = (W: Tensor): number[][] => W.toArray() as number[][]

describe('weights of zero', () => {
  test('under sigmoid units move, but keep the rows of W1 equal for ever', () => {
    const { hidden, output, model } = shallow(sigmoid, 'zero')
    train(model, Y, 500)
    const [first, second, third] = rowsOf(hidden.weight)
    expect(second).toEqual(first)
    expect(third).toEqual(first)
    expect(first!.every(value => Math.abs(value) > 1e-3)).toBe(true)
    const [w2] = rowsOf(output.weight)
    expect(new Set(w2).size).toBe(1)
    expect(w2![0]).not.toBe(0)
  })

  test.each<[string, AnyLayer]>([
    ['tanh', tanh],
    ['relu', relu],
  ])('under %s move nothing but the last bias', (_, activation) => {
    const { hidden, output, model } = shallow(activation, 'zero')
    train(model, Y, 300)
    for (const parameter of [hidden.weight, hidden.bias!, output.weight]) {
      expect([...parameter.data()].every(value => value === 0)).toBe(true)
    }
    // It goes to the logarithm of the odds, 5 to 3.
    expect(output.bias!.item()).toBeCloseTo(Math.log(5 / 3), 6)
  })

  test('and as many labels 1 as 0 move nothing that could be seen', () => {
    const { model } = shallow(sigmoid, 'zero')
    const costs = train(model, BALANCED, 300)
    for (const cost of costs) expect(cost).toBeCloseTo(Math.LN2, 14)
    for (const parameter of parameters(model))
      expect(Math.max(...parameter.data().map(Math.abs))).toBeLessThan(1e-15)
  })

  test('suffice for a model without hidden units: logistic regression learns', () => {
    const output = new Dense(2, 1, { layout, dtype, weightInitializer: zeros, biasInitializer: zeros })
    const model = sequential(output, sigmoid)
    // Labels that a line separates.
    const separable = X.slice(0).sub(X.slice(1)).greater(0.2).cast(dtype).reshape([1, 8])
    const costs = train(model, separable, 300)
    expect(costs[0]).toBeCloseTo(Math.LN2, 14)
    costs.slice(1).forEach((cost, i) => {
      expect(cost).toBeLessThan(costs[i]!)
    })
    expect(costs.at(-1)).toBeLessThan(0.2)
    expect(model.forward(X).greater(0.5).toArray()).toEqual(separable.greater(0.5).toArray())
  })
})

test('small random weights break the symmetry: the units of one layer become different', () => {
  const { hidden, model } = shallow(sigmoid, 'random')
  const costs = train(model, Y, 3000, 1)
  const rows = rowsOf(hidden.weight)
  for (const [i, j] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    expect(Math.max(...rows[i]!.map((value, k) => Math.abs(value - rows[j]![k]!)))).toBeGreaterThan(0.1)
  }
  expect(costs.at(-1)).toBeLessThan(0.5 * costs[0]!)
})

test("linear activations collapse to one layer: W' = W2 W1, b' = W2 b1 + b2", () => {
  const rng = new Rng(9)
  const settings = { layout, dtype, rng } as const
  for (let round = 0; round < 50; round++) {
    const [first, second] = [new Dense(4, 5, settings), new Dense(5, 3, settings)]
    const deep = sequential(first, linear, second, linear)
    const W = matmul(second.weight, first.weight)
    const b = matmul(second.weight, first.bias!).add(second.bias!)
    const one = new Dense(4, 3, { layout, dtype, weightInitializer: () => W, biasInitializer: () => b })
    const x = rng.normal([4, 7], { dtype })
    expect(distance(deep.forward(x).data(), one.forward(x).data())).toBeLessThan(1e-14)
  }
})

test('a step of gradient descent is W - alpha dW, bit for bit in float64', () => {
  const rng = new Rng(1)
  const model = sequential(new Dense(3, 4, { rng, dtype }), tanh, new Dense(4, 2, { rng, dtype }))
  const optimizer = new SGD(parameters(model), { learningRate: 0.37 })
  for (let step = 0; step < 20; step++) {
    halfSquaredError(model.forward(rng.normal([5, 3], { dtype })), rng.normal([5, 2], { dtype })).backward()
    const expected = parameters(model).map(parameter => {
      const gradient = parameter.grad!.data()
      return Array.from(parameter.data(), (w, i) => w - 0.37 * gradient[i]!)
    })
    optimizer.step()
    expect(parameters(model).map(parameter => [...parameter.data()])).toEqual(expected)
  }
})

test('the stable loss of logits gives the same dz as the literal one, and goes on where that one ends', () => {
  const z = tensor([[-3, -0.5, 0, 2]], { dtype, requiresGrad: true })
  const y = tensor([[1, 0, 1, 0]], { dtype })
  binaryCrossEntropy(sigmoid(z), y, { reduction: 'sum' }).backward()
  const literal = z.grad!.data()
  z.grad = null
  binaryCrossEntropyWithLogits(z, y, { reduction: 'sum' }).backward()
  expect(distance(z.grad!.data(), literal)).toBeLessThan(1e-15)
  // dz = a - y, bit for bit.
  expect(z.grad!.toArray()).toEqual(sigmoid(z.detach()).sub(y).toArray())

  const far = tensor([[40, -800]], { dtype, requiresGrad: true })
  const wrong = tensor([[0, 1]], { dtype })
  expect(binaryCrossEntropy(sigmoid(far), wrong).item()).toBe(Infinity)
  const stable = binaryCrossEntropyWithLogits(far, wrong, { reduction: 'sum' })
  stable.backward()
  expect(stable.item()).toBe(840)
  expect(far.grad!.toArray()).toEqual([[1, -1]])
})
