/** The 1797 handwritten digits of 8 × 8 pixels. */
import { readDataFile } from './dataFile.ts'

/** Pixels of one image. */
export const DIGIT_PIXELS = 64

/** One image: its 64 pixels from 0 to 16, row after row, and the digit that was written. */
export interface Digit {
  readonly pixels: readonly number[]
  readonly digit: number
}

/**
 * Reads digits from lines of 65 numbers.
 *
 * @throws TypeError for a line that is not 64 pixels from 0 to 16 and a digit from 0 to 9; names the line.
 */
export function parseDigits(csv: string): Digit[] {
  return csv
    .trim()
    .split(/\r?\n/)
    .map((line, at) => {
      const numbers = line.split(',').map(Number)
      const pixels = numbers.slice(0, DIGIT_PIXELS)
      const digit = numbers[DIGIT_PIXELS]
      const isImage = pixels.every(value => value >= 0 && value <= 16)
      if (numbers.length !== DIGIT_PIXELS + 1 || !isImage || !isDigit(digit)) {
        throw new TypeError(
          `digits: line ${at + 1} must hold 64 pixels from 0 to 16 and a digit from 0 to 9.`,
        )
      }
      return { pixels, digit }
    })
}

/** The digits that come with this package. */
export function loadDigits(): Digit[] {
  return parseDigits(readDataFile('digits.csv.gz'))
}

function isDigit(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 9
}
