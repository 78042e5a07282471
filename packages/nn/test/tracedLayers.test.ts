// Every layer, activation and loss in a function that is traced: the same outputs, gradients and memory as without.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { CASES, drawAll, setUp } from './layerCases.ts'
import { replayed } from './replayed.ts'

/** Files without a case, and why. */
const WITHOUT_CASE: Readonly<Record<string, string>> = {
  'layers/moduleRecord': 'holds modules and calls none',
  'layers/recurrent': 'what recurrent layers share',
  'losses/classes': 'what losses of classes share, no loss itself',
  'losses/loss': 'what all losses share, no loss itself',
}

test('every layer, activation and loss has a case, or a reason', () => {
  const source = fileURLToPath(new URL('../src/', import.meta.url))
  const files = ['activations', 'layers', 'losses'].flatMap(folder =>
    readdirSync(`${source}${folder}`).map(name => `${folder}/${name.slice(0, -'.ts'.length)}`),
  )
  expect([...Object.keys(CASES), ...Object.keys(WITHOUT_CASE)].sort()).toEqual(files.sort())
})

describe.each(Object.entries(CASES).filter(([, cases]) => cases.length > 0))('%s', (_, cases) => {
  test.each(cases.map((one, i) => [i, one] as const))('case %i', (_, one) => {
    const [eager, traced] = [setUp(one), setUp(one)]
    const step = replayed(traced.step)
    for (let run = 0; run < 3; run++) {
      const inputs = drawAll(one, 10 + run)
      for (const side of [eager, traced]) side.forget()
      const expected = eager.step(...inputs)
      expect(JSON.stringify(step(...inputs))).toBe(JSON.stringify(expected))
      expect(traced.left()).toBe(eager.left())
    }
    expect(step.traces).toBe(1)
  })
})
