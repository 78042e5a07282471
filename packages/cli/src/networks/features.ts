/** Features as plain numbers: a fifth of the examples held out, the others the measure of what is large and small. */
import { type Rng, tensor } from '@adjoint/core'
import { StandardScaler, splitIndices } from '@adjoint/data'

/** Examples, each an array of features. */
export type Features = readonly (readonly number[])[]

/** Positions of examples in the data set: those a network learns from, and those it has never seen. */
export interface Split {
  readonly train: readonly number[]
  readonly test: readonly number[]
}

/** Holds out a random fifth of `count` examples. The generator decides which, so that one seed gives one split. */
export function splitExamples(count: number, rng: Rng): Split {
  const [test, train] = splitIndices(count, [1 / 5, 4 / 5], rng)
  return { train: train!, test: test! }
}

/**
 * The mean and deviation of each feature over the given examples, which must be the training examples. Shared: one of each
 * over all features together, for features of one kind such as pixels: a pixel that is dark in a single training image
 * would otherwise be blown up by its tiny deviation.
 */
export function scaleOf(examples: Features, { shared = false }: { shared?: boolean } = {}): StandardScaler {
  return StandardScaler.fit(tensor(examples, { dtype: 'float64' }), { shared })
}

/** (x − mean) / deviation, feature by feature. */
export function standardise(examples: Features, scale: StandardScaler): number[][] {
  return scale.transform(tensor(examples, { dtype: 'float64' })).toArray() as number[][]
}
