// The training loop: what it computes, what callbacks see, and that a run can be cut anywhere.
import { ArgumentError, Parameter, Rng, relu, type Tensor, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import {
  Adam,
  type Batches,
  type Callback,
  checkpoints,
  Dense,
  DivergenceError,
  type EpochRecord,
  earlyStopping,
  type FitOptions,
  type ForwardContext,
  fit,
  meanSquaredError,
  parameters,
  progressBar,
  SGD,
  scheduled,
  sequential,
  stateOf,
  type TrainingState,
} from '../src/index.ts'

type Batch = readonly [x: Tensor, y: Tensor]

/** Noise on the hidden units while training, as dropout makes it. */
class Noise {
  forward(x: Tensor, context: ForwardContext = {}): Tensor {
    return context.training ? x.add(context.rng!.normal(x.shape, { std: 0.1 })) : x
  }
}

const data = new Rng(5)
const BATCHES: readonly Batch[] = Array.from({ length: 5 }, () => {
  const x = data.normal([8, 3])
  return [x, x.square().sum(1, { keepDims: true })]
})

/** Batches in an order of their own for each epoch, which say where they are. */
class Shuffled implements Iterable<Batch> {
  readonly length = BATCHES.length
  state = { epoch: 0, position: 0 }
  #next = { epoch: 0, position: 0 }

  loadState(state: { epoch: number; position: number }): void {
    this.state = state
    this.#next = state
  }

  *[Symbol.iterator](): Generator<Batch> {
    const { epoch, position } = this.#next
    const order = new Rng(9).foldIn(epoch).permutation(BATCHES.length)
    for (let i = position; i < BATCHES.length; i++) {
      this.state = { epoch, position: i + 1 }
      yield BATCHES[order[i]!]!
    }
    this.#next = { epoch: epoch + 1, position: 0 }
    this.state = this.#next
  }
}

function build(seed = 0): { model: ReturnType<typeof makeModel>; options: FitOptions<Batch> } {
  const model = makeModel(seed)
  return {
    model,
    options: {
      model,
      optimizer: new Adam(parameters(model), { learningRate: 0.01 }),
      loss: ([x, y], context) => meanSquaredError(model.forward(x, context) as Tensor, y),
      batches: new Shuffled() as Batches<Batch>,
      epochs: 3,
      rng: new Rng(1),
    },
  }
}

function makeModel(seed: number) {
  const rng = new Rng(seed)
  return sequential(new Dense(3, 6, { rng }), relu, new Noise(), new Dense(6, 1, { rng }))
}

const bits = (model: unknown): string => JSON.stringify(stateOf(model))

test('it is the five lines that it says', async () => {
  const { model, options } = build()
  const history = await fit(options)

  const byHand = makeModel(0)
  const optimizer = new Adam(parameters(byHand), { learningRate: 0.01 })
  const rng = new Rng(1)
  const batches = new Shuffled()
  let step = 0
  for (let epoch = 0; epoch < 3; epoch++) {
    for (const [x, y] of batches) {
      const loss = meanSquaredError(
        byHand.forward(x, { training: true, rng: rng.foldIn(step++) }) as Tensor,
        y,
      )
      loss.backward()
      optimizer.step()
    }
  }
  expect(bits(model)).toBe(bits(byHand))
  expect(history.stopped).toBeNull()
  expect(history.epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
    [1, 5],
    [2, 10],
    [3, 15],
  ])
})

describe('a run that goes on from a checkpoint equals one that was never interrupted', () => {
  const total = 3 * BATCHES.length

  test.each(Array.from({ length: total }, (_, i) => i + 1))('cut after step %i', async cut => {
    const whole = build()
    const reference = await fit(whole.options)

    let saved: string | undefined
    const interrupted = build()
    const recorder: Callback = {
      afterStep: run => {
        if (run.step !== cut) return
        saved = JSON.stringify(run.checkpoint())
        run.stop('cut')
      },
    }
    await fit({ ...interrupted.options, callbacks: [recorder] })

    // Another start, another optimizer: all that matters is in the checkpoint, also when it went through JSON.
    const resumed = build(77)
    const resume = JSON.parse(saved!) as TrainingState
    const history = await fit({ ...resumed.options, callbacks: [{}], resume })
    expect(bits(resumed.model)).toBe(bits(whole.model))
    const seen = (epochs: readonly EpochRecord[]): unknown =>
      epochs.map(({ epoch, step, loss }) => ({ epoch, step, loss }))
    expect(seen(history.epochs)).toEqual(seen(reference.epochs))
  })

  test('also after an epoch, from batches that are a plain array', async () => {
    const whole = build()
    await fit({ ...whole.options, batches: BATCHES })
    const states: TrainingState[] = []
    const first = build()
    const keep = checkpoints(state => {
      states.push(state)
    })
    await fit({ ...first.options, batches: BATCHES, epochs: 2, callbacks: [keep] })
    expect(states.map(({ epoch }) => epoch)).toEqual([1, 2])
    const second = build(3)
    await fit({ ...second.options, batches: BATCHES, callbacks: [keep], resume: states[0]! })
    expect(bits(second.model)).toBe(bits(whole.model))
  })

  test('the middle of an epoch needs batches that can go back there', async () => {
    const states: TrainingState[] = []
    const keep = checkpoints(state => void states.push(state), { everySteps: 2, everyEpochs: 0 })
    const { options } = build()
    await fit({ ...options, batches: BATCHES, epochs: 1, callbacks: [keep] })
    expect(states.map(({ batch }) => batch)).toEqual([2, 4])
    const resuming = fit({ ...options, batches: BATCHES, callbacks: [keep], resume: states[0]! })
    await expect(resuming).rejects.toThrow(
      'fit: the checkpoint is from the middle of an epoch, after batch 2, but the batches have no loadState to go back there',
    )
  })
})

test('accumulated batches are one step with the mean of their gradients', async () => {
  const small = new Parameter(tensor(0), 'small')
  const step = (w: Parameter, epochs: number, accumulate: number, batches: readonly number[]) =>
    fit({
      model: w,
      optimizer: new SGD([w], { learningRate: 0.1 }),
      loss: (target: number) => w.sub(target).square(),
      batches,
      epochs,
      accumulate,
    })
  const { epochs } = await step(small, 2, 2, [1, 3, 5, 7])
  expect(epochs.map(({ step }) => step)).toEqual([2, 4])
  let w = 0
  for (const mean of [2, 6, 2, 6]) w -= 0.1 * 2 * (w - mean)
  expect(small.item()).toBeCloseTo(w, 5)

  // What is left at the end of an epoch makes a step of its own.
  const odd = new Parameter(tensor(0), 'odd')
  expect((await step(odd, 1, 2, [1, 3, 5])).epochs[0]!.step).toBe(2)
})

describe('callbacks', () => {
  test('hear of everything in order', async () => {
    const heard: string[] = []
    const w = new Parameter(tensor(2), 'w')
    await fit({
      model: w,
      optimizer: new SGD([w], { learningRate: 0.1 }),
      loss: (target: number) => w.sub(target).square(),
      batches: [0, 1],
      epochs: 2,
      validate: () => ({ distance: 7 }),
      callbacks: [
        {
          beforeStep: ({ epoch, batch, step }) => void heard.push(`before ${epoch}.${batch} step ${step}`),
          afterStep: ({ epoch, batch, step }) => void heard.push(`after ${epoch}.${batch} step ${step}`),
          afterEpoch: ({ epoch, step, validation }, run) =>
            void heard.push(`epoch ${epoch} ${step} ${validation.distance} ${run.epoch}`),
          afterFit: ({ stopped, epochs }) => void heard.push(`end ${stopped} ${epochs.length}`),
        },
      ],
    })
    expect(heard).toEqual([
      ...['before 1.1 step 0', 'after 1.1 step 1', 'before 1.2 step 1', 'after 1.2 step 2', 'epoch 1 2 7 1'],
      ...['before 2.1 step 2', 'after 2.1 step 3', 'before 2.2 step 3', 'after 2.2 step 4', 'epoch 2 4 7 2'],
      'end null 2',
    ])
  })

  test('may wait, and batches may come later', async () => {
    const w = new Parameter(tensor(2), 'w')
    async function* later(): AsyncGenerator<number> {
      for (const target of [0, 1]) {
        await Promise.resolve()
        yield target
      }
    }
    const times: number[] = []
    const { epochs } = await fit({
      model: w,
      optimizer: new SGD([w], { learningRate: 0.1 }),
      loss: (target: number) => w.sub(target).square(),
      batches: { [Symbol.asyncIterator]: later },
      epochs: 2,
      callbacks: [
        {
          afterStep: async ({ step }) => {
            await Promise.resolve()
            times.push(step)
          },
        },
      ],
    })
    expect(times).toEqual([1, 2, 3, 4])
    expect(epochs).toHaveLength(2)
  })

  /** Losses as they are given, one epoch each. */
  async function epochsOf(losses: readonly number[], callbacks: readonly Callback[], resume?: TrainingState) {
    const w = new Parameter(tensor(0, { dtype: 'float64' }), 'w')
    let at = resume?.epoch ?? 0
    const history = await fit({
      model: w,
      optimizer: new SGD([w], { learningRate: 1 }),
      loss: () => w.sub(at),
      batches: [0],
      epochs: losses.length,
      validate: () => ({ loss: losses[at++]! }),
      callbacks,
      ...(resume && { resume }),
    })
    return { history, w: w.item() }
  }
  const monitor = ({ validation }: EpochRecord): number => validation.loss!

  test('early stopping waits, stops, and restores the best', async () => {
    const losses = [5, 4, 4.5, 3, 3.1, 3.2, Number.NaN, 1]
    const { history, w } = await epochsOf(losses, [earlyStopping({ monitor, patience: 3 })])
    expect(history.stopped).toBe('no improvement for 3 epochs, the best was epoch 4')
    expect(history.epochs).toHaveLength(7)
    // The parameter goes down by 1 in every epoch.
    expect(w).toBe(-4)
    const kept = await epochsOf(losses, [earlyStopping({ monitor, patience: 3, restoreBest: false })])
    expect(kept.w).toBe(-7)
  })

  test('early stopping may want larger numbers, by more than a little', async () => {
    const rising = [0.5, 0.505, 0.51, 0.6]
    const stop = earlyStopping({ monitor, goal: 'largest', patience: 2, minimumImprovement: 0.05 })
    expect((await epochsOf(rising, [stop])).history.stopped).toBe(
      'no improvement for 2 epochs, the best was epoch 1',
    )
  })

  test('early stopping goes on from a checkpoint with what it has seen', async () => {
    const losses = [3, 5, 5, 5, 5, 5]
    const whole = await epochsOf(losses, [earlyStopping({ monitor, patience: 4 })])
    let saved: TrainingState | undefined
    const keep: Callback = {
      afterEpoch: ({ epoch }, run) => {
        if (epoch !== 3) return
        saved = JSON.parse(JSON.stringify(run.checkpoint()))
        run.stop('cut')
      },
    }
    await epochsOf(losses, [earlyStopping({ monitor, patience: 4 }), keep])
    const resumed = await epochsOf(losses, [earlyStopping({ monitor, patience: 4 }), {}], saved)
    expect(resumed.history.stopped).toBe(whole.history.stopped)
    expect(resumed.w).toBe(whole.w)
  })

  test('a scheduler steps after epochs, steps, or with a number, and is saved', async () => {
    const make = () => {
      const steps: number[][] = []
      return {
        steps,
        scheduler: {
          step: (...metric: number[]) => void steps.push(metric),
          get state() {
            return { steps: steps.length }
          },
          loadState: () => {},
        },
      }
    }
    const [byEpoch, byStep, byNumber] = [make(), make(), make()]
    let saved: TrainingState | undefined
    await epochsOf(
      [3, 2],
      [
        scheduled(byEpoch.scheduler, 'epoch'),
        scheduled(byStep.scheduler, 'step'),
        scheduled(byNumber.scheduler, monitor),
        checkpoints(state => {
          saved = state
        }),
      ],
    )
    expect(byEpoch.steps).toEqual([[], []])
    expect(byStep.steps).toEqual([[], []])
    expect(byNumber.steps).toEqual([[3], [2]])
    expect(saved!.callbacks).toEqual([{ steps: 2 }, { steps: 2 }, { steps: 2 }, null])
  })
})

describe('progress', () => {
  const run = async (isTTY: boolean, stopAt = Infinity): Promise<string[]> => {
    const writes: string[] = []
    let time = 0
    const w = new Parameter(tensor(1), 'w')
    await fit({
      model: w,
      optimizer: new SGD([w], { learningRate: 0 }),
      loss: () => w.mul(0.5),
      batches: [0, 0],
      epochs: 10,
      validate: () => ({ accuracy: 0.25 }),
      callbacks: [
        {
          beforeStep: () => {
            time += 500
          },
          afterEpoch: ({ epoch }, run) => {
            if (epoch === stopAt) run.stop('enough')
          },
        },
        progressBar(
          { isTTY, columns: 120, write: text => writes.push(text) },
          { label: 'w', now: () => time },
        ),
      ],
    })
    return writes
  }

  test('on a terminal', async () => {
    const writes = await run(true)
    expect(writes[0]).toBe('\rw  █░░░░░░░░░░░░░░░░░░░  epoch 1/10  loss 0.5000  ETA 0 s\x1b[K')
    expect(writes[3]).toBe(
      '\rw  ████░░░░░░░░░░░░░░░░  epoch 2/10  loss 0.5000  accuracy 0.2500  2.667 batches/s  ETA 6 s\x1b[K',
    )
    expect(writes.at(-1)).toContain('epoch 10/10')
    expect(writes.at(-1)).toContain('9.5 s\x1b[K\n')
  })

  test('elsewhere ten lines', async () => {
    const lines = await run(false)
    expect(lines).toHaveLength(10)
    expect(lines[1]).toBe('w   20 %  epoch 2/10  loss 0.5000  accuracy 0.2500  2.667 batches/s  ETA 6 s\n')
  })

  test('a run that stops says why', async () => {
    expect((await run(false, 3)).at(-1)).toBe('w  stopped: enough\n')
  })
})

describe('mistakes', () => {
  const w = new Parameter(tensor(1), 'w')
  const good: FitOptions<number> = {
    model: w,
    optimizer: new SGD([w], { learningRate: 0.1 }),
    loss: target => w.sub(target).square(),
    batches: [1],
    epochs: 1,
  }

  test('a loss that is not finite names the place, and nothing has moved', async () => {
    const before = w.item()
    const failing = fit({ ...good, loss: () => w.mul(Number.NaN) })
    await expect(failing).rejects.toThrow(DivergenceError)
    await expect(failing).rejects.toMatchObject({ epoch: 1, step: 0 })
    expect(w.item()).toBe(before)
  })

  test.each([
    ['epochs', { epochs: 1.5 }, 'fit: epochs must be a whole number from 0 up, got 1.5.'],
    ['accumulate', { accumulate: 0 }, 'fit: accumulate must be a whole number from 1 up, got 0.'],
    ['batches', { batches: 3 }, 'fit: batches must be something to loop over, got 3.'],
    ['optimizer', { optimizer: {} }, 'fit: optimizer must have step(), got an object.'],
    ['loss', { loss: w }, 'fit: loss must be a function of a batch and a context, got a tensor.'],
    ['a misspelt setting', { epoch: 1 }, "fit: knows no 'epoch'; did you mean epochs?"],
    ['a loss that is a number', { loss: () => 1 }, 'fit: loss must return a tensor of one number, got 1.'],
    [
      'a callback of another library',
      { callbacks: [{ onEpochEnd: () => {} }] },
      'fit: callback 0 must have some of beforeStep, afterStep, afterEpoch, afterFit; it has none of them.',
    ],
    ['callbacks', { callbacks: checkpoints(() => {}) }, 'fit: callbacks must be an array, got an object.'],
    [
      'a validation that is a tensor',
      { validate: () => ({ loss: tensor(1) }) },
      'fit: validate must return numbers, got a tensor for loss; take its item().',
    ],
    [
      'no batches at all',
      { batches: [] },
      'fit: epoch 1 has no batches; fewer examples than a batch, with dropLast, are none.',
    ],
    ['a strange checkpoint', { resume: {} }, 'fit: resume takes what run.checkpoint() gave, in a callback.'],
  ])('%s', async (_, wrong, message) => {
    const failing = fit({ ...good, ...(wrong as object) })
    await expect(failing).rejects.toThrow(ArgumentError)
    await expect(failing).rejects.toThrow(message)
  })

  test('a checkpoint between gradients and step', async () => {
    const early: Callback = { beforeStep: run => void run.checkpoint() }
    await expect(fit({ ...good, callbacks: [early] })).rejects.toThrow(
      'fit: a checkpoint does not hold gradients; take it in afterStep or afterEpoch, not in beforeStep.',
    )
  })

  test('an iterator that is used up', async () => {
    const once = (function* () {
      yield 1
    })()
    await expect(fit({ ...good, batches: once, epochs: 2 })).rejects.toThrow(
      'fit: epoch 2 has no batches; an iterator can be used only once.',
    )
  })

  test('a monitor of what is not validated', async () => {
    const stop = earlyStopping({ monitor: ({ validation }) => validation.los as number })
    await expect(fit({ ...good, validate: () => ({ loss: 1 }), callbacks: [stop] })).rejects.toThrow(
      'earlyStopping: the monitor gave undefined and no number; the record has loss in its validation.',
    )
  })
})
