import { describe, expect, it } from 'vitest'
import { readArguments } from '../../../examples/docs-search/server/arguments.ts'
import { openFolder } from '../../../examples/docs-search/server/start.ts'

describe('the demo\'s command line', () => {
  it('has a default for everything', () => {
    expect(readArguments([], {})).toEqual({ docs: null, data: null, runs: 200, host: '127.0.0.1', port: 4321, help: false })
  })

  it('takes options and environment', () => {
    const settings = readArguments(['--docs', 'manual', '--data', '/tmp/d', '--runs', '7'], { PORT: '0', HOST: '0.0.0.0' })
    expect(settings).toMatchObject({ docs: 'manual', data: '/tmp/d', runs: 7, port: 0, host: '0.0.0.0' })
  })

  it.each([
    [['--runs', '-1'], {}, /--runs/],
    [['--runs=many'], {}, /--runs is "many"/],
    [[], { PORT: '99999' }, /PORT is "99999"/],
    [['--docs', ''], {}, /--docs is empty/],
    [['--nonsense'], {}, /^There is no option --nonsense\. Use --docs,.*--help/],
    [['-x'], {}, /^There is no option -x\./],
    [['stray folder'], {}, /^"stray folder" belongs to no option\. .*--docs stray folder$/],
    [['--docs'], {}, /^--docs has no value\. .*--docs path\/to\/folder$/],
    [['--docs', '--data', 'x'], {}, /^--docs has no value\./],
    [['--runs'], {}, /^--runs has no value\. .*--runs 200$/],
    [['--help=yes'], {}, /^--help takes no value\./],
  ])('refuses %j with %j', (args, env, message) => {
    expect(() => readArguments(args, env as Record<string, string>)).toThrow(message)
  })

  it('takes an empty PORT as none', () => {
    expect(readArguments([], { PORT: '' }).port).toBe(4321)
  })
})

it.each([
  ['package.json', /^package\.json is a file, .* --docs \.$/],
  ['test/unit/docs.test.ts', /is a file, .* --docs test\/unit$/],
  ['nowhere', /^There is no folder nowhere\. Give --docs one/],
  ['package.json/below', /There is no folder/],
])('--docs %s names the remedy', async (docs, message) => {
  await expect(openFolder(docs)).rejects.toThrow(message)
})
