import { tensor, Parameter, Rng, sigmoid, log, sub, mul, mean, matmul, add, neg, noGrad, softplus, type Tensor } from '@adjoint/core'
function bench(name: string, f: () => unknown, n: number) {
  for (let i=0;i<n/5;i++) f()
  const ts:number[]=[]
  for (let r=0;r<7;r++){ const t=performance.now(); for (let i=0;i<n;i++) f(); ts.push((performance.now()-t)*1e3/n) }
  ts.sort((a,b)=>a-b); console.log(name.padEnd(40), ts[3]!.toFixed(3),'us  min',ts[0]!.toFixed(3))
}
const a=tensor([1],{requiresGrad:true}), b=tensor([2])
bench('add 1 elem recorded', ()=>add(a as any,b as any), 300000)
bench('add 1 elem fluent', ()=>a.add(b as any), 300000)
bench('add 1 elem unrecorded', ()=>add(b,b), 300000)
bench('add + backward', ()=>{ const y=add(a as any,b as any); y.backward() }, 100000)
for (const m of [4,400]) {
  const rng=new Rng(0)
  const W1=new Parameter(rng.normal([3,2]) as Tensor,'W1'), b1=new Parameter(tensor([[0],[0],[0]]) as Tensor,'b1'), W2=new Parameter(rng.normal([1,3]) as Tensor,'W2'), b2=new Parameter(tensor([[0]]) as Tensor,'b2')
  const X=rng.normal([2,m]) as Tensor, Y=rng.uniform([1,m]).greater(0.5).cast('float32') as Tensor, Yn=sub(1,Y)
  const ps=[W1,b1,W2,b2]
  const step=(bce: boolean)=>{
    const a1=sigmoid(add(matmul(W1,X),b1)), z2=add(matmul(W2,a1),b2)
    let loss
    if (bce) { const a2=sigmoid(z2); loss=neg(mean(add(mul(Y,log(a2)),mul(Yn,log(sub(1,a2)))))) }
    else loss=mean(sub(softplus(z2),mul(z2,Y)))
    loss.backward()
    noGrad(()=>{ for (const p of ps) p.assign(sub(p, mul(p.grad!,0.1))) })
  }
  bench(`step literal m=${m}`, ()=>step(true), m===4?20000:2000)
  bench(`step logits m=${m}`, ()=>step(false), m===4?20000:2000)
}
