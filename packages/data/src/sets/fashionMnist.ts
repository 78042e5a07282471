/** Fashion-MNIST: too large to come with this package, read from files that the user has. */
import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, reshape, type Tensor } from '@adjoint/core/functional'
import { fetchBytes } from '../files/fetchBytes.ts'
import { FileError } from '../files/fileError.ts'
import { FormatError } from '../files/formatError.ts'
import { readIdxAs } from '../formats/idx.ts'
import type { SetSource } from './setFile.ts'

/** Settings of {@link loadFashionMnist}. */
export interface FashionMnistOptions {
  /** Folder of the four files, or their address on a server. Debian's package puts them in `/usr/share/datasets/fashion-mnist`. */
  readonly directory: string
  /** What each pixel is multiplied with. Default 1 / 255, which makes them 0 to 1. */
  readonly scale?: number
}

/** Images with the number of what they show. */
export interface ImageExamples {
  /** `[examples, 1, 28, 28]`, float32. */
  readonly images: Tensor<[number, 1, 28, 28]>
  /** `[examples]`, int32. */
  readonly classes: Tensor<[number]>
}

/** {@link loadFashionMnist}. */
export interface FashionMnist extends SetSource {
  readonly train: ImageExamples
  readonly test: ImageExamples
  readonly classNames: readonly string[]
}

const CLASS_NAMES = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
]

const HOW_TO_GET =
  'On Debian, `apt install dataset-fashion-mnist` puts them in /usr/share/datasets/fashion-mnist; elsewhere, they are at https://github.com/zalandoresearch/fashion-mnist.'

/**
 * Images of clothes, 28 × 28 pixels, of ten kinds: 60000 for training and 10000 for testing. The four files
 * `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte` are read from
 * a folder or a server, compressed (`.gz`) or not. Files of the same form, such as those of MNIST, are read likewise.
 *
 * @example
 * ```ts no-run
 * // Needs the files.
 * import { loadFashionMnist } from '@adjoint/data'
 * const { train, test } = await loadFashionMnist({ directory: '/usr/share/datasets/fashion-mnist' })
 * train.images.shape // => [60000, 1, 28, 28]
 * ```
 * @throws FileError when a file cannot be had; says how to get it.
 * @throws FormatError when a file is damaged or of another form.
 */
export async function loadFashionMnist(options: FashionMnistOptions): Promise<FashionMnist> {
  expectOptions('loadFashionMnist', options, ['directory', 'scale'])
  const { directory, scale = 1 / 255 } = options ?? {}
  if (typeof directory !== 'string') {
    throw new ArgumentError('loadFashionMnist', `takes { directory } with the four files. ${HOW_TO_GET}`)
  }
  return {
    name: 'Fashion-MNIST',
    train: await readPart(directory, 'train', scale),
    test: await readPart(directory, 't10k', scale),
    classNames: CLASS_NAMES,
    source: 'H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST, arXiv:1708.07747, 2017',
    licence: 'MIT',
  }
}

async function readPart(directory: string, part: string, scale: number): Promise<ImageExamples> {
  const op = 'loadFashionMnist'
  const [imagesFile, labelsFile] = [`${part}-images-idx3-ubyte`, `${part}-labels-idx1-ubyte`]
  const raw = readIdxAs(
    op,
    await readFile(directory, imagesFile),
    { dtype: 'float32', scale },
    { file: imagesFile },
  )
  const classes = readIdxAs(op, await readFile(directory, labelsFile), {}, { file: labelsFile })
  const [count, height, width] = raw.shape as readonly number[]
  if (raw.rank !== 3 || height !== 28 || width !== 28) {
    const message = `must hold images of 28 × 28 pixels, has the shape [${raw.shape.join(', ')}].`
    throw new FormatError(op, message, { file: imagesFile })
  }
  if (
    classes.dtype !== 'int32' ||
    classes.rank !== 1 ||
    classes.shape[0] !== count ||
    !classes.data().every(isClass)
  ) {
    throw new FormatError(op, `must hold a class from 0 to 9 for each of the ${count} images.`, {
      file: labelsFile,
    })
  }
  return {
    images: reshape(raw, [count!, 1, 28, 28]) as Tensor<[number, 1, 28, 28]>,
    classes: classes as Tensor<[number]>,
  }
}

const isClass = (value: number): boolean => value >= 0 && value <= 9

/** A file, compressed or not. */
async function readFile(directory: string, name: string): Promise<Uint8Array> {
  const place = `${directory.replace(/\/+$/, '')}/${name}`
  try {
    return await fetchBytes('loadFashionMnist', `${place}.gz`)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
  }
  try {
    return await fetchBytes('loadFashionMnist', place)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    const message = `found neither this file nor ${name}.gz. ${HOW_TO_GET}`
    throw new FileError('loadFashionMnist', place, message, error.cause)
  }
}
