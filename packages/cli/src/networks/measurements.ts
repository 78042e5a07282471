/** What is measured of a penguin. */
import type { Penguin } from '@adjoint/data'

/** A measurement of a penguin. */
export type Measurement = Exclude<keyof Penguin, 'species' | 'island' | 'sex'>

/** How a measurement is called in words, with its unit. */
export const MEASUREMENT_LABELS: Readonly<Record<Measurement, string>> = {
  billLength: 'bill length (mm)',
  billDepth: 'bill depth (mm)',
  flipperLength: 'flipper length (mm)',
  bodyMass: 'body mass (g)',
}
