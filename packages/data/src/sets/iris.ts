/** Fisher's iris flowers. */
import { irisPlace } from '../setPlaces.ts'
import { type ClassificationSet, parseCounted, readSet, type SetOptions, setOptions } from './setFile.ts'

/** The species of {@link loadIris} in the order of their class numbers. */
export type IrisSpecies = 'setosa' | 'versicolor' | 'virginica'

/**
 * 150 iris flowers of three species: length and width of sepals and petals in cm. Two of the samples are known to differ
 * from Fisher's paper in this widespread copy.
 *
 * @example
 * ```ts
 * import { loadIris } from '@adjoint/data'
 * const { features, classNames } = await loadIris()
 * features.shape // => [150, 4]
 * classNames // => ['setosa', 'versicolor', 'virginica']
 * ```
 * @throws FileError when the file cannot be had; FormatError when it is not the one that belongs to this package.
 */
export async function loadIris(options: SetOptions = {}): Promise<ClassificationSet<IrisSpecies>> {
  const { dtype } = setOptions('loadIris', options)
  const text = await readSet('loadIris', irisPlace())
  const classNames: readonly IrisSpecies[] = ['setosa', 'versicolor', 'virginica']
  return {
    name: 'iris',
    ...parseCounted('loadIris', text, { examples: 150, features: 4, classes: classNames }, dtype),
    featureNames: ['sepal length', 'sepal width', 'petal length', 'petal width'],
    units: ['cm', 'cm', 'cm', 'cm'],
    classNames,
    source:
      'R. A. Fisher, The use of multiple measurements in taxonomic problems, Annals of Eugenics 7, 1936; UCI Machine Learning Repository',
    licence: 'CC BY 4.0',
  }
}
