import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  arange,
  checkpoint,
  grad,
  gradients,
  jvp,
  Parameter,
  Rng,
  scan,
  type Tensor,
  tensor,
  vmap,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { slabWithRoom } from '../src/storage/slab.ts'

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
  expect(() => slabWithRoom('float32', -3)).toThrow(RangeError)
  expect(() => slabWithRoom('float32', Number.NaN)).toThrow(RangeError)
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

/** Bytes of typed arrays that are alive, in units of one array of this many float64 numbers, above a level. */
function arraysAlive(length: number, level = 0): number {
  // The memory of dead arrays is given back in the background; the next collection waits for it.
  for (let i = 0; i < 3; i++) collectGarbage()
  return (process.memoryUsage().arrayBuffers - level) / (8 * length)
}

describe('a training loop that never yields to the event loop frees the graphs of', () => {
  const length = 10_000
  const w = new Parameter(arange(0, length, 1, { dtype: 'float64' }), 'w')
  const sequence = arange(0, 4)
  const step = (v: Tensor, _: Tensor) => [v.mul(w).sin(), null] as const
  const losses = {
    'scan that keeps states': () => scan(step, w as Tensor, sequence)[0].sum(),
    'scan that keeps steps': () => scan(step, w as Tensor, sequence, { keep: 'steps' })[0].sum(),
    checkpoint: () => checkpoint((v: Tensor) => v.mul(w).sin().mul(w).sin())(w).sum(),
  }

  test.each(Object.entries(losses))('%s', (_, lossOf) => {
    lossOf().backward()
    const level = arraysAlive(length)
    for (let i = 0; i < 30; i++) lossOf().backward()
    expect(arraysAlive(length) - level).toBeLessThan(15)
  })
})

describe('what a transform holds while a chain of a hundred ops runs', () => {
  const length = 100_000
  const x = arange(0, length, 1, { dtype: 'float64' })
  const chain = (v: Tensor): Tensor => {
    let y = v
    for (let i = 0; i < 100; i++) y = y.sin()
    return y
  }
  /** Arrays that are alive at the end of the chain. */
  const heldBy = (run: (f: (v: Tensor) => Tensor) => unknown): number => {
    let held = 0
    for (let i = 0; i < 3; i++) collectGarbage()
    const level = process.memoryUsage().arrayBuffers
    run(v => {
      const y = chain(v)
      held = arraysAlive(length, level)
      return y
    })
    return held
  }

  test('forward mode: a few values and tangents', () => {
    expect(heldBy(f => jvp(f, x as Tensor, x))).toBeLessThan(10)
  })

  test('vmap: a few values', () => {
    expect(heldBy(f => vmap(f)(x.reshape([100, length / 100])))).toBeLessThan(10)
  })

  test('reverse mode: the graph', () => {
    expect(heldBy(f => grad((v: Tensor) => f(v).sum())(x))).toBeGreaterThan(90)
  })

  test('scan: the states, and nothing from inside of the steps', () => {
    const start = new Parameter(x, 'start')
    const step = (v: Tensor, _: Tensor) => [chain(v), null] as const
    for (let i = 0; i < 3; i++) collectGarbage()
    const level = process.memoryUsage().arrayBuffers
    const [last] = scan(step, start as Tensor, arange(0, 5))
    // Five states, the result, and the packed result, of five hundred ops.
    expect(arraysAlive(length, level)).toBeLessThan(15)
    last.sum().backward()
    expect(start.grad?.shape).toEqual([length])
  })
})
