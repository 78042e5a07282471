/** Where traced code keeps what it remembers from run to run: in parameters, which a program holds and others can read. */

import { Parameter, stopGradient, type Tensor, tensor, zeros } from '@adjoint/core/functional'

/** A parameter for each of some tensors, by name. */
export type Cells = Readonly<Record<string, Parameter>>

/**
 * Cells of the shapes and dtypes of some tensors: `known` itself when it fits, and as many of its cells as do otherwise.
 * What they hold at first means nothing.
 */
export function cellsFor(
  name: string,
  like: Readonly<Record<string, Tensor>>,
  known: Cells | undefined,
): Cells {
  if (known !== undefined && hasSlots(known, like) && Object.keys(like).every(fits)) return known
  return Object.fromEntries(
    Object.entries(like).map(([slot, { shape, dtype }]) => {
      const options = { trainable: false }
      const cell = fits(slot)
        ? known![slot]!
        : new Parameter(zeros(shape, { dtype }), `${name}.${slot}`, options)
      return [slot, cell as Parameter]
    }),
  )

  function fits(slot: string): boolean {
    const [cell, { shape, dtype }] = [known?.[slot], like[slot]!]
    return cell !== undefined && cell.dtype === dtype && cell.shape.join() === shape.join()
  }
}

/** Whether two records have the same names. */
export function hasSlots(cells: object, like: object): boolean {
  const names = Object.keys(cells)
  return names.length === Object.keys(like).length && names.every(name => Object.hasOwn(like, name))
}

/** Gives cells their values. Those that are cells, or the parameter itself, are read before any is assigned. */
export function assignCells(cells: Cells, values: Readonly<Record<string, Tensor>>): void {
  const read = Object.entries(cells).map(([slot, cell]) => {
    const value = values[slot]!
    return [cell, value instanceof Parameter && value !== cell ? stopGradient(value) : value] as const
  })
  for (const [cell, value] of read) if (value !== cell) cell.assign(value)
}

/** Tensors as they are now: a cell gets other values later, its copy does not. */
export function snapshot<State extends Readonly<Record<string, Tensor>>>(state: State | undefined): State {
  return Object.fromEntries(
    Object.entries(state ?? {}).map(([slot, x]) => [slot, x instanceof Parameter ? copyOf(x) : x]),
  ) as State
}

/** The values of a tensor, by themselves. */
export function copyOf(x: Tensor): Tensor {
  return tensor(x.data(), { shape: [...x.shape], dtype: x.dtype }) as Tensor
}
