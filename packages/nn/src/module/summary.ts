/** A model as a table: its layers, what they make of an example, and how much there is to learn. */

import { formatShape } from '@adjoint/core/engine'
import { noGrad, Parameter, type Tensor } from '@adjoint/core/functional'
import { callLayer } from './callLayer.ts'
import type { Module } from './module.ts'
import { type Visited, visit } from './visit.ts'

/**
 * An aligned table of the layers of a model with their paths and their numbers of parameters, and, when an input is
 * given, the shapes of their outputs. A module that only holds others has no line. What is shared has one, where it comes
 * first. Shapes are known of layers whose path `context.observe` hears of: those in a `sequential`, those that a module of
 * your own calls with `callLayer`, and the model itself.
 *
 * @example
 * ```ts
 * import { relu, Rng, zeros } from '@adjoint/core'
 * import { Dense, sequential, summary } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const model = sequential(new Dense(784, 128, { rng }), relu, new Dense(128, 10, { rng }))
 * console.log(summary(model, zeros([32, 784])))
 * // => path   layer            output     parameters
 * //    0      Dense(784, 128)  [32, 128]     100480
 * //    1      relu             [32, 128]          0
 * //    2      Dense(128, 10)   [32, 10]        1290
 * //    total                                 101770
 * ```
 */
export function summary(model: Module<never, unknown>, input?: unknown): string {
  const shapes = input === undefined ? new Map<string, string>() : outputShapes(model, input)
  const visited = visit(model)
  const rows = visited
    .filter(({ value }) => !(value instanceof Parameter))
    .map(({ path, value }) => ({
      path,
      layer: describe(value),
      output: shapes.get(path) ?? '',
      count: ownParameters(visited, path),
      isContainer: visited.some(inner => !(inner.value instanceof Parameter) && isInside(inner.path, path)),
    }))
    .filter(({ isContainer, count }) => !isContainer || count > 0)
  const total = rows.reduce((sum, { count }) => sum + count, 0)
  const fixed = visited.reduce(
    (sum, { value }) => (value instanceof Parameter && !value.trainable ? sum + value.size : sum),
    0,
  )
  const table = [
    ['path', 'layer', 'output', 'parameters'],
    ...rows.map(({ path, layer, output, count }) => [path || '(model)', layer, output, String(count)]),
    ['total', '', '', String(total)],
    ...(fixed > 0 ? [['not trainable', '', '', String(fixed)]] : []),
  ]
  return formatTable(input === undefined ? table.map(row => row.toSpliced(2, 1)) : table)
}

/** Runs the model once and notes the shape of what every layer gave first. */
function outputShapes(model: Module<never, unknown>, input: unknown): Map<string, string> {
  const shapes = new Map<string, string>()
  const observe = (path: string, output: Tensor): void => {
    if (!shapes.has(path)) shapes.set(path, formatShape(output.shape))
  }
  noGrad(() => callLayer(model, '', input as never, { observe }))
  return shapes
}

/** Number of elements of the parameters that belong to the module at a path, and to no module inside of it. */
function ownParameters(visited: readonly Visited[], path: string): number {
  let count = 0
  for (const { path: at, value } of visited) {
    if (value instanceof Parameter && ownerOf(visited, at) === path) count += value.size
  }
  return count
}

/** The path of the innermost module around a parameter. Modules stand before what they contain. */
function ownerOf(visited: readonly Visited[], path: string): string | undefined {
  return visited.findLast(({ path: at, value }) => !(value instanceof Parameter) && isInside(path, at))?.path
}

function isInside(path: string, outer: string): boolean {
  return path !== outer && (outer === '' || path.startsWith(`${outer}.`))
}

/** What a module calls itself, the name of its class, or the name of a function. */
function describe(value: Visited['value']): string {
  if (typeof value === 'function') {
    const { primitive, name } = value as {
      readonly primitive?: { readonly name: string }
      readonly name: string
    }
    return primitive?.name ?? (name || 'function')
  }
  return value.toString === Object.prototype.toString ? value.constructor.name : String(value)
}

/** Columns as wide as their widest cell, the last one flush right. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  return rows
    .map(row =>
      row
        .map((cell, column) =>
          column === row.length - 1 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
        )
        .join('  '),
    )
    .join('\n')
}
