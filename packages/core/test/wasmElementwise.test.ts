// The SIMD code of elementwise primitives against their own reference loops.

import type { ElementwisePrimitive } from '@adjoint/core/engine'
import * as engine from '@adjoint/core/engine'
import * as functional from '@adjoint/core/functional'
import { type DType, type Tensor, tensor } from '@adjoint/core/functional'
import { elementwiseCode, elementwiseError, elementwiseNames, webAssembly } from '@adjoint/core/wasm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Primitive } from '../src/tensor/node.ts'
import { MAP_BYTES, MAP_RESULT, mapModule, mapPlace } from '../src/wasm/eagerMap.ts'
import { ulpDistance } from './support.ts'

const primitives = new Map<string, Primitive>()
for (const found of [...Object.values(functional), ...Object.values(engine)]) {
  const carried = typeof found === 'function' && 'primitive' in found ? found.primitive : undefined
  if (typeof carried === 'object' && carried !== null && 'forward' in carried) {
    const primitive = carried as Primitive
    primitives.set(primitive.name, primitive)
  }
}

/** Attributes to try, of the primitives that have some. */
const ATTRIBUTES: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  clip: [
    { low: -1, high: 2 },
    { low: Number.NEGATIVE_INFINITY, high: 3 },
    { low: -0, high: 5 },
  ],
  hardTanh: [{ low: -1, high: 1 }],
  leakyRelu: [{ slope: 0.01 }, { slope: 0.25 }],
  threshold: [
    { threshold: 0.1, value: -3 },
    { threshold: 0, value: 0.5 },
  ],
  hardShrink: [{ lambda: 0.5 }, { lambda: 0.1 }, { lambda: 0 }],
  softShrink: [{ lambda: 0.5 }, { lambda: 0.1 }],
  elu: [{ alpha: 1 }, { alpha: 0.3 }],
  celu: [{ alpha: 1 }, { alpha: 0.7 }],
  nanToNumber: [{ nan: 0.1, positiveInfinity: 7, negativeInfinity: -8 }],
  gelu: [{ approximate: 'none' }, { approximate: 'tanh' }],
  cast: [{ dtype: 'float32' }, { dtype: 'float64' }, { dtype: 'int32' }, { dtype: 'bool' }],
}

/** Dtypes of the operands, by their number. */
const OPERANDS: readonly (readonly (readonly DType[])[])[] = [
  [],
  [['float32'], ['float64'], ['int32'], ['bool']],
  [
    ['float32', 'float32'],
    ['float64', 'float64'],
    ['int32', 'int32'],
    ['bool', 'bool'],
    ['float32', 'bool'],
    ['bool', 'float64'],
    ['int32', 'bool'],
    ['int32', 'float32'],
    ['float32', 'float64'],
  ],
  [
    ['float32', 'float32', 'float32'],
    ['float64', 'float64', 'float64'],
    ['int32', 'int32', 'int32'],
    ['bool', 'float32', 'float32'],
    ['bool', 'float64', 'float64'],
    ['bool', 'int32', 'int32'],
    ['bool', 'bool', 'bool'],
    ['float32', 'bool', 'float32'],
  ],
]

const ARITY: Readonly<Record<string, number>> = { where: 3, lerp: 3, fusedMultiplyAdd: 3 }

/** Asks a primitive how many operands it has: by the sample that it draws for the laws. */
function arityOf(primitive: Primitive): number {
  if (ARITY[primitive.name] !== undefined) return ARITY[primitive.name]!
  return primitive.kind === 'elementwise'
    ? (primitive as ElementwisePrimitive).derivatives.length
    : BINARY.has(primitive.name)
      ? 2
      : 1
}

const BINARY = new Set([
  ...['equal', 'notEqual', 'less', 'lessEqual', 'greater', 'greaterEqual'],
  ...['logicalAnd', 'logicalOr', 'logicalXor', 'bitwiseAnd', 'bitwiseOr', 'bitwiseXor'],
])

const COUNT = 64
const SPECIAL = [0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, 1e-30, -1e-30, 40, -40, 89, -104, 3e38, -3e38, 1e9, -1e9]
const EXTREME = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 2 ** -149, -(2 ** -140)]

const float = fc.oneof(
  fc.constantFrom(...SPECIAL, ...EXTREME),
  fc.float({ min: -8, max: 8, noNaN: true }),
  fc.float(),
)
const double = fc.oneof(float, fc.double({ min: -8, max: 8, noNaN: true }), fc.double())
const whole = fc.oneof(fc.constantFrom(0, 1, -1, 31, 0x7fffffff, -0x80000000), fc.integer())

function elements(dtype: DType): fc.Arbitrary<number[]> {
  const one = { float32: float, float64: double, int32: whole, bool: fc.integer({ min: 0, max: 1 }) }[dtype]
  return fc.array(one, { minLength: COUNT, maxLength: COUNT })
}

const memory = new webAssembly!.Memory({ initial: MAP_BYTES / 65_536 })
const views = {
  float32: new Float32Array(memory.buffer),
  float64: new Float64Array(memory.buffer),
  int32: new Int32Array(memory.buffer),
  bool: new Uint8Array(memory.buffer),
}

/** Runs the code of a primitive over operands of {@link COUNT} elements. */
function runnerOf(
  name: string,
  inputDTypes: readonly DType[],
  dtype: DType,
  attributes: Readonly<Record<string, unknown>>,
): (inputs: readonly Tensor[]) => ArrayLike<number> {
  const isScalar = inputDTypes.map(() => false)
  const { Module, Instance } = webAssembly!
  const bytes = mapModule({ name, inputDTypes, dtype, attributes, isScalar })!
  const { exports } = new Instance(new Module(bytes), { kernels: { memory } })
  return inputs => {
    for (const [i, input] of inputs.entries()) {
      const view = views[input.dtype]
      view.set(input.data(), mapPlace(i) / view.BYTES_PER_ELEMENT)
    }
    ;(exports.run as (count: number) => void)(COUNT)
    const view = views[dtype]
    const at = mapPlace(MAP_RESULT) / view.BYTES_PER_ELEMENT
    return view.slice(at, at + COUNT)
  }
}

/** Why two results differ by more than a bound; undefined when they do not. */
function difference(found: number, expected: number, dtype: DType, error: number): string | undefined {
  if (Object.is(found, expected) || (Number.isNaN(found) && Number.isNaN(expected))) return undefined
  // A bound is for the exact result: the reference was rounded too, in float64 by functions that are not exact either.
  const slack = dtype === 'float64' ? 1 : 0.5
  if (error > 0 && ulpDistance(found, expected, dtype) <= error + slack) return undefined
  return `${found} instead of ${expected}`
}

describe('elementwise code agrees with the reference loop', () => {
  const uncovered: string[] = []
  for (const name of elementwiseNames()) {
    const primitive = primitives.get(name)!
    for (const attributes of ATTRIBUTES[name] ?? [{}]) {
      for (const inputDTypes of OPERANDS[arityOf(primitive)]!) {
        const dtype = resultDType(primitive, inputDTypes, attributes)
        if (dtype === undefined || elementwiseCode(name, inputDTypes, dtype) === undefined) continue
        const error = elementwiseError(name, dtype)
        test(`${name}(${inputDTypes.join(', ')}) ${JSON.stringify(attributes)} to ${error} ulp`, () => {
          const run = runnerOf(name, inputDTypes, dtype, attributes)
          fc.assert(
            fc.property(fc.tuple(...inputDTypes.map(elements)), values => {
              const inputs = values.map((each, i) => tensor(each, { dtype: inputDTypes[i]! }))
              const expected = primitive.forward(inputs, attributes).data()
              const found = run(inputs)
              for (let i = 0; i < COUNT; i++) {
                const reason = difference(found[i]!, expected[i]!, dtype, error)
                if (reason !== undefined) throw new Error(`at ${values.map(each => each[i])}: ${reason}`)
              }
            }),
            { numRuns: 40 },
          )
        })
      }
    }
  }

  test('which elementwise primitives have none', () => {
    const names = new Set(elementwiseNames())
    for (const { name, kind } of primitives.values())
      if (kind === 'elementwise' && !names.has(name)) uncovered.push(name)
    console.log(`elementwise primitives without SIMD code: ${uncovered.sort().join(', ')}`)
    expect(elementwiseNames().filter(name => !primitives.has(name))).toEqual([])
  })
})

/** The dtype of the result; undefined where the primitive refuses the operands. */
function resultDType(
  primitive: Primitive,
  inputDTypes: readonly DType[],
  attributes: Readonly<Record<string, unknown>>,
): DType | undefined {
  try {
    return primitive.forward(
      inputDTypes.map(dtype => tensor([1], { dtype })),
      attributes,
    ).dtype
  } catch {
    return undefined
  }
}
