/** Rules of the user's own, run so that what they give can be differentiated again, or is refused. */

import { type Interpreter, isRecorded, passOn, type Run, withInterpreter } from '../graph/interpret.ts'
import { recording, withRecording } from '../graph/record.ts'
import { stopGradient } from '../ops/stopGradient.ts'
import { GraphError } from '../shape/errors.ts'
import type { Attributes, Primitive } from '../tensor/node.ts'
import { sameView, Tensor } from '../tensor/tensor.ts'
import { Tracer } from '../tensor/tracer.ts'
import { Observer } from './observer.ts'

/** The custom function that a rule belongs to. */
export interface RuleOwner {
  readonly name: string
  /** The rule is not the derivative of the function, and may cut off what it likes. */
  readonly surrogate?: boolean
}

/** What `forward` was given and what it made of it: constants, which a rule must not take for what they came from. */
const saved = /* @__PURE__ */ new WeakSet<Tensor>()

class ForwardWatch extends Observer {
  readonly unrolls = false

  see(_: Primitive, inputs: readonly Tensor[], output: Tensor): void {
    if (inputs.some(x => saved.has(x))) saved.add(output)
  }
}

/** Runs `forward` on constants, recorded: a result that requires gradients has used something else. */
export function runOnConstants<Result>(
  inputs: readonly Tensor[],
  forward: (constants: readonly Tensor[]) => Result,
): Result {
  const { tracing, interpreter } = recording
  const constants = inputs.map(x => (tracing && interpreter?.lift(x)) ?? sameView(x))
  for (const x of constants) saved.add(x)
  return withInterpreter(new ForwardWatch(), () => withRecording(true, () => forward(constants)))
}

/**
 * Runs a rule. Where its result may be differentiated again the rule gets tensors whose values cannot be read, and its
 * result must hang on what it was given: a rule that leaves the ops would otherwise turn into a silent zero.
 */
export function runSealed(
  { name, surrogate = false }: RuleOwner,
  rule: 'vjp' | 'jvp',
  given: readonly Tensor[],
  body: (given: readonly Tensor[]) => readonly (Tensor | null)[],
): readonly (Tensor | null)[] {
  const isDifferentiable =
    (recording.enabled && given.some(x => isRecorded(x, recording.interpreter))) ||
    recording.interpreter?.transform !== undefined
  if (!isDifferentiable) return body(given)
  const scope = new SealScope(name, rule, !surrogate)
  const found = withInterpreter(scope, () => body(given.map(x => new SealedTensor(scope, x))))
  return found.map(result => {
    if (!(result instanceof Tensor)) return result
    const inner = scope.open(result)
    if (
      recording.enabled &&
      isRecorded(given[0]!, recording.interpreter) &&
      !isRecorded(inner, recording.interpreter)
    ) {
      throw new GraphError(
        name,
        `the result of the rule ${rule} does not depend on its ${rule === 'vjp' ? 'cotangent' : 'tangents'} through ops, so it cannot be differentiated again. Write the rule with ops, without noGrad and detach.`,
      )
    }
    return inner
  })
}

/** A tensor given to a rule: ops may use it, nobody may read it. */
class SealedTensor extends Tracer {
  readonly scope: SealScope
  readonly value: Tensor

  constructor(scope: SealScope, value: Tensor) {
    super(value.shape, value.dtype)
    this.scope = scope
    this.value = value
    this.name = value.name
  }

  explain(): string {
    const { name, rule } = this.scope
    return (
      `the rule ${rule} of '${name}' reads a value, and its result is to be differentiated again: that would silently be wrong. ` +
      'Write the rule with ops.'
    )
  }

  override toString(): string {
    return this.value.toString()
  }
}

class SealScope implements Interpreter {
  readonly name: string
  readonly rule: 'vjp' | 'jvp'
  readonly transform = 'a custom rule'
  readonly unrolls = true
  readonly #outer = recording.interpreter
  readonly #wasRecording = recording.enabled
  readonly #paused = recording.paused
  readonly #mustConnect: boolean

  constructor(name: string, rule: 'vjp' | 'jvp', mustConnect: boolean) {
    this.name = name
    this.rule = rule
    this.#mustConnect = mustConnect
  }

  run(primitive: Primitive, inputs: readonly Tensor[], attributes: Attributes, again: Run): Tensor {
    if (this.#mustConnect && inputs.some(x => saved.has(x) && !x.requiresGrad)) {
      throw new GraphError(
        this.name,
        `the rule ${this.rule} uses a tensor that forward saved, and its result is to be differentiated again: that tensor is a constant, and the result would silently be wrong. Compute it again from the inputs and the output that the rule is given.`,
      )
    }
    if (!inputs.some(x => x instanceof SealedTensor && x.scope === this)) {
      return passOn(this.#outer, primitive, inputs, attributes, again)
    }
    const values = inputs.map(x => this.open(x))
    const isCut = primitive === stopGradient.primitive || recording.paused > this.#paused
    if (isCut && this.#mustConnect && values.some(x => this.#isWanted(x))) {
      throw new GraphError(
        this.name,
        `the rule ${this.rule} uses detach or noGrad on what it is given, and its result is to be differentiated again: that would silently be wrong. Write the rule without them, or declare { surrogate: true } when it is meant so.`,
      )
    }
    return withInterpreter(this.#outer, () => new SealedTensor(this, again(primitive, values, attributes)))
  }

  lift(x: Tensor): Tensor {
    return new SealedTensor(this, this.open(x))
  }

  /** Whether a derivative of something outside may be asked for. */
  #isWanted(x: Tensor): boolean {
    return (this.#wasRecording && isRecorded(x, this.#outer)) || this.#outer?.transform === 'jvp'
  }

  source(x: Tensor): Tensor {
    const value = this.open(x)
    return this.#outer?.source(value) ?? value
  }

  hides(x: Tensor): boolean {
    return isRecorded(this.open(x), this.#outer)
  }

  open(x: Tensor): Tensor {
    return x instanceof SealedTensor && x.scope === this ? x.value : x
  }
}
