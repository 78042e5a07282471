/** NumPy's `.npz`: arrays by name, each a `.npy` file in a zip archive. */
import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, type Tensor } from '@adjoint/core/functional'
import { zipSync } from 'fflate'
import { type FilePlace, FormatError, shownName } from '../files/formatError.ts'
import { readFileBytes, writeFileBytes } from '../files/nodeFiles.ts'
import { expectBytes } from './elements.ts'
import { isUnsafeName, setOwn } from './json.ts'
import { readNpyAs, writeNpyAs } from './npy.ts'
import { readZip } from './zip.ts'

/** Settings of {@link readNpz}. */
export interface NpzReadOptions {
  /** Most bytes of all arrays together when they are unpacked. Default 2^30, 1 GiB. */
  readonly maximumBytes?: number
}

/** Settings of {@link writeNpz}. */
export interface NpzWriteOptions {
  /** Compress the arrays, like `numpy.savez_compressed`. Default false. */
  readonly compress?: boolean
}

/**
 * The arrays of a `.npz` file by name.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { readNpz, writeNpz } from '@adjoint/data'
 * const bytes = writeNpz({ x: tensor([1, 2]), y: tensor([true]) }, { compress: true })
 * readNpz(bytes).x?.toArray() // => [1, 2]
 * ```
 * @throws FormatError when the archive or an array is damaged, or unpacks to more than the limit.
 */
export function readNpz(
  bytes: Uint8Array | ArrayBuffer,
  options: NpzReadOptions = {},
): Record<string, Tensor> {
  return readNpzAs('readNpz', expectBytes('readNpz', bytes), options, {})
}

/**
 * {@link readNpz} of a file. Node only.
 *
 * @throws FileError when the file cannot be read; FormatError as above.
 */
export function readNpzFile(file: string, options: NpzReadOptions = {}): Record<string, Tensor> {
  return readNpzAs('readNpzFile', readFileBytes('readNpzFile', file), options, { file })
}

/**
 * Tensors by name as the bytes of a `.npz` file, which `numpy.load` reads. The same tensors always give the same bytes.
 *
 * @throws ArgumentError for what is no tensor, and for names that no archive should hold.
 */
export function writeNpz(
  tensors: Readonly<Record<string, Tensor>>,
  options: NpzWriteOptions = {},
): Uint8Array {
  return writeNpzAs('writeNpz', tensors, options)
}

/**
 * {@link writeNpz} into a file, which is replaced as a whole or not at all. Node only.
 *
 * @throws FileError when the file cannot be written; what was there is still there.
 */
export function writeNpzFile(
  file: string,
  tensors: Readonly<Record<string, Tensor>>,
  options: NpzWriteOptions = {},
): void {
  writeFileBytes('writeNpzFile', file, writeNpzAs('writeNpzFile', tensors, options))
}

function readNpzAs(
  op: string,
  bytes: Uint8Array,
  options: NpzReadOptions,
  place: FilePlace,
): Record<string, Tensor> {
  expectOptions(op, options, ['maximumBytes'])
  const { maximumBytes = 2 ** 30 } = options
  const tensors: Record<string, Tensor> = {}
  for (const entry of readZip(op, bytes, maximumBytes, place)) {
    const inside = { ...place, entry: entry.name }
    const name = entry.name.replace(/\.npy$/, '')
    if (isUnsafeName(name)) throw new FormatError(op, 'is not a safe name for an array.', inside)
    if (Object.hasOwn(tensors, name)) throw new FormatError(op, 'is twice in the archive.', inside)
    setOwn(tensors, name, readNpyAs(op, entry.content(), inside))
  }
  return tensors
}

function writeNpzAs(
  op: string,
  tensors: Readonly<Record<string, Tensor>>,
  options: NpzWriteOptions,
): Uint8Array {
  expectOptions(op, options, ['compress'])
  const { compress = false } = options
  const files = Object.entries(tensors).map(([name, x]) => {
    if (name === '' || isUnsafeName(name) || /[\0\\]|^\/|(^|\/)\.\.(\/|$)/.test(name)) {
      throw new ArgumentError(op, `${shownName(name)} cannot be the name of a file in an archive.`)
    }
    return [`${name}.npy`, writeNpyAs(op, x)] as const
  })
  // A fixed time of change, the first that zip knows: the bytes depend on the tensors only. In the local zone of the
  // machine, because zip knows no other.
  return zipSync(Object.fromEntries(files), { level: compress ? 6 : 0, mtime: new Date(1980, 0, 1, 12) })
}
