/** A million training steps in a plain synchronous loop: does memory stay flat? */

import { Rng, sigmoid } from '@adjoint/core'
import { binaryCrossEntropyWithLogits, Dense, parameters, SGD, sequential } from '@adjoint/nn'

/** What the process held at some step. */
export interface MemorySample {
  readonly step: number
  readonly heapMegabytes: number
  readonly arrayMegabytes: number
  readonly residentMegabytes: number
}

/** Trains a 2-3-1 net for `steps` steps without any call to manage memory, and samples what the process holds. */
export function sampleMemory(steps: number, report: (sample: MemorySample) => void): MemorySample[] {
  const rng = new Rng(0)
  const model = sequential(new Dense(2, 3, { rng }), sigmoid, new Dense(3, 1, { rng }))
  const optimizer = new SGD(parameters(model), { learningRate: 0.1 })
  const X = rng.normal([4, 2])
  const Y = X.slice(null, [0, 1]).greater(0).cast('float32')
  const samples: MemorySample[] = []
  for (let step = 1; step <= steps; step++) {
    const loss = binaryCrossEntropyWithLogits(model.forward(X), Y)
    loss.backward()
    optimizer.step()
    if (step % (steps / 10) !== 0) continue
    const sample = sampleAt(step)
    samples.push(sample)
    report(sample)
  }
  return samples
}

function sampleAt(step: number): MemorySample {
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  const megabytes = (bytes: number) => Math.round(bytes / 1e4) / 100
  return {
    step,
    heapMegabytes: megabytes(heapUsed),
    arrayMegabytes: megabytes(arrayBuffers),
    residentMegabytes: megabytes(rss),
  }
}
