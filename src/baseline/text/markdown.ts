const linkTarget = /\]\([^)\s]*(?:\s+"[^"\n]*")?\)/g
const address = /\bhttps?:\/\/[^\s)>\]]+/g
const tag = /<\/?[a-z][^<>\n]*>|<!--[^]*?-->/gi

const blank = (text: string) => ' '.repeat(text.length)

/** The text with link targets and addresses blanked out: they are no words of it. Offsets stay. */
export function withoutLinks(text: string): string {
  const masked = text.includes('](') ? text.replace(linkTarget, target => `]${blank(target.slice(1))}`) : text
  return masked.includes('://') ? masked.replace(address, blank) : masked
}

/** A heading or title as it would be shown: images and tags gone, links by their text, no emphasis marks. */
export function plainHeading(markdown: string): string {
  return markdown
    .replace(/!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])/g, '')
    .replace(/\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replace(tag, '')
    .replace(/`|\*\*|__/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}
