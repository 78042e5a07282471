/** Recorded values that are no longer there: a parameter was assigned after an op recorded it. */

import { ChangedParameterError } from '../shape/errors.ts'
import { assignmentClock } from '../storage/version.ts'
import { Parameter } from '../tensor/parameter.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Refuses to read parameters that were assigned after the op that made `x` recorded them. Costs one comparison unless
 * something was assigned since. `need` says what for.
 */
export function expectUnchanged(
  x: Tensor,
  inputs: readonly Tensor[],
  need: 'the gradient' | 'the tangent' | 'the value',
): void {
  const { primitive, time, site } = x.node!
  if (time === assignmentClock()) return
  for (const input of inputs) {
    if (!(input instanceof Parameter) || input.assignedAt <= time) continue
    const name = input.name ?? 'parameter'
    const what = need === 'the value' ? 'computing it again' : `${need} of ${primitive.name}`
    throw new ChangedParameterError(
      primitive.name,
      name,
      `the parameter '${name}' was assigned after this op recorded it${site === undefined ? '' : ` (recorded at ${site})`}, and ${what} needs the old values. ` +
        'Call backward() before the optimizer step, or compute the loss again after it.',
    )
  }
}
