/** The recorded graph of a network, laid out by Graphviz. */
import { graphOf, type Tensor } from '@adjoint/core'
import { instance } from '@viz-js/viz'
import { html, Markup } from './html.ts'

/** The graph of a tensor as inline SVG, in a box that scrolls when it is wider than the screen. */
export async function graphFigure(root: Tensor, description: string): Promise<Markup> {
  const viz = await instance()
  const drawing = viz.renderString(graphOf(root).toDot(), {
    format: 'svg',
    graphAttributes: { bgcolor: 'transparent', nodesep: 0.18, ranksep: 0.28 },
    nodeAttributes: { fontname: 'Helvetica', fontsize: 11, margin: '0.09,0.05', height: 0.3 },
    edgeAttributes: { arrowsize: 0.6 },
  })
  // What stands before the element is for a file of its own; inside it, comments and titles repeat the ids of nodes.
  const svg = drawing
    .slice(drawing.indexOf('<svg'))
    .replaceAll(/<!--.*?-->\n?/gs, '')
    .replaceAll(/<title>.*?<\/title>\n?/gs, '')
    .replace('<svg', '<svg role="img" aria-labelledby="graph-caption"')
  return html`<figure class="graph">
<div class="scroll" tabindex="0" role="region" aria-label="Computation graph">
${new Markup(svg)}
</div>
<figcaption id="graph-caption">${description}</figcaption>
</figure>
`
}
