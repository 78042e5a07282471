import {
  flattenTree,
  grad,
  gradients,
  jvp,
  linearize,
  noGrad,
  Parameter,
  stopGradient,
  strictNaN,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
  where,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf, variable } from './support.ts'

const double = (value: number): Tensor => tensor(value, { dtype: 'float64' })

describe('higher orders', () => {
  test('derivatives of x^4 up to the fifth', () => {
    const power = (x: Tensor): Tensor => x.mul(x).mul(x).mul(x)
    const first = grad(power)
    const second = grad(first)
    const third = grad(second)
    const fourth = grad(third)
    const fifth = grad(fourth)
    expect([first, second, third, fourth, fifth].map(f => f(double(2)).item())).toEqual([32, 48, 48, 24, 0])
  })

  test('derivatives of sin go round in a circle', () => {
    let f = (x: Tensor): Tensor => x.sin()
    const values: number[] = []
    for (let order = 0; order < 5; order++) {
      values.push(f(double(0.7)).item())
      f = grad(f)
    }
    const [s, c] = [Math.sin(0.7), Math.cos(0.7)]
    expect(values).toEqual([s, c, -s, -c, s])
  })

  test('forward over reverse and reverse over forward agree', () => {
    const f = (x: Tensor): Tensor => x.exp().mul(x.sin()).sum()
    const x = tensor([0.3, -1.2], { dtype: 'float64' })
    const direction = tensor([0.5, 2], { dtype: 'float64' })
    const forwardOverReverse = jvp(grad(f), x, direction).tangent
    const reverseOverForward = grad((at: Tensor) => jvp(f, at, direction).tangent)(x)
    const expected = Array.from([0.3, -1.2], (at, i) => 2 * Math.exp(at) * Math.cos(at) * [0.5, 2][i]!)
    for (const result of [forwardOverReverse, reverseOverForward]) {
      result.data().forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 14)
      })
    }
  })

  test('a gradient may be taken inside of a function whose backward is taken', () => {
    const x = variable(3)
    // x * d/dy (y^3) at y = x is 3 x^3.
    const y = x.mul(grad((inner: Tensor) => inner.mul(inner).mul(inner))(x))
    expect(y.item()).toBe(81)
    y.backward()
    expect(x.grad?.item()).toBe(81)
  })

  test('gradient of a gradient norm', () => {
    const x = tensor([1, 2], { dtype: 'float64', requiresGrad: true })
    const y = x.pow(3).sum()
    const [first] = gradients(y, [x], { createGraph: true })
    first!.square().sum().backward()
    // d/dx (3x²)² = 36 x³
    expect(x.grad?.toArray()).toEqual([36, 288])
  })
})

describe('perturbation confusion', () => {
  test('reverse in reverse: d/dx [x * d/dy (x + y)] = 1', () => {
    expect(grad((x: Tensor) => x.mul(grad((y: Tensor) => x.add(y))(double(1))))(double(1)).item()).toBe(1)
  })

  test('forward in forward, and mixed', () => {
    const one = double(1)
    const inForward = (x: Tensor) => x.mul(jvp((y: Tensor) => x.add(y), one, one).tangent)
    const inReverse = (x: Tensor) => x.mul(grad((y: Tensor) => x.add(y))(one))
    expect(jvp(inForward, one, one).tangent.item()).toBe(1)
    expect(jvp(inReverse, one, one).tangent.item()).toBe(1)
    expect(grad(inForward)(one).item()).toBe(1)
  })

  test('d/dx [x * d/dy (x * y²) at y = 2] = 8 x', () => {
    const f = (x: Tensor): Tensor => x.mul(grad((y: Tensor) => x.mul(y).mul(y))(double(2)))
    expect(grad(f)(double(3)).item()).toBe(24)
    expect(grad(grad(f))(double(3)).item()).toBe(8)
  })
})

describe('trees', () => {
  const model = { layers: [{ w: tensor([1, 2]), b: tensor(3) }], scale: tensor(2) }
  const loss = (tree: typeof model, x: Tensor): Tensor =>
    x.mul(tree.layers[0]!.w).add(tree.layers[0]!.b).mul(tree.scale).sum()

  test('valueAndGrad gives a tree of the same form', () => {
    const { value, grad: gradient } = valueAndGrad(loss)(model, tensor([10, 20]))
    expect(value.item()).toBe(112)
    expect(gradient.layers[0]!.w.toArray()).toEqual([20, 40])
    expect(gradient.layers[0]!.b.item()).toBe(4)
    expect(gradient.scale.item()).toBe(56)
    expect(Object.keys(gradient)).toEqual(['layers', 'scale'])
  })

  test('vjp and jvp are each other seen from the other side', () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }): Tensor => a.mul(b).exp()
    const at = { a: tensor([0.1, 0.2]), b: tensor([0.5, -0.5]) }
    const { value, pullback } = vjp(f, at)
    const direction = { a: tensor([1, 2]), b: tensor([3, 4]) }
    const { value: same, tangent } = jvp(f, at, direction)
    expect(value.toArray()).toEqual(same.toArray())
    const cotangent = tensor([2, -1])
    const back = pullback(cotangent)
    const left = cotangent.mul(tangent).sum().item()
    const right = back.a.mul(direction.a).sum().add(back.b.mul(direction.b).sum()).item()
    expect(left).toBeCloseTo(right, 5)
    expect(pullback(tensor([0, 0])).a.toArray()).toEqual([0, 0])
  })

  test('tangents belong to the inputs of the same name, in whatever order they are written', () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }): Tensor => a.mul(b)
    const at = { a: double(2), b: double(3) }
    expect(jvp(f, at, { a: double(1), b: double(0) }).tangent.item()).toBe(3)
    expect(jvp(f, at, { b: double(0), a: double(1) }).tangent.item()).toBe(3)
  })

  test('a tangent too many is refused', () => {
    const call = () =>
      jvp((inputs: readonly Tensor[]) => inputs[0]!, [double(2)] as readonly Tensor[], [double(2), double(3)])
    expect(errorOf(call)).not.toBe('no error')
  })

  test('empty trees, and leaves that are not used', () => {
    expect(grad((_: Record<string, never>) => variable(1))({})).toEqual({})
    expect(
      grad(({ a }: { a: Tensor; b: Tensor }) => a.sum())({ a: tensor([1]), b: tensor([2, 3]) }).b.toArray(),
    ).toEqual([0, 0])
    expect(grad((_: Tensor) => double(3))(tensor([1, 2])).toArray()).toEqual([0, 0])
    expect(jvp(() => double(3), tensor([1, 2]), tensor([1, 1])).tangent.toArray()).toBe(0)
    expect(
      vjp(() => tensor([3]), tensor([1, 2]))
        .pullback(tensor([1]))
        .toArray(),
    ).toEqual([0, 0])
  })

  test('flattenTree names the paths, and what does not belong', () => {
    expect(flattenTree('example', model).paths).toEqual(['layers.0.w', 'layers.0.b', 'scale'])
    expect(errorOf(() => flattenTree('example', { a: [tensor(1), 2] }))).toBe(
      "ArgumentError: example: 'a.1' is a number; expected a tensor, or arrays and plain records of tensors.",
    )
    expect(errorOf(() => flattenTree('example', new Map()))).toBe(
      'ArgumentError: example: the value is a Map; expected a tensor, or arrays and plain records of tensors.',
    )
  })
})

describe('what is outside of the function', () => {
  test('recorded tensors that f closes over get their gradients from outside', () => {
    const outer = variable(5)
    const inner = grad((x: Tensor) => x.mul(x).mul(outer))(double(3))
    expect(inner.item()).toBe(30)
    expect(inner.requiresGrad).toBe(true)
    inner.backward()
    expect(outer.grad?.item()).toBe(6)
  })

  test('nothing is left behind on any tensor', () => {
    const w = new Parameter(double(2), 'w')
    const x = variable(3)
    valueAndGrad((at: Tensor) => at.mul(w))(x)
    expect([w.grad, x.grad, x.node]).toEqual([null, null, null])
  })

  test('results carry no graph when no outer gradient can need it', () => {
    const x = double(3)
    const { value, grad: gradient } = valueAndGrad((at: Tensor) => at.mul(at))(x)
    const pulled = vjp((at: Tensor) => at.mul(at), x)
    const pushed = jvp((at: Tensor) => at.mul(at), x, double(1))
    const results = [value, gradient, pulled.value, pulled.pullback(double(1)), pushed.value, pushed.tangent]
    expect(results.map(result => [result.requiresGrad, result.node])).toEqual(
      results.map(() => [false, null]),
    )
    expect(x.requiresGrad).toBe(false)
  })

  test('and none inside of noGrad, even for a parameter', () => {
    const w = new Parameter(double(2), 'w')
    const { value, grad: gradient } = noGrad(() => valueAndGrad((at: Tensor) => at.mul(at))(w as Tensor))
    expect(gradient.item()).toBe(4)
    expect([value.requiresGrad, gradient.requiresGrad]).toEqual([false, false])
  })

  test('further arguments are passed on as they are', () => {
    const f = (x: Tensor, power: number, label: string): Tensor => x.pow(power).mul(label.length)
    expect(grad(f)(double(3), 2, 'ab').item()).toBe(12)
  })
})

describe('constants', () => {
  test('noGrad, detach and stopGradient cut the graph', () => {
    const x = variable(3)
    expect(noGrad(() => x.mul(x)).node).toBeNull()
    expect(x.detach().requiresGrad).toBe(false)
    x.mul(x.detach()).backward()
    expect(x.grad?.item()).toBe(3)
    expect(grad((at: Tensor) => at.mul(stopGradient(at)))(double(3)).item()).toBe(3)
    expect(grad((at: Tensor) => at.mul(noGrad(() => at.mul(2))))(double(3)).item()).toBe(6)
  })

  test('noGrad ends after an error, and with it', () => {
    const x = variable(3)
    expect(() =>
      noGrad(() => {
        throw new Error('stop')
      }),
    ).toThrow('stop')
    expect(x.mul(2).requiresGrad).toBe(true)
  })

  test('noGrad refuses asynchronous functions', () => {
    expect(errorOf(() => noGrad(async () => 1))).toBe(
      'ArgumentError: noGrad: the function returned a promise; the scope covers synchronous code only. Await outside of it.',
    )
  })
})

describe('refusals', () => {
  test('what is no single number, and what is no tensor', () => {
    expect(errorOf(() => grad((x: Tensor) => x.mul(2))(tensor([1, 2])))).toBe(
      'GraphError: grad: the function returned shape [2]; a gradient starts from a single number. Reduce it first (sum, mean), or use vjp.',
    )
    expect(errorOf(() => grad((() => 3) as never)(tensor(1)))).toBe(
      'GraphError: grad: the function must return a tensor, it returned number.',
    )
    expect(errorOf(() => grad((async (x: Tensor) => x) as never)(tensor(1)))).toBe(
      'GraphError: grad: the function must return a tensor, it returned a promise; only synchronous functions can be recorded.',
    )
  })

  test('integers', () => {
    expect(errorOf(() => grad((x: Tensor) => x.sum())(tensor([1], { dtype: 'int32' })))).toBe(
      'DTypeError: grad: an input of shape [1] has dtype int32; gradients need float32 or float64. Cast it, or pass it as a further argument.',
    )
  })

  test('cotangents and tangents of other shapes', () => {
    expect(errorOf(() => vjp((x: Tensor) => x, tensor([1, 2])).pullback(tensor([1])))).toBe(
      'ShapeError: vjp: the cotangent has shape [1], the tensor [2]; they must be equal.',
    )
    expect(
      errorOf(() => jvp(({ w }: { w: Tensor }) => w, { w: tensor([1, 2]) as Tensor }, { w: tensor([1]) })),
    ).toBe("ShapeError: jvp: the tangent of 'w' has shape [1], its input has [2]; they must be equal.")
  })
})

describe('forward mode', () => {
  // Where a first derivative is exactly 0, the second and third are not.
  test.each<[string, (x: Tensor) => Tensor]>([
    ['x²', x => x.square()],
    ['x³', x => x.mul(x).mul(x)],
    ['tanh', x => x.tanh()],
    ['cos', x => x.cos()],
    ['x e^x', x => x.mul(x.exp())],
    ['x / (x + 1)', x => x.div(x.add(1))],
    ['√(x² + 1)', x => x.square().add(1).sqrt()],
  ])('all mixtures of both modes agree at 0: %s', (_, f) => {
    type Scalar = (x: Tensor) => Tensor
    const forward =
      (g: Scalar): Scalar =>
      x =>
        jvp(g, x, double(1)).tangent
    const reverse =
      (g: Scalar): Scalar =>
      x =>
        grad(g)(x)
    const at = double(0)
    const [second, third] = [reverse(reverse(f))(at).item(), reverse(reverse(reverse(f)))(at).item()]
    for (const [outer, inner] of [
      [forward, forward],
      [reverse, forward],
      [forward, reverse],
    ] as const) {
      expect(outer(inner(f))(at).item()).toBeCloseTo(second, 12)
      for (const outermost of [forward, reverse]) {
        expect(outermost(outer(inner(f)))(at).item()).toBeCloseTo(third, 12)
      }
    }
  })

  const [zeroFour, ones2] = [tensor([0, 4], { dtype: 'float64' }), tensor([1, 1], { dtype: 'float64' })]

  test('a condition moves nothing, also when it is a number that depends on the input', () => {
    const f = (x: Tensor) => where(x, x.mul(2), x.mul(3))
    expect(jvp(f, tensor([0, 1]) as Tensor, tensor([1, 0])).tangent.toArray()).toEqual([3, 0])
  })

  test('a derivative of exactly 0 lets nothing through, as the cotangent of exactly 0 does backward', () => {
    const f = (x: Tensor) =>
      x
        .sqrt()
        .mul(tensor([0, 1]))
        .sum()
    expect(jvp(f, zeroFour as Tensor, ones2).tangent.item()).toBe(0.25)
    expect(grad(f)(zeroFour).toArray()).toEqual([0, 0.25])
    expect(strictNaN(() => jvp(f, zeroFour as Tensor, ones2).tangent.item())).toBeNaN()
  })

  test('the branch that is not taken stays out of third derivatives', () => {
    const f = (x: Tensor) => where(x.greater(0), x.sqrt(), x).sum()
    const summed = (g: (x: Tensor) => Tensor) => (x: Tensor) => g(x).sum()
    const third = grad(summed(grad(summed(grad(f)))))(zeroFour)
    expect(third.toArray()).toEqual([0, (3 / 8) * 4 ** -2.5])
    const negative = (x: Tensor) => where(x.greater(0), x.sqrt(), x.square()).sum()
    expect(grad(summed(grad(summed(grad(negative)))))(tensor([-1])).toArray()).toEqual([0])
  })

  test('a parameter that was assigned on the way: jvp saw the old value in time, linearize refuses', () => {
    const w = new Parameter(tensor([2]), 'w')
    const f = (x: Tensor) => {
      const y = w.mul(x)
      w.assign(tensor([100]))
      return y
    }
    expect(jvp(f, tensor([1]) as Tensor, tensor([1])).tangent.toArray()).toEqual([2])
    const { pushforward } = linearize(f, tensor([1]) as Tensor)
    expect(errorOf(() => pushforward(tensor([1])))).toContain("the parameter 'w' was assigned")
  })
})
