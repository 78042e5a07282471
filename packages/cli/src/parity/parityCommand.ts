/** The options of `adjoint parity` on the command line. */
import { type CommandDef, defineCommand } from 'citty'
import { expectKnown, expectText, reportingMistakes, UsageError, valuesOf } from '../usage.ts'
import { WriteError } from '../writeFile.ts'
import { ParityInputError } from './errors.ts'

const ARGUMENTS = {
  dir: { type: 'string', description: 'Folder of the cases, with its manifest.json', valueHint: 'DIR' },
  group: {
    type: 'string',
    description: 'Run the cases of this group only; may stand several times',
    valueHint: 'G',
  },
  engine: { type: 'string', description: 'eager, or compiled', valueHint: 'E' },
  json: { type: 'string', description: 'Also write the counts to this file', valueHint: 'FILE' },
} as const

/** Runs a folder of reference cases. The exit code is 1 when a firm case fails or the folder is not what it should be. */
export const parityCommand: CommandDef<typeof ARGUMENTS> = defineCommand({
  meta: {
    name: 'parity',
    description: 'Compare Adjoint with reference cases that PyTorch computed',
  },
  args: ARGUMENTS,
  run: ({ args, rawArgs }) =>
    reportingMistakes('parity', [UsageError, WriteError, ParityInputError], async () => {
      expectKnown(args, rawArgs, Object.keys(ARGUMENTS))
      if (args.dir === undefined) throw new UsageError('--dir is missing; it names the folder of the cases.')
      const dir = expectText('dir', args.dir)
      for (const option of ['dir', 'engine', 'json']) {
        if (valuesOf(option, rawArgs).length > 1) throw new UsageError(`--${option} stands more than once.`)
      }
      const group =
        args.group === undefined
          ? undefined
          : valuesOf('group', rawArgs).map(value => expectText('group', value))
      const json = args.json === undefined ? undefined : expectText('json', args.json)
      const engine = args.engine === undefined ? undefined : expectText('engine', args.engine)
      const { runParity } = await import('./runParity.ts')
      const { groups } = runParity({ dir, group, engine, json })
      if (groups.some(({ failed }) => failed > 0)) process.exitCode = 1
    }),
})
