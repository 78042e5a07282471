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
 * @throws ArgumentError for unknown keys: a misspelt one would leave a default in force.
 */
export function settingsOf<Settings extends object>(
  op: string,
  options: Partial<Settings>,
  defaults: Settings,
): Settings {
  const settings = { ...defaults, ...options }
  for (const [key, value] of Object.entries(settings)) {
    if (!Object.hasOwn(defaults, key)) {
      const known = OTHER_NAMES.get(key) ?? `one of ${Object.keys(defaults).join(', ')}`
      throw new ArgumentError(op, `knows no option '${key}'; it is ${known}.`)
    }
    // Whatever is neither a number nor a switch is checked by the optimizer that has it.
    const like = defaults[key as keyof Settings]
    if (like === null || typeof like === 'object') continue
    expectSetting(op, key, value, typeof like === 'boolean')
  }
  return settings
}

/** Options as they were passed, unless they are no object. */
export function expectRecord<Options>(op: string, options: Options): Options {
  if (Object(options) === options) return options
  throw new ArgumentError(op, `takes options, { learningRate: 0.1 }, got ${shown(options)}.`)
}

/** Checks a number that must be finite and at least 0, or a switch. */
export function expectSetting(op: string, name: string, value: unknown, isSwitch = false): void {
  if (isSwitch ? typeof value === 'boolean' : Number.isFinite(value) && (value as number) >= 0) return
  const wanted = isSwitch ? 'true or false' : 'a finite number from 0 up'
  throw new ArgumentError(op, `${name} must be ${wanted}, got ${shown(value)}.`)
}
