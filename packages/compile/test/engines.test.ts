/** One suite over all engines: every primitive, its derivatives, and what is trained, beside the reference loops. */

import { cast, jvp, normal, type Rng, type Tensor, vjp } from '@adjoint/core'
import * as engine from '@adjoint/core/engine'
import { apply, type KnownPrimitive, runUnrecorded, sizeOf } from '@adjoint/core/engine'
import * as functional from '@adjoint/core/functional'
import { type LawCall, lawCalls } from '@adjoint/testing/laws'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { engines, reference } from './support/engines.ts'

type AnyOp = engine.Op<(...args: never[]) => Tensor>

/** One primitive for each op of core. */
const primitives = new Map<string, KnownPrimitive>()
for (const found of Object.values({ ...functional, ...engine })) {
  if (typeof found === 'function' && 'primitive' in found) {
    const { primitive } = found as unknown as AnyOp
    primitives.set(primitive.name, primitive)
  }
}

const NAMES = [...primitives.keys()].sort()

type Precision = 'float32' | 'float64'

/**
 * Units of rounding, 2^-24 and 2^-53, of the largest number in a call that a result may be away from the reference loops:
 * those add up in float64 whatever the dtype, kernels in their own dtype and in another order.
 */
const ROUNDINGS: Readonly<Record<Precision, number>> = { float32: 256, float64: 4096 }

/** Programs compute several calls at once: how many, of small and of larger shapes. */
const CALLS = 8
const SMALL = [1, 2, 3, 2, 3, 4, 2, 3, 5, 0]
const LARGE = [17, 4, 24, 1, 9, 16]

const inPrecision = (x: Tensor, precision: Precision): Tensor =>
  x.dtype === 'float64' && precision === 'float32' ? (cast(x, 'float32') as Tensor) : x

/** What a call gives: its value, and when it has derivatives those of both modes. */
function results(
  { primitive, attributes, wanted }: LawCall,
  inputs: readonly Tensor[],
  directions: readonly Tensor[],
  cotangent: Tensor,
): Tensor[] {
  const at = (leaves: readonly Tensor[]): readonly Tensor[] => {
    const all = [...inputs]
    for (const [k, i] of wanted.entries()) all[i] = leaves[k]!
    return all
  }
  if (primitive.kind === 'nonDifferentiable' || wanted.length === 0)
    return [runUnrecorded(primitive, inputs, attributes)]
  const f = (leaves: readonly Tensor[]): Tensor => apply(primitive, at(leaves), attributes)
  const leaves = wanted.map(i => inputs[i]!)
  const { value, pullback } = vjp(f, leaves)
  return [value, ...(pullback(cotangent) as Tensor[]), jvp(f, leaves, directions).tangent]
}

/** A call in a precision: the tensors that it is run on. */
interface Prepared {
  readonly call: LawCall
  readonly inputs: readonly Tensor[]
  readonly directions: readonly Tensor[]
  readonly cotangent: Tensor
}

function prepared(call: LawCall, precision: Precision): Prepared {
  const { primitive, attributes, wanted } = call
  // As views, half of the calls; as the elements of the drawn layouts, all of them.
  const inputs = call.views.map(x => {
    const y = inPrecision(x, precision)
    return y === x ? x : viewLike(y, x)
  })
  const rng: Rng = call.rng()
  const output = reference.prepare(() => primitive.forward(inputs, attributes))()
  const draw = (x: Tensor): Tensor =>
    normal(rng, x.shape as number[], { dtype: x.dtype as Precision }) as Tensor
  const isFloating = output.dtype === precision
  return {
    call,
    inputs,
    directions: wanted.map(i => draw(inputs[i]!)),
    cotangent: isFloating ? draw(output) : output,
  }
}

/** The elements in memory of the same form: a cast makes compact ones. */
function viewLike(y: Tensor, x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis)
  // Transposed there and back again, through memory: the last axis no longer runs fastest.
  return x.contiguous
    ? y
    : (y
        .permute([...axes].reverse())
        .mul(1)
        .permute([...axes].reverse()) as Tensor)
}

function largest(tensors: readonly Tensor[]): number {
  let most = 1
  for (const x of tensors) {
    for (const value of x.data()) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value))
  }
  return most
}

function difference(found: Tensor, expected: Tensor, bound: number): string | undefined {
  if (found.dtype !== expected.dtype || found.shape.join() !== expected.shape.join())
    return `${found.dtype} [${found.shape}] where ${expected.dtype} [${expected.shape}] is right`
  const [a, b] = [found.data(), expected.data()]
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i]) || Math.abs(a[i]! - b[i]!) <= bound) continue
    return `element ${i} is ${a[i]}, not ${b[i]}; the bound is ${bound}`
  }
  return undefined
}

for (const { name, prepare } of engines) {
  describe(`primitives by ${name}`, () => {
    test.each(NAMES)('%s', name => {
      const primitive = primitives.get(name)!
      for (const precision of ['float32', 'float64'] as const)
        for (const sizes of [SMALL, LARGE]) {
          const drawn = fc
            .sample(lawCalls(primitive, sizes), CALLS)
            .filter(({ inputs }) => inputs.every(x => sizeOf(x.shape as number[]) <= 6000))
          const calls = drawn.map(call => prepared(call, precision))
          const all = (given: readonly Prepared[]): Tensor[][] =>
            given.map(({ inputs, directions, cotangent }, k) =>
              results(calls[k]!.call, inputs, directions, cotangent),
            )
          const expected = reference.prepare(all)(calls)
          const given = calls.map(({ inputs, directions, cotangent }) => ({ inputs, directions, cotangent }))
          const run = prepare(all as (given: unknown) => Tensor[][])
          // Twice: what a program does at first, it has to do again.
          run(given)
          for (const [k, found] of run(given).entries()) {
            const { call, inputs, directions, cotangent } = calls[k]!
            const scale = largest([...inputs, ...directions, cotangent, ...expected[k]!])
            const bound = (precision === 'float32' ? 2 ** -24 : 2 ** -53) * ROUNDINGS[precision] * scale
            for (const [j, result] of found.entries()) {
              const problem = difference(result, expected[k]![j]!, bound)
              if (problem !== undefined) expect.fail(`result ${j} of ${call}: ${problem}`)
            }
          }
        }
    })
  })
}
