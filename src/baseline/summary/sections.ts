import type { Block } from '../text/blocks.ts'
import { plainHeading } from '../text/markdown.ts'

/** What a section is to its text: what it opens with, what it says, what one looks up in it, and who is thanked. */
export type Section = 'opening' | 'body' | 'reference' | 'credits'

// Headings by which writers set apart what is not the text's point. The lists are short: the commonest words, and the
// same in the languages in which manuals are most often written.
const credits = /^\W*(?:(?:our |gold |silver |featured |special |code )*(?:sponsor|backer|contribut|credit|thanks|acknowledg|licen[cs]|author|maintainer|supporter|donat|funding|communit|communicat|contact|copyright|badges?|used by|who uses|security|code of conduct|stargazers|project stats|related|see also|discussions?|resources|support$|help$|table of contents|contents$)|lizenz|mitwirken|licencia|contribu|colaborador|лиценз|вклад|благодарн)|许可|許可|贡献|貢献|赞助|致谢|鸣谢|ライセンス|謝辞|スポンサー|라이선스|기여|目录|目次/iu
const reference = /^\W*(?:api|options?|methods?|functions?|reference|parameters?|arguments?|config(?:uration)?|events?|types?|interfaces?|props|properties|cli|command[- ]line|flags|changelog|release notes|migrat|upgrad|faq|benchmarks?|comparisons?|tests?|install|développement|development|building)\b|\(|^[.#@]?[a-z]+[A-Z]\w*$|^[\w$]+\.\w+|选项|参数|接口|オプション|引数|옵션/u

/**
 * The kind of section that each block stands in. A text without a heading below its title is all body: there
 * is no telling where its opening ends.
 */
export function sectionsOf(text: string, blocks: readonly Block[]): Section[] {
  const titled = blocks.findIndex(block => block.kind === 'heading')
  const divided = blocks.filter(block => block.kind === 'heading').length > 1
  let path: Array<{ level: number; section: Section }> = []
  let opening: boolean = divided
  return blocks.map((block, i) => {
    if (block.kind === 'heading') {
      const level = block.level ?? 6
      // A title may be what a function is called; what opens the text stands under it all the same.
      const section = i === titled && opening ? 'body' : kindOf(text.slice(block.start, block.end))
      opening &&= i === titled
      path = [...path.filter(above => above.level < level), { level, section }]
    }
    if (opening) return 'opening'
    return path.find(({ section }) => section !== 'body')?.section ?? 'body'
  })
}

function kindOf(heading: string): Section {
  const words = plainHeading(heading)
  if (credits.test(words)) return 'credits'
  return reference.test(words.replace(/^[A-Z](?=[a-z]+\b)/, letter => letter.toLowerCase())) || heading.startsWith('`') ? 'reference' : 'body'
}
