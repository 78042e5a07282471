/** Why a derivative of Adjoint is another one than PyTorch's where it is a matter of convention, and where PyTorch is off. */

/** Why Adjoint differs, and the row of docs/reference/kinkPolicy.md that says so, where there is one. */
export interface Policy {
  readonly reason: string
  readonly row?: string
}

const AT_NAN: Policy = {
  reason: 'at NaN a comparison is false, and so the slope is 0; PyTorch passes the cotangent on',
}
const NAN_SLOPE: Policy = { reason: 'at NaN the slope is NaN' }
const SECOND: Policy = { reason: 'at a kink of the slope the second derivative is that of one of the pieces' }

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
    },
  ],
  [
    'hardswish',
    {
      reason: 'at -3 and 3 the slope of least norm, at NaN 0; PyTorch takes the slope of the middle piece',
      row: 'hardSwish at -3 and 3',
    },
  ],
  ['hardsigmoid', { reason: "PyTorch's slope is 1/6 rounded to float32, also in float64; Adjoint's is 1/6" }],
  [
    'atanh',
    { reason: 'outside of [-1, 1] the function is NaN and so is its slope; PyTorch evaluates 1 / (1 - x²)' },
  ],
  [
    'digamma',
    {
      reason: 'at a pole the slope is infinite; PyTorch evaluates sin(πx) there, which rounding makes finite',
    },
  ],
  ['maximum', { reason: 'beside a NaN neither operand gets a gradient; PyTorch gives it to both' }],
  ['minimum', { reason: 'beside a NaN neither operand gets a gradient; PyTorch gives it to both' }],
  [
    'fmax',
    {
      reason: 'a tie is shared evenly, as for maximum; PyTorch gives it to the first operand',
      row: 'fmax of two tensors, tie',
    },
  ],
  [
    'fmin',
    {
      reason: 'a tie is shared evenly, as for minimum; PyTorch gives it to the first operand',
      row: 'fmin of two tensors, tie',
    },
  ],
  ['huber_loss', SECOND],
  ['smooth_l1_loss', SECOND],
])

/** What the tags of a case say when its op has no entry. */
const BY_TAG: readonly (readonly [tag: string, reason: string])[] = [
  ['ties', 'equal elements share the cotangent: the subgradient of least norm'],
  ['kink', 'the subgradient of least norm'],
  ['min>max', 'between bounds that cross, the subgradient of least norm'],
  ['special', 'at NaN, at infinities and at poles the slope is what its formula gives there'],
]

/** Why a case differs, in a sentence. */
export function policyFor(op: string, tags: readonly string[]): Policy {
  const reason = BY_TAG.find(([tag]) => tags.includes(tag))?.[1]
  return POLICY.get(op) ?? { reason: reason ?? 'a matter of convention' }
}

/** Rows of the kink policy that entries name; a test looks them up. */
export const namedRows: readonly string[] = [...POLICY.values()].flatMap(({ row }) =>
  row === undefined ? [] : [row],
)

/** The relative error of PyTorch's own derivatives, for ops where it is beyond what its dtype rounds. */
const INACCURACY: ReadonlyMap<string, number> = new Map([
  // The slope in its float64 cases is Math.fround(1 / 6), off by 3e-8.
  ['hardsigmoid', 1e-7],
])

/** How far derivatives of an op are off in the reference; undefined for all others. */
export function inaccuracyOf(op: string): number | undefined {
  return INACCURACY.get(op)
}
