import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { CountReporter } from './scripts/countReporter.ts'
import { docTests, testedPages } from './scripts/doctest/plugin.ts'

const ci = Boolean(process.env.CI)

/** One seed for all property tests of a run: ADJOINT_SEED when given, fixed on CI, else new every time. */
const seed = Number(process.env.ADJOINT_SEED ?? (ci ? 20_260_101 : Math.floor(Math.random() * 2 ** 31)))
if (!Number.isInteger(seed))
  throw new Error(`ADJOINT_SEED must be an integer, not "${process.env.ADJOINT_SEED}"`)

export default defineConfig({
  // Packages resolve to each other's source, so that tests need no build.
  resolve: { conditions: ['@adjoint/source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['@adjoint/source', ...defaultServerConditions] } },
  plugins: [docTests()],
  test: {
    include: ['packages/*/test/**/*.test.ts', 'scripts/**/*.test.ts', ...testedPages()],
    setupFiles: ['scripts/testSetup.ts'],
    env: { ADJOINT_SEED: String(seed) },
    reporters: ['default', new CountReporter(seed)],
    // Some pages of the guide train a network.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    typecheck: {
      enabled: true,
      include: ['packages/*/test/**/*.test-d.ts'],
      tsconfig: 'tsconfig.test.json',
    },
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['packages/{bench,playground}/**'],
    },
  },
})
