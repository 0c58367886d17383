import type { Need, Reason } from '../core/index.ts'
import { excerptOf, featuresOf } from './features.ts'
import { createModel } from './model.ts'
import type { PackedModel } from './model.ts'
import { rules, searchWords } from './rules.ts'

/** What a request needs, with the chance of each. */
export interface Classification {
  readonly need: Need
  readonly chances: Readonly<Record<Need, number>>
  readonly reason: Reason
}
export type Classifier = (question: string) => Classification
const sentences: Record<Need, string> = {
  none: 'It reads like a look-up: results answer it.',
  generate: 'It asks for a text to be written.',
  reason: 'It needs several steps that depend on each other.',
}
export function classify(question: string): Classification {
  const trimmed = excerptOf(question)
  const rule = rules.find(({ sign }) => sign.test(trimmed))
  if (rule) return decided(rule.need, rule.sure, rule.code)
  return isSearch(trimmed) ? decided('none', 0.75, 'search-words') : decided('generate', 0.6, 'no-sign')
}
export function createClassifier({generation, problem}: Record<'generation'|'problem', PackedModel>, opts:{rules?:boolean}={}): Classifier {
  const [g, p] = [createModel(generation), createModel(problem)]
  return question => {
    const trimmed = excerptOf(question)
    const f = featuresOf(trimmed)
    const reason = p(f), generate = (1-reason)*g(f)
    const chances = { none: 1-reason-generate, generate, reason }
    let code='trained'
    if(opts.rules!==false){
      const rule = rules.find(({ sign,trained }) => !trained&&sign.test(trimmed)) ?? (isSearch(trimmed)?{need:'none' as Need,sure:.7,code:'search-words'}:undefined)
      if(rule){ const T=Number((globalThis as any).TT??1); for(const k of ['none','generate','reason'] as const) chances[k]=chances[k]**T; chances[rule.need]*=rule.sure/((1-rule.sure)/2); code=rule.code; const t=chances.none+chances.generate+chances.reason; chances.none/=t;chances.generate/=t;chances.reason/=t }
    }
    const need = (Object.entries(chances) as [Need, number][]).reduce((a,b)=>b[1]>a[1]?b:a)[0]
    return { need, chances, reason: { code: 'need-'+code, text: sentences[need] } }
  }
}
const unspaced = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]/
function isSearch(text: string): boolean {
  return text.length <= (unspaced.test(text) ? 16 : 60) && text.split(/\s+/).length <= searchWords && !/[?!。？！؟।]$/.test(text)
}
function decided(need: Need, sure: number, code: string): Classification {
  const rest = (1 - sure) / 2
  return { need, chances: { none: rest, generate: rest, reason: rest, [need]: sure }, reason: { code: `need-${code}`, text: sentences[need] } }
}
