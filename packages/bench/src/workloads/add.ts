/** One addition on one element: what an op costs that does next to nothing. */

import { add, type Tensor, tensor } from '@adjoint/core'
import type { Workload } from '../workload.ts'

/** The least that any recorded op could do in JavaScript: one typed array and one object that remembers its inputs. */
interface Minimal {
  data: Float32Array
  inputs: readonly Minimal[]
}

/** An add on `size` elements, recorded, and the same with its backward walk. */
export function addWorkloads(size: number): Workload[] {
  const values = Array.from({ length: size }, (_, i) => i / 4)
  const x: Tensor = tensor(values, { requiresGrad: true })
  const y: Tensor = tensor(values)
  const [left, right]: Minimal[] = [x, y].map(t => ({ data: Float32Array.from(t.data()), inputs: [] }))
  const addMinimal = (): Minimal => {
    const data = new Float32Array(size)
    for (let i = 0; i < size; i++) data[i] = left!.data[i]! + right!.data[i]!
    return { data, inputs: [left!, right!] }
  }
  const cotangent = tensor(values)
  return [
    {
      name: `add, ${size} ${size === 1 ? 'element' : 'elements'}, recorded`,
      tolerance: 0,
      subjects: [
        { name: 'hand-written JS', run: addMinimal, result: () => total(addMinimal().data) },
        { name: 'adjoint eager', run: () => add(x, y), result: () => total(add(x, y).data()) },
      ],
    },
    {
      name: `add, ${size} ${size === 1 ? 'element' : 'elements'}, with backward`,
      tolerance: 0,
      subjects: [
        {
          name: 'adjoint eager',
          run: () => {
            x.grad = null
            add(x, y).backward({ cotangent })
          },
          result: () => total(x.grad!.data()),
        },
      ],
    },
  ]
}

function total(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0)
}
