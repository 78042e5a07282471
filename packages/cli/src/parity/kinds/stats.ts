/** Cases of kind `stats`: what random numbers must look like. */
import * as ad from '@adjoint/core'
import { type HeOptions, type Initializer, initializers, type Nonlinearity } from '@adjoint/nn'
import { Attributes } from '../attributes.ts'
import { NotCovered } from '../errors.ts'
import { Fields } from '../fields.ts'
import type { ParityCase } from '../format.ts'
import type { Outcome } from '../outcome.ts'
import { differenceOf, numberOf } from '../tensors.ts'
import { decideDropout, isDropout } from './dropout.ts'
import { layerProblems } from './layerInit.ts'

/** Draws the values of a case. */
type Draw = (shape: readonly number[], a: Attributes, rng: ad.Rng) => ad.Tensor

const by =
  (make: (a: Attributes) => Initializer): Draw =>
  (shape, a, rng) =>
    make(a)(shape, { rng, dtype: 'float64' })

const NONLINEARITIES: Readonly<Record<string, Nonlinearity>> = {
  leaky_relu: 'leakyRelu',
  relu: 'relu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  selu: 'selu',
  linear: 'linear',
  // No activation: what a layer is makes no difference to its gain.
  ...Object.fromEntries(
    ['conv1d', 'conv2d', 'conv3d', 'conv_transpose1d', 'conv_transpose2d', 'conv_transpose3d'].map(
      name => [name, 'linear'] as const,
    ),
  ),
}

function nonlinearityOf(name: string): Nonlinearity {
  if (!Object.hasOwn(NONLINEARITIES, name)) throw new NotCovered(`the gain of ${name}`)
  return NONLINEARITIES[name]!
}

function heOptions(a: Attributes): HeOptions {
  return {
    nonlinearity: nonlinearityOf(a.text('nonlinearity')),
    slope: a.number('a', 0),
    mode: a.word('mode', ['fan_in', 'fan_out'], 'fan_in') === 'fan_in' ? 'fanIn' : 'fanOut',
  }
}

const DRAWS: ReadonlyMap<string, Draw> = new Map<string, Draw>([
  ['xavier_uniform_', by(a => initializers.xavierUniform({ gain: a.number('gain', 1) }))],
  ['xavier_normal_', by(a => initializers.xavierNormal({ gain: a.number('gain', 1) }))],
  ['kaiming_uniform_', by(a => initializers.heUniform(heOptions(a)))],
  ['kaiming_normal_', by(a => initializers.heNormal(heOptions(a)))],
  ['uniform_', by(a => initializers.uniform({ low: a.number('a', 0), high: a.number('b', 1) }))],
  ['normal_', by(a => initializers.normal({ mean: a.number('mean', 0), std: a.number('std', 1) }))],
  [
    'trunc_normal_',
    by(a =>
      initializers.truncatedNormal({
        mean: a.number('mean', 0),
        std: a.number('std', 1),
        low: a.number('a', -2),
        high: a.number('b', 2),
      }),
    ),
  ],
  ['orthogonal_', by(a => initializers.orthogonal({ gain: a.number('gain', 1) }))],
  ['sparse_', by(a => initializers.sparse({ sparsity: a.number('sparsity'), std: a.number('std', 0.01) }))],
  ['eye_', by(() => initializers.identity)],
  ['dirac_', by(a => initializers.dirac({ groups: a.number('groups', 1) }))],
])

export function decideStats(found: ParityCase): Outcome {
  if (isDropout(found)) return decideDropout(found)
  if (found.op === 'default_layer_init') return outcomeOf([...layerProblems(found)])
  if (found.op === 'calculate_gain') return outcomeOf([...gainProblems(found)])
  const draw = DRAWS.get(found.op)
  if (draw === undefined) {
    throw new NotCovered(`the initialiser ${found.op}`)
  }
  const fields = Fields.of(found)
  const attributes = new Attributes(found.attrs)
  const drawn = draw(fields.numbers('shape'), attributes, new ad.Rng(0))
  attributes.expectAllRead(found.op)
  return outcomeOf([...problemsOf(drawn, fields, attributes, found)])
}

function outcomeOf(differences: readonly string[]): Outcome {
  return differences.length === 0
    ? { verdict: 'passed', stages: ['value'] }
    : { verdict: 'failed', stages: ['value'], differences }
}

function* gainProblems(found: ParityCase): Generator<string> {
  for (const entry of Fields.of(found).list('gains')) {
    const { nonlinearity, param, gain } = entry as Record<string, unknown>
    const slope = typeof param === 'number' ? [param] : []
    const ours = initializers.gain(nonlinearityOf(String(nonlinearity)), ...slope)
    const stored = { shape: [], dtype: 'float64', data: [numberOf(gain as number)] } as const
    const difference = differenceOf(
      `the gain of ${nonlinearity}`,
      ad.tensor(ours, { dtype: 'float64' }),
      stored,
      found.tol ?? { rtol: 1e-12, atol: 0 },
    )
    if (difference !== undefined) yield `${difference.what}: ${difference.message}`
  }
}

function* problemsOf(
  drawn: ad.Tensor,
  fields: Fields,
  a: Attributes,
  { tol }: ParityCase,
): Generator<string> {
  const expect = fields.record('expect')
  const shape = fields.numbers('shape')
  if (drawn.shape.join() !== shape.join())
    yield `shape [${drawn.shape.join(', ')}], expected is [${shape.join(', ')}]`
  const values = Array.from(drawn.data())
  const count = values.length
  const checked = new Set<string>()
  const number = (name: string): number | undefined => {
    checked.add(name)
    return expect.has(name) ? expect.number(name) : undefined
  }
  const [mean, std] = [number('mean'), number('std')]
  if (mean !== undefined && std !== undefined) {
    const sigmas = fields.number('sigmas')
    const average = values.reduce((total, value) => total + value, 0) / count
    const spread = Math.sqrt(values.reduce((total, value) => total + (value - average) ** 2, 0) / (count - 1))
    if (!(Math.abs(average - mean) <= (sigmas * std) / Math.sqrt(count)))
      yield `the mean of ${count} draws is ${average}, expected is ${mean}`
    if (!(Math.abs(spread - std) <= ((sigmas + 2) * std) / Math.sqrt(count)))
      yield `the standard deviation of ${count} draws is ${spread}, expected is ${std}`
  }
  const bound = number('bound')
  const [low, high] = [number('min') ?? -(bound ?? Infinity), number('max') ?? bound ?? Infinity]
  const stray = values.find(value => !(value >= low && value <= high))
  if (stray !== undefined) yield `a draw of ${stray}, expected are values from ${low} to ${high}`
  if (expect.has('values')) {
    checked.add('values')
    const found = differenceOf('values', drawn, expect.tensor('values'), tol ?? { rtol: 0, atol: 0 })
    if (found !== undefined) yield found.message
  }
  const zerosPerColumn = number('zerosPerColumn')
  if (zerosPerColumn !== undefined) {
    yield* sparseProblems(
      drawn,
      zerosPerColumn,
      number('stdOfNonzeros') ?? Number.NaN,
      fields.number('sigmas'),
    )
  }
  if (expect.has('gram')) {
    checked.add('gram')
    yield* gramProblems(drawn, a.number('gain', 1), tol?.atol ?? 1e-9)
  }
  const unknown = expect.names().filter(name => !checked.has(name))
  if (unknown.length > 0) throw new NotCovered(`an expectation of ${unknown.join(', ')}`)
}

/** As many zeros as expected in every column, and the spread of the others. */
function* sparseProblems(drawn: ad.Tensor, zeros: number, std: number, sigmas: number): Generator<string> {
  const [rows, columns] = drawn.shape as [number, number]
  const values = Array.from(drawn.data())
  const others = values.filter(value => value !== 0)
  for (let column = 0; column < columns; column++) {
    const found = Array.from({ length: rows }, (_, row) => values[row * columns + column]!).filter(
      x => x === 0,
    )
    if (found.length !== zeros) yield `${found.length} zeros in column ${column}, expected are ${zeros}`
  }
  const spread = Math.sqrt(others.reduce((total, value) => total + value ** 2, 0) / others.length)
  if (!(Math.abs(spread - std) <= ((sigmas + 2) * std) / Math.sqrt(others.length)))
    yield `the standard deviation of the others is ${spread}, expected is ${std}`
}

/** The shorter side of the matrix, all axes but the first taken together, is orthogonal, scaled by the gain. */
function* gramProblems(drawn: ad.Tensor, gain: number, atol: number): Generator<string> {
  const rows = drawn.shape[0]!
  const flat = drawn.reshape([rows, drawn.size / rows]) as ad.Tensor
  const columns = flat.shape[1]!
  const turned = ad.transpose(flat) as ad.Tensor
  const gram = rows <= columns ? ad.matmul(flat, turned) : ad.matmul(turned, flat)
  const side = Math.min(rows, columns)
  const expected = Array.from(
    ad.eye(side, side, { dtype: 'float64' }).data(),
    one => numberOf(one) * gain ** 2,
  )
  const stored = { shape: [side, side], dtype: 'float64', data: expected } as const
  const found = differenceOf('gram matrix', gram, stored, { rtol: 0, atol })
  if (found !== undefined) yield `${found.what}: ${found.message}`
}
