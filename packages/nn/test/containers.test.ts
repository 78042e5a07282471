// Containers: paths, names, summaries, what they pass on, and layers that are built when the first input arrives.
import {
  add,
  concat,
  gradients,
  mul,
  noGrad,
  Parameter,
  Rng,
  relu,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from '@adjoint/core'
import {
  callLayer,
  Dense,
  type ForwardContext,
  functionalCall,
  Identity,
  lazy,
  loadState,
  ModuleList,
  ModuleRecord,
  namedParameters,
  parallel,
  parameters,
  pytorchState,
  residual,
  Sequential,
  sequential,
  stateOf,
  summary,
  visit,
} from '@adjoint/nn'
import { checkGradients } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'

const rng = new Rng(3)
const float64 = (shape: readonly number[]): Tensor => rng.normal(shape, { dtype: 'float64' })
const dense = (inputs: number, outputs: number): Dense =>
  new Dense(inputs, outputs, { rng, dtype: 'float64' }) as Dense

/** A layer that notes what it is told. */
class Listener {
  heard: ForwardContext | undefined
  readonly forward = (input: Tensor, context?: ForwardContext): Tensor => {
    this.heard = context
    return input
  }
}

describe('lists and records', () => {
  test('paths, names, length and order', () => {
    const list = new ModuleList([dense(2, 3), dense(3, 4)])
    expect(Object.keys(namedParameters({ blocks: list }))).toEqual([
      'blocks.0.weight',
      'blocks.0.bias',
      'blocks.1.weight',
      'blocks.1.bias',
    ])
    expect([list.length, list.at(-1).outputs, Array.from(list, ({ inputs }) => inputs)]).toEqual([
      2,
      4,
      [2, 3],
    ])
    expect(list.at(1).weight.name).toBe('1.weight')
    const record = new ModuleRecord({ left: dense(2, 3), right: dense(2, 1) })
    expect(Object.keys(namedParameters({ heads: record }))[2]).toBe('heads.right.weight')
    expect(record.modules.right.outputs).toBe(1)
  })

  test('are called by nobody but yourself', () => {
    const list = new ModuleList([dense(2, 2), dense(2, 2)])
    let x = float64([1, 2])
    for (const layer of list) x = callLayer(layer, '0', x)
    expect(x.shape).toEqual([1, 2])
    expect(() => list.forward(x)).toThrow(/no order to call/)
    expect(() => new ModuleRecord({}).forward(x)).toThrow(/does not know which/)
    expect(() => list.at(2)).toThrow(/none at 2/)
    expect(() => new ModuleList([relu as never])).toThrow(/entry 0 is a function/)
    expect(() => new ModuleRecord({ 'a.b': dense(1, 1) })).toThrow(/part of a path/)
  })

  test('have no line in a summary, their modules have', () => {
    class Model {
      readonly blocks: ModuleList<Dense> = new ModuleList([dense(2, 3), dense(3, 1)])
      readonly forward = (x: Tensor, context?: ForwardContext): Tensor => {
        let value = x
        for (const [i, block] of [...this.blocks].entries())
          value = callLayer(block, `blocks.${i}`, value, context)
        return value
      }
    }
    const table = summary(new Model(), zeros([5, 2], { dtype: 'float64' }))
    expect(table).toContain('blocks.0  Dense(2, 3)  [5, 3]')
    expect(table).not.toContain('ModuleList')
  })
})

describe('residual', () => {
  test('adds the input, or what a shortcut makes of it', () => {
    const [inner, shortcut] = [dense(3, 3), dense(3, 3)]
    const x = float64([2, 3])
    expect(residual(inner).forward(x).toArray()).toEqual(add(x, inner.forward(x)).toArray())
    expect(residual(inner, { shortcut, scale: 0.5 }).forward(x).toArray()).toEqual(
      add(shortcut.forward(x), mul(inner.forward(x), 0.5)).toArray(),
    )
  })

  test('a scale that is learned', () => {
    const scale = new Parameter(tensor(0, { dtype: 'float64' }), 'scale')
    const block = residual(sequential(dense(3, 3), relu), { scale })
    expect(Object.keys(namedParameters(block))).toEqual(['inner.0.weight', 'inner.0.bias', 'scale'])
    const x = float64([2, 3])
    expect(block.forward(x).toArray()).toEqual(x.toArray())
    checkGradients(x => block.forward(x as Tensor), x, { order: 2 })
  })

  test('refuses shapes that only broadcast', () => {
    const block = residual(dense(3, 1))
    expect(() => block.forward(float64([2, 3]))).toThrow(ShapeError)
    expect(() => block.forward(float64([2, 3]))).toThrow(/gives \[2, 1\], the input is \[2, 3\].*shortcut/)
    expect(() => residual(3 as never)).toThrow(/the inner layer is 3/)
    expect(() => residual(Dense as never)).toThrow(/a class, not an instance/)
    expect(() => residual(relu, { skip: relu } as object)).toThrow(/knows no 'skip'/)
  })

  test('functions have lines in summaries too', () => {
    expect(summary(residual(relu), zeros([2]))).toContain('inner  relu')
  })
})

describe('parallel', () => {
  test('side by side, added up, or merged by a function', () => {
    const [left, right] = [dense(3, 2), dense(3, 2)]
    const x = float64([4, 3])
    const outputs = [left.forward(x), right.forward(x)]
    expect(parallel([left, right]).forward(x).toArray()).toEqual(concat(outputs, 1).toArray())
    expect(parallel([left, right], { axis: 0 }).forward(x).toArray()).toEqual(concat(outputs, 0).toArray())
    expect(parallel([left, right], { merge: 'add' }).forward(x).toArray()).toEqual(
      add(outputs[0]!, outputs[1]!).toArray(),
    )
    const product = parallel({ left, right }, { merge: ([a, b]) => mul(a!, b!) as Tensor })
    expect(product.forward(x).toArray()).toEqual(mul(outputs[0]!, outputs[1]!).toArray())
    expect(Object.keys(namedParameters(product))).toEqual([
      'left.weight',
      'left.bias',
      'right.weight',
      'right.bias',
    ])
  })

  test('errors', () => {
    expect(() => parallel([])).toThrow(/at least one/)
    expect(() => parallel([relu], { merge: 'mean' as 'add' })).toThrow(/merge is/)
    expect(() => parallel([relu], { merge: 'add', axis: 1 })).toThrow(/axis is for merge 'concat'/)
    expect(() => parallel([dense(3, 2), dense(3, 1)], { merge: 'add' }).forward(float64([1, 3]))).toThrow(
      /\[1, 2\], \[1, 1\]/,
    )
    expect(() => parallel({ left: 3 as never })).toThrow(/branch left is 3/)
  })

  test('gradients of all branches', () => {
    const model = parallel([dense(3, 2), new Identity(), relu])
    checkGradients(x => model.forward(x as Tensor), float64([2, 3]), { order: 2 })
    const found = gradients(sum(model.forward(float64([2, 3]))), parameters(model))
    expect(found.map(({ shape }) => shape)).toEqual([[2, 3], [2]])
  })
})

describe('the context reaches every layer, under its path', () => {
  test.each([
    ['residual', (inner: Listener) => residual(inner), ['inner', '']],
    ['shortcut', (inner: Listener) => residual(relu, { shortcut: inner }), ['inner', 'shortcut', '']],
    ['parallel', (inner: Listener) => parallel([relu, inner]), ['0', '1', '']],
    ['lazy', (inner: Listener) => lazy(() => inner), ['']],
  ])('%s', (_, make, paths) => {
    const inner = new Listener()
    const model = make(inner)
    const generator = new Rng(0)
    const heard: string[] = []
    callLayer(model as never, '', zeros([1, 2]) as never, {
      training: true,
      rng: generator,
      observe: path => heard.push(path),
    })
    expect(inner.heard).toMatchObject({ training: true, rng: generator })
    expect(heard).toEqual(paths)
  })
})

describe('lazy', () => {
  const make = () => {
    const generator = new Rng(5)
    const layer = (x: Tensor, outputs: number) => new Dense(x.shape.at(-1)!, outputs, { rng: generator })
    return sequential(
      lazy(x => layer(x, 4)),
      relu,
      residual(sequential(lazy(x => layer(x, 4)))),
    )
  }

  test('a model has no parameters before its first input, and says so', () => {
    const model = make()
    const message = /'0' is a lazy layer that has not been built yet; pass one input/
    for (const call of [
      () => parameters(model),
      () => namedParameters(model),
      () => stateOf(model),
      () => loadState(model, {}),
      () => pytorchState(model),
      () => functionalCall(model, {}, zeros([1, 3])),
    ]) {
      expect(call).toThrow(message)
    }
    expect(() => parameters(lazy(() => relu))).toThrow(/the model is a lazy layer/)
    expect(summary(model)).toContain('Lazy')
  })

  test('afterwards paths, names and summary are those of the layers', () => {
    const model = make()
    model.forward(zeros([2, 3]))
    const paths = ['0.weight', '0.bias', '2.inner.0.weight', '2.inner.0.bias']
    expect(Object.keys(namedParameters(model))).toEqual(paths)
    expect(parameters(model).map(({ name }) => name)).toEqual(paths)
    expect(Object.keys(pytorchState(model))).toEqual(paths)
    expect(visit(model).map(({ path }) => path)).toContain('2.inner.0.weight')
    const table = summary(model, zeros([2, 3]))
    expect(table).toContain('0          Dense(3, 4)  [2, 4]          16')
    expect(table).toContain('2.inner.0  Dense(4, 4)  [2, 4]          20')
  })

  test('summary with an input builds', () => {
    expect(summary(make(), zeros([2, 3]))).toContain('Dense(3, 4)')
  })

  test('is the layer: the same numbers, the same gradients', () => {
    const model = make()
    const x = zeros([2, 3]).add(1) as Tensor
    const y = model.forward(x)
    const generator = new Rng(5)
    const plain = sequential(
      new Dense(3, 4, { rng: generator }),
      relu,
      residual(sequential(new Dense(4, 4, { rng: generator }))),
    )
    expect(y.toArray()).toEqual(plain.forward(x).toArray())
    const [own, expected] = [model, plain].map(each =>
      gradients(sum(each.forward(x) as Tensor), parameters(each)),
    )
    expect(own!.map(g => g.toArray())).toEqual(expected!.map(g => g.toArray()))
    loadState(model, stateOf(plain))
  })

  test('is built once, also inside of vmap and without recording', () => {
    let built = 0
    const model = lazy(x => {
      built++
      return new Dense(x.shape.at(-1)!, 2, { rng: new Rng(0) })
    })
    const x = zeros([5, 3])
    const each = vmap((row: Tensor) => model.forward(row.reshape([1, 3]) as Tensor) as Tensor)(x)
    expect(each.shape).toEqual([5, 1, 2])
    noGrad(() => model.forward(x))
    expect(built).toBe(1)
    expect(parameters(model)[0]!.shape).toEqual([2, 3])
  })

  test('a first pass that fails leaves nothing built', () => {
    const model = lazy(() => new Dense(4, 2, { rng: new Rng(0) }))
    expect(() => model.forward(zeros([1, 3]))).toThrow(/takes \[m, 4\]/)
    expect(() => parameters(model)).toThrow(/not been built/)
    expect(model.forward(zeros([1, 4])).shape).toEqual([1, 2])
  })

  test('refuses a function that gives no layer', () => {
    expect(() => lazy(() => 3 as never).forward(zeros([1]))).toThrow(/what the function gave is 3/)
    expect(() => lazy(() => Dense as never).forward(zeros([1]))).toThrow(/a class, not an instance/)
  })

  test('containers inside have their paths', () => {
    const model = new Sequential([
      lazy(x => sequential(new Dense(x.shape.at(-1)!, 2, { rng: new Rng(0) }), relu)),
    ])
    model.forward(zeros([1, 3]))
    expect(Object.keys(namedParameters(model))).toEqual(['0.0.weight', '0.0.bias'])
    expect(parameters(model)[0]!.name).toBe('0.0.weight')
  })
})
