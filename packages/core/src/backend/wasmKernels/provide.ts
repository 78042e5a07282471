/** The kernels in WebAssembly, for all who want them. */

import { provideKernel } from '../kernels.ts'
import { convolutionKernel } from './convolution.ts'
import { provideMaps } from './maps.ts'
import { matmulKernel } from './matrixProduct.ts'
import { provideReductions } from './reductions.ts'
import { unlessSmall } from './unlessSmall.ts'

/** With fewer multiplications the reference loop is done before the operands are copied. Measured. */
const SMALL_PRODUCT = 8192

/** Lets the WebAssembly kernels take the calls that are large enough. They are compiled at their first use. */
export function provideWasmKernels(): void {
  for (const dtype of ['float32', 'float64'] as const) {
    const productsOf: Parameters<typeof unlessSmall>[1] = ([x], out) =>
      out.size * x!.shape[x!.shape.length - 1]!
    provideKernel('matmul', dtype, unlessSmall(SMALL_PRODUCT, productsOf, matmulKernel(dtype)))
    provideKernel('convolution', dtype, convolutionKernel(dtype))
  }
  provideMaps()
  provideReductions()
}
