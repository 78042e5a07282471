/** Formulas as functions: a small language of numbers, variables, operators, indices and the ops of the adapters. */
import * as ad from '@adjoint/core'
import { evaluate } from './adapters/index.ts'
import { NotCovered } from './errors.ts'

/** A number stays one as long as no tensor meets it. */
type Value = ad.Tensor | number

/** The variables of a formula by name. */
export type Variables = Readonly<Record<string, ad.Tensor>>

type Expression = (variables: Variables) => Value

/** What the names of functions mean that are no adapters, or whose adapters would need attributes. */
const FUNCTIONS: Readonly<Record<string, (...values: ad.Tensor[]) => ad.Tensor>> = {
  softmax: x => ad.softmax(x!, -1),
  log_softmax: x => ad.logSoftmax(x!, -1),
  cumsum: x => ad.cumsum(x!, -1),
  cumprod: x => ad.cumprod(x!, -1),
  logcumsumexp: x => ad.logCumSumExp(x!, -1),
  flip: x => ad.flip(x!),
  norm1: x => ad.norm(x!, undefined, { order: 1 }),
  norm2: x => ad.norm(x!, undefined, { order: 2 }),
  norm: x => ad.norm(x!, undefined, { order: 2 }),
}

/** Formulas in a notation of their own, in the language. */
const REWRITTEN: Readonly<Record<string, string>> = {
  'rosenbrock: sum_i 100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2': 'sum(100*(x[1:]-x[:-1]^2)^2 + (1-x[:-1])^2)',
}

/**
 * The function that a formula describes: `sum(sin(x)*exp(-x^2))`, `[x0*x1, sin(x0)]`, `exp(x)[:-1]`, `tanh(A) @ x`, or
 * the name of a function of x alone. `x_i` and `x_j` are x as a column and as a row, `x0` is the first element of x, `^T`
 * transposes, and what stands side by side, as in `x^T A x`, is multiplied as matrices.
 *
 * @throws NotCovered for what the language does not have.
 */
export function formulaOf(text: string): (variables: Variables) => ad.Tensor {
  const source = Object.hasOwn(REWRITTEN, text) ? REWRITTEN[text]! : text
  const expression =
    /^[a-z_]\w*$/i.test(source) && source.length > 1 ? parse(`${source}(x)`, text) : parse(source, text)
  return variables => toTensor(expression(variables))
}

const toTensor = (value: Value): ad.Tensor =>
  typeof value === 'number' ? (ad.tensor(value, { dtype: 'float64' }) as ad.Tensor) : value

function parse(source: string, text: string): Expression {
  const tokens = source.match(/\d+(?:\.\d+)?(?:e[+-]?\d+)?|[a-z]\w*|\*\*|\S/gi) ?? []
  let at = 0
  const give = (): never => {
    throw new NotCovered(`the formula ${text}`)
  }
  const accept = (token: string): boolean => {
    if (tokens[at] !== token) return false
    at++
    return true
  }
  const expect = (token: string): void => {
    if (!accept(token)) give()
  }

  const sum = (): Expression => {
    let left = product()
    for (;;) {
      if (accept('+')) left = operation(left, product(), (a, b) => a + b, ad.add)
      else if (accept('-')) left = operation(left, product(), (a, b) => a - b, ad.sub)
      else return left
    }
  }
  const product = (): Expression => {
    let left = signed()
    for (;;) {
      if (accept('*')) left = operation(left, signed(), (a, b) => a * b, ad.mul)
      else if (accept('/')) left = operation(left, signed(), (a, b) => a / b, ad.div)
      else if (accept('@')) left = operation(left, signed(), give, ad.matmul)
      else if (/^[a-z(]/i.test(tokens[at] ?? '')) left = operation(left, power(), give, ad.matmul)
      else return left
    }
  }
  const signed = (): Expression => {
    if (!accept('-')) return power()
    const inner = signed()
    return variables => {
      const value = inner(variables)
      return typeof value === 'number' ? -value : ad.neg(value)
    }
  }
  const power = (): Expression => {
    const base = indexed()
    if (!accept('^') && !accept('**')) return base
    if (accept('T')) {
      return variables => {
        const x = toTensor(base(variables))
        return x.rank < 2 ? x : ad.transpose(x)
      }
    }
    return operation(base, signed(), (a, b) => a ** b, ad.pow)
  }
  const indexed = (): Expression => {
    let inner = primary()
    while (accept('[')) {
      const whole = inner
      const range = rangeOf()
      expect(']')
      inner = variables => ad.slice(toTensor(whole(variables)), range)
    }
    return inner
  }
  /** `2`, `1:`, `:-1` or `1:3`. */
  const rangeOf = (): ad.SliceRange => {
    const whole = (): number | null => {
      const sign = accept('-') ? -1 : 1
      if (!/^\d+$/.test(tokens[at] ?? '')) return null
      return sign * Number(tokens[at++])
    }
    const start = whole()
    if (!accept(':')) return start ?? give()
    return [start, whole()]
  }
  const primary = (): Expression => {
    const token = tokens[at++] ?? give()
    if (token === '(') {
      const inner = sum()
      expect(')')
      return inner
    }
    if (token === '[') {
      const entries = list(']')
      return variables => ad.stack(entries.map(entry => toTensor(entry(variables))))
    }
    if (/^\d/.test(token)) return () => Number(token)
    if (!/^[a-z]/i.test(token)) return give()
    if (!accept('(')) return variables => variableOf(token, variables) ?? give()
    const values = list(')')
    return variables =>
      call(
        token,
        values.map(value => toTensor(value(variables))),
      )
  }
  const list = (end: string): Expression[] => {
    const entries = [sum()]
    while (accept(',')) entries.push(sum())
    expect(end)
    return entries
  }

  const expression = sum()
  return at === tokens.length ? expression : give()
}

/** An operator on numbers, or on tensors as soon as one side is a tensor. */
function operation(
  left: Expression,
  right: Expression,
  ofNumbers: (a: number, b: number) => number,
  ofTensors: (a: ad.Tensor, b: ad.Tensor) => ad.Tensor,
): Expression {
  return variables => {
    const [a, b] = [left(variables), right(variables)]
    if (typeof a === 'number' && typeof b === 'number') return ofNumbers(a, b)
    // The binary ops take numbers on either side.
    return ofTensors(a as ad.Tensor, b as ad.Tensor)
  }
}

function variableOf(name: string, variables: Variables): Value | undefined {
  if (name === 'pi') return Math.PI
  if (Object.hasOwn(variables, name)) return variables[name]
  const x = Object.hasOwn(variables, 'x') ? variables.x : undefined
  if (x === undefined) return undefined
  if (name === 'x_i') return ad.unsqueeze(x, 1) as ad.Tensor
  if (name === 'x_j') return ad.unsqueeze(x, 0) as ad.Tensor
  const position = /^x(\d+)$/.exec(name)
  return position === null ? undefined : ad.slice(x, Number(position[1]))
}

function call(name: string, values: ad.Tensor[]): ad.Tensor {
  if (Object.hasOwn(FUNCTIONS, name)) return FUNCTIONS[name]!(...values)
  const [output] = evaluate(name, values, {})
  if (output === null || output === undefined) throw new NotCovered(`the function ${name} in a formula`)
  return output
}
