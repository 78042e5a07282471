// Slopes around a kink; and that a pole, a jump and a smooth place have none to choose from.
import { abs, floor, hardShrink, log, median, sort, sqrt, square, type Tensor, tensor } from '@adjoint/core'
import { expect, test } from 'vitest'
import { slopesAtKink } from '../src/parity/generalizedGradient.ts'

type Slopes = readonly [low: number, high: number] | undefined

const CASES: readonly [what: string, f: (x: Tensor) => Tensor, at: number[], slopes: Slopes][] = [
  ['abs at 0', abs, [0], [-1, 1]],
  ['abs at 1', abs, [1], undefined],
  ['a square at 0', square, [0], undefined],
  ['a pole', x => sqrt(x), [0], undefined],
  ['the edge of a domain', x => log(x), [0], undefined],
  ['a jump', floor, [1], undefined],
  ['a jump with two slopes', x => hardShrink(x, 0.5), [0.5], [0, 1]],
  ['a median of three equals, which no single one of them moves', x => median(x), [2, 2, 2], [0, 1]],
  ['the first of two equals in order, weighted 1 and 3', x => sort(x).mul(tensor([1, 3])), [2, 2], [1, 3]],
  ['an infinity', abs, [Infinity], undefined],
]

test.each(CASES)('%s', (_, f, at, slopes) => {
  const found = slopesAtKink(([x]) => Array.from(f(x!).data()), [tensor(at, { dtype: 'float64' })], {
    by: 0,
    element: 0,
    isShifted: () => true,
    oneSided: true,
  })
  if (slopes === undefined) expect(found).toBeUndefined()
  else {
    expect(found?.low).toBeCloseTo(slopes[0], 2)
    expect(found?.high).toBeCloseTo(slopes[1], 2)
  }
})
