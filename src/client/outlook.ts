import { lapseOf, newId, optInGap, SparingError } from '../core/index.ts'
import type { BudgetPolicy, Ceiling, Estimate, OptIn, OptInOrigin, OptInScope, Tier } from '../core/index.ts'
import { offeredTiers } from '../routing/shortlist.ts'
import type { Limited } from '../routing/shortlist.ts'
import type { CatalogState, FeatureStatus, Input, NoEstimate, OptInOptions } from './ai.ts'
import type { Person } from './person.ts'
import { defaultTier, featureOf, inputOf, planRun, standingCeiling } from './plan.ts'
import type { Ask } from './plan.ts'
import type { Readable } from './readable.ts'

/** A level as it is asked for, with or without an input. */
export interface Level {
  readonly tier?: Tier | undefined
  readonly effort?: Ask['effort'] | undefined
  readonly input?: Input | undefined
}

/** What may be asked for now, and what it would cost. Looking changes nothing. */
export interface Outlook {
  /** What is asked, with every default filled in. */
  ask(feature: string, level: Level): Ask
  plan(ask: Ask): Estimate | NoEstimate
  status(feature: string, level?: Level): FeatureStatus
  tiers(feature: string): readonly Tier[]
  /** The most that any run at the level can cost; `null` while that is not known. */
  ceiling(feature: string, level: Level): Ceiling | null
  /** The record of an act. */
  record(ask: Ask, scope: OptInScope, ceiling: Ceiling, origin: OptInOrigin): OptIn
  /**
   * The record of an act that lasts: for the most that any run at the level can cost.
   * @throws {SparingError} `no-model` while that is not known
   */
  agree(feature: string, options: OptInOptions): OptIn
}

export function createOutlook(catalog: Readable<CatalogState>, person: Person, policies: readonly BudgetPolicy[]): Outlook {
  const limited = (): Limited => {
    const told = person.budget.getState().server.map(budget => ('unit' in budget ? budget.unit : ''))
    const units = new Set<string>([...policies.flatMap(({ limit }) => Object.keys(limit)), ...told])
    return { moneyLimited: units.has('usd'), energyLimited: units.has('wh') || units.has('gco2e') }
  }
  const ask = (feature: string, { tier, effort = 'none', input: given = '' }: Level): Ask => {
    const input = inputOf(given)
    return { feature, tier: tier ?? defaultTier(catalog.getState().catalog, feature, limited(), input), effort, input }
  }
  const plan = (what: Ask) => planRun(catalog.getState(), what, limited(), person.stores().optIns.recordFor(what.feature))
  const tiers = (feature: string) => {
    const facts = catalog.getState().catalog
    const reachable = featureOf(facts, feature)
    return facts && reachable ? offeredTiers(reachable, facts, limited()) : []
  }
  function record({ feature, tier, effort }: Ask, scope: OptInScope, ceiling: Ceiling, origin: OptInOrigin): OptIn {
    const { notBefore, after: afterOf } = person.stores().optIns
    const after = afterOf(feature)
    const at = Math.max(Date.now(), notBefore(feature))
    const catalogVersion = catalog.getState().catalog?.version ?? ''
    return { id: newId(), feature, scope, tier, effort, ceiling, catalogVersion, at, ...after ? { after } : {}, lapsesAt: lapseOf(scope, at), origin }
  }
  const ceiling = (feature: string, level: Level) => {
    const facts = catalog.getState().catalog
    return facts && standingCeiling(facts, ask(feature, level), limited()) || null
  }
  return {
    ask, plan, tiers, record, ceiling,
    agree(feature, { scope, origin = 'call', ...level }) {
      const what = ask(feature, level)
      const most = ceiling(feature, what)
      if (!most) throw new SparingError('no-model', `Nobody can opt in to "${feature}" yet: what it costs at most is not known. Wait for the catalog, and check that a model is set up.`)
      return record(what, scope, most, origin)
    },
    status(feature, level = {}) {
      const state = stateOf(feature, catalog.getState(), person)
      if (state !== 'off') return { state, optIn: null, tiers: tiers(feature) }
      const what = ask(feature, level)
      const estimate = plan(what)
      if (estimate.status !== 'ready') return { state: 'off', optIn: null, tiers: tiers(feature) }
      const { standing, recordFor } = person.stores().optIns
      const demand = { ...what, ceiling: estimate.ceiling }
      const optIn = standing(demand)
      if (optIn) return { state: 'on', optIn, tiers: tiers(feature) }
      const record = recordFor(feature)
      const outgrown = optInGap(record, demand, Date.now()) === 'ceiling'
      return { state: 'off', optIn, ...outgrown && record && { outgrown: record }, tiers: tiers(feature) }
    },
  }
}

/** How a feature stands, but for what was opted in to. */
function stateOf(feature: string, { status, catalog }: CatalogState, { optIns }: Person): Exclude<FeatureStatus['state'], 'on'> {
  const { enabled, declined } = optIns.getState()
  if (!enabled) return 'master-off'
  const said = Object.hasOwn(declined, feature)
  // Who said no is not asked for as long as it takes to load, either.
  if (!catalog) return said ? 'declined' : status === 'loading' ? 'loading' : 'unavailable'
  const mode = featureOf(catalog, feature)?.mode
  if (mode === 'off') return 'disabled'
  if (mode !== 'offer') return 'unavailable'
  return said ? 'declined' : 'off'
}
