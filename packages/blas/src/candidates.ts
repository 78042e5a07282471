/** Where a system keeps its BLAS. */

/** A library to try. */
export interface Candidate {
  /** A name for the system's loader, or a path. */
  readonly name: string
  /** The name alone does not say what is behind it, it may be slow: the library has to show that it is worth the detour. */
  readonly isUnknown?: true
}

const named = (...names: readonly string[]): readonly Candidate[] => names.map(name => ({ name }))

/**
 * The libraries of each platform, the best first. Names come before paths, so that the loader's own settings are heeded.
 * In Fedora `libopenblas` has one thread and `libopenblasp` has several; in Debian there is only `libopenblas`.
 */
const CANDIDATES: Readonly<Partial<Record<NodeJS.Platform, readonly Candidate[]>>> = {
  linux: [
    ...named('libopenblasp.so.0', 'libopenblaso.so.0', 'libopenblas.so.0', 'libopenblas.so'),
    ...named('/usr/lib/x86_64-linux-gnu/libopenblas.so.0', '/usr/lib/aarch64-linux-gnu/libopenblas.so.0'),
    ...named('/usr/lib64/libopenblasp.so.0', '/usr/lib64/libopenblas.so.0'),
    ...named('/home/linuxbrew/.linuxbrew/opt/openblas/lib/libopenblas.so'),
    ...named('libmkl_rt.so.2', 'libmkl_rt.so.1', 'libmkl_rt.so'),
    ...named('/opt/intel/oneapi/mkl/latest/lib/libmkl_rt.so.2', '/opt/intel/mkl/lib/intel64/libmkl_rt.so'),
    ...named('libblis.so.4', 'libblis.so'),
    { name: 'libcblas.so.3', isUnknown: true },
    { name: 'libblas.so.3', isUnknown: true },
    { name: 'libblas.so', isUnknown: true },
  ],
  darwin: named(
    '/System/Library/Frameworks/Accelerate.framework/Accelerate',
    '/opt/homebrew/opt/openblas/lib/libopenblas.dylib',
    '/usr/local/opt/openblas/lib/libopenblas.dylib',
    'libopenblas.dylib',
    'libmkl_rt.2.dylib',
    'libmkl_rt.dylib',
  ),
  win32: named('libopenblas.dll', 'openblas.dll', 'mkl_rt.2.dll', 'mkl_rt.1.dll', 'mkl_rt.dll'),
}

/** What to try on this machine when nobody names a library. */
export function candidates(): readonly Candidate[] {
  return CANDIDATES[process.platform] ?? []
}
