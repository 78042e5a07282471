import { backward, Rng, sigmoid, tensor } from '@adjoint/core/functional'
import { binaryCrossEntropyWithLogits, Dense, parameters, SGD, sequential } from '@adjoint/nn'

const rng = new Rng(0)
const model = sequential(new Dense(2, 4, { rng }), sigmoid, new Dense(4, 1, { rng }))
const optimizer = new SGD(parameters(model), { learningRate: 0.5 })
const x = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
])
const y = tensor([[0], [1], [1], [0]])

for (let step = 0; step < 1000; step++) {
  backward(binaryCrossEntropyWithLogits(model.forward(x), y))
  optimizer.step()
}
