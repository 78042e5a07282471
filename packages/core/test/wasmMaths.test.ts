// The SIMD formulas of transcendental functions: every stated bound, over the whole range of float32.
import {
  type FunctionBuilder,
  type Local,
  ModuleBuilder,
  type V128,
  v128,
  webAssembly,
} from '@adjoint/core/wasm'
import { describe, expect, test } from 'vitest'
import { complementaryErrorFunction, errorFunction, gaussian } from '../src/backend/errorFunction.ts'
import * as maths32 from '../src/wasm/maths32.ts'
import * as maths64 from '../src/wasm/maths64.ts'
import { ulpDistance } from './support.ts'

type Formula = (f: FunctionBuilder, x: Local<'v128'>) => V128

const COUNT = 8192

/** A function that maps {@link COUNT} numbers, in one memory of its own. */
function compiled(formula: Formula, bytes: 4 | 8) {
  const module = new ModuleBuilder()
  module.importMemory('test', 'memory', { initial: 2 })
  const run = module.function({}, 'nothing', f => {
    const at = f.local('i32')
    f.count(at, 0, COUNT * bytes, 16, () => {
      const x = f.local('v128', v128.load(at))
      f.do(v128.store(at, formula(f, x), 65_536))
    })
  })
  module.export('run', run)
  const memory = new webAssembly!.Memory({ initial: 2 })
  const { Module, Instance } = webAssembly!
  const { exports } = new Instance(new Module(module.toBytes()), { test: { memory } })
  return { run: exports.run as () => void, buffer: memory.buffer }
}

const sigmoid = (x: number): number => {
  const small = Math.exp(-Math.abs(x))
  return x < 0 ? small / (1 + small) : 1 / (1 + small)
}
const softTail = (x: number): number => Math.log1p(Math.exp(-Math.abs(x)))
const softplus = (x: number): number => Math.max(x, 0) + softTail(x)
const logSigmoid = (x: number): number => Math.min(x, 0) - softTail(x)
const mish = (x: number): number => {
  const small = Math.exp(-Math.abs(x))
  const n = x < 0 ? small * (small + 2) : 1 + 2 * small
  return x * (n / (x < 0 ? n + 2 : n + 2 * small * small))
}
const logit = (x: number): number =>
  x > 0.25 && x < 0.75 ? 2 * Math.atanh(2 * x - 1) : Math.log(x / (1 - x))

/** Formula, the function in float64, and the stated bound in units in the last place. */
const SINGLE: Readonly<Record<string, readonly [Formula, (x: number) => number, bound: number]>> = {
  exp: [maths32.exp32, Math.exp, 1],
  exp2: [maths32.exp232, x => 2 ** x, 1.5],
  expm1: [maths32.expm132, Math.expm1, 2],
  log: [maths32.log32, Math.log, 1],
  log2: [maths32.log232, Math.log2, 1.5],
  log1p: [maths32.log1p32, Math.log1p, 1.5],
  tanh: [maths32.tanh32, Math.tanh, 2.5],
  sigmoid: [maths32.sigmoid32, sigmoid, 2.5],
  softplus: [maths32.softplus32, softplus, 2],
  logSigmoid: [maths32.logSigmoid32, logSigmoid, 2],
  silu: [maths32.silu32, x => (x === Number.NEGATIVE_INFINITY ? Number.NaN : x * sigmoid(x)), 3],
  erf: [maths32.erf32, errorFunction, 1.5],
  sin: [maths32.sin32, Math.sin, 2],
  cos: [maths32.cos32, Math.cos, 2],
  tan: [maths32.tan32, Math.tan, 3],
  gaussian: [maths32.gaussian32, gaussian, 0.51],
  erfc: [maths32.erfc32, complementaryErrorFunction, 0.75],
  gelu: [maths32.gelu32, x => x * (0.5 * complementaryErrorFunction(-x * Math.SQRT1_2)), 0.75],
  geluByTanh: [
    maths32.geluByTanh32,
    x => x / (1 + Math.exp(-1.5957691216057308 * (x + 0.044715 * x * x * x))),
    0.51,
  ],
  mish: [maths32.mish32, mish, 0.51],
  sinh: [maths32.sinh32, Math.sinh, 0.51],
  cosh: [maths32.cosh32, Math.cosh, 0.51],
  asinh: [maths32.asinh32, Math.asinh, 0.51],
  acosh: [maths32.acosh32, Math.acosh, 0.51],
  atanh: [maths32.atanh32, Math.atanh, 0.51],
  asin: [maths32.asin32, Math.asin, 0.51],
  acos: [maths32.acos32, Math.acos, 0.51],
  atan: [maths32.atan32, Math.atan, 0.51],
  log10: [maths32.log1032, Math.log10, 0.51],
  cbrt: [maths32.cbrt32, Math.cbrt, 0.51],
  logit: [maths32.logit32, logit, 0.51],
}

const SPECIAL = [
  ...[
    0, -0, 1, -1, 0.5, -0.5, 2, -2, 0.25, 0.75, 88.7228, 88.7229, -87.3366, -103.97, -104, 128, -126, -149,
    -150,
  ],
  ...[
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
    2 ** -149,
    -(2 ** -149),
    2 ** -126,
    3.4e38,
    -3.4e38,
  ],
]

/** Steps through all bit patterns by a prime: every exponent is met tens of thousands of times. */
const STRIDE = 40_009

/** The largest distance from the exact values, in units in the last place, and where it is. */
function worstOf(name: string): { readonly worst: number; readonly at: number } {
  const [formula, exact] = SINGLE[name]!
  const { run, buffer } = compiled(formula, 4)
  const inputs = new Float32Array(buffer, 0, COUNT)
  const bits = new Uint32Array(buffer, 0, COUNT)
  const outputs = new Float32Array(buffer, 65_536, COUNT)
  let [pattern, worst, at] = [0, 0, 0]
  for (let done = 0; done < 2 ** 32 / STRIDE; done += COUNT) {
    for (let i = 0; i < COUNT; i++, pattern += STRIDE) bits[i] = pattern
    if (done === 0) inputs.set(SPECIAL)
    run()
    for (let i = 0; i < COUNT; i++) {
      const expected = exact(inputs[i]!)
      const found = outputs[i]!
      const rounded = Math.fround(expected)
      if (found === rounded || (Number.isNaN(found) && Number.isNaN(rounded))) continue
      const distance = ulpDistance(found, expected, 'float32')
      if (!(distance <= worst)) [worst, at] = [distance, inputs[i]!]
    }
  }
  return { worst, at }
}

describe('single precision', () => {
  test.each(Object.keys(SINGLE))('%s stays within its bound', name => {
    const { worst, at } = worstOf(name)
    const bound = SINGLE[name]![2]
    console.log(`${name}: at most ${worst.toFixed(3)} ulp (stated ${bound}), at ${at}`)
    expect(worst).toBeLessThanOrEqual(bound)
  })

  test('zeros keep their sign', () => {
    const odd = [
      'expm1',
      'log1p',
      'tanh',
      'erf',
      'sin',
      'tan',
      'sinh',
      'asinh',
      'atanh',
      'asin',
      'atan',
      'cbrt',
    ]
    for (const name of odd) {
      const { run, buffer } = compiled(SINGLE[name]![0], 4)
      const inputs = new Float32Array(buffer, 0, COUNT)
      inputs[0] = -0
      inputs[1] = 0
      run()
      expect([...new Float32Array(buffer, 65_536, 2)], name).toEqual([-0, 0])
    }
  })

  test('powers of two and of ten have exact logarithms and powers', () => {
    const { run, buffer } = compiled(maths32.log232, 4)
    new Float32Array(buffer, 0, 277).set(Float32Array.from({ length: 277 }, (_, i) => 2 ** (i - 149)))
    run()
    expect([...new Float32Array(buffer, 65_536, 277)]).toEqual(Array.from({ length: 277 }, (_, i) => i - 149))
    const power = compiled(maths32.exp232, 4)
    new Float32Array(power.buffer, 0, 277).set(Float32Array.from({ length: 277 }, (_, i) => i - 149))
    power.run()
    expect([...new Float32Array(power.buffer, 65_536, 277)]).toEqual(
      Array.from({ length: 277 }, (_, i) => 2 ** (i - 149)),
    )
    const common = compiled(maths32.log1032, 4)
    new Float32Array(common.buffer, 0, 11).set(Float32Array.from({ length: 11 }, (_, i) => 10 ** i))
    common.run()
    expect([...new Float32Array(common.buffer, 65_536, 11)]).toEqual(Array.from({ length: 11 }, (_, i) => i))
  })
})

/** The same for float64, against functions of the engine that are not exact themselves: one unit more. */
const DOUBLE: Readonly<Record<string, readonly [Formula, (x: number) => number, bound: number]>> = {
  exp: [maths64.exp64, Math.exp, 2],
  expm1: [maths64.expm164, Math.expm1, 3],
  log: [maths64.log64, Math.log, 2],
  log1p: [maths64.log1p64, Math.log1p, 3],
  tanh: [maths64.tanh64, Math.tanh, 4],
  sigmoid: [maths64.sigmoid64, sigmoid, 4],
  softplus: [maths64.softplus64, softplus, 4],
  logSigmoid: [maths64.logSigmoid64, logSigmoid, 4],
}

describe('double precision', () => {
  test.each(Object.keys(DOUBLE))('%s stays within its bound', name => {
    const [formula, exact, bound] = DOUBLE[name]!
    const { run, buffer } = compiled(formula, 8)
    const inputs = new Float64Array(buffer, 0, COUNT)
    const words = new Uint32Array(buffer, 0, 2 * COUNT)
    const outputs = new Float64Array(buffer, 65_536, COUNT)
    let [worst, at, seed] = [0, 0, 1]
    const random = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return seed
    }
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < COUNT; i++) {
        if (round % 2 === 0) inputs[i] = (random() / 2 ** 32 - 0.5) * 2 ** (round - 10)
        else for (const k of [0, 1]) words[2 * i + k] = random()
      }
      if (round === 0) inputs.set([...SPECIAL, 709.78, 709.79, -745.1, -745.2, 2 ** -1074, 1e308, -1e308])
      run()
      for (let i = 0; i < COUNT; i++) {
        const expected = exact(inputs[i]!)
        const distance = ulpDistance(outputs[i]!, expected, 'float64')
        if (!(distance <= worst)) [worst, at] = [distance, inputs[i]!]
      }
    }
    console.log(`${name}: at most ${worst.toFixed(2)} ulp from the engine's (stated ${bound - 1}), at ${at}`)
    expect(worst).toBeLessThanOrEqual(bound)
  })
})
