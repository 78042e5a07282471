/** The discrete Fourier transform of one line of complex numbers, of any length, in float64. */

import { cosPi, sinPi } from './trigonometryOfPi.ts'

/** Transforms the line (re, im) in place: X_k = Σ x_j e^(-2πi jk/n). */
export type LineTransform = (re: Float64Array, im: Float64Array) => void

/** Up to this length the sum itself is fast enough, and has fewer roundings. */
const SHORT = 24

/**
 * The transform for lines of one length: by halving where the length is a power of two (J. Cooley and J. Tukey, 1965), as a
 * plain sum where it is short, and as a convolution otherwise (L. Bluestein, 1970), which takes n log n steps for every
 * length, primes included.
 */
export function lineTransform(n: number): LineTransform {
  if ((n & (n - 1)) === 0) return byHalving(n)
  return n <= SHORT ? bySumming(n) : byConvolution(n)
}

/** e^(-2πi k/n) for k = 0 .. count - 1; exact at the quarters. */
function roots(n: number, count: number): readonly [Float64Array, Float64Array] {
  const cos = Float64Array.from({ length: count }, (_, k) => cosPi((2 * k) / n))
  const sin = Float64Array.from({ length: count }, (_, k) => -sinPi((2 * k) / n))
  return [cos, sin]
}

function bySumming(n: number): LineTransform {
  const [cos, sin] = roots(n, n)
  const [real, imaginary] = [new Float64Array(n), new Float64Array(n)]
  return (re, im) => {
    for (let k = 0; k < n; k++) {
      let [a, b] = [0, 0]
      for (let j = 0, at = 0; j < n; j++) {
        a += re[j]! * cos[at]! - im[j]! * sin[at]!
        b += re[j]! * sin[at]! + im[j]! * cos[at]!
        at += k
        if (at >= n) at -= n
      }
      real[k] = a
      imaginary[k] = b
    }
    re.set(real)
    im.set(imaginary)
  }
}

function byHalving(n: number): LineTransform {
  const [cos, sin] = roots(n, n >> 1)
  const reversed = new Int32Array(n)
  for (let i = 1; i < n; i++) reversed[i] = (reversed[i >> 1]! >> 1) | (i & 1 ? n >> 1 : 0)
  return (re, im) => {
    for (let i = 1; i < n; i++) {
      const j = reversed[i]!
      if (j <= i) continue
      const [a, b] = [re[i]!, im[i]!]
      re[i] = re[j]!
      im[i] = im[j]!
      re[j] = a
      im[j] = b
    }
    for (let half = 1; half < n; half *= 2) {
      const step = n / (2 * half)
      for (let start = 0; start < n; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const [i, j] = [start + k, start + k + half]
          const [c, s] = [cos[k * step]!, sin[k * step]!]
          const a = re[j]! * c - im[j]! * s
          const b = re[j]! * s + im[j]! * c
          re[j] = re[i]! - a
          im[j] = im[i]! - b
          re[i]! += a
          im[i]! += b
        }
      }
    }
  }
}

/**
 * jk = (j² + k² - (k - j)²) / 2, so X_k = w_k Σ (x_j w_j) / w_(k - j) with w_k = e^(-πi k²/n): a convolution, done by
 * transforms of a power of two that is at least twice as long.
 */
function byConvolution(n: number): LineTransform {
  let length = 1
  while (length < 2 * n - 1) length *= 2
  const transform = byHalving(length)
  const [cos, sin] = [new Float64Array(n), new Float64Array(n)]
  for (let k = 0, square = 0; k < n; k++) {
    // k² modulo 2n, which is all that counts, stays small.
    cos[k] = cosPi(square / n)
    sin[k] = -sinPi(square / n)
    square = (square + 2 * k + 1) % (2 * n)
  }
  const [kernelRe, kernelIm] = [new Float64Array(length), new Float64Array(length)]
  for (let k = 0; k < n; k++) {
    for (const at of k === 0 ? [0] : [k, length - k]) {
      kernelRe[at] = cos[k]! / length
      kernelIm[at] = -sin[k]! / length
    }
  }
  transform(kernelRe, kernelIm)
  const [a, b] = [new Float64Array(length), new Float64Array(length)]
  return (re, im) => {
    a.fill(0)
    b.fill(0)
    for (let k = 0; k < n; k++) {
      a[k] = re[k]! * cos[k]! - im[k]! * sin[k]!
      b[k] = re[k]! * sin[k]! + im[k]! * cos[k]!
    }
    transform(a, b)
    for (let k = 0; k < length; k++) {
      const [x, y] = [a[k]!, b[k]!]
      a[k] = x * kernelRe[k]! - y * kernelIm[k]!
      b[k] = x * kernelIm[k]! + y * kernelRe[k]!
    }
    // The transform of exchanged parts is the inverse one, exchanged; 1 / length is in the kernel.
    transform(b, a)
    for (let k = 0; k < n; k++) {
      re[k] = a[k]! * cos[k]! - b[k]! * sin[k]!
      im[k] = a[k]! * sin[k]! + b[k]! * cos[k]!
    }
  }
}
