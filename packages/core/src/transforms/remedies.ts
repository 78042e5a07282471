/** What is known about ops that make NaN and infinity, and what to do about it; by the name of the primitive. */

interface Remedy {
  /** Why the result is not finite. */
  readonly forward?: string
  /** Why the gradient is not finite. */
  readonly backward?: string
}

const LOG_DOMAIN = 'the logarithm is -Infinity at 0 and NaN below'
const LOG_ADVICE =
  'Take losses from logits (crossEntropy, binaryCrossEntropyWithLogits, logSoftmax), or keep the argument away from 0 with clip({ low: ... }).'
const OVERFLOW = 'the exponential overflows above 88 in float32, above 709 in float64'
const ROOT_ADVICE = 'Add a small constant under the root, or use norm, whose gradient at the origin is 0.'
const DIVISION = 'a division by 0'
const DIVISION_ADVICE =
  'Add a small constant to the divisor, or choose with where(divisor.equal(0), ...): a branch that is not taken gets no gradient.'
const SUM_OVERFLOW =
  'a sum or product is too large for the dtype, or adds infinities of both signs. Scale the inputs, or compute in float64.'
const INVERSE_DOMAIN = 'the argument is outside of the domain of the function. Bring it back with clip.'
const INVERSE_END = 'the derivative is infinite at the ends of the domain. Stay inside of it with clip.'

/** By the name of the primitive. */
export const REMEDIES: Readonly<Record<string, Remedy>> = /* @__PURE__ */ (() => ({
  log: {
    forward: `${LOG_DOMAIN}. ${LOG_ADVICE}`,
    backward: `the derivative of the logarithm is infinite at 0. ${LOG_ADVICE}`,
  },
  log2: {
    forward: `${LOG_DOMAIN}. ${LOG_ADVICE}`,
    backward: `the derivative of the logarithm is infinite at 0. ${LOG_ADVICE}`,
  },
  log10: {
    forward: `${LOG_DOMAIN}. ${LOG_ADVICE}`,
    backward: `the derivative of the logarithm is infinite at 0. ${LOG_ADVICE}`,
  },
  log1p: {
    forward: 'log1p is -Infinity at -1 and NaN below. Keep the argument above -1 with clip.',
    backward: 'the derivative of log1p is infinite at -1. Keep the argument above -1 with clip.',
  },
  logit: {
    forward:
      'logit is infinite at 0 and 1. Pass { epsilon }, or keep the logits that the probability was made of.',
  },
  exp: {
    forward: `${OVERFLOW}. Subtract the maximum first, or use logSumExp, softmax, softplus, sigmoid, which do.`,
  },
  exp2: { forward: `${OVERFLOW}. Subtract the maximum first.` },
  expm1: { forward: `${OVERFLOW}. Subtract the maximum first, or use softplus.` },
  sinh: { forward: `${OVERFLOW}; so does sinh. Scale the argument.` },
  cosh: { forward: `${OVERFLOW}; so does cosh. Scale the argument.` },
  sqrt: {
    forward:
      'the root of a negative number is NaN; rounding can make a variance slightly negative. Clip it at 0.',
    backward: `the derivative of the root is infinite at 0. ${ROOT_ADVICE}`,
  },
  rsqrt: {
    forward: `1/√0 is Infinity. ${ROOT_ADVICE}`,
    backward: `the derivative of 1/√x is infinite at 0. ${ROOT_ADVICE}`,
  },
  cbrt: { backward: 'the derivative of the cube root is infinite at 0. Keep away from it.' },
  div: {
    forward: `${DIVISION}. ${DIVISION_ADVICE}`,
    backward: `${DIVISION} in the derivative. ${DIVISION_ADVICE}`,
  },
  reciprocal: {
    forward: `${DIVISION}. ${DIVISION_ADVICE}`,
    backward: `${DIVISION} in the derivative. ${DIVISION_ADVICE}`,
  },
  remainder: { forward: `${DIVISION}. ${DIVISION_ADVICE}` },
  fmod: { forward: `${DIVISION}. ${DIVISION_ADVICE}` },
  floorDivide: { forward: `${DIVISION}. ${DIVISION_ADVICE}` },
  xlogy: {
    forward: `${LOG_DOMAIN}. ${LOG_ADVICE}`,
    backward: `the derivative of the logarithm is infinite at 0. ${LOG_ADVICE}`,
  },
  logSumExp: {
    forward:
      'the logarithm of a sum of nothing, or of zeros, is -Infinity. Check for an empty axis, and for rows in which every entry is -Infinity.',
  },
  norm: { forward: SUM_OVERFLOW },
  pow: {
    forward:
      'a power of 0 with a negative exponent, a fractional power of a negative number, or an overflow. Clip the base.',
    backward:
      'the derivative y x^(y-1) is infinite at x = 0 for y < 1. Clip the base, or use square, sqrt with a constant inside.',
  },
  asin: { forward: INVERSE_DOMAIN, backward: INVERSE_END },
  acos: { forward: INVERSE_DOMAIN, backward: INVERSE_END },
  acosh: { forward: INVERSE_DOMAIN, backward: INVERSE_END },
  atanh: { forward: INVERSE_DOMAIN, backward: INVERSE_END },
  erfinv: { forward: INVERSE_DOMAIN, backward: INVERSE_END },
  lgamma: {
    forward: 'a pole at 0 and the negative whole numbers. Keep the argument positive, by softplus, say.',
  },
  polygamma: {
    forward: 'a pole at 0 and the negative whole numbers. Keep the argument positive, by softplus, say.',
  },
  add: { forward: SUM_OVERFLOW },
  sub: { forward: `Infinity - Infinity, or an overflow: ${SUM_OVERFLOW}` },
  mul: {
    forward: `0 · Infinity, or an overflow. Find out where the infinity comes from, or choose with where.`,
  },
  sum: { forward: SUM_OVERFLOW },
  square: { forward: SUM_OVERFLOW },
  matmul: { forward: SUM_OVERFLOW },
  mean: { forward: 'the mean of no elements is NaN. Check for an empty batch.' },
  softmax: {
    forward: 'a row in which every entry is -Infinity has no softmax. Leave at least one entry unmasked.',
  },
  logSoftmax: {
    forward: 'a row in which every entry is -Infinity has no softmax. Leave at least one entry unmasked.',
  },
}))()

/** A sentence or two on a result, or a gradient, that is not finite. */
export function remedyFor(op: string, phase: 'forward' | 'backward'): string {
  return (
    REMEDIES[op]?.[phase] ??
    (phase === 'forward'
      ? 'The operands below are finite and the result is not: look at their sizes.'
      : 'The gradient that arrived is finite and the one that left is not: the derivative is infinite, or overflows, at these operands.')
  )
}
