/** What the project wants to reach, as figures of one run. */

import { figure } from './report.ts'
import type { Row } from './statistics.ts'

/** One aim beside what was measured. */
export interface AimResult {
  readonly aim: string
  /** Undefined when a subject or workload that it needs was not measured. */
  readonly measured: number | undefined
  readonly bound: number
  readonly isMet: boolean | undefined
}

interface Aim {
  readonly aim: string
  readonly bound: number
  /** Whether the measured figure must reach the bound, and not stay below it. */
  readonly atLeast?: boolean
  readonly measure: (times: Times) => number | undefined
}

/** Medians in milliseconds. */
class Times {
  readonly #rows: readonly Row[]

  constructor(rows: readonly Row[]) {
    this.#rows = rows
  }

  /** The shortest of the subjects whose names pass, wrong ones left out. */
  best(workload: string, isMeant: (subject: string) => boolean): number | undefined {
    const found = this.#rows.filter(
      row =>
        row.workload === workload && isMeant(row.subject) && (row.agrees || row.subject.startsWith('limit')),
    )
    return found.length === 0 ? undefined : Math.min(...found.map(({ medianMs }) => medianMs))
  }

  of(workload: string, subject: string): number | undefined {
    return this.best(workload, name => name === subject)
  }

  workloads(pattern: RegExp): string[] {
    return [...new Set(this.#rows.map(({ workload }) => workload))].filter(id => pattern.test(id))
  }
}

function ratio(above: number | undefined, below: number | undefined): number | undefined {
  return above === undefined || below === undefined ? undefined : above / below
}

const isPyTorch = (subject: string): boolean => subject.startsWith('PyTorch')
const isCompiled = (subject: string): boolean => subject.startsWith('adjoint compiled')
const hasBlas = (subject: string): boolean => isCompiled(subject) && subject.includes('BLAS')
const isThreaded = (subject: string): boolean => /^adjoint compiled, \d+ threads$/.test(subject)
const isPeer = (subject: string): boolean =>
  subject.startsWith('TensorFlow.js') || subject.startsWith('jax-js')
const isOneThread = (subject: string): boolean =>
  subject === 'adjoint compiled' || subject === 'adjoint eager'

/** Compiled code beside the better of PyTorch's two settings. */
function againstPyTorch(
  workload: string,
  bound: number,
  isMeant: (subject: string) => boolean,
  how: string,
): Aim {
  return {
    aim: `${workload}: ${how} over PyTorch, at most`,
    bound,
    measure: times => ratio(times.best(workload, isMeant), times.best(workload, isPyTorch)),
  }
}

/** The smallest of several figures, when there is any. */
function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter(value => value !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

const WASM = 'adjoint compiled'
const TORCH_ONE = 'PyTorch, 1 thread'
const MAIN = ['W1a', 'W1b', 'W2', 'W3', 'W4', 'W5', 'W6-LSTM', 'W6-GRU', 'W7', 'W8', 'W9', 'W10'] as const

const AIMS: readonly Aim[] = [
  {
    aim: 'W1a: compiled over hand-written JS, at most',
    bound: 0.6,
    measure: times => ratio(times.of('W1a', WASM), times.of('W1a', 'hand-written JS')),
  },
  {
    aim: 'W1b: compiled, microseconds, at most',
    bound: 4,
    measure: times => ratio(times.of('W1b', WASM), 1e-3),
  },
  {
    aim: 'W2: compiled over numpy by hand, at most',
    bound: 0.5,
    measure: times => ratio(times.of('W2', WASM), times.of('W2', 'numpy by hand')),
  },
  againstPyTorch('W3', 1.6, subject => subject === WASM, 'compiled, one thread,'),
  againstPyTorch('W3', 0.8, hasBlas, 'compiled with BLAS'),
  againstPyTorch('W4', 1, hasBlas, 'compiled with BLAS'),
  againstPyTorch('W5', 1.5, isCompiled, 'compiled, best,'),
  againstPyTorch('W6-LSTM', 0.7, isCompiled, 'compiled, best,'),
  againstPyTorch('W6-GRU', 0.7, isCompiled, 'compiled, best,'),
  againstPyTorch('W7', 1, isCompiled, 'compiled, best,'),
  ...['W9', 'W10'].map(
    (workload): Aim => ({
      aim: `${workload}: compiled over PyTorch, one thread each, at most`,
      bound: 1,
      measure: times => ratio(times.of(workload, WASM), times.of(workload, TORCH_ONE)),
    }),
  ),
  ...MAIN.map(
    (workload): Aim => ({
      aim: `${workload}: the better of TensorFlow.js and jax-js over compiled, best, at least`,
      bound: 5,
      atLeast: true,
      measure: times => ratio(times.best(workload, isPeer), times.best(workload, isCompiled)),
    }),
  ),
  {
    aim: 'matmul, every form and size: share of the multiply-add limit on one thread, the least, at least',
    bound: 0.75,
    atLeast: true,
    measure: times =>
      least(
        times
          .workloads(/^(W8|matmul-.*)$/)
          .map(id => ratio(times.of(id, 'limit: WebAssembly multiply, add'), times.best(id, isOneThread))),
      ),
  },
  ...['W3', 'W4', 'W7'].map(
    (workload): Aim => ({
      aim: `${workload}: one thread over all threads, compiled, at least`,
      bound: 1.6,
      atLeast: true,
      measure: times => ratio(times.of(workload, WASM), times.best(workload, isThreaded)),
    }),
  ),
  {
    aim: 'add of one element, recorded, eager, microseconds, at most',
    bound: 0.2,
    measure: times => ratio(times.of('add-1', 'adjoint eager'), 1e-3),
  },
  {
    aim: 'its backward (with backward, less the add), microseconds, at most',
    bound: 0.4,
    measure: times => {
      const [forward, both] = ['add-1', 'add-1-backward'].map(id => times.of(id, 'adjoint eager'))
      return forward === undefined || both === undefined ? undefined : 1e3 * (both - forward)
    },
  },
  {
    aim: 'W1b: eager, microseconds, at most',
    bound: 10,
    measure: times => ratio(times.of('W1b', 'adjoint eager'), 1e-3),
  },
  {
    aim: 'tanh of a million elements: eager over compiled, at most',
    bound: 2,
    measure: times => ratio(times.of('tanh', 'adjoint eager'), times.of('tanh', WASM)),
  },
  {
    aim: 'cold start to the first gradient, eager, milliseconds above bare node, at most',
    bound: 40,
    measure: times => {
      const [eager, bare] = [times.of('coldStart', 'adjoint eager'), times.of('coldStart', 'bare node')]
      return eager === undefined || bare === undefined ? undefined : eager - bare
    },
  },
  ...(
    [
      ['W3', 50],
      ['W6-LSTM', 300],
      ['W6-GRU', 300],
    ] as const
  ).map(
    ([id, bound]): Aim => ({
      aim: `${id}: first call of the compiled step in a new process, milliseconds, at most`,
      bound,
      measure: times => times.of(`compile ${id}`, WASM),
    }),
  ),
]

/** All aims beside the rows of a run. */
export function checkAims(rows: readonly Row[]): AimResult[] {
  const times = new Times(rows)
  return AIMS.map(({ aim, bound, atLeast, measure }) => {
    const measured = measure(times)
    const isMet = measured === undefined ? undefined : atLeast ? measured >= bound : measured <= bound
    return { aim, bound, measured, isMet }
  })
}

/** One aim in a line. */
export function showAim({ aim, bound, measured, isMet }: AimResult): string {
  if (measured === undefined) return `aim  ${aim} ${bound}: not measured`
  return `aim  ${aim} ${bound}: measured ${figure(measured)}, ${isMet ? 'met' : 'MISSED'}`
}
