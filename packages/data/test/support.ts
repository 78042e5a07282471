/** What several tests of this package need. */
import { type DType, Tensor, tensor } from '@adjoint/core'
import type { CheckpointTree } from '@adjoint/data'
import fc from 'fast-check'
import { test } from 'vitest'

const number = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, -0, Number.POSITIVE_INFINITY, 5e-324, 2 ** 53),
)

const ELEMENTS: Readonly<Record<DType, fc.Arbitrary<number>>> = {
  float32: number.map(Math.fround),
  float64: number,
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  bool: fc.nat(1),
}

/** Tensors of every dtype and of up to three axes, also without elements. */
export const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom<DType>('float32', 'float64', 'int32', 'bool'), fc.array(fc.nat(4), { maxLength: 3 }))
  .chain(([dtype, shape]) => {
    const length = shape.reduce((product, size) => product * size, 1)
    return fc
      .array(ELEMENTS[dtype], { minLength: length, maxLength: length })
      .map(values => tensor(values, { shape, dtype }) as Tensor)
  })

/** The bits of a tensor's elements, so that NaN equals itself and -0 differs from 0. */
export function bitsOf(x: Tensor): readonly number[] {
  const data = x.data()
  return [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]
}

/** A safetensors file with any header, right or wrong. */
export function safetensorsFile(
  header: string | Uint8Array,
  data: readonly number[] | Uint8Array = [],
): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  bytes.set(text, 8)
  bytes.set(data, 8 + text.length)
  return bytes
}

const text = fc
  .string({ unit: 'binary' })
  .filter(text => !/\p{Surrogate}/u.test(text) && !text.includes('__proto__'))

/** What a checkpoint can hold. */
export const anyTree: fc.Arbitrary<CheckpointTree> = fc.letrec<{ tree: CheckpointTree }>(tie => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    number,
    text,
    fc.boolean(),
    fc.constant(null),
    fc.bigInt(),
    anyTensor,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(text, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).tree

/** Whether two trees are the same to the bit. */
export function sameTree(a: unknown, b: unknown): boolean {
  if (a instanceof Tensor || b instanceof Tensor) {
    return (
      a instanceof Tensor &&
      b instanceof Tensor &&
      a.dtype === b.dtype &&
      String(a.shape) === String(b.shape) &&
      String(bitsOf(a)) === String(bitsOf(b))
    )
  }
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b)
  const keys = Object.keys(a)
  return (
    Array.isArray(a) === Array.isArray(b) &&
    Object.getPrototypeOf(a) === Object.getPrototypeOf(b) &&
    keys.length === Object.keys(b).length &&
    keys.every(key => Object.hasOwn(b, key) && sameTree((a as never)[key], (b as never)[key]))
  )
}

/** A test that is there when something is present on this machine, and one that says what was not tried when it is not. */
type OptionalTest = (name: string, run: () => void | Promise<void>) => void

export function optionalTests(isPresent: boolean): {
  readonly present: OptionalTest
  readonly absent: OptionalTest
} {
  const leftOut: OptionalTest = () => {}
  const absent: OptionalTest = (reason, run) => {
    test(reason, async () => {
      console.log(`not tried: ${reason}`)
      await run()
    })
  }
  return isPresent ? { present: test, absent: leftOut } : { present: leftOut, absent }
}
