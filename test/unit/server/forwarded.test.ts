import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clientBehind } from '../../../src/server/node/forwarded.ts'
import type { TrustProxy } from '../../../src/server/node/forwarded.ts'

const socket = '10.0.0.1'
const client = (trustProxy: TrustProxy, value: string | undefined, from = socket) => clientBehind({ trustProxy, header: 'x-forwarded-for' })(from, value)

describe('without trust', () => {
  test.each(['203.0.113.9', '203.0.113.9, 10.0.0.1', 'unknown', '', undefined])('the connection counts, whatever %j says', value => {
    expect(client(0, value)).toBe(socket)
    expect(client([], value)).toBe(socket)
  })
})

describe('behind so many proxies', () => {
  test.each<[number, string | undefined, string]>([
    [1, '203.0.113.9', '203.0.113.9'],
    [1, '198.51.100.1, 203.0.113.9', '203.0.113.9'], // what stands further left anybody may have sent
    [2, '198.51.100.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    [2, '203.0.113.9', '203.0.113.9'], // fewer than there should be
    [1, undefined, socket],
    [1, '', socket],
    [1, ' 203.0.113.9:4711 ', '203.0.113.9'],
    [1, '[2001:db8::1]:443', '2001:db8::1'],
    [1, '2001:db8::1', '2001:db8::1'],
    [1, '::ffff:203.0.113.9', '203.0.113.9'],
    [1, '203.0.113.9, unknown', socket],
    [2, '203.0.113.9, _hidden, 10.0.0.2', '10.0.0.2'],
    [1, '203.0.113.9,', socket],
    [1, '999.0.113.9', socket],
  ])('%i: %j is %s', (count, value, address) => {
    expect(client(count, value)).toBe(address)
  })
})

describe('behind proxies at known addresses', () => {
  const inside = ['10.0.0.0/8', '192.0.2.7', '2001:db8:ffff::/48']
  test.each<[string, string | undefined, string]>([
    [socket, '203.0.113.9', '203.0.113.9'],
    [socket, '198.51.100.1, 203.0.113.9, 10.9.9.9, 192.0.2.7', '203.0.113.9'],
    ['::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['2001:db8:ffff::5', '2001:db8::1', '2001:db8::1'],
    ['203.0.113.50', '198.51.100.1', '203.0.113.50'], // not one of ours: it speaks for itself only
    ['192.0.2.8', '198.51.100.1', '192.0.2.8'],
    [socket, '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ])('from %s, %j is %s', (from, value, address) => {
    expect(client(inside, value, from)).toBe(address)
  })
})

describe('by the header Forwarded', () => {
  const forwarded = (value: string, trustProxy: TrustProxy = 1) => clientBehind({ trustProxy, header: 'forwarded' })(socket, value)
  test.each([
    ['for=203.0.113.9', '203.0.113.9'],
    ['For="203.0.113.9:4711";proto=https', '203.0.113.9'],
    ['proto=https; for="[2001:db8::1]:443"', '2001:db8::1'],
    ['for=198.51.100.1, for=203.0.113.9;by=10.0.0.1', '203.0.113.9'],
    ['for="198.51.100.1, for=203.0.113.9', '203.0.113.9'], // a quote left open by a client
    ['for=unknown', socket],
    ['for=_hidden', socket],
    ['proto=https', socket],
    ['', socket],
  ])('%s is %s', (value, address) => {
    expect(forwarded(value)).toBe(address)
  })
})

test('nothing that a client sends moves the address that the last trusted proxy wrote', () => {
  const address = fc.ipV4()
  fc.assert(fc.property(fc.string(), address, fc.array(fc.integer({ min: 1, max: 250 }), { maxLength: 4 }), (sent, real, proxies) => {
    const chain = [sent, real, ...proxies.map(last => `10.1.1.${last}`)].join(', ')
    expect(client(proxies.length + 1, chain)).toBe(real)
  }))
})

test.each([[-1], [1.5], [Number.NaN], [['10.0.0.0/33']], [['nowhere']], [['10.0.0.0/8/8']], [['10.0.0.0/']], [['']]])('%j names no proxies', trustProxy => {
  expect(() => clientBehind({ trustProxy, header: 'x-forwarded-for' })).toThrow(/trustProxy/)
})
