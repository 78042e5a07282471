/** The kernel for everything that has no other: the reference loop of the primitive, called by the program. */

import { copyElements } from '@adjoint/core/engine'
import type { Node } from '../graph/node.ts'
import { KERNEL_PARAMETERS, type Kernel } from '../plan/kernel.ts'

/** Runs the primitive of a node on tensors that look into the memory of the program. */
export function hostKernel(node: Node): Kernel {
  const { primitive, attributes, inputs } = node
  return {
    name: `${node.op} (reference)`,
    reads: inputs,
    writes: [node],
    units: 1,
    flops: node.size,
    isHosted: true,
    emit: emission => {
      const index = emission.host(step => {
        const result = primitive!.forward(
          inputs.map(input => emission.tensor(input, step)),
          attributes,
        )
        const out = emission.tensor(node, step)
        copyElements(result, out.storage, out.offset)
      })
      const { module } = emission
      return module.function(KERNEL_PARAMETERS, 'nothing', (f, { step }) => {
        f.do(emission.callHost(index, step))
      })
    },
  }
}
