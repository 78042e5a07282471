/** The data files that come with this package, read from disk. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** The text of a gzip-compressed file of the package's `data` folder. `data/SOURCES.md` says where each comes from. */
export function readDataFile(name: string): string {
  // The same two levels up from src/data and from dist/data.
  return gunzipSync(readFileSync(new URL(`../../data/${name}`, import.meta.url))).toString('utf8')
}
