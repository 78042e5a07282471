// Every layer, activation and loss of nn as a compiled function, forward and backward, beside the same thing run eagerly.
import { compact } from '@adjoint/core/engine'
import type { Tensor } from '@adjoint/core/functional'
import { afterAll, describe, expect, test } from 'vitest'
import { CASES, drawAll, setUp } from '../../nn/test/layerCases.ts'
import { compile } from '../src/index.ts'

/**
 * How far a compiled number may be from the eager one, relative to the largest of its output, and for a gradient to the largest
 * of all gradients of the case: some are 0 but for rounding, like those of the biases of keys. Eager code adds up in float64
 * and rounds once where a program rounds after every op.
 */
const BOUND = 64 * 2 ** -24

/** Primitives that may stay with the reference loop, and why. */
const LEFT: Readonly<Record<string, string>> = {
  fractionalMaxPoolIndices: 'one layer, whose windows are drawn anew for every call',
  scatterExtreme: 'one layer, in one of its modes',
  winners: 'unpooling of windows that overlap',
}

/** Where the reference loop is used, by the primitive. */
const left = new Map<string, Set<string>>()

/** The largest number, NaN and infinities left out. */
function largest(x: Tensor): number {
  const { storage, offset, size } = compact(x)
  const finite = Array.from(storage.subarray(offset, offset + size)).filter(Number.isFinite)
  return Math.max(0, ...finite.map(Math.abs))
}

/** The largest distance of two tensors, relative to a number. */
function distance(x: Tensor, y: Tensor, scale: number): number {
  const [a, b] = [compact(x), compact(y)]
  let most = 0
  for (let i = 0; i < x.size; i++) {
    const [left, right] = [a.storage[a.offset + i]!, b.storage[b.offset + i]!]
    if (Object.is(left, right)) continue
    most = Math.max(most, Number.isNaN(left - right) ? Number.POSITIVE_INFINITY : Math.abs(left - right))
  }
  return most === 0 ? 0 : most / scale
}

describe.each(Object.entries(CASES).filter(([, cases]) => cases.length > 0))('%s', (file, cases) => {
  test.each(cases.map((one, i) => [i, one] as const))('case %i', (_, one) => {
    const [eager, other] = [setUp(one), setUp(one)]
    const step = compile(other.step)
    const { schedule } = step.programFor(...drawAll(one, 10))
    for (const { name } of schedule.kernels) {
      const [primitive, isReference] = [name.split(' ')[0]!, name.endsWith('(reference)')]
      if (isReference) left.set(primitive, (left.get(primitive) ?? new Set()).add(file))
    }
    for (let run = 0; run < 3; run++) {
      const inputs = drawAll(one, 10 + run)
      for (const side of [eager, other]) side.forget()
      const [expected, found] = [eager.step(...inputs), step(...inputs)]
      for (const [k, y] of found.entries()) {
        expect(y.shape).toEqual(expected[k]!.shape)
        expect(
          distance(y, expected[k]!, largest(expected[k]!)),
          `output ${k} of run ${run}`,
        ).toBeLessThanOrEqual(BOUND)
      }
      const gradients = eager.gradients()
      const scale = Math.max(0, ...gradients.map(gradient => (gradient === null ? 0 : largest(gradient))))
      for (const [k, gradient] of other.gradients().entries()) {
        expect(gradient === null).toBe(gradients[k] === null)
        if (gradient !== null)
          expect(distance(gradient, gradients[k]!, scale), `gradient ${k} of run ${run}`).toBeLessThanOrEqual(
            BOUND,
          )
      }
    }
  })
})

test('nothing but what is listed is left to the reference loop', () => {
  expect([...left.keys()].filter(name => !Object.hasOwn(LEFT, name))).toEqual([])
})

afterAll(() => {
  const lines = [...left].map(([name, files]) => `${name.padEnd(28)}${[...files].join(', ')}`)
  if (lines.length > 0)
    console.log(`left to the reference loop in compiled code:\n${lines.sort().join('\n')}`)
})
