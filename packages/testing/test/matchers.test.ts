import '@adjoint/testing/vitest'
import { mul, sin, stopGradient, type Tensor, tensor } from '@adjoint/core'
import { compareBackprop } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'

/** The message of a failed expectation. */
function messageOf(check: () => void): string {
  try {
    check()
  } catch (error) {
    return (error as Error).message
  }
  return expect.fail('nothing was thrown')
}

describe('toHaveCorrectGradients', () => {
  const wrong = (x: Tensor): Tensor => mul(x, stopGradient(x))

  test('passes and fails', () => {
    expect(sin).toHaveCorrectGradients(tensor([1, 2]), { order: 2 })
    expect(wrong).not.toHaveCorrectGradients(tensor([1, 2]))
    expect(({ x, y }: { x: Tensor; y: Tensor }) => mul(x, y)).toHaveCorrectGradients({
      x: tensor(2),
      y: tensor([3, 4]),
    })
  })

  test('explains', () => {
    const message = messageOf(() => expect(wrong).toHaveCorrectGradients(tensor([1, 2])))
    expect(message).toContain('wrong derivative')
    expect(message).toContain('1/2 times the quotient')
    expect(messageOf(() => expect(sin).not.toHaveCorrectGradients(tensor(1)))).toContain('gradients agree')
  })

  test('is for functions', () => {
    const misuse = 'toHaveCorrectGradients needs a function: expect(...) was given Tensor'
    expect(messageOf(() => expect(tensor(1)).toHaveCorrectGradients(tensor(1)))).toContain(misuse)
    expect(messageOf(() => expect(tensor(1)).not.toHaveCorrectGradients(tensor(1)))).toContain(misuse)
  })
})

describe('toBeCloseToTensor', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ])

  test('passes and fails', () => {
    expect(x).toBeCloseToTensor([
      [1, 2],
      [3, 4],
    ])
    expect(x).toBeCloseToTensor(x.add(1e-7))
    expect(x).not.toBeCloseToTensor(x.add(1e-4))
    expect(x).toBeCloseToTensor(x.add(1e-4), { relative: 1e-4 })
    expect(x).toBeCloseToTensor(x.add(1e-4), { relative: 0, absolute: 1.1e-4 })
    expect(x).not.toBeCloseToTensor(x.add(1e-4), { absolute: 1e-5 })
    expect(tensor([])).toBeCloseToTensor([])
  })

  test('tells NaN and infinities apart', () => {
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number
    expect(tensor([nan, infinity, 1])).toBeCloseToTensor([nan, infinity, 1])
    expect(tensor([nan, 1])).not.toBeCloseToTensor([1, 1])
    expect(tensor([infinity, 1])).not.toBeCloseToTensor([-infinity, 1])
  })

  test('says where and by how much', () => {
    const message = messageOf(() =>
      expect(x).toBeCloseToTensor([
        [1, 2],
        [3.5, 4],
      ]),
    )
    expect(message).toBe(
      'they differ at [1, 0]: 3, expected 3.5 (max abs 0.5, allowed 4.00e-6, max rel 0.125, 2.10e6 ulp)',
    )
    expect(messageOf(() => expect(x).not.toBeCloseToTensor(x))).toContain('closest to a difference at [0, 0]')
  })

  test('shapes must be equal; a typed array has none', () => {
    expect(x).toBeCloseToTensor(new Float64Array([1, 2, 3, 4]))
    expect(messageOf(() => expect(x).toBeCloseToTensor([1, 2, 3, 4]))).toBe(
      'the shapes differ: [2, 2], expected [4]',
    )
    expect(x).not.toBeCloseToTensor(new Float64Array(3))
  })

  test('is for tensors', () => {
    expect(messageOf(() => expect([1]).toBeCloseToTensor([1]))).toContain(
      'needs a tensor: expect(...) was given Array',
    )
  })
})

describe('toMatchManualGradients, toAgree', () => {
  const w = tensor([1, 2], { dtype: 'float64', requiresGrad: true })
  const loss = w.square().sum()
  const right = compareBackprop(loss, { w }, { dw: [2, 4] })
  const wrong = compareBackprop(loss, { w }, { dw: [1, 2] })

  test('pass and fail', () => {
    expect(right).toAgree()
    expect(right).toMatchManualGradients()
    expect(wrong).not.toAgree()
    expect(wrong).not.toMatchManualGradients()
  })

  test('show the ledger', () => {
    expect(messageOf(() => expect(wrong).toAgree())).toBe(wrong.toString())
    expect(messageOf(() => expect(right).not.toMatchManualGradients())).toBe(right.toString())
  })

  test('are for reports', () => {
    expect(messageOf(() => expect(null).toAgree())).toContain('toAgree needs a report of compareBackprop')
  })
})
