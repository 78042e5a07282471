import { channelShuffle, type Shape, type Tensor } from '@adjoint/core/functional'
import { expectWhole } from '../module/wholeNumber.ts'

/**
 * Channels dealt out in turn between groups, so that the next grouped convolution sees all of them: `[batch, channels,
 * ...space]`, the shape stays. The function is `channelShuffle`. Source: Zhang et al., ShuffleNet, 2018.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { ChannelShuffle } from '@adjoint/nn'
 * new ChannelShuffle(2).forward(tensor([[[1], [2], [3], [4]]])).toArray() // => [[[1], [3], [2], [4]]]
 * ```
 */
export class ChannelShuffle {
  readonly groups: number

  /** @throws ArgumentError when `groups` is not a whole number from 1 up. */
  constructor(groups: number) {
    this.groups = expectWhole('ChannelShuffle', 'groups', groups)
  }

  /** @throws ShapeError when the channels are no multiple of the groups. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<S>
  forward(input: Tensor): Tensor {
    return channelShuffle(input, this.groups)
  }

  toString(): string {
    return `ChannelShuffle(${this.groups})`
  }
}
