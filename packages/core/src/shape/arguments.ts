/** Checks of arguments that the compiler cannot make: plain JavaScript may pass anything. */

import { ArgumentError, describe } from './errors.ts'

/** A function that is to be run, or wrapped in another one. */
export function expectFunction<F>(op: string, f: F): F {
  if (typeof f === 'function') return f
  throw new ArgumentError(op, `takes a function, got ${describe(f)}.`)
}

/**
 * Settings with names that the function knows. A name that is only nearly right would otherwise be ignored, and the numbers
 * would be other ones than were asked for.
 */
export function expectOptions<Options extends object>(
  op: string,
  options: Options | undefined,
  known: readonly (keyof Options & string)[],
): void {
  if (options === undefined) return
  // A tensor has keys too, which would be a puzzling list of what is not known.
  if (
    typeof options !== 'object' ||
    options === null ||
    Array.isArray(options) ||
    ('shape' in options && 'dtype' in options && 'storage' in options)
  ) {
    throw new ArgumentError(op, `takes its settings as { ${known.join(', ')} }, got ${describe(options)}.`)
  }
  for (const name of Object.keys(options)) {
    if ((known as readonly string[]).includes(name)) continue
    const plain = (text: string): string => text.toLowerCase().replaceAll('_', '')
    const meant = known.find(
      other => plain(other).startsWith(plain(name)) || plain(name).startsWith(plain(other)),
    )
    const advice =
      meant === undefined
        ? `its ${known.length === 1 ? 'setting is' : 'settings are'} ${known.join(', ')}.`
        : `did you mean ${meant}?`
    throw new ArgumentError(op, `knows no '${name}'; ${advice}`)
  }
}

/** {@link expectOptions} for settings of which some must be given. */
export function expectSettings<Options extends object>(
  op: string,
  options: Options,
  known: readonly (keyof Options & string)[],
): void {
  if (options === undefined) {
    throw new ArgumentError(op, `takes its settings as { ${known.join(', ')} }, got nothing.`)
  }
  expectOptions(op, options, known)
}
