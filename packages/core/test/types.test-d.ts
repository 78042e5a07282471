// The typed surface: programs that compile and the types they give, and programs that do not.
import {
  add,
  arange,
  argmax,
  at,
  checkpoint,
  cholesky,
  concat,
  cumprod,
  cumsum,
  customJvp,
  customVjp,
  determinant,
  diff,
  dot,
  einsum,
  findNaN,
  flattenTree,
  gather,
  gelu,
  grad,
  hessian,
  hvp,
  hypot,
  inverse,
  jacfwd,
  jacrev,
  jvp,
  kthValue,
  linearize,
  logSumExp,
  maskedFill,
  maskedSelect,
  matmul,
  matrixTranspose,
  maxWithIndices,
  mean,
  median,
  meshgrid,
  moveAxis,
  type NaNReport,
  noGrad,
  norm,
  ones,
  outer,
  Parameter,
  permute,
  prelu,
  prod,
  pseudoInverse,
  quantile,
  Rng,
  reshape,
  roll,
  type Shape,
  scan,
  scatter,
  softmax,
  solve,
  sort,
  split,
  stack,
  standardDeviation,
  sum,
  swapAxes,
  type Tensor,
  tensor,
  topk,
  transpose,
  triangularSolve,
  tril,
  unbind,
  uniform,
  valueAndGrad,
  varianceAndMean,
  vjp,
  vmap,
  where,
  zeros,
} from '@adjoint/core'
import { describe, expectTypeOf, test } from 'vitest'

declare const a23: Tensor<[2, 3]>
declare const a34: Tensor<[3, 4]>
declare const a54: Tensor<[5, 4]>
declare const a33: Tensor<[3, 3]>
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

  test('of every kind', () => {
    expectTypeOf(prod(a23, 1)).toEqualTypeOf<Tensor<[2]>>()
    expectTypeOf(a23.median(1)).toEqualTypeOf<Tensor<[2]>>()
    expectTypeOf(median(a23)).toEqualTypeOf<Tensor<[]>>()
    expectTypeOf(logSumExp(named, 1)).toEqualTypeOf<Tensor<['m']>>()
    expectTypeOf(argmax(a23, 0)).toEqualTypeOf<Tensor<[3]>>()
    expectTypeOf(quantile(a23, 0.5, 0)).toEqualTypeOf<Tensor<[3]>>()
    expectTypeOf(standardDeviation(a23, 0, { keepDims: true })).toEqualTypeOf<Tensor<[1, 3]>>()
    expectTypeOf(norm(a23)).toEqualTypeOf<Tensor<[]>>()
    expectTypeOf(norm(a23, 1)).toEqualTypeOf<Tensor<[2]>>()
    expectTypeOf(norm(a23, 1, { keepDims: true })).toEqualTypeOf<Tensor<[2, 1]>>()
    expectTypeOf(varianceAndMean(a23, 1).mean).toEqualTypeOf<Tensor<[2]>>()
  })

  test('with the places of what they chose', () => {
    const { values, indices } = maxWithIndices(a23, 0, { keepDims: true })
    expectTypeOf(values).toEqualTypeOf<Tensor<[1, 3]>>()
    expectTypeOf(indices).toEqualTypeOf<Tensor<[1, 3]>>()
    expectTypeOf(kthValue(a23, 1, 0).values).toEqualTypeOf<Tensor<[3]>>()
    expectTypeOf(topk(a23, 2).values).toEqualTypeOf<Tensor<[number, number]>>()
  })

  test('refuses settings that it does not know', () => {
    // @ts-expect-error keepDims, not keepdim
    a23.sum(0, { keepdim: true })
    // @ts-expect-error order, not ord
    norm(a23, -1, { ord: 1 })
    // @ts-expect-error 'none' or 'tanh'
    gelu(a23, { approximate: 'erf' })
  })

  test('over axes that are not literal', () => {
    expectTypeOf(a23.sum(1 as number)).toEqualTypeOf<Tensor>()
    expectTypeOf(a23.sum([0, 1])).toExtend<Tensor>()
  })
})

describe('scans and sorting', () => {
  test('keep the shape', () => {
    expectTypeOf(cumsum(a23, 0)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(cumprod(named)).toEqualTypeOf<Tensor<['m', 3]>>()
    expectTypeOf(a23.cummax(1)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(sort(a23, 0, { descending: true })).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(a23.sort().add(row)).toEqualTypeOf<Tensor<[2, 3]>>()
  })

  test('differences have the rank', () => {
    expectTypeOf(diff(a23)).toEqualTypeOf<Tensor<[number, number]>>()
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

  test('two axes exchanged', () => {
    expectTypeOf(swapAxes(zeros([2, 3, 4]), 0, -1)).toEqualTypeOf<Tensor<[4, 3, 2]>>()
    expectTypeOf(a23.swapAxes(0, 1).matmul(a23)).toEqualTypeOf<Tensor<[3, 3]>>()
    expectTypeOf(swapAxes(a23, 0 as number, 1)).toEqualTypeOf<Tensor<[number, number]>>()
    expectTypeOf(swapAxes(open, 0, 1)).toEqualTypeOf<Tensor>()
    expectTypeOf(moveAxis(a23, 0, 1)).toEqualTypeOf<Tensor<[number, number]>>()
    expectTypeOf(matrixTranspose(a23)).toEqualTypeOf<Tensor<[3, 2]>>()
    // @ts-expect-error inner sizes 2 and 2 after the exchange: [3, 2] × [3, 4]
    a23.swapAxes(0, 1).matmul(a34)
  })

  test('those that keep the shape', () => {
    expectTypeOf(roll(a23, 1)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(tril(a23)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(a23.flip(0)).toEqualTypeOf<Tensor<[2, 3]>>()
  })

  test('several tensors from one, and one from several', () => {
    expectTypeOf(stack([a23, a23])).toEqualTypeOf<Tensor>()
    const open = a23 as Tensor
    expectTypeOf(unbind(a23)).toEqualTypeOf<[Tensor<[3]>, Tensor<[3]>]>()
    expectTypeOf(unbind(a23, -1)).toEqualTypeOf<[Tensor<[2]>, Tensor<[2]>, Tensor<[2]>]>()
    expectTypeOf(a23.unbind(1)).toEqualTypeOf<[Tensor<[2]>, Tensor<[2]>, Tensor<[2]>]>()
    expectTypeOf(unbind(a23, Number(1))).toEqualTypeOf<Tensor[]>()
    expectTypeOf(unbind(open)).toEqualTypeOf<Tensor[]>()
    expectTypeOf(unbind(zeros([1000, 2]))).toEqualTypeOf<Tensor<[2]>[]>()
    expectTypeOf(unbind(open.expectShape(['m', 2]))).toEqualTypeOf<Tensor<[2]>[]>()
    expectTypeOf(split(a23, 1)).toEqualTypeOf<Tensor<[number, 3]>[]>()
    expectTypeOf(split(a23, [1, 2], 1)).toEqualTypeOf<[Tensor<[2, 1]>, Tensor<[2, 2]>]>()
    expectTypeOf(a23.split([1, 1])).toEqualTypeOf<[Tensor<[1, 3]>, Tensor<[1, 3]>]>()
    expectTypeOf(split(a23, [1, 2], Number(1))).toEqualTypeOf<
      [Tensor<[number, number]>, Tensor<[number, number]>]
    >()
    expectTypeOf(split(open, [1, 2])).toEqualTypeOf<[Tensor, Tensor]>()
    expectTypeOf(split(a23, [1, 2] as number[], 1)).toEqualTypeOf<Tensor<[2, number]>[]>()
    expectTypeOf(meshgrid([row, row])).toEqualTypeOf<Tensor[]>()
    expectTypeOf(stack([a23, a23]).expectShape([2, 2, 3])).toEqualTypeOf<Tensor<[2, 2, 3]>>()
  })

  test('expand, flatten, and those that give their shape up', () => {
    expectTypeOf(row.expand([2, 3])).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(a23.flatten()).toEqualTypeOf<Tensor<[number]>>()
    expectTypeOf(a23.slice(0)).toEqualTypeOf<Tensor>()
    expectTypeOf(softmax(a23)).toEqualTypeOf<Tensor<[2, 3]>>()
  })
})

describe('indexing', () => {
  test('keeps the shape of the indices, or of what is changed', () => {
    expectTypeOf(gather(open, 0, a23)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(scatter(a23, 0, row.unsqueeze(0), open)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(maskedFill(a23, row, 0)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(maskedSelect(a23, a23)).toEqualTypeOf<Tensor<[number]>>()
    expectTypeOf(at(a23, 0, '...')).toEqualTypeOf<Tensor>()
  })
})

describe('matrices', () => {
  test('factors and inverses', () => {
    expectTypeOf(inverse(a33)).toEqualTypeOf<Tensor<[3, 3]>>()
    expectTypeOf(cholesky(a33)).toEqualTypeOf<Tensor<[3, 3]>>()
    expectTypeOf(pseudoInverse(a23)).toEqualTypeOf<Tensor<[3, 2]>>()
    expectTypeOf(determinant(zeros([7, 3, 3]))).toEqualTypeOf<Tensor>()
    // That a matrix is square is the runtime's to check.
    expectTypeOf(inverse(a23)).toEqualTypeOf<Tensor<[2, 3]>>()
  })

  test('systems', () => {
    expectTypeOf(triangularSolve(a33, row)).toEqualTypeOf<Tensor<[3]>>()
    expectTypeOf(solve(a33, row)).toExtend<Tensor>()
  })

  test('products', () => {
    expectTypeOf(dot(row, row)).toEqualTypeOf<Tensor<[]>>()
    expectTypeOf(outer(row, zeros([4]))).toEqualTypeOf<Tensor<[3, 4]>>()
    expectTypeOf(einsum('ij,jk->ik', a23, a34)).toEqualTypeOf<Tensor>()
    // @ts-expect-error a matrix and a number
    dot(row, 1)
  })

  test('elementwise ops of two operands broadcast as add does', () => {
    expectTypeOf(hypot(column, row)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(a23.atan2(1)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(prelu(a23, row)).toEqualTypeOf<Tensor<[2, 3]>>()
    // @ts-expect-error cannot broadcast [2, 3] with [2]
    hypot(a23, zeros([2]))
  })

  test('draws have the shape that was asked for', () => {
    expectTypeOf(uniform(new Rng(0), [2, 3], { high: row })).toEqualTypeOf<Tensor<[2, 3]>>()
    // @ts-expect-error the generator comes first
    uniform([2, 3])
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

describe('sorting', () => {
  test('keeps, shortens or drops the axis', () => {
    expectTypeOf(a23.sort()).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(a23.topk(2).values).toEqualTypeOf<Tensor<[number, number]>>()
    expectTypeOf(a23.kthValue(1).indices).toEqualTypeOf<Tensor<[2]>>()
    expectTypeOf(a23.maxWithIndices(0, { keepDims: true }).values).toEqualTypeOf<Tensor<[1, 3]>>()
    expectTypeOf(a23.quantile(0.5, 0)).toEqualTypeOf<Tensor<[3]>>()
    expectTypeOf(a23.quantile([0.5])).toEqualTypeOf<Tensor>()
    expectTypeOf(a23.norm(-1)).toEqualTypeOf<Tensor<[2]>>()
    expectTypeOf(a23.norm()).toEqualTypeOf<Tensor<[]>>()
    expectTypeOf(a23.cumsum(0).diff()).toEqualTypeOf<Tensor<[number, number]>>()
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

  interface Layer {
    w: Tensor<[2, 3]>
    b: Tensor<[3]>
  }
  const layer: Layer = { w: a23, b: row }
  const both = (x: Tensor<[2, 3]>, y: Tensor<[3]>): Tensor<[]> => x.mul(y).sum()

  test('grad with respect to chosen arguments', () => {
    expectTypeOf(grad(both)(a23, row)).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(grad(both, { wrt: 1 })(a23, row)).toEqualTypeOf<Tensor<[3]>>()
    expectTypeOf(grad(both, { wrt: [0, 1] })(a23, row)).toEqualTypeOf<[Tensor<[2, 3]>, Tensor<[3]>]>()
    expectTypeOf(grad(x => x.square().sum())(a23)).toEqualTypeOf<Tensor>()
    // @ts-expect-error the second argument is a row of three
    grad(both)(a23, a23)
    // @ts-expect-error a gradient starts from a tensor
    grad((x: Tensor) => x.item())
    // @ts-expect-error wrt, not argnums
    grad(both, { argnums: 1 })
  })

  test('what a function hands through', () => {
    const noted = (x: Tensor<[2, 3]>) => [x.sum(), x.mean(0)] as const
    const result = valueAndGrad(noted, { auxiliary: true })(a23)
    expectTypeOf(result.grad).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(result.auxiliary).toEqualTypeOf<Tensor<[3]>>()
    // @ts-expect-error a pair is wanted
    valueAndGrad((x: Tensor<[2, 3]>) => x.sum(), { auxiliary: true })
  })

  test('values, cotangents and tangents of trees', () => {
    const f = ({ w, b }: Layer) => ({ y: w.add(b) })
    const { value, pullback } = vjp(f, layer)
    expectTypeOf(value.y).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(pullback({ y: a23 }).b).toEqualTypeOf<Tensor<[3]>>()
    expectTypeOf(jvp(f, layer, { w: a23, b: row }).tangent.y).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(linearize(f, layer).pushforward(layer).y).toEqualTypeOf<Tensor<[2, 3]>>()
    expectTypeOf(hvp(({ w, b }: Layer) => both(w, b), layer, layer)).toEqualTypeOf<{
      w: Tensor<[2, 3]>
      b: Tensor<[3]>
    }>()
    // @ts-expect-error the cotangent has the shape of the value
    pullback({ y: row })
    // @ts-expect-error b has no tangent
    jvp(f, layer, { w: a23 })
  })

  test('Jacobians are trees of trees, of open shapes', () => {
    const f = ({ w, b }: Layer) => ({ y: w.add(b), z: w.sum() })
    expectTypeOf(jacfwd((x: Tensor<[2, 3]>) => x.sum(0))(a23)).toEqualTypeOf<Tensor>()
    expectTypeOf(jacfwd(f)(layer).y.b).toEqualTypeOf<Tensor>()
    expectTypeOf(jacrev(f)(layer).z.w).toEqualTypeOf<Tensor>()
    expectTypeOf(hessian(({ w, b }: Layer) => both(w, b))(layer).w.b).toEqualTypeOf<Tensor>()
    // @ts-expect-error there is no such output
    jacrev(f)(layer).a
  })

  test('vmap takes and gives one axis more, of any length', () => {
    const f = ({ w }: { w: Tensor<[3]> }, scale: number) => ({ y: w.sum().mul(scale), w })
    const batched = vmap(f, { inAxes: [{ w: 0 }, null] })
    expectTypeOf(batched({ w: a23 }, 2).y).toEqualTypeOf<Tensor>()
    expectTypeOf(batched).parameter(1).toEqualTypeOf<number>()
    expectTypeOf(vmap(grad((x: Tensor<[3]>) => x.sum()))(a23)).toEqualTypeOf<Tensor>()
    // @ts-expect-error a number, null, or a tree of them
    vmap(f, { inAxes: 'rows' })
    // @ts-expect-error the second argument is a number
    batched({ w: a23 }, a23)
  })

  test('rules of one’s own see the tensors of forward', () => {
    const scaled = customVjp({
      name: 'scaled',
      forward: (x: Tensor<[2, 3]>, y: Tensor<[3]>) => x.mul(y),
      vjp: (cotangent, { inputs: [x, y] }) => {
        expectTypeOf(x).toEqualTypeOf<Tensor<[2, 3]>>()
        expectTypeOf(y).toEqualTypeOf<Tensor<[3]>>()
        return [cotangent.mul(y), cotangent.mul(x).sum(0)]
      },
    })
    expectTypeOf(scaled(a23, row)).toEqualTypeOf<Tensor>()
    expectTypeOf(scaled.primitive.name).toEqualTypeOf<string>()
    customJvp({
      name: 'squared',
      forward: (x: Tensor<[3]>) => x.mul(x),
      jvp: ([tangent], { inputs: [x] }) => {
        expectTypeOf(tangent).toEqualTypeOf<Tensor<[3]>>()
        return tangent.mul(x).mul(2)
      },
    })
    // @ts-expect-error a row where a matrix is wanted
    scaled(row, row)
    // @ts-expect-error a rule is missing
    customVjp({ name: 'none', forward: (x: Tensor) => x })
    // @ts-expect-error a cotangent is a tensor
    customVjp({ name: 'number', forward: (x: Tensor) => x, vjp: () => 1 })
  })

  test('scan gives the last state and the outputs', () => {
    const running = (state: Tensor<[3]>, x: Tensor<[3]>) => [state.add(x), state.sum()] as const
    expectTypeOf(scan(running, row, a23)).toEqualTypeOf<[carry: Tensor<[3]>, outputs: Tensor]>()
    const silent = (state: Tensor<[3]>) => [state.mul(2), null] as const
    expectTypeOf(scan(silent, row, null, { length: 4 })).toEqualTypeOf<[carry: Tensor<[3]>, outputs: null]>()
    const cell = ({ h }: { h: Tensor<[3]> }, { u }: { u: Tensor<[3]> }) =>
      [{ h: h.add(u) }, { y: h }] as const
    const [last, { y }] = scan(cell, { h: row }, { u: a23 })
    expectTypeOf(last.h).toEqualTypeOf<Tensor<[3]>>()
    expectTypeOf(y).toEqualTypeOf<Tensor>()
    // @ts-expect-error a step returns the state and an output
    scan((state: Tensor<[3]>) => state, row, a23)
    // @ts-expect-error the state has three elements
    scan(running, a23, a23)
  })

  test('wrappers keep the types of what they wrap', () => {
    expectTypeOf(checkpoint(both)(a23, row)).toEqualTypeOf<Tensor<[]>>()
    expectTypeOf(noGrad(() => layer)).toEqualTypeOf<Layer>()
    expectTypeOf(findNaN(() => a23.sum())).toEqualTypeOf<NaNReport | undefined>()
    expectTypeOf(flattenTree('example', layer).rebuild([a23, row]).w).toEqualTypeOf<Tensor<[2, 3]>>()
  })
})
