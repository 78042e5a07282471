/** The floating numbers next to a number, found by their bits. */

const bits = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8))

/** The float32 number next to `x` on the way to `y`; `y` where they are equal. */
export function nextFloat32(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  if (x === y) return y
  // Around 0 the smallest number of the other sign has quite other bits.
  if (x === 0) return y > 0 ? 2 ** -149 : -(2 ** -149)
  bits.setFloat32(0, x)
  bits.setInt32(0, bits.getInt32(0) + (x < y === x > 0 ? 1 : -1))
  return bits.getFloat32(0)
}

/** The float64 number next to `x` on the way to `y`; `y` where they are equal. */
export function nextFloat64(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  if (x === y) return y
  if (x === 0) return y > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE
  bits.setFloat64(0, x)
  const isAway = x < y === x > 0
  const low = bits.getUint32(4)
  // One more or less in the lower half; the upper half moves when the lower one passes its end.
  bits.setUint32(4, isAway ? low + 1 : low - 1)
  if (low === (isAway ? 0xffffffff : 0)) bits.setInt32(0, bits.getInt32(0) + (isAway ? 1 : -1))
  return bits.getFloat64(0)
}
