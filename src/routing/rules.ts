import type { Need } from '../core/index.ts'
import { bounds, commands, figure, lead, places, planning, quantities, solving, writing } from './phrasing.ts'

/** A sign in the text, what it says of the need, and how sure it is, 0 to 1. */
export interface Rule {
  readonly code: string
  readonly need: Need
  readonly sure: number
  readonly sign: RegExp
  /** Weights know better: such questions are what they were trained on. */
  readonly trained?: true
  /** It is of signs, not of words, and says nothing of the language. */
  readonly wordless?: true
}

// In order: the first sign that is found decides. Written by hand for what a small training set
// lacks; each is about the form of a request, not its subject. Anybody's text is read with these:
// what repeats must not overlap with what follows it, or reading takes for ever.
export const rules: readonly Rule[] = [
  { code: 'proof', need: 'reason', sure: 0.995, sign: new RegExp(`${lead}(?:dis)?prove\\b|\\b(?:prove (?:that|it|or)|proof (?:of|that|by)|by induction|counterexample|tautology|is (?:this|the) (?:argument|proof|inference) (?:valid|sound|correct))\\b`, 'i') },
  { code: 'steps', need: 'reason', sure: 0.995, sign: /\b(?:step[- ]by[- ]step|one by one|each step|think (?:hard|carefully|it through)|root cause|time complexity|what(?:'s| is) the complexity|show (?:your|the) work(?:ing)?|justify (?:your|each|every)|explain how you know|trade-?offs between|rule out|what caused it|trace the|go through (?:every|each|the (?:locks|statements|cases)))\b/i },
  { code: 'solve', need: 'reason', sure: 0.98, sign: new RegExp(`${lead}${solving}`, 'i') },
  { code: 'constraints', need: 'reason', sure: 0.99, sign: new RegExp(`${lead}${planning}\\b[^]*\\b${bounds}\\b|\\b${bounds}\\b[^]*\\b(?:how many ways|which of|who (?:can|is|did|owns|sits)|in what order|what order)\\b`, 'i') },
  { code: 'counting', need: 'reason', sure: 0.98, sign: /\b(?:how many (?:different|distinct|possible|ways|arrangements|combinations|(?:two|three|four|five|six|\d+)-digit|handshakes|weighings|moves)|in how many (?:different )?ways|what comes next|next (?:number|term) in|what is the (?:probability|chance)|how likely (?:is|are)|odds of|what are the odds)\b/i },
  { code: 'logic', need: 'reason', sure: 0.98, sign: /^(?:if|suppose|given that) (?:all|every|some|no|none|each|neither|both|any)\b|\b(?:knights?\b[^]*\bknaves?|always (?:lies?|tells? the truth)|statements? (?:is|are) (?:true|false)|both knaves|who is what|what each of them is|twice as old|times as (?:old|many|much)|(?:younger|older) than)\b/i },
  { code: 'formula', need: 'reason', sure: 0.9, wordless: true, sign: /(?:[\dx-z)]\s?\^\s?[\dn(]|(?:^|[\s(])\d*[a-z]\d?(?:\([a-z]\))?\s?(?:[*+=<>≤≥]|\s-\s)\s?-?[\d(a-z]\b|\d\s?[*+=<>≤≥/]\s?[\d(a-z]\b[^]*=)|\b(?:integral|limit|derivative|determinant|eigen(?:values?|vectors?)|inverse) of (?:the (?:matrix|function)|\(|[a-z]{1,4}\(|[^a-z\s])/i },
  { code: 'word-problem', need: 'reason', sure: 0.8, trained: true, sign: new RegExp(`^(?=[^]*\\b${quantities}\\b)(?=[^]*(?:[.,;:] |\\bif\\b|\\bafter\\b|\\bwhen\\b|\\bthat (?:needs?|takes?|costs?)\\b|\\bat \\d|\\bfor \\d|\\bdoes? \\d|\\bdo (?:two|three|four|five|six|\\d)))[^]*?\\b${figure}\\b[^]*?[^\\d.,][^]*?\\b${figure}(?!-)\\b`, 'i') },
  { code: 'imperative', need: 'generate', sure: 0.9, sign: new RegExp(`${lead}${writing}`, 'i') },
  { code: 'wanted', need: 'generate', sure: 0.85, sign: /^(?:i(?:'d| would)? (?:need|want|like)|we need|looking for|give me|can i (?:get|have)|may i have|please|an?|some|(?:two|three|five|ten) )(?: \S+){0,3} (?:summary|overview|outline|story|poem|essay|e-?mail|letter|note|speech|biography|bio|slogan|subject line|title|tagline|paragraph|synopsis|introduction|ideas?|feedback|examples?|description|explanation|advice|tips|questions|arguments|recipe|joke|haiku|toast|caption|names?)\b(?! of the (?:board|file))/i },
  { code: 'command', need: 'none', sure: 0.88, sign: new RegExp(`${lead}${commands}\\b`, 'i') },
  { code: 'place', need: 'none', sure: 0.88, sign: new RegExp(`${lead}(?:i (?:need|want) the link|${places})\\b`, 'i') },
  { code: 'explanation', need: 'generate', sure: 0.75, sign: /^(?:(?:and|so|but|ok|hey)[, ]+)*(?:why\b|how (?:do|does|did|can|could|would|should|to|come|is|are|might)|what (?:if|about|happens|happened|would|should|could|might|makes|made|lessons|role|do \w+ (?:mean|think)|does it mean|does .* mean|are (?:the |some |your )?(?:\w+ ){0,3}(?:differences?|pros|advantages|disadvantages|benefits|reasons|causes|effects|symptoms|ideas|ways|consequences|arguments|lessons|challenges|factors|strategies|implications|clues|tips|thoughts|hobbies|opinions?)|were the (?:reasons|causes|effects|consequences))|what(?:'s| is| was) (?:the )?(?:an? good|difference|best way|point|meaning|purpose|reason|significance|impact|importance|idea behind|role)|what causes|what(?:'s| is) .* (?:about|and (?:why|how)|, in (?:simple|plain))|(?:\w+,? ){0,3}should (?:i|we)\b|do (?:we|you think)\b|is it (?:safe|ok|better|worth|wise|more important)|when should|which (?:is|should|would) (?:better|i)\b|how(?:'s| is) .* different)/i },
  { code: 'advice', need: 'generate', sure: 0.75, sign: /\b(?:vs\.?|versus|differences? between|pros and cons|best way to|good way to|advice|ideas? for|tips (?:for|on)|best practices?|tl;?dr|in (?:simple|plain) (?:terms|words|english)|and (?:why|how)\b.{0,40}\?|for (?:beginners|dummies)|eli5)\b/i },
  { code: 'status', need: 'none', sure: 0.88, sign: /\b(?:weather|forecast|(?:opening|business) (?:hours?|times?)|open (?:now|today|on|at)|(?:order|delivery|flight|application|subscription|current|shipping) status|status of|(?:account|current|remaining) balance|stock price|exchange rate|timetable|tracking number|near(?:by| me| here|est)|(?:phone|telephone|contact|order|account|routing) numbers?|e-?mail address|address of|directions to|how do i get to|price of|cost of an?|wi-?fi password|return policy|refund policy|on call)\b/i },
  { code: 'fact', need: 'none', sure: 0.85, trained: true, sign: /^(?:who|when|where|whose|whom|what(?:'s| is| was| are) (?:the|my|our|your) [\w .'-]{1,40}|what(?:'s| is) [\w.'-]+(?: [\w.'-]+){0,2}|which|in (?:what|which)|under which|how (?:many|much|old|tall|far|long|big|high|deep|heavy|fast)\b|what (?:time|year|day|date|version|port|colou?r|country|city|languages?|currency|size)|is there|are there|is|are|do (?:you|we|they)|have|has|does|did|can i|may i|am i|was|were|what does [\w .'-]{1,40} (?:stand for|mean)|what are the [\w .'-]{1,40} of|define|what do i (?:have|owe))\b/i },
  { code: 'property', need: 'none', sure: 0.88, sign: /\b(?:licen[cs]e|version|author|maintainers?|changelog|release (?:date|notes)|homepage|repository|repo|url|size|default value|deprecated|types?|peer dependenc(?:y|ies)|engines?|exports|population|capital|height|distance|currency|ceo|founder|inventor|director|chart|requirements|deadline|rate|codes?|menu|members|link)\b(?: (?:of|for|in|between|per|used in) \S+(?: \S+){0,4})?\??$/i },
]

/** Scripts that put no spaces between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese. */
const unspaced = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]/

/** Short text with no verb form of the above is a search, as people type searches: a few words and no sentence. */
export function isSearch(text: string): boolean {
  return text.length <= (unspaced.test(text) ? 16 : 60) && text.split(/\s+/).length <= 5 && !/[?!。？！؟।]$/.test(text)
}

/** The first sign in a text that rules go by. */
export const signIn = (text: string): Rule | undefined => rules.find(({ sign }) => sign.test(text))

/** The first sign of what the weights were not trained on. */
export const signBeyondTraining = (text: string): Rule | undefined => rules.find(({ sign, trained }) => !trained && sign.test(text))
