/** HTML from templates in which everything is escaped unless it is markup already. */

/** Text that is HTML, to be put into a page as it is. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

/** What a template takes: text and numbers are escaped, markup is kept, lists are joined, nothing is nothing. */
export type Content = Markup | string | number | undefined | readonly Content[]

/** A template of HTML: `` html`<p>${text}</p>` ``. Values are escaped, in text and in quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = strings[0]!
  for (const [at, value] of values.entries()) text += toHtml(value) + strings[at + 1]!
  return new Markup(text)
}

function toHtml(value: Content): string {
  if (value instanceof Markup) return value.text
  if (value === undefined) return ''
  if (typeof value === 'object') return value.map(toHtml).join('')
  return escapeHtml(String(value))
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
