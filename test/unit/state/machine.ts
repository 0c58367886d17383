import type { Environment } from '../../../src/state/environment.ts'
import type { Shelf } from '../../../src/state/journal.ts'

/** What several tabs share: one clock, one storage, locks, and a page each that hears of the others. */
export class Machine {
  time = Date.UTC(2026, 10, 24, 12)
  readonly documents = new Map<string, unknown>()
  readonly local = new FakeStorage()
  /** Names of the locks held, with the tab that holds each. */
  readonly locks = new Map<string, object>()
  readonly channels = new Set<FakeChannel>()
  /** Makes the next updates fail, as a full disk or a closed connection would. */
  failures = 0
  /** Reading works, writing does not. */
  full = false
  writes = 0

  tab({ locks = true, ...given }: Omit<Partial<Environment>, 'locks'> & { locks?: boolean } = {}) {
    const self = { dead: false }
    const page = new EventTarget()
    const environment: Partial<Environment> = {
      now: () => this.time,
      shelf: name => this.shelf(name, self),
      locks: locks ? this.lockManager(self) : null,
      channel: name => new FakeChannel(name, this.channels) as unknown as BroadcastChannel,
      local: this.local,
      session: new FakeStorage(),
      page: page as unknown as Window,
      ...given,
    }
    return { environment, focus: () => page.dispatchEvent(new Event('focus')), page, die: () => this.kill(self) }
  }

  private shelf(name: string, tab: { dead: boolean }): Shelf {
    return {
      update: async change => {
        await Promise.resolve()
        if (tab.dead) await new Promise(() => {})
        if (this.failures > 0) {
          this.failures--
          throw new DOMException('full', 'QuotaExceededError')
        }
        const next = change(structuredClone(this.documents.get(name)))
        if (next === undefined) return
        if (this.full) throw new DOMException('full', 'QuotaExceededError')
        this.writes++
        this.documents.set(name, structuredClone(next))
      },
    }
  }

  private lockManager(tab: object) {
    return {
      request: async (name: string, held: () => Promise<void>) => {
        this.locks.set(name, tab)
        await held()
        this.locks.delete(name)
      },
      query: async () => ({ held: [...this.locks.keys()].map(name => ({ name })) }),
    } as unknown as LockManager
  }

  private kill(tab: { dead: boolean }) {
    tab.dead = true
    for (const [name, holder] of this.locks) if (holder === tab) this.locks.delete(name)
  }
}

export class FakeStorage {
  readonly items = new Map<string, string>()
  refuses = false
  getItem(key: string): string | null {
    if (this.refuses) throw new DOMException('refused', 'SecurityError')
    return this.items.get(key) ?? null
  }
  setItem(key: string, text: string): void {
    if (this.refuses) throw new DOMException('full', 'QuotaExceededError')
    this.items.set(key, text)
  }
}

class FakeChannel extends EventTarget {
  readonly name: string
  readonly all: Set<FakeChannel>
  constructor(name: string, all: Set<FakeChannel>) {
    super()
    this.name = name
    this.all = all
    all.add(this)
  }
  postMessage(data: unknown): void {
    for (const other of this.all) if (other !== this && other.name === this.name) other.dispatchEvent(new MessageEvent('message', { data: structuredClone(data) }))
  }
  close(): void {
    this.all.delete(this)
  }
}

/** Lets everything that is under way come to its end. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 100; i++) await Promise.resolve()
}
