/** `npm run bench`: every workload by every subject, in one run. */

import { renameSync, writeFileSync } from 'node:fs'
import { buildOther } from './against.ts'
import { checkAims, showAim } from './aims.ts'
import { describeMachine, showMachine } from './machine.ts'
import { type Effort, measureWorkload, QUICK, type Runnable, THOROUGH } from './measure.ts'
import { chosen, type Options, RequestError, readOptions, SECTIONS, type Section, USAGE } from './options.ts'
import { chosenPeers } from './peers.ts'
import { writeProblem } from './problemFile.ts'
import { figure, memoryTable, summaryTable, table, workloadTable } from './report.ts'
import { coldStarts, firstCalls, type MemorySample, memoryOver } from './sections.ts'
import { type Row, rowsOf } from './statistics.ts'
import { ROOT, SUBJECTS, type Subject } from './subjects.ts'
import { temporaryFolder } from './temporary.ts'
import { WORKLOADS, type Workload } from './workload.ts'

/** One run: what was asked for, and what came of it so far. */
class Bench {
  readonly #options: Options
  readonly #effort: Effort
  readonly #subjects: readonly Subject[]
  readonly #folder = temporaryFolder()
  readonly #problems = new Map<string, string>()
  /** Subjects that were found to be able to do nothing. */
  readonly #missing = new Set<string>()
  /** Reasons that were printed. */
  readonly #said = new Set<string>()
  readonly #about = new Map<string, string>()
  readonly rows: Row[] = []
  readonly memory: MemorySample[] = []
  readonly peak: MemorySample[] = []

  constructor(options: Options, subjects: readonly Subject[]) {
    this.#options = options
    this.#effort = options.quick ? QUICK : THOROUGH
    this.#subjects = subjects
  }

  /** Versions of what did the work. */
  get about(): ReadonlyMap<string, string> {
    return this.#about
  }

  async measure(workload: Workload): Promise<void> {
    const runnables = this.#runnables(subject => subject.families.includes(workload.family))
    const outcome = await measureWorkload(this.#problemOf(workload), workload.steps, runnables, this.#effort)
    for (const name of outcome.missing) this.#missing.add(name)
    for (const [name, about] of outcome.about) this.#about.set(name, about)
    const rows = rowsOf(workload.id, outcome.measured, workload.tolerance)
    this.rows.push(...rows)
    const compared = workload.steps === 1 ? 'results' : `losses of ${workload.steps} steps`
    console.log(`\n${workload.id}: ${workload.title} (${compared} agree within ${workload.tolerance})`)
    for (const [name, reason] of outcome.unavailable) this.#say(name, reason)
    if (rows.length > 0) console.log(workloadTable(rows, workload.flops))
  }

  async section(section: Section): Promise<void> {
    if (section === 'compile') await this.#firstCalls()
    else if (section === 'coldStart') await this.#coldStarts()
    else await this.#memory(section)
  }

  /** This work tree beside another commit: the same subjects, in turns. */
  async compare(workload: Workload, other: string): Promise<void> {
    const subjects = this.#subjects.filter(
      subject => subject.isAdjoint && subject.families.includes(workload.family),
    )
    const runnables = subjects.flatMap(({ name, command }): Runnable[] =>
      [other, ROOT].flatMap(root => {
        const found = command('worker', root)
        if ('unavailable' in found) return []
        return [{ name: `${name}, ${root === ROOT ? 'new' : 'old'}`, command: found, isLimit: false }]
      }),
    )
    const outcome = await measureWorkload(this.#problemOf(workload), workload.steps, runnables, this.#effort)
    for (const [name, reason] of outcome.unavailable) this.#say(name, reason)
    const rows = rowsOf(workload.id, outcome.measured, workload.tolerance)
    this.rows.push(...rows)
    const median = (name: string): number =>
      rows.find(({ subject }) => subject === name)?.medianMs ?? Number.NaN
    const lines = subjects.flatMap(({ name }) => {
      const [old, now] = [median(`${name}, old`), median(`${name}, new`)]
      return Number.isNaN(old + now) ? [] : [[name, figure(old), figure(now), (now / old).toFixed(2)]]
    })
    console.log(`\n${workload.id}: ${workload.title}`)
    console.log(table([['subject', 'old ms', 'new ms', 'new / old'], ...lines], 3))
    const wrong = rows.filter(({ agrees }) => !agrees).map(({ subject }) => subject)
    if (wrong.length > 0) console.log(`WRONG: ${wrong.join('; ')}`)
  }

  async #firstCalls(): Promise<void> {
    const compilers = ['adjoint eager', 'adjoint compiled', 'jax-js jit']
    const report = (name: string, reason: string): void => this.#say(name, reason)
    for (const id of ['W3', 'W6-LSTM', 'W6-GRU']) {
      const workload = WORKLOADS.find(workload => workload.id === id)!
      const runnables = this.#runnables(({ name }) => compilers.includes(name))
      const problem = this.#problemOf(workload)
      const rows = await firstCalls(`compile ${id}`, problem, runnables, this.#effort, report)
      this.rows.push(...rows)
      console.log(`\ncompile ${id}: the first call in a new process, with all that is made for it`)
      if (rows.length > 0) console.log(workloadTable(rows, undefined))
    }
  }

  async #coldStarts(): Promise<void> {
    // Settings that a first gradient does not feel.
    const isSetting = (name: string): boolean => name.includes('BLAS') || name.includes('threads')
    const runnables = this.#runnables(
      ({ isLimit, name }) => !isLimit && !isSetting(name) && name !== 'hand-written JS',
      'coldStart',
    )
    const bare: Runnable = {
      name: 'bare node',
      command: { file: process.execPath, args: ['-e', '0'] },
      isLimit: true,
    }
    const rounds = this.#options.quick ? 3 : 15
    const rows = await coldStarts([bare, ...runnables], rounds, (name, reason) => this.#say(name, reason))
    this.rows.push(...rows)
    console.log('\ncoldStart: from the start of a process to its end, with one gradient')
    console.log(workloadTable(rows, undefined))
  }

  async #memory(section: 'peak' | 'memory'): Promise<void> {
    const isPeak = section === 'peak'
    const workload = WORKLOADS.find(({ id }) => id === (isPeak ? 'W3' : 'W1b'))!
    const steps = (isPeak ? 1000 : 1_000_000) / (this.#options.quick ? 10 : 1)
    const seconds = this.#options.quick ? 10 : 120
    const runnables = this.#runnables(({ isAdjoint, isLimit, families, name }) =>
      isPeak
        ? !isLimit && families.includes(workload.family)
        : isAdjoint && !name.includes('BLAS') && !name.includes('threads'),
    )
    const samples: MemorySample[] = []
    for (const runnable of runnables) {
      const problem = this.#problemOf(workload)
      const report = (name: string, reason: string): void => this.#say(name, reason)
      samples.push(...(await memoryOver(runnable, problem, steps, isPeak ? 1 : 10, seconds, report)))
    }
    this[section].push(...samples)
    const title = isPeak ? 'peak memory' : 'memory'
    const limit = `${steps.toLocaleString('en')} steps of ${workload.id}, at most ${seconds} s`
    console.log(`\n${section}: ${title} over ${limit}`)
    if (samples.length > 0) console.log(memoryTable(samples))
  }

  /** The subjects that are meant and can be started; the others are named once, with the reason. */
  #runnables(isMeant: (subject: Subject) => boolean, role: 'worker' | 'coldStart' = 'worker'): Runnable[] {
    const left = this.#subjects.filter(subject => isMeant(subject) && !this.#missing.has(subject.name))
    return left.flatMap(({ name, isLimit, command }) => {
      const found = command(role, ROOT)
      if (!('unavailable' in found)) return [{ name, isLimit, command: found }]
      this.#say(name, found.unavailable)
      return []
    })
  }

  #problemOf(workload: Workload): string {
    const known = this.#problems.get(workload.id)
    if (known !== undefined) return known
    const path = writeProblem(this.#folder, workload)
    this.#problems.set(workload.id, path)
    return path
  }

  #say(name: string, reason: string): void {
    const text = `not available: ${name}: ${reason}`
    if (this.#said.has(text)) return
    this.#said.add(text)
    console.log(text)
  }
}

/** The subjects that a request leaves. @throws RequestError when it leaves none. */
function subjectsOf({ subjects, peers }: Options): readonly Subject[] {
  const allowed = chosenPeers(peers)
  const texts = subjects?.split('|').map(text => text.trim().toLowerCase())
  const names = SUBJECTS.map(({ name }) => name.toLowerCase())
  // A whole name means that subject only, though others may begin with it.
  const isMeant = (name: string, text: string): boolean =>
    names.includes(text) ? name === text : name.includes(text)
  const left = SUBJECTS.filter(
    ({ name, peer }) =>
      (peer === undefined || allowed.has(peer)) &&
      (texts?.some(text => isMeant(name.toLowerCase(), text)) ?? true),
  )
  if (left.length > 0) return left
  const all = SUBJECTS.map(({ name }) => name).join('; ')
  throw new RequestError(`--subjects '${subjects}' leaves none of: ${all}.`)
}

function list(): void {
  const workloads = WORKLOADS.map(({ id, title, groups }) => [id, groups.join(', '), title])
  console.log(table([['workload', 'also by', ''], ...workloads], 0))
  console.log(`\nsections: ${SECTIONS.join(', ')}\n\nsubjects:`)
  for (const { name } of SUBJECTS) console.log(`  ${name}`)
}

/** Writes as a whole or not at all: whoever reads the file finds the old one or the new one. */
function writeJson(path: string, content: unknown): void {
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`)
  renameSync(temporary, path)
  console.log(`\nwritten: ${path}`)
}

async function run(options: Options): Promise<void> {
  const { workloads, sections } = chosen(options.only, WORKLOADS)
  const machine = describeMachine()
  const bench = new Bench(options, subjectsOf(options))
  console.log(showMachine(machine))
  if (options.against === undefined) {
    for (const workload of workloads) await bench.measure(workload)
    for (const section of sections) await bench.section(section)
    summarise(bench, options)
  } else {
    const root = buildOther(options.against)
    for (const workload of workloads) await bench.compare(workload, root)
  }
  const { rows, memory, peak, about } = bench
  if (options.json === undefined) return
  writeJson(options.json, { machine, subjects: Object.fromEntries(about), rows, peak, memory })
}

function summarise({ rows, about }: Bench, options: Options): void {
  if (rows.length > 0) console.log(`\nmedians\n${summaryTable(rows)}`)
  if (about.size > 0) console.log(`\nversions\n${table([...about], 0)}`)
  const aims = checkAims(rows).filter(({ measured }) => measured !== undefined || options.only === undefined)
  if (aims.length > 0) console.log(`\n${aims.map(showAim).join('\n')}`)
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) console.log(USAGE)
  else if (options.list) list()
  else await run(options)
} catch (error) {
  if (!(error instanceof RequestError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
