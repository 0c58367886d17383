#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { route, routeHelp } from './route.ts'
import { serve, serveHelp } from './serve.ts'

const help = `Usage: sparing <command> [options]

Commands:
  serve    run a model selector from a configuration file
  route    say of requests, one a line, what they need and which model is enough

${serveHelp}

${routeHelp}
`

type Command = (args: string[]) => Promise<unknown>

const commands: Readonly<Record<string, Command>> = {
  async serve(args) {
    const { values } = parseArgs({ args, options: { config: { type: 'string' }, port: { type: 'string' }, host: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
    return values.help ? console.log(serveHelp) : serve(values)
  },
  async route(args) {
    const { values } = parseArgs({ args, options: { jsonl: { type: 'boolean' }, config: { type: 'string' }, stats: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } })
    if (values.help) return console.log(routeHelp)
    if (!values.jsonl) throw new Refusal('There is one form of input so far. Say --jsonl.')
    return route(values, { input: process.stdin, output: process.stdout, log: console.error })
  },
}

/** What was asked for cannot be done as it was asked. */
class Refusal extends Error {}

/** Ends with 0 when it did what was asked, with 2 when it was asked for what it cannot do, with 1 when it failed. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args
  if (command === undefined || command === '--help' || command === '-h') {
    console.log(help)
    return command === undefined ? 2 : 0
  }
  if (!Object.hasOwn(commands, command)) return refuse(`There is no command "${command}".`)
  try {
    await commands[command]!(rest)
    return 0
  } catch (error) {
    return error instanceof Refusal || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? refuse((error as Error).message) : fail(error)
  }
}

function refuse(sentence: string): number {
  console.error(`${sentence}\n\n${help}`)
  return 2
}

function fail(error: unknown): number {
  console.error(error instanceof Error ? error.message : error)
  return 1
}

process.exitCode = await main(process.argv.slice(2))
