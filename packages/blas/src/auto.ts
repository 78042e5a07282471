/**
 * `@adjoint/blas/auto`: {@link useBlas} by an import alone, for `node --import @adjoint/blas/auto program.js` and for
 * programs that are not to name a library.
 */

import { useBlas } from './useBlas.ts'

useBlas()
