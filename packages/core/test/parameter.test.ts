import { add, ChangedParameterError, matmul, Parameter, type Tensor, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf, gradOf } from './support.ts'

describe('Parameter', () => {
  test('copies its values, wants gradients, has a name', () => {
    const values = tensor([
      [1, 2],
      [3, 4],
    ])
    const w = new Parameter(values.transpose(), 'w')
    w.assign(
      tensor([
        [0, 0],
        [0, 0],
      ]),
    )
    expect(values.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(w.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect([w.requiresGrad, w.name, w.contiguous, w.version]).toEqual([true, 'w', true, 1])
    expect(new Parameter(tensor(1)).name).toBe('parameter')
    expect(w).toBeInstanceOf(Parameter)
  })

  test('assigns from a view of itself', () => {
    const w = new Parameter(
      tensor([
        [1, 2],
        [3, 4],
      ]),
      'w',
    )
    w.assign(w.detach().transpose())
    expect(w.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ])
    w.assign(w.detach().flip())
    expect(w.toArray()).toEqual([
      [4, 2],
      [3, 1],
    ])
  })

  test('refuses what does not fit, and changes nothing then', () => {
    const w = new Parameter(tensor([1, 2]), 'w')
    expect(errorOf(() => w.assign(tensor([1])))).toBe(
      "ShapeError: assign to 'w': the parameter has shape [2], the new values [1].",
    )
    expect(errorOf(() => w.assign(tensor([1, 2], { dtype: 'float64' })))).toBe(
      "DTypeError: assign to 'w': the parameter is float32, the new values are float64; cast them first.",
    )
    expect(errorOf(() => w.assign([1, 2] as never))).toBe(
      "ArgumentError: assign to 'w': the new values must be a tensor; make one with tensor(...).",
    )
    expect([w.version, w.toArray()]).toEqual([0, [1, 2]])
    expect(errorOf(() => new Parameter(tensor([1], { dtype: 'int32' }), 'w'))).toBe(
      "DTypeError: Parameter: a tensor of dtype int32 cannot require gradients; convert it with cast('float32') or cast('float64') first.",
    )
  })
})

describe('a parameter that changed after it was recorded', () => {
  const changed = (name: string, op: string): string =>
    `ChangedParameterError: ${op}: the parameter '${name}' was assigned after this op recorded it, and the gradient of ${op} needs the old values. Call backward() before the optimizer step, or compute the loss again after it.`

  test('is named', () => {
    const w = new Parameter(tensor([1, 2]), 'layer1.w')
    const loss = w.mul(w).sum()
    w.assign(tensor([3, 4]))
    expect(errorOf(() => loss.backward())).toBe(changed('layer1.w', 'mul'))
    try {
      loss.backward()
    } catch (error) {
      expect(error).toBeInstanceOf(ChangedParameterError)
      expect((error as ChangedParameterError).parameter).toBe('layer1.w')
    }
  })

  test('leaves views and results of the old values what they were, and their gradients right', () => {
    const w = new Parameter(tensor([[1, 2, 3]]), 'w')
    const x = tensor([[1, 1, 2]], { requiresGrad: true })
    const [turned, constant] = [w.transpose(), w.detach()]
    const loss = matmul(x, turned).mul(constant).sum()
    w.assign(tensor([[4, 5, 6]]))
    expect(turned.toArray()).toEqual([[1], [2], [3]])
    expect(constant.toArray()).toEqual([[1, 2, 3]])
    loss.backward()
    expect(x.grad?.toArray()).toEqual([[6, 12, 18]])
    expect(w.grad?.toArray()).toEqual([[6, 6, 12]])
  })

  test('is named for every input that a rule reads', () => {
    const w = new Parameter(tensor([[1, 2]]), 'w')
    const x = tensor([[3], [4]], { requiresGrad: true })
    const results: readonly Tensor[] = [
      matmul(x, w),
      matmul(w, x),
      x.div(w),
      w.pow(2),
      w.log(),
      w.max(),
      w.square(),
    ]
    const losses = results.map(y => y.sum())
    w.assign(tensor([[4, 5]]))
    expect(losses.map(loss => errorOf(() => loss.backward()))).toEqual(
      ['matmul', 'matmul', 'div', 'pow', 'log', 'max', 'square'].map(op => changed('w', op)),
    )
  })

  test('does not matter where no rule reads its values', () => {
    const w = new Parameter(tensor([1, 2]), 'w')
    const sums: Tensor[] = [w.add(1).sum(), add(w, w).neg().sum(), w.reshape([2, 1]).sum(), w.exp().sum()]
    w.assign(tensor([10, 20]))
    const grads = sums.map(loss => {
      w.grad = null
      loss.backward()
      return gradOf(w)?.data()
    })
    expect(grads).toEqual([
      new Float32Array([1, 1]),
      new Float32Array([-2, -2]),
      new Float32Array([1, 1]),
      // e^x reads its own result, which is another memory.
      new Float32Array([Math.exp(1), Math.exp(2)]),
    ])
  })

  test('does not matter when another parameter changed', () => {
    const w = new Parameter(tensor([1, 2]), 'w')
    const other = new Parameter(tensor([1, 2]), 'other')
    const loss = w.mul(w).sum()
    other.assign(tensor([5, 5]))
    loss.backward()
    loss.backward()
    expect(w.grad?.toArray()).toEqual([4, 8])
  })

  test('is no error for a graph that was recorded after the change', () => {
    const w = new Parameter(tensor([1, 2]), 'w')
    w.assign(tensor([3, 4]))
    w.mul(w).sum().backward()
    expect(w.grad?.toArray()).toEqual([6, 8])
  })
})

describe('what is not trainable', () => {
  const memory = () => new Parameter(tensor([1, 2]), 'memory', { trainable: false })

  test('is a constant for every gradient, and may be assigned', () => {
    const [w, c] = [new Parameter(tensor([3, 4]), 'w'), memory()]
    w.mul(c).sum().backward()
    expect(w.grad!.toArray()).toEqual([1, 2])
    expect(c.grad).toBeNull()
    c.assign(tensor([5, 6]))
    expect([c.toArray(), c.version, c.trainable]).toEqual([[5, 6], 1, false])
  })

  test('may hold whole numbers, which can never be learned', () => {
    const count = new Parameter(tensor(0, { dtype: 'int32' }), 'count', { trainable: false })
    expect(count.dtype).toBe('int32')
    expect(() => {
      count.trainable = true
    }).toThrow('a tensor of dtype int32 cannot require gradients')
    expect(() => new Parameter(tensor(0, { dtype: 'int32' }))).toThrow('cannot require gradients')
  })

  test('is learned again when it is told so', () => {
    const c = memory()
    c.trainable = true
    c.sum().backward()
    expect(c.grad!.toArray()).toEqual([1, 1])
    c.trainable = false
    expect(c.mul(2).requiresGrad).toBe(false)
  })

  test('an assignment between recording and the walk is noticed where the values are needed', () => {
    const [w, c] = [new Parameter(tensor([3, 4]), 'w'), memory()]
    const loss = w.mul(c).sum()
    c.assign(tensor([5, 6]))
    expect(() => loss.backward()).toThrow("the parameter 'memory' was assigned after this op recorded it")
  })
})
