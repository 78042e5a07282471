import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'adjoint-bench-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The bench as a process of its own, from source, with every subject in a further process. */
function bench(...args: string[]) {
  const tsx = createRequire(import.meta.url).resolve('tsx/cli')
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  return spawnSync(process.execPath, [tsx, '--conditions=@adjoint/source', main, ...args], {
    encoding: 'utf8',
  })
}

describe('npm run bench', () => {
  it('measures two subjects in processes of their own and writes the rows as a whole', () => {
    const json = join(folder, 'rows.json')
    const subjects = 'adjoint eager|hand-written JS'
    const args = ['--quick', '--only', 'W1b', '--peers', 'none', '--subjects', subjects, '--json', json]
    const { status, stdout, stderr } = bench(...args)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toContain('W1b: 2-3-1 sigmoid BCE SGD, m = 4')
    expect(readdirSync(folder)).toEqual(['rows.json'])
    const { rows } = JSON.parse(readFileSync(json, 'utf8'))
    expect(rows).toHaveLength(2)
    const byHand = rows.find(({ subject }: { subject: string }) => subject === 'hand-written JS')
    expect(byHand).toEqual({
      workload: 'W1b',
      subject: 'hand-written JS',
      medianMs: expect.any(Number),
      p10: expect.any(Number),
      p90: expect.any(Number),
      ratioToBest: expect.any(Number),
      difference: expect.any(Number),
      agrees: true,
    })
    const eager = rows.find(({ subject }: { subject: string }) => subject === 'adjoint eager')
    expect(eager.agrees).toBe(true)
    for (const { p10, medianMs, p90 } of rows) {
      expect(p10).toBeGreaterThan(0)
      expect(p10).toBeLessThanOrEqual(medianMs)
      expect(medianMs).toBeLessThanOrEqual(p90)
    }
    expect(Math.min(...rows.map(({ ratioToBest }: { ratioToBest: number }) => ratioToBest))).toBe(1)
  })

  it('says what it does not know, without a stack, and fails', () => {
    const { status, stdout, stderr } = bench('--only', 'W99')
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr.trim()).toBe("--only knows no 'w99'; `npm run bench -- --list` shows all names.")
  })
})
