// What the test modules made from documentation call: compares what a snippet gives with what it says it gives.
import { format, isDeepStrictEqual } from 'node:util'

/** A number of which the documentation shows some digits. */
export class Near {
  readonly digits: string
  readonly value: number
  readonly tolerance: number

  /** `0.6931` stands for what rounds to these digits, `0.6931…` for what begins with them. */
  constructor(digits: string) {
    this.digits = digits
    const [, mantissa = '', exponent = '0'] = /^(.*?)(?:e([+-]?\d+))?…?$/i.exec(digits) ?? []
    const lastPlace = 10 ** (Number(exponent) - (mantissa.split('.')[1]?.length ?? 0))
    this.value = Number(digits.replace('…', ''))
    // One part in a million more than half a unit: a tie may have been rounded either way.
    this.tolerance = lastPlace * (digits.endsWith('…') ? 1 : 0.500001)
  }

  accepts(actual: unknown): boolean {
    return typeof actual === 'number' && Math.abs(actual - this.value) <= this.tolerance
  }
}

/** A typed array, of which the documentation shows the elements. */
class Typed {
  readonly name: string
  readonly items: readonly unknown[]

  constructor(name: string, items: readonly unknown[]) {
    this.name = name
    this.items = items
  }
}

export function typed(name: string, items: readonly unknown[]): Typed {
  return new Typed(name, items)
}

/** `expression // => literal`: the value, tensors as nested arrays, equals the literal. */
export function value<T>(actual: T, expected: unknown, shown: string, place: string): T {
  if (!agrees(actual, expected)) fail(place, shown, format(actual), value)
  return actual
}

/** `expression // => text`, where the text is no literal: the value prints so. */
export function text<T>(actual: T, expected: string, place: string): T {
  const got = format(actual)
  if (!agreesAsText(got, expected)) fail(place, expected, got, text)
  return actual
}

/** `console.log(…) // => text`: Node would print so. */
export function printed(expected: string, place: string): (...args: unknown[]) => void {
  return function log(...args) {
    const got = format(...args)
    if (!agreesAsText(got, expected)) fail(place, expected, got, log)
  }
}

/** A throws fence: the body throws an error whose message contains the text. */
export async function throws(expected: string, place: string, body: () => Promise<void>): Promise<void> {
  let message: string
  try {
    await body()
  } catch (error) {
    message = error instanceof Error ? error.message : String(error)
    if (!collapse(message).includes(collapse(expected)))
      fail(place, `an error with "${expected}"`, message, throws)
    return
  }
  fail(place, 'an error', 'none', throws)
}

/** A fence that cannot be a test. */
export function problem(place: string, message: string): never {
  throw new Error(`${place}: ${message}`)
}

const quiet = (): void => {}
/** What a snippet prints without an expectation is not shown. */
export const console = new Proxy(globalThis.console, { get: () => quiet })

function agrees(actual: unknown, expected: unknown): boolean {
  if (expected instanceof Near) return expected.accepts(plain(actual))
  if (expected instanceof Typed)
    return (
      ArrayBuffer.isView(actual) &&
      actual.constructor.name === expected.name &&
      agrees(actual, expected.items)
    )
  const got = plain(actual)
  if (Array.isArray(expected))
    return (
      Array.isArray(got) &&
      got.length === expected.length &&
      expected.every((item, at) => agrees(got[at], item))
    )
  if (typeof expected === 'object' && expected !== null) {
    if (typeof got !== 'object' || got === null) return false
    const keys = Object.keys(expected)
    return (
      isDeepStrictEqual(Object.keys(got).sort(), [...keys].sort()) &&
      keys.every(key =>
        agrees((got as Record<string, unknown>)[key], (expected as Record<string, unknown>)[key]),
      )
    )
  }
  return got === expected || Object.is(got, expected)
}

/** Tensors and typed arrays as the arrays that documentation writes. */
function plain(actual: unknown): unknown {
  if (typeof actual !== 'object' || actual === null) return actual
  if ('toArray' in actual && typeof actual.toArray === 'function') return actual.toArray()
  return ArrayBuffer.isView(actual) ? Array.from(actual as Float64Array) : actual
}

const DECIMAL = /-?\d+\.\d+(?:e[+-]?\d+)?…?|-?\d+e[+-]?\d+/gi
const NUMBER = /-?\d+(?:\.\d*)?(?:e[+-]?\d+)?|-?\.\d+/i

/** Equal words in equal order, whatever the white space; decimal numbers agree to the digits that are shown. */
function agreesAsText(actual: string, expected: string): boolean {
  let pattern = ''
  let from = 0
  const wanted = collapse(expected)
  const nears: Near[] = []
  for (const match of wanted.matchAll(DECIMAL)) {
    pattern += `${literally(wanted.slice(from, match.index))}(${NUMBER.source})`
    nears.push(new Near(match[0]))
    from = match.index + match[0].length
  }
  const found = new RegExp(`^${pattern}${literally(wanted.slice(from))}$`, 'i').exec(collapse(actual))
  return found !== null && nears.every((near, at) => near.accepts(Number(found[at + 1])))
}

function collapse(words: string): string {
  return words.trim().replace(/\s+/g, ' ')
}

function literally(words: string): string {
  return words.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function fail(place: string, expected: string, actual: string, caller: (...args: never[]) => unknown): never {
  const error = new Error(`${place}\n  the page says: ${expected}\n  the code gives: ${actual}`)
  // The stack begins at the line of the page.
  Error.captureStackTrace(error, caller)
  throw error
}
