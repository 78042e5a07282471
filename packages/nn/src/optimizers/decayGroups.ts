import type { Parameter } from '@adjoint/core/functional'
import { namedParameters } from '../module/parameters.ts'

/** Settings of {@link decayGroups}. */
export interface DecayGroupsOptions {
  /** The weight decay of the first group. */
  readonly weightDecay: number
  /**
   * Whether a parameter decays, by its path in the model. Default: when it has two axes or more, and no part of its path speaks
   * of a bias or a norm.
   */
  readonly decays?: (path: string, parameter: Parameter) => boolean
}

/** Two groups for an optimizer: what decays, and what does not. */
export interface DecayGroup {
  readonly parameters: readonly Parameter[]
  readonly weightDecay: number
}

/**
 * The parameters of a model as groups for an optimizer: weights with weight decay, biases and norms without. Decay pulls towards
 * 0, which is no good guess for a shift or a scale. A group that would be empty is left out.
 *
 * @example
 * ```ts
 * import { Rng } from '@adjoint/core'
 * import { AdamW, decayGroups, Dense } from '@adjoint/nn'
 * const model = new Dense(3, 2, { rng: new Rng(0) })
 * const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.1 }), { learningRate: 0.01 })
 * optimizer.groups.map(({ settings, parameters }) => [settings.weightDecay, parameters.map((p) => p.name)])
 * // => [[0.1, ['weight']], [0, ['bias']]]
 * ```
 */
export function decayGroups(
  model: unknown,
  { weightDecay, decays = decaysByDefault }: DecayGroupsOptions,
): DecayGroup[] {
  const all = Object.entries(namedParameters(model))
  const groupOf = (wanted: boolean): Parameter[] =>
    all.filter(([path, parameter]) => decays(path, parameter) === wanted).map(([, parameter]) => parameter)
  return [
    { parameters: groupOf(true), weightDecay },
    { parameters: groupOf(false), weightDecay: 0 },
  ].filter(({ parameters }) => parameters.length > 0)
}

function decaysByDefault(path: string, { shape }: Parameter): boolean {
  return shape.length >= 2 && !/bias|norm/i.test(path)
}
