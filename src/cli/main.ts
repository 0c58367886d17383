#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { catalogHelp, catalogText } from './catalog.ts'
import { estimateHelp, estimateText } from './estimate.ts'
import { route, routeHelp } from './route.ts'
import { serve, serveHelp } from './serve.ts'

interface Command {
  readonly help: string
  /** @throws {Error} with a sentence for whoever called it */
  run(args: readonly string[]): void | Promise<void>
}

const string = { type: 'string' } as const
const boolean = { type: 'boolean' } as const
const commands: Readonly<Record<string, Command>> = {
  serve: {
    help: serveHelp,
    run: args => serve(parseArgs({ args: [...args], options: { config: string, port: string, host: string, 'trust-proxy': string } }).values),
  },
  route: {
    help: routeHelp,
    run: args => {
      const { jsonl, ...options } = parseArgs({ args: [...args], options: { jsonl: boolean, config: string, stats: boolean } }).values
      if (!jsonl) throw new Refusal('There is one form of input so far. Say --jsonl.')
      return route(options, { input: process.stdin, output: process.stdout, log: console.error })
    },
  },
  estimate: {
    help: estimateHelp,
    run: async args => console.log(await estimateText(parseArgs({ args: [...args], options: { feature: string, tier: string, effort: string, config: string, json: boolean } }).values, process.stdin)),
  },
  catalog: {
    help: catalogHelp,
    run: args => console.log(catalogText(parseArgs({ args: [...args], options: { task: string, provider: string, sort: string, json: boolean } }).values)),
  },
}

const help = `Usage: sparing <command> [options]

Commands:
  serve     run a model selector from a configuration file
  estimate  what a run on a text is likely to cost, and costs at most
  route     say of requests, one a line, what they need and which model is enough
  catalog   the models to pick from: price, energy, stars

${Object.values(commands).map(({ help }) => help).join('\n\n')}
`

/** What was asked for cannot be done as it was asked. */
class Refusal extends Error {}

/** Ends with 0 when it did what was asked, with 2 when it was asked for what it cannot do, with 1 when it failed. */
async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || isHelp(name)) {
    console.log(help)
    return name === undefined ? 2 : 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) return refuse(`There is no command "${name}".`)
  try {
    if (args.some(isHelp)) console.log(command.help)
    else await command.run(args)
    return 0
  } catch (error) {
    return error instanceof Refusal || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? refuse((error as Error).message) : fail(error)
  }
}

const isHelp = (argument: string) => argument === '--help' || argument === '-h'

function refuse(sentence: string): number {
  console.error(`${sentence}\n\n${help}`)
  return 2
}

function fail(error: unknown): number {
  console.error(error instanceof Error ? error.message : error)
  return 1
}

process.exitCode = await main(process.argv.slice(2))
