import type { OptIn } from '../core/opt-in.ts'
import { createDrawer } from './drawer.ts'
import type { Environment } from './environment.ts'
import { readOptIns, standingRecords, writeOptIns } from './opt-in-document.ts'
import type { OptInDocument } from './opt-in-document.ts'
import type { Edit } from './opt-in-edits.ts'

/** One subject's opt-ins: those for a session in sessionStorage, all else in localStorage. */
export interface OptInStorage {
  /** What is stored, with the records of both that stand. */
  read(): OptInDocument
  /** Changes what is stored now, which another tab may have changed since it was read. */
  change(edit: Edit): void
  /** Changes it, and puts this in place of the feature's record. */
  replace(feature: string, next: OptIn | null, edit: Edit): void
}

/** @param changed called after each change */
export function openOptInStorage(name: string, { local, session, now }: Environment, changed: () => void): OptInStorage {
  const lasting = createDrawer(local, name)
  const passing = createDrawer(session, name)
  /** @returns whether that changed anything */
  const change = (edit: Edit, drawer = lasting) => {
    const before = drawer.read()
    const kept = readOptIns(before)
    const after = writeOptIns({ ...kept, ...edit(kept) }, now())
    if (after !== before) drawer.write(after)
    return after !== before
  }
  return {
    read() {
      const kept = readOptIns(lasting.read())
      return { ...kept, records: standingRecords(kept, readOptIns(passing.read()).records, now()) }
    },
    change(edit) {
      if (change(edit)) changed()
    },
    replace(feature, next, edit) {
      const put = ({ records }: OptInDocument, isPlace: boolean) => [...records.filter(each => each.feature !== feature), ...(next && isPlace ? [next] : [])]
      const isPassing = next?.scope === 'session'
      // Who has granted nothing for a session needs no entry there.
      if (isPassing || passing.read()) change(kept => ({ records: put(kept, isPassing) }), passing)
      change(kept => ({ ...edit(kept), records: put(kept, !isPassing) }))
      changed()
    },
  }
}
