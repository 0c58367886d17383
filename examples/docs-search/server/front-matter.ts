import { titleOf } from '../shared/title.ts'

/** A document as it is read by people, and what its front matter calls it. */
export interface Body {
  readonly text: string
  readonly title?: string
}

/** Divides a file from the YAML above it, which is for other programs. What stands between two rules and names nothing is text. */
export function withoutFrontMatter(source: string): Body {
  const match = /^---[ \t]*\r?\n([^]*?)(?<=\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/.exec(source)
  if (!match || !isYaml(match[1]!)) return { text: source }
  const text = source.slice(match[0].length)
  const title = titleOf(scalarOf(/^title:[ \t]+(.*)$/im.exec(match[1]!)?.[1]?.trim() ?? ''))
  return { text, ...title && { title } }
}

/** Whether its first line that is no comment names something, or there is none. */
function isYaml(block: string): boolean {
  const first = block.split(/\r?\n/).find(line => line.trim() && !line.startsWith('#')) ?? 'none:'
  return /^["']?[\p{L}_][^:\n]{0,80}:(?:\s|$)/u.test(first)
}

/** A value on one line; '' of one that goes on below. */
function scalarOf(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"|^'((?:[^']|'')*)'/.exec(value)
  if (!quoted) return value.replace(/\s#.*$/, '').replace(/^[>|].*$/, '')
  return quoted[1]?.replaceAll(/\\(.)/g, '$1') ?? quoted[2]!.replaceAll("''", "'")
}
