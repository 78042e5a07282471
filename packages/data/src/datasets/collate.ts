/** One batch of many items: tensors and numbers are stacked, texts listed, arrays and objects item by item. */
import { ArgumentError, stack, Tensor, tensor } from '@adjoint/core/functional'

/** What {@link collate} makes of items of a type. */
export type Collated<Item> = Item extends Tensor
  ? Tensor
  : Item extends number | boolean
    ? Tensor<[number]>
    : Item extends string
      ? readonly string[]
      : Item extends object
        ? { readonly [Key in keyof Item]: Collated<Item[Key]> }
        : never

/**
 * One batch of some items of the same form: tensors of one shape are stacked, numbers and truth values become a tensor
 * `[batch]`, texts a list; arrays and plain objects are gone through item by item.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { collate } from '@adjoint/data'
 * const { x, y, name } = collate([
 *   { x: tensor([1, 2]), y: 0, name: 'a' },
 *   { x: tensor([3, 4]), y: 1, name: 'b' },
 * ])
 * x.toArray() // => [[1, 2], [3, 4]]
 * y.toArray() // => [0, 1]
 * name // => ['a', 'b']
 * ```
 * @throws ArgumentError for no items, and for items of different forms.
 */
export function collate<Item>(items: readonly Item[]): Collated<Item> {
  return collateAt(items, '') as Collated<Item>
}

function collateAt(items: readonly unknown[], path: string): unknown {
  const [first] = items
  const refuse = (problem: string): never => {
    throw new ArgumentError(
      'collate',
      `${path === '' ? 'the items' : `'${path}'`} ${problem}; say how to make a batch with { collate: items => ... }.`,
    )
  }
  if (items.length === 0) return refuse('are none')
  if (first instanceof Tensor) {
    if (!items.every(item => item instanceof Tensor)) return refuse('are not all tensors')
    return stack(items as Tensor[])
  }
  if (items.some(item => typeof item !== typeof first || item === null || item instanceof Tensor)) {
    return refuse('are of different types')
  }
  if (typeof first === 'number' || typeof first === 'boolean') return tensor(items as number[])
  if (typeof first === 'string') return [...items]
  if (typeof first !== 'object') return refuse(`are of type ${typeof first}`)
  const keys = Object.keys(first as object)
  const isSame = (item: unknown): boolean => {
    const own = Object.keys(item as object)
    return (
      Array.isArray(item) === Array.isArray(first) &&
      own.length === keys.length &&
      keys.every(key => own.includes(key))
    )
  }
  if (!items.every(isSame)) return refuse('have different keys')
  const parts = keys.map(
    key =>
      [
        key,
        collateAt(
          items.map(item => (item as Record<string, unknown>)[key]),
          path === '' ? key : `${path}.${key}`,
        ),
      ] as const,
  )
  return Array.isArray(first) ? parts.map(([, part]) => part) : Object.fromEntries(parts)
}
