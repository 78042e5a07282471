/** Ways to damage a file. */
import fc from 'fast-check'

/** Numbers at which readers go wrong. */
const NUMBERS = [
  0,
  1,
  7,
  8,
  255,
  256,
  65_535,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
]

/** Texts at which readers go wrong. */
const TEXTS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '"__proto__":',
  '{"__proto__":{"polluted":1}}',
  '[["__proto__",1]]',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  ',',
  ':',
  '\\',
  '\n',
  '\r',
  '\0',
  '1e999',
  '-1',
  '-0',
  '0.5',
  '9007199254740993',
  '18446744073709551616',
  'null',
  'true',
  'False',
  '(1,)',
  '()',
  '>f8',
  '<i8',
  '|O',
  '"F64"',
  '"I64"',
  '"BOOL"',
  '\ufeff',
  '['.repeat(300),
  '{"a":'.repeat(300),
]

const encoder = new TextEncoder()

type Mutation = (bytes: Uint8Array) => Uint8Array

/** The bytes with those from `from` to `to` replaced. */
function replaced(
  bytes: Uint8Array,
  from: number,
  to: number,
  by: Uint8Array | readonly number[],
): Uint8Array {
  const result = new Uint8Array(from + by.length + bytes.length - to)
  result.set(bytes.subarray(0, from))
  result.set(by, from)
  result.set(bytes.subarray(to), from + by.length)
  return result
}

/** A place, as a share of the length: near the start, where headers are, more often than elsewhere. */
const place = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean())
const at = (bytes: Uint8Array, [share, isEarly]: readonly [number, boolean]): number =>
  Math.floor((isEarly ? share ** 3 : share) * bytes.length)

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.nat(255)).map(
    ([where, value]): Mutation =>
      bytes => {
        const from = at(bytes, where)
        return replaced(bytes, from, Math.min(bytes.length, from + 1), [value])
      },
  ),
  fc.tuple(place, fc.nat(7)).map(
    ([where, bit]): Mutation =>
      bytes => {
        const result = bytes.slice()
        if (result.length > 0) result[Math.min(at(bytes, where), result.length - 1)]! ^= 1 << bit
        return result
      },
  ),
  fc.tuple(place, fc.constantFrom(...TEXTS), fc.nat(12)).map(
    ([where, text, over]): Mutation =>
      bytes => {
        const from = at(bytes, where)
        return replaced(bytes, from, Math.min(bytes.length, from + over), encoder.encode(text))
      },
  ),
  fc.tuple(place, fc.constantFrom(...NUMBERS), fc.constantFrom(1, 2, 4, 8), fc.boolean()).map(
    ([where, number, width, isLittle]): Mutation =>
      bytes => {
        const result = bytes.slice()
        const from = at(bytes, where)
        for (let i = 0; i < width; i++) {
          const value = Number((BigInt(number) >> BigInt(8 * i)) & 255n)
          const to = from + (isLittle ? i : width - 1 - i)
          if (to < result.length) result[to] = value
        }
        return result
      },
  ),
  // A number in a text becomes another one.
  fc.tuple(fc.nat(20), fc.constantFrom(...NUMBERS, -1, 3, 4, 12)).map(
    ([which, number]): Mutation =>
      bytes => {
        const text = String.fromCharCode(...bytes.subarray(0, 4000))
        const runs = [...text.matchAll(/\d+/g)]
        const run = runs[which % Math.max(runs.length, 1)]
        if (run === undefined) return bytes
        return replaced(bytes, run.index, run.index + run[0].length, encoder.encode(String(number)))
      },
  ),
  fc.tuple(place, place).map(
    ([a, b]): Mutation =>
      bytes => {
        const [from, to] = [at(bytes, a), at(bytes, b)].sort((x, y) => x - y) as [number, number]
        return replaced(bytes, from, to, [])
      },
  ),
  fc.tuple(place, place, place).map(
    ([a, b, c]): Mutation =>
      bytes => {
        const [from, to] = [at(bytes, a), at(bytes, b)].sort((x, y) => x - y) as [number, number]
        const where = at(bytes, c)
        return replaced(bytes, where, where, bytes.slice(from, Math.min(to, from + 200)))
      },
  ),
  place.map(
    (where): Mutation =>
      bytes =>
        bytes.slice(0, at(bytes, where)),
  ),
  fc.uint8Array({ maxLength: 20 }).map(
    (more): Mutation =>
      bytes =>
        replaced(bytes, bytes.length, bytes.length, more),
  ),
)

/** A file with some damage; one in ten has none, and one in twenty is no such file at all. */
export function damaged(file: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const changed = fc
    .tuple(file, fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([bytes, mutations]) => mutations.reduce((result, mutate) => mutate(result), bytes))
  return fc.oneof(
    { weight: 17, arbitrary: changed },
    { weight: 2, arbitrary: file },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  )
}
