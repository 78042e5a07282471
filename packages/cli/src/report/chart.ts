/** Charts of Observable Plot as SVG text, drawn without a browser. */
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { Markup } from './html.ts'

/** A chart as inline SVG that a screen reader announces as one picture with the given description. */
export function chart(description: string, options: Plot.PlotOptions): Markup {
  const svg = plot(options)
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', description)
  return new Markup(roundPaths(svg.outerHTML))
}

/** A drawing that a screen reader passes over, because words beside it say the same. */
export function decoration(options: Plot.PlotOptions): Markup {
  const svg = plot(options)
  svg.setAttribute('aria-hidden', 'true')
  return new Markup(svg.outerHTML)
}

function plot(options: Plot.PlotOptions): ReturnType<typeof Plot.plot> {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  return Plot.plot({
    ...options,
    document,
    // Colours and type come from the page, so that they follow its light or dark scheme.
    style: { background: 'none', fontFamily: 'inherit', fontSize: '11px', overflow: 'visible' },
  })
}

/** A tenth of a pixel is finer than most screens; all sixteen digits would make the page three times as long. */
function roundPaths(svg: string): string {
  return svg.replaceAll(/ d="[^"]*"/g, path =>
    path.replaceAll(/\d+\.\d{2,}(?:e-?\d+)?/g, number => String(Math.round(Number(number) * 10) / 10)),
  )
}
