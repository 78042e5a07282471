/** What could go wrong among threads: runs that end early, pools of several sizes, machines without leave to start workers. */

import { cholesky, matmul, ones, Parameter, scan, type Tensor, tensor, zeros } from '@adjoint/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compile } from '../src/index.ts'
import { forced } from '../src/threads/choice.ts'

beforeEach(() => {
  forced.isThreaded = true
})

afterEach(() => {
  forced.isThreaded = false
})

const identity = tensor([
  [1, 0],
  [0, 1],
]) as Tensor
const refused = identity.neg() as Tensor

test('threads that a program does not need are not called to it', () => {
  const body = (x: Tensor): Tensor => x.matmul(x).tanh().matmul(x).tanh().matmul(x).sum(0) as Tensor
  const [four, two] = [compile(body, { threads: 4 }), compile(body, { threads: 2 })]
  const xs = Array.from({ length: 8 }, (_, i) => ones([65, 65]).mul(0.01 * i) as Tensor)
  four(xs[0]!)
  const expected = xs.map(x => four(x).toArray())
  for (let i = 0; i < 2000; i++) {
    const run = i % 3 === 0 ? four : two
    expect(run(xs[i % 8]!).toArray()).toEqual(expected[i % 8])
  }
})

test('all threads leave a run that the host refuses, also those that are slow to leave the barrier before', () => {
  const run = compile(
    (x: Tensor, m: Tensor) => {
      const product = matmul(m, m).tanh()
      return product.add(cholesky(x).sum()).matmul(m).sum() as Tensor
    },
    { threads: 2 },
  )
  const m = ones([40, 40]) as Tensor
  const expected = run(identity, m).item()
  for (let i = 0; i < 3000; i++) {
    if (i % 2 === 0) expect(() => run(refused, m)).toThrow('not positive definite')
    else expect(run(identity, m).item()).toBe(expected)
  }
})

test('what is refused in a turn of a loop assigns nothing', () => {
  const w = new Parameter(zeros([2, 2]), 'w')
  const run = compile(
    (matrices: Tensor, m: Tensor) => {
      // What is divided comes before the loop, and nobody meets after it.
      const total = matmul(m, m).sum()
      const step = (sum: Tensor, x: Tensor) => [sum.add(cholesky(x)) as Tensor, null] as const
      const [sum] = scan(step, zeros([2, 2]).add(total.mul(0)) as Tensor, matrices)
      w.assign(sum.add(w as Tensor))
      return total as Tensor
    },
    { threads: 2 },
  )
  const turns = (...matrices: Tensor[]): Tensor =>
    tensor(matrices.map(x => x.toArray()) as number[][][]) as Tensor
  const m = ones([64, 64]) as Tensor
  const good = Array.from({ length: 6 }, () => identity)
  run(turns(...good), m)
  expect(() => run(turns(...good.slice(0, 3), refused, identity, identity), m)).toThrow(
    'not positive definite',
  )
  run(turns(...good), m)
  expect(w.toArray()).toEqual([
    [12, 0],
    [0, 12],
  ])
})
