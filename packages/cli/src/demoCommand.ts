/** The options of `adjoint demo` on the command line. */
import { type CommandDef, defineCommand } from 'citty'
import { expectKnown, expectText, reportingMistakes, toSeed, UsageError } from './usage.ts'
import { WriteError } from './writeFile.ts'

const ARGUMENTS = {
  quick: { type: 'boolean', description: 'Train much shorter, for a first look', default: false },
  seed: {
    type: 'string',
    description: 'Whole number from 0 up; decides splits, first values and minibatches',
    default: '0',
    valueHint: 'N',
  },
  out: {
    type: 'string',
    description: 'Folder of the HTML report',
    default: 'adjoint-report',
    valueHint: 'DIR',
  },
  json: { type: 'string', description: 'Also write the results to this file', valueHint: 'FILE' },
} as const

/** Trains, compares, reports. The exit code is 1 when a gradient differs or the digits are not read well enough. */
export const demoCommand: CommandDef<typeof ARGUMENTS> = defineCommand({
  meta: {
    name: 'demo',
    description: 'Train networks on real data and compare every gradient with backpropagation by hand',
  },
  args: ARGUMENTS,
  run: ({ args, rawArgs }) =>
    reportingMistakes('demo', [UsageError, WriteError], async () => {
      expectKnown(args, rawArgs, Object.keys(ARGUMENTS))
      const { quick } = args
      const seed = toSeed(args.seed)
      const out = expectText('out', args.out)
      const json = args.json === undefined ? undefined : expectText('json', args.json)
      // The charts, the layout of graphs and the networks are loaded only when they are needed: --help is quick.
      const { runDemo } = await import('./demo.ts')
      const { failures } = await runDemo({ seed, quick, out, json })
      if (failures.length > 0) process.exitCode = 1
    }),
})
