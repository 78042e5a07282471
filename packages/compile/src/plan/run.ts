/** The function that runs a program: kernel after kernel, and divided among threads where that pays. */

import {
  type Code,
  call,
  drop,
  type FunctionReference,
  i32,
  i64,
  type Local,
  type ModuleBuilder,
  perform,
  select,
} from '@adjoint/core/wasm'
import { forced } from '../threads/choice.ts'
import type { Kernel } from './kernel.ts'
import type { Step } from './schedule.ts'
import { isLoop, kernelsOf } from './schedule.ts'

/** Words at the front of the memory of a program. */
export const CONTROL: {
  /** How many workers have the program; counted by themselves. */
  readonly READY: number
  /** Threads that have arrived at the present barrier, and how many barriers there were. */
  readonly ARRIVED: number
  readonly BARRIERS: number
  /** 1 when a function of the host has failed: the rest of the run is left out. */
  readonly FAILED: number
  /**
   * What `FAILED` was when the last thread arrived at the present barrier. It stays until all have arrived at the next one, so
   * that all of them leave the run at the same barrier, even one that is slow to wake up.
   */
  readonly STOPPED: number
} = { READY: 0, ARRIVED: 1, BARRIERS: 2, FAILED: 3, STOPPED: 4 }

/** Bytes at the front of the memory that the words above take, and a cache line between them and the rest. */
export const CONTROL_BYTES = 128

/** Kernels that take less time than this are not divided, in nanoseconds. */
const LEAST_DIVIDED = 8_000

/** What it costs to meet at a barrier, in nanoseconds. */
const BARRIER_COST = 1_000

/** What it costs to call the threads to a program, in nanoseconds. */
const CALL_COST = 10_000

/** Turns of a waiting thread before it goes to sleep; the first one never does, as a page's must not. */
const TURNS = 10_000

/** Roughly how long a kernel takes on one thread, in nanoseconds. */
export function durationOf({ nanoseconds, flops }: Kernel): number {
  return nanoseconds ?? flops / 4
}

/** Whether the parts of a kernel are worth dividing among threads. */
export function isDivided(kernel: Kernel): boolean {
  if (kernel.units === 1 || kernel.isHosted === true) return false
  return forced.isThreaded || durationOf(kernel) >= LEAST_DIVIDED
}

/** Roughly what so many threads save in a run, in nanoseconds; less than nothing when one thread is better. */
export function savedBy(threads: number, steps: readonly Step[]): number {
  let saved = 0
  for (const step of steps) {
    if (isLoop(step)) saved += step.count * savedBy(threads, step.steps)
    else if (isDivided(step)) {
      const share = Math.ceil(step.units / threads) / step.units
      saved += durationOf(step) * (1 - share) - 2 * BARRIER_COST
    }
  }
  return saved
}

/** Whether a program should be run by several threads at all. */
export function isWorthThreads(threads: number, steps: readonly Step[]): boolean {
  if (threads === 1 || kernelsOf(steps).some(kernel => kernel.usesThreads)) return false
  if (forced.isThreaded) return kernelsOf(steps).some(isDivided)
  return savedBy(threads, steps) > CALL_COST
}

/** What the function that runs a program is made of. */
export interface RunParts {
  readonly steps: readonly Step[]
  /** The functions of the kernels, in the order of `kernelsOf(steps)`. */
  readonly functions: readonly FunctionReference[]
  /** What is done last, by one thread. */
  readonly last: readonly Code<'nothing'>[]
  readonly workspace: { readonly start: number; readonly bytes: number }
  readonly isThreaded: boolean
}

/** Adds `(thread, threads) -> nothing` to a module: what one of several threads has to do; all of them have to be there. */
export function runFunction(module: ModuleBuilder, parts: RunParts): FunctionReference {
  const barrier = parts.isThreaded ? barrierFunction(module) : undefined
  return module.function({ thread: 'i32', threads: 'i32' }, 'nothing', (f, { thread, threads }) => {
    const workspace = f.local('i32', i32.add(i32.mul(thread, parts.workspace.bytes), parts.workspace.start))
    // Whether this thread does what is not divided: the first one, as long as nothing has failed.
    const isFirst = f.local('i32', i32.eqz(thread))
    const [begin, end] = [f.local('i32'), f.local('i32')]
    let next = 0
    // Whether the first thread has done something that the others have not waited for.
    let isAhead = false
    const meet = (): void => {
      if (barrier === undefined) return
      f.if(call(barrier, thread, threads) as Code<'i32'>, () => f.return())
      isAhead = false
    }
    const whole = (target: FunctionReference, { units, isHosted }: Kernel, turn: Code<'i32'>): void => {
      const run = (): void => f.do(perform(target, i32.const(0), i32.const(units), turn, workspace))
      if (barrier === undefined) {
        run()
        return
      }
      f.if(isFirst, run)
      if (isHosted) stopIfFailed()
      isAhead = true
    }
    const stopIfFailed = (): void => f.do(isFirst.set(i32.and(isFirst, i32.eqz(word(CONTROL.FAILED)))))
    const divided = (target: FunctionReference, { units }: Kernel, turn: Code<'i32'>): void => {
      if (isAhead) meet()
      // Not units * index / threads, which would not fit into 32 bits where there are very many units.
      const [share, more] = [i32.div(i32.const(units), threads), i32.rem(i32.const(units), threads)]
      const from = (index: Code<'i32'>): Code<'i32'> =>
        i32.add(i32.mul(index, share), select(index, more, i32.lt(index, more)))
      f.do(begin.set(from(thread)), end.set(from(i32.add(thread, 1))))
      // There may be more threads than units.
      f.if(i32.lt(begin, end), () => f.do(perform(target, begin, end, turn, workspace)))
      meet()
    }
    const run = (steps: readonly Step[], turn: Code<'i32'>): void => {
      for (const step of steps) {
        if (!isLoop(step)) {
          const target = parts.functions[next++]!
          if (barrier !== undefined && isDivided(step)) divided(target, step, turn)
          else whole(target, step, turn)
          continue
        }
        const index: Local<'i32'> = f.local('i32')
        const sharesWork = barrier !== undefined && kernelsOf(step.steps).some(isDivided)
        if (sharesWork) {
          if (isAhead) meet()
          f.count(index, 0, step.count, 1, () => {
            run(step.steps, index)
            if (isAhead) meet()
          })
        } else {
          // Nobody has to be met in such a loop: the first thread goes through it alone.
          const start = next
          const alone = (): void => {
            next = start
            f.count(index, 0, step.count, 1, () => runAlone(step.steps, index))
          }
          if (barrier === undefined) alone()
          else {
            f.if(isFirst, alone)
            if (kernelsOf(step.steps).some(kernel => kernel.isHosted)) stopIfFailed()
          }
          isAhead = barrier !== undefined
        }
      }
    }
    const runAlone = (steps: readonly Step[], turn: Code<'i32'>): void => {
      for (const step of steps) {
        if (isLoop(step)) continue
        f.do(perform(parts.functions[next++]!, i32.const(0), i32.const(step.units), turn, workspace))
      }
    }
    run(parts.steps, i32.const(0))
    if (parts.last.length > 0) f.if(isFirst, () => f.do(...parts.last))
  })
}

/** One of the words at the front of the memory. */
function word(index: number): Code<'i32'> {
  return i32.atomicLoad(i32.const(4 * index))
}

/** `(thread, threads) -> i32`: returns when all threads have called it, to all of them the same: whether the run is to end. */
function barrierFunction(module: ModuleBuilder): FunctionReference {
  // A function of its own: in V8 11.3 variables beside the instruction that waits lose their values.
  const sleep = module.function({ before: 'i32' }, 'nothing', (f, { before }) => {
    f.do(drop(i32.atomicWait(i32.const(4 * CONTROL.BARRIERS), before, i64.const(-1))))
  })
  return module.function({ thread: 'i32', threads: 'i32' }, 'i32', (f, { thread, threads }) => {
    const [arrived, barriers] = [i32.const(4 * CONTROL.ARRIVED), i32.const(4 * CONTROL.BARRIERS)]
    f.if(i32.eq(threads, 1), () => f.return(word(CONTROL.FAILED)))
    const before = f.local('i32', i32.atomicLoad(barriers))
    f.if(
      i32.eq(i32.atomicAdd(arrived, i32.const(1)), i32.sub(threads, 1)),
      () => {
        const woken = f.local('i32')
        f.do(
          i32.atomicStore(arrived, i32.const(0)),
          i32.atomicStore(i32.const(4 * CONTROL.STOPPED), word(CONTROL.FAILED)),
          woken.set(i32.atomicAdd(barriers, i32.const(1))),
          woken.set(i32.atomicNotify(barriers, threads)),
        )
      },
      () => {
        const turns = f.local('i32', i32.const(0))
        f.while(
          () => i32.eq(i32.atomicLoad(barriers), before),
          () => {
            f.do(turns.set(i32.add(turns, 1)))
            f.if(i32.and(i32.gt(turns, TURNS), i32.ne(thread, 0)), () => f.do(perform(sleep, before)))
          },
        )
      },
    )
    return word(CONTROL.STOPPED)
  })
}
