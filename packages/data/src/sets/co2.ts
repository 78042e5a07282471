/** Carbon dioxide in the air over Mauna Loa, month by month. */
import { expectOptions } from '@adjoint/core/engine'
import { type Tensor, tensor } from '@adjoint/core/functional'
import { FormatError } from '../files/formatError.ts'
import { co2Place } from '../setPlaces.ts'
import { linesOf, readSet, type SetOptions, type SetSource } from './setFile.ts'

/** Settings of {@link loadCO2}. */
export interface CO2Options extends SetOptions {
  /** Put a straight line between the neighbours of a month that is missing, so that the steps are equal. Default false. */
  readonly fillGaps?: boolean
}

/** {@link loadCO2}. */
export interface CO2Series extends SetSource {
  /** `[months]`: mean of the month in parts per million. */
  readonly values: Tensor<[number]>
  /** `[months]`: the same without the yearly wave, as published. */
  readonly adjusted: Tensor<[number]>
  /** The month of each value: `'1958-03'`. */
  readonly months: readonly string[]
  /** Months that are missing, or were filled. */
  readonly gaps: readonly string[]
  readonly unit: 'ppm'
}

/**
 * Carbon dioxide at Mauna Loa, Hawaii, from March 1958 to April 2020: a rising curve with a yearly wave. 741 months were
 * measured; five in between are missing, unless `fillGaps` puts them in.
 *
 * @example
 * ```ts
 * import { loadCO2 } from '@adjoint/data'
 * const { values, months, gaps } = await loadCO2({ fillGaps: true })
 * values.shape // => [746]
 * months[0] // => '1958-03'
 * gaps // => ['1958-06', '1958-10', '1964-02', '1964-03', '1964-04']
 * ```
 * @throws FileError when the file cannot be had; FormatError when it is not the one that belongs to this package.
 */
export async function loadCO2(options: CO2Options = {}): Promise<CO2Series> {
  expectOptions('loadCO2', options, ['dtype', 'fillGaps'])
  const text = await readSet('loadCO2', co2Place())
  return parseCO2(text, options)
}

interface Month {
  /** Months since the year 0. */
  readonly number: number
  readonly value: number
  readonly adjusted: number
}

/**
 * The series from lines `date,value,adjusted value` in the order of time.
 *
 * @throws FormatError for a line that is not so; names the line.
 */
export function parseCO2(text: string, { dtype = 'float32', fillGaps = false }: CO2Options = {}): CO2Series {
  const [, ...lines] = linesOf(text)
  const measured: Month[] = []
  const series: Month[] = []
  const gaps: string[] = []
  for (const [row, line] of lines.entries()) {
    const month = parseMonth(line)
    const previous = measured.at(-1)
    if (month === undefined || (previous !== undefined && month.number <= previous.number)) {
      throw new FormatError('loadCO2', 'must hold a later month and two numbers.', { line: row + 2 })
    }
    for (let missing = (previous ?? month).number + 1; missing < month.number; missing++) {
      gaps.push(monthName(missing))
      if (fillGaps) series.push(between(previous!, month, missing))
    }
    measured.push(month)
    series.push(month)
  }
  const shape = [series.length] as [number]
  return {
    name: 'CO2',
    values: tensor(
      series.map(({ value }) => value),
      { shape, dtype },
    ) as Tensor<[number]>,
    adjusted: tensor(
      series.map(({ adjusted }) => adjusted),
      { shape, dtype },
    ) as Tensor<[number]>,
    months: series.map(({ number }) => monthName(number)),
    gaps,
    unit: 'ppm',
    source: 'C. D. Keeling and others, Scripps CO2 Program, Mauna Loa Observatory, monthly means',
    licence: 'CC BY 4.0',
  }
}

function parseMonth(line: string): Month | undefined {
  const [, year, month, value, adjusted] =
    /^(\d{4})-(0[1-9]|1[0-2])-\d\d,(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/.exec(line)?.map(Number) ?? []
  if (adjusted === undefined) return undefined
  return { number: year! * 12 + month! - 1, value: value!, adjusted }
}

function between(before: Month, after: Month, number: number): Month {
  const part = (number - before.number) / (after.number - before.number)
  return {
    number,
    value: before.value + part * (after.value - before.value),
    adjusted: before.adjusted + part * (after.adjusted - before.adjusted),
  }
}

function monthName(number: number): string {
  return `${Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, '0')}`
}
