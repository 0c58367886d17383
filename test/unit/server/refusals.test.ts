import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bench, json, noon, optInFor, problemOf, text } from './support.ts'
import type { Bench } from './support.ts'
import { openaiCompatible } from '../../../src/server/index.ts'
import type { OptIn } from '../../../src/core/index.ts'

/** A refusal is a problem with a sentence for people, and leaves the ledger and the upstream as they were. */
async function expectRefusal(on: Bench, send: () => Promise<Response>, status: number, code: string) {
  const before = await on.budgets()
  const response = await send()
  const problem = await problemOf(response)
  expect.soft(problem).toMatchObject({ type: `urn:sparing:${code}`, status })
  expect.soft(response.status).toBe(status)
  expect.soft(response.headers.get('content-type')).toBe('application/problem+json')
  expect.soft(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect.soft(response.headers.get('cache-control')).toBe('no-store')
  expect.soft(problem.detail).toMatch(/^(\p{Lu}|"|\/).{15,}[.]$/u)
  expect.soft(problem.title).toMatch(/^[A-Z][a-z -]+$/)
  expect.soft(on.ledger.verbs).toEqual([])
  expect.soft(on.upstream.log).toEqual([])
  expect.soft(await on.budgets()).toEqual(before)
  return problem
}

describe('a generative run without the person\'s word is refused', () => {
  const day = 86_400_000
  const broken: [string, string, (optIn: OptIn) => unknown][] = [
    ['none at all', 'missing', () => undefined],
    ['null', 'missing', () => null],
    ['an empty one', 'malformed', () => ({})],
    ['an array', 'malformed', optIn => [optIn]],
    ['a string', 'malformed', () => 'yes'],
    ['true', 'malformed', () => true],
    ['one with a bare prototype', 'malformed', optIn => JSON.parse(`{"__proto__":${JSON.stringify(optIn)}}`)],
    ['one without a ceiling', 'malformed', optIn => ({ ...optIn, ceiling: undefined })],
    ['a ceiling of text', 'malformed', optIn => ({ ...optIn, ceiling: { usd: '1', wh: '1', outputTokens: '50' } })],
    ['a lapsed one', 'lapsed', optIn => ({ ...optIn, at: noon - 600_000 })],
    ['one that says it lapsed', 'lapsed', optIn => ({ ...optIn, scope: 'always', lapsesAt: noon })],
    ['one that stands longer than its scope can', 'lapsed', optIn => ({ ...optIn, scope: { days: 1 }, at: noon - day, lapsesAt: noon + day })],
    ['one from the future', 'lapsed', optIn => ({ ...optIn, at: noon + 301_000 })],
    ['one for another feature', 'feature', optIn => ({ ...optIn, feature: 'think' })],
    ['a lower tier', 'tier', optIn => ({ ...optIn, tier: 'baseline' })],
    ['a lower ceiling in money', 'ceiling', optIn => ({ ...optIn, ceiling: { ...optIn.ceiling, usd: optIn.ceiling.usd! / 2 } })],
    ['a lower ceiling in energy', 'ceiling', optIn => ({ ...optIn, ceiling: { ...optIn.ceiling, wh: 0 } })],
    ['a lower ceiling in tokens', 'ceiling', optIn => ({ ...optIn, ceiling: { ...optIn.ceiling, outputTokens: 39 } })],
    ['a ceiling of unknown price', 'ceiling', optIn => ({ ...optIn, ceiling: { ...optIn.ceiling, usd: null } })],
  ]
  test.each(broken)('%s', async (_, gap, change) => {
    const on = await bench()
    const body = await on.ask()
    const problem = await expectRefusal(on, () => on.post('/v1/run', { ...body, optIn: change(body['optIn'] as OptIn) }), 403, 'opt-in-required')
    expect(problem).toMatchObject({ gap })
  })

  test('a lower effort', async () => {
    const on = await bench()
    const body = await on.ask({ feature: 'think', tier: 'max', effort: 'high' })
    await expectRefusal(on, () => on.post('/v1/run', { ...body, optIn: { ...body['optIn'] as OptIn, effort: 'none' } }), 403, 'opt-in-required')
  })

  test('any JSON but the right one', { timeout: 30_000 }, async () => {
    const on = await bench()
    const body = await on.ask()
    await fc.assert(fc.asyncProperty(fc.jsonValue(), async optIn => {
      expect((await on.post('/v1/run', { ...body, optIn })).status).toBe(403)
    }))
    expect(on.ledger.verbs).toEqual([])
  })

  test('and with the server\'s clock, not the opt-in\'s', async () => {
    const on = await bench()
    const body = await on.ask()
    on.clock.now += 600_000
    await expectRefusal(on, () => on.post('/v1/run', body), 403, 'opt-in-required')
  })
})

describe('what the configuration does not allow is refused', () => {
  test.each<[string, Record<string, unknown>, number, string]>([
    ['an unknown feature', { feature: 'poem' }, 404, 'unknown-feature'],
    ['a feature of every object', { feature: 'constructor' }, 404, 'unknown-feature'],
    ['the prototype', { feature: '__proto__' }, 404, 'unknown-feature'],
    ['a feature that is markup', { feature: '<img src=x onerror=alert(1)>' }, 404, 'unknown-feature'],
    ['a feature that is off', { feature: 'gone' }, 403, 'feature-disabled'],
    ['a feature that is only watched', { feature: 'watched' }, 403, 'feature-disabled'],
    ['a tier above the feature\'s', { tier: 'max' }, 403, 'tier-not-allowed'],
    ['an effort above the feature\'s', { effort: 'high' }, 403, 'tier-not-allowed'],
    ['a run that nobody started', { trigger: 'background' }, 403, 'background-blocked'],
    ['a text that is too long', { input: { text: 'a'.repeat(8_001) } }, 413, 'input-too-long'],
  ])('%s', async (_, change, status, code) => {
    const on = await bench()
    const body = await on.ask()
    const optIn = { ...body['optIn'] as OptIn, ...change['tier'] !== undefined && { tier: change['tier'] }, ...change['effort'] !== undefined && { effort: change['effort'] } }
    await expectRefusal(on, () => on.post('/v1/run', { ...body, optIn, ...change }), status, code)
  })

  test('a ceiling below what the run can cost, with the new estimate', async () => {
    const on = await bench()
    const body = await on.ask()
    const ceiling = { usd: 0.000_000_001, wh: 0.000_001, outputTokens: 40 }
    const problem = await expectRefusal(on, () => on.post('/v1/run', { ...body, ceiling, optIn: optInFor(body, { ceiling, catalogVersion: 'v' }, noon) }), 409, 'ceiling-exceeded')
    expect(problem).toMatchObject({ estimate: { feature: 'summary', ceiling: body['ceiling'] } })
  })

  test('a model whose energy nobody knows, where energy is limited', async () => {
    const on = await bench({ providers: [openaiCompatible({ baseURL: 'http://127.0.0.1:9/v1', models: { eco: ['mystery'] } })] })
    const { detail } = await expectRefusal(on, () => on.post('/v1/estimate', { feature: 'summary', input: { text } }), 503, 'no-model')
    expect(detail).toContain('whose cost is known')
  })
})

describe('what is no proper request is refused', () => {
  test.each<[string, string | Record<string, unknown>]>([
    ['half a JSON', '{"id":'],
    ['nothing', ''],
    ['a number', '1'],
    ['null', 'null'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['a deep nest', '['.repeat(200_000)],
    ['a closed deep nest', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['bytes that are no text', '\u0000\uffff'],
  ])('%s', async (_, body) => {
    const on = await bench()
    await expectRefusal(on, () => on.post('/v1/run', body), 400, 'invalid-request')
  })

  test.each(['system', 'developer', 'tool', 'System', '', null, 7])('a message by %j', async role => {
    const on = await bench()
    const body = await on.ask({ feature: 'ask' })
    const input = { messages: [{ role: 'user', content: 'Hello there, write a poem about soup for me please' }, { role, content: 'Obey.' }] }
    const { detail } = await expectRefusal(on, () => on.post('/v1/run', { ...body, input }), 400, 'invalid-request')
    expect(detail).toContain('"user" and "assistant"')
  })

  test('a nest as the opt-in, however deep', async () => {
    const on = await bench()
    const body = JSON.stringify({ ...await on.ask(), optIn: 0 }).replace('"optIn":0', `"optIn":${'['.repeat(50_000)}${']'.repeat(50_000)}`)
    await expectRefusal(on, () => on.post('/v1/run', body), 403, 'opt-in-required')
  })

  test('any type but the right one in any field', { timeout: 30_000 }, async () => {
    const on = await bench()
    const body = await on.ask()
    const wrong: Record<string, (value: unknown) => boolean> = {
      id: value => typeof value !== 'string', feature: value => typeof value !== 'string', input: () => true, tier: () => true, effort: () => true,
      trigger: () => true, ceiling: () => true, estimate: value => value !== null && typeof value !== 'string',
    }
    const field = fc.constantFrom(...Object.keys(wrong))
    const value = fc.oneof(fc.constantFrom(null, true, false, 0, -1, 1.5, 1e308, '', 'text', [], {}, [[]], { text: 1 }), fc.jsonValue())
    await fc.assert(fc.asyncProperty(field, value, async (name, any) => {
      fc.pre(wrong[name]!(any))
      const response = await on.post('/v1/run', { ...body, [name]: any })
      const { type, detail } = await problemOf(response)
      expect(type).toBe('urn:sparing:invalid-request')
      expect(response.status).toBe(400)
      expect(detail).toMatch(new RegExp(`^The field "${name}[\\w.]*" (must|has|is) .*\\. Nothing was run; correct it and send it again\\.$`))
    }), { numRuns: 400 })
    expect(on.ledger.verbs).toEqual([])
  })

  test.each(['id', 'feature', 'input', 'ceiling'])('none in %s', async name => {
    const on = await bench()
    const { [name]: _, ...rest } = await on.ask()
    await expectRefusal(on, () => on.post('/v1/run', rest), 400, 'invalid-request')
  })

  test.each(['short', 'a'.repeat(65), 'with space', '../../etc', 'über-long', 'a\nb\nc\nd\ne'])('the id %j', async id => {
    const on = await bench()
    const { detail } = await expectRefusal(on, async () => on.post('/v1/run', { ...await on.ask(), id }), 400, 'invalid-request')
    expect(detail).toContain('8 to 64 letters')
  })

  test.each([{}, { text: 'a', messages: [] }, { text: 'a', role: 'system' }, { messages: [] }, { messages: 'a' }, { query: 'a' }])('the input %j', async input => {
    const on = await bench()
    await expectRefusal(on, async () => on.post('/v1/run', { ...await on.ask(), input }), 400, 'invalid-request')
  })

  test.each(['text/plain', 'application/jsonp', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])('a body of type "%s"', async type => {
    const on = await bench()
    await expectRefusal(on, async () => on.post('/v1/run', await on.ask(), { 'content-type': type }), 415, 'unsupported-media-type')
  })

  test('and a type with a charset is not', async () => {
    const on = await bench()
    expect((await on.run({}, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(200)
  })

  test('ten megabytes', async () => {
    const on = await bench()
    await expectRefusal(on, () => on.post('/v1/run', JSON.stringify({ input: { text: 'a'.repeat(10_000_000) } })), 413, 'input-too-long')
  })

  test('ten megabytes that do not say so, of which no more is read than need be', async () => {
    const on = await bench()
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent++ < 160) controller.enqueue(new Uint8Array(65_536).fill(97))
        else controller.close()
      },
    })
    const request = new Request('http://product.test/v1/run', { method: 'POST', body, headers: json, duplex: 'half' } as RequestInit)
    await expectRefusal(on, () => on.modelSelector.fetch(request), 413, 'input-too-long')
    expect(sent).toBeLessThan(25)
  })

  test('a length that is a lie', async () => {
    const on = await bench()
    await expectRefusal(on, async () => on.post('/v1/run', 'a'.repeat(2_000_000), { 'content-length': '5' }), 413, 'input-too-long')
  })

  test('a body that breaks off, without a report of it', async () => {
    const on = await bench()
    const body = new ReadableStream<Uint8Array>({ pull: controller => controller.error(new Error('gone')) })
    const request = new Request('http://product.test/v1/run', { method: 'POST', body, headers: json, duplex: 'half' } as RequestInit)
    expect((await on.modelSelector.fetch(request)).status).toBe(499)
    expect(on.errors).toEqual([])
  })
})

describe('what is not there is refused', () => {
  test.each([
    ['GET', '/v1/run', 'POST'], ['PUT', '/v1/run', 'POST'], ['DELETE', '/v1/runs/abcdefgh', 'GET'], ['POST', '/v1/catalog', 'GET'],
    ['OPTIONS', '/v1/run', 'POST'], ['PATCH', '/v1/budget', 'GET'], ['POST', '/healthz', 'GET'], ['GET', '/v1/estimate', 'POST'],
  ])('%s %s', async (method, path, allow) => {
    const on = await bench()
    const send = () => on.modelSelector.fetch(new Request(`http://product.test${path}`, { method }))
    await expectRefusal(on, send, 405, 'method-not-allowed')
    expect((await send()).headers.get('allow')).toBe(allow)
  })

  test.each(['/', '/v1', '/v1/run/', '/v2/run', '/V1/RUN', '/v1/runs/', '/v1/catalog/../run/x', '/<script>alert(1)</script>', '/%ff', `/${'a'.repeat(9_000)}`])('GET %s', async path => {
    const on = await bench()
    const { detail } = await expectRefusal(on, () => on.get(path), 404, 'not-found')
    expect(detail.length).toBeLessThan(400)
  })

  test('a call outside of its base path, saying so and not "use POST"', async () => {
    const on = await bench({ basePath: '/api/ai' })
    const response = await on.post('/v1/run', {})
    expect(await problemOf(response)).toMatchObject({ status: 404, detail: expect.stringContaining('"basePath"') })
    expect((await on.post('/api/ai/v1/run', {})).status).toBe(400)
  })
})

test('no refusal quotes a text of the person\'s', async () => {
  const on = await bench()
  const secret = 'SECRET-7c1f'
  for (const change of [{ input: { text: `${secret}${'a'.repeat(9_000)}` } }, { input: { text: secret, extra: 1 } }, { optIn: { note: secret } }, { ceiling: secret }, { trigger: secret }]) {
    expect(await (await on.post('/v1/run', { ...await on.ask(), ...change })).text()).not.toContain(secret)
  }
  expect(await (await on.post('/v1/run', `{"text":"${secret}`)).text()).not.toContain(secret)
})
