/** The 1797 handwritten digits of 8 × 8 pixels. */
import { reshape, type Tensor } from '@adjoint/core/functional'
import { digitsPlace } from '../setPlaces.ts'
import {
  type ClassificationSet,
  linesOf,
  parseExamples,
  readSet,
  type SetOptions,
  setOptions,
} from './setFile.ts'

/** Pixels of one image. */
const PIXELS = 64

/** {@link loadDigits}. */
export interface Digits extends ClassificationSet {
  /** The features as images of one channel: `[examples, 1, 8, 8]`. */
  readonly images: Tensor<[number, 1, 8, 8]>
}

/**
 * Handwritten digits: 1797 images of 8 × 8 pixels from 0 to 16, row after row, and the digit that was written.
 *
 * @example
 * ```ts
 * import { loadDigits } from '@adjoint/data'
 * const { features, classes, images } = await loadDigits()
 * features.shape // => [1797, 64]
 * images.shape // => [1797, 1, 8, 8]
 * classes.data().slice(0, 3) // => new Int32Array([0, 1, 2])
 * ```
 * @throws FileError when the file cannot be had; FormatError when it is not the one that belongs to this package.
 */
export async function loadDigits(options: SetOptions = {}): Promise<Digits> {
  const { dtype } = setOptions('loadDigits', options)
  return parseDigits(await readSet('loadDigits', digitsPlace()), dtype)
}

/**
 * Digits from lines of 65 numbers.
 *
 * @throws FormatError for a line that is not 64 pixels from 0 to 16 and a digit from 0 to 9; names the line.
 */
export function parseDigits(csv: string, dtype: 'float32' | 'float64' = 'float32'): Digits {
  const rule = {
    features: PIXELS,
    classes: 10,
    isFeature: (value: number) => value >= 0 && value <= 16,
    content: '64 pixels from 0 to 16 and a digit from 0 to 9',
  }
  const { features, classes } = parseExamples('loadDigits', linesOf(csv), rule, dtype)
  return {
    name: 'digits',
    features,
    classes,
    images: reshape(features, [features.shape[0], 1, 8, 8]) as Tensor<[number, 1, 8, 8]>,
    featureNames: Array.from({ length: PIXELS }, (_, at) => `pixel ${Math.floor(at / 8)}, ${at % 8}`),
    units: new Array<undefined>(PIXELS).fill(undefined),
    classNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
    source:
      'E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998 (its test part)',
    licence: 'CC BY 4.0',
  }
}
