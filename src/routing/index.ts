export { choose, lowestTier, offeredTiers } from './choose.ts'
export type { ChoiceDemand, RankedChoice } from './choose.ts'
export { classify } from './classify.ts'
export type { Classification } from './classify.ts'
