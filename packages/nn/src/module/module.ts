/** What a module is: anything with a `forward`, found and walked by its fields. */

import type { Parameter, Rng, Tensor } from '@adjoint/core/functional'

/** What a forward pass is told besides its input. Nothing of it is global. */
export interface ForwardContext {
  /**
   * Whether the pass belongs to training: dropout drops then, and batch norm takes the statistics of the batch. Default
   * false.
   */
  readonly training?: boolean
  /** Where layers that draw take their random numbers from. */
  readonly rng?: Rng
  /**
   * Receives what a layer would assign to its own memory, the running statistics of a batch norm, say. Default: it is
   * assigned. With it a pass changes nothing, and may run inside of any transform.
   */
  readonly assign?: (memory: Parameter, value: Tensor) => void
  /**
   * Called with the output of every layer and its path in the model, in the order of the pass. Whoever calls a layer
   * reports it, because only the caller knows its path: `sequential` does, a module of your own does with `callLayer`.
   */
  readonly observe?: (path: string, output: Tensor) => void
}

/**
 * A part of a model. Modules are final classes with readonly fields: parameters, other modules, and whatever holds them;
 * {@link visit} finds them, unless they are `#private`. Inside of `forward`, `callLayer(this.inner, 'inner', x, context)`
 * calls a layer so that observers and summaries hear of it. `forward` is declared as a property, because only then does
 * the compiler refuse a module whose input is too narrow.
 */
export interface Module<In, Out> {
  readonly forward: (input: In, context?: ForwardContext) => Out
  /** What is inside, and under which names, for modules where that is not simply their fields. */
  readonly parts?: readonly unknown[] | Readonly<Record<string, unknown>>
  /**
   * PyTorch's names of parameters, and of parts, by their paths in this module, where they are not simply ours in snake
   * case; see `pytorchState`.
   */
  readonly pytorchNames?: Readonly<Record<string, string>>
  /** Set as long as the parts do not exist yet, because they follow from the first input; see `lazy`. */
  readonly pending?: PendingParts | undefined
}

/** What is known of parts that do not exist yet. */
export interface PendingParts {
  /** Where the module stands in the model, noted by `nameParameters`. */
  path: string
}

/** The types of a `forward` whose own signature is generic, for {@link Module.typedAs}; a method, so that it is compared loosely. */
export interface Signature<In, Out> {
  call(input: In): Out
}

/**
 * The types of a layer that takes shapes of several ranks, for {@link Module.typedAs}, and what it looks at:
 *
 * - `'keepsLast'`: the last axes have these sizes; the shape stays. `LayerNorm`.
 * - `'keepsChannels'`: axis 1 has this size; the shape stays. `BatchNorm`.
 * - `'resizesSpace'`: so many axes of space change, batch and channels stay. `MaxPool2d`.
 * - `'appends'`: one axis of this size more. `Embedding`.
 */
export interface ShapeRule<
  Kind extends 'keepsLast' | 'keepsChannels' | 'resizesSpace' | 'appends' =
    | 'keepsLast'
    | 'keepsChannels'
    | 'resizesSpace'
    | 'appends',
  Detail = unknown,
> {
  readonly kind: Kind
  readonly detail: Detail
}

/** A module, or a plain function of one argument such as `relu`. */
export type Layer<In, Out> = Module<In, Out> | ((input: In) => Out)

/** Whether a value is a module: an object with a `forward` method. */
export function isModule(value: unknown): value is Module<never, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { forward?: unknown }).forward === 'function'
  )
}
