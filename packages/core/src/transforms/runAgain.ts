/** What `checkpoint` and `scan` share: functions that are kept, and run again when a gradient is wanted. */

import { withInterpreter } from '../graph/interpret.ts'
import { withRecording } from '../graph/record.ts'
import type { Sampler } from '../primitive/sample.ts'
import { ArgumentError, GraphError } from '../shape/errors.ts'
import { isFloating } from '../storage/dtype.ts'
import type { Primitive } from '../tensor/node.ts'
import { sameView, type Tensor } from '../tensor/tensor.ts'
import { Observer } from './observer.ts'
import { pack, unpack } from './pack.ts'

/**
 * Runs `body` without recording; returns its result, as constants, and what it captured: tensors from outside that want
 * gradients. One that is returned as it is, no op has seen.
 */
export function withCaptures<Result extends { readonly leaves: readonly Tensor[] }>(
  body: () => Result,
): { result: Result; captured: Tensor[] } {
  const collector = new Collector()
  const result = withInterpreter(collector, () => withRecording(false, body))
  const returned = result.leaves.filter(leaf => leaf.requiresGrad)
  const captured = [...new Set([...collector.captured, ...returned])]
  return { result: { ...result, leaves: result.leaves.map(constant) }, captured }
}

/**
 * The same with recording: `body` gets tensors in the place of the given ones, at which a walk backward can end. `kept` is
 * the result with its graph.
 */
export function recordWithCaptures<Result extends { readonly leaves: readonly Tensor[] }>(
  given: readonly Tensor[],
  body: (given: readonly Tensor[]) => Result,
): { result: Result; captured: Tensor[]; kept: { ends: readonly Tensor[]; leaves: readonly Tensor[] } } {
  const collector = new Collector()
  // Lifted through all collectors: what runs further out must not take an end for something that it captured.
  const ends = given.map(x => {
    const end = collector.lift(x)
    end.requiresGrad = x.requiresGrad
    return end
  })
  const result = withInterpreter(collector, () => withRecording(true, () => body(ends)))
  const returned = result.leaves.filter(leaf => leaf.requiresGrad && !collector.owns(leaf))
  const captured = [...new Set([...collector.captured, ...returned])]
  const { leaves } = result
  return { result: { ...result, leaves: leaves.map(constant) }, captured, kept: { ends, leaves } }
}

function constant(x: Tensor): Tensor {
  return x.requiresGrad ? sameView(x) : x
}

class Collector extends Observer {
  readonly unrolls = false
  readonly captured: Set<Tensor> = new Set()
  /** What came into being inside: gradients that the function itself takes are its own affair. */
  readonly #made = new WeakSet<Tensor>()

  see(_: Primitive, inputs: readonly Tensor[], output: Tensor): void {
    for (const x of inputs) if (x.requiresGrad && !this.#made.has(x)) this.captured.add(x)
    this.#made.add(output)
  }

  override lift(x: Tensor): Tensor {
    const fresh = super.lift(x)
    this.#made.add(fresh)
    return fresh
  }

  /** Whether a tensor came into being inside. */
  owns(x: Tensor): boolean {
    return this.#made.has(x)
  }
}

/** The floating ones among some tensors in one, and back; whole numbers carry no gradient and stay as they are. */
export class Packing {
  readonly #leaves: readonly Tensor[]
  readonly #floating: readonly Tensor[]

  constructor(leaves: readonly Tensor[]) {
    this.#leaves = leaves
    this.#floating = leaves.filter(leaf => isFloating(leaf.dtype))
  }

  get isEmpty(): boolean {
    return this.#floating.length === 0
  }

  /** Tensors of the same forms as one. */
  pack(leaves: readonly Tensor[]): Tensor {
    return pack(leaves.filter(leaf => isFloating(leaf.dtype)))
  }

  /** One part for each of the tensors, `null` for whole numbers. */
  parts(packed: Tensor): (Tensor | null)[] {
    const floating = unpack(packed, this.#floating)
    let next = 0
    return this.#leaves.map(leaf => (isFloating(leaf.dtype) ? floating[next++]! : null))
  }

  /** The tensors again, whole numbers as they were. */
  restore(packed: Tensor): Tensor[] {
    return this.parts(packed).map((part, i) => part ?? this.#leaves[i]!)
  }
}

/** A constant with the same values that a walk can end at. */
export function leafLike(x: Tensor, isWanted: boolean): Tensor {
  const fresh = sameView(x)
  fresh.requiresGrad = isWanted
  return fresh
}

/** Such a primitive is made for one call; the laws have nothing to draw. */
export function noSample(op: string): Sampler {
  return () => {
    throw new ArgumentError(op, 'is a primitive of its own for each call and has no sample.')
  }
}

/** What a function uses without taking it as an argument cannot be replaced from outside. */
export function expectCaptured(op: string, given: readonly Tensor[], captured: readonly Tensor[]): void {
  if (given.every((x, i) => x === captured[i])) return
  throw new GraphError(
    op,
    'cannot be computed again with other values of tensors that its function uses without taking them as arguments.',
  )
}

/** Another result the second time means another gradient: of a function that was never computed. */
export function expectSame(op: string, first: readonly Tensor[], second: readonly Tensor[]): void {
  const isSame = first.every((x, i) => {
    const [a, b] = [x.data(), second[i]!.data()]
    return a.length === b.length && a.every((value, k) => Object.is(value, b[k]))
  })
  if (isSame) return
  throw new GraphError(
    op,
    'the function gave another result when it ran again for the gradient. It must not draw from a shared random generator, count its calls, or use values that were changed since.',
  )
}
