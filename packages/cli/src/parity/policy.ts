/** Why a derivative of Adjoint is another one than PyTorch's where it is a matter of convention, and where PyTorch is off. */

/**
 * What leaves a choice of a derivative: a `nan` in the input or the tangent's output, a `nanValue` of the op, a `kink`, what a
 * `policy` explains by itself, and an `inaccuracy` of PyTorch.
 */
export type ChoiceKind = 'nan' | 'nanValue' | 'kink' | 'policy' | 'inaccuracy'

/** An element of a derivative that differs. */
export interface Element {
  /** The element of the input at its place. */
  readonly x: number
  /** The elements of the other inputs at its place. */
  readonly beside: readonly number[]
  /** The derivative that Adjoint finds. */
  readonly actual: number
  readonly expected: number
  /** The cotangent of the output at its place; of a mean or a sum, that of the element's own share. */
  readonly cotangent: number | undefined
}

/** Why Adjoint differs, and the row of docs/reference/kinkPolicy.md that says so, where there is one. */
export interface Policy {
  readonly reason: string
  readonly row?: string
  /** Which choices the reason is about. */
  readonly about: readonly ChoiceKind[]
  /** What the reason explains where there is neither a kink nor a NaN. */
  readonly explains?: (element: Element) => boolean
}

const AT_NAN: Policy = {
  reason: 'at NaN a comparison is false, and so the slope is 0; PyTorch passes the cotangent on',
  about: ['nan'],
}
const NAN_SLOPE: Policy = { reason: 'at NaN the slope is NaN', about: ['nan'] }
const BESIDE_NAN: Policy = {
  reason: 'beside a NaN neither operand gets a gradient; PyTorch gives it to both',
  about: ['nan', 'policy'],
  explains: ({ beside, actual, expected, cotangent }) =>
    beside.some(Number.isNaN) && actual === 0 && expected === cotangent,
}
const SECOND: Policy = {
  reason: 'at a kink of the slope the second derivative is that of one of the pieces',
  about: ['kink'],
}

/** Equal but for what single precision rounds; 0 is near nothing else. */
function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.abs(b)
}

/** By PyTorch's names. */
const POLICY: ReadonlyMap<string, Policy> = new Map<string, Policy>([
  ['relu', AT_NAN],
  ['relu6', AT_NAN],
  ['hardtanh', AT_NAN],
  ['hardshrink', AT_NAN],
  ['softshrink', AT_NAN],
  ['threshold', AT_NAN],
  ['abs', NAN_SLOPE],
  ['elu', NAN_SLOPE],
  ['celu', NAN_SLOPE],
  [
    'selu',
    {
      reason: 'at 0 the slope of least norm, that of the right side; PyTorch takes that of the left side',
      row: 'selu at 0',
      about: ['kink'],
    },
  ],
  [
    'hardswish',
    {
      reason: 'at -3 and 3 the slope of least norm, at NaN 0; PyTorch takes the slope of the middle piece',
      row: 'hardSwish at -3 and 3',
      about: ['kink', 'nan'],
    },
  ],
  [
    'hardsigmoid',
    {
      reason: "PyTorch's slope is 1/6 rounded to float32, also in float64; Adjoint's is 1/6",
      about: ['inaccuracy'],
    },
  ],
  [
    'atanh',
    {
      reason: 'outside of [-1, 1] the function is NaN and so is its slope; PyTorch evaluates 1 / (1 - x²)',
      about: ['nanValue'],
    },
  ],
  [
    'digamma',
    {
      reason: 'at a pole the slope is infinite; PyTorch evaluates sin(πx) there, which rounding makes finite',
      about: ['policy'],
      explains: ({ x, actual }) => Number.isInteger(x) && x <= 0 && Math.abs(actual) === Infinity,
    },
  ],
  ['maximum', BESIDE_NAN],
  ['minimum', BESIDE_NAN],
  [
    'fmax',
    {
      reason: 'a tie is shared evenly, as for maximum; PyTorch gives it to the first operand',
      row: 'fmax of two tensors, tie',
      about: ['kink'],
    },
  ],
  [
    'fmin',
    {
      reason: 'a tie is shared evenly, as for minimum; PyTorch gives it to the first operand',
      row: 'fmin of two tensors, tie',
      about: ['kink'],
    },
  ],
  [
    'binary_cross_entropy',
    {
      reason:
        'at 0 and 1 the slope is that of the formula, and 0 where the logarithm is held; PyTorch divides by 1e-12',
      about: ['policy'],
      // (1 − y)/(1 − a) at 0 and −y/a at 1 beside (a − y)/10⁻¹², with 10⁻¹² in single precision. Both are checked, and so is
      // what the element counts: its weight, times the cotangent of its own loss.
      explains: ({ x, beside: [y, weight = 1], actual, expected, cotangent }) => {
        if ((x !== 0 && x !== 1) || y === undefined || cotangent === undefined) return false
        const counts = weight * cotangent
        return isNear(actual, counts * (1 - x - y)) && isNear(expected, counts * (x - y) * 1e12)
      },
    },
  ],
  ['huber_loss', SECOND],
  ['smooth_l1_loss', SECOND],
])

/** The reasons where an op has no entry. */
const REASONS: Readonly<Record<ChoiceKind, string>> = {
  nan: 'at NaN the slope is what its formula gives there',
  nanValue: 'where the value is NaN, so is the slope',
  kink: 'at a kink another number between the slopes around it: that of least norm',
  policy: 'a matter of convention',
  inaccuracy: 'as far as PyTorch itself is off',
}

/** Why a derivative differs, in a sentence. Where it may is decided before, in `kinds/choice.ts`. */
export function policyFor(op: string, kind: ChoiceKind): Policy {
  const policy = POLICY.get(op)
  return policy?.about.includes(kind) ? policy : { reason: REASONS[kind], about: [kind] }
}

/** Whether the entry of an op explains a difference by itself. */
export function isExplained(op: string, element: Element): boolean {
  return POLICY.get(op)?.explains?.(element) ?? false
}

/** The relative error of PyTorch's own derivatives, for ops where it is beyond what its dtype rounds. */
const INACCURACY: ReadonlyMap<string, number> = new Map([
  // The slope in its float64 cases is Math.fround(1 / 6), off by 3e-8.
  ['hardsigmoid', 1e-7],
])

/** How far derivatives of an op are off in the reference; undefined for all others. */
export function inaccuracyOf(op: string): number | undefined {
  return INACCURACY.get(op)
}
