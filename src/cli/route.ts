import type { Readable, Writable } from 'node:stream'
import { loadClassifier } from '../routing/index.ts'
import { optionsFrom } from './configuration.ts'
import { linesOf, longestLine } from './lines.ts'
import type { Line } from './lines.ts'
import { inputOf, knownModels, suggestFrom } from './suggest.ts'
import type { Suggest } from './suggest.ts'

export interface RouteArguments {
  readonly config?: string | undefined
  readonly stats?: boolean | undefined
}

/** Where lines come from and go to. */
export interface Streams {
  readonly input: Readable
  readonly output: Writable
  readonly log: (sentence: string) => void
}

export const routeHelp = `sparing route --jsonl [--config sparing.config.mjs] [--stats] < requests > suggestions

  Reads { "text" }, { "prompt" } or { "messages" } a line and writes what it needs, its difficulty, and the
  tier, effort and cheapest model to serve it. Nothing is run. The effort is what an opt-in to reasoning is
  worth; a run without one has none. A line that cannot be read gives { "error", "line" }, and the error output
  says how many those were; it ends with 1 where no line could be read.

  --config  suggest among the models of this configuration; without it, of the catalog
  --stats   lines a second, on the error output`

/**
 * Suggests for each line of the input, as fast as the output takes it. Lines that cannot be read are
 * answered with what is wrong, and counted at the end.
 * @throws {Error} with a sentence for whoever started it, also where no line could be read
 */
export async function route({ config, stats = false }: RouteArguments, { input, output, log }: Streams): Promise<void> {
  const reachable = config === undefined ? knownModels() : (await optionsFrom(config)).providers.flatMap(({ models }) => models)
  const suggest = suggestFrom(reachable, await loadClassifier())
  const start = performance.now()
  let [count, unread] = [0, 0]
  const failure = watch(output)
  for await (const lines of linesOf(input.setEncoding('utf8'))) {
    const answers = lines.filter(({ text }) => text === null || text.trim() !== '').map(line => answerTo(line, suggest))
    count += answers.length
    unread += answers.filter(({ isError }) => isError).length
    if (!output.write(answers.map(({ text }) => text).join(''))) await roomIn(output)
    if (output.destroyed || failure()) break
  }
  if (failure()) throw failure()
  if (stats) log(`${count} lines in ${((performance.now() - start) / 1_000).toFixed(2)} s: ${Math.round(count / (performance.now() - start) * 1_000)} lines a second.`)
  const fault = `${unread} of ${count} lines could not be read; what is written for each says why.`
  if (unread > 0 && unread === count) throw new Error(fault)
  if (unread > 0) log(fault)
}

/** What the output failed with. That whoever reads has seen enough, as `head` has, ends it and is no failure. */
function watch(output: Writable): () => Error | undefined {
  let failure: Error | undefined
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') failure = error
    else output.destroy()
  })
  return () => failure
}

/** Until the output takes more, or will not any longer. */
function roomIn(output: Writable): Promise<void> {
  return new Promise(resolve => {
    const events = ['drain', 'close', 'error'] as const
    const settle = () => {
      for (const event of events) output.off(event, settle)
      resolve()
    }
    for (const event of events) output.on(event, settle)
  })
}

interface Answer {
  readonly text: string
  readonly isError: boolean
}

function answerTo({ number, text }: Line, suggest: Suggest): Answer {
  try {
    if (text === null) throw new Error(`is longer than ${longestLine} characters. Send a shorter one.`)
    return { text: `${JSON.stringify(suggest(inputOf(text)))}\n`, isError: false }
  } catch (error) {
    return { text: `${JSON.stringify({ error: `Line ${number} ${(error as Error).message}`, line: number })}\n`, isError: true }
  }
}
