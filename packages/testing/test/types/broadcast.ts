import { zeros } from '@adjoint/core'

const images = zeros([32, 3, 28, 28])
const mean = zeros([3, 1, 1])

export const centred = images
  .sub(mean)
  .mul(images)
  .add(1)
  .div(mean.add(zeros([3, 28, 28])))
