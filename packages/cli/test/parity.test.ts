// The reference cases of PyTorch, group by group; and that wrong numbers, unknown ops and odd cases are called what they are.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { kinkPolicy } from '@adjoint/testing/laws'
import { afterAll, describe, expect, test } from 'vitest'
import type { ParityCase } from '../src/parity/format.ts'
import type { Outcome } from '../src/parity/outcome.ts'
import { decide, type GroupResult, runSet, summaryOf } from '../src/parity/parity.ts'
import { namedRows } from '../src/parity/policy.ts'
import { readSet } from '../src/parity/readSet.ts'
import { describeTable } from '../src/parity/report.ts'

const fixture = readSet(fileURLToPath(new URL('./fixtures/parity', import.meta.url)))
const results: GroupResult[] = []

afterAll(() => console.log(`${describeTable(results)}\n`))

/** How many cases of a group may be not covered, in groups that are all about what core has; others are open. */
const MOST_NOT_COVERED: Readonly<Record<string, number>> = {
  unary: 0,
  binary: 0,
  reduce: 0,
  shape: 0,
  linalg: 0,
  higher: 0,
  lecture: 0,
  // A program with a convolution.
  program: 1,
  // uint8, a layer that does not exist, a remark.
  edge: 18,
}

describe('the cases of PyTorch', () => {
  test.each(fixture.groups)('$group', group => {
    const [result] = [...runSet({ ...fixture, groups: [group] })]
    results.push(result!)
    const failures = result!.decided.flatMap(({ found, outcome }) =>
      outcome.verdict === 'failed' ? [[found.id, ...outcome.differences.slice(0, 2)]] : [],
    )
    expect(failures).toEqual([])
    const { total, passed, convention, notCovered } = summaryOf(result!)
    expect(passed + convention + notCovered).toBe(total)
    expect(notCovered).toBeLessThanOrEqual(MOST_NOT_COVERED[group.group] ?? total)
    for (const { outcome } of result!.decided) {
      if (outcome.verdict === 'notCovered') expect(outcome.reason).not.toMatch(/^no adapter for/)
    }
  })

  test('nothing is missing from the fixture', () => {
    const cases = fixture.groups.flatMap(({ cases }) => cases)
    expect(cases).toHaveLength(1835)
    expect(fixture.groups).toHaveLength(17)
  })

  test('the reference page names every op that differs by convention', () => {
    const page = readFileSync(new URL('../../../docs/reference/parity.md', import.meta.url), 'utf8')
    const differing = results.flatMap(({ decided }) =>
      decided.flatMap(({ found, outcome }) =>
        outcome.verdict === 'convention' && found.kind === 'vjp' ? [found.op] : [],
      ),
    )
    expect(differing.length).toBeGreaterThan(0)
    expect(differing.filter(op => !page.includes(`\`${op}\``))).toEqual([])
  })

  test('the kink policy has the rows that reasons name', () => {
    const rows = kinkPolicy.map(({ case: name }) => name)
    expect(rows).toEqual(expect.arrayContaining([...namedRows]))
  })
})

interface Stored {
  readonly shape: readonly number[]
  readonly data: readonly (number | string)[]
}

/** The fields of cases that these tests change. */
interface Content extends Readonly<Record<'outputs' | 'grads', readonly [Stored, Stored]>> {
  readonly attrs: object
  readonly second: { readonly gradInputs: readonly [Stored]; readonly gradCotangents: readonly [Stored] }
  readonly params: readonly (readonly Stored[])[]
  readonly derivatives: readonly number[]
}

type Change = (record: Content) => object

/** A case of the fixture, with other fields. */
function variant(id: string, change: Change = () => ({})): ParityCase {
  const found = fixture.groups.flatMap(({ cases }) => cases).find(one => one.id === id)
  if (found === undefined) return expect.fail(`the fixture has no ${id}`)
  const changed: Record<string, unknown> = { ...found.record, ...change(found.record as unknown as Content) }
  return {
    ...found,
    op: changed.op as string,
    kind: changed.kind as string,
    attrs: (changed.attrs ?? {}) as Record<string, unknown>,
    tags: (changed.tags ?? []) as string[],
    record: changed,
  }
}

/** The same record, with 0.1 added to the first element of a tensor. */
const off = (stored: Stored): Stored => ({
  ...stored,
  data: [Number(stored.data[0]) + 0.1, ...stored.data.slice(1)],
})

const differencesOf = (outcome: Outcome): readonly string[] =>
  'differences' in outcome ? outcome.differences : []

describe('a planted wrong number is found', () => {
  const planted: readonly [string, Change, RegExp][] = [
    ['in a value', ({ outputs: [y] }) => ({ outputs: [off(y)] }), /^output 0: element 0 of/],
    ['in a gradient', ({ grads: [g] }) => ({ grads: [off(g)] }), /^gradient of input 0: element 0 of/],
    [
      'in a second gradient',
      ({ second }) => ({
        second: { ...second, gradInputs: [off(second.gradInputs[0])] },
      }),
      /^second gradient of input 0: element 0 of/,
    ],
    [
      'in a tangent',
      ({ second }) => ({
        second: { ...second, gradCotangents: [off(second.gradCotangents[0])] },
      }),
      /^second gradient of cotangent 0: element 0 of/,
    ],
    ['in a shape', ({ outputs: [y] }) => ({ outputs: [{ ...y, shape: [1, 12] }] }), /^output 0: shape/],
    [
      'in a dtype',
      ({ outputs: [y] }) => ({ outputs: [{ ...y, dtype: 'float32' }] }),
      /^output 0: dtype float64, expected is float32/,
    ],
  ]

  test.each(planted)('%s', (_, change, message) => {
    const outcome = decide(variant('open/unary/tanh/0', change))
    expect(outcome.verdict).toBe('failed')
    expect(differencesOf(outcome)[0]).toMatch(message)
  })

  test('in a tangent, by forward mode as well', () => {
    const [, change] = planted[3]!
    const differences = differencesOf(decide(variant('open/unary/tanh/0', change)))
    expect(differences.some(text => text.startsWith('tangent of output 0, forward mode'))).toBe(true)
  })

  test.each([
    ['open/higher/scalar_function/0', 'hessian'],
    ['open/higher/scalar_function/0', 'hvp'],
    ['open/higher/vector_function/0', 'jacobian'],
  ])('of %s in its %s', (id, field) => {
    expect(decide(variant(id)).verdict).toBe('passed')
    expect(
      decide(variant(id, record => ({ [field]: off((record as unknown as Record<string, Stored>)[field]!) })))
        .verdict,
    ).toBe('failed')
  })

  test('in a derivative of order 6', () => {
    const wrong = variant('open/higher/derivatives_to_order_6/0', ({ derivatives }) => ({
      derivatives: [...derivatives.slice(0, 6), 0],
    }))
    expect(decide(wrong).verdict).toBe('failed')
  })

  test('in the steps of an optimizer', () => {
    const wrong = variant('open/optim/SGD/0', ({ params }) => {
      const [first, ...others] = params.at(-1)!
      return { params: [...params.slice(0, -1), [off(first!), ...others]] }
    })
    expect(decide(wrong)).toMatchObject({
      verdict: 'failed',
      differences: [expect.stringContaining('after step 20')],
    })
  })

  test('in what random numbers must be', () => {
    const wrong = variant('open/init/xavier_normal_/0', () => ({ expect: { mean: 0, std: 0.2 } }))
    expect(decide(wrong).verdict).toBe('failed')
  })

  test('in a call that must be refused and is not', () => {
    const fine = variant('open/edge/reshape/2', () => ({ attrs: { shape: [3, 2] } }))
    expect(decide(fine)).toMatchObject({
      verdict: 'failed',
      differences: ['it must be refused, and gives a result of shape [3, 2]'],
    })
  })
})

describe('what is not compared is never passed', () => {
  const notCovered = (reason: string | RegExp) => ({
    verdict: 'notCovered',
    reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
  })

  test.each(['tanhh', 'constructor', '__proto__', 'toString'])('the op %s', op => {
    expect(decide(variant('open/unary/tanh/0', () => ({ op })))).toEqual(notCovered(`no adapter for ${op}`))
  })

  test('an attribute that the adapter does not know', () => {
    const odd = variant('open/unary/tanh/0', () => ({ attrs: { approximate: 'fast' } }))
    expect(decide(odd)).toEqual(notCovered('tanh with approximate'))
  })

  test('an attribute of another type', () => {
    const odd = variant('open/reduce/sum/1', ({ attrs }) => ({
      attrs: { ...attrs, dim: 'batch' },
    }))
    expect(decide(odd)).toEqual(notCovered('dim = "batch"'))
  })

  test('a kind, and a formula in another notation', () => {
    expect(decide(variant('open/unary/tanh/0', () => ({ kind: 'dream' })))).toEqual(
      notCovered('cases of kind dream'),
    )
    const odd = variant('open/higher/scalar_function/0', () => ({ formula: 'the sum of x' }))
    expect(decide(odd)).toEqual(notCovered('the formula the sum of x'))
  })

  test('uint8 and whole numbers beyond int32', () => {
    const withInputs = (input: object) =>
      variant('open/unary/neg/0', () => ({ inputs: [input], requiresGrad: [false], grads: [null] }))
    expect(decide(withInputs({ shape: [1], dtype: 'uint8', data: [1] }))).toEqual(notCovered(/uint8/))
    expect(decide(withInputs({ shape: [1], dtype: 'int64', data: [2 ** 40] }))).toEqual(
      notCovered(/beyond the range of int32/),
    )
  })

  test('a case without what its kind needs has failed', () => {
    const outcome = decide(variant('open/unary/tanh/0', () => ({ cotangents: undefined })))
    expect(outcome).toMatchObject({
      verdict: 'failed',
      differences: ['open/unary/tanh/0: cotangents is not a list.'],
    })
  })
})

describe('how binding a case is', () => {
  const ties = 'open/binary/maximum/8'

  test('a derivative at a tie may differ, the value may not', () => {
    expect(decide(variant(ties)).verdict).toBe('passed')
    const other = ({ grads: [g, h] }: Content) => ({ grads: [off(g), h] })
    expect(decide(variant(ties, other)).verdict).toBe('convention')
    expect(decide(variant(ties, record => ({ ...other(record), tags: [] }))).verdict).toBe('failed')
    const wrong = ({ outputs: [y] }: Content) => ({ outputs: [off(y)] })
    expect(decide(variant(ties, wrong)).verdict).toBe('failed')
  })

  test('a derivative of another shape is no convention', () => {
    const wrong = ({ grads: [g, h] }: Content) => ({
      grads: [{ ...g, shape: [1, g.data.length] }, h],
    })
    expect(decide(variant(ties, wrong)).verdict).toBe('failed')
  })

  test('NaN or 0 behind a where, and nothing else', () => {
    const trap = 'open/program/program/6'
    expect(decide(variant(trap)).verdict).toBe('passed')
    // Without the tags the 0 of Adjoint is not the NaN of PyTorch.
    expect(decide(variant(trap, () => ({ tags: [] }))).verdict).toBe('failed')
    const elsewhere = ({ grads: [g] }: Content) => ({
      grads: [{ ...g, data: g.data.map(value => (value === 'NaN' ? value : Number(value) + 1)) }],
    })
    expect(decide(variant(trap, elsewhere)).verdict).toBe('failed')
  })

  test('a known inaccuracy of PyTorch is no free ticket', () => {
    expect(decide(variant('open/unary/hardsigmoid/0')).verdict).toBe('convention')
    const wrong = ({ grads: [g] }: Content) => ({ grads: [off(g)] })
    expect(decide(variant('open/unary/hardsigmoid/0', wrong)).verdict).toBe('failed')
  })
})
