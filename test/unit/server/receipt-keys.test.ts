import fc from 'fast-check'
import { base64url, exportJWK, exportPKCS8, flattenedVerify, generateKeyPair, importJWK } from 'jose'
import { describe, expect, test } from 'vitest'
import type { Receipt } from '../../../src/core/index.ts'
import { signedPart, verifyReceipt } from '../../../src/protocol/index.ts'
import type { KeysAnswer } from '../../../src/protocol/index.ts'
import { receiptKeys } from '../../../src/server/receipt-keys.ts'
import type { SigningKey } from '../../../src/server/index.ts'
import { at, changed, golden, placesIn } from '../protocol/fixtures.ts'
import { bench, partsOf, receiptIn } from './support.ts'

const keysOf = (secret: string, ...signingKeys: SigningKey[]) => receiptKeys({ secret, signingKeys, onError: error => { throw error } })
const receipt = golden('receipt') as Receipt
const covered = placesIn(receipt).filter(([root]) => !['signature', 'budgets', 'replayed'].includes(String(root)))

describe('a receipt', () => {
  test('is signed by the server, and anybody can check it with the server\'s keys', async () => {
    const on = await bench()
    const response = await on.get('/v1/keys')
    const { keys } = await response.json() as KeysAnswer
    expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    expect(JSON.stringify(keys)).not.toContain('"d"')
    const body = await on.ask()
    const first = receiptIn(await partsOf(await on.post('/v1/run', body)))
    const again = receiptIn(await partsOf(await on.post('/v1/run', body)))
    const { receipt: recorded } = await (await on.get(`/v1/runs/${String(body['id'])}`)).json() as { receipt: Receipt }
    expect(await Promise.all([first, again, recorded].map(each => verifyReceipt(each, keys)))).toEqual([true, true, true])
    expect(again.replayed).toBe(true)
  })

  test('is signed also where nobody was left to sign it', async () => {
    const on = await bench({}, { paused: true })
    const body = await on.ask()
    const response = on.post('/v1/run', body)
    await on.upstream.until(log => log.length === 1)
    on.clock.now += 60_000
    const { receipt: assumed } = await (await on.get(`/v1/runs/${String(body['id'])}`)).json() as { receipt: Receipt }
    expect(assumed.status).toBe('expired')
    expect(await verifyReceipt(assumed, (await (await on.get('/v1/keys')).json() as KeysAnswer).keys)).toBe(true)
    on.upstream.release(3)
    await partsOf(await response)
  })

  test('is checked alike by other software', async () => {
    const own = keysOf('a secret of some length')
    const [key] = await own.published()
    const [header = '', , signature = ''] = (await own.sign(receipt)).signature!.split('.')
    const jws = { protected: header, payload: base64url.encode(signedPart(receipt)), signature }
    const { protectedHeader } = await flattenedVerify(jws, await importJWK({ ...key! }, 'EdDSA'))
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: key!.kid })
  })

  test('with a header of another algorithm, or of no key, is not signed', async () => {
    const own = keysOf('a secret of some length')
    const keys = await own.published()
    const [, , signature] = (await own.sign(receipt)).signature!.split('.')
    for (const header of [{ alg: 'none', kid: keys[0]!.kid }, { alg: 'HS256', kid: keys[0]!.kid }, { alg: 'EdDSA' }, null, 7]) {
      expect(await verifyReceipt({ ...receipt, signature: `${base64url.encode(JSON.stringify(header))}..${signature}` }, keys)).toBe(false)
    }
  })

  test('with anything else in it is not as it was signed', async () => {
    const own = keysOf('a secret of some length')
    const signed = await own.sign(receipt)
    const keys = await own.published()
    await fc.assert(fc.asyncProperty(fc.constantFrom(...covered), fc.jsonValue(), async (path, other) => {
      fc.pre(JSON.stringify(other) !== JSON.stringify(at(signed, path)))
      expect(await verifyReceipt(changed(signed, path, () => other) as Receipt, keys)).toBe(false)
      expect(await verifyReceipt(changed(signed, path, () => undefined) as Receipt, keys)).toBe(false)
    }), { numRuns: 60 })
  })

  test('is as it was signed in any order, with its budgets of another day, and sent again', async () => {
    const own = keysOf('a secret of some length')
    const signed = await own.sign(receipt)
    const reversed = (value: unknown): unknown => typeof value !== 'object' || value === null || Array.isArray(value)
      ? value : Object.fromEntries(Object.entries(value).toReversed().map(([key, inner]) => [key, reversed(inner)]))
    expect(await verifyReceipt({ ...reversed(signed) as Receipt, budgets: [], replayed: true }, await own.published())).toBe(true)
  })

  test.each([null, '', 'a.b.c', 'a..b', '..', 'eyJhbGciOiJub25lIn0..', 'eyJhbGciOiJFZERTQSJ9..AAAA'])('with the signature %j is not signed', async signature => {
    const own = keysOf('a secret of some length')
    expect(await verifyReceipt({ ...receipt, signature }, await own.published())).toBe(false)
    expect(await verifyReceipt({ ...receipt, signature }, [])).toBe(false)
  })

  test('covers numbers and texts as RFC 8785 writes them', () => {
    const odd = { ...receipt, at: 1e21, feature: '€$\u000F\nA\'B"\\"/', zulu: { b: 0.000001, a: 1e-7, '€': null, '\r': [true] } } as unknown as Receipt
    const text = new TextDecoder().decode(signedPart(odd))
    expect(text).toContain(String.raw`"at":1e+21,`)
    expect(text).toContain(String.raw`"feature":"€$\u000f\nA'B\"\\\"/"`)
    expect(text).toContain(String.raw`"zulu":{"\r":[true],"a":1e-7,"b":0.000001,"€":null}}`)
    expect(text).not.toMatch(/"(signature|budgets|replayed)":/)
  })
})

describe('keys', () => {
  test('are made of the secret: the same on every server that shares it, and others of another', async () => {
    const [one, same, other] = await Promise.all(['the secret of all servers', 'the secret of all servers', 'another secret, though'].map(secret => keysOf(secret).published()))
    expect(one).toEqual(same)
    expect(one![0]!.x).not.toBe(other![0]!.x)
    expect(one![0]).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: expect.stringMatching(/^[\w-]{43}$/) })
  })

  test('of the host\'s sign instead, as JWK or PEM, and those before them still check what they signed', async () => {
    const pair = async () => (await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })).privateKey
    const [old, fresh] = [await exportJWK(await pair()), await exportPKCS8(await pair())]
    const before = keysOf('whatever it is', old)
    const { d: _, ...oldHalf } = old
    const after = keysOf('whatever it is', fresh, oldHalf)
    const [long, now] = [await before.sign(receipt), await after.sign(receipt)]
    const keys = await after.published()
    expect(keys).toHaveLength(2)
    expect([await verifyReceipt(long, keys), await verifyReceipt(now, keys)]).toEqual([true, true])
    expect(await verifyReceipt(now, await before.published())).toBe(false)
  })

  test('that cannot sign leave a receipt unsigned, and the operator hears of it', async () => {
    const on = await bench({ signingKeys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }] })
    const told = receiptIn(await partsOf(await on.run()))
    expect(told).toMatchObject({ status: 'completed', signature: null })
    expect(on.errors.length).toBeGreaterThan(0)
  })
})
