// The assembler: every instruction against JavaScript arithmetic, control flow, and the edges of the number formats.
import {
  type Code,
  call,
  drop,
  f32,
  f32x4,
  f64,
  f64x2,
  hasRelaxedSimd,
  i8x16,
  i16x8,
  i32,
  i32x4,
  i64,
  i64x2,
  ModuleBuilder,
  memory,
  perform,
  select,
  unsigned,
  type ValueType,
  v128,
  webAssembly,
} from '@adjoint/core/wasm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const { Instance, Module, Memory } = webAssembly!

type Exports = Readonly<Record<string, (...operands: (number | bigint)[]) => number | bigint | undefined>>

function exportsOf(module: ModuleBuilder, imports?: ConstructorParameters<typeof Instance>[1]): Exports {
  return new Instance(new Module(module.toBytes()), imports).exports as Exports
}

/** A function of some operands that returns one value. */
function functionOf<P extends Readonly<Record<string, ValueType>>, R extends ValueType>(
  parameters: P,
  result: R,
  body: Parameters<typeof ModuleBuilder.prototype.function<P, R>>[2],
): Exports[string] {
  const module = new ModuleBuilder()
  module.export('run', module.function(parameters, result, body))
  return exportsOf(module).run!
}

/** What the tests have met, by table; the last test compares it with what there is. */
const met = new Map<object, Set<string>>()

function meet(table: object, ...names: readonly string[]): void {
  const known = met.get(table) ?? new Set()
  for (const name of names) known.add(name)
  met.set(table, known)
}

const INTEGERS = [
  0,
  1,
  -1,
  2,
  31,
  32,
  63,
  64,
  -64,
  -65,
  127,
  128,
  8191,
  8192,
  2 ** 31 - 1,
  -(2 ** 31),
  123456789,
]
const integer = fc.oneof(fc.constantFrom(...INTEGERS), fc.integer())
const NUMBERS = [0, -0, 1, -1, 0.5, 1.5, 2.5, -2.5, 1e9, -3e9, 5e9, 1e-40, Number.NaN]
const INFINITIES = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
const single = fc.oneof(fc.constantFrom(...NUMBERS.map(Math.fround), ...INFINITIES), fc.float())
const double = fc.oneof(fc.constantFrom(...NUMBERS, ...INFINITIES), fc.double())
const bit = (value: boolean): number => (value ? 1 : 0)
const clamp = (x: number, low: number, high: number): number =>
  Number.isNaN(x) ? 0 : Math.max(low, Math.min(high, Math.trunc(x)))
const toInt32 = (x: number): number => clamp(x, -(2 ** 31), 2 ** 31 - 1)
const toUint32 = (x: number): number => clamp(x, 0, 2 ** 32 - 1) | 0
const roundToEven = (x: number): number => {
  const low = Math.floor(x)
  const rounded = x - low < 0.5 || (x - low === 0.5 && low % 2 === 0) ? low : Math.ceil(x)
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : Number.isFinite(x) ? rounded : x
}

describe('whole numbers of 32 bits', () => {
  const BINARY: Readonly<Record<string, (x: number, y: number) => number>> = {
    eq: (x, y) => bit(x === y),
    ne: (x, y) => bit(x !== y),
    lt: (x, y) => bit(x < y),
    ltUnsigned: (x, y) => bit(x >>> 0 < y >>> 0),
    gt: (x, y) => bit(x > y),
    gtUnsigned: (x, y) => bit(x >>> 0 > y >>> 0),
    le: (x, y) => bit(x <= y),
    ge: (x, y) => bit(x >= y),
    geUnsigned: (x, y) => bit(x >>> 0 >= y >>> 0),
    add: (x, y) => x + y,
    sub: (x, y) => x - y,
    mul: Math.imul,
    and: (x, y) => x & y,
    or: (x, y) => x | y,
    xor: (x, y) => x ^ y,
    shl: (x, y) => x << y,
    shr: (x, y) => x >> y,
    shrUnsigned: (x, y) => x >>> y,
    rotl: (x, y) => (x << y) | (x >>> ((32 - (y & 31)) % 32) && (y & 31 ? x >>> (32 - (y & 31)) : 0)),
    div: (x, y) => Math.trunc(x / y),
    divUnsigned: (x, y) => Math.floor((x >>> 0) / (y >>> 0)),
    rem: (x, y) => x % y,
    remUnsigned: (x, y) => (x >>> 0) % (y >>> 0),
  }
  test.each(Object.keys(BINARY))('%s', name => {
    meet(i32, name)
    const instruction = i32[name as 'add']
    const run = functionOf({ x: 'i32', y: 'i32' }, 'i32', (_, { x, y }) => instruction(x, y))
    const isDivision = name.startsWith('div') || name.startsWith('rem')
    fc.assert(
      fc.property(integer, integer, (x, y) => {
        // These trap, as the specification says.
        fc.pre(!isDivision || (y !== 0 && !(x === -(2 ** 31) && y === -1)))
        expect(run(x, y)).toBe(BINARY[name]!(x, y) | 0)
      }),
    )
  })

  test('a division by 0 traps', () => {
    const run = functionOf({ x: 'i32' }, 'i32', (_, { x }) => i32.div(x, 0))
    expect(() => run(1)).toThrow(/divide by zero/)
  })

  test('constants, eqz and conversions', () => {
    meet(i32, 'const', 'eqz', 'wrapI64', 'truncSaturatedF32', 'truncSaturatedF64', 'reinterpretF32')
    fc.assert(
      fc.property(integer, value => {
        expect(functionOf({}, 'i32', () => i32.const(value))()).toBe(value)
        expect(functionOf({}, 'i32', () => i32.eqz(i32.const(value)))()).toBe(bit(value === 0))
      }),
    )
    const cut = functionOf({ x: 'f32' }, 'i32', (_, { x }) => i32.truncSaturatedF32(x))
    const cutDouble = functionOf({ x: 'f64' }, 'i32', (_, { x }) => i32.truncSaturatedF64(x))
    const bits = functionOf({ x: 'f32' }, 'i32', (_, { x }) => i32.reinterpretF32(x))
    const low = functionOf({ x: 'i64' }, 'i32', (_, { x }) => i32.wrapI64(x))
    fc.assert(
      fc.property(single, double, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (x, y, z) => {
        expect(cut(x)).toBe(toInt32(x) + 0)
        expect(cutDouble(y)).toBe(toInt32(y) + 0)
        if (!Number.isNaN(x)) expect(bits(x)).toBe(new Int32Array(Float32Array.of(x).buffer)[0])
        expect(low(z)).toBe(Number(BigInt.asIntN(32, z)))
      }),
    )
  })
})

describe('whole numbers of 64 bits', () => {
  const long = fc.oneof(
    fc.constantFrom(
      0n,
      1n,
      -1n,
      63n,
      64n,
      -64n,
      -65n,
      2n ** 31n,
      -(2n ** 31n) - 1n,
      2n ** 63n - 1n,
      -(2n ** 63n),
    ),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  )
  const BINARY: Readonly<Record<string, (x: bigint, y: bigint) => bigint>> = {
    add: (x, y) => x + y,
    sub: (x, y) => x - y,
    mul: (x, y) => x * y,
    and: (x, y) => x & y,
    or: (x, y) => x | y,
    shl: (x, y) => x << (y & 63n),
    shr: (x, y) => x >> (y & 63n),
    shrUnsigned: (x, y) => BigInt.asUintN(64, x) >> (y & 63n),
  }
  test.each(Object.keys(BINARY))('%s', name => {
    meet(i64, name)
    const run = functionOf({ x: 'i64', y: 'i64' }, 'i64', (_, { x, y }) => i64[name as 'add'](x, y))
    fc.assert(
      fc.property(long, long, (x, y) => {
        expect(run(x, y)).toBe(BigInt.asIntN(64, BINARY[name]!(x, y)))
      }),
    )
  })

  test('constants and conversions', () => {
    meet(i64, 'const', 'extendI32', 'extendI32Unsigned', 'reinterpretF64')
    meet(f64, 'convertI64', 'reinterpretI64')
    const widen = functionOf({ x: 'i32' }, 'i64', (_, { x }) => i64.extendI32(x))
    const widenUnsigned = functionOf({ x: 'i32' }, 'i64', (_, { x }) => i64.extendI32Unsigned(x))
    const bits = functionOf({ x: 'f64' }, 'i64', (_, { x }) => i64.reinterpretF64(x))
    const number = functionOf({ x: 'i64' }, 'f64', (_, { x }) => f64.reinterpretI64(x))
    const convert = functionOf({ x: 'i64' }, 'f64', (_, { x }) => f64.convertI64(x))
    fc.assert(
      fc.property(long, integer, double, (x, y, z) => {
        expect(functionOf({}, 'i64', () => i64.const(x))()).toBe(x)
        expect(functionOf({}, 'i64', () => i64.const(y))()).toBe(BigInt(y))
        expect(widen(y)).toBe(BigInt(y))
        expect(widenUnsigned(y)).toBe(BigInt(y >>> 0))
        expect(convert(x)).toBe(Number(x))
        if (!Number.isNaN(z)) {
          const pattern = new BigInt64Array(Float64Array.of(z).buffer)[0]!
          expect(bits(z)).toBe(pattern)
          expect(number(pattern)).toBe(z)
        }
      }),
    )
  })
})

const COMPARISONS: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  gt: (x, y) => x > y,
  le: (x, y) => x <= y,
  ge: (x, y) => x >= y,
}
const ARITHMETIC: Readonly<Record<string, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  min: Math.min,
  max: Math.max,
}
const UNARY: Readonly<Record<string, (x: number) => number>> = {
  abs: Math.abs,
  neg: x => -x,
  sqrt: Math.sqrt,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  nearest: roundToEven,
}

describe.each([
  ['single', f32, 'f32', single, Math.fround],
  ['double', f64, 'f64', double, (x: number) => x],
] as const)('%s precision', (_, table, type, numbers, round) => {
  const names = Object.keys(table)
  test.each(names.filter(name => name in COMPARISONS || name in ARITHMETIC))('%s', name => {
    meet(table, name)
    const instruction = (table as unknown as Record<string, (x: Code, y: Code) => Code<'i32'>>)[name]!
    const result = name in COMPARISONS ? 'i32' : type
    const run = functionOf({ x: type, y: type }, result as 'i32', (_, { x, y }) => instruction(x, y))
    fc.assert(
      fc.property(numbers, numbers, (x, y) => {
        const expected = name in COMPARISONS ? bit(COMPARISONS[name]!(x, y)) : round(ARITHMETIC[name]!(x, y))
        expect(run(x, y)).toBe(expected)
      }),
    )
  })

  test.each(names.filter(name => name in UNARY))('%s', name => {
    meet(table, name)
    const instruction = (table as unknown as Record<string, (x: Code) => Code<'f32'>>)[name]!
    const run = functionOf({ x: type }, type as 'f32', (_, { x }) => instruction(x))
    fc.assert(
      fc.property(numbers, x => {
        expect(run(x)).toBe(round(UNARY[name]!(x)))
      }),
    )
  })

  test('constants', () => {
    meet(table, 'const')
    fc.assert(
      fc.property(numbers, x => {
        expect(functionOf({}, type as 'f32', () => table.const(x) as Code<'f32'>)()).toBe(x)
      }),
    )
  })
})

test('conversions between numbers', () => {
  meet(f32, 'convertI32', 'demoteF64', 'reinterpretI32')
  meet(f64, 'convertI32', 'convertI32Unsigned', 'promoteF32')
  const toSingle = functionOf({ x: 'i32' }, 'f32', (_, { x }) => f32.convertI32(x))
  const demote = functionOf({ x: 'f64' }, 'f32', (_, { x }) => f32.demoteF64(x))
  const pattern = functionOf({ x: 'i32' }, 'f32', (_, { x }) => f32.reinterpretI32(x))
  const toDouble = functionOf({ x: 'i32' }, 'f64', (_, { x }) => f64.convertI32(x))
  const toDoubleUnsigned = functionOf({ x: 'i32' }, 'f64', (_, { x }) => f64.convertI32Unsigned(x))
  const promote = functionOf({ x: 'f32' }, 'f64', (_, { x }) => f64.promoteF32(x))
  fc.assert(
    fc.property(integer, single, double, (x, y, z) => {
      expect(toSingle(x)).toBe(Math.fround(x))
      expect(demote(z)).toBe(Math.fround(z))
      expect(pattern(x)).toBe(new Float32Array(Int32Array.of(x).buffer)[0])
      expect(toDouble(x)).toBe(x)
      expect(toDoubleUnsigned(x)).toBe(x >>> 0)
      expect(promote(y)).toBe(y)
    }),
  )
})

/** Runs code of up to three vectors, which lie in memory at 0, 16 and 32; the result is read in all ways. */
function vectorsOf(
  code: (x: Code<'v128'>, y: Code<'v128'>, z: Code<'v128'>, bits: Code<'i32'>) => Code<'v128'>,
) {
  const module = new ModuleBuilder()
  module.importMemory('test', 'memory', { initial: 1 })
  const run = module.function({ bits: 'i32' }, 'nothing', (f, { bits }) => {
    const operand = (at: number) => f.local('v128', v128.load(i32.const(at)))
    const [x, y, z] = [operand(0), operand(16), operand(32)]
    f.do(v128.store(i32.const(48), code(x, y, z, bits)))
  })
  module.export('run', run)
  const shared = new Memory({ initial: 1 })
  const { run: start } = exportsOf(module, { test: { memory: shared } })
  return (inputs: readonly ArrayBufferView[], bits = 0): ArrayBuffer => {
    const bytes = new Uint8Array(shared.buffer)
    for (const [i, input] of inputs.entries())
      bytes.set(new Uint8Array(input.buffer, input.byteOffset, 16), 16 * i)
    start!(bits)
    return bytes.slice(48, 64).buffer
  }
}

const four = <T>(one: fc.Arbitrary<T>) => fc.tuple(one, one, one, one)
const two = <T>(one: fc.Arbitrary<T>) => fc.tuple(one, one)

const VECTORS = [
  ['f32x4', f32x4, Float32Array, four(single), Math.fround, Int32Array],
  ['f64x2', f64x2, Float64Array, two(double), (x: number) => x, BigInt64Array],
] as const

describe.each(VECTORS)('%s', (_, table, ArrayOf, lanes, round, Masks) => {
  const instructions = table as unknown as Record<string, (...x: Code<'v128'>[]) => Code<'v128'>>
  const PSEUDO: Readonly<Record<string, (x: number, y: number) => number>> = {
    // biome-ignore lint/complexity/useMathMinMax: Math.min and Math.max treat zeros and NaN otherwise.
    pseudoMin: (x, y) => (y < x ? y : x),
    // biome-ignore lint/complexity/useMathMinMax: as above.
    pseudoMax: (x, y) => (x < y ? y : x),
  }
  test.each([...Object.keys(ARITHMETIC), ...Object.keys(PSEUDO)])('%s', name => {
    meet(table, name)
    const run = vectorsOf((x, y) => instructions[name]!(x, y))
    const scalar = ARITHMETIC[name] ?? PSEUDO[name]!
    fc.assert(
      fc.property(lanes, lanes, (x, y) => {
        const found = [...new ArrayOf(run([ArrayOf.from(x as number[]), ArrayOf.from(y as number[])]))]
        expect(found).toEqual(x.map((value, i) => round(scalar(value, y[i]!))))
      }),
    )
  })

  test.each(Object.keys(COMPARISONS))('%s', name => {
    meet(table, name)
    const run = vectorsOf((x, y) => instructions[name]!(x, y))
    fc.assert(
      fc.property(lanes, lanes, (x, y) => {
        const found = [...new Masks(run([ArrayOf.from(x as number[]), ArrayOf.from(y as number[])]))].map(
          Number,
        )
        expect(found).toEqual(x.map((value, i) => (COMPARISONS[name]!(value, y[i]!) ? -1 : 0)))
      }),
    )
  })

  test.each(Object.keys(UNARY))('%s', name => {
    meet(table, name)
    const run = vectorsOf(x => instructions[name]!(x))
    fc.assert(
      fc.property(lanes, x => {
        const found = [...new ArrayOf(run([ArrayOf.from(x as number[])]))]
        expect(found).toEqual(x.map(value => round(UNARY[name]!(value))))
      }),
    )
  })

  test('constants and lanes', () => {
    meet(table, 'const', 'splat', 'lane', 'withLane')
    const last = ArrayOf.BYTES_PER_ELEMENT === 4 ? 3 : 1
    fc.assert(
      fc.property(lanes, x => {
        const [first] = x
        const value = (ArrayOf.BYTES_PER_ELEMENT === 4 ? f32 : f64).const(first)
        const all = x.map(() => first)
        expect([...new ArrayOf(vectorsOf(() => table.const(first))([]))]).toEqual(all)
        expect([...new ArrayOf(vectorsOf(() => table.splat(value as never))([]))]).toEqual(all)
        const swap = vectorsOf(y => table.withLane(y, 0, table.lane(y, last) as never))
        expect([...new ArrayOf(swap([ArrayOf.from(x as number[])]))]).toEqual([x[last], ...x.slice(1)])
      }),
      { numRuns: 20 },
    )
  })

  test('relaxedMultiplyAdd is the product and the sum, rounded once or twice', () => {
    meet(table, 'relaxedMultiplyAdd')
    const code: Parameters<typeof vectorsOf>[0] = (x, y, z) => table.relaxedMultiplyAdd(x, y, z)
    if (!hasRelaxedSimd()) {
      expect(() => vectorsOf(code)).toThrow(/relaxed/)
      return
    }
    const run = vectorsOf(code)
    const ones = ArrayOf.from([2, 3, 4, 5])
    expect([...new ArrayOf(run([ones, ones, ones]))]).toEqual([6, 12, 20, 30].slice(0, last(ArrayOf)))
  })
})

const last = (ArrayOf: { readonly BYTES_PER_ELEMENT: number }): number => 16 / ArrayOf.BYTES_PER_ELEMENT

describe('i32x4', () => {
  const BINARY: Readonly<Record<string, (x: number, y: number) => number>> = {
    ...Object.fromEntries(
      Object.entries(COMPARISONS).map(([name, f]) => [name, (x: number, y: number) => (f(x, y) ? -1 : 0)]),
    ),
    add: (x, y) => x + y,
    sub: (x, y) => x - y,
    mul: Math.imul,
    min: Math.min,
    max: Math.max,
  }
  test.each(Object.keys(BINARY))('%s', name => {
    meet(i32x4, name)
    const run = vectorsOf((x, y) => i32x4[name as 'add'](x, y))
    fc.assert(
      fc.property(four(integer), four(integer), (x, y) => {
        expect([...new Int32Array(run([Int32Array.from(x), Int32Array.from(y)]))]).toEqual(
          x.map((value, i) => BINARY[name]!(value, y[i]!) | 0),
        )
      }),
    )
  })

  test.each(['shl', 'shr', 'shrUnsigned'] as const)('%s', name => {
    meet(i32x4, name)
    const run = vectorsOf((x, _y, _z, bits) => i32x4[name](x, bits))
    const shift = { shl: (x: number, n: number) => x << n, shr: (x: number, n: number) => x >> n }
    fc.assert(
      fc.property(four(integer), fc.integer({ min: 0, max: 40 }), (x, n) => {
        const scalar =
          name === 'shrUnsigned' ? (value: number) => (value >>> n) | 0 : (v: number) => shift[name](v, n)
        expect([...new Int32Array(run([Int32Array.from(x)], n))]).toEqual(x.map(scalar))
      }),
    )
  })

  test('one operand, lanes and masks', () => {
    meet(i32x4, 'const', 'splat', 'lane', 'withLane', 'abs', 'neg', 'allTrue', 'bitmask')
    const abs = vectorsOf(x => i32x4.abs(x))
    const neg = vectorsOf(x => i32x4.neg(x))
    const all = vectorsOf(x => i32x4.splat(i32x4.allTrue(x)))
    const mask = vectorsOf(x => i32x4.splat(i32x4.bitmask(x)))
    const swap = vectorsOf(x => i32x4.withLane(x, 2, i32x4.lane(x, 1)))
    fc.assert(
      fc.property(four(integer), x => {
        const input = [Int32Array.from(x)]
        expect([...new Int32Array(abs(input))]).toEqual(x.map(value => Math.abs(value) | 0))
        expect([...new Int32Array(neg(input))]).toEqual(x.map(value => -value | 0))
        expect(new Int32Array(all(input))[0]).toBe(bit(x.every(value => value !== 0)))
        expect(new Int32Array(mask(input))[3]).toBe(
          x.reduce((sum, value, i) => sum + (value < 0 ? 2 ** i : 0), 0),
        )
        expect([...new Int32Array(swap(input))]).toEqual([x[0], x[1], x[1], x[3]])
        expect([...new Int32Array(vectorsOf(() => i32x4.const(x[0]))([]))]).toEqual(x.map(() => x[0]))
      }),
    )
  })
})

describe('conversions of lanes', () => {
  const NAMES = {
    i32x4: [
      'truncSaturatedF32',
      'truncSaturatedF32Unsigned',
      'truncSaturatedF64Zero',
      'truncSaturatedF64ZeroUnsigned',
    ],
    more: ['extendLow16Unsigned', 'extendHigh16Unsigned'],
  }
  test('between numbers', () => {
    meet(i32x4, ...NAMES.i32x4)
    meet(f32x4, 'convertI32', 'demoteF64Zero')
    meet(f64x2, 'convertLowI32', 'convertLowI32Unsigned', 'promoteLowF32')
    fc.assert(
      fc.property(four(integer), four(single), two(double), (whole, x, y) => {
        const [i, f, d] = [[Int32Array.from(whole)], [Float32Array.from(x)], [Float64Array.from(y)]]
        const ints = (code: (x: Code<'v128'>) => Code<'v128'>, input: ArrayBufferView[]) => [
          ...new Int32Array(vectorsOf(code)(input)),
        ]
        expect(ints(i32x4.truncSaturatedF32, f)).toEqual(x.map(value => toInt32(value) + 0))
        expect(ints(i32x4.truncSaturatedF32Unsigned, f)).toEqual(x.map(toUint32))
        expect(ints(i32x4.truncSaturatedF64Zero, d)).toEqual([...y.map(value => toInt32(value) + 0), 0, 0])
        expect(ints(i32x4.truncSaturatedF64ZeroUnsigned, d)).toEqual([...y.map(toUint32), 0, 0])
        expect([...new Float32Array(vectorsOf(f32x4.convertI32)(i))]).toEqual(whole.map(Math.fround))
        expect([...new Float32Array(vectorsOf(f32x4.demoteF64Zero)(d))]).toEqual([
          ...y.map(Math.fround),
          0,
          0,
        ])
        expect([...new Float64Array(vectorsOf(f64x2.convertLowI32)(i))]).toEqual(whole.slice(0, 2))
        expect([...new Float64Array(vectorsOf(f64x2.convertLowI32Unsigned)(i))]).toEqual(
          whole.slice(0, 2).map(value => value >>> 0),
        )
        expect([...new Float64Array(vectorsOf(f64x2.promoteLowF32)(f))]).toEqual(x.slice(0, 2))
      }),
      { numRuns: 30 },
    )
  })

  test('between widths of whole numbers', () => {
    meet(i32x4, ...NAMES.more)
    meet(i16x8, 'extendLow8Unsigned', 'extendHigh8Unsigned', 'narrowI32')
    meet(i8x16, 'narrowI16')
    meet(i64x2, 'extendLowI32', 'extendHighI32', 'extendLowI32Unsigned', 'extendHighI32Unsigned')
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => 255 - i)
    const words = (code: (x: Code<'v128'>) => Code<'v128'>) => [...new Uint16Array(vectorsOf(code)([bytes]))]
    expect(words(i16x8.extendLow8Unsigned)).toEqual([...bytes.slice(0, 8)])
    expect(words(i16x8.extendHigh8Unsigned)).toEqual([...bytes.slice(8)])
    const halves = Uint16Array.from({ length: 8 }, (_, i) => 65535 - i)
    const wide = (code: (x: Code<'v128'>) => Code<'v128'>) => [...new Uint32Array(vectorsOf(code)([halves]))]
    expect(wide(i32x4.extendLow16Unsigned)).toEqual([...halves.slice(0, 4)])
    expect(wide(i32x4.extendHigh16Unsigned)).toEqual([...halves.slice(4)])
    const [x, y] = [Int32Array.of(-1, 2, 70_000, -70_000), Int32Array.of(5, 6, 7, 8)]
    expect([...new Int16Array(vectorsOf((a, b) => i16x8.narrowI32(a, b))([x, y]))]).toEqual([
      ...[-1, 2, 32767, -32768],
      ...[5, 6, 7, 8],
    ])
    const shorts = Int16Array.of(-1, 2, 300, -300, 5, 6, 7, 8)
    expect([...new Int8Array(vectorsOf((a, b) => i8x16.narrowI16(a, b))([shorts, shorts]))]).toEqual([
      ...[-1, 2, 127, -128, 5, 6, 7, 8],
      ...[-1, 2, 127, -128, 5, 6, 7, 8],
    ])
    fc.assert(
      fc.property(four(integer), whole => {
        const long = (code: (a: Code<'v128'>) => Code<'v128'>) => [
          ...new BigInt64Array(vectorsOf(code)([Int32Array.from(whole)])),
        ]
        expect(long(i64x2.extendLowI32)).toEqual(whole.slice(0, 2).map(BigInt))
        expect(long(i64x2.extendHighI32)).toEqual(whole.slice(2).map(BigInt))
        expect(long(i64x2.extendLowI32Unsigned)).toEqual(whole.slice(0, 2).map(value => BigInt(value >>> 0)))
        expect(long(i64x2.extendHighI32Unsigned)).toEqual(whole.slice(2).map(value => BigInt(value >>> 0)))
      }),
      { numRuns: 20 },
    )
  })

  test('two whole numbers of 64 bits', () => {
    meet(i64x2, 'const', 'add', 'sub', 'mul', 'shl', 'shr', 'shrUnsigned')
    const long = two(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
    const cut = (value: bigint): bigint => BigInt.asIntN(64, value)
    fc.assert(
      fc.property(long, long, fc.integer({ min: 0, max: 63 }), (x, y, n) => {
        const inputs = [BigInt64Array.from(x), BigInt64Array.from(y)]
        const run = (code: Parameters<typeof vectorsOf>[0]) => [
          ...new BigInt64Array(vectorsOf(code)(inputs, n)),
        ]
        expect(run((a, b) => i64x2.add(a, b))).toEqual(x.map((value, i) => cut(value + y[i]!)))
        expect(run((a, b) => i64x2.sub(a, b))).toEqual(x.map((value, i) => cut(value - y[i]!)))
        expect(run((a, b) => i64x2.mul(a, b))).toEqual(x.map((value, i) => cut(value * y[i]!)))
        expect(run((a, _b, _c, bits) => i64x2.shl(a, bits))).toEqual(x.map(value => cut(value << BigInt(n))))
        expect(run((a, _b, _c, bits) => i64x2.shr(a, bits))).toEqual(x.map(value => value >> BigInt(n)))
        expect(run((a, _b, _c, bits) => i64x2.shrUnsigned(a, bits))).toEqual(
          x.map(value => cut(BigInt.asUintN(64, value) >> BigInt(n))),
        )
        expect(run(() => i64x2.const(-7))).toEqual([-7n, -7n])
      }),
      { numRuns: 20 },
    )
  })
})

describe('vectors as bits and in memory', () => {
  test('logic, selection and shuffles', () => {
    meet(v128, 'not', 'and', 'andNot', 'or', 'xor', 'select', 'anyTrue', 'shuffle32')
    meet(v128, 'constI32', 'constF32', 'constF64', 'load', 'store')
    fc.assert(
      fc.property(four(integer), four(integer), four(integer), (x, y, z) => {
        const inputs = [x, y, z].map(values => Int32Array.from(values))
        const run = (code: Parameters<typeof vectorsOf>[0]) => [...new Int32Array(vectorsOf(code)(inputs))]
        expect(run(a => v128.not(a))).toEqual(x.map(value => ~value))
        expect(run((a, b) => v128.and(a, b))).toEqual(x.map((value, i) => value & y[i]!))
        expect(run((a, b) => v128.andNot(a, b))).toEqual(x.map((value, i) => value & ~y[i]!))
        expect(run((a, b) => v128.or(a, b))).toEqual(x.map((value, i) => value | y[i]!))
        expect(run((a, b) => v128.xor(a, b))).toEqual(x.map((value, i) => value ^ y[i]!))
        expect(run((a, b, c) => v128.select(a, b, c))).toEqual(
          x.map((value, i) => (value & z[i]!) | (y[i]! & ~z[i]!)),
        )
        expect(run(a => i32x4.splat(v128.anyTrue(a)))[0]).toBe(bit(x.some(value => value !== 0)))
        expect(run((a, b) => v128.shuffle32(a, b, [7, 0, 5, 2]))).toEqual([y[3], x[0], y[1], x[2]])
        expect(run(() => v128.constI32(x))).toEqual(x)
      }),
      { numRuns: 30 },
    )
    expect([...new Float32Array(vectorsOf(() => v128.constF32([1, -0, 0.5, 3]))([]))]).toEqual([
      1, -0, 0.5, 3,
    ])
    expect([...new Float64Array(vectorsOf(() => v128.constF64([0.1, -2]))([]))]).toEqual([0.1, -2])
  })

  test('loads and stores of parts', () => {
    meet(v128, 'load32Splat', 'load64Splat', 'load32Zero', 'load64Zero', 'load8x8Unsigned')
    meet(v128, 'load32Lane', 'load64Lane', 'store16Lane', 'store32Lane', 'store64Lane')
    const input = [Int32Array.of(10, 20, 30, 40)]
    const at = i32.const(0)
    const read = (code: (x: Code<'v128'>) => Code<'v128'>) => [...new Int32Array(vectorsOf(code)(input))]
    expect(read(() => v128.load32Splat(at, 4))).toEqual([20, 20, 20, 20])
    expect(read(() => v128.load64Splat(at, 8))).toEqual([30, 40, 30, 40])
    expect(read(() => v128.load32Zero(at, 8))).toEqual([30, 0, 0, 0])
    expect(read(() => v128.load64Zero(at, 4))).toEqual([20, 30, 0, 0])
    expect(read(() => v128.load8x8Unsigned(at, 4))).toEqual([20, 0, 30, 0])
    expect(read(x => v128.load32Lane(at, x, 3, 4))).toEqual([10, 20, 30, 20])
    expect(read(x => v128.load64Lane(at, x, 0, 8))).toEqual([30, 40, 30, 40])
    const stored = (code: (x: Code<'v128'>) => Code<'nothing'>): number[] => {
      const module = new ModuleBuilder()
      module.importMemory('test', 'memory', { initial: 1 })
      module.export(
        'run',
        module.function({}, 'nothing', f => f.do(code(v128.constI32([1, 2, 0x30003, 4])))),
      )
      const shared = new Memory({ initial: 1 })
      exportsOf(module, { test: { memory: shared } }).run!()
      return [...new Int32Array(shared.buffer, 0, 4)]
    }
    expect(stored(x => v128.store16Lane(at, x, 5, 4))).toEqual([0, 3, 0, 0])
    expect(stored(x => v128.store32Lane(at, x, 2, 8))).toEqual([0, 0, 0x30003, 0])
    expect(stored(x => v128.store64Lane(at, x, 1, 4))).toEqual([0, 0x30003, 4, 0])
  })
})

test('memory, numbers of every type, and waiting', () => {
  meet(memory, 'copy', 'fill')
  meet(i32, 'load', 'load8u', 'load16u', 'store', 'store8')
  meet(i32, 'atomicLoad', 'atomicStore', 'atomicAdd', 'atomicWait', 'atomicNotify')
  for (const table of [i64, f32, f64]) meet(table, 'load', 'store')
  const module = new ModuleBuilder()
  module.importMemory('test', 'memory', { initial: 1, maximum: 2, shared: true })
  // In a function of its own: V8 11.3, before it has optimized a function, loses what is in registers over a wait.
  const wait = module.function({ at: 'i32' }, 'i32', (_, { at }) =>
    i32.atomicWait(at, i32.const(0), i64.const(-1), 200),
  )
  module.export('wait', wait)
  const run = module.function({ at: 'i32' }, 'i32', (f, { at }) => {
    f.do(
      i32.store(at, i32.const(-2), 4),
      i32.store8(at, i32.const(0x1ff), 8),
      i64.store(at, i64.const(-3n), 16),
      f32.store(at, f32.const(1.5), 24),
      f64.store(at, f64.const(2.5), 32),
      memory.copy(i32.add(at, 64), at, 40),
      memory.fill(i32.add(at, 128), 7, 3),
      i32.atomicStore(at, i32.const(5), 200),
      drop(i32.atomicAdd(at, i32.const(6), 200)),
      // Another value is there, so nobody sleeps; and there is nobody to wake.
      drop(call(wait, at) as Code<'i32'>),
      drop(i32.atomicNotify(at, i32.const(1), 200)),
      i64.store(at, i64.load(at, 16), 208),
      f32.store(at, f32.add(f32.load(at, 24), f32.const(1)), 216),
      f64.store(at, f64.add(f64.load(at, 32), f64.const(1)), 224),
    )
    return i32.add(
      i32.add(i32.load(at, 4), i32.load8u(at, 8)),
      i32.add(i32.atomicLoad(at, 200), i32.load16u(at, 128)),
    )
  })
  module.export('run', run)
  const shared = new Memory({ initial: 1, maximum: 2, shared: true })
  const built = exportsOf(module, { test: { memory: shared } })
  expect(built.run!(8)).toBe(-2 + 255 + 11 + 0x707)
  // 1: another value was there.
  expect(built.wait!(8)).toBe(1)
  const view = new DataView(shared.buffer)
  expect(view.getInt32(8 + 64 + 4, true)).toBe(-2)
  expect(view.getBigInt64(8 + 208, true)).toBe(-3n)
  expect(view.getFloat32(8 + 216, true)).toBe(2.5)
  expect(view.getFloat64(8 + 224, true)).toBe(3.5)
})

describe('control flow', () => {
  test('if, else and select', () => {
    const run = functionOf({ x: 'i32' }, 'i32', (f, { x }) => {
      const y = f.local('i32')
      f.if(
        i32.gt(x, 0),
        () => f.do(y.set(i32.const(1))),
        () => f.if(i32.lt(x, 0), () => f.do(y.set(i32.const(-1)))),
      )
      return i32.add(y, select(i32.const(10), i32.const(20), i32.eq(x, 7)))
    })
    expect([3, -3, 0, 7].map(x => run(x))).toEqual([21, 19, 20, 11])
  })

  test('counting and loops agree with JavaScript, also over nothing', () => {
    const run = functionOf({ from: 'i32', to: 'i32', step: 'i32' }, 'i32', (f, { from, to, step }) => {
      const sum = f.local('i32')
      const i = f.local('i32')
      const inner = f.local('i32')
      f.count(i, from, to, step, () => f.count(inner, 0, 2, 1, () => f.do(sum.set(i32.add(sum, i)))))
      return sum
    })
    fc.assert(
      fc.property(
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: 1, max: 9 }),
        (from, to, step) => {
          let sum = 0
          for (let i = from; i < to; i += step) sum += 2 * i
          expect(run(from, to, step)).toBe(sum)
        },
      ),
    )
  })

  test('while tests before every turn', () => {
    const collatz = functionOf({ x: 'i32' }, 'i32', (f, { x }) => {
      const steps = f.local('i32')
      f.while(
        () => i32.ne(x, 1),
        () => {
          const isOdd = i32.and(x, 1)
          f.do(x.set(select(i32.add(i32.mul(x, 3), 1), i32.shrUnsigned(x, 1), isOdd)))
          f.do(steps.set(i32.add(steps, 1)))
        },
      )
      return steps
    })
    expect([1, 2, 27].map(x => collatz(x))).toEqual([0, 1, 111])
  })

  test('return and trap', () => {
    const run = functionOf({ x: 'i32' }, 'i32', (f, { x }) => {
      f.if(i32.eq(x, 1), () => f.return(i32.const(42)))
      f.if(i32.eq(x, 2), () => f.trap())
      return x
    })
    expect(run(1)).toBe(42)
    expect(run(5)).toBe(5)
    expect(() => run(2)).toThrow(/unreachable/)
  })

  test('functions call each other and imports; capture appends nothing', () => {
    const module = new ModuleBuilder()
    const seen: number[] = []
    const report = module.importFunction('test', 'report', ['i32'])
    const host = module.importFunction('test', 'double', ['f64'], 'f64')
    const twice = module.function({ x: 'i32' }, 'i32', (_, { x }) => i32.mul(x, 2))
    const run = module.function({ x: 'i32' }, 'f64', (f, { x }) => {
      const later = f.capture(() => f.do(perform(report, i32.const(9))))
      f.do(perform(report, call(twice, x) as Code<'i32'>), later)
      const y = f.local('i32')
      f.do(perform(report, i32.add(y.tee(i32.const(4)), y)))
      return call(host, f64.const(1.25)) as Code<'f64'>
    })
    module.export('run', run)
    const imports = {
      test: { report: (x: number) => seen.push(x) && undefined, double: (x: number) => 2 * x },
    }
    expect(exportsOf(module, imports).run!(5)).toBe(2.5)
    expect(seen).toEqual([10, 9, 8])
    expect(() => module.importFunction('test', 'late', [])).toThrow('imports come before functions')
  })

  test('an expression may be as deep as it likes, and locals may be many', () => {
    const run = functionOf({ x: 'i32' }, 'i32', (f, { x }) => {
      let sum: Code<'i32'> = x
      for (let i = 0; i < 20_000; i++) sum = i32.add(sum, 1)
      for (let i = 0; i < 300; i++) f.local(i % 2 ? 'i32' : 'f64')
      const total = f.local('i32', sum)
      return total
    })
    expect(run(1)).toBe(20_001)
  })
})

test('unsigned numbers in groups of seven bits', () => {
  expect([0, 127, 128, 16_383, 16_384, 2 ** 32 - 1].map(unsigned)).toEqual([
    [0],
    [127],
    [128, 1],
    [255, 127],
    [128, 128, 1],
    [255, 255, 255, 255, 15],
  ])
})

test('no instruction is left out', () => {
  const tables = { i32, i64, f32, f64, v128, i8x16, i16x8, i32x4, i64x2, f32x4, f64x2, memory }
  for (const [name, table] of Object.entries(tables)) {
    const missing = Object.keys(table).filter(each => !met.get(table)?.has(each))
    expect(missing, `instructions of ${name} that no test uses`).toEqual([])
  }
})
