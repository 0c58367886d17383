import { describe, expect, test } from 'vitest'
import { baseline, createModelSelector } from '../../../src/server/index.ts'
import { bench, features, json, partsOf, problemOf, receiptIn } from './support.ts'
import type { Bench } from './support.ts'

const strangers = { identify: () => null, secret: 'sixteen characters or more' }

async function cookieOf(on: Bench, path = '/v1/budget'): Promise<string> {
  return (await on.get(path)).headers.get('set-cookie')!.split(';')[0]!
}

describe('somebody nobody knows', () => {
  test.each(['/v1/budget', '/v1/catalog'])('gets a cookie with %s, once', async path => {
    const on = await bench(strangers)
    const first = await on.get(path)
    expect(first.headers.get('set-cookie')).toMatch(/^sparing_id=[0-9a-f]{32}\.[\w-]{43}; Path=\/; Max-Age=31536000; HttpOnly; SameSite=Lax$/)
    expect((await on.get(path, { cookie: await cookieOf(on) })).headers.has('set-cookie')).toBe(false)
  })

  test('gets it marked as secure over https', async () => {
    const on = await bench(strangers)
    const response = await on.modelSelector.fetch(new Request('https://product.test/v1/budget'))
    expect(response.headers.get('set-cookie')).toMatch(/; Secure$/)
  })

  test('cannot make a paid run without it, and gets none by trying', async () => {
    const on = await bench(strangers)
    const response = await on.run()
    expect(await problemOf(response)).toMatchObject({ type: 'urn:sparing:identity-required', status: 401 })
    expect(response.headers.has('set-cookie')).toBe(false)
    expect(on.ledger.verbs).toEqual([])
    expect(on.upstream.log).toEqual([])
  })

  test('makes runs with it, in a pot of their own', async () => {
    const on = await bench(strangers)
    const [one, two] = [await cookieOf(on), await cookieOf(on)]
    const receipt = receiptIn(await partsOf(await on.run({}, { cookie: `theme=dark; ${one}; a=b` })))
    expect(receipt.status).toBe('completed')
    expect((await on.budgets({ cookie: one }))['runs']!.settled).toBe(1)
    expect((await on.budgets({ cookie: two }))['runs']!.settled).toBe(0)
    expect((await on.get(`/v1/runs/${receipt.id}`, { cookie: two })).status).toBe(404)
  })

  test('has the baseline without it, recorded for nobody', async () => {
    const on = await bench(strangers)
    expect(receiptIn(await partsOf(await on.run({ tier: 'baseline', optIn: null }))).status).toBe('completed')
    expect(on.ledger.verbs).toEqual([])
  })

  test('is known by a cookie that is theirs, also behind others of its name', async () => {
    const on = await bench(strangers)
    const cookie = await cookieOf(on)
    expect((await on.get('/v1/budget', { cookie: `sparing_id=of.elsewhere; ${cookie}` })).headers.has('set-cookie')).toBe(false)
  })

  test('is known by every server that shares the secret, and by no other', async () => {
    const on = await bench(strangers)
    const cookie = await cookieOf(on)
    expect((await (await bench(strangers)).get('/v1/budget', { cookie })).headers.has('set-cookie')).toBe(false)
    expect((await (await bench({ ...strangers, secret: 'another one, also long' })).get('/v1/budget', { cookie })).headers.has('set-cookie')).toBe(true)
  })
})

describe('a forged cookie is nobody\'s', () => {
  const forgeries: [string, (id: string, signature: string) => string][] = [
    ['another id', (id, signature) => `${id.replace(/^./, each => each === '0' ? '1' : '0')}.${signature}`],
    ['another signature', (id, signature) => `${id}.${signature.replace(/^./, each => each === 'A' ? 'B' : 'A')}`],
    ['no signature', id => id],
    ['an empty signature', id => `${id}.`],
    ['an empty id', (_, signature) => `.${signature}`],
    ['a beginning of the signature', (id, signature) => `${id}.${signature.slice(0, -1)}`],
    ['more than the signature', (id, signature) => `${id}.${signature}A`],
    ['the id of a user', (_, signature) => `user:ada.${signature}`],
    ['nothing', () => ''],
  ]
  test.each(forgeries)('%s', async (_, forge) => {
    const on = await bench(strangers)
    const [id, signature] = (await cookieOf(on)).slice('sparing_id='.length).split('.') as [string, string]
    expect((await on.run({}, { cookie: `sparing_id=${forge(id, signature)}` })).status).toBe(401)
    expect(on.ledger.verbs).toEqual([])
  })
})

describe('a page of another site', () => {
  const cases: [string, Record<string, string>, number][] = [
    ['with its origin', { origin: 'https://evil.test' }, 403],
    ['with an origin that only begins alike', { origin: 'http://product.test.evil.test' }, 403],
    ['with another port', { origin: 'http://product.test:8080' }, 403],
    ['in a sandbox', { origin: 'null' }, 403],
    ['that hides its origin', { 'sec-fetch-site': 'cross-site' }, 403],
    ['of the same site only', { 'sec-fetch-site': 'same-site' }, 403],
    ['that is our own', { origin: 'http://product.test', host: 'product.test' }, 200],
    ['that is our own, behind a proxy that ends https', { origin: 'https://product.test', host: 'product.test' }, 200],
    ['that is allowed', { origin: 'https://app.product.test' }, 200],
    ['that is no page', {}, 200],
  ]
  test.each(cases)('%s', async (_, headers, status) => {
    const on = await bench({ ...strangers, origins: ['https://app.product.test'] })
    const response = await on.run({}, { cookie: await cookieOf(on), ...headers })
    expect(response.status).toBe(status)
    expect(on.ledger.verbs.length > 0).toBe(status === 200)
    await response.text()
  })

  test('may not even run the baseline', async () => {
    const on = await bench(strangers)
    expect((await on.run({ tier: 'baseline' }, { origin: 'https://evil.test' })).status).toBe(403)
  })

  test('is no concern where the host knows who asks by what no page sends by itself', async () => {
    const on = await bench()
    expect((await on.run({}, { origin: 'https://app.test' })).status).toBe(200)
  })

  test('may not run or tell anything with the host\'s own cookie either', async () => {
    const on = await bench({ identify: request => ({ user: /session=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? '' }) })
    const [ours, theirs] = [{ cookie: 'session=ada' }, { cookie: 'session=ada', origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }]
    const receipt = receiptIn(await partsOf(await on.run({}, ours)))
    for (const answer of [await on.run({}, theirs), await on.post(`/v1/runs/${receipt.id}/outcome`, { outcome: 'kept' }, theirs)]) {
      expect(await problemOf(answer)).toMatchObject({ type: 'urn:sparing:origin-not-allowed', status: 403 })
    }
    expect((await on.post(`/v1/runs/${receipt.id}/outcome`, { outcome: 'kept' }, ours)).status).toBe(204)
  })

  test('that is allowed may ask first, and read the answer with its headers', async () => {
    const on = await bench({ ...strangers, origins: ['https://app.product.test'] })
    const ask = (origin: string) => on.modelSelector.fetch(new Request('http://product.test/v1/run', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' } }))
    const allowed = await ask('https://app.product.test')
    expect(Object.fromEntries(allowed.headers)).toMatchObject({ 'access-control-allow-origin': 'https://app.product.test', 'access-control-allow-credentials': 'true', 'access-control-allow-headers': 'content-type' })
    expect((await ask('https://evil.test')).headers.has('access-control-allow-origin')).toBe(false)
    const refused = await on.post('/v1/run', {}, { origin: 'https://app.product.test' })
    expect(refused.status).toBe(400)
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://app.product.test')
    const read = await on.get('/v1/catalog', { origin: 'https://app.product.test' })
    expect(read.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('retry-after')
  })
})

describe('identify', () => {
  test.each([{}, { user: '' }, { user: undefined }, null, undefined])('that gives %j has said nothing: they are not one person together', async caller => {
    const on = await bench({ ...strangers, identify: () => caller as never })
    expect((await on.run()).status).toBe(401)
    expect((await on.run({}, { cookie: await cookieOf(on) })).status).toBe(200)
  })

  test('that fails refuses, says nothing of why, and tells the operator', async () => {
    const on = await bench({ identify: () => { throw new Error('session store at 10.0.0.7 is down') } })
    const response = await on.post('/v1/run', await (await bench()).ask())
    const raw = await response.text()
    expect(response.status).toBe(500)
    expect(raw).not.toContain('10.0.0.7')
    expect(on.errors).toHaveLength(1)
    expect(on.ledger.verbs).toEqual([])
  })

  const free = { id: 'free', per: 'day', limit: { runs: 1 }, when: { level: '3' } } as const
  const org = { id: 'org', scope: 'org', per: 'day', limit: { runs: 3 } } as const
  /** Whether each of so many runs went through. */
  const through = async (on: Bench, runs: number) => {
    const statuses: number[] = []
    for (let run = 0; run < runs; run++) {
      const answer = await on.run()
      await answer.text()
      statuses.push(answer.status)
    }
    return statuses
  }

  test.each<[string, object, object]>([
    ['text', { user: '42', org: '7', level: '3' }, { level: '3' }],
    ['numbers', { user: 42, org: 7, level: 3 }, { level: '3' }],
    ['bigints', { user: 42n, org: 7n, level: 3n }, { level: '3' }],
    ['text, where the budget asks for a number', { user: '42', org: '7', level: '3' }, { level: 3 }],
    ['fields of a class', new (class { user = 42; get level() { return 3 } })(), { level: '3' }],
  ])('may give %s: budgets hold for them alike', async (_, caller, when) => {
    const on = await bench({ identify: () => caller as never, budgets: [{ ...free, when } as never] })
    expect(await through(on, 2)).toEqual([200, 429])
    expect(on.errors).toEqual([])
    expect((await on.ledger.entries(null, 9)).map(({ identity }) => identity)).toEqual(['user:42'])
  })

  test('that names one organisation by number and by text names one', async () => {
    let calls = 0
    const on = await bench({ identify: () => ({ user: 'ada', org: calls++ % 2 > 0 ? 7 : '7' }), budgets: [org] })
    expect(await through(on, 5)).toEqual([200, 200, 200, 429, 429])
  })

  test('names somebody by 0 too, and prompts read what it gave as text', async () => {
    const seen: unknown[] = []
    const on = await bench({
      identify: () => ({ user: 0, seats: 12, team: null, extra: ['as it is'] }) as never, budgets: [{ ...org, scope: 'team' }],
      prompts: { summary: (_, { identity }) => (seen.push(identity), [{ role: 'user', content: 'x' }]) },
    })
    await partsOf(await on.run())
    // What comes before the call itself is only measured.
    expect(seen.at(-1)).toEqual({ user: '0', seats: '12', extra: ['as it is'] })
    await on.modelSelector.erase(0)
    expect((await on.ledger.entries(null, 9)).map(({ identity }) => identity.split(':')[0])).toEqual(['erased'])
  })

  test.each<[string, unknown, RegExp]>([
    ['a bare name', 'ada', /^"identify" gave text where an object such as \{ user: "ada" \} is needed\. The request was refused and nothing was run\. Give such an object, or null/],
    ['a bare number', 42, /gave a number where an object/],
    ['false', false, /gave a boolean where an object/],
    ['a list', ['ada'], /gave a list where an object/],
    ['a map', new Map([['user', 'ada']]), /gave an object without "user"\..*Name them in "user", or give null/],
    ['another key', { id: 'ada', org: 'acme' }, /gave an object without "user"/],
    ['an object as user', { user: { id: 1 } }, /gave an object as "user", and only text and exact numbers tell one from another\. The request was refused and nothing was run\. Give an id/],
    ['NaN as user', { user: NaN }, /gave NaN as "user"/],
    ['infinity as user', { user: Infinity }, /gave Infinity as "user"/],
    ['an id that is no longer exact', { user: 2 ** 64 }, /gave a number beyond 2\^53 as "user".*Give it as text or as a bigint/],
    ['a symbol as user', { user: Symbol('ada') }, /gave a symbol as "user"/],
    ['true as user', { user: true }, /gave a boolean as "user"/],
    ['an object as a label of a scope', { user: 'ada', org: { id: 7 } }, /gave an object as "org".*Give text or a number, or null/],
    ['a list as a label of a scope', { user: 'ada', org: [7] }, /gave a list as "org"/],
    ['true as a label of a "when"', { user: 'ada', level: true }, /gave a boolean as "level"/],
    ['NaN as a label of a "when"', { user: 'ada', level: NaN }, /gave NaN as "level"/],
  ])('that gives %s refuses, and tells the operator why and what to do', async (_, caller, sentence) => {
    const on = await bench({ identify: () => caller as never, budgets: [free, org] })
    const body = await (await bench()).ask()
    for (const ask of [() => on.post('/v1/run', body), () => on.get('/v1/budget'), () => on.get('/v1/catalog')]) {
      on.errors.length = 0
      expect(await problemOf(await ask())).toMatchObject({ type: 'urn:sparing:internal', status: 500 })
      expect(on.errors.map(error => (error as Error).message)).toEqual([expect.stringMatching(sentence)])
    }
    expect(on.ledger.verbs).toEqual([])
    expect(on.upstream.log).toEqual([])
  })

  test('may give whatever else it likes where no budget goes by it', async () => {
    const on = await bench({ identify: () => ({ user: 'ada', roles: ['a'], since: new Date(0), score: NaN }) as never, budgets: [org, { ...org, id: 'all', scope: 'all' }] })
    expect(await through(on, 1)).toEqual([200])
  })

  test('a user cannot be called like somebody without a name', async () => {
    const on = await bench({ secret: strangers.secret, identify: request => request.headers.has('x-user') ? { user: request.headers.get('x-user')! } : null })
    const cookie = await cookieOf(on)
    await partsOf(await on.run({}, { cookie }))
    const id = cookie.slice('sparing_id='.length).split('.')[0]!
    expect((await on.budgets({ 'x-user': `anonymous:${id}` }))['runs']!.settled).toBe(0)
  })
})

test('a path with line breaks ends up in no header', async () => {
  const selector = createModelSelector({ features, providers: [baseline()], basePath: '/api' })
  const response = await selector.fetch(new Request('http://product.test/api/v1/nothing%0d%0aset-cookie:%20a=b', { headers: json }))
  expect(response.status).toBe(404)
  expect(response.headers.has('set-cookie')).toBe(false)
})

describe('a name that is too long for a ledger', () => {
  const named = (labels: Record<string, string>) => ({ identify: () => ({ user: 'ada', ...labels }), budgets: [{ id: 'org', scope: 'org', per: 'day', limit: { runs: 9 } }] as const })

  test.each([{ user: 'u'.repeat(1_001) }, { user: 'é'.repeat(501) }, { org: 'u'.repeat(3_000) }, { user: '\0'.repeat(170) }])('is refused with a remedy, and nothing is run', async labels => {
    const on = await bench(named(labels))
    const [field] = Object.keys(labels)
    const body = await (await bench()).ask()
    for (const response of [await on.get('/v1/budget'), await on.get('/v1/catalog'), await on.send('POST', '/v1/run', body)]) {
      expect(await problemOf(response)).toMatchObject({ type: 'urn:sparing:invalid-request', status: 400, field, detail: expect.stringMatching(/ledgers keep 1000 at most.*`identify` gives a shorter one/) })
    }
    expect(on.ledger.verbs).toEqual([])
    expect(on.errors).toEqual([])
  })

  test.each([{ user: 'u'.repeat(1_000) }, { user: 'é'.repeat(500) }, { plan: 'p'.repeat(3_000) }])('is not one that ledgers keep, nor a label that no budget goes by', async labels => {
    const on = await bench(named(labels))
    expect(receiptIn(await partsOf(await on.run())).status).toBe('completed')
  })

  test('cannot be erased either, and is no failure of the ledger', async () => {
    const on = await bench()
    await expect(on.modelSelector.erase('u'.repeat(3_000))).rejects.toMatchObject({ code: 'invalid-request' })
    for (const user of [{ id: 1 }, NaN, '', undefined]) await expect(on.modelSelector.erase(user as never)).rejects.toThrow(/names no user, so nobody was erased/)
  })
})
