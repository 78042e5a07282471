/** The losses of the runs: the one of @adjoint/nn beside the hand-derived one. */
import type { Tensor } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'

/** A loss that exists on both sides. */
export type LossName = 'binaryCrossEntropy' | 'categoricalCrossEntropy' | 'crossEntropy' | 'halfSquaredError'

/** One definition, written twice: differentiated automatically, and by hand. */
export interface LossPair {
  readonly label: string
  readonly automatic: (
    prediction: Tensor,
    target: Tensor,
    options: { readonly layout: manual.Layout },
  ) => Tensor
  readonly manual: manual.Loss
}

export const LOSSES: Readonly<Record<LossName, LossPair>> = {
  binaryCrossEntropy: {
    label: 'binary cross entropy',
    automatic: nn.binaryCrossEntropy,
    manual: manual.binaryCrossEntropy,
  },
  categoricalCrossEntropy: {
    label: 'cross entropy of the softmax',
    automatic: nn.categoricalCrossEntropy,
    manual: manual.categoricalCrossEntropy,
  },
  crossEntropy: {
    label: 'cross entropy of the logits',
    automatic: nn.crossEntropy,
    manual: manual.crossEntropy,
  },
  halfSquaredError: {
    label: 'half squared error',
    automatic: nn.halfSquaredError,
    manual: manual.halfSquaredError,
  },
}
