/** The checks of an optimizer's settings. */

import { ArgumentError } from '@adjoint/core/functional'
import { shown } from '../module/shown.ts'

/** What other libraries call our settings. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['lr', 'learningRate'],
  ['betas', 'beta1 and beta2'],
  ['eps', 'epsilon'],
  ['weight_decay', 'weightDecay'],
])

/**
 * The options of an optimizer over their defaults, every number of them finite and at least 0.
 *
 * @throws ArgumentError for what is no object, and for unknown keys: a misspelt one would leave a default in force.
 */
export function settingsOf<Settings extends object>(
  op: string,
  options: Partial<Settings>,
  defaults: Settings,
): Settings {
  if (Object(options) !== options) {
    throw new ArgumentError(op, `takes options, { learningRate: 0.1 }, got ${shown(options)}.`)
  }
  const settings = { ...defaults, ...options }
  for (const [key, value] of Object.entries(settings)) {
    if (!Object.hasOwn(defaults, key)) {
      const known = OTHER_NAMES.get(key) ?? `one of ${Object.keys(defaults).join(', ')}`
      throw new ArgumentError(op, `knows no option '${key}'; it is ${known}.`)
    }
    if (typeof defaults[key as keyof Settings] !== 'boolean') expectSetting(op, key, value as number)
  }
  return settings
}

/** Checks a number that must be finite and at least 0. */
export function expectSetting(op: string, name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return
  throw new ArgumentError(op, `${name} must be a finite number from 0 up, got ${shown(value)}.`)
}
