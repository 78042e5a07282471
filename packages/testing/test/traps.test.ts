// Where other libraries return a wrong number, NaN, or throw: ours beside theirs; the table is printed at the end.
import { readFileSync } from 'node:fs'
import { AdjointError } from '@adjoint/core'
import { afterAll, describe, expect, test } from 'vitest'
import { limits, type Outcome, shown, type Trap, trapGroups } from './traps.ts'

const page = readFileSync(new URL('../../../docs/reference/traps.md', import.meta.url), 'utf8')

/** Numbers, a text, or the name of the error class that was thrown. */
function observed(trap: Pick<Trap, 'observe'>): readonly number[] | string {
  try {
    return trap.observe()
  } catch (error) {
    if (error instanceof AdjointError) return error.name
    throw error
  }
}

/** Whole numbers, infinities and NaN exactly (-0 as 0), other numbers to the last but one bit of float32. */
function isSame(got: number, right: number): boolean {
  if (got === right || Object.is(got, right)) return true
  return !Number.isInteger(right) && Math.abs(got - right) <= 2 ** -22 * Math.abs(right)
}

function expectSame(got: readonly number[] | string, right: readonly number[] | string): void {
  if (typeof right === 'string' || typeof got === 'string') {
    expect(got).toBe(right)
    return
  }
  expect(got).toHaveLength(right.length)
  for (const [i, value] of right.entries()) {
    expect(isSame(got[i]!, value), `entry ${i} is ${got[i]}, right is ${value}`).toBe(true)
  }
}

const printed: string[] = []

describe.each(trapGroups)('$title', ({ traps }) => {
  test.each(traps)('$case', trap => {
    const ours = observed(trap)
    printed.push(
      [
        trap.case.padEnd(70),
        oneLine(shown(ours)).padEnd(26),
        ...[trap.tensorflow, trap.jax, trap.jsPytorch, trap.pytorch].map(outcome => cell(outcome).padEnd(24)),
      ].join(' '),
    )
    expectSame(ours, trap.right)
  })
})

describe('limits', () => {
  test.each(limits)('$case', limit => expectSame(limit.observe(), limit.ours))
})

function oneLine(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ')
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}

function cell(outcome: Outcome | undefined): string {
  if (outcome === undefined) return '-'
  return `${{ right: '', convention: '~ ', wrong: '! ' }[outcome.verdict]}${outcome.shown}`
}

function markdownCell(outcome: Outcome | undefined): string {
  if (outcome === undefined) return '–'
  const mark = { right: '', convention: '*', wrong: '**' }[outcome.verdict]
  return `${mark}${outcome.shown}${mark}`
}

function rightCell({ right, observe }: Trap): string {
  if (typeof right !== 'string') return shown(right)
  return right.endsWith('Error') ? `throws \`${right}\`` : `\`${oneLine(observe() as string)}\``
}

function tableOf(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n')
}

describe('docs/reference/traps.md', () => {
  test.each(trapGroups)('has the table: $title', ({ title, traps }) => {
    const table = tableOf(
      ['case', 'right, and ours', 'because', 'TensorFlow.js', 'jax-js', 'js-pytorch', 'PyTorch'],
      traps.map(trap => [
        trap.case,
        rightCell(trap),
        trap.known,
        ...[trap.tensorflow, trap.jax, trap.jsPytorch, trap.pytorch].map(markdownCell),
      ]),
    )
    expect(page).toContain(`## ${title}\n\n${table}\n`)
  })

  test('has the table of the limits', () => {
    const rows = limits.map(limit => [limit.case, shown(limit.ours), limit.instead])
    expect(page).toContain(`\n${tableOf(['case', 'ours', 'instead'], rows)}\n`)
  })

  test('counts what is wrong elsewhere', () => {
    const traps = trapGroups.flatMap(group => group.traps)
    const count = (pick: (trap: Trap) => Outcome | undefined): number =>
      traps.filter(trap => pick(trap)?.verdict === 'wrong').length
    expect(page).toContain(
      `${traps.length} cases; wrong in TensorFlow.js ${count(trap => trap.tensorflow)}, in jax-js ${count(trap => trap.jax)}, in js-pytorch ${count(trap => trap.jsPytorch)}, in PyTorch 1.13 ${count(trap => trap.pytorch)}.`,
    )
  })
})

test('every case has its own name and a reason', () => {
  const traps = trapGroups.flatMap(group => group.traps)
  expect(new Set(traps.map(trap => trap.case)).size).toBe(traps.length)
  expect(traps.filter(trap => trap.known === '')).toEqual([])
})

afterAll(() => {
  const titles = ['case'.padEnd(70), 'ours'.padEnd(26), 'TensorFlow.js 4.22.0'.padEnd(24)]
  titles.push('jax-js 0.1.25'.padEnd(24), 'js-pytorch 0.7.2'.padEnd(24), 'PyTorch 1.13')
  console.log(
    `traps, ${printed.length} cases; ! is wrong, ~ another convention, - was not run\n${titles.join(' ')}\n${printed.join('\n')}`,
  )
})
