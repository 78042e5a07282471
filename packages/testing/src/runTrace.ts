/** A trace as a program in its plainest form: what every engine that runs traces has to agree with. */

import {
  allocate,
  assignmentClock,
  type LoopAttributes,
  loopPrimitive,
  loopResult,
  type Trace,
  type TracedCall,
  viewOf,
} from '@adjoint/core/engine'
import { noGrad, slice, stack, type Tensor } from '@adjoint/core/functional'

/**
 * Runs a trace on tensors: what the host does, then every call in order with the kernel of its primitive, then the
 * assignments. It is to leave what the traced function itself would have left: outputs, parameters and gradients, bit for
 * bit, except where the gradients of a loop are added up in another order. Guards are not looked at, see {@link guardedValues}.
 *
 * @param inputs of the shapes and dtypes that the trace was made for
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { trace } from '@adjoint/core/engine'
 * import { runTrace } from '@adjoint/testing'
 * const count = new Parameter(tensor(0), 'count', { trainable: false })
 * const traced = trace([{ shape: [2], dtype: 'float32' }], ([x]) => {
 *   count.assign(count.add(1))
 *   return [x!.mul(count)]
 * })
 * runTrace(traced, [tensor([1, 2])])
 * runTrace(traced, [tensor([1, 2])])[0]!.toArray() // => [2, 4]
 * ```
 */
export function runTrace(
  { inputs, parameters, events, calls, outputs }: Trace,
  given: readonly Tensor[],
): Tensor[] {
  return noGrad(() => {
    const values = new Map<Tensor, Tensor>(inputs.map((input, i) => [input, given[i]!]))
    for (const { value, run } of events) {
      const memory = value && allocate(value.shape, value.dtype)
      if (value !== undefined && memory !== undefined) values.set(value, memory)
      run(memory?.storage as never, memory?.offset as never)
    }
    // Memory is never written twice, so a view keeps the values from before the assignments.
    for (const { parameter: p, value } of parameters)
      values.set(value, viewOf(p, p.shape, p.strides, p.offset))
    runCalls(calls, values)
    const valueIn = (x: Tensor): Tensor => values.get(x) ?? x
    const left = parameters.flatMap(({ parameter, assigned, assignedAt, gradient, gradientTime }) => {
      const assign = assigned && (() => parameter.assign(valueIn(assigned)))
      const leave =
        gradient &&
        (() => {
          parameter.grad = valueIn(gradient)
          parameter.gradTime = assignmentClock()
        })
      return [
        { time: assignedAt, run: assign },
        { time: gradientTime, run: leave },
      ]
    })
    for (const { run } of left.filter(({ run }) => run).sort((a, b) => a.time - b.time)) run!()
    return outputs.map(valueIn)
  })
}

/** Runs calls in order, and turn by turn those of loops; `values` has the tensors that are known, and gets the results. */
function runCalls(calls: readonly TracedCall[], values: Map<Tensor, Tensor>): void {
  const valueIn = (x: Tensor): Tensor => values.get(x) ?? x
  const given = new Map<Tensor, readonly Tensor[]>()
  for (const { primitive, inputs, attributes, output } of calls) {
    if (primitive === loopPrimitive)
      given.set(output, runLoop(inputs.map(valueIn), attributes as LoopAttributes))
    else if (primitive === loopResult) values.set(output, given.get(inputs[0]!)![attributes.index as number]!)
    else values.set(output, primitive.forward(inputs.map(valueIn), attributes))
  }
}

/** The last states and the stacked outputs of a loop. */
function runLoop(
  given: readonly Tensor[],
  { body, length, reverse, states, sequences }: LoopAttributes,
): Tensor[] {
  let carried = given.slice(0, states)
  const outputs = new Array<readonly Tensor[]>(length)
  for (let turn = 0; turn < length; turn++) {
    const place = reverse ? length - 1 - turn : turn
    const slices = given.slice(states, states + sequences).map(x => slice(x, place))
    const read = [...carried, ...slices, ...given.slice(states + sequences)]
    const values = new Map<Tensor, Tensor>(body.inputs.map((input, k) => [input, read[k]!]))
    runCalls(body.calls, values)
    const found = body.outputs.map(x => values.get(x) ?? x)
    carried = found.slice(0, states)
    outputs[place] = found.slice(states)
  }
  return [...carried, ...outputs[0]!.map((_, k) => stack(outputs.map(parts => parts[k]!)))]
}

/** The plain values that a trace depends on, as they are now: when they are others, the trace is out of date. */
export function guardedValues({ guards }: Trace): unknown[] {
  return guards.map(read => read())
}
