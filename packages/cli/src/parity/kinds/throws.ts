/** Cases of kind `throws`: calls that must be refused, with an error of Adjoint and not by accident. */
import { AdjointError } from '@adjoint/core'
import { evaluate } from '../adapters/index.ts'
import { NotCovered } from '../errors.ts'
import { Fields } from '../fields.ts'
import type { ParityCase } from '../format.ts'
import type { Outcome } from '../outcome.ts'
import { load } from '../tensors.ts'

export function decideThrows(found: ParityCase): Outcome {
  const inputs = Fields.of(found).tensors('inputs').map(load)
  try {
    const [output] = evaluate(found.op, inputs, found.attrs)
    const shape = output ? `[${output.shape.join(', ')}]` : 'nothing'
    return {
      verdict: 'failed',
      stages: [],
      differences: [`it must be refused, and gives a result of shape ${shape}`],
    }
  } catch (error) {
    if (error instanceof NotCovered) throw error
    if (error instanceof AdjointError) return { verdict: 'passed', stages: ['value'] }
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return { verdict: 'failed', stages: [], differences: [`it is refused, but not by Adjoint: ${text}`] }
  }
}
