// Opens a test run with its seed and closes it with one line that people and machines can read.
import type { Reporter, TestModule } from 'vitest/node'

/** Prints `N passed, N failed` last, what was skipped before it; files and promises that broke outside a test count as failed. */
export class CountReporter implements Reporter {
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = seed
  }

  onTestRunStart(): void {
    console.log(`property tests use ADJOINT_SEED=${this.#seed}`)
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = countTests(modules, unhandledErrors)
    if (counts.failed > 0) console.log(`\nrun these property tests again with ADJOINT_SEED=${this.#seed}`)
    if (counts.skipped > 0) console.log(`${counts.skipped} skipped, for the reasons that stand above`)
    console.log(closingLine(counts))
  }
}

interface Counts {
  passed: number
  failed: number
  skipped: number
}

type Counted = Pick<TestModule, 'errors' | 'children'>

export function countTests(modules: readonly Counted[], unhandledErrors: readonly unknown[]): Counts {
  const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
  for (const module of modules) {
    counts.failed += module.errors().length
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      counts[state === 'pending' ? 'skipped' : state] += 1
    }
  }
  return counts
}

export function closingLine({ passed, failed }: Counts): string {
  return `${passed} passed, ${failed} failed`
}
