import { describe, expect, it } from 'vitest'
import { checkAims, showAim } from '../src/aims.ts'
import { chosen, readOptions, SECTIONS } from '../src/options.ts'
import { chosenPeers, PEER_NAMES } from '../src/peers.ts'
import { figure, summaryTable, workloadTable } from '../src/report.ts'
import type { Row } from '../src/statistics.ts'
import { WORKLOADS } from '../src/workload.ts'

function row(workload: string, subject: string, medianMs: number, agrees: boolean = true): Row {
  const difference = agrees ? 0 : 1
  return { workload, subject, medianMs, p10: medianMs, p90: medianMs, ratioToBest: 1, difference, agrees }
}

describe('arguments', () => {
  it('refuses what it does not know, and says what there is', () => {
    expect(() => readOptions(['--fast'])).toThrow(/--fast[\s\S]*--quick/)
    expect(() => readOptions(['W3'])).toThrow('npm run bench -- [options]')
    expect(() => chosen(['w99'], WORKLOADS)).toThrow("--only knows no 'w99'")
    expect(() => chosenPeers('tfjs,keras')).toThrow(/none, all, tfjs.*not 'keras'/)
  })

  it('finds workloads by name in any case and by group, and sections', () => {
    const { only } = readOptions(['--only', 'w3,W6,Memory'])
    const { workloads, sections } = chosen(only, WORKLOADS)
    expect(workloads.map(({ id }) => id)).toEqual(['W3', 'W6-LSTM', 'W6-GRU'])
    expect(sections).toEqual(['memory'])
  })

  it('takes everything when nothing is chosen', () => {
    expect(chosen(undefined, WORKLOADS)).toEqual({ workloads: WORKLOADS, sections: SECTIONS })
    expect(chosenPeers('all')).toEqual(new Set(PEER_NAMES))
    expect(chosenPeers('none').size).toBe(0)
    expect(chosenPeers('tfjs, numpy')).toEqual(new Set(['tfjs', 'numpy']))
  })
})

describe('tables', () => {
  it('show three digits whatever the size', () => {
    expect([0, 0.000123456, 0.5, 12.345, 1234.5].map(figure)).toEqual([
      '0',
      '0.000123',
      '0.500',
      '12.3',
      '1235',
    ])
  })

  it('mark what is wrong', () => {
    const rows = [row('W3', 'a', 2), row('W3', 'b', 1, false), row('W4', 'a', 30)]
    expect(workloadTable(rows.slice(0, 2), undefined)).toContain('b (WRONG)')
    expect(workloadTable(rows.slice(0, 1), 4e6)).toContain('2.0')
    expect(summaryTable(rows)).toBe(
      ['ms     A       B', 'W3  2.00  (1.00)', 'W4  30.0', '', 'A a', 'B b'].join('\n'),
    )
  })
})

describe('aims', () => {
  const find = (rows: readonly Row[], start: string) =>
    checkAims(rows).find(({ aim }) => aim.startsWith(start))!

  it('compare with the better of PyTorch, and are not measured without it', () => {
    const rows = [
      row('W3', 'adjoint compiled', 4),
      row('W3', 'PyTorch, 1 thread', 4),
      row('W3', 'PyTorch, 2 threads', 2),
    ]
    expect(find(rows, 'W3: compiled, one thread')).toMatchObject({ measured: 2, bound: 1.6, isMet: false })
    const without = find(rows.slice(0, 1), 'W3: compiled, one thread')
    expect(without.isMet).toBeUndefined()
    expect(showAim(without)).toContain('not measured')
  })

  it('never count a subject that is wrong', () => {
    const rows = [row('W1a', 'adjoint compiled', 1, false), row('W1a', 'hand-written JS', 4)]
    expect(find(rows, 'W1a: compiled over hand').measured).toBeUndefined()
  })

  it('take the least share of the limit', () => {
    const limit = (id: string, ms: number): Row => ({
      ...row(id, 'limit: WebAssembly multiply, add', ms, false),
      difference: null,
    })
    const rows = [
      limit('W8', 4),
      row('W8', 'adjoint eager', 5),
      limit('matmul-768-left', 6),
      row('matmul-768-left', 'adjoint compiled', 12),
    ]
    expect(find(rows, 'matmul')).toMatchObject({ measured: 0.5, isMet: false })
  })

  it('of two figures takes the difference', () => {
    const rows = [row('add-1', 'adjoint eager', 0.0001), row('add-1-backward', 'adjoint eager', 0.0004)]
    expect(find(rows, 'its backward').measured).toBeCloseTo(0.3)
    expect(find(rows, 'its backward').isMet).toBe(true)
  })
})
