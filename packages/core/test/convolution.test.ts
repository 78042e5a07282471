// Convolutions: against the definition, beyond the sizes that the laws draw; settings, errors, batches of calls.
import {
  convolution,
  grad,
  gradients,
  jvp,
  matmul,
  mul,
  noGrad,
  ones,
  reshape,
  ShapeError,
  stack,
  sum,
  type Tensor,
  tensor,
  transposedConvolution,
  unfoldImages,
  vmap,
  zeros,
} from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { positionsOf, randomTensor } from './support.ts'

interface Settings {
  readonly stride: number
  readonly padding: number
  readonly dilation: number
  readonly groups: number
}

/** The convolution by the definition, one output at a time. */
function naive(x: Tensor, kernel: Tensor, { stride, padding, dilation, groups }: Settings): number[] {
  const [values, weights] = [x.data(), kernel.data()]
  const placeIn = (shape: readonly number[], position: readonly number[]): number =>
    position.reduce((index, p, axis) => index * shape[axis]! + p, 0)
  const [examples, , ...space] = x.shape as readonly number[]
  const [outputs, inputs, ...window] = kernel.shape as [number, number, ...number[]]
  const counts = space.map(
    (size, axis) => Math.floor((size + 2 * padding - dilation * (window[axis]! - 1) - 1) / stride) + 1,
  )
  return Array.from(positionsOf([examples!, outputs, ...counts]), ([n, o, ...p]) => {
    let total = 0
    for (const [i, ...k] of positionsOf([inputs, ...window])) {
      const place = p.map((position, axis) => position! * stride + k[axis]! * dilation - padding)
      if (place.some((q, axis) => q < 0 || q >= space[axis]!)) continue
      const channel = Math.floor(o! / (outputs / groups)) * inputs + i!
      const weight = Number(weights[placeIn(kernel.shape, [o!, i!, ...k])]!)
      total += weight * Number(values[placeIn(x.shape, [n!, channel, ...place])]!)
    }
    return total
  })
}

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs))

describe('convolution', () => {
  // More columns than a block holds, sums longer than a block has rows, and shorter and longer windows than outputs.
  test.each([
    ['many columns', [2, 3, 45, 50], [3, 3, 3, 3], {}],
    ['many channels', [2, 130, 6, 7], [5, 130, 3, 3], { padding: 1 }],
    ['many channels in groups', [1, 260, 5, 5], [4, 130, 2, 2], { groups: 2 }],
    ['a window longer than the outputs', [3, 4, 20, 20], [5, 4, 18, 19], {}],
    ['one output for a long window', [2, 3, 900], [2, 3, 900], {}],
    ['a long signal', [1, 2, 9000], [3, 2, 7], { stride: 3, dilation: 2, padding: 4 }],
    ['depthwise', [2, 6, 20, 19], [6, 1, 3, 5], { groups: 6, padding: 3 }],
    [
      'depthwise, strided and dilated',
      [2, 6, 20, 19],
      [6, 1, 3, 4],
      { groups: 6, padding: 5, stride: 2, dilation: 3 },
    ],
    ['depthwise with windows beyond both ends', [1, 2, 3], [2, 1, 6], { groups: 2, padding: 4 }],
    ['one output channel', [2, 5, 9, 9], [1, 5, 4, 3], { padding: 2 }],
    ['1x1', [2, 17, 9, 9], [9, 17, 1, 1], {}],
    ['four axes', [1, 2, 3, 4, 3, 4], [3, 2, 2, 2, 2, 3], { padding: 1 }],
  ] as const)('%s', (_, shape, window, given) => {
    const settings: Settings = { stride: 1, padding: 0, dilation: 1, groups: 1, ...given }
    const [x, kernel] = [randomTensor([...shape], 1), randomTensor([...window], 2)]
    const expected = naive(x, kernel, settings)
    const y = convolution(x, kernel, settings)
    const found = Array.from(y.data(), Number)
    expect(found.length).toBe(expected.length)
    const worst = Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)))
    expect(worst).toBeLessThan(
      1e-13 * (window as readonly number[]).slice(1).reduce((a, b) => a * b, 1) * largest(expected),
    )
  })

  test('the adjoints of large calls: <g, conv(x, w)> moves with x and with w', () => {
    const x = randomTensor([3, 20, 33, 31], 1)
    const kernel = randomTensor([10, 10, 3, 4], 2)
    x.requiresGrad = true
    kernel.requiresGrad = true
    const settings = { stride: [2, 3], padding: [1, 2], dilation: [2, 1], groups: 2 }
    const y = convolution(x, kernel, settings)
    const g = randomTensor([...y.shape] as number[], 3)
    const [dx, dw] = gradients(sum(mul(y, g)), [x, kernel])
    const value = sum(mul(y, g)).item()
    // y is linear in each of the two, so both products give the same number.
    expect(sum(mul(dx!, x)).item()).toBeCloseTo(value, 8)
    expect(sum(mul(dw!, kernel)).item()).toBeCloseTo(value, 8)
  })

  test('equals unfoldImages and a matrix product', () => {
    const [x, kernel] = [randomTensor([2, 3, 8, 9], 1), randomTensor([4, 3, 3, 2], 2)]
    const columns = unfoldImages(x, { kernel: [3, 2], stride: 2, padding: 1, dilation: [1, 2] })
    const y = convolution(x, kernel, { stride: 2, padding: 1, dilation: [1, 2] })
    const product = reshape(matmul(reshape(kernel, [4, 18]) as Tensor, columns) as Tensor, y.shape)
    const difference = y
      .sub(product as Tensor)
      .abs()
      .max()
      .item()
    expect(difference).toBeLessThan(1e-14)
  })

  test('takes an input without batch axis, and views', () => {
    const [x, kernel] = [randomTensor([2, 3, 8, 9], 1), randomTensor([4, 3, 3, 2], 2)]
    const y = convolution(x, kernel)
    expect(convolution(x.slice(1) as Tensor, kernel).toArray()).toEqual((y.toArray() as number[][])[1])
    const turned = x.permute([1, 0, 3, 2])
    expect(convolution(turned.permute([1, 0, 3, 2]) as Tensor, kernel).toArray()).toEqual(y.toArray())
    const backward = x.flip([2, 3]).flip([2, 3]) as Tensor
    expect(convolution(backward, kernel).toArray()).toEqual(y.toArray())
    const mirrored = convolution(x.flip([2, 3]) as Tensor, kernel.flip([2, 3]) as Tensor)
    // The sums run the other way round.
    expect(mirrored.flip([2, 3]).sub(y).abs().max().item()).toBeLessThan(1e-14)
  })

  test('examples may be none, whole numbers stay whole', () => {
    expect(convolution(zeros([0, 2, 5]), zeros([3, 2, 2])).shape).toEqual([0, 3, 4])
    const y = convolution(tensor([[1, 2, 3]], { dtype: 'int32' }), tensor([[[1, 1]]], { dtype: 'int32' }))
    expect([y.dtype, y.toArray()]).toEqual(['int32', [[3, 5]]])
  })

  test("padding 'same' keeps the size and puts the odd zero at the end; pairs say both ends", () => {
    const x = tensor([[1, 2, 3]])
    expect(convolution(x, ones([1, 1, 2]), { padding: 'same' }).toArray()).toEqual([[3, 5, 3]])
    expect(convolution(x, ones([1, 1, 2]), { padding: [[1, 0]] }).toArray()).toEqual([[1, 3, 5]])
    expect(convolution(x, ones([1, 1, 2]), { padding: 'valid' }).toArray()).toEqual([[3, 5]])
  })

  test('what does not fit is said with both operands', () => {
    const x = zeros([2, 6, 5, 5])
    const told = (call: () => unknown): string => {
      try {
        call()
      } catch (error) {
        if (error instanceof Error) return error.message
      }
      return 'nothing was thrown'
    }
    expect(told(() => convolution(x, zeros([4, 3, 2, 2])))).toBe(
      'convolution: the input has 6 channels, the kernel takes 3; input [2, 6, 5, 5], kernel [4, 3, 2, 2], groups 1. ' +
        'With groups: 2 it would.',
    )
    expect(told(() => convolution(x, zeros([6, 4, 2, 2])))).toContain('the other way round')
    expect(told(() => convolution(x, zeros([4, 2, 2, 2]), { groups: 3 }))).toBe(
      'convolution: 4 output channels cannot be divided into 3 groups; input [2, 6, 5, 5], kernel [4, 2, 2, 2], groups 3.',
    )
    expect(told(() => convolution(x, zeros([4, 6, 7, 2])))).toBe(
      'convolution: no window fits: along axis 0 of space, 5 + 0 of padding has no room for a window of 7; input ' +
        '[2, 6, 5, 5], kernel [4, 6, 7, 2]. Use a smaller kernel or more padding.',
    )
    expect(told(() => convolution(zeros([6, 5]), zeros([4, 6, 2, 2])))).toContain('the ranks do not fit')
    expect(told(() => convolution(x, zeros([4, 6, 2, 2]), { padding: 'same', stride: 2 }))).toContain(
      'stride 1 only',
    )
    expect(told(() => convolution(x, zeros([4, 6, 2, 2]), { padding: -1 }))).toContain('padding must be')
    expect(told(() => convolution(x, zeros([4, 6, 2, 2]), { groups: 0 }))).toContain('groups must be')
    expect(told(() => convolution(x, zeros([4, 6, 2, 2]), { stride: [1, 2, 3] }))).toContain('stride must be')
    expect(told(() => transposedConvolution(x, zeros([4, 6, 2, 2])))).toBe(
      'transposedConvolution: the input has 6 channels, the kernel takes 4; input [2, 6, 5, 5], kernel [4, 6, 2, 2], ' +
        'groups 1. The kernel is [in, out / groups, ...window].',
    )
    expect(told(() => transposedConvolution(x, zeros([6, 1, 2, 2]), { outputPadding: 1 }))).toContain(
      'smaller than stride or dilation',
    )
    expect(told(() => transposedConvolution(x, zeros([6, 1, 2, 2]), { padding: 3 }))).toContain(
      'no output is left',
    )
    expect(() => transposedConvolution(x, zeros([6, 1, 2, 2]), { padding: 3 })).toThrow(ShapeError)
  })
})

describe('transposedConvolution', () => {
  test('is the transpose: <conv(x, w), y> = <x, transposed(y, w)>', () => {
    const axis = fc.record({
      size: fc.integer({ min: 1, max: 6 }),
      window: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      padding: fc.nat(1),
    })
    fc.assert(
      fc.property(
        fc.array(axis, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 2 }),
        (axes, groups) => {
          const each = (name: keyof (typeof axes)[number]): number[] => axes.map(entry => entry[name])
          const [stride, dilation, padding] = [each('stride'), each('dilation'), each('padding')]
          const kernel = randomTensor([2 * groups, 3, ...each('window')], 1)
          const y = randomTensor([2, 2 * groups, ...each('size')], 2)
          const settings = { stride, dilation, padding, groups }
          fc.pre(axes.every(a => (a.size - 1) * a.stride - 2 * a.padding + a.dilation * (a.window - 1) >= 0))
          const x = transposedConvolution(y, kernel, settings)
          const other = randomTensor([...x.shape] as number[], 3)
          const back = convolution(other, kernel, settings)
          expect(back.shape).toEqual(y.shape)
          expect(sum(mul(back, y)).item()).toBeCloseTo(sum(mul(other, x)).item(), 10)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('a batch of calls', () => {
  const images = randomTensor([3, 2, 4, 6, 5], 1)
  const kernels = randomTensor([3, 6, 2, 3, 2], 2)
  const call = (x: Tensor, kernel: Tensor): Tensor => convolution(x, kernel, { groups: 2, padding: 1 })
  const nth = (x: Tensor, i: number): Tensor => x.slice(i) as Tensor

  test.each([
    ['inputs', [0, null], (i: number) => call(nth(images, i), nth(kernels, 0))],
    ['kernels', [null, 0], (i: number) => call(nth(images, 0), nth(kernels, i))],
    ['both', [0, 0], (i: number) => call(nth(images, i), nth(kernels, i))],
  ] as const)('vmap over %s equals the loop', (_, inAxes, each) => {
    const left = inAxes[0] === null ? nth(images, 0) : images
    const right = inAxes[1] === null ? nth(kernels, 0) : kernels
    const together = vmap(call, { inAxes })(left, right)
    expect(together.toArray()).toEqual(stack([0, 1, 2].map(each)).toArray())
  })

  test('per-example gradients of the kernel, and their forward twin', () => {
    const kernel = nth(kernels, 0)
    const loss = (w: Tensor, x: Tensor): Tensor<[]> => sum(call(x, w).square()) as Tensor<[]>
    const each = vmap(grad(loss), { inAxes: [null, 0] })(kernel, images) as Tensor
    const loop = [0, 1, 2].map(i => grad(loss)(kernel, nth(images, i)) as Tensor)
    expect(each.sub(stack(loop)).abs().max().item()).toBeLessThan(1e-12)
    const direction = nth(kernels, 1)
    const slope = jvp((w: Tensor) => loss(w, nth(images, 0)), kernel, direction)
    expect(slope.tangent.item()).toBeCloseTo(sum(mul(loop[0]!, direction)).item(), 9)
  })

  test('the gradient of a sum over examples folds them into one call', () => {
    const kernel = nth(kernels, 0)
    const total = (w: Tensor): Tensor<[]> =>
      sum(vmap((x: Tensor) => call(x, w).square())(images)) as Tensor<[]>
    const loop = [0, 1, 2].map(i =>
      grad((w: Tensor) => sum(call(nth(images, i), w).square()) as Tensor<[]>)(kernel),
    )
    const found = noGrad(() => grad(total)(kernel) as Tensor)
    const expected = (loop as Tensor[]).reduce((a, b) => a.add(b) as Tensor)
    expect(found.sub(expected).abs().max().item()).toBeLessThan(1e-11)
  })
})
