import { Rng, tensor } from '@adjoint/core/functional'
import { DataLoader, Dataset, readSafetensors } from '@adjoint/data'

const data = Dataset.fromTensors({ x: tensor([1, 2, 3]) })
for (const { x } of new DataLoader(data, { batchSize: 2, shuffle: new Rng(0) })) console.log(x.shape)
console.log(readSafetensors(new Uint8Array(8)).metadata)
