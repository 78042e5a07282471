/** Every error that the library throws on purpose: one class per cause, with the facts as fields. */

/** Base class: `catch (error) { if (error instanceof AdjointError) ... }` catches every deliberate error. */
export class AdjointError extends Error {
  /** Name of the op or function that refused, e.g. `'matmul'`. */
  readonly op: string

  constructor(op: string, message: string) {
    super(`${op}: ${message}`)
    this.op = op
    this.name = new.target.name
  }
}

/**
 * Shapes that do not fit together. `shapes` are the shapes of the operands, in order.
 * The type parameter exists for the compiler only: it carries the sentence of a mistake that was found while typing.
 */
export class ShapeError<out Message extends string = string> extends AdjointError {
  readonly shapes: readonly (readonly number[])[]
  /** Never set at run time; makes `ShapeError<'a'>` and `ShapeError<'b'>` different types. */
  declare readonly mistake?: Message

  constructor(op: string, message: string, shapes: readonly (readonly number[])[]) {
    super(op, message)
    this.shapes = shapes
  }
}

/** An axis outside of the tensor's rank, or named twice. */
export class AxisError extends AdjointError {
  readonly axis: number
  readonly rank: number

  constructor(op: string, axis: number, rank: number, message?: string) {
    const range = rank === 0 ? 'a 0-d tensor has no axes' : `axes run from ${-rank} to ${rank - 1}`
    super(op, message ?? `axis ${axis} is outside of a tensor of rank ${rank}; ${range}.`)
    this.axis = axis
    this.rank = rank
  }
}

/** A dtype that the op does not take. */
export class DTypeError extends AdjointError {
  readonly dtypes: readonly string[]

  constructor(op: string, message: string, dtypes: readonly string[]) {
    super(op, message)
    this.dtypes = dtypes
  }
}

/** An argument that is neither a wrong shape nor a wrong dtype: an index out of range, a negative size, ... */
export class ArgumentError extends AdjointError {}

/** A gradient was asked for where the recorded graph cannot give one. */
export class GraphError extends AdjointError {}

/** A parameter was assigned after an op recorded it, and the op's gradient needs the old values. */
export class ChangedParameterError extends GraphError {
  readonly parameter: string

  constructor(op: string, parameter: string, message: string) {
    super(op, message)
    this.parameter = parameter
  }
}

/** The op has no gradient: mathematically (`argmax`), not because nobody wrote one. */
export class NotDifferentiableError extends GraphError {}

/**
 * What a value of a wrong type is, for messages: `null`, `an array`, `'x'`, `a tensor of shape [2]`, `a value of type
 * object`.
 */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const { shape } = value as { shape?: unknown }
  if (Array.isArray(shape)) return `a tensor of shape ${formatShape(shape)}`
  return typeof value === 'string' ? `'${value}'` : `a value of type ${typeof value}`
}

/** `[2, 3]`, as shapes are written in every message. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}
