/** The penguins of the Palmer Archipelago: three species, four measurements. */
import { readDataFile } from './dataFile.ts'

/** The species in the order of their class numbers 0, 1, 2. */
export const SPECIES = ['Adelie', 'Chinstrap', 'Gentoo'] as const

export type Species = (typeof SPECIES)[number]

/** One bird; lengths in mm, mass in g. */
export interface Penguin {
  readonly species: Species
  readonly billLength: number
  readonly billDepth: number
  readonly flipperLength: number
  readonly bodyMass: number
}

/** A measurement of a penguin. */
export type Measurement = Exclude<keyof Penguin, 'species'>

/** The birds with all four measurements, and how many rows had to be left out. */
export interface PenguinData {
  readonly penguins: readonly Penguin[]
  readonly dropped: number
}

/** The measurements by their names in the file. */
const COLUMNS: Readonly<Record<Measurement, string>> = {
  billLength: 'Beak Length (mm)',
  billDepth: 'Beak Depth (mm)',
  flipperLength: 'Flipper Length (mm)',
  bodyMass: 'Body Mass (g)',
}

/** How a measurement is called in words, with its unit. */
export const MEASUREMENT_LABELS: Readonly<Record<Measurement, string>> = {
  billLength: 'bill length (mm)',
  billDepth: 'bill depth (mm)',
  flipperLength: 'flipper length (mm)',
  bodyMass: 'body mass (g)',
}

/**
 * Reads the penguins from JSON, an array of one record per bird. A bird without all four measurements is dropped; its
 * sex may be unknown, since nothing here uses it.
 *
 * @throws TypeError for text that is no array of records, or a species that is not one of the three.
 */
export function parsePenguins(json: string): PenguinData {
  const records: unknown = JSON.parse(json)
  if (!Array.isArray(records)) throw new TypeError('penguins: the file must hold an array of records.')
  const penguins: Penguin[] = []
  for (const [row, record] of records.entries()) {
    const penguin = toPenguin(record as Readonly<Record<string, unknown>>, row)
    if (penguin !== undefined) penguins.push(penguin)
  }
  return { penguins, dropped: records.length - penguins.length }
}

/** The penguins that come with this package. */
export function loadPenguins(): PenguinData {
  return parsePenguins(readDataFile('penguins.json.gz'))
}

function toPenguin(record: Readonly<Record<string, unknown>>, row: number): Penguin | undefined {
  const species = SPECIES.find(name => name === record.Species)
  if (species === undefined) {
    throw new TypeError(
      `penguins: row ${row} has the species ${JSON.stringify(record.Species)}; known are ${SPECIES.join(', ')}.`,
    )
  }
  const measured = (measurement: Measurement): number => {
    const value = record[COLUMNS[measurement]]
    return typeof value === 'number' ? value : Number.NaN
  }
  const penguin: Penguin = {
    species,
    billLength: measured('billLength'),
    billDepth: measured('billDepth'),
    flipperLength: measured('flipperLength'),
    bodyMass: measured('bodyMass'),
  }
  const { species: _, ...measurements } = penguin
  return Object.values(measurements).every(Number.isFinite) ? penguin : undefined
}
