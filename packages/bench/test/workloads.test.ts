import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { multiplyAdds } from '../src/limit.ts'
import { readProblem, writeProblem } from '../src/problemFile.ts'
import { relativeDifference } from '../src/statistics.ts'
import { tensorTask } from '../src/subjects/adjointTasks.ts'
import { handWrittenTask } from '../src/subjects/handWrittenTasks.ts'
import { norm } from '../src/worker.ts'
import { valuesOf, WORKLOADS, type Workload } from '../src/workload.ts'

const folder = mkdtempSync(join(tmpdir(), 'adjoint-bench-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function workload(id: string): Workload {
  return WORKLOADS.find(workload => workload.id === id)!
}

describe('workloads', () => {
  it('have names of their own', () => {
    const ids = WORKLOADS.map(({ id }) => id.toLowerCase())
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('begin with the same numbers every time, and no two with the same ones', () => {
    const first = valuesOf(workload('W1a'))
    expect(valuesOf(workload('W1a'))).toEqual(first)
    expect(valuesOf(workload('W1b')).weight1).not.toEqual(first.weight1)
  })

  it('pass through the file unchanged, in arrays that nobody else has', () => {
    const path = writeProblem(folder, workload('W3'))
    const [problem, again] = [readProblem(path), readProblem(path)]
    expect(problem.settings).toEqual(workload('W3').settings)
    const values = valuesOf(workload('W3'))
    expect(Object.keys(problem.arrays)).toEqual(Object.keys(values))
    for (const [name, { shape, data }] of Object.entries(values)) {
      expect(problem.arrays[name]!.shape).toEqual(shape)
      // toEqual walks through typed arrays number by number.
      expect(Buffer.compare(Buffer.from(problem.arrays[name]!.data.buffer), Buffer.from(data.buffer))).toBe(0)
    }
    problem.arrays.X!.data[0] = 7
    expect(again.arrays.X!.data[0]).not.toBe(7)
  })
})

describe('subjects', () => {
  it.each(['W1a', 'W1b', 'W2', 'W5', 'W6-LSTM', 'W6-GRU', 'W7', 'add-1', 'add-16-backward'])(
    'eager code and plain loops come to the same results in %s',
    id => {
      const path = writeProblem(folder, workload(id))
      const { run, inputs } = tensorTask(readProblem(path))
      const byHand = handWrittenTask(readProblem(path))
      for (let step = 0; step < Math.min(3, workload(id).steps); step++) {
        const results = run(...inputs).map(x => (x.size === 1 ? Number(x.data()[0]) : norm(x.data())))
        byHand.step()
        expect(relativeDifference(byHand.read(), results)).toBeLessThanOrEqual(workload(id).tolerance)
      }
    },
  )
})

describe('the limit', () => {
  it('does multiply-adds on every lane until the sums no longer change', () => {
    // x / 2 + 1/4 comes to 1/2 in each of the 12 sums.
    expect(multiplyAdds(12 * 8 * 100, false)!()).toBe(6)
  })
})
