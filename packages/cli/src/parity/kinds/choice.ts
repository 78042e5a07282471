/** Which differences of a derivative are a matter of choice, element by element. */
import { cast, mul, type Tensor, vjp } from '@adjoint/core'
import type { CaseClass } from '../classes.ts'
import type { ParityCase, Tolerance } from '../format.ts'
import { slopesAtKink, type Terms } from '../generalizedGradient.ts'
import { type ChoiceKind, inaccuracyOf, isExplained } from '../policy.ts'
import { agrees, type FindChoice } from '../tensors.ts'

/** An op at the inputs of a case. */
export interface Situation {
  readonly found: ParityCase
  readonly caseClass: CaseClass
  readonly tol: Tolerance
  readonly inputs: readonly Tensor[]
  /** Which of the inputs are differentiated. */
  readonly at: readonly number[]
  /** The cotangents of the outputs that have one, and these outputs. */
  readonly seeds: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  /** The weights of the gradients in the second differentiation. */
  readonly v: readonly Tensor[] | undefined
  /** The outputs that have a cotangent, from all inputs. */
  readonly evaluate: (inputs: readonly Tensor[]) => readonly Tensor[]
}

/** What leaves a choice, for the three derivatives of a case. */
export interface Choices {
  /** Of the gradient of the differentiated input `i`. */
  readonly first: (i: number) => FindChoice
  /** Of the second gradient of that input. */
  readonly second: (i: number) => FindChoice
  /** Of the tangent of the output with seed `j`, which is the second gradient of its cotangent. */
  readonly tangent: (j: number) => FindChoice
}

/**
 * A derivative may be another one than PyTorch's, in a case about ties, kinks and special values,
 *
 * - with respect to an element that is NaN, and in the tangent of an output that is NaN;
 * - when it is NaN, where the op itself is NaN at the same place;
 * - where the policy has an entry for the op that explains this very element;
 * - at a kink, when Adjoint's number and PyTorch's are both between the slopes around it.
 *
 * In all cases, where PyTorch is known to be inaccurate, it may differ by that much. Nothing else is a choice.
 */
export function choicesOf(situation: Situation): Choices {
  const { found, caseClass, tol, inputs, at, seeds, outputs, v } = situation
  const inaccuracy = inaccuracyOf(found.op)
  const wide = inaccuracy === undefined ? undefined : { ...tol, rtol: Math.max(tol.rtol, inaccuracy) }
  const weigh = (xs: readonly Tensor[], weights: readonly Tensor[]): number[] =>
    xs.flatMap((x, i) => Array.from(mul(x, weights[i]!).data()))
  const wideSeeds = seeds.map(toDouble)
  /** The outputs from leaves in float64. */
  const call = (leaves: readonly Tensor[]): Tensor[] => {
    const all = inputs.map(toDouble)
    for (const [i, position] of at.entries()) all[position] = leaves[i]!
    return [...situation.evaluate(all)]
  }
  const outputTerms: Terms = leaves => weigh(call(leaves), wideSeeds)
  const gradientTerms: Terms = point =>
    weigh(vjp(call, point.slice(0, at.length)).pullback(point.slice(at.length)), (v ?? []).map(toDouble))

  /** Whether both numbers are between the slopes of a kink. */
  const areSlopes = (terms: Terms, by: number, element: number, numbers: readonly number[]): boolean => {
    const isFirst = terms === outputTerms
    const leaves = at.map(i => toDouble(inputs[i]!))
    const slopes = slopesAtKink(terms, isFirst ? leaves : [...leaves, ...wideSeeds], {
      by,
      element,
      isShifted: argument => argument < at.length,
      oneSided: isFirst,
    })
    return slopes !== undefined && numbers.every(number => number >= slopes.low && number <= slopes.high)
  }
  const kindOf =
    (find: FindChoice): FindChoice =>
    (actual, expected, place) => {
      if (wide !== undefined && agrees(actual, expected, wide)) return 'inaccuracy'
      return caseClass.convention ? find(actual, expected, place) : undefined
    }
  const when = (holds: boolean, kind: ChoiceKind): ChoiceKind | undefined => (holds ? kind : undefined)
  const ofInput = (terms: Terms, i: number): FindChoice => {
    const x = inputs[at[i]!]!
    return kindOf((actual, expected, place) => {
      const element = x.data()[place]!
      if (Number.isNaN(element)) return 'nan'
      if (Number.isNaN(actual))
        return when(
          outputs.some(y => valueAt(y, x, place).some(Number.isNaN)),
          'nanValue',
        )
      const beside = inputs.flatMap((other, k) => (k === at[i] ? [] : valueAt(other, x, place)))
      const cotangent = cotangentAt(situation, x, place)
      if (isExplained(found.op, { x: element, beside, actual, expected, cotangent })) return 'policy'
      return when(areSlopes(terms, i, place, [actual, expected]), 'kink')
    })
  }
  return {
    first: i => ofInput(outputTerms, i),
    second: i => ofInput(gradientTerms, i),
    tangent: j =>
      kindOf((actual, expected, place) => {
        if (Number.isNaN(outputs[j]!.data()[place])) return 'nan'
        return when(areSlopes(gradientTerms, at.length + j, place, [actual, expected]), 'kink')
      }),
  }
}

/** The element of a tensor at the place of one of another tensor, when both have one shape. */
function valueAt(x: Tensor, other: Tensor, place: number): number[] {
  return x.shape.join() === other.shape.join() ? [x.data()[place]!] : []
}

/** The cotangent of the output at the place of an element; a reduction hands every element of a loss the same share of it. */
function cotangentAt({ found, seeds }: Situation, x: Tensor, place: number): number | undefined {
  const [seed] = seeds
  if (seed === undefined || seeds.length > 1) return undefined
  const { reduction } = found.attrs
  if (seed.rank > 0 || x.rank === 0 || (reduction !== 'mean' && reduction !== 'sum')) {
    return valueAt(seed, x, place)[0]
  }
  return seed.item() / (reduction === 'mean' ? x.size : 1)
}

const toDouble = (x: Tensor): Tensor => (x.dtype === 'float32' ? cast(x, 'float64') : x)
