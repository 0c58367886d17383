import { describe, expect, onTestFinished, test } from 'vitest'
import { baseline, memoryLedger } from '../../../src/server/index.ts'
import type { ModelSelectorOptions, ServerBudget } from '../../../src/server/index.ts'
import { listen } from '../../../src/server/node/index.ts'
import type { ListenOptions } from '../../../src/server/node/index.ts'
import { asJson, bench, json, noon, partsOf, problemOf, receiptIn } from './support.ts'
import type { Bench } from './support.ts'

const strangers = { identify: () => null, secret: 'sixteen characters or more' }
const adminToken = 'sixteen-characters-of-admin'

async function freshCookie(on: Bench): Promise<string> {
  return (await on.get('/v1/budget')).headers.get('set-cookie')!.split(';')[0]!
}

describe('1,000 fresh cookies', () => {
  /** Every cookie asks for one run; its answer is read to the end. */
  async function stampede(on: Bench, headers: (index: number) => Record<string, string> = () => ({})): Promise<Response[]> {
    const body = await on.ask()
    const answers: Response[] = []
    for (let batch = 0; batch < 10; batch++) {
      answers.push(...await Promise.all(Array.from({ length: 100 }, async (_, index) => {
        const response = await on.post('/v1/run', { ...body, id: `stampede-${batch}-${index}` }, { ...asJson, cookie: await freshCookie(on), ...headers(batch * 100 + index) })
        await response.clone().text()
        return response
      })))
    }
    return answers
  }
  const served = (answers: readonly Response[]) => answers.filter(({ status }) => status === 200).length

  test('cannot get past the anonymous budget, wherever they come from', { timeout: 60_000 }, async () => {
    const budgets: ServerBudget[] = [{ id: 'mine', per: 'day', limit: { runs: 5 } }, { id: 'strangers', scope: 'anonymous', per: 'day', limit: { runs: 70 } }, { id: 'near', scope: 'network', per: 'day', limit: { runs: 10 } }]
    const on = await bench({ ...strangers, budgets, address: request => request.headers.get('x-address') })
    const answers = await stampede(on, index => ({ 'x-address': `192.0.${index % 250}.7` }))
    expect(served(answers)).toBe(70)
    expect(on.upstream.log).toHaveLength(70)
    expect(await problemOf(answers.at(-1)!)).toMatchObject({ type: 'urn:sparing:budget-exceeded', budgets: [{ id: 'strangers', exceeded: true, resetsAt: Date.UTC(2026, 10, 25) }] })
  })

  test('cannot get past that of their network either', { timeout: 60_000 }, async () => {
    const budgets: ServerBudget[] = [{ id: 'strangers', scope: 'anonymous', per: 'day', limit: { runs: 700 } }, { id: 'near', scope: 'network', per: 'day', limit: { runs: 30 } }]
    const on = await bench({ ...strangers, budgets, address: () => '198.51.100.7' })
    expect(served(await stampede(on))).toBe(30)
    expect(on.upstream.log).toHaveLength(30)
  })

  test('are bounded where nobody set a budget for them: 150 runs a day from one network, or from nobody knows where', { timeout: 60_000 }, async () => {
    const on = await bench(strangers)
    expect(served(await stampede(on))).toBe(150)
    expect(on.upstream.log).toHaveLength(150)
  })

  test('are bounded by money where their runs cost much', { timeout: 60_000 }, async () => {
    const { ceiling } = await (await bench()).ask() as { ceiling: { usd: number } }
    const on = await bench({ ...strangers, budgets: [{ id: 'strangers', scope: 'anonymous', per: 'day', limit: { usd: ceiling.usd * 1.5 } }, { id: 'near', scope: 'network', per: 'day', limit: { runs: 1_000 } }] })
    await stampede(on)
    const spent = (await on.ledger.entries(null, 2_000)).reduce((sum, { receipt }) => sum + (receipt?.cost.usd ?? 0), 0)
    expect(spent).toBeGreaterThan(0)
    expect(spent).toBeLessThanOrEqual(ceiling.usd * 1.5)
  })
})

describe('is refused, and nothing is spent', () => {
  test('a forged cookie', async () => {
    const on = await bench(strangers)
    const [id, signature] = (await freshCookie(on)).slice('sparing_id='.length).split('.') as [string, string]
    const forged = [`sparing_id=${'0'.repeat(32)}.${signature}`, `sparing_id=${id}.${'A'.repeat(43)}`, `sparing_id=${id}`]
    for (const cookie of forged) expect(await problemOf(await on.run({}, { cookie }))).toMatchObject({ type: 'urn:sparing:identity-required', status: 401 })
    expect(on.ledger.verbs).toEqual([])
    expect(on.upstream.log).toEqual([])
  })

  test('another identity\'s run id: nothing is told of it, and it is free for one\'s own', async () => {
    const on = await bench()
    const body = await on.ask()
    const theirs = receiptIn(await partsOf(await on.post('/v1/run', body, { 'x-user': 'ada' })))
    expect((await on.get(`/v1/runs/${theirs.id}`, { 'x-user': 'eve' })).status).toBe(404)
    const own = receiptIn(await partsOf(await on.post('/v1/run', body, { 'x-user': 'eve' })))
    expect(own.replayed).toBeUndefined()
    expect((await on.budgets({ 'x-user': 'ada' }))['runs']).toMatchObject({ settled: 1 })
    expect((await on.budgets({ 'x-user': 'eve' }))['runs']).toMatchObject({ settled: 1 })
  })

  test('a stale policy revision: of an administrator, and of a server that has not heard yet', async () => {
    const ledger = memoryLedger({ now: () => noon })
    const [one, two] = [await bench({ ledger, adminToken }), await bench({ ledger, adminToken })]
    const change = { author: 'grace', limits: {}, features: {}, off: { everything: true, features: [], tiers: [] } }
    const put = (on: Bench, revision: number) => on.send('PUT', '/v1/policy', { ...change, revision }, { authorization: `Bearer ${adminToken}` })
    const body = await two.ask()
    expect((await put(one, 0)).status).toBe(200)
    expect(await problemOf(await put(two, 0))).toMatchObject({ type: 'urn:sparing:stale-policy', status: 409 })
    const late = await bench({ ledger: { ...ledger, document: async () => null } })
    expect((await late.post('/v1/run', body)).status).toBe(503)
    expect((await two.post('/v1/run', body)).status).toBe(403)
    expect(await ledger.entries(null, 10)).toEqual([])
    expect([...two.upstream.log, ...late.upstream.log]).toEqual([])
  })

  test('a page of another site, by every way that changes something with a cookie', async () => {
    const on = await bench(strangers)
    const headers = { cookie: await freshCookie(on), origin: 'https://evil.test' }
    for (const [method, path, body] of [['POST', '/v1/run', await on.ask()], ['PUT', '/v1/opt-ins', {}], ['DELETE', '/v1/opt-ins', undefined], ['DELETE', '/v1/opt-ins/summary', undefined]] as const) {
      expect(await problemOf(await on.send(method, path, body, headers))).toMatchObject({ type: 'urn:sparing:origin-not-allowed', status: 403 })
    }
    expect(on.ledger.verbs).toEqual([])
  })
})

describe('over Node, a network', () => {
  const near: ServerBudget[] = [{ id: 'near', scope: 'network', per: 'day', limit: { runs: 2 } }, { id: 'strangers', scope: 'anonymous', per: 'day', limit: { runs: 100 } }]

  /** A listening server, and what a stranger with a fresh cookie gets who says to come from somewhere. */
  async function listening(options: ListenOptions = {}, more: Partial<ModelSelectorOptions> = {}) {
    const on = await bench({ ...strangers, budgets: near, providers: [baseline()], ...more })
    const listener = await listen(on.modelSelector, { port: 0, ...options })
    onTestFinished(() => listener.close(0))
    const body = await on.ask()
    let ids = 0
    return {
      on,
      async stranger(says: Record<string, string> = {}): Promise<number> {
        const cookie = (await fetch(`${listener.url}/v1/budget`)).headers.get('set-cookie')!.split(';')[0]!
        const response = await fetch(`${listener.url}/v1/run`, { method: 'POST', headers: { ...json, cookie, ...says }, body: JSON.stringify({ ...body, id: `listened-${ids++}` }) })
        await response.text()
        return response.status
      },
    }
  }
  const from = (address: string) => ({ 'x-forwarded-for': address })

  test('is the connection\'s, whatever a header says', async () => {
    const { stranger, on } = await listening()
    const statuses = []
    for (const address of ['192.0.2.1', '198.51.100.1', '203.0.113.1']) statuses.push(await stranger({ ...from(address), forwarded: `for=${address}` }))
    expect(statuses).toEqual([200, 200, 429])
    const keys = (await on.ledger.entries(null, 10)).flatMap(({ budgets }) => budgets.filter(({ id }) => id === 'near').map(({ settled }) => settled))
    expect(keys).toEqual([2, 2])
  })

  test('is what a trusted proxy says, and not what its client did', async () => {
    const { stranger } = await listening({ trustProxy: ['127.0.0.1', '10.0.0.0/8'] })
    const statuses = []
    // The client invents the left; the proxies wrote the right.
    for (const [invented, real] of [['192.0.2.1', '203.0.113.1'], ['192.0.2.2', '203.0.113.2'], ['192.0.2.3', '203.0.113.3'], ['192.0.2.4', '198.51.100.1']]) {
      statuses.push(await stranger(from(`${invented}, ${real}, 10.1.1.1`)))
    }
    expect(statuses).toEqual([200, 200, 429, 200])
  })

  test('is counted by hops, or by the other header, where those are what is trusted', async () => {
    const hops = await listening({ trustProxy: 1 })
    const statuses = []
    for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3', '198.51.100.1']) statuses.push(await hops.stranger(from(address)))
    expect(statuses).toEqual([200, 200, 429, 200])
    const named = await listening({ trustProxy: 1, forwardedHeader: 'forwarded' })
    const others = []
    for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) others.push(await named.stranger({ ...from(`192.0.2.${others.length}`), forwarded: `for="${address}:4711"` }))
    expect([...others, await named.stranger({ forwarded: 'for="[2001:db8::1]"' })]).toEqual([200, 200, 429, 200])
  })

  test('of nobody knows where is one for all, which the operator of a live product hears once', async () => {
    const on = await bench({ ...strangers, production: true, budgets: [...near, { id: 'all', scope: 'all', per: 'month', limit: { usd: 1_000, runs: 1_000 } }] })
    const statuses = []
    for (let index = 0; index < 3; index++) statuses.push((await on.run({}, { cookie: await freshCookie(on) })).status)
    expect(statuses).toEqual([200, 200, 429])
    expect(on.errors).toEqual([expect.objectContaining({ message: expect.stringContaining('Listen with sparing/server/node') })])
  })

  test('is no matter for people who are known', async () => {
    const on = await bench({ budgets: near, concurrency: 10 })
    expect(await Promise.all([on.run(), on.run(), on.run()]).then(all => all.map(({ status }) => status))).toEqual([200, 200, 200])
  })

  test('that cannot be trusted as it is written is refused at the start', async () => {
    const on = await bench(strangers)
    await expect(listen(on.modelSelector, { port: 0, trustProxy: ['10.0.0.0/40'] })).rejects.toThrow(/trustProxy is no address and no network/)
  })
})
