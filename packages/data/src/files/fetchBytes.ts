/** Bytes from a path or an address: from the disk in Node, over the network in a browser. */
import { FileError } from './fileError.ts'
import { hasFiles, readFileBytes } from './nodeFiles.ts'

/**
 * All bytes of a file that comes with this package, or that a user names by path or address.
 *
 * @throws FileError when they cannot be had.
 */
export async function fetchBytes(op: string, place: URL | string): Promise<Uint8Array> {
  const address = String(place)
  if (hasFiles() && !/^https?:/.test(address)) {
    return readFileBytes(op, address.startsWith('file:') ? pathOf(address) : address)
  }
  let response: Response
  try {
    response = await fetch(address)
  } catch (error) {
    throw new FileError(op, address, `cannot be fetched (${(error as Error).message}).`, error)
  }
  if (!response.ok)
    throw new FileError(op, address, `the server answered ${response.status} ${response.statusText}.`)
  return new Uint8Array(await response.arrayBuffer())
}

function pathOf(address: string): string {
  return globalThis.process.getBuiltinModule('node:url').fileURLToPath(address)
}
