// The training tasks in their short form, and what a full run is held to.
import { describe, expect, test } from 'vitest'
import { runTraining, TASKS } from '../src/training/runTraining.ts'
import { type Figure, isReached, type TrainingTask } from '../src/training/task.ts'
import { recordingStream } from './support.ts'

describe('every task runs in its short form, and is the same with the same seed', () => {
  test.each(Object.keys(TASKS))('%s', async name => {
    const stream = recordingStream({ isTTY: false })
    const { results, failures } = await runTraining({ tasks: [name], quick: true, seed: 3, stream })
    const { figures } = results[name]!
    expect(failures).toEqual([])
    expect(figures.some(({ required }) => required !== undefined)).toBe(true)
    for (const { value } of figures) expect(Number.isFinite(value)).toBe(true)
    const text = stream.writes.join('')
    for (const { name } of figures) expect(text).toContain(name)
    if (name !== 'breast-cancer') return
    const again = await runTraining({ tasks: [name], quick: true, seed: 3, stream })
    expect(again.results[name]!.figures).toEqual(figures)
  })
})

test('a figure that is not reached is a failure, in a full run only', async () => {
  const figures: Figure[] = [
    { name: 'accuracy', value: 0.5, required: { least: 0.98 } },
    { name: 'error', value: 0.5, required: { most: 0.4 } },
    { name: 'other', value: Number.NaN },
  ]
  expect(figures.map(isReached)).toEqual([false, false, true])
  expect(isReached({ name: 'lost', value: Number.NaN, required: { least: 0 } })).toBe(false)
  const task: TrainingTask = {
    name: 'planted',
    description: 'reaches nothing',
    run: async () => ({ figures, seconds: 0 }),
  }
  const stream = recordingStream({ isTTY: false })
  const run = (quick: boolean) => runTraining({ tasks: [task], quick, stream })
  expect((await run(true)).failures).toEqual([])
  expect((await run(false)).failures).toEqual([
    'planted: accuracy: 0.5000, required is at least 0.9800.',
    'planted: error: 0.5000, required is at most 0.4000.',
  ])
})
