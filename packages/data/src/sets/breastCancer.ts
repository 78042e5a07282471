/** Tumours, malignant or benign. */
import { breastCancerPlace } from '../setPlaces.ts'
import { type ClassificationSet, parseCounted, readSet, type SetOptions, setOptions } from './setFile.ts'

/** The diagnoses of {@link loadBreastCancer} in the order of their class numbers. */
export type Diagnosis = 'malignant' | 'benign'

/** What was measured of each cell nucleus; the set has the mean, the standard error and the worst of each. */
const MEASURED = [
  'radius',
  'texture',
  'perimeter',
  'area',
  'smoothness',
  'compactness',
  'concavity',
  'concave points',
  'symmetry',
  'fractal dimension',
]

/**
 * 569 tumours of the breast, 212 malignant and 357 benign: 30 numbers computed from an image of cell nuclei, of ten
 * measurements the mean, the standard error, and the mean of the three largest ("worst").
 *
 * @example
 * ```ts
 * import { loadBreastCancer } from '@adjoint/data'
 * const { features, featureNames, classes } = await loadBreastCancer()
 * features.shape // => [569, 30]
 * featureNames[20] // => 'worst radius'
 * classes.sum().item() // => 357
 * ```
 * @throws FileError when the file cannot be had; FormatError when it is not the one that belongs to this package.
 */
export async function loadBreastCancer(options: SetOptions = {}): Promise<ClassificationSet<Diagnosis>> {
  const { dtype } = setOptions('loadBreastCancer', options)
  const text = await readSet('loadBreastCancer', breastCancerPlace())
  const classNames: readonly Diagnosis[] = ['malignant', 'benign']
  const featureNames = [
    ...MEASURED.map(name => `mean ${name}`),
    ...MEASURED.map(name => `${name} error`),
    ...MEASURED.map(name => `worst ${name}`),
  ]
  return {
    name: 'breast cancer',
    ...parseCounted('loadBreastCancer', text, { examples: 569, features: 30, classes: classNames }, dtype),
    featureNames,
    // In pixels of the images or of no unit; the set states none.
    units: featureNames.map(() => undefined),
    classNames,
    source:
      'W. Wolberg, W. Street and O. Mangasarian, Breast Cancer Wisconsin (Diagnostic), UCI Machine Learning Repository, 1995',
    licence: 'CC BY 4.0',
  }
}
