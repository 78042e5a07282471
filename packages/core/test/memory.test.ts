import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { arange, grad, gradients, Parameter, Rng, type Tensor, tensor } from '@adjoint/core'
import { expect, test } from 'vitest'
import { ALLOCATORS } from '../src/storage/slab.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Lets the engine finish what it defers, then collects; references in WeakRefs die only between tasks. */
async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    await new Promise(resolve => setTimeout(resolve, 5))
    collectGarbage()
  }
}

test('a dropped graph is collected, though its parameter lives on', async () => {
  const w = new Parameter(new Rng(1).normal([64, 64]), 'w')
  const make = (): WeakRef<Tensor> => {
    const hidden: Tensor = w.matmul(w).tanh()
    hidden.sum().backward()
    return new WeakRef(hidden)
  }
  const hidden = make()
  await settle()
  expect(hidden.deref()).toBeUndefined()
  expect(w.grad).not.toBeNull()
})

test('a graph lives as long as its root, and no longer', async () => {
  const w = new Parameter(tensor([1, 2]), 'w')
  const make = (): { root: Tensor | undefined; hidden: WeakRef<Tensor> } => {
    const hidden = w.exp()
    return { root: hidden.sum(), hidden: new WeakRef<Tensor>(hidden) }
  }
  const held = make()
  await settle()
  expect(held.hidden.deref()).toBeInstanceOf(Object)
  expect(held.root?.requiresGrad).toBe(true)
  held.root = undefined
  await settle()
  expect(held.hidden.deref()).toBeUndefined()
})

test('the results of grad do not keep its graph', async () => {
  let inside: WeakRef<Tensor> | undefined
  const gradient = grad((x: Tensor) => {
    const hidden = x.exp()
    inside = new WeakRef(hidden)
    return hidden.mul(hidden).sum()
  })(tensor([1, 2]))
  await settle()
  expect(inside?.deref()).toBeUndefined()
  expect(gradient.shape).toEqual([2])
})

test('twenty thousand training steps leave the heap flat', async () => {
  const rng = new Rng(2)
  const x = rng.normal([16, 4])
  const y = x.sum(1, { keepDims: true })
  const w = new Parameter(rng.normal([4, 1]), 'w')
  const b = new Parameter(tensor([0]), 'b')
  const parameters: readonly Parameter[] = [w, b]
  const train = (steps: number): number => {
    let last = 0
    for (let i = 0; i < steps; i++) {
      const loss = x.matmul(w).add(b).sub(y).square().mean()
      loss.backward()
      for (const parameter of parameters) parameter.assign(parameter.detach().sub(parameter.grad!.mul(0.05)))
      last = loss.item()
    }
    return last
  }
  const bytes = async (): Promise<number> => {
    await settle()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  train(2000)
  const before = await bytes()
  expect(train(20_000)).toBeLessThan(1e-6)
  // A leak of one small tensor per step would be megabytes.
  expect((await bytes()) - before).toBeLessThan(500_000)
})

test('memory is handed out once, whatever size is asked for', () => {
  const keep = tensor([7, 8, 9])
  expect(() => ALLOCATORS.float32.take(-3)).toThrow(RangeError)
  expect(() => ALLOCATORS.float32.take(Number.NaN)).toThrow(RangeError)
  tensor([100, 200, 300])
  expect(keep.toArray()).toEqual([7, 8, 9])
})

test('a tensor keeps its shape when the array that named it changes', () => {
  const shape = [2, 3]
  const x = arange(6).reshape(shape)
  shape[0] = 3
  expect(x.shape).toEqual([2, 3])
})

test('a cotangent with a graph of its own leaves none on the gradient', () => {
  const w = new Parameter(tensor([1, 2]), 'w')
  const cotangent = w.mul(3)
  expect(gradients(w.add(1), [w], { cotangent })[0]?.requiresGrad).toBe(false)
  expect(gradients(w.add(1), [w], { cotangent, createGraph: true })[0]?.requiresGrad).toBe(true)
})
