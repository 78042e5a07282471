/** Numbers as people read them, the same in the console and in the report. */

/** An error, not negative, in two digits, such as `3.1e-14`; `0` when there is none. */
export function formatError(value: number): string {
  if (value === 0) return '0'
  if (!Number.isFinite(value)) return '–'
  return value >= 0.01 && value < 1e4 ? String(Number(value.toPrecision(2))) : value.toExponential(1)
}

/** A value in four significant digits, with a real minus sign. */
export function formatValue(value: number): string {
  if (value === 0) return '0'
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  const digits = size < 1e-3 || size >= 1e5 ? size.toExponential(3) : size.toPrecision(4)
  return value < 0 ? `−${digits}` : digits
}

/** An error as a power of ten that is raised above the line: `3.1 × 10⁻¹⁴`. */
export function formatPower(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatError(value)
  const [digits, exponent] = value.toExponential(1).split('e')
  const raised = Array.from(String(Number(exponent)), sign => RAISED['-0123456789'.indexOf(sign)]).join('')
  return `${digits} × 10${raised}`
}

const RAISED = [...'⁻⁰¹²³⁴⁵⁶⁷⁸⁹']

/** A share as a percentage with one decimal. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

/** Distances in units in the last place: whole while they are small. */
export function formatUlp(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return value < 1e5 ? String(Math.round(value)) : value.toExponential(1)
}

/** `6 × 2`. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? 'one number' : shape.join(' × ')
}
