import { checkBudgets, defaultBudgets, latestReset } from '../core/index.ts'
import type { BudgetPolicy, Features } from '../core/index.ts'
import { needOf } from '../routing/need.ts'
import type { AI, AIOptions, CatalogState, Exhausted, Remedy } from './ai.ts'
import { createErrands } from './errands.ts'
import { createEvents } from './events.ts'
import { createOutlook } from './outlook.ts'
import { createPerson, nobody } from './person.ts'
import { inputOf } from './plan.ts'
import type { Readable } from './readable.ts'
import { createRuns, loadEngine } from './runs.ts'
import { createSource } from './source.ts'
import type { Source } from './source.ts'
import { createWatch } from './watch.ts'
import { createWire } from './wire.ts'

/**
 * The client of a product's features: everything is off until a person opts in, and nothing is
 * spent that they were not shown.
 * @throws {TypeError} for budgets that cannot work
 */
export function createAI<const F extends Features>(options: AIOptions<F>): AI<F> {
  const policies = checkBudgets(options.budgets ?? defaultBudgets)
  const wire = createWire(options, revision => source.heard(revision))
  const { emit, on, clear } = createEvents()
  const person = createPerson(options.subject ?? nobody, policies, passed => emit({ name: 'budget-warning', ...passed }))
  const errands = createErrands(wire, person, emit)
  const source = createSource(options.catalog, wire, person.stores, errands.run)
  const watch = createWatch(source, () => errands.run(person.stores(), false))
  const outlook = createOutlook(source.catalog, person, policies)
  const lookAfter: typeof errands.await = (...run) => {
    errands.await(...run)
    watch.soon()
  }
  const runs = createRuns({ outlook, source, person, wire, emit, lookAfter })
  // Also when it was switched off in another tab.
  const unwatch = person.optIns.subscribe(({ enabled }) => enabled || runs.abort('opted-in'))
  if (inDevelopment()) warnOnce(source.catalog, policies)

  return {
    ...permissions(person, outlook, emit, watch.soon),
    features: options.features, budget: person.budget, optIns: person.optIns, subject: person.subject,
    // What an object is, the server checks by the feature's own shape.
    catalog: source.catalog, run: runs.run as AI<F>['run'], status: outlook.status, on,
    estimate(feature, level) {
      const estimate = outlook.plan(outlook.ask(feature, level))
      if (estimate.status === 'ready') prefetch()
      return estimate
    },
    ceiling: (feature, level = {}) => outlook.ceiling(feature, level),
    need: (feature, input) => needOf(options.features[feature]?.task ?? 'summarize', inputOf(input)),
    remedy: (feature, budgets) => remedyFor({ feature, budgets, resetsAt: latestReset(budgets) }, options, source),
    report(run, feedback) {
      emit({ name: 'outcome', feature: runs.featureOf(run), run, ...feedback })
      errands.tell(run, feedback)
      watch.soon()
    },
    refresh: async () => void await source.refresh(),
    setSubject(name) {
      if (name === person.subject.getState()) return
      runs.abort()
      person.become(name)
      emit({ name: 'subject', subject: name })
      watch.again()
    },
    close() {
      runs.abort()
      unwatch()
      watch.close()
      person.close()
      clear()
    },
  }
}

/** The person's acts, which are kept. @param kept called after each that the server may be told of */
function permissions({ stores }: ReturnType<typeof createPerson>, { agree }: ReturnType<typeof createOutlook>, emit: ReturnType<typeof createEvents>['emit'], kept: () => void): Pick<AI, 'optIn' | 'optOut' | 'decline' | 'undecline' | 'setEnabled'> {
  return {
    optIn(feature, options) {
      const optIn = agree(feature, options)
      const { scope, tier, effort } = optIn
      stores().optIns.grant(optIn)
      emit({ name: 'opt-in', feature, scope, tier, effort })
      kept()
      return optIn
    },
    optOut(feature) {
      stores().optIns.revoke(feature)
      emit({ name: 'opt-out', feature })
      kept()
    },
    decline(feature) {
      stores().optIns.decline(feature)
      emit({ name: 'decline', feature })
      kept()
    },
    undecline(feature) {
      stores().optIns.undecline(feature)
      emit({ name: 'undecline', feature })
    },
    setEnabled(enabled) {
      stores().optIns.setEnabled(enabled)
      emit({ name: 'enabled', enabled })
    },
  }
}

function remedyFor(exhausted: Exhausted, { onExhausted }: Pick<AIOptions, 'onExhausted'>, { refresh }: Source): Remedy | null {
  const offered = onExhausted?.(exhausted)
  if (!offered) return null
  return {
    label: offered.label,
    async act() {
      await offered.act()
      await refresh()
    },
  }
}

let prefetched = false

/** Where a cost is shown somebody may press: what the run needs is fetched meanwhile. */
function prefetch(): void {
  if (prefetched || typeof window === 'undefined') return
  prefetched = true
  loadEngine().catch(() => {})
}

/** As bundlers replace it; where nobody did and there is no `process`, it is not development. */
function inDevelopment(): boolean {
  try {
    return process.env.NODE_ENV !== 'production'
  } catch {
    return false
  }
}

/** Tells developers, when the catalog is there, of budgets that are too small for a feature. */
function warnOnce(catalog: Readable<CatalogState>, policies: readonly BudgetPolicy[]): void {
  const told = new Set<string>()
  const check = async ({ catalog: facts }: CatalogState) => {
    if (!facts) return
    const { ceilingWarnings } = await import('./ceiling-warnings.ts')
    for (const [feature, warning] of ceilingWarnings(facts, policies)) {
      if (!told.has(feature)) console.warn(warning)
      told.add(feature)
    }
  }
  catalog.subscribe(state => void check(state))
  void check(catalog.getState())
}
