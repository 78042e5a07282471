/** `@adjoint/compile`: functions and whole training steps as WebAssembly programs. */

export { type Compiled, type CompileOptions, compile } from './compile.ts'
export {
  type ExplainOptions,
  Explanation,
  type ExplanationData,
  type ExplanationParts,
  type KernelExplanation,
  type PassExplanation,
} from './explain.ts'
export { Program, type ProgramOptions } from './program.ts'
