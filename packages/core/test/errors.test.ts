import * as adjoint from '@adjoint/core'
import {
  AdjointError,
  AxisError,
  arange,
  argmax,
  concat,
  matmul,
  ones,
  pad,
  ShapeError,
  stack,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf } from './support.ts'

const index = (...values: number[]): Tensor => tensor(values, { dtype: 'int32' })

describe('whole messages', () => {
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    [
      'matmul, inner sizes',
      () => matmul(ones([2, 3]) as Tensor, ones([5, 4]) as Tensor),
      'ShapeError: matmul: inner sizes differ, [2, 3] × [5, 4] (3 ≠ 5). The last axis of the left operand must be as long as the first matrix axis of the right one.',
    ],
    [
      'matmul, right operand to be transposed',
      () => matmul(ones([2, 3]) as Tensor, ones([4, 3]) as Tensor),
      'ShapeError: matmul: inner sizes differ, [2, 3] × [4, 3] (3 ≠ 4). Did you mean right.transpose()?',
    ],
    [
      'matmul, left operand to be transposed',
      () => matmul(ones([3, 2]) as Tensor, ones([3, 4]) as Tensor),
      'ShapeError: matmul: inner sizes differ, [3, 2] × [3, 4] (2 ≠ 3). Did you mean left.transpose()?',
    ],
    [
      'matmul, vectors',
      () => matmul(ones([3]) as Tensor, ones([4]) as Tensor),
      'ShapeError: matmul: inner sizes differ, [3] × [4] (3 ≠ 4). The last axis of the left operand must be as long as the first matrix axis of the right one.',
    ],
    [
      'matmul, batch axes',
      () => matmul(ones([2, 1, 3]) as Tensor, ones([4, 3, 1]) as Tensor),
      'ShapeError: matmul: batch axes do not broadcast, [2, 1, 3] × [4, 3, 1]; aligned at the right they must be equal or 1.',
    ],
    [
      'matmul, 0-d',
      () => matmul(tensor(2) as Tensor, ones([2, 2]) as Tensor),
      'ShapeError: matmul: 0-d operand, [] × [2, 2]; multiply by a number with mul.',
    ],
    [
      'reshape, other size',
      () => ones([2, 3]).reshape([4]),
      'ShapeError: reshape: cannot view [2, 3] (6 elements) as [4]; the number of elements must stay, and at most one size may be -1.',
    ],
    [
      'reshape, two open sizes',
      () => ones([4]).reshape([-1, -1]),
      'ShapeError: reshape: cannot view [4] (4 elements) as [-1, -1]; the number of elements must stay, and at most one size may be -1.',
    ],
    [
      'reshape, open size that nothing determines',
      () => zeros([0]).reshape([-1, 0]),
      'ShapeError: reshape: cannot view [0] (0 elements) as [-1, 0]; the number of elements must stay, and at most one size may be -1.',
    ],
    [
      'reshape, open size that does not divide',
      () => ones([5]).reshape([2, -1]),
      'ShapeError: reshape: cannot view [5] (5 elements) as [2, -1]; the number of elements must stay, and at most one size may be -1.',
    ],
    [
      'permute',
      () => ones([2, 3]).permute([0, 0]),
      'AxisError: permute: [0, 0] does not name every axis of [2, 3] once.',
    ],
    [
      'permute, too few',
      () => ones([2, 3]).permute([0]),
      'AxisError: permute: [0] does not name every axis of [2, 3] once.',
    ],
    [
      'transpose',
      () => ones([2]).transpose(),
      'AxisError: transpose: needs at least two axes, got rank 1; give a vector a second axis with unsqueeze.',
    ],
    [
      'slice, position',
      () => arange(3).slice(3),
      'ArgumentError: slice: position 3 is outside of axis 0 of [3].',
    ],
    [
      'slice, too many',
      () => arange(3).slice(0, 0),
      'ArgumentError: slice: 2 ranges for [3], which has 1 axes.',
    ],
    [
      'slice, step 0',
      () => arange(3).slice([0, 3, 0]),
      'ArgumentError: slice: [0, 3, 0] on axis 0 is no range; use whole numbers and a step other than 0.',
    ],
    ['slice, dots', () => arange(3).slice('...', '...'), "ArgumentError: slice: '...' may stand once only."],
    [
      'concat, shapes',
      () => concat([ones([2, 3]), ones([2, 4])], 0),
      'ShapeError: concat: cannot join [2, 3] and [2, 4] along axis 0; all other sizes must be equal.',
    ],
    ['concat, nothing', () => concat([]), 'ArgumentError: concat: needs at least one tensor.'],
    [
      'concat, 0-d',
      () => concat([tensor(1)]),
      'AxisError: concat: axis 0 is outside of a tensor of rank 0; a 0-d tensor has no axes.',
    ],
    [
      'stack, shapes',
      () => stack([ones([2]), ones([3])]),
      'ShapeError: stack: all shapes must be equal, got [2] and [3].',
    ],
    [
      'gather, dtype',
      () => ones([3]).gather(0, ones([1])),
      "DTypeError: gather: indices must be int32, got float32; make them with { dtype: 'int32' } or cast('int32').",
    ],
    [
      'gather, range',
      () => ones([3]).gather(0, index(0, 3)),
      'ArgumentError: gather: index 3 at [1] is outside of axis 0 of [3].',
    ],
    [
      'gather, below',
      () => ones([3]).gather(0, index(-4)),
      'ArgumentError: gather: index -4 at [0] is outside of axis 0 of [3].',
    ],
    [
      'gather, rank',
      () => ones([3, 2]).gather(0, index(0)),
      'ShapeError: gather: indices of shape [1] do not fit [3, 2] along axis 0; the rank must be the same and no other size larger.',
    ],
    [
      'scatterAdd, source',
      () => ones([3]).scatterAdd(0, index(0), ones([2])),
      'ShapeError: scatterAdd: the source [2] and the indices [1] must have one shape.',
    ],
    [
      'scatterAdd, range',
      () => ones([3]).scatterAdd(0, index(5), ones([1])),
      'ArgumentError: scatterAdd: index 5 at [0] is outside of axis 0 of [3].',
    ],
    [
      'sum, axis',
      () => sum(ones([2, 3]), 2),
      'AxisError: sum: axis 2 is outside of a tensor of rank 2; axes run from -2 to 1.',
    ],
    [
      'sum, axis of 0-d',
      () => sum(tensor(1), 1),
      'AxisError: sum: axis 1 is outside of a tensor of rank 0; of a 0-d tensor only the axes 0 and -1 may be named, and mean the one element.',
    ],
    ['sum, twice', () => sum(ones([2, 3]), [0, -2]), 'AxisError: sum: axis 0 is named twice in [0, -2].'],
    [
      'softmax, 0-d',
      () => tensor(1).softmax(-2),
      'AxisError: softmax: axis -2 is outside of a tensor of rank 0; of a 0-d tensor only the axes 0 and -1 may be named, and mean the one element.',
    ],
    [
      'max of nothing',
      () => zeros([2, 0]).max(1),
      'ArgumentError: max: there is no element to choose from along axis 1 of shape [2, 0].',
    ],
    [
      'argmax of nothing',
      () => argmax(zeros([0])),
      'ArgumentError: argmax: there is no element to choose from along axis 0 of shape [0].',
    ],
    [
      'expand',
      () => ones([2]).expand([3]),
      'ShapeError: expand: [2] does not repeat to [3]; aligned at the right, sizes must be equal or 1.',
    ],
    [
      'expand to fewer axes',
      () => ones([1, 2]).expand([2]),
      'ShapeError: expand: [1, 2] does not repeat to [2]; aligned at the right, sizes must be equal or 1.',
    ],
    [
      'squeeze',
      () => ones([2, 1]).squeeze(0),
      'ShapeError: squeeze: axis 0 of [2, 1] has size 2, only axes of size 1 can go.',
    ],
    [
      'unsqueeze',
      () => ones([2]).unsqueeze(2),
      'AxisError: unsqueeze: axis 2 is outside of a tensor of rank 2; axes run from -2 to 1.',
    ],
    [
      'pad',
      () => pad(ones([2]), [[1, 0.5]]),
      'ArgumentError: pad: needs a pair [before, after] of whole numbers for each of 1 axes, got [[1,0.5]].',
    ],
    [
      'clip',
      () => ones([2]).clip({ low: 2, high: 1 }),
      'ArgumentError: clip: low (2) must not be above high (1).',
    ],
    [
      'operand',
      () => ones([2]).add('2' as never),
      "ArgumentError: add: takes tensors and numbers, got '2'; make one with tensor(...).",
    ],
    [
      'stack, axis',
      () => stack([ones([2])], 5),
      'AxisError: stack: axis 5 is outside of a tensor of rank 2; axes run from -2 to 1.',
    ],
  ]
  test.each(cases)('%s', (_, call, message) => expect(errorOf(call)).toBe(message))
})

test('errors are typed, with their facts as fields', () => {
  const caught = (body: () => unknown): unknown => {
    try {
      body()
    } catch (error) {
      return error
    }
    return undefined
  }
  const shape = caught(() => matmul(ones([2, 3]) as Tensor, ones([5, 4]) as Tensor))
  expect(shape).toBeInstanceOf(ShapeError)
  expect(shape).toBeInstanceOf(AdjointError)
  expect(shape).toMatchObject({
    op: 'matmul',
    shapes: [
      [2, 3],
      [5, 4],
    ],
    name: 'ShapeError',
  })
  expect(caught(() => sum(ones([2]), 7))).toMatchObject({ op: 'sum', axis: 7, rank: 1, name: 'AxisError' })
  expect(caught(() => sum(ones([2]), 7))).toBeInstanceOf(AxisError)
  expect(caught(() => tensor([0.5], { dtype: 'int32' }))).toMatchObject({ dtypes: ['int32'] })
})

test('argmax and comparisons are not recorded: they have no gradient', () => {
  const x = tensor([1, 2], { requiresGrad: true })
  expect([x.argmax(), x.argmin(), x.greater(1), x.equal(x)].map(y => y.requiresGrad)).toEqual([
    false,
    false,
    false,
    false,
  ])
  expect(adjoint.NotDifferentiableError.prototype).toBeInstanceOf(adjoint.GraphError)
})

describe('plain JavaScript may pass anything', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]) as Tensor
  const recorded = tensor(2, { requiresGrad: true })
  // Calls that TypeScript refuses; each must name the function and what it got, and never be a TypeError.
  const calls: Record<string, () => unknown> = {
    'Parameter of an array': () => new adjoint.Parameter([1, 2] as never),
    'zeros(3)': () => zeros(3 as never),
    'full without value': () => adjoint.full([2], undefined as never),
    'rng.normal(3)': () => new adjoint.Rng(0).normal(3 as never),
    'rng.normal of int32': () => new adjoint.Rng(0).normal([3], { dtype: 'int32' as never }),
    'rng.split(-1)': () => new adjoint.Rng(0).split(-1),
    'a broken state': () => new adjoint.Rng({ key: [1, 2] } as never),
    'reshape(2, 3)': () => (x as never as { reshape(...sizes: number[]): void }).reshape(2, 3),
    'permute(1, 0)': () => (x as never as { permute(...axes: number[]): void }).permute(1, 0),
    'expand(2, 3)': () => (x as never as { expand(...sizes: number[]): void }).expand(2, 3),
    'expand to -1': () => x.expand([-1, 3]),
    'sum of options': () => x.sum({ keepDims: true } as never),
    'sum of text': () => x.sum('0' as never),
    'sum(null)': () => x.sum(null as never),
    'flip of text': () => x.flip('x' as never),
    'cast to float16': () => x.cast('float16' as never),
    'concat(a, b)': () => concat(x as never, x as never),
    'stack(a, b)': () => stack(x as never, x as never),
    'add(1, undefined)': () => adjoint.add(1, undefined as never),
    'where without y': () => adjoint.where(x, 1, undefined as never),
    'argmax(undefined)': () => argmax(undefined as never),
    'identity(undefined)': () => adjoint.identity(undefined as never),
    'backward(undefined)': () => adjoint.backward(undefined as never),
    'graphOf(undefined)': () => adjoint.graphOf(undefined as never),
    'a cotangent that is a number': () => recorded.mul(2).backward({ cotangent: 1 as never }),
    'gradients of one tensor': () => adjoint.gradients(recorded.mul(2), recorded as never),
    'gradients of nothing': () => adjoint.gradients(recorded.mul(2), [undefined as never]),
    'slice of text': () => x.slice('1:3' as never),
    'clip(0, 1)': () => x.clip(0 as never),
    'clip({ min })': () => x.clip({ min: 0 } as never),
    'leakyRelu of text': () => x.leakyRelu('a' as never),
    'correction of text': () => x.variance(0, { correction: 'a' as never }),
    'expectShape(3)': () => x.expectShape(3 as never),
  }
  test.each(Object.entries(calls))('%s', (_, call) => expect(call).toThrow(AdjointError))
})
