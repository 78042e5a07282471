import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { prepareFile, WriteError, writeFile } from '../src/writeFile.ts'
import { temporaryFolder } from './support.ts'

test('creates folders, replaces an old file, leaves nothing else behind', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'a', 'b', 'report.html')
  prepareFile(path, '--out')
  writeFile(path, '--out', 'first')
  writeFile(path, '--out', 'second')
  expect(readFileSync(path, 'utf8')).toBe('second')
  expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['report.html'])
})

test('preparing does not touch a file that is there', () => {
  const path = join(temporaryFolder(), 'report.html')
  writeFileSync(path, 'old')
  prepareFile(path, '--out')
  expect(readFileSync(path, 'utf8')).toBe('old')
})

test('a path that cannot be written is an error that says which and why', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  const below = join(folder, 'file', 'report.html')
  for (const attempt of [() => prepareFile(below, '--json'), () => writeFile(below, '--json', 'text')]) {
    expect(attempt).toThrow(WriteError)
    expect(attempt).toThrow(`cannot write ${below}`)
    expect(attempt).not.toThrow('.tmp')
    expect(attempt).toThrow('Choose another place with --json.')
  }
})

test.runIf(existsSync('/proc/self'))(
  'below /proc, on systems that have one, where no folder can be made and Node itself tries for ever, it is an error as well',
  () => {
    expect(() => prepareFile('/proc/adjoint/report/report.html', '--out')).toThrow(WriteError)
  },
)

test('a path that is a folder is refused, and no temporary file stays', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'report.html')
  mkdirSync(path)
  expect(() => prepareFile(path, '--out')).toThrow('it is a folder')
  expect(() => writeFile(path, '--out', 'text')).toThrow(WriteError)
  expect(readdirSync(folder)).toEqual(['report.html'])
})
