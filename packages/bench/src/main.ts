/** `npm run bench`: what eager code costs, in one run beside hand-written JavaScript, and memory over a million steps. */

import { renameSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { measureWorkload, type Row } from './measure.ts'
import { type MemorySample, sampleMemory } from './memory.ts'
import { expectAgreement } from './workload.ts'
import { addWorkloads } from './workloads/add.ts'
import { shallowStep } from './workloads/shallowStep.ts'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (options.help) {
  console.log('npm run bench -- [--quick] [--only overhead|memory] [--json FILE]')
} else {
  await run()
}

async function run(): Promise<void> {
  console.log(`node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores\n`)
  const rows = options.only === 'memory' ? [] : await overhead()
  const memory = options.only === 'overhead' ? [] : flatMemory()
  if (options.json !== undefined) {
    const temporary = `${options.json}.${process.pid}.tmp`
    writeFileSync(temporary, JSON.stringify({ rows, memory }, null, 2))
    renameSync(temporary, options.json)
    console.log(`written: ${options.json}`)
  }
}

async function overhead(): Promise<Row[]> {
  const [rounds, seconds] = options.quick ? [2, 0.1] : [5, 0.4]
  const rows: Row[] = []
  console.log(line('workload', 'subject', 'median µs', 'p10', 'p90', 'ratio'))
  for (const workload of [...addWorkloads(1), ...addWorkloads(16), shallowStep(4), shallowStep(400)]) {
    for (const row of await measureWorkload(workload, rounds, seconds)) {
      const micro = (value: number) => value.toFixed(value < 10 ? 3 : 1)
      const times = [
        micro(row.medianMicroseconds),
        micro(row.p10),
        micro(row.p90),
        row.ratioToBest.toFixed(2),
      ]
      console.log(line(row.workload, row.subject, ...times))
      rows.push(row)
    }
    expectAgreement(workload)
  }
  return rows
}

function flatMemory(): MemorySample[] {
  const steps = options.quick ? 100_000 : 1_000_000
  console.log(`\n2-3-1 net, ${steps.toLocaleString('en')} steps in a plain loop: memory in MB`)
  console.log(line('step', '', 'heap', 'arrays', 'resident', ''))
  const started = performance.now()
  const samples = sampleMemory(steps, ({ step, heapMegabytes, arrayMegabytes, residentMegabytes }) =>
    console.log(
      line(String(step), '', ...[heapMegabytes, arrayMegabytes, residentMegabytes].map(String), ''),
    ),
  )
  console.log(`${((performance.now() - started) / 1e3).toFixed(1)} s`)
  return samples
}

function line(workload: string, subject: string, ...figures: string[]): string {
  return workload.padEnd(38) + subject.padEnd(32) + figures.map(figure => figure.padStart(11)).join('')
}
