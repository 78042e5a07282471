/** Attention: the function, and the module with its projections. */
import * as ad from '@adjoint/core'
import * as nn from '@adjoint/nn'
import type { Attributes } from '../attributes.ts'
import { NotCovered } from '../errors.ts'
import type { Adapter, AdapterTable, Inputs, Outputs } from './adapter.ts'

/** Dropout is random, so a case can only ask for none of it. */
function expectNoDropout(a: Attributes, name: string): void {
  if (a.number(name, 0) !== 0 && a.boolean('training', true)) throw new NotCovered('attention with dropout')
  a.boolean('training', true)
}

/** A mask of the module that is true where attention is not allowed, the other way round; numbers are added in both. */
const allowed = (mask: ad.Tensor): ad.Tensor => (mask.dtype === 'bool' ? ad.logicalNot(mask) : mask)

const scaledDotProduct: Adapter = ([query, key, value, mask], a) => {
  expectNoDropout(a, 'dropout_p')
  const scale = a.optionalNumber('scale')
  return ad.scaledDotProductAttention(query, key, value, {
    isCausal: a.boolean('is_causal', false),
    ...(mask === undefined ? {} : { mask }),
    ...(scale === undefined ? {} : { scale }),
  })
}

/** The tensors behind query, key and value, told apart by their shapes, because any of them may be missing. */
class Rest {
  readonly #rest: ad.Tensor[]

  constructor(rest: readonly ad.Tensor[]) {
    this.#rest = [...rest]
  }

  /** The next tensor, if it has as many axes. */
  next(rank: number): ad.Tensor | undefined {
    return this.#rest[0]?.rank === rank ? this.#rest.shift() : undefined
  }

  get left(): readonly ad.Tensor[] {
    return this.#rest
  }
}

/** Parameters by their paths in the layer; those that are missing are left out. */
function parametersOf(rest: Rest, features: number): Record<string, ad.Tensor> {
  const first = rest.next(2)
  const isPacked = first?.shape[0] === 3 * features
  const inputs = isPacked
    ? { inputWeight: first }
    : { queryWeight: first, keyWeight: rest.next(2), valueWeight: rest.next(2) }
  const found = {
    ...inputs,
    inputBias: rest.next(1),
    'outputProjection.weight': rest.next(2),
    'outputProjection.bias': rest.next(1),
    ...(rest.left[0]?.shape[0] === 1 && rest.left[0]?.shape[1] === 1
      ? { biasKey: rest.next(3), biasValue: rest.next(3) }
      : {}),
  }
  const given = Object.entries(found).filter(([, x]) => x !== undefined)
  return Object.fromEntries(given as [string, ad.Tensor][])
}

function multiHead([query, key, value, ...more]: Inputs, a: Attributes): Outputs {
  expectNoDropout(a, a.has('dropout_p') ? 'dropout_p' : 'dropout')
  const features = a.number('embed_dim', query.shape.at(-1))
  const heads = a.number('num_heads')
  const timeFirst = !a.boolean('batch_first', false)
  const needWeights = a.boolean('need_weights', true)
  const rest = new Rest(more)
  const state = parametersOf(rest, features)
  const layer = new nn.MultiHeadAttention(features, heads, {
    keyFeatures: a.number('kdim', key.shape.at(-1)),
    valueFeatures: a.number('vdim', value.shape.at(-1)),
    bias: a.boolean('bias', 'inputBias' in state),
    addBiasKeyValue: a.boolean('add_bias_kv', 'biasKey' in state),
    addZeroAttention: a.boolean('add_zero_attn', false),
    timeFirst,
    rng: new ad.Rng(0),
    dtype: query.dtype as 'float32',
  })
  const time = timeFirst ? 0 : -2
  const [n, m] = [query.shape.at(time), key.shape.at(time)] as [number, number]
  const input: nn.AttentionInput = {
    query,
    key,
    value,
    needWeights,
    averageWeights: a.boolean('average_attn_weights', true),
    ...masksOf(rest.left, n, m, heads),
  }
  const result = nn.withParameters(layer, state, () => layer.forward(input))
  return result instanceof ad.Tensor ? result : [result.output, result.weights]
}

/** A mask of queries and keys `[n, m]` or `[batch heads, n, m]`, and one of keys `[batch, m]`, by their names or shapes. */
function masksOf(
  masks: readonly ad.Tensor[],
  n: number,
  m: number,
  heads: number,
): Pick<nn.AttentionInput, 'mask' | 'keyMask'> {
  let mask: ad.Tensor | undefined
  let keyMask: ad.Tensor | undefined
  for (const found of masks) {
    const isOfPairs =
      found.name === undefined ? found.rank === 3 || found.shape[0] === n : found.name !== 'key_padding_mask'
    if (isOfPairs && mask === undefined) mask = allowed(found)
    else if (keyMask === undefined) keyMask = allowed(found)
    else throw new NotCovered('multi_head_attention with more than two masks')
  }
  const ofHeads = mask?.rank === 3 ? ad.reshape(mask, [-1, heads, n, m]) : mask
  return {
    ...(ofHeads === undefined ? {} : { mask: ofHeads }),
    ...(keyMask === undefined ? {} : { keyMask }),
  }
}

export const ATTENTION: AdapterTable = {
  scaled_dot_product_attention: scaledDotProduct,
  multi_head_attention: multiHead,
}
