import { expect, test } from 'vitest'
import { html, Markup } from '../src/report/html.ts'

test('text is escaped wherever it stands, markup is not', () => {
  const nasty = `<script>alert("1" & '2')</script>`
  expect(html`<p title="${nasty}">${nasty}</p>`.toString()).toBe(
    '<p title="&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;">' +
      '&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;</p>',
  )
  expect(html`<ul>${[1, 2].map(item => html`<li>${item}</li>`)}</ul>${undefined}`.toString()).toBe(
    '<ul><li>1</li><li>2</li></ul>',
  )
  expect(html`${new Markup('<svg></svg>')}`.toString()).toBe('<svg></svg>')
})
