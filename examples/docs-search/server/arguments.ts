import { parseArgs } from 'node:util'

/** How the demo is to run, from its command line and environment. */
export interface Settings {
  /** The folder to search; `null` is this repository's own `node_modules`. */
  readonly docs: string | null
  /** Where the ledger and its secret are kept; `null` is the demo's own folder. */
  readonly data: string | null
  /** Runs a day that one person may make. */
  readonly runs: number
  readonly host: string
  readonly port: number
  readonly help: boolean
}

export const usage = `Documentation search, with AI answers that are off until somebody asks.

  npm run demo -- [options]

  --docs DIR    search the Markdown in this folder (default: the packages in node_modules)
  --data DIR    keep the ledger here (default: examples/docs-search/.data)
  --runs N      AI runs a day for each person (default: 200); a small one shows a used-up allowance
  --help        this text

Environment
  PORT, HOST                              where to listen (default: 4321 on 127.0.0.1)
  OPENAI_BASE_URL, OPENAI_API_KEY         any server that speaks OpenAI's chat completions
  SPARING_ECO, SPARING_STANDARD, SPARING_MAX
                                          its models for Light, Standard and Large
  SPARING_ECO_PRICE and so on             dollars per million tokens in and out, such as 0.10/0.40
                                          (needed for a model whose price is not known)
  Without these an Ollama on 127.0.0.1:11434 is used when there is one.`

/**
 * Reads the command line.
 * @throws {TypeError} for an option that is unknown or cannot work, saying what to write instead
 */
export function readArguments(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Settings {
  const values = parse(args)
  return {
    docs: folder('--docs', values.docs), data: folder('--data', values.data),
    runs: whole('--runs', values.runs, 1, 1_000_000),
    host: env['HOST'] || '127.0.0.1', port: whole('PORT', env['PORT'] || '4321', 0, 65_535),
    help: values.help,
  }
}

const options = {
  docs: { type: 'string' }, data: { type: 'string' }, runs: { type: 'string', default: '200' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new TypeError(remedyFor(error as Error & { code?: string }), { cause: error })
  }
}

/** Node's own words name the option, and not what to write instead. */
function remedyFor({ code, message }: Error & { code?: string }): string {
  const named = /'(?:-\w, )?([^']*?)(?: <value>)?'/.exec(message)?.[1] ?? ''
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION': return `There is no option ${named}. Use --docs, --data or --runs; --help tells what they do.`
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL': return `"${named}" belongs to no option. To search a folder write --docs ${named}`
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE': return message.includes('does not take') ? `${named} takes no value. Write it alone.` : `${named} has no value. Write one after it: ${named} ${named === '--runs' ? '200' : 'path/to/folder'}`
    default: return message
  }
}

function folder(name: string, value: string | undefined): string | null {
  if (value === '') throw new TypeError(`${name} is empty. Give it a folder, or leave it out.`)
  return value ?? null
}

function whole(name: string, value: string, least: number, most: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : NaN
  if (number >= least && number <= most) return number
  throw new TypeError(`${name} is "${value}". Give it a whole number from ${least} to ${most}.`)
}
