import { expect, test } from 'vitest'
import { formatError, formatPercent, formatQuality, formatUlp, formatValue } from '../src/format.ts'

test('errors in two digits, values in four, exponents without a plus sign', () => {
  expect([0, 3.14e-14, 0.014, 12.34, 56_789, Infinity, NaN].map(formatError)).toEqual([
    '0',
    '3.1e-14',
    '0.014',
    '12',
    '5.7e4',
    'Infinity',
    '–',
  ])
  expect([0, -0.5, 1e-5, -123_456, Infinity].map(formatValue)).toEqual([
    '0',
    '-0.5000',
    '1.000e-5',
    '-1.235e5',
    'Infinity',
  ])
  expect([0, 51, 1.9e16, Infinity].map(formatUlp)).toEqual(['0', '51', '1.9e16', 'Infinity'])
})

test('quality is a share of right answers, or R²', () => {
  expect(formatPercent(0.9567)).toBe('95.7 %')
  expect(formatQuality({ accuracy: 0.5, r2: undefined })).toBe('50.0 %')
  expect(formatQuality({ accuracy: undefined, r2: 0.81234 })).toBe('R² 0.812')
})
