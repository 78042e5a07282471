/** The files of the folder `sets` of this package, and what the sets made of them have in common. */
import { expectOptions } from '@adjoint/core/engine'
import { type Tensor, tensor } from '@adjoint/core/functional'
import { fetchBytes } from '../files/fetchBytes.ts'
import { FormatError } from '../files/formatError.ts'
import { gunzip, isGzip } from '../files/inflate.ts'

/** Settings of the functions that load a set. */
export interface SetOptions {
  /** Element type of the features. Default float32. */
  readonly dtype?: 'float32' | 'float64'
}

/** Where a set comes from. */
export interface SetSource {
  /** Name of the set. */
  readonly name: string
  /** Who measured it, and where it was published. */
  readonly source: string
  /** Under what terms it may be used. */
  readonly licence: string
}

/** Examples with a class each. */
export interface ClassificationSet<Class extends string = string> extends SetSource {
  /** `[examples, features]`, in the units of the set. */
  readonly features: Tensor<[number, number]>
  /** `[examples]`, int32: the number of each example's class. */
  readonly classes: Tensor<[number]>
  readonly featureNames: readonly string[]
  /** The unit of each feature, `undefined` for one that has none or of which none is stated. */
  readonly units: readonly (string | undefined)[]
  /** The names of the classes in the order of their numbers. */
  readonly classNames: readonly Class[]
}

/** No file of this package is larger when it is unpacked. */
const LARGEST = 2 ** 20

/**
 * The text of a file of the folder `sets`. A server may have unpacked it on the way.
 *
 * @param place the address of the file, from `setPlaces.ts`
 */
export async function readSet(op: string, place: URL): Promise<string> {
  const bytes = await fetchBytes(op, place)
  const file = place.pathname.slice(place.pathname.lastIndexOf('/') + 1)
  return new TextDecoder().decode(isGzip(bytes) ? gunzip(op, bytes, LARGEST, { file }) : bytes)
}

/** Checks the settings of a function that loads a set. */
export function setOptions(op: string, options: SetOptions): Required<SetOptions> {
  expectOptions(op, options, ['dtype'])
  return { dtype: options.dtype ?? 'float32' }
}

/** What a line of a set must look like. */
export interface LineRule {
  readonly features: number
  readonly classes: number
  /** Whether a number may be a feature. Default: any that is finite. */
  readonly isFeature?: (value: number) => boolean
  /** For the message: `64 pixels from 0 to 16 and a digit from 0 to 9`. */
  readonly content: string
  /** Line of the file with the first example, from 1. Default 1. */
  readonly firstLine?: number
}

/**
 * Lines of numbers, the last of which is the class.
 *
 * @throws FormatError for a line that is not as it must be; names the line.
 */
export function parseExamples(
  op: string,
  lines: readonly string[],
  rule: LineRule,
  dtype: 'float32' | 'float64',
): Pick<ClassificationSet, 'features' | 'classes'> {
  const { features: width, classes: count, isFeature = Number.isFinite, content, firstLine = 1 } = rule
  const features = new Float64Array(lines.length * width)
  const classes = new Int32Array(lines.length)
  for (const [row, line] of lines.entries()) {
    const fields = line.split(',')
    const numbers = fields.map(Number)
    const label = numbers.pop()
    const isClass = label !== undefined && Number.isInteger(label) && label >= 0 && label < count
    if (
      numbers.length !== width ||
      !isClass ||
      !numbers.every(isFeature) ||
      fields.some(field => field.trim() === '')
    ) {
      throw new FormatError(op, `must hold ${content}.`, { line: firstLine + row })
    }
    features.set(numbers, row * width)
    classes[row] = label
  }
  return {
    features: tensor(features, { shape: [lines.length, width], dtype }),
    classes: tensor(classes),
  }
}

/** The lines of a text, without an empty one at its end. */
export function linesOf(text: string): string[] {
  return text.trim().split(/\r?\n/)
}

/**
 * A file whose first line is `examples,features,class 0,class 1,...` and each further one an example.
 *
 * @throws FormatError when the first line is not the one that is expected, or a line is wrong.
 */
export function parseCounted(
  op: string,
  text: string,
  {
    examples,
    features,
    classes,
  }: { readonly examples: number; readonly features: number; readonly classes: readonly string[] },
  dtype: 'float32' | 'float64',
): Pick<ClassificationSet, 'features' | 'classes'> {
  const [first, ...lines] = linesOf(text)
  const expected = [examples, features, ...classes].join(',')
  if (first !== expected || lines.length !== examples) {
    const message = `must be ${JSON.stringify(expected)}, with ${examples} lines after it; there are ${lines.length}.`
    throw new FormatError(op, message, { line: 1 })
  }
  const rule = {
    features,
    classes: classes.length,
    content: `${features} numbers and a class from 0 to ${classes.length - 1}`,
    firstLine: 2,
  }
  return parseExamples(op, lines, rule, dtype)
}
