// Worker: the workloads in TensorFlow.js. `node tensorflowJs.mjs FOLDER worker|coldStart cpu|wasm`
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { norm, serve } from '../dist/worker.js'

const [folder, role, backend] = process.argv.slice(2)
const require = createRequire(join(folder, 'package.json'))
// It greets on standard error, where the bench looks for the reason when a worker fails.
console.warn = () => {}
const tf = require('@tensorflow/tfjs')
if (backend === 'wasm') require('@tensorflow/tfjs-backend-wasm')
await tf.setBackend(backend)

const give = ({ shape, data }) => tf.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32')

/** A matrix `[rows, columns]` as its transpose: kernels are `[inputs, outputs]` here. */
const transposed = values => tf.tidy(() => tf.transpose(give(values)))

const numberOf = tensor => (tensor.size === 1 ? tensor.dataSync()[0] : norm(tensor.dataSync()))

/** A step that returns tensors; those of the step before are disposed of. */
function task(run) {
  let results = []
  return {
    step: () => {
      tf.dispose(results)
      results = run()
    },
    read: () => results.map(numberOf),
  }
}

const ACTIVATIONS = { sigmoid: tf.sigmoid, tanh: tf.tanh, relu: tf.relu }

function training({ settings, arrays }, predict, optimizer) {
  const x = give(arrays.X)
  const classes = 10
  const y = settings.loss === 'crossEntropy' ? tf.oneHot(give(arrays.Y), classes).toFloat() : give(arrays.Y)
  const lossOf = {
    binaryCrossEntropy: tf.losses.sigmoidCrossEntropy,
    meanSquaredError: tf.losses.meanSquaredError,
    crossEntropy: tf.losses.softmaxCrossEntropy,
  }[settings.loss]
  return task(() => [optimizer.minimize(() => lossOf(y, predict(x)), true)])
}

function perceptron(problem) {
  const { settings, arrays } = problem
  const layers = settings.sizes.slice(1).map((_, i) => ({
    kernel: tf.variable(transposed(arrays[`weight${i + 1}`])),
    bias: tf.variable(give(arrays[`bias${i + 1}`])),
  }))
  const activation = ACTIVATIONS[settings.activation]
  const predict = x =>
    layers.reduce((a, { kernel, bias }, i) => {
      const z = tf.add(tf.matMul(a, kernel), bias)
      return i < layers.length - 1 ? activation(z) : z
    }, x)
  const { learningRate } = settings
  const optimizer =
    settings.optimizer === 'sgd' ? tf.train.sgd(learningRate) : tf.train.adam(learningRate, 0.9, 0.999, 1e-8)
  return training(problem, predict, optimizer)
}

function convolution(problem) {
  const { settings, arrays } = problem
  // Channels come last here: images [m, y, x, c], kernels [y, x, in, out].
  const kernel = name => tf.variable(tf.transpose(give(arrays[name]), [2, 3, 1, 0]))
  const bias = name => tf.variable(give(arrays[name]))
  const [w1, w2] = [kernel('0.weight'), kernel('3.weight')]
  const [b1, b2, b3] = [bias('0.bias'), bias('3.bias'), bias('7.bias')]
  const rows = tf.reshape(give(arrays['7.weight']), [10, 32, 5, 5])
  const w3 = tf.variable(tf.transpose(tf.reshape(tf.transpose(rows, [0, 2, 3, 1]), [10, 800])))
  const predict = x => {
    const images = tf.transpose(x, [0, 2, 3, 1])
    const first = tf.maxPool(tf.relu(tf.add(tf.conv2d(images, w1, 1, 'valid'), b1)), 2, 2, 'valid')
    const second = tf.maxPool(tf.relu(tf.add(tf.conv2d(first, w2, 1, 'valid'), b2)), 2, 2, 'valid')
    return tf.add(tf.matMul(tf.reshape(second, [settings.batch, 800]), w3), b3)
  }
  const withLoss = { settings: { ...settings, loss: 'crossEntropy' }, arrays }
  return training(withLoss, predict, tf.train.sgd(settings.learningRate))
}

/** The mean square of what a layer gives, and its gradients by the arrays that are weights, in their order. */
function forwardAndBackward(arrays, forward) {
  const names = Object.keys(arrays).filter(name => name !== 'X')
  const x = give(arrays.X)
  const weights = names.map(name => give(arrays[name]))
  const meanSquare = (...values) =>
    tf.mean(tf.square(forward(x, Object.fromEntries(values.map((value, i) => [names[i], value])))))
  const withGradients = tf.valueAndGrads(meanSquare)
  return task(() => {
    const { value, grads } = withGradients(weights)
    return [value, ...grads]
  })
}

function recurrent({ family, settings, arrays }) {
  const { batch, time, hidden } = settings
  const step = family === 'lstm' ? lstmStep : gruStep
  return forwardAndBackward(arrays, (x, w) => {
    const wx = w.weight_ih_l0
    const flat = tf.reshape(x, [batch * time, -1])
    const projected = tf.reshape(tf.add(tf.matMul(flat, wx, false, true), w.bias_ih_l0), [batch, time, -1])
    let state = [tf.zeros([batch, hidden]), tf.zeros([batch, hidden])]
    const outputs = tf.unstack(projected, 1).map(now => {
      const recurrent = tf.add(tf.matMul(state[0], w.weight_hh_l0, false, true), w.bias_hh_l0)
      state = step(now, recurrent, state, hidden)
      return state[0]
    })
    return tf.stack(outputs, 1)
  })
}

function lstmStep(now, recurrent, [, cell]) {
  const [i, f, g, o] = tf.split(tf.add(now, recurrent), 4, 1)
  const next = tf.add(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), tf.tanh(g)))
  return [tf.mul(tf.sigmoid(o), tf.tanh(next)), next]
}

function gruStep(now, recurrent, [state]) {
  const [ri, zi, ni] = tf.split(now, 3, 1)
  const [rh, zh, nh] = tf.split(recurrent, 3, 1)
  const r = tf.sigmoid(tf.add(ri, rh))
  const z = tf.sigmoid(tf.add(zi, zh))
  const n = tf.tanh(tf.add(ni, tf.mul(r, nh)))
  const next = tf.add(n, tf.mul(z, tf.sub(state, n)))
  return [next, next]
}

function transformer({ settings, arrays }) {
  const { batch, time, features, heads, epsilon } = settings
  const size = features / heads
  const dense = (x, weight, bias) => tf.add(tf.matMul(x, weight, false, true), bias)
  const norm = (x, weight, bias) => {
    const { mean, variance } = tf.moments(x, 1, true)
    return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), weight), bias)
  }
  const cut = x => tf.transpose(tf.reshape(x, [batch, time, heads, size]), [0, 2, 1, 3])
  const gelu = x => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))
  // Rows are examples and times together, so that every product with weights is one of two matrices.
  return forwardAndBackward(arrays, (x, w) => {
    const rows = tf.reshape(x, [batch * time, features])
    const first = norm(rows, w['norm1.weight'], w['norm1.bias'])
    const all = dense(first, w['self_attn.in_proj_weight'], w['self_attn.in_proj_bias'])
    const [q, k, v] = tf.split(all, 3, 1).map(cut)
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(size))
    const attended = tf.matMul(tf.softmax(scores), v)
    const joined = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [batch * time, features])
    const between = tf.add(rows, dense(joined, w['self_attn.out_proj.weight'], w['self_attn.out_proj.bias']))
    const second = norm(between, w['norm2.weight'], w['norm2.bias'])
    const hidden = gelu(dense(second, w['linear1.weight'], w['linear1.bias']))
    return tf.add(between, dense(hidden, w['linear2.weight'], w['linear2.bias']))
  })
}

function matmul({ settings, arrays }) {
  const [a, b] = [give(arrays.A), give(arrays.B)]
  return task(() => [tf.matMul(a, b, settings.form === 'left', settings.form === 'right')])
}

function tanhSigmoid({ settings, arrays }) {
  const inputs = [give(arrays.X), give(arrays.w), give(arrays.b)]
  const value = (x, w, b) => tf.sum(tf.mul(tf.tanh(tf.add(tf.mul(x, w), b)), tf.sigmoid(x)))
  if (!settings.withGradient) return task(() => [tf.tidy(() => value(...inputs))])
  const withGradients = tf.valueAndGrads(value)
  return task(() => {
    const { value, grads } = withGradients(inputs)
    return [value, ...grads]
  })
}

function softmax({ arrays }) {
  const [x, c] = [give(arrays.X), give(arrays.c)]
  const withGradient = tf.valueAndGrad(x => tf.sum(tf.mul(c, tf.softmax(x))))
  return task(() => {
    const { value, grad } = withGradient(x)
    return [value, grad]
  })
}

function add({ settings, arrays }) {
  const [x, y] = [give(arrays.X), give(arrays.Y)]
  if (!settings.withBackward) return task(() => [tf.add(x, y)])
  const withGradient = tf.valueAndGrad(x => tf.add(x, y))
  return task(() => {
    const { value, grad } = withGradient(x, y)
    return [value, grad]
  })
}

const MAKERS = {
  perceptron,
  convolution,
  lstm: recurrent,
  gru: recurrent,
  transformer,
  matmul,
  tanhSigmoid,
  softmax,
  tanh: ({ arrays }) => {
    const x = give(arrays.X)
    return task(() => [tf.tanh(x)])
  },
  sum: ({ settings, arrays }) => {
    const x = give(arrays.X)
    return task(() => [tf.sum(x, settings.axis)])
  },
  add,
}

if (role === 'coldStart') {
  const slope = tf
    .grad(x => tf.sum(tf.square(x)))(tf.tensor([1, 2, 3]))
    .dataSync()
  if (slope.join() !== '2,4,6') throw new Error('a wrong gradient')
} else {
  await serve(
    problem => MAKERS[problem.family](problem),
    () => `TensorFlow.js ${tf.version.tfjs}, ${tf.getBackend()}`,
  )
}
