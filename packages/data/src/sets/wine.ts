/** Wines of three cultivars. */
import { winePlace } from '../setPlaces.ts'
import { type ClassificationSet, parseCounted, readSet, type SetOptions, setOptions } from './setFile.ts'

/** The cultivars of {@link loadWine} in the order of their class numbers; the set gives them no names. */
export type WineClass = 'class_0' | 'class_1' | 'class_2'

/**
 * 178 wines of the same region in Italy from three cultivars, with 13 measurements of their chemistry.
 *
 * @example
 * ```ts
 * import { loadWine } from '@adjoint/data'
 * const { features, featureNames } = await loadWine()
 * features.shape // => [178, 13]
 * featureNames[0] // => 'alcohol'
 * ```
 * @throws FileError when the file cannot be had; FormatError when it is not the one that belongs to this package.
 */
export async function loadWine(options: SetOptions = {}): Promise<ClassificationSet<WineClass>> {
  const { dtype } = setOptions('loadWine', options)
  const text = await readSet('loadWine', winePlace())
  const classNames: readonly WineClass[] = ['class_0', 'class_1', 'class_2']
  const featureNames = [
    'alcohol',
    'malic acid',
    'ash',
    'alcalinity of ash',
    'magnesium',
    'total phenols',
    'flavanoids',
    'nonflavanoid phenols',
    'proanthocyanins',
    'color intensity',
    'hue',
    'od280/od315 of diluted wines',
    'proline',
  ]
  return {
    name: 'wine',
    ...parseCounted('loadWine', text, { examples: 178, features: 13, classes: classNames }, dtype),
    featureNames,
    // The set states none.
    units: featureNames.map(() => undefined),
    classNames,
    source: 'S. Aeberhard and M. Forina, Wine, UCI Machine Learning Repository, 1991',
    licence: 'CC BY 4.0',
  }
}
