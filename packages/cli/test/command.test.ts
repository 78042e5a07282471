import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryFolder } from './support.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Runs the command as `npm run demo` does, in an empty folder. */
function adjoint(...args: string[]): {
  status: number | null
  stdout: string
  stderr: string
  files: string[]
} {
  const cwd = temporaryFolder()
  const tsx = fileURLToPath(new URL('../../../node_modules/tsx/dist/cli.mjs', import.meta.url))
  const command = [tsx, '--conditions=@adjoint/source', `${root}packages/cli/src/main.ts`, ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd, encoding: 'utf8' })
  return { status, stdout, stderr, files: readdirSync(cwd) }
}

test('--help names the options', () => {
  const { status, stdout } = adjoint('demo', '--help')
  expect(status).toBe(0)
  for (const option of ['--quick', '--json', '--out', '--seed']) expect(stdout).toContain(option)
})

test.each([
  [['--seed', 'x'], '--seed takes a whole number from 0 to 2^53 - 1, got "x".'],
  [['--fast'], 'there is no option --fast'],
  [['more'], '"more" is too much'],
])('%j is refused with a sentence, and nothing is written', (args, message) => {
  const { status, stdout, stderr, files } = adjoint('demo', ...args)
  expect(stderr).toContain(`adjoint demo: `)
  expect(stderr).toContain(message)
  expect(stderr).not.toMatch(/^\s+at /m)
  expect({ status, stdout, files }).toEqual({ status: 1, stdout: '', files: [] })
})
