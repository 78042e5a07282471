import { expect, test } from 'vitest'
import { closingLine, countTests } from './countReporter.ts'

type Counted = Parameters<typeof countTests>[0][number]

function fakeModule(states: readonly string[], errors: readonly string[] = []): Counted {
  return {
    errors: () => errors,
    children: { allSuites: () => [], allTests: () => states.map(state => ({ result: () => ({ state }) })) },
  } as unknown as Counted
}

test('the closing line counts tests', () => {
  const counts = countTests([fakeModule(['passed', 'failed']), fakeModule(['passed'])], [])
  expect(closingLine(counts)).toBe('2 passed, 1 failed')
})

test('a test that did not run is skipped, and has neither passed nor failed', () => {
  const counts = countTests([fakeModule(['skipped', 'pending', 'passed'])], [])
  expect(counts).toEqual({ passed: 1, failed: 0, skipped: 2 })
  expect(closingLine(counts)).toBe('1 passed, 0 failed')
})

test('a file that cannot be loaded and an error outside all tests are failures', () => {
  expect(closingLine(countTests([fakeModule([], ['syntax'])], ['rejection']))).toBe('0 passed, 2 failed')
})
