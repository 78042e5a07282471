import { concat, development, graphOf, Parameter, siteOf, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'

function smallGraph() {
  const w = new Parameter(tensor([[1, 2]]), 'w')
  const x = tensor([[3], [4]], { name: 'x' })
  const z = x.mul(w).named('z')
  const loss = z.sum(0, { keepDims: true }).mean().named('loss')
  return { w, x, z, loss }
}

const lines = (...text: string[]): string => text.join('\n')

describe('graphOf', () => {
  test('as text', () => {
    expect(graphOf(smallGraph().loss).toText()).toBe(
      lines(
        "%0 = constant  [2, 1] float32  'x'",
        "%1 = parameter  [1, 2] float32  'w'",
        "%2 = mul(%0, %1)  [2, 2] float32  'z'",
        '%3 = sum(%2; axes=[0], keepDims)  [1, 2] float32',
        "%4 = mean(%3; axes=[0,1])  [] float32  'loss'",
      ),
    )
  })

  test('with values and gradients', () => {
    const x = tensor([1, 2], { requiresGrad: true })
    const y = x.mul(x)
    y.sum().backward()
    expect(graphOf(y).toText({ values: 2 })).toBe(
      lines(
        '%0 = leaf  [2] float32',
        '      value [1,2]',
        '      grad  [2,4]',
        '%1 = mul(%0, %0)  [2] float32',
        '      value [1,4]',
        '      grad  [1,1]',
      ),
    )
  })

  test('in the language of Graphviz', () => {
    const { z } = smallGraph()
    expect(graphOf(z).toDot()).toBe(
      lines(
        'digraph graph_of_tensors {',
        '  rankdir=LR;',
        '  n0 [label="x\\n[2, 1]", shape=box, style=dashed];',
        '  n1 [label="w\\n[1, 2]", shape=box, style=filled, fillcolor="#dbeafe"];',
        '  n2 [label="z\\nmul\\n[2, 2]", shape=ellipse];',
        '  n0 -> n2;',
        '  n1 -> n2;',
        '}',
      ),
    )
  })

  test('as a Mermaid flowchart', () => {
    const x = tensor([1, 2], { requiresGrad: true, name: 'say "x"' })
    expect(graphOf(x.cast('float64').sum(0)).toMermaid()).toBe(
      lines(
        'flowchart LR',
        '  n0["say #quot;x#quot;<br/>[2]"]',
        '  n1(["cast dtype=#quot;float64#quot;<br/>[2]"])',
        '  n2(["sum axes=[0]<br/>[]"])',
        '  n0 --> n1',
        '  n1 --> n2',
      ),
    )
  })

  test('as JSON', () => {
    const x = tensor([1, 2], { requiresGrad: true, name: 'x' })
    expect(JSON.stringify(graphOf(x.sum(0)))).toBe(
      '[{"id":0,"op":"leaf","name":"x","shape":[2],"dtype":"float32","inputs":[],"attributes":{}},' +
        '{"id":1,"op":"sum","shape":[],"dtype":"float32","inputs":[0],"attributes":{"axes":[0],"keepDims":false}}]',
    )
  })

  test('writes open bounds as what they are', () => {
    const x = tensor([1], { requiresGrad: true })
    expect(graphOf(x.clip({ low: 0 })).toText()).toBe(
      lines('%0 = leaf  [1] float32', '%1 = clip(%0; low=0, high=Infinity)  [1] float32'),
    )
  })

  test('of several roots holds shared tensors once', () => {
    const x = tensor([1], { requiresGrad: true })
    const graph = graphOf(x.neg(), x.exp(), x)
    expect(graph.entries.map(({ op, inputs }) => [op, inputs])).toEqual([
      ['leaf', []],
      ['neg', [0]],
      ['exp', [0]],
    ])
    expect(graph.entries[0]!.tensor).toBe(x)
  })

  test('inputs come before what was made of them, also in deep graphs', () => {
    let x = tensor([1], { requiresGrad: true })
    for (let i = 0; i < 20_000; i++) x = x.add(x)
    const { entries } = graphOf(x)
    expect(entries.length).toBe(20_001)
    expect(entries.every(entry => entry.inputs.every(input => input < entry.id))).toBe(true)
  })
})

describe('development', () => {
  test('nodes remember the line of this file that made them', () => {
    const x = tensor([1, 2], { requiresGrad: true })
    const outside = x.mul(2)
    const [y, z] = development(() => {
      const y = x.mul(2)
      const z = y.variance()
      return [y, z]
    })
    expect(siteOf(outside)).toBeUndefined()
    const places = [y!, z!].map(part => /graph\.test\.ts:(\d+):\d+$/.exec(siteOf(part) ?? '')?.[1])
    expect(Number(places[1]) - Number(places[0])).toBe(1)
    expect(graphOf(z!).toText()).toMatch(/div\(%\d+, %\d+\) {2}\[\] float32 {2}at .*graph\.test\.ts:\d+:\d+$/)
    expect(siteOf(x)).toBeUndefined()
  })

  test('errors of the walk say where the op was recorded', () => {
    const w = new Parameter(tensor([1]), 'w')
    const loss = development(() => w.mul(w))
    w.assign(tensor([2]))
    expect(() => loss.backward()).toThrow(/recorded it \(recorded at .*graph\.test\.ts:\d+:\d+\), and/)
  })
})

test('an op of very many inputs', () => {
  const x = tensor([1], { requiresGrad: true })
  expect(graphOf(concat(Array.from({ length: 200_000 }, () => x))).entries.length).toBe(2)
})
