// The kink policy, row by row; the table is printed at the end.
import { AdjointError } from '@adjoint/core'
import * as functional from '@adjoint/core/functional'
import { type KinkRow, kinkPolicy } from '@adjoint/testing/laws'
import { afterAll, describe, expect, test } from 'vitest'

/** Numbers, or the name of the error class that was thrown. */
function observed(row: KinkRow): readonly number[] | string {
  try {
    return row.observe()
  } catch (error) {
    if (error instanceof AdjointError) return error.name
    throw error
  }
}

function show(outcome: readonly number[] | string): string {
  return typeof outcome === 'string'
    ? outcome
    : `[${outcome.map(value => Number(value.toPrecision(6))).join(', ')}]`
}

describe('kink policy', () => {
  const table: string[] = []

  test.each(kinkPolicy)('$case', row => {
    const outcome = observed(row)
    table.push(`${row.op.padEnd(11)} ${row.case.padEnd(56)} ${show(outcome)}`)
    if (typeof row.expected === 'string' || typeof outcome === 'string') {
      expect(outcome).toBe(row.expected)
      return
    }
    expect(outcome).toHaveLength(row.expected.length)
    for (const [i, value] of row.expected.entries()) {
      // Whole numbers, infinities and NaN exactly (-0 as 0), other numbers to 12 digits.
      const got = outcome[i]!
      const isExact = got === value || Object.is(got, value)
      const isSame = isExact || (!Number.isInteger(value) && Math.abs(got - value) <= 1e-12 * Math.abs(value))
      expect(isSame, `entry ${i} is ${got}, the policy says ${value}`).toBe(true)
    }
  })

  test('every case has its own name and names an export of core', () => {
    const cases = kinkPolicy.map(row => row.case)
    expect(new Set(cases).size).toBe(cases.length)
    expect([...new Set(kinkPolicy.map(row => row.op))].filter(op => !(op in functional))).toEqual([])
  })

  afterAll(() => {
    console.log(`kink policy, ${table.length} cases\n${table.join('\n')}`)
  })
})
