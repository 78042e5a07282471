// The typed surface: programs that compile and the types they give, and programs that do not.
import {
  add,
  arange,
  concat,
  grad,
  matmul,
  mean,
  ones,
  Parameter,
  permute,
  Rng,
  reshape,
  type Shape,
  softmax,
  sum,
  type Tensor,
  tensor,
  transpose,
  valueAndGrad,
  where,
  zeros,
} from '@adjoint/core'
import { describe, expectTypeOf, test } from 'vitest'

declare const a23: Tensor<[2, 3]>
declare const a34: Tensor<[3, 4]>
declare const a54: Tensor<[5, 4]>
declare const row: Tensor<[3]>
declare const column: Tensor<[2, 1]>
declare const wide: Tensor<[number, 3]>
declare const open: Tensor
declare const named: Tensor<['m', 3]>

describe('literals', () => {
  test('carry their shape', () => {
    expectTypeOf(tensor(1)).toEqualTypeOf<Tensor<[]>>()
    expectTypeOf(tensor(true)).toEqualTypeOf<Tensor<[]>>()
    expectTypeOf(tensor([1, 2, 3])).toEqualTypeOf<Tensor<[3]>>()
    expectTypeOf(tensor([])).toEqualTypeOf<Tensor<[0]>>()
    expectTypeOf(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(tensor([[[true]]])).toEqualTypeOf<Tensor<[1, 1, 1]>>()
    expectTypeOf(tensor([1, 2, 3, 4], { shape: [2, 2] })).toEqualTypeOf<Tensor<[2, 2]>>()
    expectTypeOf(tensor(new Float32Array(3))).toEqualTypeOf<Tensor<[number]>>()
    expectTypeOf(tensor([1, 2] as number[])).toEqualTypeOf<Tensor<[number]>>()
    expectTypeOf(tensor([[1], [2]] as number[][])).toEqualTypeOf<Tensor<[number, number]>>()
  })

  test('shapes given as arguments', () => {
    expectTypeOf(zeros([2, 3])).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(ones([])).toEqualTypeOf<Tensor<[]>>()
    const m = 5 as number
    expectTypeOf(zeros([m, 3])).toEqualTypeOf<Tensor<[number, 3]>>()
    expectTypeOf(new Rng(1).normal([4, 2])).toEqualTypeOf<Tensor<[4, 2]>>()
    expectTypeOf(arange(3)).toEqualTypeOf<Tensor<[number]>>()
    expectTypeOf(new Parameter(zeros([2, 3]))).toEqualTypeOf<Parameter<[2, 3]>>()
  })

  test('the shape at run time is made of numbers', () => {
    expectTypeOf(a23.shape).toEqualTypeOf<readonly [number, number]>()
    expectTypeOf(open.shape[0]!).toEqualTypeOf<number>()
  })
})

describe('assignability', () => {
  test('a precise tensor goes where a vaguer one is wanted', () => {
    expectTypeOf(a23).toExtend<Tensor>()
    expectTypeOf(a23).toExtend<Tensor<[number, number]>>()
    expectTypeOf(a23).toExtend<Tensor<readonly [number, 3]>>()
    expectTypeOf<Parameter<[2, 3]>>().toExtend<Tensor<[2, 3]>>()
  })

  test('and nowhere else', () => {
    expectTypeOf(a23).not.toExtend<Tensor<[3, 2]>>()
    expectTypeOf(a23).not.toExtend<Tensor<[2]>>()
    expectTypeOf(open).not.toExtend<Tensor<[2, 3]>>()
    expectTypeOf(wide).not.toExtend<Tensor<[2, 3]>>()
    expectTypeOf(named).not.toExtend<Tensor<['n', 3]>>()
  })
})

describe('matmul', () => {
  test('of all ranks', () => {
    expectTypeOf(matmul(a23, a34)).toEqualTypeOf<Tensor<[2, 4]>>()
    expectTypeOf(a23.matmul(a34)).toEqualTypeOf<Tensor<[2, 4]>>()
    expectTypeOf(a23.matmul(row)).toEqualTypeOf<Tensor<[2]>>()
    expectTypeOf(row.matmul(a34)).toEqualTypeOf<Tensor<[4]>>()
    expectTypeOf(row.matmul(row)).toEqualTypeOf<Tensor<[]>>()
    expectTypeOf(zeros([7, 2, 3]).matmul(a34)).toEqualTypeOf<Tensor<[7, 2, 4]>>()
    expectTypeOf(a23.matmul(zeros([7, 3, 4]))).toEqualTypeOf<Tensor<[7, 2, 4]>>()
    expectTypeOf(zeros([7, 1, 2, 3]).matmul(zeros([6, 3, 4]))).toEqualTypeOf<Tensor<[7, 6, 2, 4]>>()
  })

  test('of sizes that are not known', () => {
    expectTypeOf(wide.matmul(a34)).toEqualTypeOf<Tensor<[number, 4]>>()
    expectTypeOf(named.matmul(a34)).toEqualTypeOf<Tensor<['m', 4]>>()
    expectTypeOf(open.matmul(a34)).toEqualTypeOf<Tensor>()
    expectTypeOf(a23.matmul(open)).toEqualTypeOf<Tensor>()
  })

  test('refuses inner sizes that differ', () => {
    // @ts-expect-error inner sizes 3 and 5
    matmul(a23, a54)
    // @ts-expect-error inner sizes 3 and 5
    a23.matmul(a54)
    // @ts-expect-error inner sizes 3 and 2
    a23.matmul(zeros([2]))
    // @ts-expect-error 'm' is not 3
    a34.matmul(named.transpose()).matmul(a54)
  })
})

describe('broadcasting', () => {
  test('gives the common shape', () => {
    expectTypeOf(a23.add(a23)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(a23.add(row)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(row.add(a23)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(column.mul(row)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(a23.add(1)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(add(1, a23)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(a23.add(tensor(1))).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(tensor(1).add(a23)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(wide.add(row)).toEqualTypeOf<Tensor<[number, 3]>>()
    expectTypeOf(named.add(row)).toEqualTypeOf<Tensor<['m', 3]>>()
    expectTypeOf(open.add(a23)).toEqualTypeOf<Tensor>()
    expectTypeOf(a23.add(open)).toEqualTypeOf<Tensor>()
    expectTypeOf(where(a23, row, tensor(0))).toEqualTypeOf<Tensor<[2, 3]>>()
  })

  test('refuses shapes that do not fit', () => {
    // @ts-expect-error cannot broadcast [2, 3] with [2, 4]
    a23.add(zeros([2, 4]))
    // @ts-expect-error cannot broadcast [2, 3] with [2]
    add(a23, zeros([2]))
    // @ts-expect-error 'm' and 'n' are different sizes
    named.add(zeros([2, 3]).expectShape(['n', 3]))
  })
})

describe('reductions', () => {
  test('over one axis, the last ones, all', () => {
    expectTypeOf(sum(a23)).toEqualTypeOf<Tensor<[]>>()
    expectTypeOf(sum(a23, 0)).toEqualTypeOf<Tensor<[3]>>()
    expectTypeOf(a23.sum(1)).toEqualTypeOf<Tensor<[2]>>()
    expectTypeOf(a23.mean(-1)).toEqualTypeOf<Tensor<[2]>>()
    expectTypeOf(a23.max(-2)).toEqualTypeOf<Tensor<[3]>>()
    expectTypeOf(named.sum(0)).toEqualTypeOf<Tensor<[3]>>()
    expectTypeOf(named.sum(1)).toEqualTypeOf<Tensor<['m']>>()
    expectTypeOf(open.sum()).toEqualTypeOf<Tensor<[]>>()
    expectTypeOf(open.sum(0)).toEqualTypeOf<Tensor>()
  })

  test('keeping their axes', () => {
    expectTypeOf(mean(a23, 1, { keepDims: true })).toEqualTypeOf<Tensor<[2, 1]>>()
    expectTypeOf(a23.sum(-2, { keepDims: true })).toEqualTypeOf<Tensor<[1, 3]>>()
    expectTypeOf(a23.sum(undefined, { keepDims: true })).toEqualTypeOf<Tensor<[1, 1]>>()
    expectTypeOf(a23.sub(a23.mean(1, { keepDims: true }))).toEqualTypeOf<Tensor<[2, 3]>>()
  })

  test('over axes that are not literal', () => {
    expectTypeOf(a23.sum(1 as number)).toEqualTypeOf<Tensor>()
    expectTypeOf(a23.sum([0, 1])).toExtend<Tensor>()
  })
})

describe('movements', () => {
  test('reshape', () => {
    expectTypeOf(reshape(a23, [3, 2])).toEqualTypeOf<Tensor<[3, 2]>>()
    expectTypeOf(a23.reshape([-1, 2])).toEqualTypeOf<Tensor<[number, 2]>>()
    expectTypeOf(a23.reshape([])).toEqualTypeOf<Tensor<[]>>()
  })

  test('axes of size 1', () => {
    expectTypeOf(a23.unsqueeze(0)).toEqualTypeOf<Tensor<[1, 2, 3]>>()
    expectTypeOf(a23.unsqueeze(-1)).toEqualTypeOf<Tensor<[2, 3, 1]>>()
    expectTypeOf(a23.unsqueeze(-2)).toEqualTypeOf<Tensor<[2, 1, 3]>>()
    expectTypeOf(a23.unsqueeze(1 as number)).toEqualTypeOf<Tensor>()
    expectTypeOf(zeros([2, 1, 3]).squeeze(1)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(zeros([2, 3, 1]).squeeze(-1)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(zeros([2, 3, 1]).squeeze()).toEqualTypeOf<Tensor>()
  })

  test('sizes that are known at run time only, of a known rank', () => {
    expectTypeOf(
      a23.pad([
        [1, 0],
        [0, 2],
      ]),
    ).toEqualTypeOf<Tensor<[number, number]>>()
    expectTypeOf(concat([a23, zeros([5, 3])])).toEqualTypeOf<Tensor<[number, number]>>()
  })

  test('permute and transpose', () => {
    expectTypeOf(permute(zeros([2, 3, 4]), [2, 0, 1])).toEqualTypeOf<Tensor<[4, 2, 3]>>()
    expectTypeOf(a23.transpose()).toEqualTypeOf<Tensor<[3, 2]>>()
    expectTypeOf(transpose(zeros([7, 2, 3]))).toEqualTypeOf<Tensor<[7, 3, 2]>>()
    expectTypeOf(named.transpose()).toEqualTypeOf<Tensor<[3, 'm']>>()
    expectTypeOf(open.transpose()).toEqualTypeOf<Tensor>()
  })

  test('expand, flatten, and those that give their shape up', () => {
    expectTypeOf(row.expand([2, 3])).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(a23.flatten()).toEqualTypeOf<Tensor<[number]>>()
    expectTypeOf(a23.slice(0)).toEqualTypeOf<Tensor>()
    expectTypeOf(softmax(a23)).toEqualTypeOf<Tensor<[2, 3]>>()
  })
})

describe('expectShape', () => {
  test('narrows to what was checked', () => {
    expectTypeOf(open.expectShape([2, 3])).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(open.expectShape(['m', 784])).toEqualTypeOf<Tensor<['m', 784]>>()
    const size = 3 as number
    expectTypeOf(open.expectShape([size, 784])).toEqualTypeOf<Tensor<[number, 784]>>()
  })

  test('-1 stands for a size that is not known', () => {
    expectTypeOf(open.expectShape([-1, 3])).toEqualTypeOf<Tensor<[number, 3]>>()
    // A compile error if -1 were taken for a size.
    open.expectShape([-1, 3]).add(a23)
  })
})

describe('generic code', () => {
  test('keeps the shapes it is given', () => {
    function dense<M extends number, K extends number, N extends number>(
      x: Tensor<[M, K]>,
      w: Tensor<[NoInfer<K>, N]>,
    ): Tensor<[M, N]> {
      return x.matmul(w)
    }
    expectTypeOf(dense(a23, a34)).toEqualTypeOf<Tensor<[2, 4]>>()
    // @ts-expect-error inner sizes 3 and 5
    dense(a23, a54)

    function twice<S extends Shape>(x: Tensor<S>): Tensor<S> {
      return x.add(x).mul(2).relu()
    }
    expectTypeOf(twice(a23)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(twice(open)).toEqualTypeOf<Tensor>()
  })
})

describe('transforms', () => {
  test('gradients have the shapes of their tensors', () => {
    const parameters = { w: a23, list: [row] as const }
    const loss = (tree: typeof parameters): Tensor<[]> => tree.w.sum()
    const result = valueAndGrad(loss)(parameters)
    expectTypeOf(result.value).toEqualTypeOf<Tensor<[]>>()
    expectTypeOf(result.grad.w).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(result.grad.list[0]).toEqualTypeOf<Tensor<[3]>>()
    expectTypeOf(grad((x: Tensor<[2, 3]>) => x.sum())(a23)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(a23.grad).toEqualTypeOf<Tensor<[2, 3]> | null>()
  })
})
