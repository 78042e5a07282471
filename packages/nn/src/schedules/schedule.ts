/** What a schedule is, and the checks that schedules share. */

import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError } from '@adjoint/core/functional'
import { shown } from '../module/shown.ts'

/**
 * A setting as a function of the number of steps so far, 0 before the first, and of its base: the value that it had when the
 * scheduler was made. Pure: a run is resumed by its step number alone. Any function of this form is a schedule.
 */
export type Schedule = (step: number, base: number) => number

/** Schedules of several settings of an optimizer, by their names: `{ learningRate, beta1 }`. */
export type SettingSchedules = Readonly<Record<string, Schedule>>

/** The shape of a slope: half a wave of the cosine, or a straight line. */
export type Annealing = 'cosine' | 'linear'

/** From `from` at share 0 to `to` at share 1. */
export function annealed(kind: Annealing, from: number, to: number, share: number): number {
  if (kind === 'linear') return from + (to - from) * share
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share))
}

/**
 * The options of a schedule over their defaults, every number of them finite.
 *
 * @throws ArgumentError for unknown options, and for numbers below their least value.
 */
export function scheduleOptions<Options extends object>(
  op: string,
  options: Partial<Options> | undefined,
  defaults: Options,
  least: { readonly [Key in keyof Options]?: number } = {},
): Options {
  expectOptions(op, options as Options | undefined, Object.keys(defaults) as (keyof Options & string)[])
  const found = { ...defaults, ...options }
  for (const [key, value] of Object.entries(found)) {
    const like: unknown = defaults[key as keyof Options]
    if (like !== undefined && typeof like !== 'number') continue
    const low = least[key as keyof Options] ?? 0
    if (Number.isFinite(value) && (value as number) >= low) continue
    throw new ArgumentError(op, `${key} must be a finite number from ${low} up, got ${shown(value)}.`)
  }
  return found
}

/** A number that has no default: it must be given. */
export const REQUIRED: number = undefined as unknown as number

/** Checks that an option is one of some words. */
export function expectWord(op: string, name: string, value: unknown, words: readonly string[]): void {
  if (words.includes(value as string)) return
  throw new ArgumentError(
    op,
    `${name} is ${words.map(word => `'${word}'`).join(' or ')}, got ${shown(value)}.`,
  )
}
