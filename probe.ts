import { classify, loadClassifier } from './src/routing/index.ts'
import { classifyByRules } from './src/routing/trained.ts'
import { later } from '/tmp/wt/c1-before/fresh.ts'
import { opened, sealed, openedDrafting, sealedDrafting } from './test/fixtures/routing/requests.ts'
const trained = await loadClassifier()
for (const [n, set] of Object.entries({ openedDrafting, sealedDrafting, opened })) for (const [m, c] of Object.entries({ trained, rules: classifyByRules, few: classify })) {
  const wrong = Object.entries(set).flatMap(([need, texts]) => (texts as string[]).filter(t => c(t).need !== need).map(t => `${need}->${c(t).need} ${c(t).reason.code} ${JSON.stringify(c(t).chances, (k, v) => typeof v === 'number' ? +v.toFixed(2) : v)} ${t}`))
  console.log(n, m, wrong.length, Object.values(set).flat().length); if (process.argv[2] === m || process.argv[2] === 'all') console.log(wrong.join('\n'))
}
const paste = ('The committee met on Monday and heard reports from each department about the year. Sales rose in the north. ').repeat(40) + 'Write a two-line summary of the above.'
for (const t of [paste, 'Resume este artículo', 'Compare les deux textes suivants', 'Write a poem', 'shorter']) console.log(t.slice(-40), JSON.stringify(trained(t)), classify(t).need)
