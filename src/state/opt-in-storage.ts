import type { OptIn } from '../core/opt-in.ts'
import { createDrawer } from './drawer.ts'
import type { Environment } from './environment.ts'
import { readOptIns, standingRecords, writeOptIns } from './opt-in-document.ts'
import type { OptInDocument, UnsentAct } from './opt-in-document.ts'
import type { Edit } from './opt-in-edits.ts'

/** One subject's opt-ins: those for a session in sessionStorage, all else in localStorage. */
export interface OptInStorage {
  /** What is stored, with the records of both that stand. */
  read(): OptInDocument
  /** Changes what is stored now, which another tab may have changed since it was read. What is unsent is not its to change. */
  change(edit: Edit): void
  /** Changes it, and puts this in place of the feature's record. */
  replace(feature: string, next: OptIn | null, edit: Edit): void
  /** Leaves what is unsent as it is but for these; what is added comes last, where its record is kept. */
  queue(keeps: (act: UnsentAct) => boolean, added?: UnsentAct): void
}

/** @param changed called after each change */
export function openOptInStorage(name: string, { local, session, now }: Environment, changed: () => void): OptInStorage {
  const lasting = createDrawer(local, name)
  const passing = createDrawer(session, name)
  /** @returns whether that changed anything */
  const change = (edit: (kept: OptInDocument) => Partial<OptInDocument>, drawer = lasting) => {
    const before = drawer.read()
    const kept = readOptIns(before)
    const after = writeOptIns({ ...kept, ...edit(kept) }, now())
    if (after !== before) drawer.write(after)
    return after !== before
  }
  // Who has granted nothing for a session needs no entry there.
  const isNeeded = (isPassing: boolean) => isPassing || passing.read() !== null
  return {
    read() {
      const kept = readOptIns(lasting.read())
      const { records, unsent } = readOptIns(passing.read())
      return { ...kept, records: standingRecords(kept, records, now()), unsent: [...kept.unsent, ...unsent].toSorted((a, b) => a.at - b.at) }
    },
    change(edit) {
      if (change(edit)) changed()
    },
    replace(feature, next, edit) {
      const put = ({ records }: OptInDocument, isPlace: boolean) => [...records.filter(each => each.feature !== feature), ...(next && isPlace ? [next] : [])]
      const isPassing = next?.scope === 'session'
      if (isNeeded(isPassing)) change(kept => ({ records: put(kept, isPassing) }), passing)
      change(kept => ({ ...edit(kept), records: put(kept, !isPassing) }))
      changed()
    },
    queue(keeps, added) {
      const put = ({ unsent }: OptInDocument, isPlace: boolean) => ({ unsent: [...unsent.filter(keeps), ...(added && isPlace ? [added] : [])] })
      const isPassing = added?.record?.scope === 'session'
      if (isNeeded(isPassing)) change(kept => put(kept, isPassing), passing)
      change(kept => put(kept, !isPassing))
    },
  }
}
