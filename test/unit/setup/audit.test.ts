import { expect, test } from 'vitest'
import { verdict } from '../../../.ci/audit.ts'

test('a vulnerability fails', () => {
  const report = { auditReportVersion: 2, vulnerabilities: { ky: { severity: 'high' } } }
  expect(verdict(JSON.stringify(report))).toEqual({ ok: false, text: 'Vulnerable: ky (high).' })
})

test('none passes', () => {
  expect(verdict('{"auditReportVersion":2,"vulnerabilities":{}}')).toEqual({ ok: true, text: 'No known vulnerability.' })
})

test('a registry without the endpoint passes and says so, without its address', () => {
  const answer = verdict('{"message":"405 Method Not Allowed - POST https://example.test/bulk","error":{"summary":""}}')
  expect(answer).toEqual({ ok: true, text: 'Not audited: the registry did not answer (405 Method Not Allowed).' })
})

test('so does no answer at all', () => {
  expect(verdict('')).toEqual({ ok: true, text: 'Not audited: the registry did not answer (no report).' })
})
