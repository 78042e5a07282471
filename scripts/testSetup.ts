// Runs before every test file: all property tests of a run start from the one seed that the run printed.
import { configureGlobal } from 'fast-check'

configureGlobal({ seed: Number(process.env.ADJOINT_SEED) })
