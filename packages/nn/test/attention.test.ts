// Attention and transformers: locality, symmetry, masks, caches, names, and what the settings do. Derivatives beside their
// hand-derived twins are in twins.test.ts.
import {
  concat,
  gradients,
  jacrev,
  permutation,
  Rng,
  stack,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from '@adjoint/core'
import { checkGradients } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'
import {
  AttentionCache,
  alibiBias,
  type ForwardContext,
  functionalCall,
  initializers,
  LayerNorm,
  LearnedPositionalEncoding,
  loadPytorchState,
  MultiHeadAttention,
  namedParameters,
  pytorchState,
  rotaryEmbedding,
  SinusoidalPositionalEncoding,
  sequential,
  stateOf,
  summary,
  Transformer,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
} from '../src/index.ts'
import { errorOf } from './support.ts'

const rng = new Rng(11)
const dtype = 'float64'
const draw = (...shape: number[]): Tensor => {
  const x: Tensor = rng.normal(shape, { dtype })
  x.requiresGrad = true
  return x
}
const largest = (x: Tensor): number => Number(x.abs().max().item())
const differ = (x: Tensor, y: Tensor): number => {
  expect(x.shape).toEqual(y.shape)
  return largest(x.sub(y) as Tensor)
}
const small = { feedForward: 6, dtype, rng } as const
const training = (seed: number): ForwardContext => ({ training: true, rng: new Rng(seed) })

describe('who sees whom', () => {
  const causal: readonly [string, (x: Tensor) => Tensor][] = [
    [
      'attention',
      x => new MultiHeadAttention(4, 2, { dtype, rng: new Rng(1) }).forward({ query: x, isCausal: true }),
    ],
    [
      'an encoder',
      x => {
        const from = new Rng(1)
        const layers = [0, 1].map(
          () => new TransformerEncoderLayer(4, 2, { ...small, rng: from, preNorm: true }),
        )
        return new TransformerEncoder(layers).forward({ input: x, isCausal: true })
      },
    ],
    [
      'a decoder',
      x => {
        const layer = new TransformerDecoderLayer(4, 2, { ...small, rng: new Rng(1) })
        const memory = new Rng(2).normal([3, 4], { dtype })
        return layer.forward({ target: x, memory, isCausal: true })
      },
    ],
  ]

  test.each(causal)(
    '%s: with isCausal the Jacobian has no entry from later to earlier, and all others',
    (_, f) => {
      const J = jacrev(f)(draw(5, 4)) as Tensor
      for (let i = 0; i < 5; i++) {
        for (let j = 0; j < 5; j++) {
          const block = largest(J.slice(i, null, j))
          if (j > i) expect(block).toBe(0)
          else expect(block).toBeGreaterThan(1e-6)
        }
      }
    },
  )

  test('without positions attention does not see the order', () => {
    const layer = new TransformerEncoderLayer(8, 2, small)
    const x = draw(2, 6, 8)
    const order = tensor(Array.from(permutation(rng, 6)), { dtype: 'int32' })
    const moved = (y: Tensor): Tensor => y.indexSelect(1, order) as Tensor
    expect(differ(layer.forward(moved(x)), moved(layer.forward(x)))).toBeLessThan(1e-13)
    const attention = new MultiHeadAttention(8, 4, { dtype, rng })
    const [query, key] = [draw(2, 3, 8), draw(2, 6, 8)]
    const found = attention.forward({ query, key: moved(key) })
    expect(differ(found, attention.forward({ query, key }))).toBeLessThan(1e-13)
  })

  test('with rotation or ALiBi it sees distances, and not where the sequence begins', () => {
    const rotary = new MultiHeadAttention(8, 2, { dtype, rng, rotary: true })
    const x = draw(1, 6, 8)
    const order = tensor([1, 0, 2, 3, 4, 5], { dtype: 'int32' })
    const moved = (y: Tensor): Tensor => y.indexSelect(1, order) as Tensor
    expect(differ(rotary.forward(moved(x)), moved(rotary.forward(x)))).toBeGreaterThan(1e-3)
    const plain = new MultiHeadAttention(8, 2, { dtype, rng })
    const biased = (y: Tensor): Tensor => plain.forward({ query: y, mask: alibiBias(2, 6, 6, { dtype }) })
    expect(differ(biased(moved(x)), moved(biased(x)))).toBeGreaterThan(1e-3)
    expect(alibiBias(2, 6, 6).toArray()).toEqual(
      alibiBias(2, 9, 6, { queryOffset: -3 }).slice(null, [3, 9]).toArray(),
    )
  })

  test('padding behind a key mask might as well not be there', () => {
    const layer = new TransformerEncoderLayer(8, 2, small)
    const [short, padding] = [draw(1, 3, 8), draw(1, 2, 8)]
    const keyMask = tensor([[true, true, true, false, false]])
    const padded = layer.forward({ input: concat([short, padding], 1), keyMask })
    expect(differ(padded.slice(null, [0, 3]), layer.forward(short))).toBeLessThan(1e-14)
    const [dpadding] = gradients(padded.slice(null, [0, 3]).square().sum(), [padding]) as [Tensor]
    expect(largest(dpadding)).toBe(0)
  })

  test('masks may differ between examples and heads, and combine', () => {
    const layer = new MultiHeadAttention(8, 2, { dtype, rng })
    const x = draw(3, 4, 8)
    const mask = rng.uniform([3, 2, 4, 4]).greater(0.4)
    const keyMask = rng.uniform([3, 4]).greater(0.3)
    const numbers: Tensor = rng.normal([2, 4, 4], { dtype })
    for (const given of [mask, numbers, mask.slice(null, [0, 1]) as Tensor]) {
      const all = {
        query: x,
        mask: given,
        keyMask,
        isCausal: true,
        needWeights: true,
        averageWeights: false,
      } as const
      const { weights } = layer.forward(all)
      expect(weights.shape).toEqual([3, 2, 4, 4])
      const allowed = keyMask
        .reshape([3, 1, 1, 4])
        .logicalAnd(given.dtype === 'bool' ? given : tensor(true))
        .logicalAnd(
          tensor(
            [
              [1, 0, 0, 0],
              [1, 1, 0, 0],
              [1, 1, 1, 0],
              [1, 1, 1, 1],
            ],
            { dtype: 'bool' },
          ),
        )
      expect(weights.greater(0).toArray()).toEqual(allowed.expand([3, 2, 4, 4]).toArray())
    }
  })

  test('a query without keys gets the bias of the output, and every derivative is finite', () => {
    const layer = new MultiHeadAttention(4, 2, { dtype, rng, biasInitializer: initializers.constant(0.25) })
    const x = draw(2, 3, 4)
    const keyMask = tensor([
      [true, true, false],
      [false, false, false],
    ])
    const y = layer.forward({ query: x, keyMask })
    expect(y.slice(1).toArray()).toEqual([1, 2, 3].map(() => [0.25, 0.25, 0.25, 0.25]))
    const [dx] = gradients(y.square().sum(), [x], { createGraph: true }) as [Tensor]
    expect(largest(dx.slice(1))).toBe(0)
    const [second] = gradients(dx.square().sum(), [x]) as [Tensor]
    expect(second.isFinite().all().item()).toBe(1)
  })

  test('the learned key and the key of zeros are seen by all, whatever the masks say', () => {
    const layer = new MultiHeadAttention(4, 2, { dtype, rng, addBiasKeyValue: true, addZeroAttention: true })
    const x = draw(2, 3, 4)
    const keyMask = tensor([
      [true, true, true],
      [false, false, false],
    ])
    const { weights } = layer.forward({ query: x, keyMask, isCausal: true, needWeights: true })
    expect(weights.greater(0).cast('int32').toArray()).toEqual([
      [
        [1, 0, 0, 1, 1],
        [1, 1, 0, 1, 1],
        [1, 1, 1, 1, 1],
      ],
      [
        [0, 0, 0, 1, 1],
        [0, 0, 0, 1, 1],
        [0, 0, 0, 1, 1],
      ],
    ])
  })
})

describe('derivatives', () => {
  test('of attention, its weights and parameters, to the second order', () => {
    const layer = new MultiHeadAttention(4, 2, {
      keyFeatures: 3,
      addBiasKeyValue: true,
      rotary: true,
      dtype,
      rng,
    })
    const mask = tensor([
      [true, false, true],
      [false, true, true],
    ])
    const inputs = {
      query: draw(2, 2, 4),
      key: draw(2, 3, 3),
      value: draw(2, 3, 4),
      ...namedParameters(layer),
    }
    const f = ({ query, key, value }: typeof inputs): Tensor => {
      const { output, weights } = layer.forward({ query, key, value, mask, needWeights: true })
      return concat([output.reshape([-1]), weights.reshape([-1])])
    }
    expect(checkGradients(f, inputs, { order: 2 }).passes).toBe(true)
  })

  test.each([false, true])('of an encoder layer, norm first %s, to the second order', preNorm => {
    const layer = new TransformerEncoderLayer(4, 2, { ...small, preNorm, activation: 'gelu' })
    const keyMask = tensor([
      [true, true, true],
      [true, false, false],
    ])
    const f = (input: Tensor): Tensor => layer.forward({ input, keyMask })
    expect(checkGradients(f, draw(2, 3, 4), { order: 2 }).passes).toBe(true)
  })

  test('of a whole transformer with respect to every parameter', () => {
    const model = new Transformer({ features: 4, heads: 2, encoderLayers: 1, decoderLayers: 1, ...small })
    const [source, target] = [draw(2, 3, 4), draw(2, 2, 4)]
    const names = Object.entries(namedParameters(model))
    const y = model.forward({ source, target, isCausal: true })
    const found = gradients(
      y.square().sum(),
      names.map(([, parameter]) => parameter as Tensor),
    )
    for (const [i, [name]] of names.entries()) expect(largest(found[i]!), name).toBeGreaterThan(0)
  })

  test('of each example by itself: vmap is the loop', () => {
    const layer = new TransformerEncoderLayer(4, 2, small)
    const x = draw(3, 5, 4)
    const loss = (input: Tensor): Tensor => layer.forward({ input, isCausal: true }).square().sum() as Tensor
    expect(differ(vmap(loss)(x), stack([0, 1, 2].map(i => loss(x.slice(i)))))).toBeLessThan(1e-13)
    const perExample = vmap(
      (values: Record<string, Tensor>, input: Tensor) => functionalCall(layer, values, input),
      {
        inAxes: [null, 0],
      },
    )(namedParameters(layer) as Record<string, Tensor>, x)
    expect(differ(perExample, layer.forward(x))).toBeLessThan(1e-13)
  })
})

describe('settings', () => {
  test('time first is the same with axes exchanged, and one sequence a batch of one', () => {
    for (const timeFirst of [false, true]) {
      const make = (first: boolean) =>
        new TransformerDecoderLayer(8, 2, { ...small, rng: new Rng(3), timeFirst: first })
      const [target, memory] = [draw(3, 4, 8), draw(3, 5, 8)]
      const laid = (x: Tensor): Tensor => (timeFirst ? x.swapAxes(0, 1) : x)
      const expected = make(false).forward({ target, memory })
      const found = make(timeFirst).forward({ target: laid(target), memory: laid(memory) })
      expect(differ(laid(found), expected)).toBeLessThan(1e-14)
      const one = make(timeFirst).forward({ target: target.slice(0), memory: memory.slice(0) })
      expect(differ(one, expected.slice(0))).toBeLessThan(1e-14)
    }
  })

  test('first weights are those of PyTorch', () => {
    const layer = new MultiHeadAttention(64, 4, { rng: new Rng(0), addBiasKeyValue: true })
    const inputBound = Math.sqrt(6 / (64 + 3 * 64))
    expect(largest(layer.inputWeight!)).toBeLessThanOrEqual(inputBound)
    expect(largest(layer.inputWeight!)).toBeGreaterThan(0.99 * inputBound)
    expect(largest(layer.outputProjection.weight)).toBeLessThanOrEqual(1 / 8)
    expect(largest(layer.inputBias!) + largest(layer.outputProjection.bias!)).toBe(0)
    // 64 draws of standard deviation 1/8: the sample's is within 5 of its own standard deviations.
    const spread = Number(layer.biasKey!.standardDeviation().item())
    expect(Math.abs(spread - 1 / 8)).toBeLessThan((5 / 8) * Math.sqrt(1 / 128))
    const model = new Transformer({
      features: 64,
      heads: 4,
      encoderLayers: 1,
      decoderLayers: 1,
      feedForward: 128,
      rng,
    })
    const bound = Math.sqrt(6 / (64 + 128))
    expect(largest(model.encoder.layers[0]!.linear1.weight)).toBeGreaterThan(0.99 * bound)
  })

  test('the names of PyTorch', () => {
    const names = (model: unknown): string[] => Object.keys(pytorchState(model)).sort()
    expect(names(new MultiHeadAttention(4, 2, { rng, addBiasKeyValue: true }))).toEqual([
      'bias_k',
      'bias_v',
      'in_proj_bias',
      'in_proj_weight',
      'out_proj.bias',
      'out_proj.weight',
    ])
    expect(names(new MultiHeadAttention(4, 2, { rng, valueFeatures: 3, bias: false }))).toEqual([
      'k_proj_weight',
      'out_proj.weight',
      'q_proj_weight',
      'v_proj_weight',
    ])
    const attention = ['in_proj_bias', 'in_proj_weight', 'out_proj.bias', 'out_proj.weight']
    const both = (path: string): string[] => [`${path}.bias`, `${path}.weight`]
    const dense = [...both('linear1'), ...both('linear2')]
    const decoder = [
      ...dense,
      ...['multihead_attn', 'self_attn'].flatMap(path => attention.map(name => `${path}.${name}`)),
      ...['norm1', 'norm2', 'norm3'].flatMap(both),
    ]
    const encoder = [
      ...dense,
      ...['norm1', 'norm2'].flatMap(both),
      ...attention.map(name => `self_attn.${name}`),
    ]
    const model = new Transformer({
      features: 4,
      heads: 2,
      encoderLayers: 1,
      decoderLayers: 2,
      feedForward: 6,
      rng,
    })
    expect(names(model)).toEqual(
      [
        ...[0, 1].flatMap(i => decoder.map(name => `decoder.layers.${i}.${name}`)),
        ...both('decoder.norm'),
        ...encoder.map(name => `encoder.layers.0.${name}`),
        ...both('encoder.norm'),
      ].sort(),
    )
    const other = new Transformer({
      features: 4,
      heads: 2,
      encoderLayers: 1,
      decoderLayers: 2,
      feedForward: 6,
      rng,
    })
    loadPytorchState(other, pytorchState(model))
    expect(JSON.stringify(stateOf(other))).toBe(JSON.stringify(stateOf(model)))
    expect(other.encoder.layers[0]!.selfAttention.inputWeight!.name).toBe(
      'encoder.layers.0.selfAttention.inputWeight',
    )
  })

  test('dropout draws in training only, and needs a generator there', () => {
    const layer = new TransformerEncoderLayer(4, 2, { ...small, dropout: 0.5 })
    const x = draw(2, 3, 4)
    expect(differ(layer.forward(x), layer.forward(x, { training: false }))).toBe(0)
    expect(differ(layer.forward(x, training(1)), layer.forward(x, training(1)))).toBe(0)
    expect(differ(layer.forward(x, training(1)), layer.forward(x, training(2)))).toBeGreaterThan(0.01)
    expect(errorOf(() => layer.forward(x, { training: true })).message).toContain(
      'pass { training: true, rng: new Rng(0) }',
    )
    const none = new TransformerEncoderLayer(4, 2, { ...small, dropout: 0 })
    expect(differ(none.forward(x, { training: true }), none.forward(x))).toBe(0)
  })

  test('an activation may be a function, and a norm at the end any module', () => {
    const settings = { ...small, activation: (x: Tensor): Tensor => x.tanh() }
    const [a, b] = [new Rng(4), new Rng(4)]
    const x = draw(2, 3, 4)
    const tanh = new TransformerEncoderLayer(4, 2, { ...settings, rng: a })
    const relu = new TransformerEncoderLayer(4, 2, { ...small, rng: b })
    expect(differ(tanh.forward(x), relu.forward(x))).toBeGreaterThan(1e-3)
    const double = { forward: (y: Tensor): Tensor => y.mul(2) as Tensor }
    const plain = new TransformerEncoder([tanh]).forward(x)
    expect(differ(new TransformerEncoder([tanh], { norm: double }).forward(x), plain.mul(2) as Tensor)).toBe(
      0,
    )
  })

  test('stands in a chain, and observers hear of every part', () => {
    const layers = [new TransformerEncoderLayer(4, 2, { ...small })]
    const model = sequential(
      new SinusoidalPositionalEncoding(4),
      new MultiHeadAttention(4, 2, { dtype, rng }),
      new TransformerEncoder(layers, { norm: new LayerNorm(4, { dtype }) }),
    )
    const heard: string[] = []
    model.forward(draw(2, 3, 4), { observe: path => heard.push(path) })
    const inner = ['selfAttention.outputProjection', 'selfAttention', 'norm1', 'linear1', 'linear2', 'norm2']
    expect(heard).toEqual([
      '0',
      '1.outputProjection',
      '1',
      ...inner.map(name => `2.layers.0.${name}`),
      '2.layers.0',
      '2.norm',
      '2',
    ])
    expect(summary(model, zeros([2, 3, 4]))).toContain('2.layers.0.selfAttention  ')
  })
})

describe('writing step by step', () => {
  const tokens = (x: Tensor, from: number, to: number): Tensor => x.slice(null, [from, to])
  const steps = [
    [0, 2],
    [2, 3],
    [3, 6],
  ] as const

  test('attention with a cache is one pass over all, with every setting', () => {
    for (const settings of [{}, { rotary: true }, { addBiasKeyValue: true, addZeroAttention: true }]) {
      const layer = new MultiHeadAttention(8, 2, { ...settings, dtype, rng })
      const x = draw(2, 6, 8)
      const keyMask = rng.uniform([2, 6]).greater(0.3)
      const whole = layer.forward({ query: x, keyMask, isCausal: true })
      const cache = new AttentionCache()
      const parts = steps.map(([from, to]) =>
        layer.forward({
          query: tokens(x, from, to),
          keyMask: keyMask.slice(null, [0, to]),
          isCausal: true,
          cache,
        }),
      )
      expect(cache.length).toBe(6)
      expect(differ(concat(parts, 1) as Tensor, whole)).toBeLessThan(1e-14)
    }
  })

  test('a stack of layers, and a decoder beside its memory, with positions', () => {
    const from = { ...small, rng, rotary: true }
    const encoder = new TransformerEncoder([0, 1].map(() => new TransformerEncoderLayer(8, 2, from)))
    const decoder = new TransformerDecoder([0, 1].map(() => new TransformerDecoderLayer(8, 2, { ...small })))
    const positions = new LearnedPositionalEncoding(10, 8, { dtype, rng })
    const waves = new SinusoidalPositionalEncoding(8)
    const [x, memory] = [draw(2, 6, 8), draw(2, 4, 8)]
    const run = (input: Tensor, cache?: AttentionCache): Tensor => {
      const offset = cache?.length ?? 0
      const placed = waves.forward({ input: positions.forward({ input, offset }), offset })
      const shared = { isCausal: true, ...(cache && { cache }) }
      return decoder.forward({ target: encoder.forward({ input: placed, ...shared }), memory, ...shared })
    }
    const cache = new AttentionCache()
    const parts = steps.map(([from, to]) => run(tokens(x, from, to), cache))
    expect(differ(concat(parts, 1) as Tensor, run(x))).toBeLessThan(1e-13)
  })
})

describe('positions', () => {
  test('the product of two rotated vectors depends on their distance only, and lengths stay', () => {
    for (const pairs of ['neighbours', 'halves'] as const) {
      const [q, k] = [draw(1, 8), draw(1, 8)]
      const product = (i: number, j: number): number =>
        Number(
          rotaryEmbedding(q, { offset: i, pairs })
            .mul(rotaryEmbedding(k, { offset: j, pairs }))
            .sum()
            .item(),
        )
      expect(product(7, 3)).toBeCloseTo(product(104, 100), 12)
      expect(product(7, 3)).not.toBeCloseTo(product(7, 4), 3)
      const far = rotaryEmbedding(q, { offset: 1000, pairs })
      expect(Number(far.norm().item())).toBeCloseTo(Number(q.norm().item()), 13)
    }
  })

  test('halves are neighbours in another order of the features', () => {
    const x = draw(2, 5, 6)
    const order = tensor([0, 3, 1, 4, 2, 5], { dtype: 'int32' })
    const neighbours = rotaryEmbedding(x.indexSelect(-1, order) as Tensor)
    const halves = rotaryEmbedding(x, { pairs: 'halves' })
    expect(differ(halves.indexSelect(-1, order) as Tensor, neighbours)).toBe(0)
  })

  test('waves of the paper, also of an odd number of features and far out in float32', () => {
    const encoding = new SinusoidalPositionalEncoding(5)
    const at = encoding.forward({ input: zeros([1, 5]), offset: 30000 }).toArray() as number[][]
    const expected = [0, 1, 2, 3, 4].map(c => {
      const angle = 30000 / 10000 ** ((c - (c % 2)) / 5)
      return c % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
    })
    for (const [c, value] of expected.entries()) expect(at[0]![c]).toBeCloseTo(value, 6)
    expect(encoding.forward(zeros([2, 3, 5])).dtype).toBe('float32')
  })

  test('slopes of ALiBi: the paper’s for 8 heads, and between them for 12', () => {
    const slopes = (heads: number): number[] =>
      (alibiBias(heads, 1, 2, { dtype }).slice(null, 0, 1).toArray() as number[]).map(x => -x)
    expect(slopes(8)).toEqual([1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256])
    expect(slopes(12).slice(8)).toEqual([0.5, 1.5, 2.5, 3.5].map(e => 2 ** -e))
    expect(slopes(1)).toEqual([1 / 256])
  })
})

describe('errors say what to do', () => {
  const layer = new MultiHeadAttention(4, 2, { rng })
  const x = zeros([2, 3, 4])
  test.each<[string, () => unknown, string]>([
    [
      'heads',
      () => new MultiHeadAttention(6, 4, { rng }),
      'MultiHeadAttention: 4 heads do not divide 6 features.',
    ],
    ['no generator', () => new MultiHeadAttention(4, 2), 'give the layer one, { rng: new Rng(0) }'],
    ['settings of PyTorch', () => new MultiHeadAttention(4, 2, { rng, kdim: 3 } as never), "knows no 'kdim'"],
    ['inputs of PyTorch', () => layer.forward({ query: x, attn_mask: x } as never), "knows no 'attn_mask'"],
    [
      'dropout',
      () => new TransformerEncoderLayer(4, 2, { rng, dropout: 2 }),
      'must be a number from 0 to 1, got 2',
    ],
    [
      'activation',
      () => new TransformerEncoderLayer(4, 2, { rng, activation: 'selu' as never }),
      "activation must be 'relu', 'gelu' or a function of a tensor, got 'selu'.",
    ],
    [
      'features',
      () => layer.forward(zeros([2, 3, 5])),
      'MultiHeadAttention(4, 2 heads): takes a query of shape [batch, time, 4] or [time, 4], all of one rank; got [2, 3, 5].',
    ],
    [
      'key mask',
      () => layer.forward({ query: x, keyMask: zeros([2, 4], { dtype: 'bool' }) }),
      'the keyMask must be [batch, m] with m = 3 keys, those in a cache included; got [2, 4].',
    ],
    [
      'rotary',
      () => new MultiHeadAttention(6, 2, { rng, rotary: true }),
      '6 features in 2 heads make an odd number each',
    ],
    ['odd features', () => rotaryEmbedding(zeros([2, 3])), 'with an even number of features, got [2, 3].'],
    [
      'too long',
      () => new LearnedPositionalEncoding(4, 2, { rng }).forward(zeros([5, 2])),
      'LearnedPositionalEncoding(4, 2): has 4 positions, got a sequence from 0 to 4.',
    ],
    [
      'no layers',
      () => new TransformerEncoder(3 as never),
      'TransformerEncoder: takes a list of layers, got 3.',
    ],
    [
      'no names',
      () => new Transformer({ features: 4, heads: 2, feedForward: 4, rng }).forward(x as never),
      'takes { source, target }, got a tensor.',
    ],
  ])('%s', (_, run, message) => {
    expect(errorOf(run).message).toContain(message)
  })
})

test('what PyTorch takes by position is refused and not ignored', () => {
  const x: Tensor = zeros([1, 2, 8])
  const forward = (layer: { forward: unknown }, second: Tensor) => () =>
    (layer.forward as (x: Tensor, second: Tensor) => Tensor).call(layer, x, second)
  const attention = new MultiHeadAttention(8, 2, { rng: new Rng(0) })
  const layer = new TransformerEncoderLayer(8, 2, { rng: new Rng(0) })
  expect(errorOf(forward(attention, x)).message).toBe(
    'MultiHeadAttention(8, 2 heads): takes more than one tensor by name, { query, key, value }; got a tensor as the context.',
  )
  const mask = tensor([[true, false]])
  for (const stack of [layer, new TransformerEncoder([layer])]) {
    expect(errorOf(forward(stack, mask)).message).toMatch(/by name, { input, mask, keyMask }; got a tensor/)
  }
})

test('unequal batches, and unequal numbers of keys and values, are told by the layer', () => {
  const layer = new MultiHeadAttention(4, 2, { rng: new Rng(0) })
  const [query, key] = [zeros([2, 3, 4]), zeros([5, 3, 4])]
  expect(() => layer.forward({ query, key, value: key })).toThrow(
    'MultiHeadAttention(4, 2 heads): takes as many values as keys, and of query, key and value the same batch; got [2, 3, 4], [5, 3, 4], [5, 3, 4].',
  )
  expect(() => layer.forward({ query, key: query, value: zeros([2, 7, 4]) })).toThrow(
    'got [2, 3, 4], [2, 3, 4], [2, 7, 4].',
  )
})
