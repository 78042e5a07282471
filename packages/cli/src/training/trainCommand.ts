/** The options of `adjoint train` on the command line. */
import { type CommandDef, defineCommand } from 'citty'
import { expectKnown, reportingMistakes, toSeed, UsageError } from '../usage.ts'

const ARGUMENTS = {
  task: {
    type: 'positional',
    description: 'digits, co2, breast-cancer or reversal; all of them when none is named',
    required: false,
  },
  quick: { type: 'boolean', description: 'Train much shorter, for a first look', default: false },
  seed: {
    type: 'string',
    description: 'Whole number from 0 up; decides splits, first values and minibatches',
    default: '0',
    valueHint: 'N',
  },
} as const

/** Trains and measures. The exit code is 1 when a full run does not reach what it must. */
export const trainCommand: CommandDef<typeof ARGUMENTS> = defineCommand({
  meta: {
    name: 'train',
    description: 'Train a convolutional, a recurrent, a dense network or a transformer, and measure it',
  },
  args: ARGUMENTS,
  run: ({ args, rawArgs }) =>
    reportingMistakes('train', [UsageError], async () => {
      const { _: named, ...options } = args
      expectKnown({ ...options, _: named.slice(1) }, rawArgs, Object.keys(ARGUMENTS))
      const seed = toSeed(args.seed)
      const { runTraining, TASKS } = await import('./runTraining.ts')
      const { task, quick } = args
      if (task !== undefined && !Object.hasOwn(TASKS, task)) {
        throw new UsageError(`there is no task "${task}"; tasks are ${Object.keys(TASKS).join(', ')}.`)
      }
      const { failures } = await runTraining({ quick, seed, ...(task !== undefined && { tasks: [task] }) })
      if (failures.length > 0) process.exitCode = 1
    }),
})
