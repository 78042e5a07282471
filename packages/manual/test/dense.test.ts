import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dense, matrix, transpose, zeros } from '../src/index.ts'
import {
  centralDifference,
  dot,
  entry,
  errorOf,
  expectClose,
  inLayout,
  layouts,
  matrixOf,
  ROUNDING,
  scaled,
  single,
  size,
  TOLERANCE,
} from './support.ts'

/** x, W, b and dz of a layer, examples in columns. */
const layer = fc.tuple(size, size, size).chain(([units, outputs, m]) =>
  fc.record({
    x: matrixOf(units, m, entry),
    W: matrixOf(outputs, units, entry),
    b: matrixOf(outputs, 1, entry),
    dz: matrixOf(outputs, m, entry),
  }),
)

describe('dense', () => {
  it.each(layouts)('has dW, db of J and m times dx of J as central differences, examples in %s', layout => {
    fc.assert(
      fc.property(layer, columns => {
        const m = columns.x.shape[1]
        const [x, b, dz] = [columns.x, columns.b, columns.dz].map(A => inLayout(layout, A)) as [
          typeof columns.x,
          typeof columns.b,
          typeof columns.dz,
        ]
        const { W } = columns
        // L_i is the product of dzᵢ with zᵢ, so that its derivative is dz; J is the mean of L_i.
        const J = (changed: Partial<typeof columns>) =>
          dot(dz, dense.forward({ x, W, b, ...changed, layout })) / m
        const gradients = dense.backward({ dz, x, W, layout })
        expectClose(
          gradients.dW,
          centralDifference(W => J({ W }), W),
          TOLERANCE,
          'dW',
        )
        expectClose(
          gradients.db,
          centralDifference(b => J({ b }), b),
          TOLERANCE,
          'db',
        )
        expectClose(
          gradients.dx,
          scaled(
            centralDifference(x => J({ x }), x),
            m,
          ),
          TOLERANCE,
          'dx',
        )
      }),
    )
  })

  it('gives in rows the transpose of what it gives in columns', () => {
    fc.assert(
      fc.property(layer, ({ x, W, b, dz }) => {
        const rows = { x: transpose(x), W, b: transpose(b), dz: transpose(dz), layout: 'rows' } as const
        expect(dense.forward(rows)).toEqual(transpose(dense.forward({ x, W, b, layout: 'columns' })))
        const inColumns = dense.backward({ dz, x, W, layout: 'columns' })
        const inRows = dense.backward(rows)
        expect(inRows.dW).toEqual(inColumns.dW)
        expect(inRows.db).toEqual(transpose(inColumns.db))
        expect(inRows.dx).toEqual(transpose(inColumns.dx))
      }),
    )
  })

  it('two linear layers are one: W2(W1x + b1) + b2 = (W2W1)x + (W2b1 + b2)', () => {
    const two = fc.tuple(size, size, size, size).chain(([inputs, hidden, outputs, m]) =>
      fc.record({
        x: matrixOf(inputs, m, entry),
        W1: matrixOf(hidden, inputs, entry),
        b1: matrixOf(hidden, 1, entry),
        W2: matrixOf(outputs, hidden, entry),
        b2: matrixOf(outputs, 1, entry),
      }),
    )
    fc.assert(
      fc.property(two, ({ x, W1, b1, W2, b2 }) => {
        const layout = 'columns'
        const inner = dense.forward({ x, W: W1, b: b1, layout })
        const composed = dense.forward({ x: inner, W: W2, b: b2, layout })
        const W = dense.forward({ x: W1, W: W2, b: zeros(b2.shape), layout })
        const b = dense.forward({ x: b1, W: W2, b: b2, layout })
        expectClose(composed, dense.forward({ x, W, b, layout }), ROUNDING)
      }),
    )
  })

  it('sums db over the examples: (1/m) dz is the same for one example only', () => {
    const W = matrix([1, 1], [1])
    const one = dense.backward({ dz: matrix([1, 1], [6]), x: matrix([1, 1], [1]), W, layout: 'columns' })
    expect([...one.db.data]).toEqual([6])
    const three = dense.backward({
      dz: matrix([1, 3], [6, 3, 0]),
      x: matrix([1, 3], [1, 1, 1]),
      W,
      layout: 'columns',
    })
    expect(three.db).toEqual(matrix([1, 1], [3]))
  })

  it('sums in double for float32: 2²⁴ + 1 − 2²⁴ is 1', () => {
    const x = single(matrix([3, 1], [2 ** 24, 1, -(2 ** 24)]))
    const z = dense.forward({
      x,
      W: single(matrix([1, 3], [1, 1, 1])),
      b: single(zeros([1, 1])),
      layout: 'columns',
    })
    expect(z.data).toEqual(Float32Array.of(1))
  })

  it('says which operand has which shape, and which one it needs', () => {
    const x = zeros([4, 5])
    const W = zeros([3, 2])
    const b = zeros([3, 1])
    const problem =
      "W is (3, 2) but x has 4 units per example (x is (4, 5), layout 'columns'). W must be (n_out, 4)."
    const error = errorOf(() => dense.forward({ x, W, b, layout: 'columns' }))
    expect(error.message).toBe(`dense.forward: ${problem}`)
    expect(error).toMatchObject({ operation: 'dense.forward', shapes: { x: [4, 5], W: [3, 2] } })
    expect(errorOf(() => dense.backward({ dz: x, x, W, layout: 'columns' })).message).toBe(
      `dense.backward: ${problem}`,
    )
    expect(errorOf(() => dense.forward({ x, W: zeros([3, 5]), b, layout: 'rows' })).message).toBe(
      "dense.forward: b is (3, 1) but W is (3, 5), which makes 3 units. With layout 'rows', b must be (1, 3).",
    )
    expect(errorOf(() => dense.backward({ dz: x, x, W: zeros([3, 4]), layout: 'columns' })).message).toBe(
      "dense.backward: dz is (4, 5) but W is (3, 4) and x is (4, 5), layout 'columns'. " +
        'dz must have the shape of z, (3, 5).',
    )
    const none = { dz: zeros([3, 0]), x: zeros([4, 0]), W: zeros([3, 4]), layout: 'columns' } as const
    expect(errorOf(() => dense.backward(none)).message).toBe(
      'dense.backward: x has no examples: dW and db are means and need at least one.',
    )
  })
})
