/** Another commit beside this work tree: unpacked into a temporary folder, built there, and measured by the same bench. */

import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { RequestError } from './options.ts'
import { ROOT } from './subjects.ts'
import { temporaryFolder } from './temporary.ts'

/**
 * Builds a commit with the sources of this bench and returns its workspace. Nothing in the repository changes: no branch,
 * no work tree.
 *
 * @throws RequestError when there is no such commit, or it cannot be installed.
 */
export function buildOther(ref: string): string {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--verify', '--short', `${ref}^{commit}`], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  if (status !== 0) throw new RequestError(`--against takes a commit, and git knows no '${ref}'.`)
  const root = temporaryFolder()
  console.log(`building ${stdout.trim()} in ${root}`)
  const archive = join(root, 'commit.tar')
  run('git', ['archive', '--output', archive, stdout.trim()], ROOT)
  run('tar', ['-xf', archive], root)
  // Installs from the lockfile of that commit, then builds its packages.
  run(process.execPath, ['scripts/pm.mjs', 'build:run'], root)
  const other = join(root, 'packages/bench')
  for (const folder of ['src', 'dist']) rmSync(join(other, folder), { recursive: true, force: true })
  cpSync(join(ROOT, 'packages/bench/src'), join(other, 'src'), { recursive: true })
  // What the commit does not have yet is an error of types here, and of its subjects when they run.
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'packages/bench'], root, true)
  return root
}

function run(file: string, args: readonly string[], cwd: string, mayFail: boolean = false): void {
  const { status, stderr } = spawnSync(file, args, { cwd, encoding: 'utf8', maxBuffer: 1e8 })
  if (status === 0 || mayFail) return
  throw new RequestError(
    `${file} ${args.join(' ')} failed: ${stderr.trim().split('\n').slice(-5).join('\n')}`,
  )
}
