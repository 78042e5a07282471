/** The one table of adapters: what an op of PyTorch is in Adjoint. */
import type { Tensor } from '@adjoint/core'
import { Attributes } from '../attributes.ts'
import { NotCovered } from '../errors.ts'
import type { Adapter, AdapterTable, Inputs } from './adapter.ts'
import { ATTENTION } from './attention.ts'
import { BINARY } from './binary.ts'
import { CONVOLUTION } from './convolution.ts'
import { FOURIER } from './fourier.ts'
import { LINALG } from './linalg.ts'
import { NN_CORE } from './nnCore.ts'
import { NN_LOSS } from './nnLoss.ts'
import { NORM } from './norm.ts'
import { reasonFor } from './notCovered.ts'
import { POOLING } from './pooling.ts'
import { RECURRENT } from './recurrent.ts'
import { REDUCE } from './reduce.ts'
import { SHAPE } from './shape.ts'
import { UNARY } from './unary.ts'

const TABLES: readonly AdapterTable[] = [
  UNARY,
  BINARY,
  REDUCE,
  SHAPE,
  LINALG,
  CONVOLUTION,
  FOURIER,
  NN_CORE,
  NN_LOSS,
  NORM,
  POOLING,
  RECURRENT,
  ATTENTION,
]

const ADAPTERS: ReadonlyMap<string, Adapter> = new Map(TABLES.flatMap(table => Object.entries(table)))

/**
 * The outputs of an op of PyTorch, computed by Adjoint; null for those that are not compared.
 *
 * @throws NotCovered when there is no adapter, or when it has not read an attribute.
 */
export function evaluate(
  op: string,
  inputs: readonly Tensor[],
  attrs: Readonly<Record<string, unknown>>,
): readonly (Tensor | null)[] {
  if (op === 'program') return runProgram(inputs, new Attributes(attrs))
  const adapter = ADAPTERS.get(op)
  if (adapter === undefined) throw new NotCovered(reasonFor(op))
  const attributes = new Attributes(attrs)
  const outputs = adapter(inputs as unknown as Inputs, attributes)
  attributes.expectAllRead(op)
  return Array.isArray(outputs) ? outputs : [outputs as Tensor]
}

/** Steps on numbered values: the inputs first, then one value of each step. */
function runProgram(inputs: readonly Tensor[], attributes: Attributes): readonly Tensor[] {
  const values = [...inputs]
  const valueAt = (position: unknown): Tensor => {
    const value = typeof position === 'number' ? values[position] : undefined
    if (value === undefined) throw new NotCovered(`a program that reads value ${String(position)}`)
    return value
  }
  for (const step of attributes.list('steps')) {
    const { op, in: read, attrs = {}, out = 0 } = step as Record<string, unknown>
    if (typeof op !== 'string' || !Array.isArray(read) || typeof out !== 'number')
      throw new NotCovered('a program with a step that has no op, no inputs or no output')
    const found = evaluate(op, read.map(valueAt), attrs as Record<string, unknown>)[out]
    if (found === undefined || found === null) throw new NotCovered(`output ${out} of ${op}`)
    values.push(found)
  }
  return attributes.list('results').map(valueAt)
}
