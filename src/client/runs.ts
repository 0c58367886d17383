import { newId, SparingError } from '../core/index.ts'
import type { Estimate, Trigger } from '../core/index.ts'
import type { RunOptions } from './ai.ts'
import type { AIEvent } from './events.ts'
import type { Level, Outlook } from './outlook.ts'
import type { Person } from './person.ts'
import { effortOf } from './plan.ts'
import type { Ask } from './plan.ts'
import type { RunStory } from './prepare.ts'
import { createRun, hasEnded } from './run.ts'
import type { Run, RunControl } from './run.ts'
import type { Awaited } from './run-errands.ts'
import type { Source } from './source.ts'
import type { Wire } from './wire.ts'

/** What only a run needs: a page on which nobody opts in does without it. */
export const loadEngine = () => import('./perform.ts')

export interface Runs {
  run(feature: string, given: RunOptions): Run
  /** Stops all of them, or those that somebody opted in to. */
  abort(which?: 'all' | 'opted-in'): void
  /** The feature of a run that was begun here; `null` for any other. */
  featureOf(id: string): string | null
}

/** What runs go by. */
interface RunsFacts {
  readonly outlook: Outlook
  readonly source: Source
  readonly person: Person
  readonly wire: Wire
  readonly emit: (event: AIEvent) => void
  /** Has a run settled whose end was not seen. */
  readonly lookAfter: (run: string, awaited: Awaited) => void
}

/** The runs under way. */
export function createRuns({ outlook, source, person, wire, emit, lookAfter }: RunsFacts): Runs {
  const running = new Map<string, Run>()
  const features = new Map<string, string>()

  function storyOf(id: string, feature: string, given: RunOptions): RunStory {
    const { optIn, estimate: shown, trigger = presentTrigger(optIn !== undefined) } = given
    const once = (asked: Ask, { ceiling }: Estimate) => outlook.record(asked, 'once', ceiling, 'call')
    const stores = person.stores()
    return {
      id, feature, shown, trigger, wire, emit, stores, await: awaited => lookAfter(id, { ...awaited, feature, stores }), catalog: source.known, plan: outlook.plan,
      act: optIn === 'once' ? once : optIn && (() => optIn),
      ask: () => outlook.ask(feature, { ...levelOf(shown), ...given }),
      tiers: () => outlook.tiers(feature),
    }
  }

  /** The level that was on screen is the one that was agreed to. */
  const levelOf = (shown: Estimate | undefined): Level =>
    shown ? { tier: shown.tier, effort: effortOf(shown, source.catalog.getState().catalog) } : {}

  return {
    featureOf: id => features.get(id) ?? null,
    run(feature, given) {
      const id = given.id ?? newId()
      const story = storyOf(id, feature, given)
      const { tier, effort } = story.ask()
      const control = createRun({ id, feature, tier, effort, estimate: given.estimate ?? null }, given.signal)
      const same = running.get(id)
      if (same && !hasEnded(same.getState())) {
        refuse(story, control, new SparingError('run-in-progress', 'This run is going on already, so it was not started twice. Wait for it, or give a new id.'))
      } else {
        running.set(id, control.run)
        features.set(id, feature)
        void perform(story, control).finally(() => running.get(id) === control.run && running.delete(id))
      }
      return control.run
    },
    abort(which = 'all') {
      for (const run of running.values()) if (which === 'all' || run.getState().tier !== 'baseline') run.abort()
    },
  }
}

async function perform(story: RunStory, control: RunControl): Promise<void> {
  try {
    const { performRun } = await loadEngine()
    await performRun(story, control)
  } catch (cause) {
    refuse(story, control, new SparingError('model-selector-unreachable', 'A part of this page could not be loaded, so nothing was run or spent. Check the connection and try again.', {}, { cause }))
  }
}

/** Before anything was reserved. */
function refuse({ id, feature, emit }: RunStory, control: RunControl, error: SparingError): void {
  control.update({ status: 'refused', error })
  emit({ name: 'run-refused', feature, run: id, code: error.code })
  control.fail(error)
}

/** Whether a person is acting right now, as the browser knows it; where it cannot tell, an opt-in given with the call is the act. */
function presentTrigger(hasAct: boolean): Trigger {
  const activation = typeof navigator === 'undefined' ? undefined : navigator.userActivation
  return (activation ? activation.isActive : hasAct) ? 'user' : 'background'
}
