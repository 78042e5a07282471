import { tensor, Parameter, Rng, sigmoid, log, sub, mul, mean, matmul, add, neg, noGrad, softplus, type Tensor } from '@adjoint/core'
const m = Number(process.argv[2] ?? 4)
  const rng=new Rng(0)
  const W1=new Parameter(rng.normal([3,2]) as Tensor,'W1'), b1=new Parameter(tensor([[0],[0],[0]]) as Tensor,'b1'), W2=new Parameter(rng.normal([1,3]) as Tensor,'W2'), b2=new Parameter(tensor([[0]]) as Tensor,'b2')
  const X=rng.normal([2,m]) as Tensor, Y=rng.uniform([1,m]).greater(0.5).cast('float32') as Tensor
  const ps=[W1,b1,W2,b2]
  const step=()=>{
    const a1=sigmoid(add(matmul(W1,X),b1)), z2=add(matmul(W2,a1),b2)
    const loss=mean(sub(softplus(z2),mul(z2,Y)))
    loss.backward()
    noGrad(()=>{ for (const p of ps) p.assign(sub(p, mul(p.grad!,0.1))) })
  }
const t=performance.now()
const n = m===4?200000:30000
for (let i=0;i<n;i++) step()
console.log((performance.now()-t)*1e3/n,'us')
