/**
 * The kernel of `convolution`, forward and both adjoints: a product of weights and windows in which the matrix of windows is
 * never written down. A tile of the result, some outputs times two vectors of positions, is kept in registers; for every tap
 * of the window a table says how far from the vectors the elements under it lie.
 *
 * Four neighbouring positions have to lie side by side. Where they do not, because of strides or of zeros around the image,
 * the image is copied first, divided by the remainders of the places along each axis: in every such part the windows of
 * neighbouring positions are one element apart.
 */

import {
  type FunctionBuilder,
  type FunctionReference,
  f32,
  f32x4,
  type I32,
  i32,
  type Local,
  memory,
  perform,
  select,
  v128,
} from '@adjoint/core/wasm'
import { Node } from '../graph/node.ts'
import { type Emission, KERNEL_PARAMETERS, type Kernel } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'
import {
  BLOCK,
  type ConvolutionPlan,
  channelsTogether,
  choices,
  type Part,
  planOf,
} from './convolutionPlan.ts'
import { moveElements } from './moves.ts'

/** Bytes of windows that a block of tiles has under it, about what the second cache holds. */
const CACHED_BYTES = 2 ** 18

/** Where fewer images than this are there, their outputs are divided as well. */
const FEW_IMAGES = 16

/** Bytes of a tile beside the result, and of the table's entry of one vector. */
const TILE_ROW_BYTES = 32
const TILE_BYTES = 6 * TILE_ROW_BYTES
const ENTRY_BYTES = 12

/** The kernels of a convolution of float32: the first packs the weights. `undefined` for other calls. */
export function convolutionKernels(node: Node, layouts: Layouts): readonly Kernel[] | undefined {
  const plan = planOf(node, layouts)
  if (plan === undefined) return undefined
  const [x, kernel] = node.inputs as [Node, Node]
  const packed = Node.scratch([plan.groups * plan.weights], 'float32')
  return [packKernel(plan, kernel, packed, layouts), productKernel(plan, node, x, packed, layouts)]
}

/** Some outputs as strips of nearly equal height: the first `tall` of them have one output more than `height`. */
function stripsOf(outputs: number, most: number): { strips: number; height: number; tall: number } {
  const strips = Math.ceil(outputs / most)
  const height = Math.floor(outputs / strips)
  return { strips, height, tall: outputs - strips * height }
}

/** Outputs of a tile: as many as leave room for everything else in 16 registers. */
function mostRows(relaxed: boolean): number {
  return relaxed ? 6 : 5
}

/** Writes the weights strip by strip: the numbers for one tap of one channel side by side. */
function packKernel(plan: ConvolutionPlan, kernel: Node, packed: Node, layouts: Layouts): Kernel {
  const { groups, channels, outputs, parts, weights } = plan
  const { strides } = layouts.of(kernel)
  return {
    name: `pack weights [${kernel.shape.join(', ')}]`,
    reads: [kernel],
    writes: [packed],
    units: groups,
    flops: kernel.size,
    nanoseconds: kernel.size,
    emit: emission => {
      const { strips, height, tall } = stripsOf(outputs, mostRows(emission.relaxed))
      return emission.module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step }) => {
        const from = f.local('i32', emission.address(kernel, step))
        const to = f.local('i32', emission.address(packed, step))
        const [group, source, target] = [f.local('i32'), f.local('i32'), f.local('i32')]
        f.count(group, begin, end, 1, () => {
          for (const { phases, taps, weightsAt } of parts) {
            const start = phases.reduce((at, { tapStart }, axis) => at + tapStart * strides[axis + 2]!, 0)
            f.do(
              source.set(i32.add(i32.add(from, i32.mul(group, 4 * outputs * strides[0]!)), 4 * start)),
              target.set(i32.add(i32.add(to, i32.mul(group, 4 * weights)), 4 * weightsAt)),
            )
            const dims = [
              { size: channels, stride: strides[1]! },
              ...phases.map((phase, axis) => ({
                size: phase.taps,
                stride: phase.tapStep * strides[axis + 2]!,
              })),
            ]
            for (const [rows, count] of [
              [height + 1, tall],
              [height, strips - tall],
            ] as const) {
              if (count === 0) continue
              const strip = f.local('i32')
              f.count(strip, 0, count, 1, () => {
                packStrip(f, source, dims, rows, strides[0]!, target)
                f.do(
                  source.set(i32.add(source, 4 * rows * strides[0]!)),
                  target.set(i32.add(target, 4 * rows * channels * taps)),
                )
              })
            }
          }
        })
      })
    },
  }
}

/** The numbers of one strip. */
function packStrip(
  f: FunctionBuilder,
  from: Local<'i32'>,
  dims: readonly { readonly size: number; readonly stride: number }[],
  rows: number,
  rowStride: number,
  target: Local<'i32'>,
): void {
  const to = f.local('i32', target)
  const nest = (at: number, source: Local<'i32'>): void => {
    const dim = dims[at]
    if (dim === undefined) {
      for (let row = 0; row < rows; row++)
        f.do(f32.store(to, f32.load(i32.add(source, 4 * row * rowStride)), 4 * row))
      f.do(to.set(i32.add(to, 4 * rows)))
      return
    }
    if (dim.size === 1) {
      nest(at + 1, source)
      return
    }
    const [moving, index] = [f.local('i32', source), f.local('i32')]
    f.count(index, 0, dim.size, 1, () => {
      nest(at + 1, moving)
      f.do(moving.set(i32.add(moving, 4 * dim.stride)))
    })
  }
  nest(0, from)
}

/** All the rest: for each image the copy that it may need, and the products. */
function productKernel(plan: ConvolutionPlan, node: Node, x: Node, packed: Node, layouts: Layouts): Kernel {
  const { batch, groups, channels, outputs, parts, isCopied, channelStride, axes, plane } = plan
  const { strides } = layouts.of(x)
  const places = parts.reduce((sum, { positions, taps }) => sum + positions * taps, 0)
  const images = batch * groups
  const blocks = images >= FEW_IMAGES ? 1 : Math.min(Math.ceil(outputs / 5), Math.ceil(FEW_IMAGES / images))
  const flops = 2 * images * outputs * channels * places
  return {
    name: `convolution [${x.shape.join(', ')}] * [${node.inputs[1]!.shape.join(', ')}]`,
    reads: [x, packed, ...parts.flatMap(part => [part.vectors, part.places])],
    writes: [node],
    units: images * blocks,
    workspaceBytes: TILE_BYTES + (isCopied ? 4 * channelStride * channels + 16 : 0),
    flops,
    nanoseconds: flops / 30,
    emit: emission =>
      emission.module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step, workspace }) => {
        const { strips, height, tall } = stripsOf(outputs, mostRows(emission.relaxed))
        const addresses = new Map(
          [x, node, packed].map(each => [each, f.local('i32', emission.address(each, step))]),
        )
        const corner = axes.reduce((at, { lowest }, axis) => at + lowest * strides[axis + 2]!, 0)
        const [unit, image, group, first, last] = [
          f.local('i32'),
          f.local('i32'),
          f.local('i32'),
          f.local('i32'),
          f.local('i32'),
        ]
        const [source, result] = [f.local('i32'), f.local('i32')]
        f.count(unit, begin, end, 1, () => {
          f.do(
            image.set(i32.div(unit, blocks)),
            first.set(i32.div(i32.mul(i32.rem(unit, blocks), strips), blocks)),
            last.set(i32.div(i32.mul(i32.add(i32.rem(unit, blocks), 1), strips), blocks)),
            group.set(i32.rem(image, groups)),
            result.set(i32.add(addresses.get(node)!, i32.mul(image, 4 * outputs * plane))),
            source.set(
              i32.add(
                i32.add(addresses.get(x)!, i32.mul(i32.div(image, groups), 4 * strides[0]!)),
                i32.mul(group, 4 * channels * strides[1]!),
              ),
            ),
          )
          if (isCopied) {
            const target = f.local('i32', i32.add(workspace, TILE_BYTES))
            copyImage(f, plan, x.shape.slice(2), source, strides, target)
            f.do(source.set(target))
          } else if (corner !== 0) f.do(source.set(i32.add(source, 4 * corner)))
          const weights = f.local('i32')
          for (const part of parts) {
            f.do(
              weights.set(
                i32.add(
                  i32.add(addresses.get(packed)!, i32.mul(group, 4 * plan.weights)),
                  4 * part.weightsAt,
                ),
              ),
            )
            const table = f.local('i32', emission.address(part.vectors, step))
            const tableEnd = f.local('i32', i32.add(table, part.pairs * 2 * ENTRY_BYTES))
            const pairs = Math.max(1, Math.floor(CACHED_BYTES / (32 * channels * part.taps)))
            const [until, strip] = [f.local('i32'), f.local('i32')]
            // Some tiles at a time, so that what is under their windows stays in the cache for all strips.
            f.while(
              () => i32.ltUnsigned(table, tableEnd),
              () => {
                f.do(
                  until.set(i32.add(table, pairs * 2 * ENTRY_BYTES)),
                  until.set(select(until, tableEnd, i32.ltUnsigned(until, tableEnd))),
                )
                f.count(strip, first, last, 1, () => {
                  const before = i32.add(
                    i32.mul(strip, height),
                    select(strip, i32.const(tall), i32.lt(strip, tall)),
                  )
                  const row = f.local('i32', before)
                  const left = f.local('i32', i32.add(weights, i32.mul(row, 4 * channels * part.taps)))
                  const to = f.local('i32', i32.add(result, i32.mul(row, 4 * plane)))
                  const run = (rows: number): void =>
                    multiplyStrip(f, emission, plan, part, rows, {
                      left,
                      source,
                      to,
                      table,
                      until,
                      workspace,
                      step,
                    })
                  if (tall === 0) run(height)
                  else
                    f.if(
                      i32.lt(strip, tall),
                      () => run(height + 1),
                      () => run(height),
                    )
                })
                f.do(table.set(until))
              },
            )
          }
        })
      }),
  }
}

/** Copies the places under all windows of an image, zeros where they are outside of it. */
function copyImage(
  f: FunctionBuilder,
  { axes, channels, channelStride }: ConvolutionPlan,
  lengths: readonly number[],
  source: Local<'i32'>,
  strides: readonly number[],
  target: Local<'i32'>,
): void {
  const partSize = axes.reduce((size, { width }) => size * width, 1)
  const pieces: { size: number; from: number; to: number; step: number }[][] = []
  for (const rests of choices(axes.map(({ move }) => Array.from({ length: move }, (_, rest) => rest)))) {
    pieces.push(
      rests.map((rest, axis) => {
        const { lowest, move, width, stride } = axes[axis]!
        const begin = Math.max(0, Math.ceil((-lowest - rest) / move))
        const end = Math.min(width, Math.floor((lengths[axis]! - 1 - lowest - rest) / move) + 1)
        return { size: end - begin, from: begin * move + rest + lowest, to: begin * stride, step: move }
      }),
    )
  }
  const isFull = pieces.every(piece => piece.every(({ size }, axis) => size === axes[axis]!.width))
  if (!isFull) f.do(memory.fill(target, 0, 4 * channelStride * channels))
  const [from, to] = [f.local('i32'), f.local('i32')]
  for (const [part, piece] of pieces.entries()) {
    if (piece.some(({ size }) => size <= 0)) continue
    const start = piece.reduce((at, each, axis) => at + each.from * strides[axis + 2]!, 0)
    const place = piece.reduce((at, each) => at + each.to, part * partSize)
    f.do(from.set(i32.add(source, 4 * start)), to.set(i32.add(target, 4 * place)))
    moveElements(
      f,
      [channels, ...piece.map(({ size }) => size)],
      from,
      [strides[1]!, ...piece.map((each, axis) => each.step * strides[axis + 2]!)],
      to,
      [channelStride, ...axes.map(({ stride }) => stride)],
      4,
    )
  }
}

/** What a strip needs: addresses. */
interface Strip {
  readonly left: Local<'i32'>
  readonly source: Local<'i32'>
  readonly to: Local<'i32'>
  readonly table: Local<'i32'>
  readonly until: Local<'i32'>
  readonly workspace: Local<'i32'>
  readonly step: Local<'i32'>
}

/** One strip of outputs at the positions of some entries of the table. */
function multiplyStrip(
  f: FunctionBuilder,
  emission: Emission,
  plan: ConvolutionPlan,
  { taps, places, laneStep }: Part,
  rows: number,
  { left, source, to, table, until, workspace, step }: Strip,
): void {
  const { channels, channelStride, plane } = plan
  const tile = tileFunction(emission, rows)
  const finish = finishFunction(emission)
  const channelStep = 4 * channelStride
  const together = channelsTogether(taps)
  const entry = f.local('i32', table)
  f.while(
    () => i32.ltUnsigned(entry, until),
    () => {
      const one = f.local('i32', i32.add(source, i32.load(entry)))
      const two = f.local('i32', i32.add(source, i32.load(entry, ENTRY_BYTES)))
      const list = (at: I32 | number): I32 => i32.add(emission.address(places, step), at)
      const multiply = (weights: I32, table: I32, count: I32 | number, isAdded: I32): void =>
        f.do(
          perform(
            tile,
            weights,
            one,
            two,
            table,
            typeof count === 'number' ? i32.const(count) : count,
            workspace,
            isAdded,
          ),
        )
      if (channels * taps <= BLOCK) multiply(left, list(0), channels * taps, i32.const(0))
      else {
        const [weights, channel, inner] = [f.local('i32', left), f.local('i32'), f.local('i32')]
        f.count(channel, 0, channels, together, () => {
          if (taps <= BLOCK) {
            const rest = i32.sub(channels, channel)
            f.do(inner.set(i32.mul(select(rest, i32.const(together), i32.lt(rest, together)), taps)))
            multiply(weights, list(0), inner, channel)
            f.do(weights.set(i32.add(weights, i32.mul(inner, 4 * rows))))
          } else {
            const tap = f.local('i32')
            f.count(tap, 0, taps, BLOCK, () => {
              const rest = i32.sub(taps, tap)
              f.do(inner.set(select(rest, i32.const(BLOCK), i32.lt(rest, BLOCK))))
              multiply(weights, list(i32.shl(tap, 2)), inner, i32.or(channel, tap))
              f.do(weights.set(i32.add(weights, i32.mul(inner, 4 * rows))))
            })
          }
          f.do(one.set(i32.add(one, together * channelStep)), two.set(i32.add(two, together * channelStep)))
        })
      }
      f.do(
        perform(finish, workspace, to, i32.const(4 * plane), i32.const(rows), entry, i32.const(laneStep)),
        entry.set(i32.add(entry, 2 * ENTRY_BYTES)),
      )
    },
  )
}

/**
 * `(left, one, two, table, inner, to, isAdded)`: the sums over `inner` products for some outputs at two vectors of positions,
 * written to `to`, or added to what is there. The loop has a function for itself, see core's matrix product.
 */
function tileFunction({ module, relaxed, shared }: Emission, rows: number): FunctionReference {
  const parameters = {
    left: 'i32',
    one: 'i32',
    two: 'i32',
    table: 'i32',
    inner: 'i32',
    to: 'i32',
    isAdded: 'i32',
  } as const
  return shared(`convolution of ${rows} outputs`, () =>
    module.function(parameters, 'nothing', (f, { left, one, two, table, inner, to, isAdded }) => {
      const sums = Array.from({ length: rows }, () => [
        f.local('v128', f32x4.const(0)),
        f.local('v128', f32x4.const(0)),
      ])
      const end = f.local('i32', i32.add(left, i32.mul(inner, 4 * rows)))
      const [place, weight] = [f.local('i32'), f.local('v128')]
      const elements = [f.local('v128'), f.local('v128')]
      f.while(
        () => i32.ne(left, end),
        () => {
          f.do(
            place.set(i32.load(table)),
            elements[0]!.set(v128.load(i32.add(one, place))),
            elements[1]!.set(v128.load(i32.add(two, place))),
          )
          for (const [row, pair] of sums.entries()) {
            f.do(weight.set(v128.load32Splat(left, 4 * row)))
            for (const [k, sum] of pair.entries())
              f.do(
                sum.set(
                  relaxed
                    ? f32x4.relaxedMultiplyAdd(weight, elements[k]!, sum)
                    : f32x4.add(sum, f32x4.mul(weight, elements[k]!)),
                ),
              )
          }
          f.do(left.set(i32.add(left, 4 * rows)), table.set(i32.add(table, 4)))
        },
      )
      const write = (isSum: boolean): void => {
        for (const [row, pair] of sums.entries())
          for (const [k, sum] of pair.entries()) {
            const at = TILE_ROW_BYTES * row + 16 * k
            f.do(v128.store(to, isSum ? f32x4.add(v128.load(to, at), sum) : sum, at))
          }
      }
      f.if(
        isAdded,
        () => write(true),
        () => write(false),
      )
    }),
  )
}

/** `(from, to, toRow, rows, entry, laneStep)`: a tile to the places in the result that its two entries of the table give. */
function finishFunction({ module, shared }: Emission): FunctionReference {
  const parameters = {
    from: 'i32',
    to: 'i32',
    toRow: 'i32',
    rows: 'i32',
    entry: 'i32',
    laneStep: 'i32',
  } as const
  return shared('convolution, tile to result', () =>
    module.function(parameters, 'nothing', (f, { from, to, toRow, rows, entry, laneStep }) => {
      const [count, place, target, row, lane] = [
        f.local('i32'),
        f.local('i32'),
        f.local('i32'),
        f.local('i32'),
        f.local('i32'),
      ]
      for (let k = 0; k < 2; k++) {
        f.do(
          target.set(i32.add(to, i32.load(entry, ENTRY_BYTES * k + 4))),
          count.set(i32.load(entry, ENTRY_BYTES * k + 8)),
          place.set(i32.add(from, 16 * k)),
        )
        f.if(
          i32.and(i32.eq(count, 4), i32.eq(laneStep, 4)),
          () =>
            f.count(row, 0, rows, 1, () =>
              f.do(
                v128.store(target, v128.load(place)),
                target.set(i32.add(target, toRow)),
                place.set(i32.add(place, TILE_ROW_BYTES)),
              ),
            ),
          () =>
            f.count(row, 0, rows, 1, () => {
              f.count(lane, 0, count, 1, () =>
                f.do(
                  f32.store(
                    i32.add(target, i32.mul(lane, laneStep)),
                    f32.load(i32.add(place, i32.shl(lane, 2))),
                  ),
                ),
              )
              f.do(target.set(i32.add(target, toRow)), place.set(i32.add(place, TILE_ROW_BYTES)))
            }),
        )
      }
    }),
  )
}
