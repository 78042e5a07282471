/** The penguins of the Palmer Archipelago: three species, four measurements. */
import { tensor } from '@adjoint/core/functional'
import { FormatError } from '../files/formatError.ts'
import { penguinsPlace } from '../setPlaces.ts'
import { type ClassificationSet, readSet, type SetOptions, setOptions } from './setFile.ts'

/** The species in the order of their class numbers 0, 1, 2. */
export const SPECIES = ['Adelie', 'Chinstrap', 'Gentoo'] as const

export type Species = (typeof SPECIES)[number]

/** One bird; lengths in mm, mass in g. */
export interface Penguin {
  readonly species: Species
  readonly island: string
  readonly billLength: number
  readonly billDepth: number
  readonly flipperLength: number
  readonly bodyMass: number
  readonly sex: 'female' | 'male' | undefined
}

/** {@link loadPenguins}. */
export interface Penguins extends ClassificationSet<Species> {
  /** The birds one by one, in the order of the features, with island and sex. */
  readonly records: readonly Penguin[]
  /** How many birds had to be left out, because measurements are missing. */
  readonly dropped: number
}

/** The measurements by their names in the file. */
const COLUMNS = {
  billLength: 'Beak Length (mm)',
  billDepth: 'Beak Depth (mm)',
  flipperLength: 'Flipper Length (mm)',
  bodyMass: 'Body Mass (g)',
} as const

const MEASUREMENTS = Object.keys(COLUMNS) as readonly (keyof typeof COLUMNS)[]

/**
 * Penguins of three species with the length and depth of the bill, the length of the flippers and the mass of the body:
 * 342 birds, without the two of which measurements are missing. A good first set: small, real, and two numbers nearly do.
 *
 * @example
 * ```ts
 * import { loadPenguins } from '@adjoint/data'
 * const { features, featureNames, classNames, records, dropped } = await loadPenguins()
 * features.shape // => [342, 4]
 * featureNames // => ['bill length', 'bill depth', 'flipper length', 'body mass']
 * classNames // => ['Adelie', 'Chinstrap', 'Gentoo']
 * records[0]?.bodyMass // => 3750
 * dropped // => 2
 * ```
 * @throws FileError when the file cannot be had; FormatError when it is not the one that belongs to this package.
 */
export async function loadPenguins(options: SetOptions = {}): Promise<Penguins> {
  const { dtype } = setOptions('loadPenguins', options)
  return parsePenguins(await readSet('loadPenguins', penguinsPlace()), dtype)
}

/**
 * The penguins from JSON, an array of one record per bird. A bird without all four measurements is dropped; its sex may be
 * unknown.
 *
 * @throws FormatError for text that is no array of records, or a species that is not one of the three.
 */
export function parsePenguins(json: string, dtype: 'float32' | 'float64' = 'float32'): Penguins {
  const parsed: unknown = JSON.parse(json)
  if (!Array.isArray(parsed)) throw new FormatError('loadPenguins', 'the file must hold an array of records.')
  const records: Penguin[] = []
  for (const [row, record] of parsed.entries()) {
    const penguin = toPenguin(record as Readonly<Record<string, unknown>>, row)
    if (penguin !== undefined) records.push(penguin)
  }
  const numbers = records.flatMap(record => MEASUREMENTS.map(name => record[name]))
  return {
    name: 'penguins',
    features: tensor(numbers, { shape: [records.length, MEASUREMENTS.length], dtype }),
    classes: tensor(
      records.map(({ species }) => SPECIES.indexOf(species)),
      { shape: [records.length], dtype: 'int32' },
    ),
    featureNames: ['bill length', 'bill depth', 'flipper length', 'body mass'],
    units: ['mm', 'mm', 'mm', 'g'],
    classNames: SPECIES,
    records,
    dropped: parsed.length - records.length,
    source:
      'K. B. Gorman, Palmer Station, Antarctica LTER; K. B. Gorman, T. D. Williams and W. R. Fraser, PLoS ONE 9(3): e90081, 2014',
    licence: 'CC0 1.0',
  }
}

function toPenguin(record: Readonly<Record<string, unknown>>, row: number): Penguin | undefined {
  const species = SPECIES.find(name => name === record.Species)
  if (species === undefined) {
    throw new FormatError(
      'loadPenguins',
      `row ${row} has the species ${JSON.stringify(record.Species)}; known are ${SPECIES.join(', ')}.`,
    )
  }
  const [billLength, billDepth, flipperLength, bodyMass] = MEASUREMENTS.map(name => record[COLUMNS[name]])
  const measured = [billLength, billDepth, flipperLength, bodyMass]
  if (!measured.every(Number.isFinite)) return undefined
  const sex = { FEMALE: 'female', MALE: 'male' } as const
  return {
    species,
    island: String(record.Island),
    billLength: billLength as number,
    billDepth: billDepth as number,
    flipperLength: flipperLength as number,
    bodyMass: bodyMass as number,
    sex: record.Sex === 'FEMALE' || record.Sex === 'MALE' ? sex[record.Sex] : undefined,
  }
}
