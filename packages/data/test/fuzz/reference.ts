/** Readers that are as plain as can be and check nothing: what they find in a file that was accepted must be the answer. */
import type { Tensor } from '@adjoint/core'

type Read = (view: DataView, at: number, little: boolean) => number

const READ: Readonly<Record<string, readonly [width: number, read: Read]>> = {
  F64: [8, (view, at, little) => view.getFloat64(at, little)],
  F32: [4, (view, at, little) => view.getFloat32(at, little)],
  I64: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  I32: [4, (view, at, little) => view.getInt32(at, little)],
  I16: [2, (view, at, little) => view.getInt16(at, little)],
  I8: [1, (view, at) => view.getInt8(at)],
  U64: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  U32: [4, (view, at, little) => view.getUint32(at, little)],
  U16: [2, (view, at, little) => view.getUint16(at, little)],
  U8: [1, (view, at) => view.getUint8(at)],
  BOOL: [1, (view, at) => view.getUint8(at)],
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

const sameNumbers = (x: Tensor, numberAt: (at: number) => number): boolean =>
  x.data().every((value, at) => Object.is(value, numberAt(at)))

/** Whether the tensors are those of a safetensors file. Types of 16 bits are skipped: a test of their own has them all. */
export function isSafetensors(bytes: Uint8Array, tensors: Readonly<Record<string, Tensor>>): boolean {
  const view = viewOf(bytes)
  const length = view.getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
    string,
    unknown
  >
  const names = Object.keys(header).filter(name => name !== '__metadata__')
  return (
    String(names) === String(Object.keys(tensors)) &&
    names.every(name => {
      const {
        dtype,
        shape,
        data_offsets: offsets,
      } = header[name] as {
        dtype: string
        shape: number[]
        data_offsets: [number, number]
      }
      const x = tensors[name]!
      if (String(x.shape) !== String(shape)) return false
      if (READ[dtype] === undefined) return dtype === 'F16' || dtype === 'BF16'
      const [width, read] = READ[dtype]
      return sameNumbers(x, at => read(view, 8 + length + offsets[0] + at * width, true))
    })
  )
}

/** Whether a tensor is that of a `.npy` file: the numbers stand at its end. */
export function isNpy(bytes: Uint8Array, x: Tensor): boolean {
  const text = String.fromCharCode(...bytes.subarray(0, 400))
  const [, endian, kind] = /'descr': '([<>|=]?)(\w\d)'/.exec(text) ?? []
  const columnMajor = text.includes("'fortran_order': True")
  if (kind === undefined) return true
  const type = kind === 'b1' ? 'BOOL' : `${kind[0]!.toUpperCase()}${8 * Number(kind[1])}`
  if (READ[type] === undefined) return type === 'F16'
  const [width, read] = READ[type]
  const view = viewOf(bytes)
  const start = bytes.length - x.size * width
  return sameNumbers(x, at => {
    let index = at
    if (columnMajor) {
      // Row-major position -> indices -> column-major position.
      index = 0
      let rest = at
      for (let axis = x.rank - 1; axis >= 0; axis--) {
        index += (rest % x.shape[axis]!) * sizeOf(x.shape.slice(0, axis))
        rest = Math.floor(rest / x.shape[axis]!)
      }
    }
    return read(view, start + index * width, endian !== '>')
  })
}

/** Whether a tensor is that of an IDX file. */
export function isIdx(bytes: Uint8Array, x: Tensor): boolean {
  const type = { 8: 'U8', 9: 'I8', 11: 'I16', 12: 'I32', 13: 'F32', 14: 'F64' }[bytes[2]!]!
  const [width, read] = READ[type]!
  const start = 4 + 4 * bytes[3]!
  const view = viewOf(bytes)
  return x.rank === bytes[3] && sameNumbers(x, at => read(view, start + at * width, false))
}

/** The fields of CSV text, by RFC 4180 and one character after the other; lines without any character are left out. */
export function csvFields(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let field = ''
  let wasQuoted = false
  let at = text.startsWith('\ufeff') ? 1 : 0
  const endRow = (): void => {
    if (row.length > 0 || field !== '' || wasQuoted) rows.push([...row, field])
    row = []
    field = ''
    wasQuoted = false
  }
  while (at < text.length) {
    if (text[at] === '"' && field === '' && !wasQuoted) {
      wasQuoted = true
      for (at++; !(text[at] === '"' && text[at + 1] !== '"'); at++) {
        field += text[at]
        if (text[at] === '"') at++
      }
      at++
    } else if (text[at] === ',') {
      row.push(field)
      field = ''
      wasQuoted = false
      at++
      if (at >= text.length) endRow()
      else if (text[at] === '\n' || text.startsWith('\r\n', at)) {
        rows.push([...row, ''])
        row = []
        at += text[at] === '\n' ? 1 : 2
      }
    } else if (text[at] === '\n' || text.startsWith('\r\n', at)) {
      endRow()
      at += text[at] === '\n' ? 1 : 2
    } else field += text[at++]
  }
  endRow()
  return rows
}
