/** `scan` in a function that is being traced: one call with a body that was traced once, and the same for its gradient. */

import { apply } from '../graph/apply.ts'
import type { LoopCall } from '../graph/interpret.ts'
import { recording, runningAgain, withRecording } from '../graph/record.ts'
import { add } from '../ops/add.ts'
import { cast } from '../ops/cast.ts'
import { identity } from '../ops/identity.ts'
import { place } from '../ops/place.ts'
import { reshape } from '../ops/reshape.ts'
import { type Ranges, sliceRanges } from '../ops/sliceRanges.ts'
import { type Call, type GeneralPrimitive, NO_ATTRIBUTES } from '../primitive/primitive.ts'
import { sameShape } from '../shape/shape.ts'
import { isFloating } from '../storage/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { cotangentsUpTo } from './backward.ts'
import { pushForward } from './linearize.ts'
import { traceBackward } from './loopBackward.ts'
import { oncePerCotangent } from './perCotangent.ts'
import { expectCaptured, noSample, Packing } from './runAgain.ts'
import { isSameBody } from './sameBody.ts'
import { TracedTensor } from './traced.ts'
import { type Forward, type LoopRecorder, outsideOf, TracedLoop } from './tracedLoop.ts'

/** Loops of fewer turns are traced turn by turn. */
const FEWEST_TURNS = 4

/**
 * Thrown when a loop turns out to be none: its turns differ, or what happens in one is seen outside. Its steps have run by then,
 * so the whole function is traced again, and that loop turn by turn.
 */
export class NotALoop extends Error {
  /** Which of the loops of the trace, by their order. */
  readonly loop: number

  constructor(loop: number) {
    super('not a loop')
    this.loop = loop
  }
}

/**
 * The last states and the outputs of a loop as one call of the trace; `undefined` when it is to run turn by turn.
 *
 * @param at which of the loops of the trace it is
 * @throws NotALoop when its turns are not all the same.
 */
export function traceLoop(recorder: LoopRecorder, call: LoopCall, at: number): readonly Tensor[] | undefined {
  const { length, given, states } = call
  if (length < FEWEST_TURNS || given.some(x => x.size === 0)) return undefined
  const forward = recordForward(recorder, call, at)
  if (!isSameBody(forward, recordForward(recorder, call, at))) throw new NotALoop(at)
  const { inputs, calls, outputs } = forward
  if (outputs.some(x => x.size === 0)) throw new NotALoop(at)
  const captured = [
    ...new Set([...forward.wanted, ...outputs.filter(x => x.requiresGrad && !forward.made.has(x))]),
  ]
  const isTraced = (x: Tensor): boolean => recorder.resolve(x) instanceof TracedTensor
  const isRecorded = [...given, ...captured].some(x => x.requiresGrad) && recording.enabled
  const reads = [...given, ...captured]
  if (!(isRecorded ? reads : [...reads, ...outsideOf(inputs, calls, outputs)]).some(isTraced))
    throw new NotALoop(at)
  const form = { length, reverse: call.reverse, states, sequences: given.length - states }
  const loop = new TracedLoop(recorder, form, given, forward)
  const leaves = outputs.map((_, k) => loop.result(k))
  const packing = new Packing(leaves)
  if (!isRecorded || packing.isEmpty) return leaves
  const primitive = loopGradient(recorder, call, at, forward, loop, packing, leaves, captured)
  const packed = apply(primitive, reads, NO_ATTRIBUTES)
  return parts(recorder, packed, leaves)
}

function recordForward(recorder: LoopRecorder, call: LoopCall, at: number): Forward {
  const inputs = call.given.map((x, k) => {
    const isState = k < call.states
    const input = new TracedTensor(isState ? x.shape : x.shape.slice(1), x.dtype)
    // A state wants gradients as soon as anything does.
    input.requiresGrad = recording.enabled && (isState ? isFloating(x.dtype) : x.requiresGrad)
    return input
  })
  const { result, ...body } = recorder.body(at, inputs, () => call.step(inputs))
  return { ...body, inputs, outputs: result }
}

/** The floating results of a loop, taken out of what the graph has as one node: nothing is copied. */
function parts(recorder: LoopRecorder, packed: Tensor, leaves: readonly TracedTensor[]): Tensor[] {
  const { dtype } = packed
  let start = 0
  return leaves.map(leaf => {
    if (!isFloating(leaf.dtype)) return leaf
    const { shape, size } = leaf
    const ranges = { starts: [start], sizes: [size], steps: [1] }
    start += size
    const primitive: GeneralPrimitive = {
      name: 'scan',
      kind: 'general',
      keeps: 'nothing',
      vjp: cotangent => place(cast(reshape(cotangent, [size]), dtype), packed.shape, ranges),
      jvp: ([tangent]) => cast(reshape(sliceRanges(tangent!, ranges), shape), leaf.dtype),
      sample: noSample('scan'),
      forward: ([whole]) =>
        recorder.resolve(whole!) === packed
          ? leaf
          : cast(reshape(sliceRanges(whole!, ranges), shape), leaf.dtype),
    }
    return apply(primitive, [packed], NO_ATTRIBUTES)
  })
}

/** What arrived at the parts of a packed tensor, `null` where nothing did; found without computing anything where possible. */
function arrivingAt(recorder: LoopRecorder, cotangent: Tensor, leaves: readonly Tensor[]): (Tensor | null)[] {
  const find = (x: Tensor, start: number, size: number): Tensor | null => {
    const maker = recorder.makerOf(x)
    if (maker?.primitive === place.primitive) {
      const { starts, sizes } = maker.attributes as Ranges
      if (starts[0] === start && sizes[0] === size) return maker.inputs[0]!
      if (starts[0]! >= start + size || starts[0]! + sizes[0]! <= start) return null
    }
    if (maker?.primitive === add.primitive && maker.inputs.every(input => sameShape(input.shape, x.shape))) {
      const [left, right] = maker.inputs.map(input => find(input, start, size)) as [
        Tensor | null,
        Tensor | null,
      ]
      return left && right ? add(left, right) : (left ?? right)
    }
    return sliceRanges(x, { starts: [start], sizes: [size], steps: [1] })
  }
  let next = 0
  return leaves.map(({ shape, dtype, size }) => {
    if (!isFloating(dtype)) return null
    const part = find(cotangent, next, size)
    next += size
    return part && cast(reshape(part, shape), dtype)
  })
}

/** The primitive of one loop in the graph. Its inputs are the first states, the sequences, and what it captured. */
function loopGradient(
  recorder: LoopRecorder,
  call: LoopCall,
  at: number,
  forward: Forward,
  loop: TracedLoop,
  packing: Packing,
  leaves: readonly TracedTensor[],
  captured: readonly Tensor[],
): GeneralPrimitive {
  const count = call.given.length
  /** All turns, recorded: what higher orders and tangents need. */
  const unrolled = ({ inputs }: Call): { packed: Tensor; inputs: readonly Tensor[] } => {
    const given = inputs.slice(0, count).map(x => {
      if (recording.enabled) return identity(x)
      const leaf = recording.interpreter!.lift(x)
      leaf.requiresGrad = x.requiresGrad
      return leaf
    })
    const packed = withRecording(true, () => packing.pack(runningAgain(() => call.run(given))))
    return { packed, inputs: [...given, ...captured] }
  }
  const cotangentsFor = oncePerCotangent((cotangent, node) => {
    if (!recording.enabled && recording.interpreter === (recorder as unknown) && !recorder.isInBody) {
      const arriving = arrivingAt(recorder, cotangent, leaves)
      return traceBackward(recorder, call, at, forward, loop, arriving, captured)
    }
    const { packed, inputs } = unrolled(node)
    return packed.requiresGrad ? cotangentsUpTo([{ tensor: packed, cotangent }], inputs) : []
  })
  let hasRun = false
  return {
    name: 'scan',
    kind: 'general',
    keeps: 'inputs',
    vjp: (cotangent, node, index) => cotangentsFor(cotangent, node)[index] ?? undefined,
    jvp: (tangents, node) => {
      const { packed, inputs } = unrolled(node)
      return pushForward([packed], inputs, tangents)[0]!
    },
    sample: noSample('scan'),
    forward: inputs => {
      if (!hasRun) {
        hasRun = true
        return packing.pack(leaves)
      }
      expectCaptured('scan', inputs.slice(count), captured)
      return packing.pack(runningAgain(() => call.run(inputs.slice(0, count).map(x => identity(x)))))
    },
  }
}
