const linkTarget = /\]\([^)\s]{0,2000}(?:\s{1,9}"[^"\n]{0,200}")?\)/g
const address = /\bhttps?:\/\/[^\s)>\]]+/g
const tag = /<\/?[a-z][^<>\n]*>|<!--[^]*?-->/gi

const blank = (text: string) => ' '.repeat(text.length)

/** The text with link targets and addresses blanked out: they are no words of it. Offsets stay. */
export function withoutLinks(text: string): string {
  const masked = text.includes('](') ? text.replace(linkTarget, target => `]${blank(target.slice(1))}`) : text
  return masked.includes('://') ? masked.replace(address, blank) : masked
}

/** UTF-16 units of a heading that are read: no one writes longer ones, and the patterns below take quadratic time. */
const longestHeading = 300

/** A heading or title as it would be shown: images and tags gone, links by their text, no emphasis marks. */
export function plainHeading(markdown: string): string {
  return markdown.slice(0, longestHeading)
    .replace(/!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])/g, '')
    .replace(/\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replace(tag, '')
    .replace(/`|\*\*|__/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}
