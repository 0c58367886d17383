import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { countTokens as countCl100k } from 'gpt-tokenizer/encoding/cl100k_base'
import { countTokens as countO200k } from 'gpt-tokenizer/encoding/o200k_base'
import { estimateTokenCount } from 'tokenx'
import { likelyTokens, sampleTokens } from '../../src/catalog/tokens.ts'

// How far off tokens are that are estimated before a run, by script, beside two exact tokenisers: on the
// Markdown, the code and the translated messages that the installed packages came with, and on the names
// of regions and languages that the runtime knows. Usage: node test/bench/tokens.ts
// ASCII that is no prose is made here: what is noise in it is the same each time.

type Print = (figure: Record<string, unknown>) => void

const name = 'tokens'
const modules = new URL('../../node_modules/', import.meta.url).pathname
const length = 800
const mostTexts = 400

/** What is written how: folders of translated messages by the names of their languages, and languages by which regions are named. */
const groups: Record<string, { readonly messages?: readonly string[]; readonly names?: readonly string[] }> = {
  'Latin with accents': { messages: ['cs', 'de', 'es', 'fr', 'it', 'pl', 'pt-br', 'tr', 'hu', 'fi', 'vi', 'az', 'da', 'nl'] },
  Cyrillic: { messages: ['ru', 'uk', 'bg', 'mk', 'be'], names: ['ru', 'uk', 'bg'] },
  Greek: { messages: ['el'], names: ['el'] },
  Hebrew: { messages: ['he'], names: ['he'] },
  Arabic: { messages: ['ar', 'fa', 'ur'], names: ['ar', 'fa', 'ur'] },
  'Devanagari (Hindi, Nepali, Marathi)': { messages: ['hi', 'ne'], names: ['hi', 'mr', 'ne'] },
  'Bengali, Gujarati, Tamil, Kannada, Telugu, Malayalam': { messages: ['bn', 'gu', 'ta', 'kn'], names: ['bn', 'ta', 'te', 'ml'] },
  Thai: { messages: ['th'], names: ['th'] },
  'Chinese, Japanese, Korean': { messages: ['zh-cn', 'zh-tw', 'ja', 'ko', 'zh_CN', 'zh-CN', 'zh-TW'], names: ['zh', 'ja', 'ko'] },
  'Georgian, Armenian, Khmer, Burmese, Amharic': { messages: ['ka', 'hy', 'km'], names: ['ka', 'hy', 'km', 'my', 'am'] },
}

/** Prints, by script, the ratio of exact to estimated tokens, its error at the 95th percentile before and after the correction, and how often the likely range held. */
export async function bench(print: Print, { data }: { data?: string } = {}): Promise<void> {
  const markdown = textsIn(modules, '.md', mostTexts)
  if (markdown.length < 50) return print({ bench: name, skipped: 'no installed packages to read texts from: run npm ci first' })
  report(print, 'Markdown, mostly English', markdown)
  report(print, 'code', textsIn(new URL('../../src', import.meta.url).pathname, '.ts', mostTexts))
  if (data) report(print, 'prose (SciTLDR)', abstracts(`${data}/summaries/scitldr-a-dev.jsonl`))
  for (const ending of ['.d.ts', '.js', '.json', '.map', '.css']) report(print, `packages: ${ending}`, textsIn(modules, ending, mostTexts).filter(text => !isForeign(text)))
  for (const [kind, write] of Object.entries(records)) report(print, kind, Array.from({ length: 60 }, write).flatMap(cut))
  report(print, 'emoji', emoji())
  for (const [script, { messages = [], names = [] }] of Object.entries(groups)) {
    report(print, script, [...messages.flatMap(messagesIn), ...names.flatMap(namesIn)].flatMap(cut))
  }
}

const exact = { o200k: countO200k, cl100k: countCl100k }
const asText = { disallowedSpecial: new Set<string>() }

function report(print: Print, script: string, texts: readonly string[]): void {
  const every = Object.entries(exact).map(([vocabulary, count]) => {
    const counts = texts.map(text => count(text, asText))
    const ratios = counts.map((tokens, i) => tokens / estimateTokenCount(texts[i]!))
    const ranges = texts.map(text => likelyTokens({ text }, 0, sampleTokens))
    const inside = counts.filter((tokens, i) => tokens >= ranges[i]!.low && tokens <= ranges[i]!.high).length
    const errors = (estimate: (i: number) => number) => quantile(counts.map((tokens, i) => Math.abs(estimate(i) / tokens - 1)), 0.95)
    return {
      vocabulary, ratios,
      figures: { ratio: [0.1, 0.5, 0.9].map(level => quantile(ratios, level)), errorRaw: errors(i => estimateTokenCount(texts[i]!)), error: errors(i => ranges[i]!.mid), inside: rounded(inside / texts.length) },
    }
  })
  const both = every.flatMap(({ ratios }) => ratios)
  print({ bench: name, script, texts: texts.length, both: [0.1, 0.5, 0.9].map(level => quantile(both, level)), ...Object.fromEntries(every.map(({ vocabulary, figures }) => [vocabulary, figures])) })
}

function quantile(values: readonly number[], level: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return rounded(sorted[Math.min(sorted.length - 1, Math.floor(level * sorted.length))]!)
}

const rounded = (value: number) => Number(value.toFixed(2))

const cut = (text: string): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, i) => text.slice(i * length, (i + 1) * length)).filter(piece => piece.length > length / 2)

/** A piece or two of each file, in the order of their paths. */
function textsIn(folder: string, ending: string, most: number): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith(ending) && statSync(`${folder}/${path}`).isFile()).sort()
  return paths.filter((_, i) => i % Math.ceil(paths.length / most) === 0).flatMap(path => cut(readFileSync(`${folder}/${path}`, 'utf8')).slice(0, 2))
}

/** Messages of the TypeScript compiler, of axe and of zod in a language, where they have it. */
function messagesIn(language: string): string[] {
  const compiler = `${modules}typescript/lib/${language}/diagnosticMessages.generated.json`
  const checker = `${modules}axe-core/locales/${language}.json`
  const schema = `${modules}zod/v4/locales/${language}.js`
  return [
    ...existsSync(compiler) ? [stringsOf(JSON.parse(readFileSync(compiler, 'utf8'))).join('\n').slice(0, 40_000)] : [],
    ...existsSync(checker) ? [stringsOf(JSON.parse(readFileSync(checker, 'utf8'))).join('\n')] : [],
    ...existsSync(schema) ? [[...readFileSync(schema, 'utf8').matchAll(/(["'`])((?:(?!\1).)*)\1/g)].map(match => match[2]!).filter(isForeign).join('. ')] : [],
  ].map(text => text.replace(/\$?\{[^}]*\}/g, ''))
}

/** Abstracts of papers, in plain ASCII. */
const abstracts = (path: string): string[] =>
  readFileSync(path, 'utf8').trim().split('\n').map(line => [(JSON.parse(line) as { source: string | string[] }).source].flat().join(' ')).filter(text => !isForeign(text)).flatMap(cut)

let state = 7
/** A whole number below `most`, of a row that is always the same. */
function next(most: number): number {
  state = state * 48_271 % 2_147_483_647
  return state % most
}

const noise = (length: number) => Buffer.from(Array.from({ length }, () => next(256)))
const lines = (count: number, line: () => string) => Array.from({ length: count }, line).join('\n')
const id = () => noise(16).toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
const time = () => new Date(1.7e12 + next(1e9)).toISOString()

/** ASCII as machines write it. */
const records: Record<string, () => string> = {
  base64: () => noise(600).toString('base64'),
  hexadecimal: () => noise(400).toString('hex'),
  ids: () => lines(22, id),
  'a log': () => lines(9, () => `${time()} INFO [req-${next(1e9).toString(36)}] GET /api/v1/users/${next(1e6)}?page=${next(9)} 200 ${next(99)}ms`),
  'JSON records': () => JSON.stringify(Array.from({ length: 8 }, () => ({ id: id(), at: time(), amount: next(1e5) / 100, status: next(2) ? 'paid' : 'open' }))),
  'numbers with commas': () => lines(25, () => Array.from({ length: 6 }, () => (next(1e7) / 100).toFixed(2)).join(',')),
}

const isForeign = (text: string) => /[^\u0000-\u007f]/.test(text)

const stringsOf = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(stringsOf)

/** The names of regions and languages in a language, as a list. */
function namesIn(language: string): string {
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i))
  const codes = letters.flatMap(first => letters.map(second => first + second))
  const regions = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' })
  const languages = new Intl.DisplayNames([language], { type: 'language', fallback: 'none' })
  return codes.flatMap(code => [regions.of(code.toUpperCase()), languages.of(code)]).filter(Boolean).join(', ')
}

/** Words with pictures between them, and pictures alone. */
function emoji(): string[] {
  const pictures = Array.from({ length: 600 }, (_, i) => String.fromCodePoint(0x1f300 + i))
  return Array.from({ length: 40 }, (_, i) => pictures.slice(i * 10, i * 10 + 40).join(i % 2 ? ' yes ' : '').repeat(4))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bench(figure => console.log(JSON.stringify(figure)))
