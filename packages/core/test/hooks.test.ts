// Hooks on gradients: where they run, what they may change, how they go away.
import {
  checkpoint,
  grad,
  gradients,
  jvp,
  noGrad,
  onGradient,
  Parameter,
  type Tensor,
  tensor,
  vjp,
  vmap,
} from '@adjoint/core'
import { expect, test } from 'vitest'
import { errorOf } from './support.ts'

test('sees the whole gradient of an intermediate tensor, once', () => {
  const x = tensor([1, 2], { requiresGrad: true })
  const h = x.mul(3)
  const seen: unknown[] = []
  onGradient(h, gradient => {
    seen.push(gradient.toArray())
  })
  h.mul(2).add(h.square()).sum().backward()
  // 2 + 2 h, from two uses together.
  expect(seen).toEqual([[8, 14]])
  expect(x.grad?.toArray()).toEqual([24, 42])
})

test('what it returns goes on, and into .grad', () => {
  const w = new Parameter(tensor([3, 4]), 'w')
  const remove = onGradient(w, gradient => gradient.clip({ low: -1, high: 1 }))
  w.square().sum().backward()
  expect(w.grad?.toArray()).toEqual([1, 1])
  remove()
  w.assign(tensor([3, 4]))
  w.square().sum().backward()
  expect(w.grad?.toArray()).toEqual([6, 8])
})

test('several run in order, and may take themselves away', () => {
  const x = tensor(1, { requiresGrad: true })
  const order: string[] = []
  const removeFirst = onGradient(x, gradient => {
    order.push('first')
    removeFirst()
    return gradient.mul(10)
  })
  onGradient(x, gradient => {
    order.push(`second ${gradient.item()}`)
  })
  const y = x.mul(5)
  y.backward()
  y.backward()
  expect(order).toEqual(['first', 'second 50', 'second 5'])
})

test('work in grad, vjp and gradients, and are differentiated again', () => {
  const f = (x: Tensor) => {
    const h = x.square()
    onGradient(h, gradient => gradient.mul(h))
    return h.sum()
  }
  // The hook makes h of the gradient 1 of h = x², so that of x is 2x h.
  expect(grad(f)(tensor([1, 2])).toArray()).toEqual([2, 16])
  // Its derivative: 2h directly, and 2x by way of h, where the hook runs again: 2h + 2x h 2x.
  expect(grad((x: Tensor) => grad(f)(x).sum())(tensor([1, 2])).toArray()).toEqual([6, 72])
  expect(
    vjp(f, tensor([1, 2]))
      .pullback(tensor(1))
      .toArray(),
  ).toEqual([2, 16])
  const x = tensor([1, 2], { requiresGrad: true })
  expect(gradients(f(x), [x])[0]?.toArray()).toEqual([2, 16])
})

test('in vmap, and in the second run of a checkpoint', () => {
  const clipped = (x: Tensor) => {
    const h = x.mul(3)
    onGradient(h, gradient => gradient.clip({ high: 1 }))
    return h.mul(2).sum()
  }
  const points = tensor([
    [1, 2],
    [3, 4],
  ])
  expect(vmap(grad(clipped))(points).toArray()).toEqual([
    [3, 3],
    [3, 3],
  ])
  expect(grad(checkpoint(clipped))(tensor([1, 2])).toArray()).toEqual([3, 3])
  expect(noGrad(() => clipped(tensor([1, 2]))).item()).toBe(18)
  expect(jvp(clipped, tensor([1, 2]) as Tensor, tensor([1, 1])).tangent.item()).toBe(12)
  expect(vmap(clipped)(points).toArray()).toEqual([18, 42])
})

test('says what is wrong', () => {
  expect(errorOf(() => onGradient(tensor([1, 2]), () => {}))).toBe(
    'GraphError: onGradient: no gradient reaches the tensor of shape [2]: it does not require gradients. Inside of grad, set the hook on tensors that the function makes.',
  )
  const x = tensor([1, 2], { requiresGrad: true })
  expect(errorOf(() => onGradient(x, 3 as never))).toBe('ArgumentError: onGradient: takes a function, got 3.')
  onGradient(x, gradient => gradient.sum())
  expect(errorOf(() => x.sum().backward())).toBe(
    'ShapeError: onGradient: a hook returned shape [] for the gradient of a tensor of shape [2]; return a tensor of that shape, or nothing.',
  )
})
