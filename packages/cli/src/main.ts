#!/usr/bin/env node
/** The `adjoint` command. */
import { defineCommand, runMain } from 'citty'
import { demoCommand } from './demoCommand.ts'
import { readVersion } from './version.ts'

await runMain(
  defineCommand({
    meta: {
      name: 'adjoint',
      version: readVersion(),
      description: 'Automatic differentiation for TypeScript, beside backpropagation by hand',
    },
    subCommands: { demo: demoCommand },
  }),
)
