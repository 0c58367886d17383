import { describe, expect, test } from 'vitest'
import { findProgram, installations, locateProgram, type Machine, type Program, ProgramMissingError } from '../../setup/find-program.ts'

const program: Program = {
  name: 'Chromium',
  env: 'CHROMIUM_PATH',
  commands: ['chromium', 'google-chrome'],
  cached: async () => '/cache/chrome',
  apt: ['chromium'],
  install: ['npx', 'playwright', 'install', 'chromium'],
  advice: 'Install it.',
}

/** A machine on which exactly `working` starts, and on which running a command may add to it. */
function machineWith(working: string[], options: Partial<Machine> & { installs?: Record<string, string> } = {}) {
  const present = new Set(working)
  const ran: string[] = []
  const machine: Machine = {
    env: {},
    isRoot: false,
    isDebian: false,
    which: command => [...present].find(path => path.startsWith('/usr') && path.endsWith(`/${command}`)),
    works: path => present.has(path),
    run: command => {
      ran.push(command.join(' '))
      const installed = options.installs?.[command[0]!]
      if (installed) present.add(installed)
      return installed !== undefined
    },
    ...options,
  }
  return { machine, ran }
}

describe('looking', () => {
  const everywhere = ['/named', '/usr/bin/chromium', '/cache/chrome']

  test('the environment variable settles it', async () => {
    const { machine } = machineWith(everywhere, { env: { CHROMIUM_PATH: '/named' } })
    expect(await locateProgram(program, machine)).toBe('/named')
  })

  test('a variable that names nothing is an error, not a reason to look elsewhere', async () => {
    const { machine } = machineWith(['/usr/bin/chromium'], { env: { CHROMIUM_PATH: '/gone' } })
    await expect(findProgram(program, machine)).rejects.toThrow('CHROMIUM_PATH is set to /gone')
  })

  test('PATH comes before the cache', async () => {
    const { machine } = machineWith(everywhere)
    expect(await locateProgram(program, machine)).toBe('/usr/bin/chromium')
  })

  test('a stub on PATH is passed over', async () => {
    const { machine } = machineWith(['/usr/bin/google-chrome'], { which: command => `/usr/bin/${command}` })
    expect(await locateProgram(program, machine)).toBe('/usr/bin/google-chrome')
  })

  test('the cache is last', async () => {
    expect(await locateProgram(program, machineWith(['/cache/chrome']).machine)).toBe('/cache/chrome')
  })

  test('nothing is installed while looking', async () => {
    const { machine, ran } = machineWith([])
    expect(await locateProgram(program, machine)).toBeUndefined()
    expect(ran).toEqual([])
  })
})

describe('installing', () => {
  test('with apt as root on Debian, after an update', async () => {
    const { machine, ran } = machineWith([], { isRoot: true, isDebian: true, installs: { 'apt-get': '/usr/bin/chromium' } })
    expect(await findProgram(program, machine)).toBe('/usr/bin/chromium')
    expect(ran).toEqual(['apt-get update -q', 'apt-get install -y -q --no-install-recommends chromium'])
  })

  test.each([{ isRoot: false, isDebian: true }, { isRoot: true, isDebian: false }])('with its own installer elsewhere: %o', async where => {
    const { machine, ran } = machineWith([], { ...where, installs: { npx: '/cache/chrome' } })
    expect(await findProgram(program, machine)).toBe('/cache/chrome')
    expect(ran).toEqual(['npx playwright install chromium'])
  })

  test('with its own installer when apt fails', async () => {
    const { machine, ran } = machineWith([], { isRoot: true, isDebian: true, installs: { npx: '/cache/chrome' } })
    expect(await findProgram(program, machine)).toBe('/cache/chrome')
    expect(ran).toEqual(['apt-get update -q', 'npx playwright install chromium'])
  })

  test('or fails with what to do, and never skips', async () => {
    const { machine } = machineWith([])
    const failure = await findProgram(program, machine).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ProgramMissingError)
    expect(String(failure)).toContain('Installing it failed: `npx playwright install chromium`. Install it. Or set CHROMIUM_PATH')
  })

  test('a program with no way to install has none', () => {
    const { apt: _, install: __, ...bare } = program
    expect(installations(bare, { isRoot: true, isDebian: true })).toEqual([])
  })
})
