import { cast } from '../ops/cast.ts'
import { diagonal } from '../ops/diagonal.ts'
import { matmul } from '../ops/matmul.ts'
import { mul } from '../ops/mul.ts'
import { permute } from '../ops/permute.ts'
import { reshape } from '../ops/reshape.ts'
import { sum } from '../ops/sum.ts'
import { ArgumentError, describe, formatShape, ShapeError } from '../shape/errors.ts'
import { sizeOf } from '../shape/shape.ts'
import { promote } from '../storage/dtype.ts'
import { Tensor } from '../tensor/tensor.ts'

/** A tensor whose axes have labels, each another one. */
interface Term {
  readonly tensor: Tensor
  readonly labels: readonly string[]
}

/** A specification, taken apart: labels of the axes, where `'...'` stands for any number of axes. */
interface Specification {
  /** As it was written, for messages. */
  readonly text: string
  readonly inputs: readonly (readonly string[])[]
  /** `undefined` when the arrow is missing: then labels that occur once, in alphabetical order. */
  readonly output: readonly string[] | undefined
}

const DOTS = '...'

/** Up to so many operands the best order of products is found by trying all. */
const EXHAUSTIVE = 7

/**
 * Einstein's summation: letters name the axes of the operands, axes with the same letter run together, and what is not named
 * behind the arrow is summed over. Everything that NumPy's `einsum` takes:
 *
 * - `'ij,jk->ik'` is a matrix product, `'bij,bjk->bik'` a batch of them, `'i,j->ij'` an outer product;
 * - `'ij->ji'` transposes, `'ij->i'` sums, `'ii->i'` is a diagonal, `'ii->'` a trace;
 * - without an arrow the result has the letters that occur once, in alphabetical order: `'ij,jk'`;
 * - `'...'` stands for all other axes, which broadcast: `'...ij,...jk->...ik'`; without it behind the arrow they are summed;
 * - an axis of size 1 repeats against a longer one of the same letter; spaces do not count.
 *
 * Several operands are multiplied in pairs, in an order that needs few operations, and each pair through `matmul`. Instead
 * of a text the labels may be whole numbers in lists behind the operands: `einsum(x, [0, 1], y, [1, 2], [0, 2])`.
 *
 * @example
 * ```ts
 * import { arange, einsum } from '@adjoint/core'
 * const x = arange(6).reshape([2, 3])
 * einsum('ij,kj->ik', x, x).toArray() // => [[5, 14], [14, 50]]
 * einsum('ij->j', x).toArray() // => [3, 5, 7]
 * einsum('ij,ij->', x, x).item() // => 55
 * ```
 * @throws ArgumentError for a specification that makes no sense; ShapeError when sizes with the same letter differ.
 */
export function einsum(specification: string, ...operands: readonly Tensor[]): Tensor
export function einsum(...operandsAndLabels: readonly (Tensor | readonly (number | '...')[])[]): Tensor
export function einsum(
  first: string | Tensor | readonly (number | '...')[] | undefined,
  ...others: readonly (Tensor | readonly (number | '...')[])[]
): Tensor {
  const [specification, operands] =
    typeof first === 'string' ? [parse(first), others as readonly Tensor[]] : readLists([first!, ...others])
  const { text, inputs } = specification
  if (operands.length === 0)
    throw new ArgumentError('einsum', "needs a text such as 'ij,jk->ik' and at least one tensor.")
  for (const x of operands) {
    if (!(x instanceof Tensor)) {
      throw new ArgumentError('einsum', `takes a text such as 'ij,jk->ik' and tensors, got ${describe(x)}.`)
    }
  }
  if (inputs.length !== operands.length) {
    throw new ArgumentError(
      'einsum',
      `'${text}' describes ${inputs.length} operands, but there are ${operands.length}.`,
    )
  }
  const labelled = operands.map((x, i) => ({ tensor: x, labels: withoutDots(text, inputs[i]!, x, i) }))
  const output = outputLabels(specification, labelled)
  const sizes = sizesOf(text, labelled)
  const dtype = operands.map(x => x.dtype).reduce((left, right) => promote(left, right))
  const terms = labelled.map(term => withoutOnes(withoutRepeats(term), sizes))
  const result = contractAll(terms, output, sizes)
  const ordered = permute(
    result.tensor,
    output.map(label => result.labels.indexOf(label)),
  )
  return operands.length > 1 && ordered.dtype !== dtype && dtype !== 'bool' ? cast(ordered, dtype) : ordered
}

function parse(text: string): Specification {
  const compact = text.replaceAll(/\s/g, '')
  const sides = compact.split('->')
  if (sides.length > 2) throw new ArgumentError('einsum', `'${text}' has more than one arrow.`)
  const labels = (part: string): string[] => {
    const found = part.match(/\.\.\.|[A-Za-z]|./g) ?? []
    for (const label of found) {
      if (label === DOTS || /^[A-Za-z]$/.test(label)) continue
      throw new ArgumentError(
        'einsum',
        `'${text}' contains '${label}'; axes are letters, and '...' stands for all others.`,
      )
    }
    return found
  }
  return {
    text,
    inputs: sides[0]!.split(',').map(labels),
    output: sides[1] === undefined ? undefined : labels(sides[1]),
  }
}

/** The other notation: operands and lists of whole numbers in turn, and perhaps a list for the result. */
function readLists(
  parts: readonly (Tensor | readonly (number | '...')[] | undefined)[],
): readonly [Specification, readonly Tensor[]] {
  const operands: Tensor[] = []
  const lists: string[][] = []
  for (const part of parts) {
    if (part instanceof Tensor && lists.length === operands.length) operands.push(part)
    else if (Array.isArray(part) && operands.length >= lists.length) {
      for (const label of part) {
        if (label === DOTS || (Number.isInteger(label) && label >= 0)) continue
        throw new ArgumentError(
          'einsum',
          `labels are whole numbers from 0 up, or '...'; got ${describe(label)}.`,
        )
      }
      // Padded, so that the alphabetical order of labels is that of the numbers.
      lists.push(part.map(label => (label === DOTS ? DOTS : String(label).padStart(10, '0'))))
    } else {
      throw new ArgumentError(
        'einsum',
        `takes a text and tensors, or tensors and lists of labels in turn; got ${describe(part)}.`,
      )
    }
  }
  const text = parts
    .filter(Array.isArray)
    .map(list => `[${list.join(', ')}]`)
    .join(', ')
  return [{ text, inputs: lists.slice(0, operands.length), output: lists[operands.length] }, operands]
}

/** The labels of an operand, with one of their own for the axes behind the dots, counted from the right. */
function withoutDots(text: string, labels: readonly string[], x: Tensor, operand: number): readonly string[] {
  const at = labels.indexOf(DOTS)
  const named = at < 0 ? labels.length : labels.length - 1
  if (at !== labels.lastIndexOf(DOTS)) {
    throw new ArgumentError('einsum', `'${text}' has '...' twice in operand ${operand}.`)
  }
  if (at < 0 ? x.rank !== named : x.rank < named) {
    throw new ShapeError(
      'einsum',
      `'${text}' names ${named} axes${at < 0 ? '' : ' beside the dots'} of operand ${operand}, which has shape ${formatShape(x.shape)}.`,
      [x.shape],
    )
  }
  if (at < 0) return labels
  const others = Array.from({ length: x.rank - named }, (_, i) => `${DOTS}${x.rank - named - i}`)
  return [...labels.slice(0, at), ...others, ...labels.slice(at + 1)]
}

function outputLabels({ text, output }: Specification, terms: readonly Term[]): readonly string[] {
  const all = terms.flatMap(term => term.labels)
  const isDotted = (label: string): boolean => label.startsWith(DOTS)
  const dotted = [...new Set(all.filter(isDotted))].sort((x, y) => Number(y.slice(3)) - Number(x.slice(3)))
  const named = all.filter(label => !isDotted(label))
  if (output === undefined) {
    const once = named.filter(label => named.indexOf(label) === named.lastIndexOf(label))
    return [...dotted, ...once.sort((x, y) => (x < y ? -1 : 1))]
  }
  for (const [i, label] of output.entries()) {
    if (output.indexOf(label) !== i) {
      throw new ArgumentError('einsum', `'${text}' names '${shown(label)}' twice behind the arrow.`)
    }
    if (label !== DOTS && !named.includes(label)) {
      throw new ArgumentError(
        'einsum',
        `'${text}' names '${shown(label)}' behind the arrow, but no operand has such an axis.`,
      )
    }
  }
  return output.flatMap(label => (label === DOTS ? dotted : [label]))
}

/** The size of every label: that of the axes that have it, where 1 gives way to any other. */
function sizesOf(text: string, terms: readonly Term[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>()
  for (const { tensor, labels } of terms) {
    const own = new Map<string, number>()
    for (const [axis, label] of labels.entries()) {
      const size = tensor.shape[axis]!
      const known = sizes.get(label) ?? 1
      const before = own.get(label) ?? size
      const isRepeated = size !== before
      if (isRepeated || (size !== known && size !== 1 && known !== 1)) {
        const where = label.startsWith(DOTS) ? `axis -${label.slice(3)} of the dots` : `'${shown(label)}'`
        throw new ShapeError(
          'einsum',
          `in '${text}', ${where} has sizes ${isRepeated ? before : known} and ${size}; operands ${terms
            .map(term => formatShape(term.tensor.shape))
            .join(', ')}.`,
          terms.map(term => term.tensor.shape as readonly number[]),
        )
      }
      own.set(label, size)
      if (size !== 1 || !sizes.has(label)) sizes.set(label, size)
    }
  }
  return sizes
}

function shown(label: string): string {
  return /^\d+$/.test(label) ? String(Number(label)) : label
}

/** Axes that share a label within one operand become one: their diagonal. */
function withoutRepeats({ tensor, labels }: Term): Term {
  const second = labels.findIndex((label, i) => labels.indexOf(label) !== i)
  if (second < 0) return { tensor, labels }
  const label = labels[second]!
  return withoutRepeats({
    tensor: diagonal(tensor, { axes: [labels.indexOf(label), second] }),
    labels: [
      ...labels.filter((other, i) => other !== label || (i !== second && i !== labels.indexOf(label))),
      label,
    ],
  })
}

/** Axes of size 1 that another operand is longer along contribute nothing. */
function withoutOnes({ tensor, labels }: Term, sizes: ReadonlyMap<string, number>): Term {
  const kept = labels.map((label, axis) => tensor.shape[axis] === sizes.get(label))
  if (kept.every(Boolean)) return { tensor, labels }
  const shape = tensor.shape.filter((_, axis) => kept[axis])
  return { tensor: reshape(tensor, shape), labels: labels.filter((_, axis) => kept[axis]) }
}

function contractAll(
  terms: readonly Term[],
  output: readonly string[],
  sizes: ReadonlyMap<string, number>,
): Term {
  const open = [...terms]
  for (const [i, j] of orderOf(terms, output, sizes)) {
    const [left, right] = [open[i]!, open[j]!]
    const others = open.filter((_, k) => k !== i && k !== j)
    const wanted = new Set([...output, ...others.flatMap(term => term.labels)])
    open[i] = contract(left, right, wanted, sizes)
    open.splice(j, 1)
  }
  return summed(open[0]!, new Set(output))
}

/** Which two terms to multiply, step by step: positions i < j in the list that is left, of which j goes. */
function orderOf(
  terms: readonly Term[],
  output: readonly string[],
  sizes: ReadonlyMap<string, number>,
): (readonly [number, number])[] {
  if (terms.length <= 2) return terms.length === 2 ? [[0, 1]] : []
  const letters = terms.map(term => term.labels)
  return terms.length <= EXHAUSTIVE ? bestOrder(letters, output, sizes) : greedyOrder(letters, output, sizes)
}

function costOf(labels: Iterable<string>, sizes: ReadonlyMap<string, number>): number {
  let cost = 1
  for (const label of new Set(labels)) cost *= sizes.get(label)!
  return cost
}

/** The labels that are left of a product when only some are wanted later. */
function leftOver(
  left: readonly string[],
  right: readonly string[],
  output: readonly string[],
  others: readonly (readonly string[])[],
): readonly string[] {
  const wanted = new Set([...output, ...others.flat()])
  return [...new Set([...left, ...right])].filter(label => wanted.has(label))
}

function greedyOrder(
  terms: readonly (readonly string[])[],
  output: readonly string[],
  sizes: ReadonlyMap<string, number>,
): (readonly [number, number])[] {
  const open = [...terms]
  const order: (readonly [number, number])[] = []
  while (open.length > 1) {
    let best: readonly [number, number] = [0, 1]
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < open.length; i++) {
      for (let j = i + 1; j < open.length; j++) {
        const cost = costOf([...open[i]!, ...open[j]!], sizes)
        if (cost < least) [best, least] = [[i, j], cost]
      }
    }
    const [i, j] = best
    const others = open.filter((_, k) => k !== i && k !== j)
    open[i] = leftOver(open[i]!, open[j]!, output, others)
    open.splice(j, 1)
    order.push(best)
  }
  return order
}

/** The cheapest way to multiply every set of terms, from the small sets to the whole. */
function bestOrder(
  terms: readonly (readonly string[])[],
  output: readonly string[],
  sizes: ReadonlyMap<string, number>,
): (readonly [number, number])[] {
  const all = (1 << terms.length) - 1
  const members = (set: number): number[] => terms.flatMap((_, i) => (set & (1 << i) ? [i] : []))
  const labels = new Map<number, readonly string[]>()
  const costs = new Map<number, number>()
  const splits = new Map<number, number>()
  for (let set = 1; set <= all; set++) {
    const inside = members(set)
    const outside = terms.filter((_, i) => (set & (1 << i)) === 0)
    const own = inside.flatMap(i => terms[i]!)
    labels.set(set, inside.length === 1 ? own : leftOver(own, [], output, outside))
    costs.set(set, inside.length === 1 ? 0 : Number.POSITIVE_INFINITY)
    for (let part = (set - 1) & set; part > 0; part = (part - 1) & set) {
      const rest = set ^ part
      if (part < rest) continue
      const cost =
        costs.get(part)! + costs.get(rest)! + costOf([...labels.get(part)!, ...labels.get(rest)!], sizes)
      if (cost < costs.get(set)!) {
        costs.set(set, cost)
        splits.set(set, part)
      }
    }
  }
  // From the tree of sets to positions in a list that shrinks.
  const open = terms.map((_, i) => 1 << i)
  const order: (readonly [number, number])[] = []
  const visit = (set: number): void => {
    const part = splits.get(set)
    if (part === undefined) return
    visit(part)
    visit(set ^ part)
    const [i, j] = [open.indexOf(part), open.indexOf(set ^ part)].sort((x, y) => x - y) as [number, number]
    open[i] = set
    open.splice(j, 1)
    order.push([i, j])
  }
  visit(all)
  return order
}

/** Sums over the labels that are not wanted. */
function summed({ tensor, labels }: Term, wanted: ReadonlySet<string>): Term {
  const axes = labels.flatMap((label, axis) => (wanted.has(label) ? [] : [axis]))
  if (axes.length === 0) return { tensor, labels }
  return { tensor: sum(tensor, axes), labels: labels.filter(label => wanted.has(label)) }
}

/** The product of two terms, summed over the labels that nobody wants any more. */
function contract(
  first: Term,
  second: Term,
  wanted: ReadonlySet<string>,
  sizes: ReadonlyMap<string, number>,
): Term {
  const left = summed(first, new Set([...wanted, ...second.labels]))
  const right = summed(second, new Set([...wanted, ...first.labels]))
  const shared = left.labels.filter(label => right.labels.includes(label))
  const batch = shared.filter(label => wanted.has(label))
  const inner = shared.filter(label => !wanted.has(label))
  const rows = left.labels.filter(label => !shared.includes(label))
  const columns = right.labels.filter(label => !shared.includes(label))
  const labels = [...batch, ...rows, ...columns]
  const shapeOf = (names: readonly string[]): number[] => names.map(label => sizes.get(label)!)
  const arranged = (
    { tensor, labels: own }: Term,
    order: readonly string[],
    shape: readonly number[],
  ): Tensor =>
    reshape(
      permute(
        tensor,
        order.map(label => own.indexOf(label)),
      ),
      shape,
    )
  const [batchShape, rowShape, columnShape] = [shapeOf(batch), shapeOf(rows), shapeOf(columns)]
  if (inner.length === 0) {
    const ones = (count: readonly string[]): number[] => count.map(() => 1)
    const product = mul(
      arranged(left, [...batch, ...rows], [...batchShape, ...rowShape, ...ones(columns)]),
      arranged(right, [...batch, ...columns], [...batchShape, ...ones(rows), ...columnShape]),
    )
    return { tensor: product, labels }
  }
  const [m, k, n] = [sizeOf(rowShape), sizeOf(shapeOf(inner)), sizeOf(columnShape)]
  const lead = batch.length === 0 ? [] : [sizeOf(batchShape)]
  const product = matmul(
    arranged(left, [...batch, ...rows, ...inner], [...lead, m, k]),
    arranged(right, [...batch, ...inner, ...columns], [...lead, k, n]),
  )
  return { tensor: reshape(product, [...batchShape, ...rowShape, ...columnShape]), labels }
}
