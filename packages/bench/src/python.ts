/** Finds a Python that has a module: `ADJOINT_PYTHON`, then `python3` of the PATH, then the system's own. */

import { spawnSync } from 'node:child_process'

const found = new Map<string, string | undefined>()

/** The command of the first Python that can import a module, or why there is none. */
export function findPython(module: string): { readonly command: string } | { readonly unavailable: string } {
  const candidates = [process.env.ADJOINT_PYTHON, 'python3', '/usr/bin/python3'].flatMap(name => name || [])
  if (!found.has(module)) {
    found.set(
      module,
      candidates.find(
        command => spawnSync(command, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0,
      ),
    )
  }
  const command = found.get(module)
  if (command !== undefined) return { command }
  return { unavailable: `none of ${candidates.join(', ')} has ${module}; name one in ADJOINT_PYTHON` }
}
