/** What the commands share in reading their options. */

/** An option or value that a command does not understand. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
}

/** The value of an option that must not be empty. */
export function expectText(option: string, value: string): string {
  if (value !== '') return value
  throw new UsageError(`--${option} needs a value.`)
}

/** The seed of a run. */
export function toSeed(text: string): number {
  const seed = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed
  throw new UsageError(`--seed takes a whole number from 0 to 2^53 - 1, got "${text}".`)
}

/** Runs a command. A mistake of the user is a sentence and exit code 1; the stack would not help. */
export async function reportingMistakes(
  command: string,
  mistakes: readonly (abstract new (...args: never[]) => Error)[],
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!mistakes.some(kind => error instanceof kind)) throw error
    console.error(`adjoint ${command}: ${(error as Error).message}`)
    process.exitCode = 1
  }
}

/** Every value that an option was given; the parser keeps only the last one. */
export function valuesOf(option: string, typed: readonly string[]): string[] {
  return typed.flatMap((argument, at) => {
    if (argument.startsWith(`--${option}=`)) return [argument.slice(option.length + 3)]
    return argument === `--${option}` ? typed.slice(at + 1, at + 2) : []
  })
}

/** Refuses options and arguments that the command does not have. */
export function expectKnown(
  args: Readonly<Record<string, unknown>>,
  typed: readonly string[],
  names: readonly string[],
): void {
  const { _: [extra] = [], ...options } = args as { readonly _?: readonly string[] }
  const unknown = Object.keys(options).find(name => !names.includes(name))
  const known = `options are ${names.map(name => `--${name}`).join(', ')}.`
  if (unknown !== undefined) throw new UsageError(`there is no option ${asTyped(unknown, typed)}; ${known}`)
  if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"; ${known}`)
}

/** An option as it stands on the command line: `-q`, `--fast` or `--no-colour`; the parser keeps only its name. */
function asTyped(name: string, typed: readonly string[]): string {
  const spellings = [`--${name}`, `--no-${name}`, `-${name}`]
  return (
    typed.map(argument => argument.split('=')[0]!).find(option => spellings.includes(option)) ?? `-${name}`
  )
}
