/**
 * Kernels of what reads and writes at listed positions: `pick`, `accumulate`, `overwrite`, `gather`, `scatterAdd`, and
 * `wrapIndices`, which checks indices. Elements are added in the order of the positions, whatever the division into parts.
 *
 * An index that is out of range is refused in the words of the primitive: the kernel calls it, and it throws. So kernels that
 * have to look for such an index run on the first thread; others follow a check and can be divided.
 */

import { type IndexBounds, maxPoolIndices, stridesOf, winners, wrapIndices } from '@adjoint/core/engine'
import {
  type FunctionBuilder,
  f32,
  f32x4,
  f64,
  f64x2,
  type I32,
  i32,
  i32x4,
  type Local,
  memory,
  type Nothing,
  v128,
} from '@adjoint/core/wasm'
import type { DType, Node } from '../graph/node.ts'
import { isCall, isView, uniformValue } from '../passes/build.ts'
import { isWithin } from '../passes/facts.ts'
import { BYTES_PER_ELEMENT, type Emission, KERNEL_PARAMETERS, type Kernel } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'
import { moveElements, moveNode, moveOne } from './moves.ts'
import { inBytes, stepsTo, type WalkAxis, walk, walkAxes } from './walk.ts'

/** Blocks of fewer elements than this are dealt out by rows, not one by one. */
const LONG_BLOCK = 16

/** An axis of places is divided into at most so many parts. */
const MOST_PARTS = 16

/** Whether positions are known to be below the size of an axis; they may be -1, which is nowhere. */
function isBelow(node: Node, size: number): boolean {
  if (isView(node) || isCall(node, winners)) return isBelow(node.inputs[0]!, size)
  if (isCall(node, wrapIndices)) {
    const { size: places, scale = 1, steps = [] } = node.attributes as IndexBounds
    const further = steps.reduce(
      (sum, step, k) => sum + step * (node.shape[node.shape.length - steps.length + k]! - 1),
      0,
    )
    return (places - 1) * scale + further < size
  }
  if (isCall(node, maxPoolIndices)) {
    const { rules } = node.attributes as { readonly rules: readonly unknown[] }
    const plane = node.inputs[0]!.shape.slice(-rules.length)
    return plane.reduce((product, length) => product * length, 1) <= size
  }
  return isWithin(node, size)
}

/** The primitive itself, for the error that it throws. */
function refusal(node: Node, emission: Emission): number {
  return emission.host(step => {
    node.primitive!.forward(
      node.inputs.map(input => emission.tensor(input, step)),
      node.attributes,
    )
  })
}

/** Refuses positions from `size` up, before anything is written. */
function checkPositions(
  f: FunctionBuilder,
  node: Node,
  positions: Node,
  size: number,
  emission: Emission,
  layouts: Layouts,
  step: Local<'i32'>,
): void {
  const index = refusal(node, emission)
  const strides = inBytes(layouts.of(positions).strides, 4)
  walk(f, walkAxes(positions.shape, [strides]), [f.local('i32', emission.address(positions, step))], ([at]) =>
    f.if(i32.ge(i32.load(at!), size), () => {
      f.do(emission.callHost(index, step))
      f.return()
    }),
  )
}

/** A tensor seen from an axis at which positions count. */
interface Blocks {
  /** Axes before that axis, of the tensor and of the positions: those of the batch move both. */
  readonly rows: readonly WalkAxis[]
  readonly rowCount: number
  /** The positions of a row, and the elements that stand at them. */
  readonly picks: readonly WalkAxis[]
  readonly pickCount: number
  /** The elements of a block, in the tensor and in what stands at the positions. */
  readonly inner: {
    readonly shape: readonly number[]
    readonly strides: readonly number[]
    readonly picked: readonly number[]
  }
  readonly innerSize: number
}

/**
 * `strides` are those of the tensor with the axis, `picked` of the tensor with the elements at the positions. Every row moves
 * three addresses: tensor, positions, picked elements; every pick the latter two.
 */
function blocksOf(
  shape: readonly number[],
  strides: readonly number[],
  positions: Node,
  positionStrides: readonly number[],
  picked: readonly number[],
  bytes: number,
  { axis, batchAxes }: { readonly axis: number; readonly batchAxes: number },
): Blocks {
  const count = positions.shape.length - batchAxes
  const product = (list: readonly number[]): number => list.reduce((all, size) => all * size, 1)
  const before = shape.slice(0, axis)
  const positionSteps = before.map((_, k) => (k < batchAxes ? positionStrides[k]! * 4 : 0))
  const list = positions.shape.slice(batchAxes)
  const inner = shape.slice(axis + 1)
  return {
    rows: walkAxes(before, [
      inBytes(strides.slice(0, axis), bytes),
      positionSteps,
      inBytes(picked.slice(0, axis), bytes),
    ]),
    rowCount: product(before),
    picks: walkAxes(list, [
      inBytes(positionStrides.slice(batchAxes), 4),
      inBytes(picked.slice(axis, axis + count), bytes),
    ]),
    pickCount: product(list),
    inner: { shape: inner, strides: strides.slice(axis + 1), picked: picked.slice(axis + count) },
    innerSize: product(inner),
  }
}

/** `pick`: the blocks at the positions, zeros for those at -1. */
export function pickKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const [x, positions] = node.inputs as [Node, Node]
  if (node.size === 0) return undefined
  const where = node.attributes as unknown as { axis: number; batchAxes: number }
  const bytes = BYTES_PER_ELEMENT[node.dtype]
  const { strides } = layouts.of(x)
  const own = stridesOf(node.shape)
  const blocks = blocksOf(x.shape, strides, positions, layouts.of(positions).strides, own, bytes, where)
  const length = x.shape[where.axis]!
  const isKnown = isBelow(positions, length)
  const isByBlock = blocks.innerSize >= LONG_BLOCK
  const axisStep = strides[where.axis]! * bytes
  return {
    name: `pick [${node.shape.join(', ')}]`,
    reads: [x, positions],
    writes: [node],
    units: isKnown ? blocks.rowCount * (isByBlock ? blocks.pickCount : 1) : 1,
    flops: node.size,
    nanoseconds: isByBlock ? node.size / 2 : 2 * node.size,
    isHosted: !isKnown,
    emit: emission =>
      emission.module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step }) => {
        if (!isKnown) checkPositions(f, node, positions, length, emission, layouts, step)
        const [source, list, target] = [x, positions, node].map(each =>
          f.local('i32', emission.address(each, step)),
        ) as [Local<'i32'>, Local<'i32'>, Local<'i32'>]
        const { inner, innerSize } = blocks
        const one = (row: I32, at: I32, to: Local<'i32'>): void => {
          const position = f.local('i32', i32.load(at))
          f.if(
            i32.ge(position, 0),
            () => {
              const from = f.local('i32', i32.add(row, i32.mul(position, axisStep)))
              moveElements(f, inner.shape, from, inner.strides, to, inner.picked, bytes)
            },
            () => f.do(memory.fill(to, 0, innerSize * bytes)),
          )
        }
        const unit = f.local('i32')
        const [row, at, to] = [f.local('i32'), f.local('i32'), f.local('i32')]
        const goTo = (number: I32): void => {
          const [a, b, c] = stepsTo(f, blocks.rows, number)
          f.do(
            row.set(a === undefined ? source : i32.add(source, a)),
            at.set(b === undefined ? list : i32.add(list, b)),
            to.set(c === undefined ? target : i32.add(target, c)),
          )
        }
        if (isByBlock && isKnown)
          f.count(unit, begin, end, 1, () => {
            goTo(i32.div(unit, blocks.pickCount))
            const [b, c] = stepsTo(f, blocks.picks, i32.rem(unit, blocks.pickCount))
            if (b !== undefined) f.do(at.set(i32.add(at, b)), to.set(i32.add(to, c!)))
            one(row, at, to)
          })
        else {
          const [first, last] = isKnown ? [begin, end] : [i32.const(0), i32.const(blocks.rowCount)]
          f.count(unit, first, last, 1, () => {
            goTo(unit)
            walk(f, blocks.picks, [at, to], ([position, place]) => one(row, position!, place!))
          })
        }
      }),
  }
}

/** `accumulate`: zeros, and the elements added at their positions. */
export function accumulateKernel(node: Node, layouts: Layouts): Kernel | undefined {
  if (node.inputs[0]!.dtype !== node.dtype || node.size === 0) return undefined
  return scatterKernel(node, undefined, node.inputs[1]!, node.inputs[0]!, true, layouts)
}

/** `overwrite`: the operand with the elements at their positions in its place. */
export function overwriteKernel(node: Node, layouts: Layouts): Kernel | undefined {
  if (node.inputs.some(({ dtype }, k) => k !== 1 && dtype !== node.dtype) || node.size === 0) return undefined
  return scatterKernel(node, node.inputs[0]!, node.inputs[1]!, node.inputs[2]!, false, layouts)
}

function scatterKernel(
  node: Node,
  x: Node | undefined,
  positions: Node,
  source: Node,
  isAdded: boolean,
  layouts: Layouts,
): Kernel {
  const where = node.attributes as unknown as { axis: number; batchAxes: number }
  const bytes = BYTES_PER_ELEMENT[node.dtype]
  const own = stridesOf(node.shape)
  const picked = layouts.of(source).strides
  const blocks = blocksOf(node.shape, own, positions, layouts.of(positions).strides, picked, bytes, where)
  const length = node.shape[where.axis]!
  const isKnown = isBelow(positions, length)
  const rowBytes = length * blocks.innerSize * bytes
  // One row is divided along its axis: each part goes through all positions and takes those that are its own.
  const isOneRow = blocks.rowCount === 1
  const part = Math.ceil(length / Math.min(length, MOST_PARTS))
  const parts = isOneRow && x === undefined ? Math.ceil(length / part) : blocks.rowCount
  return {
    name: `${node.op} [${node.shape.join(', ')}]`,
    reads: [source, positions, ...(x === undefined ? [] : [x])],
    writes: [node],
    units: isKnown && x === undefined ? parts : 1,
    flops: source.size,
    nanoseconds: node.size / 4 + source.size,
    isHosted: !isKnown,
    emit: emission =>
      emission.module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step }) => {
        if (!isKnown) checkPositions(f, node, positions, length, emission, layouts, step)
        const [target, list, from] = [node, positions, source].map(each =>
          f.local('i32', emission.address(each, step)),
        ) as [Local<'i32'>, Local<'i32'>, Local<'i32'>]
        const [first, last] = isKnown && x === undefined ? [begin, end] : [i32.const(0), i32.const(parts)]
        const { inner, innerSize } = blocks
        const isSplit = isOneRow && x === undefined
        const low = f.local('i32', isSplit ? i32.mul(first, part) : i32.const(0))
        const high = f.local('i32', isSplit ? i32.mul(last, part) : i32.const(length))
        f.if(i32.gt(high, length), () => f.do(high.set(i32.const(length))))
        if (x !== undefined) moveNode(f, emission, layouts, x, step, target, own)
        const [row, at, start] = [f.local('i32'), f.local('i32'), f.local('i32')]
        const step1 = innerSize * bytes
        const runRow = (): void => {
          if (x === undefined)
            f.do(memory.fill(i32.add(row, i32.mul(low, step1)), 0, i32.mul(i32.sub(high, low), step1)))
          walk(f, blocks.picks, [at, start], ([place, element]) => {
            const position = f.local('i32', i32.load(place!))
            // Unsigned, so that -1 is out of range as well.
            f.if(i32.ltUnsigned(i32.sub(position, low), i32.sub(high, low)), () => {
              const to = f.local('i32', i32.add(row, i32.mul(position, step1)))
              if (isAdded) addElements(f, node.dtype, inner.shape, element!, inner.picked, to, inner.strides)
              else moveElements(f, inner.shape, element!, inner.picked, to, inner.strides, bytes)
            })
          })
        }
        if (source.size === 0) {
          if (x === undefined) f.do(memory.fill(target, 0, blocks.rowCount * rowBytes))
          return
        }
        if (isOneRow) {
          f.do(row.set(target), at.set(list), start.set(from))
          runRow()
          return
        }
        const unit = f.local('i32')
        f.count(unit, first, last, 1, () => {
          const [a, b, c] = stepsTo(f, blocks.rows, unit)
          f.do(row.set(i32.add(target, a!)), at.set(i32.add(list, b!)), start.set(i32.add(from, c!)))
          runRow()
        })
      }),
  }
}

/** Adds elements one by one, or in vectors where both lie side by side. */
function addElements(
  f: FunctionBuilder,
  dtype: DType,
  shape: readonly number[],
  from: Local<'i32'>,
  fromStrides: readonly number[],
  to: Local<'i32'>,
  toStrides: readonly number[],
): void {
  const bytes = BYTES_PER_ELEMENT[dtype]
  const axes = walkAxes(shape, [inBytes(fromStrides, bytes), inBytes(toStrides, bytes)])
  const last = axes.at(-1)
  const lanes = 16 / bytes
  if (last === undefined || last.size < lanes || last.steps.some(step => step !== bytes)) {
    walk(f, axes, [from, to], ([source, target]) => f.do(addOne(dtype, target!, source!)))
    return
  }
  walk(f, axes.slice(0, -1), [from, to], ([source, target]) => {
    const [x, y, index] = [f.local('i32', source!), f.local('i32', target!), f.local('i32')]
    const whole = last.size - (last.size % lanes)
    f.count(index, 0, whole, lanes, () =>
      f.do(
        v128.store(y, addVectors(dtype, v128.load(y), v128.load(x))),
        x.set(i32.add(x, 16)),
        y.set(i32.add(y, 16)),
      ),
    )
    for (let k = whole; k < last.size; k++) f.do(addOne(dtype, y, x, (k - whole) * bytes))
  })
}

function addVectors(dtype: DType, x: Parameters<typeof f32x4.add>[0], y: Parameters<typeof f32x4.add>[0]) {
  if (dtype === 'float32') return f32x4.add(x, y)
  return dtype === 'float64' ? f64x2.add(x, y) : i32x4.add(x, y)
}

function addOne(dtype: DType, to: I32, from: I32, offset = 0): Nothing {
  if (dtype === 'float32') return f32.store(to, f32.add(f32.load(to, offset), f32.load(from, offset)), offset)
  if (dtype === 'float64') return f64.store(to, f64.add(f64.load(to, offset), f64.load(from, offset)), offset)
  return i32.store(to, i32.add(i32.load(to, offset), i32.load(from, offset)), offset)
}

/** What `gather` and `scatterAdd` go through: indices, what stands beside them, and the tensor without the axis. */
function indexedAxes(
  indices: Node,
  beside: readonly number[],
  x: readonly number[],
  axis: number,
  bytes: number,
  layouts: Layouts,
): WalkAxis[] {
  return walkAxes(indices.shape, [
    inBytes(layouts.of(indices).strides, 4),
    inBytes(beside, bytes),
    inBytes(
      x.map((stride, k) => (k === axis ? 0 : stride)),
      bytes,
    ),
  ])
}

/** The place of an index along an axis; refuses one that is out of range. */
function placeOf(
  f: FunctionBuilder,
  at: I32,
  length: number,
  refused: number | undefined,
  emission: Emission,
  step: Local<'i32'>,
): Local<'i32'> {
  const place = f.local('i32', i32.load(at))
  if (refused === undefined) return place
  f.if(i32.lt(place, 0), () => f.do(place.set(i32.add(place, length))))
  f.if(i32.geUnsigned(place, length), () => {
    f.do(emission.callHost(refused, step))
    f.return()
  })
  return place
}

/** `gather`: an element along an axis for every index. */
export function gatherKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const [x, indices] = node.inputs as [Node, Node]
  if (node.size === 0) return undefined
  const axis = node.attributes.axis as number
  const bytes = BYTES_PER_ELEMENT[node.dtype]
  const { strides } = layouts.of(x)
  const length = x.shape[axis]!
  const isKnown = isWithin(indices, length)
  const axes = indexedAxes(indices, stridesOf(node.shape), strides, axis, bytes, layouts)
  const [outer, ...inner] = axes
  return {
    name: `gather [${node.shape.join(', ')}]`,
    reads: [x, indices],
    writes: [node],
    units: isKnown ? (outer?.size ?? 1) : 1,
    flops: node.size,
    nanoseconds: 2 * node.size,
    isHosted: !isKnown,
    emit: emission =>
      emission.module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step }) => {
        const refused = isKnown ? undefined : refusal(node, emission)
        const starts = [indices, node, x].map(each => f.local('i32', emission.address(each, step)))
        const read = ([at, to, from]: readonly Local<'i32'>[]): void => {
          const place = placeOf(f, at!, length, refused, emission, step)
          f.do(moveOne(to!, i32.add(from!, i32.mul(place, strides[axis]! * bytes)), bytes, 0))
        }
        if (!isKnown || outer === undefined) {
          walk(f, axes, starts, read)
          return
        }
        const unit = f.local('i32')
        f.count(unit, begin, end, 1, () => {
          const moved = starts.map((start, k) =>
            f.local('i32', i32.add(start, i32.mul(unit, outer.steps[k]!))),
          )
          walk(f, inner, moved, read)
        })
      }),
  }
}

/** `scatterAdd`: a copy with an element added at every index. */
export function scatterAddKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const [x, indices, source] = node.inputs as [Node, Node, Node]
  if (node.size === 0 || node.dtype === 'bool' || x.dtype !== node.dtype || source.dtype !== node.dtype)
    return undefined
  const axis = node.attributes.axis as number
  const bytes = BYTES_PER_ELEMENT[node.dtype]
  const own = stridesOf(node.shape)
  const length = node.shape[axis]!
  const isKnown = isWithin(indices, length)
  const axes = indexedAxes(indices, layouts.of(source).strides, own, axis, bytes, layouts)
  return {
    name: `scatterAdd [${node.shape.join(', ')}]`,
    reads: [x, indices, source],
    writes: [node],
    units: 1,
    flops: source.size,
    nanoseconds: node.size / 4 + 2 * source.size,
    isHosted: !isKnown,
    emit: emission =>
      emission.module.function(KERNEL_PARAMETERS, 'nothing', (f, { step }) => {
        const refused = isKnown ? undefined : refusal(node, emission)
        const target = f.local('i32', emission.address(node, step))
        if (Object.is(uniformValue(x), 0)) f.do(memory.fill(target, 0, node.size * bytes))
        else moveNode(f, emission, layouts, x, step, target, own)
        if (indices.size === 0) return
        const starts = [indices, source].map(each => f.local('i32', emission.address(each, step)))
        walk(f, axes, [...starts, target], ([at, from, to]) => {
          const place = placeOf(f, at!, length, refused, emission, step)
          f.do(addOne(node.dtype, i32.add(to!, i32.mul(place, own[axis]! * bytes)), from!))
        })
      }),
  }
}

/** `wrapIndices`: indices as positions, and a check that none is out of range. */
export function wrapIndicesKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const [indices] = node.inputs as [Node]
  if (node.size === 0) return undefined
  const { size, wrap = true, scale = 1, steps = [] } = node.attributes as IndexBounds
  const lowest = wrap ? -size : 0
  const further = node.shape.map((_, axis) => steps[axis + steps.length - node.shape.length] ?? 0)
  const axes = walkAxes(node.shape, [
    inBytes(layouts.of(indices).strides, 4),
    inBytes(stridesOf(node.shape), 4),
    further,
  ])
  return {
    name: `wrapIndices [${node.shape.join(', ')}]`,
    reads: [indices],
    writes: [node],
    units: 1,
    flops: node.size,
    nanoseconds: 2 * node.size,
    isHosted: true,
    emit: emission =>
      emission.module.function(KERNEL_PARAMETERS, 'nothing', (f, { step }) => {
        const refused = refusal(node, emission)
        const starts = [indices, node].map(each => f.local('i32', emission.address(each, step)))
        walk(f, axes, [...starts, f.local('i32', i32.const(0))], ([at, to, place]) => {
          const index = f.local('i32', i32.load(at!))
          f.if(i32.or(i32.lt(index, lowest), i32.ge(index, size)), () => {
            // Whatever still runs finds positions that exist.
            f.do(memory.fill(starts[1]!, 0, 4 * node.size), emission.callHost(refused, step))
            f.return()
          })
          f.if(i32.lt(index, 0), () => f.do(index.set(i32.add(index, size))))
          f.do(i32.store(to!, i32.add(i32.mul(index, scale), place!)))
        })
      }),
  }
}
