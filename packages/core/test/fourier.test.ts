// The Fourier transform against its defining sum, its inverse, and its gradients.
import {
  fft,
  fftFrequencies,
  gradients,
  ifft,
  irfft,
  jvp,
  Rng,
  rfft,
  rfftFrequencies,
  sum,
  type Tensor,
  tensor,
  vmap,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf, randomTensor } from './support.ts'

const DOUBLE = { dtype: 'float64' } as const

/** Σ x_j e^(sign 2πi jk/n), as a plain sum. */
function bySum(pairs: readonly (readonly number[])[], sign: 1 | -1): number[][] {
  const n = pairs.length
  return pairs.map((_, k) => {
    let [a, b] = [0, 0]
    pairs.forEach(([re, im], j) => {
      const angle = (sign * 2 * Math.PI * ((j * k) % n)) / n
      a += re! * Math.cos(angle) - im! * Math.sin(angle)
      b += re! * Math.sin(angle) + im! * Math.cos(angle)
    })
    return [a, b]
  })
}

function expectClose(have: Tensor, want: readonly number[], allowed: number): void {
  const data = have.data()
  expect(data.length).toBe(want.length)
  want.forEach((value, i) => {
    expect(Math.abs(data[i]! - value)).toBeLessThan(allowed)
  })
}

describe('fft and ifft', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 25, 27, 29, 31, 32, 60, 97, 100, 128, 211])(
    'length %s: the sum, and back',
    n => {
      const x = randomTensor([n, 2], n)
      const pairs = x.toArray() as number[][]
      expectClose(fft(x), bySum(pairs, -1).flat(), 4e-15 * n)
      expectClose(
        ifft(x),
        bySum(pairs, 1)
          .flat()
          .map(value => value / n),
        4e-15,
      )
      expectClose(ifft(fft(x)), pairs.flat(), 4e-15)
    },
  )

  test('a long prime length keeps its digits', () => {
    const n = 10_007
    const x = randomTensor([n, 2], 1)
    expectClose(ifft(fft(x)), [...x.data()], 1e-14)
    // Parseval: the energy is n times as large.
    const ratio = fft(x).square().sum().item() / x.square().sum().item()
    expect(ratio / n).toBeCloseTo(1, 13)
  })

  test('norms', () => {
    const x = randomTensor([6, 2], 2)
    const plain = [...fft(x).data()]
    const inverse = [...ifft(x, -1, { norm: 'forward' }).data()]
    const by = (list: readonly number[], factor: number): number[] => list.map(value => value * factor)
    expectClose(fft(x, -1, { norm: 'ortho' }), by(plain, 1 / Math.sqrt(6)), 1e-14)
    expectClose(fft(x, -1, { norm: 'forward' }), by(plain, 1 / 6), 1e-14)
    expectClose(ifft(x), by(inverse, 1 / 6), 1e-14)
    expectClose(ifft(x, -1, { norm: 'ortho' }), by(inverse, 1 / Math.sqrt(6)), 1e-14)
    for (const norm of ['backward', 'ortho', 'forward'] as const) {
      expectClose(ifft(fft(x, -1, { norm }), -1, { norm }), [...x.data()], 1e-14)
      expectClose(
        irfft(rfft(x.slice([0, 6], 0), -1, { norm }), -1, { norm }),
        [...x.slice([0, 6], 0).data()],
        1e-14,
      )
    }
  })

  test('any axis, and views', () => {
    const x = randomTensor([3, 4, 5, 2], 3)
    const along = fft(x, 1)
    expect(along.shape).toEqual([3, 4, 5, 2])
    const turned = fft(x.permute([0, 2, 1, 3]), -1).permute([0, 2, 1, 3])
    expectClose(along, [...turned.data()], 1e-14)
    expectClose(fft(x, -3), [...fft(x, 0).data()], 1e-14)
  })

  test('length cuts off and fills up', () => {
    const x = randomTensor([5, 2], 4)
    expectClose(fft(x, -1, { length: 3 }), [...fft(x.slice([0, 3])).data()], 1e-14)
    const longer = tensor([...x.data(), 0, 0, 0, 0], { ...DOUBLE, shape: [7, 2] })
    expectClose(fft(x, -1, { length: 7 }), [...fft(longer).data()], 1e-14)
  })

  test('dtypes', () => {
    expect(fft(tensor([[1, 2]])).dtype).toBe('float32')
    expect(fft(tensor([[1, 2]], { dtype: 'int32' })).dtype).toBe('float32')
    expect(rfft(tensor([1, 2], DOUBLE)).dtype).toBe('float64')
  })

  test.each([
    [
      () => fft(tensor([1, 2, 3])),
      'ShapeError: fft: complex numbers are pairs (re, im) on the last axis, got [3]; stack real and imaginary parts, or use rfft.',
    ],
    [
      () => fft(tensor([[1, 2]]), 1),
      'AxisError: fft: axis 1 is outside of a tensor of rank 1; axes run from -1 to 0.',
    ],
    [
      () => fft(tensor([[1, 2]]), -1, { length: 0 }),
      'ArgumentError: fft: the length must be a whole number from 1 up, got 0.',
    ],
    [
      () => fft(tensor([[1, 2]]), -1, { norm: 'unit' as never }),
      "ArgumentError: fft: the norm must be 'backward', 'ortho' or 'forward', got 'unit'.",
    ],
    [() => rfft(tensor([])), 'ArgumentError: rfft: the length must be a whole number from 1 up, got 0.'],
    [
      () => irfft(tensor([[1, 0]])),
      'ArgumentError: irfft: the length must be a whole number from 1 up, got 0.',
    ],
  ])('refusal %#', (body, message) => expect(errorOf(body)).toBe(message))
})

describe('rfft and irfft', () => {
  test.each([1, 2, 3, 4, 7, 8, 30, 31, 33])('length %s: half of fft, and back', n => {
    const x = randomTensor([2, n], n)
    const pairs = tensor(
      [...x.data()].flatMap(value => [value, 0]),
      { ...DOUBLE, shape: [2, n, 2] },
    )
    const half = rfft(x)
    expect(half.shape).toEqual([2, Math.floor(n / 2) + 1, 2])
    expectClose(
      half,
      [
        ...fft(pairs)
          .slice([0, 2], [0, Math.floor(n / 2) + 1])
          .data(),
      ],
      1e-13,
    )
    expectClose(irfft(half, -1, { length: n }), [...x.data()], 1e-14)
  })

  test('irfft does not read the imaginary parts of frequency 0 and n/2', () => {
    const x = tensor(
      [
        [1, 7],
        [2, 3],
        [4, -9],
      ],
      DOUBLE,
    )
    const without = tensor(
      [
        [1, 0],
        [2, 3],
        [4, 0],
      ],
      DOUBLE,
    )
    expect(irfft(x).toArray()).toEqual(irfft(without).toArray())
    expectClose(irfft(x), [9 / 4, -9 / 4, 1 / 4, 3 / 4], 1e-15)
  })

  test('along another axis, with another length', () => {
    const x = randomTensor([5, 3], 9)
    const turned = rfft(x.transpose()).permute([1, 0, 2])
    expectClose(rfft(x, 0), [...turned.data()], 1e-14)
    expect(irfft(rfft(x, 0), 0, { length: 5 }).shape).toEqual([5, 3])
    expectClose(irfft(rfft(x, 0), 0, { length: 5 }), [...x.data()], 1e-14)
    expect(rfft(x, 0, { length: 8 }).shape).toEqual([5, 3, 2])
  })
})

describe('gradients', () => {
  test.each([
    ['fft', (x: Tensor) => fft(x, 0, { norm: 'ortho' }), [31, 2]],
    ['ifft', (x: Tensor) => ifft(x, -1, { length: 40 }), [31, 2]],
    ['rfft', (x: Tensor) => rfft(x), [2, 30]],
    ['rfft of odd length', (x: Tensor) => rfft(x, -1, { norm: 'forward' }), [2, 31]],
    ['irfft', (x: Tensor) => irfft(x), [17, 2]],
    ['irfft of odd length', (x: Tensor) => irfft(x, -1, { length: 29 }), [17, 2]],
  ] as const)('%s: ⟨u, J v⟩ = ⟨Jᵀ u, v⟩', (_, transform, shape) => {
    const x = tensor(randomTensor(shape, 1).data(), { shape, requiresGrad: true }) as Tensor
    const v = randomTensor(shape, 2)
    const { value, tangent } = jvp(transform, x, v)
    const u = randomTensor(value.shape as readonly number[], 3)
    const [pulled] = gradients(transform(x), [x], { cotangent: u })
    const [forward, reverse] = [sum(u.mul(tangent)).item(), sum(pulled!.mul(v)).item()]
    expect(Math.abs(forward - reverse)).toBeLessThan(1e-12 * (1 + Math.abs(forward)))
    // Linear: the tangent is the transform of the direction.
    expectClose(tangent, [...transform(v).data()], 1e-13)
  })

  test('the power spectrum of a signal, differentiated twice', () => {
    const x = tensor(new Rng(5).normal([7], DOUBLE).data(), { requiresGrad: true })
    // Parseval: Σ |X_k|² = n Σ x², over all n frequencies.
    const spectrum = fft(
      x.unsqueeze(1).pad([
        [0, 0],
        [0, 1],
      ]),
    )
      .square()
      .sum()
    const [first] = gradients(spectrum, [x], { createGraph: true })
    expectClose(
      first!,
      [...x.data()].map(value => 14 * value),
      1e-13,
    )
    const [second] = gradients(first!.slice(2), [x])
    expectClose(second!, [0, 0, 14, 0, 0, 0, 0], 1e-13)
  })

  test('vmap runs the batch at once', () => {
    const x = randomTensor([3, 10], 6)
    const mapped = vmap((each: Tensor) => irfft(rfft(each)))(x) as Tensor
    expectClose(mapped, [...x.data()], 1e-14)
    expectClose(
      vmap((each: Tensor) => rfft(each), { inAxes: 1 })(x) as Tensor,
      [...rfft(x.transpose()).data()],
      1e-14,
    )
  })
})

test('frequencies', () => {
  expect(fftFrequencies(5, { spacing: 0.1 }).toArray()).toEqual([0, 2, 4, -4, -2])
  expect(fftFrequencies(4).toArray()).toEqual([0, 0.25, -0.5, -0.25])
  expect(fftFrequencies(1).toArray()).toEqual([0])
  expect(rfftFrequencies(5, DOUBLE).toArray()).toEqual([0, 0.2, 0.4])
  expect(rfftFrequencies(4, { dtype: 'float64' }).dtype).toBe('float64')
  expect(errorOf(() => fftFrequencies(0))).toBe(
    'ArgumentError: fftFrequencies: the length must be a whole number from 1 up, got 0.',
  )
  expect(errorOf(() => rfftFrequencies(4, { spacing: 0 }))).toBe(
    'ArgumentError: rfftFrequencies: the spacing must not be 0.',
  )
})
