// The detective: the first NaN or infinity that reaches the result, forward or backward; and what a graph keeps alive.
import {
  checkpoint,
  findNaN,
  grad,
  graphOf,
  Parameter,
  scan,
  strictNaN,
  type Tensor,
  tensor,
  vmap,
  where,
} from '@adjoint/core'
import * as engine from '@adjoint/core/engine'
import * as functional from '@adjoint/core/functional'
import { describe, expect, test } from 'vitest'
import { REMEDIES } from '../src/transforms/remedies.ts'

const p = tensor([0.5, 0, 1], { requiresGrad: true, name: 'p' })

describe('forward', () => {
  test('names the op, the place, the operands and the line', () => {
    const report = findNaN(() => p.log().mul(p).sum())
    expect(report).toMatchObject({ phase: 'forward', op: 'log', value: Number.NEGATIVE_INFINITY, index: [1] })
    expect(report?.operands).toEqual([
      { name: 'p', shape: [3], dtype: 'float32', value: 0, range: [0, 1], containsNaN: false },
    ])
    expect(report?.site).toMatch(/findNaN\.test\.ts:\d+:\d+$/)
    expect(report?.remedy).toContain('binaryCrossEntropyWithLogits')
    expect(String(report)).toMatch(
      /^log made -Infinity at \[1\], called at .*\n {2}operand 0 'p' \[3\] float32 is 0 there, between 0 and 1\n/,
    )
  })

  test('the first of several', () => {
    const report = findNaN(() => p.div(0).sub(p.div(0)).sqrt().sum())
    expect(report).toMatchObject({ op: 'div', index: [0], value: Number.POSITIVE_INFINITY })
  })

  test('a NaN that the result does not contain is none', () => {
    expect(findNaN(() => where(p.greater(0), p.log(), 0).sum())).toBeUndefined()
  })

  test('infinities that were put in are no mistake of the op that met them', () => {
    const mask = tensor([0, Number.NEGATIVE_INFINITY, 0])
    expect(findNaN(() => p.add(mask).softmax().sum())).toBeUndefined()
    const report = findNaN(() => tensor([1, 2, 3]).sub(mask).sum())
    expect(report).toMatchObject({ op: 'sub', remedy: expect.stringContaining('already when it comes in') })
    // Infinity - Infinity is another matter.
    expect(findNaN(() => mask.sub(mask).sum())?.remedy).toContain('Infinity - Infinity')
  })

  test('sees into checkpoint and scan', () => {
    const inner = checkpoint((x: Tensor) => x.log().mul(2))
    expect(findNaN(() => inner(p).sum())).toMatchObject({ phase: 'forward', op: 'log' })
    const root = checkpoint((x: Tensor) => x.sqrt())
    expect(findNaN(() => root(p).sum())).toMatchObject({ phase: 'backward', op: 'sqrt' })
    expect(
      findNaN(() => scan((s: Tensor, x: Tensor) => [s.add(x.log()), null] as const, tensor(0), p)[0])?.op,
    ).toBe('log')
  })

  test('sees into vmap, grad and constants', () => {
    expect(findNaN(() => vmap((x: Tensor) => x.div(0))(p).sum())?.op).toBe('div')
    expect(findNaN(() => grad((x: Tensor) => x.sqrt().sum())(tensor([0])).sum())?.op).toBe('div')
    expect(findNaN(() => tensor([-1]).sqrt().sum())?.op).toBe('sqrt')
  })
})

describe('backward', () => {
  test('an infinite derivative', () => {
    const report = findNaN(() => p.sqrt().sum())
    expect(report).toMatchObject({
      phase: 'backward',
      op: 'sqrt',
      value: Number.POSITIVE_INFINITY,
      index: [1],
    })
    expect(report?.site).toMatch(/findNaN\.test\.ts/)
    expect(String(report)).toContain('the gradient of sqrt is Infinity at [1]')
    expect(String(report)).toContain('the derivative of the root is infinite at 0')
  })

  test('behind others that are finite', () => {
    const w = new Parameter(tensor([0, 4]), 'w')
    expect(
      findNaN(() =>
        w
          .sqrt()
          .mul(tensor([1, 1]))
          .exp()
          .sum(),
      )?.op,
    ).toBe('sqrt')
    // A cotangent of exactly 0 contributes 0, also to an infinite derivative; IEEE says NaN.
    const masked = () =>
      w
        .sqrt()
        .mul(tensor([0, 1]))
        .sum()
    expect(findNaN(masked)).toBeUndefined()
    expect(strictNaN(() => findNaN(masked))).toMatchObject({
      phase: 'backward',
      op: 'sqrt',
      value: Number.NaN,
    })
  })

  test('all finite', () => {
    expect(findNaN(() => p.exp().sum())).toBeUndefined()
    expect(findNaN(() => tensor([1, 2]).sum())).toBeUndefined()
  })
})

describe('what a graph keeps alive', () => {
  test('shared memory counts once', () => {
    const x = tensor(
      Array.from({ length: 100 }, (_, i) => i),
      { requiresGrad: true },
    )
    const y = x.reshape([10, 10]).transpose().exp().flip(0).sum()
    const { bytes, entries } = graphOf(y).memory()
    // x, exp of it, and the sum: the movements are views.
    expect(bytes).toBe(400 + 400 + 4)
    expect(entries[0]!.bytes).toBe(400)
    expect(entries.find(({ entry }) => entry.op === 'exp')?.isRead).toBe(true)
    expect(entries.find(({ entry }) => entry.op === 'leaf')?.isRead).toBe(false)
  })

  test('a part is counted for what it shows, the whole for the rest', () => {
    const x = tensor([1, 2, 3, 4])
    const part = x.slice([0, 2])
    part.requiresGrad = true
    expect(graphOf(part.mul(x.slice([2, 4])).sum()).memory().bytes).toBe(8 + 8 + 8 + 4)
    expect(graphOf(tensor([], { shape: [0], requiresGrad: true })).memory().bytes).toBe(0)
  })
})

test('every known remedy belongs to a primitive', () => {
  const names = Object.values({ ...functional, ...engine }).flatMap(found =>
    typeof found === 'function' && 'primitive' in found
      ? [(found as typeof functional.exp).primitive.name]
      : [],
  )
  expect(Object.keys(REMEDIES).filter(name => !names.includes(name))).toEqual([])
})
