// Runs a script of package.json on a machine that has only Node and npm: installs the workspace first when
// that is needed, with the pnpm version that package.json names, then calls the tools in node_modules/.bin.
//
//   node scripts/pm.mjs demo:run --quick --json out.json
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const installed = join(root, 'node_modules', '.modules.yaml')
const lockfile = join(root, 'pnpm-lock.yaml')
const say = text => console.error(`[adjoint] ${text}`)
const fail = text => {
  say(text)
  process.exit(1)
}

/** The environment without the settings that an outer `npm run` adds: pnpm would read them as its own. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(config|package|lifecycle)_/i.test(name)),
)

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22
  if (!fits)
    fail(`Node ${process.versions.node} does not fit: this workspace needs Node ${manifest.engines.node}.`)
}

function isInstalled() {
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs
}

function install() {
  const [, wanted] = manifest.packageManager.split('@')
  // A pnpm of another version would download the wanted one by itself; npx does that in plain sight.
  const own = spawnSync('pnpm --version', {
    cwd: root,
    encoding: 'utf8',
    env: { ...environment, npm_config_manage_package_manager_versions: 'false' },
    shell: true,
  })
  const pnpm = own.stdout?.trim() === wanted ? 'pnpm' : `npx --yes ${manifest.packageManager}`
  const command = `${pnpm} install --frozen-lockfile --prefer-offline --reporter=append-only`
  say(`installing the workspace (once): ${command}`)
  const { status } = spawnSync(command, {
    cwd: root,
    env: environment,
    // Standard output belongs to the script that runs next, so that it can be piped.
    stdio: ['inherit', 2, 2],
    shell: true,
  })
  if (status !== 0 || !existsSync(installed))
    fail(
      `the install failed (exit code ${status}), so "${process.argv[2]}" was not started.\n` +
        `Its messages are above; after mending the cause run the same command again.\n` +
        `If the lockfile is out of date: npx ${manifest.packageManager} install`,
    )
  const now = new Date()
  utimesSync(installed, now, now)
}

function quote(argument) {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument
  if (process.platform === 'win32') return `"${argument.replaceAll('"', '\\"')}"`
  return `'${argument.replaceAll("'", `'\\''`)}'`
}

function run(name, args) {
  const script = manifest.scripts[name]
  if (!script) fail(`no script "${name}" in package.json`)
  const command = [script, ...args.map(quote)].join(' ')
  say(command)
  const path = join(root, 'node_modules', '.bin') + delimiter + process.env.PATH
  const { status, signal } = spawnSync(command, {
    cwd: root,
    env: { ...environment, PATH: path },
    stdio: 'inherit',
    shell: true,
  })
  process.exit(status ?? 128 + (constants.signals[signal] ?? 1))
}

const [name, ...args] = process.argv.slice(2)
if (!name) fail('usage: node scripts/pm.mjs <script> [arguments]')
requireNode()
if (!isInstalled()) install()
run(name, args)
