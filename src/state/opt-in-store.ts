import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import { hasLapsed, optInGap } from '../core/opt-in.ts'
import type { OptIn, OptInDemand } from '../core/opt-in.ts'
import { createAlarm } from './alarm.ts'
import { environmentOf } from './environment.ts'
import type { Environment } from './environment.ts'
import { keep } from './keep.ts'
import { openNews } from './news.ts'
import { lapsesAt } from './opt-in-document.ts'
import type { OptInDocument, Times } from './opt-in-document.ts'
import { openOptInStorage } from './opt-in-storage.ts'

export interface OptInState {
  /** What stands: given, not taken back, not lapsed. One per feature. */
  readonly records: readonly OptIn[]
  /** Features that are not to be asked about again, and since when, in milliseconds since 1970. An object without a prototype. */
  readonly declined: Readonly<Record<string, number>>
  /** Features that this person marked as an aid. */
  readonly aids: readonly string[]
  /** The master switch: `false` is no AI, and no promotion of it. */
  readonly enabled: boolean
}

export interface OptInStore extends Pick<StoreApi<OptInState>, 'getState' | 'getInitialState' | 'subscribe'> {
  /** Replaces the feature's earlier record, and what was declined. One of scope `once` goes with its call: it changes nothing here. */
  grant(optIn: OptIn): void
  /** Ends the feature's record in all tabs. */
  revoke(feature: string): void
  /** Revokes it, and it is not asked again. */
  decline(feature: string): void
  undecline(feature: string): void
  setEnabled(enabled: boolean): void
  setAid(feature: string, aid: boolean): void
  /** The record that covers a run now. `null` also while the master switch is off. */
  standing(demand: OptInDemand): OptIn | null
  /** The feature's record, whatever it covers, unless it has lapsed. */
  recordFor(feature: string): OptIn | null
  close(): void
}

/**
 * One subject's opt-ins. Read at once, so that nothing is shown first that is not so; before that, on
 * a server and in `getInitialState()` nothing is granted. Session records live in sessionStorage, the
 * others in localStorage. A tab that is duplicated takes its session along; after 12 hours it lapses.
 */
export function createOptInStore({ subject, environment }: { subject: string; environment?: Partial<Environment> }): OptInStore {
  const machine = environmentOf(environment)
  const { now } = machine
  const name = `sparing:opt-ins:${subject}`
  const store = createStore<OptInState>(() => ({ records: [], declined: bare([]), aids: [], enabled: true }))
  const storage = openOptInStorage(name, machine, () => {
    publish()
    news.tell()
  })
  const news = openNews(name, machine, publish)
  const alarm = createAlarm(machine, publish)

  function publish() {
    const { records, declined, aids, enabled } = storage.read()
    keep(store, { records, declined: bare(declined), aids, enabled })
    alarm(Math.min(...records.map(lapsesAt)))
  }
  const recordFor = (feature: string) =>
    store.getState().records.find(record => record.feature === feature && !hasLapsed(record, now())) ?? null

  publish()
  const { getState, getInitialState, subscribe } = store
  return {
    getState, getInitialState, subscribe, recordFor,
    grant(optIn) {
      if (optIn.scope !== 'once') storage.replace(optIn.feature, optIn, granting(optIn))
    },
    revoke: feature => storage.replace(feature, null, ({ revoked }) => ({ revoked: put(revoked, feature, now()) })),
    decline: feature => storage.replace(feature, null, ({ revoked, declined }) => ({ revoked: put(revoked, feature, now()), declined: put(declined, feature, now()) })),
    undecline: feature => storage.change(({ declined }) => ({ declined: put(declined, feature) })),
    setEnabled: enabled => storage.change(() => ({ enabled })),
    setAid: (feature, aid) => storage.change(({ aids }) => ({ aids: [...aids.filter(each => each !== feature), ...(aid ? [feature] : [])] })),
    standing(demand) {
      const record = recordFor(demand.feature)
      return record && getState().enabled && !optInGap(record, demand, now()) ? record : null
    },
    close() {
      news.close()
      alarm(Infinity)
    },
  }
}

/** Undoes what was declined, and a "no" that a clock since put back dated later than this "yes". */
const granting = ({ feature, at }: OptIn) => ({ declined, revoked }: OptInDocument) => ({
  declined: put(declined, feature),
  revoked: at <= (revoked.get(feature) ?? -1) ? put(revoked, feature) : revoked,
})

/** The feature's time replaced, or left out. */
const put = (times: Times, feature: string, at?: number): Times =>
  new Map([...[...times].filter(([name]) => name !== feature), ...(at === undefined ? [] : [[feature, at] as const])])
const bare = (times: Iterable<readonly [string, number]>): Record<string, number> => Object.assign(Object.create(null), Object.fromEntries(times))
