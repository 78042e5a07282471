/** All laws, and the pass that applies them. */

import type { Pass } from '../pass.ts'
import { ARITHMETIC } from './arithmetic.ts'
import { applyLaws, type Law } from './law.ts'
import { MOVING } from './movements.ts'
import { REDUCTIONS } from './reductions.ts'
import { SELECTIONS } from './selections.ts'
import { SINKING } from './sinking.ts'

/** Every law that is used. */
export const LAWS: readonly Law[] = [...ARITHMETIC, ...SELECTIONS, ...MOVING, ...REDUCTIONS, ...SINKING]

/** Applies every law, and computes what depends on constants only, until nothing changes any more. */
export const algebra: Pass = /* @__PURE__ */ applyLaws('algebra', LAWS)
