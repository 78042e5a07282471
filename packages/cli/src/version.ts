/** The version of this package, for `--version` and for the report. */
import { readFileSync } from 'node:fs'

/** The `version` field of package.json, the same one level up from src and from dist. */
export function readVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}
