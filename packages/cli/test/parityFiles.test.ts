// Folders of reference cases as hostile input, the JSON that is written, and the exit codes of the command.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ParityInputError } from '../src/parity/errors.ts'
import { readSet } from '../src/parity/readSet.ts'
import { runParity } from '../src/parity/runParity.ts'
import { recordingStream, temporaryFolder } from './support.ts'

const number = (value: number) => ({ shape: [], dtype: 'float64', data: [value] })

/** The case x² at 3: the value 9, the gradient 6, the second gradient 2. */
const square = (id: string, changes: object = {}) => ({
  id,
  group: 'small',
  op: 'square',
  kind: 'vjp',
  attrs: {},
  tol: { rtol: 1e-9, atol: 1e-9 },
  inputs: [number(3)],
  requiresGrad: [true],
  outputs: [number(9)],
  cotangents: [number(1)],
  grads: [number(6)],
  second: { v: [number(1)], gradInputs: [number(2)], gradCotangents: [number(6)] },
  ...changes,
})

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Writes a set of one group and returns its folder; the changes are to the manifest, its entry and the file. */
function folderOf(
  cases: readonly object[],
  changes: { manifest?: object; entry?: object; file?: object; text?: string; compressed?: boolean } = {},
): string {
  const folder = temporaryFolder()
  const file = {
    format: 'oracle-1',
    set: 'test',
    group: 'small',
    torch: '0',
    count: cases.length,
    cases,
    ...changes.file,
  }
  const text = changes.text ?? JSON.stringify(file)
  const entry = {
    file: 'small.json',
    group: 'small',
    count: cases.length,
    bytes: text.length,
    sha256: sha256(text),
    ...changes.entry,
  }
  const manifest = {
    format: 'oracle-1',
    set: 'test',
    torch: '0',
    total: cases.length,
    files: [entry],
    ...changes.manifest,
  }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest))
  if (changes.compressed) writeFileSync(join(folder, 'small.json.gz'), gzipSync(text))
  else writeFileSync(join(folder, 'small.json'), text)
  return folder
}

const run = (dir: string, options: object = {}) => runParity({ dir, stream: recordingStream(), ...options })

describe('a folder', () => {
  test('is read as it is and compressed', () => {
    const summary = {
      groups: [
        { group: 'small', total: 1, passed: 1, failed: 0, convention: 0, notCovered: 0, failures: [] },
      ],
    }
    expect(run(folderOf([square('a')]))).toEqual(summary)
    expect(run(folderOf([square('a')], { compressed: true }))).toEqual(summary)
  })

  const hostile: readonly [string, () => string, string][] = [
    ['that does not exist', () => join(temporaryFolder(), 'none'), 'is no folder.'],
    ['without a manifest', () => temporaryFolder(), 'manifest.json: there is no such file.'],
    [
      'of another format',
      () => folderOf([], { manifest: { format: 'oracle-2' } }),
      'its format is "oracle-2"; this command reads "oracle-1".',
    ],
    [
      'with a file of another format',
      () => folderOf([], { file: { format: 1 } }),
      'small.json: its format is 1;',
    ],
    [
      'with a file that is no JSON',
      () => folderOf([], { text: '{"format": NaN}' }),
      'small.json is no JSON:',
    ],
    ['with a file that is a list', () => folderOf([], { text: '[]' }), 'small.json is no record.'],
    [
      'with a file that is no text',
      () => folderOf([], { text: '\ud800', entry: { bytes: undefined, sha256: undefined } }),
      'small.json is no JSON:',
    ],
    [
      'with another checksum',
      () => folderOf([square('a')], { entry: { sha256: 'a'.repeat(64) } }),
      `the manifest says ${'a'.repeat(64)}.`,
    ],
    [
      'with another length',
      () => folderOf([square('a')], { entry: { bytes: 1 } }),
      'bytes, the manifest says 1.',
    ],
    [
      'with a file that is missing',
      () => folderOf([], { entry: { file: 'other.json' } }),
      'other.json: there is no such file.',
    ],
    [
      'with a file outside of it',
      () => folderOf([], { entry: { file: '../small.json' } }),
      'files[0].file is "../small.json"; needed is the name of a .json file.',
    ],
    ['whose files are no list', () => folderOf([], { manifest: { files: {} } }), 'files is no list.'],
    [
      'with an entry that is no record',
      () => folderOf([], { manifest: { files: [null] } }),
      'files[0] is no record.',
    ],
    [
      'with another count',
      () => folderOf([square('a')], { entry: { count: 2 } }),
      'it has 1 cases, the manifest says 2.',
    ],
    [
      'with another total',
      () => folderOf([square('a')], { manifest: { total: 7 } }),
      'total is 7, the files have 1 cases.',
    ],
    ['with an id that stands twice', () => folderOf([square('a'), square('a')]), 'the id "a" stands twice.'],
    [
      'with a case of another group',
      () => folderOf([square('a', { group: 'other' })]),
      'cases[0] (a).group is "other"; the file is of group "small".',
    ],
    ['with a case that is null', () => folderOf([null as never]), 'cases[0] is no record.'],
    [
      'with a case without an op',
      () => folderOf([square('a', { op: 3 })]),
      'cases[0].op is 3; needed is a text.',
    ],
    [
      'with tags that are no texts',
      () => folderOf([square('a', { tags: [1] })]),
      'tags is no list of texts.',
    ],
    ['with attributes that are a list', () => folderOf([square('a', { attrs: [] })]), 'attrs is no record.'],
    [
      'with a negative tolerance',
      () => folderOf([square('a', { tol: { rtol: -1, atol: 0 } })]),
      'needed are rtol and atol from 0 up.',
    ],
    [
      'with data that do not fill a shape',
      () => folderOf([square('a', { inputs: [{ shape: [2, 2], dtype: 'float64', data: [1] }] })]),
      'cases[0] (a).inputs[0] has shape [2, 2], which is 4 elements; its data are 1.',
    ],
    [
      'with data that do not fill a shape deep inside',
      () => folderOf([square('a', { second: { v: [{ shape: [1], dtype: 'float64', data: [] }] } })]),
      '.second.v[0] has shape [1], which is 1 elements; its data are 0.',
    ],
    [
      'with a shape that is none',
      () => folderOf([square('a', { inputs: [{ shape: [-1], dtype: 'float64', data: [] }] })]),
      'needed are whole numbers from 0 up.',
    ],
    [
      'with an unknown dtype',
      () => folderOf([square('a', { inputs: [{ ...number(1), dtype: 'complex64' }] })]),
      'needed is one of float64, float32, int64, int32, uint8, bool.',
    ],
    [
      'with an element that is no number',
      () => folderOf([square('a', { inputs: [{ ...number(1), data: ['nan'] }] })]),
      'data[0] is "nan"; that is no float64.',
    ],
    [
      'with half an integer',
      () => folderOf([square('a', { inputs: [{ shape: [], dtype: 'int32', data: [0.5] }] })]),
      'data[0] is 0.5; that is no int32.',
    ],
    [
      'that is nested without end',
      () =>
        folderOf([], {
          text: `{"format":"oracle-1","group":"small","cases":[{"id":"a","op":"b","kind":"c","x":${'['.repeat(99)}${']'.repeat(99)}}]}`,
          entry: { count: 1 },
          manifest: { total: undefined },
        }),
      'is nested more than 64 levels deep.',
    ],
  ]

  test.each(hostile)('%s is refused', (_, make, message) => {
    const folder = make()
    expect(() => readSet(folder)).toThrow(ParityInputError)
    expect(() => readSet(folder)).toThrow(message)
  })

  test('without the group that is asked for lists its groups', () => {
    expect(() => readSet(folderOf([]), ['large'])).toThrow('there is no group "large" in')
    expect(() => readSet(folderOf([]), ['large'])).toThrow('its groups are small.')
    expect(() => readSet(folderOf([]), ['small', 'large'])).toThrow('there is no group "large" in')
  })

  test('may have keys that are names of Object', () => {
    const odd = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}')
    const { groups } = run(folderOf([square('a', { attrs: odd }), square('b', odd)]))
    expect(groups[0]).toMatchObject({ total: 2, passed: 1, notCovered: 1 })
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

describe('the report and the JSON', () => {
  const mixed = () =>
    folderOf([
      square('right'),
      square('wrong', { outputs: [number(10)] }),
      square('unknown', { op: 'sqare' }),
      square('kink', {
        op: 'abs',
        inputs: [number(0)],
        outputs: [number(0)],
        grads: [number(0.7)],
        second: undefined,
        tags: ['kink'],
      }),
    ])

  test('have a line for each failure and each reason', () => {
    const stream = recordingStream()
    runParity({ dir: mixed(), stream })
    const text = stream.text()
    expect(text).toContain('FAILED\n  wrong\n    output 0: element 0 of 1 is 9, expected is 10\n')
    expect(text).toContain(
      'different by convention\n  kink\n    gradient of input 0: element 0 of 1 is 0, expected is 0.7\n    at a kink another number between the slopes around it: that of least norm\n',
    )
    expect(text).toContain('  not covered: no adapter for sqare (1)\n')
    expect(text).toMatch(/small +4 +1 +1 +1 +1 +3 +2 +2$/m)
  })

  test('the JSON is exactly the counts, and there is no temporary file', () => {
    const out = temporaryFolder()
    const json = join(out, 'deep', 'parity.json')
    const summary = run(mixed(), { json })
    expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual({
      groups: [
        { group: 'small', total: 4, passed: 1, failed: 1, convention: 1, notCovered: 1, failures: ['wrong'] },
      ],
    })
    expect(summary.groups[0]!.failures).toEqual(['wrong'])
    expect(readdirSync(join(out, 'deep'))).toEqual(['parity.json'])
  })

  test('a file that cannot be written is found before the cases run', () => {
    const stream = recordingStream()
    const json = temporaryFolder()
    expect(() => runParity({ dir: mixed(), json, stream })).toThrow(
      `cannot write ${json}: it is a folder. Choose another place with --json.`,
    )
    expect(stream.text()).toBe('')
  })
})

describe('the command', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url))

  function adjoint(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    const tsx = join(root, 'node_modules/tsx/dist/cli.mjs')
    const command = [
      tsx,
      '--conditions=@adjoint/source',
      join(root, 'packages/cli/src/main.ts'),
      'parity',
      ...args,
    ]
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      cwd: temporaryFolder(),
      encoding: 'utf8',
    })
    return { status, stdout, stderr }
  }

  test('exits with 0 when nothing fails, also when something is not covered', () => {
    const { status, stdout } = adjoint(
      '--dir',
      folderOf([square('a'), square('b', { op: 'sqare' })]),
      '--group',
      'small',
    )
    expect(status).toBe(0)
    expect(stdout).toMatch(/small +2 +1 +0 +0 +1/)
  })

  test('exits with 1 when a firm case fails', () => {
    const { status, stdout } = adjoint('--dir', folderOf([square('a', { grads: [number(7)] })]))
    expect(status).toBe(1)
    expect(stdout).toContain('FAILED\n  a\n    gradient of input 0')
  })

  test('runs every group that is named', () => {
    const { status, stdout } = adjoint(
      ...['--dir', join(root, 'packages/cli/test/fixtures/parity'), '--group', 'init', '--group=lr_sched'],
    )
    expect(status).toBe(0)
    expect(stdout).toMatch(/^lr_sched +25 .*\ninit +64 .*\nall +89 /m)
  })

  test.each([
    [['--dir', '.', '--json', 'a', '--json=b'], '--json stands more than once.'],
    [[], '--dir is missing; it names the folder of the cases.'],
    [['--dir', ''], '--dir needs a value.'],
    [['--dir', 'none'], 'none is no folder.'],
    [['--folder', 'x'], 'there is no option --folder; options are --dir, --group, --engine, --json.'],
    [['--dir', '.', 'more'], 'unexpected argument "more"'],
  ])('%j is refused with a sentence', (args, message) => {
    const { status, stdout, stderr } = adjoint(...args)
    expect(stderr).toContain('adjoint parity: ')
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  })
})
