/** A program that saves one checkpoint after the other until it is killed; for the test of checkpoints. */
import { full } from '@adjoint/core'
import { saveCheckpoint } from '@adjoint/data'

const end = Date.now() + 30_000
for (let step = 1; Date.now() < end; step++) {
  saveCheckpoint(process.argv[2]!, { step, weight: full([300_000], step) })
  if (step === 2) process.stdout.write('begun')
}
