import { expect, test } from 'vitest'
import { showProgress } from '../src/progress.ts'
import { recordingStream } from './support.ts'

/** A clock that is moved by hand. */
function clock(): { now: () => number; advance: (milliseconds: number) => void } {
  let time = 0
  return {
    now: () => time,
    advance: milliseconds => {
      time += milliseconds
    },
  }
}

test('on a terminal one line is rewritten, with bar, loss, accuracy and the time that is left', () => {
  const stream = recordingStream({ isTTY: true, columns: 100 })
  const { now, advance } = clock()
  const show = showProgress(stream, { label: 'net', now })
  for (let done = 1; done <= 4; done++) {
    advance(1000)
    show({ done, total: 4, loss: 1 / done, accuracy: done / 4 })
  }
  expect(stream.writes).toEqual([
    '\rnet  █████░░░░░░░░░░░░░░░  loss 1.000  accuracy 25.0 %  ETA 3 s\x1b[K',
    '\rnet  ██████████░░░░░░░░░░  loss 0.5000  accuracy 50.0 %  ETA 2 s\x1b[K',
    '\rnet  ███████████████░░░░░  loss 0.3333  accuracy 75.0 %  ETA 1 s\x1b[K',
    '\rnet  ████████████████████  loss 0.2500  accuracy 100.0 %  4.0 s\x1b[K\n',
  ])
})

test('a terminal is not rewritten more often than anyone can see, but always at the end', () => {
  const stream = recordingStream({ isTTY: true, columns: 100 })
  const { now, advance } = clock()
  const show = showProgress(stream, { label: 'net', now })
  for (let done = 1; done <= 1000; done++) {
    advance(1)
    show({ done, total: 1000, loss: 1 })
  }
  expect(stream.writes.length).toBeLessThanOrEqual(18)
  expect(stream.writes.at(-1)).toContain('█'.repeat(20))
})

test.each([
  [
    80,
    'logistic regression  ███████░░░░░░░  loss 0.02500  accuracy 97.5 %  ETA 10 s',
    'logistic regression  ██████████████  loss 0.02500  accuracy 97.5 %  20.0 s',
  ],
  [
    60,
    'logistic regression  ██████░░░░░░  loss 0.02500  ETA 10 s',
    'logistic regression  ████████████  loss 0.02500  20.0 s',
  ],
  [40, 'logistic regression  ████░░░  ETA 10 s', 'logistic regression  ███████  20.0 s'],
  [28, 'logistic regression  ███░░░', 'logistic regression  ██████'],
  [24, 'logistic regression', 'logistic regression'],
  [12, 'logistic r…', 'logistic r…'],
])(
  'on %i columns the bar shrinks, then whole fields go, and the line always fits',
  (columns, half, whole) => {
    const stream = recordingStream({ isTTY: true, columns })
    const { now, advance } = clock()
    const show = showProgress(stream, { label: 'logistic regression', now })
    for (const done of [1, 2]) {
      advance(10_000)
      show({ done, total: 2, loss: 0.025, accuracy: 0.975 })
    }
    expect(stream.writes).toEqual([`\r${half}\x1b[K`, `\r${whole}\x1b[K\n`])
    for (const line of [half, whole]) expect(line.length).toBeLessThan(columns)
  },
)

test('the bar keeps its width while the numbers beside it change theirs', () => {
  const stream = recordingStream({ isTTY: true, columns: 80 })
  const { now, advance } = clock()
  const show = showProgress(stream, { label: 'logistic regression', now })
  for (let done = 1; done <= 60; done++) {
    advance(2000)
    show({ done, total: 60, loss: 1 / done ** 3, accuracy: done / 60 })
  }
  const widths = stream.writes.map(line => line.replaceAll(/[^█░]/g, '').length)
  expect(new Set(widths)).toEqual(new Set([14]))
})

test('elsewhere there are a few plain lines', () => {
  const stream = recordingStream()
  const show = showProgress(stream, { label: 'net', now: () => 0 })
  for (let done = 1; done <= 600; done++) show({ done, total: 600, loss: 2 })
  expect(stream.text()).toBe(
    'net   33 %  loss 2.000  ETA 0 s\nnet   67 %  loss 2.000  ETA 0 s\nnet  100 %  loss 2.000  0.0 s\n',
  )
})
