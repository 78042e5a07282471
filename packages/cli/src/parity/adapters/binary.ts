/** Elementwise ops of two and three tensors, broadcast. */
import * as ad from '@adjoint/core'
import { type Adapter, type AdapterTable, binary } from './adapter.ts'
import { divide } from './unary.ts'

/** The second operand is another tensor, or the number `other`. */
const other = (op: (x: ad.Tensor, y: ad.Tensor | number) => ad.Tensor): Adapter => {
  return (inputs, a) => op(inputs[0], inputs.length > 1 ? inputs[1] : a.number('other'))
}

/** x + alpha y and the like: the scaled second operand. */
const scaled = (op: (x: ad.Tensor, y: ad.Tensor) => ad.Tensor): Adapter => {
  return ([x, y], a) => {
    const alpha = a.number('alpha', 1)
    return op(x, alpha === 1 ? y : ad.mul(y, alpha))
  }
}

export const BINARY: AdapterTable = {
  add: scaled(ad.add),
  sub: scaled(ad.sub),
  subtract: scaled(ad.sub),
  rsub: scaled((x, y) => ad.sub(y, x)),
  mul: other((x, y) => ad.mul(x, y as ad.Tensor)),
  multiply: other((x, y) => ad.mul(x, y as ad.Tensor)),
  div: ([x, y], a) => divide(x, y, a),
  divide: ([x, y], a) => divide(x, y, a),
  true_divide: binary(ad.div),
  floor_divide: binary(ad.floorDivide),
  pow: binary(ad.pow),
  maximum: binary(ad.maximum),
  minimum: binary(ad.minimum),
  fmax: binary(ad.fmax),
  fmin: binary(ad.fmin),
  atan2: binary(ad.atan2),
  arctan2: binary(ad.atan2),
  fmod: other((x, y) => ad.fmod(x, y as ad.Tensor)),
  remainder: other((x, y) => ad.remainder(x, y as ad.Tensor)),
  hypot: binary(ad.hypot),
  logaddexp: binary(ad.logAddExp),
  logaddexp2: binary(ad.logAddExp2),
  xlogy: binary(ad.xlogy),
  copysign: binary(ad.copySign),
  nextafter: binary(ad.nextAfter),
  heaviside: binary(ad.heaviside),
  float_power: other((x, y) => ad.floatPower(x, y as ad.Tensor)),
  where: ([condition, x, y]) => ad.where(condition, x, y),
  lerp: ([x, end, weight], a) => ad.lerp(x, end, weight ?? a.number('weight')),
  lerp_scalar: ([x, end], a) => ad.lerp(x, end, a.number('weight')),
  addcmul: ([x, y, z], a) => ad.addcmul(x, y, z, { value: a.number('value', 1) }),
  addcdiv: ([x, y, z], a) => ad.addcdiv(x, y, z, { value: a.number('value', 1) }),
  dist: ([x, y], a) => ad.dist(x, y, { order: a.number('p', 2) }),
  eq: other((x, y) => ad.equal(x, y as ad.Tensor)),
  ne: other((x, y) => ad.notEqual(x, y as ad.Tensor)),
  lt: other((x, y) => ad.less(x, y as ad.Tensor)),
  le: other((x, y) => ad.lessEqual(x, y as ad.Tensor)),
  gt: other((x, y) => ad.greater(x, y as ad.Tensor)),
  ge: other((x, y) => ad.greaterEqual(x, y as ad.Tensor)),
  logical_and: binary(ad.logicalAnd),
  logical_or: binary(ad.logicalOr),
  logical_xor: binary(ad.logicalXor),
  bitwise_and: binary(ad.bitwiseAnd),
  bitwise_or: binary(ad.bitwiseOr),
  bitwise_xor: binary(ad.bitwiseXor),
  bitwise_left_shift: binary(ad.leftShift),
  bitwise_right_shift: binary(ad.rightShift),
}
