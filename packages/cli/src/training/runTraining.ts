/** Runs training tasks one after the other. */
import type { OutputStream } from '@adjoint/nn'
import { formatSeconds, formatValue } from '../format.ts'
import { breastCancer } from './breastCancer.ts'
import { carbonDioxide } from './carbonDioxide.ts'
import { digits } from './digits.ts'
import { reversal } from './reversal.ts'
import { isReached, type TaskResult, type TrainingTask } from './task.ts'

/** The tasks, by name. */
export const TASKS: Readonly<Record<string, TrainingTask>> = Object.fromEntries(
  [digits, carbonDioxide, breastCancer, reversal].map(task => [task.name, task]),
)

/** Settings of {@link runTraining}. */
export interface TrainingOptions {
  /** Names of the tasks, see {@link TASKS}, or tasks of your own. Default: all. */
  readonly tasks?: readonly (string | TrainingTask)[]
  /** Default 0. */
  readonly seed?: number
  /** Train much shorter; nothing need be reached then. Default false. */
  readonly quick?: boolean
  /** Default: the standard output. */
  readonly stream?: OutputStream
}

/** What {@link runTraining} returns. */
export interface TrainingSummary {
  readonly results: Readonly<Record<string, TaskResult>>
  /** Figures that are not what they must be, in sentences; empty when all is well, and of a quick run. */
  readonly failures: readonly string[]
}

/**
 * Trains models on real data, or on a task that is stated, and measures them on held-out examples.
 *
 * @throws ArgumentError for a seed that is no whole number from 0 up.
 */
export async function runTraining(options: TrainingOptions = {}): Promise<TrainingSummary> {
  const { tasks = Object.keys(TASKS), seed = 0, quick = false, stream = process.stdout } = options
  const results: Record<string, TaskResult> = {}
  const failures: string[] = []
  for (const named of tasks) {
    const task = typeof named === 'string' ? TASKS[named]! : named
    const { name } = task
    stream.write(`${task.name}: ${task.description}; seed ${seed}${quick ? ', quick' : ''}\n`)
    const result = await task.run({ seed, quick, stream })
    results[name] = result
    for (const figure of result.figures) {
      const text = `${figure.name}: ${formatValue(figure.value)}`
      stream.write(`  ${text}\n`)
      if (quick || isReached(figure)) continue
      failures.push(`${name}: ${text}, required is ${describeRequired(figure.required!)}.`)
    }
    stream.write(`  ${formatSeconds(result.seconds * 1000)}\n\n`)
  }
  for (const failure of failures) stream.write(`FAILED  ${failure}\n`)
  return { results, failures }
}

function describeRequired(required: { readonly least: number } | { readonly most: number }): string {
  return 'least' in required
    ? `at least ${formatValue(required.least)}`
    : `at most ${formatValue(required.most)}`
}
