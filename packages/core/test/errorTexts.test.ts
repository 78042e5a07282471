// The whole text of what each class of mistake says, op by op: the name of what was called, what came, what to do.
import * as adjoint from '@adjoint/core'
import { eye, ones, Parameter, Rng, type Tensor, tensor, zeros } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf } from './support.ts'

/** All functions as plain JavaScript sees them: TypeScript refuses many of these calls. */
const plain = adjoint as unknown as {
  readonly [Name in keyof typeof adjoint]: (...args: unknown[]) => unknown
}

/** Ones in a shape. */
function of(...shape: number[]): Tensor {
  return ones(shape)
}

function whole(...values: number[]): Tensor {
  return tensor(values, { dtype: 'int32' })
}

/** A tensor that gradients flow to. */
function leaf(values: number | readonly number[] | readonly (readonly number[])[]): Tensor {
  return tensor(values as number[], { requiresGrad: true })
}

function expectMessages(
  cases: readonly (readonly [name: string, call: () => unknown, message: string])[],
): void {
  test.each(cases)('%s', (_, call, message) => expect(errorOf(call)).toBe(message))
}

describe('elementwise ops and activations', () => {
  expectMessages([
    [
      'add, shapes',
      () => plain.add(of(2, 3), of(2, 4)),
      'ShapeError: add: cannot broadcast [2, 3] with [2, 4]: axis -1 has 3 on the left and 4 on the right (sizes must be equal, or one of them 1).',
    ],
    [
      'where, shapes',
      () => plain.where(of(2, 3), of(2, 4), 0),
      'ShapeError: where: cannot broadcast [2, 3] with [2, 4]: axis -1 has 3 on the left and 4 on the right (sizes must be equal, or one of them 1).',
    ],
    [
      'maximum, shapes',
      () => plain.maximum(of(2, 3), of(4)),
      'ShapeError: maximum: cannot broadcast [2, 3] with [4]: axis -1 has 3 on the left and 4 on the right (sizes must be equal, or one of them 1).',
    ],
    [
      'lerp, shapes',
      () => plain.lerp(of(2), of(3), 0.5),
      'ShapeError: lerp: cannot broadcast [2] with [3]: axis -1 has 2 on the left and 3 on the right (sizes must be equal, or one of them 1).',
    ],
    [
      'fma, shapes',
      () => plain.fusedMultiplyAdd(of(2), of(3), of(2)),
      'ShapeError: fusedMultiplyAdd: cannot broadcast [2] with [3]: axis -1 has 2 on the left and 3 on the right (sizes must be equal, or one of them 1).',
    ],
    [
      'addcmul, shapes',
      () => plain.addcmul(of(2), of(3), of(2)),
      'ShapeError: addcmul: cannot broadcast [3] with [2]: axis -1 has 3 on the left and 2 on the right (sizes must be equal, or one of them 1).',
    ],
    [
      'prelu',
      () => plain.prelu(of(2, 3), of(2)),
      'ShapeError: prelu: cannot broadcast [2, 3] with [2]: axis -1 has 3 on the left and 2 on the right (sizes must be equal, or one of them 1). Did you mean right.unsqueeze(-1), of shape [2, 1]?',
    ],
    [
      'hypot',
      () => plain.hypot(of(2), of(3)),
      'ShapeError: hypot: cannot broadcast [2] with [3]: axis -1 has 2 on the left and 3 on the right (sizes must be equal, or one of them 1).',
    ],
    [
      'bitwiseAnd, f',
      () => plain.bitwiseAnd(of(2), of(2)),
      'DTypeError: bitwiseAnd: works on the bits of int32 and bool tensors, got float32; cast to int32 or bool first.',
    ],
    [
      'leftShift',
      () => plain.leftShift(whole(1), of(1)),
      'DTypeError: leftShift: works on the bits of int32 and bool tensors, got float32; cast to int32 or bool first.',
    ],
    [
      'celu, 0',
      () => plain.celu(of(2), 0),
      'ArgumentError: celu: alpha must be above 0, got 0: it is where the curve levels off.',
    ],
    [
      'leakyRelu, NaN',
      () => plain.leakyRelu(of(2), NaN),
      'ArgumentError: leakyRelu: slope must be a finite number, got NaN.',
    ],
    ['elu, NaN', () => plain.elu(of(2), NaN), 'ArgumentError: elu: alpha must be a finite number, got NaN.'],
    [
      'softShrink, -1',
      () => plain.softShrink(of(2), -1),
      'ArgumentError: softShrink: lambda must be from 0 up, got -1.',
    ],
    [
      'hardTanh',
      () => plain.hardTanh(of(2), { low: 1, high: 0 }),
      'ArgumentError: hardTanh: low (1) must not be above high (0).',
    ],
    [
      'threshold',
      () => plain.threshold(of(2), NaN, 0),
      'ArgumentError: threshold: the limit must be a finite number, got NaN.',
    ],
    [
      'gelu',
      () => plain.gelu(of(2), { approximate: 'erf' }),
      "ArgumentError: gelu: approximate is 'none' or 'tanh', got 'erf'.",
    ],
    [
      'logit',
      () => plain.logit(of(2), { epsilon: 0.7 }),
      'ArgumentError: logit: epsilon must be between 0 and 0.5, got 0.7.',
    ],
    [
      'glu, odd',
      () => plain.glu(of(3)),
      'ShapeError: glu: axis 0 of [3] has size 3, which has no halves; it needs an even size.',
    ],
    [
      'swiglu, odd',
      () => plain.swiglu(of(3)),
      'ShapeError: swiglu: axis 0 of [3] has size 3, which has no halves; it needs an even size.',
    ],
    [
      'maxout',
      () => plain.maxout(of(2, 3), 2, 1),
      'ArgumentError: maxout: axis 1 of [2, 3] has size 3, which 2 groups of one size cannot share.',
    ],
    [
      'sparsemax, axis',
      () => plain.sparsemax(of(2), 3),
      'AxisError: sparsemax: axis 3 is outside of a tensor of rank 1; axes run from -1 to 0.',
    ],
    [
      'polygamma',
      () => plain.polygamma(of(2), -1),
      'ArgumentError: polygamma: the order must be a whole number from 0 to 170, got -1.',
    ],
    [
      'clip, NaN',
      () => plain.clip(of(2), { low: NaN }),
      'ArgumentError: clip: low (NaN) must not be above high (Infinity).',
    ],
    [
      'nanToNumber, NaN',
      () => plain.nanToNumber(of(2), { nan: NaN }),
      'ArgumentError: nanToNumber: nan must be a finite number, got NaN.',
    ],
    [
      'nanToNumber, unknown',
      () => plain.nanToNumber(of(2), { posinf: 3 }),
      "ArgumentError: nanToNumber: knows no 'posinf'; its settings are nan, positiveInfinity, negativeInfinity.",
    ],
    [
      'floorDivide, 0',
      () => plain.floorDivide(whole(1), 0),
      'ArgumentError: floorDivide: an element of the int32 divisor is 0; cast to float32 or float64 for infinities and NaN, or mask the zeros first.',
    ],
    [
      'remainder, 0',
      () => plain.remainder(whole(1), 0),
      'ArgumentError: remainder: an element of the int32 divisor is 0; cast to float32 or float64 for infinities and NaN, or mask the zeros first.',
    ],
  ])
})

describe('reductions, scans, sorting', () => {
  expectMessages([
    [
      'sum, axis',
      () => plain.mean(of(2, 3), 5),
      'AxisError: mean: axis 5 is outside of a tensor of rank 2; axes run from -2 to 1.',
    ],
    [
      'sum, keepdim',
      () => plain.sum(of(2, 3), 0, { keepdim: true }),
      "ArgumentError: sum: knows no 'keepdim'; did you mean keepDims?",
    ],
    [
      'sum, keep_dims',
      () => plain.sum(of(2, 3), 0, { keep_dims: true }),
      "ArgumentError: sum: knows no 'keep_dims'; did you mean keepDims?",
    ],
    [
      'sum, dim',
      () => plain.sum(of(2, 3), { dim: 0 }),
      'ArgumentError: sum: an axis is a number, got a value of type object; settings come after the axis.',
    ],
    [
      'sum, true',
      () => plain.sum(of(2, 3), 0, true),
      'ArgumentError: sum: takes its settings as { keepDims }, got true.',
    ],
    [
      'variance, ddof',
      () => plain.variance(of(2, 3), 0, { ddof: 1 }),
      "ArgumentError: variance: knows no 'ddof'; its settings are correction, keepDims.",
    ],
    [
      'variance, NaN',
      () => plain.variance(of(2, 3), 0, { correction: NaN }),
      'ArgumentError: variance: correction must be a finite number, got NaN.',
    ],
    [
      'norm, ord',
      () => plain.norm(of(2, 3), -1, { ord: 1 }),
      "ArgumentError: norm: knows no 'ord'; did you mean order?",
    ],
    [
      'norm, NaN',
      () => plain.norm(of(2, 3), -1, { order: NaN }),
      'ArgumentError: norm: the order is a number such as 1, 2 or Infinity, got NaN.',
    ],
    [
      'norm, number',
      () => plain.norm(of(2, 3), 1, 1),
      'ArgumentError: norm: takes its settings as { order, keepDims }, got 1.',
    ],
    [
      'norm, settings as axis',
      () => plain.norm(of(2, 3), { order: 1 }),
      'ArgumentError: norm: an axis is a number, got a value of type object; settings come after the axis.',
    ],
    [
      'norm, settings as axis of 0-d',
      () => plain.norm(plain.tensor(1), { order: 1 }),
      'ArgumentError: norm: an axis is a number, got a value of type object; settings come after the axis.',
    ],
    [
      'normalize, settings among axes',
      () => plain.normalize(of(2, 3), [0, { order: 1 }]),
      'ArgumentError: normalize: an axis is a number, got a value of type object; settings come after the axis.',
    ],
    [
      'softmax, settings as axis',
      () => plain.softmax(of(2, 3), { axis: 1 }),
      'ArgumentError: softmax: an axis is a number, got a value of type object; settings come after the axis.',
    ],
    [
      'softmax, text as axis of 0-d',
      () => plain.softmax(plain.tensor(1), 'last'),
      "ArgumentError: softmax: an axis is a number, got 'last'.",
    ],
    [
      'fft, settings as axis',
      () => plain.fft(of(2, 2), { norm: 'ortho' }),
      'ArgumentError: fft: an axis is a number, got a value of type object; settings come after the axis.',
    ],
    [
      'concat, tensor as axis',
      () => plain.concat([of(2)], of(2)),
      'ArgumentError: concat: an axis is a number, got a tensor of shape [2].',
    ],
    ['quantile, q', () => plain.quantile(of(2, 3), 2), 'ArgumentError: quantile: q is from 0 to 1, got 2.'],
    [
      'quantile, interp',
      () => plain.quantile(of(2, 3), 0.5, 0, { interpolation: 'cubic' }),
      "ArgumentError: quantile: interpolation is one of linear, lower, higher, nearest, midpoint; got 'cubic'.",
    ],
    [
      'median, empty',
      () => plain.median(zeros([0])),
      'ArgumentError: median: there is no element to choose from along axis 0 of shape [0].',
    ],
    [
      'kthValue',
      () => plain.kthValue(of(3), 4),
      'ArgumentError: kthValue: k is a whole number from 1 to the 3 elements along axis -1 of [3], got 4.',
    ],
    [
      'topk',
      () => plain.topk(of(3), 4),
      'ArgumentError: topk: k is a whole number from 0 to the 3 elements along axis -1 of [3], got 4.',
    ],
    [
      'topk, neg',
      () => plain.topk(of(3), -1),
      'ArgumentError: topk: k is a whole number from 0 to the 3 elements along axis -1 of [3], got -1.',
    ],
    [
      'mode, empty',
      () => plain.mode(zeros([0])),
      'ArgumentError: mode: there is no element to choose from along axis 0 of shape [0].',
    ],
    [
      'maxWithIndices, empty',
      () => plain.maxWithIndices(zeros([2, 0]), 1),
      'ArgumentError: maxWithIndices: there is no element to choose from along axis 1 of shape [2, 0].',
    ],
    [
      'cumsum, axis',
      () => plain.cumsum(of(2), 1),
      'AxisError: cumsum: axis 1 is outside of a tensor of rank 1; axes run from -1 to 0.',
    ],
    [
      'cumprod, axis',
      () => plain.cumprod(of(2), -2),
      'AxisError: cumprod: axis -2 is outside of a tensor of rank 1; axes run from -1 to 0.',
    ],
    [
      'cummax, axis',
      () => plain.cummax(of(2), 1),
      'AxisError: cummax: axis 1 is outside of a tensor of rank 1; axes run from -1 to 0.',
    ],
    [
      'logCumSumExp, axis',
      () => plain.logCumSumExp(of(2), 1),
      'AxisError: logCumSumExp: axis 1 is outside of a tensor of rank 1; axes run from -1 to 0.',
    ],
    [
      'diff, times',
      () => plain.diff(of(2), -1, { times: -1 }),
      'ArgumentError: diff: times is a whole number from 0 up, got -1.',
    ],
    [
      'diff, n',
      () => plain.diff(of(2), -1, { n: 2 }),
      "ArgumentError: diff: knows no 'n'; its setting is times.",
    ],
    [
      'sort, axis',
      () => plain.sort(of(2), 1),
      'AxisError: sort: axis 1 is outside of a tensor of rank 1; axes run from -1 to 0.',
    ],
    [
      'searchSorted, shape',
      () => plain.searchSorted(of(2, 3), of(3, 2)),
      'ShapeError: searchSorted: sorted [2, 3] and values [3, 2] must agree in all axes but the last; sorted may also be one line for all values.',
    ],
    [
      'searchSorted, side',
      () => plain.searchSorted(of(2), of(2), { side: 'middle' }),
      "ArgumentError: searchSorted: side is 'left' or 'right', got 'middle'.",
    ],
    [
      'bincount, float',
      () => plain.bincount(of(2)),
      "DTypeError: bincount: counts int32 numbers, got float32; use cast('int32').",
    ],
    [
      'bincount, neg',
      () => plain.bincount(whole(-1)),
      'ArgumentError: bincount: counts numbers from 0 up, got -1.',
    ],
    [
      'bincount, weights',
      () => plain.bincount(whole(1, 2), { weights: of(3) }),
      'ShapeError: bincount: the weights [3] must have the shape [2] of the numbers.',
    ],
    [
      'histogram',
      () => plain.histogram(of(2), { bins: 0 }),
      'ArgumentError: histogram: bins is a whole number from 1 up, got 0.',
    ],
    [
      'histogram, range',
      () => plain.histogram(of(2), { low: 2, high: 1 }),
      'ArgumentError: histogram: bins from 2 to 1 cannot be; give finite edges { low, high }, the lower one first.',
    ],
    [
      'cosineSimilarity',
      () => plain.cosineSimilarity(of(2), of(3)),
      'ShapeError: cosineSimilarity: cannot broadcast [2] with [3]: axis -1 has 2 on the left and 3 on the right (sizes must be equal, or one of them 1).',
    ],
    [
      'pairwise',
      () => plain.pairwiseDistance(of(2), of(3)),
      'ShapeError: pairwiseDistance: cannot broadcast [2] with [3]: axis -1 has 2 on the left and 3 on the right (sizes must be equal, or one of them 1).',
    ],
    [
      'cdist',
      () => plain.cdist(of(2, 3), of(2, 4)),
      'ShapeError: cdist: takes points [..., p, n] and [..., r, n], got [2, 3] and [2, 4].',
    ],
    [
      'dist',
      () => plain.dist(of(2), of(3)),
      'ShapeError: dist: cannot broadcast [2] with [3]: axis -1 has 2 on the left and 3 on the right (sizes must be equal, or one of them 1).',
    ],
    [
      'trapezoid',
      () => plain.trapezoid(of(3), -1, { x: of(2) }),
      'ShapeError: trapezoid: the places x [2] do not fit the values [3] along axis 0; give one line of 3 places, or one for each value.',
    ],
    [
      'normalize, eps',
      () => plain.normalize(of(3), -1, { epsilon: NaN }),
      'ArgumentError: normalize: epsilon must be a finite number, got NaN.',
    ],
    [
      'logSumExp, axis',
      () => plain.logSumExp(of(3), [0, 0]),
      'AxisError: logSumExp: axis 0 is named twice in [0, 0].',
    ],
  ])
})

describe('shapes', () => {
  expectMessages([
    [
      'reshape, -2',
      () => of(2, 3).reshape([-2, 3]),
      'ShapeError: reshape: cannot view [2, 3] (6 elements) as [-2, 3]; the number of elements must stay, and at most one size may be -1.',
    ],
    [
      'flatten',
      () => plain.flatten(of(2, 3), 1, 0),
      'AxisError: flatten: axis 0 comes before axis 1; the start is first.',
    ],
    [
      'tile',
      () => plain.tile(of(2), [-1]),
      'ArgumentError: tile: needs a whole number from 0 up for each axis of [2], got [-1].',
    ],
    [
      'repeat',
      () => plain.repeat(of(2, 3), [2]),
      'ArgumentError: repeat: needs a whole number from 0 up for each axis of [2, 3], got [2]; tile takes 1 for axes in front that have none.',
    ],
    [
      'repeatInterleave',
      () => plain.repeatInterleave(of(3), [1, 2], 0),
      'ArgumentError: repeatInterleave: needs one whole number from 0 up, or one for each of 3 along axis 0 of [3]; got [1,2].',
    ],
    [
      'split',
      () => plain.split(of(5), [2, 2]),
      'ArgumentError: split: needs a size from 1 up, or sizes that add up to the 5 of axis 0 of [5]; got [2,2].',
    ],
    [
      'chunk',
      () => plain.chunk(of(5), 0),
      'ArgumentError: chunk: the count must be a whole number from 1 up, got 0.',
    ],
    [
      'unbind, 0d',
      () => plain.unbind(tensor(1)),
      'AxisError: unbind: axis 0 is outside of a tensor of rank 0; a 0-d tensor has no axes.',
    ],
    [
      'roll',
      () => plain.roll(of(2, 3), [1, 2], [0]),
      'ArgumentError: roll: needs one whole number for each axis, got shifts [1,2] and axes [0]; without axes one shift rolls all elements as one row.',
    ],
    ['rot90', () => plain.rot90(of(2, 3), 1, [0, 0]), 'AxisError: rot90: a plane has two axes, got [0, 0].'],
    [
      'moveAxis',
      () => plain.moveAxis(of(2, 3), [0, 1], [0]),
      'ArgumentError: moveAxis: needs a position for each axis, got [0,1] to [0].',
    ],
    [
      'moveAxis, range',
      () => plain.moveAxis(of(2, 3), 0, 2),
      'AxisError: moveAxis: axis 2 is outside of a tensor of rank 2; axes run from -2 to 1.',
    ],
    [
      'swapAxes',
      () => plain.swapAxes(of(2, 3), 0, 2),
      'AxisError: swapAxes: axis 2 is outside of a tensor of rank 2; axes run from -2 to 1.',
    ],
    [
      'tril, vec',
      () => plain.tril(of(3)),
      'AxisError: tril: needs matrices, so at least two axes; got rank 1.',
    ],
    [
      'triu, NaN',
      () => plain.triu(of(3, 3), NaN),
      'ArgumentError: triu: the diagonal must be a whole number, got NaN.',
    ],
    [
      'diag, 3d',
      () => plain.diag(of(2, 2, 2)),
      'AxisError: diag: takes a vector or a matrix, got rank 3; diagonal and diagonalEmbed take batches.',
    ],
    [
      'diagonal, vec',
      () => plain.diagonal(of(2)),
      'AxisError: diagonal: needs matrices, so at least two axes; got rank 1.',
    ],
    [
      'diagonalEmbed',
      () => plain.diagonalEmbed(of(2), { axes: [0, 0] }),
      'AxisError: diagonalEmbed: rows and columns must be two axes, got [0, 0].',
    ],
    [
      'trace, vec',
      () => plain.trace(of(2)),
      'AxisError: trace: needs matrices, so at least two axes; got rank 1.',
    ],
    [
      'pad, mode',
      () => plain.pad(of(2), [[1, 0]], { mode: 'mirror' }),
      `ArgumentError: pad: the mode is 'constant', 'reflect', 'replicate' or 'circular', got "mirror".`,
    ],
    [
      'pad, reflect too wide',
      () => plain.pad(of(2), [[2, 0]], { mode: 'reflect' }),
      "ShapeError: pad: mode 'reflect' cannot add 2 and 0 elements to axis 0 of [2]; it can add fewer than its size, because the edge is not repeated.",
    ],
    [
      'pad, unknown',
      () => plain.pad(of(2), [[1, 0]], { val: 3 }),
      "ArgumentError: pad: knows no 'val'; did you mean value?",
    ],
    [
      'unfold',
      () => plain.unfold(of(3), 0, 4, 1),
      'ArgumentError: unfold: a window of 4 elements does not fit into axis 0 of [3]; choose a smaller one, or pad the axis.',
    ],
    [
      'unfold, step',
      () => plain.unfold(of(3), 0, 2, 0),
      'ArgumentError: unfold: step must be a whole number from 1 up, got 0.',
    ],
    [
      'unfoldImages, rank',
      () => plain.unfoldImages(of(3, 3), { kernel: 2 }),
      'ShapeError: unfoldImages: takes images [..., channels, height, width], got [3, 3]; add an axis with unsqueeze.',
    ],
    [
      'unfoldImages, kernel',
      () => plain.unfoldImages(of(1, 1, 2, 2), { kernel: 5 }),
      'ShapeError: unfoldImages: no patch fits into an image of 2 by 2 with {"kernel":5}; use a smaller kernel or more padding.',
    ],
    [
      'unfoldImages, opt',
      () => plain.unfoldImages(of(1, 1, 2, 2), { kernel: 2, strides: 1 }),
      "ArgumentError: unfoldImages: knows no 'strides'; did you mean stride?",
    ],
    [
      'foldImages',
      () => plain.foldImages(of(1, 4, 3), { outputSize: [2, 2], kernel: 2 }),
      'ShapeError: foldImages: [1, 4, 3] does not fit: needs [..., a multiple of 4, 1], for kernels of 2 by 2 and 1 by 1 patches.',
    ],
    [
      'rearrange',
      () => plain.rearrange(of(2, 3), 'a b c -> a (b c)'),
      "ShapeError: rearrange: pattern 'a b c -> a (b c)': has 3 axes on the left, [2, 3] has 2.",
    ],
    [
      'rearrange, names',
      () => plain.rearrange(of(2, 3), 'a b -> a c'),
      "ArgumentError: rearrange: pattern 'a b -> a c': 'b' stands on the left only; reduceAxes takes axes away.",
    ],
    [
      'rearrange, div',
      () => plain.rearrange(of(2, 3), 'a (b c) -> a b c', { b: 2 }),
      "ShapeError: rearrange: pattern 'a (b c) -> a b c': axis 1 of [2, 3] has size 3, which does not divide into (b = 2, c).",
    ],
    [
      'rearrange, open',
      () => plain.rearrange(of(2, 6), 'a (b c) -> a b c'),
      "ArgumentError: rearrange: pattern 'a (b c) -> a b c': of (b, c) at most one size may be open; pass { b: 2 } or another one.",
    ],
    [
      'reduceAxes',
      () => plain.reduceAxes(of(2, 3), 'a b -> a', 'median'),
      `ArgumentError: reduceAxes: the reduction is one of 'sum', 'mean', 'max', 'min', 'prod', or a function of a tensor and axes; got "median".`,
    ],
    [
      'repeatAxes',
      () => plain.repeatAxes(of(2), 'a -> a b'),
      "ArgumentError: repeatAxes: pattern 'a -> a b': the size of 'b' is open; pass it, as in { b: 2 }.",
    ],
    [
      'pixelShuffle',
      () => plain.pixelShuffle(of(1, 3, 2, 2), 2),
      'ShapeError: pixelShuffle: 3 channels of [1, 3, 2, 2] are no multiple of 4, the pixels of a 2 by 2 block.',
    ],
    [
      'pixelUnshuffle',
      () => plain.pixelUnshuffle(of(1, 3, 3, 2), 2),
      'ShapeError: pixelUnshuffle: height and width of [1, 3, 3, 2] must be multiples of 2, the side of a block.',
    ],
    [
      'meshgrid',
      () => plain.meshgrid([of(2, 2)]),
      'ShapeError: meshgrid: takes vectors and numbers, got [2, 2]; flatten it first.',
    ],
    [
      'meshgrid, idx',
      () => plain.meshgrid([of(2)], { indexing: 'yx' }),
      `ArgumentError: meshgrid: indexing is 'ij' or 'xy', got "yx".`,
    ],
    [
      'broadcastTensors',
      () => plain.broadcastTensors(of(2), of(3)),
      'ShapeError: broadcastTensors: cannot broadcast [2] with [3]: axis -1 has 2 on the left and 3 on the right (sizes must be equal, or one of them 1).',
    ],
    [
      'concat, rank',
      () => plain.concat([of(2, 3), of(2)], 0),
      'ShapeError: concat: cannot join [2, 3] and [2] along axis 0; all other sizes must be equal.',
    ],
    [
      'concat, axis',
      () => plain.concat([of(2, 3), of(2, 3)], 2),
      'AxisError: concat: axis 2 is outside of a tensor of rank 2; axes run from -2 to 1.',
    ],
    [
      'matrixTranspose',
      () => plain.matrixTranspose(of(2)),
      'ShapeError: matrixTranspose: takes matrices, so at least two axes; got [2].',
    ],
    [
      'permute',
      () => plain.permute(of(2, 3), [0, 5]),
      'AxisError: permute: axis 5 is outside of a tensor of rank 2; axes run from -2 to 1.',
    ],
    [
      'unsqueeze',
      () => plain.unsqueeze(of(2), 5),
      'AxisError: unsqueeze: axis 5 is outside of a tensor of rank 2; axes run from -2 to 1.',
    ],
    [
      'expectShape',
      () => of(2, 3).expectShape([2, 4]),
      'ShapeError: expectShape: expected [2, 4], got [2, 3].',
    ],
    [
      'flip',
      () => plain.flip(of(2), 1),
      'AxisError: flip: axis 1 is outside of a tensor of rank 1; axes run from -1 to 0.',
    ],
  ])
})

describe('indexing', () => {
  expectMessages([
    [
      'at, dtype',
      () => plain.at(of(3), of(2)),
      "DTypeError: at: an index tensor is int32, or bool as a mask; got float32. Make it with { dtype: 'int32' } or cast('int32').",
    ],
    [
      'at, range',
      () => plain.at(of(3), whole(5)),
      'ArgumentError: at: index 5 at [0] is outside of axis 0 of [3], of size 3; indices run from -3 to 2.',
    ],
    [
      'at, bool',
      () => plain.at(of(3), tensor([true, false])),
      'ShapeError: at: the mask [2] does not have the sizes of axis 0 of [3].',
    ],
    [
      'at, bcast',
      () => plain.at(of(3, 3), whole(0, 1), whole(0, 1, 2)),
      'ShapeError: at: cannot broadcast [2] with [3]: axis -1 has 2 on the left and 3 on the right (sizes must be equal, or one of them 1).',
    ],
    [
      'at, many',
      () => plain.at(of(3), whole(0), whole(0)),
      'ArgumentError: at: indices for 2 axes, but [3] has 1.',
    ],
    [
      'take',
      () => plain.take(of(3), whole(3)),
      'ArgumentError: take: index 3 at [0] is outside of the elements of [3], of size 3; indices run from -3 to 2.',
    ],
    [
      'take, float',
      () => plain.take(of(3), of(1)),
      "DTypeError: take: indices must be int32, got float32; make them with { dtype: 'int32' } or cast('int32').",
    ],
    [
      'indexSelect',
      () => plain.indexSelect(of(3, 2), 0, whole(3)),
      'ArgumentError: indexSelect: index 3 at [0] is outside of axis 0 of [3, 2], of size 3; indices run from -3 to 2.',
    ],
    [
      'indexSelect, rank',
      () => plain.indexSelect(of(3, 2), 0, tensor([[0]], { dtype: 'int32' })),
      'ShapeError: indexSelect: the indices must be a list, got shape [1, 1].',
    ],
    [
      'gather',
      () => plain.gather(of(3), 0, whole(3)),
      'ArgumentError: gather: index 3 at [0] is outside of axis 0 of [3].',
    ],
    [
      'takeAlongAxis',
      () => plain.takeAlongAxis(of(3, 2), whole(0), 0),
      'ShapeError: takeAlongAxis: indices of shape [1] need the rank of [3, 2]; give them axes of size 1 where they repeat.',
    ],
    [
      'scatter',
      () => plain.scatter(of(3), 0, whole(0, 1), of(3)),
      'ShapeError: scatter: the source [3] does not fill the indices [2]; the shapes must be equal, or the source must broadcast.',
    ],
    [
      'scatter, range',
      () => plain.scatter(of(3), 0, whole(5), of(1)),
      'ArgumentError: scatter: index 5 at [0] is outside of axis 0 of [3], of size 3; indices run from -3 to 2.',
    ],
    [
      'scatterReduce',
      () => plain.scatterReduce(of(3), 0, whole(0), of(1), 'median'),
      "ArgumentError: scatterReduce: there is no reduction 'median'; use sum, mean, prod, amax, amin.",
    ],
    [
      'indexAdd',
      () => plain.indexAdd(of(3, 2), 0, whole(0), of(1, 3)),
      'ShapeError: indexAdd: the source [1, 3] does not fill the indexed part [1, 2]; the shapes must be equal, or the source must broadcast.',
    ],
    [
      'indexCopy',
      () => plain.indexCopy(of(3, 2), 0, whole(7), of(1, 2)),
      'ArgumentError: indexCopy: index 7 at [0] is outside of axis 0 of [3, 2], of size 3; indices run from -3 to 2.',
    ],
    [
      'indexFill',
      () => plain.indexFill(of(3, 2), 0, whole(7), 1),
      'ArgumentError: indexFill: index 7 at [0] is outside of axis 0 of [3, 2], of size 3; indices run from -3 to 2.',
    ],
    [
      'indexPut',
      () => plain.indexPut(of(3), [whole(0)], of(4)),
      'ShapeError: indexPut: the source [4] does not fill the indexed part [1]; the shapes must be equal, or the source must broadcast.',
    ],
    [
      'maskedFill',
      () => plain.maskedFill(of(3), of(3), 0),
      "DTypeError: maskedFill: the mask must be bool, got float32 of shape [3]; compare, as in x.greater(0), or use cast('bool').",
    ],
    [
      'maskedFill, shape',
      () => plain.maskedFill(of(3), tensor([true, false]), 0),
      'ShapeError: maskedFill: cannot broadcast [3] with [2]: axis -1 has 3 on the left and 2 on the right (sizes must be equal, or one of them 1).',
    ],
    [
      'maskedSelect',
      () => plain.maskedSelect(of(3), of(3)),
      "DTypeError: maskedSelect: the mask must be bool, got float32 of shape [3]; compare, as in x.greater(0), or use cast('bool').",
    ],
    [
      'maskedScatter',
      () => plain.maskedScatter(of(3), tensor([true, true, true]), of(2)),
      'ArgumentError: maskedScatter: the mask is true 3 times, the source [2] has 2 elements only.',
    ],
    [
      'oneHot',
      () => plain.oneHot(whole(3), 3),
      'ArgumentError: oneHot: index 3 at [0] is outside of the classes, of size 3; indices run from 0 to 2.',
    ],
    [
      'oneHot, f',
      () => plain.oneHot(of(1), 3),
      "DTypeError: oneHot: indices must be int32, got float32; make them with { dtype: 'int32' } or cast('int32').",
    ],
    [
      'embedding',
      () => plain.embedding(of(3, 2), whole(3)),
      'ArgumentError: embedding: index 3 at [0] is outside of axis 0 of [3, 2], of size 3; indices run from 0 to 2.',
    ],
    [
      'segmentSum',
      () => plain.segmentSum(of(3), whole(0, 0), 2),
      'ShapeError: segmentSum: the segment numbers [2] must have the first axes of [3].',
    ],
    [
      'segmentSum, neg',
      () => plain.segmentSum(of(1), whole(5), 2),
      'ArgumentError: segmentSum: index 5 at [0] is outside of the segments, of size 2; indices run from 0 to 1.',
    ],
  ])
})

describe('matrices', () => {
  expectMessages([
    [
      'dot',
      () => plain.dot(of(2), of(3)),
      'ShapeError: dot: takes two vectors of equal length, got [2] and [3]; matmul, inner and tensordot take more axes.',
    ],
    [
      'vdot',
      () => plain.vdot(of(2), of(3)),
      'ShapeError: vdot: takes tensors with equally many elements, got [2] and [3].',
    ],
    [
      'inner',
      () => plain.inner(of(2, 3), of(2, 4)),
      'ShapeError: inner: the last axes of [2, 3] and [2, 4] must be equally long.',
    ],
    [
      'tensordot',
      () => plain.tensordot(of(2, 3), of(4, 5), 1),
      'ShapeError: tensordot: axis 1 of [2, 3] and axis 0 of [4, 5] are to be summed over together, but have 3 and 4 elements.',
    ],
    [
      'tensordot, many',
      () => plain.tensordot(of(2, 3), of(3, 5), 3),
      'ArgumentError: tensordot: cannot sum over 3 axes of [2, 3] and [3, 5].',
    ],
    [
      'einsum, size',
      () => plain.einsum('ij,jk->ik', of(2, 3), of(4, 5)),
      "ShapeError: einsum: in 'ij,jk->ik', 'j' has sizes 3 and 4; operands [2, 3], [4, 5].",
    ],
    [
      'einsum, count',
      () => plain.einsum('ij,jk->ik', of(2, 3)),
      "ArgumentError: einsum: 'ij,jk->ik' describes 2 operands, but there are 1.",
    ],
    [
      'einsum, rank',
      () => plain.einsum('ijk->i', of(2, 3)),
      "ShapeError: einsum: 'ijk->i' names 3 axes of operand 0, which has shape [2, 3].",
    ],
    [
      'einsum, out',
      () => plain.einsum('ij->k', of(2, 3)),
      "ArgumentError: einsum: 'ij->k' names 'k' behind the arrow, but no operand has such an axis.",
    ],
    [
      'einsum, char',
      () => plain.einsum('i1->i', of(2, 3)),
      "ArgumentError: einsum: 'i1->i' contains '1'; axes are letters, and '...' stands for all others.",
    ],
    [
      'kron, 0d',
      () => plain.kron(of(2), 'a'),
      "ArgumentError: kron: takes tensors, got 'a'; make one with tensor(...).",
    ],
    [
      'cross',
      () => plain.cross(of(2), of(2)),
      'ShapeError: cross: takes vectors of three components along axis -1, got [2] and [2].',
    ],
    [
      'multiDot',
      () => plain.multiDot([of(2, 3), of(2, 3)]),
      'ShapeError: multiDot: sizes do not fit: [2, 3] × [2, 3].',
    ],
    [
      'inverse, sing',
      () =>
        plain.inverse(
          tensor([
            [1, 2],
            [2, 4],
          ]),
        ),
      'ArgumentError: inverse: the matrix is singular to working precision: pivot 1 of 2 is 0. Try pseudoInverse or leastSquares, or add a small multiple of eye(n).',
    ],
    [
      'inverse, rect',
      () => plain.inverse(of(2, 3)),
      'ShapeError: inverse: takes square matrices, got [2, 3] (2 ≠ 3).',
    ],
    [
      'inverse, vec',
      () => plain.inverse(of(3)),
      'ShapeError: inverse: takes matrices, so at least two axes; got [3].',
    ],
    [
      'solve, shape',
      () => plain.solve(eye(2), of(3)),
      'ShapeError: solve: a matrix [2, 2] does not fit the right side [3]: 2 ≠ 3 rows.',
    ],
    [
      'solve, sing',
      () =>
        plain.solve(
          tensor([
            [1, 2],
            [2, 4],
          ]),
          of(2),
        ),
      'ArgumentError: solve: the matrix is singular to working precision: pivot 1 of 2 is 0. Try pseudoInverse or leastSquares, or add a small multiple of eye(n).',
    ],
    [
      'solve, 0d',
      () => plain.solve(eye(2), tensor(1)),
      'ShapeError: solve: the right side is a vector or matrices, got a 0-d tensor.',
    ],
    [
      'triangularSolve',
      () =>
        plain.triangularSolve(
          tensor([
            [0, 1],
            [1, 1],
          ]),
          of(2),
        ),
      'ArgumentError: triangularSolve: the matrix is singular: number 0 of its diagonal is 0.',
    ],
    [
      'triangularSolve, opt',
      () => plain.triangularSolve(eye(2), of(2), { lower: true }),
      "ArgumentError: triangularSolve: knows no 'lower'; its settings are upper, transpose, unitriangular, left.",
    ],
    [
      'cholesky',
      () =>
        plain.cholesky(
          tensor([
            [1, 2],
            [2, 1],
          ]),
        ),
      'ArgumentError: cholesky: the matrix is not positive definite: pivot 1 of 2 is -3. Add a small multiple of eye(n), or use eigh.',
    ],
    [
      'cholesky, batch',
      () =>
        plain.cholesky(
          tensor([
            [
              [1, 0],
              [0, 1],
            ],
            [
              [1, 2],
              [2, 1],
            ],
          ]),
        ),
      'ArgumentError: cholesky: the matrix is not positive definite (batch [1]): pivot 1 of 2 is -3. Add a small multiple of eye(n), or use eigh.',
    ],
    [
      'choleskySolve',
      () => plain.choleskySolve(eye(2), of(3)),
      'ShapeError: choleskySolve: a matrix [2, 2] does not fit the right side [3]: 2 ≠ 3 rows.',
    ],
    ['lu', () => plain.lu(of(3)), 'ShapeError: lu: takes matrices, so at least two axes; got [3].'],
    ['qr', () => plain.qr(of(3)), 'ShapeError: qr: takes matrices, so at least two axes; got [3].'],
    [
      'qr, mode',
      () => plain.qr(of(3, 2), { mode: 'economic' }),
      "ArgumentError: qr: the mode is 'reduced' or 'complete', got 'economic'.",
    ],
    [
      'eigh, rect',
      () => plain.eigh(of(2, 3)),
      'ShapeError: eigh: takes square matrices, got [2, 3] (2 ≠ 3).',
    ],
    ['svd, vec', () => plain.svd(of(2)), 'ShapeError: svd: takes matrices, so at least two axes; got [2].'],
    [
      'svd, opt',
      () => plain.svd(of(2, 2), { full_matrices: true }),
      "ArgumentError: svd: knows no 'full_matrices'; did you mean fullMatrices?",
    ],
    [
      'leastSquares',
      () => plain.leastSquares(of(3, 2), of(2)),
      'ShapeError: leastSquares: a matrix [3, 2] does not fit the right side [2]: 3 ≠ 2 rows.',
    ],
    [
      'matrixPower',
      () => plain.matrixPower(eye(2), 0.5),
      'ArgumentError: matrixPower: the power must be a whole number, got 0.5.',
    ],
    [
      'matrixPower, neg sing',
      () =>
        plain.matrixPower(
          tensor([
            [1, 2],
            [2, 4],
          ]),
          -1,
        ),
      'ArgumentError: inverse: the matrix is singular to working precision: pivot 1 of 2 is 0. Try pseudoInverse or leastSquares, or add a small multiple of eye(n).',
    ],
    [
      'matrixExp',
      () => plain.matrixExp(of(2, 3)),
      'ShapeError: matrixExp: takes square matrices, got [2, 3] (2 ≠ 3).',
    ],
    [
      'matrixNorm',
      () => plain.matrixNorm(of(2, 3), 'l2'),
      "ArgumentError: matrixNorm: the order is 'fro', 'nuc', 1, -1, 2, -2, Infinity or -Infinity, got 'l2'.",
    ],
    [
      'conditionNumber',
      () => plain.conditionNumber(of(2, 3), 1),
      'ShapeError: conditionNumber: takes square matrices, got [2, 3] (2 ≠ 3).',
    ],
    [
      'matrixRank',
      () => plain.matrixRank(of(2)),
      'ShapeError: matrixRank: takes matrices, so at least two axes; got [2].',
    ],
    [
      'pseudoInverse',
      () => plain.pseudoInverse(of(2, 2), { rcond: 2 }),
      'ArgumentError: pseudoInverse: rcond is a number from 0 up and below 1, got 2.',
    ],
    [
      'baddbmm',
      () => plain.baddbmm(of(2), of(2, 3), of(3, 2)),
      'ShapeError: baddbmm: multiplies tensors of rank 3, got [2, 3] and [3, 2]; matmul takes any rank.',
    ],
    [
      'addmm',
      () => plain.addmm(of(2), of(2, 3), of(4, 2)),
      'ShapeError: addmm: inner sizes differ, [2, 3] × [4, 2] (3 ≠ 4).',
    ],
    [
      'determinant',
      () => plain.determinant(of(2, 3)),
      'ShapeError: determinant: takes square matrices, got [2, 3] (2 ≠ 3).',
    ],
  ])
})

describe('creation and random numbers', () => {
  expectMessages([
    [
      'tensor, ragged',
      () => plain.tensor([[1, 2], [3]]),
      'ArgumentError: tensor: the nested array is ragged: [1] has 1 entries where 2 entries would fit.',
    ],
    [
      'tensor, text',
      () => plain.tensor(['a']),
      "ArgumentError: tensor: data[0] is 'a'; tensors hold numbers or booleans.",
    ],
    [
      'tensor, shape',
      () => plain.tensor([1, 2, 3], { shape: [2, 2] }),
      'ShapeError: tensor: shape [2, 2] has 4 elements, the data has 3.',
    ],
    [
      'tensor, dtype',
      () => plain.tensor([1], { dtype: 'f16' }),
      "DTypeError: tensor: 'f16' is not a dtype; use float32, float64, int32 or bool.",
    ],
    [
      'tensor, frac int',
      () => plain.tensor([0.5], { dtype: 'int32' }),
      'DTypeError: tensor: 0.5 does not fit dtype int32; use a floating dtype, or round it first.',
    ],
    [
      'tensor, requires_grad',
      () => plain.tensor([1], { requires_grad: true }),
      "ArgumentError: tensor: knows no 'requires_grad'; did you mean requiresGrad?",
    ],
    [
      'tensor, mixed',
      () => plain.tensor([1, true]),
      'ArgumentError: tensor: data mixes numbers and booleans; use one of them.',
    ],
    [
      'zeros, neg',
      () => plain.zeros([-1]),
      'ArgumentError: zeros: [-1] is not a shape; sizes are whole numbers from 0 up.',
    ],
    [
      'zeros, NaN',
      () => plain.zeros([NaN]),
      'ArgumentError: zeros: [NaN] is not a shape; sizes are whole numbers from 0 up.',
    ],
    [
      'ones, numbers',
      () => plain.ones(2, 3),
      'ArgumentError: ones: takes its settings as { dtype, requiresGrad, name }, got 3.',
    ],
    ['full, text', () => plain.full([2], 'x'), "ArgumentError: full: takes numbers, got 'x'."],
    [
      'eye, neg',
      () => plain.eye(-1),
      'ArgumentError: eye: [-1, -1] is not a shape; sizes are whole numbers from 0 up.',
    ],
    [
      'arange, step',
      () => plain.arange(0, 3, 0),
      'ArgumentError: arange: cannot count from 0 to 3 in steps of 0.',
    ],
    [
      'linspace, count',
      () => plain.linspace(0, 1, -1),
      'ArgumentError: linspace: the count must be a whole number from 0 up, got -1.',
    ],
    [
      'linspace, NaN',
      () => plain.linspace(NaN, 1, 3),
      'ArgumentError: linspace: start must be a finite number, got NaN.',
    ],
    [
      'geomspace',
      () => plain.geomspace(-1, 1, 3),
      'ArgumentError: geomspace: the ends must be finite and both above 0 or both below, got -1 and 1.',
    ],
    [
      'normal, no rng',
      () => plain.normal([2, 3]),
      'ArgumentError: normal: takes a generator first, got an array: normal(new Rng(0), ...).',
    ],
    [
      'normal, std',
      () => plain.normal(new Rng(0), [2], { std: -1 }),
      'ArgumentError: normal: mean (0) and std (-1) must be finite, and std not negative.',
    ],
    [
      'normal, NaN',
      () => plain.normal(new Rng(0), [2], { mean: NaN }),
      'ArgumentError: normal: mean (NaN) and std (1) must be finite, and std not negative.',
    ],
    [
      'normal, sigma',
      () => plain.normal(new Rng(0), [2], { sigma: 2 }),
      "ArgumentError: normal: knows no 'sigma'; its settings are mean, std, dtype.",
    ],
    [
      'uniform',
      () => plain.uniform(new Rng(0), [2], { low: 1, high: 0 }),
      'ArgumentError: uniform: low (1) and high (0) must be finite, and low not above high.',
    ],
    [
      'randomIntegers',
      () => plain.randomIntegers(new Rng(0), [2], { low: 3, high: 3 }),
      'ArgumentError: randomIntegers: low (3) and high (3) must be whole numbers of 32 bits, and low below high.',
    ],
    [
      'truncatedNormal',
      () => plain.truncatedNormal(new Rng(0), [2], { low: 3, high: 3 }),
      'ArgumentError: truncatedNormal: mean (0) and std (1) must be finite and std above 0, low (3) below high (3).',
    ],
    [
      'bernoulli',
      () => plain.bernoulli(new Rng(0), 2),
      'ArgumentError: bernoulli: a probability lies between 0 and 1, got 2.',
    ],
    [
      'choice',
      () => plain.choice(new Rng(0), 3, [4], { replace: false }),
      'ArgumentError: choice: cannot draw 4 of 3 elements without replacement.',
    ],
    [
      'choice, w',
      () => plain.choice(new Rng(0), 3, [2], { weights: of(2) }),
      'ShapeError: choice: there are 2 weights for 3 elements.',
    ],
    [
      'categorical',
      () => plain.categorical(new Rng(0), tensor(1)),
      'AxisError: categorical: axis -1 is outside of a tensor of rank 0; a 0-d tensor has no axes.',
    ],
    [
      'multivariateNormal',
      () => plain.multivariateNormal(new Rng(0), of(2), eye(3)),
      'ShapeError: multivariateNormal: a mean [..., n] needs a covariance [..., n, n], got [2] and [3, 3].',
    ],
    [
      'gamma',
      () => plain.gamma(new Rng(0), -1, [2]),
      'ArgumentError: gamma: concentration must be above 0, got -1.',
    ],
    [
      'dirichlet',
      () => plain.dirichlet(new Rng(0), tensor(1)),
      'ArgumentError: dirichlet: the concentrations need an axis of at least one element.',
    ],
    [
      'exponential',
      () => plain.exponential(new Rng(0), [2], { rate: 0 }),
      'ArgumentError: exponential: rate must be above 0, got 0.',
    ],
    [
      'poisson',
      () => plain.poisson(new Rng(0), -1, [2]),
      'ArgumentError: poisson: a rate lies between 0 and 2146483648, got -1.',
    ],
    [
      'dropoutMask',
      () => plain.dropoutMask(new Rng(0), [2], 1.5),
      'ArgumentError: dropoutMask: the rate must be a number from 0 to 1, got 1.5.',
    ],
    [
      'orthogonal',
      () => plain.orthogonal(new Rng(0), [2]),
      'ArgumentError: orthogonal: needs at least two axes, got the shape [2].',
    ],
    [
      'gumbelSoftmax',
      () => plain.gumbelSoftmax(new Rng(0), of(3), -1, { temperature: 0 }),
      'ArgumentError: gumbelSoftmax: temperature must be above 0, got 0.',
    ],
    [
      'permutation',
      () => plain.permutation(new Rng(0), -1),
      'ArgumentError: permutation: [-1] is not a shape; sizes are whole numbers from 0 up.',
    ],
    [
      'Rng',
      () => new Rng(-1),
      'ArgumentError: Rng: the seed must be a whole number from 0 to 2^53 - 1, got -1.',
    ],
    [
      'cast',
      () => plain.cast(of(2), 'float16'),
      "DTypeError: cast: 'float16' is not a dtype; use float32, float64, int32 or bool.",
    ],
  ])
})

describe('gradients', () => {
  const sumOf = (x: Tensor): Tensor => x.sum()
  const twice = (x: Tensor): Tensor => x.mul(2)
  const vector = of(2)

  expectMessages([
    [
      'backward, settings of another library',
      () => plain.backward(leaf([1, 2]).sum(), { retainGraph: true }),
      "ArgumentError: backward: knows no 'retainGraph'; its settings are cotangent, createGraph.",
    ],
    [
      'backward, not a single number',
      () => leaf([1, 2]).mul(2).backward(),
      'GraphError: backward: the tensor has shape [2]; a gradient starts from a single number. Reduce it first (sum, mean), or pass { cotangent } of shape [2].',
    ],
    [
      'backward, nothing recorded',
      () => sumOf(vector).backward(),
      'GraphError: backward: the tensor of shape [] was not recorded: nothing that it was made of requires gradients. Make a Parameter, or a tensor with { requiresGrad: true }, and mind noGrad and detach. A gradient is itself recorded only with { createGraph: true }.',
    ],
    [
      'backward, cotangent',
      () =>
        leaf([1, 2])
          .mul(2)
          .backward({ cotangent: of(3) }),
      'ShapeError: backward: the cotangent has shape [3], the tensor [2]; they must be equal.',
    ],
    [
      'requiresGrad of whole numbers',
      () => tensor(1, { dtype: 'int32', requiresGrad: true }),
      "DTypeError: tensor: a tensor of dtype int32 cannot require gradients; convert it with cast('float32') or cast('float64') first.",
    ],
    [
      'a parameter that was assigned',
      () => {
        const w = new Parameter(tensor([1, 2]), 'w')
        const loss = w.mul(w).sum()
        w.assign(tensor([3, 4]))
        loss.backward()
      },
      "ChangedParameterError: mul: the parameter 'w' was assigned after this op recorded it, and the gradient of mul needs the old values. Call backward() before the optimizer step, or compute the loss again after it.",
    ],
    [
      'assign, shape',
      () => new Parameter(tensor([1, 2]), 'w').assign(tensor([1]) as never),
      "ShapeError: assign to 'w': the parameter has shape [2], the new values [1].",
    ],
    [
      'grad, not a single number',
      () => adjoint.grad(twice)(vector),
      'GraphError: grad: the function returned shape [2]; a gradient starts from a single number. Reduce it first (sum, mean), or use vjp.',
    ],
    [
      'grad, whole numbers',
      () => adjoint.grad(sumOf)(whole(1)),
      'DTypeError: grad: an input of shape [1] has dtype int32; gradients need float32 or float64. Cast it, or pass it as a further argument.',
    ],
    [
      'grad, a function that returns a number',
      () => adjoint.grad(((x: Tensor) => x.sum().item()) as never)(vector),
      'GraphError: grad: the function must return a tensor, it returned number.',
    ],
    [
      'grad, a function that returns a promise',
      () => adjoint.grad((async (x: Tensor) => x.sum()) as never)(vector),
      'GraphError: grad: the function must return a tensor, it returned a promise; only synchronous functions can be recorded.',
    ],
    [
      'grad, no function',
      () => plain.grad(vector),
      'ArgumentError: grad: takes a function, got a tensor of shape [2].',
    ],
    [
      'grad, settings of another library',
      () => plain.grad(sumOf, { argnums: 1 }),
      "ArgumentError: grad: knows no 'argnums'; its settings are auxiliary, wrt.",
    ],
    [
      'grad, no such argument',
      () => adjoint.grad(sumOf, { wrt: 1 })(vector),
      'ArgumentError: grad: wrt names argument 1, but the call has 1.',
    ],
    [
      'grad, nothing auxiliary',
      () => adjoint.grad(sumOf as never, { auxiliary: true })(vector as never),
      'GraphError: grad: with { auxiliary: true } the function must return [a single number, anything].',
    ],
    [
      'grad, a number in a tree',
      () => adjoint.grad(({ w }: { w: Tensor }) => w.sum())({ w: vector, n: 3 } as never),
      "ArgumentError: grad: 'n' is a number; expected a tensor, or arrays and plain records of tensors.",
    ],
    [
      'a hook on a constant',
      () => adjoint.onGradient(vector, g => g),
      'GraphError: onGradient: no gradient reaches the tensor of shape [2]: it does not require gradients. Inside of grad, set the hook on tensors that the function makes.',
    ],
    [
      'a hook that returns another shape',
      () => {
        const x = leaf([1, 2])
        adjoint.onGradient(x, () => tensor(1) as Tensor)
        x.sum().backward()
      },
      'ShapeError: onGradient: a hook returned shape [] for the gradient of a tensor of shape [2]; return a tensor of that shape, or nothing.',
    ],
    [
      'noGrad, asynchronous',
      () => adjoint.noGrad(async () => 1),
      'ArgumentError: noGrad: the function returned a promise; the scope covers synchronous code only. Await outside of it.',
    ],
    [
      'reading one number of two',
      () => vector.item(),
      'ShapeError: item: needs a tensor with one element, got shape [2] with 2. Reduce it first (sum, mean) or use toArray().',
    ],
    [
      'recompute, a stranger',
      () => adjoint.recompute(leaf(1).mul(2), new Map([[vector, vector]])),
      'GraphError: recompute: the tensor of shape [2] is not in the graph of the output. Replace tensors that it was made of; graphOf(output) shows them.',
    ],
    [
      'eigenvectors of equal eigenvalues',
      () => adjoint.grad((x: Tensor) => adjoint.eigh(x).vectors.sum())(eye(2)),
      'ArgumentError: eigh: the vectors have no derivative where values are equal or a singular value is 0: values 0 and 1 are 1 and 1, a gap of 0. What depends on the values alone has its first derivative there.',
    ],
    [
      'slogDeterminant of a singular matrix',
      () => adjoint.grad((x: Tensor) => adjoint.slogDeterminant(x).logAbsDeterminant)(of(2, 2)),
      'ArgumentError: logAbsDeterminant: the matrix is singular to working precision: pivot 1 of 2 is 0. Try pseudoInverse or leastSquares, or add a small multiple of eye(n).',
    ],
  ])

  expectMessages([
    [
      'jvp, tangent',
      () => adjoint.jvp(sumOf, vector, of(3)),
      'ShapeError: jvp: the tangent has shape [3], its input has [2]; they must be equal.',
    ],
    [
      'jvp, tangents of another form',
      () => adjoint.jvp(({ w }: { w: Tensor }) => w.sum(), { w: vector }, { v: vector } as never),
      "ArgumentError: jvp: the tangents must be a tree of the same form as the inputs: 'w' is missing.",
    ],
    [
      'vjp, cotangent',
      () => adjoint.vjp(twice, vector).pullback(of(3)),
      'ShapeError: vjp: the cotangent has shape [3], the tensor [2]; they must be equal.',
    ],
    [
      'linearize, tangent',
      () => adjoint.linearize(twice, vector).pushforward(of(3)),
      'ShapeError: linearize: the tangent has shape [3], its input has [2]; they must be equal.',
    ],
    [
      'jacfwd, whole numbers',
      () => adjoint.jacfwd(twice)(whole(2)),
      'DTypeError: jacfwd: an input of shape [1] has dtype int32; gradients need float32 or float64. Cast it, or pass it as a further argument.',
    ],
    [
      'jacrev, whole numbers',
      () => adjoint.jacrev(twice)(whole(2)),
      'DTypeError: jacrev: an input of shape [1] has dtype int32; gradients need float32 or float64. Cast it, or pass it as a further argument.',
    ],
    [
      'hvp, direction',
      () => adjoint.hvp(sumOf, vector, of(3)),
      'ShapeError: hvp: the tangent has shape [3], its input has [2]; they must be equal.',
    ],
  ])
})

describe('reading values while tracing', () => {
  const vector = of(2)

  expectMessages([
    [
      'item inside of vmap',
      () =>
        adjoint.vmap((x: Tensor) => {
          x.item()
          return x
        })(vector),
      'GraphError: item: inside of vmap a tensor of shape [] stands for 2 examples at once: it has no single value to read. Write conditions with where, return what you want to look at, or use stopGradient on the result of vmap.',
    ],
    [
      'an op whose shape depends on values, inside of vmap',
      () => adjoint.vmap((x: Tensor) => adjoint.nonzero(x))(of(2, 3)),
      'GraphError: data: inside of vmap a tensor of shape [3] stands for 2 examples at once: it has no single value to read. Write conditions with where, return what you want to look at, or use stopGradient on the result of vmap.',
    ],
    [
      'backward inside of vmap',
      () =>
        adjoint.vmap((x: Tensor) => {
          x.mul(2).backward()
          return x
        })(vector),
      'GraphError: backward: cannot fill .grad inside of vmap; use grad there.',
    ],
    [
      'backward inside of jvp',
      () =>
        adjoint.jvp(
          (x: Tensor) => {
            x.sum().backward()
            return x
          },
          vector,
          vector,
        ),
      'GraphError: backward: cannot fill .grad inside of jvp; use grad there.',
    ],
    [
      'vmap, lengths',
      () => adjoint.vmap((x: Tensor, y: Tensor) => x.add(y))(vector, of(3)),
      'ShapeError: vmap: the batch axes have different lengths: 2 (axis 0 of [2], argument 0) and 3 (axis 0 of [3], argument 1).',
    ],
    [
      'vmap, axis',
      () => adjoint.vmap((x: Tensor) => x, { inAxes: 2 })(vector),
      'AxisError: vmap: argument 0: axis 2 is outside of a tensor of rank 1; axes run from -1 to 0.',
    ],
    [
      'vmap, settings of another library',
      () => plain.vmap((x: Tensor) => x, { in_axes: 1 }),
      "ArgumentError: vmap: knows no 'in_axes'; did you mean inAxes?",
    ],
    [
      'vmap, no batch axis',
      () => adjoint.vmap((x: Tensor) => x, { inAxes: null })(vector),
      'ArgumentError: vmap: no argument has a batch axis; at least one entry of inAxes must be a number.',
    ],
    [
      'vmap, a number',
      () => adjoint.vmap((x: number) => tensor(x) as Tensor)(3),
      'ArgumentError: vmap: argument 0 is 3, which has no batch axis; give it null in inAxes.',
    ],
    [
      'vmap, a result that is not the same for all',
      () => adjoint.vmap((x: Tensor) => x, { outAxes: null })(vector),
      'ArgumentError: vmap: outAxes says null for the result, but it differs from example to example.',
    ],
    [
      'a custom rule that reads a value and is differentiated again',
      () => {
        const own = adjoint.customVjp({
          name: 'ownSquare',
          forward: (x: Tensor) => x.mul(x),
          vjp: (cotangent, { inputs: [x] }) => cotangent.mul(2 * x.item()),
        })
        adjoint.grad(adjoint.grad((x: Tensor) => own(x)))(tensor(2))
      },
      "GraphError: item: the rule vjp of 'ownSquare' reads a value, and its result is to be differentiated again: that would silently be wrong. Write the rule with ops.",
    ],
  ])
})

describe('custom rules, checkpoint, scan', () => {
  const square = (x: Tensor): Tensor => x.mul(x)
  const keep = (state: Tensor): readonly [Tensor, null] => [state, null]
  const start: Tensor = tensor(0)

  expectMessages([
    [
      'customVjp, no rule',
      () => plain.customVjp({ name: 'own', forward: square }),
      'ArgumentError: customVjp: takes a declaration { name, forward, vjp }, a text and two functions; got a value of type object.',
    ],
    [
      'customVjp, cotangent of another shape',
      () =>
        adjoint
          .customVjp({ name: 'own', forward: square, vjp: cotangent => cotangent.sum() })(leaf([1, 2]))
          .sum()
          .backward(),
      'ShapeError: own: the rule vjp returned shape [] for input 0 of shape [2]; sum over axes that were broadcast.',
    ],
    [
      'customVjp, a cotangent too few',
      () =>
        adjoint
          .customVjp({
            name: 'own',
            forward: (x: Tensor, y: Tensor) => x.mul(y),
            vjp: cotangent => [cotangent],
          })(leaf([1, 2]), leaf([1, 2]))
          .sum()
          .backward(),
      'GraphError: own: the rule vjp must return one cotangent, or null, for each of 2 inputs, it returned 1.',
    ],
    [
      'customVjp, forward uses a parameter',
      () => {
        const w = leaf(2)
        adjoint.customVjp({ name: 'own', forward: (x: Tensor) => x.mul(w), vjp: c => c })(leaf(1))
      },
      'GraphError: own: forward uses a tensor that a gradient is wanted of and that is not an argument: its gradient would be lost. Pass it as an argument, or detach() it.',
    ],
    [
      'customVjp, forward returns a number',
      () => adjoint.customVjp({ name: 'own', forward: () => 3 as never, vjp: c => c })(),
      'GraphError: own: forward must return a tensor, it returned 3.',
    ],
    [
      'customJvp, tangent of another shape',
      () => {
        const own = adjoint.customJvp({ name: 'own', forward: square, jvp: ([tangent]) => tangent.sum() })
        adjoint.jvp((x: Tensor) => own(x), of(2), of(2))
      },
      'ShapeError: own: the rule jvp returned shape [] for a result of shape [2].',
    ],
    [
      'checkpoint, another result the second time',
      () => {
        let calls = 0
        const block = adjoint.checkpoint((x: Tensor) => x.mul(x).mul(++calls))
        block(leaf([1, 2]))
          .sum()
          .backward()
      },
      'GraphError: checkpoint: the function gave another result when it ran again for the gradient. It must not draw from a shared random generator, count its calls, or use values that were changed since.',
    ],
    [
      'scan, a state that changes its shape',
      () => adjoint.scan((state: Tensor, x: Tensor) => [adjoint.stack([state, state]), x], start, of(3)),
      'ShapeError: scan: a step must keep the form of the state: it went in as [] float32 and came out as [2] float32.',
    ],
    [
      'scan, no pair',
      () => plain.scan((state: Tensor) => state, start, of(3)),
      'ArgumentError: scan: the step must return [next state, output or null], it returned a tensor of shape [].',
    ],
    [
      'scan, no number of steps',
      () => adjoint.scan(keep, start, null),
      'ArgumentError: scan: needs at least one step, got undefined; without inputs say { length }.',
    ],
    [
      'scan, lengths',
      () => plain.scan(keep, start, [of(2), of(3)]),
      'ShapeError: scan: the inputs have different lengths: [2], [3]; the steps go along their first axes.',
    ],
    [
      'scan, a number of steps that the inputs do not have',
      () => plain.scan(keep, start, of(3), { length: 2 }),
      'ArgumentError: scan: length is 2, but the inputs have 3 steps.',
    ],
  ])
})

describe('with numbers and lines of the moment', () => {
  test('a parameter that was assigned, recorded in development', () => {
    const w = new Parameter(tensor([1, 2]), 'w')
    const loss = adjoint.development(() => w.mul(w).sum())
    w.assign(tensor([3, 4]))
    expect(errorOf(() => loss.backward())).toMatch(
      /^ChangedParameterError: mul: the parameter 'w' was assigned after this op recorded it \(recorded at .*errorTexts\.test\.ts:\d+:\d+\), and the gradient of mul needs the old values\. Call backward\(\) before the optimizer step, or compute the loss again after it\.$/,
    )
  })

  test('a custom rule that is not the derivative, in development', () => {
    const wrong = adjoint.customVjp({
      name: 'ownSquare',
      forward: (x: Tensor) => x.mul(x),
      vjp: (cotangent, { inputs: [x] }) => cotangent.mul(x),
    })
    expect(errorOf(() => adjoint.development(() => wrong(leaf([1, 2]))))).toMatch(
      /^GraphError: ownSquare: the rule is not the derivative of forward: along a random direction the rule gives \S+, a difference quotient \S+\. Correct the rule \(checkGradients of @adjoint\/testing shows which entry is wrong\), or declare \{ surrogate: true \} when it is meant to differ\.$/,
    )
  })
})

test('a derivative that is not written down is called so', () => {
  const draw = (concentration: Tensor): Tensor => adjoint.gamma(new Rng(0), concentration, [])
  let f = (x: Tensor): Tensor => draw(x)
  const orders = 8
  for (let i = 0; i < orders; i++) f = adjoint.grad(f)
  expect(errorOf(() => f(tensor(2)))).toMatch(
    /^NotDifferentiableError: gammaSlope: derivatives of gamma draws with respect to the concentration end at order \d+\.$/,
  )
})

describe('every function', () => {
  const functions = Object.entries(adjoint).filter(
    ([name, value]) => typeof value === 'function' && !/^[A-Z]/.test(name),
  )
  const nonsense: readonly (readonly unknown[])[] = [[undefined], [null], ['x'], [{}], [of(2, 3), 'x']]

  test.each(functions)('%s answers nonsense with an error of ours, or not at all', name => {
    for (const args of nonsense) {
      const said = errorOf(() => plain[name as keyof typeof plain](...args))
      if (said === 'no error') continue
      expect(said, `${name}(${args.map(String).join(', ')})`).toMatch(
        /^(ShapeError|AxisError|DTypeError|ArgumentError|GraphError|ChangedParameterError|NotDifferentiableError): /,
      )
    }
  })
})
