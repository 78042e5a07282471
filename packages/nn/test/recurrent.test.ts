// Recurrent layers: what the twins and the parity with PyTorch do not show.
import {
  concat,
  flip,
  grad,
  gradients,
  jvp,
  Parameter,
  Rng,
  scan,
  slice,
  stack,
  type Tensor,
  tensor,
  vmap,
  where,
  zeros,
} from '@adjoint/core'
import {
  Dense,
  GRU,
  GRUCell,
  initializers,
  LSTM,
  LSTMCell,
  type LSTMState,
  loadPytorchState,
  namedParameters,
  padSequence,
  parameters,
  pytorchState,
  type RecurrentResult,
  RNN,
  RNNCell,
  sequenceMask,
  sequential,
  summary,
  unpadSequence,
} from '@adjoint/nn'
import { checkGradients } from '@adjoint/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { distance, errorOf } from './support.ts'

const dtype = 'float64' as const

/** Largest difference, relative to the largest entry of what is expected. */
function gap(actual: Tensor, expected: Tensor): number {
  expect(actual.shape).toEqual(expected.shape)
  return distance(actual.data(), expected.data())
}

/** What is thrown, as `ShapeError: LSTM(3, 4): ...`. */
function mistakeOf(run: () => unknown): string {
  return String(errorOf(run))
}

function draw(seed: number, shape: readonly number[]): Tensor {
  return new Rng(seed).normal(shape, { dtype })
}

interface Settings {
  readonly layers?: number
  readonly bidirectional?: boolean
  readonly dropout?: number
  readonly timeFirst?: boolean
  readonly keep?: 'steps' | 'states'
}

/** A layer whose state is a list of tensors, so that all kinds can be put through the same. */
interface Kind {
  readonly make: (settings?: Settings) => RNN | LSTM | GRU
  readonly sizes: readonly number[]
}

const KINDS: Readonly<Record<string, Kind>> = {
  'RNN with tanh': {
    make: settings => new RNN(3, 4, { rng: new Rng(1), dtype, ...settings }) as RNN,
    sizes: [4],
  },
  'RNN with relu': {
    make: settings => new RNN(3, 4, { rng: new Rng(2), dtype, nonlinearity: 'relu', ...settings }) as RNN,
    sizes: [4],
  },
  LSTM: { make: settings => new LSTM(3, 4, { rng: new Rng(3), dtype, ...settings }) as LSTM, sizes: [4, 4] },
  'LSTM with a projection': {
    make: settings =>
      new LSTM(3, 4, { rng: new Rng(4), dtype, projection: 2, ...settings }) as unknown as LSTM,
    sizes: [2, 4],
  },
  'GRU, reset after the product': {
    make: settings => new GRU(3, 4, { rng: new Rng(5), dtype, ...settings }) as GRU,
    sizes: [4],
  },
  'GRU, reset before the product': {
    make: settings => new GRU(3, 4, { rng: new Rng(6), dtype, resetAfter: false, ...settings }) as GRU,
    sizes: [4],
  },
}

interface Ran {
  readonly output: Tensor
  readonly states: readonly Tensor[]
}

function run(
  layer: RNN | LSTM | GRU,
  x: Tensor,
  states?: readonly Tensor[],
  lengths?: readonly number[] | Tensor,
): Ran {
  const more = lengths === undefined ? {} : { lengths }
  if (layer instanceof LSTM) {
    const given = states === undefined ? {} : { state: { hidden: states[0]!, cell: states[1]! } }
    const { output, state }: RecurrentResult<LSTMState> = layer.run(x, { ...more, ...given })
    return { output, states: [state.hidden, state.cell] }
  }
  const given = states === undefined ? {} : { state: states[0]! }
  const { output, state } = layer.run(x, { ...more, ...given })
  return { output, states: [state] }
}

describe.each(Object.entries(KINDS))('%s', (_, { make, sizes }) => {
  test('shapes: stacked, both directions, time first, a single sequence', () => {
    const layer = make({ layers: 2, bidirectional: true })
    const { output, states } = run(layer, draw(1, [5, 7, 3]))
    expect(output.shape).toEqual([5, 7, 2 * sizes[0]!])
    expect(states.map(({ shape }) => shape)).toEqual(sizes.map(size => [4, 5, size]))
    const single = run(layer, draw(1, [7, 3]))
    expect(single.output.shape).toEqual([7, 2 * sizes[0]!])
    expect(single.states.map(({ shape }) => shape)).toEqual(sizes.map(size => [4, size]))
  })

  test('time first is the same with two axes exchanged, and a single sequence is a batch of one', () => {
    const x = draw(2, [2, 5, 3])
    const [layer, other] = [make({ layers: 2 }), make({ layers: 2, timeFirst: true })]
    const want = run(layer, x)
    const got = run(other, x.permute([1, 0, 2]))
    expect(gap(got.output.permute([1, 0, 2]), want.output)).toBe(0)
    const single = run(layer, slice(x, 1))
    expect(gap(single.output, slice(want.output, 1))).toBeLessThan(1e-15)
    expect(gap(single.states[0]!, slice(want.states[0]!, null, 1))).toBeLessThan(1e-15)
  })

  test('a cell in a loop of one’s own is the layer', () => {
    const layer = make()
    const x = draw(3, [2, 5, 3])
    const { weights, cell } = cellOf(layer)
    expect(Object.keys(namedParameters(cell)).sort()).toEqual(Object.keys(weights).sort())
    for (const [name, parameter] of Object.entries(namedParameters(cell))) parameter.assign(weights[name]!)
    const outputs: Tensor[] = []
    let state: Tensor | LSTMState | undefined
    for (let t = 0; t < 5; t++) {
      state = cell.step(slice(x, null, t), state as never)
      outputs.push('hidden' in state ? (state as LSTMState).hidden : (state as Tensor))
    }
    expect(gap(run(layer, x).output, stack(outputs, 1))).toBeLessThan(1e-15)
    expect(gap(cell.forward(slice(x, null, 0) as never) as Tensor, outputs[0]!)).toBe(0)
  })

  test.each([false, true])('lengths: each example as if it were alone, bidirectional %s', bidirectional => {
    const layer = make({ layers: 2, bidirectional })
    const x = draw(4, [4, 6, 3])
    const starts = sizes.map((size, i) => draw(5 + i, [bidirectional ? 4 : 2, 4, size]))
    const lengths = [6, 1, 4, 0]
    const all = run(layer, x, starts, lengths)
    for (const [i, length] of lengths.entries()) {
      expect(
        slice(all.output, i, [length, null])
          .data()
          .every(value => value === 0),
      ).toBe(true)
      const mine = starts.map(start => slice(start, null, [i, i + 1]))
      if (length === 0) {
        all.states.forEach((state, k) => {
          expect(gap(slice(state, null, [i, i + 1]), mine[k]!)).toBe(0)
        })
        continue
      }
      const alone = run(layer, slice(x, [i, i + 1], [0, length]), mine)
      expect(gap(slice(all.output, [i, i + 1], [0, length]), alone.output)).toBeLessThan(1e-14)
      all.states.forEach((state, k) => {
        expect(gap(slice(state, null, [i, i + 1]), alone.states[k]!)).toBeLessThan(1e-14)
      })
    }
    // Lengths as a tensor are the same lengths.
    const asTensor = run(layer, x, starts, tensor(lengths, { dtype: 'int32' }))
    expect(gap(asTensor.output, all.output)).toBe(0)
  })

  test('what fills up has no influence, not even NaN, and gets gradient 0', () => {
    const layer = make({ layers: 2, bidirectional: true })
    const x = draw(6, [2, 5, 3])
    const isReal = sequenceMask([5, 2], 5).unsqueeze(2)
    const spoilt: Tensor = where(isReal, x, NaN)
    const loss = (input: Tensor) => run(layer, input, undefined, [5, 2]).output.square().sum()
    expect(loss(spoilt).item()).toBe(loss(x).item())
    const weights = parameters(layer)
    const [want, got] = [gradients(loss(x), weights), gradients(loss(spoilt), weights)]
    got.forEach((part, i) => {
      expect(gap(part, want[i]!)).toBe(0)
    })
    const dx = grad(loss)(x)
    expect(
      slice(dx, 1, [2, null])
        .data()
        .every(value => value === 0),
    ).toBe(true)
    expect(slice(dx, 1, 1).abs().max().item()).toBeGreaterThan(0)
  })

  test('two directions are two layers, one of which reads backward', () => {
    const both = make({ bidirectional: true })
    const x = draw(7, [2, 5, 3])
    const state = pytorchState(both)
    const part = (suffix: string): RNN | LSTM | GRU => {
      const one = make()
      const names = Object.keys(pytorchState(one))
      loadPytorchState(one, Object.fromEntries(names.map(name => [name, state[`${name}${suffix}`]!])))
      return one
    }
    const forward = run(part(''), x)
    const backward = run(part('_reverse'), flip(x, 1))
    const found = run(both, x)
    expect(gap(found.output, concat([forward.output, flip(backward.output, 1)], -1))).toBe(0)
    found.states.forEach((end, k) => {
      expect(gap(end, concat([forward.states[k]!, backward.states[k]!]))).toBe(0)
    })
  })

  test('a sequence in two parts, the state carried over, is the whole sequence', () => {
    const layer = make({ layers: 3 })
    const x = draw(8, [2, 9, 3])
    const whole = run(layer, x)
    const first = run(layer, slice(x, null, [0, 4]))
    const second = run(layer, slice(x, null, [4, null]), first.states)
    expect(gap(concat([first.output, second.output], 1), whole.output)).toBeLessThan(1e-15)
    second.states.forEach((state, k) => {
      expect(gap(state, whole.states[k]!)).toBeLessThan(1e-15)
    })
  })

  test('gradients through time, of first and second order', () => {
    const layer = make({ bidirectional: true })
    const starts = sizes.map((size, i) => draw(20 + i, [2, 2, size]))
    const loss = ([x, ...states]: readonly [Tensor, ...Tensor[]]) => {
      const { output, states: ends } = run(layer, x, states, [3, 2])
      return ends.reduce((sum, end) => sum.add(end.sin().sum()), output.square().sum())
    }
    const point: [Tensor, ...Tensor[]] = [draw(9, [2, 3, 3]), ...starts]
    const report = checkGradients(loss, point, { order: 2 })
    expect(report.passes, String(report)).toBe(true)
  })

  test('keeping states only gives the same numbers with less memory', () => {
    const x = draw(10, [2, 6, 3])
    const [fast, light] = [make({ layers: 2 }), make({ layers: 2, keep: 'states' })]
    const of = (layer: RNN | LSTM | GRU) => gradients(run(layer, x).output.square().sum(), parameters(layer))
    const [want, got] = [of(fast), of(light)]
    got.forEach((part, i) => {
      expect(gap(part, want[i]!)).toBeLessThan(1e-13)
    })
  })

  test('vmap over single sequences is the batch; a gradient for each example; forward mode', () => {
    const layer = make({ bidirectional: true })
    const x = draw(11, [3, 4, 3])
    const want = run(layer, x).output
    expect(gap(vmap((one: Tensor) => run(layer, one).output)(x), want)).toBeLessThan(1e-15)
    const loss = (one: Tensor) => run(layer, one).output.square().sum()
    expect(gap(vmap(grad(loss))(x), grad(loss)(x))).toBeLessThan(1e-13)
    const direction = draw(12, [3, 4, 3])
    const slope = grad(loss)(x).mul(direction).sum().item()
    expect(jvp(loss, x, direction).tangent.item()).toBeCloseTo(slope, 10)
  })
})

/** The weights of a layer's only cell, and a cell of the same kind. */
function cellOf(layer: RNN | LSTM | GRU) {
  const weights = Object.fromEntries(
    Object.entries(namedParameters(layer)).map(([path, x]) => [path.slice('cells.0.'.length), x]),
  )
  const options = { rng: new Rng(99), dtype }
  if (layer instanceof RNN) {
    return { weights, cell: new RNNCell(3, 4, { ...options, nonlinearity: layer.nonlinearity }) }
  }
  if (layer instanceof GRU) {
    return { weights, cell: new GRUCell(3, 4, { ...options, resetAfter: layer.resetAfter }) }
  }
  const { projection } = layer
  return { weights, cell: new LSTMCell(3, 4, { ...options, ...(projection !== null && { projection }) }) }
}

describe('values known by hand', () => {
  const { constant, ones, zeros: zero } = initializers

  test('E43: backpropagation through time of a linear recurrence is the derivative of a polynomial', () => {
    // With relu, weights of 1 and positive numbers, h_t = w h_(t - 1) + 1, so h_4 = 1 + w + w² + w³.
    const layer = new RNN(1, 1, {
      nonlinearity: 'relu',
      bias: false,
      dtype,
      weightInitializer: ones,
      hiddenInitializer: constant(0.5),
    })
    const { output, state } = layer.run(tensor([[[1], [1], [1], [1]]], { dtype }))
    expect(output.flatten().toArray()).toEqual([1, 1.5, 1.75, 1.875])
    const [dw] = gradients(state.sum(), [layer.cells[0]!.hiddenWeight], { createGraph: true })
    expect(dw!.item()).toBe(1 + 2 * 0.5 + 3 * 0.25)
    expect(gradients(dw!.sum(), [layer.cells[0]!.hiddenWeight])[0]!.item()).toBe(2 + 6 * 0.5)
  })

  test('E44: an LSTM whose gates are open adds up, and one whose forget gate is shut forgets', () => {
    const [open, shut] = [40, -40]
    // Biases of i, f, g, o; g = tanh(x).
    const cell = (forget: number) => {
      const made = new LSTMCell(1, 1, {
        dtype,
        weightInitializer: zero,
        hiddenInitializer: zero,
        biasInitializer: zero,
      })
      made.inputWeight.assign(tensor([[0], [0], [1], [0]], { dtype }))
      made.inputBias!.assign(tensor([open, forget, 0, open], { dtype }))
      return made
    }
    const sequence = [0.1, -0.2, 0.7]
    const end = (forget: number) =>
      sequence.reduce<LSTMState | undefined>(
        (state, x) => cell(forget).step(tensor([[x]], { dtype }), state),
        undefined,
      )!
    expect(end(open).cell.item()).toBeCloseTo(Math.tanh(0.1) + Math.tanh(-0.2) + Math.tanh(0.7), 14)
    expect(end(shut).cell.item()).toBeCloseTo(Math.tanh(0.7), 14)
    expect(end(shut).hidden.item()).toBeCloseTo(Math.tanh(Math.tanh(0.7)), 14)
  })

  test('E45: the two variants of the GRU, each by its formula', () => {
    // One unit: r = σ(b), z = σ(0) = 1/2, h = 2, W_hn = 3, b_hn = 5, x = 0.
    const state = tensor([[2]], { dtype })
    const step = (resetAfter: boolean): number => {
      const cell = new GRUCell(1, 1, {
        dtype,
        resetAfter,
        weightInitializer: zero,
        hiddenInitializer: zero,
        biasInitializer: zero,
      })
      cell.hiddenWeight.assign(tensor([[0], [0], [0.3]], { dtype }))
      cell.hiddenBias!.assign(tensor([-1, 0, 0.5], { dtype }))
      return cell.step(tensor([[0]], { dtype }), state).item()
    }
    const r = 1 / (1 + Math.exp(1))
    expect(step(true)).toBeCloseTo(0.5 * Math.tanh(r * (0.3 * 2 + 0.5)) + 0.5 * 2, 14)
    expect(step(false)).toBeCloseTo(0.5 * Math.tanh(0.3 * (r * 2) + 0.5) + 0.5 * 2, 14)
    expect(Math.abs(step(true) - step(false))).toBeGreaterThan(0.1)
    expect(String(new GRUCell(1, 1, { rng: new Rng(0), resetAfter: false }))).toBe(
      'GRUCell(1, 1, reset before)',
    )
  })
})

describe('settings', () => {
  const rng = new Rng(0)

  test('layers and cells name themselves', () => {
    expect(
      String(new LSTM(32, 64, { rng, layers: 2, bidirectional: true, projection: 16, dropout: 0.1 })),
    ).toBe('LSTM(32, 64, layers 2, bidirectional, projection 16, dropout 0.1)')
    expect(String(new GRU(3, 5, { rng, resetAfter: false, timeFirst: true }))).toBe(
      'GRU(3, 5, reset before, time first)',
    )
    expect(String(new RNNCell(3, 5, { rng }))).toBe('RNNCell(3, 5)')
    expect(String(new LSTMCell(3, 5, { rng, projection: 2 }))).toBe('LSTMCell(3, 5, projection 2)')
  })

  test('PyTorch’s names and layouts', () => {
    const shapes = (layer: unknown) =>
      Object.fromEntries(Object.entries(pytorchState(layer)).map(([name, { shape }]) => [name, shape]))
    expect(
      shapes(new LSTM(3, 5, { rng, projection: 2, bidirectional: true, layers: 2, bias: false })),
    ).toEqual({
      weight_ih_l0: [20, 3],
      weight_hh_l0: [20, 2],
      weight_hr_l0: [2, 5],
      weight_ih_l0_reverse: [20, 3],
      weight_hh_l0_reverse: [20, 2],
      weight_hr_l0_reverse: [2, 5],
      weight_ih_l1: [20, 4],
      weight_hh_l1: [20, 2],
      weight_hr_l1: [2, 5],
      weight_ih_l1_reverse: [20, 4],
      weight_hh_l1_reverse: [20, 2],
      weight_hr_l1_reverse: [2, 5],
    })
    expect(Object.keys(shapes(sequential(new GRU(3, 5, { rng }), new Dense(5, 1, { rng }))))).toEqual([
      '0.weight_ih_l0',
      '0.weight_hh_l0',
      '0.bias_ih_l0',
      '0.bias_hh_l0',
      '1.weight',
      '1.bias',
    ])
    expect(shapes(new GRUCell(3, 5, { rng }))).toEqual({
      weight_ih: [15, 3],
      weight_hh: [15, 5],
      bias_ih: [15],
      bias_hh: [15],
    })
  })

  test('first weights are uniform in ±1/√hidden', () => {
    const layer = new LSTM(8, 16, { rng: new Rng(7) })
    for (const parameter of parameters(layer)) {
      const largest = parameter.abs().max().item()
      expect(largest).toBeLessThanOrEqual(0.25)
      expect(largest).toBeGreaterThan(0.2)
    }
  })

  test('the biases of the forget gate add up to what is asked for', () => {
    const layer = new LSTM(3, 4, { rng: new Rng(7), forgetBias: 1 })
    const plain = new LSTM(3, 4, { rng: new Rng(7) })
    const [{ inputBias, hiddenBias }, other] = [layer.cells[0]!, plain.cells[0]!]
    const sum = [...inputBias!.add(hiddenBias!).data()]
    expect(sum.slice(4, 8)).toEqual([1, 1, 1, 1])
    const drawn = [...other.inputBias!.add(other.hiddenBias!).data()]
    expect([...sum.slice(0, 4), ...sum.slice(8)]).toEqual([...drawn.slice(0, 4), ...drawn.slice(8)])
  })

  test('in a chain, with types', () => {
    const model = sequential(
      new LSTM(3, 8, { rng }),
      (x: Tensor<[number, number, 8]>) => slice(x, null, -1) as Tensor<[number, 8]>,
      new Dense(8, 2, { rng }),
    )
    const y = model.forward(zeros([5, 7, 3]))
    expect(y.shape).toEqual([5, 2])
    expectTypeOf(new GRU(3, 5, { rng }).forward(zeros([2, 4, 3]))).toEqualTypeOf<Tensor<[2, 4, 5]>>()
    expectTypeOf(new LSTM(3, 5, { rng, projection: 2 }).forward(zeros([4, 3]))).toEqualTypeOf<
      Tensor<[4, 2]>
    >()
    expectTypeOf(new RNN(3, 5, { rng, bidirectional: true }).forward(zeros([2, 4, 3]))).toEqualTypeOf<
      Tensor<[2, 4, 10]>
    >()
    expectTypeOf(new RNN(3, 11, { rng, bidirectional: true }).forward(zeros([2, 4, 3]))).toEqualTypeOf<
      Tensor<[2, 4, number]>
    >()
    // @ts-expect-error takes [3], got [4]
    expect(mistakeOf(() => new GRU(3, 5, { rng }).forward(zeros([2, 4, 4])))).toContain(
      'takes [batch, time, 3]',
    )
    expect(summary(new LSTM(3, 8, { rng }), zeros([5, 7, 3]))).toContain('LSTM(3, 8)')
  })

  test('dropout between layers, in training only', () => {
    const layer = new GRU(3, 4, { rng: new Rng(1), layers: 2, dropout: 0.5 })
    const x = new Rng(2).normal([2, 5, 3])
    const plain = layer.forward(x)
    const trained = (seed: number) => layer.forward(x, { training: true, rng: new Rng(seed) })
    expect(layer.forward(x, { training: false, rng: new Rng(1) }).toArray()).toEqual(plain.toArray())
    expect(trained(3).toArray()).toEqual(trained(3).toArray())
    expect(trained(3).toArray()).not.toEqual(trained(4).toArray())
    expect(mistakeOf(() => layer.forward(x, { training: true }))).toContain(
      'draws random numbers in training and got no generator; pass { training: true, rng: new Rng(0) }',
    )
    // The lowest layer is not dropped: with everything dropped the upper one sees zeros.
    const none = new GRU(3, 4, { rng: new Rng(1), layers: 2, dropout: 1 })
    const upper = none.run(x, {}, { training: true, rng: new Rng(0) })
    const state = pytorchState(none)
    const alone = new GRU(4, 4, { rng: new Rng(1) })
    loadPytorchState(
      alone,
      Object.fromEntries(
        Object.keys(pytorchState(alone)).map(name => [name, state[name.replace('l0', 'l1')]!]),
      ),
    )
    expect(upper.output.toArray()).toEqual(alone.forward(zeros([2, 5, 4])).toArray())
    expect(slice(upper.state, 0).toArray()).toEqual(slice(layer.run(x).state, 0).toArray())
  })

  test('a pass in float64 through weights in float32', () => {
    const layer = new LSTM(3, 4, { rng })
    const { output, state } = layer.run(draw(1, [2, 5, 3]))
    expect([output.dtype, state.hidden.dtype, state.cell.dtype]).toEqual(['float64', 'float64', 'float64'])
    const start = { hidden: zeros([1, 2, 4]), cell: zeros([1, 2, 4]) }
    expect(layer.run(draw(1, [2, 5, 3]), { state: start }).output.dtype).toBe('float64')
  })

  test('no examples', () => {
    const { output, state } = new GRU(3, 4, { rng }).run(zeros([0, 5, 3]))
    expect([output.shape, state.shape]).toEqual([
      [0, 5, 4],
      [1, 0, 4],
    ])
  })

  test('mistakes are named', () => {
    const layer = new LSTM(3, 4, { rng })
    const x = zeros([2, 5, 3]) as Tensor
    expect(mistakeOf(() => new GRU(3, 0, { rng }))).toBe(
      'ArgumentError: GRU: hidden must be a whole number from 1 up, got 0.',
    )
    expect(mistakeOf(() => new GRU(3, 4, { rng, num_layers: 2 } as never))).toContain("knows no 'num_layers'")
    expect(mistakeOf(() => new LSTM(3, 4, { rng, projection: 4 }))).toBe(
      'ArgumentError: LSTM: projection must be fewer than hidden, 4; got 4.',
    )
    expect(mistakeOf(() => new LSTM(3, 4, { rng, bias: false, forgetBias: 1 }))).toContain('has no biases')
    expect(mistakeOf(() => new RNN(3, 4, { rng, nonlinearity: 'sigmoid' as never }))).toContain(
      "nonlinearity must be 'tanh' or 'relu', got 'sigmoid'",
    )
    expect(mistakeOf(() => new RNN(3, 4, { rng, dropout: 0.5 }))).toContain('dropout stands between layers')
    expect(mistakeOf(() => new RNN(3, 4))).toContain('give the layer one, { rng: new Rng(0) }')
    expect(mistakeOf(() => layer.run(zeros([2, 0, 3])))).toBe(
      'ShapeError: LSTM(3, 4): needs at least one step, got [2, 0, 3].',
    )
    expect(mistakeOf(() => layer.run(x, { lengths: [5] }))).toBe(
      'ShapeError: LSTM(3, 4): got 1 lengths for 2 examples.',
    )
    expect(mistakeOf(() => layer.run(x, { lengths: [5, 6] }))).toBe(
      'ArgumentError: LSTM(3, 4): the length of example 1 must be a whole number from 0 to 5, the number of steps; got 6.',
    )
    expect(mistakeOf(() => layer.run(zeros([5, 3]), { lengths: [5] }))).toContain(
      'cut a single one with slice',
    )
    expect(mistakeOf(() => layer.run(x, { state: { hidden: zeros([1, 2, 4]), cell: zeros([2, 4]) } }))).toBe(
      'ShapeError: LSTM(3, 4): needs a state of [1, 2, 4], got [2, 4].',
    )
    expect(mistakeOf(() => layer.run(x, { initial: 3 } as never))).toContain("knows no 'initial'")
    expect(mistakeOf(() => new GRUCell(3, 4, { rng }).step(zeros([2, 4])))).toBe(
      'ShapeError: GRUCell(3, 4): takes [batch, 3] or [3], got [2, 4].',
    )
  })
})

describe('sequences of different lengths', () => {
  test('padded and taken apart again', () => {
    const sequences = [draw(1, [3, 2]), draw(2, [5, 2]), draw(3, [0, 2])]
    for (const timeFirst of [false, true]) {
      const { padded, lengths } = padSequence(sequences, { timeFirst, value: -1 })
      expect(padded.shape).toEqual(timeFirst ? [5, 3, 2] : [3, 5, 2])
      expect(lengths).toEqual([3, 5, 0])
      const back = unpadSequence(padded, lengths, { timeFirst })
      expect(back.map(x => x.toArray())).toEqual(sequences.map(x => x.toArray()))
    }
    expect(padSequence(sequences, { value: -1 }).padded.slice(0, [3, null]).toArray()).toEqual([
      [-1, -1],
      [-1, -1],
    ])
  })

  test('gradients go to the sequences', () => {
    const [a, b] = [new Parameter(tensor([1, 2, 3]), 'a'), new Parameter(tensor([4]), 'b')]
    const { padded } = padSequence([a, b])
    expect(gradients(padded.square().sum(), [a, b]).map(x => x.toArray())).toEqual([[2, 4, 6], [8]])
  })

  test('the mask of lengths', () => {
    expect(sequenceMask(tensor([1, 2], { dtype: 'int32' }), 2).toArray()).toEqual([
      [true, false],
      [true, true],
    ])
    expect(mistakeOf(() => sequenceMask([3], 2))).toContain('from 0 to 2')
    expect(mistakeOf(() => sequenceMask(tensor([1.5]), 2))).toContain('lengths must be int32')
    expect(mistakeOf(() => padSequence([]))).toContain('at least one sequence')
    expect(mistakeOf(() => padSequence([zeros([2, 3]), zeros([2, 4])]))).toContain('sequence 1 is [2, 4]')
    expect(mistakeOf(() => unpadSequence(zeros([2, 3]), [1]))).toContain('got 1 lengths for 2 examples')
  })
})

test('a pass is one scan for each layer and direction', () => {
  expect(scan).toBeDefined()
  const layer = new LSTM(3, 4, { rng: new Rng(0), layers: 2, bidirectional: true })
  const loss = layer.forward(zeros([2, 50, 3])).sum()
  const ops = new Set<Tensor>()
  let scans = 0
  const open: Tensor[] = [loss]
  for (let x = open.pop(); x !== undefined; x = open.pop()) {
    if (ops.has(x)) continue
    ops.add(x)
    if (x.node?.primitive.name === 'scan') scans++
    open.push(...(x.node?.inputs ?? []))
  }
  expect(scans).toBe(4)
  expect(ops.size).toBeLessThan(200)
})

test.each(['steps', 'states'] as const)(
  '5000 steps: nothing overflows, and nothing grows faster than the sequence, keeping %s',
  keep => {
    const layer = new LSTM(3, 4, { rng: new Rng(0), keep })
    const time = (steps: number): number => {
      const x = draw(13, [1, steps, 3])
      const start = performance.now()
      const found = gradients(layer.forward(x as never).mean(), parameters(layer))
      expect(found.every(part => part.data().every(Number.isFinite))).toBe(true)
      return performance.now() - start
    }
    time(200)
    // Five times as long, and not twenty-five times; the machine may be busy.
    const [short, long] = [Math.min(time(1000), time(1000)), time(5000)]
    expect(long / short).toBeLessThan(15)
  },
)

test('a state as PyTorch has it, a pair, is refused and not taken for none', () => {
  const layer = new LSTM(3, 4, { rng: new Rng(0) })
  const state = [zeros([1, 2, 4]), zeros([1, 2, 4])] as unknown as LSTMState
  expect(() => layer.run(zeros([2, 5, 3]), { state })).toThrow(
    'LSTM(3, 4): takes a state { hidden, cell }, got an array.',
  )
  const cell = new LSTMCell(3, 4, { rng: new Rng(0) })
  expect(() => cell.step(zeros([2, 3]), state)).toThrow(
    'LSTMCell(3, 4): takes a state { hidden, cell }, got an array.',
  )
})
