/** Where the data come from and under which licence. */
import { html, type Markup } from './html.ts'

export function sourcesList(droppedPenguins: number): Markup {
  return html`<dl class="sources">
<dt>Penguins</dt>
<dd>344 birds of three species, measured from 2007 to 2009 on the Palmer Archipelago, Antarctica, by K. B. Gorman and
Palmer Station, Antarctica LTER (Gorman, Williams, Fraser, PLoS ONE 9(3): e90081, 2014). ${droppedPenguins} of them lack
measurements and are left out. Licence: CC0 1.0.</dd>
<dt>Digits</dt>
<dd>1797 handwritten digits of 8 × 8 pixels: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI
Machine Learning Repository, 1998. Licence: CC BY 4.0.</dd>
</dl>
`
}
