import { spawnSync } from 'node:child_process'

export interface Verdict {
  ok: boolean
  text: string
}

interface Report {
  auditReportVersion?: number
  vulnerabilities?: Record<string, { severity: string }>
  message?: string
  error?: { summary?: string }
}

/**
 * Known vulnerabilities fail. A registry that cannot be asked does not: mirrors and machines
 * without a network have no audit endpoint, and that says nothing about the packages.
 */
export function verdict(output: string): Verdict {
  const report = parse(output)
  if (report?.auditReportVersion === undefined) {
    return { ok: true, text: `Not audited: the registry did not answer (${reason(report)}).` }
  }
  const found = Object.entries(report.vulnerabilities ?? {}).map(([name, { severity }]) => `${name} (${severity})`)
  return found.length ? { ok: false, text: `Vulnerable: ${found.join(', ')}.` } : { ok: true, text: 'No known vulnerability.' }
}

function parse(output: string): Report | undefined {
  try {
    return JSON.parse(output) as Report
  } catch {
    return undefined
  }
}

/** Without the address, which is the machine's business. */
function reason(report: Report | undefined): string {
  return (report?.message || report?.error?.summary || 'no report').replace(/ - \S+ \S+$/, '')
}

if (import.meta.main) {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' })
  const { ok, text } = verdict(stdout)
  console.log(text)
  process.exitCode = ok ? 0 : 1
}
