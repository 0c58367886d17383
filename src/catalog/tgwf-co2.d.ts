declare module '@tgwf/co2/data' {
  /** Ember's yearly averages: grams CO2e per kilowatt-hour by ISO 3166-1 alpha-3, and by regions such as `WORLD`. */
  export const averageIntensity: { readonly data: Readonly<Record<string, number>> }
}
