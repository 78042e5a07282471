/** What a pair is: a module of this package beside its hand-derived twin, on random sizes, options and numbers. */
import { add, gradients, mul, Rng, sum, type Tensor } from '@adjoint/core'
import { type NumericArray, numericArray } from '@adjoint/manual'
import fc from 'fast-check'
import { expect } from 'vitest'
import { distance } from '../support.ts'

/** Values and derivatives by their names: `y`, `dx`, `dweight`, ... */
export type Values<T> = Readonly<Record<string, T>>

/** What both sides made of the same numbers; the names must be the same. */
export interface Passes {
  readonly automatic: Values<Tensor>
  readonly manual: Values<NumericArray>
  /**
   * Where a quantity is a sum that may cancel: how large its terms are. Rounding is relative to the terms, not to what is
   * left of them. Give the reason beside it.
   */
  readonly terms?: Values<number>
}

/** A module and its twin. */
export interface Twin {
  readonly name: string
  /** Compares random cases, all from one seed; the largest relative difference and the number of cases. */
  readonly compare: (seed: number) => { readonly cases: number; readonly worst: number; readonly at: string }
}

/** How large the difference may be, relative to the largest entry of a quantity or to its terms. */
export const BOUND = 1e-12

/** Random cases of each pair, unless it says otherwise. */
const CASES = 100

/**
 * A pair. `cases` are sizes and options; the numbers come from a generator that belongs to the case. `run` is done in
 * float64; it returns undefined for a case that means nothing, because it lies on a kink.
 *
 * @param runs random cases; fewer only where one of them takes long
 */
export function twin<Case>(
  name: string,
  cases: fc.Arbitrary<Case>,
  run: (options: Case, rng: Rng) => Passes | undefined,
  runs: number = CASES,
): Twin {
  return {
    name,
    compare: seed => {
      let [count, worst, at] = [0, 0, 'nothing']
      const property = fc.property(cases, fc.integer({ min: 0, max: 2 ** 31 }), (options, numbers) => {
        const passes = run(options, new Rng(numbers))
        fc.pre(passes !== undefined)
        count++
        const found = worstOf(passes!)
        if (found.difference >= worst) [worst, at] = [found.difference, found.name]
        expect(found.difference, `${name}: ${found.name}`).toBeLessThanOrEqual(BOUND)
      })
      fc.assert(property, { numRuns: runs, seed })
      return { cases: count, worst, at }
    },
  }
}

function worstOf({ automatic, manual, terms = {} }: Passes): { name: string; difference: number } {
  expect(Object.keys(automatic).sort()).toEqual(Object.keys(manual).sort())
  let worst = { name: 'nothing', difference: 0 }
  for (const [name, expected] of Object.entries(manual)) {
    const found = automatic[name]!
    expect(found.shape, `the shape of ${name}`).toEqual(expected.shape)
    const difference = distance(found.data(), expected.data, terms[name])
    if (!(difference < worst.difference)) worst = { name, difference }
  }
  return worst
}

/**
 * 0, 0.1, ..., `most`: rates, factors, shares. `fc.double` draws from all numbers of the machine alike, most of which are next
 * to nothing: with a rate of 1e-200 nothing is ever dropped, and a factor of 1e-200 hides any mistake.
 */
export function tenths(most: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 10 * most }).map(k => k / 10)
}

/** Standard normal numbers in float64, with a gradient. */
export function draw(rng: Rng, shape: readonly number[]): Tensor {
  const values: Tensor = rng.normal(shape, { dtype: 'float64' })
  values.requiresGrad = true
  return values
}

/** Cotangents for outputs: the derivatives of L that a backward pass starts from. */
export function cotangentsFor(rng: Rng, outputs: Values<Tensor>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { shape }]) => [name, rng.normal(shape, { dtype: 'float64' })]),
  )
}

/** Derivatives of L = Σ ⟨cotangent, output⟩ by autodiff, `dx` for an input `x`, beside the outputs themselves. */
export function differentiate(
  inputs: Values<Tensor>,
  outputs: Values<Tensor>,
  cotangents: Values<Tensor>,
): Record<string, Tensor> {
  const L = Object.entries(outputs)
    .map(([name, output]): Tensor => sum(mul(output, cotangents[name]!)))
    .reduce((a, b) => add(a, b))
  const names = Object.keys(inputs)
  const found = gradients(
    L,
    names.map(name => inputs[name]!),
  )
  return { ...outputs, ...Object.fromEntries(names.map((name, i) => [`d${name}`, found[i]!])) }
}

/** A tensor for the hand-derived side. */
export function toArray(x: Tensor): NumericArray {
  return numericArray(x.shape, Float64Array.from(x.data(), Number))
}
