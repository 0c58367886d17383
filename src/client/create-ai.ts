import { createStore } from 'zustand/vanilla'
import { checkBudgets, defaultBudgets, lapseOf, newId, SparingError, spentAmounts } from '../core/index.ts'
import type { Ceiling, Estimate, Features, OptIn, OptInOrigin, OptInScope, Trigger } from '../core/index.ts'
import { featureCeiling } from '../catalog/estimate.ts'
import { offeredTiers } from '../routing/choose.ts'
import { needOf } from '../routing/need.ts'
import { createBudgetStore, createOptInStore } from '../state/index.ts'
import type { AI, AIOptions, CatalogState, FeatureStatus, Input, RunOptions } from './ai.ts'
import type { AIEvent } from './events.ts'
import { performRun, reconcile } from './perform.ts'
import type { Stores } from './perform.ts'
import { defaultTier, featureOf, inputOf, planRun, standingModel } from './plan.ts'
import type { Ask } from './plan.ts'
import { createRun } from './run.ts'
import type { Run } from './run.ts'
import { switchable } from './switchable.ts'
import { watchBudgets } from './warnings.ts'
import { createWire } from './wire.ts'

/** A level as it is asked for, with or without an input. */
interface Level {
  readonly tier?: Ask['tier'] | undefined
  readonly effort?: Ask['effort'] | undefined
  readonly input?: Input | undefined
}

/**
 * The client of a product's features: everything is off until a person opts in, and nothing is
 * spent that they were not shown.
 * @throws {TypeError} for budgets that cannot work
 */
export function createAI<const F extends Features>(options: AIOptions<F>): AI<F> {
  const policies = checkBudgets(options.budgets ?? defaultBudgets)
  const wire = createWire(options)
  const catalog = createStore<CatalogState>(() => options.catalog ? { status: 'ready', catalog: options.catalog } : { status: 'loading', catalog: null })
  const subject = createStore(() => options.subject ?? 'anonymous')
  const listeners = new Set<(event: AIEvent) => void>()
  const running = new Set<Run>()
  const emit = (event: AIEvent) => listeners.forEach(listener => listener(event))
  const warn = watchBudgets(policies, (budget, share) => emit({ name: 'budget-warning', budget, share }))
  const open = (name: string): Stores => ({ budget: createBudgetStore({ subject: name, policies }), optIns: createOptInStore({ subject: name }) })

  let stores = open(subject.getState())
  const budget = switchable(stores.budget)
  const optIns = switchable(stores.optIns)
  budget.subscribe(({ local }) => warn(local))

  /** The catalog, once it is known whether it can be had. */
  let asked: Promise<void> | undefined
  const refresh = () => asked = load()
  const known = async () => {
    if (!catalog.getState().catalog) await (asked ?? refresh())
    return catalog.getState()
  }
  async function load(): Promise<void> {
    const mine = stores
    try {
      catalog.setState({ status: 'ready', catalog: await wire.catalog() })
      mine.budget.applyServer(await wire.budgets())
      await settleOrphans(mine)
    } catch {
      // What is known goes on serving; without anything known there is nothing to offer.
      if (!catalog.getState().catalog) catalog.setState({ status: 'unreachable', catalog: null })
      asked = undefined
    }
  }
  /** Runs of tabs that were closed over them: the server knows what they came to. */
  async function settleOrphans(of: Stores): Promise<void> {
    for (const id of await of.budget.orphans()) {
      const receipt = await reconcile({ id, stores: of, wire })
      if (receipt) await of.budget.settle(id, spentAmounts(receipt))
    }
  }

  const ask = (feature: string, { tier, effort = 'none', input = '' }: Level): Ask =>
    ({ feature, tier: tier ?? defaultTier(catalog.getState().catalog, feature), effort, input: inputOf(input) })
  const moneyLimited = () => policies.some(({ limit }) => limit.usd !== undefined)
    || budget.getState().server.some(each => 'unit' in each && each.unit === 'usd')
  const plan = (what: Ask) => planRun(catalog.getState(), what, moneyLimited())

  function record({ feature, tier, effort }: Ask, scope: OptInScope, ceiling: Ceiling, origin: OptInOrigin): OptIn {
    const at = Date.now()
    const catalogVersion = catalog.getState().catalog?.version ?? ''
    return { id: newId(), feature, scope, tier, effort, ceiling, catalogVersion, at, lapsesAt: lapseOf(scope, at), origin }
  }

  function run(feature: string, given: RunOptions): Run {
    const id = given.id ?? newId()
    const { optIn, estimate: shown, signal } = given
    // The level that was on screen is the one that was agreed to.
    const what = () => ask(feature, { tier: shown?.tier, ...given })
    const control = createRun({ id, feature, tier: what().tier, effort: what().effort }, signal)
    const act = optIn === 'once' ? (asked: Ask, estimate: Estimate) => record(asked, 'once', estimate.ceiling, 'call') : optIn && (() => optIn)
    const { run } = control
    running.add(run)
    void performRun({
      id, feature, ask: what, shown, act, stores, wire, emit, plan, catalog: known,
      trigger: given.trigger ?? presentTrigger(optIn !== undefined),
    }, control).finally(() => running.delete(run))
    return run
  }

  function status(feature: string, level: Level = {}): FeatureStatus {
    const what = ask(feature, level)
    const { enabled, declined } = stores.optIns.getState()
    const { status: reached, catalog: facts } = catalog.getState()
    const reachable = featureOf(facts, feature)
    const tiers = facts && reachable ? offeredTiers(reachable, facts) : []
    const off = (state: FeatureStatus['state']): FeatureStatus => ({ state, optIn: null, tiers })
    if (!enabled) return off('master-off')
    if (!facts) return off(reached === 'loading' ? 'loading' : 'unavailable')
    if (reachable?.mode === 'off') return off('disabled')
    if (reachable?.mode !== 'offer') return off('unavailable')
    if (Object.hasOwn(declined, feature)) return off('declined')
    const estimate = plan(what)
    const optIn = estimate.status === 'ready' ? stores.optIns.standing({ ...what, ceiling: estimate.ceiling }) : null
    return { state: optIn ? 'on' : 'off', optIn, tiers }
  }

  if (typeof window !== 'undefined') void refresh()
  return {
    features: options.features, budget, optIns, catalog, subject, run, status, refresh,
    estimate: (feature, level) => plan(ask(feature, level)),
    optIn(feature, { scope, origin = 'call', ...level }) {
      const what = ask(feature, level)
      const { catalog: facts } = catalog.getState()
      const reachable = featureOf(facts, feature)
      const model = facts && reachable && standingModel(facts, what, moneyLimited())
      if (!model) throw new SparingError('no-model', `Nobody can opt in to "${feature}" yet: what it costs at most is not known. Wait for the catalog, and check that a model is set up.`)
      const optIn = record(what, scope, featureCeiling(reachable, model), origin)
      stores.optIns.grant(optIn)
      emit({ name: 'opt-in', feature, scope, tier: what.tier, effort: what.effort })
      return optIn
    },
    optOut(feature) {
      stores.optIns.revoke(feature)
      emit({ name: 'opt-out', feature })
    },
    decline(feature) {
      stores.optIns.decline(feature)
      emit({ name: 'decline', feature })
    },
    undecline(feature) {
      stores.optIns.undecline(feature)
      emit({ name: 'undecline', feature })
    },
    need: (feature, input) => needOf(options.features[feature]!.task, inputOf(input)),
    setEnabled(enabled) {
      if (!enabled) abortAll()
      stores.optIns.setEnabled(enabled)
      emit({ name: 'enabled', enabled })
    },
    setSubject(name) {
      if (name === subject.getState()) return
      abortAll()
      const left = stores
      stores = open(name)
      budget.follow(stores.budget)
      optIns.follow(stores.optIns)
      close(left)
      subject.setState(name, true)
      emit({ name: 'subject', subject: name })
      void refresh()
    },
    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      abortAll()
      close(stores)
      listeners.clear()
    },
  }

  function abortAll(): void {
    running.forEach(each => each.abort())
  }
}

/** Runs that are being aborted still settle in their own stores, which only stop listening. */
function close({ budget, optIns }: Stores): void {
  budget.close()
  optIns.close()
}

/** Whether a person is acting right now, as the browser knows it; where it cannot tell, an opt-in given with the call is the act. */
function presentTrigger(hasAct: boolean): Trigger {
  const activation = typeof navigator === 'undefined' ? undefined : navigator.userActivation
  return (activation ? activation.isActive : hasAct) ? 'user' : 'background'
}
