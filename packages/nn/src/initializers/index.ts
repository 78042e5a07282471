/** The initialisers under one name, `initializers.zeros`; those that nobody names stay out of a bundle. */

export { constant, ones, zeros } from './constant.ts'
export { heNormal, heUniform } from './he.ts'
export { normal } from './normal.ts'
export { uniform } from './uniform.ts'
export { xavierNormal, xavierUniform } from './xavier.ts'
