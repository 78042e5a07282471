/** The initialisers under one name, `initializers.zeros`; those that nobody names stay out of a bundle. */

export { constant, ones, zeros } from './constant.ts'
export { gain } from './gain.ts'
export { heNormal, heUniform } from './he.ts'
export { dirac, identity } from './identity.ts'
export { leCunNormal, leCunUniform } from './leCun.ts'
export { normal } from './normal.ts'
export { orthogonal } from './orthogonal.ts'
export { sparse } from './sparse.ts'
export { truncatedNormal } from './truncatedNormal.ts'
export { uniform } from './uniform.ts'
export { xavierNormal, xavierUniform } from './xavier.ts'
