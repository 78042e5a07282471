/** Opens a library by koffi, and finds out what it is. */

import { createRequire } from 'node:module'
import {
  type FloatArray,
  type ForeignFunction,
  matrixProductOf,
  type Products,
  vectorProductOf,
} from './products.ts'
import { rightMatrixProduct, rightVectorProduct } from './trial.ts'

/** A library that was opened, and that multiplies rightly. */
export interface Library {
  /** Name and version, for example `'OpenBLAS 0.3.21'`. */
  readonly name: string
  readonly path: string
  readonly float32: Products<Float32Array>
  readonly float64: Products<Float64Array>
  /** How many threads a product may take; `undefined` when the library does not say. */
  readonly threads: () => number | undefined
  /** Does nothing when the library has no such setting. */
  readonly setThreads: (count: number) => void
}

type Koffi = typeof import('koffi')
type Handle = ReturnType<Koffi['load']>

/** A make of library, known by a function that only it has. */
interface Make {
  readonly name: string
  readonly mark: string
  readonly version?: (handle: Handle) => unknown
  readonly threads?: string
  readonly setThreads?: string
  /** Type of its number of threads. Default: `int`. */
  readonly countType?: 'int64'
}

const MAKES: readonly Make[] = [
  {
    name: 'OpenBLAS',
    mark: 'openblas_get_config',
    version: handle => handle.func('openblas_get_config', 'str', [])(),
    threads: 'openblas_get_num_threads',
    setThreads: 'openblas_set_num_threads',
  },
  {
    name: 'MKL',
    mark: 'MKL_Get_Version_String',
    version: handle => {
      const text = Buffer.alloc(256)
      handle.func('MKL_Get_Version_String', 'void', ['void *', 'int'])(text, text.length)
      return text.toString('latin1')
    },
    threads: 'MKL_Get_Max_Threads',
    setThreads: 'MKL_Set_Num_Threads',
  },
  {
    name: 'BLIS',
    mark: 'bli_info_get_version_str',
    version: handle => handle.func('bli_info_get_version_str', 'str', [])(),
    threads: 'bli_thread_get_num_threads',
    setThreads: 'bli_thread_set_num_threads',
    countType: 'int64',
  },
  { name: 'ATLAS', mark: 'ATL_buildinfo' },
  { name: 'Accelerate', mark: 'vDSP_vadd' },
]

/** What was opened stays open: threads of the library may be waiting in its code. */
const OPENED = new Map<string, Library>()

/**
 * Opens a library, given by a name for the system's loader or by a path.
 *
 * @throws Error that says why it cannot be used.
 */
export function openLibrary(name: string): Library {
  let library = OPENED.get(name)
  if (library === undefined) {
    library = opened(name)
    OPENED.set(name, library)
  }
  return library
}

function opened(name: string): Library {
  // By require, and not before it is needed: without a binary of koffi for this platform that fails.
  const koffi: Koffi = createRequire(import.meta.url)('koffi')
  const handle = koffi.load(name)
  const make = MAKES.find(({ mark }) => has(handle, mark))
  const version = make?.version?.(handle)
  const number = /\d+(\.\d+)+/.exec(String(version ?? ''))
  // OpenBLAS exists with whole numbers of 64 bits; their arguments have the same names and other sizes.
  const int = String(version).includes('USE64BITINT') ? 'int64' : 'int'
  const { threads, setThreads, countType: count = 'int' } = make ?? {}
  return {
    name: `${make?.name ?? 'BLAS'}${number === null ? '' : ` ${number[0]}`}`,
    path: pathOf(koffi, handle) ?? name,
    float32: productsOf<Float32Array>(handle, 's', int, Float32Array),
    float64: productsOf<Float64Array>(handle, 'd', int, Float64Array),
    threads: threads === undefined ? () => undefined : counterOf(handle, threads, count),
    setThreads: setThreads === undefined ? () => {} : handle.func(setThreads, 'void', [count]),
  }
}

/** The checked products of one dtype: `s` is float32 in the names of BLAS, `d` is float64. */
function productsOf<A extends FloatArray>(
  handle: Handle,
  letter: 's' | 'd',
  int: string,
  array: new (length: number) => A,
): Products<A> {
  const real = letter === 's' ? 'float' : 'double'
  // An array and the distance between its rows, or between its elements.
  const operand = ['void *', int]
  const gemm = foreign(handle, `cblas_${letter}gemm`, [
    ...['int', 'int', 'int', int, int, int, real],
    ...[...operand, ...operand, real, ...operand],
  ])
  const gemv = foreign(handle, `cblas_${letter}gemv`, [
    ...['int', 'int', int, int, real],
    ...[...operand, ...operand, real, ...operand],
  ])
  if (gemm === undefined) throw new Error(`has no cblas_${letter}gemm`)
  const matrix = matrixProductOf<A>(gemm)
  if (!rightMatrixProduct(matrix, array)) throw new Error(`cblas_${letter}gemm gives wrong results`)
  const product = gemv && vectorProductOf<A>(gemv)
  return { matrix, vector: product && rightVectorProduct(product, array) ? product : undefined }
}

function foreign(handle: Handle, name: string, types: string[]): ForeignFunction | undefined {
  return has(handle, name) ? handle.func(name, 'void', types) : undefined
}

function has(handle: Handle, name: string): boolean {
  try {
    return Boolean(handle.symbol(name))
  } catch {
    return false
  }
}

function counterOf(handle: Handle, name: string, type: string): () => number | undefined {
  const count = handle.func(name, type, [])
  return () => {
    const threads = Number(count())
    // BLIS says -1 when nobody has set them.
    return threads >= 1 ? threads : undefined
  }
}

/** The file that the loader found under a name, by `dladdr`; `undefined` where there is no such function. */
function pathOf(koffi: Koffi, handle: Handle): string | undefined {
  try {
    const info = koffi.struct({ file: 'str', base: 'void *', symbol: 'str', address: 'void *' })
    const dladdr = koffi.load(null).func('dladdr', 'int', ['void *', koffi.out(koffi.pointer(info))])
    const found: { readonly file?: string } = {}
    return dladdr(handle.symbol('cblas_sgemm'), found) ? found.file : undefined
  } catch {
    return undefined
  }
}
