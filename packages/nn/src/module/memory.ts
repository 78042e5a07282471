/** What a layer remembers from one pass to the next, without a gradient having a part in it. */

import { currentTracing, isRunningAgain } from '@adjoint/core/engine'
import {
  ArgumentError,
  cast,
  GraphError,
  type Parameter,
  type Tensor,
  tensor,
} from '@adjoint/core/functional'
import type { ForwardContext } from './module.ts'

/**
 * Whether a pass may change the memory of a layer. A pass that `checkpoint` or `scan` runs once more, because a gradient
 * walks through it, has changed it the first time.
 */
export function isRemembering(context: ForwardContext | undefined): boolean {
  return context?.training === true && !isRunningAgain()
}

/**
 * Gives a memory its next value: through `context.assign`, or by assigning it. Inside of `jvp` the value without its
 * tangent is assigned.
 *
 * @throws ArgumentError inside of `vmap` without `context.assign`: there is one value for each example then.
 */
export function remember(
  layer: string,
  memory: Parameter,
  value: Tensor,
  context: ForwardContext | undefined,
): void {
  const next = cast(value, memory.dtype)
  if (context?.assign !== undefined) context.assign(memory, next)
  else if (currentTracing() !== undefined) memory.assign(next)
  else memory.assign(tensor(readable(layer, memory, next), { shape: [...next.shape], dtype: next.dtype }))
}

function readable(layer: string, memory: Parameter, value: Tensor): ReturnType<Tensor['data']> {
  try {
    return value.data()
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause
    throw new ArgumentError(
      layer,
      `cannot assign '${memory.name}' inside of vmap, where it has a value for each example. Pass { assign } in the ` +
        'context to receive it there, or call the layer with { training: false }.',
    )
  }
}
