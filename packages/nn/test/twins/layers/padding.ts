// Padding in all modes beside plain loops.
import * as manual from '@adjoint/manual'
import { CircularPad, ConstantPad, ReflectionPad, ReplicationPad, ZeroPad } from '@adjoint/nn'
import fc from 'fast-check'
import { draw, type Twin, toArray, twin } from '../twin.ts'
import { lead, passesOf } from '../windowCases.ts'

const width = fc.integer({ min: 0, max: 3 })
const cases = fc.record({
  lead,
  axes: fc.array(fc.record({ n: fc.integer({ min: 4, max: 6 }), before: width, after: width }), {
    minLength: 1,
    maxLength: 3,
  }),
  kind: fc.constantFrom('zero', 'constant', 'reflect', 'replicate', 'circular'),
})

export const twins: readonly Twin[] = [
  twin('layers/padding', cases, ({ lead, axes, kind }, rng) => {
    const widths = axes.map(({ before, after }) => [before, after] as const)
    const layer = {
      zero: () => new ZeroPad(widths),
      constant: () => new ConstantPad(widths, 2.5),
      reflect: () => new ReflectionPad(widths),
      replicate: () => new ReplicationPad(widths),
      circular: () => new CircularPad(widths),
    }[kind]()
    const x = draw(rng, [...lead, ...axes.map(({ n }) => n)])
    const { automatic, cotangents } = passesOf(x, layer.forward(x), rng)
    const mode = kind === 'zero' ? 'constant' : kind
    const given = { x: toArray(x), widths, mode, value: kind === 'constant' ? 2.5 : 0 } as const
    const { dx } = manual.padding.backward({ dy: toArray(cotangents.y!), ...given })
    return { automatic, manual: { y: manual.padding.forward(given), dx } }
  }),
]
