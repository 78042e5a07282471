/** Cases of kind `vjp`: an op, its gradients, and the gradients of those, backward and forward. */
import { add, grad, jvp, mul, sum, type Tensor, vjp } from '@adjoint/core'
import { evaluate } from '../adapters/index.ts'
import { type CaseClass, classOf } from '../classes.ts'
import type { Engine } from '../engine.ts'
import { NotCovered, ParityInputError } from '../errors.ts'
import { Fields } from '../fields.ts'
import type { ParityCase, StoredTensor } from '../format.ts'
import { type Comparison, type Outcome, type Stage, verdictOn } from '../outcome.ts'
import { differenceOf, type FindChoice, type Judge, load, numberOf } from '../tensors.ts'
import { type Choices, choicesOf } from './choice.ts'

/** Compares everything that the case has, in the order in which it is derived. */
export function decideVjp(found: ParityCase, engine: Engine): Outcome {
  const caseClass = classOf(found.tags)
  return verdictOn([...comparisonsOf(found, caseClass, engine)], caseClass)
}

function* comparisonsOf(found: ParityCase, caseClass: CaseClass, engine: Engine): Generator<Comparison> {
  const { op, attrs } = found
  const { inputs: stored, outputs: expected, leaves: at, cotangents, grads, second, tol } = contentOf(found)
  const inputs = stored.map(load)
  for (const output of expected) expectRepresentable(output)
  const pardon = pardonFor(caseClass)
  const compare = (
    stage: Stage,
    what: string,
    actual: Tensor,
    wanted: StoredTensor,
    choice?: FindChoice,
  ): Comparison => ({
    stage,
    difference: differenceOf(
      what,
      actual,
      wanted,
      tol,
      choice === undefined ? { loose: true } : { pardon, choice },
    ),
  })
  /** The outputs as a function of the inputs that are differentiated. */
  const call = (leaves: readonly Tensor[]): readonly (Tensor | null)[] => {
    const all = [...inputs]
    for (const [i, leaf] of leaves.entries()) all[at[i]!] = leaf
    return evaluate(op, all, attrs)
  }
  const outputs = engine.run(
    call,
    at.map(i => inputs[i]!),
  )
  if (outputs.length !== expected.length)
    throw new ParityInputError(`it has ${expected.length} outputs, Adjoint gives ${outputs.length}.`)
  for (const [k, output] of outputs.entries()) {
    if (output !== null) yield compare('value', `output ${k}`, output, expected[k]!)
    else if (cotangents[k] !== null) throw new NotCovered(`output ${k} of ${op}`)
  }
  if (at.length === 0) return

  const seeded = cotangents.flatMap((cotangent, k) => (cotangent === null ? [] : [k]))
  if (seeded.length === 0) return
  const leaves = at.map(i => inputs[i]!)
  const seeds = seeded.map(k => load(cotangents[k]!))
  const differentiable = (x: readonly Tensor[]): Tensor[] => {
    const found = call(x)
    return seeded.map(k => found[k]!)
  }
  const v = second && at.map(i => load(second.v[i] ?? refuse(`second.v[${i}] is missing`)))
  const choices: Choices = choicesOf({
    found,
    caseClass,
    tol,
    inputs,
    at,
    seeds,
    v,
    outputs: seeded.map(k => outputs[k]!),
    evaluate: all => {
      const results = evaluate(op, all, attrs)
      return seeded.map(k => results[k]!)
    },
  })
  /** The gradients of Σ ⟨cotangent, output⟩. */
  const gradientsAt = (x: readonly Tensor[], c: readonly Tensor[]): Tensor[] =>
    vjp(differentiable, x).pullback(c) as Tensor[]
  for (const [i, gradient] of engine.run(gradientsAt, leaves, seeds).entries())
    yield compare('first', `gradient of input ${at[i]}`, gradient, grads[at[i]!]!, choices.first(i))
  if (second === undefined || v === undefined) return

  const weighted = ({ x, c }: { x: Tensor[]; c: Tensor[] }): Tensor =>
    gradientsAt(x, c)
      .map((gradient, i): Tensor => sum(mul(gradient, v[i]!)))
      .reduce((total, term) => add(total, term))
  const twice = engine.run(grad(weighted), { x: leaves, c: seeds })
  // The same product with the Hessian, by forward mode over reverse mode.
  const across = engine.run(
    (x, c, w) => jvp((y: readonly Tensor[]) => gradientsAt(y, c), x, w).tangent,
    leaves,
    seeds,
    v,
  )
  for (const [i, position] of at.entries()) {
    const wanted = second.gradInputs[position] ?? refuse(`second.gradInputs[${position}] is missing`)
    const what = `second gradient of input ${position}`
    const choice = choices.second(i)
    yield compare('second', what, twice.x[i]!, wanted, choice)
    yield compare('forward', `${what}, forward over reverse`, across[i]!, wanted, choice)
  }
  const ahead = engine.run((x, w) => jvp(differentiable, x, w).tangent, leaves, v)
  for (const [j, k] of seeded.entries()) {
    const wanted = second.gradCotangents[k] ?? refuse(`second.gradCotangents[${k}] is missing`)
    const choice = choices.tangent(j)
    yield compare('second', `second gradient of cotangent ${k}`, twice.c[j]!, wanted, choice)
    yield compare('forward', `tangent of output ${k}, forward mode`, ahead[j]!, wanted, choice)
  }
}

/** What agrees with a number that PyTorch does not have. */
function pardonFor({ convention, whereTrap }: CaseClass): Judge {
  return (actual, expected) =>
    (convention && !Number.isFinite(expected)) ||
    (whereTrap && Number.isNaN(expected) && (actual === 0 || Number.isNaN(actual)))
}

/** int64 results are compared as int32. */
function expectRepresentable({ dtype, data }: StoredTensor): void {
  if (dtype === 'uint8') throw new NotCovered('dtype uint8: Adjoint has float32, float64, int32 and bool')
  if (dtype === 'int64' && data.some(element => numberOf(element) !== (numberOf(element) | 0)))
    throw new NotCovered('int64 beyond the range of int32')
}

function contentOf(found: ParityCase) {
  const fields = Fields.of(found)
  const inputs = fields.tensors('inputs')
  const requires = fields.booleans('requiresGrad')
  const outputs = fields.tensors('outputs')
  const cotangents = fields.nullableTensors('cotangents')
  const grads = fields.nullableTensors('grads')
  const tol = found.tol ?? refuse('tol is missing')
  if (requires.length !== inputs.length || grads.length !== inputs.length)
    refuse('requiresGrad and grads have not one entry for each input')
  if (cotangents.length !== outputs.length) refuse('cotangents has not one entry for each output')
  const nested = fields.has('second') ? fields.record('second') : undefined
  const second = nested && {
    v: nested.nullableTensors('v'),
    gradInputs: nested.nullableTensors('gradInputs'),
    gradCotangents: nested.nullableTensors('gradCotangents'),
  }
  // An output without a derivative, an index for example, leaves inputs without one although they ask for it.
  const leaves = inputs.flatMap((_, i) => (requires[i] && grads[i] !== null ? [i] : []))
  return { inputs, outputs, cotangents, grads, tol, second, leaves }
}

function refuse(problem: string): never {
  throw new ParityInputError(`the case is malformed: ${problem}.`)
}
