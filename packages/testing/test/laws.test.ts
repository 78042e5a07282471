// Every primitive of core against every law that applies to it; the numbers are printed at the end.
import * as engine from '@adjoint/core/engine'
import * as functional from '@adjoint/core/functional'
import { checkLaws, type LawsReport, lawsOf } from '@adjoint/testing/laws'
import { afterAll, describe, expect, test } from 'vitest'

type AnyOp = engine.Op<(...args: never[]) => functional.Tensor>

/** The ops among the exports of core, one for each primitive, by the name of the primitive. */
const ops = new Map<string, AnyOp>()
for (const found of Object.values({ ...functional, ...engine })) {
  if (typeof found === 'function' && 'primitive' in found) {
    const op = found as AnyOp
    ops.set(op.primitive.name, op)
  }
}

const reports: LawsReport[] = []

describe('laws', () => {
  test.each([...ops.keys()].sort())('%s', name => {
    expect(ops.get(name)!.primitive.result, 'a primitive of core has a shape rule').toBeDefined()
    const report = checkLaws(ops.get(name)!, { runs: 50 })
    reports.push(report)
    expect(report.laws).toEqual(lawsOf(ops.get(name)!.primitive).map(law => law.name))
    expect(report.laws.length).toBeGreaterThanOrEqual(5)
  })

  afterAll(() => {
    const laws = new Set(reports.flatMap(report => report.laws))
    const cases = reports.reduce((sum, report) => sum + report.cases, 0)
    console.log(`laws: ${reports.length} primitives, ${laws.size} laws, ${cases} random cases hold`)
  })
})

describe('no op escapes', () => {
  const files = import.meta.glob<Record<string, unknown>>('../../core/src/ops/**/*.ts')

  test('there are op files', () => expect(Object.keys(files).length).toBeGreaterThan(40))

  test.each(Object.entries(files))('%s is an export of functional or engine', async (_, load) => {
    const carried = Object.values(await load()).flatMap(found =>
      typeof found === 'function' && 'primitive' in found ? [found.primitive] : [],
    )
    const checked = new Set<unknown>([...ops.values()].map(op => op.primitive))
    expect(carried.length, 'the file exports an op that carries its primitive').toBeGreaterThan(0)
    expect(carried.filter(primitive => !checked.has(primitive))).toEqual([])
  })
})
