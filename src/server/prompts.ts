import { inputQuestion, SparingError, utf8Length } from '../core/index.ts'
import type { Features, RunInput, Task } from '../core/index.ts'
import { outputSchemaOf, shapeInstruction } from './output-schema.ts'
import type { PromptMessage } from './providers/port.ts'

/** What else a prompt may go by. */
export interface PromptContext {
  readonly feature: string
  readonly task: Task
  /** What `identify` said of the caller. */
  readonly identity: Readonly<Record<string, string>>
}

/** A feature's prompt. It is the server's: nothing a client sends becomes a `system` message. */
export type Prompt = (input: RunInput, context: PromptContext) => readonly PromptMessage[]

const answerFromText = 'Answer the question from the text that is given, in at most five sentences, in the language of the question. Where the text marks its passages with numbers in square brackets, put the number after each statement taken from it. If the text does not answer the question, say so in one sentence.'

const instructions: Record<Task, string> = {
  summarize: 'Summarise the text in its own language, in at most five sentences. Add nothing that it does not say.',
  answer: answerFromText,
  chat: 'Answer briefly and plainly. Say so when you do not know.',
  draft: 'Write the draft that is asked for. No preamble.',
  rewrite: 'Rewrite the text as asked, in its own language. Give only the new text.',
  translate: 'Translate the text as asked. Give only the translation.',
  classify: 'Classify the text as asked. Give only the class.',
  extract: 'Give what is asked for from the text, word for word. Give nothing else.',
  describe: 'Describe what is given in one or two plain sentences, for somebody who cannot see it.',
  code: 'Write the code that is asked for. Keep explanations to one sentence.',
}

/** The prompt of a task for which the host wrote none. Text from the person stays in the person's role. */
const builtInPrompt: Prompt = (input, { task }) => {
  const system: PromptMessage = { role: 'system', content: instructions[task] }
  if ('messages' in input) return [system, ...input.messages]
  const content = input.query === undefined ? input.text : `${input.text}\n\nQuestion: ${inputQuestion(input)}`
  return [system, { role: 'user', content }]
}

/** Tokens per message that chat templates add, at most. */
const perMessage = 16

/** The most tokens that messages can be. */
export function messagesBound(messages: readonly PromptMessage[]): number {
  return messages.reduce((sum, { content, toolCalls }) => sum + utf8Length(content) + (toolCalls ? utf8Length(JSON.stringify(toolCalls)) : 0) + perMessage, 0)
}

/**
 * Checks that a prompt is no longer than its feature's estimates allow for: one that outgrew its overhead
 * would break the ceiling.
 * @throws {SparingError} `internal`: it is the host's prompt that is at fault
 */
export function checkPrompt(feature: string, messages: readonly PromptMessage[], inputTokens: number): void {
  if (messagesBound(messages) <= inputTokens) return
  throw new SparingError('internal', `The prompt of "${feature}" is longer than its estimate allowed for. Nothing was spent; make its length depend on the input only once.`)
}

/** The host's prompt of a feature, or the task's built-in one; where it has a shape of output, with the shape. */
export function promptFor(feature: string, { prompts, features }: { readonly prompts: Readonly<Record<string, Prompt>>; readonly features: Features }): Prompt {
  const prompt = Object.hasOwn(prompts, feature) ? prompts[feature]! : builtInPrompt
  const output = Object.hasOwn(features, feature) ? features[feature]!.output : undefined
  if (!output) return prompt
  const shape = shapeInstruction(outputSchemaOf(feature, output))
  return (input, context) => instructed(prompt(input, context), shape)
}

/** As part of the first message where that is the system's: some models take one such message, and only there. */
export function instructed(messages: readonly PromptMessage[], instruction: string): readonly PromptMessage[] {
  const [first, ...rest] = messages
  if (first?.role !== 'system') return [{ role: 'system', content: instruction }, ...messages]
  return [{ ...first, content: `${first.content}\n\n${instruction}` }, ...rest]
}

// What is measured: every form of input, with nothing in it.
const blanks: readonly RunInput[] = [{ text: '' }, { text: '', query: '' }, { messages: [{ role: 'user', content: '' }] }]

/**
 * What a prompt adds to its input, at most: its length around an empty one. A prompt need not take
 * every form of input. Prompts that depend on the input are measured again at each run.
 * @throws {TypeError} for a prompt that takes none
 */
export function promptOverhead(prompt: Prompt, context: PromptContext): number {
  const faults: unknown[] = []
  const lengths = blanks.flatMap(blank => {
    try {
      return [messagesBound(prompt(blank, context))]
    } catch (fault) {
      faults.push(fault)
      return []
    }
  })
  if (lengths.length === 0) throw new TypeError(`The prompt of "${context.feature}" throws for an empty input of any form, so nobody can say what it costs. Let it take { text }, { text, query } or { messages }.`, { cause: faults[0] })
  return Math.max(...lengths) + 2 * perMessage
}
