/**
 * The addresses of the files of the folder `sets`, each written out where bundlers see it. This file lies at the top of
 * `src` because the published JavaScript does at the top of `dist`: the same path leads to `sets` from both.
 */

export const breastCancerPlace = (): URL => new URL('../sets/breastCancer.csv.gz', import.meta.url)
export const co2Place = (): URL => new URL('../sets/co2.csv.gz', import.meta.url)
export const digitsPlace = (): URL => new URL('../sets/digits.csv.gz', import.meta.url)
export const irisPlace = (): URL => new URL('../sets/iris.csv.gz', import.meta.url)
export const penguinsPlace = (): URL => new URL('../sets/penguins.json.gz', import.meta.url)
export const winePlace = (): URL => new URL('../sets/wine.csv.gz', import.meta.url)
