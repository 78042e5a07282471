/** Products and factorizations of matrices. */
import * as ad from '@adjoint/core'
import type { Attributes } from '../attributes.ts'
import { NotCovered } from '../errors.ts'
import {
  type Adapter,
  type AdapterTable,
  binary,
  type Inputs,
  type Outputs,
  ofRanks,
  unary,
} from './adapter.ts'

const factors = (a: Attributes): { beta: number; alpha: number } => ({
  beta: a.number('beta', 1),
  alpha: a.number('alpha', 1),
})

/** beta m + alpha p; with beta 0 the first is not looked at. */
const addScaled = (m: ad.Tensor, p: ad.Tensor, a: Attributes): ad.Tensor => {
  const { beta, alpha } = factors(a)
  return beta === 0 ? ad.mul(p, alpha) : ad.add(ad.mul(m, beta), ad.mul(p, alpha))
}

/** `dims` is a number of axes, or which axes of each. */
function tensordot([x, y]: Inputs, a: Attributes): Outputs {
  const dims = a.raw('dims')
  if (!Array.isArray(dims)) return ad.tensordot(x, y, a.number('dims', 2))
  const [left, right] = dims.map(axes => (Array.isArray(axes) ? axes : [axes])) as [number[], number[]]
  return ad.tensordot(x, y, [left, right])
}

/** Without an axis PyTorch takes the first one of size 3. */
function cross([x, y]: Inputs, a: Attributes): Outputs {
  const axis = a.optionalNumber('dim') ?? (x.shape as readonly number[]).indexOf(3)
  return ad.cross(x, y, axis)
}

/** The functions of eigenvalues that cases name. */
const FUNCTIONS: Readonly<Record<string, (x: ad.Tensor) => ad.Tensor>> = {
  exp: ad.exp,
  log: ad.log,
  sqrt: ad.sqrt,
  sin: ad.sin,
  cos: ad.cos,
  tanh: ad.tanh,
  square: ad.square,
  sigmoid: ad.sigmoid,
  reciprocal: x => ad.div(1, x),
  inverse: x => ad.div(1, x),
  log1p: ad.log1p,
  identity: ad.identity,
}

/** A @ diag(d): the columns of a matrix times the entries of a row. */
const scaleColumns = (matrix: ad.Tensor, row: ad.Tensor): ad.Tensor =>
  ad.mul(matrix, ad.unsqueeze(row, -2) as ad.Tensor)

function eighFunction([x]: Inputs, a: Attributes): Outputs {
  const name = a.text('f')
  if (!Object.hasOwn(FUNCTIONS, name)) throw new NotCovered(`eigh_function of ${name}`)
  const { values, vectors } = ad.eigh(x)
  return [values, ad.matmul(scaleColumns(vectors, FUNCTIONS[name]!(values)), ad.transpose(vectors))]
}

function svdFunction([x]: Inputs): Outputs {
  const { u, s, vT } = ad.svd(x)
  return [s, ad.matmul(u, vT), ad.matmul(scaleColumns(u, ad.log1p(s)), vT)]
}

/** Q and R with the signs chosen so that the diagonal of R is positive. */
function qrPositive([x]: Inputs): Outputs {
  const { q, r } = ad.qr(x)
  const signs = ad.stopGradient(ad.sign(ad.diagonal(r, { axes: [-2, -1] })))
  return [scaleColumns(q, signs), ad.mul(r, ad.unsqueeze(signs, -1) as ad.Tensor)]
}

/** The axes of a matrix norm are the last two unless told otherwise; `fro` is the default. */
function matrixNorm([x]: Inputs, a: Attributes): Outputs {
  const named = a.raw('ord') ?? 'fro'
  const order = named === 'fro' || named === 'nuc' ? named : (a.number('ord') as 1 | -1 | 2 | -2)
  const { keepDims } = a.keepDims()
  const [first, second] = (a.optionalNumbers('dim') ?? [-2, -1]).map(axis =>
    axis < 0 ? axis + x.rank : axis,
  )
  const others = Array.from({ length: x.rank }, (_, axis) => axis).filter(
    axis => axis !== first && axis !== second,
  )
  const moved = ad.permute(x, [...others, first!, second!])
  const norm = ad.matrixNorm(moved, order)
  if (!keepDims) return norm
  return ad.reshape(
    norm,
    (x.shape as readonly number[]).map((size, axis) => (others.includes(axis) ? size : 1)),
  )
}

/** A vector on the right is one where it is the only shape that fits. */
const solve: Adapter = ([x, b], a) => {
  if (!a.boolean('left', true)) return ad.transpose(ad.solve(ad.transpose(x), ad.transpose(b)))
  // PyTorch reads a right side of the shape of the batch and the rows as a batch of vectors.
  const isVectors = b.rank === x.rank - 1 && b.shape.every((size, axis) => size === x.shape[axis])
  if (isVectors && b.rank > 1) return ad.squeeze(ad.solve(x, ad.unsqueeze(b, -1)), -1)
  return ad.solve(x, b)
}

const solveTriangular: Adapter = ([x, b], a) =>
  ad.triangularSolve(x, b, {
    upper: a.boolean('upper', false),
    left: a.boolean('left', true),
    unitriangular: a.boolean('unitriangular', false),
  })

const upper = (a: Attributes): { upper: boolean } => ({ upper: a.boolean('upper', false) })

const pseudoInverse: Adapter = ([x], a) => {
  if (a.number('atol', 0) !== 0) throw new NotCovered('pinv with an absolute tolerance')
  a.boolean('hermitian', false)
  // A share of the largest singular value, under both names.
  const rcond = a.optionalNumber('rcond') ?? a.optionalNumber('rtol')
  return ad.pseudoInverse(x, rcond === undefined ? {} : { rcond })
}

const slogdet: Adapter = ([x]) => {
  const { sign, logAbsDeterminant } = ad.slogDeterminant(x)
  return [sign, logAbsDeterminant]
}

const lu: Adapter = ([x], a) => {
  a.boolean('pivot', true)
  const { permutation, lower, upper } = ad.lu(x)
  return [permutation, lower, upper]
}

/** The ratio of singular values, or the product of two norms. */
const cond: Adapter = ([x], a) => {
  const order = a.raw('p') ?? 2
  return ad.conditionNumber(
    x,
    order === 'fro' || order === 'nuc' ? order : (a.number('p', 2) as 1 | -1 | 2 | -2),
  )
}

/** Distances of rows by a norm; how they are computed is not told. */
const cdist: Adapter = ([x, y], a) => {
  a.raw('compute_mode')
  return ad.cdist(x, y, { order: a.number('p', 2) })
}

export const LINALG: AdapterTable = {
  matmul: binary(ad.matmul),
  mm: ofRanks([2, 2], binary(ad.matmul)),
  bmm: ofRanks([3, 3], binary(ad.matmul)),
  mv: ofRanks([2, 1], binary(ad.matmul)),
  dot: binary(ad.dot),
  vdot: binary(ad.vdot),
  inner: binary(ad.inner),
  outer: ofRanks([1, 1], binary(ad.outer)),
  ger: ofRanks([1, 1], binary(ad.outer)),
  addmm: ([m, x, y], a) => ad.addmm(m, x, y, factors(a)),
  baddbmm: ([m, x, y], a) => ad.baddbmm(m, x, y, factors(a)),
  addmv: ([m, x, y], a) => addScaled(m, ad.matmul(x, y), a),
  addr: ([m, x, y], a) => addScaled(m, ad.outer(x, y), a),
  addbmm: ([m, x, y], a) => addScaled(m, ad.sum(ad.matmul(x, y), 0), a),
  einsum: (inputs, a) => ad.einsum(a.text('equation'), ...inputs),
  tensordot,
  kron: binary(ad.kron),
  cross,
  linalg_cross: ([x, y], a) => ad.cross(x, y, a.number('dim', -1)),
  trace: ofRanks(
    [2],
    unary(x => ad.trace(x)),
  ),
  inverse: unary(ad.inverse),
  inv: unary(ad.inverse),
  det: unary(ad.determinant),
  slogdet,
  logdet: unary(ad.logDeterminant),
  solve,
  cholesky: ([x], a) => ad.cholesky(x, upper(a)),
  cholesky_solve: ([b, factor], a) => ad.choleskySolve(factor, b, upper(a)),
  cholesky_inverse: ([factor], a) =>
    ad.choleskySolve(
      factor,
      ad.expand(ad.eye(factor.shape.at(-1)!, undefined, { dtype: factor.dtype }), factor.shape),
      upper(a),
    ),
  eigvalsh: ([x], a) => {
    a.word('UPLO', ['L', 'U'], 'L')
    return ad.eigvalsh(x)
  },
  svdvals: unary(ad.singularValues),
  qr_positive: qrPositive,
  pinv: pseudoInverse,
  solve_triangular: solveTriangular,
  eigh_function: eighFunction,
  svd_function: svdFunction,
  matrix_power: ([x], a) => ad.matrixPower(x, a.number('n')),
  matrix_norm: matrixNorm,
  cond,
  lu,
  linalg_lu: lu,
  matrix_exp: unary(ad.matrixExp),
  multi_dot: inputs => ad.multiDot([...inputs]),
  chain_matmul: inputs => ad.multiDot([...inputs]),
  cdist,
  lstsq: ([x, b]) => ad.leastSquares(x, b),
  matrix_rank: unary(x => ad.matrixRank(x)),
}
