/** The part of the engine's WebAssembly interface that kernels need: core is compiled without the types of any host. */

/** A compiled module; may be handed to another thread. */
export interface WasmModule {
  readonly isModule?: never
}

/** Linear memory: `buffer` is another object after every growth. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer
  grow(pages: number): number
}

/** What an instance offers. Functions are called with numbers and return one or nothing. */
export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>
}

/** What a module asks for: first by module, then by name. */
export type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** See the WebAssembly JavaScript Interface (W3C). */
export interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (module: WasmModule, imports?: WasmImports) => WasmInstance
  readonly Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory
  validate(bytes: Uint8Array): boolean
}

/** Bytes of one page of linear memory. */
export const PAGE_BYTES = 65_536

/** The engine's WebAssembly, `undefined` where there is none (a browser's lockdown mode, `--jitless`). */
export const webAssembly: WebAssemblyApi | undefined = (
  globalThis as { readonly WebAssembly?: WebAssemblyApi }
).WebAssembly
