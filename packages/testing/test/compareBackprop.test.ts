// The lecture's network, its hand-derived gradients, and the mistakes that people make in them.
import { inspect } from 'node:util'
import { ChangedParameterError, type DType, Parameter, Rng, relu, type Tensor, tensor } from '@adjoint/core'
import { binary, unary } from '@adjoint/core/engine'
import { type BackpropReport, compareBackprop, type Numbers } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'

interface Example {
  readonly loss: Tensor
  readonly tensors: Readonly<Record<'W1' | 'b1' | 'z1' | 'a1' | 'W2' | 'b2' | 'z2', Tensor>>
  readonly manual: Readonly<Record<'dz2' | 'dW2' | 'db2' | 'da1' | 'dz1' | 'dW1' | 'db1', Tensor>>
  readonly scale: Record<string, number>
}

const m = 4

/** One hidden sigmoid layer, one sigmoid output, binary cross-entropy; examples in columns; no size occurs twice. */
function lecture(dtype: DType = 'float64'): Example {
  const rng = new Rng(1)
  const draw = (shape: readonly number[]): Tensor => rng.normal(shape, { dtype: dtype as 'float64' })
  const W1 = new Parameter(draw([3, 2]), 'W1')
  const b1 = new Parameter(draw([3, 1]), 'b1')
  const W2 = new Parameter(draw([1, 3]), 'W2')
  const b2 = new Parameter(draw([1, 1]), 'b2')
  const X = draw([2, m])
  const Y = tensor([[0, 1, 1, 0]], { dtype }) as Tensor
  const z1 = W1.matmul(X).add(b1)
  const a1 = z1.sigmoid()
  const z2 = W2.matmul(a1).add(b2)
  const a2 = z2.sigmoid()
  const loss = Y.mul(a2.log())
    .add(Y.neg().add(1).mul(a2.neg().add(1).log()))
    .mean()
    .neg()

  const dz2 = a2.sub(Y)
  const da1 = W2.transpose().matmul(dz2)
  const dz1 = da1.mul(a1).mul(a1.neg().add(1))
  const manual = {
    dz2,
    dW2: dz2.matmul(a1.transpose()).div(m),
    db2: dz2.sum(1, { keepDims: true }).div(m),
    da1,
    dz1,
    dW1: dz1.matmul(X.transpose()).div(m),
    db1: dz1.sum(1, { keepDims: true }).div(m),
  }
  return { loss, tensors: { W1, b1, z1, a1, W2, b2, z2 }, manual, scale: { dz1: m, dz2: m, da1: m } }
}

/** The report with some hand-derived gradients replaced. */
function compare(wrong: Record<string, Numbers> = {}, example: Example = lecture()): BackpropReport {
  const { loss, tensors, manual, scale } = example
  return compareBackprop(loss, tensors, { ...manual, ...wrong }, { scale })
}

function hintOf(wrong: Record<string, Numbers>, example?: Example): string | undefined {
  const report = compare(wrong, example)
  const [name] = Object.keys(wrong)
  expect(report.agrees).toBe(false)
  expect(report.firstDifference?.name).toBe(name)
  expect(report.rows.filter(row => row.verdict === 'differs')).toHaveLength(1)
  return report.firstDifference?.hint
}

describe('right formulas', () => {
  test('agree in float64 to a few units in the last place, and with the central difference', () => {
    const report = compare()
    expect(report.agrees).toBe(true)
    expect(report.firstDifference).toBeUndefined()
    for (const row of report.rows) {
      expect(row.maxRel).toBeLessThan(1e-15)
      expect(row.maxUlp).toBeLessThan(20)
      expect(row.maxAbsDifference).toBeLessThan(1e-9)
      expect(Math.abs(row.difference! - row.autodiff)).toBeLessThanOrEqual(row.maxAbsDifference!)
    }
  })

  test('agree in float32, where differences still run in float64', () => {
    const report = compare({}, lecture('float32'))
    expect(report.agrees).toBe(true)
    expect(report.notes).toEqual([])
    for (const row of report.rows) {
      expect(row.maxRel).toBeGreaterThan(0)
      expect(row.maxAbsDifference).toBeLessThan(1e-6)
    }
  })

  test('rows stand in backward order, whatever the order of the record', () => {
    const order = ['dz2', 'dW2', 'db2', 'da1', 'dz1', 'dW1', 'db1']
    expect(compare().rows.map(row => row.name)).toEqual(order)
    const { loss, manual, tensors } = lecture()
    const reversed = Object.fromEntries(Object.entries(tensors).reverse())
    const names = compareBackprop(loss, reversed, manual).rows.map(row => row.name)
    expect(names).toEqual(['dz2', 'db2', 'dW2', 'da1', 'dz1', 'db1', 'dW1'])
  })

  test('parameters alone stand in backward order too', () => {
    const { loss, manual, tensors } = lecture()
    const { W1, W2 } = tensors
    const { dW1, dW2 } = manual
    const report = compareBackprop(loss, { W1, W2 }, { dW1, dW2 })
    expect(report.rows.map(row => row.name)).toEqual(['dW2', 'dW1'])
  })

  test('names give layers and quantities', () => {
    const { loss, tensors, manual } = lecture()
    const named = {
      '0.weight': tensors.W1,
      '1.0.bias': tensors.b2,
      z_2: tensors.z2,
      W: tensors.W2,
    }
    const gradients = {
      'd0.weight': manual.dW1,
      'd1.0.bias': manual.db2,
      dz_2: manual.dz2,
      dW: manual.dW2,
    }
    const rows = compareBackprop(loss, named, gradients, { scale: { dz_2: m } }).rows
    expect(rows.map(({ layer, quantity, verdict }) => [layer, quantity, verdict])).toEqual([
      [2, 'dz', 'agrees'],
      ['1.0', 'dbias', 'agrees'],
      ['', 'dW', 'agrees'],
      ['0', 'dweight', 'agrees'],
    ])
  })

  test('vectors and matrices of one row or column are the same numbers', () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: 'float64' },
    ) as Tensor
    const b = tensor([0.5, -1], { dtype: 'float64', requiresGrad: true }) as Tensor
    const loss = x.add(b).sum()
    const forms = [[2, 2], [[2, 2]], [[2], [2]], { shape: [1, 2], data: [2, 2] }, new Float32Array([2, 2])]
    for (const db of forms) expect(compareBackprop(loss, { b }, { db }).agrees).toBe(true)
    const scalar = tensor(3, { dtype: 'float64', requiresGrad: true })
    expect(compareBackprop(scalar.square(), { scalar }, { dscalar: [[6]] }).agrees).toBe(true)
  })

  test('a tensor without influence has gradient and difference 0', () => {
    const w = tensor([1, 2], { dtype: 'float64', requiresGrad: true })
    const v = tensor([3, 4], { dtype: 'float64', requiresGrad: true })
    const report = compareBackprop(w.add(v.mul(0)).sum(), { w, v }, { dw: [1, 1], dv: [0, 0] })
    expect(report.agrees).toBe(true)
    const row = report.rows.find(({ name }) => name === 'dv')
    expect(row).toMatchObject({ autodiff: 0, difference: 0, maxAbsDifference: 0 })
  })

  test('differences can be left out', () => {
    const { loss, tensors, manual, scale } = lecture()
    const report = compareBackprop(loss, tensors, manual, { scale, differences: false })
    expect(report.rows.every(row => row.difference === undefined && row.maxAbsDifference === undefined)).toBe(
      true,
    )
    expect(report.toString()).not.toContain('difference')
  })

  test('a sum that cancels to 0 is no difference, a small quantity of its own is one', () => {
    const { loss, tensors, manual, scale } = lecture()
    const shifted = (by: number): Record<string, Numbers> => ({ ...manual, db2: manual.db2.add(by) })
    expect(compareBackprop(loss, tensors, shifted(1e-16), { scale }).agrees).toBe(true)
    expect(compareBackprop(loss, tensors, shifted(1e-9), { scale }).firstDifference?.name).toBe('db2')
    const strict = { scale, tolerance: { relative: 0, absolute: 0 } }
    expect(compareBackprop(loss, tensors, shifted(1e-16), strict).agrees).toBe(false)
  })
})

describe('mistakes', () => {
  const { manual, tensors } = lecture()
  const { dz2, dW2, dz1, dW1, db1 } = manual
  const offFormula = 'autodiff agrees with the central difference; the manual formula is off.'

  test('sign', () => {
    expect(hintOf({ dz2: dz2.neg() })).toBe(`sign flipped: manual is −1 times autodiff. ${offFormula}`)
  })

  test('missing 1/m', () => {
    expect(hintOf({ dW2: dW2.mul(m) })).toBe(
      `constant factor: manual is 4 times autodiff: a missing 1/m? (4 is the size of an axis in this graph). ${offFormula}`,
    )
  })

  test('1/m twice, with the wrong sign', () => {
    expect(hintOf({ db1: db1.div(-m) })).toContain(
      'manual is −1/4 times autodiff: divided by m once too often',
    )
  })

  test('a factor that is no size', () => {
    expect(hintOf({ dW1: dW1.mul(7) })).toContain('manual is 7 times autodiff.')
    expect(hintOf({ dW1: dW1.mul(0.3) })).toContain('manual is 0.3 times autodiff.')
  })

  test('transposed', () => {
    expect(hintOf({ dW1: dW1.transpose() })).toBe(
      'transposed: manual has shape [2, 3], autodiff [3, 2]; its transpose agrees.',
    )
    expect(hintOf({ dW1: dW1.transpose().mul(2).add(1) })).toContain(
      'and its transpose has other values too.',
    )
  })

  test('transposed and square', () => {
    const W = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: 'float64', requiresGrad: true },
    ) as Tensor
    const x = tensor(
      [
        [1, 2],
        [-1, 5],
      ],
      { dtype: 'float64' },
    ) as Tensor
    const report = compareBackprop(W.mul(x).sum(), { W }, { dW: x.transpose() })
    expect(report.firstDifference?.hint).toContain(
      'transposed: manual agrees with the transpose of autodiff.',
    )
  })

  test('not summed over the examples, as on the slides', () => {
    expect(hintOf({ db1: dz1.div(m) })).toBe(
      'not summed over the examples: manual has shape [3, 4], autodiff [3, 1]; its sum over axis 1 agrees.',
    )
    expect(hintOf({ db1: dz1 })).toContain('its sum over axis 1 is 4 times autodiff: a missing 1/m?')
  })

  test('not summed in rows, for a bias without a second axis', () => {
    const b = tensor([0.5, -1], { dtype: 'float64', requiresGrad: true }) as Tensor
    const x = tensor(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { dtype: 'float64' },
    ) as Tensor
    const z = x.add(b)
    const report = compareBackprop(z.square().sum(), { b }, { db: z.mul(2) })
    expect(report.firstDifference?.hint).toContain('its sum over axis 0 agrees')
  })

  test('0/0 of a literal quotient', () => {
    const broken = dz2.data()
    broken[1] = Number.NaN
    const hint = hintOf({ dz2: { shape: [1, m], data: broken } })
    expect(hint).toContain('one entry is NaN, at [0, 1], in manual: for example, a literal quotient such as')
    expect(hint).toContain('0/0 once a has rounded to y')
    expect(hint).toContain('autodiff agrees with the central difference.')
  })

  describe('not finite', () => {
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number
    const w = tensor([0, 1], { dtype: 'float64', requiresGrad: true }) as Tensor
    const lost = w.mul(0).div(w.mul(0)).sum()
    const rowOf = (loss: Tensor, dw: Numbers): BackpropReport['rows'][number] =>
      compareBackprop(loss, { w }, { dw }).rows[0]!

    test('autodiff', () => {
      const { verdict, hint } = rowOf(lost, [0, 0])
      expect(verdict).toBe('differs')
      expect(hint).toContain('2 of 2 entries are not finite, the first is NaN at [0], in autodiff')
      expect(hint).toContain('The central difference is NaN: the loss itself is not finite near here.')
      expect(hint).not.toContain('too coarse')
      expect(hint).not.toContain('0 everywhere')
      expect(rowOf(w.sqrt().sum(), [3, 0.5]).hint).toContain('one entry is Infinity, at [0], in autodiff')
    })

    test('both: NaN in the same place is no agreement', () => {
      const { verdict, hint, worstIndex } = rowOf(lost, [nan, nan])
      expect(verdict).toBe('differs')
      expect(hint).toContain('in both manual and autodiff: nothing can be compared there')
      expect(worstIndex).toEqual([0])
      const scalar = tensor(0, { dtype: 'float64', requiresGrad: true })
      const single = compareBackprop(scalar.div(scalar), { scalar }, { dscalar: nan }).rows[0]!
      expect(single.hint).toContain('the only entry is NaN in both')
    })

    test('one entry is NaN in both, the others agree', () => {
      const loss = w.mul(w.mul(0).div(w)).sum()
      const { verdict, hint, worstIndex } = rowOf(loss, [nan, 0])
      expect(verdict).toBe('differs')
      expect(hint).toContain('one entry is NaN, at [0], in both')
      expect(worstIndex).toEqual([0])
    })

    test('equal infinities agree', () => {
      expect(rowOf(w.sqrt().sum(), [infinity, 0.5]).verdict).toBe('agrees')
      expect(rowOf(w.sqrt().sum(), [-infinity, 0.5]).verdict).toBe('differs')
    })

    test('the central difference says which of the two is right', () => {
      const dw = rowOf(w.mul(3).sum(), [nan, 3]).hint
      expect(dw).toContain('autodiff agrees with the central difference.')
      // NaN from the rule of the op alone: its values are fine.
      const wrong = unary({
        name: 'wrongDouble',
        dtype: 'floating',
        loop: (count, x, xAt, xStep, out, outAt, outStep) => {
          for (let i = 0; i < count; i++) out[outAt + i * outStep] = 2 * x[xAt + i * xStep]!
        },
        derivative: ({ inputs }) => inputs[0]!.div(inputs[0]!).mul(2),
        keeps: 'inputs',
        domain: 'real',
      })
      const { hint } = rowOf(wrong(w).sum(), [2, 2])
      expect(hint).toContain('one entry is NaN, at [0], in autodiff')
      expect(hint).toContain('manual agrees with the central difference.')
      expect(rowOf(wrong(w).sum(), [nan, 2]).hint).toContain(
        'The central difference, 2, agrees with neither.',
      )
    })
  })

  test('a single number is always a multiple of another: only a factor with a cause is named', () => {
    const x = tensor([1, 2, 3], { dtype: 'float64' })
    const b = tensor(0.5, { dtype: 'float64', requiresGrad: true })
    const hintFor = (factor: number): string | undefined =>
      compareBackprop(x.mul(b).sum(), { b }, { db: 6 * factor }).firstDifference?.hint
    expect(hintFor(0.7)).toBe(offFormula)
    expect(hintFor(7)).toBe(offFormula)
    expect(hintFor(3)).toContain('constant factor: manual is 3 times autodiff: a missing 1/m? (3 is the size')
    expect(hintFor(-1 / 3)).toContain('manual is −1/3 times autodiff: divided by m once too often')
    expect(hintFor(0.5)).toContain('manual is 1/2 times autodiff: a forgotten factor 2?')
    expect(hintFor(-1)).toContain('sign flipped')
  })

  test('some entries only', () => {
    const data = dW1.data()
    data[2]! += 0.5
    const hint = hintOf({ dW1: { shape: [3, 2], data } })
    expect(hint).toBe(`1 of 6 entries differ, the others agree. ${offFormula}`)
    expect(compare({ dW1: { shape: [3, 2], data } }).firstDifference?.worstIndex).toEqual([1, 0])
  })

  test('the derivative of another activation', () => {
    const tanhLike = dz1.mul(1).add(tensors.a1.square())
    expect(hintOf({ dz1: tanhLike })).toBe(offFormula)
  })

  test('shapes that fit in no way', () => {
    const report = compare({ dW1: [[1, 2, 3, 4, 5]] })
    expect(report.firstDifference).toMatchObject({ name: 'dW1', verdict: 'differs', worstIndex: [] })
    expect(report.firstDifference?.hint).toBe(
      'manual has shape [1, 5], autodiff [3, 2]: these numbers cannot be compared entry by entry.',
    )
    expect(report.firstDifference?.maxAbs).toBeNaN()
  })

  test('float32 mistakes are seen too', () => {
    const example = lecture('float32')
    expect(hintOf({ dW2: example.manual.dW2.mul(m) }, example)).toContain('a missing 1/m?')
  })

  test('the mistake may be in the op: then the central difference says that manual is right', () => {
    const halfMul = binary({
      name: 'halfMul',
      dtype: 'number',
      loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
        for (let i = 0; i < count; i++) out[outAt + i * outStep] = x[xAt + i * xStep]! * y[yAt + i * yStep]!
      },
      derivatives: [({ inputs }) => inputs[1]!.mul(0.5), ({ inputs }) => inputs[0]!],
      keeps: 'inputs',
      domains: ['real', 'real'],
    })
    const w = tensor([1, 2], { dtype: 'float64', requiresGrad: true }) as Tensor
    const x = tensor([3, 5], { dtype: 'float64' }) as Tensor
    const hint = compareBackprop(halfMul(w, x).sum(), { w }, { dw: x }).firstDifference?.hint
    expect(hint).toContain('manual is 2 times autodiff')
    expect(hint).toContain('manual agrees with the central difference; the recorded gradient is off')
  })

  test('at a kink nobody is right', () => {
    const z = tensor([0, 1], { dtype: 'float64', requiresGrad: true }) as Tensor
    const hint = compareBackprop(relu(z).sum(), { z }, { dz: [1, 1] }).firstDifference?.hint
    expect(hint).toContain('The central difference agrees with neither: a kink here, or both are off.')
  })
})

describe('the report', () => {
  const { dz1, dW2 } = lecture().manual

  test('is a table that ends with the result', () => {
    const lines = compare().toString().split('\n')
    expect(lines[0]).toMatch(/shape +max abs +max rel +ulp +worst +manual +autodiff +difference/)
    expect(lines).toHaveLength(10)
    expect(lines.at(-1)).toBe('All 7 quantities agree.')
    expect(Math.max(...lines.map(line => line.length))).toBeLessThan(120)
  })

  test('names the first place where the two part, walking backward', () => {
    const text = compare({ dz1: dz1.neg(), dW2: dW2.mul(2) }).toString()
    expect(text).toContain('    constant factor: manual is 2 times autodiff')
    expect(text.split('\n').at(-1)).toBe(
      'Walking backward, manual and autodiff part at dW2 (layer 2); dz2 before it agrees.',
    )
  })

  test('is what console.log shows', () => {
    const report = compare()
    expect(inspect(report)).toBe(report.toString())
  })

  test('is plain data as JSON', () => {
    const report = compare({ dz1: dz1.neg() })
    const data = JSON.parse(JSON.stringify(report))
    expect(data.agrees).toBe(false)
    expect(data.firstDifference).toBe('dz1')
    expect(data.rows).toHaveLength(7)
    expect(data.rows[0]).toMatchObject({
      layer: 2,
      quantity: 'dz',
      name: 'dz2',
      shape: [1, 4],
      verdict: 'agrees',
    })
  })

  test('is the same on every run', () => {
    expect(compare().toString()).toBe(compare().toString())
  })
})

describe('refused', () => {
  const { loss, tensors, manual } = lecture()

  test('a loss that was not recorded, or is no single number', () => {
    expect(() => compareBackprop(loss.detach(), tensors, manual)).toThrow('the loss was not recorded')
    expect(() => compareBackprop(tensors.z2, tensors, manual)).toThrow('the loss has shape [1, 4]')
  })

  test('keys without partner', () => {
    const { dW1: _, ...rest } = manual
    expect(() => compareBackprop(loss, tensors, rest)).toThrow("the hand-derived gradients lack 'dW1'")
    const { W1: __, ...fewer } = tensors
    expect(() => compareBackprop(loss, fewer, manual)).toThrow(
      "there is no tensor for the hand-derived gradient 'dW1'",
    )
    expect(() => compareBackprop(loss, tensors, manual, { scale: { z1: 4 } })).toThrow(
      "there is no tensor for the scale 'z1'",
    )
    expect(() => compareBackprop(loss, {}, {})).toThrow('there is no tensor to compare')
  })

  test('a tensor that the loss was not made of', () => {
    const copy = tensors.W1.mul(1)
    expect(() => compareBackprop(loss, { W1: copy }, { dW1: manual.dW1 })).toThrow(
      "the loss was not made of 'W1': pass the very tensors that it was computed from",
    )
  })

  test('a graph that recorded other values of a parameter than it has now', () => {
    const w = new Parameter(tensor([1, 2], { dtype: 'float64' }), 'weights')
    const l = w.exp().sum()
    const dw = w.exp().detach()
    expect(compareBackprop(l, { w }, { dw }).agrees).toBe(true)
    w.assign(tensor([3, 4], { dtype: 'float64' }))
    expect(() => compareBackprop(l, { w }, { dw })).toThrow(ChangedParameterError)
    expect(() => compareBackprop(l, { w }, { dw })).toThrow(
      "the parameter 'w' was assigned after the loss had recorded it, so old and new values would be mixed. Compute the loss again",
    )
    expect(compareBackprop(w.exp().sum(), { w }, { dw: w.exp() }).agrees).toBe(true)
    // One that is not compared itself goes by its own name.
    const v = tensor([1, 1], { dtype: 'float64', requiresGrad: true })
    const product = w.mul(v).sum()
    w.assign(tensor([5, 6], { dtype: 'float64' }))
    expect(() => compareBackprop(product, { v }, { dv: w })).toThrow("the parameter 'weights' was assigned")
  })

  test('what is no number', () => {
    expect(() => compareBackprop(loss, tensors, { ...manual, dW1: [undefined] as never })).toThrow(
      "'dW1' holds undefined;",
    )
    expect(() => compareBackprop(loss, tensors, { ...manual, dW1: {} as never })).toThrow(
      "'dW1' holds an object;",
    )
    expect(() => compareBackprop(loss, tensors, { ...manual, dW1: null as never })).toThrow(
      "'dW1' holds null",
    )
  })
})
