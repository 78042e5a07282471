/** What somebody passed as the parameters of an optimizer. */

import { ArgumentError, Parameter } from '@adjoint/core/functional'
import { shown } from '../module/shown.ts'
import type { GroupOptions, Updatable } from './group.ts'
import type { RuleSettings } from './rule.ts'

/** The parameters of a list, each once. */
export function expectParameters(op: string, parameters: Iterable<Parameter>): Parameter[] {
  const isList = isIterable(parameters)
  const list = isList ? [...new Set(parameters)] : [parameters as unknown as Parameter]
  if (list.length === 0) throw new ArgumentError(op, 'got no parameters; there is nothing to learn.')
  const stranger = list.findIndex(parameter => !(parameter instanceof Parameter))
  if (stranger < 0) return list
  const found = (isList ? `entry ${stranger} is ` : 'got ') + shown(list[stranger])
  throw new ArgumentError(op, `takes a list of parameters, as parameters(model) gives it; ${found}.`)
}

/** The groups of a list of groups; anything else is one group. */
export function groupsOf<Settings extends RuleSettings>(
  parameters: Updatable<Settings>,
): readonly GroupOptions<Settings>[] {
  const list = isIterable(parameters) ? [...parameters] : []
  return list.length > 0 && list.every(entry => Object.hasOwn(Object(entry), 'parameters'))
    ? (list as GroupOptions<Settings>[])
    : [{ parameters: isIterable(parameters) ? list : parameters } as GroupOptions<Settings>]
}

const isIterable = (value: unknown): boolean => typeof Object(value)[Symbol.iterator] === 'function'
