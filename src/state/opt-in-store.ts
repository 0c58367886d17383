import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import { clockTolerance, hasLapsed, optInGap } from '../core/opt-in.ts'
import type { OptIn, OptInDemand } from '../core/opt-in.ts'
import { createAlarm } from './alarm.ts'
import { environmentOf } from './environment.ts'
import type { Environment } from './environment.ts'
import { keep } from './keep.ts'
import { openNews } from './news.ts'
import { lapsesAt } from './opt-in-document.ts'
import type { UnsentAct } from './opt-in-document.ts'
import { adopting, declining, ending, granting, put, revoking } from './opt-in-edits.ts'
import type { ServerOptIns } from './opt-in-edits.ts'
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
  /** Revokes it, and it is not asked again on this device. */
  decline(feature: string): void
  undecline(feature: string): void
  setEnabled(enabled: boolean): void
  setAid(feature: string, aid: boolean): void
  /** The record that covers a run now. `null` also while the master switch is off. */
  standing(demand: OptInDemand): OptIn | null
  /** The feature's record, whatever it covers, unless it has lapsed. */
  recordFor(feature: string): OptIn | null
  /** What is given anew must be dated so at least, milliseconds since 1970: later than what was taken back, whatever the clock here says. */
  notBefore(feature: string): number
  /** What is given anew names this: when the server says that the feature was last taken back. */
  after(feature: string): number | undefined
  /** What the server is to be told of, in the order in which it was done: opt-ins, and their ends. Declines, aids and the master switch are this device's. */
  unsent(): readonly UnsentAct[]
  /** Sends no longer what is one of these. */
  letGo(which: (act: UnsentAct) => boolean): void
  /**
   * Takes over the server's copy, but for what is still unsent.
   * @param took the feature that was taken back from here with this answer: what was given since, before the answer came, was given after that
   */
  adopt(theirs: ServerOptIns, took?: string): void
  /** Ends a record that the server says was taken back, perhaps on another device. @param since milliseconds since 1970, by the server's clock */
  end(optIn: OptIn, since?: number): void
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
  const { change, replace } = storage
  /** Puts it in place of what the server was to be told of the feature before; that something was taken back is told before what is given anew. */
  const queue = (feature: string, at: number, record: OptIn | null) =>
    storage.queue(act => act.feature !== feature || (record !== null && !act.record), { feature, at, record })
  const grant = (optIn: OptIn) => {
    if (optIn.scope === 'once') return
    replace(optIn.feature, optIn, granting(optIn))
    queue(optIn.feature, optIn.at, optIn)
  }
  const after = (feature: string) => storage.read().told.get(feature)
  const revoke = (feature: string) => {
    replace(feature, null, revoking(feature, now()))
    queue(feature, now(), null)
  }

  publish()
  const { getState, getInitialState, subscribe } = store
  return {
    getState, getInitialState, subscribe, recordFor, grant, after, revoke,
    decline(feature) {
      // What never stood here is not taken back: that "no" is this device's alone.
      if (recordFor(feature)) revoke(feature)
      replace(feature, null, declining(feature, now()))
    },
    undecline: feature => change(({ declined }) => ({ declined: put(declined, feature) })),
    setEnabled: enabled => change(() => ({ enabled })),
    setAid: (feature, aid) => change(({ aids }) => ({ aids: [...aids.filter(each => each !== feature), ...(aid ? [feature] : [])] })),
    // What claims to come from a further future stands nowhere.
    notBefore: feature => Math.min((storage.read().revoked.get(feature) ?? -1) + 1, now() + clockTolerance),
    unsent: () => storage.read().unsent,
    letGo: which => storage.queue(act => !which(act)),
    adopt(theirs, took) {
      const { unsent } = storage.read()
      change(adopting(theirs, new Set(unsent.map(({ feature }) => feature))))
      const anew = unsent.find(({ feature, record }) => feature === took && record)?.record
      if (anew) grant({ ...anew, after: after(anew.feature) })
    },
    end(optIn, since = optIn.at) {
      const { feature, id } = optIn
      const edit = ending(feature, since)
      storage.queue(({ record }) => record?.id !== id)
      // Another one may have been given meanwhile, in another tab.
      if (recordFor(feature)?.id === id) replace(feature, null, edit)
      else change(edit)
    },
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

const bare = (times: Iterable<readonly [string, number]>): Record<string, number> => Object.assign(Object.create(null), Object.fromEntries(times))
