/**
 * `@adjoint/data`: real data sets, data sets and loaders, scalers, and files: CSV, IDX, `.npy`, `.npz`, safetensors,
 * checkpoints. Runs in Node and in browsers, except for the functions that read or write files.
 */

export {
  AsyncDataLoader,
  type AsyncDataLoaderOptions,
  type AsyncDataSource,
} from './datasets/asyncDataLoader.ts'
export { BatchOrder, type BatchOrderOptions, type LoaderState } from './datasets/batchOrder.ts'
export { type Collated, collate } from './datasets/collate.ts'
export { DataLoader, type DataLoaderOptions } from './datasets/dataLoader.ts'
export { type DataSource, Dataset, type DatasetSplitOptions, type Fold } from './datasets/dataset.ts'
export type { BatchOf, ItemOf, Rows } from './datasets/rows.ts'
export { slidingWindows, type WindowOptions, type Windows } from './datasets/slidingWindows.ts'
export {
  type FoldIndices,
  kFoldIndices,
  type Labels,
  type SplitOptions,
  splitIndices,
} from './datasets/splitIndices.ts'
export { FileError } from './files/fileError.ts'
export { type FilePlace, FormatError } from './files/formatError.ts'
export {
  type CheckpointTree,
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from './formats/checkpoint.ts'
export { type CsvOptions, readCsv, readCsvFile } from './formats/csv.ts'
export { type IdxOptions, readIdx, readIdxFile } from './formats/idx.ts'
export { readNpy, readNpyFile, writeNpy, writeNpyFile } from './formats/npy.ts'
export {
  type NpzReadOptions,
  type NpzWriteOptions,
  readNpz,
  readNpzFile,
  writeNpz,
  writeNpzFile,
} from './formats/npz.ts'
export {
  readSafetensors,
  readSafetensorsFile,
  type Safetensors,
  writeSafetensors,
  writeSafetensorsFile,
} from './formats/safetensors.ts'
export { type Column, type ColumnType, Table, type TableTensorOptions } from './formats/table.ts'
export type { ScalerOptions } from './preprocessing/features.ts'
export {
  MinMaxScaler,
  type MinMaxScalerOptions,
  type MinMaxScalerState,
} from './preprocessing/minMaxScaler.ts'
export { type Category, OneHotEncoder, type OneHotEncoderOptions } from './preprocessing/oneHotEncoder.ts'
export { StandardScaler, type StandardScalerState } from './preprocessing/standardScaler.ts'
export { type Diagnosis, loadBreastCancer } from './sets/breastCancer.ts'
export { type CO2Options, type CO2Series, loadCO2 } from './sets/co2.ts'
export { type Digits, loadDigits } from './sets/digits.ts'
export {
  type FashionMnist,
  type FashionMnistOptions,
  type ImageExamples,
  loadFashionMnist,
} from './sets/fashionMnist.ts'
export { type IrisSpecies, loadIris } from './sets/iris.ts'
export { loadPenguins, type Penguin, type Penguins, SPECIES, type Species } from './sets/penguins.ts'
export type { ClassificationSet, SetOptions, SetSource } from './sets/setFile.ts'
export { loadWine, type WineClass } from './sets/wine.ts'
