/** The first op that made a NaN or an infinity, on the way forward or back. */

import { withInterpreter } from '../graph/interpret.ts'
import { topologicalOrder } from '../graph/order.ts'
import { recording, withRecording } from '../graph/record.ts'
import { development, siteOf } from '../graph/site.ts'
import { expectFunction } from '../shape/arguments.ts'
import { formatShape } from '../shape/errors.ts'
import { isFloating } from '../storage/dtype.ts'
import { onesLike } from '../tensor/create.ts'
import type { Primitive, Site } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { seedFor } from './backward.ts'
import { expectTensor } from './grad.ts'
import { Observer } from './observer.ts'
import { remedyFor } from './remedies.ts'
import { walkBackward } from './reverse.ts'
import { vjpOf } from './rules.ts'

/** One operand of the op in question. */
export interface SuspectOperand {
  readonly name: string | undefined
  readonly shape: readonly number[]
  readonly dtype: string
  /** The element that went into the bad one, for ops that work element by element. */
  readonly value: number | undefined
  /** Smallest and largest element, apart from NaN. */
  readonly range: readonly [number, number]
  readonly containsNaN: boolean
}

/** Where the first NaN or infinity came from, see {@link findNaN}. */
export interface NaNReport {
  /** In the value itself, or in its gradient. */
  readonly phase: 'forward' | 'backward'
  /** The op that made it. */
  readonly op: string
  /** NaN, Infinity or -Infinity. */
  readonly value: number
  /** Where it stands in the result, or, backward, in the gradient of the operand. */
  readonly index: readonly number[]
  /** `file:line:column` of the call in the user's code. */
  readonly site: string | undefined
  readonly operands: readonly SuspectOperand[]
  /** The cause, if it is a known one, and what to do. */
  readonly remedy: string
  /** All of it, as text. */
  toString(): string
}

/**
 * Runs `f`, and finds the op that made the first NaN or infinity which its result contains: the user's line, the values of
 * the operands, the known remedy. When the result is finite, walks backward through it and looks at the gradients in the
 * same way. `undefined` when all is finite.
 *
 * A NaN that does not reach the result, in a branch that `where` does not take, say, is none.
 *
 * @example
 * ```ts
 * import { findNaN, tensor } from '@adjoint/core'
 * const p = tensor([0.5, 0, 1], { requiresGrad: true, name: 'p' })
 * const report = findNaN(() => p.log().mul(p).sum())
 * report?.op // => 'log'
 * report?.operands.map(({ value }) => value) // => [0]
 * findNaN(() => p.xlogy(p).sum()) // => undefined
 * ```
 * @throws GraphError when `f` does not return a tensor.
 */
export function findNaN(f: () => Tensor): NaNReport | undefined {
  expectFunction('findNaN', f)
  const watch = new Watch()
  const output = expectTensor(
    'findNaN',
    withInterpreter(watch, () => development(() => withRecording(true, f))),
  )
  const origin = watch.originOf(output)
  if (origin !== undefined) return origin
  return output.requiresGrad ? findInGradients(output) : undefined
}

/** Sees every op, and remembers for each result that is not finite which op made it so. */
class Watch extends Observer {
  readonly unrolls = true
  readonly #origins = new WeakMap<Tensor, NaNReport>()

  see(primitive: Primitive, inputs: readonly Tensor[], output: Tensor): void {
    const at = isFloating(output.dtype) ? badPlace(output) : -1
    if (at < 0) return
    const inherited = inputs.map(x => this.originOf(x)).find(origin => origin !== undefined)
    const origin = inherited ?? report('forward', primitive.name, recording.site?.(), inputs, output, at)
    this.#origins.set(output, origin)
  }

  originOf(x: Tensor): NaNReport | undefined {
    return this.#origins.get(x)
  }
}

/** The first gradient on the way back that is not finite although all that it was made of is. */
function findInGradients(output: Tensor): NaNReport | undefined {
  const order = topologicalOrder([output])
  const cotangents = new Map<Tensor, Tensor>()
  let found: NaNReport | undefined
  withRecording(false, () => {
    const seed = seedFor('findNaN', output, onesLike(output))
    walkBackward(order, [seed], undefined, (x, cotangent) => {
      if (cotangent === undefined || found !== undefined) return
      cotangents.set(x, cotangent)
      const at = badPlace(cotangent)
      if (at >= 0) found = blame(x, at, order, cotangents)
    })
  })
  return found
}

/** Which use of a tensor sent the bad gradient. */
function blame(
  x: Tensor,
  at: number,
  order: readonly Tensor[],
  cotangents: ReadonlyMap<Tensor, Tensor>,
): NaNReport | undefined {
  for (const user of order) {
    const cotangent = cotangents.get(user)
    if (user.node === null || cotangent === undefined) continue
    const { primitive, inputs, attributes } = user.node
    for (const [i, input] of inputs.entries()) {
      if (input !== x) continue
      const sent = vjpOf(primitive, { inputs, output: user, attributes }, cotangent, i)
      if (sent === undefined || badPlace(sent) < 0) continue
      return report('backward', primitive.name, siteOf(user), inputs, sent, badPlace(sent))
    }
  }
  return report('backward', 'add', undefined, [x], cotangents.get(x)!, at)
}

const GIVEN = 'An operand is not finite already when it comes in: look at the data.'

/** Whether a bad element was put in rather than made. A NaN of infinities is made, unless there is a NaN among them. */
function isGiven(inputs: readonly Tensor[], bad: Tensor, at: number): boolean {
  const isMadeNaN = Number.isNaN(bad.data()[at])
  return inputs.some(x => (isMadeNaN ? x.data().some(Number.isNaN) : isFloating(x.dtype) && badPlace(x) >= 0))
}

/** Position of the first element that is not finite, in row-major order; -1 when there is none. */
function badPlace(x: Tensor): number {
  return x.data().findIndex((value: number) => !Number.isFinite(value))
}

function report(
  phase: 'forward' | 'backward',
  op: string,
  site: Site | string | undefined,
  inputs: readonly Tensor[],
  bad: Tensor,
  at: number,
): NaNReport {
  const index = indexOf(bad.shape, at)
  const facts = {
    phase,
    op,
    value: bad.data()[at]!,
    index,
    site: site?.toString(),
    operands: inputs.map(x => operandAt(x, bad.shape, index)),
    remedy: phase === 'forward' && isGiven(inputs, bad, at) ? GIVEN : remedyFor(op, phase),
  }
  return { ...facts, toString: () => asText(facts) }
}

function indexOf(shape: readonly number[], at: number): number[] {
  const index = new Array<number>(shape.length).fill(0)
  let rest = at
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!
    rest = Math.floor(rest / shape[axis]!)
  }
  return index
}

function operandAt(x: Tensor, shape: readonly number[], index: readonly number[]): SuspectOperand {
  const values = x.data()
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  // Aligned at the right, as operands broadcast; other ops have no one element to show.
  const missing = shape.length - x.rank
  const fits = missing >= 0 && x.shape.every((size, axis) => size === 1 || size === shape[axis + missing])
  const at = x.shape.reduce<number>(
    (sum, size, axis) => sum * size + (size === 1 ? 0 : (index[axis + missing] ?? 0)),
    0,
  )
  return {
    name: x.name,
    shape: x.shape,
    dtype: x.dtype,
    value: fits ? values[at] : undefined,
    range: [low, high],
    containsNaN: values.some(Number.isNaN),
  }
}

function asText(facts: Omit<NaNReport, 'toString'>): string {
  const { phase, op, value, index, site, operands, remedy } = facts
  const where = index.length === 0 ? '' : ` at ${formatShape(index)}`
  const what =
    phase === 'forward' ? `${op} made ${value}${where}` : `the gradient of ${op} is ${value}${where}`
  const lines = operands.map(({ name, shape, dtype, value: element, range, containsNaN }, i) => {
    const label = name === undefined ? `operand ${i}` : `operand ${i} '${name}'`
    const shown = element === undefined ? '' : ` is ${element} there,`
    return `  ${label} ${formatShape(shape)} ${dtype}${shown} between ${range[0]} and ${range[1]}${containsNaN ? ', or NaN' : ''}`
  })
  return [`${what}${site === undefined ? '' : `, called at ${site}`}`, ...lines, `  ${remedy}`].join('\n')
}
