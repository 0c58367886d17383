#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { serve, serveHelp } from './serve.ts'

const help = `Usage: sparing <command> [options]

Commands:
  serve    run a model selector from a configuration file

${serveHelp}
`

/** Ends with 0 when it did what was asked, with 2 when it was asked for what it cannot do, with 1 when it failed. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args
  if (command === undefined || command === '--help' || command === '-h') {
    console.log(help)
    return command === undefined ? 2 : 0
  }
  if (command !== 'serve') return refuse(`There is no command "${command}".`)
  try {
    const { values } = parseArgs({ args: rest, options: { config: { type: 'string' }, port: { type: 'string' }, host: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
    if (values.help) console.log(serveHelp)
    else await serve(values)
    return 0
  } catch (error) {
    return (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? refuse((error as Error).message) : fail(error)
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
