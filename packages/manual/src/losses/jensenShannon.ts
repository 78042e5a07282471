import { averageOverExamples, derivativeOfExamples, type Loss, timesLog } from './loss.ts'

/**
 * The Jensen-Shannon divergence of the distributions a and y, summed over the classes of an example: with m = ½ (a + y),
 *
 *     L = ½ Σ a_k log(a_k/m_k) + ½ Σ y_k log(y_k/m_k)
 *
 * With ∂m/∂a = ½, one class gives
 *
 *     ∂/∂a (½ a log a − ½ a log m + ½ y log y − ½ y log m) = ½ log a + ½ − ½ log m − ¼ a/m − ¼ y/m = ½ log(a/m)
 *
 * because a + y = 2m takes ½ away; and for y the same, ½ log(y/m). A class that both exclude counts nothing.
 */
export const jensenShannon: Loss = {
  name: 'jensenShannon',
  takes: 'activations',
  forward: inputs =>
    averageOverExamples('jensenShannon.forward', inputs, (a, y) => {
      let loss = 0
      for (let k = 0; k < a.length; k++) {
        loss +=
          0.5 * (timesLog(a[k]!, logOverMean(a[k]!, y[k]!)) + timesLog(y[k]!, logOverMean(y[k]!, a[k]!)))
      }
      return loss
    }),
  backward: inputs =>
    derivativeOfExamples('jensenShannon.backward', inputs, (a, y, da) => {
      for (let k = 0; k < a.length; k++) da[k] = 0.5 * logOverMean(a[k]!, y[k]!)
    }),
  targetBackward: inputs =>
    derivativeOfExamples('jensenShannon.targetBackward', inputs, (a, y, dy) => {
      for (let k = 0; k < a.length; k++) dy[k] = 0.5 * logOverMean(y[k]!, a[k]!)
    }),
}

/** log(a / ½ (a + y)) */
function logOverMean(a: number, y: number): number {
  return a + y === 0 ? 0 : Math.log1p((a - y) / (a + y))
}
