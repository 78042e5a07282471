/**
 * The instructions of WebAssembly as functions of typed operands. Core Specification 2.0, chapter 5; threads and relaxed SIMD from
 * their proposals.
 */

import {
  bytesOf,
  Code,
  type F32,
  type F64,
  type I32,
  type Nothing,
  signed,
  signed64,
  TYPE_BYTES,
  unsigned,
  type V128,
  type ValueType,
} from './code.ts'

type Unary<A extends ValueType, R extends ValueType = A> = (x: Code<A>) => Code<R>
type Binary<A extends ValueType, R extends ValueType = A> = (x: Code<A>, y: Code<A>) => Code<R>
/** Plain numbers stand for constants. */
type WholeBinary = (x: I32 | number, y: I32 | number) => I32
/** Shifts every lane by the same number of bits. */
type VectorShift = (x: V128, bits: I32 | number) => V128
type VectorTernary = (x: V128, y: V128, z: V128) => V128
/** The instruction adds `offset`, in bytes, to the address. */
type Load<T extends ValueType> = (address: I32, offset?: number) => Code<T>
type Store<T extends ValueType> = (address: I32, value: Code<T>, offset?: number) => Nothing
type Constant<T extends ValueType> = (value: number) => Code<T>
type Lane<T extends ValueType> = (x: V128, lane: number) => Code<T>
type WithLane<T extends ValueType> = (x: V128, lane: number, value: Code<T>) => V128
type LoadLane = (address: I32, vector: V128, lane: number, offset?: number) => V128
type StoreLane = (address: I32, vector: V128, lane: number, offset?: number) => Nothing
type FourNumbers = readonly [number, number, number, number]
/** Instructions by name that all have one form. */
type Instructions<Names extends string, Form> = Readonly<Record<Names, Form>>

function unary<A extends ValueType, R extends ValueType>(type: R, ...opcode: number[]): Unary<A, R> {
  return x => new Code(type, [x, ...opcode])
}

function binary<A extends ValueType, R extends ValueType>(type: R, ...opcode: number[]): Binary<A, R> {
  return (x, y) => new Code(type, [x, y, ...opcode])
}

/** A SIMD instruction: its opcode after the prefix. */
function simd(opcode: number): number[] {
  return [0xfd, ...unsigned(opcode)]
}

function vectorUnary(opcode: number): Unary<'v128'> {
  return unary<'v128', 'v128'>('v128', ...simd(opcode))
}

function vectorBinary(opcode: number): Binary<'v128'> {
  return binary<'v128', 'v128'>('v128', ...simd(opcode))
}

function vectorShift(opcode: number): VectorShift {
  return (x, bits) => new Code('v128', [x, asI32(bits), ...simd(opcode)])
}

/** A number stands for a constant wherever an i32 is asked for. */
export function asI32(value: I32 | number): I32 {
  return typeof value === 'number' ? i32.const(value) : value
}

/** `offset` is added to the address by the instruction itself. `align` is the exponent of 2 that the address is a multiple of. */
function memoryArgument(align: number, offset: number): number[] {
  return [align, ...unsigned(offset)]
}

function load<T extends ValueType>(type: T, align: number, ...opcode: number[]): Load<T> {
  return (address, offset = 0) => new Code(type, [address, ...opcode, ...memoryArgument(align, offset)])
}

function store<T extends ValueType>(align: number, ...opcode: number[]): Store<T> {
  return (address, value, offset = 0) =>
    new Code('nothing', [address, value, ...opcode, ...memoryArgument(align, offset)])
}

/** 32-bit whole numbers; operands may be plain numbers. */
export const i32: { readonly const: Constant<'i32'> } & Instructions<
  'load' | 'load8u' | 'load16u' | 'atomicLoad',
  Load<'i32'>
> &
  Instructions<'store' | 'store8' | 'atomicStore', Store<'i32'>> &
  Instructions<
    'eq' | 'ne' | 'lt' | 'ltUnsigned' | 'gt' | 'gtUnsigned' | 'le' | 'ge' | 'geUnsigned',
    WholeBinary
  > &
  Instructions<'add' | 'sub' | 'mul' | 'div' | 'divUnsigned' | 'rem' | 'remUnsigned', WholeBinary> &
  Instructions<'and' | 'or' | 'xor' | 'shl' | 'shr' | 'shrUnsigned' | 'rotl', WholeBinary> &
  Instructions<'eqz', Unary<'i32'>> &
  Instructions<'wrapI64', Unary<'i64', 'i32'>> &
  Instructions<'truncSaturatedF32' | 'reinterpretF32', Unary<'f32', 'i32'>> &
  Instructions<'truncSaturatedF64', Unary<'f64', 'i32'>> & {
    readonly atomicAdd: (address: I32, value: I32, offset?: number) => I32
    readonly atomicWait: (address: I32, expected: I32, timeout: Code<'i64'>, offset?: number) => I32
    readonly atomicNotify: (address: I32, count: I32, offset?: number) => I32
  } = {
  const: (value: number): I32 => new Code('i32', [0x41, ...signed(value)]),
  load: load('i32', 2, 0x28),
  load8u: load('i32', 0, 0x2d),
  load16u: load('i32', 1, 0x2f),
  store: store<'i32'>(2, 0x36),
  store8: store<'i32'>(0, 0x3a),
  eqz: unary<'i32', 'i32'>('i32', 0x45),
  eq: whole(0x46),
  ne: whole(0x47),
  lt: whole(0x48),
  ltUnsigned: whole(0x49),
  gt: whole(0x4a),
  gtUnsigned: whole(0x4b),
  le: whole(0x4c),
  ge: whole(0x4e),
  geUnsigned: whole(0x4f),
  add: whole(0x6a),
  sub: whole(0x6b),
  mul: whole(0x6c),
  div: whole(0x6d),
  divUnsigned: whole(0x6e),
  rem: whole(0x6f),
  remUnsigned: whole(0x70),
  and: whole(0x71),
  or: whole(0x72),
  xor: whole(0x73),
  shl: whole(0x74),
  shr: whole(0x75),
  shrUnsigned: whole(0x76),
  rotl: whole(0x77),
  wrapI64: unary<'i64', 'i32'>('i32', 0xa7),
  truncSaturatedF32: unary<'f32', 'i32'>('i32', 0xfc, 0),
  truncSaturatedF64: unary<'f64', 'i32'>('i32', 0xfc, 2),
  reinterpretF32: unary<'f32', 'i32'>('i32', 0xbc),
  atomicLoad: load('i32', 2, 0xfe, 0x10),
  atomicStore: store<'i32'>(2, 0xfe, 0x17),
  /** Adds and returns what was there before. */
  atomicAdd: (address: I32, value: I32, offset = 0): I32 =>
    new Code('i32', [address, value, 0xfe, 0x1e, ...memoryArgument(2, offset)]),
  /**
   * Sleeps while the memory holds `expected`; timeout in nanoseconds, -1 for none. 0: woken, 1: another value, 2: timeout.
   * Best in a function of its own: V8 11.3 (Node 20), before it has optimized a function, loses variables over a wait.
   */
  atomicWait: (address: I32, expected: I32, timeout: Code<'i64'>, offset = 0): I32 =>
    new Code('i32', [address, expected, timeout, 0xfe, 0x01, ...memoryArgument(2, offset)]),
  /** Wakes up to `count` sleepers, and says how many. */
  atomicNotify: (address: I32, count: I32, offset = 0): I32 =>
    new Code('i32', [address, count, 0xfe, 0x00, ...memoryArgument(2, offset)]),
}

function whole(opcode: number): WholeBinary {
  return (x, y) => new Code('i32', [asI32(x), asI32(y), opcode])
}

/** 64-bit whole numbers, for bit patterns and timeouts. */
export const i64: {
  readonly const: (value: number | bigint) => Code<'i64'>
  readonly load: Load<'i64'>
  readonly store: Store<'i64'>
} & Instructions<'extendI32' | 'extendI32Unsigned', Unary<'i32', 'i64'>> &
  Instructions<'add' | 'sub' | 'mul' | 'and' | 'or' | 'shl' | 'shr' | 'shrUnsigned', Binary<'i64'>> &
  Instructions<'reinterpretF64', Unary<'f64', 'i64'>> = {
  const: (value: number | bigint): Code<'i64'> => new Code('i64', [0x42, ...signed64(BigInt(value))]),
  load: load('i64', 3, 0x29),
  store: store<'i64'>(3, 0x37),
  extendI32: unary<'i32', 'i64'>('i64', 0xac),
  extendI32Unsigned: unary<'i32', 'i64'>('i64', 0xad),
  add: binary<'i64', 'i64'>('i64', 0x7c),
  sub: binary<'i64', 'i64'>('i64', 0x7d),
  mul: binary<'i64', 'i64'>('i64', 0x7e),
  and: binary<'i64', 'i64'>('i64', 0x83),
  or: binary<'i64', 'i64'>('i64', 0x84),
  shl: binary<'i64', 'i64'>('i64', 0x86),
  shr: binary<'i64', 'i64'>('i64', 0x87),
  shrUnsigned: binary<'i64', 'i64'>('i64', 0x88),
  reinterpretF64: unary<'f64', 'i64'>('i64', 0xbd),
}

/** Single precision. */
export const f32: {
  readonly const: Constant<'f32'>
  readonly load: Load<'f32'>
  readonly store: Store<'f32'>
} & Instructions<'eq' | 'ne' | 'lt' | 'gt', Binary<'f32', 'i32'>> &
  Instructions<'abs' | 'neg' | 'sqrt', Unary<'f32'>> &
  Instructions<'add' | 'sub' | 'mul' | 'div' | 'min' | 'max', Binary<'f32'>> &
  Instructions<'convertI32' | 'reinterpretI32', Unary<'i32', 'f32'>> &
  Instructions<'demoteF64', Unary<'f64', 'f32'>> = {
  const: (value: number): F32 => new Code('f32', [0x43, ...bytesOf(Float32Array.of(value))]),
  load: load('f32', 2, 0x2a),
  store: store<'f32'>(2, 0x38),
  eq: binary<'f32', 'i32'>('i32', 0x5b),
  ne: binary<'f32', 'i32'>('i32', 0x5c),
  lt: binary<'f32', 'i32'>('i32', 0x5d),
  gt: binary<'f32', 'i32'>('i32', 0x5e),
  abs: unary<'f32', 'f32'>('f32', 0x8b),
  neg: unary<'f32', 'f32'>('f32', 0x8c),
  sqrt: unary<'f32', 'f32'>('f32', 0x91),
  add: binary<'f32', 'f32'>('f32', 0x92),
  sub: binary<'f32', 'f32'>('f32', 0x93),
  mul: binary<'f32', 'f32'>('f32', 0x94),
  div: binary<'f32', 'f32'>('f32', 0x95),
  min: binary<'f32', 'f32'>('f32', 0x96),
  max: binary<'f32', 'f32'>('f32', 0x97),
  convertI32: unary<'i32', 'f32'>('f32', 0xb2),
  demoteF64: unary<'f64', 'f32'>('f32', 0xb6),
  reinterpretI32: unary<'i32', 'f32'>('f32', 0xbe),
}

/** Double precision. */
export const f64: {
  readonly const: Constant<'f64'>
  readonly load: Load<'f64'>
  readonly store: Store<'f64'>
} & Instructions<'eq' | 'ne' | 'lt' | 'gt', Binary<'f64', 'i32'>> &
  Instructions<'abs' | 'neg' | 'floor' | 'sqrt', Unary<'f64'>> &
  Instructions<'add' | 'sub' | 'mul' | 'div' | 'min' | 'max', Binary<'f64'>> &
  Instructions<'convertI32' | 'convertI32Unsigned', Unary<'i32', 'f64'>> &
  Instructions<'promoteF32', Unary<'f32', 'f64'>> &
  Instructions<'convertI64' | 'reinterpretI64', Unary<'i64', 'f64'>> = {
  const: (value: number): F64 => new Code('f64', [0x44, ...bytesOf(Float64Array.of(value))]),
  load: load('f64', 3, 0x2b),
  store: store<'f64'>(3, 0x39),
  eq: binary<'f64', 'i32'>('i32', 0x61),
  ne: binary<'f64', 'i32'>('i32', 0x62),
  lt: binary<'f64', 'i32'>('i32', 0x63),
  gt: binary<'f64', 'i32'>('i32', 0x64),
  abs: unary<'f64', 'f64'>('f64', 0x99),
  neg: unary<'f64', 'f64'>('f64', 0x9a),
  floor: unary<'f64', 'f64'>('f64', 0x9c),
  sqrt: unary<'f64', 'f64'>('f64', 0x9f),
  add: binary<'f64', 'f64'>('f64', 0xa0),
  sub: binary<'f64', 'f64'>('f64', 0xa1),
  mul: binary<'f64', 'f64'>('f64', 0xa2),
  div: binary<'f64', 'f64'>('f64', 0xa3),
  min: binary<'f64', 'f64'>('f64', 0xa4),
  max: binary<'f64', 'f64'>('f64', 0xa5),
  convertI32: unary<'i32', 'f64'>('f64', 0xb7),
  convertI32Unsigned: unary<'i32', 'f64'>('f64', 0xb8),
  promoteF32: unary<'f32', 'f64'>('f64', 0xbb),
  convertI64: unary<'i64', 'f64'>('f64', 0xb9),
  reinterpretI64: unary<'i64', 'f64'>('f64', 0xbf),
}

/** 128 bits, whatever they mean. */
export const v128: Instructions<
  'load' | 'load32Splat' | 'load64Splat' | 'load32Zero' | 'load64Zero' | 'load8x8Unsigned',
  Load<'v128'>
> & { readonly store: Store<'v128'> } & Instructions<'load32Lane' | 'load64Lane', LoadLane> &
  Instructions<'store16Lane' | 'store32Lane' | 'store64Lane', StoreLane> & {
    readonly constI32: (lanes: FourNumbers) => V128
    readonly constF32: (lanes: FourNumbers) => V128
    readonly constF64: (lanes: readonly [number, number]) => V128
    readonly shuffle32: (x: V128, y: V128, lanes: FourNumbers) => V128
  } & Instructions<'not', Unary<'v128'>> &
  Instructions<'and' | 'andNot' | 'or' | 'xor', Binary<'v128'>> & {
    readonly select: (x: V128, y: V128, mask: V128) => V128
  } & Instructions<'anyTrue', Unary<'v128', 'i32'>> = {
  load: load('v128', 2, ...simd(0)),
  store: store<'v128'>(2, ...simd(11)),
  /** One number of 32 bits from memory in all four lanes. */
  load32Splat: load('v128', 2, ...simd(9)),
  load64Splat: load('v128', 3, ...simd(10)),
  /** One number from memory in the first lane, zeros in the others. */
  load32Zero: load('v128', 2, ...simd(92)),
  load64Zero: load('v128', 3, ...simd(93)),
  /** Four bytes of memory, each as a 16-bit number... of the first eight. */
  load8x8Unsigned: load('v128', 3, ...simd(2)),
  load32Lane: (address: I32, vector: V128, lane: number, offset = 0): V128 =>
    new Code('v128', [address, vector, ...simd(86), ...memoryArgument(2, offset), lane]),
  load64Lane: (address: I32, vector: V128, lane: number, offset = 0): V128 =>
    new Code('v128', [address, vector, ...simd(87), ...memoryArgument(3, offset), lane]),
  store16Lane: (address, vector, lane, offset = 0) =>
    new Code('nothing', [address, vector, ...simd(89), ...memoryArgument(1, offset), lane]),
  store32Lane: (address: I32, vector: V128, lane: number, offset = 0): Nothing =>
    new Code('nothing', [address, vector, ...simd(90), ...memoryArgument(2, offset), lane]),
  store64Lane: (address: I32, vector: V128, lane: number, offset = 0): Nothing =>
    new Code('nothing', [address, vector, ...simd(91), ...memoryArgument(3, offset), lane]),
  constI32: (lanes: readonly [number, number, number, number]): V128 =>
    new Code('v128', [...simd(12), ...bytesOf(Int32Array.from(lanes))]),
  constF32: (lanes: readonly [number, number, number, number]): V128 =>
    new Code('v128', [...simd(12), ...bytesOf(Float32Array.from(lanes))]),
  constF64: (lanes: readonly [number, number]): V128 =>
    new Code('v128', [...simd(12), ...bytesOf(Float64Array.from(lanes))]),
  /** Lanes of 32 bits from two vectors: 0 to 3 from `x`, 4 to 7 from `y`. */
  shuffle32: (x: V128, y: V128, lanes: readonly [number, number, number, number]): V128 =>
    new Code('v128', [
      x,
      y,
      ...simd(13),
      ...lanes.flatMap(lane => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
    ]),
  not: vectorUnary(77),
  and: vectorBinary(78),
  /** `x & ~y` */
  andNot: vectorBinary(79),
  or: vectorBinary(80),
  xor: vectorBinary(81),
  /** Bits of `x` where `mask` is 1, of `y` where it is 0. */
  select: (x: V128, y: V128, mask: V128): V128 => new Code('v128', [x, y, mask, ...simd(82)]),
  anyTrue: unary<'v128', 'i32'>('i32', ...simd(83)),
}

/** Sixteen numbers of 8 bits. */
export const i8x16: { readonly narrowI16: Binary<'v128'> } = {
  /** The eight numbers of x, then those of y, each cut to the nearest that fits. */
  narrowI16: vectorBinary(101),
}

/** Eight numbers of 16 bits. */
export const i16x8: Instructions<'extendLow8Unsigned' | 'extendHigh8Unsigned', Unary<'v128'>> & {
  readonly narrowI32: Binary<'v128'>
} = {
  /** The four numbers of x, then those of y, each cut to the nearest that fits. */
  narrowI32: vectorBinary(133),
  extendLow8Unsigned: vectorUnary(137),
  extendHigh8Unsigned: vectorUnary(138),
}

/** Four whole numbers of 32 bits. Comparisons give all ones for true. */
export const i32x4: {
  readonly const: Constant<'v128'>
  readonly splat: Unary<'i32', 'v128'>
  readonly lane: Lane<'i32'>
  readonly withLane: WithLane<'i32'>
} & Instructions<'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge', Binary<'v128'>> &
  Instructions<'extendLow16Unsigned' | 'extendHigh16Unsigned' | 'abs' | 'neg', Unary<'v128'>> &
  Instructions<'allTrue' | 'bitmask', Unary<'v128', 'i32'>> &
  Instructions<'shl' | 'shr' | 'shrUnsigned', VectorShift> &
  Instructions<'add' | 'sub' | 'mul' | 'min' | 'max', Binary<'v128'>> &
  Instructions<
    | 'truncSaturatedF32'
    | 'truncSaturatedF32Unsigned'
    | 'truncSaturatedF64Zero'
    | 'truncSaturatedF64ZeroUnsigned',
    Unary<'v128'>
  > = {
  const: (value: number): V128 => v128.constI32([value, value, value, value]),
  splat: unary<'i32', 'v128'>('v128', ...simd(17)),
  lane: (x: V128, lane: number): I32 => new Code('i32', [x, ...simd(27), lane]),
  withLane: (x: V128, lane: number, value: I32): V128 => new Code('v128', [x, value, ...simd(28), lane]),
  eq: vectorBinary(55),
  ne: vectorBinary(56),
  lt: vectorBinary(57),
  gt: vectorBinary(59),
  le: vectorBinary(61),
  ge: vectorBinary(63),
  extendLow16Unsigned: vectorUnary(169),
  extendHigh16Unsigned: vectorUnary(170),
  abs: vectorUnary(160),
  neg: vectorUnary(161),
  allTrue: unary<'v128', 'i32'>('i32', ...simd(163)),
  bitmask: unary<'v128', 'i32'>('i32', ...simd(164)),
  shl: vectorShift(171),
  shr: vectorShift(172),
  shrUnsigned: vectorShift(173),
  add: vectorBinary(174),
  sub: vectorBinary(177),
  mul: vectorBinary(181),
  min: vectorBinary(182),
  max: vectorBinary(184),
  truncSaturatedF32: vectorUnary(248),
  truncSaturatedF32Unsigned: vectorUnary(249),
  /** Two f64 to the first two lanes, zeros in the others. */
  truncSaturatedF64Zero: vectorUnary(252),
  truncSaturatedF64ZeroUnsigned: vectorUnary(253),
}

/** Two whole numbers of 64 bits. */
export const i64x2: { readonly const: Constant<'v128'> } & Instructions<
  'extendLowI32' | 'extendHighI32' | 'extendLowI32Unsigned' | 'extendHighI32Unsigned',
  Unary<'v128'>
> &
  Instructions<'shl' | 'shr' | 'shrUnsigned', VectorShift> &
  Instructions<'add' | 'sub' | 'mul', Binary<'v128'>> = {
  const: value => new Code('v128', [...simd(12), ...bytesOf(BigInt64Array.of(BigInt(value), BigInt(value)))]),
  extendLowI32: vectorUnary(199),
  extendHighI32: vectorUnary(200),
  extendLowI32Unsigned: vectorUnary(201),
  extendHighI32Unsigned: vectorUnary(202),
  shl: vectorShift(203),
  shr: vectorShift(204),
  shrUnsigned: vectorShift(205),
  add: vectorBinary(206),
  sub: vectorBinary(209),
  mul: vectorBinary(213),
}

/** Four numbers of single precision. Comparisons give all ones for true. */
export const f32x4: {
  readonly const: Constant<'v128'>
  readonly splat: Unary<'f32', 'v128'>
  readonly lane: Lane<'f32'>
  readonly withLane: WithLane<'f32'>
} & Instructions<'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge', Binary<'v128'>> &
  Instructions<'ceil' | 'floor' | 'trunc' | 'nearest' | 'abs' | 'neg' | 'sqrt', Unary<'v128'>> &
  Instructions<'add' | 'sub' | 'mul' | 'div' | 'min' | 'max' | 'pseudoMin' | 'pseudoMax', Binary<'v128'>> &
  Instructions<'convertI32' | 'demoteF64Zero', Unary<'v128'>> & {
    readonly relaxedMultiplyAdd: VectorTernary
  } = {
  const: (value: number): V128 => v128.constF32([value, value, value, value]),
  splat: unary<'f32', 'v128'>('v128', ...simd(19)),
  lane: (x: V128, lane: number): F32 => new Code('f32', [x, ...simd(31), lane]),
  withLane: (x: V128, lane: number, value: F32): V128 => new Code('v128', [x, value, ...simd(32), lane]),
  eq: vectorBinary(65),
  ne: vectorBinary(66),
  lt: vectorBinary(67),
  gt: vectorBinary(68),
  le: vectorBinary(69),
  ge: vectorBinary(70),
  ceil: vectorUnary(103),
  floor: vectorUnary(104),
  trunc: vectorUnary(105),
  /** Ties go to the even neighbour. */
  nearest: vectorUnary(106),
  abs: vectorUnary(224),
  neg: vectorUnary(225),
  sqrt: vectorUnary(227),
  add: vectorBinary(228),
  sub: vectorBinary(229),
  mul: vectorBinary(230),
  div: vectorBinary(231),
  /** NaN when either is NaN, and -0 is below 0. */
  min: vectorBinary(232),
  max: vectorBinary(233),
  /** `y < x ? y : x` */
  pseudoMin: vectorBinary(234),
  /** `x < y ? y : x` */
  pseudoMax: vectorBinary(235),
  convertI32: vectorUnary(250),
  /** Two f64 to the first two lanes, zeros in the others. */
  demoteF64Zero: vectorUnary(94),
  /** `x * y + z`, rounded once or twice: relaxed SIMD. */
  relaxedMultiplyAdd: (x: V128, y: V128, z: V128): V128 => new Code('v128', [x, y, z, ...simd(0x105)]),
}

/** Two numbers of double precision. */
export const f64x2: {
  readonly const: Constant<'v128'>
  readonly splat: Unary<'f64', 'v128'>
  readonly lane: Lane<'f64'>
  readonly withLane: WithLane<'f64'>
} & Instructions<'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge', Binary<'v128'>> &
  Instructions<'ceil' | 'floor' | 'trunc' | 'nearest' | 'abs' | 'neg' | 'sqrt', Unary<'v128'>> &
  Instructions<'add' | 'sub' | 'mul' | 'div' | 'min' | 'max' | 'pseudoMin' | 'pseudoMax', Binary<'v128'>> &
  Instructions<'convertLowI32' | 'convertLowI32Unsigned' | 'promoteLowF32', Unary<'v128'>> & {
    readonly relaxedMultiplyAdd: VectorTernary
  } = {
  const: (value: number): V128 => v128.constF64([value, value]),
  splat: unary<'f64', 'v128'>('v128', ...simd(20)),
  lane: (x: V128, lane: number): F64 => new Code('f64', [x, ...simd(33), lane]),
  withLane: (x: V128, lane: number, value: F64): V128 => new Code('v128', [x, value, ...simd(34), lane]),
  eq: vectorBinary(71),
  ne: vectorBinary(72),
  lt: vectorBinary(73),
  gt: vectorBinary(74),
  le: vectorBinary(75),
  ge: vectorBinary(76),
  ceil: vectorUnary(116),
  floor: vectorUnary(117),
  trunc: vectorUnary(122),
  nearest: vectorUnary(148),
  abs: vectorUnary(236),
  neg: vectorUnary(237),
  sqrt: vectorUnary(239),
  add: vectorBinary(240),
  sub: vectorBinary(241),
  mul: vectorBinary(242),
  div: vectorBinary(243),
  min: vectorBinary(244),
  max: vectorBinary(245),
  pseudoMin: vectorBinary(246),
  pseudoMax: vectorBinary(247),
  convertLowI32: vectorUnary(254),
  convertLowI32Unsigned: vectorUnary(255),
  /** The first two f32 of a vector. */
  promoteLowF32: vectorUnary(95),
  relaxedMultiplyAdd: (x: V128, y: V128, z: V128): V128 => new Code('v128', [x, y, z, ...simd(0x107)]),
}

/** Instructions on memory as a whole. */
export const memory: {
  readonly copy: (to: I32, from: I32, bytes: I32 | number) => Nothing
  readonly fill: (to: I32, byte: I32 | number, bytes: I32 | number) => Nothing
} = {
  copy: (to: I32, from: I32, bytes: I32 | number): Nothing =>
    new Code('nothing', [to, from, asI32(bytes), 0xfc, 10, 0, 0]),
  fill: (to: I32, byte: I32 | number, bytes: I32 | number): Nothing =>
    new Code('nothing', [to, asI32(byte), asI32(bytes), 0xfc, 11, 0]),
}

/** `condition ? x : y`; both are computed. */
export function select<T extends ValueType>(x: Code<T>, y: Code<T>, condition: I32): Code<T> {
  return new Code(x.type, [x, y, condition, 0x1c, 1, TYPE_BYTES[x.type]])
}

/** Computes a value and forgets it. */
export function drop(value: Code<ValueType>): Nothing {
  return new Code('nothing', [value, 0x1a])
}
