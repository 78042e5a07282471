// Runs the examples in the doc comments of every package: each of the imports below registers its tests.
import { test } from 'vitest'

const sources = import.meta.glob('/packages/*/src/**/*.ts', { query: '?doctest' })

for (const [file, register] of Object.entries(sources)) {
  try {
    await register()
  } catch (error) {
    test(file, () => {
      throw error
    })
  }
}
