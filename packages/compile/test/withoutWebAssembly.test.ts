/** An engine without WebAssembly: functions run as they stand. */

import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test('a compiled function runs as it stands, and asking for its program says why there is none', async () => {
  vi.stubGlobal('WebAssembly', undefined)
  vi.resetModules()
  const { GraphError, tensor } = await import('@adjoint/core')
  const { compile } = await import('../src/index.ts')
  const run = compile((x: ReturnType<typeof tensor>) => x.mul(2).sum())
  expect(run(tensor([1, 2])).item()).toBe(6)
  expect(run.programs).toBe(0)
  expect(() => run.programFor(tensor([1, 2]))).toThrow(GraphError)
  expect(() => run.programFor(tensor([1, 2]))).toThrow('no WebAssembly with vectors')
})
