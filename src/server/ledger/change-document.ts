import type { Ledger } from './port.ts'

/** How a document changes: pure, and from whatever stands there; `null` where nothing does. */
export type DocumentChange = (value: unknown) => unknown

export type Documents = Pick<Ledger, 'document' | 'putDocument'>

/** How often a change is worked out anew because another server was first. */
const attempts = 16

/**
 * Changes a document by compare-and-set, from what stands there now.
 * @returns false where others were first each time: then it stands as they left it
 */
export async function changeDocument(documents: Documents, key: string, change: DocumentChange): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const stored = await documents.document(key)
    const before = stored?.value ?? null
    const changed = change(before)
    if (changed === before || await documents.putDocument(key, changed, stored?.revision ?? 0)) return true
  }
  return false
}
