/** Worker: not a subject but the bar: WebAssembly's multiply-adds, as many as the workload has. `node limit.js [relaxed]` */

import { multiplyAdds } from '../limit.ts'
import { serve } from '../worker.ts'

const isRelaxed = process.argv[2] === 'relaxed'

await serve(
  ({ flops }) => {
    const step = multiplyAdds(flops, isRelaxed)
    if (step === undefined) throw new Error(`the engine has no ${isRelaxed ? 'relaxed ' : ''}SIMD`)
    return { step, read: () => [] }
  },
  () => `node ${process.version}`,
)
