import { any, lead, solving, workedOut, writing } from './phrasing.ts'
import { rules } from './rules.ts'
import type { Rule } from './verdict.ts'

// People tell a story and say somewhere what they want. What weights make of the story says little: long texts
// with figures in them are problems in all that they were trained on, and in life most are letters, notes and news.

/** Where a sentence ends, or a clause that asks begins. */
const ends = /(?<=[.!?:;]["'”’)]{0,2})\s+|\n+|\s*(?:->|→|—|–)\s+|,\s+(?=(?:so |and |but )?(?:please|can you|could you|would you|i need|i want|i'd like)\b)/i

/** Courtesy is no wish. */
const courtesy = /^(?:thank|thanks|cheers|regards|best|many thanks|ta\b|please\W*$|hi\b|hello\b|hope )/i

const sentencesOf = (text: string): string[] => text.split(ends).map(each => each.trim()).filter(each => each !== '' && !courtesy.test(each))

const kinds = any([
  'summary', 'synopsis', 'abstract', 'minutes', 'blurb', 'e-?mails?', 'letters?', 'notes?', 'messages?', 'reply', 'replies', 'response', 'speech', 'toast', 'poem',
  'stor(?:y|ies)', 'captions?', 'intro(?:duction)?', 'descriptions?', 'outline', '(?:talking |bullet )?points', 'posts?', 'tweets?', 'headlines?', 'titles?', 'slogans?',
  'tagline', 'announcement', 'invitation', 'apology', 'reminder', 'explanation', 'encouragement', 'pointers', 'tips', 'ideas?', 'advice', 'feedback', 'suggestions?',
  'thoughts', 'wording', 'draft', 'paragraphs?', 'article', 'script', 'bio', 'profile', 'wish(?:es)?', 'advert', 'notice', 'leaflet', 'flyer', 'docstring', 'comment', 'obituary',
  'plain (?:language|words|english)', 'cover letter', 'statement', 'card', 'answer', 'version', 'release notes',
])
const makes = '(?:writ(?:e|ten)|draft(?:ed)?|put|turn(?:ed)?|ma[dk]e|reword(?:ed)?|rephrase|rewrite|shorten|phrase|summari[sz]e|explain|describe|translate|polish|proof-?read|tidy|clean|suggest|come up with|formulate|do (?:an?|us|me)|help me (?:say|write|phrase|word|tell))\\b'
const asking = '(?:(?:can|could|would|will) (?:you|somebody|someone|it|this|that|these|we)|please|i(?:\'d| would)? (?:want|need|like|love)(?: you)? to|and|so|but|then|now)'

/** Asks for a text to be made, or made anew, of what is told. */
const wishes: readonly Rule[] = [
  { code: 'wish', need: 'generate', sure: 0.99, sign: new RegExp(`${lead}(?:(?:give|put|turn|make|write|clean|tidy|word|phrase|rework|continue|polish|say|frame|boil|trim|cut|keep|explain|describe|rephrase|draft|reply|respond|help|tell) (?:up |back )?(?:it|this|that|these|those|one|them|me|us|him|her|to|with|for)\\b|${writing})`, 'i') },
  { code: 'wish', need: 'generate', sure: 0.99, sign: new RegExp(`^(?:${asking} )*${asking} [^.?!]{0,60}\\b${makes}|^(?:(?:an?|some|any|the|two|three|short|formal|friendly|please|\\w+ly) ){0,3}${kinds}|(?:^|\\b(?:i|we)(?:'d| would)? )(?:want|need|like|lack|could use|am looking for|are looking for|am after|are after)\\b[^.?!]{0,60}\\b${kinds}|\\b(?:i'm after|deserves?|needs?|wanted|looking for)\\b[^.?!]{0,40}\\b${kinds}|\\binto an? (?:\\w+ ){0,3}${kinds}|^(?:which|what) ${kinds}|\\b${kinds}[^.?!]{0,60}\\b(?:please|would help|would be (?:great|nice|lovely|good))\\b|\\b(?:do you have|have you|any|some)\\b[^.?!]{0,30}\\b${kinds}[^.?!]*\\?|^what (?:could|should|would|can|do) (?:i|we|you) (?:say|write|tell|answer|reply)\\b`, 'i') },
]

/** What is written down only once it has been worked out. */
const plan = new RegExp(`\\b${workedOut}`, 'i')

/** The sentence that says what is wanted, where there are several. */
export interface Heart {
  readonly text: string
  /** The rule that it meets. */
  readonly wish: Rule | undefined
}

/** @returns `undefined` where there is one sentence alone */
export function heartOf(text: string): Heart | undefined {
  const sentences = sentencesOf(text)
  if (sentences.length < 2) return undefined
  for (const sentence of sentences) {
    const wish = wishes.find(({ sign }) => sign.test(sentence))
    if (wish && !asksForResult(sentence) && !plan.test(sentence)) return { text: sentence, wish }
  }
  // The last question, or what stands last.
  const heart = sentences.findLast(each => each.endsWith('?')) ?? sentences.at(-1)!
  const wish = rules.find(({ sign, trained, wordless }) => !trained && !wordless && sign.test(heart))
  return { text: heart, wish: wish?.need === 'none' && asksForResult(text) ? undefined : wish }
}

const result = new RegExp(`(?:\\b(?:how (?:many|much|long|far|fast|old|high|tall|deep|wide|heavy|likely|often|big|large)|what (?:is|was|are|were|will be|would be|must|percentage|fraction|part|share|distance|speed|time|number|day|length|area|age|amount|total)|which of|by how much|(?:in|after) how many|at what)\\b[^.?!]*\\?)|(?:^|[.!?;:,]\\s+|\\b(?:and|then|to|please) )(?:${solving}|find (?!me\\b)|evaluate|prove|work through|step through|go through the|point out (?:where|which)|settle (?:it|up|this|the)|(?:tell me|see|say|find out|show|check|decide) (?:whether|if|which|who|when))\\b|\\b(?:who owes|how can (?:we|i|you) be (?:certain|sure)|(?:demand|need|want|supply|give me|with) (?:an?|the) proof|check (?:the|this|my) (?:following )?(?:argument|reasoning|proof|steps))\\b`, 'i')

/** Whether a question with one answer, or a verb that wants one, is anywhere in a text. */
export const asksForResult = (text: string): boolean => result.test(text)
