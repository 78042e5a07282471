/** Carbon dioxide over Mauna Loa: the next twelve months, by LSTM and GRU. */
import { noGrad, Rng, type Tensor, tensor } from '@adjoint/core'
import { DataLoader, Dataset, loadCO2 } from '@adjoint/data'
import {
  Adam,
  Dense,
  type ForwardContext,
  fit,
  GRU,
  huber,
  LSTM,
  parameters,
  progressBar,
  rootMeanSquaredError,
} from '@adjoint/nn'
import { streamsOf } from '../networks/streams.ts'
import type { Figure, TrainingTask } from './task.ts'

/** Months that a forecast looks back and ahead, and the months at the end that are held out. */
const [BACK, AHEAD, HELD_OUT] = [36, 12, 120]

/** What is known when a forecast is made, and what came then; in ppm. */
interface Forecasts {
  /** `[forecasts, BACK, 2]`: growth over a year beside the mean growth, and the value beside the last one. */
  readonly x: Tensor
  /** `[forecasts, AHEAD]`: the values of the same months a year before. */
  readonly yearBefore: Tensor
  /** `[forecasts, 1]`: mean growth of the last year. */
  readonly growth: Tensor
  /** `[forecasts, AHEAD]`: what came. */
  readonly y: Tensor
}

/** All forecasts whose months ahead lie in [from, to). */
function forecastsOf(series: Float64Array, from: number, to: number): Forecasts {
  const yearly = (t: number): number => series[t]! - series[t - 12]!
  const [x, yearBefore, growth, y]: number[][] = [[], [], [], []]
  const first = Math.max(from, BACK + 12)
  for (let t = first; t + AHEAD <= to; t++) {
    let mean = 0
    for (let k = 1; k <= 12; k++) mean += yearly(t - k) / 12
    for (let k = t - BACK; k < t; k++) x!.push(yearly(k) - mean, (series[k]! - series[t - 1]!) / 3)
    for (let k = t; k < t + AHEAD; k++) {
      yearBefore!.push(series[k - 12]!)
      y!.push(series[k]!)
    }
    growth!.push(mean)
  }
  const count = to - AHEAD - first + 1
  const table = (values: number[], shape: readonly number[]): Tensor =>
    tensor(values, { shape: [...shape] }) as Tensor
  return {
    x: table(x!, [count, BACK, 2]),
    yearBefore: table(yearBefore!, [count, AHEAD]),
    growth: table(growth!, [count, 1]),
    y: table(y!, [count, AHEAD]),
  }
}

/** A recurrent layer reads the past; its last output says by how much the growth will differ from the last year's. */
class Forecaster {
  readonly recurrent: LSTM | GRU
  readonly output: Dense

  constructor(recurrent: LSTM | GRU, rng: Rng) {
    this.recurrent = recurrent
    this.output = new Dense(recurrent.hidden, AHEAD, { rng })
  }

  forward(x: Tensor, context?: ForwardContext): Tensor {
    const read = this.recurrent.forward(x, context)
    return this.output.forward(read.slice(null, -1))
  }

  /** `[forecasts, AHEAD]`, in ppm. */
  forecast({ x, yearBefore, growth }: Omit<Forecasts, 'y'>, context?: ForwardContext): Tensor {
    return yearBefore.add(growth).add(this.forward(x, context)) as Tensor
  }
}

export const carbonDioxide: TrainingTask = {
  name: 'co2',
  description: 'LSTM and GRU forecast a year of carbon dioxide over Mauna Loa, month by month',
  run: async ({ seed, quick, stream }) => {
    const start = performance.now()
    const streams = streamsOf(seed)
    const { values } = await loadCO2({ fillGaps: true, dtype: 'float64' })
    const series = Float64Array.from(values.data())
    const cut = series.length - HELD_OUT
    const [train, test] = [forecastsOf(series, 0, cut), forecastsOf(series, cut, series.length)]

    const naive = rootMeanSquaredError(test.yearBefore, test.y)
    const drift = rootMeanSquaredError(test.yearBefore.add(test.growth) as Tensor, test.y)
    const figures: Figure[] = [
      { name: 'seasonal naive, root mean squared error in ppm', value: naive },
      { name: "with last year's growth, root mean squared error in ppm", value: drift },
    ]
    const rng = streams.initial
    const layers = { LSTM: new LSTM(2, 24, { rng }), GRU: new GRU(2, 24, { rng }) }
    for (const [name, layer] of Object.entries(layers)) {
      const model = new Forecaster(layer, rng)
      await fit({
        model,
        optimizer: new Adam(parameters(model), { learningRate: 2e-3 }),
        batches: new DataLoader(Dataset.fromTensors({ ...train }), {
          batchSize: 32,
          shuffle: streams.shuffle,
        }),
        loss: ({ y, ...known }, context) => huber(model.forecast(known, context), y),
        epochs: quick ? 1 : 15,
        rng: new Rng(seed),
        callbacks: [progressBar(stream, { label: name })],
      })
      const value = rootMeanSquaredError(
        noGrad(() => model.forecast(test)),
        test.y,
      )
      figures.push({
        name: `${name}, root mean squared error in ppm`,
        value,
        required: { most: 0.5 * naive },
      })
    }
    return { figures, seconds: (performance.now() - start) / 1000 }
  },
}
