/** `@adjoint/core`: tensors, the recorded graph, gradients; free functions and methods on Tensor. */

import './fluent.ts'

export * from './functional.ts'
