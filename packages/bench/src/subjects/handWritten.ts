/** Worker: the workloads in plain loops on typed arrays, with all memory reserved beforehand. No library. */

import { serve } from '../worker.ts'
import { handWrittenTask } from './handWrittenTasks.ts'

await serve(handWrittenTask, () => `node ${process.version}`)
