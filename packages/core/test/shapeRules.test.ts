// Shapes and dtypes without values: a wrong call is refused while it is traced, in the words of the eager call.
import {
  add,
  concat,
  convolution,
  type DType,
  gather,
  linearRecurrence,
  matmul,
  max,
  permute,
  reshape,
  solve,
  sum,
  type Tensor,
  where,
  zeros,
} from '@adjoint/core'
import { pick, type TensorSpec, trace } from '@adjoint/core/engine'
import { describe, expect, test } from 'vitest'

function like(shape: readonly number[], dtype: DType = 'float32'): TensorSpec {
  return { shape, dtype }
}

type Call = (inputs: readonly Tensor[]) => Tensor

const WRONG: readonly (readonly [name: string, specs: readonly TensorSpec[], call: Call])[] = [
  ['matmul, inner sizes', [like([2, 3]), like([2, 3])], ([x, y]) => matmul(x!, y!)],
  ['matmul, batch axes', [like([2, 1, 3]), like([4, 3, 1])], ([x, y]) => matmul(x!, y!)],
  ['add', [like([2, 3]), like([2, 4])], ([x, y]) => add(x!, y!)],
  ['where', [like([2], 'bool'), like([2]), like([3])], ([c, x, y]) => where(c!, x!, y!)],
  ['concat', [like([2, 3]), like([2, 4])], ([x, y]) => concat([x!, y!], 0)],
  ['convolution, channels', [like([1, 3, 8, 8]), like([4, 2, 3, 3])], ([x, k]) => convolution(x!, k!)],
  ['convolution, no room', [like([1, 3, 2, 2]), like([4, 3, 3, 3])], ([x, k]) => convolution(x!, k!)],
  ['reshape', [like([2, 3])], ([x]) => reshape(x!, [4])],
  ['permute', [like([2, 3])], ([x]) => permute(x!, [0, 0])],
  ['max of nothing', [like([0, 3])], ([x]) => max(x!, 0)],
  ['sum over no axis', [like([2])], ([x]) => sum(x!, 1)],
  ['gather, rank', [like([2, 3]), like([2], 'int32')], ([x, at]) => gather(x!, 0, at!)],
  ['gather, dtype', [like([2, 3]), like([2, 3])], ([x, at]) => gather(x!, 0, at!)],
  ['pick, dtype', [like([2, 3]), like([2])], ([x, at]) => pick(x!, at!)],
  ['solve', [like([2, 2]), like([3, 1])], ([a, b]) => solve(a!, b!)],
  ['linearRecurrence', [like([2]), like([3])], ([f, t]) => linearRecurrence(f!, t!)],
]

function refusal(run: () => unknown): Error | undefined {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  return undefined
}

describe('a wrong call is refused in the same words with and without values', () => {
  test.each(WRONG)('%s', (_, specs, call) => {
    const eager = refusal(() => call(specs.map(({ shape, dtype }) => zeros(shape, { dtype }))))
    const traced = refusal(() => trace(specs, inputs => [call(inputs)]))
    expect(eager).toBeDefined()
    expect(traced?.constructor).toBe(eager!.constructor)
    expect(traced?.message).toBe(eager!.message)
  })
})
