// Worker: the workloads that js-pytorch has the parts for. `node jsPytorch.mjs FOLDER worker|coldStart`
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { norm, serve } from '../dist/worker.js'

const [folder, role] = process.argv.slice(2)
const packageFolder = join(folder, 'node_modules/js-pytorch')
const { torch } = await import(pathToFileURL(join(packageFolder, 'dist/index.mjs')).href)

/** Its tensors are nested arrays of numbers. */
function nested({ shape, data }) {
  let level = Array.from(data)
  for (const size of shape.slice(1).reverse()) {
    level = Array.from({ length: level.length / size }, (_, i) => level.slice(i * size, (i + 1) * size))
  }
  return level
}

function transposed({ shape: [rows, columns], data }) {
  const values = data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)])
  return { shape: [columns, rows], data: values }
}

const flat = values => (Array.isArray(values) ? values.flat(Number.POSITIVE_INFINITY) : [values])
const numberOf = values => {
  const all = flat(values)
  return all.length === 1 ? all[0] : norm(all)
}

function perceptron({ settings, arrays }) {
  const { sizes, activation, loss, learningRate } = settings
  if (activation !== 'relu') throw new Error(`has no ${activation}`)
  const layers = sizes.slice(1).map((outputs, i) => {
    const layer = new torch.nn.Linear(sizes[i], outputs)
    layer.W = new torch.Parameter(nested(transposed(arrays[`weight${i + 1}`])))
    layer.b = new torch.Parameter(nested(arrays[`bias${i + 1}`]))
    return layer
  })
  const relu = new torch.nn.ReLU()
  const [x, y] = [torch.tensor(nested(arrays.X)), torch.tensor(nested(arrays.Y))]
  const lossOf = loss === 'crossEntropy' ? new torch.nn.CrossEntropyLoss() : new torch.nn.MSELoss()
  // Its squared error is averaged over the examples only.
  const share = loss === 'meanSquaredError' ? 1 / sizes.at(-1) : 1
  const parameters = layers.flatMap(({ W, b }) => [W, b])
  const adam = new torch.optim.Adam(parameters, learningRate, 0, [0.9, 0.999], 1e-8)
  let value
  const step = () => {
    const z = layers.reduce((a, layer, i) => {
      const z = layer.forward(a)
      return i < layers.length - 1 ? relu.forward(z) : z
    }, x)
    value = lossOf.forward(z, y).mul(share)
    value.backward()
    if (settings.optimizer === 'adam') adam.step()
    // It has no plain descent; this is what its Adam does, without the moments.
    else for (const p of parameters) p._data = p.add(p._grad.mul(-learningRate))._data
    adam.zero_grad()
  }
  return { step, read: () => [numberOf(value.data)] }
}

function matmul({ settings, arrays }) {
  let [a, b] = [torch.tensor(nested(arrays.A)), torch.tensor(nested(arrays.B))]
  if (settings.form === 'left') a = torch.transpose(a, 0, 1)
  if (settings.form === 'right') b = torch.transpose(b, 0, 1)
  let c
  const step = () => {
    c = torch.matmul(a, b)
  }
  return { step, read: () => [numberOf(c.data)] }
}

function add({ settings, arrays }) {
  const x = torch.tensor(nested(arrays.X), true)
  const y = torch.tensor(nested(arrays.Y))
  let z
  const step = () => {
    // Otherwise the operand remembers every result that was made of it.
    x.zero_grad()
    z = torch.add(x, y)
    if (settings.withBackward) z.backward(y)
  }
  return { step, read: () => [z.data, ...(settings.withBackward ? [x.grad] : [])].map(numberOf) }
}

const MAKERS = { perceptron, matmul, add }

if (role === 'coldStart') {
  const x = torch.tensor([1, 2, 3], true)
  x.mul(x).sum().backward()
  if (flat(x.grad).join() !== '2,4,6') throw new Error('a wrong gradient')
} else {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))
  await serve(
    problem => MAKERS[problem.family](problem),
    () => `js-pytorch ${version}`,
  )
}
