/** Cases of kind `info`: facts about PyTorch in words, as checks of Adjoint where it has the same or a documented other. */
import {
  ChangedParameterError,
  DTypeError,
  GraphError,
  noGrad,
  Parameter,
  type Tensor,
  tensor,
} from '@adjoint/core'
import { NotCovered } from '../errors.ts'
import type { ParityCase } from '../format.ts'
import type { Outcome } from '../outcome.ts'

/** What Adjoint does: the same as PyTorch, or something else on purpose. */
interface Fact {
  /** Why Adjoint differs, when it does. */
  readonly otherwise?: string
  /** Whether Adjoint does what is said: what PyTorch does, or what stands in `otherwise`. */
  readonly holds: () => boolean
}

const leaf = (): Tensor => tensor([2, -1], { dtype: 'float64', requiresGrad: true })

const throws = (kind: new (...args: never[]) => Error, run: () => unknown): boolean => {
  try {
    run()
  } catch (error) {
    return error instanceof kind
  }
  return false
}

const FACTS: ReadonlyMap<string, Fact> = new Map<string, Fact>([
  [
    'accumulate',
    {
      holds: () => {
        const x = leaf()
        for (let pass = 0; pass < 2; pass++) x.square().sum().backward()
        return x.grad!.data().join() === '8,-4'
      },
    },
  ],
  [
    'leaf_only',
    {
      otherwise: 'backward fills .grad of intermediate results too, so that a ledger can show dz',
      holds: () => {
        const x = leaf()
        const square = x.square()
        square.sum().backward()
        return x.grad!.data().join() === '4,-2' && square.grad!.data().join() === '1,1'
      },
    },
  ],
  ['no_grad', { holds: () => noGrad(() => leaf().square()).requiresGrad === false }],
  ['backward_nonscalar', { holds: () => throws(GraphError, () => leaf().square().backward()) }],
  [
    'freed_graph',
    {
      otherwise: 'a graph may be walked any number of times; memory is freed with the last reference to it',
      holds: () => {
        const x = leaf()
        const y = x.square().sum()
        y.backward()
        y.backward()
        return x.grad!.data().join() === '8,-4'
      },
    },
  ],
  [
    'integer_requires_grad',
    { holds: () => throws(DTypeError, () => tensor([1, 2], { dtype: 'int32', requiresGrad: true })) },
  ],
  [
    'inplace_on_leaf',
    {
      otherwise: 'there are no in-place ops; a Parameter is assigned new values, and the graph notices',
      holds: () => {
        const w = new Parameter(tensor([2, -1]))
        w.assign(tensor([3, 4]))
        return w.version === 1 && w.data().join() === '3,4'
      },
    },
  ],
  [
    'inplace_saved',
    {
      holds: () => {
        const w = new Parameter(tensor([2, -1]))
        const loss = w.square().sum()
        w.assign(tensor([3, 4]))
        return throws(ChangedParameterError, () => loss.backward())
      },
    },
  ],
])

export function decideInfo(found: ParityCase): Outcome {
  const { name } = found.record
  const fact = typeof name === 'string' ? FACTS.get(name) : undefined
  if (fact === undefined) throw new NotCovered(`a remark, nothing to compare: ${found.note ?? found.op}`)
  if (!fact.holds())
    return { verdict: 'failed', stages: [], differences: [`Adjoint does otherwise: ${String(name)}`] }
  if (fact.otherwise === undefined) return { verdict: 'passed', stages: ['value'] }
  return { verdict: 'convention', stages: ['value'], differences: [fact.otherwise] }
}
