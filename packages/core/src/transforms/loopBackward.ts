/** The gradient of a loop of a trace: another loop, from the last turn to the first. */

import { apply } from '../graph/apply.ts'
import type { LoopCall } from '../graph/interpret.ts'
import { add } from '../ops/add.ts'
import { matmul } from '../ops/matmul.ts'
import { permute } from '../ops/permute.ts'
import { reshape } from '../ops/reshape.ts'
import { sum } from '../ops/sum.ts'
import type { MovementPrimitive, ReductionAttributes } from '../primitive/primitive.ts'
import { sameShape } from '../shape/shape.ts'
import { isFloating } from '../storage/dtype.ts'
import { zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { cotangentsUpTo } from './backward.ts'
import { type TracedCall, TracedTensor } from './traced.ts'
import { type Forward, type LoopRecorder, TracedLoop } from './tracedLoop.ts'

/** Movements: what they give is computed again rather than kept. */
const MOVEMENTS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'identity',
  'stopGradient',
  'reshape',
  'permute',
  'expand',
  'slice',
])

/**
 * The loop that carries cotangents from the last turn to the first. What it reads of the turns of the loop forward, that one
 * gives out too, stacked. The parts of the gradients of captured tensors are added up from turn to turn, unless they are
 * products or sums: then what they are made of is given out, and one product or sum over all turns takes the place of many.
 */
export function traceBackward(
  recorder: LoopRecorder,
  call: LoopCall,
  loopAt: number,
  forward: Forward,
  loop: TracedLoop,
  arriving: readonly (Tensor | null)[],
  captured: readonly Tensor[],
): readonly (Tensor | null)[] {
  const { states, length } = call
  const carried = forward.inputs.slice(0, states)
  const slices = forward.inputs.slice(states)
  const like = (x: Tensor): TracedTensor => new TracedTensor(x.shape, x.dtype)
  const ofStates = carried.map(x => (isFloating(x.dtype) ? like(x) : null))
  const ofOutputs = forward.outputs.slice(states).map((x, k) => (arriving[states + k] ? like(x) : null))
  const begins = [...ofStates, ...ofOutputs].filter(x => x !== null)
  const backward = recorder.body(loopAt, begins, () => {
    const seeds = forward.outputs.flatMap((tensor, k) => {
      const cotangent = k < states ? ofStates[k] : ofOutputs[k - states]
      return cotangent && tensor.requiresGrad ? [{ tensor, cotangent }] : []
    })
    return cotangentsUpTo(seeds, [...forward.inputs, ...captured]).map(x => recorder.resolve(x))
  })
  const makers = new Map<Tensor, TracedCall>()
  for (const made of [...forward.calls, ...backward.calls]) makers.set(made.output, made)
  const isForward = (x: Tensor): boolean => forward.made.has(x)
  /** Whether a tensor of the forward turn is the same at every turn. */
  const fixed = new Map<Tensor, boolean>()
  for (const { inputs, output } of forward.calls) {
    fixed.set(
      output,
      inputs.every(x => fixed.get(x) ?? !forward.inputs.includes(x as TracedTensor)),
    )
  }

  // What the loop is to give out; it is recorded when all of this is known.
  const outputs: Tensor[] = []
  let result: (x: Tensor) => Tensor = () => {
    throw new Error('the loop is not there yet')
  }
  /** The slices of a tensor of either turn stacked, to be asked for when the loop is there; `undefined` when it has none. */
  const stacked = (x: Tensor): (() => Tensor) | undefined => {
    if (!(x instanceof TracedTensor) || fixed.get(x) === true) return undefined
    const maker = makers.get(x)
    if (maker !== undefined && MOVEMENTS.has(maker.primitive.name)) {
      const source = stacked(maker.inputs[0]!)
      return source && (() => moved(source(), maker, length))
    }
    const at = slices.indexOf(x)
    if (at >= 0) return () => loop.given[states + at]!
    if (isForward(x)) return () => loop.stacked(x)
    if (!backward.made.has(x)) return undefined
    outputs.push(x)
    return () => result(x)
  }
  /** The sum over all turns, where that takes no sum from turn to turn. */
  const total = (x: Tensor): (() => Tensor) | undefined => {
    const maker = makers.get(x)
    if (maker === undefined || isForward(x)) return undefined
    const { primitive, inputs, attributes } = maker
    if (primitive === add.primitive && inputs.every(input => sameShape(input.shape, x.shape))) {
      const [left, right] = inputs.map(total)
      return left && right && (() => add(left(), right()))
    }
    if (primitive.name === 'sum') {
      const source = stacked(inputs[0]!)
      const { axes, keepDims } = attributes as ReductionAttributes
      if (source === undefined || x.dtype !== inputs[0]!.dtype) return undefined
      return () => {
        const whole = sum(source(), [0, ...axes.map(axis => axis + 1)])
        return keepDims ? reshape(whole, x.shape) : whole
      }
    }
    if (primitive === matmul.primitive && inputs.every(({ rank }) => rank === 2)) {
      const [left, right] = inputs.map(stacked)
      if (left === undefined || right === undefined) return undefined
      const [rows, inner] = inputs[0]!.shape as [number, number]
      const columns = inputs[1]!.shape[1]!
      return () =>
        matmul(
          reshape(permute(left(), [1, 0, 2]), [rows, length * inner]),
          reshape(right(), [length * inner, columns]),
        )
    }
    if (primitive.name === 'reshape' || primitive.name === 'permute' || primitive.name === 'identity') {
      const source = total(inputs[0]!)
      return source && (() => apply(primitive, [source()], attributes))
    }
    return undefined
  }

  const found = backward.result
  const isZero = (x: Tensor): boolean => !(x instanceof TracedTensor)
  const nextStates = found.slice(0, states)
  const ofSlices = found.slice(states, states + slices.length).map((x, k) => {
    if (!call.given[states + k]!.requiresGrad || isZero(x)) return null
    outputs.push(x)
    return () => result(x)
  })
  const sums: { total: TracedTensor; next: () => Tensor }[] = []
  const ofCaptured = found.slice(states + slices.length).map(x => {
    if (isZero(x)) return null
    const whole = call.keep === 'steps' ? total(x) : undefined
    if (whole !== undefined) return whole
    const sofar = like(x)
    sums.push({ total: sofar, next: () => add(sofar, x) })
    return () => result(sofar)
  })
  const accumulating = recorder.body(loopAt, [], () => sums.map(({ next }) => next()))
  const carriedBack = ofStates.flatMap((x, k) =>
    x === null ? [] : [{ x, next: nextStates[k]!, first: arriving[k] }],
  )
  const next = [...carriedBack.map(each => each.next), ...accumulating.result]
  const used = usedBy([...next, ...outputs])

  /** What has to be computed, and what is read of the turn forward. */
  function usedBy(roots: readonly Tensor[]): { calls: Set<TracedCall>; reads: Set<TracedTensor> } {
    const calls = new Set<TracedCall>()
    const reads = new Set<TracedTensor>()
    const open = [...roots, ...accumulating.calls.flatMap(({ inputs }) => inputs)]
    while (open.length > 0) {
      const x = open.pop()!
      if (!(x instanceof TracedTensor)) continue
      const maker = makers.get(x)
      const isAgain = maker !== undefined && (!isForward(x) || isComputedAgain(maker))
      if (isAgain) {
        if (calls.has(maker)) continue
        calls.add(maker)
        open.push(...maker.inputs)
      } else if (isForward(x)) reads.add(x)
    }
    return { calls, reads }
  }
  function isComputedAgain({ primitive, output }: TracedCall): boolean {
    return call.keep === 'states' || MOVEMENTS.has(primitive.name) || fixed.get(output) === true
  }

  const reads = [...used.reads]
  const zeroFor = (x: Tensor): Tensor => zeros(x.shape, { dtype: x.dtype })
  const sequences = [
    ...ofOutputs.flatMap((x, k) => (x === null ? [] : [{ slice: x, whole: arriving[states + k]! }])),
    ...reads.map(x => {
      const at = slices.indexOf(x)
      return { slice: x, whole: at >= 0 ? loop.given[states + at]! : loop.stacked(x) }
    }),
  ]
  const calls = [...forward.calls, ...backward.calls].filter(each => used.calls.has(each))
  const form = {
    length,
    reverse: !call.reverse,
    states: carriedBack.length + sums.length,
    sequences: sequences.length,
  }
  const given = [
    ...carriedBack.map(({ x, first }) => first ?? zeroFor(x)),
    ...sums.map(each => zeroFor(each.total)),
    ...sequences.map(each => each.whole),
  ]
  const walk = new TracedLoop(recorder, form, given, {
    inputs: [
      ...carriedBack.map(({ x }) => x),
      ...sums.map(each => each.total),
      ...sequences.map(each => each.slice),
    ],
    calls: [...calls, ...accumulating.calls],
    outputs: next,
  })
  result = x => {
    const at = sums.findIndex(each => each.total === x)
    return at < 0 ? walk.stacked(x) : walk.result(carriedBack.length + at)
  }
  const ofFirst = ofStates.map((x, k) => {
    if (x === null || !call.given[k]!.requiresGrad) return null
    return walk.result(carriedBack.findIndex(each => each.x === x))
  })
  return [...ofFirst, ...[...ofSlices, ...ofCaptured].map(part => part?.() ?? null)]
}

/** A movement of every slice of a stacked tensor. */
function moved(x: Tensor, { primitive, attributes }: TracedCall, length: number): Tensor {
  const { batch } = primitive as MovementPrimitive
  return apply(primitive, [x], typeof batch === 'function' ? batch(attributes, length) : attributes)
}
