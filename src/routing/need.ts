import { inputQuestion } from '../core/index.ts'
import type { Need, RunInput, Task } from '../core/index.ts'
import { classify } from './classify.ts'
import type { Classification, Classifier } from './verdict.ts'

/** Only a question can turn out to be a look-up: a text to be summarised is one already. */
export const mayBeLookUp = (task: Task): boolean => task === 'answer' || task === 'chat'

/** Whether an answer came before what is asked now. */
export const followsUp = (input: RunInput): boolean => 'messages' in input && input.messages.some(({ role }) => role === 'assistant')

/**
 * What a request needs.
 * @param classifier @default the few rules that a page carries; `loadClassifier` gives what a server decides with
 */
export function needOf(task: Task, input: RunInput, classifier: Classifier = classify): Need {
  return mayBeLookUp(task) ? inContext(input, classifier(inputQuestion(input))).need : 'generate'
}

/**
 * What was said of the last question, with what stands before it. A classifier hears that question alone, and
 * "shorter" or "in German" reads like a search then; after an answer it asks for another, which no results hold.
 */
export function inContext(input: RunInput, said: Classification): Classification {
  if (said.need !== 'none' || !followsUp(input)) return said
  const { none, generate, reason } = said.chances
  return { need: 'generate', chances: { none: 0, generate: none + generate, reason }, reason: { code: 'need-follow-up', text: 'It goes on from an answer, so it asks for a text to be written.' } }
}
