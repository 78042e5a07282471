import { readCsv, readCsvFile } from '@adjoint/data'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

describe('readCsv', () => {
  test('RFC 4180: quotes, line breaks inside of them, CRLF, a byte order mark', () => {
    const text = '\ufeffname,"note ""x"""\r\n"a, b","two\r\nlines"\r\nc,"d"'
    const table = readCsv(text)
    expect(table.names).toEqual(['name', 'note "x"'])
    expect(table.texts('name')).toEqual(['a, b', 'c'])
    expect(table.texts('note "x"')).toEqual(['two\r\nlines', 'd'])
    expect(readCsv(new TextEncoder().encode(text)).columns).toEqual(table.columns)
  })

  test('what is written as the RFC says comes back', () => {
    const field = fc.string({ unit: 'binary' }).filter(text => !/[\r]/.test(text))
    const rows = fc
      .integer({ min: 1, max: 5 })
      .chain(width =>
        fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
      )
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n'), (rows, end) => {
        const text = rows.map(row => row.map(quoted).join(',')).join(end) + end
        const header = rows[0]!.map((_, at) => `c${at}`)
        const types = Object.fromEntries(header.map(name => [name, 'text' as const]))
        const table = readCsv(text, { header, types, missing: [] })
        // An empty line is no row.
        const expected = rows.filter(row => row.length > 1 || row[0] !== '' || text.includes('""'))
        expect(table.columns.map(({ values }) => values)).toEqual(
          header.map((_, at) => expected.map(row => row[at])),
        )
      }),
    )
  })

  test('finds the types of columns, and what is missing', () => {
    const table = readCsv('n,b,t,m\n1.5e3,true,x,NA\n-2,false,1,\n,NaN,null,null\n')
    expect(table.columns.map(({ type }) => type)).toEqual(['number', 'boolean', 'text', 'number'])
    expect(table.column('n').values).toEqual([1500, -2, undefined])
    expect(table.column('b').values).toEqual([true, false, undefined])
    expect(table.column('t').values).toEqual(['x', '1', undefined])
    expect(table.complete(['n']).length).toBe(2)
    expect(table.complete().length).toBe(0)
  })

  test('numbers are decimal numbers', () => {
    const table = readCsv('x\n+1\n.5\n5.\n-inf\n1E-3\n')
    expect(table.column('x').values).toEqual([1, 0.5, 5, Number.NEGATIVE_INFINITY, 0.001])
    expect(readCsv('x\n0x10\n').column('x').type).toBe('text')
    expect(readCsv('x\n1_000\n').column('x').type).toBe('text')
  })

  test('makes tensors', () => {
    const table = readCsv('a,b,c\n1,true,x\n2,,y\n')
    expect(table.tensor(['a']).toArray()).toEqual([[1], [2]])
    expect(table.tensor(['b', 'a'], { missing: -1, dtype: 'int32' }).toArray()).toEqual([
      [1, 1],
      [-1, 2],
    ])
    expect(() => table.tensor(['b'])).toThrow(
      'column "b" lacks a value in row 1; drop such rows with complete()',
    )
    expect(() => table.tensor(['c'])).toThrow('column "c" holds texts')
    expect(() => table.column('d')).toThrow('there is no column "d"; the columns are "a", "b", "c"')
    expect(table.texts('a')).toEqual(['1', '2'])
    expect(() => table.texts('b')).toThrow('lacks a value in row 1')
  })

  test('other delimiters, no header, names given', () => {
    expect(readCsv('1;2\n3;4', { delimiter: ';', header: false }).tensor(['0', '1']).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(readCsv('1\t2', { delimiter: '\t', header: ['x', 'y'] }).names).toEqual(['x', 'y'])
  })

  test.each([
    ['a,b\n1,2\n"3,4', 'line 3, column 1: Quote Not Closed'],
    ['a,b\n1,2"3\n', 'line 2, column 2: Invalid Opening Quote'],
    ['a,b\n1,"2"3\n', 'line 2, column 2: Invalid Closing Quote'],
    ['a,b\n"x\r\ny",1\n1\n', 'line 4, column 2: the row has 1 fields, and there are 2 columns'],
    ['a,b\n1,2,3\n', 'line 2, column 3: the row has 3 fields'],
    ['a,a\n', 'line 1, column 2: two columns have the name "a"'],
    ['a,b\r\n"x\r\ny\nz",1\r\n1,"2"3', 'line 5, column 2: Invalid Closing Quote'],
    ['', 'the file is empty'],
  ])('refuses %j: %s', (text, message) => {
    expect(() => readCsv(text)).toThrow(`readCsv: ${message}`)
  })

  test('names line and column of a value of another type', () => {
    const text = 'a,b\n"x\ny",1\n\nz,w\n'
    expect(() => readCsv(text, { types: { b: 'number' } })).toThrow(
      'readCsv: line 5, column 2: "w" is no number (column "b").',
    )
    expect(() => readCsv('a\n2\n', { types: { a: 'boolean' } })).toThrow('"2" is no truth value')
    expect(() => readCsv('a\n2\n', { types: { b: 'boolean' } })).toThrow('there is no such column')
    expect(() => readCsv('a\n2\n', { types: { a: 'date' as never } })).toThrow(
      'must be number, boolean or text',
    )
  })

  test('refuses what is no text', () => {
    expect(() => readCsv(new Uint8Array([0x61, 0xff]))).toThrow('not UTF-8')
    expect(() => readCsv(3 as never)).toThrow('takes a text')
    expect(() => readCsv('a', { delimiter: ',,' })).toThrow('one character')
    expect(() => readCsv('a', { seperator: ';' } as object)).toThrow('readCsv: knows no')
    expect(() => readCsvFile('/nowhere/x.csv')).toThrow('readCsvFile: /nowhere/x.csv: cannot be read')
  })

  test('a column may have any name', () => {
    const table = readCsv('__proto__,constructor\n1,2\n')
    expect(table.tensor(['__proto__', 'constructor']).toArray()).toEqual([[1, 2]])
    expect(({} as { 0?: unknown })[0]).toBeUndefined()
  })
})
