/** `@adjoint/core`: tensors, the recorded graph, gradients; free functions and methods on Tensor; kernels in WebAssembly. */

import './fluent.ts'
import { provideWasmKernels } from './backend/wasmKernels/provide.ts'

export * from './functional.ts'

provideWasmKernels()
