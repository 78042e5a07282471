/** What only ordinary code can do. */

import { currentTracing } from '@adjoint/core/engine'
import { GraphError } from '@adjoint/core/functional'

/** @throws GraphError while a function is traced, for what can only happen outside of it. */
export function expectUntraced(op: string, message: string): void {
  if (currentTracing() !== undefined) throw new GraphError(op, message)
}
