// The page for people who come from PyTorch: what it names exists, and nothing of PyTorch 1.13 is left out.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as core from '@adjoint/core'
import * as data from '@adjoint/data'
import * as testing from '@adjoint/testing'
import { describe, expect, test } from 'vitest'
import * as nn from '../src/index.ts'

const page = readFileSync(
  fileURLToPath(new URL('../../../docs/reference/fromPyTorch.md', import.meta.url)),
  'utf8',
)

/** The rows of all tables: what stands in the first column, and in the second. */
const rows = page
  .split('\n')
  .filter(line => line.startsWith('| ') && !line.startsWith('| PyTorch |'))
  .map(line => line.split('|').map(cell => cell.trim()))
  .map(([, theirs, ours]) => ({ theirs: theirs!, ours: ours! }))

const codeIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)

/** What a name of ours stands for: an export, or a field of one. */
function resolve(name: string): unknown {
  const [first, ...fields] = name.split('.')
  const known: Readonly<Record<string, unknown>> = { ...core, ...testing, ...data, ...nn }
  // Fields and settings of things that are made, and words of the language.
  const instances: Readonly<Record<string, object>> = {
    optimizer: nn.Optimizer.prototype,
    dataset: data.Dataset.prototype,
    run: nn.LSTM.prototype,
  }
  const start = Object.hasOwn(known, first!) ? known[first!] : instances[first!]
  return fields.reduce((value: unknown, field) => {
    const target = Object(value) as Record<string, unknown>
    return field in target
      ? (Object.getOwnPropertyDescriptor(target, field)?.get ?? target[field])
      : undefined
  }, start)
}

/** Code in the second column that is no export: settings, methods and fields of what stands beside it. */
const SETTINGS = [
  'forward',
  'trainable: false',
  'lengths',
  'isCausal: true',
  'mask',
  'keyMask',
  'addGroup',
  'state',
  'loadState',
  'optimizer.groups',
]

describe('every name of ours exists', () => {
  const names = [...new Set(rows.flatMap(({ ours }) => codeIn(ours)))].filter(
    name => !SETTINGS.includes(name),
  )
  test.each(names)('%s', name => {
    expect(resolve(name), `${name} is exported by no package`).toBeDefined()
  })
})

const MODULES =
  'Module Sequential ModuleList ModuleDict ParameterList ParameterDict Parameter ' +
  'Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d Unfold Fold ' +
  'MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d AvgPool1d AvgPool2d AvgPool3d ' +
  'FractionalMaxPool2d FractionalMaxPool3d LPPool1d LPPool2d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d ' +
  'AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d ReflectionPad1d ReflectionPad2d ReflectionPad3d ' +
  'ReplicationPad1d ReplicationPad2d ReplicationPad3d ZeroPad2d ConstantPad1d ConstantPad2d ConstantPad3d ' +
  'ELU Hardshrink Hardsigmoid Hardtanh Hardswish LeakyReLU LogSigmoid MultiheadAttention PReLU ReLU ReLU6 RReLU ' +
  'SELU CELU GELU Sigmoid SiLU Mish Softplus Softshrink Softsign Tanh Tanhshrink Threshold GLU Softmin Softmax ' +
  'Softmax2d LogSoftmax AdaptiveLogSoftmaxWithLoss BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d GroupNorm ' +
  'SyncBatchNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyInstanceNorm1d LayerNorm LocalResponseNorm ' +
  'RNN LSTM GRU RNNCell LSTMCell GRUCell Transformer TransformerEncoder TransformerDecoder ' +
  'TransformerEncoderLayer TransformerDecoderLayer Identity Linear Bilinear LazyLinear LazyConv1d ' +
  'Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout Embedding EmbeddingBag ' +
  'CosineSimilarity PairwiseDistance L1Loss MSELoss CrossEntropyLoss CTCLoss NLLLoss PoissonNLLLoss GaussianNLLLoss ' +
  'KLDivLoss BCELoss BCEWithLogitsLoss MarginRankingLoss HingeEmbeddingLoss MultiLabelMarginLoss HuberLoss ' +
  'SmoothL1Loss SoftMarginLoss MultiLabelSoftMarginLoss CosineEmbeddingLoss MultiMarginLoss TripletMarginLoss ' +
  'TripletMarginWithDistanceLoss PixelShuffle PixelUnshuffle Upsample UpsamplingNearest2d UpsamplingBilinear2d ' +
  'ChannelShuffle DataParallel Flatten Unflatten'
const OPTIMIZERS = 'Adadelta Adagrad Adam AdamW SparseAdam Adamax ASGD LBFGS NAdam RAdam RMSprop Rprop SGD'
const SCHEDULERS =
  'LambdaLR MultiplicativeLR StepLR MultiStepLR ConstantLR LinearLR ExponentialLR PolynomialLR CosineAnnealingLR ' +
  'ChainedScheduler SequentialLR ReduceLROnPlateau CyclicLR OneCycleLR CosineAnnealingWarmRestarts'
const INITIALISERS =
  'calculate_gain uniform_ normal_ constant_ ones_ zeros_ eye_ dirac_ xavier_uniform_ xavier_normal_ ' +
  'kaiming_uniform_ kaiming_normal_ trunc_normal_ orthogonal_ sparse_'

describe('nothing of PyTorch 1.13 is left out', () => {
  const theirs = new Set(rows.flatMap(({ theirs }) => codeIn(theirs)))
  const list = (prefix: string, names: string): string[] => names.split(' ').map(name => `${prefix}.${name}`)
  test.each([
    ...list('nn', MODULES),
    ...list('optim', OPTIMIZERS),
    ...list('lr_scheduler', SCHEDULERS),
    ...list('init', INITIALISERS),
  ])('%s', name => {
    expect(theirs).toContain(name)
  })
})
