/** Numbers as people read them, the same in the progress line, in the ledgers of the console and in the report. */
import { formatShape } from '@adjoint/core/engine'

export { formatShape }

/** The column with the largest distance of autodiff from the central difference. */
export const DISTANCE_TITLE: string = '|auto−diff|'

/** What stands below ledgers, because a large number there looks like a mistake and is none. */
export const ULP_NOTE: string =
  'ulp counts the representable numbers between the two; near 0 they lie so close that ordinary rounding spans many. ' +
  'The verdict goes by max rel.'

/** An error, not negative, in two digits, such as `3.1e-14`; `0` when there is none, `–` where nothing can be compared. */
export function formatError(value: number): string {
  if (value === 0) return '0'
  if (!Number.isFinite(value)) return nonFinite(value)
  return value >= 0.01 && value < 1e4 ? String(Number(value.toPrecision(2))) : exponential(value, 1)
}

/** A value in four significant digits. */
export function formatValue(value: number): string {
  if (value === 0) return '0'
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  return size < 1e-3 || size >= 1e5 ? exponential(value, 3) : value.toPrecision(4)
}

/** A share as a percentage with one decimal. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

/** The share of right answers of a classification, or the R² of a regression. */
export function formatQuality({
  accuracy,
  r2,
}: {
  readonly accuracy: number | undefined
  readonly r2: number | undefined
}): string {
  return accuracy === undefined ? `R² ${(r2 ?? Number.NaN).toFixed(3)}` : formatPercent(accuracy)
}

/** Milliseconds as seconds with one decimal. */
export function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}

/** Distances in units in the last place: whole while they are small. */
export function formatUlp(value: number): string {
  if (!Number.isFinite(value)) return nonFinite(value)
  return value < 1e5 ? String(Math.round(value)) : exponential(value, 1)
}

/** An infinite error is one; NaN is what shapes that do not fit give. */
function nonFinite(value: number): string {
  return Number.isNaN(value) ? '–' : String(value)
}

/** `3.1e-14`, and `1.2e6` without a plus sign. */
function exponential(value: number, digits: number): string {
  return value.toExponential(digits).replace('e+', 'e')
}
