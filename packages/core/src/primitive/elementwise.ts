/** Element by element, with broadcasting: the constructors of the `elementwise` kind. */

import { KERNEL_ELEMENTS, runKernel } from '../backend/kernels.ts'
import { type BinaryLoop, runBinary, runUnary, type UnaryLoop } from '../backend/strided.ts'
import { apply, runUnrecorded } from '../graph/apply.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { type DType, dtypeOfNumber, getDefaultDType, promote, toFloating } from '../storage/dtype.ts'
import { scalar, toTensor } from '../tensor/create.ts'
import type { Attributes, Keeps, ShapeRule } from '../tensor/node.ts'
import { allocate, allocateLike, type Tensor } from '../tensor/tensor.ts'
import {
  type Derivative,
  type ElementwisePrimitive,
  NO_ATTRIBUTES,
  type NonDifferentiablePrimitive,
  type Op,
  op,
} from './primitive.ts'
import type { Domain, Draw, Sampler } from './sample.ts'
import type { BinaryOp, UnaryOp } from './signatures.ts'

/**
 * The dtype of the result: `same` as the (promoted) inputs, `number` (bool becomes int32), `floating` (bool and int32
 * become float32), or always `bool`.
 */
export type DTypeRule = 'same' | 'number' | 'floating' | 'bool'

/** What a rule makes of the promoted dtype of the inputs. */
export function resultDType(rule: DTypeRule, inputs: DType): DType {
  switch (rule) {
    case 'same':
      return inputs
    case 'number':
      return inputs === 'bool' ? 'int32' : inputs
    case 'floating':
      return toFloating(inputs)
    case 'bool':
      return 'bool'
  }
}

/** The shape rule of ops element by element: the operands broadcast, and so do their dtypes before the dtype rule is asked. */
export function elementwiseResult(name: string, rule: DTypeRule): ShapeRule {
  return inputs => {
    let shape: readonly number[] = inputs[0]!.shape
    let dtype = inputs[0]!.dtype
    for (let i = 1; i < inputs.length; i++) {
      shape = broadcastShapes(name, shape, inputs[i]!.shape)
      dtype = promote(dtype, inputs[i]!.dtype)
    }
    return { shape, dtype: resultDType(rule, dtype) }
  }
}

/** What is particular to a unary elementwise op. */
export interface UnaryDeclaration {
  readonly name: string
  readonly dtype: DTypeRule
  readonly loop: UnaryLoop
  /** Derivative of the output with respect to the input. */
  readonly derivative: Derivative
  /** What the derivative reads. */
  readonly keeps: Keeps
  readonly domain: Domain
  /** Attributes to draw for the laws. */
  readonly sampleAttributes?: (draw: Draw) => Attributes
}

/** The primitive of a unary elementwise op that has attributes; {@link unary} is the short form for those without. */
export function unaryPrimitive(declaration: UnaryDeclaration): ElementwisePrimitive {
  const { name, dtype, loop, derivative, keeps, domain, sampleAttributes } = declaration
  return {
    name,
    kind: 'elementwise',
    keeps,
    derivatives: [derivative],
    sample: draw => ({
      inputs: [{ shape: draw.shape(0, 3), domain }],
      attributes: sampleAttributes?.(draw) ?? NO_ATTRIBUTES,
    }),
    result: elementwiseResult(name, dtype),
    forward: (inputs, attributes) => mapUnary(name, dtype, loop, inputs[0]!, attributes),
  }
}

/** Declares a unary elementwise op. */
export function unary(declaration: UnaryDeclaration): Op<UnaryOp> {
  const primitive = unaryPrimitive(declaration)
  const { name } = primitive
  return op(primitive, ((x: Tensor) =>
    apply(primitive, [toTensor(name, x, getDefaultDType())], NO_ATTRIBUTES)) as UnaryOp)
}

function mapUnary(name: string, rule: DTypeRule, loop: UnaryLoop, x: Tensor, attributes: Attributes): Tensor {
  const type = resultDType(rule, x.dtype)
  const output = x.contiguous ? allocateLike(x.shape, x.strides, x.size, type) : allocate(x.shape, type)
  if (x.size >= KERNEL_ELEMENTS && runKernel(name, x.dtype, [x], output, attributes)) return output
  runUnary(loop, x, output, attributes)
  return output
}

/** What is particular to a binary elementwise op. */
export interface BinaryDeclaration {
  readonly name: string
  readonly dtype: DTypeRule
  readonly loop: BinaryLoop
  /** Derivatives of the output with respect to either input. */
  readonly derivatives: readonly [Derivative, Derivative]
  /** What the derivatives read. */
  readonly keeps: Keeps
  /** Attributes of a call, from the operands as they were written; none unless given. */
  readonly attributesOf?: (x: Tensor | number, y: Tensor | number) => Attributes
  /** Refuses operands that the op has no result for. */
  readonly expectOperands?: (op: string, x: Tensor, y: Tensor) => void
  readonly domains: readonly [Domain, Domain]
}

/** Declares a binary elementwise op. */
export function binary(declaration: BinaryDeclaration): Op<BinaryOp> {
  const { name, dtype, loop, derivatives, keeps, domains, attributesOf, expectOperands } = declaration
  const primitive: ElementwisePrimitive = {
    name,
    kind: 'elementwise',
    keeps,
    derivatives,
    sample: sampleBroadcast(domains),
    result: elementwiseResult(name, dtype),
    forward: (inputs, attributes) => {
      expectOperands?.(name, inputs[0]!, inputs[1]!)
      return mapBinary(name, dtype, loop, inputs[0]!, inputs[1]!, attributes)
    },
  }
  return op(primitive, ((x: Tensor | number, y: Tensor | number) =>
    apply(primitive, operands(name, x, y), attributesOf?.(x, y) ?? NO_ATTRIBUTES)) as BinaryOp)
}

/** What is particular to a binary elementwise op without derivative. */
export interface ComparisonDeclaration {
  readonly name: string
  readonly loop: BinaryLoop
}

/** Declares a comparison: elementwise, of dtype bool, constant wherever it does not jump. */
export function comparison(declaration: ComparisonDeclaration): Op<BinaryOp> {
  const { name, loop } = declaration
  const primitive: NonDifferentiablePrimitive = {
    name,
    kind: 'nonDifferentiable',
    keeps: 'nothing',
    reason: 'a comparison is true or false',
    batch: 'leading',
    sample: sampleBroadcast(['distinct', 'distinct']),
    result: elementwiseResult(name, 'bool'),
    forward: (inputs, attributes) => mapBinary(name, 'bool', loop, inputs[0]!, inputs[1]!, attributes),
  }
  return op(primitive, ((x: Tensor | number, y: Tensor | number) =>
    runUnrecorded(primitive, operands(name, x, y), NO_ATTRIBUTES)) as BinaryOp)
}

/** What is particular to a unary elementwise op that is true or false. */
export interface PredicateDeclaration {
  readonly name: string
  readonly loop: UnaryLoop
}

/** Declares a question about every element: of dtype bool, constant wherever it does not jump. */
export function predicate(declaration: PredicateDeclaration): Op<UnaryOp> {
  const { name, loop } = declaration
  const primitive: NonDifferentiablePrimitive = {
    name,
    kind: 'nonDifferentiable',
    keeps: 'nothing',
    reason: 'a predicate is true or false',
    batch: 'leading',
    sample: draw => ({ inputs: [{ shape: draw.shape(0, 3) }], attributes: NO_ATTRIBUTES }),
    result: elementwiseResult(name, 'bool'),
    forward: (inputs, attributes) => mapUnary(name, 'bool', loop, inputs[0]!, attributes),
  }
  return op(primitive, ((x: Tensor) =>
    runUnrecorded(primitive, [toTensor(name, x, getDefaultDType())], NO_ATTRIBUTES)) as UnaryOp)
}

function sampleBroadcast(domains: readonly [Domain, Domain]): Sampler {
  return draw => {
    const shape = draw.shape(0, 3)
    const small = draw.broadcastable(shape)
    const [left, right] = draw.boolean() ? [shape, small] : [small, shape]
    return {
      inputs: [
        { shape: left, domain: domains[0] },
        { shape: right, domain: domains[1] },
      ],
      attributes: NO_ATTRIBUTES,
    }
  }
}

/** Two operands as tensors; a plain number takes the dtype of the tensor beside it. */
export function operands(name: string, x: Tensor | number, y: Tensor | number): readonly [Tensor, Tensor] {
  if (typeof y === 'number') {
    const left = toTensor(name, x, getDefaultDType())
    return [left, scalar(y, typeof x === 'number' ? left.dtype : dtypeOfNumber(y, left.dtype))]
  }
  const right = toTensor(name, y, getDefaultDType())
  return [
    typeof x === 'number' ? scalar(x, dtypeOfNumber(x, right.dtype)) : toTensor(name, x, right.dtype),
    right,
  ]
}

/** Runs a binary loop over two operands that broadcast, into a result of the dtype that the rule says. */
export function mapBinary(
  name: string,
  rule: DTypeRule,
  loop: BinaryLoop,
  x: Tensor,
  y: Tensor,
  attributes: Attributes,
): Tensor {
  const type = resultDType(rule, x.dtype === y.dtype ? x.dtype : promote(x.dtype, y.dtype))
  const shape = x.shape === y.shape ? x.shape : broadcastShapes(name, x.shape, y.shape)
  // The common cases first: equal shapes, or one operand of a single element, are one flat loop.
  if (x.contiguous && x.shape === shape && (y.size === 1 || (y.contiguous && y.size === x.size))) {
    const output = allocateLike(shape, x.strides, x.size, type)
    if (x.size >= KERNEL_ELEMENTS && mappedByKernel(name, x, y, output, attributes)) return output
    const yStep = y.size === 1 ? 0 : 1
    loop(
      x.size,
      x.storage,
      x.offset,
      1,
      y.storage,
      y.offset,
      yStep,
      output.storage,
      output.offset,
      1,
      attributes,
    )
    return output
  }
  if (y.contiguous && y.shape === shape && x.size === 1) {
    const output = allocateLike(shape, y.strides, y.size, type)
    if (y.size >= KERNEL_ELEMENTS && mappedByKernel(name, x, y, output, attributes)) return output
    loop(y.size, x.storage, x.offset, 0, y.storage, y.offset, 1, output.storage, output.offset, 1, attributes)
    return output
  }
  const output = allocate(shape, type)
  if (output.size >= KERNEL_ELEMENTS && mappedByKernel(name, x, y, output, attributes)) return output
  runBinary(loop, x, y, output, attributes)
  return output
}

/** Kernels are for operands of one dtype. */
function mappedByKernel(name: string, x: Tensor, y: Tensor, output: Tensor, attributes: Attributes): boolean {
  return x.dtype === y.dtype && runKernel(name, x.dtype, [x, y], output, attributes)
}
