import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { baseline, createModelSelector, openaiCompatible } from '../../../src/server/index.ts'
import type { ModelSelectorOptions } from '../../../src/server/index.ts'
import { isWellKnown } from '../../../src/server/well-known.ts'
import { asJson, bench, features, models, optInFor, partsOf, text } from './support.ts'

const proper: ModelSelectorOptions = { features, providers: [baseline()] }
const secret = 'sixteen characters or more'
const apiKey = { key: 'sk-0123456789abcdef0123456789', feature: 'summary', user: 'backend', tier: 'eco' } as const
const unknown = (): null => null
const everybody = { id: 'all', scope: 'all', per: 'month', limit: { usd: 100 } } as const

describe('options that cannot work are refused at the start, with a sentence', () => {
  const faults: [string, Record<string, unknown>, RegExp][] = [
    ['no features', { features: undefined }, /no features\. Declare them/],
    ['a feature that cannot be', { features: { x: { task: 'fly', baseline: 'walk', tier: 'eco' } } }, /The feature "x" cannot be used: its task/],
    ['an option that is none', { budget: [everybody] }, /no option "budget", so it would change nothing\. .* write "budgets"/],
    ['an option that is like none', { colour: 'red' }, /no option "colour".* name one of features, providers/],
    ['features of nothing', { features: {} }, /no features, so nothing can run/],
    ['a ledger that is a name', { ledger: 'sparing.db' }, /"ledger" cannot be used: it must be a ledger, such as sqliteLedger.*is a string/],
    ['an identify that is a name', { identify: 'x' }, /"identify" cannot be used: it must be a function/],
    ['budgets that are no list', { budgets: everybody }, /"budgets" cannot be used: it must be a list.*is another object/],
    ['providers that are no list', { providers: 'baseline' }, /"providers" cannot be used: it must be a list/],
    ['a provider that was not called', { providers: [baseline] }, /provider number 1 .* it is a function\. Call it: baseline\(…\)/],
    ['a provider that is a name', { providers: [baseline(), 'openai'] }, /provider number 2 .* it is a string/],
    ['a prompt that is text', { prompts: { summary: 'Sum up' } }, /"prompts" .* object of functions/],
    ['a secret that is a number, and is not told', { secret: 1234567890123456 }, /"secret" cannot be used: it must be text, and is a number\.$/],
    ['no providers', { providers: [] }, /no providers/],
    ['two providers of one name', { providers: [baseline(), openaiCompatible({ baseURL: 'http://127.0.0.1:1/v1', models }), openaiCompatible({ baseURL: 'http://127.0.0.1:2/v1', models })] }, /Two providers are called "127\.0\.0\.1".*another "id"/],
    ['a prompt for nothing', { prompts: { sumary: () => [] } }, /a prompt for "sumary" and no such feature/],
    ['a prompt that takes nothing', { prompts: { summary: () => { throw new Error('no') } } }, /The prompt of "summary" throws/],
    ['a short secret', { secret: 'short' }, /16 characters/],
    ['an empty secret', { secret: '' }, /16 characters/],
    ['an admin token that is short', { adminToken: 'short' }, /adminToken.*16 characters/],
    ['an admin token that no header carries', { adminToken: 'sixteen characters or more' }, /adminToken.*without spaces/],
    ['an API key that is short', { apiKeys: [{ ...apiKey, key: 'sk-short' }] }, /number 1 of apiKeys.*24 characters/],
    ['an API key with a space', { apiKeys: [{ ...apiKey, key: 'twenty-four characters or more' }] }, /without spaces/],
    ['an API key twice', { apiKeys: [apiKey, { ...apiKey, user: 'other' }] }, /number 2 of apiKeys.*another one is the same/],
    ['an API key of nobody', { apiKeys: [{ ...apiKey, user: '' }] }, /names no user/],
    ['an API key for no feature', { apiKeys: [{ ...apiKey, feature: 'toString' }] }, /no feature "toString"/],
    ['an API key above its feature\'s tier', { apiKeys: [{ ...apiKey, tier: 'max' }] }, /"standard" at most/],
    ['an API key for quotes', { apiKeys: [{ ...apiKey, tier: 'baseline' }] }, /its tier must be/],
    ['an API key that thinks more than its feature', { apiKeys: [{ ...apiKey, effort: 'low' }] }, /its effort must be "none" at most/],
    ['an API key for no runs', { apiKeys: [{ ...apiKey, concurrency: 0 }] }, /concurrency must be a whole number/],
    ['a classifier that is none', { classifier: 'trained' }, /classifier must be a function/],
    ['no share', { share: 0 }, /share must be above 0/],
    ['more than the whole', { share: 1.1 }, /share must be above 0 and at most 1/],
    ['a share of text', { share: '10%' }, /share/],
    ['a share of trials above the whole', { explore: 1.5 }, /explore must be a share .* from 0 to 1/],
    ['a share of trials of text', { explore: '25%' }, /explore/],
    ['a mix of nothing', { mix: { usd: 0, wh: 0 } }, /mix must say .* not both 0/],
    ['a mix without energy', { mix: { usd: 1 } }, /mix must say/],
    ['a mix below nothing', { mix: { usd: -1, wh: 2 } }, /mix must say/],
    ['a base path with a slash at its end', { basePath: '/api/' }, /no path\. Write it as "\/api\/ai"/],
    ['a base path without one at its start', { basePath: 'api' }, /no path/],
    ['an origin with a path', { origins: ['https://a.test/'] }, /no origin/],
    ['an origin that is all', { origins: ['*'] }, /no origin/],
    ['a time zone nobody knows', { timeZone: 'Mars/Olympus' }, /time zone "Mars\/Olympus"/],
    ['no concurrency', { concurrency: 0 }, /concurrency/],
    ['a lease that is over at once', { lease: 10 }, /lease/],
    ['a silence that is none', { silence: 0 }, /option "silence" must be milliseconds above 0/],
    ['a silence of a provider that is none', { providers: [{ id: 'own', models: [], silence: -1, stream: async function* () {} }] }, /silence of the provider "own" must be milliseconds above 0/],
    ['a lease of text', { lease: '60000' }, /lease/],
    ['no body', { maxBody: 0 }, /maxBody/],
    ['carbon below nothing', { carbon: { gco2ePerWh: -1, zone: 'X', year: 2026 } }, /carbon/],
    ['a budget per session', { budgets: [{ id: 'a', per: 'session', limit: { runs: 1 } }] }, /knows no sessions/],
    ['a budget of nothing', { budgets: [{ id: 'a', per: 'day', limit: {} }] }, /limits nothing/],
    ['a budget that would warn', { budgets: [{ ...everybody, warnAt: [0.8] }] }, /warnAt, which is told of in pages only/],
    ['two budgets of one name', { budgets: [everybody, everybody] }, /same id/],
    ['a budget of a scope nobody has', { budgets: [{ ...everybody, scope: 'usr' }] }, /budget "all" would limit nobody: its scope "usr" is none of user, all, anonymous, .* give "identify"/],
    ['a budget of a label that no API key has', { apiKeys: [{ ...apiKey, labels: { org: 'acme' } }], budgets: [{ ...everybody, scope: 'orgs' }] }, /"orgs" is none of user, .*, org, and/],
    ['a budget for a label nobody has', { budgets: [{ ...everybody, when: { plan: 'free' } }] }, /its "when" goes by "plan", which is none of user, feature, tier, trigger/],
    ['a budget for what nobody can be called', { identify: unknown, budgets: [{ ...everybody, when: { plan: ['free'] as never } }] }, /its "when" asks for plan by what nobody can be called\. Give text or a number/],
    ['a budget for a tier that is none', { identify: unknown, budgets: [{ ...everybody, when: { tier: 'light' } }] }, /asks for tier "light", and there is only baseline, eco, standard, max/],
    ['a budget for a feature that is none', { budgets: [{ ...everybody, when: { feature: 'sumary' } }] }, /asks for feature "sumary", and there is only summary, /],
    ['a budget whose scope is no text', { budgets: [{ ...everybody, scope: ['user'] }] }, /scope must be text/],
    ['a budget with a line break in its name', { budgets: [{ ...everybody, id: 'a\r\nset-cookie: b' }] }, /its id must be/],
  ]
  test.each(faults)('%s', (_, change, sentence) => {
    const create = () => createModelSelector({ ...proper, ...change } as unknown as ModelSelectorOptions)
    expect(create).toThrow(TypeError)
    expect(create).toThrow(sentence)
  })

  test('a fault of an API key does not quote the key', () => {
    const key = 'sk-SECRET 0123456789abcdef0123456789'
    expect(() => createModelSelector({ ...proper, apiKeys: [{ ...apiKey, key }] })).toThrow(expect.objectContaining({ message: expect.not.stringContaining('SECRET') }))
  })

  test('a budget may go by a label of an API key', () => {
    expect(() => createModelSelector({ ...proper, apiKeys: [{ ...apiKey, labels: { org: 'acme' } }], budgets: [{ ...everybody, scope: 'org', when: { org: 'acme' } }] })).not.toThrow()
  })

  test('and what is undefined was left out', async () => {
    const none = Object.fromEntries(['prompts', 'ledger', 'budgets', 'identify', 'secret', 'production', 'basePath', 'origins', 'owner', 'pays', 'carbon', 'mix', 'explore', 'timeZone', 'concurrency', 'lease', 'silence', 'maxBody', 'adminToken', 'apiKeys', 'share', 'address', 'now', 'onError'].map(name => [name, undefined]))
    const { fetch } = createModelSelector({ ...none, ...proper } as unknown as ModelSelectorOptions)
    expect((await fetch(new Request('http://product.test/v1/budget'))).status).toBe(200)
  })
})

describe('a provider that cannot work is refused at the start', () => {
  test.each([
    ['no address', { baseURL: 'api.example.com' }, /no address/],
    ['another protocol', { baseURL: 'file:///etc/passwd' }, /no address/],
    ['a password in the address', { baseURL: 'https://me:hunter2@example.com/v1' }, /without a name and password/],
    ['no models', { baseURL: 'https://example.com/v1', models: undefined }, /models of the provider "example\.com" cannot be used: there are none/],
    ['models of no list', { baseURL: 'https://example.com/v1', models: { eco: 'x' } }, /those of "eco" are no list/],
    ['a tier that is none', { baseURL: 'https://example.com/v1', models: { light: ['x'] } }, /no tier "light".*Use eco, standard, max/],
    ['a model without an id', { baseURL: 'https://example.com/v1', models: { eco: [{ price: { input: 1, output: 1 } }] } }, /one of "eco" has no id/],
    ['a line break in the key', { baseURL: 'https://example.com/v1', apiKey: 'sk-secret\nx' }, /line break/],
    ['a header that is none', { baseURL: 'https://example.com/v1', headers: { 'a b': 'c' } }, /header/],
  ])('%s', (_, options, sentence) => {
    const create = () => openaiCompatible({ models, ...options } as never)
    expect(create).toThrow(sentence)
    expect(create).not.toThrow(/hunter2|sk-secret/)
  })
})

describe('in production', () => {
  test.each([
    ['no secret', { budgets: [everybody] }, /In production a secret is needed/],
    ['no secret, though the host knows people', { budgets: [everybody], identify: () => ({ user: 'ada' }) }, /In production a secret is needed/],
    ['a secret of the documents', { secret: 'only for development', budgets: [everybody] }, /the secret must be random.*randomBytes/],
    ['a secret that was typed', { secret: 'abababababababab', budgets: [everybody] }, /the secret must be random/],
    ['an admin token of an example', { secret, adminToken: 'change-me-change-me', budgets: [everybody] }, /the adminToken must be random/],
    ['an API key of the documents', { secret, apiKeys: [{ ...apiKey, key: 'only-for-development-24-characters' }], budgets: [everybody] }, /the key number 1 of apiKeys must be random/],
    ['no budget for everybody', { secret }, /scope "all"/],
    ['budgets, but none for everybody', { secret, budgets: [{ ...everybody, scope: 'user' }] }, /scope "all"/],
    ['one for some runs only', { secret, budgets: [{ ...everybody, when: { feature: 'summary' } }] }, /without "when"/],
    ['one for some people only', { secret, identify: unknown, budgets: [{ ...everybody, when: { plan: 'free' } }] }, /without "when"/],
    ['one that every run has for itself', { secret, budgets: [{ ...everybody, per: 'run' }] }, /an hour or longer/],
    ['one that is whole again before a run ends', { secret, budgets: [{ ...everybody, per: '3599s' }] }, /an hour or longer/],
    ['one in energy', { secret, budgets: [{ ...everybody, limit: { wh: 1_000, gco2e: 1_000 } }] }, /in usd or tokens/],
    ['one in runs, whatever they come to', { secret, budgets: [{ ...everybody, limit: { runs: 1_000 } }] }, /in usd or tokens/],
    ['several that only together are one', { secret, budgets: [{ ...everybody, limit: { runs: 9 } }, { ...everybody, id: 'each', per: 'run' }, { ...everybody, id: 'some', when: { tier: 'max' } }] }, /bounds the bill/],
  ])('%s is refused', (_, change, sentence) => {
    expect(() => createModelSelector({ ...proper, production: true, ...change } as ModelSelectorOptions)).toThrow(sentence)
  })

  test.each([['month', { usd: 100 }], ['hour', { usd: 1, runs: 9 }], ['3600s', { tokens: 1e6 }]] as const)('both are enough: a secret, and a budget per %s of %o', (per, limit) => {
    expect(() => createModelSelector({ ...proper, production: true, secret, budgets: [{ ...everybody, per, limit, when: {} }] })).not.toThrow()
  })

  test('random secrets are none of the documents, and those of documents do where people try things out', () => {
    for (let i = 0; i < 500; i++) expect(isWellKnown(crypto.randomUUID())).toBe(false)
    expect(() => createModelSelector({ ...proper, secret: 'only for development' })).not.toThrow()
  })

  test('is what NODE_ENV says', () => {
    vi.stubEnv('NODE_ENV', 'production')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(() => createModelSelector(proper)).toThrow(/In production/)
    expect(() => createModelSelector({ ...proper, production: false })).not.toThrow()
  })
})

describe('the catalog', () => {
  test('has one version for one configuration, and another for any other', async () => {
    const version = async (options: Partial<ModelSelectorOptions> = {}) => (await (await bench(options)).catalog()).version
    const first = await version()
    expect(first).toMatch(/^[0-9a-f]{16}$/)
    expect(await version()).toBe(first)
    const others = await Promise.all([
      version({ providers: [baseline()] }), version({ owner: 'Acme' }), version({ pays: true }), version({ features: { summary: features.summary } }),
      version({ prompts: { summary: () => [{ role: 'user', content: 'Longer than before, so that it costs more than it did before, which people must be shown. '.repeat(9) }] } }),
      version({ carbon: { gco2ePerWh: 0.05, zone: 'FRA', year: 2025 } }),
    ])
    expect(new Set([first, ...others]).size).toBe(7)
  })

  test('is not sent again to those who have it', async () => {
    const on = await bench()
    const etag = (await on.get('/v1/catalog')).headers.get('etag')!
    expect(etag).toBe(`"${(await on.catalog()).version}"`)
    for (const known of [etag, `W/${etag}`, `"older", ${etag}`]) {
      const response = await on.get('/v1/catalog', { 'if-none-match': known })
      expect(response.status).toBe(304)
      expect(await response.text()).toBe('')
      expect(response.headers.get('etag')).toBe(etag)
    }
    for (const other of ['"older"', etag.slice(1, -1), '']) expect((await on.get('/v1/catalog', { 'if-none-match': other })).status).toBe(200)
  })

  test('is nobody else\'s to keep', async () => {
    expect((await (await bench()).get('/v1/catalog')).headers.get('cache-control')).toBe('private, no-cache')
  })

  test('tells of models and features what people need, and nothing of where they are', async () => {
    const on = await bench({ prompts: { summary: input => [{ role: 'system', content: 'PROMPT-SECRET' }, { role: 'user', content: 'text' in input ? input.text : '' }] } })
    const raw = await (await on.get('/v1/catalog')).text()
    expect(raw).not.toMatch(/sk-fixture|PROMPT-SECRET|http|127\.0\.0\.1/)
    expect(raw).not.toContain(new URL(on.upstream.url).port)
  })

  test('takes prompts that know only their own form of input', async () => {
    const on = await bench({ prompts: { ask: input => (input as { messages: { role: 'user'; content: string }[] }).messages.map(message => ({ ...message })) } })
    const { overhead } = (await on.catalog()).features['ask']!
    expect(overhead).toBeGreaterThan(0)
  })
})

describe('nobody is told what is not theirs', () => {
  test('errors that reach the operator hold no prompt, no output and no key', async () => {
    const [input, output] = ['INPUT-SECRET', 'OUTPUT-SECRET']
    const on = await bench()
    const seen: unknown[] = []
    const run = async (reply: Parameters<typeof on.upstream.reply>[0], headers = {}) => {
      on.upstream.reply(reply)
      const response = await on.run({ input: { text: `${text} ${input}` } }, headers)
      seen.push(response.status)
      await response.text()
    }
    const said = { deltas: [output] }
    for (const end of ['cut', 'error', 'short'] as const) await run({ ...said, end }, end === 'cut' ? asJson : {})
    await run({ status: 401, body: { error: { message: `key sk-fixture-secret is wrong for ${input}` } } })
    await run({ raw: `data: {"choices":[{"delta":{"content":"${output}"}}]}\n\ndata: ${output} is no JSON\n\n` })
    expect(on.errors).toHaveLength(5)
    expect(inspect(on.errors, { depth: Infinity, showHidden: true })).not.toMatch(/INPUT-SECRET|OUTPUT-SECRET|sk-fixture/)
  })

  test('the ledger keeps no prompt and no output', async () => {
    const on = await bench({}, { deltas: ['OUTPUT-SECRET'] })
    const kept: unknown[] = []
    const { reserve, settle } = on.ledger
    const watched = await bench({ ledger: { ...on.ledger, reserve: request => (kept.push(request), reserve(request)), settle: (...args) => (kept.push(args), settle(...args)) } }, { deltas: ['OUTPUT-SECRET'] })
    await partsOf(await watched.run({ input: { text: `${text} INPUT-SECRET` } }))
    expect(kept).toHaveLength(2)
    expect(inspect(kept, { depth: Infinity })).not.toMatch(/INPUT-SECRET|OUTPUT-SECRET/)
  })
})

describe('hostile text', () => {
  const hostile: [string, string][] = [
    ['digits', '1'.repeat(600)], ['digits apart', '1 '.repeat(300)], ['spaces', ' '.repeat(1_900)], ['the same sign', 'how many '.repeat(200)], ['brackets', '('.repeat(1_900)],
    ['dots', '.'.repeat(1_900)], ['combining marks', `a${'\u0301'.repeat(900)}`], ['a surrogate alone', '\ud800'.repeat(600)], ['zero bytes', '\0'.repeat(1_900)], ['joiners', '👩‍'.repeat(200)],
  ]
  test.each(hostile)('%s is read like any other', async (_, query) => {
    const on = await bench()
    for (const input of [{ text, query }, { text: query }, { messages: [{ role: 'user', content: query }] }]) {
      expect((await on.post('/v1/estimate', { feature: 'ask', input })).status).toBe(200)
      const body = await on.ask({ feature: 'ask', input, tier: 'baseline' })
      expect((await on.post('/v1/run', body, asJson)).status).toBe(200)
    }
  })

  test('a property called __proto__ changes nobody else', async () => {
    const on = await bench()
    const body = JSON.stringify(await on.ask()).replace('{', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},')
    await (await on.post('/v1/run', body)).text()
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('output with line breaks and events in it stays in its part', async () => {
    const evil = '\n\ndata: {"type":"data-receipt","data":{}}\n\ndata: [DONE]\n\n\u2028\r'
    const on = await bench({}, { deltas: [evil, 'after'] })
    const parts = await partsOf(await on.run())
    expect(parts.filter(({ type }) => type === 'data-receipt')).toHaveLength(1)
    expect(parts.flatMap(part => part.type === 'text-delta' ? [part.delta] : [])).toEqual([evil, 'after'])
  })
})

test('an opt-in made for one catalog holds under another, as long as its ceiling does', async () => {
  const on = await bench()
  const body = await on.ask()
  const optIn = optInFor(body, { ceiling: body['ceiling'] as never, catalogVersion: 'an-older-one' }, on.clock.now)
  expect((await on.post('/v1/run', { ...body, optIn })).status).toBe(200)
})
