/**
 * `@adjoint/core/wasm`: WebAssembly written at run time: the assembler, and the generators of the kernels that eager code
 * and compiled programs share. For makers of engines; may change between minor versions before 1.0.
 */

export * from './assembler.ts'
export {
  Code,
  type CodeType,
  type F32,
  type F64,
  type I32,
  type Nothing,
  nothing,
  sequence,
  unsigned,
  type V128,
  type ValueType,
} from './code.ts'
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
  drop,
  f32,
  f32x4,
  f64,
  f64x2,
  i8x16,
  i16x8,
  i32,
  i32x4,
  i64,
  i64x2,
  memory,
  select,
  v128,
} from './instructions.ts'
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
