/** JSON from strangers: keys that stand twice, of which `JSON.parse` takes the last and says nothing; names that are traps. */
import { shownName } from '../files/formatError.ts'

/**
 * The first key that stands twice in the same object, with its position in the text; `undefined` when there is none.
 *
 * @param text what `JSON.parse` has accepted
 */
export function repeatedKey(text: string): { readonly key: string; readonly at: number } | undefined {
  /** For each open object its keys so far, for each open array `undefined`. */
  const open: (Set<string> | undefined)[] = []
  let isKey = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '{' || character === '[') {
      isKey = character === '{'
      open.push(isKey ? new Set() : undefined)
    } else if (character === '}' || character === ']') {
      open.pop()
    } else if (character === ',') {
      isKey = open.at(-1) !== undefined
    } else if (character === '"') {
      const end = endOfString(text, at)
      if (isKey) {
        const key: string = JSON.parse(text.slice(at, end + 1))
        const keys = open.at(-1)!
        if (keys.has(key)) return { key, at }
        keys.add(key)
        isKey = false
      }
      at = end
    }
  }
  return undefined
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

/** A name that would reach into the prototype of a plain object when somebody assigns by it. */
export function isUnsafeName(name: string): boolean {
  return name.split('.').includes('__proto__')
}

/** Sets a key of a plain object as its own, whatever its name. */
export function setOwn<Value>(record: Record<string, Value>, key: string, value: Value): void {
  Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true })
}

/** What a parsed value is, for messages; not written out, because it may be nested without end. */
export function describeJson(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value !== 'object' || value === null) return shownName(value as string)
  return Array.isArray(value) ? 'a list' : 'an object'
}
