// The reference cases of PyTorch, group by group; and that wrong numbers, unknown ops and odd cases are called what they are.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { kinkPolicy } from '@adjoint/testing/laws'
import { afterAll, describe, expect, test } from 'vitest'
import { classOf } from '../src/parity/classes.ts'
import type { ParityCase } from '../src/parity/format.ts'
import type { Outcome } from '../src/parity/outcome.ts'
import { decide, type GroupResult, runSet, summaryOf } from '../src/parity/parity.ts'
import { type ChoiceKind, policyFor } from '../src/parity/policy.ts'
import { readSet } from '../src/parity/readSet.ts'
import { describeNotCovered, describeTable } from '../src/parity/report.ts'

const fixture = readSet(fileURLToPath(new URL('./fixtures/parity', import.meta.url)))
const results: GroupResult[] = []

afterAll(() => console.log(`${describeTable(results)}\n`))

/** How many cases of each group pass, differ by convention, and are not covered. */
const COUNTS: Readonly<Record<string, readonly [passed: number, convention: number, notCovered: number]>> = {
  unary: [348, 20, 0],
  binary: [147, 4, 0],
  reduce: [300, 0, 0],
  shape: [146, 0, 0],
  linalg: [97, 0, 0],
  nn_core: [59, 0, 0],
  nn_conv_pool: [57, 0, 0],
  nn_norm: [31, 0, 0],
  nn_rnn_attention: [34, 0, 0],
  nn_loss: [132, 3, 0],
  optim: [70, 0, 0],
  lr_sched: [25, 0, 0],
  higher: [55, 0, 0],
  lecture: [26, 0, 0],
  init: [64, 0, 0],
  program: [76, 0, 0],
  edge: [118, 6, 17],
}

/** The cases that differ by convention, without the name of the set. */
const CONVENTIONS = [
  'unary/hardsigmoid/0',
  'unary/hardsigmoid/1',
  'unary/hardsigmoid/3',
  'unary/abs/4',
  'unary/atanh/3',
  'unary/relu/4',
  'unary/elu/3',
  'unary/selu/4',
  'unary/celu/3',
  'unary/hardtanh/3',
  'unary/hardsigmoid/4',
  'unary/hardswish/4',
  'unary/relu6/4',
  'unary/softshrink/3',
  'unary/hardshrink/4',
  'unary/threshold/2',
  'unary/digamma/7',
  'unary/selu/5',
  'unary/hardsigmoid/5',
  'unary/hardswish/5',
  'binary/maximum/9',
  'binary/minimum/9',
  'binary/fmax/3',
  'binary/fmin/4',
  'nn_loss/binary_cross_entropy/6',
  'nn_loss/smooth_l1_loss/6',
  'nn_loss/huber_loss/6',
  'edge/relu/0',
  'edge/abs/0',
  'edge/hardtanh/0',
  'edge/autograd_fact/1',
  'edge/autograd_fact/4',
  'edge/autograd_fact/6',
]

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
    expect([passed, convention, notCovered]).toEqual(COUNTS[group.group])
    for (const { outcome } of result!.decided) {
      if (outcome.verdict === 'notCovered') expect(outcome.reason).not.toMatch(/^no adapter for/)
    }
  })

  test('nothing is missing from the fixture', () => {
    const cases = fixture.groups.flatMap(({ cases }) => cases)
    expect(cases).toHaveLength(1835)
    expect(fixture.groups.map(({ group }) => group)).toEqual(Object.keys(COUNTS))
  })

  const hasEntry = (op: string, choice: ChoiceKind): boolean =>
    policyFor(op, choice).reason !== policyFor('none', choice).reason
  const page = readFileSync(new URL('../../../docs/reference/parity.md', import.meta.url), 'utf8')
  const differing = () =>
    results.flatMap(({ decided }) =>
      decided.flatMap(({ found, outcome }) =>
        outcome.verdict === 'convention' ? [{ ...found, choice: outcome.choice }] : [],
      ),
    )

  test('those that differ by convention are these', () => {
    expect(differing().map(({ id }) => id)).toEqual(CONVENTIONS.map(id => `open/${id}`))
  })

  test('the reference page names every op that differs by convention', () => {
    const ops = differing().flatMap(({ kind, op }) => (kind === 'vjp' ? [op] : []))
    expect(ops.filter(op => !page.includes(`\`${op}\``))).toEqual([])
  })

  test('the reference page lists what is not covered, as the command prints it', () => {
    const printed = Array.from(
      describeNotCovered(results).matchAll(/not covered: (.+) \((\d+)\)$/gm),
      ([, reason, count]) => `${reason}: ${count}`,
    )
    const [, section] = page.split('## What is not covered')
    const listed = Array.from(
      section!.matchAll(/^\| (.+?) +\| +(\d+) \|$/gm),
      ([, reason, count]) => `${reason}: ${count}`,
    )
    expect(listed.sort()).toEqual(printed.sort())
    expect(page).toContain(`PyTorch ${fixture.torch} `)
  })

  test('each of them has a reason of its own in the policy', () => {
    const general = differing().filter(({ op, choice }) => choice && !hasEntry(op, choice))
    expect(general.map(({ id }) => id)).toEqual([])
  })

  test('the kink policy has the rows that reasons name', () => {
    const rows = kinkPolicy.map(({ case: name }) => name)
    const named = differing().flatMap(({ op, choice }) => (choice && policyFor(op, choice).row) ?? [])
    expect(named).toContain('selu at 0')
    expect(rows).toEqual(expect.arrayContaining(named))
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

/** A case of the fixture. */
function fixtureCase(id: string): ParityCase {
  const found = fixture.groups.flatMap(({ cases }) => cases).find(one => one.id === id)
  return found ?? expect.fail(`the fixture has no ${id}`)
}

/** A case of the fixture, with other fields. */
function variant(id: string, change: Change = () => ({})): ParityCase {
  const found = fixtureCase(id)
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

  /** The case with a first gradient that begins with another number. */
  const withGradient = (id: string, first: number, changes: object = {}): ParityCase => {
    const { tags } = fixtureCase(id)
    return variant(id, ({ grads: [g, ...others] }) => ({
      grads: [{ ...g, data: [first, ...g.data.slice(1)] }, ...others],
      tags,
      ...changes,
    }))
  }
  test('a derivative at a tie may differ within what a tie leaves open, the value may not', () => {
    const { record } = fixtureCase(ties)
    const [cotangent] = (record as unknown as { cotangents: readonly Stored[] }).cotangents
    const c = Number(cotangent!.data[0])
    expect(decide(fixtureCase(ties)).verdict).toBe('passed')
    // All of it to one operand is a choice; one and a half times as much, or the other sign, is a mistake.
    expect(decide(withGradient(ties, c)).verdict).toBe('convention')
    expect(decide(withGradient(ties, 0)).verdict).toBe('convention')
    expect(decide(withGradient(ties, 1.5 * c)).verdict).toBe('failed')
    expect(decide(withGradient(ties, -0.1 * c)).verdict).toBe('failed')
    expect(decide(withGradient(ties, c, { tags: [] })).verdict).toBe('failed')
    const wrong = ({ outputs: [y] }: Content) => ({ outputs: [off(y)], tags: fixtureCase(ties).tags })
    expect(decide(variant(ties, wrong)).verdict).toBe('failed')
  })

  test('a derivative beside a kink may not differ', () => {
    // The first element is a kink, the last one is not.
    const id = 'open/unary/relu/5'
    const { data } = (fixtureCase(id).record as unknown as { inputs: readonly Stored[] }).inputs[0]!
    expect(data[0]).toBe(0)
    const plus = (at: number) => (record: Content) => ({
      tags: fixtureCase(id).tags,
      grads: record.grads.map(g => ({
        ...g,
        data: g.data.map((value, i) => (i === at ? Number(value) + 0.01 : value)),
      })),
    })
    const regular = data.findIndex(x => Number(x) !== 0)
    expect(decide(variant(id, plus(regular))).verdict).toBe('failed')
  })

  const finite = (tensors: readonly (Stored | null)[]): boolean =>
    tensors.some(x => x?.data.some(value => typeof value === 'number'))
  const plus1000 = (x: Stored | null): Stored | null =>
    x && { ...x, data: x.data.map(value => (typeof value === 'number' ? value + 1000 : value)) }

  test('whatever the tags, 1000 more in the gradients fails', () => {
    const open = results.flatMap(({ decided }) =>
      decided.flatMap(({ found, outcome }) => {
        const { grads } = found.record as unknown as { grads?: (Stored | null)[] }
        const counts = outcome.verdict !== 'notCovered' && found.kind === 'vjp' && finite(grads!)
        return classOf(found.tags).convention && counts ? [{ found, grads: grads! }] : []
      }),
    )
    expect(open.length).toBeGreaterThan(140)
    const survivors = open.filter(
      ({ found, grads }) =>
        decide({ ...found, record: { ...found.record, grads: grads.map(plus1000) } }).verdict !== 'failed',
    )
    expect(survivors.map(({ found }) => found.id)).toEqual([])
  })

  test('whatever the tags, 1000 more in the second gradients or the tangents fails', () => {
    type Second = Readonly<Record<'gradInputs' | 'gradCotangents', (Stored | null)[]>>
    const open = results.flatMap(({ decided }) =>
      decided.flatMap(({ found, outcome }) => {
        const second = found.record.second as Second | null | undefined
        return classOf(found.tags).convention && outcome.verdict !== 'notCovered' && second
          ? [{ found, second }]
          : []
      }),
    )
    expect(open.length).toBeGreaterThan(30)
    for (const field of ['gradInputs', 'gradCotangents'] as const) {
      const survivors = open.filter(({ found, second }) => {
        const changed = { ...second, [field]: second[field].map(plus1000) }
        return decide({ ...found, record: { ...found.record, second: changed } }).verdict !== 'failed'
      })
      expect(survivors.map(({ found }) => found.id)).toEqual([])
    }
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
