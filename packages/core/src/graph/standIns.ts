/** Tensors in the place of others, for as long as a function runs: a model with values that are not its own. */

import { expectSynchronous } from '../shape/synchronous.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { recording } from './record.ts'

/** What ops read in the place of a tensor: of the same shape and dtype. */
export type StandIns = ReadonlyMap<Tensor, Tensor>

/**
 * Runs `body`; every op in it that is given a tensor with a stand-in reads the stand-in, and gradients flow to that one.
 * Scopes nest: an inner one goes first.
 *
 * @param op name for messages
 * @throws ArgumentError when `body` is asynchronous: the scope would end before it does.
 */
export function withStandIns<Result>(op: string, standIns: StandIns, body: () => Result): Result {
  const outer = recording.standIns
  // A stand-in may itself have one further out.
  const inner = [...standIns].map(([x, value]) => [x, outer?.get(value) ?? value] as const)
  return switchTo(new Map([...(outer ?? []), ...inner]), () => expectSynchronous(op, body()))
}

/** What ops read in the place of a tensor at present: itself, unless there is a stand-in. */
export function standInFor(x: Tensor): Tensor {
  return recording.standIns?.get(x) ?? x
}

/** A function that meets, whenever it is called, the stand-ins of this moment: for what is kept and called again. */
export function keepingStandIns<Arguments extends unknown[], Result>(
  f: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  const { standIns } = recording
  return (...args) => switchTo(standIns, () => f(...args))
}

/**
 * Runs `body`, the work of a transform or of a gradient rule, without stand-ins: its tensors are what ops have read
 * already. A parameter among them is meant as it is, also where something stands in for it that was made of it.
 */
export function withoutStandIns<Result>(body: () => Result): Result {
  return recording.standIns === undefined ? body() : switchTo(undefined, body)
}

function switchTo<Result>(standIns: StandIns | undefined, body: () => Result): Result {
  const previous = recording.standIns
  recording.standIns = standIns
  try {
    return body()
  } finally {
    recording.standIns = previous
  }
}
