import { currentTracing, expectOptions, formatShape, sameShape, wrapIndices } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  argmax,
  cast,
  clip,
  concat,
  DTypeError,
  equal,
  gather,
  greaterEqual,
  indexAdd,
  indexSelect,
  logSoftmax,
  nonzero,
  reshape,
  type Shape,
  ShapeError,
  slice,
  sub,
  type Tensor,
  where,
} from '@adjoint/core/functional'
import { type LossShape, type Reduction, reduce } from '../losses/loss.ts'
import { expectTensor, shown } from '../module/shown.ts'
import { Dense, type DenseOptions } from './dense.ts'

/** Settings of {@link AdaptiveLogSoftmax}. */
export interface AdaptiveLogSoftmaxOptions extends Omit<DenseOptions, 'bias' | 'layout'> {
  /** Every cluster works on this many times fewer features than the one before it. Default 4. */
  readonly divisor?: number
  /** Whether the head has a bias. Default false. */
  readonly headBias?: boolean
}

/** One cluster of rare classes: onto fewer features, then onto its classes. */
export type AdaptiveCluster = readonly [project: Dense, classify: Dense]

/**
 * Log-probabilities of very many classes that are sorted by how frequent they are, and a loss that does not compute them
 * all: Grave et al., Efficient softmax approximation for GPUs, 2017.
 *
 * `cutoffs` c_1 < ... < c_n cut the classes into a shortlist 0 ... c_1 − 1 and n clusters c_i ... c_{i+1} − 1. The head is a
 * dense layer onto the shortlist and one place for every cluster; the tail has two dense layers for every cluster, through
 * `features / divisor^i` features. With h = logSoftmax(head x) and t_i = logSoftmax(tail_i x),
 *
 *     log p(k) = h_k for k < c_1,   h_{c_1 + i − 1} + t_i[k − c_i] for k in cluster i
 *
 * `forward` gives them all, `[..., features] -> [..., classes]`. `loss` and `targetLogProbabilities` put only those
 * examples through a cluster whose target is in it; how many these are is read from the targets, so under `vmap` take
 * `negativeLogLikelihood` of `forward`.
 *
 * @example
 * ```ts
 * import { Rng, tensor } from '@adjoint/core'
 * import { AdaptiveLogSoftmax } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const layer = new AdaptiveLogSoftmax(16, 1000, [20, 200], { rng })
 * const x = rng.normal([8, 16])
 * layer.forward(x).shape // => [8, 1000]
 * layer.loss(x, tensor([0, 3, 19, 20, 150, 200, 700, 999], { dtype: 'int32' })).shape // => []
 * ```
 */
export class AdaptiveLogSoftmax {
  readonly features: number
  readonly classes: number
  readonly cutoffs: readonly number[]
  readonly head: Dense
  readonly tail: readonly AdaptiveCluster[]

  /**
   * @param features number of features per example
   * @param classes number of classes
   * @param cutoffs where the clusters begin: increasing, between 1 and `classes - 1`
   * @throws ArgumentError for sizes or cutoffs that do not fit, unknown settings, or a missing `rng`.
   */
  constructor(
    features: number,
    classes: number,
    cutoffs: readonly number[],
    options: AdaptiveLogSoftmaxOptions = {},
  ) {
    expectOptions('AdaptiveLogSoftmax', options, [
      'divisor',
      'headBias',
      'rng',
      'weightInitializer',
      'biasInitializer',
      'dtype',
    ])
    const { divisor = 4, headBias = false, ...dense } = options
    expectCutoffs(classes, cutoffs)
    if (!(divisor >= 1 && divisor < Infinity)) {
      throw new ArgumentError('AdaptiveLogSoftmax', `divisor must be at least 1, got ${shown(divisor)}.`)
    }
    this.features = features
    this.classes = classes
    this.cutoffs = [...cutoffs]
    this.head = new Dense(features, cutoffs[0]! + cutoffs.length, { ...dense, bias: headBias })
    this.tail = cutoffs.map((start, i): AdaptiveCluster => {
      const width = Math.floor(features / divisor ** (i + 1))
      if (width < 1) {
        throw new ArgumentError(
          'AdaptiveLogSoftmax',
          `cluster ${i} would work on ${features} / ${divisor}^${i + 1} features, which is none; take a smaller divisor or fewer cutoffs.`,
        )
      }
      const size = (cutoffs[i + 1] ?? classes) - start
      return [
        new Dense(features, width, { ...dense, bias: false }),
        new Dense(width, size, { ...dense, bias: false }),
      ]
    })
  }

  /**
   * The log-probabilities of all classes, `[..., features] -> [..., classes]`.
   *
   * @throws ShapeError when the input does not have `features` features.
   */
  forward(input: Tensor): Tensor {
    const head = logSoftmax(this.head.forward(expectInput(this, input)))
    const shortlist = this.cutoffs[0]!
    const clusters = this.tail.map(([project, classify], i) =>
      add(
        slice(head, '...', [shortlist + i, shortlist + i + 1]),
        logSoftmax(classify.forward(project.forward(input))),
      ),
    )
    return concat([slice(head, '...', [0, shortlist]), ...clusters], -1)
  }

  /**
   * The log-probability of one class for every example: `[..., features]` and int32 `[...]` `-> [...]`. PyTorch's `output`.
   *
   * @throws ShapeError when input and target do not fit; DTypeError for a target that is not int32; ArgumentError for a
   * class that does not exist.
   */
  targetLogProbabilities(input: Tensor, target: Tensor): Tensor {
    const { cutoffs, classes, features } = this
    const op = String(this)
    expectTarget(op, expectInput(this, input), target)
    const x = reshape(input, [target.size, features])
    const bounds = { size: classes, caller: op, called: 'target', of: 'the classes', wrap: false }
    const y = wrapIndices(reshape(target, [target.size]), bounds)
    // 0 for the shortlist, i for the i-th cluster.
    const cluster = cutoffs.map(start => cast(greaterEqual(y, start), 'int32')).reduce((a, b) => add(a, b))
    const place = where(equal(cluster, 0), y, add(cluster, cutoffs[0]! - 1))
    const head = gather(logSoftmax(this.head.forward(x)), 1, reshape(place, [target.size, 1]))
    let found: Tensor = reshape(head, [target.size])
    for (const [i, [project, classify]] of this.tail.entries()) {
      const isHere = equal(cluster, i + 1)
      if (currentTracing() !== undefined) {
        // How many examples there are is not known yet: all go through every cluster.
        const logs = logSoftmax(classify.forward(project.forward(x)))
        const within = clip(sub(y, cutoffs[i]!), { low: 0, high: logs.shape[1]! - 1 })
        const chosen = reshape(gather(logs, 1, reshape(within, [target.size, 1])), [target.size])
        found = where(isHere, add(found, chosen), found)
        continue
      }
      const rows = reshape(nonzero(isHere), [-1]) as Tensor
      if (rows.size === 0) continue
      const logs = logSoftmax(classify.forward(project.forward(indexSelect(x, 0, rows))))
      const within = reshape(sub(indexSelect(y, 0, rows), cutoffs[i]!), [rows.size, 1])
      found = indexAdd(found, 0, rows, reshape(gather(logs, 1, within), [rows.size]))
    }
    return reshape(found, target.shape)
  }

  /**
   * The negative log-probability of the targets, averaged over the examples: `[..., features]` and int32 `[...]` `-> []`.
   *
   * @throws as {@link targetLogProbabilities}; ArgumentError for an unknown reduction.
   */
  loss<R extends Reduction = 'mean'>(
    input: Tensor,
    target: Tensor,
    options: { readonly reduction?: R } = {},
  ): Tensor<LossShape<R, Shape>> {
    const op = String(this)
    expectOptions(op, options, ['reduction'])
    return reduce(op, this.targetLogProbabilities(input, target), options, -1) as Tensor<LossShape<R, Shape>>
  }

  /** The most probable class of every example: `[..., features] -> [...]`, int32. */
  predict(input: Tensor): Tensor {
    return argmax(this.forward(input), -1)
  }

  /** `AdaptiveLogSoftmax(16, 1000, cutoffs 20, 200)`, as summaries and messages show it. */
  toString(): string {
    return `AdaptiveLogSoftmax(${this.features}, ${this.classes}, cutoffs ${this.cutoffs.join(', ')})`
  }
}

function expectInput(layer: AdaptiveLogSoftmax, input: Tensor): Tensor {
  expectTensor(String(layer), 'input', input)
  const { features } = layer
  if (input.shape.at(-1) === features) return input
  throw new ShapeError(String(layer), `takes [..., ${features}], got ${formatShape(input.shape)}.`, [
    input.shape,
  ])
}

function expectTarget(op: string, input: Tensor, target: Tensor): void {
  expectTensor(op, 'target', target)
  if (target.dtype !== 'int32') {
    throw new DTypeError(
      op,
      `targets are int32 class indices, got ${target.dtype}; make them with { dtype: 'int32' }.`,
      [target.dtype],
    )
  }
  const wanted = input.shape.slice(0, -1)
  if (sameShape(target.shape, wanted)) return
  throw new ShapeError(
    op,
    `the target has shape ${formatShape(target.shape)}; beside an input ${formatShape(input.shape)} it is one class ` +
      `for every example, ${formatShape(wanted)}.`,
    [input.shape, target.shape],
  )
}

function expectCutoffs(classes: number, cutoffs: readonly number[]): void {
  const limits = Array.isArray(cutoffs) ? [0, ...cutoffs, classes] : []
  const isIncreasing = limits.every(
    (limit, i) => Number.isSafeInteger(limit) && (i === 0 || limit > limits[i - 1]!),
  )
  if (limits.length > 2 && isIncreasing) return
  const got = Array.isArray(cutoffs) ? `[${cutoffs.map(shown).join(', ')}]` : shown(cutoffs)
  throw new ArgumentError(
    'AdaptiveLogSoftmax',
    `cutoffs are whole numbers that increase, between 1 and the number of classes (${shown(classes)}) less 1; got ${got}.`,
  )
}
