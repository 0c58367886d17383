import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { OptIn, OptInScope } from '../../../src/core/opt-in.ts'
import { lapseOf } from '../../../src/core/opt-in.ts'
import { createOptInStore } from '../../../src/state/index.ts'

const ceiling = { usd: 0.01, wh: 2, outputTokens: 400 }
const optIn = (scope: OptInScope, at = Date.now()): OptIn =>
  ({ id: 'o1', feature: 'summary', scope, tier: 'eco', effort: 'none', ceiling, catalogVersion: '1', at, lapsesAt: lapseOf(scope, at), origin: 'control' })
const opened: { close(): void }[] = []
let subject: string
function open() {
  const store = createOptInStore({ subject })
  opened.push(store)
  return store
}

beforeEach(() => {
  subject = crypto.randomUUID()
})
afterEach(() => {
  vi.restoreAllMocks()
  for (const store of opened.splice(0)) store.close()
})

test('what was granted and declined is there at once after a reload', () => {
  const before = open()
  before.grant(optIn('always'))
  before.decline('chat')
  before.setAid('alt', true)
  expect(open().getState()).toEqual(before.getState())
  expect(open().getState()).toMatchObject({ records: [{ feature: 'summary' }], aids: ['alt'], enabled: true })
})

test('a session’s record is in sessionStorage only', () => {
  open().grant(optIn('session'))
  const entries = (storage: Storage) => Object.entries(storage).filter(([key]) => key.endsWith(subject)).map(([, text]) => text).join('')
  expect(entries(sessionStorage)).toContain('summary')
  expect(entries(localStorage)).not.toContain('summary')
  expect(open().getState().records).toHaveLength(1)
})

test('another store hears of it', async () => {
  const [here, there] = [open(), open()]
  here.grant(optIn('always'))
  await expect.poll(() => there.getState().records.length).toBe(1)
  here.revoke('summary')
  await expect.poll(() => there.getState().records.length).toBe(0)
})

test('a frame of the same origin takes it back, by its own storage events', async () => {
  const store = open()
  store.grant(optIn('always'))
  const frame = document.body.appendChild(document.createElement('iframe'))
  const key = `sparing:opt-ins:${subject}`
  const kept = JSON.parse(localStorage.getItem(key)!)
  frame.contentWindow!.localStorage.setItem(key, JSON.stringify({ ...kept, records: [] }))
  await expect.poll(() => store.getState().records.length).toBe(0)
  frame.remove()
})

test.each(['localStorage', 'sessionStorage'] as const)('where %s may not be mentioned it lives in memory', name => {
  vi.spyOn(window, name, 'get').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError')
  })
  const store = open()
  store.grant(optIn(name === 'localStorage' ? 'always' : 'session'))
  expect(store.getState().records).toHaveLength(1)
  store.revoke('summary')
  expect(store.getState().records).toHaveLength(0)
})

test('a full disk does not lose a "no"', () => {
  const store = open()
  store.grant(optIn('always'))
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  store.revoke('summary')
  window.dispatchEvent(new Event('focus'))
  expect(store.getState().records).toHaveLength(0)
})
