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
  // The library that prints help takes the last three as a reason for no colours, too.
  const { NO_COLOR, TERM, TEST, CI, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd, env, encoding: 'utf8' })
  return { status, stdout, stderr, files: readdirSync(cwd) }
}

test('--help names the options', () => {
  const { status, stdout } = adjoint('demo', '--help')
  expect(status).toBe(0)
  for (const option of ['--quick', '--json', '--out', '--seed']) expect(stdout).toContain(option)
  // No terminal reads it here, so no colours.
  expect(stdout).not.toContain(String.fromCharCode(27))
})

test.each([
  [['--seed', 'x'], '--seed takes a whole number from 0 to 2^53 - 1, got "x".'],
  [['--fast'], 'there is no option --fast; options are --quick, --seed, --out, --json.'],
  [['-q'], 'there is no option -q;'],
  [['--speed=3'], 'there is no option --speed;'],
  [['--no-charts'], 'there is no option --no-charts;'],
  [['more'], 'unexpected argument "more"'],
  [['--out', fileURLToPath(import.meta.url)], `cannot write ${fileURLToPath(import.meta.url)}`],
])('%j is refused with a sentence, and nothing is written', (args, message) => {
  const { status, stdout, stderr, files } = adjoint('demo', ...args)
  expect(stderr).toContain(`adjoint demo: `)
  expect(stderr).toContain(message)
  expect(stderr).not.toMatch(/^\s+at /m)
  expect({ status, stdout, files }).toEqual({ status: 1, stdout: '', files: [] })
})

test.each([
  [['cats'], 'there is no task "cats"; tasks are digits, co2, breast-cancer, reversal.'],
  [['digits', 'co2'], 'unexpected argument "co2"'],
  [['--fast'], 'there is no option --fast;'],
])('train %j is refused with a sentence', (args, message) => {
  const { status, stderr } = adjoint('train', ...args)
  expect(stderr).toContain(`adjoint train: `)
  expect(stderr).toContain(message)
  expect(status).toBe(1)
})
