/**
 * `@adjoint/core/wasm`: WebAssembly written at run time: the assembler, and the generators of the kernels that eager code
 * and compiled programs share. For makers of engines; may change between minor versions before 1.0.
 */

export * from './assembler.ts'
export {
  type ElementwiseCall,
  type ElementwiseCode,
  elementwiseCode,
  elementwiseError,
  elementwiseNames,
  type Lanes,
  lanesOf,
} from './elementwise.ts'
export { hasRelaxedSimd, hasSimd } from './features.ts'
export { imageColumns, OUTSIDE_ROW } from './imageColumns.ts'
export {
  type MatrixProduct,
  type MatrixProductOptions,
  matrixProduct,
  type ProductEpilogue,
  type ProductPlace,
  productWorkspaceBytes,
} from './matrixProduct.ts'
export { loadSplat, loadVector, storeVector } from './vectors.ts'
export * from './webAssembly.ts'
