import { Parameter, Rng, tensor, zeros } from '@adjoint/core'
import { Dense, loadPytorchState, pytorchState, stateOf } from '@adjoint/nn'
import { expect, test } from 'vitest'
import { errorOf } from './support.ts'

/** Two parts, one under another name, and a memory that PyTorch calls by a short name. */
class Block {
  readonly innerLayer: Dense
  readonly runningVariance: Parameter
  readonly cells: readonly { readonly weight: Parameter }[]

  constructor() {
    this.innerLayer = new Dense(2, 3, { rng: new Rng(0) })
    this.runningVariance = new Parameter(zeros([3]), 'runningVariance', { trainable: false })
    this.cells = [{ weight: new Parameter(zeros([1])) }]
  }

  get pytorchNames(): Readonly<Record<string, string>> {
    return { runningVariance: 'running_var', 'cells.0.weight': 'weight_l0', innerLayer: 'fc' }
  }

  forward(x: unknown): unknown {
    return x
  }
}

const model = { firstBlock: new Block() }

test('our names in snake case, unless a module has another for a part or a parameter', () => {
  expect(Object.keys(pytorchState(model))).toEqual([
    'first_block.fc.weight',
    'first_block.fc.bias',
    'first_block.running_var',
    'first_block.weight_l0',
  ])
})

test('what was taken out can be put back', () => {
  const state = pytorchState(model)
  const fresh = { firstBlock: new Block() }
  fresh.firstBlock.innerLayer.weight.assign(zeros([3, 2]))
  loadPytorchState(fresh, state)
  expect(JSON.stringify(stateOf(fresh))).toBe(JSON.stringify(stateOf(model)))
})

test('mistakes are told by the names of PyTorch, and nothing is changed', () => {
  const { 'first_block.running_var': _, ...state } = pytorchState(model)
  const before = JSON.stringify(stateOf(model))
  const wrong = { ...state, 'first_block.fc.bias': tensor([1]), runningVariance: tensor([1, 2, 3]) }
  expect(errorOf(() => loadPytorchState(model, wrong)).message).toBe(
    'loadPytorchState: the state does not fit the model, nothing was changed:\n' +
      "  missing: 'first_block.running_var'\n" +
      "  unexpected: 'runningVariance'\n" +
      "  mismatched: 'first_block.fc.bias' is float32 [1], needed is float32 [3]",
  )
  expect(JSON.stringify(stateOf(model))).toBe(before)
})
