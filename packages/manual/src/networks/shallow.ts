/** What the two formula sheets share: their parameters, their cache, their gradients and the shapes of all of them. */
import type { Activation } from '../activations/activation.ts'
import type { Matrix } from '../matrix.ts'
import { formatShape, ShapeError } from '../shapeError.ts'

/** W1 (n_h, n_x), b1 (n_h, 1), W2 (n_y, n_h), b2 (n_y, 1). */
export interface ShallowParameters {
  readonly W1: Matrix
  readonly b1: Matrix
  readonly W2: Matrix
  readonly b2: Matrix
}

/** The cache of the sheets: z1 and a1 are (n_h, m), z2 and a2 are (n_y, m). */
export interface ShallowCache {
  readonly z1: Matrix
  readonly a1: Matrix
  readonly z2: Matrix
  readonly a2: Matrix
}

/** The backward pass of the sheets, in its order: dz without 1/m, dW and db with it. */
export interface ShallowGradients {
  readonly dz2: Matrix
  readonly dW2: Matrix
  readonly db2: Matrix
  readonly dz1: Matrix
  readonly dW1: Matrix
  readonly db1: Matrix
}

/** The choice the sheets leave open. */
export interface ShallowOptions {
  /** The hidden activation, by default sigmoid. Give the same to `forward` and to `backward`. */
  readonly hidden?: Activation
}

/** The three functions of a formula sheet; examples are columns. */
export interface ShallowNetwork {
  /** z1, a1, z2, a2, the cache. */
  forward(parameters: ShallowParameters, X: Matrix, options?: ShallowOptions): ShallowCache
  /** J = (1/m) Σ_i L_i. */
  cost(cache: ShallowCache, Y: Matrix): number
  /** dz2, dW2, db2, dz1, dW1, db1. */
  backward(
    parameters: ShallowParameters,
    X: Matrix,
    Y: Matrix,
    cache: ShallowCache,
    options?: ShallowOptions,
  ): ShallowGradients
}

/** Throws unless the parameters fit X and each other. */
export function expectShallowParameters(operation: string, parameters: ShallowParameters, X: Matrix): void {
  const { W1, W2 } = parameters
  const n_x = X.shape[0]
  const n_h = W1.shape[0]
  const n_y = W2.shape[0]
  const expectParameter = (
    name: keyof ShallowParameters,
    shape: readonly [number, number],
    reason: string,
  ) => {
    const actual = parameters[name].shape
    if (actual[0] === shape[0] && actual[1] === shape[1]) return
    throw new ShapeError(
      operation,
      { X, ...parameters },
      `${name} is ${formatShape(actual)} but ${reason}. ${name} must be ${formatShape(shape)}.`,
    )
  }
  expectParameter('W1', [n_h, n_x], `X is ${formatShape(X.shape)}, with ${n_x} units per example, in columns`)
  expectParameter('b1', [n_h, 1], `W1 makes ${n_h} hidden units`)
  expectParameter('W2', [n_y, n_h], `W1 makes ${n_h} hidden units`)
  expectParameter('b2', [n_y, 1], `W2 makes ${n_y} output units`)
}

/** Throws unless Y, X and the cache hold the same m ≥ 1 examples. */
export function expectShallowBatch(operation: string, X: Matrix, Y: Matrix, { a2 }: ShallowCache): void {
  const m = X.shape[1]
  if (a2.shape[1] !== m) {
    throw new ShapeError(
      operation,
      { X, a2 },
      `X is ${formatShape(X.shape)} but the cache has a2 ${formatShape(a2.shape)}, of another batch. ` +
        'Give the cache that forward returned for this X.',
    )
  }
  if (Y.shape[0] !== a2.shape[0] || Y.shape[1] !== m) {
    throw new ShapeError(
      operation,
      { Y, a2 },
      `Y is ${formatShape(Y.shape)} but a2 is ${formatShape(a2.shape)}. Y must have the shape of a2, examples in columns.`,
    )
  }
  if (m === 0)
    throw new ShapeError(operation, { X, Y }, 'X has no examples: dW and db are means and need at least one.')
}
