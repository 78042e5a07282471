/** The penguins with a fifth held out, standardised by the others. */
import { type Penguin, SPECIES, type StandardScaler } from '@adjoint/data'
import type { Examples } from './examples.ts'
import { type Features, type Split, scaleOf, splitExamples, standardise } from './features.ts'
import type { Measurement } from './measurements.ts'
import type { Streams } from './streams.ts'

/** Measurements in their units, beside the same as a network sees them. */
export interface MeasuredSplit {
  readonly split: Split
  /** In mm and g, one array for each penguin. */
  readonly measured: Features
  readonly scale: StandardScaler
  readonly train: Examples
  readonly test: Examples
}

/** Some measurements as features, and targets chosen by `targetOf`. */
export function splitPenguins(
  penguins: readonly Penguin[],
  measurements: readonly Measurement[],
  targetOf: (penguin: Penguin) => number,
  streams: Streams,
): MeasuredSplit {
  const split = splitExamples(penguins.length, streams.split)
  const measured = penguins.map(penguin => measurements.map(measurement => penguin[measurement]))
  const scale = scaleOf(split.train.map(at => measured[at]!))
  const features = standardise(measured, scale)
  const part = (positions: readonly number[]): Examples => ({
    features: positions.map(at => features[at]!),
    targets: positions.map(at => targetOf(penguins[at]!)),
  })
  return { split, measured, scale, train: part(split.train), test: part(split.test) }
}

/** 0, 1 or 2. */
export function speciesNumber({ species }: Penguin): number {
  return SPECIES.indexOf(species)
}
