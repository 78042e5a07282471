import { Rng, tensor } from '@adjoint/core/functional'
import { binaryCrossEntropyWithLogits, Dense, Sequential, SGD, sigmoid } from '@adjoint/nn'

const rng = new Rng(0)
const model = new Sequential(new Dense(2, 4, { rng }), sigmoid, new Dense(4, 1, { rng }))
const optimizer = new SGD(model, { lr: 0.5 })
const x = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
])
const y = tensor([[0], [1], [1], [0]])

for (let step = 0; step < 1000; step++) {
  const loss = binaryCrossEntropyWithLogits(model.forward(x), y)
  loss.backward()
  optimizer.step()
}
