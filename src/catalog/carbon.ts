import type { ElectricityMix } from './impact.ts'

/** Where a figure for electricity comes from. */
export interface Grid {
  readonly zone: string
  readonly year: number
  readonly mix: ElectricityMix
  readonly source: string
}

const source = 'ADEME Base Empreinte and Our World in Data, as compiled by EcoLogits (mlco2/ecologits, MPL-2.0)'

/** Location-based yearly averages. Hosts that know their own zone give it. */
export const grids = {
  world: { zone: 'WOR', year: 2025, mix: { adpe: 1.349e-8, pe: 2.5871, gwp: 0.47301, wue: 3.908 }, source },
  usa: { zone: 'USA', year: 2025, mix: { adpe: 9.855e-8, pe: 9.6884, gwp: 0.38355, wue: 3.1321 }, source },
} satisfies Record<string, Grid>
