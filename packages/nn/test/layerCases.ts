/** Every layer, activation and loss in a function of tensors, for whatever runs functions in another way than eagerly. */
import { add, Parameter, Rng, randomIntegers, relu, type Tensor, tensor, zeros } from '@adjoint/core'
import * as nn from '../src/index.ts'

/** A part of a model with its inputs: drawn anew for each of several runs. */
export interface Case {
  /** Made twice, of the same generator: once to run as it is, once to trace. */
  readonly make: (rng: Rng) => unknown
  /** Shapes of floating inputs, or how to draw one. */
  readonly inputs: readonly (readonly number[] | ((rng: Rng) => Tensor))[]
  readonly run: (made: never, inputs: never, context: nn.ForwardContext) => Tensor | readonly Tensor[]
}

const normal = (...shape: number[]): readonly number[] => shape
const labels =
  (high: number, ...shape: number[]) =>
  (rng: Rng): Tensor =>
    randomIntegers(rng, shape, { high })
const shares =
  (...shape: number[]) =>
  (rng: Rng): Tensor =>
    rng.uniform(shape, { low: 0.1, high: 0.9 })
const signs =
  (...shape: number[]) =>
  (rng: Rng): Tensor =>
    rng.uniform(shape).greater(0.5).cast('float32').mul(2).sub(1)

type Forward = { readonly forward: (x: never, context?: nn.ForwardContext) => Tensor }

/** A layer of one input. */
const layer = (make: (rng: Rng) => unknown, ...shape: number[]): Case => ({
  make,
  inputs: [shape],
  run: (made: Forward, [x]: [never], context) => made.forward(x, context),
})

/** A layer whose input is a record or a list of tensors. */
const layerOf = (
  make: (rng: Rng) => unknown,
  inputs: Case['inputs'],
  input: (...x: Tensor[]) => unknown,
): Case => ({
  make,
  inputs,
  run: (made: Forward, x: Tensor[], context) => made.forward(input(...x) as never, context),
})

/** A function of its inputs. */
const plain = (f: unknown, ...inputs: Case['inputs']): Case => ({
  make: () => null,
  inputs,
  run: (_, x: Tensor[]) => (f as (...x: Tensor[]) => Tensor)(...x),
})

const recurrent = (make: (rng: Rng) => unknown): Case => ({
  make,
  inputs: [normal(2, 3, 4)],
  run: (made: nn.GRU, [x]: [Tensor<[number, number, number]>], context) => [
    made.forward(x as never, context),
    made.run(x as never, { lengths: [3, 2] } as never, context).output,
  ],
})

/** The cases of each file of the sources. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  'activations/leakyRelu': [layer(() => new nn.LeakyRelu(0.1), 2, 3)],
  'activations/linear': [plain(nn.linear, normal(2, 3))],
  'activations/prelu': [layer(() => new nn.Prelu(), 2, 3)],
  'activations/rrelu': [layer(() => new nn.Rrelu(), 2, 3)],
  'activations/softmax': [layer(() => new nn.Softmax(), 2, 3)],
  'layers/adaptiveAveragePool': [layer(() => new nn.AdaptiveAveragePool2d(2), 2, 3, 5, 4)],
  'layers/adaptiveLogSoftmax': [
    {
      make: rng => new nn.AdaptiveLogSoftmax(16, 12, [3, 6], { rng }),
      inputs: [normal(3, 16), labels(12, 3)],
      run: (made: nn.AdaptiveLogSoftmax, [x, y]: [never, never]) => {
        return [made.forward(x), made.loss(x, y)] as Tensor[]
      },
    },
  ],
  'layers/adaptiveMaxPool': [layer(() => new nn.AdaptiveMaxPool2d(2), 2, 3, 5, 4)],
  'layers/alibiBias': [plain((x: Tensor) => x.add(nn.alibiBias(2, 3, 3) as Tensor), normal(2, 3, 3))],
  'layers/alphaDropout': [layer(() => new nn.AlphaDropout(0.4), 4, 5)],
  'layers/averagePool': [layer(() => new nn.AveragePool2d(2), 2, 3, 4, 4)],
  'layers/batchNorm': [
    layer(() => new nn.BatchNorm(3), 4, 3),
    layer(() => new nn.BatchNorm(3, { momentum: null }), 4, 3, 2, 2),
  ],
  'layers/bilinear': [
    layerOf(
      rng => new nn.Bilinear(2, 3, 4, { rng }),
      [normal(5, 2), normal(5, 3)],
      (...x) => x,
    ),
  ],
  'layers/channelShuffle': [layer(() => new nn.ChannelShuffle(2), 2, 4, 3)],
  'layers/convolution': [
    layer(rng => new nn.Conv1d(2, 3, 2, { rng }), 2, 2, 5),
    layer(rng => new nn.Conv2d(2, 4, 3, { rng, padding: 1, stride: 2, groups: 2 }), 2, 2, 5, 4),
  ],
  'layers/cosineSimilarity': [
    layerOf(
      () => new nn.CosineSimilarity(),
      [normal(3, 4), normal(3, 4)],
      (...x) => x,
    ),
  ],
  'layers/dense': [layer(rng => new nn.Dense(3, 2, { rng }), 4, 3)],
  'layers/dropout': [layer(() => new nn.Dropout(0.4), 4, 5)],
  'layers/embedding': [
    layerOf(
      rng => new nn.Embedding(6, 3, { rng, paddingIndex: 0 }),
      [labels(6, 2, 4)],
      x => x,
    ),
    layerOf(
      rng => new nn.Embedding(6, 3, { rng, scaleGradientByFrequency: true }),
      [labels(6, 2, 4)],
      x => x,
    ),
  ],
  'layers/embeddingBag': [
    layerOf(
      rng => new nn.EmbeddingBag(6, 3, { rng, mode: 'mean', paddingIndex: 1 }),
      [labels(6, 2, 4)],
      indices => ({
        indices,
      }),
    ),
    layerOf(
      rng => new nn.EmbeddingBag(6, 3, { rng, mode: 'max' }),
      [labels(6, 5)],
      indices => ({
        indices,
        offsets: tensor([0, 2], { dtype: 'int32' }),
      }),
    ),
  ],
  'layers/featureAlphaDropout': [layer(() => new nn.FeatureAlphaDropout(0.4), 2, 5, 3)],
  'layers/flatten': [layer(() => new nn.Flatten(), 2, 3, 4)],
  'layers/fold': [layer(() => new nn.Fold(3, 2), 1, 4, 4)],
  'layers/fractionalMaxPool': [layer(() => new nn.FractionalMaxPool2d(2, { outputRatio: 0.5 }), 2, 3, 6, 6)],
  'layers/groupNorm': [layer(() => new nn.GroupNorm(2, 4), 2, 4, 3)],
  'layers/gru': [recurrent(rng => new nn.GRU(4, 3, { rng, layers: 2, dropout: 0.3 } as never))],
  'layers/gruCell': [layer(rng => new nn.GRUCell(4, 3, { rng }), 2, 4)],
  'layers/identity': [layer(() => new nn.Identity(), 2, 3)],
  'layers/instanceNorm': [
    layer(() => new nn.InstanceNorm(3, { trackRunningStatistics: true }), 2, 3, 4),
    layer(() => new nn.InstanceNorm(3), 2, 3, 4),
  ],
  'layers/layerNorm': [layer(() => new nn.LayerNorm([4]), 2, 3, 4)],
  'layers/lazy': [
    layer(
      rng => {
        const made = nn.lazy(x => new nn.Dense(x.shape.at(-1)!, 2, { rng }))
        made.forward(zeros([1, 3]))
        return made
      },
      ...normal(4, 3),
    ),
  ],
  'layers/learnedPositionalEncoding': [
    layer(rng => new nn.LearnedPositionalEncoding(5, 4, { rng }), 2, 3, 4),
  ],
  'layers/localResponseNorm': [layer(() => new nn.LocalResponseNorm(3), 2, 4, 3)],
  'layers/lpPool': [layer(() => new nn.LpPool2d(3, 2), 2, 3, 4, 4)],
  'layers/lstm': [
    recurrent(rng => new nn.LSTM(4, 3, { rng, bidirectional: true, projection: 2 } as never)),
    recurrent(rng => new nn.LSTM(4, 3, { rng, layers: 2, dropout: 0.3 } as never)),
  ],
  'layers/lstmCell': [
    {
      make: rng => new nn.LSTMCell(4, 3, { rng }),
      inputs: [normal(2, 4), normal(2, 4)],
      run: (made: nn.LSTMCell, [x, y]: [never, never]) => {
        const { hidden, cell } = made.step(y, made.step(x))
        return [hidden, cell] as Tensor[]
      },
    },
  ],
  'layers/maxPool': [
    layer(() => new nn.MaxPool2d(2), 2, 3, 4, 4),
    layer(() => new nn.MaxPool1d(3, { stride: 1 }), 2, 3, 5),
  ],
  'layers/maxUnpool': [
    {
      make: () => [new nn.MaxPool2d(2), new nn.MaxUnpool2d(2)],
      inputs: [normal(2, 3, 4, 4)],
      run: ([pool, unpool]: [nn.MaxPool2d, nn.MaxUnpool2d], [x]: [never]) =>
        unpool.forward(pool.forwardWithIndices(x) as never) as Tensor,
    },
  ],
  'layers/moduleList': [
    {
      make: rng => new nn.ModuleList([new nn.Dense(3, 3, { rng }), new nn.Dense(3, 2, { rng })] as never),
      inputs: [normal(2, 3)],
      run: (made: Iterable<Forward>, [x]: [Tensor]) =>
        [...made].reduce((y, one) => one.forward(y as never), x),
    },
  ],
  'layers/multiHeadAttention': [
    layerOf(
      rng => new nn.MultiHeadAttention(4, 2, { rng, dropout: 0.3 }),
      [normal(2, 3, 4)],
      query => ({
        query,
        isCausal: true,
      }),
    ),
    layerOf(
      rng => new nn.MultiHeadAttention(4, 2, { rng }),
      [normal(2, 3, 4), normal(2, 5, 4)],
      (query, key) => ({ query, key, keyMask: key.slice(null, null, 0).less(1) }),
    ),
  ],
  'layers/padding': [
    layer(() => new nn.ZeroPad([[1, 2]]), 2, 3, 4),
    layer(() => new nn.ReflectionPad([2]), 2, 3, 4),
    layer(() => new nn.ReplicationPad([1]), 2, 3, 4),
  ],
  'layers/pairwiseDistance': [
    layerOf(
      () => new nn.PairwiseDistance(),
      [normal(3, 4), normal(3, 4)],
      (...x) => x,
    ),
  ],
  'layers/parallel': [layer(rng => nn.parallel([new nn.Dense(4, 3, { rng }), new nn.Identity()]), 2, 4)],
  'layers/pixelShuffle': [layer(() => new nn.PixelShuffle(2), 2, 4, 3, 3)],
  'layers/pixelUnshuffle': [layer(() => new nn.PixelUnshuffle(2), 2, 1, 4, 4)],
  'layers/residual': [layer(rng => nn.residual(nn.sequential(new nn.Dense(4, 4, { rng }), relu)), 2, 4)],
  'layers/rmsNorm': [layer(() => new nn.RMSNorm([4]), 2, 3, 4)],
  'layers/rnn': [recurrent(rng => new nn.RNN(4, 3, { rng, bidirectional: true } as never))],
  'layers/rnnCell': [layer(rng => new nn.RNNCell(4, 3, { rng }), 2, 4)],
  'layers/rotaryEmbedding': [plain(nn.rotaryEmbedding, normal(2, 3, 4))],
  'layers/sequential': [
    layer(
      rng =>
        nn.sequential(new nn.Dense(3, 4, { rng }), relu, new nn.Dropout(0.5), new nn.Dense(4, 2, { rng })),
      5,
      3,
    ),
  ],
  'layers/sinusoidalPositionalEncoding': [layer(() => new nn.SinusoidalPositionalEncoding(4), 2, 3, 4)],
  'layers/spatialDropout': [layer(() => new nn.SpatialDropout(0.4), 3, 4, 5)],
  'layers/transformer': [
    layerOf(
      rng =>
        new nn.Transformer({
          features: 4,
          heads: 2,
          encoderLayers: 1,
          decoderLayers: 1,
          feedForward: 8,
          rng,
        }),
      [normal(2, 3, 4), normal(2, 3, 4)],
      (source, target) => ({ source, target }),
    ),
  ],
  'layers/transformerDecoder': [],
  'layers/transformerDecoderLayer': [],
  'layers/transformerEncoder': [],
  'layers/transformerEncoderLayer': [
    layer(rng => new nn.TransformerEncoderLayer(4, 2, { feedForward: 8, rng }), 2, 3, 4),
  ],
  'layers/transposedConvolution': [
    layer(rng => new nn.ConvTranspose2d(4, 2, 3, { rng, stride: 2, padding: 1 }), 2, 4, 3, 3),
  ],
  'layers/unflatten': [layer(() => new nn.Unflatten(1, [3, 2]), 2, 6)],
  'layers/unfold': [layer(() => new nn.Unfold(2), 1, 2, 3, 3)],
  'layers/upsample': [
    layer(() => new nn.Upsample({ scale: 2 }), 1, 2, 3),
    layer(() => new nn.Upsample({ scale: 2, mode: 'linear' }), 1, 2, 3),
  ],
  'losses/binaryCrossEntropy': [plain(nn.binaryCrossEntropy, shares(3, 2), shares(3, 2))],
  'losses/binaryCrossEntropyWithLogits': [plain(nn.binaryCrossEntropyWithLogits, normal(3, 2), shares(3, 2))],
  'losses/categoricalCrossEntropy': [plain(nn.categoricalCrossEntropy, shares(3, 4), labels(4, 3))],
  'losses/connectionistTemporalClassification': [
    plain(
      (x: Tensor, y: Tensor) =>
        nn.connectionistTemporalClassification(x.logSoftmax(), y.add(1), {
          targetLengths: [2, 1],
          zeroInfinity: true,
        }),
      normal(2, 5, 4),
      labels(3, 2, 2),
    ),
  ],
  'losses/contrastive': [plain(nn.contrastive, normal(3, 4), normal(3, 4), shares(3))],
  'losses/cosineEmbedding': [plain(nn.cosineEmbedding, normal(3, 4), normal(3, 4), signs(3))],
  'losses/crossEntropy': [
    plain(nn.crossEntropy, normal(3, 4), labels(4, 3)),
    plain(
      (x: Tensor, y: Tensor) =>
        nn.crossEntropy(x, y, { ignoreIndex: 0, labelSmoothing: 0.1, weight: tensor([1, 2, 3, 4]) }),
      normal(3, 4),
      labels(4, 3),
    ),
  ],
  'losses/dice': [plain(nn.dice, shares(3, 4), shares(3, 4))],
  'losses/focal': [plain(nn.focal, normal(3, 2), shares(3, 2))],
  'losses/gaussianNegativeLogLikelihood': [
    plain(nn.gaussianNegativeLogLikelihood, normal(3, 2), normal(3, 2), shares(3, 2)),
  ],
  'losses/halfSquaredError': [plain(nn.halfSquaredError, normal(3, 2), normal(3, 2))],
  'losses/hinge': [plain(nn.hinge, normal(3, 2), signs(3, 2))],
  'losses/hingeEmbedding': [plain(nn.hingeEmbedding, normal(3, 2), signs(3, 2))],
  'losses/huber': [plain(nn.huber, normal(3, 2), normal(3, 2))],
  'losses/infoNCE': [plain(nn.infoNCE, normal(3, 4), normal(3, 4))],
  'losses/jensenShannon': [
    plain((x: Tensor, y: Tensor) => nn.jensenShannon(x.softmax(), y.softmax()), normal(3, 4), normal(3, 4)),
  ],
  'losses/klDivergence': [
    plain((x: Tensor, y: Tensor) => nn.klDivergence(x.logSoftmax(), y.softmax()), normal(3, 4), normal(3, 4)),
  ],
  'losses/klDivergenceWithLogits': [plain(nn.klDivergenceWithLogits, normal(3, 4), normal(3, 4))],
  'losses/logCosh': [plain(nn.logCosh, normal(3, 2), normal(3, 2))],
  'losses/marginRanking': [plain(nn.marginRanking, normal(3), normal(3), signs(3))],
  'losses/meanAbsoluteError': [plain(nn.meanAbsoluteError, normal(3, 2), normal(3, 2))],
  'losses/meanSquaredError': [plain(nn.meanSquaredError, normal(3, 2), normal(3, 2))],
  'losses/multiLabelMargin': [plain(nn.multiLabelMargin, normal(3, 4), labels(4, 3, 4))],
  'losses/multiLabelSoftMargin': [plain(nn.multiLabelSoftMargin, normal(3, 4), shares(3, 4))],
  'losses/multiMargin': [plain(nn.multiMargin, normal(3, 4), labels(4, 3))],
  'losses/negativeLogLikelihood': [
    plain((x: Tensor, y: Tensor) => nn.negativeLogLikelihood(x.logSoftmax(), y), normal(3, 4), labels(4, 3)),
  ],
  'losses/pinball': [plain(nn.pinball, normal(3, 2), normal(3, 2))],
  'losses/poissonNegativeLogLikelihood': [plain(nn.poissonNegativeLogLikelihood, normal(3, 2), shares(3, 2))],
  'losses/smoothL1': [plain(nn.smoothL1, normal(3, 2), normal(3, 2))],
  'losses/softMargin': [plain(nn.softMargin, normal(3, 2), signs(3, 2))],
  'losses/squaredHinge': [plain(nn.squaredHinge, normal(3, 2), signs(3, 2))],
  'losses/tripletMargin': [plain(nn.tripletMargin, normal(3, 4), normal(3, 4), normal(3, 4))],
  'losses/tripletMarginWithDistance': [
    plain(nn.tripletMarginWithDistance, normal(3, 4), normal(3, 4), normal(3, 4)),
  ],
  'losses/tversky': [plain(nn.tversky, shares(3, 4), shares(3, 4))],
}

/** A case as a function of its inputs that also runs backward, and what that leaves. */
export interface CaseRun {
  /** The outputs, and a sum of their squares, of which the gradients are taken. */
  readonly step: (...given: Tensor[]) => Tensor[]
  /** Gradients, memory and the state of the generator, as text. */
  readonly left: () => string
  /** The gradients that there are. */
  readonly gradients: () => (Tensor | null)[]
  readonly forget: () => void
}

/** The sum of the squares with different weights: of what a norm gives, the plain sum hardly depends on anything. */
function weighed(y: Tensor): Tensor {
  const weights = Array.from({ length: y.size }, (_, i) => 1 + ((7 * i) % 5) / 4)
  return y
    .cast('float32')
    .square()
    .mul(tensor(weights, { shape: [...y.shape] }))
    .sum() as Tensor
}

/** Sets a case up; twice, to run it in two ways. */
export function setUp(one: Case): CaseRun {
  const { make, run } = one
  const made = make(new Rng(1))
  // What is added to an input has its gradient.
  const offsets = drawAll(one, 0).map(({ shape, dtype }) =>
    dtype === 'float32' ? new Parameter(zeros([...shape]) as Tensor) : undefined,
  )
  const rng = new Rng(3)
  const step = (...given: Tensor[]): Tensor[] => {
    const moved = given.map((x, i) => (offsets[i] === undefined ? x : add(x, offsets[i])))
    const found = run(made as never, moved as never, { training: true, rng })
    const outputs = Array.isArray(found) ? (found as Tensor[]) : [found as Tensor]
    const loss = outputs.map(weighed).reduce((a, b) => add(a, b))
    if (loss.requiresGrad) loss.backward()
    return [...outputs, loss]
  }
  const gradients = (): (Tensor | null)[] => {
    const learned = [...nn.parameters({ made }), ...offsets.filter(offset => offset !== undefined)]
    return learned.map(({ grad }) => grad)
  }
  const left = (): string => JSON.stringify([gradients(), nn.stateOf({ made, offsets }), rng.state])
  const forget = (): void => {
    for (const parameter of [...nn.parameters({ made }), ...offsets]) if (parameter) parameter.grad = null
  }
  return { step, left, gradients, forget }
}

/** Inputs of a case. */
export const drawAll = ({ inputs }: Case, seed: number): Tensor[] => {
  const rng = new Rng(seed)
  return inputs.map(input => (typeof input === 'function' ? input(rng) : (rng.normal([...input]) as Tensor)))
}
