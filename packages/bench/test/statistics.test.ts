import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptedResults, quantile, relativeDifference, rowsOf } from '../src/statistics.ts'

const samples = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 })

describe('quantile', () => {
  it('is one of the samples, with as many below and above as its share says', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const found = quantile(values, share)
        const below = values.filter(value => value < found).length
        const above = values.filter(value => value > found).length
        expect(values).toContain(found)
        expect(below).toBeLessThanOrEqual(share * (values.length - 1) + 0.5)
        expect(above).toBeLessThanOrEqual((1 - share) * (values.length - 1) + 0.5)
      }),
    )
  })

  it('gives the ends for 0 and 1, the middle for a half, and leaves the samples alone', () => {
    const values = [3, 1, 2]
    expect([0, 0.5, 1].map(share => quantile(values, share))).toEqual([1, 2, 3])
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2)
    expect(values).toEqual([3, 1, 2])
  })

  it('of nothing is no number', () => {
    expect(quantile([], 0.5)).toBeNaN()
  })
})

describe('relativeDifference', () => {
  it('is 0 for equal results and unlimited for missing ones and NaN', () => {
    expect(relativeDifference([1, 0], [1, 0])).toBe(0)
    expect(relativeDifference([1], [1, 2])).toBe(Number.POSITIVE_INFINITY)
    expect(relativeDifference([Number.NaN], [1])).toBe(Number.POSITIVE_INFINITY)
    expect(relativeDifference([1], [Number.NaN])).toBe(Number.POSITIVE_INFINITY)
    expect(relativeDifference([1, 110], [1, 100])).toBeCloseTo(0.1)
  })
})

describe('agreement', () => {
  it('goes with the results of most subjects, wherever the others stand', () => {
    const results = [[5], [1], [1.00001], [0.99999]].map(results => ({ results }))
    fc.assert(
      fc.property(fc.shuffledSubarray(results, { minLength: 4 }), shuffled => {
        expect(acceptedResults(shuffled, 1e-3)![0]).toBeCloseTo(1, 3)
      }),
    )
  })

  it('shows a subject that disagrees as wrong and never as the best', () => {
    const rows = rowsOf(
      'W',
      [
        { subject: 'fast and wrong', samples: [1, 1, 1], results: [7] },
        { subject: 'slow', samples: [9, 10, 11], results: [2] },
        { subject: 'faster', samples: [4, 5, 6], results: [2.0000001] },
        { subject: 'limit', samples: [0.5] },
      ],
      1e-4,
    )
    expect(rows.map(({ agrees }) => agrees)).toEqual([false, true, true, false])
    expect(rows.map(({ medianMs }) => medianMs)).toEqual([1, 10, 5, 0.5])
    expect(rows.map(({ ratioToBest }) => ratioToBest)).toEqual([0.2, 2, 1, 0.1])
    expect(rows[0]!.difference).toBe(2.5)
    expect(rows[3]!.difference).toBeNull()
  })

  it('takes one subject for right, and a subject without a number for wrong', () => {
    const [only] = rowsOf('W', [{ subject: 'only', samples: [1], results: [3] }], 1e-4)
    expect(only).toMatchObject({ agrees: true, ratioToBest: 1, difference: 0 })
    const [nan] = rowsOf('W', [{ subject: 'NaN', samples: [1], results: [Number.NaN] }], 1e-4)
    expect(nan!.agrees).toBe(false)
  })
})
