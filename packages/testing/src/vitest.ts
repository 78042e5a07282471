/** `@adjoint/testing/vitest`: matchers for gradients. Importing this file registers them with `expect`. */

import { formatShape, sameShape } from '@adjoint/core/engine'
import { Tensor, type Tree } from '@adjoint/core/functional'
import { expect } from 'vitest'
import { BackpropReport } from './backpropReport.ts'
import { type CheckGradientsOptions, checkGradients } from './checkGradients.ts'
import type { Tolerance } from './compareBackprop.ts'
import { flatDistance, indexAt, largest } from './distance.ts'
import { type Numbers, readNumbers } from './numbers.ts'
import { formatIndex, formatNumber } from './text.ts'

interface AdjointMatchers {
  /**
   * `expect((tree) => tensor).toHaveCorrectGradients(tree, options)`: see `checkGradients`; the failure message is its
   * explanation.
   */
  toHaveCorrectGradients: (inputs: Tree, options?: CheckGradientsOptions) => void
  /**
   * `expect(tensor).toBeCloseToTensor(expected)`: equal shapes, and no entry further off than `absolute` + `relative` times
   * the largest expected entry. Default relative 1e-6, absolute 0. NaN and infinities must be equal.
   */
  toBeCloseToTensor: (expected: Numbers, tolerance?: Tolerance) => void
  /** `expect(report).toMatchManualGradients()`: every quantity of a `compareBackprop` report agrees; else the ledger is shown. */
  toMatchManualGradients: () => void
  /** `expect(report).toAgree()`: the short name of `toMatchManualGradients`. */
  toAgree: () => void
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: the type parameter must be declared as Vitest declares it
  interface Matchers<T = any> extends AdjointMatchers {}
}

interface Outcome {
  readonly pass: boolean
  readonly message: () => string
}

expect.extend({
  toHaveCorrectGradients(received: unknown, inputs: Tree, options?: CheckGradientsOptions): Outcome {
    if (typeof received !== 'function') return wrongReceiver('toHaveCorrectGradients', 'a function', received)
    const f = received as (tree: Tree) => Tensor
    const report = checkGradients(f, inputs, { ...options, throws: false })
    return { pass: report.passes, message: () => report.toString() }
  },
  toBeCloseToTensor(received: unknown, expected: Numbers, tolerance: Tolerance = {}): Outcome {
    if (!(received instanceof Tensor)) return wrongReceiver('toBeCloseToTensor', 'a tensor', received)
    return compareTensor(received, expected, tolerance)
  },
  toMatchManualGradients: agreement('toMatchManualGradients'),
  toAgree: agreement('toAgree'),
})

function agreement(matcher: string): (received: unknown) => Outcome {
  return received => {
    if (!(received instanceof BackpropReport))
      return wrongReceiver(matcher, 'a report of compareBackprop', received)
    return { pass: received.agrees, message: () => received.toString() }
  }
}

function compareTensor(x: Tensor, expected: Numbers, { relative = 1e-6, absolute = 0 }: Tolerance): Outcome {
  const want = readNumbers('toBeCloseToTensor', 'expected', expected)
  const shape = x.shape as readonly number[]
  const fits = want.shapeless ? want.data.length === x.size : sameShape(shape, want.shape)
  if (!fits) {
    const message = `the shapes differ: ${formatShape(shape)}, expected ${formatShape(want.shape)}`
    return { pass: false, message: () => message }
  }
  const have = Float64Array.from(x.data())
  const { maxAbs, maxRel, maxUlp, worst } = flatDistance(have, want.data, x.dtype)
  const allowed = absolute + relative * largest(want.data)
  const message =
    worst < 0
      ? 'both tensors are empty'
      : `${maxAbs <= allowed ? 'closest to a difference' : 'they differ'} at ${formatIndex(indexAt(shape, worst)) || 'the only entry'}: ` +
        `${have[worst]}, expected ${want.data[worst]} (max abs ${formatNumber(maxAbs)}, allowed ${formatNumber(allowed)}, ` +
        `max rel ${formatNumber(maxRel)}, ${formatNumber(maxUlp)} ulp)`
  return { pass: maxAbs <= allowed, message: () => message }
}

/** Thrown, not returned, so that `.not` does not turn a misuse into a success. */
function wrongReceiver(matcher: string, wanted: string, received: unknown): never {
  const got =
    received === null ? 'null' : typeof received === 'object' ? received.constructor.name : typeof received
  throw new TypeError(`${matcher} needs ${wanted}: expect(...) was given ${got}.`)
}
