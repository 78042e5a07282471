import { add, gradients, mul, Parameter, Rng, recompute, sub, type Tensor, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf, gradOf, variable } from './support.ts'

describe('backward', () => {
  test('fills the gradient of every intermediate', () => {
    const x = variable(2)
    const y = variable(3)
    const product = mul(x, y)
    const sum = add(product, x)
    const loss = mul(sum, sum)
    loss.backward()
    const grads = [loss, sum, product, x, y].map(part => part.grad?.item())
    expect(grads).toEqual([1, 16, 16, 64, 32])
  })

  test('uses a tensor twice', () => {
    const x = variable(3)
    mul(x, x).backward()
    expect(x.grad?.item()).toBe(6)
    const y = variable(3)
    sub(y, y).backward()
    expect(y.grad?.item()).toBe(0)
  })

  test('adds up the paths of a diamond before it goes on', () => {
    const x = variable(2)
    const shared = mul(x, x)
    const left = mul(shared, 3)
    const right = mul(shared, shared)
    add(left, right).backward()
    expect(shared.grad?.item()).toBe(3 + 2 * 4)
    expect(x.grad?.item()).toBe((3 + 2 * 4) * 4)
  })

  test('walks a ladder of diamonds once per node', () => {
    let x = variable(1) as Tensor
    const start = x
    // 2^60 paths: a walk per path would not end.
    for (let i = 0; i < 60; i++) x = add(x, x)
    x.backward()
    expect(start.grad?.item()).toBe(2 ** 60)
  })

  test('leaves unused branches and constants alone', () => {
    const x = variable(2)
    const unused = mul(x, 5)
    const constant = tensor(4, { dtype: 'float64' })
    mul(x, constant).backward()
    expect(unused.grad).toBeNull()
    expect(constant.grad).toBeNull()
    expect(x.grad?.item()).toBe(4)
  })

  test('of a leaf is one', () => {
    const x = tensor([[5]], { requiresGrad: true })
    x.backward()
    expect(x.grad?.toArray()).toEqual([[1]])
  })

  test('takes a cotangent for a root that is no single number', () => {
    const x = tensor([1, 2, 3], { requiresGrad: true })
    x.square().backward({ cotangent: tensor([1, 10, 100]) })
    expect(x.grad?.toArray()).toEqual([2, 40, 600])
  })

  test('sums over the axes along which an operand was repeated', () => {
    const column = tensor([[1], [2]], { requiresGrad: true })
    const number = tensor(3, { requiresGrad: true })
    column
      .mul(tensor([[1, 2, 3]]))
      .mul(number)
      .sum()
      .backward()
    expect(column.grad?.toArray()).toEqual([[18], [18]])
    expect(number.grad?.item()).toBe(18)
  })

  test('leaves gradients without a graph, unless asked for one', () => {
    const x = variable(3)
    mul(x, x).backward()
    expect(x.grad?.requiresGrad).toBe(false)
    x.grad = null
    mul(mul(x, x), x).backward({ createGraph: true })
    const first = gradOf(x)
    expect(first?.item()).toBe(27)
    expect(gradients(first!, [x]).map(second => second.item())).toEqual([18])
  })
})

describe('accumulation', () => {
  test('gradients add up, over several calls and several losses', () => {
    const x = variable(3)
    const y = mul(x, x)
    y.backward()
    y.backward()
    expect(x.grad?.item()).toBe(12)
    expect(y.grad?.item()).toBe(2)
    mul(x, 10).backward()
    expect(x.grad?.item()).toBe(22)
  })

  test('assigning a parameter of the loss makes all its gradients stale: the next ones replace them', () => {
    const w = new Parameter(tensor(2), 'w')
    const other = new Parameter(tensor(5), 'other')
    const loss = () => w.mul(other)
    loss().backward()
    loss().backward()
    expect([w.grad?.item(), other.grad?.item()]).toEqual([10, 4])
    w.assign(tensor(3))
    expect(w.grad?.item()).toBe(10)
    loss().backward()
    expect(w.grad?.item()).toBe(5)
    expect(other.grad?.item()).toBe(3)
    loss().backward()
    expect([w.grad?.item(), other.grad?.item()]).toEqual([10, 6])
  })

  test('a graph that is older than the last assignment has gradients of the old values, which nothing is added to', () => {
    const w = new Parameter(tensor(0, { dtype: 'float64' }), 'w')
    const old = w.exp()
    w.assign(tensor(1, { dtype: 'float64' }))
    old.backward()
    expect(w.grad?.item()).toBe(1)
    w.exp().backward()
    expect(w.grad?.item()).toBe(Math.E)
    old.backward()
    expect(w.grad?.item()).toBe(1)
  })

  test('a layer that was frozen for a while starts with a gradient of the present', () => {
    const [body, head] = [new Parameter(tensor(1), 'body'), new Parameter(tensor(1), 'head')]
    for (let step = 0; step < 3; step++) {
      body.mul(head).backward()
      head.assign(tensor(head.item() - 0.125 * head.grad!.item()))
    }
    body.mul(head).backward()
    expect(body.grad?.item()).toBe(head.item())
  })

  test('assigning a parameter that the loss is not made of changes nothing', () => {
    const [w, stranger] = [new Parameter(tensor(2), 'w'), new Parameter(tensor(5), 'stranger')]
    w.mul(3).backward()
    stranger.assign(tensor(6))
    w.mul(3).backward()
    expect(w.grad?.item()).toBe(6)
  })

  test('a gradient set to null starts afresh', () => {
    const x = variable(3)
    mul(x, x).backward()
    x.grad = null
    mul(x, x).backward()
    expect(gradOf(x)?.item()).toBe(6)
  })
})

describe('gradients', () => {
  test('reads leaves and intermediates, and touches no grad', () => {
    const x = variable(2)
    const y = mul(x, x)
    const z = mul(y, y)
    expect(gradients(z, [y, x, z]).map(part => part.item())).toEqual([8, 32, 1])
    expect([x.grad, y.grad, z.grad]).toEqual([null, null, null])
  })

  test('zeros for what the output does not depend on', () => {
    const x = variable(2)
    const stranger = tensor([[1, 2]], { requiresGrad: true })
    const plain = tensor([3], { dtype: 'int32' })
    expect(gradients(mul(x, x), [stranger, plain]).map(zero => zero.toArray())).toEqual([[[0, 0]], [0]])
  })

  test('the same target may be asked for twice', () => {
    const x = variable(2)
    expect(gradients(mul(x, x), [x, x]).map(part => part.item())).toEqual([4, 4])
  })
})

describe('refusals', () => {
  test('a root that is no single number', () => {
    const x = tensor([1, 2, 3], { requiresGrad: true })
    expect(errorOf(() => x.mul(2).backward())).toBe(
      'GraphError: backward: the tensor has shape [3]; a gradient starts from a single number. Reduce it first (sum, mean), or pass { cotangent } of shape [3].',
    )
    expect(errorOf(() => gradients(x.mul(2), [x]))).toMatch(
      /^GraphError: gradients: the tensor has shape \[3\]/,
    )
  })

  test('a root that nobody recorded', () => {
    expect(errorOf(() => tensor(1).mul(2).backward())).toBe(
      'GraphError: backward: the tensor of shape [] was not recorded: nothing that it was made of requires gradients. Make a Parameter, or a tensor with { requiresGrad: true }, and mind noGrad and detach. A gradient is itself recorded only with { createGraph: true }.',
    )
  })

  test('a cotangent of another shape', () => {
    const x = tensor([1, 2], { requiresGrad: true })
    expect(errorOf(() => x.mul(2).backward({ cotangent: tensor([[1, 2]]) }))).toBe(
      'ShapeError: backward: the cotangent has shape [1, 2], the tensor [2]; they must be equal.',
    )
  })
})

test('a chain of a million nodes does not overflow the stack', () => {
  const start = variable(1)
  let x = start as Tensor
  for (let i = 0; i < 1_000_000; i++) x = x.neg()
  x.backward()
  expect(start.grad?.item()).toBe(1)
}, 120_000)

test('an empty product is recorded like an empty sum', () => {
  for (const reduce of ['sum', 'prod'] as const) {
    const x = tensor([], { requiresGrad: true })
    x[reduce]().backward()
    expect(x.grad?.shape).toEqual([0])
  }
})

test('recompute answers what-if questions without recording', () => {
  const x = tensor([1, 2, 3], { requiresGrad: true })
  const w = new Rng(1).normal([3])
  const hidden = x.mul(w)
  const loss = hidden.square().sum()
  const answer = recompute(loss, new Map([[hidden as Tensor, tensor([1, 2, 2])]]))
  expect([answer.item(), answer.requiresGrad]).toEqual([9, false])
  expect(recompute(loss, new Map([[x as Tensor, x.detach() as Tensor]])).item()).toBe(loss.item())
  expect(errorOf(() => recompute(loss, new Map([[tensor(1) as Tensor, tensor(2) as Tensor]])))).toBe(
    'GraphError: recompute: the tensor of shape [] is not in the graph of the output. Replace tensors that it was made of; graphOf(output) shows them.',
  )
  expect(errorOf(() => recompute(loss, new Map([[hidden as Tensor, tensor([1]) as Tensor]])))).toBe(
    'ShapeError: recompute: a tensor of shape [3] cannot be replaced by one of shape [1].',
  )
  expect(recompute(loss, new Map([[loss as Tensor, tensor(5) as Tensor]])).item()).toBe(5)
})
