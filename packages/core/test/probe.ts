import * as A from '@adjoint/core'
import { logarithm, inverseNormal } from '../src/tensor/normal.ts'
const t = (f: () => unknown, l = '') => { try { console.log(l, f()) } catch (e) { console.log(l, 'THROWS', (e as Error).name, (e as Error).message.slice(0, 300)) } }
const { tensor, full, zeros, Rng, grad, noGrad, Parameter, jvp, vjp, prod, variance, graphOf } = A
t(() => tensor([2 ** 31], { dtype: 'int32' }).data(), 'int32')
t(() => full([2], 7, { dtype: 'bool' }).data(), 'fullbool')
t(() => full([2], 1.5, { dtype: 'int32' }).data(), 'fullint')
t(() => zeros([2], { dtype: 'int64' as never }).data(), 'int64')
const w = new Parameter(tensor([2]), 'w')
t(() => noGrad(() => grad((x: A.Tensor) => x.mul(x).sum())(w)).requiresGrad, 'noGrad grad')
t(() => grad((async (x: A.Tensor) => x) as never)(tensor(1)), 'async grad')
t(() => jvp((p: { a: A.Tensor; b: A.Tensor }) => p.a.mul(p.b), { a: tensor(2), b: tensor(3) }, { b: tensor(0), a: tensor(1) }).tangent.item(), 'jvp tree order (3 expected)')
t(() => jvp((p: A.Tensor[]) => p[0]!, [tensor(2)], [tensor(2), tensor(3)]).tangent.item(), 'jvp extra')
t(() => variance(tensor([1, 2]), undefined, { correction: 2 }).item(), 'var')
t(() => prod(zeros([0], { requiresGrad: true })).backward(), 'prod empty')
t(() => prod(tensor([true])).dtype + prod(tensor([true, true])).dtype, 'prod bool')
t(() => String(zeros(Array(17).fill(2))).length, 'print')
t(() => String(zeros(Array(18).fill(2))).length, 'print18')
t(() => graphOf(tensor([1], { requiresGrad: true }).clip({ low: 0 })).toText(), 'clip graph')
t(() => graphOf(w.mul(2)).toText(), 'param graph')
t(() => tensor([1, 2], { dtype: 'int32' }).clip({ low: 1.5 }).data(), 'clip int')
t(() => A.stack([tensor([1])], 5), 'stack')
t(() => tensor([new Float32Array(2)] as never), 'nested typed')
t(() => A.pow(tensor([2, 3], { dtype: 'int32' }), -1).data(), 'int pow')
t(() => { const e = new Parameter(tensor([[1, 2]]), 'e'); const y = e.gather(0, tensor([[0, 0]], { dtype: 'int32' })).sum(); e.assign(tensor([[3, 4]])); y.backward(); return e.grad?.toArray() }, 'gather assign')
let worst = 0, at = 0
const buf = new DataView(new ArrayBuffer(8))
const bits = (x: number) => { buf.setFloat64(0, x); return buf.getBigInt64(0) }
const r = new Rng(1)
for (let i = 0; i < 400000; i++) { const x = i % 2 ? r.next() || 0.5 : 2 ** (-60 * r.next()); const d = Math.abs(Number(bits(Math.log(x)) - bits(logarithm(x)))); if (d > worst) { worst = d; at = x } }
console.log('log worst ulp', worst, at, Math.log(at), logarithm(at))
for (const x of [0.9999999999999999, 1, 0.99999, 0.70710678118654746, 0.70710678118654757]) console.log(x, Math.log(x), logarithm(x), Number(bits(Math.log(x)) - bits(logarithm(x))))
console.log(inverseNormal(0.975), inverseNormal(0.5), inverseNormal(1e-300), inverseNormal(0.001))
