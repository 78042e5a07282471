/** Random programs of elementwise ops, reductions, movements and products: compiled, they compute what eager code does. */

import { Rng, type Tensor, tensor, where } from '@adjoint/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compile } from '../src/index.ts'

type DType = 'float32' | 'float64'

/** One step of a program: makes a new tensor of earlier ones. */
type Step = (values: readonly Tensor[], pick: (count: number) => number) => Tensor | undefined

const unary =
  (f: (x: Tensor) => Tensor): Step =>
  (values, pick) =>
    f(values[pick(values.length)]!)

const binary =
  (f: (x: Tensor, y: Tensor) => Tensor): Step =>
  (values, pick) => {
    const x = values[pick(values.length)]!
    const y = values[pick(values.length)]!
    const rank = Math.max(x.rank, y.rank)
    const at = (z: Tensor, k: number) => z.shape[z.rank - rank + k] ?? 1
    const fits = Array.from({ length: rank }, (_, k) => [at(x, k), at(y, k)]).every(
      ([a, b]) => a === b || a === 1 || b === 1,
    )
    return fits ? f(x, y) : undefined
  }

const axes = (x: Tensor, pick: (count: number) => number): number[] => {
  const chosen = x.shape.map((_, axis) => axis).filter(() => pick(2) === 1)
  return chosen.length === 0 && x.rank > 0 ? [pick(x.rank)] : chosen
}

const reduce =
  (name: 'sum' | 'mean' | 'max' | 'min'): Step =>
  (values, pick) => {
    const x = values[pick(values.length)]!
    return x[name](axes(x, pick), { keepDims: pick(2) === 1 }) as Tensor
  }

const STEPS: readonly Step[] = [
  binary((x, y) => x.add(y as never)),
  binary((x, y) => x.sub(y as never)),
  binary((x, y) => x.mul(y as never)),
  binary((x, y) => x.maximum(y as never)),
  binary((x, y) => where(x.greater(y as never), x as never, y as never)),
  binary((x, y) => x.div(y.square().add(1) as never)),
  unary(x => x.tanh()),
  unary(x => x.sigmoid()),
  unary(x => x.relu()),
  unary(x => x.square().add(1).sqrt()),
  unary(x => x.tanh().exp()),
  unary(x => x.mul(0.5)),
  unary(x => x.neg()),
  reduce('sum'),
  reduce('mean'),
  reduce('max'),
  reduce('min'),
  (values, pick) => {
    const x = values[pick(values.length)]!
    return x.permute(x.shape.map((_, axis) => axis).reverse()) as Tensor
  },
  (values, pick) => {
    const x = values[pick(values.length)]!
    return x.rank === 0 ? undefined : (x.reshape([-1, x.shape[pick(x.rank)]!]) as Tensor)
  },
  (values, pick) => {
    const x = values[pick(values.length)]!
    if (x.rank === 0) return undefined
    const size = x.shape[0]!
    const start = pick(size)
    return x.slice([start, start + 1 + pick(size - start)]) as Tensor
  },
  (values, pick) => {
    const matrices = values.filter(x => x.rank === 2)
    if (matrices.length === 0) return undefined
    const x = matrices[pick(matrices.length)]!
    return x.matmul(x.transpose() as never).mul(1 / 16) as Tensor
  },
]

/** What a list of numbers says: the same program whenever it is run. */
function run(choices: readonly number[], inputs: readonly Tensor[]): Tensor[] {
  let next = 0
  const pick = (count: number): number => choices[next++ % choices.length]! % count
  const values = [...inputs]
  const made: Tensor[] = []
  for (let i = 0; i < 14; i++) {
    const value = STEPS[pick(STEPS.length)]!(values, pick)
    if (value === undefined || value.size > 20_000 || value.size === 0) continue
    values.push(value)
    made.push(value)
  }
  // Not all of them: what nobody else needs is not even written to memory.
  return made.filter(() => pick(3) === 0).concat(made.slice(-1))
}

const shapes = fc.constantFrom([3, 5], [4, 8], [2, 3, 4], [17], [1, 6], [40, 33], [], [5, 1, 7], [130, 9])

for (const dtype of ['float32', 'float64'] as const) {
  test(`compiled programs of ${dtype} compute what eager code computes`, () => {
    fc.assert(
      fc.property(
        fc.tuple(shapes, shapes, fc.boolean()),
        fc.array(fc.nat(1000), { minLength: 60, maxLength: 60 }),
        fc.nat(1000),
        ([first, second, isSame], choices, seed) => {
          const rng = new Rng(seed)
          const draw = (shape: readonly number[]) => rng.normal(shape as number[], { dtype }) as Tensor
          const inputs = [draw(first), draw(isSame ? first : second), draw([])]
          const expected = run(choices, inputs)
          const found = compile((...args: Tensor[]) => run(choices, args))(...inputs)
          expect(found.length).toBe(expected.length)
          for (const [i, result] of found.entries()) expectClose(result, expected[i]!, dtype)
        },
      ),
      { numRuns: 300 },
    )
  })
}

/** Within some roundings of the largest element: sums in another order, and vector forms of exp and tanh. */
function expectClose(found: Tensor, expected: Tensor, dtype: DType): void {
  expect(found.shape).toEqual(expected.shape)
  expect(found.dtype).toBe(expected.dtype)
  const [a, b] = [found.data(), expected.data()]
  let scale = 1
  for (const value of b) scale = Math.max(scale, Math.abs(value))
  const bound = (dtype === 'float32' ? 2 ** -24 : 2 ** -53) * 256 * scale
  for (let i = 0; i < b.length; i++) {
    if (Number.isNaN(b[i]!) ? Number.isNaN(a[i]!) : Math.abs(a[i]! - b[i]!) <= bound) continue
    if (a[i] === b[i]) continue
    throw new Error(`element ${i} of shape [${expected.shape}] is ${a[i]}, not ${b[i]}`)
  }
}

test('a value of one element', () => {
  const f = compile((x: Tensor) => x.mul(2))
  expect(f(tensor(3)).item()).toBe(6)
})
