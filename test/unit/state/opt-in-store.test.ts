import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { OptIn, OptInDemand } from '../../../src/core/opt-in.ts'
import { lapseOf } from '../../../src/core/opt-in.ts'
import { createOptInStore } from '../../../src/state/index.ts'
import type { Environment } from '../../../src/state/index.ts'
import { FakeStorage, Machine } from './machine.ts'

const hour = 3_600_000
const key = 'sparing:opt-ins:ann'
const ceiling = { usd: 0.01, wh: 2, outputTokens: 400 }
const demand = (feature = 'summary', given: Partial<OptInDemand> = {}): OptInDemand => ({ feature, tier: 'eco', effort: 'none', ceiling, ...given })
const optIn = (machine: Machine, given: Partial<OptIn> = {}): OptIn => {
  const scope = given.scope ?? 'always'
  return { id: 'o1', feature: 'summary', scope, tier: 'eco', effort: 'none', ceiling, catalogVersion: '1', at: machine.time, lapsesAt: lapseOf(scope, machine.time), origin: 'control', ...given }
}
const opened: { close(): void }[] = []
function open(environment: Partial<Environment> | undefined, subject = 'ann') {
  const store = createOptInStore({ subject, ...(environment && { environment }) })
  opened.push(store)
  return store
}
const features = (store: ReturnType<typeof open>) => store.getState().records.map(({ feature }) => feature)

afterEach(() => {
  for (const store of opened.splice(0)) store.close()
  vi.useRealTimers()
})

describe('granting', () => {
  test('a lasting one stands, in this tab, after a reload and in others', () => {
    const machine = new Machine()
    const tab = machine.tab()
    const [here, there] = [open(tab.environment), open(machine.tab().environment)]
    here.grant(optIn(machine))
    expect(here.standing(demand())).toMatchObject({ id: 'o1' })
    expect(there.standing(demand())).toMatchObject({ id: 'o1' })
    expect(open(tab.environment).getState().records).toHaveLength(1)
  })

  test('one for a session stands in its tab and its reloads only, for twelve hours', () => {
    const machine = new Machine()
    const tab = machine.tab()
    open(tab.environment).grant(optIn(machine, { scope: 'session' }))
    expect(open(machine.tab().environment).standing(demand())).toBeNull()
    expect(open(tab.environment).standing(demand())).not.toBeNull()
    machine.time += 12 * hour
    expect(open(tab.environment).getState().records).toEqual([])
  })

  test('one for a single run is not stored and changes nothing', () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    const before = store.getState()
    store.grant(optIn(machine, { scope: 'once' }))
    expect(store.getState()).toBe(before)
    expect(machine.local.items.size).toBe(0)
  })

  test('replaces the feature’s earlier record, in either storage', () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    for (const scope of ['always', 'session', { days: 3 }] as const) {
      store.grant(optIn(machine, { scope }))
      expect(store.getState().records.map(record => record.scope)).toEqual([scope])
    }
    expect(store.recordFor('summary')).toMatchObject({ scope: { days: 3 } })
  })

  test.each([
    ['another feature', demand('chat')], ['a higher tier', demand('summary', { tier: 'max' })],
    ['more effort', demand('summary', { effort: 'low' })], ['a higher ceiling', demand('summary', { ceiling: { ...ceiling, usd: 0.02 } })],
  ])('does not cover %s', (_, asked) => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    store.grant(optIn(machine))
    expect(store.standing(asked)).toBeNull()
  })

  test('nothing stands while the master switch is off', () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    store.grant(optIn(machine))
    store.setEnabled(false)
    expect(store.standing(demand())).toBeNull()
    expect(open(machine.tab().environment).getState().enabled).toBe(false)
    store.setEnabled(true)
    expect(store.standing(demand())).not.toBeNull()
  })
})

describe('taking back', () => {
  test('ends it in every tab, and what other tabs were granted for their session', () => {
    const machine = new Machine()
    const [here, there] = [open(machine.tab().environment), open(machine.tab().environment)]
    there.grant(optIn(machine, { scope: 'session' }))
    machine.time += 1
    here.revoke('summary')
    expect(there.standing(demand())).toBeNull()
    expect(there.getState().records).toEqual([])
    machine.time += 1
    there.grant(optIn(machine, { scope: 'session' }))
    expect(there.standing(demand())).not.toBeNull()
  })

  test('declining ends it and is remembered; granting clears that', () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    store.grant(optIn(machine))
    store.decline('summary')
    expect(features(store)).toEqual([])
    expect(open(machine.tab().environment).getState().declined).toEqual({ summary: machine.time })
    store.grant(optIn(machine))
    expect(store.getState().declined).toEqual({})
    expect(features(store)).toEqual(['summary'])
    store.decline('summary')
    store.undecline('summary')
    expect(store.getState().declined).toEqual({})
    expect(features(store)).toEqual([])
  })

  test('a clock put back does not keep an old "no" above a new "yes"', () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    store.revoke('summary')
    machine.time -= 9 * hour
    store.grant(optIn(machine))
    expect(store.standing(demand())).not.toBeNull()
  })

  test('is heard by storage events where there are no channels, also of everything cleared', () => {
    const machine = new Machine()
    const tabs = [machine.tab({ channel: null }), machine.tab({ channel: null })] as const
    const [here, there] = [open(tabs[0].environment), open(tabs[1].environment)]
    here.grant(optIn(machine))
    tabs[1].page.dispatchEvent(Object.assign(new Event('storage'), { key }))
    expect(features(there)).toEqual(['summary'])
    machine.local.items.clear()
    tabs[1].page.dispatchEvent(Object.assign(new Event('storage'), { key: null }))
    expect(features(there)).toEqual([])
  })
})

describe('what the server is to be told', () => {
  const acts = (store: ReturnType<typeof open>) => store.unsent().map(({ feature, record }) => [feature, record?.id ?? null])

  test('is kept, the last word of each feature, through a reload', () => {
    const machine = new Machine()
    const tab = machine.tab()
    const store = open(tab.environment)
    store.grant(optIn(machine, { id: 'a' }))
    store.grant(optIn(machine, { id: 'b', feature: 'chat', scope: 'session' }))
    store.revoke('summary')
    store.grant(optIn(machine, { id: 'c', feature: 'alt', scope: 'once' }))
    expect(acts(store)).toEqual([['summary', null], ['chat', 'b']])
    expect(acts(open(tab.environment))).toEqual([['summary', null], ['chat', 'b']])
    store.letGo(({ record }) => record !== null)
    expect(acts(open(machine.tab().environment))).toEqual([['summary', null]])
  })

  test('stays in its session where that is what it is of', () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    store.grant(optIn(machine, { scope: 'session' }))
    expect(acts(store)).toEqual([['summary', 'o1']])
    expect([...machine.local.items.values()].join()).not.toContain('summary')
    store.grant(optIn(machine, { id: 'o2' }))
    expect(acts(store)).toEqual([['summary', 'o2']])
    expect(acts(open(machine.tab().environment))).toEqual([['summary', 'o2']])
    store.grant(optIn(machine, { id: 'o3', scope: 'session' }))
    expect(acts(open(machine.tab().environment))).toEqual([])
    store.revoke('summary')
    expect(acts(store)).toEqual([['summary', null]])
  })

  test('is not what belongs to this device: declines of what never stood, aids, the switch', () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    store.decline('summary')
    store.undecline('summary')
    store.setAid('summary', true)
    store.setEnabled(false)
    expect(acts(store)).toEqual([])
    store.grant(optIn(machine))
    store.decline('summary')
    expect(acts(store)).toEqual([['summary', null]])
  })

  test('is not what lapsed meanwhile', () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    store.grant(optIn(machine, { scope: { days: 1 } }))
    machine.time += 24 * hour
    store.letGo(() => false)
    expect(acts(store)).toEqual([])
  })

  test('of a newer version only an end is believed, and nothing that is no act', () => {
    const machine = new Machine()
    const unsent = [{ feature: 'summary', at: 5, record: optIn(machine) }, { feature: 'chat', at: 6, record: null }, null, { feature: 'x', at: 'now', record: null }, { feature: 'y', at: 7, record: {} }]
    for (const [version, kept] of [[1, [['summary', 'o1'], ['chat', null]]], [2, [['chat', null]]]] as const) {
      machine.local.items.set(key, JSON.stringify({ version, unsent }))
      expect(acts(open(machine.tab().environment))).toEqual(kept)
    }
  })
})

describe('the server\'s copy', () => {
  const told = (machine: Machine, ...features: string[]) => ({ records: features.map(feature => optIn(machine, { id: `server-${feature}`, feature })), revoked: [] })
  const sent = () => true

  test('replaces what was told, keeps what was not, and a second time changes and writes nothing', () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    store.grant(optIn(machine))
    store.letGo(sent)
    store.grant(optIn(machine, { id: 'here', feature: 'chat' }))
    store.adopt(told(machine, 'alt', 'chat'))
    expect(store.getState().records.map(({ id }) => id)).toEqual(['here', 'server-alt'])
    const [before, text] = [store.getState(), machine.local.items.get(key)]
    store.adopt(told(machine, 'alt', 'chat'))
    expect(store.getState()).toBe(before)
    expect(machine.local.items.get(key)).toBe(text)
  })

  test('ends what was taken back, in every tab and session, and dates what is given anew after it', () => {
    const machine = new Machine()
    const [here, there] = [open(machine.tab().environment), open(machine.tab().environment)]
    there.grant(optIn(machine, { scope: 'session' }))
    here.letGo(sent)
    const at = machine.time + 60_000
    here.adopt({ records: [], revoked: [{ feature: 'summary', at }] })
    expect(there.getState().records).toEqual([])
    expect(here.notBefore('summary')).toBe(at + 1)
    expect(here.notBefore('chat')).toBe(0)
    here.grant(optIn(machine, { at: at + 1 }))
    expect(there.standing(demand())).not.toBeNull()
  })

  test('dates nothing in a future in which it would not stand', () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    store.adopt({ records: [], revoked: [{ feature: 'summary', at: machine.time + 9 * hour }] })
    store.grant(optIn(machine, { at: store.notBefore('summary') }))
    expect(store.recordFor('summary')).not.toBeNull()
  })

  test('says of one record that it is over, and not of another that was given since', () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    const old = optIn(machine, { id: 'old' })
    store.grant(old)
    const since = machine.time + 1
    machine.time += 2
    store.grant(optIn(machine, { id: 'new' }))
    store.end(old, since)
    expect(store.standing(demand())).toMatchObject({ id: 'new' })
    store.end(store.recordFor('summary')!)
    expect(store.standing(demand())).toBeNull()
    expect(store.unsent()).toEqual([])
  })
})

test('a record lapses by the clock: at every question, and on the screen by itself', () => {
  vi.useFakeTimers()
  const machine = new Machine()
  const store = open(machine.tab().environment)
  store.grant(optIn(machine, { scope: { days: 1 } }))
  let told = 0
  store.subscribe(() => told++)
  machine.time += 24 * hour
  expect(store.standing(demand())).toBeNull()
  expect(store.recordFor('summary')).toBeNull()
  vi.advanceTimersByTime(24 * hour)
  expect(told).toBe(1)
  expect(store.getState().records).toEqual([])
})

test('aids are kept, once each', () => {
  const machine = new Machine()
  const store = open(machine.tab().environment)
  store.setAid('alt', true)
  store.setAid('alt', true)
  store.setAid('summary', true)
  store.setAid('summary', false)
  expect(open(machine.tab().environment).getState().aids).toEqual(['alt'])
})

test('subjects never see each other', () => {
  const machine = new Machine()
  const tab = machine.tab()
  open(tab.environment).grant(optIn(machine))
  open(tab.environment).setEnabled(false)
  expect(open(tab.environment, 'bob').getState()).toEqual({ records: [], declined: {}, aids: [], enabled: true })
})

describe('what storage hands over', () => {
  const stored = (text: string) => {
    const machine = new Machine()
    machine.local.items.set(key, text)
    return open(machine.tab().environment).getState()
  }

  test.each(['', '{', 'null', '7', '[]', '"x"', '{"version":1,"records":{},"declined":{},"aids":7,"enabled":"no"}'])('%s grants nothing', text => {
    expect(stored(text)).toEqual({ records: [], declined: {}, aids: [], enabled: true })
  })

  test('one bad entry is dropped, the others stay', () => {
    const machine = new Machine()
    const good = optIn(machine)
    const state = stored(JSON.stringify({
      version: 1, records: [null, { ...good, tier: 'huge' }, good, { ...good, feature: 'chat', at: 'now' }],
      declined: [['chat', 5], ['x'], 3, ['y', 'z']], aids: ['alt', 4], enabled: true,
    }))
    expect(state.records).toEqual([good])
    expect(state.declined).toEqual({ chat: 5 })
    expect(state.aids).toEqual(['alt'])
  })

  test('of another version only what restricts is believed', () => {
    const state = stored(JSON.stringify({ version: 2, records: [optIn(new Machine())], declined: [['chat', 5]], enabled: false }))
    expect(state).toMatchObject({ records: [], declined: { chat: 5 }, enabled: false })
  })

  test('anything at all can be read, and written over', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), fc.jsonValue(), (text, records) => {
      const machine = new Machine()
      machine.local.items.set(key, text)
      const store = open(machine.tab().environment)
      machine.local.items.set(key, JSON.stringify({ version: 1, records, revoked: records, declined: records }))
      store.grant(optIn(machine))
      expect(store.standing(demand())).not.toBeNull()
      store.close()
    }))
  })

  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('"%s" is a name like any other', feature => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    expect(store.getState().declined[feature]).toBeUndefined()
    store.grant(optIn(machine, { feature }))
    expect(store.standing(demand(feature))).toMatchObject({ feature })
    store.decline(feature)
    expect(store.getState().declined[feature]).toBe(machine.time)
    expect(Object.keys(open(machine.tab().environment).getState().declined)).toEqual([feature])
    store.setAid(feature, true)
    store.undecline(feature)
    expect(store.getState()).toMatchObject({ records: [], aids: [feature] })
    expect(({} as Record<string, unknown>)['enabled']).toBeUndefined()
  })
})

describe('storage that refuses', () => {
  test('from the start: it lives in memory', () => {
    const machine = new Machine()
    machine.local.refuses = true
    const store = open(machine.tab().environment)
    store.grant(optIn(machine))
    expect(store.standing(demand())).not.toBeNull()
    store.decline('summary')
    expect(store.getState()).toMatchObject({ records: [], declined: { summary: machine.time } })
  })

  test('later: a "no" stays a "no", although the old "yes" is what is stored', () => {
    const machine = new Machine()
    const tab = machine.tab()
    const store = open(tab.environment)
    store.grant(optIn(machine))
    const reading = machine.local.getItem.bind(machine.local)
    machine.local.refuses = true
    machine.local.getItem = name => machine.local.items.get(name) ?? null
    store.revoke('summary')
    tab.focus()
    expect(store.standing(demand())).toBeNull()
    machine.local.getItem = reading
  })

  test('on a server nothing is granted and nothing is kept', () => {
    const store = open(undefined)
    expect(store.getState()).toEqual({ records: [], declined: {}, aids: [], enabled: true })
    expect(store.standing(demand())).toBeNull()
  })
})

test('the server snapshot is off, the first client one is true already, and both stay the same objects', () => {
  const machine = new Machine()
  const tab = machine.tab()
  open(tab.environment).grant(optIn(machine))
  const store = open(tab.environment)
  const [now, server] = [store.getState(), store.getInitialState()]
  expect(features(store)).toEqual(['summary'])
  expect(server.records).toEqual([])
  tab.focus()
  expect(store.getState()).toBe(now)
  expect(store.getInitialState()).toBe(server)
})

test('random acts in two tabs leave both of one mind', () => {
  const act = fc.record({ tab: fc.nat(1), verb: fc.constantFrom('grant', 'revoke', 'decline', 'undecline', 'on', 'off', 'aid'), feature: fc.constantFrom('a', 'b') })
  fc.assert(fc.property(fc.array(act, { maxLength: 30 }), acts => {
    const machine = new Machine()
    const session = new FakeStorage()
    const stores = [open(machine.tab({ session }).environment), open(machine.tab({ session }).environment)] as const
    for (const { tab, verb, feature } of acts) {
      machine.time++
      const store = stores[tab]!
      if (verb === 'grant') store.grant(optIn(machine, { feature }))
      else if (verb === 'on' || verb === 'off') store.setEnabled(verb === 'on')
      else if (verb === 'aid') store.setAid(feature, true)
      else store[verb](feature)
      expect(stores[0].getState()).toEqual(stores[1].getState())
      expect(store.getState().records.some(record => record.feature in store.getState().declined)).toBe(false)
    }
    for (const store of stores) store.close()
  }), { numRuns: 50 })
})
