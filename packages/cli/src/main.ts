#!/usr/bin/env node
/** The `adjoint` command. Colours are decided before the library that prints help is loaded, because it looks only then. */

if (!process.stdout.isTTY || process.env.NO_COLOR) process.env.NO_COLOR = '1'
const { runCommandLine } = await import('./commandLine.ts')
await runCommandLine()
