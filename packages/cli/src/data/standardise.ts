/** Features shifted and scaled to mean 0 and deviation 1, as measured on the training examples only. */

/** The mean and the standard deviation of each feature. */
export interface Scale {
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
}

/** Examples, each an array of features. */
export type Features = readonly (readonly number[])[]

/**
 * The mean and deviation of each feature over the given examples, which must be the training examples: what is known
 * about the held-out ones must not leak into training. A feature that never varies has the deviation 1, and becomes 0.
 */
export function scaleOf(examples: Features): Scale {
  const count = examples.length
  const features = examples[0]?.length ?? 0
  const mean = Array.from({ length: features }, (_, at) => sumOf(examples, x => x[at]!) / count)
  const deviation = mean.map((center, at) => {
    const variance = sumOf(examples, x => (x[at]! - center) ** 2) / count
    return variance > 0 ? Math.sqrt(variance) : 1
  })
  return { mean, deviation }
}

/**
 * One mean and one deviation over all features together, for features of one kind such as pixels: a pixel that is dark
 * in a single training image would otherwise be blown up by its tiny deviation.
 */
export function sharedScaleOf(examples: Features): Scale {
  const shared = scaleOf(examples.flatMap(features => features.map(value => [value])))
  const features = examples[0]?.length ?? 0
  return {
    mean: new Array<number>(features).fill(shared.mean[0]!),
    deviation: new Array<number>(features).fill(shared.deviation[0]!),
  }
}

/** (x − mean) / deviation, feature by feature. */
export function standardise(examples: Features, { mean, deviation }: Scale): number[][] {
  return examples.map(features => features.map((value, at) => (value - mean[at]!) / deviation[at]!))
}

function sumOf<Item>(items: readonly Item[], numberOf: (item: Item) => number): number {
  let sum = 0
  for (const item of items) sum += numberOf(item)
  return sum
}
