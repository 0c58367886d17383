import { loadClassifier } from './src/routing/index.ts'
import { opened } from './test/fixtures/routing/requests.ts'
import { rewordings } from './test/fixtures/routing/rewordings.ts'
import { beginsForeign, isForeign } from './src/routing/language.ts'
const trained = await loadClassifier()
for (const t of ['Resume este artículo', 'Resume este artículo en tres frases, por favor', 'Compare ces deux textes', 'Imagine une histoire de dragons', 'play la bamba', 'Resume the download', 'Analyse den folgenden Text', 'Translate das Boot', 'Cancela mi pedido']) console.log(t, trained(t).need, trained(t).reason.code, trained(t).chances)
console.log([...Object.values(opened).flat(), ...rewordings.flat()].filter(beginsForeign))
