// What the lecture says about networks, as facts about trained ones.
import {
  concat,
  customVjp,
  gradients,
  jacrev,
  leakyRelu,
  matmul,
  Parameter,
  Rng,
  relu,
  sigmoid,
  softmax,
  sum,
  type Tensor,
  tanh,
  tensor,
  vmap,
} from '@adjoint/core'
import { checkGradients } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'
import {
  type AnyLayer,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  Conv2d,
  categoricalCrossEntropy,
  crossEntropy,
  Dense,
  halfSquaredError,
  initializers,
  linear,
  parameters,
  Sequential,
  SGD,
  sequential,
} from '../src/index.ts'
import { distance, errorOf } from './support.ts'

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

/** A network of dense layers in columns from its sizes, with g after each but the last. */
function deepNet(
  sizes: readonly number[],
  g: AnyLayer,
  { seed, weightInitializer }: { seed: number; weightInitializer: ReturnType<typeof normal> },
): { denses: readonly ColumnsDense[]; model: Sequential } {
  const rng = new Rng(seed)
  const denses = sizes.slice(1).map(
    (outputs, at): ColumnsDense =>
      new Dense<number, number, 'columns'>(sizes[at]!, outputs, {
        layout,
        dtype,
        rng,
        weightInitializer,
        biasInitializer: zeros,
      }),
  )
  const last = denses.at(-1)
  return { denses, model: new Sequential(denses.flatMap(dense => (dense === last ? [dense] : [dense, g]))) }
}

/** Runs a model and keeps what each layer gave, by its place in the chain. */
function observed(model: Sequential, x: Tensor): readonly Tensor[] {
  const seen: Tensor[] = []
  model.forward(x, { observe: (path, output) => (path === '' ? undefined : seen.push(output)) })
  return seen
}

const floats = (x: Tensor): number[] => Array.from(x.data(), Number)

test('E1: logistic regression has dz = a - y, dW = (1/m) dz x^T, db = (1/m) sum of dz', () => {
  const dense: ColumnsDense = new Dense(2, 1, { layout, dtype, rng: new Rng(2) })
  const z = dense.forward(X)
  const a = sigmoid(z)
  binaryCrossEntropy(a, Y).backward()
  const dz = a.sub(Y)
  expect(distance(z.grad!.mul(8).data(), dz.data())).toBeLessThan(1e-14)
  expect(distance(dense.weight.grad!.data(), matmul(dz, X.transpose()).div(8).data())).toBeLessThan(1e-14)
  expect(distance(dense.bias!.grad!.data(), dz.mean(1).data())).toBeLessThan(1e-14)
})

describe('the network of two inputs, three hidden units and one output', () => {
  const { hidden, output, model } = shallow(sigmoid, 'random')

  test('E5, E7, E8: a single example is a column, and every shape is the one of the lecture', () => {
    const x = X.slice(null, [0, 1])
    expect(x.shape).toEqual([2, 1])
    expect([hidden.weight.shape, hidden.bias!.shape]).toEqual([
      [3, 2],
      [3, 1],
    ])
    expect([output.weight.shape, output.bias!.shape]).toEqual([
      [1, 3],
      [1, 1],
    ])
    const shapesOf = (input: Tensor): unknown => observed(model, input).map(({ shape }) => shape)
    expect(shapesOf(x)).toEqual([
      [3, 1],
      [3, 1],
      [1, 1],
      [1, 1],
    ])
    // z2 and a2 are (n_y, m), not (n_h, n_m) as is written on the slide; b is broadcast over m.
    expect(shapesOf(X)).toEqual([
      [3, 8],
      [3, 8],
      [1, 8],
      [1, 8],
    ])
  })

  test('E6: m examples are computed as each of them alone, side by side', () => {
    const singles = Array.from({ length: 8 }, (_, i) => X.slice(null, [i, i + 1]))
    const sideBySide = (pass: (x: Tensor) => Tensor): Tensor => concat(singles.map(pass), 1)
    observed(model, X).forEach((batched, at) => {
      expect(distance(batched.data(), sideBySide(x => observed(model, x)[at]!).data())).toBeLessThan(1e-15)
    })
    // The examples as an axis of their own, which vmap takes away.
    const alone = vmap((x: Tensor) => model.forward(x.reshape([2, 1])).reshape([]), {
      inAxes: 1,
    })(X) as Tensor
    expect(distance(alone.data(), model.forward(X).data())).toBeLessThan(1e-15)
  })

  test('E19: forward propagation, z1, a1, z2, a2, number by number', () => {
    const [W1, b1, W2, b2] = [hidden.weight, hidden.bias!, output.weight, output.bias!].map(floats)
    const x = floats(X)
    const s = (z: number): number => 1 / (1 + Math.exp(-z))
    const [z1, a1, z2, a2] = observed(model, X).map(floats)
    for (let i = 0; i < 8; i++) {
      let sum2 = b2![0]!
      for (let unit = 0; unit < 3; unit++) {
        const sum1 = W1![2 * unit]! * x[i]! + W1![2 * unit + 1]! * x[8 + i]! + b1![unit]!
        expect(z1![8 * unit + i]).toBeCloseTo(sum1, 15)
        expect(a1![8 * unit + i]).toBeCloseTo(s(sum1), 15)
        sum2 += W2![unit]! * s(sum1)
      }
      expect(z2![i]).toBeCloseTo(sum2, 15)
      expect(a2![i]).toBeCloseTo(s(sum2), 15)
    }
  })

  test('E22: the cost is the mean of the losses of the examples, and so is its gradient', () => {
    const a = model.forward(X)
    const losses = binaryCrossEntropy(a, Y, { reduction: 'none' })
    const cost = binaryCrossEntropy(a, Y)
    expect(cost.item()).toBeCloseTo(floats(losses).reduce((total, L) => total + L, 0) / 8, 15)
    const ofCost = gradients(cost, [hidden.weight])[0]!
    const ofLosses = Array.from(
      { length: 8 },
      (_, i) => gradients(losses.slice(0, i) as Tensor<[]>, [hidden.weight])[0]!,
    )
    const mean = ofLosses.reduce((total, g) => total.add(g)).div(8)
    expect(distance(ofCost.data(), mean.data())).toBeLessThan(1e-14)
  })
})

describe('activations', () => {
  const z = tensor([-800, -40, -3, -0.5, 0, 0.5, 3, 40, 800], { dtype, requiresGrad: true })
  const slopes = (g: (z: Tensor) => Tensor, at: Tensor = z): number[] =>
    floats(gradients(sum(g(at)), [at])[0]!)

  test('E9: any function of the reader is one, with the derivative that autodiff finds', () => {
    const swish = (z: Tensor): Tensor => z.mul(z.sigmoid())
    const { model, denses } = deepNet([2, 3, 1], swish, { seed: 4, weightInitializer: normal() })
    expect(checkGradients((x: Tensor) => model.forward(x), X).passes).toBe(true)
    const [z1] = observed(model, X)
    const a = sigmoid(z1!)
    const da = matmul(denses[1]!.weight.transpose(), tensor(new Array(8).fill(1), { shape: [1, 8], dtype }))
    const byHand = da.mul(a.add(z1!.mul(a).mul(a.neg().add(1))))
    const [dz1] = gradients(sum(denses[1]!.forward(swish(z1!))), [z1!])
    expect(distance(dz1!.data(), byHand.data())).toBeLessThan(1e-14)
  })

  test('E9: or with a derivative that the reader has derived', () => {
    const bySquare = customVjp({
      name: 'halfSquare',
      forward: (z: Tensor) => z.square().mul(0.5),
      vjp: (da, { inputs: [z] }) => [da.mul(z)],
    })
    expect(slopes(bySquare)).toEqual(floats(z))
    const { model } = deepNet([2, 3, 1], (z: Tensor) => bySquare(z), { seed: 4, weightInitializer: normal() })
    expect(checkGradients((x: Tensor) => model.forward(x), X).passes).toBe(true)
  })

  test("E10: sigmoid is 1 / (1 + e^-z), g' = a (1 - a), and neither overflows", () => {
    const a = floats(sigmoid(z))
    a.forEach((a, i) => {
      const direct = 1 / (1 + Math.exp(-floats(z)[i]!))
      expect(Math.abs(a - direct)).toBeLessThanOrEqual(2 ** -52 * direct)
    })
    slopes(sigmoid).forEach((slope, i) => {
      expect(Math.abs(slope - a[i]! * (1 - a[i]!))).toBeLessThanOrEqual(2 ** -52 * a[i]!)
    })
  })

  test("E11: tanh has g' = 1 - a^2, also where the quotient of the slides is Infinity / Infinity", () => {
    expect((Math.exp(800) - Math.exp(-800)) / (Math.exp(800) + Math.exp(-800))).toBeNaN()
    expect(floats(tanh(z)).at(-1)).toBe(1)
    expect(floats(tanh(z))[0]).toBe(-1)
    expect(floats(tanh(tensor([-100, 100])))).toEqual([-1, 1])
    const a = floats(tanh(z))
    slopes(tanh).forEach((slope, i) => {
      expect(Math.abs(slope - (1 - a[i]! ** 2))).toBeLessThan(1e-15)
    })
  })

  test('E12: ReLU is max(0, z), and its derivative at 0 is 0', () => {
    expect(floats(relu(z))).toEqual([0, 0, 0, 0, 0, 0.5, 3, 40, 800])
    expect(slopes(relu)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1])
  })

  test('E13: leaky ReLU is max(epsilon z, z) for epsilon below 1, and takes the smaller slope at 0', () => {
    for (const epsilon of [0.01, 0.3]) {
      expect(floats(leakyRelu(z, epsilon))).toEqual(floats(z).map(z => Math.max(epsilon * z, z)))
      expect(slopes(z => leakyRelu(z, epsilon))).toEqual(
        [1, 1, 1, 1, 1, 0, 0, 0, 0].map(x => (x ? epsilon : 1)),
      )
    }
  })

  test('E14: softmax under the cross entropy has dz = a - y', () => {
    const logits = new Rng(6).normal([3, 8], { dtype }).mul(3)
    const leaf = new Parameter(logits, 'z')
    const classes = [0, 2, 1, 1, 0, 2, 2, 0]
    const y = tensor(
      [0, 1, 2].map(row => classes.map(label => Number(label === row))),
      { dtype },
    )
    const a = softmax(leaf, 0)
    for (const total of floats(a.sum(0))) expect(total).toBeCloseTo(1, 15)
    const dz = a.sub(y).data()
    const [literal] = gradients(categoricalCrossEntropy(a, y, { layout, reduction: 'sum' }), [leaf])
    expect(distance(literal!.data(), dz)).toBeLessThan(1e-14)
    const [stable] = gradients(crossEntropy(leaf, y, { layout, reduction: 'sum' }), [leaf])
    expect(distance(stable!.data(), dz)).toBeLessThan(1e-14)
  })

  test('E15: a linear output is z itself, with derivative 1', () => {
    expect(linear(z).toArray()).toEqual(z.toArray())
    expect(slopes(linear)).toEqual(floats(z).map(() => 1))
  })
})

describe('E16: which gradients vanish', () => {
  /** The norm of the gradient of the weights of each hidden layer, as a geometric mean over ten draws. */
  function gradientNorms(g: AnyLayer, depth: number, weightInitializer: ReturnType<typeof normal>): number[] {
    const draws = 10
    const logarithms = new Array<number>(depth).fill(0)
    for (let seed = 0; seed < draws; seed++) {
      const sizes = [16, ...new Array<number>(depth).fill(16), 1]
      const { denses, model } = deepNet(sizes, g, { seed, weightInitializer })
      const rng = new Rng(100 + seed)
      const target = rng.uniform([1, 20], { dtype }).greater(0.5).cast(dtype)
      binaryCrossEntropyWithLogits(model.forward(rng.normal([16, 20], { dtype })), target).backward()
      for (const [layer, { weight }] of denses.slice(0, depth).entries())
        logarithms[layer]! += Math.log(weight.grad!.square().sum().sqrt().item()) / draws
    }
    return logarithms.map(Math.exp)
  }
  const xavier = initializers.xavierUniform()
  const share = (norms: readonly number[]): number => norms[0]! / norms.at(-1)!

  test('E16: the derivative of a sure unit: sigmoid and tanh have nearly none, ReLU has all of it', () => {
    const z = tensor([0, 5, 10], { dtype, requiresGrad: true })
    const slopesOf = (g: (z: Tensor) => Tensor): number[] => floats(gradients(sum(g(z)), [z])[0]!)
    const [ofSigmoid, ofTanh, ofRelu] = [sigmoid, tanh, relu].map(slopesOf)
    expect(ofSigmoid![0]).toBe(0.25)
    expect(ofSigmoid![1]).toBeCloseTo(6.648e-3, 6)
    expect(ofSigmoid![2]).toBeCloseTo(4.54e-5, 7)
    expect(ofTanh![0]).toBe(1)
    expect(ofTanh![1]).toBeCloseTo(1.816e-4, 7)
    expect(ofTanh![2]! / 8.2446e-9).toBeCloseTo(1, 3)
    expect(ofRelu).toEqual([0, 1, 1])
  })

  test('E16: with sigmoid, the norm falls by more than 3 with every layer on the way back', () => {
    for (const depth of [2, 5, 10, 15]) {
      const norms = gradientNorms(sigmoid, depth, xavier)
      for (let layer = 1; layer < depth; layer++) expect(norms[layer]! / norms[layer - 1]!).toBeGreaterThan(2)
      expect(share(norms)).toBeLessThan(3 ** (1 - depth))
    }
  })

  test('E16: with tanh it falls slowly, with ReLU and the weights of He et al. hardly at all', () => {
    const [ofTanh, ofRelu] = [
      gradientNorms(tanh, 15, xavier),
      gradientNorms(relu, 15, initializers.heNormal()),
    ]
    for (const norms of [ofTanh, ofRelu]) {
      expect(share(norms)).toBeGreaterThan(0.2)
      expect(share(norms)).toBeLessThan(5)
    }
  })

  test('E16, E34: in deep networks randn 0.01 makes it vanish whatever the activation', () => {
    for (const g of [sigmoid, tanh, relu]) {
      const [shallow, deep] = [1, 5].map(depth => gradientNorms(g, depth, normal({ std: 0.01 }))[0]!)
      expect(deep! / shallow!).toBeLessThan(1e-4)
    }
  })
})

describe('the chain rule, factor by factor', () => {
  test('E20, E23: dL/dw1 = dL/da da/dz dz/dw1, each factor by hand and by autodiff', () => {
    const [x1, x2, y] = [0.8, -1.5, 1]
    const [w1, w2, b] = [0.5, -0.25, 0.1].map(value => new Parameter(tensor(value, { dtype })))
    const z = w1!.mul(x1).add(w2!.mul(x2)).add(b!)
    const a = sigmoid(z)
    const L = a
      .log()
      .mul(-y)
      .sub(
        a
          .neg()
          .add(1)
          .log()
          .mul(1 - y),
      )
    const factor = (of: Tensor, by: Tensor): number => (gradients(of as Tensor<[]>, [by])[0] as Tensor).item()
    const value = a.item()
    const [dLda, dadz, dzdw1] = [factor(L, a), factor(a, z), factor(z, w1!)]
    expect(dLda).toBeCloseTo(-y / value + (1 - y) / (1 - value), 14)
    expect(dadz).toBeCloseTo(value * (1 - value), 15)
    expect(dzdw1).toBe(x1)
    expect(factor(L, w1!)).toBeCloseTo(dLda * dadz * dzdw1, 15)
    expect(factor(L, w1!)).toBeCloseTo((value - y) * x1, 15)
    // E27: the first two factors together are a - y.
    expect(factor(L, z)).toBeCloseTo(value - y, 15)
    expect(factor(z, w2!)).toBe(x2)
    expect(factor(z, b!)).toBe(1)
  })

  test('E24, E25: dL/dz2, dW2, db2, and on through z2, a1, z1 to W1, with whole Jacobians', () => {
    const rng = new Rng(11)
    const draw = (shape: number[]): Parameter => new Parameter(rng.normal(shape, { dtype }))
    const [W1, b1, W2, b2] = [draw([3, 2]), draw([3, 1]), draw([1, 3]), draw([1, 1])]
    const x = rng.normal([2, 1], { dtype })
    const y = tensor([[1]], { dtype })
    const first = (W: Tensor): Tensor => matmul(W, x).add(b1)
    const second = (a: Tensor): Tensor => matmul(W2, a).add(b2)
    const loss = (z: Tensor): Tensor => binaryCrossEntropy(sigmoid(z), y)
    const z1 = first(W1)
    const a1 = sigmoid(z1)
    const z2 = second(a1)
    const L = loss(z2)
    L.backward()
    const a2 = sigmoid(z2)

    // E24: layer 2.
    const dz2 = a2.sub(y)
    expect(distance(z2.grad!.data(), dz2.data())).toBeLessThan(1e-14)
    expect(distance(W2.grad!.data(), matmul(dz2, a1.transpose()).data())).toBeLessThan(1e-14)
    expect(distance(b2.grad!.data(), dz2.data())).toBeLessThan(1e-14)

    // E25: each factor as the Jacobian of one step, and their product beside the gradient of the intermediate.
    const jacobian = (f: (v: Tensor) => Tensor, at: Tensor, rows: number, columns: number): Tensor =>
      (jacrev(f)(at.detach()) as Tensor).reshape([rows, columns])
    const da1 = matmul(dz2, jacobian(second, a1, 1, 3))
    expect(jacobian(second, a1, 1, 3).toArray()).toEqual(W2.toArray())
    expect(distance(a1.grad!.data(), da1.data())).toBeLessThan(1e-14)
    const ofActivation = jacobian(sigmoid, z1, 3, 3)
    const slopes = floats(a1.mul(a1.neg().add(1)))
    // Every unit by itself: a diagonal.
    floats(ofActivation).forEach((value, at) => {
      expect(value).toBeCloseTo(at % 4 === 0 ? slopes[at / 4]! : 0, 15)
    })
    const dz1 = matmul(da1, ofActivation)
    expect(distance(z1.grad!.data(), dz1.data())).toBeLessThan(1e-14)
    const dW1 = matmul(dz1, jacobian(first, W1, 3, 6))
    expect(distance(W1.grad!.data(), dW1.data())).toBeLessThan(1e-14)
    expect(distance(dW1.data(), matmul(dz1.transpose(), x.transpose()).data())).toBeLessThan(1e-14)
    expect(distance(b1.grad!.data(), dz1.data())).toBeLessThan(1e-14)
  })
})

test('E26: the binary cross entropy is -y log a - (1 - y) log(1 - a), for labels and for anything between', () => {
  const a = new Rng(8).uniform([1, 20], { dtype })
  const y = new Rng(9).uniform([1, 20], { dtype })
  for (const target of [y, y.greater(0.5).cast(dtype)]) {
    const losses = floats(binaryCrossEntropy(a, target, { reduction: 'none' }))
    const [as, ys] = [floats(a), floats(target)]
    losses.forEach((loss, i) => {
      expect(loss).toBeCloseTo(-ys[i]! * Math.log(as[i]!) - (1 - ys[i]!) * Math.log(1 - as[i]!), 14)
    })
  }
})

test('E34: weights are randn 0.01 and biases 0, and randn takes its shape as a list', () => {
  const dense = new Dense(300, 200, {
    rng: new Rng(1),
    dtype,
    weightInitializer: normal({ std: 0.01 }),
    biasInitializer: zeros,
  })
  expect(dense.weight.shape).toEqual([200, 300])
  expect(dense.weight.square().mean().sqrt().item()).toBeCloseTo(0.01, 4)
  expect(Math.abs(dense.weight.mean().item())).toBeLessThan(2e-4)
  expect(dense.bias!.abs().max().item()).toBe(0)
  // Of the slide's np.random.randn((3, 2)) and randn(3, 2), NumPy takes the second, and we the first.
  expect(new Rng(0).normal([3, 2]).shape).toEqual([3, 2])
  const twoNumbers = () => (new Rng(0).normal as (...sizes: number[]) => Tensor)(3, 2)
  expect(errorOf(twoNumbers)).toBeInstanceOf(Error)
})

test("E36: in L layers, dz_l = W_(l+1)^T dz_(l+1) * g'(z_l), for every L from 1 to 8", () => {
  const draw = new Rng(21)
  for (let depth = 1; depth <= 8; depth++) {
    const inner = Array.from({ length: depth - 1 }, () => 1 + Math.floor(6 * draw.uniform([]).item()))
    const sizes = [3, ...inner, 2]
    const { denses, model } = deepNet(sizes, tanh, { seed: depth, weightInitializer: normal() })
    const seen = observed(model, draw.normal([3, 5], { dtype }))
    const target = draw.normal([2, 5], { dtype })
    halfSquaredError(seen.at(-1)!, target, { layout }).backward()
    let dz = seen.at(-1)!.sub(target)
    for (let layer = depth - 1; layer >= 0; layer--) {
      const z = seen[2 * layer]!
      if (layer < depth - 1) {
        const slope = tanh(z).square().neg().add(1)
        dz = matmul(denses[layer + 1]!.weight.transpose(), dz).mul(slope)
      }
      expect(distance(z.grad!.mul(5).data(), dz.data())).toBeLessThan(1e-12)
      expect(distance(denses[layer]!.bias!.grad!.data(), dz.mean(1).data())).toBeLessThan(1e-12)
    }
  }
})

test('E42: of a dense layer every output depends on every input, of a convolution on a local region', () => {
  const image = new Rng(3).normal([1, 6, 6], { dtype })
  const dependences = (layer: (x: Tensor) => Tensor, outputs: number): number[] => {
    const jacobian = (jacrev(layer)(image) as Tensor).reshape([outputs, 36])
    return (jacobian.toArray() as number[][]).map(row => row.filter(value => value !== 0).length)
  }
  const rng = new Rng(4)
  const dense = new Dense(36, 16, { rng, dtype })
  const convolution = new Conv2d(1, 1, 3, { rng, dtype })
  const flat = (x: Tensor): Tensor => dense.forward(x.reshape([1, 36]))
  expect(dependences(flat, 16)).toEqual(new Array(16).fill(36))
  expect(dependences(x => convolution.forward(x), 16)).toEqual(new Array(16).fill(9))
  // And what it has to learn does not grow with the image: 9 weights and a bias beside 36 times 16 and 16.
  expect(parameters(convolution).reduce((count, { size }) => count + size, 0)).toBe(10)
  expect(parameters(dense).reduce((count, { size }) => count + size, 0)).toBe(592)
})
