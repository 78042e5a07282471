/** The command line: `adjoint` with its commands. */
import { defineCommand, runMain } from 'citty'
import { demoCommand } from './demoCommand.ts'
import { parityCommand } from './parity/parityCommand.ts'
import { trainCommand } from './training/trainCommand.ts'
import { readVersion } from './version.ts'

/** Runs the command that `process.argv` names. */
export function runCommandLine(): Promise<void> {
  return runMain(
    defineCommand({
      meta: {
        name: 'adjoint',
        version: readVersion(),
        description: 'Automatic differentiation for TypeScript, beside backpropagation by hand',
      },
      subCommands: { demo: demoCommand, parity: parityCommand, train: trainCommand },
    }),
  )
}
