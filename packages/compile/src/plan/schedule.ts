/** From a graph to the kernels that compute it, in order. */

import { loopOf } from '../graph/loop.ts'
import type { Graph, Node } from '../graph/node.ts'
import { castKernel } from '../kernels/casts.ts'
import { choiceKernel } from '../kernels/choices.ts'
import { convolutionKernels } from '../kernels/convolution.ts'
import { hostKernel } from '../kernels/host.ts'
import { cumsumKernel, foldWindowsKernel, resampleKernels } from '../kernels/linearMaps.ts'
import { matmulKernel } from '../kernels/matmul.ts'
import { maxPoolIndicesKernel } from '../kernels/maxWindows.ts'
import { concatKernel, placeKernel } from '../kernels/moves.ts'
import { nativeMatmulKernel } from '../kernels/nativeMatmul.ts'
import { normKernel } from '../kernels/norm.ts'
import { placeDiagonalKernel, rollKernel } from '../kernels/placements.ts'
import {
  accumulateKernel,
  gatherKernel,
  overwriteKernel,
  pickKernel,
  scatterAddKernel,
  wrapIndicesKernel,
} from '../kernels/positions.ts'
import { regionKernels } from '../kernels/region.ts'
import { wholeWindowKernel } from '../kernels/wholeWindow.ts'
import { withCopies } from './copies.ts'
import { partsOf } from './fuse.ts'
import type { Kernel } from './kernel.ts'
import { Layouts } from './layout.ts'
import { loopSteps } from './loop.ts'

/** Steps that are done several times, with the number of the turn in hand. */
export interface Loop {
  readonly count: number
  readonly steps: readonly Step[]
}

/** A kernel, or a loop of kernels. Loops do not stand in loops. */
export type Step = Kernel | Loop

/** The kernels of a program in the order in which they run. */
export interface Schedule {
  readonly graph: Graph
  readonly layouts: Layouts
  readonly steps: readonly Step[]
  /** The kernels of all steps, each once, in order. */
  readonly kernels: readonly Kernel[]
}

/** Whether a step is a loop. */
export function isLoop(step: Step): step is Loop {
  return 'steps' in step
}

/** The kernels of some steps, each once, in order. */
export function kernelsOf(steps: readonly Step[]): Kernel[] {
  return steps.flatMap(step => (isLoop(step) ? kernelsOf(step.steps) : [step]))
}

/** Chooses kernels for every node that is not just a view. */
export function scheduleOf(optimized: Graph): Schedule {
  const graph = withCopies(optimized)
  const layouts = new Layouts()
  const steps = stepsOf(graph, layouts)
  return { graph, layouts, steps, kernels: kernelsOf(steps) }
}

function stepsOf(graph: Graph, layouts: Layouts): Step[] {
  return partsOf(graph, layouts).flatMap((part): Step[] => {
    if ('region' in part) return regionKernels(part.region, layouts)
    if (loopOf(part.node)) return loopSteps(part.node, part.results, layouts, body => stepsOf(body, layouts))
    return [...kernelsFor(part.node, layouts)]
  })
}

/** Makes the kernel of a node, or several, one after the other; `undefined` for calls that it has no code for. */
type KernelMaker = (node: Node, layouts: Layouts) => Kernel | readonly Kernel[] | undefined

/** Kernels of their own, by the name of the primitive. */
const KERNELS: Readonly<Record<string, KernelMaker>> = {
  accumulate: accumulateKernel,
  all: choiceKernel,
  any: choiceKernel,
  argmax: choiceKernel,
  argmin: choiceKernel,
  cast: castKernel,
  concat: concatKernel,
  convolution: (node, layouts) => wholeWindowKernel(node, layouts) ?? convolutionKernels(node, layouts),
  cumsum: cumsumKernel,
  foldWindows: foldWindowsKernel,
  gather: gatherKernel,
  matmul: (node, layouts) => nativeMatmulKernel(node, layouts) ?? matmulKernel(node, layouts),
  maxPoolIndices: maxPoolIndicesKernel,
  norm: normKernel,
  overwrite: overwriteKernel,
  pick: pickKernel,
  place: placeKernel,
  placeDiagonal: placeDiagonalKernel,
  resample: resampleKernels,
  roll: rollKernel,
  scatterAdd: scatterAddKernel,
  wrapIndices: wrapIndicesKernel,
}

function kernelsFor(node: Node, layouts: Layouts): readonly Kernel[] {
  const made = KERNELS[node.op]?.(node, layouts) ?? hostKernel(node)
  return 'emit' in made ? [made] : made
}
