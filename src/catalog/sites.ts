import type { Bounds } from './impact.ts'

/** Where a provider's computers stand: power usage effectiveness, litres of water per kWh, and the zone of the grid. */
export interface Site {
  readonly pue: Bounds
  readonly wue: Bounds
  readonly zone: string
}

// As EcoLogits 0.11.2 has them (mlco2/ecologits, MPL-2.0).
const sites: Readonly<Record<string, Site>> = {
  openai: { pue: [1.2, 1.2], wue: [0.569, 0.569], zone: 'USA' },
  google: { pue: [1.09, 1.09], wue: [0.999, 0.999], zone: 'USA' },
  cohere: { pue: [1.09, 1.09], wue: [0.999, 0.999], zone: 'USA' },
  anthropic: { pue: [1.09, 1.14], wue: [0.13, 0.999], zone: 'USA' },
  huggingface: { pue: [1.09, 1.14], wue: [0.13, 0.99], zone: 'USA' },
  mistral: { pue: [1.16, 1.16], wue: [0.09, 0.09], zone: 'SWE' },
}

/** Anywhere else: the highest PUE of those, and the world's average grid. */
const elsewhere: Site = { pue: [1.2, 1.2], wue: [0.09, 0.999], zone: 'WORLD' }

export function siteOf(provider: string): Site {
  return Object.hasOwn(sites, provider) ? sites[provider]! : elsewhere
}
