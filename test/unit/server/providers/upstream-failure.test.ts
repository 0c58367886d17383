import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { neverSent, retryAfterOf } from '../../../../src/server/providers/upstream-failure.ts'

const now = Date.UTC(2026, 10, 24, 12)

describe('when a server wants to be asked again', () => {
  test.each<[Record<string, string>, number | null]>([
    [{}, null], [{ 'retry-after': '' }, null], [{ 'retry-after': 'soon' }, null], [{ 'retry-after': '-5' }, null],
    [{ 'retry-after': '7' }, 7_000], [{ 'retry-after': ' 0 ' }, 0], [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after': 'Tue, 24 Nov 2026 12:00:30 GMT' }, 30_000], [{ 'retry-after': 'Tue, 24 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': 'Tue, 24 Nov 2099 12:00:00 GMT' }, 3_600_000], [{ 'retry-after': '99999999999' }, 3_600_000],
    [{ 'retry-after-ms': '250', 'retry-after': '1' }, 250], [{ 'retry-after-ms': 'x', 'retry-after': '1' }, 1_000],
  ])('%j', (headers, milliseconds) => {
    expect(retryAfterOf(new Headers(headers), now)).toBe(milliseconds)
  })

  test('is never before now, nor more than an hour away, whatever it writes', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: fc.constantFrom(...'0123456789.-:eE GMTNov,') }), fc.date({ noInvalidDate: true }).map(date => date.toUTCString())), value => {
      const after = retryAfterOf(new Headers({ 'retry-after': value }), now)
      expect(after === null || Number.isSafeInteger(after) && after >= 0 && after <= 3_600_000).toBe(true)
    }))
  })
})

describe('a request', () => {
  const failed = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code }) })

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID'])('that failed with %s was never sent', code => {
    expect(neverSent(failed(code))).toBe(true)
  })

  test('that reached none of a host\'s addresses was never sent', () => {
    const [refused, reset] = ['ECONNREFUSED', 'ECONNRESET'].map(code => Object.assign(new Error('no'), { code }))
    expect(neverSent(new TypeError('fetch failed', { cause: new AggregateError([refused, refused]) }))).toBe(true)
    expect(neverSent(new TypeError('fetch failed', { cause: new AggregateError([refused, reset]) }))).toBe(false)
  })

  test.each([failed('ECONNRESET'), failed('UND_ERR_SOCKET'), failed('HPE_INVALID_CONSTANT'), new TypeError('Failed to fetch'), new Error('?'), null, 'refused'])('that failed with %s may have been read', error => {
    expect(neverSent(error)).toBe(false)
  })
})
