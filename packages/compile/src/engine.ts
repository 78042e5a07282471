/**
 * `@adjoint/compile/engine`: what makers of engines need: the graph of a traced function, the passes over it, and how a
 * program is planned. May change between minor versions before 1.0.
 */

export { fromTrace } from './graph/fromTrace.ts'
export * from './graph/node.ts'
export { optimized, PASSES } from './passes/index.ts'
export type { Pass } from './passes/pass.ts'
export type { Emission, Kernel } from './plan/kernel.ts'
export type { Layout, Layouts, Placement } from './plan/layout.ts'
export { type FinalCopy, type MemoryPlan, planMemory } from './plan/memory.ts'
export { isLoop, type Loop, type Schedule, type Step, scheduleOf } from './plan/schedule.ts'
