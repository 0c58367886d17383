import { AbortedError, BackgroundBlockedError, FeatureDisabledError, optInGap, OptInRequiredError, SparingError } from '../core/index.ts'
import type { Catalog, Estimate, OptIn, Tier, Trigger } from '../core/index.ts'
import type { CatalogState, NoEstimate } from './ai.ts'
import type { AIEvent } from './events.ts'
import type { Stores } from './person.ts'
import { featureOf } from './plan.ts'
import type { Ask } from './plan.ts'
import type { RunControl } from './run.ts'
import type { Awaited } from './run-errands.ts'
import { orStopped } from './stop.ts'
import type { Wire } from './wire.ts'

/** All that a run goes by. */
export interface RunStory {
  readonly id: string
  readonly feature: string
  /** What is asked, once the catalog is known: it decides the level where none was given. */
  readonly ask: () => Ask
  readonly trigger: Trigger
  /** The estimate that was on screen, if there was one. */
  readonly shown: Estimate | undefined
  /** The act given with the call, worked out from the estimate that binds. */
  readonly act: ((ask: Ask, estimate: Estimate) => OptIn) | undefined
  readonly stores: Stores
  readonly wire: Wire
  readonly catalog: () => Promise<CatalogState>
  readonly plan: (ask: Ask) => Estimate | NoEstimate
  /** The generative levels that are set up for the feature. */
  readonly tiers: () => readonly Tier[]
  readonly emit: (event: AIEvent) => void
  /** Has what the run came to looked after, when that is not known at its end. */
  readonly await: (awaited: Pick<Awaited, 'begun' | 'settled'>) => void
}

/** What is sent, once nothing stands against it here. */
export interface Prepared {
  readonly ask: Ask
  readonly estimate: Estimate
  readonly optIn: OptIn | null
  readonly catalog: Catalog
}

/**
 * Everything that may stand against a run before anything is reserved.
 * @throws {SparingError} the first thing that does
 */
export async function prepare(story: RunStory, control: RunControl): Promise<Prepared> {
  throwIfStopped(control)
  const { catalog } = await orStopped(story.catalog(), control.signal)
  const ask = story.ask()
  const { tier, effort } = ask
  control.update({ tier, effort })
  checkSwitch(story, tier)
  const planned = story.plan(ask)
  if (planned.status !== 'ready' || !catalog) throw noEstimate(ask, planned)
  const estimate = story.shown ?? planned
  control.update({ estimate })
  const optIn = optInFor(story, ask, estimate)
  checkTrigger(story, ask, catalog)
  return { ask, estimate, optIn, catalog }
}

/** A stop is asked about at each step before the run is sent: until then it costs nothing. */
export function throwIfStopped({ signal }: RunControl): void {
  if (signal.aborted) throw stoppedBefore()
}

export const stoppedBefore = () => new AbortedError('The run was stopped before it began. Nothing was spent.')

function checkSwitch({ stores }: RunStory, tier: Tier): void {
  if (tier === 'baseline' || stores.optIns.getState().enabled) return
  throw new FeatureDisabledError('AI is switched off in the settings here, so nothing was run.', { by: 'person' })
}

function checkTrigger({ trigger }: RunStory, { feature, tier }: Ask, catalog: Catalog): void {
  if (trigger === 'user' || tier === 'baseline' || featureOf(catalog, feature)?.background) return
  throw new BackgroundBlockedError(`"${feature}" was not started by a person's act, so it was not run. Call it from a click, or allow "background" in the feature.`)
}

function optInFor({ act, stores }: RunStory, ask: Ask, estimate: Estimate): OptIn | null {
  if (ask.tier === 'baseline') return null
  const optIn = act?.(ask, estimate) ?? stores.optIns.recordFor(ask.feature)
  const gap = optInGap(optIn, { ...ask, ceiling: estimate.ceiling }, Date.now())
  if (!gap) return optIn
  throw new OptInRequiredError(`No opt-in covers this run of "${ask.feature}", so nothing was spent. Show the person what it costs at most, and ask.`, { gap })
}

function noEstimate({ feature, tier, effort }: Ask, estimate: Estimate | NoEstimate): SparingError {
  const reason = estimate.status === 'unavailable' ? estimate.reason : 'unreachable'
  switch (reason) {
    case 'unreachable': return new SparingError('model-selector-unreachable', 'The model selector could not be reached, so nothing was run. Check the connection.')
    case 'unknown-feature': return new SparingError('unknown-feature', `The server knows no feature "${feature}", so nothing was run. Declare it there too.`)
    case 'disabled': return new FeatureDisabledError(`"${feature}" is turned off on the server, so nothing was run.`, { by: 'policy' })
    case 'input-too-long': return new SparingError('input-too-long', `The text is too long for "${feature}", so nothing was run. Send a shorter one.`)
    case 'no-model': return new SparingError('no-model', `No model is set up that can do "${feature}" at tier "${tier}" and effort "${effort}", so nothing was run. Ask for less, or set one up.`)
  }
}
