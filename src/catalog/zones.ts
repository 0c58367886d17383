// oxlint-disable-next-line typescript/triple-slash-reference -- the package has no types, and whatever program imports this file must find ours
/// <reference path="./tgwf-co2.d.ts" />
import { averageIntensity } from '@tgwf/co2/data'
import type { CatalogPolicy } from '../core/index.ts'

/** The latest full year that Ember has for most countries. */
const year = 2025

/**
 * The carbon of a country's grid, location-based and on yearly average, for the `carbon` of a server's
 * options: `carbon: carbonOf('FRA')`. Of the electricity used; what making the machines cost is apart,
 * as `embodied` of `requestImpact`. Figures by Ember (CC BY-SA 4.0), as @tgwf/co2 has them.
 * @param zone ISO 3166-1 alpha-3, or `WORLD`
 * @throws {RangeError} for a zone without a figure
 */
export function carbonOf(zone: string): CatalogPolicy['carbon'] {
  const gramsPerKilowattHour = Object.hasOwn(averageIntensity.data, zone) ? averageIntensity.data[zone]! : 0
  // No grid emits nothing: where the list says 0, nobody counted.
  if (!(gramsPerKilowattHour > 0)) throw new RangeError(`There is no figure for the grid of "${zone}". Give a country by its three letters, such as FRA, or WORLD; or the figure itself, as { gco2ePerWh, zone, year }.`)
  return { gco2ePerWh: gramsPerKilowattHour / 1_000, zone, year }
}
