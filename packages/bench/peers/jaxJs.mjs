// Worker: the workloads in jax-js, compiled by its jit. `node jaxJs.mjs FOLDER worker|coldStart`
//
// A value is consumed by whatever takes it; `.ref` keeps it for one more use.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { norm, serve } from '../dist/worker.js'

const [folder, role] = process.argv.slice(2)
const packageFolder = join(folder, 'node_modules/@jax-js/jax')
const jax = await import(pathToFileURL(join(packageFolder, 'dist/index.js')).href)
const { numpy: np, nn, lax, jit, valueAndGrad, grad, jvp, tree } = jax
await jax.init('wasm')
jax.defaultDevice('wasm')

const give = ({ shape, data }) =>
  np.array(data, { shape: [...shape], dtype: data instanceof Int32Array ? np.int32 : np.float32 })

/** Gives the numbers and keeps the array. */
const numbersOf = array => array.ref.dataSync()
const numberOf = array => {
  const values = numbersOf(array)
  return values.length === 1 ? values[0] : norm(values)
}

/** A step that returns arrays. What is pending is done when the first of them is read: all come from one program. */
function task(run) {
  let results = []
  return {
    step: () => {
      for (const result of results) result.dispose()
      results = run()
      for (const result of results) if (result.size <= 64) numbersOf(result)
      if (results.every(result => result.size > 64)) numbersOf(results[0])
    },
    read: () => results.map(numberOf),
  }
}

const ACTIVATIONS = { sigmoid: nn.sigmoid, tanh: np.tanh, relu: nn.relu }

/** Takes z and y over. */
const LOSSES = {
  // −log σ(z) for y = 1 and −log(1 − σ(z)) for y = 0, as softplus(z) − y z.
  binaryCrossEntropy: (z, y) => np.mean(nn.softplus(z.ref).sub(z.mul(y))),
  meanSquaredError: (z, y) => np.mean(np.square(z.sub(y))),
  crossEntropy: (z, y) => {
    const rows = z.shape[0]
    return np.sum(nn.logSoftmax(z, -1).mul(y)).mul(-1 / rows)
  },
}

/** Trains with plain descent or Adam; everything that is updated is handed through the program. */
function training({ settings, arrays }, names, predict) {
  const x = give(arrays.X)
  const y = settings.loss === 'crossEntropy' ? nn.oneHot(give(arrays.Y), 10) : give(arrays.Y)
  const lossOf = (weights, x, y) => LOSSES[settings.loss](predict(weights, x), y)
  const rate = settings.learningRate
  let weights = names.map(name => give(arrays[name]))
  if (settings.optimizer !== 'adam') {
    const step = jit((weights, x, y) => {
      const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(weights), x, y)
      return [loss, weights.map((weight, i) => weight.sub(gradients[i].mul(rate)))]
    })
    return task(() => {
      const [loss, next] = step(weights, x.ref, y.ref)
      weights = next
      return [loss]
    })
  }
  let means = weights.map(weight => np.zeros(weight.shape))
  let squares = weights.map(weight => np.zeros(weight.shape))
  let count = 0
  const step = jit((weights, means, squares, meanShare, squareShare, x, y) => {
    const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(weights), x, y)
    const nextMeans = means.map((mean, i) => mean.mul(0.9).add(gradients[i].ref.mul(0.1)))
    const nextSquares = squares.map((square, i) => square.mul(0.999).add(np.square(gradients[i]).mul(0.001)))
    const next = weights.map((weight, i) => {
      const root = np.sqrt(nextSquares[i].ref.div(squareShare.ref)).add(1e-8)
      return weight.sub(nextMeans[i].ref.div(meanShare.ref).div(root).mul(rate))
    })
    meanShare.dispose()
    squareShare.dispose()
    return [loss, next, nextMeans, nextSquares]
  })
  return task(() => {
    count++
    const shares = [0.9, 0.999].map(beta => np.array(new Float32Array([1 - beta ** count])))
    const [loss, ...next] = step(weights, means, squares, ...shares, x.ref, y.ref)
    ;[weights, means, squares] = next
    return [loss]
  })
}

/** z = x Wᵀ + b, taking all three over. */
const dense = (x, weight, bias) => np.matmul(x, np.matrixTranspose(weight)).add(bias)

function perceptron(problem) {
  const { sizes, activation } = problem.settings
  const names = sizes.slice(1).flatMap((_, i) => [`weight${i + 1}`, `bias${i + 1}`])
  return training(problem, names, (weights, x) => forward(weights, x, ACTIVATIONS[activation]))
}

function forward(weights, x, activation) {
  let a = x
  for (let i = 0; i < weights.length; i += 2) {
    a = dense(a, weights[i], weights[i + 1])
    if (i + 2 < weights.length) a = activation(a)
  }
  return a
}

function convolution({ settings, arrays }) {
  const names = Object.keys(arrays).filter(name => name !== 'X' && name !== 'Y')
  const layer = (x, weight, bias) => {
    const z = lax.convGeneralDilated(x, weight, [1, 1], 'VALID').add(bias.reshape([-1, 1, 1]))
    return lax.reduceWindow(nn.relu(z), window => np.max(window), [2, 2], [2, 2])
  }
  const predict = ([w1, b1, w2, b2, w3, b3], x) => {
    const features = layer(layer(x, w1, b1), w2, b2)
    return dense(features.reshape([settings.batch, 800]), w3, b3)
  }
  return training({ settings: { ...settings, loss: 'crossEntropy' }, arrays }, names, predict)
}

function forwardAndBackward(arrays, layer) {
  const names = Object.keys(arrays).filter(name => name !== 'X')
  const x = give(arrays.X)
  const weights = names.map(name => give(arrays[name]))
  const meanSquare = (values, x) =>
    np.mean(np.square(layer(x, Object.fromEntries(values.map((value, i) => [names[i], value])))))
  const step = jit((weights, x) => valueAndGrad(meanSquare)(weights, x))
  return task(() => {
    const [value, gradients] = step(tree.ref(weights), x.ref)
    return [value, ...gradients]
  })
}

function recurrent({ family, settings, arrays }) {
  const { batch, time, hidden } = settings
  const step = family === 'lstm' ? lstmStep : gruStep
  return forwardAndBackward(arrays, (x, w) => {
    const flat = x.reshape([batch * time, -1])
    const projected = dense(flat, w.weight_ih_l0, w.bias_ih_l0).reshape([batch, time, -1])
    const weight = np.matrixTranspose(w.weight_hh_l0)
    let state = [np.zeros([batch, hidden]), np.zeros([batch, hidden])]
    const outputs = np.unstack(projected, 1).map(now => {
      const recurrent = np.matmul(state[0].ref, weight.ref).add(w.bias_hh_l0.ref)
      state = step(now, recurrent, state)
      return state[0].ref
    })
    for (const value of [weight, w.bias_hh_l0, ...state]) value.dispose()
    return np.stack(outputs, 1)
  })
}

function lstmStep(now, recurrent, [h, cell]) {
  h.dispose()
  const [i, f, g, o] = np.split(now.add(recurrent), 4, 1)
  const next = nn
    .sigmoid(f)
    .mul(cell)
    .add(nn.sigmoid(i).mul(np.tanh(g)))
  return [nn.sigmoid(o).mul(np.tanh(next.ref)), next]
}

function gruStep(now, recurrent, [h, unused]) {
  const [ri, zi, ni] = np.split(now, 3, 1)
  const [rh, zh, nh] = np.split(recurrent, 3, 1)
  const r = nn.sigmoid(ri.add(rh))
  const z = nn.sigmoid(zi.add(zh))
  const n = np.tanh(ni.add(r.mul(nh)))
  return [n.ref.add(z.mul(h.sub(n))), unused]
}

function transformer({ settings, arrays }) {
  const { batch, time, features, heads, epsilon } = settings
  const size = features / heads
  const layerNorm = (x, weight, bias) => {
    const centered = x.ref.sub(np.mean(x, -1, { keepdims: true }))
    const variance = np.mean(np.square(centered.ref), -1, { keepdims: true })
    return centered
      .div(np.sqrt(variance.add(epsilon)))
      .mul(weight)
      .add(bias)
  }
  const cut = x => np.transpose(x.reshape([batch, time, heads, size]), [0, 2, 1, 3])
  return forwardAndBackward(arrays, (x, w) => {
    const rows = x.reshape([batch * time, features])
    const first = layerNorm(rows.ref, w['norm1.weight'], w['norm1.bias'])
    const all = dense(first, w['self_attn.in_proj_weight'], w['self_attn.in_proj_bias'])
    const [q, k, v] = np.split(all, 3, 1).map(cut)
    const scores = np.matmul(q, np.matrixTranspose(k)).mul(1 / Math.sqrt(size))
    const attended = np.matmul(nn.softmax(scores, -1), v)
    const joined = np.transpose(attended, [0, 2, 1, 3]).reshape([batch * time, features])
    const between = rows.add(dense(joined, w['self_attn.out_proj.weight'], w['self_attn.out_proj.bias']))
    const second = layerNorm(between.ref, w['norm2.weight'], w['norm2.bias'])
    const hidden = nn.gelu(dense(second, w['linear1.weight'], w['linear1.bias']), { approximate: false })
    return between.add(dense(hidden, w['linear2.weight'], w['linear2.bias']))
  })
}

/** A program of arrays that stay. */
function program(inputs, f) {
  const run = jit((...values) => f(...values))
  return task(() => run(...inputs.map(input => input.ref)))
}

function matmul({ settings, arrays }) {
  const { form } = settings
  return program([give(arrays.A), give(arrays.B)], (a, b) => [
    np.matmul(form === 'left' ? np.matrixTranspose(a) : a, form === 'right' ? np.matrixTranspose(b) : b),
  ])
}

function tanhSigmoid({ settings, arrays }) {
  const inputs = [give(arrays.X), give(arrays.w), give(arrays.b)]
  const value = (x, w, b) => np.sum(np.tanh(x.ref.mul(w).add(b)).mul(nn.sigmoid(x)))
  if (!settings.withGradient) return program(inputs, (...values) => [value(...values)])
  const withGradients = valueAndGrad(value, { argnums: [0, 1, 2] })
  return program(inputs, (...values) => {
    const [result, gradients] = withGradients(...values)
    return [result, ...gradients]
  })
}

function softmax({ arrays }) {
  const withGradient = valueAndGrad((x, c) => np.sum(c.mul(nn.softmax(x, -1))))
  return program([give(arrays.X), give(arrays.c)], (x, c) => withGradient(x, c))
}

function hessianVectorProduct({ settings, arrays }) {
  const names = settings.sizes.slice(1).flatMap((_, i) => [`weight${i + 1}`, `bias${i + 1}`])
  const count = names.length
  const inputs = [...names, ...names.map(name => `vector.${name}`), 'X', 'Y'].map(name => give(arrays[name]))
  return program(inputs, (...values) => {
    const [x, y] = values.slice(2 * count)
    const lossOf = weights => LOSSES.meanSquaredError(forward(weights, x.ref, np.tanh), y.ref)
    const [gradients, products] = jvp(
      grad(lossOf),
      [values.slice(0, count)],
      [values.slice(count, 2 * count)],
    )
    for (const gradient of gradients) gradient.dispose()
    for (const value of [x, y]) value.dispose()
    return products
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
  tanh: ({ arrays }) => program([give(arrays.X)], x => [np.tanh(x)]),
  sum: ({ settings, arrays }) => program([give(arrays.X)], x => [np.sum(x, settings.axis)]),
  hessianVectorProduct,
}

if (role === 'coldStart') {
  const slope = grad(x => np.sum(np.square(x)))(np.array([1, 2, 3])).dataSync()
  if (slope.join() !== '2,4,6') throw new Error('a wrong gradient')
} else {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))
  await serve(
    problem => MAKERS[problem.family](problem),
    () => `jax-js ${version}, wasm`,
  )
}
