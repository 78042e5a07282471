// Embeddings and bags: padding, frequencies, rows that may not be too long, tables that exist; the bilinear layer.
import {
  embedding,
  embeddingBag,
  gradients,
  jvp,
  norm,
  type Parameter,
  Rng,
  randomIntegers,
  renormalizeRows,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from '@adjoint/core'
import { Bilinear, Embedding, EmbeddingBag, functionalCall, parameters, withParameters } from '@adjoint/nn'
import { checkGradients } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'
import { errorOf } from './support.ts'

function whole(...values: number[]): Tensor {
  return tensor(values, { dtype: 'int32' })
}

function draw(shape: readonly number[], seed = 0): Tensor {
  return new Rng(seed).normal(shape, { dtype: 'float64' })
}

describe('embedding', () => {
  test('weights start normal, the padding row at 0', () => {
    const layer = new Embedding(50, 40, { rng: new Rng(0), paddingIndex: -1 })
    const { weight } = layer
    expect(layer.paddingIndex).toBe(49)
    expect(weight.slice(49).abs().max().item()).toBe(0)
    expect(weight.slice([0, 49]).square().mean().item()).toBeCloseTo(1, 1)
    expect(weight.trainable).toBe(true)
    expect(String(layer)).toBe('Embedding(50, 40)')
  })

  test('the padding row is read and gets no gradient, in either mode', () => {
    const table = draw([4, 2])
    const layer = Embedding.fromPretrained(table, { paddingIndex: 1, freeze: false })
    const indices = whole(1, 3, 3, 1)
    expect(layer.forward(indices).slice(0).toArray()).toEqual(table.slice(1).toArray())
    const [gradient] = gradients(layer.forward(indices).sum(), [layer.weight])
    expect(gradient!.toArray()).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [2, 2],
    ])
    const { tangent } = jvp(
      (weight: Tensor) => embedding(weight, indices, { paddingIndex: 1 }),
      table,
      table,
    ) as { tangent: Tensor }
    expect(tangent.slice(0).toArray()).toEqual([0, 0])
    expect(tangent.slice(1).toArray()).toEqual(table.slice(3).toArray())
  })

  test('scaled by frequency the gradient of a row is a mean', () => {
    const layer = Embedding.fromPretrained(draw([3, 1]), { scaleGradientByFrequency: true, freeze: false })
    const indices = whole(0, 2, 2, 2)
    const y = layer.forward(indices)
    expect(y.toArray()).toEqual(embedding(layer.weight, indices).toArray())
    const [gradient] = gradients(y.mul(tensor([[5], [1], [2], [6]])).sum(), [layer.weight])
    expect(gradient!.toArray()).toEqual([[5], [0], [3]])
  })

  test('a table that exists is frozen unless told otherwise', () => {
    const table = tensor([
      [1, 2],
      [3, 4],
    ])
    const frozen = Embedding.fromPretrained(table, { paddingIndex: 0 })
    expect(parameters(frozen)).toEqual([])
    expect(frozen.forward(whole(0)).toArray()).toEqual([[1, 2]])
    expect(frozen.forward(whole(0)).requiresGrad).toBe(false)
    expect(parameters(Embedding.fromPretrained(table, { freeze: false })).length).toBe(1)
  })

  test('derivatives to the second order', () => {
    const indices = randomIntegers(new Rng(0), [2, 3], { high: 4 })
    const f = (weight: Tensor): Tensor => embedding(weight, indices).sin()
    expect(checkGradients(f, draw([4, 2]), { order: 2 }).passes).toBe(true)
  })

  test('each example by itself, with a table for all', () => {
    const layer = new Embedding(5, 2, { rng: new Rng(0), maxNorm: 0.5 })
    const indices = randomIntegers(new Rng(1), [3, 4], { high: 5 })
    const each = vmap((row: Tensor) => functionalCall(layer, {}, row, { training: true }))(indices)
    expect(each.toArray()).toEqual(layer.forward(indices).toArray())
  })

  test('mistakes', () => {
    const layer = new Embedding(3, 2, { rng: new Rng(0) })
    expect(errorOf(() => layer.forward(whole(3))).message).toContain('embedding')
    expect(errorOf(() => layer.forward(tensor([0]))).message).toContain('int32')
    expect(errorOf(() => new Embedding(3, 2, { rng: new Rng(0), paddingIndex: 3 })).message).toBe(
      'Embedding: paddingIndex must be a row of the 3, got 3.',
    )
    expect(errorOf(() => new Embedding(3, 2, { rng: new Rng(0), maxNorm: 0 })).message).toBe(
      'Embedding: maxNorm must be a number above 0, got 0.',
    )
    expect(errorOf(() => new Embedding(3, 2)).message).toContain('got no generator')
    expect(errorOf(() => Embedding.fromPretrained(zeros([2]))).message).toContain(
      'takes a table [n, dimensions]',
    )
    expect(errorOf(() => embedding(zeros([3, 2]), whole(0), { paddingIndex: 3 })).message).toContain(
      'paddingIndex must be a row of the weights [3, 2], got 3.',
    )
  })
})

describe('maxNorm', () => {
  const table = tensor(
    [
      [3, 4],
      [0.3, 0.4],
      [6, 8],
    ],
    { dtype: 'float64' },
  )

  test('vectors are short in any pass; only a training pass stores them', () => {
    const layer = Embedding.fromPretrained(table, { maxNorm: 1, freeze: false })
    const y = layer.forward(whole(0, 1))
    expect(norm(y.slice(0)).item()).toBeCloseTo(1, 6)
    expect(y.slice(1).toArray()).toEqual([0.3, 0.4])
    expect(layer.weight.toArray()).toEqual(table.toArray())
    const trained = layer.forward(whole(0, 1), { training: true })
    expect(trained.toArray()).toEqual(y.toArray())
    expect(layer.weight.slice(0).toArray()).toEqual(y.slice(0).toArray())
    // What is not looked up stays as long as it is.
    expect(layer.weight.slice(2).toArray()).toEqual([6, 8])
  })

  test('the gradient is that of the stored row', () => {
    const layer = Embedding.fromPretrained(table, { maxNorm: 1, freeze: false })
    for (const context of [{}, { training: true }]) {
      const [gradient] = gradients(layer.forward(whole(0, 0), context).sum(), [layer.weight])
      expect(gradient!.toArray()).toEqual([
        [2, 2],
        [0, 0],
        [0, 0],
      ])
    }
  })

  test('context.assign receives the table', () => {
    const layer = Embedding.fromPretrained(table, { maxNorm: 1 })
    const assigned: [Parameter, Tensor][] = []
    const assign = (memory: Parameter, value: Tensor): number => assigned.push([memory, value])
    layer.forward(whole(2), { training: true, assign })
    expect(layer.weight.toArray()).toEqual(table.toArray())
    expect(assigned[0]![0]).toBe(layer.weight)
    expect(assigned[0]![1].toArray()).toEqual(renormalizeRows(table, whole(2), { maxNorm: 1 }).toArray())
  })

  test('other norms, and bags', () => {
    const short = renormalizeRows(table, whole(0), { maxNorm: 1, normType: 1 })
    expect(norm(short.slice(0), 0, { order: 1 }).item()).toBeCloseTo(1, 6)
    const bag = EmbeddingBag.fromPretrained(table, { maxNorm: 1, mode: 'sum' })
    const y = bag.forward(tensor([[0, 2]], { dtype: 'int32' }), { training: true })
    expect(norm(y).item()).toBeCloseTo(2, 6)
    expect(norm(bag.weight.slice(2)).item()).toBeCloseTo(1, 6)
  })
})

describe('bags', () => {
  const table = tensor(
    [
      [1, 8],
      [3, 4],
      [5, 6],
    ],
    { dtype: 'float64' },
  )
  const forward = (input: Parameters<EmbeddingBag['forward']>[0], settings: object): unknown =>
    EmbeddingBag.fromPretrained(table, settings).forward(input).toArray()

  test('rows of indices, or offsets; empty bags are 0', () => {
    const indices = tensor(
      [
        [0, 1],
        [2, 2],
      ],
      { dtype: 'int32' },
    )
    expect(forward(indices, {})).toEqual([
      [2, 6],
      [5, 6],
    ])
    expect(forward(indices, { mode: 'sum' })).toEqual([
      [4, 12],
      [10, 12],
    ])
    expect(forward(indices, { mode: 'max' })).toEqual([
      [3, 8],
      [5, 6],
    ])
    const bags = { indices: whole(0, 1, 2), offsets: whole(0, 2, 2) }
    expect(forward(bags, { mode: 'max' })).toEqual([
      [3, 8],
      [0, 0],
      [5, 6],
    ])
    expect(forward(bags, {})).toEqual([
      [2, 6],
      [0, 0],
      [5, 6],
    ])
    expect(forward({ ...bags, offsets: whole(0, 2, 3) }, { includeLastOffset: true })).toEqual([
      [2, 6],
      [5, 6],
    ])
    // What lies behind the last offset belongs to no bag.
    expect(forward({ ...bags, offsets: whole(0, 2) }, { includeLastOffset: true })).toEqual([[2, 6]])
    expect(forward(zeros([2, 0], { dtype: 'int32' }), { mode: 'max' })).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  test('padding is left out of every mode', () => {
    const indices = tensor(
      [
        [0, 2],
        [2, 2],
      ],
      { dtype: 'int32' },
    )
    for (const mode of ['sum', 'mean', 'max']) {
      expect(forward(indices, { mode, paddingIndex: 2 })).toEqual([
        [1, 8],
        [0, 0],
      ])
    }
  })

  test('derivatives to the second order, of the table and of the factors', () => {
    const indices = whole(0, 2, 1, 1, 0)
    const offsets = whole(0, 2, 2)
    for (const mode of ['sum', 'mean', 'max'] as const) {
      const f = (weight: Tensor): Tensor => embeddingBag(weight, indices, { offsets, mode }).sin()
      expect(checkGradients(f, draw([3, 2]), { order: 2 }).passes).toBe(true)
    }
    const weighted = ([weight, perSampleWeights]: readonly Tensor[]): Tensor =>
      embeddingBag(weight!, indices, { offsets, mode: 'sum', perSampleWeights: perSampleWeights! })
    expect(checkGradients(weighted, [draw([3, 2]), draw([5], 1)], { order: 2 }).passes).toBe(true)
  })

  test('each example by itself', () => {
    const indices = randomIntegers(new Rng(0), [3, 2, 4], { high: 3 })
    const bag = (rows: Tensor): Tensor => embeddingBag(table, rows, { mode: 'max', paddingIndex: 0 })
    const each = vmap(bag)(indices)
    for (let i = 0; i < 3; i++) expect(each.slice(i).toArray()).toEqual(bag(indices.slice(i)).toArray())
  })

  test('mistakes', () => {
    const say = (call: () => unknown): string => errorOf(call).message
    expect(say(() => embeddingBag(table, whole(0)))).toContain('a list of indices needs offsets')
    expect(
      say(() => embeddingBag(table, tensor([[0]], { dtype: 'int32' }), { offsets: whole(0) })),
    ).toContain('leave out offsets')
    expect(say(() => embeddingBag(table, whole(0), { offsets: whole(1) }))).toContain('offsets begin at 0')
    for (const offsets of [whole(0, 3, 1), whole(0, 5), whole(0, 2, 5, 4)]) {
      expect(say(() => embeddingBag(table, whole(0, 1, 2, 1), { offsets }))).toContain('offsets ascend')
    }
    expect(
      say(() => embeddingBag(table, whole(0), { offsets: whole(0), perSampleWeights: tensor([1]) })),
    ).toContain("weights of samples belong to sums; the mode is 'mean'")
    expect(say(() => new EmbeddingBag(2, 2, { mode: 'average' as never, rng: new Rng(0) }))).toContain(
      "mode must be 'sum', 'mean' or 'max', got 'average'",
    )
    expect(say(() => EmbeddingBag.fromPretrained(table).forward([0] as never))).toContain(
      'takes indices, or {',
    )
    expect(String(new EmbeddingBag(3, 2, { rng: new Rng(0) }))).toBe('EmbeddingBag(3, 2, mean)')
  })
})

describe('the bilinear layer', () => {
  test('any axes in front, as einsum has it', () => {
    const layer = new Bilinear(2, 3, 4, { rng: new Rng(0), dtype: 'float64' })
    const [x1, x2] = [draw([5, 2, 2], 1), draw([5, 2, 3], 2)]
    const y = layer.forward([x1, x2])
    expect(y.shape).toEqual([5, 2, 4])
    const single = layer.forward([x1.slice(1, 1), x2.slice(1, 1)])
    expect(single.shape).toEqual([4])
    for (const [i, value] of Array.from(single.data()).entries())
      expect(value).toBeCloseTo(y.slice(1, 1).data()[i]!, 14)
    const bound = 1 / Math.sqrt(2)
    expect(layer.weight.abs().max().item()).toBeLessThanOrEqual(bound)
    expect(new Bilinear(1, 1, 1, { rng: new Rng(0), bias: false }).bias).toBe(null)
  })

  test('derivatives to the second order', () => {
    const layer = new Bilinear(2, 3, 2, { rng: new Rng(0), dtype: 'float64' })
    const f = ({ x1, x2, ...state }: Record<string, Tensor>): Tensor =>
      withParameters(layer, state as Record<string, Tensor>, () => layer.forward([x1!, x2!]))
    const inputs = {
      x1: draw([3, 2], 1),
      x2: draw([3, 3], 2),
      weight: draw([2, 2, 3], 3),
      bias: draw([2], 4),
    }
    expect(checkGradients(f, inputs, { order: 2 }).passes).toBe(true)
  })

  test('mistakes', () => {
    const layer = new Bilinear(2, 3, 4, { rng: new Rng(0) })
    expect(errorOf(() => layer.forward([zeros([5, 3]), zeros([5, 2])])).message).toBe(
      'bilinear: takes [..., in1], [..., in2] and a weight [out, in1, in2], got [5, 3], [5, 2], [4, 2, 3]; the axes in front must be the same.',
    )
    expect(errorOf(() => layer.forward(zeros([5, 2]) as never)).message).toBe(
      'Bilinear(2, 3, 4): takes two tensors, [x1, x2], got a tensor.',
    )
  })
})
