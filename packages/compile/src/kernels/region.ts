/** The kernel of a region: loops over its positions that keep everything in registers which nobody else needs. */

import {
  elementwiseCode,
  type FunctionBuilder,
  type FunctionReference,
  f32x4,
  f64,
  f64x2,
  type I32,
  i32,
  type Local,
  type V128,
  v128,
} from '@adjoint/core/wasm'
import { Node } from '../graph/node.ts'
import { BYTES_PER_ELEMENT, type Emission, KERNEL_PARAMETERS, type Kernel } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'
import { isReduction, type Region } from '../plan/region.ts'
import { loadLanes, storeLanes } from './lanes.ts'
import { neutralOf, type Reducer, reducerOf } from './reducers.ts'
import { type Access, type Dim, RegionShape } from './regionShape.ts'

/** The kernels of a region: one, or two when a long line is divided into parts whose results have to be put together. */
export function regionKernels(region: Region, layouts: Layouts): Kernel[] {
  const shape = new RegionShape(region, layouts)
  const partials = new Map<Node, Node>()
  if (shape.isDivided) {
    for (const node of region.nodes) {
      if (region.roles.get(node) === 'line') partials.set(node, Node.scratch([shape.units], 'float64'))
    }
  }
  const inside = new Set(region.nodes)
  const reads = new Set<Node>()
  for (const node of region.nodes)
    for (const input of node.inputs) if (!inside.has(layouts.of(input).buffer)) reads.add(input)
  const name = nameOf(region)
  const main: Kernel = {
    name,
    reads: [...reads],
    writes: [...region.stored.filter(node => !partials.has(node)), ...partials.values()],
    inPlace: [...reads].filter(read => shape.isReadOnce(read)),
    units: shape.units,
    workspaceBytes: shape.workspaceBytes,
    flops: region.nodes.length * shape.positions,
    emit: emission => new RegionEmitter(shape, emission, partials).emit(),
  }
  if (partials.size === 0) return [main]
  return [main, combineKernel(name, shape, partials)]
}

function nameOf({ nodes, shape }: Region): string {
  const names = nodes.map(node => node.op)
  const shown =
    names.length <= 6 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`
  return `${shown} [${shape.join(', ')}]`
}

/** Where in the loops code is: what is known there. */
interface Spot {
  /** Which of the vectors side by side. */
  readonly vector: number
  readonly stage: number
  /** The address of an access at this vector. */
  readonly address: (access: Access) => { at: I32; offset: number }
  /** Turn of the innermost loop, for values that are kept in the workspace: the address of this vector's. */
  readonly slot: ((slot: number) => { at: I32; offset: number }) | undefined
  readonly values: Map<Node, Local<'v128'>>
  /** Elements of the vector that count; all unless given. */
  readonly count: number
}

class RegionEmitter {
  readonly #shape: RegionShape
  readonly #emission: Emission
  readonly #partials: ReadonlyMap<Node, Node>
  #f!: FunctionBuilder
  #step!: I32
  #workspace!: I32
  /** Values that are the same for the whole kernel: numbers. */
  readonly #constants = new Map<string, Local<'v128'>>()
  /** Addresses of the present line, by access. */
  readonly #bases = new Map<Access, Local<'i32'>>()
  /** Values of the present line, for each vector. */
  #lines: Map<Node, Local<'v128'>>[] = []
  readonly #accumulators = new Map<Node, readonly (readonly Local<'v128'>[])[]>()
  readonly #kernelBases = new Map<Access, I32>()
  /** Operands of the present line that do not move along the vector. */
  readonly #splats = new Map<string, Local<'v128'>>()
  /** Operands that were read at a spot already, by the values of the spot. */
  readonly #readKeys = new WeakMap<Map<Node, Local<'v128'>>, Map<string, Local<'v128'>>>()
  /** Operands that the vectors side by side have in common. */
  #shared: Map<string, Local<'v128'>> | undefined

  constructor(shape: RegionShape, emission: Emission, partials: ReadonlyMap<Node, Node>) {
    this.#shape = shape
    this.#emission = emission
    this.#partials = partials
  }

  emit(): FunctionReference {
    const { module } = this.#emission
    return module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step, workspace }) => {
      this.#f = f
      this.#step = step
      this.#workspace = workspace
      this.#loadConstants()
      const unit = f.local('i32')
      f.count(unit, begin, end, 1, () => this.#unit(unit))
    })
  }

  /** Operands that are the same at every position are read once. */
  #loadConstants(): void {
    const { reads, lanes } = this.#shape
    for (const [key, access] of reads) {
      if (access.strides.some(stride => stride !== 0)) continue
      const { node } = access
      const f = this.#f
      const value =
        node.value !== undefined && node.dtype.startsWith('float')
          ? lanes === 4
            ? f32x4.const(node.value.item())
            : f64x2.const(node.value.item())
          : loadLanes(node.dtype, lanes, this.#emission.address(node, this.#step), 0, 'splat')
      this.#constants.set(key, f.local('v128', value))
    }
  }

  #unit(unit: Local<'i32'>): void {
    const f = this.#f
    const { dims, lineDims, mode, vectorDim, vectors, lanes, chunk } = this.#shape
    const coordinates = new Map<number, I32>()
    let rest: I32 = unit
    const block = f.local('i32')
    const length = dims[vectorDim]!.size
    const blocks = mode === 'column' ? Math.ceil(length / (vectors * lanes)) : 1
    if (mode === 'column') {
      f.do(block.set(blocks === 1 ? i32.const(0) : i32.rem(unit, blocks)))
      rest = blocks === 1 ? unit : f.local('i32', i32.div(unit, blocks))
      coordinates.set(vectorDim, f.local('i32', i32.mul(block, vectors * lanes)))
    } else if (chunk !== undefined) {
      const start = f.local('i32', i32.mul(unit, chunk))
      coordinates.set(vectorDim, start)
      rest = i32.const(0)
    }
    for (let at = lineDims.length - 1; at >= 0; at--) {
      const { size } = dims[lineDims[at]!]!
      if (at === 0) {
        coordinates.set(lineDims[at]!, rest)
        break
      }
      coordinates.set(lineDims[at]!, f.local('i32', i32.rem(rest, size)))
      rest = f.local('i32', i32.div(rest, size))
    }
    for (const access of this.#accesses()) {
      let address = this.#start(access)
      for (const [dim, coordinate] of coordinates) {
        const bytes = access.strides[dim]! * access.bytes
        if (bytes !== 0) address = i32.add(address, bytes === 1 ? coordinate : i32.mul(coordinate, bytes))
      }
      const base = this.#bases.get(access) ?? f.local('i32')
      this.#bases.set(access, base)
      f.do(base.set(address))
    }
    if (mode === 'column') {
      const rem = length % (vectors * lanes)
      if (rem === 0) this.#lineBlock(vectors * lanes, unit)
      else if (blocks === 1) this.#lineBlock(rem, unit)
      else
        f.if(
          i32.eq(block, blocks - 1),
          () => this.#lineBlock(rem, unit),
          () => this.#lineBlock(vectors * lanes, unit),
        )
      return
    }
    if (chunk === undefined) {
      this.#lineBlock(length, unit)
      return
    }
    const rem = length % chunk
    if (rem === 0) this.#lineBlock(chunk, unit)
    else
      f.if(
        i32.eq(unit, this.#shape.units - 1),
        () => this.#lineBlock(rem, unit),
        () => this.#lineBlock(chunk, unit),
      )
  }

  /** The address at which an access begins: the same for the whole kernel. */
  #start(access: Access): I32 {
    const known = this.#kernelBases.get(access)
    if (known !== undefined) return known
    const start = this.#emission.address(access.node, this.#step)
    this.#kernelBases.set(access, start)
    return start
  }

  /** Everything that moves through memory. */
  #accesses(): Access[] {
    const { region, reads, writes, kept } = this.#shape
    const stored = region.stored.filter(node => !this.#partials.has(node))
    const again = [...kept].filter(([, where]) => where === 'stored').map(([node]) => node)
    return [...reads.values(), ...[...new Set([...stored, ...again])].map(node => writes.get(node)!)]
  }

  /** All stages of one line, or of as many lines as lie side by side. `count`: positions along the vector. */
  #lineBlock(count: number, unit: Local<'i32'>): void {
    const { lastLevel, mode, lanes, region } = this.#shape
    const vectors = mode === 'column' ? Math.ceil(count / lanes) : 1
    this.#lines = Array.from({ length: vectors }, () => new Map())
    for (let stage = 0; stage <= lastLevel; stage++) {
      this.#lineValues(stage, count)
      const sinks = this.#shape.sinks().filter(sink => sink.stage === stage)
      const reductions = region.nodes.filter(
        node => isReduction(node) && this.#shape.levels.get(node)! - 1 === stage,
      )
      const isKeeping = [...this.#shape.kept.keys()].some(node => this.#shape.levels.get(node) === stage)
      if (sinks.length === 0 && reductions.length === 0 && !isKeeping) continue
      this.#startReductions(reductions, mode === 'row' ? this.#shape.rowVectors(stage) : vectors)
      if (mode === 'row') this.#rowLoops(stage, count, reductions)
      else this.#columnLoops(stage, count, vectors, reductions)
      this.#finishReductions(reductions, vectors, unit)
    }
    this.#lineValues(lastLevel + 1, count)
    this.#storeLines(count)
  }

  #startReductions(reductions: readonly Node[], copies: number): void {
    for (const node of reductions) {
      const reducer = reducerOf(node)!
      const known = this.#accumulators.get(node)
      const registers =
        known !== undefined && known.length >= copies
          ? known
          : Array.from({ length: copies }, () =>
              reducer.registers(this.#shape.lanes).map(() => this.#f.local('v128')),
            )
      this.#accumulators.set(node, registers)
      for (const set of registers)
        for (const [i, register] of set.entries())
          this.#f.do(register.set(reducer.registers(this.#shape.lanes)[i]!))
    }
  }

  #finishReductions(reductions: readonly Node[], vectors: number, unit: Local<'i32'>): void {
    const { mode, lanes, region } = this.#shape
    for (const node of reductions) {
      const reducer = reducerOf(node)!
      const registers = this.#accumulators.get(node)!
      const size = region.axes.reduce((product, axis) => product * region.shape[axis]!, 1)
      if (mode === 'column') {
        for (let w = 0; w < vectors; w++)
          this.#setLine(w, node, reducer.columns(this.#f, registers[w]!, lanes, size))
        continue
      }
      let all = registers[0]!
      for (const other of registers.slice(1)) all = reducer.join(this.#f, all, other, lanes)
      const partial = this.#partials.get(node)
      if (partial === undefined) this.#setLine(0, node, reducer.row(this.#f, all, lanes, size))
      else {
        const at = i32.add(this.#emission.address(partial, this.#step), i32.shl(unit, 3))
        this.#f.do(f64.store(at, reducer.part(this.#f, all, lanes)))
      }
    }
  }

  #setLine(vector: number, node: Node, value: V128): void {
    this.#lines[vector]!.set(node, this.#f.local('v128', value))
  }

  /** Values of the line that are there before a stage: made of reductions of earlier stages. */
  #lineValues(stage: number, count: number): void {
    const { region, levels, lanes, mode } = this.#shape
    for (const node of region.nodes) {
      if (region.roles.get(node) !== 'line' || isReduction(node)) continue
      if (levels.get(node)! > stage || (stage > 0 && levels.get(node)! < stage)) continue
      for (const [w, values] of this.#lines.entries()) {
        if (values.has(node)) continue
        const left = mode === 'row' ? 1 : Math.min(lanes, count - w * lanes)
        const spot: Spot = {
          vector: w,
          stage,
          address: access => ({
            at: this.#bases.get(access)!,
            offset: mode === 'row' ? 0 : w * lanes * access.bytes * access.strides[this.#shape.vectorDim]!,
          }),
          slot: undefined,
          values,
          count: left,
        }
        this.#compute(node, spot)
      }
    }
  }

  #storeLines(count: number): void {
    const { region, writes, lanes, mode } = this.#shape
    for (const node of region.stored) {
      if (region.roles.get(node) !== 'line' || this.#partials.has(node)) continue
      const base = this.#bases.get(writes.get(node)!)!
      for (const [w, values] of this.#lines.entries()) {
        const left = mode === 'row' ? 1 : Math.min(lanes, count - w * lanes)
        const offset = w * lanes * BYTES_PER_ELEMENT[node.dtype]
        this.#f.do(storeLanes(node.dtype, lanes, base, offset, values.get(node)!, left))
      }
    }
  }

  /** The loops over one line, vectors along it. */
  #rowLoops(stage: number, count: number, reductions: readonly Node[]): void {
    const { dims, innerDims, vectorDim, lanes } = this.#shape
    const vectors = this.#shape.rowVectors(stage)
    const outer = innerDims.filter(dim => dim !== vectorDim)
    this.#nest(outer, new Map(this.#bases), bases => {
      const f = this.#f
      this.#loadInvariants(bases, stage, dims[vectorDim]!)
      const at = f.local('i32')
      const turn = vectors * lanes
      const body = (vector: number, elements: number, shift: number): void => {
        this.#position(
          {
            vector,
            stage,
            address: access => this.#along(access, bases.get(access)!, at, shift),
            slot: slot => ({
              at: i32.add(this.#workspace, i32.shl(at, this.#shape.region.lanes === 32 ? 2 : 3)),
              offset: slot * this.#shape.slotBytes + (shift * 16) / lanes,
            }),
            values: new Map(),
            count: elements,
          },
          reductions,
        )
      }
      const whole = Math.floor(count / turn) * turn
      if (whole > 0) {
        if (whole === turn) {
          f.do(at.set(i32.const(0)))
          for (let w = 0; w < vectors; w++) body(w, lanes, w * lanes)
        } else
          f.count(at, 0, whole, turn, () => {
            for (let w = 0; w < vectors; w++) body(w, lanes, w * lanes)
          })
      }
      if (whole === count) return
      f.do(at.set(i32.const(whole)))
      for (let start = whole; start < count; start += lanes)
        body(0, Math.min(lanes, count - start), start - whole)
    })
  }

  /** The loops over as many lines as lie side by side, a vector across them. */
  #columnLoops(stage: number, count: number, vectors: number, reductions: readonly Node[]): void {
    const { innerDims, lanes, vectorDim } = this.#shape
    const f = this.#f
    const turns = f.local('i32')
    const keepsTurns = innerDims.length === 1
    this.#nest(
      innerDims,
      new Map(this.#bases),
      bases => {
        const shared = new Map<string, Local<'v128'>>()
        for (let w = 0; w < vectors; w++) {
          this.#position(
            {
              vector: w,
              stage,
              address: access => ({
                at: bases.get(access)!,
                offset: w * lanes * access.bytes * access.strides[vectorDim]!,
              }),
              slot: keepsTurns
                ? slot => ({
                    at: i32.add(this.#workspace, i32.mul(turns, 16 * this.#shape.vectors)),
                    offset: slot * this.#shape.slotBytes + 16 * w,
                  })
                : undefined,
              values: new Map(),
              count: Math.min(lanes, count - w * lanes),
            },
            reductions,
            shared,
          )
        }
      },
      turns,
    )
  }

  /** Loops over some dims, outer ones first; `body` gets the addresses at each position. */
  #nest(
    dims: readonly number[],
    bases: Map<Access, Local<'i32'>>,
    body: (bases: Map<Access, Local<'i32'>>) => void,
    counter?: Local<'i32'>,
  ): void {
    const [dim, ...others] = dims
    if (dim === undefined) {
      body(bases)
      return
    }
    const f = this.#f
    const { size } = this.#shape.dims[dim]!
    if (size === 1) {
      if (counter) f.do(counter.set(i32.const(0)))
      this.#nest(others, bases, body)
      return
    }
    const moving = [...bases].filter(([access]) => access.strides[dim] !== 0)
    const inner = new Map(bases)
    for (const [access, base] of moving) inner.set(access, f.local('i32', base))
    const index = counter ?? f.local('i32')
    f.count(index, 0, size, 1, () => {
      this.#nest(others, inner, body)
      for (const [access] of moving) {
        const pointer = inner.get(access)!
        f.do(pointer.set(i32.add(pointer, access.strides[dim]! * access.bytes)))
      }
    })
  }

  /** The address of an access `at` elements, and `shift` more, along the vector. */
  #along(access: Access, base: I32, at: Local<'i32'>, shift: number): { at: I32; offset: number } {
    const stride = access.strides[this.#shape.vectorDim]!
    const bytes = stride * access.bytes
    if (stride === 0) return { at: base, offset: 0 }
    const moved =
      bytes === 1
        ? at
        : (bytes & (bytes - 1)) === 0 && bytes > 0
          ? i32.shl(at, Math.log2(bytes))
          : i32.mul(at, bytes)
    const offset = shift * bytes
    return offset >= 0
      ? { at: i32.add(base, moved), offset }
      : { at: i32.add(i32.add(base, moved), offset), offset: 0 }
  }

  /** Reads of a line that do not move along the vector are made once, before the loop. */
  #loadInvariants(bases: ReadonlyMap<Access, Local<'i32'>>, stage: number, { size }: Dim): void {
    const { reads, vectorDim, lanes } = this.#shape
    const used = this.#readsOf(stage)
    this.#splats.clear()
    if (size === 1) return
    for (const [key, access] of reads) {
      if (this.#constants.has(key) || access.strides[vectorDim] !== 0 || !used.has(key)) continue
      const value = loadLanes(access.node.dtype, lanes, bases.get(access)!, 0, 'splat')
      this.#splats.set(key, this.#f.local('v128', value))
    }
  }

  /** The reads that a stage needs. */
  #readsOf(stage: number): Set<string> {
    const { region, layouts, levels, kept } = this.#shape
    const used = new Set<string>()
    const seen = new Set<Node>()
    const visit = (node: Node): void => {
      if (seen.has(node)) return
      seen.add(node)
      if (levels.get(node)! < stage && kept.has(node)) return
      for (const input of node.inputs) {
        const { buffer } = layouts.of(input)
        const role = region.roles.get(buffer)
        if (role === undefined) used.add(this.#shape.keyOf(input, node))
        else if (role === 'full') visit(buffer)
      }
    }
    for (const sink of this.#shape.sinks()) if (sink.stage === stage) visit(sink.node)
    for (const node of kept.keys()) if (levels.get(node) === stage) visit(node)
    for (const node of region.nodes) {
      if (!isReduction(node) || levels.get(node)! - 1 !== stage) continue
      const input = node.inputs[0]!
      if (!region.roles.has(layouts.of(input).buffer)) used.add(this.#shape.keyOf(input, node))
    }
    return used
  }

  /** What a stage does with one vector of positions. */
  #position(spot: Spot, reductions: readonly Node[], shared?: Map<string, Local<'v128'>>): void {
    const { region, layouts, writes, levels, kept, lanes } = this.#shape
    const f = this.#f
    const outer = this.#shared
    this.#shared = shared
    for (const sink of this.#shape.sinks()) if (sink.stage === spot.stage) this.#compute(sink.node, spot)
    for (const [node, where] of kept) {
      if (where === 'stored' || levels.get(node) !== spot.stage) continue
      const value = this.#compute(node, spot)
      const { at, offset } = spot.slot!(where)
      f.do(v128.store(at, value, offset))
    }
    for (const node of region.stored) {
      if (region.roles.get(node) !== 'full' || levels.get(node) !== spot.stage) continue
      const value = this.#compute(node, spot)
      const { at, offset } = spot.address(writes.get(node)!)
      f.do(storeLanes(node.dtype, lanes, at, offset, value, spot.count))
    }
    for (const node of reductions) {
      const reducer: Reducer = reducerOf(node)!
      const input = node.inputs[0]!
      const { buffer } = layouts.of(input)
      const value = region.roles.has(buffer) ? this.#compute(buffer, spot) : this.#read(input, node, spot)
      const counted =
        this.#shape.mode === 'row' && spot.count < lanes
          ? f.local('v128', v128.select(value, neutralOf(reducer, lanes), maskOf(spot.count, lanes)))
          : value
      const registers = this.#accumulators.get(node)![spot.vector]!
      reducer.take(f, registers, counted, lanes)
    }
    this.#shared = outer
  }

  /** The value of a node of the region at a spot. */
  #compute(node: Node, spot: Spot): Local<'v128'> {
    const { region, layouts, levels, kept, mode } = this.#shape
    const line = region.roles.get(node) === 'line'
    const known = line ? this.#lines[mode === 'row' ? 0 : spot.vector]!.get(node) : spot.values.get(node)
    if (known !== undefined) return known
    const f = this.#f
    const where = levels.get(node)! < spot.stage ? kept.get(node) : undefined
    if (where !== undefined && !line) {
      const value =
        where === 'stored'
          ? this.#load(this.#shape.writes.get(node)!, spot)
          : (({ at, offset }) => v128.load(at, offset))(spot.slot!(where))
      const local = f.local('v128', value)
      spot.values.set(node, local)
      return local
    }
    const inputs = node.inputs.map(input => {
      const { buffer } = layouts.of(input)
      return region.roles.has(buffer) ? this.#compute(buffer, spot) : this.#read(input, node, spot)
    })
    const inputDTypes = node.inputs.map(input => input.dtype)
    const code = node.op === 'copy' ? undefined : elementwiseCode(node.op, inputDTypes, node.dtype)!
    const value = f.local(
      'v128',
      code?.({ f, inputs, inputDTypes, dtype: node.dtype, attributes: node.attributes }) ?? inputs[0]!,
    )
    if (line) this.#lines[spot.vector]!.set(node, value)
    else spot.values.set(node, value)
    return value
  }

  /** The value of an operand from memory. */
  #read(input: Node, reader: Node, spot: Spot): Local<'v128'> {
    const key = this.#shape.keyOf(input, reader)
    const constant = this.#constants.get(key) ?? this.#splats.get(key)
    if (constant !== undefined) return constant
    const access = this.#shape.reads.get(key)!
    const known = this.#readKeys.get(spot.values)?.get(key)
    if (known !== undefined) return known
    const canShare = access.strides[this.#shape.vectorDim] === 0 && this.#shared !== undefined
    const before = canShare ? this.#shared!.get(key) : undefined
    if (before !== undefined) return before
    const local = this.#f.local('v128', this.#load(access, spot))
    const keys = this.#readKeys.get(spot.values) ?? new Map<string, Local<'v128'>>()
    keys.set(key, local)
    this.#readKeys.set(spot.values, keys)
    if (canShare) this.#shared!.set(key, local)
    return local
  }

  #load(access: Access, spot: Spot): V128 {
    const { at, offset } = spot.address(access)
    const { lanes, vectorDim, dims } = this.#shape
    const stride = access.strides[vectorDim]!
    const { dtype } = access.node
    if (stride === 0 || dims[vectorDim]!.size === 1) return loadLanes(dtype, lanes, at, offset, 'splat')
    if (stride === 1) return loadLanes(dtype, lanes, at, offset, 'row')
    const base = this.#f.local('i32', i32.add(at, offset))
    return loadLanes(dtype, lanes, base, 0, stride * access.bytes, spot.count)
  }
}

/** All ones in the first lanes. */
function maskOf(count: number, lanes: number): V128 {
  const ones = Array.from({ length: 4 }, (_, k) => (k < (count * 4) / lanes ? -1 : 0))
  return v128.constI32(ones as [number, number, number, number])
}

/** Puts the parts of divided lines together, in order. */
function combineKernel(name: string, shape: RegionShape, partials: ReadonlyMap<Node, Node>): Kernel {
  return {
    name: `${name}, parts together`,
    reads: [...partials.values()],
    writes: [...partials.keys()],
    units: 1,
    flops: shape.units * partials.size,
    emit: ({ module, address }) =>
      module.function(KERNEL_PARAMETERS, 'nothing', (f, { step }) => {
        const size = shape.positions
        for (const [node, partial] of partials) {
          const reducer = reducerOf(node)!
          const total = f.local('f64', f64.const(reducer.start))
          const at = f.local('i32')
          const start = f.local('i32', address(partial, step))
          f.count(at, 0, shape.units * 8, 8, () =>
            f.do(total.set(reducer.joinParts(total, f64.load(i32.add(start, at))))),
          )
          const value = f.local('v128', reducer.fromPart(total, shape.lanes, size))
          f.do(storeLanes(node.dtype, shape.lanes, address(node, step), 0, value, 1))
        }
      }),
  }
}
